using System.Security.Cryptography;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Pki.Requests;

/// <summary>
/// The hash of a request or a batch as its owner told it by another way, compared with the hash of the file in the room. The right
/// value is never named in a refusal: who is told what to type compares nothing.
/// </summary>
public static class ToldHash
{
    private const int Bytes = 32;
    private const int MaxLength = 1024;

    /// <param name="sha256">Of the file in the room.</param>
    /// <param name="typed">
    /// Hex, in any case, with blanks, colons or dashes wherever they help; or the 32 words of the PGP list, in any case,
    /// between blanks, commas or dashes.
    /// </param>
    /// <param name="ofBatch">A factory's statement of a batch: there is no other form of it.</param>
    /// <returns>Null: equal. Else refused: REQ-40 not a whole hash, PGPWORD-01 and PGPWORD-02 a word that cannot be, REQ-41 another
    /// hash.</returns>
    public static Refusal? Compare(ReadOnlySpan<byte> sha256, string typed, bool ofBatch = false)
    {
        if (sha256.Length != SHA256.HashSizeInBytes)
            throw new ArgumentException("A SHA-256 has 32 bytes.", nameof(sha256));
        if (typed.Length > MaxLength)
            return Form("More was typed than a hash has.");
        return IsHex(typed) ? CompareHex(sha256, typed, ofBatch) : CompareWords(sha256, typed, ofBatch);
    }

    private static Refusal? CompareHex(ReadOnlySpan<byte> sha256, string typed, bool ofBatch)
    {
        string digits = string.Concat(typed.Where(char.IsAsciiHexDigit));
        if (digits.Length != 2 * Bytes)
            return Form((digits.Length == 1 ? "1 hexadecimal digit was" : $"{digits.Length} hexadecimal digits were")
                + " typed; a SHA-256 has 64.");
        int at = FirstDifference(sha256, Convert.FromHexString(digits));
        // People read hex in groups of four.
        return at < 0
            ? null
            : Differs($"Digits {(at / 2 * 4) + 1} to {(at / 2 * 4) + 4}, '{digits.Substring(at / 2 * 4, 4)}', are not those of the file.",
                ofBatch);
    }

    private static Refusal? CompareWords(ReadOnlySpan<byte> sha256, string typed, bool ofBatch)
    {
        string[] words = typed.Split([' ', '\t', '\r', '\n', ',', '-'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0)
            return Form("Nothing was typed.");
        if (!PgpWords.TryParse(string.Join(' ', words), out byte[]? told, out Refusal? refusal))
            return refusal;
        if (told.Length != Bytes)
            return Form($"{(told.Length == 1 ? "1 word was" : $"{told.Length} words were")} typed; a SHA-256 has 32.");
        int at = FirstDifference(sha256, told);
        return at < 0 ? null : Differs($"Word {at + 1}, '{words[at]}', is not that of the file.", ofBatch);
    }

    private static bool IsHex(string typed) =>
        typed.Any(char.IsAsciiHexDigit) && typed.All(c => char.IsAsciiHexDigit(c) || c is ' ' or '\t' or '\r' or '\n' or ':' or '-');

    private static int FirstDifference(ReadOnlySpan<byte> sha256, ReadOnlySpan<byte> told)
    {
        int same = sha256.CommonPrefixLength(told);
        return same == Bytes ? -1 : same;
    }

    private static Refusal Form(string found) =>
        RequestRules.ToldForm.Refuse(found, "Type all 64 hexadecimal digits or all 32 words that the owner told.");

    private static Refusal Differs(string found, bool ofBatch) => RequestRules.ToldHash.Refuse(
        found,
        $"Ask {(ofBatch ? "the factory" : "the owner")} to read that place again. If it stays so, this is not the file whose hash was told"
        + $"{(ofBatch ? "" : " (what is written in DER and in PEM has two hashes)")}: do not take it, and report a deviation.");
}
