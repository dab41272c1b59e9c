using System.Collections.Immutable;
using System.Text;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Verifier;

/// <summary>
/// What is true of all keys and certificates of a ledger together, which no single entry says: VERIFY-26, VERIFY-29, VERIFY-34.
/// </summary>
internal static class KeyChecks
{
    public static readonly ImmutableArray<(VerifyRule, Func<JournalFacts, IEnumerable<string>>)> All =
    [
        (VerifyRules.Certificate, Begins),
        (VerifyRules.Challenges, Challenges),
        (VerifyRules.SerialNumbers, SerialNumbers),
    ];

    private static IEnumerable<string> Begins(JournalFacts journal)
    {
        foreach ((Entry entry, CertificateSigned signed) in journal.All<CertificateSigned>())
            if (journal.PreviewOf(signed.Certificate, entry.Seq) is { Body: var preview }
                && PlanJson.TryRead(Encoding.UTF8.GetBytes(preview.Plan), out CertificatePlan? plan, out _)
                && entry.Utc - plan.NotBefore is var backdated && (backdated < TimeSpan.Zero || backdated > CertificatePlan.MaxBackdating))
                yield return $"{signed.Certificate} begins {plan.NotBefore:yyyy-MM-dd HH:mm:ss} UTC; "
                    + $"it was signed {entry.Utc:yyyy-MM-dd HH:mm:ss} UTC.";
    }

    private static IEnumerable<string> Challenges(JournalFacts journal) =>
        journal.All<BackupDrilled>().Select(d => d.Body.Challenge).Concat(journal.All<KeyRestored>().Select(r => r.Body.Challenge))
            .GroupBy(c => c).Where(g => g.Count() > 1).Select(g => $"The challenge {g.Key[^12..]} was used {g.Count()} times.");

    private static IEnumerable<string> SerialNumbers(JournalFacts journal) => journal.All<CertificateSigned>()
        .Select(c => (c.Body.Certificate, Serial: JournalFacts.Certificate(c.Body.Der) is { } parsed
            ? Convert.ToHexStringLower(parsed.ToBeSigned.Serial.Span) : c.Body.Sha256))
        .GroupBy(c => c.Serial, c => c.Certificate).Where(g => g.Count() > 1)
        .Select(same => $"{string.Join(" and ", same)} have the serial number {same.Key}.");
}
