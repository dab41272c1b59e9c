using System.Collections.Immutable;
using System.Globalization;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Ceremony.Steps;

/// <summary>
/// Cards that were made elsewhere give the secret of a set of this ledger: somebody combined its cards once, and dealt the secret again
/// with another program. No digest in the journal knows them; that they are right says the set's key-check value.
/// </summary>
internal static class ForeignCards
{
    private const string NewPassphrase = "passphrase";
    private const string FromTheFirst = "The cards, from the first one";
    private const int Highest = 15;
    private const int MaxIdentifier = 0x7FFF;

    /// <summary>Asks for cards until they are a quorum of their own set, for the passphrase, and rebuilds the secret.</summary>
    /// <param name="key">The key whose backup they open.</param>
    public static Move Present(CeremonyState s, ShareSetFact set, string key)
    {
        if (s.Answer(ForeignWords.OriginId) is not { } origin)
            return new Ask(Origin(set, key));
        if (!s.Facts<ExceptionRaised>().Any(x => x.Rule == CeremonyRules.MadeElsewhere))
            return new Note(Room.Exception(s, CeremonyRules.MadeElsewhere,
                $"The backup of \"{key}\" is opened with cards that this ledger did not deal. They, and any copy of that backup, are the "
                    + $"key. Of who made them, and with what, it was said: {origin}"));
        ImmutableArray<EntryBody> said = Said(s, set.Made.Set);
        ForeignCardPresented[] cards = [.. said.OfType<ForeignCardPresented>()];
        return IsQuorum(cards) ? Combine(s, set, said, cards) : Next(s, set, said, cards);
    }

    /// <summary>Whether a typed card can be one of those that were typed before.</summary>
    public static Decision Decide(CeremonyState s, Question q, ShareTyped t)
    {
        if (t.Header is not { } header)
            return Decision.Refuse(CeremonyRules.NotAsked, "That is not the card that is asked for.", "Type the first word of the card.");
        if (DealtHere(s, t) is { } ours)
            return Decision.Refuse(CeremonyRules.DealtHere, $"This card was dealt in this ledger: it is card {ours.Card} of {ours.Set}.",
                "Nothing was recorded. With the ledger's own cards a key is recovered by a script that asks for them. "
                    + "Here bring a card that was made elsewhere.");
        ForeignCardPresented card = Of(t, header, s.NameOf(q.By, q.Seat));
        ForeignCardPresented[] before = [.. Said(s, t.Set).OfType<ForeignCardPresented>()];
        if (before.FirstOrDefault(b => !IsOfSameSet(b, card)) is { } other)
            return Decision.Refuse(CeremonyRules.OtherForeignSet,
                $"This card is of another set than the first one: {Difference(other, card)}.",
                "Nothing was used up by this. Bring a card of the set that was begun; its first two words are the same on every card. "
                    + "If the wrong set was begun, F2 goes back to the names: the line below them begins with the first card again.");
        if (before.FirstOrDefault(b => (b.Group, b.Member) == (card.Group, card.Member)) is { } twice)
            return twice.Digest == card.Digest
                ? Decision.Refuse(CeremonyRules.AlreadyPresented, $"This card was already typed: {header.Card}.",
                    "Another card is needed. If the wrong name was marked, F2 goes back to the names.")
                : Decision.Refuse(CeremonyRules.OtherForeignSet, $"Another card was typed that says it is {header.Card}, too.",
                    "One of both is not what was dealt. Put both aside and find out where they come from.");
        ForeignCardPresented[] group = [.. before.Where(b => b.Group == card.Group)];
        if (group.FirstOrDefault(b => b.MemberThreshold != card.MemberThreshold) is { } differs)
            return Decision.Refuse(CeremonyRules.OtherForeignSet, $"This card asks for {card.MemberThreshold} cards of its group, and one "
                + $"that was typed before asks for {differs.MemberThreshold}.",
                "One of both is not what was dealt. Put both aside and find out where they come from.");
        return group.Length >= card.MemberThreshold
            ? Decision.Refuse(CeremonyRules.GroupComplete, $"This card is of group {card.Group + 1}, which is complete.",
                "A card of another group is needed. If the wrong name was marked, F2 goes back to the names.")
            : Decision.Take(card);
    }

