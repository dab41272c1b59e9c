using System.Collections.Immutable;
using KeyCeremony.App.Terminal.Writing;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.App.Terminal;

public enum HsmLight
{
    Absent,
    Locked,
    Unlocked,
}

/// <summary>What the appliance is doing, for the screen only.</summary>
/// <param name="Doing">One sentence.</param>
/// <param name="Since">When it began, UTC.</param>
/// <param name="Done">How much of <paramref name="Total"/>; both 0 where it is not known.</param>
public sealed record Work(string Doing, DateTimeOffset Since, int Done = 0, int Total = 0);

/// <summary>
/// All that the screen is drawn from. A share, an entry and dice are held by reference to their locked memory; the
/// loop makes them and disposes them.
/// </summary>
public sealed record ScreenModel(Display Display, CeremonyState State, Move Move, DateTimeOffset Utc)
{
    /// <summary>The answer being typed.</summary>
    public LineInput Input { get; init; } = LineInput.Empty;

    /// <summary>
    /// A line stands there that nobody has taken yet. A card that is typed in the wrong place is in it before it is refused.
    /// </summary>
    public bool HasTyped => Input.Text.Length > 0 || Dialog is { HasTyped: true };

    /// <summary>The 0-based option that is marked; -1: none yet, so that Enter alone chooses nothing.</summary>
    public int Selected { get; init; } = -1;

    /// <summary>The part of the page that a person reads in; what answers goes to the question, whichever it is.</summary>
    public Part Focus { get; init; }

    /// <summary>First line of the prose that is shown.</summary>
    public int Scroll { get; init; }

    /// <summary>First line that is shown of what was found; null: nobody scrolled it.</summary>
    public int? FoundScroll { get; init; }

    /// <summary>First line that is shown of the steps; null: those around the present one.</summary>
    public int? StepsScroll { get; init; }

    /// <summary>Esc was pressed just now (<see cref="ArmedEscape"/>): a digit is a function key.</summary>
    public bool EscPressed { get; init; }

    /// <summary>Enter was pressed once on a shown share; the second one hides it for good.</summary>
    public bool Hiding { get; init; }

    public Refusal? Refusal { get; init; }

    public Dialog? Dialog { get; init; }

    public Work? Work { get; init; }

    /// <summary>
    /// Whether a token is there at all; whether it is unlocked the state knows. At the end the room locks it, and no entry says so.
    /// </summary>
    public bool HsmPresent { get; init; } = true;

    /// <summary>The share to show for <see cref="AnswerKind.ShowShare"/>.</summary>
    public Share? Shown { get; init; }

    /// <summary>The shown share stands there as a code, not as words.</summary>
    public bool CodeShown { get; init; }

    /// <summary>The terminal shows ▀ ▄ █, which a code is drawn with.</summary>
    public bool HasBlocks { get; init; } = Display.Glyphs == GlyphSet.Unicode;

    /// <summary>The share being typed.</summary>
    public WordEntry? Entry { get; init; }

    /// <summary>The dice being typed.</summary>
    public DiceEntry? Dice { get; init; }

    /// <summary>The passphrase being typed.</summary>
    public PassphraseEntry? Passphrase { get; init; }

    /// <summary>Words typed so far are masked.</summary>
    public bool WordsHidden { get; init; }

    /// <summary>
    /// The ledger, as it was proven and replayed when it was opened and written since; empty: there is none to look into.
    /// </summary>
    public ImmutableArray<Entry> Journal { get; init; } = [];

    /// <summary>How long the ceremony takes; null: nobody reckons.</summary>
    public Pace? Pace { get; init; }

    /// <summary>For a room that looks at a wall: what is read aloud and whose turn it is, nothing beside it.</summary>
    public bool IsBig { get; init; }

    /// <summary>Nothing of this ceremony is on the record sticks yet: who leaves now has begun nothing.</summary>
    public bool NothingBegun { get; init; }

    /// <summary>Where the bundle was written, for the last screen.</summary>
    public string BundlePath { get; init; } = "";

    /// <summary>How the bundle is verified, in the words of a command line; for the last screen.</summary>
    public ImmutableArray<string> AuditLine { get; init; } = [];

    /// <summary>Counts redraws while work goes on.</summary>
    public int Ticks { get; init; }

    public Question? Question => (Move as Ask)?.Question;

    /// <summary>While the witness's time is asked nobody reads it from the screen: the clocks are compared.</summary>
    public bool HidesClock => State.Step is ClockStep && Question?.Kind == AnswerKind.Utc;

    public HsmLight Hsm => State.Unlocked && Move is not Over ? HsmLight.Unlocked : HsmPresent ? HsmLight.Locked : HsmLight.Absent;

    /// <summary>
    /// The ceremony moved on: dialogs and refusals go, and what was typed goes with the question it was typed for.
    /// The loop has set the secrets of the new question or null.
    /// </summary>
    public ScreenModel Follow(CeremonyState state, Move move)
    {
        ArgumentNullException.ThrowIfNull(state);
        ScreenModel next = this with
        {
            State = state,
            Move = move,
            Refusal = null,
            Dialog = null,
            Work = null,
            EscPressed = false,
            Hiding = false,
            CodeShown = false,
        };
        if (AsksTheSame(next) && state.Last.Body is not (Answered or Withdrawn))
            return next;
        return next with
        {
            Input = LineInput.Empty,
            Selected = -1,
            Focus = Part.Question,
            Scroll = SameStep(next) ? Scroll : 0,
            FoundScroll = null,
            StepsScroll = null,
            WordsHidden = false,
        };
    }

    /// <summary>The ceremony did not take it; everything typed stays, unless it is what nobody may read.</summary>
    public ScreenModel Refused(Refusal refusal)
    {
        ScreenModel refused = this with { Refusal = refusal, Focus = Part.Question, Hiding = false };
        if (refusal.Rule == CeremonyRules.BagOnceMore)
            return refused with { Input = LineInput.Empty }; // Enter alone is no second reading.
        return refusal.Rule != CeremonyRules.ACard ? refused : refused with
        {
            Input = LineInput.Empty,
            Dialog = Dialog switch
            {
                ReportDialog => new ReportDialog(LineInput.Empty),
                AbortDialog => AbortDialog.For(State.Format),
                var other => other,
            },
        };
    }

    public ScreenModel Ticked(DateTimeOffset utc) => this with { Utc = utc, Ticks = Ticks == int.MaxValue ? 0 : Ticks + 1 };

    /// <summary>Does not print what is typed.</summary>
    public override string ToString() => $"{State.Step?.Id} {Question?.Id}";

    private bool AsksTheSame(ScreenModel next) => SameStep(next) && Question?.Id == next.Question?.Id;

    private bool SameStep(ScreenModel next) => State.StepIndex == next.State.StepIndex;
}
