using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.App.Tests.Terminal;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.App.Tests.Room;

/// <summary>
/// What other people's tools hand in is played through whole ceremonies: read, previewed, signed, closed, verified. What is taken when it
/// is read never stops at its preview.
/// </summary>
public sealed class OtherPeoplesFilesTests(SigningRooms rooms) : IClassFixture<SigningRooms>
{
    // ---- requests ----

    [Theory]
    [InlineData("06-adcs-subca.csr")]
    [InlineData("06b-adcs-subca-plain-name.csr")]
    [InlineData("40-keytool.csr")]
    [InlineData("46-certtool.csr")]
    public void A_request_of_another_tool_is_signed_from_the_stick_to_the_bundle(string file)
    {
        if (Case($"csr/{file}") is { } request)
            Signed(request);
    }

    /// <summary>That it is none, and that it signs no lists, as its owner said to certtool: both contradict the script.</summary>
    [Theory]
    [InlineData("47-certtool-no-ca.csr")]
    [InlineData("48-certtool-ca-certsign.csr")]
    public void A_request_of_certtool_that_denies_what_a_CA_does_is_refused_when_it_is_read(string file)
    {
        if (Case($"csr/{file}") is { } request)
            LeftOut(request);
    }

    /// <summary>As Active Directory Certificate Services write it: the domain in the name, and extensions of their own.</summary>
    [Fact]
    public void A_request_with_the_domain_in_its_name_gives_its_key_and_nothing_else()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var request = new CertificateRequest(new X500DistinguishedName("CN=Example Issuing CA, DC=corp, DC=example, DC=com"), key,
            HashAlgorithmName.SHA384);
        request.CertificateExtensions.Add(new X509Extension("1.3.6.1.4.1.311.21.1", [0x02, 0x01, 0x00], critical: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(new X509Extension("1.3.6.1.4.1.311.20.2",
            [0x1E, 0x0A, .. Encoding.BigEndianUnicode.GetBytes("SubCA")], critical: false));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: false));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        ParsedCertificate signed = Signed(request.CreateSigningRequest());

