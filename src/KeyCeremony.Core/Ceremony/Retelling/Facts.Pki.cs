using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Crl;
using KeyCeremony.Core.Pki.Requests;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony.Retelling;

/// <summary>What comes in, and what is previewed and signed.</summary>
internal static partial class Facts
{
    private const int MaxFilesShown = 200;
    private const int MaxName = 120;

    // ---- what comes in ----

    private static string? Stick(LookForImports e, ImportsFound f)
    {
        if (f.Wanted != e.Kind || f.Ignored < 0 || f.Cameras < 0 || f.Files.Length > MaxFilesShown)
            return "it is about other files than were looked for.";
        // A file that a camera brought may differ from one record stick to the other: then it is there twice.
        string[] names = [.. f.Files.Select(x => x.Name)];
        return f.Files.All(x => x.Length > 0 && IsName(x.Name)) && names.SequenceEqual(names.Order(StringComparer.Ordinal))
            && f.Files.Distinct().Count() == f.Files.Length
            ? null : "a file is none, or they are not in order.";
    }

    private static string? Received(ReadByCamera e, FileReceived f) =>
        Same(f, new FileReceived(e.Kind, e.Subject, f.File, f.Length, f.Sha256))
            ?? (f.File.StartsWith(ImportWords.FromCamera, StringComparison.Ordinal) && IsName(f.File) && f.Length > 0 && IsSha256(f.Sha256)
                ? null
                : "it is no file that a camera brought.");

    private static string? Refused(ImportRefused f, string wanted, string subject, string file) =>
        Same(f, new ImportRefused(wanted, subject, file, f.Rule, f.Message, f.Remedy))
            ?? (RuleId().IsMatch(f.Rule) && FindingForms.IsText(f.Message) && f.Remedy.Length <= 2000
                && PlainText.Is(f.Remedy) && PlainText.Is(f.Subject) && f.Subject.Length <= MaxName ? null : "it names no rule.");

    /// <summary>What a camera brought has a hash in the journal; what lay on the stick a length. What is read is that.</summary>
    /// <param name="length">Null where the journal does not say.</param>
    private static string? NotTheFile(CeremonyState s, string file, long? length, string sha256)
    {
        // The record sticks keep what a camera brought: then it is chosen like any other file.
        if (s.Latest<ImportsFound>() is { } found && found.Files.Any(x => x.Name == file && (length ?? x.Length) == x.Length))
            return null;
        if (!file.StartsWith(ImportWords.FromCamera, StringComparison.Ordinal))
            return "it is not as long as the file that lay on the stick.";
        return s.Facts<FileReceived>().LastOrDefault(r => r.File == file) is { } received
            && received.Sha256 == sha256 && (length ?? received.Length) == received.Length
            ? null : "it is not the file that came by camera.";
    }

    private static string? Request(CeremonyState s, ReadRequest e, RequestRead f)
    {
        if (Base64(f.Content) is not { } file
            || !RequestFile.TryRead(file, out RequestFile? request, out _, s.Format >= JournalFormats.Accounted))
            return "its content is no request that proves its key.";
        string spki = Convert.ToBase64String(request.Key.SubjectPublicKeyInfo.Span);
        string form = request is KeyProof ? ImportWords.KeyProof : ImportWords.Pkcs10;
        return Same(f, new RequestRead(e.Request, e.File, request.Sha256, form, f.Content, spki, f.Findings))
            ?? NotTheFile(s, e.File, file.Length, request.Sha256)
            ?? (Knows(s, spki, e.Request) ? "it brings a key that this ledger already knew." : FindingForms.Keys(f.Findings));
    }

    private static bool IsFromElsewhere(CeremonyState s, string spki) =>
        s.World.Certificates.Values.Any(c => SpkiOf(c.Parsed) == spki)
        || s.World.Imported.Values.Any(c => Certificate(c.Der) is { } known && SpkiOf(known) == spki)
        || s.World.Requests.Values.Any(r => r.Read.Spki == spki)
        || s.World.BuilderOf(spki) is not null;

