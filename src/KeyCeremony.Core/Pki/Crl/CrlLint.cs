using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;

namespace KeyCeremony.Core.Pki.Crl;

/// <summary>What was found in a CRL that was read back.</summary>
public sealed class CrlLintReport
{
    private readonly PreparedCrl? _prepared;

    internal CrlLintReport(IReadOnlyList<LintFinding> findings, PreparedCrl? prepared = null, CrlFile? file = null)
    {
        Findings = findings;
        _prepared = prepared;
        File = file;
    }

    /// <summary>Length and hash of a signed file that was read back; null for a spool, and for what cannot be read.</summary>
    public CrlFile? File { get; }

    /// <summary>In the order of the rules; every one is an error.</summary>
    public IReadOnlyList<LintFinding> Findings { get; }

    public bool HasErrors => Findings.Count > 0;

    /// <summary>
    /// The CRL that may be signed: only from the report of a prepared one without findings. Else refused with the first finding's rule.
    /// </summary>
    public bool TryAccept([NotNullWhen(true)] out LintedCrl? linted, [NotNullWhen(false)] out Refusal? refusal)
    {
        linted = !HasErrors && _prepared is not null ? new LintedCrl(_prepared) : null;
        refusal = HasErrors ? Findings[0].Rule.Refuse(Findings[0].Message, "Correct the plan or the entries and prepare the CRL again.")
            : linted is null ? CrlRules.SameAsPlan.Refuse("Only a prepared CRL is signed.", "Prepare it first.")
            : null;
        return linted is not null;
    }
}

/// <summary>
/// A prepared CRL that was read back without findings: the only thing that is signed. Only <see cref="CrlLintReport.TryAccept"/> makes one.
/// </summary>
public sealed class LintedCrl
{
    internal LintedCrl(PreparedCrl prepared) => Prepared = prepared;

    public PreparedCrl Prepared { get; }
}

/// <summary>Reads back what was written, strictly, and holds it against the plan.</summary>
public static class CrlLint
{
    /// <summary>Before the signature: every entry of the spool is compared with the merged ones.</summary>
    /// <param name="spool">The TBSCertList from its first byte, read to its end.</param>
    public static CrlLintReport Check(PreparedCrl prepared, Stream spool)
    {
        using var expected = new RevocationCursor(prepared.Entries.Batches());
        bool same = true;
        bool read = CrlReader.TryReadToBeSigned(spool,
            (in Revocation entry) => same = same && expected.MoveNext() && expected.Current.Equals(entry),
            out CrlFacts? facts, out Refusal? refusal);
        if (!read)
            return Unreadable(refusal!);
        List<LintFinding> findings = Findings(prepared, facts!);
        if (!same || expected.MoveNext())
            findings.Add(Finding(CrlRules.SameAsPlan, "An entry differs from the one that was given."));
        return new CrlLintReport(findings, prepared);
    }

    /// <summary>After the signature: the whole file, its signature, and that it holds the TBSCertList that was signed.</summary>
    /// <param name="file">DER, from its first byte, read to its end.</param>
    public static CrlLintReport Check(SignedCrl signed, Stream file)
    {
        PreparedCrl prepared = signed.Prepared;
        // What was linted is not linted again: it is proven to be the same bytes.
        long start = file.CanSeek ? file.Position : 0;
        if (file.CanSeek && CrlReader.ReadBack(file, prepared) is { } back)
            return new CrlLintReport(back.Holds ? [] : [Finding(CrlRules.Signature, "The signature does not verify.")], file: back.File);
        if (file.CanSeek)
            file.Position = start;
        if (!CrlReader.TryRead(file, each: null, [prepared.Plan.Issuer], out CrlFacts? facts, out Refusal? refusal))
            return Unreadable(refusal);
        List<LintFinding> findings = Findings(prepared, facts);
        if (!facts.IsSignedBy(prepared.Plan.Issuer))
            findings.Add(Finding(CrlRules.Signature, "The signature does not verify."));
        return new CrlLintReport(findings, file: new CrlFile(facts.Length, facts.Sha256));
    }

