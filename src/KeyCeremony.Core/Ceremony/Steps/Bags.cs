using System.Collections.Immutable;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony.Steps;

/// <summary>Tamper-evident bags: numbers chain from the ceremony that sealed to the one that opens.</summary>
internal static class Bags
{
    private const string BagId = "bag/";
    private const string DiffersId = "differs/";
    private const string HereId = "here/";
    private const string Stays = "stays";
    private const string OpenedId = "opened/";

    /// <summary>The ledger is read before its bags' numbers can be compared.</summary>
    private static readonly ImmutableArray<string> Sticks = [BagContents.RecordStickA, BagContents.RecordStickB];

    /// <summary>In use until the last entry.</summary>
    private static readonly ImmutableArray<string> Late = [BagContents.PrimaryHsm, .. Sticks];

    public static Move Open(CeremonyState s, OpenBagsStep step)
    {
        foreach (string content in step.All)
        {
            if (step.Optional.Contains(content) && s.Answer(HereId + content) is null)
                return new Ask(new Question(HereId + content, step.By, 1, $"Is \"{content}\" needed today?",
                    AnswerKind.Choice, "A bag that is not needed stays closed, with its number.",
                    Options: [new Option("open", "Yes: its bag is here"), new Option(Stays, "No: its bag stays closed")]));
            if (s.Answer(HereId + content) == Stays)
                continue;
            string? recorded = s.World.Bags.GetValueOrDefault(content);
            if (s.Facts<BagOpened>().Any(b => b.Content == content))
                continue;
            if (s.Answer(BagId + content) is not { } number)
                return new Ask(new Question(BagId + content, step.By, 1, Sticks.Contains(content)
                        ? $"Read the number of the bag that \"{content}\" came out of and type it."
                        : $"Read the number of the bag with \"{content}\" and type it.", AnswerKind.Text,
                    Sticks.Contains(content) ? "The stick had to be read before, so its bag was opened first. "
                        + "Its number must be the one in the last report, and the one recorded."
                        : "Look at the seal before you open the bag. The number must be the one recorded when it was sealed.",
                    // What is typed is compared: whoever reads it from the screen has looked at no bag.
                    Evidence: recorded is null
                        ? [$"The ledger knows no sealed bag with \"{content}\"."]
                        : [$"The ledger knows the number of the bag with \"{content}\" and compares what is typed."]));
            // What no bag is known of cannot differ: all of it is one exception, below.
            bool differs = number != recorded && (recorded is not null || s.Format < JournalFormats.Replayed);
            if (differs && s.Answer(DiffersId + content) is null)
                return new Ask(new Question(DiffersId + content, Roles.Witness, 1,
                    "This is not the recorded bag. The witness decides.", AnswerKind.Choice,
                    "If it was a typing mistake, undo (F2) and type it again. Otherwise it is recorded as an exception.",
                    Options: [new Option("exception", "It is this bag: record an exception")],
                    Evidence: [$"Typed    {number}", $"Recorded {recorded ?? "nothing"}",
                        .. KnownAs(s.World, number) is { } other ? new[] { other } : []]));
            if (differs && !s.Facts<ExceptionRaised>().Any(x => x.Rule is CeremonyRules.BagDiffers or CeremonyRules.BagUnknown
                && x.What.Contains($"\"{content}\"", StringComparison.Ordinal)))
                return new Note(Room.Exception(s, recorded is null ? CeremonyRules.BagUnknown : CeremonyRules.BagDiffers,
                    $"The bag with \"{content}\" carries {number}; recorded is {recorded ?? "nothing"}."));
            return new Note(new BagOpened(content, number));
        }
        if (s.Format >= JournalFormats.Replayed && !s.Facts<ExceptionRaised>().Any(x => x.Rule == CeremonyRules.BagUnknown)
            && s.Facts<BagOpened>().Where(b => s.Unbagged.Contains(b.Content)).Select(b => $"\"{b.Content}\" carries {b.Number}")
                .ToArray() is { Length: > 0 } unknown)
            return new Note(Room.Exception(s, CeremonyRules.BagUnknown,
                $"The ledger knows no sealed bag of these: {string.Join(", ", unknown)}."));
        return Room.Seen(s, Roles.Witness, "Is every bag open and were all seals whole?",
            [.. s.Facts<BagOpened>().Select(b => $"{b.Content}: {b.Number}")]);
    }

