using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Requests;
using KeyCeremony.Core.Reading;

namespace KeyCeremony.Core.Release.Tuf;

/// <summary>
/// Root metadata of The Update Framework 1.0: which keys may say what a device updates to. Read strictly, so that the bytes that are signed
/// are the same for every reader.
/// </summary>
public sealed record TufRoot
{
    /// <summary>A root of 64 RSA keys has 55 kB.</summary>
    public const int MaxBytes = 64 * 1024;

    public const string RootRole = "root";

    /// <summary>Every public server has fewer than ten.</summary>
    private const int MaxKeys = 64;

    private const int MaxText = 4096;

    private static readonly string[] Members =
        ["_type", "spec_version", "version", "consistent_snapshot", "expires", "keys", "roles"];

    /// <summary>The roles of every root file, in the order in which they are told.</summary>
    public static ImmutableArray<string> RoleNames { get; } = [RootRole, "targets", "snapshot", "timestamp"];

    public required string SpecVersion { get; init; }

    public required int Version { get; init; }

    public required bool ConsistentSnapshot { get; init; }

    /// <summary>UTC, whole seconds.</summary>
    public required DateTimeOffset Expires { get; init; }

    public required ImmutableSortedDictionary<string, TufKey> Keys { get; init; }

    public required ImmutableDictionary<string, TufRole> Roles { get; init; }

    /// <summary>Members that TUF does not name, each with its value in canonical JSON; they are signed like the others.</summary>
    public required ImmutableSortedDictionary<string, string> Others { get; init; }

    /// <summary>Of those that are not empty, in the order of the file.</summary>
    public required ImmutableArray<TufSignature> Signatures { get; init; }

    /// <summary>What is signed: the canonical JSON of <c>signed</c>.</summary>
    public required ReadOnlyMemory<byte> Signed { get; init; }

    /// <summary>Else refused: TUF-01 to TUF-07, TUF-13, PUBKEY, REQ-13.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> file, [NotNullWhen(true)] out TufRoot? root, [NotNullWhen(false)] out Refusal? refusal)
    {
        (root, refusal) = (null, null);
        try
        {
            if (file.Length > MaxBytes)
                throw new TufRefused(TufRules.Form, $"The file has more than {MaxBytes} bytes.", "Give the root file alone.");
            if (PrivateKeyTraces.AreIn(file.Span))
                throw new TufRefused(PemBlock.HoldsPrivateKey());
            using JsonDocument document = CanonicalJson.Read(file);
            root = Read(document.RootElement);
            return true;
        }
        catch (TufRefused e)
        {
            refusal = e.Refusal;
            return false;
        }
    }

    /// <summary>The keys of a role, in the order of the file.</summary>
    public IEnumerable<TufKey> KeysOf(string role) => Roles[role].KeyIds.Select(id => Keys[id]);

