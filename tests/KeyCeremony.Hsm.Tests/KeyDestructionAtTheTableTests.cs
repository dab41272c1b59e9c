using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.Hsm.Tests;

/// <summary>A root ends, with the program as people start it.</summary>
public sealed class KeyDestructionAtTheTableTests
{
    [Fact]
    public void A_root_is_destroyed_and_nobody_finds_it_in_the_hsm()
    {
        using var table = Table.After(Script.SmallRoot);
        string id = table.World().Keys["root"].CkaId;
        Assert.Contains(id, AbandonedTests.AsOthersSeeIt(table), StringComparison.OrdinalIgnoreCase);

        Destroy(table);
        KeyDestroyed gone = Assert.Single(table.Entries().Select(e => e.Body).OfType<KeyDestroyed>());
        Assert.Equal(("root", id), (gone.Key, gone.CkaId));
        string left = AbandonedTests.AsOthersSeeIt(table);
        Assert.DoesNotContain(id, left, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(table.World().TranscriptKey!.CkaId, left, StringComparison.OrdinalIgnoreCase);
        Token.HoldsWhatTheLedgerKnows(table);

        table.Verifies();
        string statement = File.ReadAllText(Path.Combine(table.Bundles[^1], "destroyed", "root.txt"));
        Assert.Contains("result      no copy known\n", statement, StringComparison.Ordinal);
        Assert.Contains($"CKA_ID {id}", statement, StringComparison.Ordinal);

        string refused = table.Run(Script.Small("crl-signing")).Expect(1).Err;
        Assert.Contains(CeremonyRules.KeyEnded, refused, StringComparison.Ordinal);
    }

    /// <summary>One card stays with its custodian, and the statement says what that means.</summary>
    [Fact]
    public void A_root_whose_cards_remain_is_said_to_be_recoverable()
    {
        using var table = Table.After(Script.SmallRoot);
        table.Follow("periodic");
        table["burn-cards:check/1/set"] = "done";
        table["account:copy/cards/0001-backup-1/what"] = CopyAnswered.Remains;
        table["account:copy/cards/0001-backup-1/words"] = "Both custodians are abroad.";
        foreach (CopyLine line in CopyInventory.Of(table.World(), "root").Lines.Where(l => l.Kind == CopyKind.Blob))
        {
            bool kept = line.Id == CopyInventory.RecordSticks;
            table[$"account:copy/{line.Id}/what"] = kept ? CopyAnswered.Remains : CopyAnswered.Destroyed;
            table[$"account:copy/{line.Id}/words"] = kept ? "The record is kept." : "Otto Olsen shredded the stick today.";
        }
        table.Run(Script.Small("key-destruction")).Expect(0);
        table.Verifies();
        string statement = File.ReadAllText(Path.Combine(table.Bundles[^1], "destroyed", "root.txt"));
        Assert.Contains("result      copies remain\n", statement, StringComparison.Ordinal);
        Assert.Contains("the key can be recovered.\n", statement, StringComparison.Ordinal);
    }

    private static void Destroy(Table table)
    {
        table.Follow("periodic");
        table["burn-cards:check/5/set"] = "done";
        table.Run(Script.Small("key-destruction")).Expect(0);
    }
}
