using System.Diagnostics;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KeyCeremony.App.Bundle;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using Files = System.Collections.Immutable.ImmutableSortedDictionary<string, System.ReadOnlyMemory<byte>>;

namespace KeyCeremony.Verifier.Tests;

/// <summary>A signature by the right key in any form but the one of bundle.md is a flaw that says which.</summary>
public sealed class CmsFormTests(PlayedCeremony played) : IClassFixture<PlayedCeremony>
{
    private const string SigningTime = "1.2.840.113549.1.9.5";

    [Theory]
    [InlineData("as it must be", "")]
    [InlineData("SHA-1", "The digest is")]
    [InlineData("SHA-384 by a P-256 key", "The digest is")]
    [InlineData("no signed attributes", "The signed attributes are")]
    [InlineData("one attribute more", "The signed attributes are")]
    [InlineData("no signing-time", "The signed attributes are")]
    [InlineData("a signing-time of another year", "The signing-time is not")]
    [InlineData("a signing-time a second later", "The signing-time is not")]
    [InlineData("named by its key identifier", "not named by issuer and serial number")]
    [InlineData("foreign certificates inside", "The certificates inside")]
    [InlineData("without the root", "The certificates inside")]
    [InlineData("with a list of revocations", "exact form")]
    public void A_good_signature_in_another_form_is_found(string how, string flaw)
    {
        Files files = Signed(how);
        VerifyCheck check = BundleVerify.Check("b", files, new VerifyOptions()).Verdict.Checks.Single(c => c.Rule == VerifyRules.Signature);

        if (flaw.Length == 0)
            Assert.Empty(check.Flaws);
        else
            Assert.Contains(check.Flaws, f => f.Contains(flaw, StringComparison.Ordinal));
    }

