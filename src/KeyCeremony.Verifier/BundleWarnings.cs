using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Verifier;

/// <summary>What is no flaw of a bundle, and whoever reads the verdict must know.</summary>
internal static class BundleWarnings
{
    /// <summary>What the checker warned of when the script was accepted: a verifier decides whether that room was good enough.</summary>
    public static IEnumerable<string> Of(JournalFacts journal)
    {
        var said = new HashSet<string>();
        foreach (CeremonyRun run in journal.Ceremonies)
            if (journal.ScriptOf(run) is { } script && said.Add(run.Opened.ScriptSha256))
                foreach (ScriptFinding finding in ScriptCheck.Check(script, Profiles, CeremonyChecks.NeedsAWitness(run),
                    CeremonyChecks.SeatsWhoIsAsked(run)).Where(f => f.Severity == Severity.Warning))
                    yield return $"{run.Id}: line {finding.Line}: {finding.Rule} {finding.Message}";
        foreach (string told in Back(journal).Concat(Forgotten(journal)))
            yield return told;
        if (journal.Environment != Environments.Production)
            yield break;
        foreach ((Entry entry, TokenProbed probe) in journal.All<TokenProbed>()
            .Where(p => SoftwareTokens.Is(p.Body.Manufacturer, p.Body.Model)))
            yield return $"{entry.Ceremony}: the {probe.Token} HSM {probe.Serial} "
                + $"says that it is software ({probe.Manufacturer} {probe.Model}): whoever copies its files has the keys.";
    }

    /// <summary>HSMs that are not what the record said of them. From format 7 on replay refuses it.</summary>
    public static IEnumerable<string> Back(JournalFacts journal) =>
        from inspected in journal.All<TokenProbed>().GroupBy(p => p.Body.Serial)
        let gone = journal.All<TokenRetired>().FirstOrDefault(r => r.Body.Serial == inspected.Key && r.Body.How != TokenRetired.Replaced)
        where gone.Entry is not null && !HsmNumber.IsNone(inspected.Key)
        let back = inspected.FirstOrDefault(p => p.Entry.Seq > gone.Entry.Seq)
        where back.Entry is not null
        select $"{back.Entry.Ceremony}: the {back.Body.Token} HSM {inspected.Key} is one that {gone.Entry.Ceremony} had retired as "
            + $"{gone.Body.How}: what the record says of it is not so.";

    /// <summary>Whoever restores a ledger leaves out what came after the bundle; only a later bundle shows it.</summary>
    private static IEnumerable<string> Forgotten(JournalFacts journal) => journal.All<LedgerRestored>().Select(restored =>
        $"entry {restored.Entry.Seq}: the ledger was restored from a bundle. What its record sticks held behind entry {restored.Body.Seq} "
            + "is in no journal: verify a bundle of that time with this one, if there is any.");

    private static IReadOnlySet<string> Profiles { get; } = CertificateProfile.All.Select(p => p.ScriptName).ToHashSet();
}
