using System.Collections.Immutable;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Verifier.Register;

namespace KeyCeremony.App.Terminal;

/// <summary>A page in front of the ceremony. Esc goes back; nothing typed behind it is lost.</summary>
public abstract record Dialog
{
    /// <summary>It shows what a person types, and nobody has taken it yet.</summary>
    public virtual bool HasTyped => false;
}

/// <summary>A page that is only read, and searched.</summary>
/// <param name="Scroll">First line shown, 0-based.</param>
public abstract record ReadingDialog(int Scroll) : Dialog
{
    /// <summary>What is sought, while it is typed; null: nothing is typed.</summary>
    public LineInput? Seeking { get; init; }

    /// <summary>What was sought last; empty: nothing.</summary>
    public string Sought { get; init; } = "";

    /// <summary>The line where it was found last, 0-based; -1: nowhere.</summary>
    public int FoundAt { get; init; } = -1;

    /// <inheritdoc/>
    public override bool HasTyped => Seeking is { Text.Length: > 0 } || Sought.Length > 0;
}

/// <summary>F1: why it is asked, what happens next, all keys.</summary>
/// <param name="Behind">The page to go back to.</param>
public sealed record HelpDialog(Dialog? Behind) : ReadingDialog(0);

/// <summary>F5: everything the appliance found.</summary>
/// <param name="Before">In the steps that are done.</param>
public sealed record EvidenceDialog(ImmutableArray<FoundSoFar> Before) : ReadingDialog(0)
{
    /// <summary>The steps of <see cref="Before"/>, by their place there, of which the heading alone is shown.</summary>
    public ImmutableHashSet<int> Folded { get; init; } = [];

    /// <summary>The 0-based line that is marked.</summary>
    public int Line { get; init; }

    public static EvidenceDialog Of(ScreenModel m) => new(FoundSoFar.Of(m.Journal, m.State));
}

/// <summary>What is read aloud in this step, over the whole screen.</summary>
public sealed record AloudDialog() : ReadingDialog(0);

/// <summary>F6: all steps, all people, what the words mean.</summary>
public sealed record WhereDialog() : ReadingDialog(0);

/// <summary>F7: what this ledger knows, kind by kind. It is only looked at.</summary>
/// <param name="Table">The kind that is shown; null: they are listed.</param>
/// <param name="Filter">Words that must stand in a row.</param>
/// <param name="Selected">The 0-based line that is marked.</param>
/// <param name="IsWhole">The marked row is shown with all its cells.</param>
/// <param name="Scroll">First line shown of a whole row, 0-based.</param>
public sealed record RegisterDialog(LedgerRegister Ledger, RegisterTable? Table, LineInput Filter, int Selected, bool IsWhole, int Scroll)
    : Dialog
{
    /// <summary>The shown column by which the rows stand, 0-based; -1: as they stand in the ledger.</summary>
    public int SortedBy { get; init; } = -1;

    /// <summary>The last one first.</summary>
    public bool IsTurned { get; init; }

    /// <inheritdoc/>
    public override bool HasTyped => Filter.Text.Length > 0;

    public static RegisterDialog Of(ImmutableArray<Entry> journal) =>
        new(LedgerRegister.Of(journal, "open here", []), null, LineInput.Empty, 0, false, 0);

    /// <summary>The rows of the kind that is shown, or the kinds.</summary>
    public RegisterAnswer Answer =>
        Table is null ? RegisterAnswer.Overview([Ledger], "")
        : RegisterOrder.Of(RegisterAnswer.Of(Table, [Ledger]).Having(Filter.Text), SortedColumn, IsTurned);

    /// <summary>Null: the rows stand as in the ledger.</summary>
    public RegisterColumn? SortedColumn => SortedBy >= 0 && SortedBy < Table?.Brief.Length ? Table.Brief[SortedBy] : null;
}

/// <summary>Ctrl-C.</summary>
/// <param name="Selected">0-based line of <see cref="Choices"/>.</param>
public sealed record LeaveDialog(int Selected) : Dialog
{
    public static readonly ImmutableArray<string> Choices =
    [
        "Go on with the ceremony",
        "Take a break; two people or more stay in the room",
        "Stop the program now; the ceremony stays open and is resumed later",
    ];

    /// <summary>Before the roll call is confirmed there is nobody to take a break and nothing to resume.</summary>
    public static readonly ImmutableArray<string> ChoicesBefore = ["Go on with the ceremony", "Leave; nothing was begun"];

    /// <summary>What the witness takes along on paper; empty before a witness is named.</summary>
    public static ImmutableArray<string> ToWrite(CeremonyState s) => s.StoppedAt is not null
        ? ["Words written down at the last stop still count; there are no new ones."]
        : s.Format < JournalFormats.Replayed || s.People.IsEmpty ? []
        : ["The witness writes down these eight words:", .. StopWords.Lines(s.Last.Hash.AsSpan()).Select(line => $"    {line}"),
            "These words are asked for when the ceremony goes on."];
}

/// <summary>F3: who stays in the room.</summary>
/// <param name="Stay">One for each of <paramref name="People"/>.</param>
public sealed record BreakDialog(ImmutableArray<Attendant> People, ImmutableArray<bool> Stay, int Selected) : Dialog;

/// <summary>F4: a deviation in the room's own words.</summary>
public sealed record ReportDialog(LineInput What) : Dialog
{
    /// <inheritdoc/>
    public override bool HasTyped => What.Text.Length > 0;
}

/// <summary>F9: somebody wants the ceremony to end without its goal. Then the witness is asked.</summary>
/// <param name="Fields">The reason; in a ceremony of the first format the witness's name behind it.</param>
public sealed record AbortDialog(ImmutableArray<LineInput> Fields, int Field) : Dialog
{
    /// <inheritdoc/>
    public override bool HasTyped => Fields.Any(f => f.Text.Length > 0);

    public static readonly ImmutableArray<string> Asks = ["Why the ceremony ends here", "The witness's name, as in the roll call"];

    public static AbortDialog For(int format) =>
        new([.. Asks.Take(format < JournalFormats.Replayed ? 2 : 1).Select(_ => LineInput.Empty)], 0);
}

/// <summary>F2 while a card that was just dealt is typed back: its words would stand on the screen again.</summary>
/// <param name="Selected">0-based line of <see cref="Choices"/>.</param>
public sealed record ShowAgainDialog(int Selected) : Dialog
{
    public static readonly ImmutableArray<string> Choices =
    [
        "Go on typing; what is typed stays",
        "Show the words once more; everybody else looks away",
    ];
}

/// <summary>F8 while a share is typed: everything typed is cleared.</summary>
public sealed record StartAgainDialog : Dialog;
