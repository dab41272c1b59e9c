using System.Collections.Immutable;
using System.Globalization;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Ceremony.Steps;

/// <summary>Shares are dealt one custodian at a time, read back, combined in every way, and presented later.</summary>
internal static class Shares
{
    public static Move Deal(CeremonyState s, DealSharesStep step)
    {
        if (s.Latest<ShareSetVoided>() is { } voided && !s.Facts<ExceptionRaised>().Any(x => x.Rule == CeremonyRules.DealingInterrupted && x.What.Contains($"\"{voided.Set}\"", StringComparison.Ordinal)))
            return new Note(Room.Exception(s, CeremonyRules.DealingInterrupted,
                $"The dealing of \"{voided.Set}\" was interrupted. Its cards are void and must be destroyed; a new set is dealt."));
        if (s.SetHere(step.Set) is not { } set)
            return Make(s, step);
        string id = set.Made.Set;
        if (!set.Combined && !s.Held.Contains(id))
            return new Note(new ShareSetVoided(id, "The program was started again before every share was read back."));
        for (int i = 1; i <= set.Made.Custodians.Length; i++)
            if (!set.ReadBack.Contains(i))
                return Card(s, set, i);
        if (!set.Combined)
            return new Perform(new CombineSubsets(id));
        return Room.Seen(s, Roles.Witness, "Every share was read back and every quorum gives the same secret.",
            [$"Set {id}: {set.Made.Threshold} of {set.Made.Custodians.Length}", $"Quorums tried {s.Facts<SubsetsCombined>().Last().Subsets}", $"Key check {set.Made.KeyCheck}",
                $"Randomness from {string.Join(" and ", set.Made.Sources)}", .. Cards(set)]);
    }

    /// <summary>Asks for shares of this set until the quorum is there, then rebuilds the secret.</summary>
    public static Move Present(CeremonyState s, ShareSetFact set)
    {
        ImmutableArray<SharePresented> presented = Presented(s, set.Made.Set);
        if (s.Format >= JournalFormats.Replayed && presented.Where(p => s.People.All(x => !string.Equals(x.Name, p.Custodian, StringComparison.OrdinalIgnoreCase)))
            .Select(p => $"Card {p.Share} of {p.Set} was dealt to {p.Custodian}, who is not in the roll call: somebody else presented it.")
            .FirstOrDefault(x => !s.Strangers.Contains(x)) is { } stranger)
            return new Note(Room.Exception(s, CeremonyRules.Stranger, stranger));
        if (presented.Length >= set.Made.Threshold)
            return new Perform(new RebuildSecret(set.Made.Set, set.Made.KeyCheck));
        return new Ask(new Question($"present/{presented.Length + 1}", Roles.Officer, 1,
            $"Share {presented.Length + 1} of {set.Made.Threshold} for {set.Made.Name}: a custodian comes to the screen alone and types the card.", AnswerKind.PresentShare,
            "Any custodian of this set who has not presented yet. Four letters are enough for a word. Everyone else turns away.",
            Share: new ShareRef(set.Made.Set, 0, Words(set.Made.Bits)),
            Evidence: [$"Set {set.Made.Set}", .. set.Made.Custodians.Select((c, i) =>
                $"{(presented.Any(p => p.Share == i + 1) ? "presented" : "         ")} card {i + 1} {c}")]));
    }

