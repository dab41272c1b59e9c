namespace KeyCeremony.Core.Sharing;

/// <summary>
/// Every rule a share, a dealing plan or a word can break: the ID and what the room is told.
/// No message repeats what was typed, for that may be part of a secret.
/// </summary>
public static class ShareRules
{
    public const string UnknownWordId = "SHARE-01";
    public const string AmbiguousWordId = "SHARE-02";
    public const string NotALetterId = "SHARE-03";
    public const string WrongLengthId = "SHARE-04";
    public const string ChecksumId = "SHARE-05";
    public const string PaddingId = "SHARE-06";
    public const string ImpossibleGroupsId = "SHARE-07";
    public const string OtherSetId = "SHARE-08";
    public const string SameCardTwiceId = "SHARE-09";
    public const string SameNumberId = "SHARE-10";
    public const string OtherThresholdId = "SHARE-11";
    public const string TooFewCardsId = "SHARE-12";
    public const string TooManyCardsId = "SHARE-13";
    public const string TooFewGroupsId = "SHARE-14";
    public const string TooManyGroupsId = "SHARE-15";
    public const string ForgedId = "SHARE-16";
    public const string ForgedCardId = "SHARE-17";
    public const string RecordedDigestId = "SHARE-18";
    public const string RecordedCheckValueId = "SHARE-19";
    public const string NotTheDealtWordId = "SHARE-20";
    public const string MissingWordsId = "SHARE-21";
    public const string NumericId = "SHARE-22";
    public const string PassphraseId = "SHARE-23";
    public const string PlanGroupsId = "QUORUM-01";
    public const string PlanCardsId = "QUORUM-02";
    public const string PlanCopiesId = "QUORUM-03";
    public const string TooFewRollsId = "DICE-01";
    public const string NotADieId = "DICE-02";
    public const string NotAPgpWordId = "PGPWORD-01";
    public const string PgpWordOutOfTurnId = "PGPWORD-02";
    public const string TooManyPgpWordsId = "PGPWORD-03";

    /// <param name="mistake">The keys say it: the layout that is set is not the keyboard's.</param>
    internal static Refusal UnknownWord(int word, LayoutMistake? mistake = null) => new(
        UnknownWordId,
        $"Word {word} is not in the word list.{Explained(mistake)}",
        mistake is null ? $"Compare word {word} with the card letter by letter and type it again." : OtherLayout(word));

    internal static Refusal AmbiguousWord(int word) => new(
        AmbiguousWordId,
        $"More than one word begins with the letters typed for word {word}.",
        "Type four letters; they always suffice.");

    /// <param name="mistake">As of <see cref="UnknownWord"/>.</param>
    internal static Refusal NotALetter(int word, LayoutMistake? mistake = null) => new(
        NotALetterId,
        $"Word {word}: a word has the letters a to z only, eight at most.{Explained(mistake)}",
        mistake is null ? "Type the letters of the word, then the space bar." : OtherLayout(word));

    internal static Refusal WrongLength(int words) => new(
        WrongLengthId,
        $"{words} words are no share: 20 carry a 128-bit secret, 33 a 256-bit one.",
        "Count the words on the card; one was left out, or one was typed twice.");

    internal static Refusal Checksum() => new(
        ChecksumId,
        "The share's checksum does not hold: at least one word is not what the card says.",
        "Compare every word with the card, number by number.");

    /// <param name="words">The numbers of words in whose place one other word of the list makes the checksum hold.</param>
    internal static Refusal ChecksumAt(IReadOnlyList<int> words) => Checksum() with
    {
        Remedy = words.Count == 1
            ? $"Look at word {words[0]} first: with another word in its place the checksum holds. Type what the card says there."
            : $"Look at words {string.Join(", ", words)} first: with another word in one of these places the checksum holds. "
                + "Type what the card says there.",
    };

    /// <param name="words">The numbers of words that one neighbouring key makes another word of the list.</param>
    internal static Refusal ChecksumNear(IReadOnlyList<int> words) => Checksum() with
    {
        Remedy = $"Compare every word with the card. One key beside the right one makes another word of "
            + $"{(words.Count == 1 ? "number" : "these numbers")}: {string.Join(", ", words)}.",
    };

    internal static Refusal Padding() => new(
        PaddingId,
        "The share's first bits should be zero and are not, though its checksum holds.",
        "This card was not written by software that follows SLIP-39; put it aside and record it.");

    internal static Refusal ImpossibleGroups(int threshold, int count) => new(
        ImpossibleGroupsId,
        $"The share asks for {threshold} groups where there are {count}, though its checksum holds.",
        "This card was not written by software that follows SLIP-39; put it aside and record it.");

    internal static Refusal OtherSet(string card, string differs) => new(
        OtherSetId,
        $"This {card} belongs to another set: {differs}.",
        "Check the set's name on the cards and bring the card of the set in use.");

    internal static Refusal SameCardTwice(string card) => new(
        SameCardTwiceId,
        $"The same {card} was given twice.",
        "Ask for a card that was not entered yet.");

    internal static Refusal SameNumber(string card) => new(
        SameNumberId,
        $"Two different cards both claim to be {card} of this set; one of them is not what was dealt.",
        "Compare both with the digests in the journal.");

    internal static Refusal OtherThreshold(string card, int its, int others) => new(
        OtherThresholdId,
        $"This {card} asks for {its} cards where the others of its group ask for {others}.",
        "Compare each card with its digest in the journal; one of them is not what was dealt.");

    internal static Refusal TooFewCards(string where, int given, int needed) => new(
        TooFewCardsId,
        $"{given} of {needed} cards{where} are here.",
        $"{Cards(needed - given)} more{where} needed.");

