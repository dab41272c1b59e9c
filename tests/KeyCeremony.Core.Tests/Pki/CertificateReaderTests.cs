using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Tests.Pki;

public sealed class CertificateReaderTests
{
    private static readonly Dictionary<string, Action<TbsEdit>> BadTbs = new()
    {
        ["a default version written out"] = tbs => tbs.Version.Value = [0],
        ["version 4"] = tbs => tbs.Version.Value = [3],
        ["a default FALSE criticality written out"] = tbs => tbs.Extension(Oids.SubjectKeyIdentifier).Children!.Insert(1,
            DerNode.Primitive(0x01, 0x00)),
        ["a TRUE that is not FF"] = tbs => tbs.Extension(Oids.KeyUsage)[1].Value = [0x01],
        ["a default FALSE cA written out"] = tbs => tbs.SetValue(Oids.BasicConstraints, 0x30, 0x03, 0x01, 0x01, 0x00),
        ["a negative path length"] = tbs => tbs.SetValue(Oids.BasicConstraints, 0x30, 0x06, 0x01, 0x01, 0xFF, 0x02, 0x01, 0xFF),
        ["bytes after basicConstraints"] = tbs => tbs.SetValue(Oids.BasicConstraints, 0x30, 0x03, 0x01, 0x01, 0xFF, 0x00),
        ["keyUsage with a trailing zero bit"] = tbs => tbs.SetValue(Oids.KeyUsage, 0x03, 0x02, 0x00, 0x06),
        ["an empty extension list"] = tbs => tbs.Extensions.Clear(),
        ["more extensions than the limit"] = tbs => tbs.Extensions.AddRange(Enumerable.Repeat(tbs.Extension(Oids.KeyUsage), 40)),
        ["an empty extKeyUsage"] = tbs => tbs.Add(Oids.ExtendedKeyUsage, false, 0x30, 0x00),
        ["empty policies"] = tbs => tbs.Add(Oids.CertificatePolicies, false, 0x30, 0x00),
        ["a policy with an empty list of qualifiers"] = tbs => tbs.Add(Oids.CertificatePolicies,
            false, 0x30, 0x07, 0x30, 0x05, 0x06, 0x01, 0x2A, 0x30, 0x00),
        ["an empty CRL distribution point"] = tbs => tbs.Add(Oids.CrlDistributionPoints, false, 0x30, 0x00),
        ["a distribution point with an empty CRL issuer"] = tbs => tbs.Add(Oids.CrlDistributionPoints,
            false, 0x30, 0x04, 0x30, 0x02, 0xA2, 0x00),
        ["a distribution point with reasons alone"] = tbs => tbs.Add(Oids.CrlDistributionPoints,
            false, 0x30, 0x06, 0x30, 0x04, 0x81, 0x02, 0x06, 0x40),
        ["a distribution point with nothing"] = tbs => tbs.Add(Oids.CrlDistributionPoints, false, 0x30, 0x02, 0x30, 0x00),
        ["a key of broken bits"] = tbs => tbs.Key[1].Value[0] = 1,
        ["a serial that is not minimal"] = tbs => tbs.Serial.Value = [0, .. tbs.Serial.Value],
        ["a time without seconds"] = tbs => tbs.NotBefore.Value = "2601010000Z"u8.ToArray(),
        ["a local time"] = tbs => tbs.NotBefore.Value = "260101000000+0100"u8.ToArray(),
        ["a time that does not exist"] = tbs => tbs.NotBefore.Value = "260230000000Z"u8.ToArray(),
        ["a third time"] = tbs => tbs.Fields[4].Children!.Add(tbs.NotAfter),
        ["a field after the extensions"] = tbs => tbs.Fields.Children!.Add(DerNode.Primitive(0x05)),
    };

    public static TheoryData<string> Bad => [.. BadTbs.Keys];

    [Theory]
    [MemberData(nameof(Bad))]
    public void A_TBS_out_of_shape_is_refused(string what)
    {
        var edit = new TbsEdit(Samples.Tbs(Samples.Plan("root")));
        BadTbs[what](edit);
        Assert.False(CertificateReader.TryReadToBeSigned(edit.Encode(), out ParsedTbs? tbs, out Refusal? refusal), what);
        Assert.Null(tbs);
        Assert.Equal("CERT-01", refusal.Rule);
    }

    [Fact]
    public void A_byte_after_the_certificate_is_refused()
    {
        Assert.False(CertificateReader.TryReadCertificate((byte[])[.. Samples.Certificate("root").Der.Span, 0],
            out _, out Refusal? refusal));
        Assert.Equal("CERT-01", refusal.Rule);
    }

    [Fact]
    public void A_length_in_long_form_is_refused()
    {
        ReadOnlySpan<byte> der = Samples.Certificate("matter-paa").Der.Span;
        Assert.Equal(0x82, der[1]);
        Assert.False(CertificateReader.TryReadCertificate((byte[])[der[0], 0x83, 0x00, .. der[2..]], out _, out Refusal? refusal));
        Assert.Equal("CERT-01", refusal.Rule);
    }

    [Fact]
    public void A_certificate_over_the_limit_is_refused()
    {
        Assert.False(CertificateReader.TryReadCertificate(new byte[CertificateReader.MaxBytes + 1], out _, out Refusal? refusal));
        Assert.Contains("16385", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_prefix_of_a_certificate_is_refused()
    {
        ReadOnlyMemory<byte> der = Samples.Certificate("tls-intermediate").Der;
        for (int length = 0; length < der.Length; length++)
            Assert.False(CertificateReader.TryReadCertificate(der[..length], out _, out _));
    }

    [Fact]
    public void The_reader_keeps_no_hold_on_the_callers_bytes()
    {
        byte[] bytes = Samples.Certificate("root").Der.ToArray();
        Assert.True(CertificateReader.TryReadCertificate(bytes, out ParsedCertificate? certificate, out _));
        Array.Clear(bytes);
        Assert.True(certificate.IsSignedBy(certificate.ToBeSigned.SubjectPublicKeyInfo.Span));
    }
}
