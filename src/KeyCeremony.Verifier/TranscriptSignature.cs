using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Script;
using CertifiedEntry = (KeyCeremony.Core.Journal.Entry Entry, KeyCeremony.Core.Journal.CertificateSigned Body,
    KeyCeremony.Core.Pki.ParsedCertificate Certificate);

namespace KeyCeremony.Verifier;

/// <summary>Who signed a checkpoint, and why the journal may be believed because of it.</summary>
internal static class TranscriptSignature
{
    /// <summary>The format that the first program wrote put only the issuer beside the signer.</summary>
    private const int LeastInFirstFormat = 2;

    /// <summary>VERIFY-44. A name is how everything else finds a certificate.</summary>
    public static IEnumerable<string> Names(JournalFacts journal) => journal.All<CertificateSigned>()
        .GroupBy(c => c.Body.Certificate).Where(g => g.Count() > 1)
        .Select(g =>
            $"The certificate \"{g.Key}\" was signed {g.Count()} times, in the entries {string.Join(", ", g.Select(c => c.Entry.Seq))}.");

    /// <summary>VERIFY-07, of a signature that holds. A signer without a path is a flaw of VERIFY-08 and VERIFY-09.</summary>
    public static IEnumerable<string> Form(JournalFacts journal, byte[] statement,
        byte[] cms, byte[] signer, DateTimeOffset at, long last) =>
        journal.PathOf(signer) is not { } path ? []
            : DetachedCms.FormFlaws(statement, cms, path, at,
                IsReplayed(journal, last) ? path.Count : Math.Min(path.Count, LeastInFirstFormat));

    /// <summary>VERIFY-08, after the entry <paramref name="last"/>.</summary>
    /// <param name="cosigns">Whether it is the one of ML-DSA, beside the classical one.</param>
    public static IEnumerable<string> Signer(JournalFacts journal, byte[] signer, long last, bool cosigns = false)
    {
        if (Certified(journal, signer, last) is not { } certified)
        {
            yield return "The signer's certificate is not in the journal.";
            yield break;
        }
        if (journal.KeyIn(certified.Body) is not { } key || key.Body.Purpose != KeyPurposes.Transcript || key.Entry.Seq > last)
            yield return $"The key \"{certified.Body.Key}\" of the signer is not a transcript key.";
        else if (KeyAlgorithm.IsNameOfMlDsa(key.Body.Algorithm) != cosigns)
            yield return $"The key \"{certified.Body.Key}\" of the signer is {key.Body.Algorithm}: it signs the other file.";
        else if (TranscriptKeys(journal, last).LastOrDefault(k => KeyAlgorithm.IsNameOfMlDsa(k.Body.Algorithm) == cosigns).Body?.Key
            != key.Body.Key)
            yield return "The journal knows a newer transcript key.";
        foreach (string flaw in Profile(journal, certified.Certificate))
            yield return flaw;
    }

    /// <summary>VERIFY-09, after the entry <paramref name="last"/>.</summary>
    public static IEnumerable<string> Chain(JournalFacts journal, byte[] signer, DateTimeOffset at, long last)
    {
        if (Path(journal, signer, last) is not { } path)
        {
            yield return "The signer's certificate does not chain to a self-signed certificate of the journal.";
            yield break;
        }
        // The ceremony that revokes its own transcript certificate can be closed with nothing else.
        HashSet<string> revoked = ManifestChecks.Revoked(journal, OpeningAt(journal, last)?.Seq ?? last);
        foreach ((_, CertificateSigned body, ParsedCertificate certificate) in path)
        {
            if (at < certificate.ToBeSigned.NotBefore.Value || at > certificate.ToBeSigned.NotAfter.Value)
                yield return $"{certificate.ToBeSigned.Subject} was not valid at {at:yyyy-MM-dd HH:mm:ss} UTC.";
            if (revoked.Contains(body.Certificate))
                yield return $"{certificate.ToBeSigned.Subject} was revoked by a list of an earlier ceremony.";
        }
    }

