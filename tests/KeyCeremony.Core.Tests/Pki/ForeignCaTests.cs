using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Tests.Pki.Requests;

namespace KeyCeremony.Core.Tests.Pki;

/// <summary>Certificates of other CAs of which one thing is wrong, and some of which nothing is.</summary>
public sealed class ForeignCaTests
{
    private static readonly DateTimeOffset Begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly ECDsa Key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly ECDsa OtherKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    [Theory]
    [InlineData("CN=Partner", "CN=Partner", true)]
    [InlineData("CN=Partner", "CN=Another", true)]
    [InlineData("CN=Partner", "CN=Another", false)] // another key's certificate: its own CA judges it
    public void One_that_others_may_use_is_taken(string subject, string issuer, bool own) =>
        Assert.Null(ForeignCa.WhyNot(Read(Made(subject, issuer, own))));

    [Fact]
    public void One_that_was_changed_or_that_another_key_signed_is_not()
    {
        Assert.Contains("does not hold under its own key", ForeignCa.WhyNot(Read(Made("CN=Partner", "CN=Partner", own: false))),
            StringComparison.Ordinal);
        byte[] changed = Made("CN=Partner", "CN=Partner", own: true);
        changed[^1] ^= 1;
        Assert.Contains("does not hold under its own key", ForeignCa.WhyNot(Read(changed)), StringComparison.Ordinal);
    }

    /// <summary>RFC 4210 4.4: a CA's new key under its old one, which is named by its identifier.</summary>
    [Fact]
    public void A_new_key_that_the_old_one_of_the_same_name_signed_is_taken()
    {
        var old = new X509SubjectKeyIdentifierExtension(new PublicKey(OtherKey), false);
        Assert.Null(ForeignCa.WhyNot(Read(Made("CN=Partner", "CN=Partner", own: false,
            X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(old)))));
    }

    /// <summary>The same where the old one is named by issuer and serial number alone; who names itself so is its own signer.</summary>
    [Fact]
    public void A_new_key_whose_old_one_is_named_by_serial_number_is_taken()
    {
        var partner = new X500DistinguishedName("CN=Partner");
        Assert.Null(ForeignCa.WhyNot(Read(Made("CN=Partner", "CN=Partner", own: false,
            X509AuthorityKeyIdentifierExtension.CreateFromIssuerNameAndSerialNumber(partner, [0x77, 0x01])))));
        byte[] serial = Read(Made("CN=Partner", "CN=Partner", own: false)).ToBeSigned.Serial.ToArray();
        Assert.Contains("does not hold under its own key", ForeignCa.WhyNot(Read(Made("CN=Partner", "CN=Partner", own: false,
            X509AuthorityKeyIdentifierExtension.CreateFromIssuerNameAndSerialNumber(partner, serial)))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2.5.29.30", "nameConstraints")]
    [InlineData("2.5.29.36", "policyConstraints")]
    [InlineData("1.2.3.4.5", "1.2.3.4.5")]
    public void One_with_a_critical_extension_that_is_not_carried_over_is_not(string oid, string name)
    {
        Assert.Contains($"critical extension {name}, which no cross-certificate", ForeignCa.WhyNot(Read(Made("CN=Partner", "CN=Partner",
            own: true, new X509Extension(oid, [0x30, 0x00], critical: true)))), StringComparison.Ordinal);
        Assert.Null(ForeignCa.WhyNot(Read(Made("CN=Partner", "CN=Partner", own: true, new X509Extension(oid, [0x30, 0x00], false)))));
    }

    [Fact]
    public void One_without_a_name_is_not() =>
        Assert.Contains("subject is empty", ForeignCa.WhyNot(Read(Made("", "CN=Another", own: true))), StringComparison.Ordinal);

    [Fact]
    public void One_with_an_extension_twice_or_two_algorithms_is_not()
    {
        byte[] good = Made("CN=Partner", "CN=Partner", own: true);
        byte[] otherAlgorithm = Der.Sequence(Der.Oid(Oids.EcdsaWithSha384));
        Assert.Contains("one signature algorithm inside and another outside",
            ForeignCa.WhyNot(Read(Again(good, extensions => extensions, otherAlgorithm))), StringComparison.Ordinal);
        Assert.Contains("basicConstraints stands in the certificate more than once",
            ForeignCa.WhyNot(Read(Again(good, extensions => [.. extensions, extensions[0]], null))), StringComparison.Ordinal);
        Assert.Null(ForeignCa.WhyNot(Read(Again(good, extensions => extensions, null))));
    }

    private static byte[] Made(string subject, string issuer, bool own, params X509Extension[] more)
    {
        var request = new CertificateRequest(new X500DistinguishedName(subject), Key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        foreach (X509Extension extension in more)
            request.CertificateExtensions.Add(extension);
        using X509Certificate2 made = request.Create(new X500DistinguishedName(issuer),
            X509SignatureGenerator.CreateForECDsa(own ? Key : OtherKey), Begin, Begin.AddYears(10), [1, 2, 3]);
        return made.RawData;
    }

    // The same certificate with other extensions, signed by its own key; outside stands this algorithm.
    private static byte[] Again(byte[] certificate, Func<byte[][], byte[][]> change, byte[]? outside)
    {
        AsnReader outer = new AsnReader(certificate, AsnEncodingRules.DER).ReadSequence();
        AsnReader tbs = outer.ReadSequence();
        var parts = new List<byte[]>();
        while (!tbs.PeekTag().HasSameClassAndValue(new Asn1Tag(TagClass.ContextSpecific, 3)) || parts.Count == 0)
            parts.Add(tbs.ReadEncodedValue().ToArray());
        AsnReader list = tbs.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 3)).ReadSequence();
        var extensions = new List<byte[]>();
        while (list.HasData)
            extensions.Add(list.ReadEncodedValue().ToArray());
        byte[] signed = Der.Sequence([.. parts, Der.Value(0xA3, Der.Sequence(change([.. extensions])))]);
        return Der.Sequence(signed, outside ?? outer.ReadEncodedValue().ToArray(),
            Der.Bits(Key.SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)));
    }

    private static ParsedCertificate Read(byte[] der) =>
        CertificateReader.TryReadCertificate(der, out ParsedCertificate? certificate, out Refusal? refusal) ? certificate
            : throw new ArgumentException(refusal.ToString());
}
