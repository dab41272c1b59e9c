using System.Collections.Immutable;
using System.Diagnostics;
using KeyCeremony.App.Commands;
using KeyCeremony.App.Ledger;
using KeyCeremony.App.Paper;
using KeyCeremony.App.Tests.Terminal;
using KeyCeremony.Core;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.App.Tests.Paper;

/// <summary>Cards, labels and binder as they come out of a printer, for every script that is shipped.</summary>
public sealed class PaperTests : IDisposable
{
    private static readonly string Scripts = TestFiles.PathOf("ceremony-scripts");
    private readonly string _place = Directory.CreateTempSubdirectory("paper").FullName;

    public static TheoryData<string> Shipped =>
        [.. Directory.EnumerateFiles(Scripts, "*.md").Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(_place, recursive: true);

    [Theory]
    [MemberData(nameof(Shipped))]
    public void Every_card_that_a_script_deals_has_a_sheet_of_its_own(string name)
    {
        CeremonyScript script = Load(name);
        ImmutableArray<BlankCard> cards = ScriptPaper.Cards(script);
        byte[]? pdf = CardPaper.Write(script);

        Assert.Equal(cards.IsEmpty, pdf is null);
        if (pdf is null)
            return;
        string[] pages = PrintedPdf.Pages(Keep(pdf));
        Assert.Equal(cards.Length, pages.Length);
        Assert.Equal(script.Steps.OfType<DealSharesStep>().Sum(d => script.QuorumNamed(d.Quorum).Count), pages.Length);
        foreach ((BlankCard card, string page) in cards.Zip(pages))
        {
            Assert.Contains(card.Name, page, StringComparison.OrdinalIgnoreCase);
            // Seven cards of three departments: whoever writes one sees of which.
            string group = name == "root-creation-groups.md" && card.Set == "backup" ? $"group {(card.Number + 2) / 3}, " : "";
            Assert.Contains($"card {card.Number}, {group}{card.Words} words", page, StringComparison.Ordinal);
            Assert.DoesNotContain($"of {card.Words}", page, StringComparison.Ordinal);
            Assert.Contains($"(officer {card.Number})", page, StringComparison.Ordinal);
            Assert.Contains(script.Sha256[..32], page, StringComparison.Ordinal);
            // Each number twice: on the card, and on the sheet for the plate.
            string[] numbers = page.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
            Assert.All(Enumerable.Range(1, card.Words), n => Assert.True(numbers.Count(x => x == $"{n}") >= 2, $"{card.Name}: word {n}"));
        }
    }

    [Fact]
    public void The_words_stand_as_on_the_screen_in_four_columns_read_downwards()
    {
        string page = PrintedPdf.Pages(Keep(CardPaper.Write(Load("root-creation.md"))!))[3];
        string[] rows = [.. page.Split('\n').Select(Spread)];

        Assert.Equal(2, rows.Count(r => r == "1 10 19 28"));
        Assert.Equal(2, rows.Count(r => r == "6 15 24 33"));
        Assert.Equal(2, rows.Count(r => r == "9 18 27"));
    }

    [Theory]
    [MemberData(nameof(Shipped))]
    public void Every_bag_that_a_script_seals_has_a_label(string name)
    {
        CeremonyScript script = Load(name);
        string[] sealedHere = [.. script.Steps.OfType<SealBagsStep>().SelectMany(s => s.Contents).Distinct()];
        byte[] pdf = LabelPaper.Write(script)!;

        string[] pages = PrintedPdf.Pages(Keep(pdf));
        string text = string.Join('\n', pages);
        // Each old card that is typed gets a bag as well; which ones come is written by hand.
        string set = script.Steps.Any(s => s is ChangeActivationStep) ? "activation" : "backup";
        int old = script.Steps.Any(s => s is RewrapKeyStep or ChangeActivationStep) ? 2 : 0;
        Assert.Equal((sealedHere.Length + old + 7) / 8, pages.Length);
        Assert.Equal(sealedHere.Length + old, text.Split("Bag number").Length - 1);
        Assert.Equal(old, text.Split($"{set} share card __ of ____-{set}-__").Length - 1);
        Assert.All(sealedHere, content => Assert.Contains(content, text, StringComparison.Ordinal));
        Assert.Contains(script.Sha256[..32], pages[^1], StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Shipped))]
    public void No_letter_leaves_the_paper_or_its_label(string name)
    {
        CeremonyScript script = Load(name);
        const double width = 595.28, margin = 20;
        foreach (byte[]? pdf in new[] { CardPaper.Write(script), LabelPaper.Write(script), BinderPaper.Write(script, null) })
            if (pdf is not null)
                Assert.DoesNotContain(PrintedPdf.Places(Keep(pdf)), w => w.Left < margin || w.Right > width - margin);
        // The middle of the sheet is cut.
        Assert.DoesNotContain(
            PrintedPdf.Places(Keep(LabelPaper.Write(script)!))
                .Where(w => !w.Word.StartsWith(script.Sha256[..32], StringComparison.Ordinal)),
            w => w.Left < (width / 2) + margin && w.Right > (width / 2) - margin);
    }

