using System.Collections.Immutable;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Verifier;

/// <summary>What leading the ceremonies again does not say of them: VERIFY-12, VERIFY-15 and VERIFY-51.</summary>
internal static class CeremonyChecks
{
    /// <summary>Reading a question and pressing Enter takes longer; typing takes far longer.</summary>
    private static readonly TimeSpan AnAnswer = TimeSpan.FromMilliseconds(250);

    /// <summary>Twenty words of four letters, faster than anybody types.</summary>
    private static readonly TimeSpan ACard = TimeSpan.FromSeconds(5);

    public static readonly ImmutableArray<(VerifyRule, Func<JournalFacts, IEnumerable<string>>)> All =
    [
        (VerifyRules.Script, Scripts),
        (VerifyRules.Closed, Closed),
        (VerifyRules.Time, Time),
    ];

    /// <summary>The first format took scripts without one.</summary>
    public static bool NeedsAWitness(CeremonyRun run) => JournalFormats.Of(run.Opened) >= JournalFormats.Replayed;

    /// <summary>Formats before the fifth took scripts in which nobody sat where the program asks.</summary>
    public static bool SeatsWhoIsAsked(CeremonyRun run) => JournalFormats.Of(run.Opened) >= JournalFormats.Kept;

    private static IEnumerable<string> Scripts(JournalFacts journal)
    {
        foreach (CeremonyRun run in journal.Ceremonies)
            if (journal.ScriptOf(run) is { } script)
                foreach (Core.Script.ScriptFinding finding in ScriptCheck.Check(script, null, NeedsAWitness(run), SeatsWhoIsAsked(run))
                    .Where(f => f.Severity == Severity.Error))
                    yield return $"{run.Id}: line {finding.Line}: {finding}";
    }

    private static IEnumerable<string> Closed(JournalFacts journal)
    {
        CeremonyRun last = journal.Ceremonies[^1];
        if (last.Aborted)
            yield return $"{last.Id} was aborted: its bundle proves nothing about its goal.";
        else if (journal.Entries[^1].Body is not Attempted { Effect: SignCheckpoint.EffectName })
            yield return "The journal does not end with the signing of the checkpoint.";
    }

    /// <summary>Rehearsals are played from files; in production people answer.</summary>
    private static IEnumerable<string> Time(JournalFacts journal)
    {
        if (journal.Environment != Environments.Production)
            yield break;
        foreach (CeremonyRun run in journal.Ceremonies)
        {
            TimeSpan took = run.Entries[^1].Utc - run.Opening.Utc;
            TimeSpan least = (AnAnswer * run.Of<Answered>().Count())
                + (ACard * (run.Of<ShareReadBack>().Count() + run.Of<SharePresented>().Count()
                    + run.Of<ForeignCardPresented>().Count()
                    + run.Of<CardChecked>().Count(c => c.Digest.Length > 0)));
            if (took < least)
                yield return $"{run.Id} took {took.TotalSeconds:F0} seconds; "
                    + $"people need {least.TotalSeconds:F0} at the very least to answer and type what stands in it.";
        }
    }
}
