using System.Collections.Immutable;
using System.Security.Cryptography;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Crl;
using KeyCeremony.Core.Pki.Requests;
using KeyCeremony.Core.Script;

namespace KeyCeremony.App.Tests.Terminal;

/// <summary>What comes in on a stick, and revocation lists: the bytes are right but for the signatures.</summary>
internal sealed partial class FakeRoom
{
    /// <summary>Made once by <c>openssl req -new</c>: P-256, no extensions.</summary>
    private const string Request =
        "MIIBBjCBrQIBADBLMQswCQYDVQQGEwJERTEYMBYGA1UECgwPRXhhbXBsZSBEZXZpY2VzMSIwIAYDVQQDDBlFeGFtcGxlIERldmljZXMgVExTIENBIFQxMFkw" +
        "EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEMLTRSknQ4cl+V8RjJjcqo1hsZqtYpSzm78eJcx+PN0wgUtqkxsqi513LAugvboE1pA4nEjBHfBFuGJ9iibTqgKAA" +
        "MAoGCCqGSM49BAMCA0gAMEUCIDq6zKsLrq2dUHk+wcaaej3IIYbyHEthQL851qa/XIKWAiEAi/LBHuhkLsIfuWYjSet3H2EsuwIXjQi/H18qTU/Ws2w=";

    /// <summary>Made once by <c>openssl req -x509</c>: another CA, P-384.</summary>
    private const string OtherCa =
        "MIICRjCCAcygAwIBAgIUenJc7pYUI5NG87g5LFRoBMw8y0AwCgYIKoZIzj0EAwMwUjELMAkGA1UEBhMCREUxGDAWBgNVBAoMD0V4YW1wbGUgUGFydG5lcjEp" +
        "MCcGA1UEAwwgUkVIRUFSU0FMIC0gRXhhbXBsZSBQYXJ0bmVyIFJvb3QwHhcNMjYxMTIyMTQzMDM3WhcNMzYxMTE5MTQzMDM3WjBSMQswCQYDVQQGEwJERTEY" +
        "MBYGA1UECgwPRXhhbXBsZSBQYXJ0bmVyMSkwJwYDVQQDDCBSRUhFQVJTQUwgLSBFeGFtcGxlIFBhcnRuZXIgUm9vdDB2MBAGByqGSM49AgEGBSuBBAAiA2IA" +
        "BK+natSiGhLUNGoY/cKrIJDiBpn7NdCH8/XkN1GHFHE0m0EtpH9hQHm9ZLARnRI4gmtosEFEnk6PMYoiS19pd8R++GXarI+ID8YJV5WW4vXReRyHRej6gnmz" +
        "469sq5BN/KNjMGEwHQYDVR0OBBYEFKL5aqigram7vVJR83HcFhlXJNPaMB8GA1UdIwQYMBaAFKL5aqigram7vVJR83HcFhlXJNPaMA8GA1UdEwEB/wQFMAMB" +
        "Af8wDgYDVR0PAQH/BAQDAgEGMAoGCCqGSM49BAMDA2gAMGUCMHECuO23QLvSwEE5Og+Wq9VWCRdIXDDI4O9e7nWpIeQ01tbNEZNPi6pt0DkyBmB0cAIxAMj9" +
        "OSRcBjBgfqUiTuXdHw7GcqCvLgECoHdEFeL46EDojM2PLiACIQF5f6ZVjBAKYg==";

    private const long RevokedInFile = 3;

    private ImmutableArray<Revocation> _listed = [];

    /// <summary>What lies on the import stick and could be what is wanted.</summary>
    public ImmutableArray<FoundFile> Stick { get; set; } = [new("mtls-m1.csr", 310),
        new("revoked-devices.csv", 148), new("tls-t1.csr", 266)];

    /// <summary>How many other things lie on it.</summary>
    public int Ignored { get; set; } = 2;

    /// <summary>Why the next files are not taken; null: they are.</summary>
    public Refusal? Refuses { get; set; }

    /// <summary>What a list would fail; null: it passes.</summary>
    public Finding? ListFails { get; set; }

    /// <summary>Answers before everybody else; null: as always.</summary>
    public Func<Question, string?>? Says { get; set; }