        Assert.Equal("C=DE, O=Example Devices, CN=REHEARSAL Example Devices TLS CA T1", signed.ToBeSigned.Subject.ToString());
        Assert.Equal(key.ExportSubjectPublicKeyInfo(), signed.ToBeSigned.SubjectPublicKeyInfo.ToArray());
        Assert.DoesNotContain(signed.ToBeSigned.Extensions, e => e.Oid.StartsWith("1.3.6.1.4.1.311", StringComparison.Ordinal));
    }

    /// <summary>As certtool writes it. Who asks for fewer usages than a CA is granted meant another certificate.</summary>
    [Theory]
    [InlineData(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true)]
    [InlineData(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true)]
    [InlineData(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyCertSign, false)]
    [InlineData(X509KeyUsageFlags.KeyCertSign, false)]
    public void A_request_may_ask_for_more_usages_of_a_CA_and_not_for_fewer(X509KeyUsageFlags usages, bool isTaken)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var request = new CertificateRequest("C=DE, O=Example Devices GmbH, CN=Example Factory CA 7", key, HashAlgorithmName.SHA384);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(usages, critical: true));
        if (isTaken)
            Signed(request.CreateSigningRequest());
        else
            LeftOut(request.CreateSigningRequest());
    }

    // ---- other CAs ----

    [Theory]
    [InlineData("adcs-name.pem")]
    [InlineData("email.pem")]
    [InlineData("no-o.pem")]
    [InlineData("sha1.pem")]
    [InlineData("sha256.pem")]
    [InlineData("noku.pem")]
    [InlineData("osslroot.pem")]
    [InlineData("cps.pem")]
    [InlineData("unotice.pem")]
    public void Another_CA_is_certified_with_the_name_that_it_has(string file)
    {
        if (Case($"ca/{file}") is { } certificate)
            Crossed(certificate, mustBeTaken: file is "adcs-name.pem" or "email.pem" or "no-o.pem" or "sha1.pem" or "sha256.pem");
    }

    [Theory]
    [InlineData("adcs", true)]
    [InlineData("email", true)]
    [InlineData("no-o", true)]
    [InlineData("two-cn", true)]
    [InlineData("a TeletexString", false)]
    [InlineData("a BMPString", false)]
    [InlineData("a country of three letters", false)]
    [InlineData("a multi-valued part", false)]
    [InlineData("a serial number and a street", false)]
    [InlineData("no CN", false)]
    [InlineData("turned", false)]
    [InlineData("blanks", false)]
    [InlineData("very long", false)]
    public void Another_CA_is_refused_when_it_is_read_or_certified_to_the_end(string name, bool mustBeTaken)
    {
        Crossed(OtherCa(name), mustBeTaken);
    }

    /// <summary>What nobody but zlint minds is refused when it is read where zlint is there, and taken elsewhere.</summary>
    [Theory]
    [InlineData("long")]
    [InlineData("country as UTF8String")]
    public void Another_CA_that_zlint_alone_refuses_is_taken_where_there_is_none(string name)
    {
        bool isAsked = Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, "zlint")));
        Assert.Equal(isAsked ? CeremonyRules.Zlint : null, Crossed(OtherCa(name), mustBeTaken: !isAsked)?.Rule);
    }

    // ---- what was read is what is signed ----

    [Theory]
    [InlineData("another file in its place")]
    [InlineData("no file in its place")]
    [InlineData("no stick any more")]
    public void What_was_read_is_signed_whatever_lies_on_the_stick_afterwards(string change)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256), other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        SoftwareRoom room = rooms.Rooted();
        room.Put("tls-t1.csr", SoftwareRoom.Request(key));
        room.Open(SoftwareRoom.Script("intermediate-signing.md"));
        _ = room.Saying("file", "tls-t1.csr", "leave-out").Until("request-tls", "take");
        Change(room, "tls-t1.csr", change, SoftwareRoom.Request(other));
        if (change == "no stick any more")
            room.Instead = move => move is Perform { Effect: LookForImports l } ? new Happened(l, new ImportsFound(l.Kind, [], 0)) : null;
        room.GoOn();

        Assert.Equal(key.ExportSubjectPublicKeyInfo(),
            room.State.World.Certificates["tls-t1"].Parsed.ToBeSigned.SubjectPublicKeyInfo.ToArray());
        Disturbed.Verifies(room, rooms.NewFolder());
    }

    [Theory]
    [InlineData("another file in its place")]
    [InlineData("no file in its place")]
    [InlineData("no stick any more")]
    public void The_CA_that_was_read_is_certified_whatever_lies_on_the_stick_afterwards(string change)
    {
        SoftwareRoom room = rooms.Rooted();
        room.Open(SoftwareRoom.Script("cross-signing.md"));
        _ = room.Until("existing", "take");
        CertificateImported read = room.State.World.Imported["other-ca"];
        Change(room, "other-ca.pem", change, Encoding.ASCII.GetBytes(SoftwareRoom.OtherCa()));
        room.GoOn();

        using X509Certificate2 partner = X509CertificateLoader.LoadCertificate(Convert.FromBase64String(read.Der));
        Assert.Equal(partner.PublicKey.ExportSubjectPublicKeyInfo(),
            room.State.World.Certificates["other-ca-cross"].Parsed.ToBeSigned.SubjectPublicKeyInfo.ToArray());
        Disturbed.Verifies(room, rooms.NewFolder());
    }

    private static void Change(SoftwareRoom room, string file, string change, byte[] other)
    {
        if (change == "no stick any more")
            Directory.Move(room.Stick, room.Stick + "-away");
        else
            File.Delete(Path.Combine(room.Stick, file));
        if (change == "another file in its place")
            room.Put(file, other);
    }

    /// <summary>The first request of a signing day of P-384 keys, to the verified bundle; the other one is left out.</summary>
    private ParsedCertificate Signed(byte[] request)
    {
        SoftwareRoom room = Brought(request);
        room.Saying("file", "tls-t1.csr", "leave-out").GoOn();

        CertificateFact signed = room.State.World.Certificates["tls-t1"];
        Assert.Equal(KeySources.Request, signed.Preview.Source);
        Disturbed.Verifies(room, rooms.NewFolder());
        return signed.Parsed;
    }

    private void LeftOut(byte[] request)
    {
        SoftwareRoom room = Brought(request);
        _ = room.Saying("file", "tls-t1.csr").Until("request-tls", "refused");
        Assert.StartsWith("REQ-2", room.Asked().Blocked!.Rule, StringComparison.Ordinal);
        Assert.Null(room.Say("leave-out"));
        room.Saying("file", "leave-out").GoOn();

        Assert.DoesNotContain("tls-t1", room.State.World.Certificates.Keys);
        Assert.Contains(room.Entries, e => e.Body is ExceptionRaised { Rule: CeremonyRules.ImportLeftOut });
        Disturbed.Verifies(room, rooms.NewFolder());
    }

    private SoftwareRoom Brought(byte[] request)
    {
        SoftwareRoom room = rooms.Rooted();
        room.Put("tls-t1.csr", request);
        room.Open(SoftwareRoom.Script("intermediate-signing.md")
            .Replace("algorithm: ec-p256", "algorithm: ec-p384", StringComparison.Ordinal));
        return room;
    }

    private ImportRefused? Crossed(byte[] pem, bool mustBeTaken)
    {
        SoftwareRoom room = rooms.Rooted();
        room.Put("other-ca.pem", pem);
        room.Open(SoftwareRoom.Script("cross-signing.md"));
        room.Saying("refused", "leave-out").GoOn();

        bool isTaken = room.State.World.Certificates.TryGetValue("other-ca-cross", out CertificateFact? cross);
        ImportRefused? refused = room.Entries.Select(e => e.Body).OfType<ImportRefused>().LastOrDefault();
        Assert.True(isTaken || !mustBeTaken, $"{refused}");
        Assert.NotEqual(isTaken, refused is not null);
        Assert.NotEqual(isTaken, room.Entries.Any(e => e.Body is ExceptionRaised { Rule: CeremonyRules.ImportLeftOut }));
        if (isTaken)
        {
            using var partner = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(pem));
            Assert.Equal(partner.SubjectName.RawData, cross!.Parsed.ToBeSigned.Subject.Der.ToArray());
            Assert.Equal(partner.PublicKey.ExportSubjectPublicKeyInfo(), cross.Parsed.ToBeSigned.SubjectPublicKeyInfo.ToArray());
        }
        Disturbed.Verifies(room, rooms.NewFolder());
        return refused;
    }

    private static byte[] OtherCa(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var request = new CertificateRequest(NameOf(name), key, HashAlgorithmName.SHA384);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using X509Certificate2 certificate = request.CreateSelfSigned(SoftwareRoom.Morning.AddYears(-1), SoftwareRoom.Morning.AddYears(20));
        return Encoding.ASCII.GetBytes(certificate.ExportCertificatePem());
    }

    /// <summary>A file of the cases folder beside the repository; null where a developer's machine has none.</summary>
    private static byte[]? Case(string name)
    {
        string path = Path.Combine(TestFiles.Root, "..", "shared", "cases", "public-2", name);
        return File.Exists(path) ? File.ReadAllBytes(path) : null;
    }

    private static X500DistinguishedName NameOf(string kind)
    {
        const string Cn = "2.5.4.3", O = "2.5.4.10", C = "2.5.4.6";
        (string Oid, UniversalTagNumber Tag, string Value)[] parts = kind switch
        {
            "adcs" => [("0.9.2342.19200300.100.1.25", UniversalTagNumber.IA5String, "com"),
                ("0.9.2342.19200300.100.1.25", UniversalTagNumber.IA5String, "example"), Utf8(Cn, "REHEARSAL Partner Root")],
            "email" => [Utf8(O, "Partner GmbH"), Utf8(Cn, "REHEARSAL Partner Root"),
                ("1.2.840.113549.1.9.1", UniversalTagNumber.IA5String, "pki@partner.example")],
            "no-o" => [Utf8(Cn, "REHEARSAL Partner Root")],
            "two-cn" => [Utf8(O, "Partner GmbH"), Utf8(Cn, "REHEARSAL Partner Root of 2019"), Utf8(Cn, "REHEARSAL Partner Root")],
            "long" => [Utf8(O, "Partner GmbH"), Utf8(Cn, "REHEARSAL " + new string('a', 80))],
            "country as UTF8String" => [Utf8(C, "DE"), Utf8(O, "Partner GmbH"), Utf8(Cn, "REHEARSAL Partner Root")],
            "a TeletexString" => [(O, UniversalTagNumber.T61String, "Partner GmbH"), Utf8(Cn, "REHEARSAL Partner Root")],
            "a BMPString" => [(O, UniversalTagNumber.BMPString, "Partner GmbH"), Utf8(Cn, "REHEARSAL Partner Root")],
            "a country of three letters" => [(C, UniversalTagNumber.PrintableString, "DEU"), Utf8(O, "P"),
                Utf8(Cn, "REHEARSAL Partner Root")],
            "a serial number and a street" => [("2.5.4.5", UniversalTagNumber.PrintableString, "HRB 4711"), Utf8("2.5.4.9", "Weg 1"),
                Utf8(O, "Partner GmbH"), Utf8(Cn, "REHEARSAL Partner Root")],
            "no CN" => [Utf8(O, "REHEARSAL Partner GmbH")],
            "turned" => [Utf8(O, "Partner GmbH"), Utf8(Cn, "REHEARSAL Partner \u202EtooR")],
            "blanks" => [Utf8(O, "Partner  GmbH "), Utf8(Cn, "REHEARSAL Partner Root")],
            "very long" => [Utf8(O, new string('o', 3000)), Utf8(Cn, "REHEARSAL Partner Root")],
            _ => [Utf8(O, "Partner GmbH"), Utf8(Cn, "REHEARSAL Partner Root")],
        };
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
            foreach ((string oid, UniversalTagNumber tag, string value) in parts)
                using (writer.PushSetOf())
                {
                    Write(writer, oid, tag, value);
                    if (kind == "a multi-valued part" && oid == Cn)
                        Write(writer, "2.5.4.11", UniversalTagNumber.UTF8String, "Production");
                }
        return new X500DistinguishedName(writer.Encode());
    }

    private static (string Oid, UniversalTagNumber Tag, string Value) Utf8(string oid, string value) =>
        (oid, UniversalTagNumber.UTF8String, value);

    private static void Write(AsnWriter writer, string oid, UniversalTagNumber tag, string value)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
            writer.WriteCharacterString(tag, value);
        }
    }
}
