using System.Security.Cryptography;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Requests;
using static KeyCeremony.Core.Tests.Pki.Requests.RequestWriter;

namespace KeyCeremony.Core.Tests.Pki.Requests;

public sealed class RequestDifferenceTests
{
    private static readonly byte[] KeyUsageOfCa = [0x03, 0x02, 0x01, 0x06];

    public static TheoryData<string, byte[]> Contradictions => new()
    {
        { "REQ-20", WithExtensions(Extension(Oids.BasicConstraints, Der.Sequence())).Write() },
        { "REQ-21", WithExtensions(Extension(Oids.BasicConstraints, Der.Sequence(Der.True, Der.Integer(1)))).Write() },
        { "REQ-22", WithExtensions(Extension(Oids.KeyUsage, [0x03, 0x02, 0x07, 0x80])).Write() },
        { "REQ-22", WithExtensions(Extension(Oids.KeyUsage, [0x03, 0x02, 0x02, 0x04])).Write() },
        { "REQ-23", With(WeakRsa.OfSize(2048)).Write() },
        { "REQ-24", KeyProofs.Make(ECDsa.Create(ECCurve.NamedCurves.nistP256), purpose: "tls-intermediate") },
        { "REQ-25", KeyProofs.Make(ECDsa.Create(ECCurve.NamedCurves.nistP256), purpose: "mtls-intermediate", environment: "staging") },
        { "REQ-25", Named("STAGING Example CA").Write() },
    };

    [Theory]
    [MemberData(nameof(Contradictions))]
    public void A_request_that_contradicts_the_script_is_refused(string rule, byte[] file)
    {
        RequestComparison comparison = Compare(file);

        Assert.Equal(rule, comparison.Contradiction?.Rule);
        Assert.Single(comparison.Rows, row => row.Agreement == Agreement.Contradiction);
    }

    [Fact]
    public void A_request_that_asks_for_a_CA_where_none_is_granted_is_refused()
    {
        byte[] file = WithExtensions(Extension(Oids.BasicConstraints, Der.Sequence(Der.True))).Write();
        Assert.Equal("REQ-20", Compare(file, Samples.Plan("ocsp-responder")).Contradiction?.Rule);
    }

    /// <summary>Whoever names keys by another hash looks for the certificate under a name that it will not have.</summary>
    [Fact]
    public void Another_identifier_than_the_one_that_is_written_is_shown()
    {
        Assert.DoesNotContain(Compare(new RequestWriter().Write()).Rows, row => row.Field == "subjectKeyIdentifier");
        foreach (int length in new[] { 0, 1, 8, 20, 32, 33, 200 })
        {
            byte[] asked = [.. Enumerable.Repeat((byte)0xAB, length)];
            byte[] file = WithExtensions(Extension(Oids.SubjectKeyIdentifier, Octets(asked))).Write();
            RequestComparison comparison = Compare(file);
            DifferenceRow row = Row(comparison, "subjectKeyIdentifier");
            string hex = Convert.ToHexStringLower(asked.AsSpan(0, Math.Min(length, 32)));
            Assert.Equal((Agreement.Differs, length == 0 ? "an empty one" : length > 32 ? $"{hex}… ({length} bytes)" : hex),
                (row.Agreement, row.Asked));
            Assert.Null(comparison.Contradiction);
            // The one that is granted, asked for, is no difference.
            Assert.DoesNotContain(Compare(WithExtensions(Extension(Oids.SubjectKeyIdentifier,
                Octets(Convert.FromHexString(row.Granted)))).Write()).Rows, r => r.Field == "subjectKeyIdentifier");
            Assert.True(RequestFile.TryRead(file, out RequestFile? request, out _));
            Assert.DoesNotContain(RequestDifference.Between(request, Samples.Plan("mtls-intermediate"), "production",
                identifier: false).Rows,
                r => r.Field == "subjectKeyIdentifier");
        }
    }

    private static byte[] Octets(byte[] content)
    {
        var writer = new System.Formats.Asn1.AsnWriter(System.Formats.Asn1.AsnEncodingRules.DER);
        writer.WriteOctetString(content);
        return writer.Encode();
    }

