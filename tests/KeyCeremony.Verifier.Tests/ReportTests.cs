using System.Collections.Immutable;
using System.Security.Cryptography;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.Verifier.Tests;

/// <summary>The report is a function of the journal alone, for as long as there are bundles.</summary>
public sealed class ReportTests
{
    /// <summary>160 bits of the hash of what the program composed while it took the fonts of Debian 12 from the machine.</summary>
    [Fact]
    public void A_known_journal_gives_the_bytes_that_it_always_gave() =>
        Assert.StartsWith("2bb39b4e2f0a89cbd8f9708ebdb242a1a0b026cd", Sha256(ReportPdf.Compose(Known())), StringComparison.Ordinal);

    /// <summary>Format 1 was written with the machine's fonts: those of the live image differ in their dates alone.</summary>
    [Theory]
    [InlineData(0, true)]
    [InlineData(JournalFormats.Replayed, false)]
    public void A_report_with_the_fonts_of_the_live_image_is_accepted_of_format_1_only(int format, bool accepted)
    {
        byte[] ofTheImage = ReportPdf.Compose(Known(format), ReportFonts.BuiltForImage);
        byte[] other = ReportPdf.Compose(Known(format), ReportFonts.Built + 1);

        Assert.Equal(accepted, !ReportChecks.Composed(Known(format), ofTheImage).Any());
        Assert.NotEmpty(ReportChecks.Composed(Known(format), other));
        Assert.Empty(ReportChecks.Composed(Known(format), ReportPdf.Compose(Known(format))));
    }

    private static ImmutableArray<Entry> Known(int format = 0)
    {
        var at = new DateTimeOffset(2026, 11, 22, 9, 0, 0, TimeSpan.Zero);
        (string Step, EntryBody Body)[] bodies =
        [
            ("", new LedgerCreated("4f1c22aa000000000000000000000001", "rehearsal", "keyceremony 1")),
            ("", new CeremonyOpened("root-creation", 3, Sha256("x"u8.ToArray()), "x", "keyceremony 1", format)),
            ("room", new RoomOpened([new Person("administrator", 1, "Ana Ağaoğlu"), new Person("witness", 1, "Łukasz Žižka")])),
            ("room", new Answered("note", "witness", "Łukasz Žižka", "Ελληνικά, Кириллица → “quoted” Ǻ fi ½")),
            ("room", new StepDone()),
        ];
        ImmutableArray<Entry> entries = [];
        foreach ((string step, EntryBody body) in bodies)
            entries = entries.Add(entries.IsEmpty
                ? Entry.Following(null, "", at, step, body)
                : Entry.Following(entries[^1], "0001-root-creation", at.AddSeconds(entries.Length), step, body));
        return entries;
    }

    private static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