    public static Decision Decide(CeremonyState s, Question q, ShareTyped t)
    {
        SharesMade made = s.World.Sets[t.Set].Made;
        if (q.Kind == AnswerKind.ReadBackShare)
            return t.Matches && t.Share == q.Share!.Share && t.Digest == made.Digests[t.Share - 1]
                ? Decision.Take(new ShareReadBack(t.Set, t.Share, made.Custodians[t.Share - 1], t.Digest))
                : Decision.Refuse(CeremonyRules.WrongWord, "What was typed is not what the card must say.", "Compare the card with the screen again, word by word.");
        if (t.Identifier != made.Identifier || t.Share > made.Custodians.Length)
            return Decision.Refuse(CeremonyRules.OtherSet, "This card belongs to another set.", $"Take the card marked {t.Set}. Nothing was used up by this.");
        if (Presented(s, t.Set).Any(p => p.Share == t.Share))
            return Decision.Refuse(CeremonyRules.AlreadyPresented, $"Card {t.Share} was already presented.", "Another custodian is needed.");
        if (made.Digests[t.Share - 1] != t.Digest)
            return Decision.Refuse(CeremonyRules.NotTheDealtShare, $"This is not the card {t.Share} that was dealt: its digest differs from the journal's.",
                "Every word is a real word and the checksum holds, so it is no typing mistake. Treat the card as forged: report a deviation, use other custodians.");
        return Decision.Take(new SharePresented(t.Set, t.Share, made.Custodians[t.Share - 1], t.Digest));
    }

    public static int Words(int bits) => Slip39.WordCount(bits / 8);

    private static Move Make(CeremonyState s, DealSharesStep step)
    {
        if (step.Dice && s.Since(b => b is Reopened or ShareSetVoided).Answer("dice") is null)
            return new Ask(new Question("dice", Roles.Witness, 1, "Throw the dice and type what they show; at least 99 throws.", AnswerKind.Dice,
                "Digits 1 to 6. They are mixed with the randomness of the HSM and of this computer; no source alone decides. Nobody writes them down."));
        Script.Quorum quorum = s.Script.QuorumNamed(step.Quorum);
        int number = s.World.Sets.Values.Count(x => x.Ceremony == s.Id && x.Made.Name == step.Set) + 1;
        return new Perform(new MakeShares($"{s.Id[..4]}-{step.Set}-{number}", step.Set, step.Bits, quorum.Threshold,
            new Names([.. s.Officers.Take(quorum.Count).Select(o => o.Name)]), step.Dice));
    }

    private static Move Card(CeremonyState s, ShareSetFact set, int i)
    {
        string id = string.Create(CultureInfo.InvariantCulture, $"card/{set.Made.Set}/{i}/");
        string who = set.Made.Custodians[i - 1];
        var share = new ShareRef(set.Made.Set, i, Words(set.Made.Bits));
        if (s.Answer(id + "alone") is null)
            return new Ask(new Question(id + "alone", Roles.Officer, i, $"{who} comes to the screen alone. Everyone else turns away.", AnswerKind.Acknowledge,
                $"Have card {i} of set {set.Made.Set} and a pen ready. The words stand on the screen until you say that you have them.", Evidence: Cards(set)));
        if (s.Answer(id + "written") is null)
            return new Ask(new Question(id + "written", Roles.Officer, i, $"{who}: write the {share.Words} numbered words on card {i}. Enter when all are written.", AnswerKind.ShowShare,
                "Write clearly; the first four letters decide. Then the screen is cleared and you type them back from the card.", Share: share));
        return new Ask(new Question(id + "back", Roles.Officer, i, $"{who}: type the words back from your card.", AnswerKind.ReadBackShare,
            "Four letters are enough. A word that differs is pointed at and never changed for you. If you cannot read your own writing, undo (F2) shows the card again.", Share: share));
    }

    private static ImmutableArray<SharePresented> Presented(CeremonyState s, string set) =>
        [.. s.Since(b => Restarts(b, set)).OfType<SharePresented>().Where(p => p.Set == set)];

    /// <summary>After these the typed shares are no longer in memory.</summary>
    private static bool Restarts(EntryBody body, string set) => body switch
    {
        Reopened => true,
        Failed { Effect: "rebuild-secret" } f => f.Subject == set,
        SecretRebuilt r => r.Set == set,
        _ => false,
    };

    private static ImmutableArray<string> Cards(ShareSetFact set) =>
        [.. set.Made.Custodians.Select((c, i) => $"{(set.ReadBack.Contains(i + 1) ? "read back" : "open     ")} card {i + 1} {c}")];
}
