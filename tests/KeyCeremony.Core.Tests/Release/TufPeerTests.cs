using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using KeyCeremony.Core.Release.Tuf;
using KeyCeremony.Core.Tests.Pki;

namespace KeyCeremony.Core.Tests.Release;

/// <summary>npm tuf-js, a client that others wrote, says the same of a root and the next one.</summary>
public sealed class TufPeerTests : IDisposable
{
    private readonly TufFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void A_client_goes_from_one_root_to_the_next_where_both_thresholds_are_reached()
    {
        string before = TufFiles.SignedBy(_files.First(), _files.Ec[0], _files.Ec[1]);
        string next = TufFiles.SignedBy(_files.Second(), _files.Ec[..3]);
        Assert.Equal(2, Update(before, next).GetProperty("version").GetInt32());
        Assert.True(Succession(before, next).IsSigned);

        ECDsa[][] tooFew = [[_files.Ec[0], _files.Ec[2]], [_files.Ec[0], _files.Ec[1]], [_files.Ec[2], _files.Ec[3]], _files.Ec[3..]];
        foreach (ECDsa[] some in tooFew)
        {
            string half = TufFiles.SignedBy(_files.Second(), some);
            Assert.True(Update(before, half).TryGetProperty("error", out _));
            Assert.False(Succession(before, half).IsSigned);
        }
    }

    [Fact]
    public void A_byte_that_is_another_is_refused_by_both()
    {
        string before = TufFiles.SignedBy(_files.First(), _files.Ec[0], _files.Ec[1]);
        string next = TufFiles.SignedBy(_files.Second(), _files.Ec[..3]).Replace("2027-12-01", "2027-12-02", StringComparison.Ordinal);

        Assert.True(Update(before, next).TryGetProperty("error", out _));
        Assert.Equal("TUF-07", TufFiles.Judge(before, next, out _)[0]);
    }

    [Fact]
    public void A_version_that_is_left_out_is_refused_by_both()
    {
        JsonObject third = _files.Second();
        third["version"] = 3;
        string before = TufFiles.SignedBy(_files.First(), _files.Ec[0], _files.Ec[1]), next = TufFiles.SignedBy(third, _files.Ec[..3]);

        Assert.True(Update(before, next).TryGetProperty("error", out _));
        Assert.Equal(["TUF-09"], TufFiles.Judge(before, next, out _));
    }

    [Fact]
    public void Both_write_the_same_canonical_text()
    {
        JsonObject signed = _files.First();
        signed["x-a"] = "a \"quoted\" \\ text\nof two lines";
        signed["X-b"] = new JsonArray(1, -7, true, null, new JsonObject { ["b"] = 1, ["a"] = "<&>'+" });
        string file = TufFiles.File(signed);

        Assert.Equal(Convert.ToHexStringLower(TufFiles.Read(file).Signed.Span),
            Ask(new { @do = "canonical", root = file }).GetProperty("signed").GetString());
    }

    [Fact]
    public void A_client_takes_RSA_keys_with_PSS()
    {
        JsonObject rsa = TufFiles.KeyOf("rsa", "rsassa-pss-sha256", _files.Rsa.ExportSubjectPublicKeyInfoPem());
        JsonObject signed = _files.Signed(1, [rsa], 1);
        string file = TufFiles.File(signed, (TufFiles.IdOf(rsa),
            _files.Rsa.SignData(TufFiles.Canonical(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pss)));

        Assert.Equal(1, Update(file).GetProperty("version").GetInt32());
        Assert.Empty(TufFiles.Judge(null, file, out _));
    }

    /// <summary>Why a key of P-384 is an exception, TUF-15.</summary>
    [Fact]
    public void A_client_verifies_P_384_with_another_hash()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        JsonObject named = TufFiles.KeyOf(key, "ecdsa-sha2-nistp384"), signed = _files.Signed(1, [named], 1);
        string By(HashAlgorithmName hash) => TufFiles.File(signed,
            (TufFiles.IdOf(named), key.SignData(TufFiles.Canonical(signed), hash, DSASignatureFormat.Rfc3279DerSequence)));

        Assert.Empty(TufFiles.Judge(null, By(HashAlgorithmName.SHA384), out TufSuccession? succession));
        Assert.Equal("TUF-15", Assert.Single(succession!.Exceptions).Rule);
        Assert.True(Update(By(HashAlgorithmName.SHA384)).TryGetProperty("error", out _));
        Assert.True(Update(By(HashAlgorithmName.SHA256)).TryGetProperty("version", out _));
    }

    private static TufSuccession Succession(string before, string next)
    {
        Assert.Empty(TufFiles.Judge(before, next, out TufSuccession? succession));
        return succession!;
    }

    private static JsonElement Update(string trusted, params string[] roots) => Ask(new { @do = "update", trusted, roots });

    private static JsonElement Ask(object question)
    {
        string folder = Repository.PathOf("tests", "tuf-peer");
        Assert.True(Directory.Exists(Path.Combine(folder, "node_modules")), "run `npm ci` in tests/tuf-peer");
        var start = new ProcessStartInfo("node", "peer.js")
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using Process node = Process.Start(start)!;
        node.StandardInput.Write(JsonSerializer.Serialize(question));
        node.StandardInput.Close();
        string answer = node.StandardOutput.ReadToEnd();
        node.WaitForExit();
        Assert.Equal(0, node.ExitCode);
        return JsonDocument.Parse(answer).RootElement;
    }
}
