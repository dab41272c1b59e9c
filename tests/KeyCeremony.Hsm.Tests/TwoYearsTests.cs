using System.Security.Cryptography.X509Certificates;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Verifier;
using Xunit.Abstractions;

namespace KeyCeremony.Hsm.Tests;

/// <summary>
/// An authority from its first day to the end of its second year, each ceremony through the real program at its day:
/// every bundle verifies by itself, all of them verify together, and other people's software accepts what is good and
/// refuses what was taken back.
/// </summary>
public sealed class TwoYearsTests : IDisposable
{
    private const int LastDay = 730;

    private readonly ITestOutputHelper _output;
    private readonly Table _table = Table.Laid();
    private readonly Calendar _calendar;
    private readonly ListServer _server = new();

    public TwoYearsTests(ITestOutputHelper output)
    {
        _output = output;
        _calendar = new Calendar(_table);
    }

    public void Dispose()
    {
        _server.Dispose();
        _table.Dispose();
    }

    [Fact]
    public void Everything_verifies_together_and_other_software_knows_what_was_taken_back()
    {
        Visitors.BringRequests(_table);
        Visitors.BringOtherAuthority(_table);

        On(0, "root-creation");
        _table.Follow("periodic");
        On(20, "intermediate-signing");
        On(40, "intermediate-creation");
        On(60, "crl-signing");
        On(170, "crl-signing");
        On(200, "service-certificates");
        On(290, "crl-signing");
        On(340, "cross-signing");
        On(400, "crl-signing");
        OnRevoking(450, "mtls-m1");
        On(520, "crl-signing");
        On(560, "matter-attestation");
        On(640, "crl-signing");
        On(645, "crl-signing", ("  issuer: root\n", "  issuer: paa\n"));

        _table.Verifies();
        Token.HoldsWhatTheLedgerKnows(_table);
        LedgerKnowsItsLists(_table.World());
        _calendar.TurnTo(LastDay);
        OpensslAgrees();
        CerttoolAgrees();
        DotnetAgrees();
    }

    private void On(int day, string ceremony, params (string, string)[] changes)
    {
        _calendar.TurnTo(day);
        Closed(ceremony, _table.Run(ScriptOf(ceremony, changes)));
    }

    /// <summary>The emergency: a key was stolen the day before.</summary>
    private void OnRevoking(int day, string certificate)
    {
        _calendar.TurnTo(day);
        _table[":reason"] = "keyCompromise";
        _table[":invalidity"] = Yesterday;
        _table[":enter"] = "enter";
        Closed("emergency-revocation",
            _table.Answering(ScriptOf("emergency-revocation"), ("more", $"certificate/{certificate}"), ("more", "done")));
        _table[":more"] = "done";

        RevocationEntered entered = Assert.Single(_table.Entries().Select(e => e.Body).OfType<RevocationEntered>());
        Assert.Equal((certificate, "keyCompromise", Yesterday),
            (entered.Certificate, entered.Reason, $"{entered.Invalidity:yyyy-MM-dd HH:mm:ss}"));
    }

    private string Yesterday => $"{_calendar.Today.AddDays(-1):yyyy-MM-dd} 08:00:00";

    /// <summary>Certificates name the address from which this test serves the lists.</summary>
    private Script ScriptOf(string ceremony, params (string, string)[] changes) =>
        new(ceremony, [("http://pki.example.com/root.crl", _server.Address), .. changes]);

    /// <summary>The ceremony ended today, and its bundle verifies by itself.</summary>
    private void Closed(string ceremony, Ran ran)
    {
        ran.Expect(0);
        string bundle = _table.Bundles[^1];
        Assert.EndsWith(ceremony, bundle, StringComparison.Ordinal);
        VerifyReport report = BundleVerify.Run([bundle], new VerifyOptions());
        Assert.True(report.Passed, report.Text);
        Assert.InRange(_table.Entries()[^1].Utc, _calendar.Today, _calendar.Today.AddDays(1));
        _output.WriteLine($"day {_calendar.Day,3}: {Path.GetFileName(bundle)}");
    }

