using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Pki.Requests;

/// <summary>
/// What somebody sent so that a key of theirs is certified: a <see cref="SigningRequest"/> or a <see cref="KeyProof"/>.
/// Its key passed every check and its private half was proven. Name and extensions are never taken from it.
/// </summary>
public abstract class RequestFile
{
    /// <summary>No honest request comes near: RSA 8192 with long names stays under 4 KiB.</summary>
    public const int MaxBytes = 16 * 1024;

    private protected RequestFile(ReadOnlyMemory<byte> file, CheckedKey key)
    {
        File = file;
        Key = key;
    }

    /// <summary>The file's exact bytes, as received.</summary>
    public ReadOnlyMemory<byte> File { get; }

    public CheckedKey Key { get; }

    /// <summary>SHA-256 of <see cref="File"/>, lower-case hex: what <c>sha256sum</c> says where it was made.</summary>
    public string Sha256 => Convert.ToHexStringLower(FileDigest());

    /// <summary><see cref="Sha256"/> as 32 words of the PGP word list.</summary>
    public string Words => PgpWords.Of(FileDigest());

    /// <summary>Complete, for people; nothing that steers a terminal is in it.</summary>
    public IReadOnlyList<TextLine> Describe() =>
    [
        .. DescribeOwn(),
        new("key", Key.Title),
        new("key info", Convert.ToHexStringLower(Key.SubjectPublicKeyInfo.Span)),
        new("key SHA-256", Key.Sha256),
        new("file SHA-256", Sha256),
        .. PgpWords.Words(FileDigest()).Chunk(8)
            .Select((words, line) => new TextLine($"words {(line * 8) + 1}-{(line + 1) * 8}", string.Join(' ', words))),
    ];

    /// <summary>
    /// Tells the two kinds apart by how the file begins. Else refused: the rules of <see cref="RequestRules"/>, PUBKEY and NAME.
    /// </summary>
    public static bool TryRead(
        ReadOnlyMemory<byte> file,
        [NotNullWhen(true)] out RequestFile? request,
        [NotNullWhen(false)] out Refusal? refusal,
        bool readsMicrosofts = true)
    {
        request = KeyProof.IsOne(file.Span)
            ? KeyProof.TryRead(file, out global::KeyCeremony.Core.Pki.Requests.KeyProof? proof, out refusal) ? proof : null
            : SigningRequest.TryRead(file, out global::KeyCeremony.Core.Pki.Requests.SigningRequest? signing, out refusal, readsMicrosofts)
                ? signing : null;
        return request is not null;
    }

    private protected abstract IEnumerable<TextLine> DescribeOwn();

    private protected static Refusal? CheckSize(ReadOnlyMemory<byte> file) => file.Length is > 0 and <= MaxBytes ? null
        : RequestRules.Size.Refuse($"The file holds {file.Length} bytes; 1 to {MaxBytes} are read.",
            "Send the request alone, as the tool wrote it. One that is longer by itself, as some of SLH-DSA are, is not read here.");

    private byte[] FileDigest() => SHA256.HashData(File.Span);
}
