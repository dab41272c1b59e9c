using System.Collections.Immutable;
using System.Globalization;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony.Steps;

/// <summary>
/// Custodians come one after another; each card is typed against the digest in the journal, or the witness says what became of it. No
/// secret is rebuilt and nothing that was typed is kept.
/// </summary>
internal static class CardChecks
{
    private const string Prefix = "check/";
    private const string Finished = "done";
    private const string IsHere = "here";
    private const string IsTyped = "type";
    private const string OtherHands = "other-hands";
    private const string Unread = "unread";
    private const string Kept = "kept";
    private const int MaxSite = 40;

    public static Move Check(CeremonyState s, CheckCardsStep step)
    {
        if (Said(s) is { } exception)
            return new Note(exception);
        if (Burning(s) is { } burning)
            return burning;
        if (Bagged(s) is { } bagged)
            return bagged;
        string id = Turn(s.Facts<CardChecked>().Count() + 1);
        if (s.World.Sets.IsEmpty)
            return Tokens.Stop(s, CeremonyRules.NoCards, "This ledger has dealt no cards: there is nothing to check.",
                "Abort this ceremony; run it when cards were dealt.");
        if (s.Answer(id + "set") is not { } chosen)
            return new Ask(Which(s, step, id + "set"));
        return chosen == Finished
            ? Room.Seen(s, Roles.Witness, "Every card that came was checked. Compare this with what was said.", [.. Lines(s)])
            : OfSet(s, step, id, s.World.Sets[chosen]);
    }

    /// <summary>What a typed card is: the one that was dealt, another one of this ledger, or no card of it.</summary>
    public static Decision Decide(CeremonyState s, Question q, ShareTyped t)
    {
        ShareSetFact set = s.World.Sets[t.Set];
        int wanted = q.Share!.Share;
        if (set.Made.Digests[wanted - 1] == t.Digest)
            return Decision.Take(Result(s, q.Id, set, wanted, CardChecked.Good, t.Digest));
        foreach (ShareSetFact other in s.World.Sets.Values.OrderBy(x => x.Made.Set, StringComparer.Ordinal))
            if (other.Made.Digests.IndexOf(t.Digest) is >= 0 and var at)
                return Decision.Refuse(CeremonyRules.AnotherCard,
                    $"This is card {at + 1} of {other.Made.Set}, dealt to {other.Made.Custodians[at]}: a card of this ledger, and not the "
                        + "one that is checked now.",
                    $"Take card {wanted} of {set.Made.Set}. If it is not here, undo (F2) leads back to what became of it.");
        return Decision.Take(Result(s, q.Id, set, wanted, CardChecked.Other, t.Digest));
    }

    public static Refusal? Check(CeremonyState s, Question q, string value) =>
        s.Step is CheckCardsStep && q.Id.StartsWith(Prefix, StringComparison.Ordinal) && q.Id.EndsWith("/site", StringComparison.Ordinal)
            && value.Length > MaxSite
            ? new(CeremonyRules.TooLong, $"A place has at most {MaxSite} characters.", "Shorten it: a town and a building are enough.")
            : null;

    /// <summary>
    /// Whoever came with a card goes when it lies in its new bag. Out of it again, it is there for another check, and bagged behind that.
    /// </summary>
    private static Move? Bagged(CeremonyState s) => s.Latest<CardChecked>() is { } card
        && Bags.HolderOf(s.World, s.World.Sets[card.Set], card.Share) is { } content && s.OutOfBag.Contains(content)
        && s.Since(b => b is CardChecked) is var since && !since.Any(b => b is BagSealed x && x.Content == content)
        ? Bags.Again(s, content, since, "Nobody goes before the card lies in its bag.", $"{Found(card)} ")
        : null;

    private static Question Which(CeremonyState s, CheckCardsStep step, string id) => new(id, step.By, 1,
        s.Latest<CardChecked>() is { } card ? $"{Found(card)} Of which set is the next card?"
            : "Of which set is the card that is checked now?",
        AnswerKind.Choice, "One custodian after another comes with one card. When nobody is left, mark the last line.",
        Options: [.. CardAccount.All(s.World).Select(a => new Option(a.Set, a.Line)), new Option(Finished, "No more cards today")]);

