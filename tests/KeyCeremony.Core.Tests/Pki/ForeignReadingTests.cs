using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Crl;
using KeyCeremony.Core.Tests.Pki.Crl;
using KeyCeremony.Core.Tests.Pki.Requests;

namespace KeyCeremony.Core.Tests.Pki;

/// <summary>What other people's tools write and RFC 5280 allows is read; none of it may stand in what we write ourselves.</summary>
public sealed class ForeignReadingTests
{
    /// <summary>openssl req -x509 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:20, and :max.</summary>
    private const string PssDefault =
            "MIIDjDCCAkWgAwIBAgIBBzA8BgkqhkiG9w0BAQowL6APMA0GCWCGSAFlAwQCAQUAoRwwGgYJKoZIhvcNAQEIMA0GCWCGSAFlAwQCAQUAMDAxDzAN"
            + "BgNVBAMMBlBTUyAyMDEQMA4GA1UECgwHRXhhbXBsZTELMAkGA1UEBhMCREUwHhcNMjYxMTI5MjMyMTE1WhcNMzYxMTI2MjMyMTE1WjAwMQ8wDQYD"
            + "VQQDDAZQU1MgMjAxEDAOBgNVBAoMB0V4YW1wbGUxCzAJBgNVBAYTAkRFMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAtdaYpqaWiV3M"
            + "W4VOjfXERCrrJFtZGIlMWlpSlLQMWLUGM5yW4K5a3Lkkbn5/AUxB8btMqkbTCsCvcyHmtD58kK9VDk26N/mt9x5/tfCOn9kNP/hR7GVtmVjZAUb/"
            + "RbGyDqxGKw0ZL4nqK6NVUfBfgO520NEzyWeFFws5JbwMDPoqeodpYMxPpKsEIZjekLUpWhRv2AzvLC+a0g259cErzUesR54Df+C38Wrw2QbFAD4l"
            + "I1jFH0kziXlG8EKR3uHHHnCtRh3rnH4LK9kAoj50n2WPabISVNWDjUz431yot8qDP8ziDWU0W4ltDOE/zXe1JzN5tIQK/bM5JLQzcqoIxQIDAQAB"
            + "o1MwUTAdBgNVHQ4EFgQUNdZRDAHbB/KNAhc7r6Lbnxj8HBgwHwYDVR0jBBgwFoAUNdZRDAHbB/KNAhc7r6Lbnxj8HBgwDwYDVR0TAQH/BAUwAwEB"
            + "/zA8BgkqhkiG9w0BAQowL6APMA0GCWCGSAFlAwQCAQUAoRwwGgYJKoZIhvcNAQEIMA0GCWCGSAFlAwQCAQUAA4IBAQAgu1kUXObqVCqS3AoDZ26K"
            + "nvADI0Q6xNIr1FFzT7Vp7z3E2o0spnyrRTdHnpvv8Q9KNXFhwedapexRwUnGRx1Ti6otJFu9qHBiPiutaRYpyBkCiAJTLYx5oTlepmH1ro69l+gg"
            + "BQMZZ+aYKUsP91ItFi9DR4QBkR3QIwHM8mK8FmRQLGkmC3Nlb2iztjQVIpwBzDW0IGPANAMpuz8OSYuXXsalNpsk++PHq7Zw2cPZNdNyUbNaInjw"
            + "YdC+NAziReTZl8JKIkI1KfqojUVWZd60MKJBbf8PI42L9GIAJVkzg76KuuHCU3HUo64xGcxP9myYmfYM+RlYlnPRwZ46WXpO",
        PssMost =
            "MIIDmjCCAk2gAwIBAgIBBzBCBgkqhkiG9w0BAQowNaAPMA0GCWCGSAFlAwQCAQUAoRwwGgYJKoZIhvcNAQEIMA0GCWCGSAFlAwQCAQUAogQCAgDe"
            + "MDExEDAOBgNVBAMMB1BTUyBtYXgxEDAOBgNVBAoMB0V4YW1wbGUxCzAJBgNVBAYTAkRFMB4XDTI2MTEyOTIzMjExNVoXDTM2MTEyNjIzMjExNVow"
            + "MTEQMA4GA1UEAwwHUFNTIG1heDEQMA4GA1UECgwHRXhhbXBsZTELMAkGA1UEBhMCREUwggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQC1"
            + "1pimppaJXcxbhU6N9cREKuskW1kYiUxaWlKUtAxYtQYznJbgrlrcuSRufn8BTEHxu0yqRtMKwK9zIea0PnyQr1UOTbo3+a33Hn+18I6f2Q0/+FHs"
            + "ZW2ZWNkBRv9FsbIOrEYrDRkvieoro1VR8F+A7nbQ0TPJZ4UXCzklvAwM+ip6h2lgzE+kqwQhmN6QtSlaFG/YDO8sL5rSDbn1wSvNR6xHngN/4Lfx"
            + "avDZBsUAPiUjWMUfSTOJeUbwQpHe4ccecK1GHeucfgsr2QCiPnSfZY9pshJU1YONTPjfXKi3yoM/zOINZTRbiW0M4T/Nd7UnM3m0hAr9szkktDNy"
            + "qgjFAgMBAAGjUzBRMB0GA1UdDgQWBBQ11lEMAdsH8o0CFzuvotufGPwcGDAfBgNVHSMEGDAWgBQ11lEMAdsH8o0CFzuvotufGPwcGDAPBgNVHRMB"
            + "Af8EBTADAQH/MEIGCSqGSIb3DQEBCjA1oA8wDQYJYIZIAWUDBAIBBQChHDAaBgkqhkiG9w0BAQgwDQYJYIZIAWUDBAIBBQCiBAICAN4DggEBACuS"
            + "VwK7q6neo3re48iwbrOzEvXiARuWbxWaHwq1RU6YWGLctberyoBn6YAIPpOfo0zJc0IbcYuUexKAgX3F/xOdONj6sqeI8X7U0P73Dx0YddJxk1Ek"
            + "O6um1U0oOHJOjlMe54RFOlwkwOq0gLtCWGjN7tlvLU6WvAiJOEV+vutQXK8skCsz5euWaBkli3Wu7gSPpgLZv1Osmwv3uWTaCKIncuqgloRSKjv8"
            + "ObCNVPGgWmzqGC+iY8JE3ZnitA6Y/YCGPxx48OsM4Bv6sMJ0Q7Q9ff8i5ROcfY7VqLoed7TAHkPts0IljUEH5rLfCtd7eqLSe2CXl3ycWJUxXXMZ"
            + "z4M=";