    /// <summary>
    /// VERIFY-10. Not any certificate of the journal: a journal holds what its writer put there. The end of the path that
    /// the signature itself stands on, or the signer; and a root that vouches for that end in a ceremony that was closed.
    /// </summary>
    /// <param name="cosigner">Who made the second signature, of which VERIFY-57 says whether it holds; null: there is none.</param>
    public static IEnumerable<string> Trust(JournalFacts journal, byte[] signer, byte[]? cosigner, VerifyOptions options)
    {
        if (options.TrustedRoot is not { } trusted || journal.PathOf(signer) is not { } path
            || cosigner is not null && IsUnder(journal, cosigner, trusted))
            return [];
        ParsedCertificate[] ends = [.. Ends(path), .. VouchingFor(journal, path[^1])];
        return IsNamed(ends, trusted) ? []
            : [.. ends.Select(c => $"The {(c == path[0] ? "signer" : c == path[^1] ? "root" : "other root")} {c.ToBeSigned.Subject} "
                + $"has the SHA-256 {Convert.ToHexStringLower(c.Sha256())}.")];
    }

    private static ParsedCertificate[] Ends(IReadOnlyList<ParsedCertificate> path) => path.Count > 1 ? [path[^1], path[0]] : [path[0]];

    private static bool IsUnder(JournalFacts journal, byte[] signer, ReadOnlyMemory<byte> trusted) =>
        journal.PathOf(signer) is { } path && IsNamed(Ends(path), trusted);

    private static bool IsNamed(IEnumerable<ParsedCertificate> certificates, ReadOnlyMemory<byte> trusted) =>
        trusted.Length >= VerifyOptions.FewestWords && certificates.Any(c => c.Sha256().AsSpan().StartsWith(trusted.Span));

    /// <summary>Who signed this record, each with where its path ends.</summary>
    public static IEnumerable<RecordSignature> Signatures(JournalFacts journal, byte[] signer, byte[]? cosigner, VerifyOptions options)
    {
        foreach ((string file, byte[]? by) in new[] { (BundleFiles.CmsPath, signer), (BundleFiles.CosignaturePath, cosigner) })
            if (by is not null && Path(journal, by, journal.Entries[^1].Seq) is { } path && KeyAlgorithmOf(path[0]) is { } kind)
                yield return new RecordSignature(file, path[0].Body.Certificate, kind, path[^1].Body.Certificate, path[^1].Body.Sha256,
                    options.TrustedRoot is { } trusted ? IsUnder(journal, by, trusted) : null);
    }

    private static string? KeyAlgorithmOf(CertifiedEntry certified) =>
        KeyAlgorithm.Of(certified.Certificate.ToBeSigned.SubjectPublicKeyInfo.Span)?.ScriptName;

    /// <summary>Who made a second signature, by the name in it; null: nobody of the journal. Whether it holds is not asked.</summary>
    public static ParsedCertificate? Cosigner(JournalFacts journal, byte[] cms) =>
        cms.Length <= DetachedCms.MaxBytes && SignedDataForm.TryReadSigner(cms, out ReadOnlyMemory<byte> name, out _)
            ? journal.Certificates.FirstOrDefault(c => SignedDataForm.IssuerAndSerial(c.ToBeSigned).AsSpan().SequenceEqual(name.Span))
            : null;

    /// <summary>Whether a transcript key of ML-DSA was ever made: in some HSM there was one.</summary>
    public static bool MayBeCosigned(JournalFacts journal) => journal.All<KeyGenerated>()
        .Any(k => k.Body.Purpose == KeyPurposes.Transcript && KeyAlgorithm.IsNameOfMlDsa(k.Body.Algorithm));

    /// <summary>VERIFY-57, of a record whose first signature is good.</summary>
    /// <param name="due">Whether the HSM held a second transcript key; null: VERIFY-50 does not come so far.</param>
    /// <param name="cms">Null: there is no such file.</param>
    public static IEnumerable<string> Cosigned(JournalFacts journal, byte[] statement, byte[]? cms, bool? due, DateTimeOffset at,
        long last)
    {
        if (cms is null)
            return due != true ? []
                : [$"{BundleFiles.CosignaturePath} is missing: the HSM held a transcript key of ML-DSA, and it did not sign."];
        if (due == false)
            return [$"{BundleFiles.CosignaturePath} is there, and the HSM held no transcript key of ML-DSA."];
        return Cosignature(journal, statement, cms, at, last);
    }

