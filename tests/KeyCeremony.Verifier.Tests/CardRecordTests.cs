using System.Collections.Immutable;
using System.Diagnostics;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.App.Tests.Room;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Verifier.Register;

namespace KeyCeremony.Verifier.Tests;

/// <summary>What the record says of cards: where they were dealt to lie, what a day without an HSM found; report and F7.</summary>
public sealed class CardRecordTests(LyingRooms rooms) : IClassFixture<LyingRooms>
{
    /// <summary>The places stand in the script; from the dealing on the account has them, and a check moves a card.</summary>
    [Fact]
    public void Cards_lie_where_the_script_says_until_a_check_says_otherwise()
    {
        SoftwareRoom room = rooms.Sited;
        ShareSetFact backup = room.State.World.Sets[CardRoom.Backup];
        Assert.Equal(["Basel, safe", "Zug, Bank", "Bern, notary"], Enumerable.Range(1, 3).Select(i => backup.Card(i).Site));
        Assert.All(Enumerable.Range(1, 3), i => Assert.Equal(CardChecked.Good, backup.Card(i).State));
        Assert.Empty(CardAccount.Of(room.State.World, backup).Warnings);
        Assert.Equal(["", "", ""], Enumerable.Range(1, 3).Select(i => room.State.World.Sets[CardRoom.Activation].Card(i).Site));

        World moved = Replay.WorldAfter(room.State.World, room.Entries[^1] with
        {
            Body = new CardChecked(CardRoom.Backup, 3, backup.Made.Custodians[2], CardChecked.Good, backup.Made.Digests[2], "basel  SAFE"),
        });
        var account = CardAccount.Of(moved, moved.Sets[CardRoom.Backup]);
        Assert.Equal("1, 3", string.Join(", ", account.Sites.Single(s => s.Site == "Basel, safe").Cards));
        Assert.Contains(account.Warnings, w => w.Contains("whoever enters there has the set", StringComparison.Ordinal));
    }

    [Fact]
    public void A_ceremony_with_places_verifies()
    {
        ImmutableArray<BundleList> lists = BundleList.Of(rooms.Sited.Entries);
        BundleVerdict verdict = BundleVerify.Check("b", new BundleContent(lists.IsEmpty ? "" : rooms.ListsOf(rooms.Sited),
            rooms.Sited.Bundle(), lists), new VerifyOptions()).Verdict;
        Assert.Empty(verdict.Rules());
    }

    /// <summary>Who reads the verdict alone learns that a day without an HSM hangs under this signature, with its exceptions.</summary>
    [Fact]
    public void The_verdict_names_the_days_that_are_signed_with_it()
    {
        ImmutableArray<BundleList> lists = BundleList.Of(rooms.Checked.Entries);
        BundleVerdict verdict = BundleVerify.Check("b", new BundleContent(lists.IsEmpty ? "" : rooms.ListsOf(rooms.Checked),
            rooms.Checked.Bundle(), lists), new VerifyOptions()).Verdict;
        Assert.Equal(["signed with it: 0002-card-check, closed without an HSM; 2 exceptions: read them in report.pdf"],
            verdict.Summary.Where(line => line.StartsWith("signed with it", StringComparison.Ordinal)));
        Assert.DoesNotContain(BundleVerify.Check("b", new BundleContent("", rooms.Root.Bundle(), []), new VerifyOptions()).Verdict.Summary,
            line => line.StartsWith("signed with it", StringComparison.Ordinal));
    }

    [Fact]
    public void The_next_report_tells_of_the_day_without_an_HSM()
    {
        string told = Text(rooms.Checked.Bundle()["report.pdf"]);
        Assert.Contains("Cards checked since the last signed record", told, StringComparison.Ordinal);
        foreach (string line in new[]
        {
            $"1 of {CardRoom.Backup}", $"2 of {CardRoom.Backup}", "Nina", "good", "lost", "Zug, Bank",
            "CARDS-01", "CARDS-02", "predecessor", "0002-card-check",
            "End of 0002-card-check", "had the words of its end in the binder",
            "issued 3, destroyed and witnessed 0, lost 1, needed 2", "blob of \"root\"", "whoever enters there has the set",
        })
            Assert.Contains(line, told, StringComparison.Ordinal);
    }