    /// <summary>What somebody typed for this entry; null: no card says that.</summary>
    public static ShareTyped? Typed(Question q, ForeignCardPresented f) => q.Share?.Set == f.Set && Retelling.Facts.IsSha256(f.Digest)
        && f is { Identifier: >= 0 and <= MaxIdentifier, IterationExponent: >= 0 and <= Highest, Group: >= 0, Member: >= 0 and <= Highest }
        && f.GroupThreshold >= 1 && f.GroupThreshold <= f.GroupCount && f.GroupCount <= GroupPlan.MaxGroups && f.Group < GroupPlan.MaxGroups
        && f.MemberThreshold >= 1 && f.MemberThreshold <= GroupPlan.MaxCards
            ? new ShareTyped(q.Id, f.Set, 0, f.Identifier, f.Digest, true, new ShareHeader((ushort)f.Identifier, f.Extendable,
                f.IterationExponent, f.Group, f.GroupThreshold, f.GroupCount, f.Member, f.MemberThreshold))
            : null;

    /// <summary>As <see cref="Shares.Waiting"/>.</summary>
    public static (string Set, int Cards)? Waiting(CeremonyState s) => s.Facts<ForeignCardPresented>().Select(p => p.Set).Distinct()
        .Select(set => (set, Said(s, set).OfType<ForeignCardPresented>().Count())).Where(w => w.Item2 > 0)
        .Select(w => ((string, int)?)w).FirstOrDefault();

    private static Question Origin(ShareSetFact set, string key) => new(ForeignWords.OriginId, Roles.Witness, 1,
        "Who made the cards that come now, when, and with which program? The witness says it in a sentence.", AnswerKind.Text,
        "It becomes part of an exception that the witness signs off: nobody here saw these cards dealt.",
        Evidence:
        [
            $"They are to give the wrap key of {set.Made.Set}, which the backup of \"{key}\" is wrapped under.",
            $"Each has {Shares.Words(set.Made.Bits)} words. A card of {Slip39.WordCount(Slip39.MinSecretLength)} words carries "
                + "128 bits, and cannot be one of them.",
        ]);

    private static Move Next(CeremonyState s, ShareSetFact set, ImmutableArray<EntryBody> said, ForeignCardPresented[] cards)
    {
        string id = string.Create(CultureInfo.InvariantCulture, $"{ForeignWords.Prefix}{cards.Length + 1}");
        var share = new ShareRef(set.Made.Set, 0, Shares.Words(set.Made.Bits));
        ImmutableArray<string> evidence = [.. Progress(cards), $"To open {set.Made.Set}"];
        if (said.Answer(id + ForeignWords.Who) == ForeignWords.NewCards)
            return new Perform(new ForgetSecret(set.Made.Set));
        if (said.Answer(id + ForeignWords.Who) is { } seat && s.People.FirstOrDefault(p => Shares.Seat(p) == seat) is { } presenter)
            return new Ask(new Question(id, presenter.Role, presenter.Index,
                $"{presenter.Name} comes to the screen alone and types a card that was made elsewhere.", AnswerKind.PresentForeign,
                "Four letters are enough for a word. Everyone else turns away. What the card says of its set is compared with the cards "
                    + "before it; whether it is right shows when enough are there.", Share: share, Evidence: evidence));
        return new Ask(new Question(id + ForeignWords.Who, Roles.Witness, 1, cards.Length == 0
            ? "Who comes to the screen with the first card that was made elsewhere?"
            : $"{Accepted(cards)} Who comes to the screen with the next card?", AnswerKind.Choice,
            "The witness looks who it is and marks the name. Nobody here knows to whom these cards were dealt.",
            Options: [.. s.People.OrderBy(p => p.Role != Roles.Officer).DistinctBy(p => p.Name)
                .Select(p => new Option(Shares.Seat(p), $"{p.Name} ({Room.Seated(s, p)})")),
                .. cards.Length == 0 ? ImmutableArray<Option>.Empty : [new Option(ForeignWords.NewCards, FromTheFirst)]],
            Evidence: evidence));
    }

    private static Move Combine(CeremonyState s, ShareSetFact set, ImmutableArray<EntryBody> said, ForeignCardPresented[] cards)
    {
        ForeignMisfit[] misfits = [.. said.OfType<ForeignMisfit>()];
        string before = Try(misfits.Length) + "again", now = Try(misfits.Length + 1) + NewPassphrase;
        if (misfits.Length > 0 && said.Answer(before) is null)
            return new Ask(Again(before, misfits[^1], cards));
        if (misfits.Length > 0 && said.Answer(before) == ForeignWords.NewCards)
            return new Perform(new ForgetSecret(set.Made.Set));
        Person? last = s.People.FirstOrDefault(p => p.Name == cards[^1].Presenter);
        return said.Answer(now) is null
            ? new Ask(new Question(now, last?.Role ?? Roles.Officer, last?.Index ?? 1,
                "Enough cards are there. Whoever knows their passphrase comes to the keyboard alone and types it.", AnswerKind.Passphrase,
                "It does not appear, and no journal has it. Where there is none, Enter alone. Everyone else turns away.",
                Evidence: [.. Progress(cards)]))
            : new Perform(new RebuildForeign(set.Made.Set, set.Made.KeyCheck));
    }

