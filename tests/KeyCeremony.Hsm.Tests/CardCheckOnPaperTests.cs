using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.Hsm.Tests;

/// <summary>Cards that lie in envelopes are checked by the program as people start it, while the HSM lies in its safe.</summary>
public sealed class CardCheckOnPaperTests
{
    [Fact]
    public void A_card_is_checked_without_quorum_and_HSM_and_the_next_ceremony_signs_it()
    {
        using var table = Table.After(Script.SmallRoot);
        table.Follow("periodic");
        string safe = table.Hsm + "-safe", envelope = Path.Combine(table.Envelopes, "0001-backup-1-1.txt");
        byte[] card = File.ReadAllBytes(envelope);
        Directory.Move(table.Hsm, safe);

        // The card of somebody else lies in the envelope.
        File.Copy(Path.Combine(table.Envelopes, "0001-backup-1-2.txt"), envelope, overwrite: true);
        string refused = table.Run(Script.Small("card-check")).Expect(1).Err;
        Assert.Contains(CeremonyRules.AnotherCard, refused, StringComparison.Ordinal);
        Assert.DoesNotContain(table.Entries(), e => e.Body is CardChecked);

        File.WriteAllBytes(envelope, card);
        string said = table.Run(null).Expect(0).Out;
        Assert.Contains("Nothing was signed", said, StringComparison.Ordinal);
        Assert.Equal((CardChecked.Good, "Zug, notary"),
            table.Entries().Select(e => e.Body).OfType<CardChecked>().Select(c => (c.Result, c.Site)).Single());
        Assert.Single(table.Bundles);

        Directory.Delete(table.Hsm, recursive: true);
        Directory.Move(safe, table.Hsm);
        table.Run(Script.Small("crl-signing")).Expect(0);
        Assert.Equal(2, table.Bundles.Length);
        table.Verifies();
        string due = table.Program("due", table.Bundles[^1], "--at", "2026-01-01", "--json").Out;
        Assert.Contains("2 of 2 good", due, StringComparison.Ordinal);
    }
}
