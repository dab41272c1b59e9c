using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Crl;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Verifier;

/// <summary>Whether revocation lists were previewed, chain to each other, and are what the journal says: VERIFY-35 to VERIFY-37.</summary>
internal static class CrlChecks
{
    public static readonly ImmutableArray<(VerifyRule, Func<JournalFacts, IEnumerable<string>>)> All =
    [
        (VerifyRules.Lists, Previewed),
        (VerifyRules.ListChain, Chain),
    ];

    /// <summary>The list files themselves, read once each in a stream.</summary>
    public static IEnumerable<string> Files(JournalFacts journal, BundleContent content)
    {
        foreach (CrlSigned signed in BundleList.Newest(journal.Entries))
        {
            string path = BundleList.PathOf(signed);
            if (content.Lists.FirstOrDefault(l => l.Path == path) is not { } list || !journal.TryCertificate(signed.Issuer, out ParsedCertificate? issuer)
                || journal.PreviewOf(signed) is not { Body: var preview })
            {
                yield return $"{path} has no file, no issuer or no preview.";
                continue;
            }
            using FileStream file = content.Open(list);
            CrlLintReport report = Core.Pki.Crl.CrlChecks.Verify(file, issuer, null, out CrlFacts? facts, CoversCaCertificates(journal, signed, issuer));
            foreach (LintFinding finding in report.Findings)
                yield return $"{path}: {finding.Rule.Id} {finding.Message}";
            if (facts is not null && (facts.Number?.ToString(CultureInfo.InvariantCulture) != signed.Number || facts.ThisUpdate.Value != preview.ThisUpdate || facts.NextUpdate?.Value != preview.NextUpdate
                || facts.Count != preview.Entries || Convert.ToHexStringLower(facts.TbsSha256.Span) != preview.TbsSha256))
                yield return $"{path} is not the list that was previewed.";
        }
    }

    private static bool CoversCaCertificates(JournalFacts journal, CrlSigned signed, ParsedCertificate issuer) =>
        CrlPlanning.CoversCaCertificates(issuer) && !journal.Ceremonies.Select(journal.ScriptOf).OfType<CeremonyScript>().SelectMany(s => s.Steps).OfType<PreviewCrlStep>()
            .Any(p => p.Crl == signed.Crl && p.Scope == PreviewCrlStep.UserCertificates);

    private static IEnumerable<string> Previewed(JournalFacts journal)
    {
        foreach ((Entry entry, CrlSigned signed) in journal.All<CrlSigned>())
        {
            if (journal.PreviewOf(signed, entry.Seq) is not { } preview || preview.Entry.Ceremony != entry.Ceremony)
            {
                yield return $"The list {signed.Crl} {signed.Number} was signed without a preview in its ceremony.";
                continue;
            }
            if (preview.Body.Issuer != signed.Issuer || preview.Body.Number != signed.Number)
                yield return $"The list {signed.Crl} {signed.Number} was previewed as number {preview.Body.Number} of {preview.Body.Issuer}.";
            if (preview.Body.Lint.IsEmpty)
                yield return $"The list {signed.Crl} {signed.Number} was not linted.";
            foreach (Finding failed in preview.Body.Lint.Where(f => f.Result == "fail"))
                yield return $"The list {signed.Crl} {signed.Number} was signed although {failed.Id} failed: {failed.Text}";
            if (!journal.All<CertificateSigned>().Any(c => c.Body.Certificate == signed.Issuer && c.Entry.Seq < entry.Seq))
                yield return $"The list {signed.Crl} {signed.Number} has an issuer that the journal does not know.";
        }
    }

    private static IEnumerable<string> Chain(JournalFacts journal)
    {
        foreach (IGrouping<string, (Entry Entry, CrlSigned Body)> series in journal.All<CrlSigned>().GroupBy(c => c.Body.Crl))
        {
            (CrlSigned Signed, CrlPreviewed Preview)? last = null;
            foreach ((Entry entry, CrlSigned signed) in series)
            {
                if (journal.PreviewOf(signed, entry.Seq) is not { Body: var preview } || !BigInteger.TryParse(signed.Number, NumberStyles.None, CultureInfo.InvariantCulture, out BigInteger number))
                {
                    yield return $"The list {signed.Crl} {signed.Number} has no preview or no number.";
                    break;
                }
                if (number != (last is { } before ? BigInteger.Parse(before.Signed.Number, CultureInfo.InvariantCulture) + 1 : 1))
                    yield return $"The list {signed.Crl} has the number {signed.Number} after {last?.Signed.Number ?? "none"}.";
                if (preview.Previous != (last?.Signed.Sha256 ?? ""))
                    yield return $"The list {signed.Crl} {signed.Number} was not written from the one before.";
                if (last is { } earlier && (preview.ThisUpdate < earlier.Preview.ThisUpdate || preview.NextUpdate < earlier.Preview.NextUpdate))
                    yield return $"The dates of the list {signed.Crl} {signed.Number} go back.";
                if (last is { } ended && preview.ThisUpdate > ended.Preview.NextUpdate
                    && !journal.All<ExceptionRaised>().Any(x => x.Entry.Ceremony == entry.Ceremony && x.Body.Rule == CrlRules.Hole.Id))
                    yield return $"Between the lists {ended.Signed.Number} and {signed.Number} of {signed.Crl} none was valid, and no exception says why.";
                if (last is { } counted && preview.Entries != (Int128)counted.Preview.Entries + preview.Added - preview.Removed)
                    yield return $"The list {signed.Crl} {signed.Number} does not have as many entries as the one before, with those added and without those taken off.";
                last = (signed, preview);
            }
        }
    }
}