    private const int VersionField = 0;
    private const int EntriesField = 5;
    private const int ExtensionsField = 6;

    private static readonly Asn1Tag Zero = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag One = new(TagClass.ContextSpecific, 1);
    private static readonly Asn1Tag Two = new(TagClass.ContextSpecific, 2);

    [Fact]
    public void A_policy_with_a_CPS_address_and_a_notice_is_read_and_shown()
    {
        ParsedTbs tbs = Read(edit => edit.Add(Oids.CertificatePolicies, false, Policies()));

        Assert.Equal("certificatePolicies: 1.3.6.1.4.1.55555.1 (CPS http://example.com/cps, notice of 'Example' 1 2 'For internal use'), "
            + "1.3.6.1.4.1.55555.2 (1.3.6.1.4.1.55555.9 0500), 1.3.6.1.4.1.55555.3", Line(tbs, Oids.CertificatePolicies));
    }

    [Fact]
    public void Every_form_of_distribution_point_is_read_and_shown()
    {
        ParsedTbs tbs = Read(edit => edit.Add(Oids.CrlDistributionPoints, false, Points()));

        Assert.Equal(["http://a.example/r.crl"], tbs.CrlDistributionPoints!.Uris);
        Assert.Equal("cRLDistributionPoints: http://a.example/r.crl, reasons 40, CRL issuer name:CN=Other, relative name OU=Part, "
            + "name:CN=Directory", Line(tbs, Oids.CrlDistributionPoints));
    }