    public static Move Seal(CeremonyState s, SealBagsStep step)
    {
        ImmutableArray<string> contents = [.. step.Contents.Where(c => !StayedClosed(s, c))];
        ImmutableArray<string> lines = [.. contents.Where(c => s.Answer(BagId + c) is not null).Select(c => $"{c}: {s.Answer(BagId + c)}")];
        foreach (string content in contents)
            if (s.Answer(BagId + content) is null)
                return new Ask(new Question(BagId + content, step.By, 1, Late.Contains(content)
                        ? $"Take a new bag for \"{content}\", leave it open, and type its number."
                        : $"Put {Named(s, content)} into a new bag, seal it, and type the bag's number.", AnswerKind.Text,
                    Late.Contains(content) ? "It is in use until the last step, and goes into this bag right after it. "
                        + "A number is used once in the life of a ledger."
                        : "A number is used once in the life of a ledger.", Evidence: lines));
        if (s.Answer("sealed") is null)
            return new Ask(new Question("sealed", Roles.Witness, 1, contents.Any(Late.Contains)
                    ? "Has the witness compared every number? What is still in use goes into its bag right after the last step."
                    : "Has the witness seen every seal and compared every number?", AnswerKind.Acknowledge,
                "Enter goes on. Undo takes the last number back.", Evidence: lines));
        string? next = contents.FirstOrDefault(c => s.Facts<BagSealed>().All(b => b.Content != c));
        return next is null ? Room.Done : new Note(new BagSealed(next, s.Answer(BagId + next)!));
    }

    /// <summary>
    /// A card that was presented and lies in a sealed bag, as the ledger knows: the bag was opened now, so its number is compared and
    /// a new bag is due before the close. Null: it lies in none.
    /// </summary>
    public static Move? OfCard(CeremonyState s, ShareSetFact set, int number)
    {
        if ((s.Format < JournalFormats.Renewed ? ContentOf(set, number) : HolderOf(s.World, set, number)) is not { } content)
            return null;
        if (s.World.Bags.GetValueOrDefault(content) is not { } recorded)
            return null;
        string id = OpenedId + content;
        // A card that is checked twice on one day comes out of another bag the second time.
        if (s.Since(b => b is CardChecked).Answer(id) is not { } typed)
            return new Ask(new Question(id, Roles.Operator, 1,
                $"\"{content}\"{OfTheSet(s, set, content == ContentOf(set, number))} was in a sealed bag. "
                    + "The witness reads the number on that bag, the operator types it.", AnswerKind.Text,
                "Look at the seal first, and compare what is typed with the bag: from Enter on the bag counts as opened. The number must "
                    + "be the one recorded when it was sealed; another one is asked for twice. "
                    + (s.Step is CheckCardsStep ? "A new bag is asked for as soon as the card was checked."
                        : s.ClosedEntry ? "A new bag is asked for as soon as the HSM is unlocked."
                        : "A new bag is asked for before the close."), recorded));
        return typed == recorded || s.Facts<ExceptionRaised>()
            .Any(x => x.Rule == CeremonyRules.BagDiffers && x.What.StartsWith(Differs(content, typed), StringComparison.Ordinal))
            ? new Note(new BagOpened(content, typed))
            : new Note(Room.Exception(s, CeremonyRules.BagDiffers, $"{Differs(content, typed)}; recorded is {recorded}."));
    }

    /// <summary>New bags for what was taken out of one when its time had gone by; null: all lies in one.</summary>
    public static Move? Again(CeremonyState s)
    {
        if (s.OutOfBag.Order(StringComparer.Ordinal).FirstOrDefault() is not { } content)
            return null;
        return Again(s, content, s.Since(_ => false), "It was taken out of its bag after the cards were sealed.");
    }