    /// <summary>How the records of earlier ceremonies were signed, beside this one's.</summary>
    public static string Before(JournalFacts journal, bool due)
    {
        CheckpointSigned[] earlier = [.. journal.All<CheckpointSigned>().Select(c => c.Body)];
        int both = earlier.Count(c => c.Cosignature is not null);
        string before = $"Of {earlier.Length} earlier {(earlier.Length == 1 ? "record" : "records")}, {both} carry both signatures.";
        return due ? earlier.Length > 0 ? before : ""
            : both > 0 ? $"The HSM in use holds no transcript key of ML-DSA any more: this record has one signature. {before}"
            : "the HSM holds no transcript key of ML-DSA";
    }

    private static IEnumerable<string> Cosignature(JournalFacts journal, byte[] statement, byte[] cms, DateTimeOffset at, long last)
    {
        if (Cosigner(journal, cms) is not { } signer || journal.PathOf(signer.Der.Span) is not { } path)
            return ["It cannot be read, or its signer has no path in the journal."];
        byte[] der = signer.Der.ToArray();
        return [.. DetachedCms.CosignatureFlaws(statement, cms, path, at), .. Signer(journal, der, last, cosigns: true),
            .. Chain(journal, der, at, last)];
    }

    /// <summary>The roots whose keys signed that this root is ours. That the statement is what its roots are, replay says.</summary>
    private static IEnumerable<ParsedCertificate> VouchingFor(JournalFacts journal, ParsedCertificate root) =>
        from run in journal.Ceremonies
        where !run.Aborted
        from linked in run.Of<RootsLinked>()
        let roots = linked.Signatures.Select(s => (Signature: s, Root: Signed(journal, linked, s))).ToArray()
        where roots.All(r => r.Root is not null) && roots.Any(r => r.Root!.Der.Span.SequenceEqual(root.Der.Span))
        from other in roots
        where !other.Root!.Der.Span.SequenceEqual(root.Der.Span)
        select other.Root;

    private static ParsedCertificate? Signed(JournalFacts journal, RootsLinked linked, ManifestSignature signature) =>
        journal.TryCertificate(signature.Certificate, out ParsedCertificate? root)
            && ExactBase64.Read(linked.Statement) is { } statement && ExactBase64.Read(signature.Signature) is { } bytes
            && RootLink.Holds(root, statement, bytes) ? root : null;

    /// <summary>
    /// VERIFY-11 and VERIFY-45: every earlier checkpoint in order, and what it answers for. A checkpoint that is not good
    /// endorses nothing.
    /// </summary>
    public static (ImmutableArray<string> Earlier, ImmutableArray<string> Line, string Note) Line(JournalFacts journal, byte[] signer,
        byte[]? cosigner)
    {
        ImmutableArray<string>.Builder earlier = ImmutableArray.CreateBuilder<string>();
        ImmutableArray<string>.Builder line = ImmutableArray.CreateBuilder<string>();
        var notes = new List<string>();
        var covered = new Covered(0, ImmutableDictionary<string, long>.Empty);
        foreach (Entry entry in journal.Entries)
        {
            (long seq, string cms, ImmutableArray<string> flaws) = entry.Body switch
            {
                CheckpointSigned c => (c.Seq, c.Cms, Checkpoint(journal, entry, c, covered)),
                LedgerRestored r => (r.Seq, r.Cms ?? "", Restored(journal, entry, r, covered, notes)),
                _ => (0, "", []),
            };
            earlier.AddRange(flaws.Select(f => $"Entry {entry.Seq}: {f}"));
            if (flaws.IsEmpty && seq > 0)
                covered = covered.With(seq, RootBehind(journal, cms));
        }
        foreach (CeremonyRun run in journal.Ceremonies.Where(r => !r.Aborted && r != journal.Ceremonies[^1]))
            // What needs no signature of its own is covered by the next one: VERIFY-12 holds such a script to it.
            if (!run.Of<CheckpointSigned>().Any() && !journal.WasRestoredAfter(run) && journal.ScriptOf(run) is not { IsSigned: false })
                earlier.Add($"{run.Id} has no checkpoint.");
        foreach ((Entry entry, CertificateSigned body, ParsedCertificate certificate) in TranscriptCertificates(journal))
        {
            line.AddRange(Profile(journal, certificate).Select(f => $"{body.Certificate}: {f}"));
            if (journal.CaWithKeyOf(certificate, journal.Entries[^1].Seq) is { } ca)
                line.Add($"{body.Certificate}: the certificate \"{ca}\" makes a CA of its key.");
            if (certificate.ToBeSigned.IsSelfIssued && Root(journal, entry.Seq, living: true) is { } root)
                line.Add($"{body.Certificate} was signed by itself in entry {entry.Seq}, although the ledger had the root "
                    + $"{root.Body.Certificate} since entry {root.Entry.Seq}.");
        }
        line.AddRange(Accepted(journal, signer, journal.Entries[^1].Seq, covered));
        if (cosigner is not null)
            line.AddRange(Accepted(journal, cosigner, journal.Entries[^1].Seq, covered));
        return (earlier.ToImmutable(), line.ToImmutable(), string.Join(" ", notes));
    }