    [Fact]
    public void What_a_profile_does_not_write_is_no_certificate_of_ours()
    {
        Assert.Contains("CERT-12", Lint(edit => edit.Add(Oids.CertificatePolicies, false, Policies())));
        Assert.Contains("CERT-12", Lint(edit => edit.Add(Oids.CrlDistributionPoints, false, Points())));
        Assert.Contains("CERT-16", Lint(edit => edit.Subject = DerNode.Parse(MultiValued())));
        Assert.Contains("CERT-16", Lint(edit => edit.Subject = DerNode.Parse(Name(Oids.CommonName, 0x14, "Root"u8))));
    }

    [Theory]
    [InlineData(0x0C, "R\u00fc", "UTF8String")]
    [InlineData(0x13, "Root", "PrintableString")]
    [InlineData(0x16, "pki@example.com", "IA5String")]
    [InlineData(0x14, "Rue", "TeletexString")]
    [InlineData(0x1E, "R\u00fc", "BMPString")]
    [InlineData(0x1C, "R\u00fc\U0001F511", "UniversalString")]
    [InlineData(0x12, "4711", "NumericString")]
    [InlineData(0x1A, "Root", "VisibleString")]
    public void A_name_of_every_string_type_is_read(int tag, string value, string label)
    {
        byte[] content = tag switch
        {
            0x1E => Encoding.BigEndianUnicode.GetBytes(value),
            0x1C => new UTF32Encoding(bigEndian: true, byteOrderMark: false).GetBytes(value),
            _ => Encoding.UTF8.GetBytes(value),
        };

        Assert.True(DistinguishedName.TryDecode(Name(Oids.CommonName, (byte)tag, content),
            out DistinguishedName? name, out Refusal? refusal), refusal?.ToString());
        NameAttribute attribute = Assert.Single(name.Attributes);
        Assert.Equal((value, label, false), (attribute.Value, attribute.StringLabel, attribute.JoinsPrevious));
    }

    [Fact]
    public void Attributes_side_by_side_and_values_that_are_no_text_are_read()
    {
        Assert.True(DistinguishedName.TryDecode(MultiValued(), out DistinguishedName? several, out _));
        Assert.Equal("O=R1+OU=R1, CN=Root", several.ToString());
        Assert.Equal([false, true, false], several.Attributes.Select(one => one.JoinsPrevious));

        Assert.True(DistinguishedName.TryDecode(Name("2.5.4.45", 0x03, [0, 1]), out DistinguishedName? bits, out _));
        Assert.Equal("uniqueIdentifier=#03020001", bits.ToString());
    }

    [Fact]
    public void The_names_that_directories_write_have_their_usual_words()
    {
        foreach ((string oid, string word) in new[]
        {
            (Oids.DomainComponent, "DC"), (Oids.UserId, "UID"), (Oids.EmailAddress, "emailAddress"),
        })
        {
            Assert.True(DistinguishedName.TryDecode(Name(oid, 0x16, "example"u8), out DistinguishedName? name, out _));
            Assert.Equal($"{word}=example", name.ToString());
        }
    }

    [Fact]
    public void Attributes_side_by_side_and_out_of_order_are_not_called_cut_off()
    {
        var name = DerNode.Parse(MultiValued());
        name[0].Children!.Reverse();
        Assert.False(DistinguishedName.TryDecode(name.Encode(), out _, out Refusal? refusal));
        Assert.Equal("The name is not well formed: the attributes in one part of a name do not stand in the order that DER gives a set "
            + "(X.690 11.6).", refusal.Message);
    }

