using System.Text;
using KeyCeremony.Core.Ceremony.Steps;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Ceremony;

/// <summary>
/// Leads the ceremony: what happens next, and what a message means. Both are pure; the branching is here
/// and in the steps, the computing is in the leaves.
/// </summary>
public static class Director
{
    /// <summary>A device or another program may say a lot; the entry must stay small, and plain.</summary>
    private const int MaxFailure = 2000;

    /// <summary>The next move. The same state always gives the same move, also after a restart.</summary>
    public static Move Next(CeremonyState s)
    {
        if (s.Ended)
            return new Over();
        if (s.StoppedAt is { } head)
            return Resuming.Compare(s, head);
        if (Aborting.Next(s) is { } aborting)
            return aborting;
        if (s.Break is { } pause)
            return s is { Unlocked: true, Format: >= JournalFormats.Replayed, World.Primary: { } resting }
                ? new Perform(new LockToken(resting.Commissioned.Serial))
                : new Ask(Room.EndOfBreak(s, pause));
        if (s.OpenExceptions is [var open, ..] && !Room.WitnessIsStillUnnamed(s))
            return new Ask(Room.SignOff(s, open));
        if (Aborting.Before(s).Body is Failed failed && !Interruption.CutOff(s, failed))
            return new Ask(Interruption.TryAgain(s, failed));
        if (s.Unlocked && s.World.Primary is { } token && s.Held.Contains(token.Commissioned.Set))
            return new Perform(new ForgetSecret(token.Commissioned.Set));
        if (Changing.Outdated(s) is { } outdated)
            return new Perform(new ForgetSecret(outdated));
        if (s.Pending is { } attempt && s.Interrupted)
            return Unlocked(s, Interruption.Next(s, attempt));
        return Beginning.Of(s, Unlocked(s, StepMove(s, s.Step!)));
    }

    /// <summary>What a message means in this state.</summary>
    /// <param name="utc">The appliance's clock.</param>
    public static Decision Decide(CeremonyState s, Message message, DateTimeOffset utc)
    {
        if (utc < s.Last.Utc)
            return Decision.Refuse(CeremonyRules.ClockBehind, $"The appliance's clock "
                + $"says {utc:yyyy-MM-dd HH:mm:ss} UTC, but the ledger's last entry was made at {s.Last.Utc:yyyy-MM-dd HH:mm:ss}.",
                "Nothing was recorded. Switch off, set the clock to UTC in the computer's own settings, and start again: "
                    + "the ceremony goes on here.");
        Move move = Next(s);
        return message switch
        {
            Answer a when move is Ask ask && ask.Question.Id == a.Question => Answers.Decide(s, ask.Question, a.Value, utc),
            ShareTyped t when move is Ask ask && ask.Question.Id == t.Question => ask.Question.Kind switch
            {
                AnswerKind.CheckShare => CardChecks.Decide(s, ask.Question, t),
                AnswerKind.PresentForeign => ForeignCards.Decide(s, ask.Question, t),
                _ => Shares.Decide(s, ask.Question, t),
            },
            Happened h when move is Perform p && p.Effect.Equals(h.Effect) => Facts.Decide(s, h),
            Broke b when move is Perform p && p.Effect.Equals(b.Effect) => Decision.Take(new Failed(b.Effect.Name,
                b.Effect.Subject, PlainText.Of(b.Where, MaxFailure), PlainText.Of(b.What, MaxFailure))),
            Undo => Room.Undo(s),
            Report r => Room.Report(s, r),
            KeyboardSet k when move is not Over && Keyboards.Note(s, k.Layout) is { } keyboard => Decision.Take(keyboard),
            TakeBreak b => Room.TakeBreak(s, move, b),
            Abort a => Aborting.Propose(s, move, a),
            _ => Decision.Refuse(CeremonyRules.NotAsked, "That is not what the ceremony waits for.",
                "Look at the screen again: it shows what is asked now."),
        };
    }

    /// <summary>The entry that must be on disk before this effect starts, or null.</summary>
    public static Attempted? Announce(CeremonyState s, Effect effect) =>
        effect.ChangesDevice && s.Pending is null
            ? new Attempted(effect.Name, effect.Subject, effect.CkaId, s.Facts<Attempted>().Count(a => a.Effect == effect.Name) + 1)
            : null;

    /// <summary>What was attempted, as people say it, where a sentence begins with it.</summary>
    public static string InWords(Attempted attempt)
    {
        ArgumentNullException.ThrowIfNull(attempt);
        return Interruption.AtTheBeginning(attempt.Effect, attempt.Subject);
    }

    /// <summary>The ID of the ceremony that would be opened next in this world.</summary>
    public static string NextId(World world, string name) => $"{world.Ceremonies.Length + 1:D4}-{name}";

