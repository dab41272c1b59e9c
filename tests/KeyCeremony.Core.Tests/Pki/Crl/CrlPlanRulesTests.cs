using System.Numerics;
using KeyCeremony.Core.Pki.Crl;

namespace KeyCeremony.Core.Tests.Pki.Crl;

public sealed class CrlPlanRulesTests
{
    private static readonly CrlPlan Plan = CrlRoom.P256.Plan;

    private static readonly Dictionary<string, (string Rule, CrlPlan Plan)> BadPlans = new()
    {
        ["a local thisUpdate"] = ("CRL-06", Plan with { ThisUpdate = CrlRoom.Now.ToOffset(TimeSpan.FromHours(1)) }),
        ["a fraction of a second"] = ("CRL-06", Plan with { NextUpdate = CrlRoom.Now.AddMilliseconds(1) }),
        ["no lifetime"] = ("CRL-06", Plan with { NextUpdate = CrlRoom.Now }),
        ["a lifetime of 366 days and a second"] = ("CRL-07", Plan with { NextUpdate = CrlRoom.Now.AddDays(366).AddSeconds(1) }),
        ["thisUpdate before the issuer"] = ("CRL-03",
            Plan with { ThisUpdate = CrlRoom.Start.AddSeconds(-1), NextUpdate = CrlRoom.Start.AddDays(30) }),
        ["nextUpdate after the issuer"] = ("CRL-03",
            Plan with { ThisUpdate = CrlRoom.Start.AddYears(40).AddDays(-1), NextUpdate = CrlRoom.Start.AddYears(40).AddSeconds(1) }),
        ["number 0"] = ("CRL-08", Plan with { Number = 0 }),
        ["a number below 0"] = ("CRL-08", Plan with { Number = -1 }),
        ["a number of 21 bytes"] = ("CRL-08", Plan with { Number = BigInteger.One << 159 }),
        ["an issuer without cRLSign"] = ("CRL-09", Plan with { Issuer = Samples.Certificate("transcript-signer") }),
        ["a partition that says nothing"] = ("CRL-20", Plan with { Partition = new CrlPartition() }),
        ["an ldap address"] = ("CRL-20", Plan with { Partition = new CrlPartition(Uri: "ldap://a.example/x") }),
        ["a shard without an address"] = ("CRL-20", Plan with { Partition = new CrlPartition(Shard: new SerialShard(0, 2)) }),
        ["a shard beyond the last"] = ("CRL-20",
            Plan with { Partition = new CrlPartition(Uri: "http://a.example/x", Shard: new SerialShard(2, 2)) }),
        ["a single shard"] = ("CRL-20",
            Plan with { Partition = new CrlPartition(Uri: "http://a.example/x", Shard: new SerialShard(0, 1)) }),
        ["a Matter CRL without its address"] = ("CRL-21", Plan with { Partition = new CrlPartition(IsMatter: true) }),
        ["a Matter CRL that covers a part"] = ("CRL-21",
            Plan with { Partition = new CrlPartition(CrlCoverage.CaCertificates, "http://a.example/x", IsMatter: true) }),
        ["a Matter CRL under P-384"] = ("CRL-21",
            CrlRoom.P384.Plan with { Partition = new CrlPartition(Uri: "http://a.example/x", IsMatter: true) }),
    };

    public static TheoryData<string> Bad => [.. BadPlans.Keys];

    [Theory]
    [MemberData(nameof(Bad))]
    public void A_bad_plan_is_refused_and_nothing_is_written(string what)
    {
        (string? rule, CrlPlan? plan) = BadPlans[what];
        Assert.Equal(rule, CrlPlanRules.Check(plan)?.Rule);
        using var spool = new MemoryStream();
        Assert.False(CrlWriter.TryPrepare(plan, CrlRoom.MergedIn(plan.Partition?.Shard),
            spool, entriesWritten: null, out PreparedCrl? prepared, out Refusal? refusal));
        Assert.Equal((rule, 0L), (refusal.Rule, spool.Length));
        Assert.Null(prepared);
    }