    /// <summary>Comes to this question of this step and answers it so.</summary>
    public FakeRoom Answer(string step, string question, string value)
    {
        _ = GoTo(step, question);
        Tell(new Answer(question, value));
        return this;
    }

    public FakeRoom GoTo(string step, string question) => GoTo(m => m is Ask ask && State.Step!.Id == step && ask.Question.Id == question);

    /// <summary>Plays the opened ceremony to its end.</summary>
    public FakeRoom ToTheEnd() => GoTo(m => m is Over);

    private string Chosen(Question q) => q.Id switch
    {
        "here/activation share card 3" => "stays",
        // The emergency is about one certificate.
        "more" when State.Script.Name == "emergency-revocation" && !State.Facts<RevocationEntered>().Any() =>
            q.Choices.First(o => o.Key.StartsWith("certificate/", StringComparison.Ordinal)).Key,
        { } set when State.Step is CheckCardsStep && set.EndsWith("/set", StringComparison.Ordinal) && set != "check/1/set" => "done",
        "file" when State.Step is ImportRequestStep r && q.Choices.Any(o => o.Key == $"{r.Request}.csr") => $"{r.Request}.csr",
        "file" when State.Step is ImportBuilderStep b => $"{b.Builder}.pub.pem",
        _ when q.Share is { } share =>
            SeatOf(State.World.Sets[share.Set].Made.Custodians[NumberOf(share.Set, NotYetPresented(share.Set)) - 1]),
        _ => q.Choices[0].Key,
    };

    private string SeatOf(string name) => State.People.Last(p => p.Name == name) is var person ? $"{person.Role}/{person.Index}" : "";

    private static string FactAbout(string request) =>
        $"The key is none of the 2 of this ledger. The stick has no known-keys.csv: other environments were not asked about \"{request}\".";

    private EntryBody Read(ReadRequest r)
    {
        if (Refuses is { } refusal)
            return new ImportRefused("request", r.Request, r.File, refusal.Rule, refusal.Message, refusal.Remedy);
        Assert.True(RequestFile.TryRead(Convert.FromBase64String(Request), out RequestFile? request, out Refusal? wrong),
            wrong?.ToString());
        return new RequestRead(r.Request, r.File, request.Sha256, "pkcs10", Request,
            Convert.ToBase64String(request.Key.SubjectPublicKeyInfo.Span), [new Finding("IN-05", "unknown", FactAbout(r.Request))]);
    }

    private EntryBody Read(ReadCertificate r) => Refuses is { } refusal
        ? new ImportRefused("certificate", r.Certificate, r.File, refusal.Rule, refusal.Message, refusal.Remedy)
        : new CertificateImported(r.Certificate, r.File,
            Convert.ToHexStringLower(SHA256.HashData(Convert.FromBase64String(OtherCa))), OtherCa);

    private EntryBody Read(ReadRevocations r) => Refuses is { } refusal
        ? new ImportRefused("revocations", r.Crl, r.File, refusal.Rule, refusal.Message, refusal.Remedy)
        : new RevocationsRead(r.Crl, r.File, Hex(r.File), "csv", RevokedInFile, 0, []);

    private EntryBody Previewed(PreviewCrl p)
    {
        if (Refuses is { } stop)
            return new ImportRefused("revocations", p.Step.Crl, "", stop.Rule, stop.Message, stop.Remedy);
        (ImmutableArray<RevocationSource> files, ImmutableArray<TypedRevocation> typed) = CrlPlanning.Inputs(State);
        CrlPlan plan = CrlPlanning.Plan(State.World, p.Step, p.Number, p.ThisUpdate);
        CrlFact? last = State.World.Crls.GetValueOrDefault(p.Step.Crl);
        using SortedRevocations before = Sorted(_listed), added = Sorted(Added(files, typed));
        Assert.True(CrlMerge.TryMerge(before, last?.Preview.ThisUpdate, added, Released(typed),
            null, out MergedRevocations? merged, out Refusal? refusal), refusal?.ToString());
        using var spool = new MemoryStream();
        Assert.True(CrlWriter.TryPrepare(plan, merged, spool, null, out PreparedCrl? prepared, out refusal), refusal?.ToString());
        return new CrlPreviewed(p.Step.Crl, p.Step.Issuer, p.Number, plan.ThisUpdate,
            plan.NextUpdate, p.Step.IsPartitioned, Convert.ToHexStringLower(prepared.TbsSha256.Span), prepared.TbsLength,
            prepared.Count, prepared.Difference.Added, prepared.Difference.Changed,
            prepared.Difference.Removed, last?.Signed.Sha256 ?? "", files, typed,
            [.. State.World.Certificates.Values.Where(c => typed.Any(t => t.Serial == SerialOf(c).ToString()))
                .Select(c => c.Signed.Certificate).Order(StringComparer.Ordinal)],
            [.. prepared.Difference.Describe().Select(l => $"{l.Label}: {l.Value}")],
            "", [new Finding("LINT-00", "pass", $"{CrlRules.All.Count} rules of lists asked"),
                .. ListFails is { } fails ? [fails] : Array.Empty<Finding>()]);
    }