    /// <summary>RFC 5652 11.3; the base library writes no signing-time from 2050 on.</summary>
    [Theory]
    [InlineData("2049-12-31T23:59:59Z", UniversalTagNumber.UtcTime)]
    [InlineData("2050-01-01T00:00:00Z", UniversalTagNumber.GeneralizedTime)]
    [InlineData("2099-06-30T12:00:00Z", UniversalTagNumber.GeneralizedTime)]
    [InlineData("9999-12-31T23:59:59Z", UniversalTagNumber.GeneralizedTime)]
    public void Every_year_can_be_signed_and_other_software_agrees(string at, UniversalTagNumber tag)
    {
        var time = DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture);
        byte[] statement = "a statement"u8.ToArray();
        foreach (AsymmetricAlgorithm key in new AsymmetricAlgorithm[] { ECDsa.Create(ECCurve.NamedCurves.nistP256),
            ECDsa.Create(ECCurve.NamedCurves.nistP384), RSA.Create(2048) })
        {
            using X509Certificate2 signer = SelfSigned(key, time);
            byte[] cms = StatementSigning.Sign(statement, signer, [],
                hash => key is ECDsa ec ? ec.SignHash(hash, DSASignatureFormat.Rfc3279DerSequence)
                : ((RSA)key).SignHash(hash, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), time);
            Assert.True(DetachedCms.TryVerify(statement, cms, out X509Certificate2? by));
            Assert.True(CertificateReader.TryReadCertificate(by.RawData, out ParsedCertificate? parsed, out _));
            Assert.Empty(DetachedCms.FormFlaws(statement, cms, [parsed], time, 1));
            Assert.NotEmpty(DetachedCms.FormFlaws(statement, cms, [parsed], time.AddSeconds(-1), 1));
            Assert.Equal(tag, Tag(cms));
            OpensslAgrees(statement, cms, signer, time);
        }
    }

    /// <summary>A whole ceremony in such a year, and every time that it writes.</summary>
    [Theory]
    [InlineData(2049)]
    [InlineData(2050)]
    [InlineData(2099)]
    public void A_ceremony_of_a_late_year_closes_and_verifies(int year)
    {
        var room = new SoftwareRoom { Rested = new DateTimeOffset(year, 12, 31, 23, 0, 0, TimeSpan.Zero) - SoftwareRoom.Morning };
        BundleVerdict verdict = BundleVerify.Check("b", room.Play(SoftwareRoom.Script("root-creation.md")), new VerifyOptions()).Verdict;

        Assert.True(verdict.Passed, string.Join("\n", verdict.Checks.SelectMany(c => c.Flaws)));
        Assert.Contains($"(D:{year + (room.Entries[^1].Utc.Year - year)}",
            Encoding.Latin1.GetString(room.Bundle()[BundleFiles.ReportPath].Span), StringComparison.Ordinal);
    }

    /// <summary>Twenty-five years after 9999 there is no date: the script cannot be done, and the program says so.</summary>
    [Fact]
    public void At_the_end_of_time_a_certificate_is_refused_and_nothing_breaks()
    {
        var room = new SoftwareRoom { Rested = new DateTimeOffset(9998, 1, 1, 0, 0, 0, TimeSpan.Zero) - SoftwareRoom.Morning };

        Assert.ThrowsAny<Exception>(() => room.Play(SoftwareRoom.Script("root-creation.md")));
        Assert.Contains(room.Entries, e => e.Body is Failed { Where: "PLAN-03" });
    }

    private Files Signed(string how)
    {
        Files good = played.Files;
        byte[] statement = good[BundleFiles.StatementPath].ToArray();
        DateTimeOffset time = CheckpointStatement.Read(statement)!.SignedAfter;
        using X509Certificate2 signer = Load("transcript"), root = Load("root"),
            foreign = SelfSigned(ECDsa.Create(ECCurve.NamedCurves.nistP256), time);
        var by = new CmsSigner(
            how == "named by its key identifier" ? SubjectIdentifierType.SubjectKeyIdentifier : SubjectIdentifierType.IssuerAndSerialNumber,
            signer, played.Room.KeyOf("transcript"))
        {
            DigestAlgorithm = new Oid(
                how == "SHA-1" ? "1.3.14.3.2.26" : how == "SHA-384 by a P-256 key" ? "2.16.840.1.101.3.4.2.2" : "2.16.840.1.101.3.4.2.1"),
            IncludeOption = X509IncludeOption.EndCertOnly,
        };
        if (how is not ("no signed attributes" or "no signing-time"))
            by.SignedAttributes.Add(new AsnEncodedData(new Oid(SigningTime), SignedDataForm.Time(how switch
            {
                "a signing-time of another year" => time.AddYears(-1),
                "a signing-time a second later" => time.AddSeconds(1),
                _ => time,
            })));
        if (how is "one attribute more" or "no signing-time")
            by.SignedAttributes.Add(new Pkcs9DocumentName("checkpoint.json"));
        if (how != "without the root")
            by.Certificates.Add(root);
        if (how == "foreign certificates inside")
            by.Certificates.Add(foreign);
        var cms = new SignedCms(new ContentInfo(statement), detached: true);
        cms.ComputeSignature(by, silent: true);
        byte[] bytes = how == "with a list of revocations" ? WithLists(cms.Encode()) : cms.Encode();
        Files files = good.SetItem(BundleFiles.CmsPath, bytes);
        return files.SetItem(BundleFiles.SumsPath, BundleFiles.Sums(files.Remove(BundleFiles.SumsPath), []));
    }

    /// <summary>An empty crls field, which the base library reads over.</summary>
    private static byte[] WithLists(byte[] cms)
    {
        var context = new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true);
        AsnReader info = new AsnReader(cms, AsnEncodingRules.DER).ReadSequence();
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(info.ReadEncodedValue().Span);
            AsnReader data = info.ReadSequence(context).ReadSequence();
            using (writer.PushSequence(context))
            using (writer.PushSequence())
                for (int field = 0; data.HasData; field++)
                {
                    writer.WriteEncodedValue(data.ReadEncodedValue().Span);
                    // version, digestAlgorithms, encapContentInfo, certificates, crls
                    if (field == 3)
                        using (writer.PushSetOf(new Asn1Tag(TagClass.ContextSpecific, 1, isConstructed: true)))
                            writer.WriteEncodedValue([0x30, 0x00]);
                }
        }
        return writer.Encode();
    }

    private static UniversalTagNumber Tag(byte[] cms)
    {
        var signed = new SignedCms(new ContentInfo("a statement"u8.ToArray()), detached: true);
        signed.Decode(cms);
        return (UniversalTagNumber)signed.SignerInfos[0].SignedAttributes.Cast<CryptographicAttributeObject>()
            .Single(a => a.Oid.Value == SigningTime).Values[0].RawData[0];
    }

    private static void OpensslAgrees(byte[] statement, byte[] cms, X509Certificate2 signer, DateTimeOffset at)
    {
        string folder = Directory.CreateTempSubdirectory("cms").FullName;
        try
        {
            File.WriteAllBytes(Path.Combine(folder, "s"), statement);
            File.WriteAllBytes(Path.Combine(folder, "c"), cms);
            File.WriteAllText(Path.Combine(folder, "p"), signer.ExportCertificatePem());
            using Process openssl = Process.Start(new ProcessStartInfo("openssl",
                ["cms", "-verify", "-binary", "-inform", "DER", "-in", "c", "-content", "s", "-CAfile", "p", "-purpose", "any",
                "-attime", $"{at.AddHours(-1).ToUnixTimeSeconds()}", "-out", "/dev/null"])
            { WorkingDirectory = folder, RedirectStandardError = true })!;
            string errors = openssl.StandardError.ReadToEnd();
            openssl.WaitForExit();
            Assert.True(openssl.ExitCode == 0, errors);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private X509Certificate2 Load(string name) => X509CertificateLoader.LoadCertificate(played.Files[$"certificates/{name}.der"].Span);

    private static X509Certificate2 SelfSigned(AsymmetricAlgorithm key, DateTimeOffset at)
    {
        var name = new X500DistinguishedName("CN=Somebody");
        CertificateRequest request = key is ECDsa ec
            ? new(name, ec, ec.KeySize == 384 ? HashAlgorithmName.SHA384 : HashAlgorithmName.SHA256)
            : new(name, (RSA)key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(at.AddYears(-1), at);
    }
}
