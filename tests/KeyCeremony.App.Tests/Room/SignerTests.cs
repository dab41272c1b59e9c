using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Ceremony.Retelling;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Script;

namespace KeyCeremony.App.Tests.Room;

/// <summary>A ledger with one signer of each kind, played once.</summary>
public sealed class SignerRooms : IDisposable
{
    private readonly ManifestRooms _rooms = new();
    private readonly SoftwareRoom _room;
    private int _forks;

    public SignerRooms()
    {
        _room = _rooms.New();
        _room.Play(Steps.Script("makes",
        [
            Steps.Unlock,
            .. Steps.Make("mid", "tls-intermediate", Steps.AsCa(1)),
            .. Steps.Make("low", "tls-intermediate", Steps.AsCa(0), "mid", days: 250),
            .. Steps.Make("lists", "crl-signer"), .. Steps.Make("ocsp", "ocsp-responder"),
            .. Steps.Make("batches", "manifest-signer", purpose: "manifest"),
            .. Steps.Make("batches-mid", "manifest-signer", issuer: "mid", days: 250, purpose: "manifest"),
            .. Steps.Make("batches-ocsp", "ocsp-responder", purpose: "manifest"),
            .. Steps.Make("batches-lists", "crl-signer", purpose: "manifest"),
            .. Steps.Make("batches-ca", "tls-intermediate", Steps.AsCa(0), purpose: "manifest"),
        ]));
    }

    public void Dispose() => _rooms.Dispose();

    internal SoftwareRoom New()
    {
        lock (_room)
            return _room.Fork(Path.Combine(_rooms.NewFolder(), $"fork-{++_forks}"));
    }
}

/// <summary>
/// Who may sign is asked before it signs: of issuers, of the signers of lists, batches and records. Each that may not stops the ceremony
/// with nothing signed, and a journal in which it signed all the same is refused by whoever verifies.
/// </summary>
public sealed class SignerTests(SignerRooms rooms) : IClassFixture<SignerRooms>
{
    private static readonly string[] Batches = ["do: preview-manifests\nby: operator"];

    private static readonly Case[] All =
    [
        // certificates
        new("an issuer that ran out", "ISSUE-03", "ran out on", Leaf("mid"), Days: 320),
        new("an issuer that has not begun", "ISSUE-03", "is not valid before", Leaf("mid"), Early: "mid"),
        new("a manifest key as issuer", "ISSUE-04", "does not allow keyCertSign", Leaf("batches")),
        new("a signer of lists as issuer", "ISSUE-04", "does not allow keyCertSign", Leaf("lists")),
        new("an OCSP responder as issuer", "ISSUE-04", "does not allow keyCertSign", Leaf("ocsp")),
        new("a transcript key as issuer", "ISSUE-04", "does not allow keyCertSign", Leaf("transcript")),
        new("an issuer on its parent's list", "ISSUE-01", "\"mid\" is revoked", Leaf("mid"), Revoked: "mid"),
        new("an issuer under one that is on a list", "ISSUE-01", "hangs under \"mid\", which is revoked", Leaf("low"), Revoked: "mid"),
        // lists
        new("a delegated signer of lists that is revoked", "ISSUE-01", "The signer \"lists\" is revoked", List("lists"), Revoked: "lists"),
        new("a delegated signer of lists that ran out", "ISSUE-03", "ran out on", List("lists"), Days: 320),
        new("a delegated signer of lists that has not begun", "ISSUE-03", "is not valid before", List("lists"), Early: "lists"),
        new("a CA that ran out, for its list", "ISSUE-03", "ran out on", List("mid"), Days: 320),
        new("a CA that has not begun, for its list", "ISSUE-03", "is not valid before", List("mid"), Early: "mid"),
        new("a manifest key for a list", "ISSUE-04", "does not allow cRLSign", List("batches")),
        new("an OCSP responder for a list", "ISSUE-04", "does not allow cRLSign", List("ocsp")),
        new("a transcript key for a list", "ISSUE-04", "does not allow cRLSign", List("transcript")),
        // batches
        new("a revoked manifest key", "ISSUE-01", "\"batches\" is revoked", Batch("batches"), Revoked: "batches"),
        new("a manifest key under a revoked CA", "ISSUE-01", "hangs under \"mid\", which is revoked", Batch("batches-mid"), Revoked: "mid"),
        new("a manifest key that ran out", "MANIFEST-07", "ran out on", Batch("batches"), Days: 320),
        new("a manifest key that has not begun", "MANIFEST-07", "is not valid before", Batch("batches"), Early: "batches"),
        new("a signer of lists for a batch", "MANIFEST-07", "no manifest key with a certificate \"lists\"", Batch("lists")),
        new("a CA for a batch", "MANIFEST-07", "no manifest key with a certificate \"mid\"", Batch("mid")),
        new("a transcript key for a batch", "MANIFEST-07", "no manifest key with a certificate \"transcript\"", Batch("transcript")),
        new("a manifest key with an OCSP responder's certificate", "MANIFEST-07", "is for another purpose", Batch("batches-ocsp")),
        new("a manifest key with a CA's certificate", "MANIFEST-07", "does not allow digitalSignature", Batch("batches-ca")),
        new("a manifest key that may sign lists only", "MANIFEST-07", "does not allow digitalSignature", Batch("batches-lists")),
        new("a co-signer that ran out", "MANIFEST-07", "\"batches\" ran out on", [.. Batches, "do: sign-manifests\nby: operator\n"
            + "signer: manifest-1\nco-signers:\n  - batches"], Days: 320),
        new("a co-signer that is revoked", "ISSUE-01", "\"batches\" is revoked", [.. Batches, "do: sign-manifests\nby: operator\n"
            + "signer: manifest-1\nco-signers:\n  - batches"], Revoked: "batches"),
    ];