    private static bool Knows(CeremonyState s, string spki, string request) =>
        s.World.Keys.Values.Any(k => k.Generated.Spki == spki)
        || s.World.BuilderOf(spki) is not null
        || s.World.Certificates.Values.Any(c => SpkiOf(c.Parsed) == spki)
        || s.World.Imported.Values.Any(c => Certificate(c.Der) is { } known && SpkiOf(known) == spki)
        || s.World.Requests.Values.Any(r => r.Ceremony == s.Id && r.Read.Request != request
            && r.Read.Spki == spki && !s.World.LeftOut.Contains((s.Id, r.Read.Request)));

    private static string SpkiOf(ParsedCertificate certificate) => Convert.ToBase64String(certificate.ToBeSigned.SubjectPublicKeyInfo.Span);

    private static string? Imported(CeremonyState s, ReadCertificate e, CertificateImported f)
    {
        if (Certificate(f.Der) is not { } certificate)
            return "it is not a certificate.";
        return Same(f, new CertificateImported(e.Certificate, e.File, Sha256(certificate.Der.Span), f.Der))
            ?? (CertificatePlanning.RefuseName(certificate.ToBeSigned.Subject, s.World.Environment) is not null
                ? "its name belongs to another environment."
                : (OwnKeys.Refuse(s, e.Certificate, certificate)
                    ?? CertificatePlanning.RefuseOver(s.Format, certificate, s.Last.Utc))?.Message);
    }

    private static string? Revocations(CeremonyState s, ReadRevocations e, RevocationsRead f) =>
        NotTheFile(s, e.File, null, f.Sha256)
            ?? Same(f, new RevocationsRead(e.Crl, e.File, f.Sha256, f.Format, f.Revocations, f.Ignored,
                s.Format < JournalFormats.Compared ? [] : f.Findings, s.Format < JournalFormats.Compared ? null : f.Serials, e.Notation))
            ?? (IsSha256(f.Sha256) && f.Format is "csv" or "index.txt" or "crl" && f.Revocations >= 0 && f.Ignored >= 0
                && (e.Notation is null || f.Format == "csv" && s.Latest<SerialsUnclear>()?.Sha256 == f.Sha256)
                ? null
                : "its hash, format or counts are none.")
            ?? (s.Format < JournalFormats.Compared ? null : Known(s, e.Crl, f));

    private static string? Unclear(CeremonyState s, ReadRevocations e, SerialsUnclear f) =>
        NotTheFile(s, e.File, null, f.Sha256)
            ?? (s.Format < JournalFormats.Compared || e.Notation is not null ? "nobody asks how its serials are written." : null)
            ?? Same(f, new SerialsUnclear(e.Crl, e.File, f.Sha256, f.First, f.AsDecimal, f.AsHex))
            ?? (IsSha256(f.Sha256) && SerialNotation.IsUnclear(f.First) && SerialNotation.TryRead(f.First, SerialNotation.Decimal, out _)
                && CanBe(f.AsDecimal) && (f.AsHex is not { } hex
                    ? true
                    : CanBe(hex) && hex.Serials == f.AsDecimal.Serials && SerialNotation.TryRead(f.First, SerialNotation.Hex, out _))
                ? null
                : "its serials are not unclear, or their counts cannot be.");

    private static bool CanBe(SerialCounts counts) => counts.Serials > 0 && counts.Known >= 0 && counts.Known <= counts.Serials
        && counts.Early >= 0 && counts.Early <= counts.Known;

