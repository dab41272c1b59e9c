using KeyCeremony.Core.Journal;

namespace KeyCeremony.Hsm.Tests;

/// <summary>A ledger, an HSM and a bundle that the first program left behind: today's program goes on with them.</summary>
public sealed class FirstProgramTests
{
    [Fact]
    public void A_converted_ledger_goes_on_and_its_next_bundle_verifies_with_the_first_one()
    {
        using var table = Table.Unpacked("closed.tar.gz", "periodic");
        Ran refused = table.Run(Script.Small("crl-signing")).Expect(1);
        Assert.Contains("LEDGER-09", refused.Err, StringComparison.Ordinal);
        Assert.Contains("keyceremony ledger convert OLD-STICK NEW-STICK", refused.Err, StringComparison.Ordinal);

        foreach (string stick in new[] { table.StickA, table.StickB })
            table.Program("ledger", "convert", stick, stick).Expect(0);
        Entry head = table.Entries()[^1];
        Visitors.BringRequests(table);
        table.Run(Script.Small("crl-signing")).Expect(0);

        Assert.Equal(2, table.Bundles.Length);
        Assert.Contains(table.Entries(), e => e.HashHex == head.HashHex);
        table.Verifies();
    }
}
