using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using KeyCeremony.App.Tests.Terminal;

namespace KeyCeremony.App.Tests.Room;

/// <summary>docs/formats/json.md: one object on standard output, its members as the page has them.</summary>
public sealed class JsonAnswerTests : IDisposable
{
    private static readonly string[] Always = ["type", "result", "exitCode", "lines", "refusals"];

    private static readonly string Page = File.ReadAllText(TestFiles.PathOf("docs", "formats", "json.md"));

    private readonly string _folder = Directory.CreateTempSubdirectory("keyceremony-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_script_is_checked_for_a_machine()
    {
        JsonElement answer = Of(0, "check", "check", TestFiles.PathOf("ceremony-scripts", "root-creation.md"), "--json",
            "--ledger", Folder("a"), "--ledger", Folder("b"));

        Assert.Equal("root-creation", answer.GetProperty("script").GetString());
        Assert.Equal(64, answer.GetProperty("sha256").GetString()!.Length);
        Assert.Contains(answer.GetProperty("looked").EnumerateArray(), f => f.GetProperty("result").GetString() == "pass");
        Assert.NotEqual(0, answer.GetProperty("needs").GetArrayLength());

        answer = Of(1, "check", "check", Path.Combine(_folder, "nosuch.md"), "--json");
        Assert.Equal("SCRIPT-01", answer.GetProperty("findings")[0].GetProperty("rule").GetString());
        Assert.Equal((2, ""), Both("check", "x.md", "--json", "--environment", "none"));
    }

    [Fact]
    public void A_request_is_told_to_a_machine()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        string file = Path.Combine(_folder, "a.csr");
        File.WriteAllText(file,
            new CertificateRequest("CN=Example Factory, O=Example, C=DE", key, HashAlgorithmName.SHA384).CreateSigningRequestPem());

        JsonElement answer = Of(0, "request-inspect", "request", "inspect", file, "--json");
        Assert.Equal(("pkcs10", "EC P-384", 32), (answer.GetProperty("kind").GetString(), answer.GetProperty("key").GetString(),
            answer.GetProperty("words").GetArrayLength()));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file))), answer.GetProperty("sha256").GetString());

        answer = Of(0, "request-inspect", "request", "inspect", file, "--json", "--profile", "mtls-intermediate");
        Assert.All(answer.GetProperty("compared").EnumerateArray(), row => Assert.NotEmpty(row.GetProperty("field").GetString()!));
        Assert.NotEqual(0, answer.GetProperty("compared").GetArrayLength());
        answer = Of(1, "request-inspect", "request", "inspect", _folder, "--json");
        Assert.Equal("REQ-14", answer.GetProperty("refusals")[0].GetProperty("rule").GetString());
    }

    [Fact]
    public void A_revocation_list_is_told_to_a_machine()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var request = new CertificateRequest("CN=Issuer", key, HashAlgorithmName.SHA384);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        DateTimeOffset now = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);
        using X509Certificate2 issuer = request.CreateSelfSigned(now.AddYears(-1), now.AddYears(9));
        var builder = new CertificateRevocationListBuilder();
        builder.AddEntry([0x0A, 0x1B], now.AddDays(-1), X509RevocationReason.KeyCompromise);
        string crl = Path.Combine(_folder, "a.crl"), ca = Path.Combine(_folder, "ca.pem");
        File.WriteAllBytes(crl, builder.Build(issuer, 3, now.AddDays(30), HashAlgorithmName.SHA384, thisUpdate: now));
        File.WriteAllText(ca, issuer.ExportCertificatePem());

        JsonElement answer = Of(0, "crl-inspect", "crl", "inspect", crl, "--json", "--issuer", ca, "--serial", "2587", "--against", crl);
        Assert.Equal(("3", "2026-11-01T12:00:00Z", 1, "verified"), (answer.GetProperty("number").GetString(),
            answer.GetProperty("thisUpdate").GetString(), answer.GetProperty("entries").GetInt32(),
            answer.GetProperty("signature").GetString()));
        Assert.Equal([(false, null), (true, "keyCompromise")], answer.GetProperty("serials").EnumerateArray()
            .Select(s => (s.GetProperty("revoked").GetBoolean(), s.GetProperty("reason").GetString())));
        Assert.Equal(1, answer.GetProperty("compared")[0].GetProperty("same").GetInt32());
        Assert.Equal("not-asked", Of(0, "crl-inspect", "crl", "inspect", crl, "--json").GetProperty("signature").GetString());
    }

    [Fact]
    public void A_release_is_told_to_a_machine()
    {
        string folder = TestFiles.PathOf("docs", "examples", "release");
        JsonElement answer = Of(0, "release-inspect", "release", "inspect", Path.Combine(folder, "application-1.15.0"), "--json",
            "--builder", Path.Combine(folder, "runner-a.pub.pem"), Path.Combine(folder, "runner-b.pub.pem"));

        Assert.Equal(("application", 18), (answer.GetProperty("component").GetString(), answer.GetProperty("securityCounter").GetInt32()));
        JsonElement image = answer.GetProperty("images")[0];
        Assert.Equal(("mcuboot", "1.15.0+7", null, 64), (image.GetProperty("format").GetString(), image.GetProperty("version").GetString(),
            image.GetProperty("target").GetString(), image.GetProperty("toBeSigned")[0].GetProperty("digest").GetString()!.Length));
        Assert.Equal(2, answer.GetProperty("builders").GetArrayLength());

        answer = Of(1, "release-inspect", "release", "inspect", Path.Combine(folder, "application-1.15.0"), "--json");
        Assert.Equal(["BUILDER-03", "BUILDER-03"],
            answer.GetProperty("refusals").EnumerateArray().Select(one => one.GetProperty("rule").GetString()));
    }

    [Fact]
    public void A_hash_is_told_to_a_machine_and_what_is_none_leaves_nothing_on_standard_output()
    {
        Assert.Equal(32, Of(0, "words", "words", new string('0', 64), "--json").GetProperty("words").GetArrayLength());
        Assert.Equal((2, ""), Both("words", "x", "--json"));
    }

    /// <summary>What the image says of itself, here of a machine that is none.</summary>
    [Fact]
    public void A_self_check_is_told_to_a_machine()
    {
        (int code, string said, _) = ProgramRun.Of("self-check", "--json");
        JsonElement answer = JsonDocument.Parse(said).RootElement;

        Assert.Equal(code, answer.GetProperty("exitCode").GetInt32());
        Assert.All(answer.GetProperty("findings").EnumerateArray(), f => Assert.NotEmpty(f.GetProperty("rule").GetString()!));
        Documented(answer, "self-check");
    }

    private string Folder(string name) => Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;

    private static (int Code, string Said) Both(params string[] arguments)
    {
        (int code, string said, _) = ProgramRun.Of(arguments);
        return (code, said);
    }

    private static JsonElement Of(int code, string name, params string[] arguments)
    {
        (int ended, string said, string errors) = ProgramRun.Of(arguments);
        Assert.True(ended == code, errors);
        Assert.DoesNotContain("\u202e", said, StringComparison.Ordinal);
        JsonElement answer = JsonDocument.Parse(said).RootElement;
        Documented(answer, name);
        Assert.Equal((code, code == 0 ? "ok" : "refused"),
            (answer.GetProperty("exitCode").GetInt32(), answer.GetProperty("result").GetString()));
        return answer;
    }

    /// <summary>Every member stands in the page, in the section of its command.</summary>
    private static void Documented(JsonElement answer, string name)
    {
        Assert.Equal($"keyceremony-{name}-v1", answer.GetProperty("type").GetString());
        int start = Page.IndexOf($"\n## `keyceremony-{name}-v1`", StringComparison.Ordinal);
        Assert.True(start > 0, $"json.md has no section of {name}.");
        int end = Page.IndexOf("\n## ", start + 4, StringComparison.Ordinal);
        string section = Page[start..(end < 0 ? Page.Length : end)];
        foreach (JsonProperty member in answer.EnumerateObject().Where(m => !Always.Contains(m.Name)))
            Assert.Contains($"`{member.Name}`", section, StringComparison.Ordinal);
        foreach (JsonElement one in answer.EnumerateObject()
            .Where(m => m.Value.ValueKind == JsonValueKind.Array && !Always.Contains(m.Name))
            .SelectMany(m => m.Value.EnumerateArray()).Where(e => e.ValueKind == JsonValueKind.Object))
            foreach (JsonProperty member in one.EnumerateObject())
                Assert.Contains($"`{member.Name}`", section, StringComparison.Ordinal);
    }
}