    [Fact]
    public void A_name_that_is_too_long_is_written_smaller_and_never_cut()
    {
        string name = "backup share card of the intermediate that signs for the second factory";
        CeremonyScript script = Load("intermediate-creation.md", ("I1 backup share card", name));

        Assert.Contains($"{name} 3", Spread(string.Concat(PrintedPdf.Pages(Keep(LabelPaper.Write(script)!)))), StringComparison.Ordinal);
        Assert.DoesNotContain(PrintedPdf.Places(Keep(LabelPaper.Write(script)!)), w => w.Right > 595.28 - 20);
    }

    [Fact]
    public void A_place_for_a_code_is_there_only_where_the_script_allows_codes()
    {
        string[] without = PrintedPdf.Pages(Keep(CardPaper.Write(Load("root-creation.md"))!));
        CeremonyScript allowing = Load("root-creation.md", ("version: 1\n", "version: 1\ncard-codes: true\n"));
        string[] with = PrintedPdf.Pages(Keep(CardPaper.Write(allowing)!));

        Assert.DoesNotContain("squares", string.Concat(without), StringComparison.Ordinal);
        Assert.Equal(2 * without.Length, with.Length);
        Assert.Contains("29 by 29 squares", with[0], StringComparison.Ordinal);
        Assert.Contains("SHEET FOR A METAL PLATE", with[1], StringComparison.Ordinal);
        Assert.Contains("33 by 33 squares", with[6], StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Shipped))]
    public void The_binder_tells_page_script_and_everybody_who_signs(string name)
    {
        CeremonyScript script = Load(name);
        string[] pages = PrintedPdf.Pages(Keep(BinderPaper.Write(script, null)));

        for (int i = 0; i < pages.Length; i++)
        {
            Assert.Contains($"page {i + 1} of {pages.Length}", pages[i], StringComparison.Ordinal);
            Assert.Contains($"{script.Name}, version {script.Version} ", pages[i], StringComparison.Ordinal);
            Assert.Contains(script.Sha256[..32], pages[i], StringComparison.Ordinal);
        }
        string text = Spread(string.Concat(pages));
        Assert.All(script.Steps, s => Assert.Contains($"{s.Number}. {s.Title} ", text, StringComparison.Ordinal));
        Assert.StartsWith("Attestation", pages[^1].TrimStart(), StringComparison.Ordinal);
        Assert.Contains("Role", pages[^1], StringComparison.Ordinal);
        string[] lines = [.. pages[^1].Split('\n').Select(l => l.Trim())];
        if (!script.Combined.IsEmpty)
            Assert.All(CombinedSeats.People(script), person => Assert.Contains(CombinedSeats.InWords(script, person),
                Spread(pages[^1]), StringComparison.Ordinal));
        else
            foreach (Seat seat in script.Seats)
                Assert.Equal(seat.Count, lines.Count(l => l == seat.Role || l.StartsWith($"{seat.Role} ", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_hash_has_room_for_64_digits_of_three_millimetres()
    {
        var places = PrintedPdf.Places(Keep(BinderPaper.Write(Load("batch-manifest.md"), null)))
            .Where(w => w.Word.Contains("________", StringComparison.Ordinal)).ToList();

        Assert.True(places.Count >= 8 * 4);
        Assert.All(places, w => Assert.True((w.Right - w.Left) / w.Word.Length >= 3 * 72 / 25.4, $"{w.Right - w.Left} points"));
    }

    [Fact]
    public void The_numbers_of_last_time_are_printed_from_a_record_stick_and_stay_out_without_one()
    {
        string stick = Directory.CreateDirectory(Path.Combine(_place, "stick")).FullName;
        RecordStick.Create(stick, Ledger());
        Assert.True(BagNumbers.TryOfStick(stick, out LastTime? last, out _));
        CeremonyScript script = Load("intermediate-signing.md");

        string with = string.Concat(PrintedPdf.Pages(Keep(BinderPaper.Write(script, last))));
        string without = string.Concat(PrintedPdf.Pages(Keep(BinderPaper.Write(script, null))));

        Assert.Matches("primary HSM +TB-0003", with);
        Assert.Matches("record stick A +no bag is recorded", with);
        Assert.DoesNotContain("TB-0001", with, StringComparison.Ordinal);
        Assert.Contains("4f1c22aa000000000000000000000001", with, StringComparison.Ordinal);
        Assert.DoesNotContain("TB-", without, StringComparison.Ordinal);
        Assert.Contains("TB-0003", ScriptPrint.Html(script, null, last), StringComparison.Ordinal);
        Assert.Contains("TB-0003", ScriptPrint.Markdown(script, null, last), StringComparison.Ordinal);
    }

    [Fact]
    public void A_ledger_that_is_not_whole_gives_no_numbers()
    {
        string stick = Directory.CreateDirectory(Path.Combine(_place, "torn")).FullName;
        RecordStick.Create(stick, Ledger());
        string path = RecordStick.PathIn(stick);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^20]);

        Assert.False(BagNumbers.TryOfStick(stick, out _, out Refusal? refusal));
        Assert.Equal("PRINT-05", refusal.Rule);
        Assert.False(BagNumbers.TryOfStick(_place, out _, out refusal));
        Assert.Equal("PRINT-05", refusal.Rule);
        Assert.False(BagNumbers.TryOfBundle(stick, out _, out refusal));
        Assert.Equal("PRINT-05", refusal.Rule);
    }

    [Fact]
    public void Another_machine_writes_the_same_bytes()
    {
        string script = Path.Combine(Scripts, "root-creation.md");
        foreach (string[] what in new[] { new[] { "cards" }, ["labels"], [] })
        {
            string here = Path.Combine(_place, $"here{what.Length}{what.FirstOrDefault()}.pdf"), there = here + ".there";
            string[] arguments = ["print", .. what, script, .. what.Length == 0 ? new[] { "--format", "pdf" } : []];
            Assert.Equal(0, Run(arguments, here, _place, []));
            Assert.Equal(0, Run(arguments, there, Path.GetTempPath(),
                new()
                {
                    ["TZ"] = "Pacific/Kiritimati",
                    ["LANG"] = "th_TH.UTF-8",
                    ["LC_ALL"] = "th_TH.UTF-8",
                    ["DOTNET_TieredCompilation"] = "0",
                    ["HOME"] = _place,
                }));

            Assert.Equal(File.ReadAllBytes(here), File.ReadAllBytes(there));
            Assert.DoesNotContain("CreationDate", System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(here)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_script_without_cards_and_a_file_that_is_there_are_refused()
    {
        string there = Path.Combine(_place, "there.pdf"), none = Path.Combine(_place, "none.pdf");
        File.WriteAllText(there, "kept");

        (int code, _, string errors) = ProgramRun.Of("print", "cards", Path.Combine(Scripts, "crl-signing.md"), "--out", none);
        Assert.Equal(1, code);
        Assert.StartsWith("PRINT-01  The script crl-signing deals no cards.", errors, StringComparison.Ordinal);
        Assert.False(File.Exists(none));

        (code, _, errors) = ProgramRun.Of("print", "labels", Path.Combine(Scripts, "crl-signing.md"), "--out", there);
        Assert.Equal(1, code);
        Assert.StartsWith("RUN-08", errors, StringComparison.Ordinal);
        Assert.Equal("kept", File.ReadAllText(there));

        (code, _, errors) = ProgramRun.Of("print", Path.Combine(Scripts, "crl-signing.md"), "--bundle", "a", "--ledger", "b");
        Assert.Equal(2, code);
        Assert.StartsWith("PRINT-04", errors, StringComparison.Ordinal);
    }

    private static int Run(string[] arguments, string output, string folder, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("dotnet", [ProgramRun.Path, .. arguments, "--out", output]) { WorkingDirectory = folder };
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        process.WaitForExit();
        return process.ExitCode;
    }

    private static ImmutableArray<Entry> Ledger()
    {
        var at = new DateTimeOffset(2026, 11, 22, 9, 0, 0, TimeSpan.Zero);
        EntryBody[] bodies =
        [
            new LedgerCreated("4f1c22aa000000000000000000000001", "rehearsal", "keyceremony 1"),
            new BagSealed("primary HSM", "TB-0001"),
            new BagSealed("record stick A", "TB-0002"),
            new BagOpened("primary HSM", "TB-0001"),
            new BagOpened("record stick A", "TB-0002"),
            new BagSealed("primary HSM", "TB-0003"),
        ];
        ImmutableArray<Entry> entries = [];
        foreach (EntryBody body in bodies)
            entries = entries.Add(
                entries.IsEmpty ? Entry.Following(null, "", at, "", body) : Entry.Following(entries[^1], "0001-tea", at, "", body));
        return entries;
    }

    private static CeremonyScript Load(string name, params (string Old, string New)[] changes)
    {
        byte[]? Read(string file)
        {
            string path = Path.Combine(Scripts, file);
            if (!File.Exists(path))
                return null;
            string text = File.ReadAllText(path);
            foreach ((string old, string @new) in changes)
                text = text.Replace(old, @new, StringComparison.Ordinal);
            return System.Text.Encoding.UTF8.GetBytes(text);
        }
        Assert.True(ScriptReader.TryLoad(name, Read, out CeremonyScript? script, out _, out ImmutableArray<ScriptError> errors),
            string.Join('\n', errors));
        return script;
    }

    /// <summary>However it is laid out: one blank between words.</summary>
    private static string Spread(string text) =>
        string.Join(' ', text.Split((char[])[' ', '\n', '\f'], StringSplitOptions.RemoveEmptyEntries));

    private string Keep(byte[] pdf)
    {
        string path = Path.Combine(_place, Guid.NewGuid().ToString("N"));
        File.WriteAllBytes(path, pdf);
        return path;
    }
}
