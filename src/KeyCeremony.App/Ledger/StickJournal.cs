using System.Collections.Immutable;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.App.Ledger;

/// <summary>What stands in the file of one stick.</summary>
/// <param name="Entries">The unbroken beginning.</param>
/// <param name="Length">The bytes of these entries.</param>
/// <param name="Rest">The bytes behind them: none, unless a line was being written when the power went, or something is damaged.</param>
/// <param name="Flaw">What is wrong with the first line of the rest, in words.</param>
/// <param name="Resumes">Whether whole lines follow in the rest.</param>
internal sealed record StickJournal(ImmutableArray<Entry> Entries, long Length, long Rest, string Flaw, bool Resumes)
{
    /// <summary>Reads every line and believes none: form, chain, hash, and what stands behind the last.</summary>
    /// <param name="stream">From its beginning.</param>
    public static StickJournal Read(Stream stream)
    {
        var chain = new ChainReader();
        var lines = new LineReader(stream, RecordLine.MaxLength);
        long good = 0;
        string? flaw = null;
        while (flaw is null && lines.Next() is { } line)
            if (RecordLine.TryRead(line.Span, chain, out Entry? entry, out flaw))
            {
                chain.Add(entry);
                good = lines.Position;
            }
        return new StickJournal(chain.Entries, good, stream.Length - good, flaw ?? "it has no end", HoldAny(lines));
    }

    private static bool HoldAny(LineReader lines)
    {
        while (lines.Next() is { } line)
            if (RecordLine.IsOne(line.Span))
                return true;
        return false;
    }
}