    /// <summary>What the custodian hears before the next one comes.</summary>
    private static string Found(CardChecked card) => $"Card {card.Share} of {card.Set} " + card.Result switch
    {
        CardChecked.Good => "is good: it is the one that was dealt.",
        CardChecked.Other => "is not the one that was dealt.",
        CardChecked.Unreadable => "cannot be read.",
        CardChecked.Lost => "is lost.",
        CardChecked.DestroyedUnread => "is destroyed, and nobody read it.",
        _ => "is destroyed.",
    };

    private static Move OfSet(CeremonyState s, CheckCardsStep step, string id, ShareSetFact set)
    {
        string name = set.Made.Set;
        var account = CardAccount.Of(s.World, set);
        if (s.Answer(id + "card") is not { } card)
            return new Ask(new Question(id + "card", step.By, 1, $"Which card of {name}?", AnswerKind.Choice,
                "The number and the name stand on the card and on its bag.",
                Options: [.. set.Made.Custodians.Select((c, i) =>
                    new Option(string.Create(CultureInfo.InvariantCulture, $"{i + 1}"), $"card {i + 1} of {c}: {set.CardInWords(i + 1)}"))],
                Evidence: account.InWords));
        int number = int.Parse(card, CultureInfo.InvariantCulture);
        string custodian = set.Made.Custodians[number - 1];
        if (s.Answer(id + "here") is not { } here)
            return new Ask(new Question(id + "here", Roles.Witness, 1, $"Is card {number} of {name}, dealt to {custodian}, in the room?",
                AnswerKind.Choice, "A card that nobody can find is lost, also when it may turn up again.",
                Options: [new Option(IsHere, "It is here"), new Option(CardChecked.Lost, "It is lost")], Evidence: account.InWords));
        if (here == CardChecked.Lost)
            return Own(s, id, custodian) ?? Sure(s, id, set, number, CardChecked.Lost);
        if (Bags.HolderOf(s.World, set, number) is not null && Bags.OfCard(s, set, number) is { } bag)
            return bag;
        if (s.Answer(id + "state") is not { } state)
            return new Ask(State(id + "state", custodian, number, name, account));
        if (state == CardChecked.Lost)
            return Own(s, id, custodian) ?? Sure(s, id, set, number, state);
        // A card that burns is typed before: which one it was, its ashes do not say.
        bool burns = state == CardChecked.Destroyed;
        if ((burns ? s.Answer(id + "words") : state) is not { } hands)
            return new Ask(Words(id + "words", custodian, number, name, [.. Others(s, set, number), .. account.InWords]));
        if (hands == OtherHands && s.Answer(id + "who") is null)
            return new Ask(new Question(id + "who", Roles.Witness, 1, $"Who brings the card of {custodian}?", AnswerKind.Text,
                "First and family name as in the identity document."));
        if (hands == OtherHands && s.Answer(id + "why") is null)
            return new Ask(new Question(id + "why", Roles.Witness, 1,
                $"Why does {s.Answer(id + "who")} bring it? The witness says it in a sentence.", AnswerKind.Text,
                "It is recorded as an exception with these words. The owner's own word should be on paper."));
        if (Own(s, id, s.Answer(id + "who") ?? custodian) is { } own)
            return own;
        if (!burns && s.Answer(id + "site") is null)
            return new Ask(new Question(id + "site", Roles.Witness, 1, $"Where will card {number} of {name} lie from today on?",
                AnswerKind.OptionalText,
                "A town and a building, always in the same words: the ledger warns when one place holds too many. Enter alone: not said.",
                Evidence: account.Places));
        return hands switch
        {
            CardChecked.Unreadable => Sure(s, id, set, number, CardChecked.Unreadable),
            Unread => Sure(s, id, set, number, CardChecked.DestroyedUnread),
            _ => new Ask(Typed(s, id + "typed", set, number, s.Answer(id + "who") ?? custodian)),
        };
    }