    [Fact]
    public void A_name_beyond_our_limit_is_not_called_wrong()
    {
        Assert.False(DistinguishedName.TryDecode(Name(Oids.CommonName, 0x0C, new byte[4100]), out _, out Refusal? refusal));
        Assert.Contains("is not read by this program", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_since_the_year_0_is_not_called_wrong()
    {
        var edit = new TbsEdit(Samples.Tbs(Samples.Plan("root")));
        edit.Fields[4][0] = DerNode.Primitive(0x18, "00000101000000Z"u8.ToArray());

        Assert.False(CertificateReader.TryReadToBeSigned(edit.Encode(), out _, out Refusal? refusal));
        Assert.Equal("The certificate is not read by this program: a time in it is of the year 0.", refusal.Message);
    }

    /// <summary>As old roots have them: what is wrong is said, and not that the certificate is cut off.</summary>
    [Fact]
    public void Zero_bits_of_a_key_usage_and_a_foreign_letter_are_named()
    {
        Assert.Equal("The certificate is not well formed: keyUsage has zero bits written at its end, which DER leaves out (X.690 11.2.2).",
            Unread(edit => edit.SetValue(Oids.KeyUsage, 0x03, 0x02, 0x00, 0x06)));
        byte[] policies = Policies();
        // e with an accent in the address, which is an IA5String
        policies[policies.AsSpan().IndexOf("example.com"u8)] = 0xE9;
        Assert.Equal("The certificate is not well formed: a text in certificatePolicies holds bytes that a string of its kind has not.",
            Unread(edit => edit.Add(Oids.CertificatePolicies, false, policies)));
    }

    [Fact]
    public void A_foreign_name_steers_no_terminal()
    {
        Assert.True(DistinguishedName.TryDecode(Name(Oids.CommonName, 0x0C, "\u001b[2JRoot\u202e"u8), out DistinguishedName? name, out _));
        Assert.Equal("CN=\\u001B[2JRoot\\u202E", name.ToString());
        Assert.True(DistinguishedName.TryDecode(Name(Oids.CommonName, 0x0C, "\ue000Root\u2028"u8), out name, out _));
        Assert.Equal("CN=<U+E000>Root<U+2028>", name.ToString());
        Assert.True(DistinguishedName.TryDecode(Name(Oids.CommonName, 0x0C, "R\u00fc \u0627"u8), out name, out _));
        Assert.Equal("CN=R\u00fc \u0627", name.ToString());
    }

    [Theory]
    [InlineData("00", "is not read by this program: It lists the serial 00, which is zero")]
    [InlineData("ff", "is not read by this program: It lists the serial ff, which is negative")]
    [InlineData("0102030405060708090a0b0c0d0e0f101112131415", "which is longer than 20 bytes")]
    [InlineData("0001", "is not well formed: The serial 0001 is not written in its shortest form")]
    public void A_list_with_a_serial_that_old_CAs_gave_is_not_called_damaged(string serial, string found)
    {
        DerNode tbs = DerNode.Parse(CrlRoom.P256.Issue(CrlRoom.Entry("0102")))[0];
        tbs[EntriesField][0][0].Value = Convert.FromHexString(serial);

        Assert.False(CrlReader.TryRead(new MemoryStream(CrlRoom.P256.SignBytes(tbs.Encode())), each: null, out _, out Refusal? refusal));
        Assert.Equal("CRL-01", refusal.Rule);
        Assert.Contains(found, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_list_has_in_place_of_a_time_steers_no_terminal()
    {
        const int thisUpdateField = 3;
        DerNode tbs = DerNode.Parse(CrlRoom.P256.Issue(CrlRoom.Entry("0102")))[0];
        tbs[thisUpdateField].Value = "26\u001b[2J0100Z"u8.ToArray();

        Assert.False(CrlReader.TryRead(new MemoryStream(CrlRoom.P256.SignBytes(tbs.Encode())), each: null, out _, out Refusal? refusal));
        Assert.StartsWith("The CRL is not well formed: A date of the list, '26?[2J0100Z', ", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', refusal.Message);
    }

    [Theory]
    [InlineData("a certificate of version 1", false, null, "of version 1, which cannot say")]
    [InlineData("extensions in a certificate of version 1", true, "version 1", "of version 1 and carries extensions")]
    [InlineData("no basicConstraints", true, "no basic", "does not say that it is a CA's")]
    [InlineData("cA FALSE", true, "no CA", "says that it is no CA's")]
    [InlineData("keyUsage without keyCertSign", true, "other usage", "keyUsage does not allow")]
    [InlineData("no keyUsage", true, "no usage", null)]
    [InlineData("as it should be", true, "", null)]
    public void A_CA_is_recognised_by_what_its_certificate_says(string what, bool hasExtensions, string? change, string? found)
    {
        ParsedTbs tbs = Read(edit =>
        {
            if (!hasExtensions)
            {
                edit.Fields.Children!.RemoveAt(7);
                edit.Fields.Children!.RemoveAt(0);
            }
            if (change == "version 1")
                edit.Fields.Children!.RemoveAt(0);
            if (change == "no basic")
                edit.Remove(Oids.BasicConstraints);
            if (change == "no CA")
                edit.SetValue(Oids.BasicConstraints, 0x30, 0x00);
            if (change == "no usage")
                edit.Remove(Oids.KeyUsage);
            if (change == "other usage")
                edit.SetValue(Oids.KeyUsage, 0x03, 0x02, 0x07, 0x80);
        });

        string? why = CaStanding.WhyNot(tbs);
        Assert.True(found is null ? why is null : why?.Contains(found, StringComparison.Ordinal), $"{what}: {why}");
    }

    [Fact]
    public void A_list_of_version_1_is_read_and_is_none_of_ours()
    {
        DerNode tbs = DerNode.Parse(CrlRoom.P256.Issue(CrlRoom.Entry("0102")))[0];
        tbs.Children!.RemoveAt(ExtensionsField);
        tbs[EntriesField][0].Children!.RemoveAt(2);
        tbs.Children!.RemoveAt(VersionField);
        byte[] crl = CrlRoom.P256.SignBytes(tbs.Encode());

        (CrlFacts facts, List<Revocation> entries) = CrlRoom.Read(crl);
        Assert.Equal((1, 1), (facts.Version, entries.Count));
        Assert.Equal(SignatureVerdict.Holds, facts.Judge(CrlRoom.P256.Issuer));
        Assert.Contains("CRL-02", CrlChecks.Verify(new MemoryStream(crl), CrlRoom.P256.Issuer, null, out _)
            .Findings.Select(f => f.Rule.Id));
        Assert.Contains("version: 1", CrlText.Describe(facts).Select(line => line.ToString()));
    }

    [Fact]
    public void Names_of_a_partition_and_entry_extensions_of_every_form_are_read()
    {
        DerNode tbs = DerNode.Parse(CrlRoom.P256.Issue(CrlRoom.Entry("0102")))[0];
        tbs[ExtensionsField][0].Children!.Add(DerNode.Parse(RequestWriter.Extension(CrlExtensions.DistributionPoint,
            Encoded(writer =>
            {
                using (writer.PushSequence(Zero))
                using (writer.PushSetOf(One))
                    WriteAttribute(writer, Oids.OrganizationalUnit, 0x0C, "Part"u8);
                writer.WriteBoolean(true, One);
            }), critical: true)));
        // holdInstructionCode
        tbs[EntriesField][0][2].Children!.Add(DerNode.Parse(RequestWriter.Extension("2.5.29.23", Der.Oid("1.2.840.10040.2.2"))));

        CrlFacts facts = CrlRoom.Read(CrlRoom.P256.SignBytes(tbs.Encode())).Facts;
        Assert.Equal("relative name OU=Part", Assert.Single(facts.DistributionPoint!.OtherNames));
        Assert.True(facts.DistributionPoint.OnlyUserCertificates);
        Assert.Equal(1, facts.OtherEntryExtensions);
    }

    [Theory]
    [InlineData("551d1b", "020101", "CRL-13", "is not read by this program: It is a delta CRL")]
    [InlineData("551d1c", "30038401ff", "CRL-13", "is not read by this program: It is indirect")]
    [InlineData("551d1c", "300483020640", "CRL-13", "is not read by this program: It holds only what was revoked for some")]
    [InlineData("551d1c", "30038501ff", "CRL-13", "is not read by this program: It is of attribute certificates")]
    [InlineData("2a0304", "0500", "CRL-12", "cannot be judged: the extension 1.2.3.4 is critical")]
    public void A_list_that_is_not_read_is_not_called_damaged(string oid, string value, string rule, string found)
    {
        DerNode tbs = DerNode.Parse(CrlRoom.P256.Issue(CrlRoom.Entry("0102")))[0];
        tbs[ExtensionsField][0].Children!.Add(DerNode.Sequence(DerNode.Primitive(0x06, Convert.FromHexString(oid)),
            DerNode.Primitive(0x01, 0xFF), DerNode.Primitive(0x04, Convert.FromHexString(value))));

        Assert.False(CrlReader.TryRead(new MemoryStream(CrlRoom.P256.SignBytes(tbs.Encode())), each: null, out _, out Refusal? refusal));
        Assert.Equal(rule, refusal.Rule);
        Assert.Contains(found, refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>What is understood, and marked in another way than RFC 5280 has it, is not called something that nobody knows.</summary>
    [Theory]
    [InlineData("551d1c", "30038201ff", false, "issuingDistributionPoint is not marked as critical, and always is")]
    [InlineData("551d14", "020101", true, "cRLNumber is marked as critical, and is never so")]
    public void A_part_of_a_list_that_is_marked_otherwise_is_named(string oid, string value, bool isCritical, string found)
    {
        DerNode tbs = DerNode.Parse(CrlRoom.P256.Issue(CrlRoom.Entry("0102")))[0];
        List<DerNode> extensions = tbs[ExtensionsField][0].Children!;
        extensions.RemoveAll(one => Convert.ToHexStringLower(one[0].Value) == oid);
        extensions.Add(DerNode.Sequence([DerNode.Primitive(0x06, Convert.FromHexString(oid)),
            .. isCritical ? [DerNode.Primitive(0x01, 0xFF)] : Array.Empty<DerNode>(),
            DerNode.Primitive(0x04, Convert.FromHexString(value))]));

        Assert.False(CrlReader.TryRead(new MemoryStream(CrlRoom.P256.SignBytes(tbs.Encode())), each: null, out _, out Refusal? refusal));
        Assert.Equal("CRL-12", refusal.Rule);
        Assert.Equal($"The CRL is not well formed: {found} (RFC 5280 5.2, 5.3).", refusal.Message);
        Assert.Contains("bring its serials as a CSV", refusal.Remedy, StringComparison.Ordinal);
    }

    /// <summary>The hash is the signer's choice; a key of another kind did not sign; what is not known is not judged.</summary>
    [Fact]
    public void A_signature_of_somebody_else_is_judged_in_three_steps()
    {
        byte[] data = "what was signed"u8.ToArray();
        using var p256 = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var rsa = RSA.Create(2048);
        byte[] spki = p256.ExportSubjectPublicKeyInfo();
        foreach ((string oid, HashAlgorithmName hash) in new[]
        {
            (Oids.EcdsaWithSha256, HashAlgorithmName.SHA256), (Oids.EcdsaWithSha384, HashAlgorithmName.SHA384),
            (Oids.EcdsaWithSha512, HashAlgorithmName.SHA512),
        })
        {
            byte[] signature = p256.SignData(data, hash, DSASignatureFormat.Rfc3279DerSequence);
            Assert.Equal(SignatureVerdict.Holds, ForeignSignature.Judge(spki, Identifier(oid), data, signature));
            Assert.Equal(SignatureVerdict.DoesNotHold,
                ForeignSignature.Judge(other.ExportSubjectPublicKeyInfo(), Identifier(oid), data, signature));
            Assert.Equal(SignatureVerdict.OtherKind,
                ForeignSignature.Judge(rsa.ExportSubjectPublicKeyInfo(), Identifier(oid), data, signature));
            Assert.Equal(SignatureVerdict.DoesNotHold, ForeignSignature.Judge(spki, Identifier(oid), data, [1, 2, 3]));
        }
        byte[] pss = Convert.FromHexString("303d06092a864886f70d01010a3030a00d300b0609608648016503040201"
            + "a11a301806092a864886f70d010108300b0609608648016503040201a203020120");
        Assert.Equal(SignatureVerdict.Holds, ForeignSignature.Judge(rsa.ExportSubjectPublicKeyInfo(), pss, data,
            rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pss)));
        byte[] pkcs1 = rsa.SignData(data, HashAlgorithmName.SHA384, RSASignaturePadding.Pkcs1);
        Assert.Equal(SignatureVerdict.Holds,
            ForeignSignature.Judge(rsa.ExportSubjectPublicKeyInfo(), Identifier(Oids.Sha384WithRsa), data, pkcs1));
        Assert.Equal(SignatureVerdict.OtherKind, ForeignSignature.Judge(spki, Identifier(Oids.Sha384WithRsa), data, pkcs1));
        Assert.StartsWith(Oids.NameOf(Oids.Sha384WithRsa) + " does not belong to the issuer's key",
            ForeignSignature.OfOtherKind(Identifier(Oids.Sha384WithRsa)), StringComparison.Ordinal);
        // SHA-1, Ed25519, and a key that is none of these
        foreach (string unknown in new[] { "1.2.840.10045.4.1", "1.3.101.112", "2.16.840.1.101.3.4.3.18" })
            Assert.Equal(SignatureVerdict.CannotBeJudged, ForeignSignature.Judge(spki, Identifier(unknown), data, [1]));
        Assert.Equal(SignatureVerdict.CannotBeJudged, ForeignSignature.Judge(
            Der.Sequence(Der.Sequence(Der.Oid("1.3.101.112")), [0x03, 0x02, 0, 1]), Identifier(Oids.EcdsaWithSha256), data, [1]));
    }

    /// <summary>
    /// RFC 4055 3.1: the signer says how long the salt is, and 20 where it says nothing; OpenSSL before 3.1 took as much as the key has
    /// room for. Both certificates are its own, of one key.
    /// </summary>
    [Fact]
    public void RSA_PSS_with_a_salt_of_any_length_is_judged()
    {
        foreach ((string der, int salt) in new[] { (PssDefault, 20), (PssMost, 222) })
        {
            Assert.True(CertificateReader.TryReadCertificate(Convert.FromBase64String(der), out ParsedCertificate? certificate, out _));
            Assert.Equal(salt, ForeignSignature.Of(certificate.SignatureAlgorithm)?.SaltLength);
            Assert.Equal(SignatureVerdict.Holds, Judged(certificate.ToBeSigned.Der.ToArray(), certificate.Signature.ToArray()));
            byte[] changed = certificate.ToBeSigned.Der.ToArray(), broken = certificate.Signature.ToArray();
            changed[^1] ^= 1;
            broken[^1] ^= 1;
            Assert.Equal(SignatureVerdict.DoesNotHold, Judged(changed, certificate.Signature.ToArray()));
            Assert.Equal(SignatureVerdict.DoesNotHold, Judged(certificate.ToBeSigned.Der.ToArray(), broken));
            Assert.Equal(SignatureVerdict.DoesNotHold, Judged(certificate.ToBeSigned.Der.ToArray(), []));

            SignatureVerdict Judged(byte[] data, byte[] signature) => ForeignSignature.Judge(
                certificate.ToBeSigned.SubjectPublicKeyInfo.Span, certificate.SignatureAlgorithm, data, signature);
        }
        // Each signature under what the other one says of its salt: it does not fit, and is no other one for that.
        ParsedCertificate[] both = [.. new[] { PssDefault, PssMost }.Select(der =>
            CertificateReader.TryReadCertificate(Convert.FromBase64String(der), out ParsedCertificate? read, out _) ? read : null!)];
        Assert.Equal(SignatureVerdict.DoesNotHold, ForeignSignature.Judge(both[0].ToBeSigned.SubjectPublicKeyInfo.Span,
            both[1].SignatureAlgorithm, both[0].ToBeSigned.Der.Span, both[0].Signature.Span));
    }

    private static ParsedTbs Read(Action<TbsEdit> change)
    {
        var edit = new TbsEdit(Samples.Tbs(Samples.Plan("root")));
        change(edit);
        return Samples.Parsed(edit.Encode());
    }

    private static string Unread(Action<TbsEdit> change)
    {
        var edit = new TbsEdit(Samples.Tbs(Samples.Plan("root")));
        change(edit);
        Assert.False(CertificateReader.TryReadToBeSigned(edit.Encode(), out _, out Refusal? refusal));
        return refusal.Message;
    }

    private static IEnumerable<string> Lint(Action<TbsEdit> change) =>
        CertificateLint.Check(new LintSubject(Samples.Profile("root"), Read(change), Issuer: null)).Findings.Select(f => f.Rule.Id);

    private static string Line(ParsedTbs tbs, string oid) =>
        CertificateText.Describe(tbs).Single(line => line.Label == Oids.NameOf(oid)).ToString();

    private static byte[] Identifier(string oid) => Der.Sequence(Der.Oid(oid));

    private static byte[] Policies() => Encoded(writer =>
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier("1.3.6.1.4.1.55555.1");
            using (writer.PushSequence())
            {
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier("1.3.6.1.5.5.7.2.1");
                    writer.WriteCharacterString(UniversalTagNumber.IA5String, "http://example.com/cps");
                }
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier("1.3.6.1.5.5.7.2.2");
                    using (writer.PushSequence())
                    {
                        using (writer.PushSequence())
                        {
                            writer.WriteCharacterString(UniversalTagNumber.VisibleString, "Example");
                            using (writer.PushSequence())
                            {
                                writer.WriteInteger(1);
                                writer.WriteInteger(2);
                            }
                        }
                        writer.WriteCharacterString(UniversalTagNumber.UTF8String, "For internal use");
                    }
                }
            }
        }
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier("1.3.6.1.4.1.55555.2");
            using (writer.PushSequence())
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier("1.3.6.1.4.1.55555.9");
                writer.WriteNull();
            }
        }
        using (writer.PushSequence())
            writer.WriteObjectIdentifier("1.3.6.1.4.1.55555.3");
    });

