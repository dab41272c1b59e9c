using System.Diagnostics;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Crl;

namespace KeyCeremony.Core.Tests.Pki.Crl;

/// <summary>Other implementations take our CRLs, and we take theirs.</summary>
[Trait("Needs", "packages")]
public sealed class CrlOtherToolsTests
{
    public static TheoryData<string> Keys => ["P256", "P384", "Rsa"];

    [Theory]
    [MemberData(nameof(Keys))]
    public void OpenSSL_verifies_our_CRL(string key)
    {
        using var folder = new Folder();
        folder.Write("issuer.pem", Room(key).Certificate.ExportCertificatePem());
        folder.Write("our.crl", Room(key).Issue(Entries));
        (int exitCode, string? output) = folder.Run("openssl", "crl", "-inform",
            "DER", "-in", "our.crl", "-CAfile", "issuer.pem", "-noout", "-text");
        Assert.True(exitCode == 0 && output.Contains("verify OK", StringComparison.Ordinal), output);
        Assert.All(["Version 2", "Serial Number: 0203", "Key Compromise", "Invalidity Date", "X509v3 CRL Number"],
            part => Assert.Contains(part, output, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void GnuTLS_verifies_our_CRL(string key)
    {
        if (!OtherTools.HasCertTool)
            return;
        using var folder = new Folder();
        folder.Write("issuer.pem", Room(key).Certificate.ExportCertificatePem());
        CrlPlan plan = Room(key).Plan with
        {
            ThisUpdate = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 60),
            NextUpdate = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 86_400),
        };
        folder.Write("our.crl", PemEncoding.WriteString("X509 CRL", Room(key).Issue(plan, CrlRoom.Merged(Entries))));
        (int exitCode, string? output) = folder.Run("certtool", "--verify-crl", "--load-ca-certificate",
            "issuer.pem", "--infile", "our.crl");
        Assert.True(exitCode == 0 && output.Contains("Verified", StringComparison.Ordinal), output);
        (exitCode, output) = folder.Run("certtool", "--crl-info", "--infile", "our.crl");
        Assert.True(exitCode == 0 && output.Contains("Revoked certificates (2)", StringComparison.Ordinal), output);
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void DotNet_loads_our_CRL(string key)
    {
        var builder = CertificateRevocationListBuilder.Load(Room(key).Issue(Entries), out BigInteger number);
        Assert.Equal(1, number);
        Assert.True(builder.RemoveEntry([0x02, 0x03]));
        Assert.True(builder.RemoveEntry([0x01]));
    }

    [Fact]
    public void OpenSSL_refuses_a_revoked_certificate_by_our_CRL()
    {
        using var folder = new Folder();
        CrlRoom room = CrlRoom.P256;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=device", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(room.Certificate,
            includeKeyIdentifier: true, includeIssuerAndSerial: false));
        using X509Certificate2 leaf = request.Create(room.Certificate, CrlRoom.Start, CrlRoom.Start.AddYears(2), [0x02, 0x03]);
        folder.Write("issuer.pem", room.Certificate.ExportCertificatePem());
        folder.Write("leaf.pem", leaf.ExportCertificatePem());
        string[] verify = ["verify", "-x509_strict", "-no_check_time", "-crl_check_all",
            "-CAfile", "issuer.pem", "-CRLfile", "our.crl", "leaf.pem"];
        folder.Write("our.crl", PemEncoding.WriteString("X509 CRL", room.Issue(CrlRoom.Entry("01"))));
        (int exitCode, string? output) = folder.Run("openssl", verify);
        Assert.True(exitCode == 0, output);
        folder.Write("our.crl", PemEncoding.WriteString("X509 CRL", room.Issue(Entries)));
        (exitCode, output) = folder.Run("openssl", verify);
        Assert.True(exitCode != 0 && output.Contains("certificate revoked", StringComparison.Ordinal), output);
    }

