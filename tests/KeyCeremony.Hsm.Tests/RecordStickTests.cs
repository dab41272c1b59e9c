using KeyCeremony.Core.Journal;

namespace KeyCeremony.Hsm.Tests;

/// <summary>One ceremony, stopped twice and then closed: sticks of three ages for one HSM.</summary>
public sealed class SticksOfThreeAges : IDisposable
{
    public SticksOfThreeAges()
    {
        Young = Table.Laid();
        // A bag that has no line of its own takes a new number; a card that opens the HSM behind the close goes into another one.
        Young[":bag/*"] = null;
        Young["close:bag/*"] = "@new";
        Young["seal-cards:bag/drill HSM"] = null;
        Young.Run(Script.SmallRoot).Expect(1);
        Middle = Young.Copy();
        Middle["seal-cards:bag/drill HSM"] = "KC-0007";
        Middle["seal-equipment:bag/record stick B"] = null;
        Middle.Run(null).Expect(1);
        Closed = Middle.Copy();
        Closed["seal-equipment:bag/record stick B"] = "KC-0010";
        Closed.Run(null).Expect(0);
        Other = Table.After(Script.SmallRoot);
    }

    internal Table Young { get; }

    internal Table Middle { get; }

    internal Table Closed { get; }

    /// <summary>Another ledger.</summary>
    internal Table Other { get; }

    public void Dispose()
    {
        foreach (Table table in new[] { Young, Middle, Closed, Other })
            table.Dispose();
    }
}

/// <summary>Sticks that are old, foreign, damaged or missing are refused with the way out, and the way out works.</summary>
public sealed class RecordStickTests(SticksOfThreeAges ages) : IClassFixture<SticksOfThreeAges>
{
    [Fact]
    public void The_hsm_remembers_that_the_ceremony_was_closed()
    {
        using Table table = ages.Closed.Copy();
        Swap(ages.Middle.StickA, table.StickA);
        Swap(ages.Middle.StickB, table.StickB);
        table["seal-equipment:bag/record stick B"] = "KC-0010";

        Ran refused = table.Run(null).Expect(1);
        Assert.Contains("HSM-05", refused.Said, StringComparison.Ordinal);
        Assert.Contains("older than the last ceremony", refused.Said, StringComparison.Ordinal);
        Assert.Contains("restore the ledger from the last bundle", refused.Said, StringComparison.Ordinal);
        Assert.DoesNotContain(table.Entries(), e => e.Body is CheckpointSigned);
    }

    [Fact]
    public void A_stick_of_another_ledger_is_refused()
    {
        using Table table = ages.Middle.Copy();
        Swap(ages.Other.StickB, table.StickB);
        Refused(table, "LEDGER-11", "another ledger");
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void A_damaged_stick_is_refused_and_replaced_from_the_good_one(double where)
    {
        using Table table = ages.Middle.Copy();
        using (FileStream file = File.Open(Ledger(table.StickB), FileMode.Open))
        {
            // A medium loses sectors, not bits.
            file.Position = (long)(file.Length * where) / 512 * 512;
            file.Write(new byte[512]);
        }
        Ran refused = table.Run(null).Expect(1);
        Assert.Matches("LEDGER-10", refused.Err);
        Assert.Contains(table.StickB, refused.Err, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled exception", refused.Said, StringComparison.Ordinal);
        ReplacedFromTheGoodOne(table);
    }

    [Fact]
    public void A_missing_stick_is_refused_and_replaced_from_the_good_one()
    {
        using Table table = ages.Middle.Copy();
        File.Delete(Ledger(table.StickB));
        Refused(table, "LEDGER-05", "keyceremony ledger copy GOOD-STICK NEW-STICK");
        ReplacedFromTheGoodOne(table);
    }

    [Fact]
    public void Two_missing_sticks_begin_no_new_story()
    {
        using Table table = ages.Middle.Copy();
        File.Delete(Ledger(table.StickA));
        File.Delete(Ledger(table.StickB));
        Refused(table, "OPEN-03", "script");
    }

    [Fact]
    public void A_stick_that_lags_is_brought_up_to_date_on_request_and_signed_off()
    {
        using Table table = ages.Middle.Copy();
        Swap(ages.Young.StickB, table.StickB);
        Refused(table, "LEDGER-13", "--catch-up");

        table["seal-equipment:bag/record stick B"] = "KC-0010";
        table.Run(null, "--catch-up").Expect(0);
        Assert.Contains(table.Entries(), e => e.Body is ExceptionRaised { Rule: "LEDGER-13" });
        table.Verifies();
    }

    private static void ReplacedFromTheGoodOne(Table table)
    {
        Directory.Delete(table.StickB, recursive: true);
        Directory.CreateDirectory(table.StickB);
        table.Program("ledger", "copy", table.StickA, table.StickB).Expect(0);
        table["seal-equipment:bag/record stick B"] = "KC-0010";
        table.Run(null).Expect(0);
        table.Verifies();
    }

    private static void Refused(Table table, string rule, string wayOut)
    {
        Ran refused = table.Run(null).Expect(1);
        Assert.Contains(rule, refused.Err, StringComparison.Ordinal);
        Assert.Contains(wayOut, refused.Err, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled exception", refused.Said, StringComparison.Ordinal);
    }

    private static void Swap(string from, string to) => File.Copy(Ledger(from), Ledger(to), overwrite: true);

    private static string Ledger(string stick) => Path.Combine(stick, "keyceremony.journal");
}
