using System.Collections.Immutable;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony.Steps;

/// <summary>
/// A device call that was cut off is never repeated by itself: the ceremony looks at what the token really
/// holds, the officers choose, the witness signs the exception off.
/// </summary>
internal static class Interruption
{
    private const string ResolveId = "resolve";
    private const string AgainId = "again/";
    private const string AdoptAgainId = AgainId + AdoptKey.EffectName;
    private const string Repeat = "repeat";
    private const string DestroyAndRepeat = "Destroy what is there and do it again";

    public static Move Next(CeremonyState s, Attempted attempt)
    {
        ImmutableArray<EntryBody> since = s.Since(attempt.Equals);
        LeftoversFound? left = since.OfType<LeftoversFound>().LastOrDefault();
        if (left is null && attempt.CkaId.Length > 0)
            return new Perform(new LookForLeftovers(attempt.Effect, attempt.Subject, attempt.CkaId));
        string? choice = since.Answer(ResolveId);
        if (choice is null)
            return new Ask(Resolve(attempt, left, since.OfType<Failed>().LastOrDefault()));
        if (!since.OfType<ExceptionRaised>().Any(x => x.Rule == CeremonyRules.Interrupted))
            return new Note(Room.Exception(s, CeremonyRules.Interrupted,
                s.Format < JournalFormats.Renewed
                    ? $"The {attempt.Effect} of {Subject(attempt)} was interrupted; the officers chose to {choice} it."
                    : $"{Sentence(attempt)} was interrupted; the officers chose "
                        + $"{(choice == Repeat ? "to do it again" : "to take over what was there")}."));
        return new Note(new AttemptResolved(attempt.Effect, attempt.Subject, choice));
    }

    /// <summary>Whether the last attempt of this effect in the step ended so; null when none was interrupted.</summary>
    public static string? Resolution(CeremonyState s, string effect) =>
        s.Facts<AttemptResolved>().LastOrDefault(r => r.Effect == effect)?.Resolution;

    /// <summary>
    /// Whether this failure cut off the attempt that has no end yet; any other one is tried again only when a person says so.
    /// </summary>
    public static bool CutOff(CeremonyState s, Failed failed) =>
        s.Interrupted && s.Pending is { } attempt && attempt.Effect == failed.Effect && attempt.Subject == failed.Subject;

    /// <summary>
    /// What an interrupted attempt left could not be taken over, and the officers chose to destroy it: the witness signs
    /// that off, then the attempt is resolved anew. Null when nobody chose so.
    /// </summary>
    public static Move? GivenUp(CeremonyState s, string effect, string subject)
    {
        if (s.Since(b => b is AttemptResolved).Answer(AdoptAgainId) != Repeat)
            return null;
        return s.Since(b => b is Answered { Question: AdoptAgainId }).Any(b => b is ExceptionRaised { Rule: CeremonyRules.Interrupted })
            ? new Note(new AttemptResolved(effect, subject, Repeat))
            : new Note(Room.Exception(s, CeremonyRules.Interrupted, $"What the interrupted {effect} "
                + $"of \"{subject}\" left could not be taken over; the officers chose to destroy it and to {Repeat} it."));
    }

    public static Question TryAgain(CeremonyState s, Failed failed) => new($"{AgainId}{failed.Effect}", s.Step!.By, 1,
        "It did not work. Look at what it says, mend it, then try again.", AnswerKind.Choice,
        "Nothing was lost: everything recorded so far stays. The ceremony can also be left and reopened.",
        Options: failed.Effect == AdoptKey.EffectName
            ? [new Option("again", "Try again"), new Option(Repeat, DestroyAndRepeat)]
            : [new Option("again", "Try again")],
        Evidence: [failed.Where, failed.Message],
        Blocked: new Refusal(failed.Where, failed.Message, "Mend the cause, then choose \"again\"."));

    private static Question Resolve(Attempted attempt, LeftoversFound? left, Failed? failed)
    {
        ImmutableArray<Option> options = [new(Repeat, left is { Objects.Length: > 0 } ? DestroyAndRepeat : "Do it again")];
        if (left is { Complete: true })
            options = options.Insert(0, new("adopt", "Take over what is there"));
        return new Question(ResolveId, Roles.Officer, 1,
            $"{Sentence(attempt)} was interrupted. The officers decide.", AnswerKind.Choice,
            "It is recorded as an exception, and the witness signs it off. "
                + "To take over is offered only when the HSM holds a complete key of this attempt.",
            Options: options,
            Evidence:
            [
                .. failed is null ? [] : new[] { $"It failed: {failed.Where}", failed.Message },
                .. left is null
                    ? ["Nobody looked into the HSM: what this attempt may have left there, the next one replaces."]
                    : left.Objects.Length == 0 ? ["The HSM holds nothing from this attempt."]
                    : left.Objects.Select(o => $"The HSM holds: {o}"),
            ]);
    }

    private static string Sentence(Attempted a)
    {
        string said = InWords(a.Effect, a.Subject);
        return char.ToUpperInvariant(said[0]) + said[1..];
    }

    /// <summary>What was cut off, as people say it, for every effect that changes a device.</summary>
    internal static string InWords(string effect, string subject) => effect switch
    {
        "probe-token" => $"trying out the {subject} HSM",
        "make-shares" => $"making the secret of the cards of {subject}",
        "commission-token" => $"commissioning the HSM as \"{subject}\"",
        GenerateKey.EffectName => $"generating the key \"{subject}\"",
        AdoptKey.EffectName => $"taking over the key \"{subject}\"",
        RestoreKey.EffectName => $"restoring the key \"{subject}\"",
        "sign-certificate" => $"signing the certificate \"{subject}\"",
        "sign-crl" => $"signing the revocation list \"{subject}\"",
        "sign-manifest" => $"signing the manifest of batch \"{subject}\"",
        "sign-release" => $"signing the release \"{subject}\"",
        "back-up-key" => $"backing up the key \"{subject}\"",
        "rewrap-key" => $"making the backup of the key \"{subject}\" anew",
        "destroy-wrap-key" => "destroying the wrap key",
        "drill-recovery" => $"drilling the recovery of the key \"{subject}\"",
        "lock-key" => $"locking the key \"{subject}\"",
        "destroy-key" => $"destroying the dead key \"{subject}\"",
        SignCheckpoint.EffectName => "signing the record of today",
        "store-head" => "storing the ledger's head in the HSM",
        _ => $"{effect} of {(subject.Length == 0 ? "this step" : $"\"{subject}\"")}",
    };

    private static string Subject(Attempted a) => a.Subject.Length == 0 ? "this step" : $"\"{a.Subject}\"";
}