    private static byte[] Points() => Encoded(writer =>
    {
        using (writer.PushSequence())
        {
            using (writer.PushSequence(Zero))
            using (writer.PushSequence(Zero))
                writer.WriteCharacterString(UniversalTagNumber.IA5String, "http://a.example/r.crl",
                    new Asn1Tag(TagClass.ContextSpecific, 6));
            writer.WriteBitString([0x40], 6, One);
            using (writer.PushSequence(Two))
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 4)))
                writer.WriteEncodedValue(Name(Oids.CommonName, 0x0C, "Other"u8));
        }
        using (writer.PushSequence())
        using (writer.PushSequence(Zero))
        using (writer.PushSetOf(One))
            WriteAttribute(writer, Oids.OrganizationalUnit, 0x0C, "Part"u8);
        using (writer.PushSequence())
        using (writer.PushSequence(Zero))
        using (writer.PushSequence(Zero))
        using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 4)))
            writer.WriteEncodedValue(Name(Oids.CommonName, 0x0C, "Directory"u8));
    });

    /// <summary>One relative name with O and OU, then one with CN.</summary>
    private static byte[] MultiValued() => Encoded(writer =>
    {
        using (writer.PushSetOf())
        {
            WriteAttribute(writer, Oids.Organization, 0x0C, "R1"u8);
            WriteAttribute(writer, Oids.OrganizationalUnit, 0x0C, "R1"u8);
        }
        using (writer.PushSetOf())
            WriteAttribute(writer, Oids.CommonName, 0x0C, "Root"u8);
    });

    private static byte[] Name(string oid, byte tag, ReadOnlySpan<byte> content)
    {
        byte[] value = content.ToArray();
        return Encoded(writer =>
        {
            using (writer.PushSetOf())
                WriteAttribute(writer, oid, tag, value);
        });
    }

    private static void WriteAttribute(AsnWriter writer, string oid, byte tag, ReadOnlySpan<byte> content)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
            writer.WriteEncodedValue(Der.Value(tag, content.ToArray()));
        }
    }

    private static byte[] Encoded(Action<AsnWriter> write)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
            write(writer);
        return writer.Encode();
    }
}