    internal static CrlLintReport Unreadable(Refusal refusal) =>
        new([Finding(CrlRules.All.First(rule => rule.Id == refusal.Rule), refusal.Message)]);

    /// <summary>What can be said of a CRL of ours with its issuer's certificate alone.</summary>
    internal static List<LintFinding> Findings(CrlFacts facts, ParsedCertificate issuer, bool coversCaCertificates)
    {
        var findings = new List<LintFinding>();
        void Expect(bool holds, PkiRule rule, string message)
        {
            if (!holds)
                findings.Add(Finding(rule, message));
        }
        ParsedTbs certificate = issuer.ToBeSigned;
        (DateTimeOffset thisUpdate, DateTimeOffset nextUpdate) = (facts.ThisUpdate.Value,
            facts.NextUpdate?.Value ?? DateTimeOffset.MaxValue);
        Expect(facts.Version == 2, CrlRules.Version, $"The version is {facts.Version}.");
        Expect(thisUpdate >= certificate.NotBefore.Value && (facts.NextUpdate is null || nextUpdate <= certificate.NotAfter.Value),
            CrlRules.WithinIssuer, "A date lies outside the issuer's validity.");
        Expect(certificate.KeyAlgorithm is { } key && facts.SignatureAlgorithm.Span.SequenceEqual(key.SignatureAlgorithmIdentifier()),
            CrlRules.Algorithm, "The signature algorithm is not that of the issuer's key.");
        Expect(facts.Issuer.Equals(certificate.Subject), CrlRules.Issuer,
            $"The issuer is '{facts.Issuer}'; expected are the bytes of '{certificate.Subject}'.");
        Expect(facts.NextUpdate is not null, CrlRules.Dates, "nextUpdate is absent.");
        Expect(IsOurForm(facts.ThisUpdate) && (facts.NextUpdate is null || IsOurForm(facts.NextUpdate)),
            CrlRules.Dates, "A date before 2050 is GeneralizedTime.");
        Expect(facts.NextUpdate is null || nextUpdate > thisUpdate, CrlRules.Dates, "nextUpdate does not lie after thisUpdate.");
        Expect(facts.NextUpdate is null || nextUpdate - thisUpdate <= CrlPlanRules.LongestLifetime,
            CrlRules.Lifetime, "nextUpdate lies more than 366 days after thisUpdate.");
        Expect(facts.Number is { } number && CrlPlanRules.IsNumber(number), CrlRules.Number, "The CRL number is absent, zero or too long.");
        Expect(CrlPlanRules.MaySign(certificate), CrlRules.Signer, "The issuer's certificate may not sign CRLs.");
        Expect(HasOurExtensions(facts, certificate), CrlRules.Extensions, "The extensions are not those of a CRL of ours.");
        Expect(facts.UnspecifiedWritten == 0, CrlRules.Reasons,
            $"{facts.UnspecifiedWritten} entries have the reason unspecified written out.");
        Expect(CountOf(facts, RevocationReason.RemoveFromCrl) == 0, CrlRules.Reasons, "An entry has the reason removeFromCRL.");
        Expect(!coversCaCertificates || CountOf(facts, reason: null) == 0, CrlRules.ReasonRequired,
            $"{CountOf(facts, reason: null)} entries have no reason.");
        Expect(facts.LatestDate is not { } latest || latest <= thisUpdate, CrlRules.EntryDates,
            $"An entry has the date {facts.LatestDate:yyyy-MM-dd HH:mm:ss} UTC, after thisUpdate.");
        Expect(facts.MisformedDates == 0, CrlRules.EntryDates, $"{facts.MisformedDates} dates before 2050 are GeneralizedTime.");
        Expect(facts.OtherEntryExtensions == 0, CrlRules.Extensions, $"{facts.OtherEntryExtensions} entries carry other extensions.");
        Expect(facts.IsSorted, CrlRules.Order, "The entries are not sorted by serial, or a serial stands twice.");
        return findings;
    }

