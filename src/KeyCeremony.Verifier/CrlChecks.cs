using System.Globalization;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Crl;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Verifier;

/// <summary>Whether the revocation lists of a bundle are what the journal says: VERIFY-37.</summary>
internal static class CrlChecks
{
    /// <summary>The list files themselves, read once each in a stream.</summary>
    public static IEnumerable<string> Files(JournalFacts journal, BundleContent content)
    {
        foreach (CrlSigned signed in BundleList.Newest(journal.Entries))
        {
            string path = BundleList.PathOf(signed);
            if (content.Lists.FirstOrDefault(l => l.Path == path) is not { } list
                || !journal.TryCertificate(signed.Issuer, out ParsedCertificate? issuer)
                || journal.PreviewOf(signed) is not { Body: var preview } previewed)
            {
                yield return $"{path} has no file, no issuer or no preview.";
                continue;
            }
            using FileStream file = content.Open(list);
            bool isCompared = FormatOf(journal, previewed.Entry) >= JournalFormats.Compared;
            ParsedCertificate ca = isCompared ? Delegator(journal, signed, issuer) ?? issuer : issuer;
            Dictionary<RevokedSerial, string> issued = Issued(journal, signed, ca);
            // Whoever put its own number on its list before the third format has it there for ever.
            bool mayHoldItself = !isCompared || journal.All<CrlSigned>().Any(c => c.Body.Crl == signed.Crl
                && FormatOf(journal, c.Entry) < JournalFormats.Compared);
            var onIt = new SortedSet<string>(StringComparer.Ordinal);
            Dictionary<RevokedSerial, TypedRevocation> typed = Typed(preview);
            var wrong = new List<string>();
            CrlLintReport report = Core.Pki.Crl.CrlChecks.Verify(file, issuer, null,
                out CrlFacts? facts, CoversCaCertificates(journal, signed, issuer),
                (in Revocation entry) =>
                {
                    if (issued.TryGetValue(entry.Serial, out string? name))
                        onIt.Add(name);
                    if (!mayHoldItself && (CrlChain.CheckOwn(issuer, entry.Serial) ?? CrlChain.CheckOwn(ca, entry.Serial)) is { } own)
                        wrong.Add($"{path}: {own.Rule} {own.Message}");
                    if (typed.Remove(entry.Serial, out TypedRevocation? one) && !Says(entry, one))
                        wrong.Add($"{path} says something else of {one.Serial} than was typed.");
                });
            foreach (string flaw in wrong)
                yield return flaw;
            // A part of a list leaves out what belongs to another part.
            foreach (TypedRevocation missing in typed.Values.Where(t => !IsRelease(t) && !preview.IsPartitioned))
                yield return $"{path} does not hold {missing.Serial}, which was typed.";
            foreach (LintFinding finding in report.Findings)
                yield return $"{path}: {finding.Rule.Id} {finding.Message}";
            if (facts is not null && (facts.Number?.ToString(CultureInfo.InvariantCulture) != signed.Number
                || facts.ThisUpdate.Value != preview.ThisUpdate || facts.NextUpdate?.Value != preview.NextUpdate
                || facts.Count != preview.Entries || Convert.ToHexStringLower(facts.TbsSha256.Span) != preview.TbsSha256))
                yield return $"{path} is not the list that was previewed.";
            if (facts is not null && !onIt.SequenceEqual(preview.Certificates))
                yield return $"{path} revokes the ledger's certificates {Names(onIt)}; the journal names {Names(preview.Certificates)}.";
        }
    }

    private static int FormatOf(JournalFacts journal, Entry entry) =>
        journal.Ceremonies.FirstOrDefault(c => c.Id == entry.Ceremony) is { } run ? JournalFormats.Of(run.Opened) : JournalFormats.Current;

    /// <summary>The CA for which a delegated signer signs; null where the CA signs itself.</summary>
    private static ParsedCertificate? Delegator(JournalFacts journal, CrlSigned signed, ParsedCertificate signer) =>
        signer.ToBeSigned.BasicConstraints is not { IsCa: true }
            && journal.PreviewOf(signed.Issuer, long.MaxValue) is { Body.Issuer: var above }
            && journal.TryCertificate(above, out ParsedCertificate? ca) ? ca : null;

    private static Dictionary<RevokedSerial, TypedRevocation> Typed(CrlPreviewed preview)
    {
        var typed = new Dictionary<RevokedSerial, TypedRevocation>();
        foreach (TypedRevocation one in preview.Typed)
            if (RevokedSerial.TryParse(one.Serial, out RevokedSerial serial))
                typed[serial] = one;
        return typed;
    }

    private static bool Says(in Revocation entry, TypedRevocation typed) => !IsRelease(typed)
        && RevocationReasons.NameOf(entry.Reason) == typed.Reason
        && entry.Date == typed.Revoked && entry.Invalidity == typed.Invalidity;

    private static bool IsRelease(TypedRevocation typed) => typed.Reason == RevocationReasons.NameOf(RevocationReason.RemoveFromCrl);

    /// <summary>
    /// The certificates that this issuer had signed when the list was previewed: who of them is revoked, the journal must say.
    /// </summary>
    private static Dictionary<RevokedSerial, string> Issued(JournalFacts journal, CrlSigned list, ParsedCertificate issuer)
    {
        var issued = new Dictionary<RevokedSerial, string>();
        foreach ((Entry entry, CertificateSigned c) in journal.All<CertificateSigned>())
            if (entry.Seq < journal.PreviewOf(list)!.Value.Entry.Seq && JournalFacts.Certificate(c.Der) is { } certificate
                && certificate.ToBeSigned.Issuer.Equals(issuer.ToBeSigned.Subject)
                && RevokedSerial.TryFromContent(certificate.ToBeSigned.Serial.Span, out RevokedSerial serial))
                issued[serial] = c.Certificate;
        return issued;
    }

    private static string Names(IEnumerable<string> names) => string.Join(", ", names.Select(n => $"\"{n}\"").DefaultIfEmpty("none"));

    private static bool CoversCaCertificates(JournalFacts journal, CrlSigned signed, ParsedCertificate issuer) =>
        CrlPlanning.CoversCaCertificates(issuer)
            && !journal.Ceremonies.Select(journal.ScriptOf).OfType<CeremonyScript>().SelectMany(s => s.Steps).OfType<PreviewCrlStep>()
            .Any(p => p.Crl == signed.Crl && p.Scope == PreviewCrlStep.UserCertificates);
}
