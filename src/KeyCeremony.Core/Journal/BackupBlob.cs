using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Journal;

/// <summary>
/// A wrapped private key as it leaves the room: ten lines of text, public. docs/formats/backup-blob.md.
/// The MAC covers every byte before its own line; it is checked before any device sees the wrapped bytes.
/// </summary>
/// <param name="Key">The key's name in the ledger.</param>
/// <param name="Algorithm">A <see cref="Pki.KeyAlgorithm.ScriptName"/>.</param>
/// <param name="SpkiSha256">SHA-256 of the SubjectPublicKeyInfo, lower-case hex.</param>
/// <param name="Set">The share set of the wrap key.</param>
/// <param name="KeyCheck">Key-check value of the wrap key.</param>
/// <param name="Wrap">The proven format, one of <see cref="Formats"/>: how a PKCS#8 PrivateKeyInfo was wrapped with AES-256.</param>
/// <param name="Wrapped">Base64 of the wrapped key.</param>
/// <param name="Mac">HMAC-SHA-256, lower-case hex.</param>
public sealed record BackupBlob(string LedgerId, string Key, string Algorithm, string SpkiSha256, string Set, string KeyCheck,
    string Wrap, string Wrapped, string Mac)
{
    public const int MaxBytes = 16 * 1024;

    /// <summary>AES key wrap with padding. RFC 5649.</summary>
    public const string Rfc5649 = "rfc5649";

    /// <summary>AES-CBC with PKCS#7 padding, the initialisation vector in front; since format 4.</summary>
    public const string CbcPad = "cbc-pad";

    /// <summary>A YubiHSM's wrapped object, AES-CCM; since format 5.</summary>
    public const string YubiHsm = "yubihsm";

    /// <summary>Nonce, header, the two shortest numbers of a key, MAC.</summary>
    private const int LeastYubiHsm = 13 + 59 + 3 * 32 + 16;

    /// <summary>A format as people call it.</summary>
    public static string InWords(string wrap) => wrap switch
    {
        CbcPad => "AES in CBC with padding, under a MAC of ours",
        YubiHsm => "a YubiHSM's wrapped object (AES-CCM)",
        _ => "AES key wrap with padding (RFC 5649)",
    };

    /// <summary>Into which HSMs a backup of this format comes back, in words: the drill HSM and the spare have to be such.</summary>
    public static string ComesBack(string wrap) => wrap switch
    {
        CbcPad => "into any maker's HSM that opens AES in CBC with padding, and no other",
        YubiHsm => "into another YubiHSM 2, and no other HSM",
        _ => "into any maker's HSM that opens RFC 5649, and no other",
    };

    private static readonly string[] Names = ["ledger", "key", "algorithm", "spki-sha256", "set", "key-check", "wrap", "wrapped", "mac"];

    /// <param name="macKey">From <see cref="BackupMac.DeriveKey"/>.</param>
    public static BackupBlob Seal(string ledgerId, string key, string algorithm, string spkiSha256, string set, string keyCheck,
        string wrap, ReadOnlySpan<byte> wrapped, SecretBytes macKey)
    {
        var blob = new BackupBlob(ledgerId, key, algorithm, spkiSha256, set, keyCheck, wrap, Convert.ToBase64String(wrapped), "");
        return blob with { Mac = Convert.ToHexStringLower(BackupMac.Compute(macKey, blob.Covered())) };
    }

    /// <summary>BLOB-01 when these are not exactly the bytes that <see cref="Bytes"/> writes.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out BackupBlob? blob,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        blob = null;
        refusal = new Refusal("BLOB-01", "This is not a backup blob in its exact form.",
            "Take it from another copy of the bundle, or scan the printed one.");
        if (bytes.Length > MaxBytes || bytes.ContainsAnyExceptInRange((byte)'\n', (byte)'~'))
            return false;
        string[] lines = Encoding.ASCII.GetString(bytes).Split('\n');
        if (lines.Length != Names.Length + 2)
            return false;
        string[] values = new string[Names.Length];
        for (int i = 0; i < Names.Length; i++)
        {
            string prefix = Names[i] + ": ";
            if (!lines[i + 1].StartsWith(prefix, StringComparison.Ordinal))
                return false;
            values[i] = lines[i + 1][prefix.Length..];
        }
        var read = new BackupBlob(values[0], values[1], values[2], values[3], values[4], values[5], values[6], values[7], values[8]);
        if (!read.IsBase64() || !bytes.SequenceEqual(read.Bytes()))
            return false;
        (blob, refusal) = (read, null);
        return true;
    }

    public byte[] Bytes() => [.. Covered(), .. Encoding.ASCII.GetBytes($"mac: {Mac}\n")];

    /// <summary>By name.</summary>
    public static ImmutableArray<string> Formats { get; } = [CbcPad, Rfc5649, YubiHsm];

    /// <summary>
    /// Whole blocks, one before the key and at least two of it: all that can be seen without the wrap key. Whether it opens, the drill
    /// showed. RFC 5649 4.1: blocks of eight bytes; AES-CBC: of sixteen.
    /// </summary>
    public bool HasFormOfItsWrap => Wrap switch
    {
        Rfc5649 => WrappedBytes().Length is var length && length >= 24 && length % 8 == 0,
        CbcPad => WrappedBytes().Length is var length && length >= 48 && length % 16 == 0,
        YubiHsm => WrappedBytes().Length >= LeastYubiHsm,
        _ => false,
    };

    public byte[] WrappedBytes() => Convert.FromBase64String(Wrapped);

    /// <summary>BLOB-02: the blob was changed, or the wrap key is another one. Constant time.</summary>
    public Refusal? Check(SecretBytes macKey) =>
        Mac.Length == 2 * BackupMac.Length && Mac.All(char.IsAsciiHexDigitLower)
            && BackupMac.Holds(macKey, Covered(), Convert.FromHexString(Mac))
            ? null
            : new Refusal("BLOB-02", "The backup blob was changed, or the shares belong to another backup.",
                "Take the blob from another copy of the bundle.");

    private byte[] Covered() => Encoding.ASCII.GetBytes(
        $"keyceremony-backup-blob 1\nledger: {LedgerId}\nkey: {Key}\nalgorithm: {Algorithm}\n"
            + $"spki-sha256: {SpkiSha256}\nset: {Set}\nkey-check: {KeyCheck}\nwrap: {Wrap}\nwrapped: {Wrapped}\n");

    private bool IsBase64() => ExactBase64.Read(Wrapped) is not null;
}