    /// <summary>One checkpoint inside the journal, asked what the last one is asked.</summary>
    private static ImmutableArray<string> Checkpoint(JournalFacts journal, Entry entry, CheckpointSigned signed, Covered covered)
    {
        (long seq, string head, string statementText, string cmsText, string? cosignature) = signed;
        if (seq < 1 || seq >= entry.Seq || journal.Entries[(int)seq - 1].HashHex != head)
            return ["The checkpoint is not of this journal."];
        if (journal.Entries[(int)seq - 1].Body is not Attempted { Effect: SignCheckpoint.EffectName })
            return [$"Entry {seq}, where the checkpoint ends, is not the signing of one."];
        if (ExactBase64.Read(statementText) is not { } bytes || CheckpointStatement.Read(bytes) is not { } statement)
            return ["The checkpoint's statement is not in its exact form."];
        if (BundleChecks.Position(statement, journal.Entries, (int)seq) is var position && position.Any())
            return [.. position];
        if (ExactBase64.Read(cmsText) is not { } cms || !DetachedCms.TryVerify(bytes, cms, out X509Certificate2? signer))
            return ["The checkpoint has no good signature."];
        using (signer)
            return [.. Form(journal, bytes, cms, signer.RawData, statement.SignedAfter, seq), .. Signer(journal, signer.RawData, seq),
                .. Chain(journal, signer.RawData, statement.SignedAfter, seq), .. Accepted(journal, signer.RawData, seq, covered),
                .. cosignature is null ? [] : Cosigned(journal, bytes, cosignature, statement.SignedAfter, seq, covered)];
    }

    /// <summary>Whether there must be one, replay says.</summary>
    private static IEnumerable<string> Cosigned(JournalFacts journal, byte[] statement, string cosignature, DateTimeOffset at, long last,
        Covered covered)
    {
        byte[] cms = ExactBase64.Read(cosignature) ?? [];
        return Cosignature(journal, statement, cms, at, last)
            .Concat(Cosigner(journal, cms) is { } by ? Accepted(journal, by.Der.ToArray(), last, covered) : [])
            .Select(flaw => $"Of its second signature: {flaw}");
    }

