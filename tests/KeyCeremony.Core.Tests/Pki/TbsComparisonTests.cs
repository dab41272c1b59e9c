using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Tests.Pki;

public sealed class TbsComparisonTests
{
    private static readonly Dictionary<string, Action<TbsEdit>> Changes = new()
    {
        ["version"] = tbs => tbs.Version.Value = [1],
        ["serialNumber"] = tbs => tbs.Serial.Value[^1] ^= 1,
        ["signature"] = tbs => tbs.Signature = DerNode.Parse(KeyAlgorithm.Rsa4096.SignatureAlgorithmIdentifier()),
        ["issuer"] = tbs => tbs.Issuer[1][0][1].Tag = 0x13,
        ["notBefore"] = tbs => tbs.NotBefore.Value[11] ^= 1,
        ["notAfter"] = tbs => tbs.NotAfter.Value[11] ^= 1,
        ["subject"] = tbs => tbs.Subject[2][0][1].Value[0] ^= 1,
        ["subjectPublicKeyInfo.algorithm"] = tbs => tbs.Key[0][1] = DerNode.Parse(TbsEdit.Oid(Oids.EcP384)),
        ["uniqueIdentifiers"] = tbs => tbs.Fields.Children!.Insert(7, DerNode.Primitive(0x81, 0x00, 0x01)),
        ["extensions"] = tbs => tbs.Extensions.Reverse(),
        ["basicConstraints"] = tbs => tbs.SetValue(Oids.BasicConstraints, 0x30, 0x03, 0x01, 0x01, 0xFF),
        ["keyUsage"] = tbs => tbs.SetValue(Oids.KeyUsage, 0x03, 0x02, 0x02, 0x04),
        ["extKeyUsage"] = tbs => tbs.ValueOf(Oids.ExtendedKeyUsage)[^1] ^= 2,
        ["authorityKeyIdentifier"] = tbs => tbs.ValueOf(Oids.AuthorityKeyIdentifier)[^1] ^= 1,
        ["certificatePolicies"] = tbs => tbs.ValueOf(Oids.CertificatePolicies)[^1] ^= 1,
        ["cRLDistributionPoints"] = tbs => tbs.ValueOf(Oids.CrlDistributionPoints)[^1] ^= 1,
    };

    public static TheoryData<string> Fields => [.. Changes.Keys];

    [Theory]
    [MemberData(nameof(Fields))]
    public void A_changed_field_is_named_and_refused(string field)
    {
        byte[] preview = Samples.Tbs(Samples.Plan("tls-intermediate"));
        var edit = new TbsEdit(preview);
        Changes[field](edit);

        var comparison = TbsComparison.Compare(Samples.Parsed(preview), Samples.Parsed(edit.Encode()));

        TbsDifference difference = Assert.Single(comparison.Differences);
        Assert.Equal(field, difference.Field);
        Assert.False(difference.IsAllowed);
        Assert.NotEqual(difference.Preview, difference.Real);
        Assert.Equal("TBS-01", comparison.Refuse()!.Rule);
        Assert.Contains(field, comparison.Refuse()!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("critical")]
    [InlineData("added")]
    [InlineData("removed")]
    [InlineData("repeated")]
    public void A_changed_set_of_extensions_is_refused(string how)
    {
        byte[] preview = Samples.Tbs(Samples.Plan("root"));
        var edit = new TbsEdit(preview);
        if (how == "critical")
            edit.ToggleCritical(Oids.SubjectKeyIdentifier);
        else if (how == "added")
            edit.Add("1.2.3.4", false, 0x05, 0x00);
        else if (how == "removed")
            edit.Remove(Oids.AuthorityKeyIdentifier);
        else
            edit.Extensions.Add(edit.Extension(Oids.KeyUsage));
        var comparison = TbsComparison.Compare(Samples.Parsed(preview), Samples.Parsed(edit.Encode()));
        Assert.Contains(comparison.Differences, difference => difference.Field == "extensions" && !difference.IsAllowed);
        Assert.Equal("TBS-01", comparison.Refuse()!.Rule);
    }

    [Fact]
    public void A_longer_unique_identifier_hides_in_no_field_but_in_the_bytes()
    {
        byte[] With(params byte[] identifier)
        {
            var edit = new TbsEdit(Samples.Tbs(Samples.Plan("root")));
            edit.Fields.Children!.Insert(7, DerNode.Primitive(0x81, identifier));
            return edit.Encode();
        }
        var comparison = TbsComparison.Compare(Samples.Parsed(With(0, 1)), Samples.Parsed(With(0, 2)));
        Assert.Empty(comparison.Differences);
        Assert.Equal("TBS-02", comparison.Refuse()!.Rule);
    }

    [Fact]
    public void Another_key_changes_the_key_and_its_identifiers_and_is_allowed()
    {
        CertificatePlan plan = Samples.Plan("root");
        var comparison = TbsComparison.Compare(Samples.Preview(plan).Tbs, Samples.Parsed(Samples.Tbs(plan)));
        Assert.Equal(["subjectPublicKey", "subjectKeyIdentifier", "authorityKeyIdentifier"],
            comparison.Differences.Select(difference => difference.Field));
        Assert.Null(comparison.Refuse());
    }

    [Fact]
    public void Under_an_issuer_another_authorityKeyIdentifier_is_refused_even_for_an_equal_name()
    {
        CertificatePlan plan = Samples.Plan("transcript-signer") with { Subject = Samples.Plan("root").Subject };
        ParsedTbs preview = Samples.Preview(plan).Tbs;
        var edit = new TbsEdit(preview.Der.ToArray());
        edit.ValueOf(Oids.AuthorityKeyIdentifier)[^1] ^= 1;
        Assert.True(preview.IsSelfIssued);
        Assert.Equal("TBS-01", TbsComparison.Compare(preview, Samples.Parsed(edit.Encode())).Refuse()!.Rule);
    }
}
