using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony.Retelling;

/// <summary>
/// Whether the engine could have written an entry in a state: its own note, the answer to its own question by the person
/// whose turn it was, the announcement or the fact of its own effect. docs/formats/bundle.md, "Replay".
/// </summary>
public static class Legality
{
    /// <summary>
    /// A step of a hundred batches or of a thousand typed revocations stays far below; without an end to it a journal of a few megabytes is
    /// read for hours.
    /// </summary>
    private const int MostInAStep = 10_000;

    /// <summary>Null when this entry may follow in the running ceremony; REPLAY-02 to REPLAY-04 otherwise.</summary>
    public static Refusal? Refuse(CeremonyState s, Entry entry)
    {
        if (entry.Ceremony != s.Id || entry.Step != (s.Step?.Id ?? ""))
            return ReplayRules.Elsewhere(entry, $"{Place(s.Id, s.Step?.Id ?? "")}", Place(entry.Ceremony, entry.Step));
        if (s.SoFar.Length >= MostInAStep)
            return ReplayRules.Other(entry, $"nothing: the step has {MostInAStep} entries, and no room makes more");
        Move move = Director.Next(s);
        if (move is not Over && IsReopening(s, entry.Body))
            return null;
        if (entry.Body is NeedsLookedAt looked && MayHaveLooked(s))
            return FindingForms.Needs(looked.Findings, ScriptNeeds.Of(s.Script)) is { } wrong
                ? ReplayRules.Untrue(entry, "the look at what the script needs", wrong) : null;
        return move switch
        {
            Note note => Entry.SameBody(entry.Body, note.Body)
                ? null
                : ReplayRules.Other(entry, Due(note.Body), Entry.Difference(entry.Body, note.Body)),
            Ask ask => Said(s, ask.Question, entry),
            Perform perform => Done(s, perform.Effect, entry),
            _ => ReplayRules.Other(entry, "nothing: the ceremony is over"),
        };
    }

    /// <summary>
    /// The program was started again, found when it was started that a stick had been left behind, or another keyboard layout was set.
    /// </summary>
    private static bool IsReopening(CeremonyState s, EntryBody body) => body switch
    {
        Reopened r => FindingForms.IsText(r.Program),
        KeyboardUsed k => Keyboards.IsNew(s, k.Layout),
        ExceptionRaised { Rule: CeremonyRules.StickBehind } x => x.Number == s.ExceptionCount + 1 && FindingForms.IsText(x.What)
            && s.Last.Body is Reopened or CeremonyOpened or NeedsLookedAt or ExceptionRaised { Rule: CeremonyRules.StickBehind },
        _ => false,
    };

    /// <summary>What a script needs is looked at before anything is asked, and once.</summary>
    private static bool MayHaveLooked(CeremonyState s) => s is { Format: >= JournalFormats.Prepared, StepIndex: 0 }
        && !s.SoFar.Any(e => e.Body is Answered or NeedsLookedAt or Reopened);

    /// <summary>A person's words are decided on again; what the engine would record must be what stands there.</summary>
    private static Refusal? Said(CeremonyState s, Question q, Entry entry)
    {
        string due =
            $"an answer to \"{q.Id}\" by {q.By}{(q.By.Length > 0 && s.NameOf(q.By, q.Seat) is { Length: > 0 } name ? $" ({name})" : "")}";
        if (Message(s, q, entry.Body) is not { } message)
            return ReplayRules.Other(entry, due);
        Decision decision = Director.Decide(s, message, entry.Utc);
        if (decision.Refusal is { } refusal)
            return ReplayRules.Other(entry, due, $"{refusal.Rule} {refusal.Message}");
        return decision.Entries is [var right] && Entry.SameBody(entry.Body, right) ? null
            : ReplayRules.Other(entry, due, decision.Entries is [var one] ? Entry.Difference(entry.Body, one) : "");
    }

    /// <summary>What somebody must have said for this entry to be recorded; null when nobody could.</summary>
    private static Message? Message(CeremonyState s, Question q, EntryBody body) => body switch
    {
        Answered a when a.Question == q.Id => new Answer(a.Question, a.Value),
        ExceptionSignedOff x => new Answer(q.Id, x.Remark),
        BreakEnded => new Answer(q.Id, ""),
        ShareReadBack r => Typed(s, q, r.Set, r.Share, r.Digest),
        SharePresented p => Typed(s, q, p.Set, p.Share, p.Digest),
        ForeignCardPresented f when q.Kind == AnswerKind.PresentForeign => Steps.ForeignCards.Typed(q, f),
        CardChecked c when q.Kind == AnswerKind.CheckShare => Facts.IsSha256(c.Digest) ? Typed(s, q, c.Set, c.Share, c.Digest) : null,
        Withdrawn => new Undo(),
        ExceptionRaised { Rule: CeremonyRules.Deviation } x => new Report(x.What),
        BreakBegan b => new TakeBreak(b.Remaining),
        AbortProposed p => new Abort(p.Reason),
        CeremonyAborted a => new Abort(a.Reason, a.Witness),
        _ => null,
    };

    private static ShareTyped? Typed(CeremonyState s, Question q, string set, int share, string digest) =>
        q.Share?.Set == set && s.World.Sets.TryGetValue(set, out ShareSetFact? known) && share >= 1 && share <= known.Made.Custodians.Length
            ? new ShareTyped(q.Id, set, share, known.Made.Identifier, digest, true) : null;

    private static Refusal? Done(CeremonyState s, Effect effect, Entry entry)
    {
        if (Director.Announce(s, effect) is { } attempted)
            return Entry.SameBody(entry.Body, attempted)
                ? null
                : ReplayRules.Other(entry, $"{Due(attempted)} {effect.Name}", Entry.Difference(entry.Body, attempted));
        if (entry.Body is Failed f)
            return f.Effect == effect.Name && f.Subject == effect.Subject && PlainText.Is(f.Where) && PlainText.Is(f.Message) ? null
                : ReplayRules.Other(entry, $"what {effect.Name} brings");
        if (Facts.Wrong(s, effect, entry.Body) is { } wrong)
            return ReplayRules.Untrue(entry, effect.Name, wrong);
        Decision decision = Director.Decide(s, new Happened(effect, entry.Body), entry.Utc);
        return decision.Entries is [var right] && Entry.SameBody(entry.Body, right) ? null
            : ReplayRules.Untrue(entry, effect.Name, decision.Refusal is { } refusal ? $"{refusal.Rule} {refusal.Message}"
                : decision.Entries is [Failed failed] ? $"{failed.Where} {failed.Message}" : "the engine would record something else.");
    }

    private static string Due(EntryBody body) => ReplayRules.KindOf(body);

    private static string Place(string ceremony, string step) =>
        ceremony.Length == 0 ? "no ceremony" : step.Length == 0 ? ceremony : $"{ceremony}, step \"{step}\"";
}