    /// <summary>
    /// The ledger began again where a bundle ends. The bundle's checkpoint stands in no entry but this one; the first
    /// program did not write it down, so of its journals only the place is asked.
    /// </summary>
    private static ImmutableArray<string> Restored(JournalFacts journal, Entry entry,
        LedgerRestored restored, Covered covered, List<string> notes)
    {
        if (restored.Seq != entry.Seq - 1 || restored.Seq < 1 || journal.Entries[(int)restored.Seq - 1].HashHex != restored.Head)
            return ["The ledger was restored up to another entry than the one before."];
        if (restored.Statement is { } statement && restored.Cms is { } cms)
            return ExactBase64.Read(statement) is not { } bytes
                || Convert.ToHexStringLower(SHA256.HashData(bytes)) != restored.CheckpointSha256
                ? ["The checkpoint of the restored bundle does not have the recorded SHA-256."]
                : Checkpoint(journal, entry,
                    new CheckpointSigned(restored.Seq, restored.Head, statement, cms, restored.Cosignature), covered);
        if (restored is not { Statement: null, Cms: null, Cosignature: null } || IsReplayed(journal, restored.Seq))
            return ["The ledger was restored from a bundle whose checkpoint is not here."];
        if (journal.Entries[(int)restored.Seq - 1].Body is not Attempted { Effect: SignCheckpoint.EffectName })
            return ["The ledger was restored up to an entry where no bundle ends."];
        notes.Add($"the checkpoint of the bundle that entry {entry.Seq} restored was not asked: format 1. "
            + "Verify that bundle together with this one.");
        return [];
    }

    /// <summary>
    /// Whether the ledger stands behind this signer: its certificate lies in what an accepted checkpoint covers, or is
    /// certified under the ledger's first root or a root in what is covered, or is the ledger's first.
    /// </summary>
    private static IEnumerable<string> Accepted(JournalFacts journal, byte[] signer, long last, Covered covered)
    {
        // Without a path VERIFY-09 speaks.
        if (Path(journal, signer, last) is not { } path || path[0].Entry.Seq <= covered.Seq)
            yield break;
        (Entry entry, CertificateSigned body, _) = path[0];
        if (path.Count == 1)
        {
            if (covered.Seq > 0)
                yield return $"{body.Certificate} was signed by itself in entry {entry.Seq}, "
                    + "and no checkpoint of the transcript key before it covers it.";
            yield break;
        }
        (Entry above, CertificateSigned root, _) = path[^1];
        bool isTheRoot = root == Root(journal, entry.Seq, living: true)?.Body
            // The first program went on with what an aborted ceremony had made.
            || !IsReplayed(journal, last) && root == Root(journal, entry.Seq, living: false)?.Body
            // Or the ledger's root has signed that this one is ours, too.
            || Root(journal, entry.Seq, living: true) is { } first
                && VouchingFor(journal, path[^1].Certificate).Any(c => Convert.ToHexStringLower(c.Sha256()) == first.Body.Sha256);
        if (above.Seq > covered.Seq && !isTheRoot)
            yield return $"{body.Certificate} is certified under {root.Certificate}, which is not the ledger's root, "
                + "and no checkpoint of the transcript key before it covers that.";
        // Many have a CA under a root, and say of its key what they like: a record that the root itself stands behind must say it.
        long under = covered.Under.GetValueOrDefault(root.Sha256);
        if (path.Skip(1).SkipLast(1).FirstOrDefault(c => c.Entry.Seq > under
            || !(journal.KeyIn(c.Body) is { } made && made.Entry.Seq <= under)) is { Body: { } ca })
            yield return $"{body.Certificate} is certified by {ca.Certificate}, a CA under {root.Certificate}: "
                + "that its key was made in this ledger, "
                + "no checkpoint says that the root itself stands behind.";
    }

    /// <summary>
    /// The root that issued the certificate of this checkpoint's signer itself, or stands behind the CA that did; null where there is none.
    /// </summary>
    private static string? RootBehind(JournalFacts journal, string cmsText)
    {
        // It was verified before, so it can be read; a restored ledger of the first format has none.
        if (ExactBase64.Read(cmsText) is not { Length: > 0 } cms)
            return null;
        var signed = new System.Security.Cryptography.Pkcs.SignedCms();
        signed.Decode(cms);
        return signed.SignerInfos[0].Certificate is { } signer && journal.PathOf(signer.RawData) is { Count: > 1 } path
            ? Convert.ToHexStringLower(path[^1].Sha256())
            : null;
    }