    /// <summary>Whether this script may be opened in this ledger now.</summary>
    /// <param name="utc">The appliance's clock: what signs the record must be valid then.</param>
    public static Refusal? MayOpen(World world, CeremonyScript script, DateTimeOffset utc)
    {
        if (world.Ceremonies is [.., { End: "" } running])
            return new Refusal(CeremonyRules.StillRunning, $"The ceremony {running.Id} is not finished.",
                "Resume it, and close or abort it first.");
        if (!script.Environments.Contains(world.Environment))
            return new Refusal(CeremonyRules.WrongEnvironment,
                $"This ledger belongs to {world.Environment}; the script runs in {string.Join(", ", script.Environments)}.",
                "Use the record sticks of the right environment.");
        var opened = new CeremonyOpened(script.Name, script.Version, script.Sha256, script.Text, "", JournalFormats.Current);
        Refusal? unfit = Transcripts.RefuseBefore(script,
            Replay.Opened(world, new CeremonyFact(NextId(world, script.Name), opened, utc, "")), utc);
        // Last: in the first three formats it was not asked, and must hide nothing that was.
        return unfit ?? (CardTraces.Are(Encoding.UTF8.GetBytes(script.Text))
            ? new Refusal(CeremonyRules.ACard, "The script reads like it holds a share card, or a part of one.",
                "Its text goes into the journal and into every bundle. Take the card out of it, have it approved again; and tell the "
                    + "administrator: whoever had the script can have read the card.")
            : null);
    }

    private static Move StepMove(CeremonyState s, Step step) => step switch
    {
        RollCallStep => Room.RollCall(s),
        RecordStep r => Room.Record(s, r),
        ConfirmStep c => Room.Confirm(s, c),
        GateStep => Appliance.Gate(s),
        ClockStep c => Appliance.Clock(s, c),
        LedgerStep => Appliance.Ledger(s),
        OpenBagsStep b => Bags.Open(s, b),
        SealBagsStep b => Bags.Seal(s, b),
        InspectHsmStep h => Tokens.Inspect(s, h),
        DealSharesStep d => Shares.Deal(s, d),
        CommissionHsmStep c => Tokens.Commission(s, c),
        UnlockHsmStep => Tokens.Unlock(s),
        ChangeActivationStep c => Changing.Change(s, c),
        RetireHsmStep => Tokens.Retire(s),
        DestroyAbandonedStep => Dying.Destroy(s),
        ReplaceHsmStep => Moving.Replace(s),
        EmptyHsmStep => Moving.Empty(s),
        DestroyKeyStep d => Ending.Destroy(s, d),
        RestKeyStep r => Succession.Rest(s, r),
        EndKeyStep e => Ending.ByWord(s, e),
        WithdrawRootStep w => Succession.Withdraw(s, w),
        AccountCopiesStep a => Ending.Account(s, a),
        PreviewCertificateStep p => Certificates.Preview(s, p),
        SignCertificateStep c => Certificates.Sign(s, c),
        GenerateKeyStep g => Keys.Generate(s, g),
        BackupKeyStep b => Keys.BackUp(s, b),
        RewrapKeyStep r => Keys.Rewrap(s, r),
        DestroyWrapKeyStep d => Keys.DestroyWrapKey(s, d),
        RecoveryDrillStep d => Keys.Drill(s, d),
        LockKeyStep l => Keys.Lock(s, l),
        LinkRootsStep l => Roots.Link(s, l),
        RestoreKeyStep r => Keys.Restore(s, r),
        ImportRequestStep r => Imports.Request(s, r),
        ImportCertificateStep c => Imports.Certificate(s, c),
        PreviewCrlStep c => Crls.Preview(s, c),
        SignCrlStep c => Crls.Sign(s, c),
        PreviewManifestsStep p => Manifests.Preview(s, p),
        SignManifestsStep m => Manifests.Sign(s, m),
        ImportBuilderStep b => Imports.Builder(s, b),
        PreviewReleaseStep p => Releases.Preview(s, p),
        SignReleaseStep r => Releases.Sign(s, r),
        WithdrawReleaseStep w => Releases.Withdraw(s, w),
        ShowResultsStep r => Results.Show(s, r),
        CheckCardsStep c => CardChecks.Check(s, c),
        CloseStep c => Closing.Close(s, c),
        _ => throw new System.Diagnostics.UnreachableException(step.GetType().Name),
    };

    /// <summary>An effect that needs the HSM waits until a quorum has unlocked it.</summary>
    private static Move Unlocked(CeremonyState s, Move move) =>
        move is Perform { Effect.NeedsHsm: true } && !s.Unlocked ? Tokens.UnlockFirst(s) : move;
}
