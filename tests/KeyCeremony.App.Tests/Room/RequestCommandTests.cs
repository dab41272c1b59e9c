using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KeyCeremony.App.Tests.Room;

/// <summary><c>keyceremony request inspect</c> as a requester runs it.</summary>
public sealed class RequestCommandTests
{
    [Fact]
    public void A_sound_request_is_shown_with_the_hash_of_its_file()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        string pem = new CertificateRequest("CN=Example Factory CA 1, O=Example, C=DE", key, HashAlgorithmName.SHA384)
            .CreateSigningRequestPem();

        (int code, string? said, string _) = Inspect(System.Text.Encoding.ASCII.GetBytes(pem));

        Assert.Equal(0, code);
        Assert.Contains("EC P-384", said, StringComparison.Ordinal);
        Assert.Contains(Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(pem))),
            said, StringComparison.Ordinal);
        Assert.Contains("Example Factory CA 1", said, StringComparison.Ordinal);
        Assert.Contains("words 25-32", said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_hostile_request_is_refused_with_its_rule_and_the_exit_code_1()
    {
        using var rsa = RSA.Create(1024);
        byte[] der = new CertificateRequest("CN=Example", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSigningRequest();

        (int code, string? said, string? errors) = Inspect(der);

        Assert.Equal(1, code);
        Assert.Empty(said);
        Assert.StartsWith("PUBKEY-03", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_too_long_or_not_there_is_refused()
    {
        Assert.StartsWith("REQ-01", Inspect(new byte[1 << 20]).Errors, StringComparison.Ordinal);
        Assert.StartsWith("REQ-14", Run(Path.Combine(Path.GetTempPath(), "keyceremony-no-such-request.pem")).Errors,
            StringComparison.Ordinal);
        Assert.StartsWith("REQ-14", Run(Path.GetTempPath()).Errors, StringComparison.Ordinal);
    }

    /// <summary>What certtool makes for who has not read its page: the room refuses it, and so does the desk.</summary>
    [Fact]
    public void With_a_profile_it_says_what_the_room_would_say()
    {
        byte[] asksToBeNoCa = Asking(isCa: false, X509KeyUsageFlags.DigitalSignature);
        byte[] asksForMore = Asking(isCa: true,
            X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign);

        Assert.Equal(0, Inspect(asksToBeNoCa).Code);
        (int code, _, string errors) = Inspect(asksToBeNoCa, "--profile", "mtls-intermediate");
        Assert.Equal(1, code);
        Assert.StartsWith("REQ-20", errors, StringComparison.Ordinal);
        (code, string said, errors) = Inspect(asksForMore, "--profile", "mtls-intermediate");
        Assert.True(code == 0, errors);
        Assert.Contains("keyUsage: asked digitalSignature, keyCertSign, cRLSign; granted keyCertSign, cRLSign (differs)", said,
            StringComparison.Ordinal);
        Assert.StartsWith("REQ-15", Inspect(asksForMore, "--profile", "no-such").Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void With_a_script_it_shows_what_is_granted_and_refuses_another_kind_of_key()
    {
        string script = Terminal.TestFiles.PathOf("ceremony-scripts", "intermediate-signing.md");
        using var p256 = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var p521 = ECDsa.Create(ECCurve.NamedCurves.nistP521);
        byte[] good = new CertificateRequest("", p256, HashAlgorithmName.SHA256).CreateSigningRequest();
        byte[] other = new CertificateRequest("CN=Example", p521, HashAlgorithmName.SHA512).CreateSigningRequest();

        (int code, string said, string errors) = Inspect(good, "--script", script, "--request", "mtls-m1");
        Assert.True(code == 0, errors);
        Assert.Contains("subject: asked nothing; granted ", said, StringComparison.Ordinal);
        Assert.StartsWith("REQ-23", Inspect(other, "--script", script, "--request", "mtls-m1").Errors, StringComparison.Ordinal);
        Assert.Contains("tls-t1, mtls-m1", Inspect(good, "--script", script).Errors, StringComparison.Ordinal);
        Assert.StartsWith("REQ-15", Inspect(good, "--script", script, "--request", "nobody").Errors, StringComparison.Ordinal);
        Assert.StartsWith("REQ-15", Inspect(good, "--script", Terminal.TestFiles.PathOf("ceremony-scripts", "root-creation.md")).Errors,
            StringComparison.Ordinal);
    }

    private static byte[] Asking(bool isCa, X509KeyUsageFlags usage)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var request = new CertificateRequest("CN=Example", key, HashAlgorithmName.SHA384);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isCa, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(usage, true));
        return request.CreateSigningRequest();
    }

    private static (int Code, string Said, string Errors) Inspect(byte[] request, params string[] more)
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, request);
            return Run(file, more);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static (int Code, string Said, string Errors) Run(string file, params string[] more) =>
        ProgramRun.Of(["request", "inspect", file, .. more]);
}