    /// <summary>What accepted checkpoints cover.</summary>
    /// <param name="Seq">Up to this entry, by whomever.</param>
    /// <param name="Under">By the SHA-256 of the root that the signer's path ends at.</param>
    private sealed record Covered(long Seq, ImmutableDictionary<string, long> Under)
    {
        public Covered With(long seq, string? root) =>
            new(Math.Max(Seq, seq), root is null ? Under : Under.SetItem(root, Math.Max(seq, Under.GetValueOrDefault(root))));
    }

    /// <summary>The ledger's first self-signed CA certificate before this entry.</summary>
    /// <param name="living">Not one that is dead by then.</param>
    private static (Entry Entry, CertificateSigned Body)? Root(JournalFacts journal, long before, bool living)
    {
        foreach ((Entry entry, CertificateSigned body, ParsedCertificate certificate) in journal.Certified)
            if (entry.Seq < before && certificate.ToBeSigned is { IsSelfIssued: true, BasicConstraints.IsCa: true }
                && !(living && IsDead(journal, entry.Ceremony, before)))
                return (entry, body);
        return null;
    }

    /// <summary>Aborted before it was closed: what it made is never used.</summary>
    private static bool IsDead(JournalFacts journal, string ceremony, long before) =>
        journal.All<CeremonyAborted>().Any(a => a.Entry.Ceremony == ceremony && a.Entry.Seq < before)
        && !journal.All<CeremonyClosed>().Any(c => c.Entry.Ceremony == ceremony);

    /// <summary>The errors of the transcript profile: never a CA, for signatures only.</summary>
    private static IEnumerable<string> Profile(JournalFacts journal, ParsedCertificate certificate)
    {
        ParsedCertificate? issuer = journal.PathOf(certificate.Der.Span) is { Count: > 1 } path ? path[1] : null;
        ReadOnlyMemory<byte> key = (issuer ?? certificate).ToBeSigned.SubjectPublicKeyInfo;
        var subject = new LintSubject(CertificateProfiles.TranscriptSigner, certificate.ToBeSigned, issuer, certificate, key);
        return CertificateLint.Check(subject).Findings
            .Where(f => f.Severity == LintSeverity.Error)
            .Select(f => $"The certificate is no transcript signer's: {f.Rule.Id} {f.Message}");
    }

    /// <summary>Keys of aborted ceremonies are never used; the first program used them.</summary>
    private static IEnumerable<(Entry Entry, KeyGenerated Body)> TranscriptKeys(JournalFacts journal,
        long last) => journal.All<KeyGenerated>()
        .Where(k => k.Body.Purpose == KeyPurposes.Transcript && k.Entry.Seq <= last
            && !(IsReplayed(journal, last) && IsDead(journal, k.Entry.Ceremony, last)));

    private static IEnumerable<CertifiedEntry> TranscriptCertificates(JournalFacts journal) =>
        journal.Certified.Where(c => journal.KeyIn(c.Body) is { Body.Purpose: KeyPurposes.Transcript });

    private static CertifiedEntry? Certified(JournalFacts journal, ReadOnlySpan<byte> der, long last)
    {
        foreach (CertifiedEntry one in journal.Certified)
            if (one.Entry.Seq <= last && one.Certificate.Der.Span.SequenceEqual(der))
                return one;
        return null;
    }

    /// <summary>The path with the entries that made it, all before or at <paramref name="last"/>; null when there is none.</summary>
    private static IReadOnlyList<CertifiedEntry>? Path(JournalFacts journal, byte[] signer, long last)
    {
        if (journal.PathOf(signer) is not { } path)
            return null;
        var entries = path.Select(c => Certified(journal, c.Der.Span, last)).ToList();
        return entries.Contains(null) ? null : [.. entries.Select(e => e!.Value)];
    }

    /// <summary>Whether the ceremony that this entry belongs to is one of format 2 or later.</summary>
    private static bool IsReplayed(JournalFacts journal, long last) =>
        OpeningAt(journal, last)?.Body is CeremonyOpened opened && JournalFormats.Of(opened) >= JournalFormats.Replayed;

    private static Entry? OpeningAt(JournalFacts journal, long last) =>
        journal.Ceremonies.LastOrDefault(r => r.Opening.Seq <= last)?.Opening;
}