    /// <summary>A new bag for this.</summary>
    /// <param name="since">In which its number may stand.</param>
    /// <param name="why">A sentence.</param>
    /// <param name="first">What is said before, and a blank; or nothing.</param>
    public static Move Again(CeremonyState s, string content, ImmutableArray<EntryBody> since, string why, string first = "") =>
        since.Answer(BagId + content) is not { } number
            ? new Ask(new Question(BagId + content, Roles.Operator, 1,
                $"{first}Put \"{content}\" into a new bag, seal it, and type the bag's number.", AnswerKind.Text,
                $"{why} A number is used once in the life of a ledger."))
            : new Note(new BagSealed(content, number));

    /// <summary>Of which set the card is, where another one bears the same name.</summary>
    private static string OfTheSet(CeremonyState s, ShareSetFact set, bool isNameless) =>
        isNameless && Shares.Age(s, set) is not null ? $" of {Shares.Called(s, set)}" : "";

    /// <summary>A card of today by its set besides, where a card of an earlier set bears the same name.</summary>
    private static string Named(CeremonyState s, string content) =>
        NewestWith(s.World, content) is { } set && Shares.Age(s, set) == "new" && set.Ceremony == s.Id
            ? $"the new \"{content}\" of set {set.Made.Set}" : $"\"{content}\"";

    private static string Differs(string content, string number) => $"The bag with \"{content}\" carries {number}";

    /// <summary>What a card is called on its bag; null: its script does not say.</summary>
    private static string? ContentOf(ShareSetFact set, int number) =>
        set.Called is { } cards ? BagContents.ShareCard(cards, number) : null;

    /// <summary>
    /// The same while its bag is this card's: cards of a later set have the same names, and take them over when the first of them was
    /// sealed. From then on the earlier card has its set's name besides. Null: no bag counts that this card could have had.
    /// </summary>
    public static string? HolderOf(World w, ShareSetFact set, int number)
    {
        if (set.Voided is not null || w.IsDead(set) || ContentOf(set, number) is not { } content)
            return null;
        if (w.Format < JournalFormats.Renewed)
            return w.Sets.Values.Any(later => later.Seq > set.Seq && IsLive(w, later) && HasCard(later, content)) ? null : content;
        // Before format 6 an abort left the name with the set that died.
        return w.Holders.GetValueOrDefault(content) is not { } holder || holder == set.Made.Set || !IsLive(w, w.Sets[holder]) ? content
            : w.Sets[holder].Seq > set.Seq ? BagContents.Replaced(content, set.Made.Set) : null;
    }

    /// <summary>The newest set that has a card of this name; null: the name is no card's.</summary>
    public static ShareSetFact? NewestWith(World w, string content) =>
        w.Sets.Values.Where(set => IsLive(w, set) && HasCard(set, content)).MaxBy(set => set.Seq);

    public static bool IsLive(World w, ShareSetFact set) => set.Voided is null && !w.IsDead(set);

    private static bool HasCard(ShareSetFact set, string content) =>
        Enumerable.Range(1, set.Made.Custodians.Length).Any(number => ContentOf(set, number) == content);

    /// <summary>The names of all cards of a set, where its script says how they are called.</summary>
    public static IEnumerable<string> ContentsOf(ShareSetFact set) =>
        Enumerable.Range(1, set.Made.Custodians.Length).Select(number => ContentOf(set, number)).OfType<string>();

    /// <summary>A set whose cards are called so and lie where its script says.</summary>
    public static ShareSetFact Placed(World w, ShareSetFact set) =>
        ScriptOf(w, set)?.Steps.OfType<DealSharesStep>().FirstOrDefault(d => d.Set == set.Made.Name) is not { } deal ? set : set with
        {
            Called = deal.Cards,
            Cards = deal.Sites.IsEmpty ? set.Cards : set.Cards.SetItems(deal.Sites.Take(set.Made.Custodians.Length)
                .Select((site, i) => KeyValuePair.Create(i + 1, new CardFact(i + 1, CardFact.Unread, null, null, site)))),
        };