    private static TufRoot Read(JsonElement file)
    {
        JsonElement signed = Member(file, "signed", JsonValueKind.Object, TufRules.Form);
        JsonElement signatures = Member(file, "signatures", JsonValueKind.Array, TufRules.Form);
        if (file.EnumerateObject().Count() != 2)
            throw new TufRefused(TufRules.Form, "Beside signed and signatures it has other members.", "Nobody signs those. Take them out.");
        if (Text(signed, "_type", TufRules.Head) != RootRole)
            throw Head("Its _type is not root.");
        JsonElement snapshot = Member(signed, "consistent_snapshot", null, TufRules.Head);
        if (snapshot.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
            throw Head("Its consistent_snapshot is neither true nor false.");
        ImmutableSortedDictionary<string, TufKey> keys = ReadKeys(Member(signed, "keys", JsonValueKind.Object, TufRules.Key));
        return new TufRoot
        {
            SpecVersion = ReadSpecVersion(signed),
            Version = Number(signed, "version", TufRules.Head),
            ConsistentSnapshot = snapshot.GetBoolean(),
            Expires = ReadExpires(Text(signed, "expires", TufRules.Head)),
            Keys = keys,
            Roles = ReadRoles(Member(signed, "roles", JsonValueKind.Object, TufRules.Roles), keys),
            Others = signed.EnumerateObject()
                .Where(one => !Members.Contains(one.Name))
                .ToImmutableSortedDictionary(one => one.Name, one => CanonicalJson.InWords(one.Value),
                    StringComparer.Ordinal),
            Signatures = ReadSignatures(signatures),
            Signed = CanonicalJson.Write(signed),
        };
    }

    private static string ReadSpecVersion(JsonElement signed)
    {
        string spec = Text(signed, "spec_version", TufRules.Head);
        return spec.Split('.') is ["1", "0"] or ["1", "0", { Length: 1 or 2 }] && spec.All(one => one == '.' || char.IsAsciiDigit(one))
            ? spec
            : throw Head($"Its spec_version is {PlainText.Of(spec, 40)}, not 1.0 with its number.");
    }

    private static DateTimeOffset ReadExpires(string text) =>
        DateTimeOffset.TryParseExact(text, "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset expires) ? expires
            : throw Head("Its expires is no time like 2027-01-31T12:00:00Z.");

    private static ImmutableSortedDictionary<string, TufKey> ReadKeys(JsonElement keys)
    {
        int count = keys.EnumerateObject().Count();
        if (count is 0 or > MaxKeys)
            throw new TufRefused(TufRules.Key, $"It has {count} keys, not 1 to {MaxKeys}.", "Take out the keys that no role lists.");
        TufKey[] read = [.. keys.EnumerateObject().Select(one => TufKey.Read(one.Name, one.Value))];
        if (read.GroupBy(one => one.Sha256).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new TufRefused(TufRules.OneIdentifier,
                $"One key stands under two identifiers: {string.Join(" and ", twice.Select(one => one.Id))}.",
                "Its signature would count twice. Take one of them out of keys and roles.");
        return read.ToImmutableSortedDictionary(one => one.Id, one => one, StringComparer.Ordinal);
    }

    private static ImmutableDictionary<string, TufRole> ReadRoles(JsonElement roles, ImmutableSortedDictionary<string, TufKey> keys)
    {
        if (!roles.EnumerateObject().Select(one => one.Name).ToHashSet(StringComparer.Ordinal).SetEquals(RoleNames))
            throw new TufRefused(TufRules.Roles, "Its roles are not root, targets, snapshot and timestamp.",
                "Every client asks for these four and no other.");
        return roles.EnumerateObject().ToImmutableDictionary(one => one.Name, one => ReadRole(one.Name, one.Value, keys));
    }

    // { keyids, threshold }
    private static TufRole ReadRole(string name, JsonElement role, ImmutableSortedDictionary<string, TufKey> keys)
    {
        JsonElement list = Member(role, "keyids", JsonValueKind.Array, TufRules.Roles);
        int threshold = Number(role, "threshold", TufRules.Roles);
        string[] ids = [.. list.EnumerateArray().Select(one => one.ValueKind == JsonValueKind.String ? one.GetString()! : "")];
        if (ids.FirstOrDefault(id => !keys.ContainsKey(id)) is { } unknown)
            throw new TufRefused(TufRules.Roles,
                $"The role {name} lists the key '{PlainText.Of(unknown, 64)}', which is not among the keys of the file.",
                "Put the key in, or take it out of the role.");
        if (ids.Distinct().Count() != ids.Length)
            throw new TufRefused(TufRules.Roles, $"The role {name} lists a key twice.", "Take one of them out.");
        if (threshold > ids.Length)
            throw new TufRefused(TufRules.Roles, $"The role {name} asks for {threshold} signatures and lists {ids.Length} keys.",
                "Nobody could ever sign for it. Lower the threshold or list more keys.");
        string told = string.Join(", ", role.EnumerateObject().Where(one => one.Name is not ("keyids" or "threshold"))
            .Select(one => $"{one.Name} {CanonicalJson.InWords(one.Value)}"));
        return new TufRole([.. ids], threshold, told);
    }

    private static ImmutableArray<TufSignature> ReadSignatures(JsonElement list)
    {
        TufSignature[] read = [.. list.EnumerateArray().Select(ReadSignature)];
        return read.Select(one => one.KeyId).Distinct().Count() == read.Length ? [.. read.Where(one => one.Value.Length > 0)]
            : throw new TufRefused(TufRules.Signature, "Two signatures name the same key.", "One of them counts for nothing. Take it out.");
    }

    // { keyid, sig }
    private static TufSignature ReadSignature(JsonElement signature)
    {
        string id = Text(signature, "keyid", TufRules.Signature);
        string hex = Member(signature, "sig", JsonValueKind.String, TufRules.Signature).GetString()!;
        return TufKey.IsId(id) && hex.Length % 2 == 0 && hex.Length <= MaxText && hex.All(char.IsAsciiHexDigitLower)
            && signature.EnumerateObject().Count() == 2 ? new TufSignature(id, Convert.FromHexString(hex))
            : throw new TufRefused(TufRules.Signature, "A signature is more or less than a keyid and a sig, both in lower-case hex.",
                "Have it written by a tool of TUF.");
    }

    internal static JsonElement Member(JsonElement element, string name, JsonValueKind? kind, PkiRule rule) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value)
            && (kind is null || value.ValueKind == kind) ? value
            : throw new TufRefused(rule, $"It has no {name} where one belongs, or one of another kind.",
                "Give a root file as TUF's tools write it.");

    internal static string Text(JsonElement element, string name, PkiRule rule) =>
        Member(element, name, JsonValueKind.String, rule).GetString() is { Length: > 0 and <= MaxText } text ? text
            : throw new TufRefused(rule, $"Its {name} is empty or has more than {MaxText} characters.",
                "Give a root file as TUF's tools write it.");

    private static int Number(JsonElement element, string name, PkiRule rule) =>
        Member(element, name, JsonValueKind.Number, rule).TryGetInt32(out int number) && number >= 1 ? number
            : throw new TufRefused(rule, $"Its {name} is not a number from 1 on.", "Give a root file as TUF's tools write it.");

    private static TufRefused Head(string found) => new(TufRules.Head, found, "Give a root file of TUF 1.0 as its tools write it.");
}

/// <param name="KeyIds">Each once.</param>
/// <param name="Told">What the file says of it beyond that, in canonical JSON; mostly empty.</param>
public sealed record TufRole(ImmutableArray<string> KeyIds, int Threshold, string Told);

public sealed record TufSignature(string KeyId, ReadOnlyMemory<byte> Value);