    public static TheoryData<string> Cases => new(All.Select(c => c.Who));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Who_may_not_sign_signs_nothing(string who)
    {
        Case one = All.Single(c => c.Who == who);
        SoftwareRoom room = rooms.New();
        if (one.Revoked.Length > 0)
            room.Saying("more", $"certificate/{one.Revoked}").Saying("reason", "keyCompromise").Through("emergency-revocation.md");
        room.Rested += TimeSpan.FromDays(one.Days);
        int before = room.Entries.Length;
        room.Open(Steps.Script("late", [Steps.Unlock, .. one.Signs]));
        Refusal stop = one.Early.Length > 0 ? StoppedEarly(room, one.Early) : Stopped(room);

        Assert.Equal(one.Rule, stop.Rule);
        Assert.Contains(one.Says, stop.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(room.Entries.Skip(before), e => e.Body is CertificateSigned or CrlSigned or ManifestSigned
            or Attempted { Effect: "sign-certificate" or "sign-crl" or "sign-manifest" });
        if (one.Early.Length > 0)
            return;
        // Whoever writes the journal goes on there all the same: verify leads the ceremony again and asks the same.
        var told = Retold.Of(room.Entries);
        Assert.Null(told.Refusal);
        Assert.Equal(ReplayRules.NotDue, told.Then(Entry.Following(room.Entries[^1], room.State.Id, room.State.Last.Utc,
            room.State.Step!.Id, new StepDone())).Refusal?.Rule);
    }

    /// <summary>The list that names it is signed between the preview and the signature.</summary>
    [Theory]
    [InlineData("certificate", "ISSUE-01")]
    [InlineData("list", "ISSUE-01")]
    public void Who_was_revoked_since_the_preview_signs_nothing(string what, string rule)
    {
        SoftwareRoom room = rooms.New();
        string subject = what == "list" ? "lists" : "mid";
        string[] late = what == "list" ? [List("lists")[0], .. List("root"), List("lists")[1]]
            : [.. Leaf("mid")[..^1], .. List("root"), Leaf("mid")[^1]];
        room.Knows = (s, q) => (q.Id, s.Step) switch
        {
            ("more", PreviewCrlStep { Crl: "root" }) when !s.Facts<RevocationEntered>().Any() => $"certificate/{subject}",
            ("reason", _) => "keyCompromise",
            _ => null,
        };
        room.Open(Steps.Script("late", [Steps.Unlock, .. late]));

        Assert.Equal(rule, Stopped(room).Rule);
        Assert.Contains(room.Entries, e => e.Body is CrlSigned { Crl: "root" });
        Assert.DoesNotContain(room.Entries, e => e.Body is CrlSigned { Crl: "lists" } or CertificateSigned { Certificate: "leaf" });
    }

    /// <summary>A record is signed at the end; that it cannot be is found before the ceremony begins.</summary>
    [Theory]
    [InlineData("ran out")]
    [InlineData("is revoked")]
    [InlineData("is not valid before")]
    public void A_transcript_key_that_may_not_sign_the_record_stops_the_opening(string why)
    {
        SoftwareRoom room = rooms.New();
        if (why == "is revoked")
            room.Saying("more", "certificate/transcript").Saying("reason", "superseded");
        DateTimeOffset utc = why == "ran out" ? SoftwareRoom.Morning.AddYears(30)
            : why == "is revoked" ? room.Entries[^1].Utc.AddDays(1) : SoftwareRoom.Morning.AddYears(-1);
        if (why == "is revoked")
        {
            // Its own list is the last record that it signs: nothing else closes with it.
            room.Open(SoftwareRoom.Script("emergency-revocation.md"));
            _ = room.Until("close", "stopped");
            Assert.Equal(CeremonyRules.TranscriptUnfit, room.Asked().Blocked?.Rule);
            Assert.Contains(why, room.Asked().Blocked!.Message, StringComparison.Ordinal);
            return;
        }
        Refusal? refusal = Director.MayOpen(Replay.WorldAfter(room.Entries),
            SoftwareRoom.Parse(SoftwareRoom.Script("cross-signing.md")), utc);
        Assert.Equal(CeremonyRules.TranscriptRanOut, refusal?.Rule);
        Assert.Contains(why, refusal!.Message, StringComparison.Ordinal);
    }

    // ---- those who certified the devices of a batch ----

    [Theory]
    [InlineData("under a revoked CA", "ISSUE-01")]
    [InlineData("ran out before the batch was finished", "ISSUE-03")]
    [InlineData("made by an aborted ceremony", "DEAD-01")]
    public void Devices_are_not_vouched_for_when_their_CA_could_not_certify_them(string what, string rule)
    {
        SoftwareRoom room = rooms.New();
        if (what == "made by an aborted ceremony")
        {
            room.Open(Chain());
            _ = room.Until("s11", "seen");
            room.GiveUp();
        }
        else
            room.Play(Chain());
        if (what == "under a revoked CA")
            room.Saying("more", "certificate/upper").Saying("reason", "cACompromise").Through("emergency-revocation.md");
        if (what.StartsWith("ran out", StringComparison.Ordinal))
            room.Rested += TimeSpan.FromDays(400);
        BatchStatement draft = ManifestRooms.Draft(room, ca: "lower");
        if (what.StartsWith("ran out", StringComparison.Ordinal))
            draft = draft with { FinishedOn = SoftwareRoom.Morning.AddDays(350) };
        ManifestRooms.Put(room, draft);
        room.Open(SoftwareRoom.Script("batch-manifest.md"));
        _ = room.Until("batches", "refused");

        Assert.Equal(rule, room.Asked().Blocked?.Rule);
        static string Chain() => Steps.Script("chain", [Steps.Unlock, .. Steps.Make("upper", "tls-intermediate", Steps.AsCa(1)),
            .. Steps.Make("lower", "tls-intermediate", Steps.AsCa(0), "upper")]);
    }

    // ---- another CA ----

    [Fact]
    public void A_partner_whose_certificate_ran_out_is_not_certified()
    {
        SoftwareRoom room = rooms.New();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var request = new CertificateRequest("C=DE, O=Example Partner, CN=REHEARSAL Example Partner Root", key, HashAlgorithmName.SHA384);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using X509Certificate2 certificate = request.CreateSelfSigned(SoftwareRoom.Morning.AddYears(-9), SoftwareRoom.Morning.AddYears(-1));
        room.Put("other-ca.pem", Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()));
        room.Open(SoftwareRoom.Script("cross-signing.md"));
        _ = room.Until("existing", "refused");

        Assert.Equal("CROSS-22", room.Asked().Blocked?.Rule);
        Entry refused = room.Entries.Last(e => e.Body is ImportRefused);
        Refusal? told = Retold.Of([.. room.Entries.TakeWhile(e => e.Seq < refused.Seq)]).Then(Entry.Following(
            room.Entries[(int)refused.Seq - 2], refused.Ceremony, refused.Utc, refused.Step, new CertificateImported("other-ca",
                "other-ca.pem", Convert.ToHexStringLower(SHA256.HashData(certificate.RawData)),
                Convert.ToBase64String(certificate.RawData)))).Refusal;
        Assert.Equal(ReplayRules.NotTheFact, told?.Rule);
    }