    /// <summary>
    /// Each serial that is named is compared again with what the ledger knows; where all are named, so are the counts. What was read of a
    /// file whose serials were unclear is what people were shown.
    /// </summary>
    private static string? Known(CeremonyState s, string crl, RevocationsRead f)
    {
        if (f.Serials is not { } counts || f.Findings is not [var first, .. var lines] || counts.Serials > f.Revocations
            || !(counts.Serials == 0 ? counts is { Known: 0, Early: 0 } && f.Revocations == 0 : CanBe(counts))
            || lines.Length != Math.Min(counts.Serials, IssuedSerials.MostNamed))
            return "it does not say of each serial whether this ledger knows it.";
        var issued = IssuedSerials.Of(s.World, PreviewOf(s, crl).Issuer);
        RevokedSerial last = default;
        (long known, long early) = (0, 0);
        foreach (Finding line in lines)
        {
            bool isEarly = line.Id == CrlRules.BeforeItBegan.Id;
            if (!RevokedSerial.TryParse(line.Text.Split(':')[0], out RevokedSerial serial) || serial <= last
                || issued.Say(serial, isEarly) != line)
                return $"the finding \"{PlainText.Of(line.Text, MaxName)}\" is not what this ledger knows of the serial.";
            if (issued.CheckOwn(serial) is { } own)
                return $"{own.Rule} {own.Message}";
            (last, known, early) = (serial, known + (issued.NameOf(serial) is null ? 0 : 1), early + (isEarly ? 1 : 0));
        }
        if (first != IssuedSerials.Counted(counts) || counts.Known > issued.Names.Count() || known > counts.Known || early > counts.Early
            || counts.Serials - counts.Known < lines.Length - known
            || lines.Length == counts.Serials && (known != counts.Known || early != counts.Early))
            return "its counts are not those of the serials that it names.";
        return f.Notation is null || s.Latest<SerialsUnclear>() is not { } unclear
            || (f.Notation == SerialNotation.Decimal ? unclear.AsDecimal : unclear.AsHex) == counts
            ? null : "its counts are not those that were shown before.";
    }

    private static PreviewCrlStep PreviewOf(CeremonyState s, string crl) => s.Script.Steps.OfType<PreviewCrlStep>().Last(p => p.Crl == crl);

    private static string? Batch(CeremonyState s, ReadBatch e, BatchPreviewed f)
    {
        if (Base64(f.Statement) is not { } bytes || !BatchStatement.TryRead(bytes, out BatchStatement? batch, out _)
            || !IsSha256(f.DraftSha256))
            return "its statement is not in exact form.";
        if (Same(f, new BatchPreviewed(batch.BatchId, e.File, f.DraftSha256, f.Statement, Sha256(bytes), f.Findings)) is { } other)
            return other;
        if (NotTheFile(s, e.File, null, f.DraftSha256) is { } foreign)
            return foreign;
        if (batch.CeremonyTranscriptHash != e.TranscriptHash)
            return "its statement names another head of the journal than where it stood.";
        BatchLedger ledger = BatchPlanning.Ledger(s.World, s.Id);
        if (ledger.Check(batch, s.Last.Utc).FirstOrDefault() is { } refusal)
            return $"{refusal.Rule} {refusal.Message}";
        ImmutableArray<ImmutableArray<Finding>> compared =
        [
            [BatchFindings.Counted(batch.Devices.TreeSize), BatchFindings.NotCounted(BatchFindings.SaltsOf(batch.BatchId)),
                BatchFindings.NotCounted(batch.Subjects[0].Name)],
            .. batch.Subjects.Select(x => ImmutableArray.Create(BatchFindings.Compared(x.Name), BatchFindings.NotCompared(x.Name))),
        ];
        return FindingForms.Batch(f.Findings, BatchPlanning.Asked(s.World, ledger, batch), compared);
    }

    // ---- certificates ----

