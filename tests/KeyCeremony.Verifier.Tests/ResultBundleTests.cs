using System.Diagnostics;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Verifier.Tests;

/// <summary>Two results of a root creation were received by QR code and one was not.</summary>
public sealed class PlayedResults
{
    public PlayedResults()
    {
        Room = new SoftwareRoom
        {
            Knows = (_, q) => q.Id == ResultWords.Carry ? ResultWords.Codes : q.Id == ResultWords.Receiver ? "Rita Ruiz" : null,
        };
        _ = Room.Saying("received/certificates/transcript.der", ResultWords.NotReceived).Play(SoftwareRoom.Script("root-creation.md"));
    }

    internal SoftwareRoom Room { get; }
}

/// <summary>Whoever has the transcript key and writes that other results were received is found.</summary>
public sealed class ResultBundleTests(PlayedResults played) : IClassFixture<PlayedResults>
{
    private const string Root = "certificates/root.der";
    private const string Transcript = "certificates/transcript.der";

    [Fact]
    public void A_bundle_whose_results_were_received_verifies()
    {
        BundleVerdict verdict = BundleVerify.Check("b", played.Room.Bundle(), new VerifyOptions()).Verdict;

        Assert.True(verdict.Passed, string.Join('\n', verdict.Checks.SelectMany(c => c.Flaws)));
    }

    [Theory]
    [InlineData("another hash", "(results-shown, step \"show-results\") … due was results-shown. results is")]
    [InlineData("another length", "(results-shown, step \"show-results\") … due was results-shown. results is")]
    [InlineData("a file that came in", "(results-shown, step \"show-results\") … due was results-shown. results is")]
    [InlineData("words of another file", "(results-shown, step \"show-results\") … due was results-shown. results is")]
    [InlineData("too few words", "(results-shown, step \"show-results\") … due was results-shown. results is")]
    [InlineData("no words at all", "(results-shown, step \"show-results\") … due was results-shown. results is")]
    [InlineData("words that nobody typed", "(results-shown, step \"show-results\") … due was results-shown. results is")]
    [InlineData("words that were typed for another file", "(results-shown, step \"show-results\") … due was results-shown. results is")]
    [InlineData("words that were taken back",
        "(answered, step \"show-results\") … due was an answer to \"received/certificates/root.der\"")]
    [InlineData("the same result twice", "(results-shown, step \"show-results\") … due was results-shown. results is")]
    public void A_result_that_was_not_received_so_is_found(string what, string says)
    {
        Entry typed = played.Room.Entries.Single(e => e.Body is Answered { Question: ResultWords.Received + Root });
        System.Collections.Immutable.ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> files =
            played.Room.Forge(entries => entries.SelectMany(e => what == "words that were taken back" && e.Seq == typed.Seq
            ? [e, e with { Body = new Withdrawn(e.Seq) }]
            : new[] { e with { Body = Changed(e.Body) } }));

        files.Verdict().Finds("VERIFY-50", says);

        EntryBody Changed(EntryBody body) => (what, body) switch
        {
            ("another hash", ResultsShown s) => With(s, Root, r => r with { Sha256 = new string('0', 64), Words = "" }),
            ("another length", ResultsShown s) => With(s, Root, r => r with { Length = r.Length + 1 }),
            ("a file that came in", ResultsShown s) => With(s, Root, r => r with { Path = "script.md", Words = "" }),
            ("words of another file", ResultsShown s) => With(s, Root, r => r with { Words = WordsOf(s, Transcript) }),
            ("too few words", ResultsShown s) => With(s, Root,
                r => r with { Words = PgpWords.Of(Convert.FromHexString(r.Sha256).AsSpan(0, 3)) }),
            ("no words at all", ResultsShown s) => With(s, Root, r => r with { Words = "received" }),
            ("words that nobody typed", ResultsShown s) => With(s, Transcript, r => r with { Words = WordsOf(s, Transcript) }),
            ("words that were typed for another file", ResultsShown s) => With(s,
                Transcript, r => r with { Words = WordsOf(s, Transcript) }) with
            { Receiver = WordsOf(s, Transcript) },
            ("words that were typed for another file", Answered { Question: ResultWords.Receiver } a) =>
                a with { Value = WordsOf(Shown, Transcript) },
            ("the same result twice", ResultsShown s) => s with { Results = s.Results.Add(s.Results[0]) },
            _ => body,
        };
    }

    /// <summary>Of an earlier revocation list the journal alone says the hash.</summary>
    [Fact]
    public void A_hash_that_is_none_is_a_flaw_and_no_crash()
    {
        Entry last = played.Room.Entries[^1];
        var list = Entry.Following(last, last.Ceremony, last.Utc, "x", new CrlSigned("list", "root", "1", "no hash", 5, ""));
        var found = Entry.Following(list, last.Ceremony, last.Utc, "x",
            new ResultsFound([new Result("crls/list-1.crl", "", 5, "no hash")], []));

        Assert.Contains(ResultChecks.Found(new JournalFacts(played.Room.Entries.Add(list).Add(found))),
            flaw => flaw.Contains("crls/list-1.crl was offered and is no file", StringComparison.Ordinal));
    }

    /// <summary>Shown and never offered is as much a lie as offered and never shown.</summary>
    [Fact]
    public void A_step_without_its_fact_is_found()
    {
        System.Collections.Immutable.ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> files =
            played.Room.Forge(entries => entries.Where(e => e.Body is not ResultsShown));

        files.Verdict().Finds("VERIFY-50", "(step-done, step \"show-results\") … due was results-shown");
    }

    [Fact]
    public void The_report_says_who_received_what()
    {
        string path = Path.GetTempFileName();
        File.WriteAllBytes(path, played.Room.Bundle()[BundleFiles.ReportPath].ToArray());
        using Process text = Process.Start(new ProcessStartInfo("pdftotext", ["-layout", path, "-"]) { RedirectStandardOutput = true })!;
        string report = text.StandardOutput.ReadToEnd();
        text.WaitForExit();
        File.Delete(path);

        string section = report[report.IndexOf("Results by QR code", StringComparison.Ordinal)..];
        Assert.Contains("Rita Ruiz", section, StringComparison.Ordinal);
        Assert.Matches($@"{Root}\s+SHA-256\s+{Shown.Results[1].Sha256}\s+Received\s+yes; words read back: {WordsOf(Shown, Root)}\s",
            section);
        Assert.Matches($@"{Transcript}\s+SHA-256\s+{Shown.Results[2].Sha256}\s+Received\s+NOT ACKNOWLEDGED", section);
    }

    private ResultsShown Shown => played.Room.Entries.Select(e => e.Body).OfType<ResultsShown>().Single();

    private static string WordsOf(ResultsShown shown, string path) =>
        Core.Transfer.Acknowledgement.Of(Convert.FromHexString(shown.Results.Single(r => r.Path == path).Sha256));

    private static ResultsShown With(ResultsShown shown, string path, Func<ShownResult, ShownResult> change) =>
        shown with { Results = [.. shown.Results.Select(r => r.Path == path ? change(r) : r)] };
}
