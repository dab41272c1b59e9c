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
            if (content.Lists.FirstOrDefault(l => l.Path == path) is not { } list || !journal.TryCertificate(signed.Issuer, out ParsedCertificate? issuer)
                || journal.PreviewOf(signed) is not { Body: var preview })
            {
                yield return $"{path} has no file, no issuer or no preview.";
                continue;
            }
            using FileStream file = content.Open(list);
            Dictionary<RevokedSerial, string> issued = Issued(journal, signed, issuer);
            var onIt = new SortedSet<string>(StringComparer.Ordinal);
            CrlLintReport report = Core.Pki.Crl.CrlChecks.Verify(file, issuer, null, out CrlFacts? facts, CoversCaCertificates(journal, signed, issuer),
                (in Revocation entry) =>
                {
                    if (issued.TryGetValue(entry.Serial, out string? name))
                        onIt.Add(name);
                });
            foreach (LintFinding finding in report.Findings)
                yield return $"{path}: {finding.Rule.Id} {finding.Message}";
            if (facts is not null && (facts.Number?.ToString(CultureInfo.InvariantCulture) != signed.Number || facts.ThisUpdate.Value != preview.ThisUpdate || facts.NextUpdate?.Value != preview.NextUpdate
                || facts.Count != preview.Entries || Convert.ToHexStringLower(facts.TbsSha256.Span) != preview.TbsSha256))
                yield return $"{path} is not the list that was previewed.";
            if (facts is not null && !onIt.SequenceEqual(preview.Certificates))
                yield return $"{path} revokes the ledger's certificates {Names(onIt)}; the journal names {Names(preview.Certificates)}.";
        }
    }

    /// <summary>The certificates that this issuer had signed when the list was previewed: who of them is revoked, the journal must say.</summary>
    private static Dictionary<RevokedSerial, string> Issued(JournalFacts journal, CrlSigned list, ParsedCertificate issuer)
    {
        var issued = new Dictionary<RevokedSerial, string>();
        foreach ((Entry entry, CertificateSigned c) in journal.All<CertificateSigned>())
            if (entry.Seq < journal.PreviewOf(list)!.Value.Entry.Seq && JournalFacts.Certificate(c.Der) is { } certificate
                && certificate.ToBeSigned.Issuer.Equals(issuer.ToBeSigned.Subject) && RevokedSerial.TryFromContent(certificate.ToBeSigned.Serial.Span, out RevokedSerial serial))
                issued[serial] = c.Certificate;
        return issued;
    }

    private static string Names(IEnumerable<string> names) => string.Join(", ", names.Select(n => $"\"{n}\"").DefaultIfEmpty("none"));

    private static bool CoversCaCertificates(JournalFacts journal, CrlSigned signed, ParsedCertificate issuer) =>
        CrlPlanning.CoversCaCertificates(issuer) && !journal.Ceremonies.Select(journal.ScriptOf).OfType<CeremonyScript>().SelectMany(s => s.Steps).OfType<PreviewCrlStep>()
            .Any(p => p.Crl == signed.Crl && p.Scope == PreviewCrlStep.UserCertificates);
}