    [Fact]
    public void A_request_that_asks_for_nothing_contradicts_nothing()
    {
        RequestComparison comparison = Compare(new RequestWriter().Write());

        Assert.Null(comparison.Contradiction);
        Assert.Equal(Agreement.Same, Row(comparison, "key").Agreement);
        Assert.Equal(Agreement.Differs, Row(comparison, "subject").Agreement);
        Assert.Equal((Agreement.NotAsked, "yes"), (Row(comparison, "CA").Agreement, Row(comparison, "CA").Granted));
        Assert.Equal((Agreement.NotAsked, "0"), (Row(comparison, "path length").Agreement, Row(comparison, "path length").Granted));
        Assert.Equal(Agreement.NotAsked, Row(comparison, "keyUsage").Agreement);
    }

    [Fact]
    public void A_request_that_asks_for_what_is_granted_is_the_same_throughout()
    {
        CertificatePlan plan = Samples.Plan("mtls-intermediate");
        RequestWriter file = WithExtensions(
            Extension(Oids.BasicConstraints, Der.Sequence(Der.True, Der.Integer(0)), critical: true),
            Extension(Oids.KeyUsage, KeyUsageOfCa, critical: true),
            Extension(Oids.ExtendedKeyUsage, Der.Sequence(Der.Oid(Oids.ServerAuth), Der.Oid(Oids.ClientAuth)))) with
        { Subject = plan.Subject.Der.ToArray() };

        RequestComparison comparison = Compare(file.Write());

        Assert.Equal(["cRLDistributionPoints"], comparison.Rows.Where(row => row.Agreement != Agreement.Same).Select(row => row.Field));
    }

    [Fact]
    public void What_is_asked_and_not_granted_is_shown()
    {
        RequestComparison comparison = Compare(WithExtensions(
            Extension(Oids.SubjectAlternativeName, Der.Sequence(Der.Value(0x82, "ca.example.com"u8.ToArray()))),
            Extension("1.3.6.1.4.1.99999.7", Der.Null),
            Extension(Oids.CertificatePolicies, Der.Sequence()),
            Extension(Oids.ExtendedKeyUsage, Der.Sequence(Der.Oid(Oids.CodeSigning)))).Write());

        Assert.Null(comparison.Contradiction);
        Assert.Equal("subjectAltName: asked DNS:ca.example.com; granted nothing (differs)", $"{Row(comparison, "subjectAltName")}");
        Assert.Equal(Agreement.Differs, Row(comparison, "1.3.6.1.4.1.99999.7").Agreement);
        Assert.Equal(Agreement.Differs, Row(comparison, "certificatePolicies").Agreement);
        Assert.Equal("extKeyUsage: asked codeSigning; granted clientAuth, serverAuth (differs)", $"{Row(comparison, "extKeyUsage")}");
    }

    /// <summary>What certtool and AD CS write into every request of a CA. In formats 1 and 2 it was a contradiction.</summary>
    [Fact]
    public void A_key_usage_beyond_what_is_granted_is_shown_and_not_granted()
    {
        byte[] file = WithExtensions(Extension(Oids.KeyUsage, [0x03, 0x02, 0x01, 0x86])).Write();
        Assert.Equal("keyUsage: asked digitalSignature, keyCertSign, cRLSign; granted keyCertSign, cRLSign (differs)",
            $"{Row(Compare(file), "keyUsage")}");
        Assert.True(RequestFile.TryRead(file, out RequestFile? request, out _));
        Assert.Equal("REQ-22",
            RequestDifference.Between(request, Samples.Plan("mtls-intermediate"), "production", exactUsage: true).Contradiction?.Rule);
    }

    [Fact]
    public void A_subject_of_the_same_words_in_another_encoding_is_said_to_differ()
    {
        byte[] subject = Name(Country("DE"), NameAttribute(Oids.Organization, Der.Printable("Example Devices GmbH")),
            CommonName("Example mtls-intermediate"));
        DifferenceRow row = Row(Compare((new RequestWriter() with { Subject = subject }).Write()), "subject");

        Assert.Equal(Agreement.Differs, row.Agreement);
        Assert.EndsWith("(encoded in another way)", row.Asked, StringComparison.Ordinal);
    }

    private static DifferenceRow Row(RequestComparison comparison, string field) => comparison.Rows.Single(row => row.Field == field);

    private static RequestComparison Compare(byte[] file, CertificatePlan? plan = null) =>
        RequestFile.TryRead(file, out RequestFile? request, out Refusal? refusal)
            ? RequestDifference.Between(request, plan ?? Samples.Plan("mtls-intermediate"), "production")
            : throw new ArgumentException(refusal.ToString());
}
