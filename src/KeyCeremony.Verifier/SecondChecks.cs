using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KeyCeremony.Core;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Requests;
using KeyCeremony.Core.Release;

namespace KeyCeremony.Verifier;

/// <summary>
/// Whether a second implementation agrees with what the first one accepted: VERIFY-54. What is not there, unreadable or
/// bound to the wrong signer, the other checks say; here each signature is asked once more under the key that they name.
/// </summary>
internal static class SecondChecks
{
    /// <param name="Flaw">Null where it agrees.</param>
    internal readonly record struct Answer(string What, string? Flaw);

    /// <param name="signatures">The bundle's own over its statement: file, CMS and who made it, DER.</param>
    public static IEnumerable<string> Disagreements(JournalFacts journal, BundleContent content, ReadOnlyMemory<byte> statement,
        IEnumerable<(string Path, byte[] Cms, byte[] Signer)> signatures) =>
        InJournal(journal).Concat(Lists(journal, content))
            .Concat(signatures.Select(s => new Answer(s.Path, OfCms(journal, statement, s.Cms, s.Signer))))
            .Where(asked => asked.Flaw is not null).Select(asked => $"BouncyCastle does not accept {asked.What}: {asked.Flaw}.");

    internal static IEnumerable<Answer> InJournal(JournalFacts journal) =>
    [
        .. Keys(journal), .. Requests(journal), .. Certificates(journal), .. Challenges(journal),
        .. Manifests(journal), .. Releases(journal), .. Links(journal), .. Checkpoints(journal),
    ];

    private static IEnumerable<Answer> Keys(JournalFacts journal)
    {
        foreach ((_, KeyGenerated key) in journal.All<KeyGenerated>())
            yield return new($"the key \"{key.Key}\"", BouncyCastleOpinion.OfKey(Read(key.Spki), key.Algorithm));
    }

    private static IEnumerable<Answer> Requests(JournalFacts journal)
    {
        foreach ((_, RequestRead read) in journal.All<RequestRead>())
            if (RequestFile.TryRead(Read(read.Content), out RequestFile? request, out _, readsMicrosofts: false))
                yield return new($"the request \"{read.Request}\"", BouncyCastleOpinion.OfRequest(request));
    }

    private static IEnumerable<Answer> Certificates(JournalFacts journal)
    {
        foreach ((Entry entry, CertificateSigned signed, ParsedCertificate certificate) in journal.Certified)
            yield return new($"the certificate \"{signed.Certificate}\"",
                TryIssuer(journal, entry, signed, certificate, out ParsedCertificate? issuer)
                ? BouncyCastleOpinion.OfCertificate(certificate, issuer.ToBeSigned.SubjectPublicKeyInfo)
                : "it has no plan that names its issuer");
    }

    /// <summary>Whom the plan names, as in the first check of it; not whoever has the name that stands in the certificate.</summary>
    private static bool TryIssuer(JournalFacts journal, Entry entry, CertificateSigned signed, ParsedCertificate certificate,
        [NotNullWhen(true)] out ParsedCertificate? issuer)
    {
        issuer = journal.PreviewOf(signed.Certificate, entry.Seq) is { Body: var preview }
            && PlanJson.TryRead(Encoding.UTF8.GetBytes(preview.Plan), out CertificatePlan? plan, out _) ? plan.Issuer ?? certificate : null;
        return issuer is not null;
    }

    private static IEnumerable<Answer> Challenges(JournalFacts journal)
    {
        foreach ((Entry entry, BackupDrilled drilled) in journal.All<BackupDrilled>())
            yield return new($"the drill of \"{drilled.Key}\" in entry {entry.Seq}",
                Challenge(journal, drilled.Key, drilled.Challenge, drilled.Signature));
        foreach ((Entry entry, KeyRestored restored) in journal.All<KeyRestored>())
            yield return new($"the restoration of \"{restored.Key}\" in entry {entry.Seq}",
                Challenge(journal, restored.Key, restored.Challenge, restored.Signature));
    }

    private static string? Challenge(JournalFacts journal, string key, string challenge, string signature) =>
        journal.Key(key) is { Body: var generated }
            ? BouncyCastleOpinion.OfSignature(Read(challenge), Read(signature), Read(generated.Spki)) : "the journal has no such key";

    private static IEnumerable<Answer> Manifests(JournalFacts journal)
    {
        foreach ((Entry entry, ManifestSigned signed) in journal.All<ManifestSigned>())
        {
            byte[] statement = Read(journal.PreviewOf(signed, entry.Seq)?.Body.Statement ?? ""), pae = Dsse.Pae(statement);
            foreach (Answer answer in Signatures(journal, pae, signed.Signatures, $"the manifest of {signed.BatchId}"))
                yield return answer;
            if (!signed.Signatures.IsEmpty && journal.TryCertificate(signed.Signatures[0].Certificate, out ParsedCertificate? first))
                yield return new($"the CMS over the manifest of {signed.BatchId}",
                    OfCms(journal, statement, Read(signed.Cms), first.Der.Span));
        }
    }

    private static IEnumerable<Answer> Links(JournalFacts journal) => journal.All<RootsLinked>().SelectMany(linked =>
        Signatures(journal, Dsse.Pae(Read(linked.Body.Statement)), linked.Body.Signatures,
            $"the linked roots in entry {linked.Entry.Seq}"))
        .Concat(journal.All<RootWithdrawn>().SelectMany(withdrawn => Signatures(journal, Dsse.Pae(Read(withdrawn.Body.Statement)),
            [withdrawn.Body.Signature], $"the withdrawal of the root {withdrawn.Body.Root}")));

