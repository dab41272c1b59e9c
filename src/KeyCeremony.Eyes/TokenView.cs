using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;

namespace KeyCeremony.Eyes;

/// <summary>
/// What a token shows: itself and every object that lies in it. Two bindings fill it in, each in its own way; only this form
/// is common to them. As text, a line each, it goes from one process to the other.
/// </summary>
/// <param name="Label">UTF-8, lower-case hex; so is the serial number, and each text of an object.</param>
/// <param name="Objects">In the order of their lines.</param>
public sealed record TokenView(string Label, string Serial, bool Initialised, bool HasUserPin, ImmutableArray<ObjectView> Objects)
{
    /// <summary>More than any ceremony token holds; a larger number is a broken module.</summary>
    public const int MaxObjects = 10_000;

    private const string End = "end";

    /// <summary>Objects in the one order in which two views are compared.</summary>
    public static ImmutableArray<ObjectView> Sorted(IEnumerable<ObjectView> objects) =>
        [.. objects.OrderBy(o => o.Line, StringComparer.Ordinal)];

    /// <summary>Whether the other view is of the same token in the same state, its objects apart.</summary>
    public bool IsOfSameToken(TokenView other) => other is not null
        && (Label, Serial, Initialised, HasUserPin) == (other.Label, other.Serial, other.Initialised, other.HasUserPin);

    public IEnumerable<string> Lines() =>
    [
        string.Join(' ', Word(Label), Word(Serial), Initialised ? "1" : "0", HasUserPin ? "1" : "0"),
        .. Objects.Select(o => o.Line),
        string.Create(CultureInfo.InvariantCulture, $"{End} {Objects.Length}"),
    ];

    /// <summary>Null when the lines are not whole or not of this form.</summary>
    public static TokenView? Read(IReadOnlyList<string> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        if (lines.Count is < 2 or > MaxObjects + 2 || lines[^1] != string.Create(CultureInfo.InvariantCulture, $"{End} {lines.Count - 2}")
            || lines[0].Split(' ') is not [var label, var serial, "0" or "1", "0" or "1"] || !IsHex(label) || !IsHex(serial))
        {
            return null;
        }

        ImmutableArray<ObjectView?> objects = [.. lines.Skip(1).SkipLast(1).Select(ObjectView.Read)];
        return objects.Contains(null) ? null
            : new TokenView(Bare(label), Bare(serial), lines[0][^3] == '1', lines[0][^1] == '1', [.. objects.Select(o => o!)]);
    }

    /// <summary>A word of a line is never empty.</summary>
    internal static string Word(string hex) => hex.Length == 0 ? "-" : hex;

    internal static string Bare(string word) => word == "-" ? "" : word;

    internal static bool IsHex(string word) =>
        word == "-" || (word.Length > 0 && word.Length % 2 == 0 && word.All(char.IsAsciiHexDigitLower));
}

/// <param name="Class">CKA_CLASS.</param>
/// <param name="Label">CKA_LABEL, lower-case hex; empty where there is none. So are ID and application.</param>
/// <param name="KeyType">CKA_KEY_TYPE; null where it is no key.</param>
/// <param name="Flags">A character for each of <see cref="FlagNames"/>: 1, 0, or - where the object does not say.</param>
/// <param name="Content">SHA-256 of the public parts of a key and of the value of data or a certificate; lower-case hex.</param>
public sealed record ObjectView(ulong Class, string Label, string Id, ulong? KeyType, string Application, string Flags, string Content)
{
    private const ulong PrivateKey = 3;
    private const ulong SecretKey = 4;

    /// <summary>What the flags are called in PKCS#11, in their order.</summary>
    public static readonly ImmutableArray<string> FlagNames =
    [
        "CKA_TOKEN", "CKA_PRIVATE", "CKA_MODIFIABLE", "CKA_SENSITIVE", "CKA_EXTRACTABLE", "CKA_ALWAYS_SENSITIVE",
        "CKA_NEVER_EXTRACTABLE", "CKA_LOCAL", "CKA_SIGN", "CKA_DECRYPT", "CKA_WRAP", "CKA_UNWRAP",
    ];

    /// <summary>A key that somebody could use or take away.</summary>
    public bool IsSecret => Class is PrivateKey or SecretKey;

    public bool IsExtractable => Flag("CKA_EXTRACTABLE") == '1';

    /// <summary>Which object it is, whatever it says of itself.</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture,
        $"{Class:x} {TokenView.Word(Label)} {TokenView.Word(Id)} "
            + $"{(KeyType is { } type ? type.ToString("x", CultureInfo.InvariantCulture) : "-")} {TokenView.Word(Application)}");

    internal string Line => $"{Name} {Flags} {Content}";

    public char Flag(string name) => Flags[FlagNames.IndexOf(name)];

    /// <summary>Each part with its length before it, so that two cannot be told for one; null where the object has no such part.</summary>
    public static string ContentOf(params IReadOnlyList<byte[]?> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (byte[]? part in parts)
        {
            BinaryPrimitives.WriteInt32BigEndian(length, part?.Length ?? -1);
            hash.AppendData(length);
            hash.AppendData(part ?? []);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    internal static ObjectView? Read(string line) =>
        line.Split(' ') is [var objectClass, var label, var id, var type, var application, var flags, var content]
            && Number(objectClass) is { } number && TokenView.IsHex(label) && TokenView.IsHex(id)
            && (type == "-" || Number(type) is not null)
            && TokenView.IsHex(application) && flags.Length == FlagNames.Length && flags.All(f => f is '0' or '1' or '-')
            && content.Length == 2 * SHA256.HashSizeInBytes && TokenView.IsHex(content)
            ? new ObjectView(number, TokenView.Bare(label), TokenView.Bare(id), Number(type), TokenView.Bare(application), flags, content)
            : null;

    private static ulong? Number(string hex) =>
        ulong.TryParse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong number) ? number : null;
}
