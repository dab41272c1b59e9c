using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace KeyCeremony.Core.Sharing;

/// <summary>
/// SHA-256 of the canonical share: its words in lower-case ASCII, joined by single spaces, nothing before or after.
/// Public: it goes into the journal, and a card is checked against it when it is typed. It tells nothing of a share,
/// which has at least 128 unknown bits.
/// </summary>
public static class ShareDigest
{
    public const int Length = SHA256.HashSizeInBytes;

    /// <summary>32 bytes.</summary>
    public static byte[] Of(Share share)
    {
        ArgumentNullException.ThrowIfNull(share);
        using var text = new SecretBytes(share.WordCount * (WordList.MaxLetters + 1));
        int end = 0;
        for (int number = 1; number <= share.WordCount; number++)
        {
            if (number > 1)
                text.Span[end++] = (byte)' ';
            ReadOnlySpan<byte> word = share.Word(number);
            word.CopyTo(text.Span[end..]);
            end += word.Length;
        }

        return SHA256.HashData(text.Span[..end]);
    }

    /// <summary>Refuses with SHARE-18 a valid card that is not the recorded one.</summary>
    public static bool TryMatch(Share share, ReadOnlySpan<byte> recorded, [NotNullWhen(false)] out Refusal? refusal)
    {
        ArgumentNullException.ThrowIfNull(share);
        refusal = Of(share).AsSpan().SequenceEqual(recorded) ? null : ShareRules.RecordedDigest(share.Header.Card);
        return refusal is null;
    }
}
