using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KeyCeremony.Core.Tests.Pki.Requests;

/// <summary>Requests as people really make them: by openssl, certtool and .NET, live, into a folder.</summary>
internal static class GoodRequests
{
    public static readonly string[] OpenSslKeys = ["rsa:2048", "rsa:3072", "rsa:4096", "ec:P-256", "ec:P-384", "ec:P-521"];

    public static void ByOpenSsl(string folder)
    {
        foreach (string key in OpenSslKeys)
        {
            (string? kind, string? size) = (key.Split(':')[0], key.Split(':')[1]);
            string[] algorithm = kind == "rsa"
                ? ["RSA", "-pkeyopt", $"rsa_keygen_bits:{size}"]
                : ["EC", "-pkeyopt", $"ec_paramgen_curve:{size}"];
            string name = $"openssl-{kind}-{size}";
            Run(folder, "openssl", ["genpkey", "-algorithm", .. algorithm, "-out", $"{name}.key"]);
            Request(folder, name, name, "-sha256", "-out", $"{name}.pem");
            Request(folder, name, name, "-sha384", "-outform", "DER", "-out", $"{name}.der");
        }
        Request(folder, "openssl-rsa-3072", "openssl-rsa-3072", "-sha256", "-sigopt",
            "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:-1", "-out", "openssl-pss.pem");
        Request(folder, "openssl-ec-P-384", "openssl-ec-P-384", "-sha512", "-addext",
            "basicConstraints=critical,CA:TRUE,pathlen:0", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
            "-addext", "subjectAltName=DNS:ca.example.com,IP:192.0.2.1", "-out", "openssl-extensions.pem");
        Run(folder, "openssl", ["req", "-new", "-key", "openssl-ec-P-256.key", "-newhdr",
            "-subj", "/C=DE/O=Example/CN=Example old header", "-out", "openssl-old-header.pem"]);
    }

    public static void ByCertTool(string folder)
    {
        File.WriteAllText(Path.Combine(folder, "certtool.cfg"), "organization = \"Example Devices GmbH\"\n"
            + "country = DE\ncn = \"Example Factory CA 1\"\nca\ncert_signing_key\ncrl_signing_key\n");
        foreach ((string? name, string[]? key) in new (string, string[])[]
        {
            ("rsa-2048", ["--key-type", "rsa", "--bits", "2048"]), ("rsa-3072", ["--key-type", "rsa", "--bits", "3072"]),
            ("p256", ["--key-type", "ecdsa", "--curve", "secp256r1"]), ("p384", ["--key-type", "ecdsa", "--curve", "secp384r1"]),
            ("p521", ["--key-type", "ecdsa", "--curve", "secp521r1"]),
        })
        {
            Run(folder, "certtool", ["--generate-privkey", .. key, "--no-text", "--outfile", $"certtool-{name}.key"]);
            Run(folder, "certtool", ["--generate-request", "--no-text", "--load-privkey",
                $"certtool-{name}.key", "--template", "certtool.cfg", "--outfile", $"certtool-{name}.pem"]);
        }
        Run(folder, "certtool", ["--generate-request", "--no-text", "--outder", "--load-privkey",
            "certtool-p256.key", "--template", "certtool.cfg", "--outfile", "certtool-p256.der"]);
    }

    public static void ByDotNet(string folder)
    {
        foreach (int bits in new[] { 2048, 3072, 4096 })
        {
            using var rsa = RSA.Create(bits);
            Write($"dotnet-rsa-{bits}.pem",
                new CertificateRequest(Subject($"RSA {bits}"), rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
            Write($"dotnet-rsa-{bits}-pss.pem",
                new CertificateRequest(Subject($"RSA {bits}"), rsa, HashAlgorithmName.SHA512, RSASignaturePadding.Pss));
        }
        foreach (ECCurve curve in new[] { ECCurve.NamedCurves.nistP256, ECCurve.NamedCurves.nistP384, ECCurve.NamedCurves.nistP521 })
        {
            using var ecdsa = ECDsa.Create(curve);
            var request = new CertificateRequest(Subject(curve.Oid.FriendlyName!), ecdsa, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
            request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
            Write($"dotnet-{curve.Oid.FriendlyName}.pem", request);
        }

        void Write(string file, CertificateRequest request) =>
            File.WriteAllText(Path.Combine(folder, file), request.CreateSigningRequestPem());
    }

    public static string Run(string folder, string tool, string[] arguments)
    {
        (int code, string said, string errors) = EndedProcess.Of(new ProcessStartInfo(tool, arguments) { WorkingDirectory = folder });
        Assert.True(code == 0, $"{tool} {string.Join(' ', arguments)}: {errors}");
        return said;
    }

    private static void Request(string folder, string key, string cn, params string[] more) =>
        Run(folder, "openssl", ["req", "-new", "-key", $"{key}.key", "-subj", $"/C=DE/O=Example Devices GmbH/CN=Example {cn}", .. more]);

    private static X500DistinguishedName Subject(string cn) => new($"CN=Example {cn}, O=Example Devices GmbH, C=DE");
}