    internal static Refusal TooManyCards(string where, int given, int needed) => new(
        TooManyCardsId,
        $"{given} cards{where} were given where exactly {needed} are used.",
        $"Take {Cards(given - needed)} away.");

    internal static Refusal TooFewGroups(int given, int needed) => new(
        TooFewGroupsId,
        $"Cards of {given} of {needed} groups are here.",
        "Ask an officer of another group.");

    internal static Refusal TooManyGroups(int given, int needed) => new(
        TooManyGroupsId,
        $"Cards of {given} groups were given where exactly {needed} groups are used.",
        "Take the cards of the other groups away.");

    internal static Refusal Forged(string where) => new(
        ForgedId,
        $"The cards{where} do not fit together: at least one of them is not what was dealt, though its checksum holds.",
        "Compare each card with its digest in the journal.");

    internal static Refusal ForgedCard(string card) => new(
        ForgedCardId,
        $"Every combination with {card} fails and every one without it agrees: {card} is not what was dealt.",
        $"Compare {card} with its digest in the journal, put it aside and record it.");

    internal static Refusal RecordedDigest(string card) => new(
        RecordedDigestId,
        $"This {card} is a valid share but not the one whose digest was recorded.",
        "It is of another dealing, or was not dealt here: compare the set's name, date and number on the card.");

    internal static Refusal RecordedCheckValue() => new(
        RecordedCheckValueId,
        "The cards fit together, but the secret is not the one whose check value was recorded.",
        "They are of another dealing, or the passphrase differs: compare the set's name on the cards.");

    internal static Refusal NotTheDealtWord(int word) => new(
        NotTheDealtWordId,
        $"Word {word} is not the word that was dealt.",
        $"Look at number {word} on the card again: correct the card, or type the word again.");

    internal static Refusal NotTheDealtWords(string words) => new(
        NotTheDealtWordId,
        $"Words {words} are not the words that were dealt.",
        "Look at these numbers on the card again.");

    internal static Refusal NotTheWordOfTheSet(int word) => new(
        OtherSetId,
        $"Word {word} is not what the cards of this set begin with: all of them begin with the same two words.",
        "Check the set's name on the card, then type the word again.");

    /// <param name="word">The number of the word.</param>
    /// <param name="sets">The names of the sets whose cards have it there.</param>
    internal static Refusal TheWordOfAnotherSet(int word, string sets) => new(
        OtherSetId,
        $"Word {word} is the one of the cards of {sets}; another set is asked for.",
        "Put that card away, and take one of the set that stands above the words.");

    internal static Refusal MissingWords(int first, int missing) => new(
        MissingWordsId,
        missing == 1 ? $"Word {first} is missing." : $"{missing} words are missing, the first is word {first}.",
        $"Go on with word {first}.");

    internal static Refusal Numeric() => new(
        NumericId,
        "The code does not hold a share: it is four digits a word, each 0000 to 1023.",
        "Scan the code of a share card again, or type the words.");

    /// <summary>What SLIP-39 takes for none.</summary>
    public static Refusal Passphrase() => new(
        PassphraseId,
        $"A passphrase has printable ASCII characters only (SLIP-0039), {Slip39.MaxPassphraseLength} at most.",
        "Type it without accents and control keys.");

    internal static Refusal PlanGroups(int threshold, int count) => new(
        PlanGroupsId,
        $"{threshold} of {count} groups cannot be dealt.",
        $"Take 1 to {GroupPlan.MaxGroups} groups and a threshold between 1 and their number.");

    internal static Refusal PlanCards(int group, int threshold, int count) => new(
        PlanCardsId,
        $"Group {group}: {threshold} of {count} cards cannot be dealt.",
        $"Take 1 to {GroupPlan.MaxCards} cards and a threshold between 1 and their number.");

    internal static Refusal PlanCopies(int group, int count) => new(
        PlanCopiesId,
        $"Group {group}: 1 of {count} would be {count} equal cards, which SLIP-39 forbids.",
        "Deal 1 of 1 and make numbered copies of the card.");

    internal static Refusal TooFewRolls(int rolls) => new(
        TooFewRollsId,
        $"{rolls} rolls are fewer than {Dice.MinRolls}, which it takes for 256 bits.",
        $"Roll {Dice.MinRolls - rolls} more.");

    internal static Refusal NotADie(int roll) => new(
        NotADieId,
        $"Roll {roll} is not a digit from 1 to 6.",
        $"Correct roll {roll}.");

    internal static Refusal TooManyRolls(int rolls) => new(
        NotADieId,
        $"{rolls} rolls are more than the {Dice.MaxRolls} one entry takes.",
        "Enter fewer.");

    internal static Refusal NotAPgpWord(int word) => new(
        NotAPgpWordId,
        $"Word {word} is not in the PGP word list.",
        "Read it aloud again.");

    internal static Refusal PgpWordOutOfTurn(int word) => new(
        PgpWordOutOfTurnId,
        $"Word {word} is of the other list: a word before it was left out, said twice or swapped.",
        $"Read aloud again from word {Math.Max(1, word - 1)}.");

    internal static Refusal TooManyPgpWords() => new(
        TooManyPgpWordsId,
        $"More than {PgpWords.MaxWords} words are no digest.",
        "Enter the words of one digest.");

    private static string Explained(LayoutMistake? mistake) => mistake is null ? ""
        : $" On {mistake.Printed} keys, where {mistake.Difference()}, it would begin one; {mistake.Set} is set.";

    private static string OtherLayout(int word) =>
        "Does the screen show other letters than stand on the keys? Then set the keyboard's layout: F12, or in your own terminal. "
            + $"Type word {word} again.";

    private static string Cards(int count) => count == 1 ? "one card" : $"{count} cards";
}
