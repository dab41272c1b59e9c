using System.Collections.Immutable;
using KeyCeremony.Core.Ceremony.Retelling;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.Core.Tests.Ceremony;

/// <summary>What an entry of the step <c>ledger</c> may say was put right at the opening.</summary>
public sealed class LedgerFindingsTests
{
    private static readonly Finding Stick = new("LEDGER-10", "pass", "stick: 9 entries, unbroken, head aa");

    [Theory]
    [InlineData("LEDGER-08 fail", "LEDGER-13 warning")]
    [InlineData("LEDGER-08 pass")]
    [InlineData("LEDGER-08 warning", "LEDGER-08 warning")]
    [InlineData("LEDGER-13 warning", "LEDGER-08 warning")]
    [InlineData("LEDGER-08 warning", "LEDGER-13 warning", "LEDGER-13 warning")]
    [InlineData("LEDGER-09 warning")]
    public void What_no_opening_leaves_is_refused(params string[] putRight) => Assert.NotNull(Said(putRight));

    [Theory]
    [InlineData]
    [InlineData("LEDGER-13 warning")]
    [InlineData("LEDGER-13 fail")]
    [InlineData("LEDGER-08 warning")]
    [InlineData("LEDGER-08 warning", "LEDGER-13 warning")]
    [InlineData("LEDGER-08 warning", "LEDGER-13 fail")]
    public void What_openings_leave_is_taken(params string[] putRight) => Assert.Null(Said(putRight));

    /// <summary>So the first program said it of its database, and its bundles stay verified.</summary>
    [Fact]
    public void A_stick_may_fail_a_rule_that_means_something_else_today() =>
        Assert.Null(FindingForms.Ledger([new("LEDGER-08", "fail", "the triggers are gone"), Stick], 9, "aa"));

    private static string? Said(string[] putRight) =>
        FindingForms.Ledger([.. putRight.Select(p => new Finding(p[..9], p[10..], "text")), Stick, Stick], 9, "aa");
}