    [Fact]
    public void A_CRL_and_an_index_of_OpenSSL_are_read()
    {
        using var folder = new Folder();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        folder.Write("key.pem", key.ExportECPrivateKeyPem());
        folder.Write("ca.cnf", "[ca]\ndefault_ca=a\n[a]\ndatabase=index.txt\ncrlnumber=number\ndefault_md=sha384\n"
            + "default_crl_days=30\ncrl_extensions=e\n[e]\nauthorityKeyIdentifier=keyid\n[req]\ndistinguished_name=d\nx509_extensions=x\n"
            + "[d]\n[x]\nsubjectKeyIdentifier=hash\nbasicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign\n");
        folder.Write("index.txt", "V\t471231000000Z\t\t10\tunknown\t/CN=a\n"
            + "R\t471231000000Z\t260101000000Z,keyCompromise\t0A0B\tunknown\t/CN=b\nR\t471231000000Z\t260201000000Z\t09\tunknown\t/CN=c\n");
        folder.Write("number", "1234\n");
        Assert.Equal(0, folder.Run("openssl", "req", "-new", "-x509", "-config",
            "ca.cnf", "-key", "key.pem", "-subj", "/CN=Foreign CA", "-days", "9000", "-out", "ca.pem").ExitCode);
        (int exitCode, string? output) = folder.Run("openssl", "ca", "-config", "ca.cnf",
            "-gencrl", "-keyfile", "key.pem", "-cert", "ca.pem", "-out", "foreign.crl");
        Assert.True(exitCode == 0, output);

        (CrlFacts? facts, List<Revocation>? entries) = CrlRoom.Read(folder.Read("foreign.crl"));
        Assert.Equal(0x1234, facts.Number);
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificateFromFile(folder.PathOf("ca.pem"));
        Assert.True(KeyCeremony.Core.Pki.CertificateReader.TryReadCertificate(certificate.RawData, out ParsedCertificate? issuer, out _));
        Assert.True(facts.IsSignedBy(issuer));
        using var sort = new RevocationSort(() => new MemoryStream());
        Assert.True(RevocationFile.TryRead(new MemoryStream(folder.Read("index.txt")), RevocationFormat.OpenSslIndex, sort, out _, out _));
        Assert.True(sort.TryFinish(out SortedRevocations? fromIndex, out _));
        Assert.Equal(fromIndex.Entries(), entries.OrderBy(entry => entry.Serial));
    }

    [Fact]
    public void A_CRL_of_GnuTLS_is_read()
    {
        if (!OtherTools.HasCertTool)
            return;
        using var folder = new Folder();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        folder.Write("key.pem", key.ExportECPrivateKeyPem());
        folder.Write("ca.cfg", "cn = \"Foreign CA\"\nca\ncrl_signing_key\ncert_signing_key\nexpiration_days = 300\n");
        folder.Write("crl.cfg", "crl_next_update = 30\ncrl_number = 7\n");
        Assert.Equal(0, folder.Run("certtool", "--generate-self-signed", "--load-privkey",
            "key.pem", "--template", "ca.cfg", "--outfile", "ca.pem").ExitCode);
        (int exitCode, string? output) = folder.Run("certtool", "--generate-crl", "--load-ca-privkey", "key.pem",
            "--load-ca-certificate", "ca.pem", "--load-certificate", "ca.pem", "--template", "crl.cfg", "--outfile", "foreign.crl");
        Assert.True(exitCode == 0, output);
        (CrlFacts? facts, List<Revocation>? entries) = CrlRoom.Read(folder.Read("foreign.crl"));
        Assert.Equal((7, 1), ((int)facts.Number!.Value, entries.Count));
    }

    [Fact]
    public void A_CRL_of_DotNet_in_another_order_is_read_and_sorted()
    {
        var builder = new CertificateRevocationListBuilder();
        foreach (byte serial in new byte[] { 9, 3, 7 })
            builder.AddEntry([serial], CrlRoom.Start, X509RevocationReason.CessationOfOperation);
        (CrlFacts? facts, List<Revocation>? entries) = CrlRoom.Read(builder.Build(CrlRoom.P256.Certificate,
            5, CrlRoom.Now.AddDays(30), HashAlgorithmName.SHA256, rsaSignaturePadding: null, thisUpdate: CrlRoom.Now));
        Assert.False(facts.IsSorted);
        Assert.True(facts.IsSignedBy(CrlRoom.P256.Issuer));
        Assert.Equal(["03", "07", "09"], CrlRoom.Sorted(entries).Entries().Select(entry => entry.Serial.ToString()));
    }

    private static Revocation[] Entries =>
        [CrlRoom.Entry("01"), CrlRoom.Entry("0203", RevocationReason.KeyCompromise, day: 10, invalidity: CrlRoom.Start)];

    private static CrlRoom Room(string key) => key switch
    {
        "P256" => CrlRoom.P256,
        "P384" => CrlRoom.P384,
        _ => CrlRoom.Rsa,
    };

    private sealed class Folder : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("keyceremony-crl-");

        public string PathOf(string file) => Path.Combine(_folder.FullName, file);

        public void Write(string file, string text) => File.WriteAllText(PathOf(file), text);

        public void Write(string file, byte[] bytes) => File.WriteAllBytes(PathOf(file), bytes);

        public byte[] Read(string file) => File.ReadAllBytes(PathOf(file));

        public (int ExitCode, string Output) Run(string tool, params string[] arguments)
        {
            (int code, string said, string errors) =
                EndedProcess.Of(new ProcessStartInfo(tool, arguments) { WorkingDirectory = _folder.FullName });
            return (code, said + errors);
        }

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
