using System.Formats.Asn1;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Tests.Pki;

public sealed class ToBeSignedTests
{
    [Theory]
    [InlineData("1950-01-01T00:00:00Z", UniversalTagNumber.UtcTime, "500101000000Z")]
    [InlineData("1999-12-31T23:59:59Z", UniversalTagNumber.UtcTime, "991231235959Z")]
    [InlineData("2000-01-01T00:00:00Z", UniversalTagNumber.UtcTime, "000101000000Z")]
    [InlineData("2049-12-31T23:59:59Z", UniversalTagNumber.UtcTime, "491231235959Z")]
    [InlineData("2050-01-01T00:00:00Z", UniversalTagNumber.GeneralizedTime, "20500101000000Z")]
    [InlineData("9999-12-31T23:59:59Z", UniversalTagNumber.GeneralizedTime, "99991231235959Z")]
    public void A_time_is_written_as_RFC_5280_asks(string time, UniversalTagNumber tag, string text)
    {
        var instant = DateTimeOffset.Parse(time);
        ParsedTbs tbs = Samples.Parsed(Samples.Tbs(Samples.Plan("matter-paa") with { NotBefore = instant, NotAfter = instant }));
        Assert.Equal(new EncodedTime(instant, tag, text), tbs.NotAfter);
        Assert.Equal(tbs.NotAfter, tbs.NotBefore);
    }

    [Theory]
    [InlineData("2026-01-01T00:00:00.5Z")]
    [InlineData("2026-01-01T00:00:00+01:00")]
    public void A_time_that_is_not_UTC_in_whole_seconds_is_a_mistake(string time) =>
        Assert.Throws<ArgumentException>(() => Samples.Plan("root") with { NotAfter = DateTimeOffset.Parse(time) });

    [Fact]
    public void The_same_plan_and_key_give_the_same_bytes() =>
        Assert.Equal(Samples.Tbs(Samples.Plan("tls-intermediate")), Samples.Tbs(Samples.Plan("tls-intermediate")));

    [Fact]
    public void The_issuer_is_copied_byte_for_byte_also_in_another_string_type()
    {
        CertificatePlan parent = Samples.Plan("root") with
        {
            Subject = Samples.Name(("C", "DE"), ("O:printable", "Example"), ("CN:printable", "Printable Root")),
        };
        CertificatePlan child = Samples.Plan("mtls-intermediate") with { Issuer = Samples.Sign(parent) };
        Assert.Equal(parent.Subject.Der.ToArray(), Samples.Parsed(Samples.Tbs(child)).Issuer.Der.ToArray());
    }
}