    [Fact]
    public void The_report_of_a_replacement_says_what_the_old_cards_are()
    {
        string told = Text(rooms.Replaced.Bundle()["report.pdf"]);
        foreach (string line in new[]
        {
            "brought out of its backup by cards of 0001-backup-1", "wrapped anew under share set 0002-backup-1",
            "0001-backup-1: replaced, not retired", "issued 3, destroyed and witnessed 0, lost 0, needed 2",
            "one copy of a blob below, are the key for ever", "0002-backup-1: live",
        })
            Assert.Contains(line, told, StringComparison.Ordinal);
    }

    /// <summary>A register after a replacement: who reads a card's line reads what its set is, and where the card lies.</summary>
    [Fact]
    public void The_register_says_of_each_card_what_its_set_is_and_in_which_bag_it_lies()
    {
        var ledger = LedgerRegister.Of(rooms.Replaced.Entries, "verified", ["b"]);
        string[] old = Row(ledger, "cards", "card", "1", "account", "bag").Split('|');
        Assert.Equal(CardAccount.Replaced, old[0]);
        Assert.Equal(old[1], Row(ledger, "bags", "content", "backup share card 1 of 0001-backup-1", "number"));
        Assert.Equal(9, ledger.Rows(RegisterTable.Named("cards")!).Select(r => RegisterAnswer.Stored(r.Cells[
            RegisterTable.Named("cards")!.Columns.IndexOf(RegisterTable.Named("cards")!.Column("bag")!)])).Distinct().Count());
        Assert.StartsWith("sealed|", Row(ledger, "bags", "content", "backup share card 1 of 0001-backup-1", "state", "number"),
            StringComparison.Ordinal);
    }

    /// <summary>A report of a ceremony before which nobody checked a card has no such table: old ones are composed as ever.</summary>
    [Fact]
    public void A_report_without_checks_says_nothing_of_them() =>
        Assert.DoesNotContain("Cards checked", Text(rooms.Root.Bundle()["report.pdf"]), StringComparison.Ordinal);

    [Fact]
    public void The_register_has_the_account_of_each_set_and_what_was_seen_of_each_card()
    {
        var ledger = LedgerRegister.Of(rooms.Checked.Entries, "verified", ["b"]);
        Assert.Equal("live|2|0|1", Row(ledger, "sets", "set", CardRoom.Backup, "account", "good", "destroyed", "lost"));
        Assert.Contains("Zug, Bank: 2", Row(ledger, "sets", "set", CardRoom.Backup, "sites"), StringComparison.Ordinal);
        Assert.Contains("One more that is lost", Row(ledger, "sets", "set", CardRoom.Backup, "warnings"), StringComparison.Ordinal);
        Assert.Equal(["good|Zug, Bank", "lost|", "good|zug bank"],
            Enumerable.Range(1, 3).Select(i => Row(ledger, "cards", "card", $"{i}", "seen", "site")));
        Assert.True(string.CompareOrdinal(Row(ledger, "cards", "card", "2", "goodOn"), Row(ledger, "cards", "card", "2", "seenOn")) < 0);

        var recovered = LedgerRegister.Of(rooms.Recovered.Entries, "verified", ["b"]);
        Assert.StartsWith($"{CardAccount.Replaced}|the HSM",
            Row(recovered, "sets", "set", CardRoom.Activation, "account", "because"), StringComparison.Ordinal);
    }

    /// <summary>The cells of one row; of the set of backup cards where a table has those of several.</summary>
    private static string Row(LedgerRegister ledger, string table, string column, string value, params string[] wanted)
    {
        RegisterTable asked = RegisterTable.Named(table)!;
        RegisterRow row = ledger.Rows(asked)
            .Single(r => Cell(r, column) == value && (table != "cards" || Cell(r, "set") == CardRoom.Backup));
        return string.Join('|', wanted.Select(w => Cell(row, w)));

        string Cell(RegisterRow r, string name) => RegisterAnswer.Stored(r.Cells[asked.Columns.IndexOf(asked.Column(name)!)]);
    }

    /// <summary>Words as they follow each other, whatever lines they stand on.</summary>
    private string Text(ReadOnlyMemory<byte> pdf)
    {
        string path = Path.Combine(rooms.Rooms.NewFolder(), "report.pdf");
        File.WriteAllBytes(path, pdf.Span);
        using Process text = Process.Start(new ProcessStartInfo("pdftotext", ["-layout", path, "-"]) { RedirectStandardOutput = true })!;
        string said = text.StandardOutput.ReadToEnd();
        text.WaitForExit();
        Assert.Equal(0, text.ExitCode);
        return string.Join(' ', said.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }
}