    [Fact]
    public void A_good_plan_is_accepted()
    {
        Assert.Null(CrlPlanRules.Check(Plan));
        Assert.Null(CrlPlanRules.Check(Plan with { NextUpdate = CrlRoom.Now.AddDays(366), Number = (BigInteger.One << 159) - 1 }));
        Assert.Null(CrlPlanRules.Check(CrlRoom.Delegate.Plan with
        {
            Partition = new CrlPartition(Uri: "https://a.example/x.crl", IsMatter: true),
        }));
    }

    [Fact]
    public void Entries_against_the_plan_are_refused()
    {
        Assert.Equal("CRL-16", Refused(Plan, CrlRoom.Merged(CrlRoom.Entry("01"), CrlRoom.Entry("02", reason: null))));
        Assert.Null(Refused(Plan with { CoversCaCertificates = false }, CrlRoom.Merged(CrlRoom.Entry("02", reason: null))));
        Assert.Equal("CRL-17", Refused(Plan with { ThisUpdate = CrlRoom.Start.AddDays(9), NextUpdate = CrlRoom.Start.AddDays(99) },
            CrlRoom.Merged(CrlRoom.Entry("01", day: 10))));
        Assert.Equal("CRL-17", Refused(Plan with { ThisUpdate = CrlRoom.Start.AddDays(9), NextUpdate = CrlRoom.Start.AddDays(99) },
            CrlRoom.Merged(CrlRoom.Entry("01", invalidity: CrlRoom.Start.AddDays(10)))));
        Assert.Equal("REVOKE-06", Refused(Plan, CrlRoom.MergedIn(new SerialShard(0, 2), CrlRoom.Entry("02"))));
    }

    [Fact]
    public void The_chain_has_no_gap_no_step_back_and_no_silent_hole()
    {
        var previous = new CrlLink(7, CrlRoom.Now.AddDays(-30), CrlRoom.Now.AddDays(10));
        CrlPlan next = Plan with { Number = 8 };
        Assert.Empty(CrlChain.Check(next, previous));
        Assert.Empty(CrlChain.Check(Plan, previous: null));
        Assert.Equal(["CRL-30"], Rules(next with { Number = 7 }, previous));
        Assert.Equal(["CRL-30"], Rules(next with { Number = 9 }, previous));
        Assert.Equal(["CRL-30"], Rules(next, null));
        Assert.Equal(["CRL-31"], Rules(next with { ThisUpdate = previous.ThisUpdate.AddSeconds(-1) }, previous));
        Assert.Equal(["CRL-32"], Rules(next with { NextUpdate = previous.NextUpdate.AddSeconds(-1) }, previous));
        Assert.Equal([CrlRules.Hole.Id], Rules(next with { ThisUpdate = previous.NextUpdate.AddSeconds(1) }, previous));
        Assert.Empty(Rules(next with { ThisUpdate = previous.NextUpdate }, previous));
    }

    [Fact]
    public void A_previous_CRL_of_another_issuer_key_or_partition_is_refused()
    {
        (CrlFacts? facts, List<Revocation> _) = CrlRoom.Read(CrlRoom.P256.Issue(CrlRoom.Entry("01")));
        Assert.Null(CrlChain.CheckIssuer(Plan, facts));
        Assert.Equal("CRL-34", CrlChain.CheckIssuer(CrlRoom.P384.Plan, facts)?.Rule);
        Assert.Equal("CRL-34", CrlChain.CheckIssuer(Plan with { Issuer = Samples.Certificate("root") }, facts)?.Rule);
        Assert.Equal("CRL-34", CrlChain.CheckIssuer(Plan with { Partition = new CrlPartition(CrlCoverage.CaCertificates) }, facts)?.Rule);
    }

    private static IEnumerable<string> Rules(CrlPlan plan, CrlLink? previous) =>
        CrlChain.Check(plan, previous).Select(refusal => refusal.Rule);

    private static string? Refused(CrlPlan plan, MergedRevocations merged) =>
        CrlWriter.TryPrepare(plan, merged, new MemoryStream(), entriesWritten: null, out _, out Refusal? refusal) ? null : refusal.Rule;
}