    private static Question Again(string id, ForeignMisfit misfit, ForeignCardPresented[] cards) => new(id, Roles.Witness, 1,
        misfit.Rule == ShareRules.ForgedId
            ? "The cards do not fit together: at least one is not what was dealt. What is typed again?"
            : "The cards fit together, and give another secret: the passphrase is another one, or they are of another dealing. "
                + "What is typed again?", AnswerKind.Choice,
        "Nothing is lost: the backup was not touched. A passphrase has capitals, small letters and blanks that count.",
        Options: [new Option(NewPassphrase, "The passphrase"), new Option(ForeignWords.NewCards, FromTheFirst)],
        Evidence: [$"{misfit.Rule}", .. Progress(cards)]);

    private static string Try(int number) => string.Create(CultureInfo.InvariantCulture, $"{ForeignWords.Prefix}try-{number}/");

    private static IEnumerable<string> Progress(ForeignCardPresented[] cards)
    {
        if (cards is not [var first, ..])
            yield break;
        yield return Accepted(cards);
        foreach (ForeignCardPresented card in cards)
            yield return $"typed {(card.GroupCount == 1 ? "" : $"group {card.Group + 1} ")}card {card.Member + 1}, by {card.Presenter}";
        yield return $"Identifier {first.Identifier}, {(first.Extendable ? "extendable" : "not extendable")}, "
            + $"iteration exponent {first.IterationExponent}";
    }

    private static string Accepted(ForeignCardPresented[] cards)
    {
        string count = $"{(cards.Length == 1 ? "1 card is" : $"{cards.Length} cards are")} accepted: ";
        if (cards[0].GroupCount == 1)
            return $"{count}{cards[0].MemberThreshold} are needed.";
        return count + string.Join(", ", cards.GroupBy(c => c.Group).OrderBy(g => g.Key)
            .Select(g => $"{g.Count()} of {g.First().MemberThreshold} of group {g.Key + 1}"))
            + $"; {cards[0].GroupThreshold} of {cards[0].GroupCount} groups are needed.";
    }

    private static bool IsQuorum(ForeignCardPresented[] cards) => cards.Length > 0
        && cards.GroupBy(c => c.Group).Count(g => g.Count() >= g.First().MemberThreshold) >= cards[0].GroupThreshold;

    private static (string Set, int Card)? DealtHere(CeremonyState s, ShareTyped t) => s.World.Sets.Values
        .OrderBy(set => set.Made.Set, StringComparer.Ordinal)
        .Select(set => (set.Made.Set, Card: set.Made.Digests.IndexOf(t.Digest) + 1)).Where(found => found.Card > 0)
        .Select(found => ((string, int)?)found).FirstOrDefault();

    private static ForeignCardPresented Of(ShareTyped t, ShareHeader h, string presenter) => new(t.Set, h.Identifier, h.Extendable,
        h.IterationExponent, h.GroupIndex, h.GroupThreshold, h.GroupCount, h.MemberIndex, h.MemberThreshold, t.Digest, presenter);

    private static bool IsOfSameSet(ForeignCardPresented a, ForeignCardPresented b) =>
        (a.Identifier, a.Extendable, a.IterationExponent, a.GroupThreshold, a.GroupCount)
            == (b.Identifier, b.Extendable, b.IterationExponent, b.GroupThreshold, b.GroupCount);

    private static string Difference(ForeignCardPresented first, ForeignCardPresented card) =>
        first.Identifier != card.Identifier ? $"identifier {card.Identifier}, not {first.Identifier}"
        : first.Extendable != card.Extendable || first.IterationExponent != card.IterationExponent
            ? "its passphrase is stretched in another way"
        : $"it asks for {card.GroupThreshold} of {card.GroupCount} groups, not {first.GroupThreshold} of {first.GroupCount}";

    /// <summary>Since the cards that were typed before are no longer in memory.</summary>
    private static ImmutableArray<EntryBody> Said(CeremonyState s, string set) => s.Since(b => b switch
    {
        Reopened => true,
        Failed { Effect: RebuildForeign.EffectName } f => f.Subject == set,
        SecretRebuilt r => r.Set == set,
        SecretForgotten f => f.Set == set,
        _ => false,
    });
}
