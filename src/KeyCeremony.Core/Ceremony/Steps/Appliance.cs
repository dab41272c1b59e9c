using System.Collections.Immutable;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony.Steps;

/// <summary>The appliance itself: its gate, its clock, its ledger.</summary>
internal static class Appliance
{
    private static readonly ImmutableArray<string> First = ["This is the ledger's first ceremony: before it the ledger was empty."];

    public static Move Gate(CeremonyState s)
    {
        if (s.Latest<ApplianceInspected>() is not { } found)
            return new Perform(new InspectAppliance());
        bool failed = found.Findings.Any(f => f.Result == "fail");
        if (failed && s.World.Environment == Environments.Production)
            return s.Since(b => b is ApplianceInspected).Answer("gate-again") is null
                ? new Ask(new Question("gate-again", Roles.Operator, 1,
                    "This appliance may not run a production ceremony. Mend what failed, then look again.",
                    AnswerKind.Choice, "No production ceremony starts on an appliance that fails the air-gap gate.",
                    Options: [new Option("again", "Look again")], Evidence: Lines(found.Findings),
                    Blocked: new Refusal(CeremonyRules.GateFailed, "The air-gap gate failed.", "Mend each line that says FAIL.")))
                : new Perform(new InspectAppliance());
        return Room.Seen(s, Roles.Witness,
            failed
                ? $"The gate failed. In {s.World.Environment} this is recorded and the ceremony goes on; in production it would stop here."
                : "The gate passed. Has the witness read every line?",
            Lines(found.Findings));
    }

    public static Move Clock(CeremonyState s, ClockStep step)
    {
        if (s.Answer("utc") is not { } typed)
            return new Ask(new Question("utc", Roles.Operator, 1,
                "The witness reads the UTC time from their own clock. Type it and press Enter at that moment.", AnswerKind.Utc,
                $"In the form {Answers.UtcForm}. Small differences are recorded; "
                    + $"more than {step.ToleranceSeconds} seconds is an exception."));
        if (s.Latest<ClockCompared>() is not { } compared)
        {
            Entry answer = s.SoFar.Last(e => e.Body is Answered { Question: "utc" });
            _ = Answers.TryUtc(typed, out DateTimeOffset witness);
            return new Note(new ClockCompared(witness, answer.Utc,
                (int)Math.Clamp((answer.Utc - witness).TotalSeconds, int.MinValue, int.MaxValue)));
        }
        if (Math.Abs((long)compared.OffsetSeconds) > step.ToleranceSeconds
            && !s.Facts<ExceptionRaised>().Any(x => x.Rule == CeremonyRules.ClockOff))
            return new Note(Room.Exception(s, CeremonyRules.ClockOff,
                $"The appliance's clock differs from the witness's by {compared.OffsetSeconds} seconds; "
                    + $"{step.ToleranceSeconds} are allowed."));
        return Room.Seen(s, Roles.Witness, "Is this the offset that the witness expects?",
            $"Witness   {compared.Witness:yyyy-MM-dd HH:mm:ss} UTC", $"Appliance {compared.Appliance:yyyy-MM-dd HH:mm:ss} UTC",
            $"Offset    {compared.OffsetSeconds} {(compared.OffsetSeconds is 1 or -1 ? "second" : "seconds")}");
    }

    public static Move Ledger(CeremonyState s)
    {
        if (s.Latest<LedgerInspected>() is not { } found)
            return new Perform(new InspectLedger());
        if (s.Format >= JournalFormats.Replayed && Transcripts.RefuseBefore(s.Script, s.World, s.Last.Utc) is { } unfit)
            return Tokens.Stop(s, unfit.Rule, unfit.Message, unfit.Remedy);
        (string title, string head) = s.World.Head is { } last
            ? ("Head of the last ceremony, as in its report", last.Head)
            : ("Head of the ledger now", found.Head);
        if (s.Answer("head") is null)
            return new Ask(new Question("head", Roles.Witness, 1, s.World.Head is null
                    ? "Read the first two words of the ledger's head aloud and type them."
                    : "Compare the head with the last report, read its first two words aloud and type them.",
                AnswerKind.Typed,
                "They stand in the last report. In the first ceremony there is none: write them into the binder.",
                Evidence.FirstWords(head),
                Evidence: [.. s.World.Ceremonies.Length == 1 ? First : [], $"Ledger {found.LedgerId}",
                    $"Environment {s.World.Environment}", $"Entries {found.Seq}",
                    .. Evidence.Hash(title, head), .. Lines(found.Findings), .. Transcripts.Warn(s),
                    .. Dying.Lines(s), .. Ending.Lines(s), .. Succession.Lines(s)]));
        return UnsignedDays.Compare(s) ?? Room.Done;
    }

    /// <summary>The witness's clock may not lie before what the ledger already holds, beyond reading and typing.</summary>
    public static Refusal? Check(CeremonyState s, Question q, string value)
    {
        if (s.Step is not ClockStep step || q.Id != "utc" || !Answers.TryUtc(value, out DateTimeOffset witness))
            return null;
        return witness < s.LedgerStoodAt.AddSeconds(-step.ToleranceSeconds)
            ? new(CeremonyRules.WitnessBehind, $"That is before the ledger's last entry ({s.LedgerStoodAt:yyyy-MM-dd HH:mm:ss} UTC).",
                "Read the clock again. If it is right, the appliance's clock was wrong before: do not go on.")
            : null;
    }

    public static ImmutableArray<string> Lines(ImmutableArray<Finding> findings) => FindingText.Lines(findings);
}
