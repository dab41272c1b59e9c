using System.Collections.Immutable;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.Verifier;

/// <summary>Whether the page that people sign says what the journal says: VERIFY-43.</summary>
internal static class ReportChecks
{
    public static IEnumerable<string> Composed(ImmutableArray<Entry> entries, ReadOnlyMemory<byte> report)
    {
        try
        {
            if (Same(entries, report, ReportFonts.Built) || OfTheImage(entries) && Same(entries, report, ReportFonts.BuiltForImage))
                return [];
            return ["report.pdf is another file than the one that is composed from this journal."];
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException or OverflowException)
        {
            return ["No report can be composed from this journal: a value in it is none that a report can say."];
        }
    }

    private static bool Same(ImmutableArray<Entry> entries, ReadOnlyMemory<byte> report, uint fonts) =>
        ReportPdf.Compose(entries, fonts).AsSpan().SequenceEqual(report.Span);

    /// <summary>Only programs of format 1 took their fonts from the machine.</summary>
    private static bool OfTheImage(ImmutableArray<Entry> entries) =>
        BundleFiles.CeremonyOf(entries).Opened.Format < JournalFormats.Replayed;
}