    private static IEnumerable<Answer> Signatures(JournalFacts journal, byte[] pae, IEnumerable<ManifestSignature> signatures,
        string over) => signatures.Select(signature => new Answer($"the signature of \"{signature.Certificate}\" over {over}",
            journal.TryCertificate(signature.Certificate, out ParsedCertificate? by)
                ? BouncyCastleOpinion.OfSignature(pae, Read(signature.Signature), by.ToBeSigned.SubjectPublicKeyInfo)
                : "the journal has no such certificate"));

    private static IEnumerable<Answer> Releases(JournalFacts journal)
    {
        foreach ((Entry entry, ReleaseSigned signed) in journal.All<ReleaseSigned>())
        {
            bool isKnown = ReleaseFiles.TryPreview(journal, signed.Release, signed.RequestSha256, entry.Seq, out ReleasePreviewed? preview,
                out ReleaseRequest? request);
            foreach ((int i, ReleaseSignature signature) in signed.Signatures.Index())
                yield return new($"the signature of {signature.File} of the release {signed.Release}",
                    isKnown && journal.TryCertificate(signed.Certificate, out ParsedCertificate? by)
                        ? OfImage(journal, entry, signature,
                            ReleaseFiles.Content(request!, preview!, i, Convert.FromHexString(signature.Digest)), by)
                        : "the journal has no such certificate, or no such release");
            if (isKnown)
                foreach ((BuilderStated stated, ReleaseBuilder builder) in preview!.Statements.Zip(request!.Builders))
                    yield return new($"the statement {stated.File} of the release {signed.Release}",
                        Stated(journal, entry.Seq, stated, builder));
        }
    }

    private static string? OfImage(JournalFacts journal, Entry entry, ReleaseSignature signature, SignedContent? content,
        ParsedCertificate by)
    {
        if (content is null)
            return BouncyCastleOpinion.OfDigest(Convert.FromHexString(signature.Digest), Read(signature.Signature),
                by.ToBeSigned.SubjectPublicKeyInfo);
        return journal.PathOf(by.Der.Span) is { } path
            ? BouncyCastleOpinion.OfCms(content,
                SignedDataForm.Write(content, path, ReleaseFiles.SignedAt(journal, entry), Read(signature.Signature)), path)
            : "its signer has no path to a root of the journal";
    }

    /// <summary>By the builder's key that the ledger knew then.</summary>
    private static string? Stated(JournalFacts journal, long before, BuilderStated stated, ReleaseBuilder builder)
    {
        BuilderKnown? known = journal.All<BuilderKnown>().LastOrDefault(b => b.Entry.Seq < before && b.Body.Sha256 == builder.Key).Body;
        if (known is null || !DsseEnvelope.TryRead(Read(stated.Envelope), out DsseEnvelope? envelope, out _))
            return "the journal has no such builder, or no envelope";
        byte[] pae = Dsse.Pae(envelope.Payload.AsSpan());
        return envelope.Signatures.Any(s => BouncyCastleOpinion.OfSignature(pae, s.Sig.ToArray(), Read(known.Spki)) is null)
            ? null : "no signature in it holds";
    }

    /// <summary>Those of earlier ceremonies, each under the signer that the first implementation found in it.</summary>
    private static IEnumerable<Answer> Checkpoints(JournalFacts journal)
    {
        foreach ((Entry entry, CheckpointSigned signed) in journal.All<CheckpointSigned>())
        {
            yield return Checkpoint(journal, entry, signed.Statement, signed.Cms);
            if (signed.Cosignature is { } cosignature)
                yield return Cosignature(journal, entry, signed.Statement, cosignature);
        }
        foreach ((Entry entry, LedgerRestored restored) in journal.All<LedgerRestored>())
        {
            // The first program did not write it down.
            if (restored is { Statement: { } statement, Cms: { } cms })
                yield return Checkpoint(journal, entry, statement, cms);
            if (restored is { Statement: { } over, Cosignature: { } cosignature })
                yield return Cosignature(journal, entry, over, cosignature);
        }
    }

    private static Answer Cosignature(JournalFacts journal, Entry entry, string statement, string cms) =>
        new($"the second signature of the checkpoint in entry {entry.Seq}", TranscriptSignature.Cosigner(journal, Read(cms)) is { } signer
            ? OfCms(journal, Read(statement), Read(cms), signer.Der.Span) : "nobody has signed it");

    private static Answer Checkpoint(JournalFacts journal, Entry entry, string statement, string cms)
    {
        if (!DetachedCms.TryVerify(Read(statement), Read(cms), out X509Certificate2? signer))
            return new($"the checkpoint in entry {entry.Seq}", "nobody has signed it");
        using (signer)
            return new($"the checkpoint in entry {entry.Seq}", OfCms(journal, Read(statement), Read(cms), signer.RawDataMemory.Span));
    }

    private static IEnumerable<Answer> Lists(JournalFacts journal, BundleContent content)
    {
        foreach (CrlSigned signed in BundleList.Newest(journal.Entries))
        {
            string path = BundleList.PathOf(signed);
            if (content.Lists.FirstOrDefault(l => l.Path == path) is not { } list
                || !journal.TryCertificate(signed.Issuer, out ParsedCertificate? issuer))
                continue;
            using FileStream file = content.Open(list);
            yield return new(path, BouncyCastleOpinion.OfList(file, issuer.ToBeSigned.SubjectPublicKeyInfo));
        }
    }

    private static string? OfCms(JournalFacts journal, ReadOnlyMemory<byte> statement, ReadOnlyMemory<byte> cms,
        ReadOnlySpan<byte> signer) => journal.PathOf(signer) is { } path
            ? BouncyCastleOpinion.OfCms(statement, cms, path) : "its signer has no path to a root of the journal";

    /// <summary>Nothing where it is not Base64: over nothing no signature holds.</summary>
    private static byte[] Read(string base64) => ExactBase64.Read(base64) ?? [];
}