    [Fact]
    public void Nobody_is_certified_under_a_revoked_issuer()
    {
        SoftwareRoom room = rooms.New().Saying("more", "certificate/mid").Saying("reason", "keyCompromise")
            .Through("emergency-revocation.md");
        room.Open(SoftwareRoom.Script("cross-signing.md").Replace("issuer: root", "issuer: mid", StringComparison.Ordinal));

        Assert.Equal("ISSUE-01", Stopped(room).Rule);
    }

    private static string[] Leaf(string issuer) => Steps.Make("leaf", "ocsp-responder", issuer: issuer, days: 30);

    private static string[] List(string issuer) =>
        [$"do: preview-crl\nby: operator\ncrl: {issuer}\nissuer: {issuer}\ndays: 60", $"do: sign-crl\nby: operator\ncrl: {issuer}"];

    private static string[] Batch(string signer) => [.. Batches, $"do: sign-manifests\nby: operator\nsigner: {signer}"];

    private static Refusal Stopped(SoftwareRoom room)
    {
        for (int i = 0; i < 2000; i++)
        {
            Move move = Director.Next(room.State);
            Assert.False(move is Over, "nothing stopped it");
            if (move is Ask { Question: { Id: "stopped", Blocked: { } blocked } })
                return blocked;
            room.Step();
        }
        throw new Xunit.Sdk.XunitException("it never ends");
    }

