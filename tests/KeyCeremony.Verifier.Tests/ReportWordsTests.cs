using System.Collections.Immutable;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;
using KeyCeremony.GoldenBundles;

namespace KeyCeremony.Verifier.Tests;

/// <summary>What people read in a report of format 2, by another program's eyes; that of format 1 is held by its bytes.</summary>
public sealed class ReportWordsTests : IDisposable
{
    private static readonly string Script = """
        ---
        ceremony: tea
        version: 4
        title: A short one
        environments: [rehearsal]
        roles:
          administrator: 1
          operator: 1
          witness: 1
          officer: 2
          auditor: 1
        quorums: {}
        ---

        ### 1. Roll call

        So it is done.

        ```step
        id: roll-call
        do: roll-call
        by: administrator
        ```

        ### 2. Describe the room

        So it is done.

        ```step
        id: room
        do: record
        by: operator
        fields:
          - id: where
            ask: In which building and room are we?
            kind: text
        ```

        ### 3. Close

        So it is done.

        ```step
        id: close
        do: close
        by: administrator
        ```
        """;

    private readonly string _place = Directory.CreateTempSubdirectory("report-words").FullName;

    public void Dispose() => Directory.Delete(_place, recursive: true);

    [Fact]
    public void The_script_of_these_tests_is_one() =>
        Assert.True(ScriptReader.TryRead(Script, null, out _, out ImmutableArray<ScriptError> errors), string.Join('\n', errors));

    [Fact]
    public void Everybody_who_was_there_signs_in_format_2()
    {
        string first = Text(ReportPdf.Compose(Told(format: 0))), second = Text(ReportPdf.Compose(Told(JournalFormats.Replayed)));

        string[] lines = ["Administrator: Ada Adams", "Operator: Otto Olsen", "Independent witness: Wilma Weiss",
            "Officer 1: Oskar Ortiz", "Officer 2: Olga Orlova"];
        foreach (string line in lines)
            Assert.Contains(line, second, StringComparison.Ordinal);
        // The auditor's own page has a line.
        Assert.Equal(1, Count(second, "Auditor: Auma Odhiambo"));
        Assert.Equal(6, Count(second, "Signature, place, date"));
        Assert.Equal(4, Count(first, "Signature, place, date"));
        Assert.DoesNotContain("Officer 2: Olga Orlova", first, StringComparison.Ordinal);
    }

