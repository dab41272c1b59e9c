using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using KeyCeremony.Core.Reading;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Transfer;

/// <summary>One thing that leaves or enters the room: a file's bytes, its name and what it is. Public, never a secret.</summary>
public sealed class Artefact
{
    private static readonly SearchValues<char> LettersAndDigits =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    private readonly byte[] _sha256;

    private Artefact(string name, string type, ReadOnlyMemory<byte> bytes)
    {
        (Name, Type, Bytes) = (name, type, bytes);
        _sha256 = SHA256.HashData(bytes.Span);
    }

    /// <summary>A plain file name: 1 to 100 of <c>A-Z a-z 0-9 . _ -</c>, a letter or digit first.</summary>
    public string Name { get; }

    /// <summary>A media type in lower case. It is shown and decides nothing.</summary>
    public string Type { get; }

    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>SHA-256 of <see cref="Bytes"/>, 64 lower-case hex digits.</summary>
    public string Sha256 => Convert.ToHexStringLower(_sha256);

    /// <summary>The same in 32 PGP words.</summary>
    public string Words => PgpWords.Of(_sha256);

    /// <summary>Else refused: UR-16 the name, UR-17 the type, UR-23 a share card in the name or in what it holds, UR-24
    /// what is packed and cannot be looked into.</summary>
    public static bool TryCreate(
        string name,
        string type,
        ReadOnlyMemory<byte> bytes,
        [NotNullWhen(true)] out Artefact? artefact,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(type);
        refusal = !IsName(name) ? TransferRules.Name() : !MediaTypes.IsWellFormed(type) ? TransferRules.Type()
            : CardTraces.AreInFile(System.Text.Encoding.ASCII.GetBytes(name)) || CardTraces.AreInFile(bytes.Span)
                ? TransferRules.PerhapsACard()
            : BinaryFile.Closed(bytes.Span) is { } packed ? TransferRules.Packed(packed) : null;
        artefact = refusal is null ? new Artefact(name, type, bytes) : null;
        return refusal is null;
    }

    /// <summary>Whether these are the words of this artefact; else refused as <see cref="Acknowledgement.Compare"/> says.</summary>
    public bool TryAcknowledge(string words, [NotNullWhen(false)] out Refusal? refusal)
    {
        refusal = Acknowledgement.Compare(Name, _sha256, words);
        return refusal is null;
    }

    private static bool IsName(string name) =>
        name.Length is >= 1 and <= TransferLimits.MaxNameLength && LettersAndDigits.Contains(name[0])
            && !name.AsSpan().ContainsAnyExcept(NameCharacters);
}