    private static string? Previewed(PreviewCertificate e, CertificatePreviewed f)
    {
        PreviewCertificateStep step = e.Step;
        if (Base64(f.Tbs) is not { } tbs || !PlanJson.TryRead(Encoding.UTF8.GetBytes(f.Plan), out CertificatePlan? plan, out _))
            return "its plan or its bytes cannot be read.";
        if (!CertificatePlanning.TryPlan(e, plan.Serial, out CertificatePlan? due, out Refusal? refusal))
            return $"{refusal.Rule} {refusal.Message}";
        if (Encoding.UTF8.GetString(PlanJson.Write(due)) != f.Plan)
            return "its plan is not the script's.";
        if (!CertificatePreview.TryRestore(due, tbs, out PreviewedCertificate? preview, out refusal))
            return $"{refusal.Rule} {refusal.Message}";
        if (!CertificatePlanning.TrySubjectKey(e, out byte[]? spki, out refusal)
            || !CertificatePlanning.TryCompare(e, due, out ImmutableArray<string> asked, out Finding? contradiction, out refusal))
            return $"{refusal.Rule} {refusal.Message}";
        if (spki is not null && !preview.Tbs.SubjectPublicKeyInfo.Span.SequenceEqual(spki))
            return "its public key is not the one that was brought.";
        return Same(f, new CertificatePreviewed(step.Certificate, KeySources.Of(step.Source),
            step.Key, step.Issuer, f.Plan, f.Tbs, Sha256(tbs), asked, f.Lint))
            ?? FindingForms.Certificate(f.Lint,
                [.. CertificatePlanning.Recorded(CertificateLint.Check(preview)), .. CertificatePlanning.Wider(e)],
                contradiction, PkiRules.Knows);
    }

    private static string? Signed(CeremonyState s, SignCertificate e, CertificateSigned f)
    {
        if (Certificate(f.Der) is not { } certificate)
            return "it is not a certificate.";
        if (!certificate.ToBeSigned.SubjectPublicKeyInfo.Span.SequenceEqual(Convert.FromBase64String(e.Spki)))
            return $"it does not hold the public key of \"{e.Key}\".";
        return Same(f, new CertificateSigned(e.Certificate, e.Key, f.Der, Sha256(certificate.Der.Span), f.Second))
            ?? NoOpinion(s, SecondOpinions.OnCertificates, f.Second)
            ?? Verified(e, certificate);
    }

    private static string? Verified(SignCertificate e, ParsedCertificate certificate) =>
        !PlanJson.TryRead(Encoding.UTF8.GetBytes(e.Plan), out CertificatePlan? plan, out Refusal? refusal)
            ? $"{refusal.Rule} {refusal.Message}"
        : CertificateChecks.Verify(certificate.Der, Convert.FromBase64String(e.Tbs),
            plan).Findings.FirstOrDefault(x => x.Severity == LintSeverity.Error) is { } error
            ? $"{error.Rule.Id} {error.Message}" : null;

    // ---- lists ----

    private static string? ListPreviewed(CeremonyState s, PreviewCrl e, CrlPreviewed f)
    {
        PreviewCrlStep step = e.Step;
        (ImmutableArray<RevocationSource> files, ImmutableArray<TypedRevocation> typed) = CrlPlanning.Inputs(s);
        CrlFact? last = s.World.Crls.GetValueOrDefault(step.Crl);
        if (!CrlPlanning.TryDclRecord(s.World, step, out string record, out Refusal? refusal))
            return $"{refusal.Rule} {refusal.Message}";
        CrlPlan plan = CrlPlanning.Plan(s.World, step, e.Number, e.ThisUpdate);
        CrlPreviewed due = f with
        {
            Crl = step.Crl,
            Issuer = step.Issuer,
            Number = e.Number,
            ThisUpdate = plan.ThisUpdate,
            NextUpdate = plan.NextUpdate,
            IsPartitioned = step.IsPartitioned,
            Previous = last?.Signed.Sha256 ?? "",
            Files = files,
            Typed = typed,
            DclRecord = record,
        };
        if (Same(f, due) is { } other)
            return other;
        if (CrlChain.Check(plan, CrlPlanning.Link(s.World, step.Crl)).FirstOrDefault(r => r.Rule != CrlRules.Hole.Id) is { } broken)
            return $"{broken.Rule} {broken.Message}";
        return Counts(s, f, last)
            ?? OnIt(s, f, last, s.Format < JournalFormats.Compared ? plan.Issuer : IssuedSerials.Of(s.World, step.Issuer).Ca)
            ?? FindingForms.List(f.Lint, CrlPlanning.LintBegins(s.Format, f.Entries, f.Certificates), CrlRules.Knows);
    }

