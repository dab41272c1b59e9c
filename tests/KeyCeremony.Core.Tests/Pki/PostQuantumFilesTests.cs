using System.Diagnostics;
using System.Security.Cryptography;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Crl;
using KeyCeremony.Core.Pki.Requests;
using KeyCeremony.Core.Tests.Pki.Crl;
using Xunit.Abstractions;

namespace KeyCeremony.Core.Tests.Pki;

/// <summary>
/// OpenSSL 3.5 and we, each judging what the other wrote. Its files lie in the folder <c>PostQuantum</c>; it itself is asked where it is:
/// on the machine, in the image's builder, or beside openCryptoki's newer release, else the test says that it was not.
/// </summary>
public sealed class PostQuantumFilesTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("ml-dsa-44", 2420)]
    [InlineData("ml-dsa-65", 3309)]
    [InlineData("ml-dsa-87", 4627)]
    [InlineData("slh-dsa-sha2-128s", 7856)]
    [InlineData("slh-dsa-shake-128s", 7856)]
    public void A_certificate_of_OpenSSL_holds_and_no_bit_of_it_can_change(string name, int signatureBytes)
    {
        byte[] der = Bytes(name);
        ParsedCertificate certificate = Certificate(der);
        Assert.Equal(signatureBytes, certificate.Signature.Length);
        Assert.Equal(KeyAlgorithm.TryParse(name, out KeyAlgorithm? kind) ? kind : null, certificate.ToBeSigned.KeyAlgorithm);
        Assert.Equal(SignatureVerdict.Holds, Judge(certificate));
        // SLH-DSA verifies a hundred times more slowly.
        int step = kind is null ? 401 : 11;
        for (int at = 0; at < der.Length; at += step)
        {
            byte[] bad = [.. der];
            bad[at] ^= (byte)(1 << (at % 8));
            if (CertificateReader.TryReadCertificate(bad, out ParsedCertificate? read, out _)
                && read.SignatureAlgorithm.Span.SequenceEqual(read.ToBeSigned.SignatureAlgorithm.Span))
                Assert.NotEqual(SignatureVerdict.Holds, ForeignSignature.Judge(certificate.ToBeSigned.SubjectPublicKeyInfo.Span,
                    read.SignatureAlgorithm, read.ToBeSigned.Der.Span, read.Signature.Span));
        }
    }

    [Theory]
    [InlineData("ml-dsa-65-request", "ML-DSA-65")]
    [InlineData("slh-dsa-sha2-128s-request", "SLH-DSA-SHA2-128s")]
    public void A_request_of_OpenSSL_proves_its_key(string name, string title)
    {
        byte[] der = Bytes(name);
        Assert.True(RequestFile.TryRead(der, out RequestFile? request, out Refusal? refusal), refusal?.ToString());
        Assert.Equal(title, request.Key.Title);
        der[^1] ^= 1;
        Assert.False(RequestFile.TryRead(der, out _, out refusal));
        Assert.Equal("REQ-12", refusal.Rule);
    }

    [Theory]
    [InlineData("ml-dsa-87")]
    [InlineData("slh-dsa-sha2-128s")]
    public void A_list_of_OpenSSL_is_judged_under_its_issuers_key(string name)
    {
        byte[] der = Bytes($"{name}-crl");
        ParsedCertificate issuer = Certificate(Bytes(name)), other = Certificate(Bytes("ml-dsa-65"));
        Assert.Equal(SignatureVerdict.Holds, List(der, issuer, other).Judge(issuer));
        Assert.Equal(SignatureVerdict.CannotBeJudged, List(der, other).Judge(issuer));
        der[^1] ^= 1;
        Assert.Equal(SignatureVerdict.DoesNotHold, List(der, issuer).Judge(issuer));
    }

    [Theory]
    [InlineData("ml-dsa-44")]
    [InlineData("ml-dsa-65")]
    [InlineData("ml-dsa-87")]
    public void OpenSSL_accepts_our_root_what_hangs_under_it_and_its_list(string name)
    {
        if (OpenSsl35() is not { } openssl)
        {
            Skipped();
            return;
        }
        Assert.True(KeyAlgorithm.TryParse(name, out KeyAlgorithm? kind));
        ParsedCertificate root = MlDsaCertificateTests.Root(kind);
        ParsedCertificate below = Samples.Sign(Samples.Plan("firmware-signing-ca") with { Issuer = root, Key = kind });
        byte[] crl = CrlMlDsaTests.Issue(root, Samples.Key("root", kind), [CrlRoom.Entry("01aa")]);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("keyceremony-openssl35-");
        try
        {
            string Pem(string file, string label, byte[] der) => WritePem(folder, file, label, der);
            string rootPem = Pem("root.pem", "CERTIFICATE", root.Der.ToArray());
            string belowPem = Pem("below.pem", "CERTIFICATE", below.Der.ToArray());
            string crlPem = Pem("root-crl.pem", "X509 CRL", crl);
            string at = CrlRoom.Now.AddDays(1).ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture);
            string[] verify = ["verify", "-x509_strict", "-check_ss_sig", "-crl_check", "-attime", at,
                "-CAfile", rootPem, "-CRLfile", crlPem];
            (int code, string said) = Run(openssl, [.. verify, belowPem]);
            Assert.True(code == 0, said);

            byte[] flipped = below.Der.ToArray();
            flipped[^1] ^= 1;
            (code, said) = Run(openssl, [.. verify, Pem("flipped.pem", "CERTIFICATE", flipped)]);
            Assert.True(code != 0 && said.Contains("signature failure", StringComparison.OrdinalIgnoreCase), said);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>RFC 9882: the second signature of a record, as docs/formats/bundle.md has it.</summary>
    [Theory]
    [InlineData("ml-dsa-44")]
    [InlineData("ml-dsa-65")]
    [InlineData("ml-dsa-87")]
    public void OpenSSL_accepts_what_our_key_signs_in_CMS_and_no_bit_of_it_can_change(string name)
    {
        if (OpenSsl35() is not { } openssl)
        {
            Skipped();
            return;
        }
        Assert.True(KeyAlgorithm.TryParse(name, out KeyAlgorithm? kind));
        ParsedCertificate root = MlDsaCertificateTests.Root(kind);
        ParsedCertificate signer = Samples.Sign(Samples.Plan("transcript-signer") with { Issuer = root, Key = kind });
        ThrowAwayKey key = Samples.Key("transcript-signer", kind);
        byte[] statement = "a statement\n"u8.ToArray();
        var content = new SignedContent(SignedDataForm.Data, SHA512.HashData(statement));
        DateTimeOffset at = CrlRoom.Now;
        byte[] signature = key.Generator.SignData(SignedDataForm.SignedAttributes(content, at), kind.Hash);
        byte[] cms = SignedDataForm.Write(content, [signer, root], at, signature);
        Assert.True(SignedDataForm.TryReadSigner(cms, out ReadOnlyMemory<byte> named, out byte[]? read));
        Assert.Equal(SignedDataForm.IssuerAndSerial(signer.ToBeSigned), named.ToArray());
        Assert.Equal(signature, read);

        DirectoryInfo folder = Directory.CreateTempSubdirectory("keyceremony-openssl35-");
        try
        {
            string rootPem = WritePem(folder, "root.pem", "CERTIFICATE", root.Der.ToArray());
            File.WriteAllBytes(Path.Combine(folder.FullName, "statement"), statement);
            (int Code, string Said) Verify(byte[] bytes)
            {
                File.WriteAllBytes(Path.Combine(folder.FullName, "cms"), bytes);
                return Run(openssl, ["cms", "-verify", "-binary", "-x509_strict", "-inform", "DER", "-in",
                    Path.Combine(folder.FullName, "cms"), "-content", Path.Combine(folder.FullName, "statement"), "-CAfile", rootPem,
                    "-attime", at.ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture),
                    "-purpose", "any", "-out", "/dev/null"]);
            }
            (int code, string said) = Verify(cms);
            Assert.True(code == 0, said);
            // In the attributes and in the signature; elsewhere the two readers differ, and ours compares every byte.
            int attribute = cms.AsSpan().IndexOf(content.Digest.Span), from = cms.AsSpan().LastIndexOf(signature);
            foreach (int bit in new[] { 8 * attribute, (8 * from) + 3, (8 * (from + (signature.Length / 2))) + 5 })
            {
                byte[] bad = [.. cms];
                bad[bit / 8] ^= (byte)(1 << (bit % 8));
                Assert.NotEqual(0, Verify(bad).Code);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private void Skipped()
    {
        output.WriteLine("SKIPPED: there is no OpenSSL 3.5 here");
        Console.Error.WriteLine("ML-DSA judged by OpenSSL SKIPPED: there is no OpenSSL 3.5 here");
    }

    private static string WritePem(DirectoryInfo folder, string file, string label, byte[] der)
    {
        string path = Path.Combine(folder.FullName, file);
        File.WriteAllText(path, new string(PemEncoding.Write(label, der)) + "\n");
        return path;
    }

    private static byte[] Bytes(string name) =>
        File.ReadAllBytes(Repository.PathOf("tests", "KeyCeremony.Core.Tests", "Pki", "PostQuantum", name + ".der"));

    private static ParsedCertificate Certificate(byte[] der) =>
        CertificateReader.TryReadCertificate(der, out ParsedCertificate? certificate, out Refusal? refusal)
            ? certificate : throw new ArgumentException(refusal.ToString());

    private static SignatureVerdict Judge(ParsedCertificate certificate) => ForeignSignature.Judge(
        certificate.ToBeSigned.SubjectPublicKeyInfo.Span, certificate.SignatureAlgorithm, certificate.ToBeSigned.Der.Span,
        certificate.Signature.Span);

    private static CrlFacts List(byte[] der, params ParsedCertificate[] signers) =>
        CrlReader.TryRead(new MemoryStream(der), each: null, signers, out CrlFacts? facts, out Refusal? refusal)
            ? facts : throw new ArgumentException(refusal.ToString());

    /// <summary>The program and what stands in front of its arguments; null where there is none that knows ML-DSA.</summary>
    private static string[]? OpenSsl35()
    {
        string cache = Repository.PathOf("artifacts", "iso-cache");
        IEnumerable<string[]> found = (Directory.Exists(cache) ? Directory.GetDirectories(cache, "builder-*") : [])
            .Append(Repository.PathOf("artifacts", "tools", "opencryptoki"))
            .Select(builder => (Libraries: Path.Combine(builder, "usr", "lib", "x86_64-linux-gnu"), Builder: builder))
            .Where(one => File.Exists(Path.Combine(one.Builder, "usr", "bin", "openssl")))
            // Of another release than this machine: with its own loader and its own libraries.
            .Select(one => new[] { Path.Combine(one.Libraries, "ld-linux-x86-64.so.2"), "--library-path", one.Libraries,
                Path.Combine(one.Builder, "usr", "bin", "openssl") });
        return found.Prepend(["openssl"]).FirstOrDefault(program =>
            Run(program, ["list", "-signature-algorithms"]).Said.Contains("ML-DSA-65", StringComparison.Ordinal));
    }

    private static (int Code, string Said) Run(string[] program, string[] arguments)
    {
        try
        {
            (int code, string said, string errors) = EndedProcess.Of(new ProcessStartInfo(program[0], [.. program[1..], .. arguments]));
            return (code, said + errors);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return (-1, "");
        }
    }
}
