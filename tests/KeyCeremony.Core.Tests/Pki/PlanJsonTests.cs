using System.Text;
using System.Text.Json.Nodes;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Tests.Pki;

public sealed class PlanJsonTests
{
    private static readonly string Root = Encoding.UTF8.GetString(PlanJson.Write(Samples.Plan("root")));

    public static TheoryData<string> Profiles => Samples.ProfileNames;

    [Theory]
    [InlineData("PLAN-01", "nothing", "", "")]
    [InlineData("PLAN-01", "another format", "certificate-plan/1", "certificate-plan/2")]
    [InlineData("PLAN-01", "unknown profile", "\"root\"", "\"leaf\"")]
    [InlineData("PLAN-01", "unknown key", "ec-p384", "rsa-2048")]
    [InlineData("PLAN-01", "unknown attribute", "\"type\":\"CN\"", "\"type\":\"DC\"")]
    [InlineData("PLAN-01", "unknown string type", "UTF8String", "BMPString")]
    [InlineData("PLAN-01", "white space", "\"profile\":", "\"profile\": ")]
    [InlineData("PLAN-01", "unknown property", "\"pathLength\":null", "\"pathLength\":null,\"depth\":1")]
    [InlineData("PLAN-01", "missing property", "\"pathLength\":null,", "")]
    [InlineData("PLAN-01", "double property", "\"pathLength\":null", "\"pathLength\":1,\"pathLength\":null")]
    [InlineData("PLAN-01", "null list", "\"policies\":[]", "\"policies\":null")]
    [InlineData("PLAN-01", "null in a list", "\"policies\":[]", "\"policies\":[null]")]
    [InlineData("PLAN-01", "null among the addresses", "\"crlDistributionPoints\":[]", "\"crlDistributionPoints\":[null]")]
    [InlineData("PLAN-01", "null among the purposes", "\"extendedKeyUsage\":null", "\"extendedKeyUsage\":[null]")]
    [InlineData("PLAN-01", "null attribute", "\"subject\":[", "\"subject\":[null,")]
    [InlineData("PLAN-01", "null value", "\"value\":\"DE\"", "\"value\":null")]
    [InlineData("PLAN-01", "half a character", "Example Root", "\\uD800")]
    [InlineData("PLAN-01", "fraction of a second", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.0Z")]
    [InlineData("PLAN-01", "another offset", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00")]
    [InlineData("PLAN-01", "upper-case serial", "\"serial\":\"4", "\"serial\":\"A")]
    [InlineData("PLAN-01", "issuer that is not base64", "\"issuer\":null", "\"issuer\":\"?\"")]
    [InlineData("CERT-01", "issuer that is no certificate", "\"issuer\":null", "\"issuer\":\"MAA=\"")]
    [InlineData("CERT-03", "negative serial", "\"serial\":\"4", "\"serial\":\"9")]
    [InlineData("NAME-05", "bad name", "\"DE\"", "\"de\"")]
    [InlineData("PLAN-02", "issued profile without an issuer", "\"root\"", "\"tls-intermediate\"")]
    [InlineData("PLAN-05", "path length out of range", "\"pathLength\":null", "\"pathLength\":100")]
    public void A_changed_plan_is_refused(string rule, string why, string from, string to)
    {
        string json = from.Length == 0 ? to : Root.Replace(from, to, StringComparison.Ordinal);
        Assert.NotEqual(Root, json);
        Assert.False(PlanJson.TryRead(Encoding.UTF8.GetBytes(json), out CertificatePlan? plan, out Refusal? refusal), why);
        Assert.Null(plan);
        Assert.Equal(rule, refusal.Rule);
    }

    [Fact]
    public void A_plan_over_the_limit_is_refused()
    {
        Assert.False(PlanJson.TryRead(new byte[(64 * 1024) + 1], out _, out Refusal? refusal));
        Assert.Equal("PLAN-01", refusal.Rule);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_plan_reads_back_to_the_same_JSON_and_the_same_TBS(string profile)
    {
        CertificatePlan plan = Samples.Plan(profile);
        Assert.True(PlanJson.TryRead(PlanJson.Write(plan), out CertificatePlan? read, out _));
        Assert.Equal(PlanJson.Write(plan), PlanJson.Write(read));
        Assert.Equal(Samples.Tbs(plan), Samples.Tbs(read));
    }

    [Fact]
    public void The_form_is_the_documented_one()
    {
        JsonObject document = JsonNode.Parse(Root)!.AsObject();
        Assert.Equal(
            ["format", "profile", "subject", "issuer", "key", "serial", "notBefore",
                "notAfter", "pathLength", "extendedKeyUsage", "policies", "crlDistributionPoints"],
            document.Select(property => property.Key));
        Assert.Equal("""{"type":"C","string":"PrintableString","value":"DE"}""", document["subject"]![0]!.ToJsonString());
        Assert.Equal("2026-01-01T00:00:00Z", (string)document["notBefore"]!);
    }
}