    internal static LintFinding Finding(PkiRule rule, string message) => new(rule, LintSeverity.Error, message);

    private static List<LintFinding> Findings(PreparedCrl prepared, CrlFacts facts)
    {
        CrlPlan plan = prepared.Plan;
        List<LintFinding> findings = Findings(facts, plan.Issuer, plan.CoversCaCertificates);
        if (!CrlChain.IsSame(plan.Partition, facts.DistributionPoint))
            findings.Add(Finding(CrlRules.Extensions, "issuingDistributionPoint is not as planned."));
        if (facts.Number != plan.Number || facts.ThisUpdate.Value != plan.ThisUpdate || facts.NextUpdate?.Value != plan.NextUpdate)
            findings.Add(Finding(CrlRules.SameAsPlan, "The number or a date is not as planned."));
        if (facts.Count != prepared.Count || facts.TbsLength != prepared.TbsLength
            || !facts.TbsSha256.Span.SequenceEqual(prepared.TbsSha256.Span))
            findings.Add(Finding(CrlRules.SameAsPlan, "The bytes are not those that were prepared."));
        return findings;
    }

    // authorityKeyIdentifier, cRLNumber, and issuingDistributionPoint or nothing.
    private static bool HasOurExtensions(CrlFacts facts, ParsedTbs issuer) =>
        facts.Extensions.All(extension => extension.Oid is Oids.AuthorityKeyIdentifier
            or CrlExtensions.Number or CrlExtensions.DistributionPoint)
        && facts.AuthorityKeyIdentifier is { HasIssuerAndSerial: false, KeyIdentifier: { } identifier }
        && issuer.SubjectKeyIdentifier is { } expected && identifier.Span.SequenceEqual(expected.Span);

    private static bool IsOurForm(EncodedTime time) => (time.Tag == UniversalTagNumber.GeneralizedTime) == (time.Value.Year >= 2050);

    private static long CountOf(CrlFacts facts, RevocationReason? reason) =>
        facts.ByReason.FirstOrDefault(one => one.Reason == reason)?.Count ?? 0;
}

/// <summary>Everything that can be said about a CRL of ours with its issuer's certificate, and no device.</summary>
public static class CrlChecks
{
    /// <summary>
    /// Reads strictly, asks every rule a CRL of ours keeps, verifies the signature (CRL-19) and hangs it on the previous one (CRL-30 to
    /// CRL-33).
    /// </summary>
    /// <param name="crl">DER or PEM, read to its end.</param>
    /// <param name="previous">Null when the previous CRL is not known: then the chain is not asked. <see cref="IsFirst"/> for an issuer's
    /// first.</param>
    /// <param name="facts">Null when the CRL cannot be read.</param>
    public static CrlLintReport Verify(Stream crl, ParsedCertificate issuer, CrlLink? previous,
        out CrlFacts? facts, bool coversCaCertificates = true, CrlEntry? each = null)
    {
        if (!CrlReader.TryRead(crl, each, [issuer], out facts, out Refusal? refusal))
            return CrlLint.Unreadable(refusal);
        List<LintFinding> findings = CrlLint.Findings(facts, issuer, coversCaCertificates);
        if (!facts.IsSignedBy(issuer))
            findings.Add(CrlLint.Finding(CrlRules.Signature, facts.Judge(issuer) == SignatureVerdict.OtherKind
                ? $"The signature algorithm {ForeignSignature.OfOtherKind(facts.SignatureAlgorithm)}" : "The signature does not verify."));
        if (previous is not null && facts.Link is { } link)
            foreach (Refusal broken in CrlChain.Check(link, ReferenceEquals(previous, IsFirst) ? null : previous))
                findings.Add(CrlLint.Finding(CrlRules.All.First(rule => rule.Id == broken.Rule), broken.Message));
        return new CrlLintReport(findings);
    }

    /// <summary>Says to <see cref="Verify"/> that there is no previous CRL.</summary>
    public static CrlLink IsFirst { get; } = new(0, DateTimeOffset.MinValue, DateTimeOffset.MinValue);
}
