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

    private static (int Code, string Said, string Errors) Inspect(byte[] request)
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, request);
            return Run(file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static (int Code, string Said, string Errors) Run(string file) => ProgramRun.Of("request", "inspect", file);
}