    private static void LedgerKnowsItsLists(World world)
    {
        Assert.Equal(14, world.Ceremonies.Length);
        Assert.Equal(("7", 1), (world.Crls["root"].Signed.Number, world.Crls["root"].Preview.Entries));
        Assert.Equal(("1", 0), (world.Crls["paa"].Signed.Number, world.Crls["paa"].Preview.Entries));
        Assert.True(world.IsRevoked("mtls-m1"));
        Assert.Equal("transcript-2", world.TranscriptKey!.Generated.Key);
    }

    /// <summary>What is good, its root, and the list that it is looked up on.</summary>
    private static readonly (string Certificate, string Root, string List)[] Good =
    [
        ("tls-t1", "root", "root-7"),
        ("device-ca-i1", "root", "root-7"),
        ("other-ca-cross", "root", "root-7"),
        ("transcript-2", "root", "root-7"),
        ("pai-1", "paa", "paa-1"),
    ];

    private void OpensslAgrees()
    {
        foreach ((string certificate, string root, string list) in Good)
            Openssl(certificate, root, list).Expect(0);
        Assert.Contains("certificate revoked", Openssl("mtls-m1", "root", "root-7").Expect(2).Said, StringComparison.Ordinal);
    }

    private Ran Openssl(string certificate, string root, string list) => _table.Other("openssl", "verify", "-x509_strict", "-crl_check_all",
        "-CAfile", Pem(root), "-CRLfile", PemList(list), Pem(certificate));

    private void CerttoolAgrees()
    {
        foreach ((string certificate, string root, string list) in Good)
            Certtool(certificate, root, list).Expect(0);
        Assert.Contains("revoked", Certtool("mtls-m1", "root", "root-7").Expect(1).Said, StringComparison.Ordinal);
    }

    private Ran Certtool(string certificate, string root, string list) => _table.Other("certtool", "--verify",
        "--load-ca-certificate", Pem(root), "--load-crl", PemList(list), "--infile", Pem(certificate));

    /// <summary>.NET looks the list up where the certificate says. Those of Matter, and those for our own use, name no address.</summary>
    private void DotnetAgrees()
    {
        _server.List = File.ReadAllBytes(InLastBundle("crls", "root-7.crl"));
        foreach (string certificate in new[] { "tls-t1", "device-ca-i1", "other-ca-cross" })
            Assert.Equal([], Dotnet(certificate, "root", X509RevocationMode.Online));
        Assert.Equal([X509ChainStatusFlags.Revoked], Dotnet("mtls-m1", "root", X509RevocationMode.Online));
        Assert.True(_server.Asked > 0);
        Assert.Equal([], Dotnet("pai-1", "paa", X509RevocationMode.NoCheck));
        Assert.Equal([], Dotnet("transcript-2", "root", X509RevocationMode.NoCheck));
    }

    /// <summary>
    /// The trusted root is trusted by its bytes: X509Chain does not look at its signature, which the bundle's verification and openssl do.
    /// </summary>
    private X509ChainStatusFlags[] Dotnet(string certificate, string root, X509RevocationMode mode)
    {
        using X509Certificate2 trusted = X509CertificateLoader.LoadCertificateFromFile(Pem(root));
        using X509Certificate2 asked = X509CertificateLoader.LoadCertificateFromFile(Pem(certificate));
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(trusted);
        chain.ChainPolicy.RevocationMode = mode;
        chain.ChainPolicy.RevocationFlag = X509RevocationFlag.ExcludeRoot;
        chain.ChainPolicy.VerificationTime = _calendar.Today.UtcDateTime;
        bool good = chain.Build(asked);
        Assert.Equal(good, chain.ChainStatus.Length == 0);
        return [.. chain.ChainStatus.Select(s => s.Status)];
    }

    private string Pem(string certificate) => InLastBundle("certificates", $"{certificate}.pem");

    private string PemList(string list)
    {
        string pem = _table.Part($"{list}.pem");
        if (!File.Exists(pem))
            Tool.Run("openssl", "crl", "-inform", "DER", "-in", InLastBundle("crls", $"{list}.crl"), "-out", pem).Expect(0);
        return pem;
    }

    private string InLastBundle(params string[] path) => Path.Combine([_table.Bundles[^1], .. path]);
}
