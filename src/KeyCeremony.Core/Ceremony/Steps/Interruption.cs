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
    private const string TakeAnother = "another";
    private const string DestroyAndRepeat = "Destroy what is there and do it again";

    public static Move Next(CeremonyState s, Attempted attempt)
    {
        ImmutableArray<EntryBody> since = s.Since(attempt.Equals);
        LeftoversFound? left = since.OfType<LeftoversFound>().LastOrDefault();
        if (left is null && attempt.CkaId.Length > 0)
            return new Perform(new LookForLeftovers(attempt.Effect, attempt.Subject, attempt.CkaId));
        string? choice = since.Answer(ResolveId);
        if (choice is null)
            return new Ask(Resolve(s, attempt, left, since.OfType<Failed>().LastOrDefault()));
        if (!since.OfType<ExceptionRaised>().Any(x => x.Rule == CeremonyRules.Interrupted))
            return new Note(Room.Exception(s, CeremonyRules.Interrupted,
                s.Format < JournalFormats.Renewed
                    ? $"The {attempt.Effect} of {Subject(attempt)} was interrupted; the officers chose to {choice} it."
                    : $"{Sentence(attempt)} was interrupted; the officers chose {Chosen(s, choice)}"));
        return new Note(new AttemptResolved(attempt.Effect, attempt.Subject, choice));
    }

    /// <summary>Whether the last attempt of this effect in the step ended so; null when none was interrupted.</summary>
    public static string? Resolution(CeremonyState s, string effect) =>
        s.Facts<AttemptResolved>().LastOrDefault(r => r.Effect == effect)?.Resolution;

    /// <summary>Whether the officers took another drill HSM when the last attempt of this effect was interrupted in the step.</summary>
    public static bool TookAnother(CeremonyState s, string effect) => Resolution(s, effect) == TakeAnother;

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

    private static string Chosen(CeremonyState s, string choice) => choice switch
    {
        Repeat => "to do it again.",
        TakeAnother => $"to take another drill HSM. The one before, {s.Probes.GetValueOrDefault("drill")?.Serial}, may still hold the key: "
            + "it is kept like a card until it is destroyed.",
        _ => "to take over what was there.",
    };

    /// <summary>Nothing of a drill HSM is needed again: when it is gone, another one does.</summary>
    private static bool MayTakeAnother(CeremonyState s, Attempted attempt) =>
        s.Format >= JournalFormats.Accounted && attempt.Effect is RewrapKey.EffectName or DrillRecovery.EffectName;

    private static Question Resolve(CeremonyState s, Attempted attempt, LeftoversFound? left, Failed? failed)
    {
        ImmutableArray<Option> options = [new(Repeat, left is { Objects.Length: > 0 } ? DestroyAndRepeat : "Do it again")];
        if (left is { Complete: true })
            options = options.Insert(0, new("adopt", "Take over what is there"));
        if (MayTakeAnother(s, attempt))
            options = options.Add(new(TakeAnother, "The drill HSM is gone or broken: another blank one takes its place"));
        return new Question(ResolveId, Roles.Officer, 1,
            $"{Sentence(attempt)} was interrupted. The officers decide.", AnswerKind.Choice,
            "It is recorded as an exception, and the witness signs it off. "
                + (MayTakeAnother(s, attempt) ? "Another drill HSM is inspected first. The one that failed may still hold the key: it is "
                    + "kept like a card until it is destroyed."
                    : "To take over is offered only when the HSM holds a complete key of this attempt."),
            Options: options,
            Evidence:
            [
                .. failed is null ? [] : new[] { $"It failed: {failed.Where}", failed.Message },
                .. attempt.Effect == ChangePins.EffectName
                    ? ["Nobody knows which cards open the HSM. Done again it is found out, and the change is brought to its end."]
                    : left is null
                    ? ["Nobody looked into the HSM: what this attempt may have left there, the next one replaces."]
                    : left.Objects.Length == 0 ? ["The HSM holds nothing from this attempt."]
                    : left.Objects.Select(o => $"The HSM holds: {o}"),
            ]);
    }

    private static string Sentence(Attempted a) => AtTheBeginning(a.Effect, a.Subject);

    /// <summary>The words of <see cref="InWords"/> where a sentence begins with them.</summary>
    internal static string AtTheBeginning(string effect, string subject)
    {
        string said = InWords(effect, subject);
        return char.ToUpperInvariant(said[0]) + said[1..];
    }

    /// <summary>How an interrupted attempt was resolved, behind what it was and a colon.</summary>
    internal static string Resolved(string resolution) => resolution switch
    {
        Repeat => "it was done again",
        TakeAnother => "another drill HSM took the place of the one before",
        _ => "what was there was taken over",
    };

    /// <summary>What was cut off or failed, as people say it.</summary>
    internal static string InWords(string effect, string subject) => effect switch
    {
        "probe-token" => $"trying out the {subject} HSM",
        "make-shares" => $"making the secret of the cards of {subject}",
        "commission-token" => $"commissioning the HSM as \"{subject}\"",
        ChangePins.EffectName => $"changing the PINs of the HSM to those of {subject}",
        GenerateKey.EffectName => $"generating the key \"{subject}\"",
        AdoptKey.EffectName => $"taking over the key \"{subject}\"",
        RestoreKey.EffectName => $"restoring the key \"{subject}\"",
        "sign-certificate" => $"signing the certificate \"{subject}\"",
        "sign-crl" => $"signing the revocation list \"{subject}\"",
        "sign-manifest" => $"signing the manifest of batch \"{subject}\"",
        "sign-release" => $"signing the release \"{subject}\"",
        "back-up-key" => $"backing up the key \"{subject}\"",
        RewrapKey.EffectName => $"making the backup of the key \"{subject}\" anew",
        "destroy-wrap-key" => "destroying the wrap key",
        DrillRecovery.EffectName => $"drilling the recovery of the key \"{subject}\"",
        "lock-key" => $"locking the key \"{subject}\"",
        LinkRoots.EffectName => "signing that both roots are ours",
        "destroy-key" => $"destroying the dead key \"{subject}\"",
        DestroyInFormer.EffectName => $"destroying the key \"{subject}\" in the former HSM",
        DestroyKey.EndName => $"destroying the key \"{subject}\"",
        DestroyKey.RestName => $"destroying the key \"{subject}\" in the HSM",
        WithdrawRoot.EffectName => $"signing that the root \"{subject}\" is withdrawn",
        SignCheckpoint.EffectName => "signing the record of today",
        "store-head" => "storing the ledger's head in the HSM",
        "inspect-appliance" => "looking at the appliance",
        "inspect-ledger" => "reading both record sticks",
        "combine-subsets" => $"combining every quorum of {subject}",
        "rebuild-secret" => $"combining the presented cards of {subject}",
        RebuildForeign.EffectName => $"combining the cards that were made elsewhere for {subject}",
        "forget-secret" => $"wiping the secret of {subject}",
        "unlock-token" => $"unlocking the HSM {subject}",
        "lock-token" => $"locking the HSM {subject}",
        "look-again" => $"looking at the {subject} HSM with other eyes",
        "look-for-leftovers" => "looking at what an interrupted attempt left in the HSM",
        "preview-certificate" => $"previewing the certificate \"{subject}\"",
        "preview-crl" => $"previewing the revocation list \"{subject}\"",
        "look-for-imports" => "looking at the import stick",
        "read-by-camera" => $"reading codes for \"{subject}\"",
        "read-request" => $"reading the request \"{subject}\"",
        "read-certificate" => $"reading the certificate \"{subject}\"",
        "read-revocations" => $"reading the revocations for \"{subject}\"",
        "read-batch" => $"reading the batch file {subject}",
        "read-builder" => $"reading the public key of the builder \"{subject}\"",
        "read-release" => $"reading the release request \"{subject}\"",
        "compare-release" => $"comparing the files of the release \"{subject}\" once more",
        "gather-results" => "composing the results",
        "keep-recording" => "keeping the recording of the terminal",
        "export-bundle" => "writing the bundle",
        _ => $"{effect} of {(subject.Length == 0 ? "this step" : $"\"{subject}\"")}",
    };

    private static string Subject(Attempted a) => a.Subject.Length == 0 ? "this step" : $"\"{a.Subject}\"";
}