    private static string? Counts(CeremonyState s, CrlPreviewed f, CrlFact? last)
    {
        // Whoever reads and types nothing puts nobody on a list; only what was typed takes somebody off.
        long released = f.Typed.Count(IsRelease), given = f.Typed.Length - released
            + CrlPlanning.Given(s).OfType<RevocationsRead>().Sum(r => r.Revocations);
        if (f.Removed != released || f.Added + f.Changed > given || f.Files.IsEmpty && last is null && !f.IsPartitioned && f.Added != given)
            return "it has other entries than were read and typed.";
        long before = last?.Preview.Entries ?? 0, kept = f.Entries - f.Added - f.Changed;
        if (!IsSha256(f.TbsSha256) || f.TbsLength <= 0 || f.Added < 0 || f.Changed < 0
            || f.Removed < 0 || kept < 0 || f.Entries != before + f.Added - f.Removed)
            return "its numbers cannot be.";
        string[] head = [$"entries: {Number(f.Entries)}", $"added: {Number(f.Added)}",
            $"hold became revocation: {Number(f.Changed)}", $"removed: {Number(f.Removed)}", $"carried over: {Number(kept)}"];
        return f.Difference.Take(head.Length).SequenceEqual(head) && f.Difference.All(FindingForms.IsText)
            ? null
            : "the difference that was shown does not say its numbers.";
    }

    /// <summary>
    /// The ledger's certificates that are on the list: those of the list before, with those typed, without those released. A file may add
    /// others; that list and names agree, the list itself says.
    /// </summary>
    private static string? OnIt(CeremonyState s, CrlPreviewed f, CrlFact? last, ParsedCertificate issuer)
    {
        var issued = s.World.Certificates.Values
            .Select(c => (c.Signed.Certificate, Parsed: c.Parsed))
            .Where(c => c.Parsed.ToBeSigned.Issuer.Equals(issuer.ToBeSigned.Subject))
            .ToDictionary(c => c.Certificate,
                c => RevokedSerial.TryFromContent(c.Parsed.ToBeSigned.Serial.Span, out RevokedSerial serial) ? serial.ToString() : "");
        HashSet<string> typed = [.. f.Typed.Where(t => !IsRelease(t)).Select(t => t.Serial)],
            released = [.. f.Typed.Where(IsRelease).Select(t => t.Serial)];
        HashSet<string> due = [.. issued.Where(c => typed.Contains(c.Value)).Select(c => c.Key),
            .. last?.Preview.Certificates.Where(c => !released.Contains(issued.GetValueOrDefault(c, ""))) ?? []];
        if (!f.Certificates.SequenceEqual(f.Certificates.Distinct().Order(StringComparer.Ordinal)))
            return "its certificates are not named once each and in order.";
        if (f.Certificates.FirstOrDefault(c => !issued.TryGetValue(c, out string? serial) || released.Contains(serial)) is { } foreign)
            return $"it names the certificate \"{foreign}\", which is not this issuer's, or was released.";
        if (due.Except(f.Certificates).FirstOrDefault() is { } missing)
            return $"the certificate \"{missing}\" is revoked and not named on it.";
        return f.Certificates.Length - due.Count > (f.Files.IsEmpty ? 0 : f.Added) ? "it names certificates that nobody revoked." : null;
    }

    private static bool IsRelease(TypedRevocation t) => t.Reason == RevocationReasons.NameOf(RevocationReason.RemoveFromCrl);