    private CrlSigned Signed(SignCrl s)
    {
        CrlPreviewed preview = State.World.CrlPreviews[s.Crl].Previewed;
        HashSet<RevokedSerial> gone = [.. Released(preview.Typed).Select(r => r.Serial)];
        _listed = [.. _listed.Where(r => !gone.Contains(r.Serial)), .. Added(preview.Files, preview.Typed)];
        return new CrlSigned(s.Crl, preview.Issuer, preview.Number, Hex($"list {preview.TbsSha256}"),
            preview.TbsLength + 120, "openssl crl -verify: OK");
    }

    /// <summary>The key that a preview is about, and the name that comes with it.</summary>
    private static (byte[] Spki, DistinguishedName? Name, RequestFile? Request) Brought(PreviewCertificate p)
    {
        byte[] file = Convert.FromBase64String(p.SubjectFile);
        switch (p.Step.Source)
        {
            case KeySource.Request:
                Assert.True(RequestFile.TryRead(file, out RequestFile? request, out Refusal? refusal), refusal?.ToString());
                return (request.Key.SubjectPublicKeyInfo.ToArray(), null, request);
            case KeySource.Existing:
                Assert.True(CertificateReader.TryReadCertificate(file, out ParsedCertificate? existing, out refusal), refusal?.ToString());
                return (existing.ToBeSigned.SubjectPublicKeyInfo.ToArray(), existing.ToBeSigned.Subject, null);
            default:
                return (PublicKey(p.Step.Algorithm, "throw-away"), null, null);
        }
    }

    private static ImmutableArray<Revocation> Added(ImmutableArray<RevocationSource> files, ImmutableArray<TypedRevocation> typed) =>
    [
        .. files.SelectMany(f => Enumerable.Range(1, (int)RevokedInFile).Select(n => new Revocation(Serial($"00{Hex(f.Name)[..30]}{n:x2}"),
            new DateTimeOffset(2026, 11, 2, 8, 0, n, TimeSpan.Zero), RevocationReason.CessationOfOperation))),
        .. typed.Where(t => t.Reason != "removeFromCRL").Select(t => new Revocation(Serial(t.Serial),
            t.Revoked, RevocationReasons.TryParse(t.Reason, out RevocationReason? reason) ? reason : null, t.Invalidity)),
    ];

    private static List<Removal> Released(ImmutableArray<TypedRevocation> typed) =>
        [.. typed.Where(t => t.Reason == "removeFromCRL").Select(t => new Removal(Serial(t.Serial), RemovalCause.HoldReleased))];

    private static SortedRevocations Sorted(IEnumerable<Revocation> entries)
    {
        using var sort = new RevocationSort(() => new MemoryStream());
        foreach (Revocation entry in entries)
            sort.Add(entry);
        Assert.True(sort.TryFinish(out SortedRevocations? sorted, out Refusal? refusal), refusal?.ToString());
        return sorted;
    }

    private static RevokedSerial SerialOf(CertificateFact certificate)
    {
        Assert.True(CertificateReader.TryReadCertificate(Convert.FromBase64String(certificate.Signed.Der),
            out ParsedCertificate? parsed, out _));
        Assert.True(RevokedSerial.TryFromContent(parsed.ToBeSigned.Serial.Span, out RevokedSerial serial));
        return serial;
    }

    private static RevokedSerial Serial(string hex)
    {
        Assert.True(RevokedSerial.TryParse(hex, out RevokedSerial serial), hex);
        return serial;
    }
}
