using System.Collections.Immutable;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Ceremony;

/// <summary>What the witness writes on paper when the program is stopped, and types when the ceremony goes on.</summary>
public static class StopWords
{
    /// <summary>
    /// 64 bits. Whoever writes both record sticks anew chooses the last entry and tries until the words agree: for two words that
    /// takes some 65,000 entries, for eight some 2^64.
    /// </summary>
    public const int Count = 8;

    /// <summary>Four of at most eleven letters: read aloud in one breath, and no row is too short for them.</summary>
    public const int WordsInLine = 4;

    /// <param name="head">Hash of the last entry.</param>
    public static string Of(ReadOnlySpan<byte> head) => PgpWords.Of(head[..Count]);

    /// <summary>As they are shown: four words a line.</summary>
    public static ImmutableArray<string> Lines(ReadOnlySpan<byte> head) =>
        [.. PgpWords.Words(head[..Count]).Chunk(WordsInLine).Select(line => string.Join(' ', line))];
}