    private static string? ListSigned(CeremonyState s, SignCrl e, CrlSigned f)
    {
        CrlPreviewed preview = s.World.CrlPreviews[e.Crl].Previewed;
        return Same(f, new CrlSigned(e.Crl, preview.Issuer, preview.Number, f.Sha256, f.Length, f.Second))
            ?? (IsSha256(f.Sha256) && f.Length > preview.TbsLength ? null : "its hash or its length is none.")
            ?? NoOpinion(s, SecondOpinions.OnLists, f.Second);
    }

    // ---- manifests ----

    private static string? ManifestSigned(CeremonyState s, SignManifest e, ManifestSigned f)
    {
        if (Same(f, new ManifestSigned(e.BatchId, e.StatementSha256, f.Signatures, f.Cms, f.Second)) is { } other)
            return other;
        if (!f.Signatures.Select(x => x.Certificate).SequenceEqual(e.Signers.All))
            return "it was not signed by those whom the script names, in their order.";
        foreach (ManifestSignature x in f.Signatures)
            if (x.KeyId != Sha256(s.World.Certificates[x.Certificate].Parsed.ToBeSigned.SubjectPublicKeyInfo.Span)
                || Base64(x.Signature) is null)
                return $"the signature of \"{x.Certificate}\" names another key.";
        return Base64(f.Cms) is null ? "its CMS is not Base64." : NoOpinion(s, SecondOpinions.OnManifests, f.Second);
    }

    // ---- roots ----

    private static string? Linked(CeremonyState s, LinkRoots e, RootsLinked f)
    {
        if (Same(f, new RootsLinked(e.Statement, f.Signatures)) is { } other)
            return other;
        if (!f.Signatures.Select(x => x.Certificate).SequenceEqual(e.Roots.All))
            return "it was not signed by the roots that the script names, in their order.";
        byte[] statement = Base64(e.Statement)!;
        foreach (ManifestSignature x in f.Signatures)
        {
            ParsedCertificate root = s.World.Certificates[x.Certificate].Parsed;
            if (x.KeyId != Sha256(root.ToBeSigned.SubjectPublicKeyInfo.Span))
                return $"the signature of \"{x.Certificate}\" names another key.";
            if (Base64(x.Signature) is not { } signature || !RootLink.Holds(root, statement, signature))
                return $"the signature of \"{x.Certificate}\" does not hold.";
        }
        return null;
    }

    private static string? Withdrawn(CeremonyState s, WithdrawRoot e, RootWithdrawn f)
    {
        if (Same(f, new RootWithdrawn(e.Root, e.Statement, f.Signature)) is { } other)
            return other;
        ParsedCertificate successor = s.World.Certificates[e.Successor].Parsed;
        return f.Signature.Certificate != e.Successor || f.Signature.KeyId != Sha256(successor.ToBeSigned.SubjectPublicKeyInfo.Span)
            ? $"it was not signed by \"{e.Successor}\"."
            : Base64(f.Signature.Signature) is not { } signature || !RootLink.Holds(successor, Base64(e.Statement)!, signature)
            ? $"the signature of \"{e.Successor}\" does not hold." : null;
    }

    private static ParsedCertificate? Certificate(string base64) =>
        Base64(base64) is { } der && CertificateReader.TryReadCertificate(der, out ParsedCertificate? certificate, out _)
            ? certificate
            : null;

    private static string? NoOpinion(CeremonyState s, ImmutableArray<SecondVerdict> verdicts, string said) =>
        verdicts.Any(v => v.In(s.Format) == said) ? null : "its second opinion is none that the program records.";

    private static bool IsName(string name) => name.Length is > 0 and <= MaxName && PlainText.Is(name);

    [GeneratedRegex(@"\A[A-Z][A-Z0-9]{0,11}-[0-9]{2}\z")]
    private static partial Regex RuleId();
}
