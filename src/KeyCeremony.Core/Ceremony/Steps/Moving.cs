using System.Collections.Immutable;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony.Steps;

/// <summary>
/// The keys move to another HSM while the one that holds them works: it steps back, and when the new one has proven itself what it holds is
/// destroyed, or remains with a reason. docs/decisions/0034.
/// </summary>
internal static class Moving
{
    private const string WordId = "replace";
    private const string HereId = "former/here";
    private const string WhyId = "former/why";
    private const string MovedId = "former/moved";
    private const string DestroyId = "destroy/";
    private const string Here = "here";

    /// <summary>The HSM in use is the former one from here on; an abort takes that back.</summary>
    public static Move Replace(CeremonyState s)
    {
        if (s.Latest<TokenRetired>() is not null)
            return Room.Done;
        if (s.World.Primary is not { Commissioned: var old })
            return Tokens.UnlockFirst(s);
        if (s.World.Primary.Perhaps.Length > 0)
            return Tokens.Stop(s, CeremonyRules.PinsUnknown,
                $"Nobody knows which cards open the HSM {old.Serial}: the change of its PINs was broken off.",
                "Abort, and open it once in a signing day, where the officers are asked which cards are tried. Then its keys can move.");
        ImmutableArray<string> evidence = [$"Label  {old.Label}", $"Serial {old.Serial}",
            .. s.World.Keys.Values.Where(k => k.Serial == old.Serial).OrderBy(k => k.Seq).Select(k => $"Holds  {k.Generated.Key}"
                + (k.Backup is null ? ", which has no backup and stays behind" : ""))];
        return s.Answer(WordId) is null
            ? new Ask(new Question(WordId, Roles.Witness, 1, "The keys of this HSM move to another one. Type the word for it: replace",
                AnswerKind.Typed, "From here on nothing is signed with it. If the ceremony is aborted, it is the HSM of this ledger again.",
                "replace", Evidence: evidence))
            : new Note(new TokenRetired(old.Serial, TokenRetired.Replaced, $"Its keys moved to another HSM in {s.Id}."));
    }

    /// <summary>
    /// The former HSM is opened by its own quorum once more, each key in it is destroyed, and it is asked; or it stays as it is.
    /// </summary>
    public static Move Empty(CeremonyState s)
    {
        if (s.World.Former is not { } former || former.Ceremony != s.Id)
            return Tokens.Stop(s, CeremonyRules.NoFormer, "No HSM was replaced in this ceremony.",
                "Use a script that replaces one before.");
        ImmutableArray<KeyObject> there = [.. There(s.World, former)];
        ImmutableArray<string> gone = [.. s.Facts<KeyDestroyed>().Select(d => $"destroyed {d.Key}, CKA_ID {d.CkaId}")];
        ImmutableArray<string> evidence =
            [$"Former HSM {former.Serial}", .. there.Select(o => $"Holds {o.Key}, CKA_ID {o.CkaId}"), .. gone];
        // One that broke while it was emptied may not come back: it is asked again.
        if (s.Since(b => b is AttemptResolved).Answer(HereId) is not { } here)
            return new Ask(new Question(HereId, Roles.Witness, 1, $"Is the former HSM {former.Serial} connected, to be emptied now?",
                AnswerKind.Choice, "Its keys are in the new HSM, and were proven there. What is not destroyed can sign as before.",
                Options: [new Option(Here, "It is here: its keys are destroyed in it"),
                    new Option(CopyAnswered.Remains, "Its keys remain in it")], Evidence: evidence));
        if (here != Here)
            return Remains(s, former, there, evidence);
        if (NotMoved(s, former, evidence) is { } left)
            return left;
        string set = former.Token.Commissioned.Set;
        if (there is [var next, ..])
        {
            string id = $"{DestroyId}{next.CkaId}";
            if (s.Answer(id) is null)
                return new Ask(new Question(id, Roles.Witness, 1,
                    $"The key \"{next.Key}\" is destroyed in the former HSM. Type the first two words of its ID.", AnswerKind.Typed,
                    "It is destroyed when its quorum has typed its cards. It cannot be taken back.", Evidence.FirstWords(next.CkaId),
                    Evidence: [$"Key    {next.Key}", $"HSM    {former.Serial}, the former one",
                        .. Evidence.Hash("CKA_ID", next.CkaId), .. gone]));
            return s.Held.Contains(set) ? new Perform(new DestroyInFormer(next.Key, next.CkaId, former.Serial, set)) : Present(s, set);
        }
        if (s.Latest<TokenLookedAt>() is null && !s.Held.Contains(set))
            return Present(s, set);
        return Eyes.Look(s, former.Serial, "former") ?? (s.Held.Contains(set) ? new Perform(new ForgetSecret(set))
            : Room.Seen(s, Roles.Witness, "Nothing of our keys is left in the former HSM: it was asked for each and holds nothing of it.",
                [$"Former HSM {former.Serial}", .. gone, .. Eyes.Lines(s)]));
    }