    /// <summary>A card of a set that serves no more was typed and is the right one: now it burns, or does not.</summary>
    private static Move? Burning(CeremonyState s)
    {
        string id = Turn(s.Facts<CardChecked>().Count());
        if (s.Latest<CardChecked>() is not { Result: CardChecked.Good } card || s.Answer(id + "state") != CardChecked.Destroyed)
            return null;
        ShareSetFact set = s.World.Sets[card.Set];
        return s.Answer(id + "burn") switch
        {
            null => new Ask(new Question(id + "burn", Roles.Witness, 1,
                $"This is card {card.Share} of {card.Set}, the one that was dealt to {card.Custodian}. What becomes of it?",
                AnswerKind.Choice, "It is burnt or cut before the witness so that no word is left, or it stays what it is.",
                Options: [new Option(CardChecked.Destroyed, "It is destroyed here, before the witness"),
                    new Option(Kept, "It is not destroyed today")], Evidence: [.. Others(s, set, card.Share)])),
            Kept => null,
            _ => Sure(s, id, set, card.Share, CardChecked.Destroyed, card.Digest),
        };
    }

    /// <summary>Whoever looks does not look at the own card; where nobody else is there, it is said why.</summary>
    private static Move? Own(CeremonyState s, string id, string person) => !IsWitness(s, person) || s.Answer(id + "own") is not null ? null
        : new Ask(new Question(id + "own", Roles.Witness, 1,
            $"The card is the own one of the witness, {person}. Why does nobody else attest what becomes of it?", AnswerKind.Text,
            "It is recorded as an exception with these words. Better: undo (F2), leave this card to a day with another witness."));

    private static bool IsWitness(CeremonyState s, string person) =>
        PeopleNames.IsSame(s.NameOf(Roles.Witness), person, s.Format);

    /// <summary>Cards of other sets that bear the same number and the same words on their bags.</summary>
    private static IEnumerable<string> Others(CeremonyState s, ShareSetFact set, int number) => s.World.Sets.Values
        .Where(o => o.Made.Set != set.Made.Set && o.Made.Name == set.Made.Name && o.Made.Custodians.Length >= number)
        .OrderBy(o => o.Made.Set, StringComparer.Ordinal)
        .Select(o => $"NOT card {number} of {o.Made.Set}, dealt to {o.Made.Custodians[number - 1]}: {CardAccount.Of(s.World, o).State}");

    private static Question Words(string id, string custodian, int number, string set, ImmutableArray<string> evidence) => new(id,
        Roles.Witness, 1, $"Card {number} of {set}, dealt to {custodian}, is to be destroyed: who types it first?", AnswerKind.Choice,
        "What was typed is known to be this card. Unread, it is the witness's word, and is counted apart.",
        Options: [new Option(IsTyped, $"{custodian} types it, then it is destroyed"),
            new Option(OtherHands, "Somebody else brings it and types it"),
            new Option(Unread, "Its words cannot be read: it is destroyed unread")], Evidence: evidence);

    private static string Turn(int number) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{number}/");

    private static Question State(string id, string custodian, int number, string set, CardAccount account) => new(id, Roles.Witness, 1,
        $"Card {number} of {set}, dealt to {custodian}: what is done with it?", AnswerKind.Choice,
        "Only whoever brings it looks at its words. Words that cannot be read are never guessed.",
        Options:
        [
            new Option(IsTyped, $"{custodian} types it"),
            new Option(OtherHands, "Somebody else brings it and types it"),
            new Option(CardChecked.Unreadable, "Its words cannot be read"),
            // That a bag is empty is seen when it was opened, which cannot be undone.
            new Option(CardChecked.Lost, "It was not in its bag: it is lost"),
            // A set that is needed is not made smaller here: that is what replacing it is for.
            .. account.Serves ? [] : new[] { new Option(CardChecked.Destroyed, "It is destroyed here, before the witness") },
        ]);

    private static Question Typed(CeremonyState s, string id, ShareSetFact set, int number, string who)
    {
        int seat = s.People.FirstOrDefault(p => p.Role == Roles.Officer && p.Name == who)?.Index ?? 0;
        return new Question(id, Roles.Officer, seat,
            $"{who} comes to the screen alone and types card {number}. Everyone else turns away.", AnswerKind.CheckShare,
            "Four letters are enough for a word. What is typed is compared with the digest in the journal and kept nowhere. "
                + "If a word cannot be read, undo (F2) leads back.",
            Share: new ShareRef(set.Made.Set, number, Shares.Words(set.Made.Bits)))
        {
            Guest = seat == 0 ? who : "",
        };
    }

