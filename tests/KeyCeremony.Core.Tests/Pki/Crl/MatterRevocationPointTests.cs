using System.Text.Json;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Crl;

namespace KeyCeremony.Core.Tests.Pki.Crl;

public sealed class MatterRevocationPointTests
{
    private const string Url = "https://crl.example.com/paa.crl";

    private static readonly ParsedCertificate Paa = Samples.Certificate("matter-paa");
    private static readonly ParsedCertificate Signer = Samples.Certificate("crl-signer");

    [Theory]
    [InlineData("", Url, null)]
    [InlineData("a label of sixty-five characters ................................", Url, null)]
    [InlineData("l\u00E4bel", Url, null)]
    [InlineData("label", "ftp://crl.example.com/paa.crl", null)]
    [InlineData("label", "crl.example.com", null)]
    [InlineData("label", "https://crl.example.com/\u00E4", null)]
    [InlineData("label", Url, "FFF2")]
    [InlineData("label", Url, "fff1")]
    public void A_record_the_ledger_would_not_take_is_refused(string label, string url, string? vendor)
    {
        Assert.False(MatterRevocationPoint.TryCreate(Paa, delegator: null, vendor,
            label, url, out MatterRevocationPoint? point, out Refusal? refusal));
        Assert.Equal("DCL-01", refusal.Rule);
        Assert.Null(point);
    }

    [Fact]
    public void A_delegate_needs_the_one_who_delegated()
    {
        Assert.False(MatterRevocationPoint.TryCreate(Signer, delegator: null, vendor: null, "label", Url, out _, out _));
        Assert.False(MatterRevocationPoint.TryCreate(Signer, Samples.Certificate("root"), "FFF1", "label", Url, out _, out _));
        Assert.False(MatterRevocationPoint.TryCreate(Samples.Certificate("transcript-signer"),
            delegator: null, "FFF1", "label", Url, out _, out _));
    }

    [Fact]
    public void The_record_of_a_PAA_has_the_fields_of_the_ledger()
    {
        Assert.True(MatterRevocationPoint.TryCreate(Paa, delegator: null, vendor: null,
            "paa", Url, out MatterRevocationPoint? point, out _));
        JsonElement json = JsonDocument.Parse(point.ToJson()).RootElement;
        Assert.Equal(["vid", "pid", "isPAA", "label", "crlSignerCertificate", "crlSignerDelegator",
            "issuerSubjectKeyID", "dataURL", "revocationType", "schemaVersion"],
            json.EnumerateObject().Select(property => property.Name));
        Assert.Equal((0xFFF1, 0, true, 1), (json.GetProperty("vid").GetInt32(), json.GetProperty("pid").GetInt32(),
            json.GetProperty("isPAA").GetBoolean(), json.GetProperty("revocationType").GetInt32()));
        Assert.Equal(Convert.ToHexString(Paa.ToBeSigned.SubjectKeyIdentifier!.Value.Span),
            json.GetProperty("issuerSubjectKeyID").GetString());
        Assert.StartsWith("-----BEGIN CERTIFICATE-----\n", json.GetProperty("crlSignerCertificate").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_record_of_a_delegate_names_whose_CRL_it_is()
    {
        Assert.True(MatterRevocationPoint.TryCreate(Signer, Paa, vendor: null, "paa", Url, out MatterRevocationPoint? point, out _));
        JsonElement json = JsonDocument.Parse(point.ToJson()).RootElement;
        Assert.Equal(Convert.ToHexString(Paa.ToBeSigned.SubjectKeyIdentifier!.Value.Span),
            json.GetProperty("issuerSubjectKeyID").GetString());
        Assert.NotEqual(json.GetProperty("crlSignerDelegator").GetString(), json.GetProperty("crlSignerCertificate").GetString());
        Assert.True(json.GetProperty("isPAA").GetBoolean());
    }
}