    /// <summary>A former HSM of which nobody said what becomes of its keys.</summary>
    public static IEnumerable<string> Unfinished(CeremonyState s)
    {
        if (s.World.Former is { } former && former.Ceremony == s.Id && There(s.World, former).Any() && !s.World.FormerRemains)
            yield return $"Nobody said what becomes of the keys in the former HSM {former.Serial}.";
    }

    private static Move Remains(CeremonyState s, FormerToken former, ImmutableArray<KeyObject> there, ImmutableArray<string> evidence)
    {
        if (s.Held.Contains(former.Token.Commissioned.Set))
            return new Perform(new ForgetSecret(former.Token.Commissioned.Set));
        if (s.Answer(WhyId) is not { } why)
            return new Ask(new Question(WhyId, Roles.Witness, 1,
                "Why do its keys remain, and who keeps it? The witness says it in a sentence.", AnswerKind.Text,
                "It is recorded as an exception with these words.", Evidence: evidence));
        return s.Facts<ExceptionRaised>().Any(x => x.Rule == CeremonyRules.FormerRemains)
            ? Room.Seen(s, Roles.Witness, $"The former HSM {former.Serial} can sign as before. It is guarded as the new one.", evidence)
            : new Note(Room.Exception(s, CeremonyRules.FormerRemains,
                $"In the former HSM {former.Serial} remain {string.Join(", ", there.Select(o => $"\"{o.Key}\""))}: {why}"));
    }

    /// <summary>Keys that have a backup and are in no other HSM than the one that is emptied.</summary>
    private static Move? NotMoved(CeremonyState s, FormerToken former, ImmutableArray<string> evidence)
    {
        string[] left = [.. s.World.Keys.Values.Where(k => k.Serial == former.Serial && k.Backup is not null
            && !s.World.Ended.ContainsKey(k.Generated.Key)).OrderBy(k => k.Seq).Select(k => $"\"{k.Generated.Key}\"")];
        if (left.Length == 0 || s.Facts<ExceptionRaised>().Any(x => x.Rule == CeremonyRules.NotMoved))
            return null;
        return s.Answer(MovedId) is { } why
            ? new Note(Room.Exception(s, CeremonyRules.NotMoved, $"These keys did not move, and are destroyed in the HSM that holds them: "
                + $"{string.Join(", ", left)}. {why}"))
            : new Ask(new Question(MovedId, Roles.Witness, 1,
                $"{string.Join(", ", left)} did not move to the new HSM. Why are they destroyed in this one?", AnswerKind.Text,
                "Their backup alone is left of them. Undo (F2) leads back; what remains can be moved another day.", Evidence: evidence));
    }

    private static Move Present(CeremonyState s, string set) => Shares.Present(s, s.World.Sets[set],
        ["The former HSM is opened by the quorum of its own activation cards, once more."]);

    private static IEnumerable<KeyObject> There(World w, FormerToken former) =>
        w.Objects.Where(o => o.Serial == former.Serial && o.Gone.Length == 0 && o.CkaId.Length > 0)
            .Concat(w.Begun.Values.Where(b => b.Serial == former.Serial && w.Objects.All(o => o.CkaId != b.CkaId)).OrderBy(b => b.Seq)
                .Select(b => new KeyObject(b.Key, b.CkaId, b.Serial, default, "", "")));
}