    private static CeremonyScript? ScriptOf(World w, ShareSetFact set) =>
        w.Ceremonies.FirstOrDefault(c => c.Id == set.Ceremony) is { } made
            && ScriptReader.TryRead(made.Opened.Script, null, out CeremonyScript? script, out _) ? script : null;

    /// <summary>The script let its bag stay closed, and it is still the one that an earlier ceremony sealed.</summary>
    private static bool StayedClosed(CeremonyState s, string content) => s.World.Bags.ContainsKey(content)
        && !s.Facts<BagSealed>().Any(b => b.Content == content) && s.Script.MayStayClosed(content);

    /// <summary>The number of a bag that was just opened is asked for, and the ledger knows it.</summary>
    public static bool AsksForKnown(Question q) => q.Id.StartsWith(OpenedId, StringComparison.Ordinal) && q.Expected.Length > 0;

    /// <summary>The number of a bag that is sealed now is asked for.</summary>
    public static bool AsksForNew(CeremonyState s, Question q) =>
        q.Id.StartsWith(BagId, StringComparison.Ordinal) && s.Step is not OpenBagsStep;

    /// <summary>Case, blanks and dashes say nothing: B-0042 and b 0042 are one bag.</summary>
    public static bool IsSame(string one, string other) => Bare(one) is { Length: > 0 } bare && bare == Bare(other);

    /// <summary>Before format 3 whatever was typed in the step counts.</summary>
    private static string TypedFor(CeremonyState s, Question q, string value) => s.Facts<Answered>().LastOrDefault(a => a.Question != q.Id
        && a.Question.StartsWith(BagId, StringComparison.Ordinal) && (a.Value == value || IsSame(a.Value, value))) is { } before
            ? $"the bag with \"{before.Question[BagId.Length..]}\"" : "something else";

    /// <summary>What the ledger knows this number as, in a sentence; null: nothing.</summary>
    public static string? KnownAs(World w, string number) =>
        w.Bags.OrderBy(b => b.Key, StringComparer.Ordinal).FirstOrDefault(b => IsSame(b.Value, number)).Key is { } content
            ? $"{number} is the number of the bag with \"{content}\"."
            : w.UsedBagNumbers.Any(used => IsSame(used, number)) ? $"{number} is the number of a bag that was opened before." : null;

    private static string Bare(string number) => string.Concat(number.Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant();

    public static Refusal? Check(CeremonyState s, Question q, string value)
    {
        if (!q.Id.StartsWith(BagId, StringComparison.Ordinal) && !q.Id.StartsWith(OpenedId, StringComparison.Ordinal))
            return null;
        if (value.Length > 40 || !value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '/' or ' '))
            return new(CeremonyRules.NotInForm, "That is not a bag number.", "Type the letters and digits printed on the bag.");
        if (q.Id.StartsWith(OpenedId, StringComparison.Ordinal))
            return null;
        // Case, blanks and dashes say nothing: B-0042 and b 0042 are one bag.
        bool used = s.Format < JournalFormats.Compared
            ? s.World.UsedBagNumbers.Contains(value) || s.Facts<Answered>().Any(a => a.Question != q.Id && a.Value == value)
            : s.World.UsedBagNumbers.Any(number => Bare(number) == Bare(value))
                || s.Facts<Answered>().Any(a => a.Question != q.Id && a.Question.StartsWith(BagId, StringComparison.Ordinal)
                    && Bare(a.Value) == Bare(value));
        return s.Step is SealBagsStep or CheckCardsStep or CloseStep && used
            ? new(CeremonyRules.BagUsed, KnownAs(s.World, value) ?? $"{value} was typed today, for {TypedFor(s, q, value)}.",
                "Take a new bag and type its number. If the number before was mistyped, F2 goes back to it.")
            : null;
    }
}
