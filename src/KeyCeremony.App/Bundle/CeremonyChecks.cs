using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.App.Bundle;

/// <summary>Whether the ceremonies ran as their scripts say: VERIFY-12 to VERIFY-20.</summary>
internal static class CeremonyChecks
{
    public static readonly ImmutableArray<(VerifyRule, Func<JournalFacts, IEnumerable<string>>)> All =
    [
        (VerifyRules.Script, Scripts),
        (VerifyRules.Steps, Steps),
        (VerifyRules.Facts, Facts),
        (VerifyRules.Closed, Closed),
        (VerifyRules.People, People),
        (VerifyRules.Exceptions, Exceptions),
        (VerifyRules.Attempts, Attempts),
        (VerifyRules.Gate, Gate),
        (VerifyRules.Bags, Bags),
    ];

    private static IEnumerable<string> Scripts(JournalFacts journal)
    {
        foreach (CeremonyRun run in journal.Ceremonies)
        {
            if (Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(run.Opened.Script))) != run.Opened.ScriptSha256)
                yield return $"{run.Id}: the script's text does not have the recorded hash.";
            if (journal.ScriptOf(run) is not { } script)
            {
                yield return $"{run.Id}: the recorded text is not a script.";
                continue;
            }
            if (script.Name != run.Opened.Name || script.Version != run.Opened.Version || script.Sha256 != run.Opened.ScriptSha256)
                yield return $"{run.Id}: the script is {script.Name} version {script.Version}, recorded is {run.Opened.Name} version {run.Opened.Version}.";
            if (!script.Environments.Contains(journal.Environment))
                yield return $"{run.Id}: the script may not run in {journal.Environment}.";
            foreach (KeyCeremony.Core.Script.ScriptFinding finding in ScriptCheck.Check(script, witnessIsMandatory: JournalFormats.Of(run.Opened) >= JournalFormats.Replayed).Where(f => f.Severity == Severity.Error))
                yield return $"{run.Id}: line {finding.Line}: {finding}";
        }
    }

    private static IEnumerable<string> Steps(JournalFacts journal)
    {
        foreach (CeremonyRun run in journal.Ceremonies)
        {
            if (journal.ScriptOf(run) is not { } script)
                continue;
            int done = 0;
            foreach (Entry entry in run.Entries)
            {
                string expected = done < script.Steps.Length ? script.Steps[done].Id : "";
                if (entry.Step.Length > 0 && entry.Step != expected)
                    yield return $"{run.Id}: entry {entry.Seq} belongs to the step \"{entry.Step}\" while \"{expected}\" was due.";
                if (entry.Body is StepDone)
                    done++;
            }
            if (!run.Aborted && done < Due(journal, run, script))
                yield return $"{run.Id}: {done} of {script.Steps.Length} steps were done.";
        }
        // An entry of a ceremony stands between its opening and the next one's.
        string? current = null;
        foreach (Entry entry in journal.Entries)
        {
            if (entry.Body is CeremonyOpened)
                current = entry.Ceremony;
            if (entry.Ceremony.Length > 0 && entry.Ceremony != current)
                yield return $"Entry {entry.Seq} is written for {entry.Ceremony} while {current ?? "no ceremony"} was open.";
        }
    }

    /// <summary>The bundle is signed inside the last step, so that one is not done yet in its own bundle.</summary>
    private static int Due(JournalFacts journal, CeremonyRun run, CeremonyScript script) =>
        (run == journal.Ceremonies[^1] || journal.WasRestoredAfter(run)) && script.Steps[^1] is CloseStep ? script.Steps.Length - 1 : script.Steps.Length;

    private static IEnumerable<string> Facts(JournalFacts journal)
    {
        foreach (CeremonyRun run in journal.Ceremonies)
        {
            if (journal.ScriptOf(run) is not { } script)
                continue;
            int reached = run.Aborted ? run.Of<StepDone>().Count() : script.Steps.Length;
            foreach (Step step in script.Steps.Take(reached))
                if (StepFacts.Missing(journal, run, script, step) is { } missing)
                    yield return $"{run.Id}: step \"{step.Id}\": {missing}";
        }
    }

    private static IEnumerable<string> Closed(JournalFacts journal)
    {
        foreach (CeremonyRun run in journal.Ceremonies)
        {
            bool last = run == journal.Ceremonies[^1];
            if (run.Of<CeremonyClosed>().Count() > 1 || run.Of<CeremonyAborted>().Count() > 1 || !run.Entries.Any(e => e.Body is CeremonyClosed or CeremonyAborted))
                yield return $"{run.Id} was not ended once.";
            else if (last && run.Aborted)
                yield return $"{run.Id} was aborted: its bundle proves nothing about its goal.";
            Entry? end = run.Entries.FirstOrDefault(e => e.Body is CeremonyClosed or CeremonyAborted);
            foreach (Entry entry in run.Entries.Where(e => end is not null && e.Seq > end.Seq && !MayFollowTheEnd(e.Body) && !(end.Body is CeremonyClosed && e.Body is CeremonyAborted)))
                yield return $"{run.Id}: entry {entry.Seq} stands behind the end.";
            if (!last && !run.Aborted && !run.Of<CheckpointSigned>().Any() && !journal.WasRestoredAfter(run))
                yield return $"{run.Id} was closed without a checkpoint.";
        }
        if (journal.Entries[^1].Body is not Attempted { Effect: "sign-checkpoint" })
            yield return "The journal does not end with the signing of the checkpoint.";
    }

    /// <summary>Signing the transcript and storing the head may need the quorum again, and may fail and be repeated.</summary>
    private static bool MayFollowTheEnd(EntryBody body) => body is Attempted or Failed or Answered or Withdrawn or Reopened or LeftoversFound or AttemptResolved
        or ExceptionRaised or ExceptionSignedOff or SharePresented or SecretRebuilt or SecretForgotten or TokenUnlocked or BreakBegan or BreakEnded or AbortProposed
        or CheckpointSigned or HeadStored or BundleExported or StepDone;

    private static IEnumerable<string> People(JournalFacts journal)
    {
        foreach (CeremonyRun run in journal.Ceremonies)
        {
            if (journal.ScriptOf(run) is not { } script)
                continue;
            RoomOpened[] rooms = [.. run.Of<RoomOpened>()];
            if (rooms.Length != 1)
            {
                if (!run.Aborted)
                    yield return $"{run.Id}: the roll was called {rooms.Length} times.";
                continue;
            }
            foreach (Seat seat in script.Seats)
                if (!rooms[0].People.Where(p => p.Role == seat.Role).Select(p => p.Index).Order().SequenceEqual(Enumerable.Range(1, seat.Count)))
                    yield return $"{run.Id}: {seat.Count} seats of {seat.Role} were not all taken.";
            if (rooms[0].People.Length != script.Seats.Sum(s => s.Count))
                yield return $"{run.Id}: {rooms[0].People.Length} people sat in {script.Seats.Sum(s => s.Count)} seats.";
            foreach (IGrouping<string, Person> same in rooms[0].People.GroupBy(p => p.Name.Trim().ToUpperInvariant()).Where(g => g.Count() > 1 || g.Key.Length == 0))
                yield return $"{run.Id}: {same.First().Name} sat in {same.Count()} seats.";
        }
    }

    private static IEnumerable<string> Exceptions(JournalFacts journal)
    {
        foreach (CeremonyRun run in journal.Ceremonies)
        {
            int next = 1;
            foreach (Entry entry in run.Entries)
                if (entry.Body is ExceptionRaised raised)
                {
                    if (raised.Number != next++)
                        yield return $"{run.Id}: exception {raised.Number} stands where {next - 1} should.";
                    ExceptionSignedOff? off = run.Entries.Where(e => e.Seq > entry.Seq).Select(e => e.Body).OfType<ExceptionSignedOff>().FirstOrDefault(o => o.Number == raised.Number);
                    if (off is null && !run.Aborted)
                        yield return $"{run.Id}: exception {raised.Number} was not signed off: {raised.What}";
                    if (off is not null && !run.Of<RoomOpened>().SelectMany(r => r.People).Any(p => p.Role == Roles.Witness && p.Name == off.Witness))
                        yield return $"{run.Id}: exception {raised.Number} was signed off by {off.Witness}, who is not the witness.";
                }
        }
    }

    private static IEnumerable<string> Attempts(JournalFacts journal)
    {
        foreach (CeremonyRun run in journal.Ceremonies)
            for (int i = 0; i < run.Entries.Length; i++)
                if (run.Entries[i].Body is Attempted attempt && run.Entries[i].Seq != journal.Entries[^1].Seq && !run.Aborted
                    && !(i == run.Entries.Length - 1 && journal.WasRestoredAfter(run))
                    && !run.Entries.Skip(i + 1).TakeWhile(e => e.Body is not Attempted).Any(e => EndsAttempt(e.Body, attempt)))
                    yield return $"{run.Id}: entry {run.Entries[i].Seq} began {attempt.Effect} {attempt.Subject} and nothing says how it ended.";
    }

    private static bool EndsAttempt(EntryBody body, Attempted attempt) => body switch
    {
        AttemptResolved r => r.Effect == attempt.Effect,
        TokenProbed => attempt.Effect == "probe-token",
        SharesMade m => attempt.Effect == "make-shares" && m.Set == attempt.Subject,
        TokenCommissioned => attempt.Effect == "commission-token",
        KeyGenerated k => attempt.Effect is "generate-key" && k.Key == attempt.Subject,
        CertificateSigned c => attempt.Effect == "sign-certificate" && c.Certificate == attempt.Subject,
        KeyBackedUp b => attempt.Effect == "back-up-key" && b.Key == attempt.Subject,
        WrapKeyDestroyed w => attempt.Effect == "destroy-wrap-key" && w.Set == attempt.Subject,
        BackupDrilled d => attempt.Effect == "drill-recovery" && d.Key == attempt.Subject,
        KeyLocked l => attempt.Effect == "lock-key" && l.Key == attempt.Subject,
        CrlSigned c => attempt.Effect == "sign-crl" && c.Crl == attempt.Subject,
        ManifestSigned m => attempt.Effect == "sign-manifest" && m.BatchId == attempt.Subject,
        KeyDestroyed d => attempt.Effect == "destroy-key" && d.Key == attempt.Subject,
        KeyRestored r => attempt.Effect == "restore-key" && r.Key == attempt.Subject,
        CheckpointSigned => attempt.Effect == "sign-checkpoint",
        HeadStored => attempt.Effect == "store-head",
        _ => false,
    };

    private static IEnumerable<string> Gate(JournalFacts journal)
    {
        foreach (CeremonyRun run in journal.Ceremonies.Where(r => !r.Aborted))
        {
            if (journal.Environment == Environments.Production && run.Of<ApplianceInspected>().LastOrDefault() is { } gate)
                foreach (Finding failed in gate.Findings.Where(f => f.Result == "fail"))
                    yield return $"{run.Id}: the appliance failed {failed.Id}: {failed.Text}";
            foreach (TokenProbed probe in run.Of<TokenProbed>().GroupBy(p => p.Token).Select(g => g.Last()))
                foreach (Finding failed in probe.Findings.Where(f => f.Result == "fail"))
                    yield return $"{run.Id}: the {probe.Token} HSM failed {failed.Id}: {failed.Text}";
        }
    }

    private static IEnumerable<string> Bags(JournalFacts journal)
    {
        var contents = new Dictionary<string, string>();
        var numbers = new HashSet<string>();
        foreach (CeremonyRun run in journal.Ceremonies)
            foreach (Entry entry in run.Entries)
                switch (entry.Body)
                {
                    case BagSealed bag:
                        if (!numbers.Add(bag.Number))
                            yield return $"{run.Id}: bag {bag.Number} was used twice.";
                        contents[bag.Content] = bag.Number;
                        break;
                    case BagOpened bag:
                        bool right = contents.Remove(bag.Content, out string? recorded) && recorded == bag.Number;
                        if (!right && !run.Of<ExceptionRaised>().Any(x => x.Rule is CeremonyRules.BagDiffers or CeremonyRules.BagUnknown && x.What.Contains($"\"{bag.Content}\"", StringComparison.Ordinal)))
                            yield return $"{run.Id}: \"{bag.Content}\" came out of bag {bag.Number}; recorded was {recorded ?? "nothing"}, and no exception says why.";
                        break;
                }
    }
}
