using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Transfer;

/// <summary>
/// The receiver's people read the first words of the hash that their screen shows; they are compared with the artefact's. A refusal
/// never names the right words: who is told what to type compares nothing.
/// </summary>
public static class Acknowledgement
{
    /// <summary>How many of the 32 PGP words of a SHA-256 are read aloud: they find a mix-up; a signature finds malice.</summary>
    public const int Words = 4;

    /// <summary>What the receiver's people read at least.</summary>
    public static string Of(ReadOnlySpan<byte> sha256) => PgpWords.Of(sha256[..Words]);

    /// <summary>
    /// Null: the artefact's, the first four or more. Refused with UR-20 when they are of something else or too few, with PGPWORD-01 to
    /// -03 when they are no words.
    /// </summary>
    /// <param name="name">The artefact's.</param>
    /// <param name="told">Between blanks, in any case.</param>
    public static Refusal? Compare(string name, ReadOnlySpan<byte> sha256, string told)
    {
        if (!PgpWords.TryParse(told, out byte[]? bytes, out Refusal? refusal))
            return refusal;
        return bytes.Length < Words ? TransferRules.TooFewWords(bytes.Length)
            : !sha256.StartsWith(bytes) ? TransferRules.OtherWords(name)
            : null;
    }
}