    /// <summary>
    /// A ledger's clock never runs backwards and no certificate of it begins later than it was made: the state is given one that does.
    /// </summary>
    private static Refusal StoppedEarly(SoftwareRoom room, string name)
    {
        while (room.State.Step is not (PreviewCertificateStep or PreviewCrlStep or PreviewManifestsStep))
            room.Step();
        CertificateFact known = room.State.World.Certificates[name];
        using X509Certificate2 genuine = X509CertificateLoader.LoadCertificate(Convert.FromBase64String(known.Signed.Der));
        using X509Certificate2 root = X509CertificateLoader.LoadCertificate(
            Convert.FromBase64String(room.State.World.Certificates["root"].Signed.Der));
        var request = new CertificateRequest(genuine.SubjectName, genuine.PublicKey, HashAlgorithmName.SHA384);
        foreach (X509Extension extension in genuine.Extensions)
            request.CertificateExtensions.Add(extension);
        DateTimeOffset begins = room.State.Last.Utc.AddDays(1);
        using X509Certificate2 early = request.Create(root.SubjectName, X509SignatureGenerator.CreateForECDsa((ECDsa)room.KeyOf("root")),
            begins, begins.AddDays(100), genuine.SerialNumberBytes.ToArray());
        CertificateFact late = known with { Signed = known.Signed with { Der = Convert.ToBase64String(early.RawData) } };
        CeremonyState state = room.State with
        {
            World = room.State.World with
            {
                Certificates = room.State.World.Certificates.SetItem(name,
                    new CertificateFact(late.Signed, known.Preview, known.Ceremony, known.Seq)),
            },
        };
        return Assert.IsType<Ask>(Director.Next(state)).Question.Blocked!;
    }

    /// <param name="Signs">The steps in which it would sign.</param>
    /// <param name="Revoked">What a list names before.</param>
    /// <param name="Days">How long the ledger rests before.</param>
    /// <param name="Early">The certificate that begins tomorrow.</param>
    private sealed record Case(string Who, string Rule, string Says, string[] Signs, string Revoked = "", int Days = 0, string Early = "");
}

/// <summary>Short scripts, made of the steps that are looked at.</summary>
internal static class Steps
{
    public const string Unlock = "do: unlock-hsm\nby: officer";

    public static string AsCa(int pathLength) =>
        $"path-length: {pathLength}\npolicies:\n  - 2.23.140.1.2.2\ncrl-addresses:\n  - http://pki.example.com/root.crl";

    /// <summary>Previewed, generated, signed.</summary>
    public static string[] Make(string name, string profile, string more = "", string issuer = "root", int days = 300,
        string purpose = "ca") =>
    [
        $"do: preview-certificate\nby: operator\ncertificate: {name}\nkey: {name}\nissuer: {issuer}\nprofile: {profile}\n"
            + $"algorithm: ec-p256\nsubject:\n  - C: DE\n  - O: Example Devices\n  - CN: Example {name}\ndays: {days}"
            + (more.Length > 0 ? "\n" + more : ""),
        $"do: generate-key\nby: operator\nkey: {name}\npurpose: {purpose}\nalgorithm: ec-p256\nbackup: false",
        $"do: sign-certificate\nby: operator\ncertificate: {name}",
    ];

    public static string Script(string name, params string[] steps)
    {
        string[] all = ["do: roll-call\nby: administrator", "do: appliance-gate\nby: operator",
            "do: clock\nby: operator\ntolerance-seconds: 120", "do: ledger\nby: operator", .. steps];
        string blocks = string.Concat(all.Select((s, i) => Block($"s{(i + 1).ToString(CultureInfo.InvariantCulture)}", i + 1, s)));
        return $"---\nceremony: {name}\nversion: 1\ntitle: Something\nenvironments: [rehearsal]\n"
            + "roles:\n  administrator: 1\n  operator: 1\n  witness: 1\n  officer: 3\n---\n\nWe begin.\n\n## All\n\n"
            + blocks + Block("close", all.Length + 1, "do: close\nby: administrator");
    }

    private static string Block(string id, int number, string step) =>
        $"### {number.ToString(CultureInfo.InvariantCulture)}. Step\n\nWe do it.\n\n```step\nid: {id}\n{step}\n```\n\n";
}
