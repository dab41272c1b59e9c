using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KeyCeremony.Core.Release.Images;

namespace KeyCeremony.Core.Tests.Release;

/// <summary>What the tools that sign and verify UEFI programs say to our digest.</summary>
[Trait("Needs", "packages")]
public sealed class EfiToolTests : IDisposable
{
    private const string Programs = "/usr/lib/efitools/x86_64-linux-gnu";

    private readonly string _folder = Directory.CreateTempSubdirectory("keyceremony-efi-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>HashTool's length is no multiple of 8: the tools fill it.</summary>
    [Theory]
    [InlineData("HelloWorld.efi")]
    [InlineData("HashTool.efi")]
    public void A_signature_over_our_digest_is_attached_and_verified_and_a_flipped_byte_is_refused(string program)
    {
        string path = Path.Combine(Programs, program);
        ImageFacts facts = ImageBytes.Taken("efi", File.ReadAllBytes(path));
        string digest = Assert.Single(facts.Digests).Hex;
        Assert.Equal("x64", facts.Target);

        using var key = RSA.Create(3072);
        using X509Certificate2 certificate = SelfSigned(key);
        File.WriteAllText(In("signer.pem"), certificate.ExportCertificatePem());
        File.WriteAllBytes(In("signature.p7"), Authenticode.Sign(Convert.FromHexString(digest), key, certificate));
        (int code, string said) = Run("osslsigncode", "attach-signature", "-sigin", In("signature.p7"), "-CAfile", In("signer.pem"),
            "-in", path, "-out", In("signed.efi"));
        Assert.True(code == 0, said);

        (code, said) = Run("sbverify", "--cert", In("signer.pem"), In("signed.efi"));
        Assert.True(code == 0, said);
        (code, said) = Run("osslsigncode", "verify", "-CAfile", In("signer.pem"), "-in", In("signed.efi"));
        Assert.True(code == 0, said);
        Assert.Contains($"Calculated message digest : {digest.ToUpperInvariant()}", said, StringComparison.Ordinal);

        byte[] signed = File.ReadAllBytes(In("signed.efi"));
        Assert.Equal("RELEASE-11", ImageBytes.Refused("efi", signed)?.Rule);
        signed[0x1000] ^= 1;
        File.WriteAllBytes(In("flipped.efi"), signed);
        Assert.NotEqual(0, Run("sbverify", "--cert", In("signer.pem"), In("flipped.efi")).Code);
        Assert.NotEqual(0, Run("osslsigncode", "verify", "-CAfile", In("signer.pem"), "-in", In("flipped.efi")).Code);
    }

    private static X509Certificate2 SelfSigned(RSA key)
    {
        var request = new CertificateRequest("CN=Firmware signer", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.3")], critical: false));
        return request.CreateSelfSigned(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero),
            new DateTimeOffset(2049, 1, 1, 0, 0, 0, TimeSpan.Zero));
    }

    private string In(string file) => Path.Combine(_folder, file);

    private (int Code, string Said) Run(string tool, params string[] arguments)
    {
        (int code, string said, string errors) = EndedProcess.Of(new ProcessStartInfo(tool, arguments) { WorkingDirectory = _folder });
        return (code, said + errors);
    }
}