    [Fact]
    public void The_auditor_signs_on_the_page_of_the_opinion()
    {
        string page = Assert.Single(Text(ReportPdf.Compose(Told(JournalFormats.Replayed))).Split('\f'),
            p => p.Contains("Auditor's opinion", StringComparison.Ordinal));

        Assert.Contains("Auditor: Auma Odhiambo", page, StringComparison.Ordinal);
        Assert.Contains("without exception", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_question_is_told_in_words_and_by_its_step()
    {
        string first = Text(ReportPdf.Compose(Told(format: 0))), second = Text(ReportPdf.Compose(Told(JournalFormats.Replayed)));

        Assert.Contains("In which building and room are we?", second, StringComparison.Ordinal);
        Assert.Contains("Name of officer 1", second, StringComparison.Ordinal);
        Assert.Contains("Name of officer 2", second, StringComparison.Ordinal);
        Assert.Contains("Name of the witness", second, StringComparison.Ordinal);
        Assert.Contains("2. Describe the room", second, StringComparison.Ordinal);
        Assert.DoesNotContain("room: where", second, StringComparison.Ordinal);
        Assert.DoesNotContain("name/", second, StringComparison.Ordinal);
        Assert.Contains("room: where", first, StringComparison.Ordinal);
        Assert.Contains("roll-call: name/officer/2", first, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_installed_did_not_fail()
    {
        string first = Text(ReportPdf.Compose(Told(format: 0))), second = Text(ReportPdf.Compose(Told(JournalFormats.Replayed)));

        Assert.Contains("of 4: 1 failed, 1 warning, 1 not known, 1 passed", second, StringComparison.Ordinal);
        Assert.DoesNotContain("did not pass", second, StringComparison.Ordinal);
        Assert.Contains("3 of 4 did not pass", first, StringComparison.Ordinal);
    }

    [Fact]
    public void The_step_that_writes_the_report_ends_with_it()
    {
        Assert.Contains("with this report", Text(ReportPdf.Compose(Told(JournalFormats.Replayed))), StringComparison.Ordinal);
        Assert.Contains("not done", Text(ReportPdf.Compose(Told(format: 0))), StringComparison.Ordinal);
        Assert.DoesNotContain("not done", Text(ReportPdf.Compose(Told(JournalFormats.Replayed))), StringComparison.Ordinal);
    }

    [Fact]
    public void The_exceptions_are_those_of_this_ceremony()
    {
        ImmutableArray<Entry> one = Told(JournalFormats.Replayed, new ExceptionRaised(1, "DEVIATION-01", "The door was opened."));
        ImmutableArray<Entry> two = one.Add(Entry.Following(one[^1], "0002-tea", one[^1].Utc, "",
            new CeremonyOpened("tea", 4, Sha256(Script), Script, "keyceremony 2", JournalFormats.Replayed)));

        Assert.Contains("1 in this ceremony, see", Text(ReportPdf.Compose(one)), StringComparison.Ordinal);
        Assert.Matches("Exceptions +none", Text(ReportPdf.Compose(two)));
    }

    /// <summary>What failed and what was cut off is told as the room said it; earlier formats keep the engine's names.</summary>
    [Theory]
    [InlineData(JournalFormats.Renewed, "rewrap-key root failed in HSM-04: It is gone.",
        "The interrupted rewrap-key root was resolved: repeat.")]
    [InlineData(JournalFormats.Accounted, "Making the backup of the key \"root\" anew failed. HSM-04: It is gone.",
        "Making the backup of the key \"root\" anew was interrupted: it was done again.")]
    public void What_failed_is_told_in_words_since_format_7(int format, string failed, string resolved)
    {
        string said = Regex.Replace(Text(ReportPdf.Compose(Told(format, new Failed("rewrap-key", "root", "HSM-04", "It is gone."),
            new AttemptResolved("rewrap-key", "root", "repeat")))), @"\s+", " ");

        Assert.Contains(failed, said, StringComparison.Ordinal);
        Assert.Contains(resolved, said, StringComparison.Ordinal);
    }

    /// <summary>A report is composed again whenever its bundle is verified: what is told today was not told then.</summary>
    [Theory]
    [InlineData(JournalFormats.Renewed, false)]
    [InlineData(JournalFormats.Accounted, true)]
    public void Letters_that_look_like_others_are_told_since_format_7(int format, bool isTold)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=\u0422\u0415\u0421\u0422", key, HashAlgorithmName.SHA256); // reads TECT
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var from = new DateTimeOffset(2026, 11, 22, 9, 0, 0, TimeSpan.Zero);
        using X509Certificate2 certificate = request.CreateSelfSigned(from, from.AddYears(1));
        string said = Regex.Replace(Text(ReportPdf.Compose(Told(format, new CertificateSigned("root", "root",
            Convert.ToBase64String(certificate.RawData), Convert.ToHexStringLower(SHA256.HashData(certificate.RawData)), "agrees")))),
            @"\s+", " ");

        Assert.Contains("subject CN", said, StringComparison.Ordinal);
        Assert.Equal(isTold, said.Contains("Cyrillic letters", StringComparison.Ordinal));
    }

    /// <summary>Who adds a question to the engine gives it words here.</summary>
    [Theory]
    [MemberData(nameof(Ledgers))]
    public void Every_question_that_was_ever_asked_has_words(string name)
    {
        string bundle = GoldenArchive.Unpack(Path.Combine(GoldenArchive.Folder, name + GoldenArchive.Ending), _place);
        (ImmutableArray<Entry> entries, _) = JournalReader.ReadLines(File.ReadAllBytes(Path.Combine(bundle, BundleFiles.JournalPath)));
        var words = entries.Where(e => e.Body is CeremonyOpened)
            .ToDictionary(e => e.Ceremony, e => ReportWords.Of(((CeremonyOpened)e.Body).Script));

        foreach (Entry entry in entries)
            if (entry.Body is Answered { Question: var id })
            {
                string asked = words[entry.Ceremony].Asked(entry.Step, id);
                bool raw = asked == id.Replace('/', ' ').Replace('-', ' ') || asked.StartsWith(id, StringComparison.Ordinal)
                    || id.LastIndexOf('/') is > 0 and var end && Regex.IsMatch(asked, $@"\d{id[end..]}\b");
                Assert.False(raw, $"{entry.Step}: {id} is called {asked}");
            }
    }

    /// <summary>Also what no golden bundle was asked.</summary>
    [Theory]
    [InlineData("roll-call", "script", "First words of the script's hash, compared with the binder")]
    [InlineData("generate-root", "begin", "Typed to begin what cannot be taken back")]
    [InlineData("generate-root", "eyes-again", "The HSM is read again by both bindings")]
    [InlineData("inspect-primary", "serial", "Another number was read from the device: what is to be done")]
    [InlineData("list", "serial", "Serial number that is revoked")]
    [InlineData("drill", "present/2", "Card 2 is presented")]
    [InlineData("drill", "present/2/who", "Who presents a card, in turn 2")]
    [InlineData("drill", "present/2/why", "Why it is not the owner who presents, in turn 2")]
    [InlineData("drill", "present/2/seen", "An officer's word that the witness was alone with the card presented in turn 2")]
    [InlineData("deal-backup", "card/0001-backup-1/2/seen",
        "Card 2 of 0001-backup-1: an officer's word that the witness was alone with it")]
    [InlineData("drill", "opened/backup share card 2", "Number of the opened bag of backup share card 2")]
    [InlineData("deal-backup", "card/0001-backup-1/2/alone", "Card 2 of 0001-backup-1: its custodian came to the screen alone")]
    public void What_is_asked_at_the_keyboard_has_words(string step, string id, string words) =>
        Assert.Equal(words, ReportWords.Of(SoftwareRoom.Script("root-creation.md")).Asked(step, id));

    [Fact]
    public void A_seat_that_was_marked_is_told_in_words()
    {
        var words = ReportWords.Of(SoftwareRoom.Script("root-creation.md"));
        Assert.Equal("officer 2", words.Said("present/1/who", "officer/2"));
        Assert.Equal("He is ill / his deputy came", words.Said("present/1/why", "He is ill / his deputy came"));
        Assert.Equal("officer 2", words.Said("foreign/1/who", "officer/2"));
        Assert.Equal("the cards, from the first one", words.Said("foreign/2/who", "cards"));
        Assert.Equal("there is none", words.Said("foreign/try-1/passphrase", "none"));
        // A sentence of the witness, and a field of a script that is called so.
        Assert.Equal("none", words.Said("foreign/origin", "none"));
        Assert.Equal("none", words.Said("foreign", "none"));
    }

    /// <summary>The last bundle of each ledger of the newest format, which holds the earlier ones' entries.</summary>
    public static TheoryData<string> Ledgers =>
        [.. GoldenBundle.All.Where(b => b.Name.StartsWith($"format-{JournalFormats.Current}/", StringComparison.Ordinal))
            .GroupBy(b => b.Ledger).Select(l => l.Last().Name)];

    private static ImmutableArray<Entry> Told(int format, params EntryBody[] more)
    {
        var at = new DateTimeOffset(2026, 11, 22, 9, 0, 0, TimeSpan.Zero);
        Person[] people =
        [
            new("administrator", 1, "Ada Adams"), new("operator", 1, "Otto Olsen"), new("witness", 1, "Wilma Weiss"),
            new("officer", 1, "Oskar Ortiz"), new("officer", 2, "Olga Orlova"), new("auditor", 1, "Auma Odhiambo"),
        ];
        (string Step, EntryBody Body)[] bodies =
        [
            ("", new LedgerCreated("4f1c22aa000000000000000000000001", "rehearsal", "keyceremony 1")),
            ("", new CeremonyOpened("tea", 4, Sha256(Script), Script, "keyceremony 2", format)),
            .. people.Select(p => ("roll-call", (EntryBody)new Answered($"name/{p.Role}/{p.Index}", "administrator", "", p.Name))),
            ("roll-call", new RoomOpened([.. people])),
            ("roll-call", new StepDone()),
            ("room", new Answered("where", "operator", "Otto Olsen", "Cellar")),
            .. more.Select(body => ("room", body)),
            ("room", new ApplianceInspected([.. new[] { "pass", "warning", "fail", "unknown" }.Select(
                (result, i) => new Finding($"GATE-0{i + 1}", result, "as it is"))])),
            ("room", new StepDone()),
            ("close", new Answered("close", "administrator", "Ada Adams", "CLOSE")),
        ];
        ImmutableArray<Entry> entries = [];
        foreach ((string step, EntryBody body) in bodies)
            entries = entries.Add(entries.IsEmpty
                ? Entry.Following(null, "", at, step, body)
                : Entry.Following(entries[^1], "0001-tea", at.AddSeconds(entries.Length), step, body));
        return entries;
    }

    private string Text(byte[] pdf)
    {
        string path = Path.Combine(_place, Guid.NewGuid().ToString("N"));
        File.WriteAllBytes(path, pdf);
        using Process text = Process.Start(new ProcessStartInfo("pdftotext", ["-layout", path, "-"]) { RedirectStandardOutput = true })!;
        string said = text.StandardOutput.ReadToEnd();
        text.WaitForExit();
        Assert.Equal(0, text.ExitCode);
        return said;
    }

    private static int Count(string text, string what) => text.Split(what).Length - 1;

    private static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)));
}
