using System.Collections.Immutable;

namespace KeyCeremony.Core.Ceremony;

/// <summary>What the ceremony waits for from a person.</summary>
/// <param name="Id">Unique within its step, e.g. <c>name/officer/2</c>; the key of an answers file is <c>step:id</c>.</param>
/// <param name="By">The role whose turn it is.</param>
/// <param name="Seat">1-based seat within the role.</param>
/// <param name="Prompt">What is asked, one sentence.</param>
/// <param name="Kind">How it is answered.</param>
/// <param name="Expected">For <see cref="AnswerKind.Typed"/>: the phrase; compared without regard to case and runs of blanks. For
/// <see cref="AnswerKind.ToldHash"/> and <see cref="AnswerKind.ReceivedWords"/>: a SHA-256, lower-case hex.</param>
/// <param name="Options">For <see cref="AnswerKind.Choice"/> and <see cref="AnswerKind.ReceivedWords"/>: what can be chosen.</param>
/// <param name="Help">Why it is asked and what a right answer looks like.</param>
/// <param name="Evidence">What the appliance found and the person looks at, line by line.</param>
/// <param name="Share">For the share kinds: which share.</param>
/// <param name="Blocked">Set when there is no way on but the options: the rule that stopped the ceremony and why.</param>
public sealed record Question(
    string Id,
    string By,
    int Seat,
    string Prompt,
    AnswerKind Kind,
    string Help = "",
    string Expected = "",
    ImmutableArray<Option> Options = default,
    ImmutableArray<string> Evidence = default,
    ShareRef? Share = null,
    Refusal? Blocked = null)
{
    /// <summary>Whose turn it is where they sit in no seat of the roll call; empty: the seat says it.</summary>
    public string Guest { get; init; } = "";

    /// <summary>A card is typed word by word, whosever it is.</summary>
    public bool AsksForCard => Kind is AnswerKind.ReadBackShare or AnswerKind.PresentShare or AnswerKind.CheckShare
        or AnswerKind.PresentForeign;

    public ImmutableArray<string> EvidenceLines => Evidence.IsDefault ? [] : Evidence;

    /// <summary>The phrase proves that somebody looked: nothing but the evidence says it.</summary>
    public bool ExpectsWhatWasFound => EvidenceLines.Any(line => line.Contains(Expected, StringComparison.OrdinalIgnoreCase));

    public ImmutableArray<Option> Choices => Options.IsDefault ? [] : Options;
}

public enum AnswerKind
{
    /// <summary>Enter.</summary>
    Acknowledge,

    /// <summary>One line of text, 1 to 200 characters.</summary>
    Text,

    /// <summary>One line of text or nothing.</summary>
    OptionalText,

    /// <summary>Exactly the expected phrase.</summary>
    Typed,

    /// <summary>One of the options, by its key.</summary>
    Choice,

    /// <summary>A UTC time, <c>yyyy-MM-dd HH:mm:ss</c>.</summary>
    Utc,

    /// <summary>
    /// The hash in <see cref="Question.Expected"/> as its owner told it, in hex or words; the screen does not show it before.
    /// </summary>
    ToldHash,

    /// <summary>
    /// The words that a receiver reads back from the hash in <see cref="Question.Expected"/>, typed beside its codes; or one of the
    /// options, by its key.
    /// </summary>
    ReceivedWords,

    /// <summary>Dice digits; a secret, so only their number is recorded.</summary>
    Dice,

    /// <summary>The share stands on the screen until Enter.</summary>
    ShowShare,

    /// <summary>The custodian types the share that was just shown.</summary>
    ReadBackShare,

    /// <summary>Any custodian of the set types a share not yet presented.</summary>
    PresentShare,

    /// <summary>A custodian types a card that is compared with its digest and kept nowhere.</summary>
    CheckShare,

    /// <summary>Somebody types a card that was made elsewhere.</summary>
    PresentForeign,

    /// <summary>The passphrase of cards that were made elsewhere; a secret, so only whether there is one is recorded.</summary>
    Passphrase,
}

/// <param name="Key">Recorded as the answer, e.g. <c>repeat</c>.</param>
public sealed record Option(string Key, string Text);

/// <param name="Set">The share set's ID in the ledger.</param>
/// <param name="Share">1-based; 0 when any share of the set will do.</param>
/// <param name="Words">How many words a share of this set has.</param>
public sealed record ShareRef(string Set, int Share, int Words);