    private static Move Sure(CeremonyState s, string id, ShareSetFact set, int number, string result, string digest = "") =>
        s.Answer(id + "sure") is null
        ? new Ask(new Question(id + "sure", Roles.Witness, 1, result switch
        {
            CardChecked.Lost => $"Card {number} of {set.Made.Set} is lost, as far as anybody knows. Is that so?",
            CardChecked.Unreadable => $"The words of card {number} of {set.Made.Set} cannot be read. Is that so?",
            _ => $"Destroy card {number} of {set.Made.Set} now: burn it or cut it so that no word is left. Has the witness seen it?",
        }, AnswerKind.Typed, "It stands in the ledger for good. Undo (F2) leads back.", result,
            Evidence: [.. Others(s, set, number)]))
        : new Note(Result(s, id, set, number, result, digest));

    /// <param name="id">A question of this check.</param>
    private static CardChecked Result(CeremonyState s, string id, ShareSetFact set, int number, string result, string digest)
    {
        string check = id[..(id.IndexOf('/', Prefix.Length) + 1)];
        return new CardChecked(set.Made.Set, number, set.Made.Custodians[number - 1], result, digest,
            SiteNames.Said(s.Answer(check + "site") ?? ""),
            s.Answer(check + "who") is { } who && !string.Equals(who, set.Made.Custodians[number - 1], StringComparison.OrdinalIgnoreCase)
                ? who : null);
    }

    /// <summary>What the witness signs off about the card that was checked last; null: nothing, or it was raised.</summary>
    private static ExceptionRaised? Said(CeremonyState s)
    {
        if (s.Latest<CardChecked>() is not { } card)
            return null;
        ImmutableArray<EntryBody> since = s.Since(b => b is CardChecked);
        string which = $"Card {card.Share} of {card.Set}, dealt to {card.Custodian},";
        string? what = card.Result switch
        {
            CardChecked.Other => "is not the recorded one",
            CardChecked.Unreadable => "cannot be read",
            CardChecked.Lost => "is lost",
            CardChecked.DestroyedUnread => "was destroyed unread",
            _ => null,
        };
        var account = CardAccount.Of(s.World, s.World.Sets[card.Set]);
        // The words belong to the format: docs/formats/replay.md.
        if (what is not null && !since.Any(b => b is ExceptionRaised { Rule: CeremonyRules.CardNotGood }))
            return Room.Exception(s, CeremonyRules.CardNotGood, $"{which} {what}. {account.Good} of the {account.Issued} cards of this set "
                + $"were good when they were seen last; {account.Quorum} open it.");
        // What is destroyed was typed just before, and this was said then.
        if (card.Result == CardChecked.Destroyed)
            return null;
        ShareSetFact set = s.World.Sets[card.Set];
        if (s.Format >= JournalFormats.Accounted && set.Card(card.Share).Back(set.Made) is { } back
            && !since.Any(b => b is ExceptionRaised { Rule: CeremonyRules.SeenAfterEnd }))
            return Room.Exception(s, CeremonyRules.SeenAfterEnd, back);
        if (card.Presenter is not null && !since.Any(b => b is ExceptionRaised { Rule: CeremonyRules.CardInOtherHands }))
            return Room.Exception(s, CeremonyRules.CardInOtherHands, $"{which} was brought by {card.Presenter}: {Of(s, "why")}");
        if (Of(s, "own") is { } own && !since.Any(b => b is ExceptionRaised { Rule: CeremonyRules.OwnCard }))
            return Room.Exception(s, CeremonyRules.OwnCard, $"{which} was attested by the witness whose own it is: {own}");
        return null;
    }

    /// <summary>What was said of the card that was checked last.</summary>
    private static string? Of(CeremonyState s, string question) => s.Answer(Turn(s.Facts<CardChecked>().Count()) + question);

    private static IEnumerable<string> Lines(CeremonyState s)
    {
        foreach (CardChecked card in s.Facts<CardChecked>())
            yield return $"{card.Result,-10} card {card.Share} of {card.Set} {card.Custodian}";
        foreach (string set in s.Facts<CardChecked>().Select(c => c.Set).Distinct().Order(StringComparer.Ordinal))
            foreach (string line in CardAccount.Of(s.World, s.World.Sets[set]).InWords)
                yield return line;
    }
}
