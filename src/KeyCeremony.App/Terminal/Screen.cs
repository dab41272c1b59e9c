using System.Text;
using KeyCeremony.App.Terminal.Pages;
using KeyCeremony.App.Terminal.Writing;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Sharing;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.App.Terminal;

/// <summary>
/// The screen of a ceremony: a picture of the model, and the model after a key. Both are pure, but that
/// <see cref="Update"/> types into the model's <see cref="ScreenModel.Entry"/> and <see cref="ScreenModel.Dice"/>.
/// </summary>
public static class Screen
{
    /// <summary>On the last page.</summary>
    internal const char BundleKey = 'c';

    /// <summary>In long texts.</summary>
    internal static readonly Key SearchKey = Key.Of('/');

    public static Frame View(ScreenModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Page.Of(model).Draw();
    }

    public static (ScreenModel Model, Command? Command) Update(ScreenModel model, Key key)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (key.IsCtrl('l'))
            return (model, new Redraw());
        if (model.Display.IsTooSmall) // Nobody answers what nobody can read.
            return (model, null);
        if (key.IsMouse)
            return (MouseKeys.After(model, key), null);
        if (model.EscPressed && key.Digit >= 0)
            key = new Key(KeyKind.F1 + (key.Digit == 0 ? 9 : key.Digit - 1));
        ScreenModel m = model with { Refusal = KeepsRefusal(model, key) ? model.Refusal : null, EscPressed = false, Hiding = false };
        if (m.Dialog is not null)
            return DialogUpdate.After(m, m.Dialog, key);
        if (m.Move is Over && (key.Kind is KeyKind.Enter or KeyKind.F10 || key.IsCtrl('c')))
            return (m, new StopProgram());
        if (m is { Move: Over, State: { Aborted: false, Script.IsSigned: true } }
            && key.Kind == KeyKind.Rune && key.Rune.Value == BundleKey)
            return (m, new ShowBundle());
        if (key.Kind == KeyKind.F3 && m.Question is not null && m.Work is null)
            return (DialogUpdate.Break(m), null);
        if (Opened(m, key) is { } dialog)
            return (m with { Dialog = dialog }, null);
        switch (key.Kind)
        {
            case KeyKind.Esc:
                return (m with { EscPressed = true, Focus = Part.Question }, null);
            case KeyKind.F12 when m.Question is not null && m.Work is null:
                return (m, new ChooseKeyboard());
            case KeyKind.F8 when m.Entry is null:
                return (m with { IsBig = !m.IsBig, Scroll = 0 }, null);
            case KeyKind.F2 when m.Question is not null && m.Work is null:
                return (m, new Send(new Undo()));
        }
        if (PartKeys.After(ref m, key) is { } turned)
            return (turned, null);
        if (m.Question is { } asked && m.Work is null && IsStray(model, asked, key))
            return (key.Kind == KeyKind.Enter ? m : m.Refused(ScreenRules.NothingIsTyped()), null);
        // While the appliance works nobody is asked: what is typed now must not answer the question that comes next.
        return m.Question is { } question && m.Work is null ? Answering(m, question, key, model.Hiding) : (m, null);
    }

    /// <summary>
    /// Whoever looks something up because of a refusal finds it again behind what was looked at. And whoever types a card looks at the
    /// card: what was wrong with a word stands there until the next one is given.
    /// </summary>
    private static bool KeepsRefusal(ScreenModel model, Key key) => model.Dialog is { } dialog
        ? dialog is ReadingDialog && key.Kind != KeyKind.F10 && !key.IsCtrl('c')
        : key.Kind is KeyKind.F1 or KeyKind.F5 or KeyKind.F6 or KeyKind.PageUp or KeyKind.PageDown or KeyKind.Tab or KeyKind.BackTab
            || key.IsCtrl('b') || key.IsCtrl('f')
            || (model.Focus != Part.Question && key.Kind is KeyKind.Up or KeyKind.Down or KeyKind.Home or KeyKind.End)
            || (model.Entry is null ? key.Kind == KeyKind.F8
                : key.Kind is KeyKind.F7 or KeyKind.Backspace || (key.Kind == KeyKind.Rune && key.Rune.Value != ' '));

    /// <summary>
    /// A line typed where none is asked for, as a bag's number by somebody who is a page ahead. Its letters mark no line, its digits none
    /// either, and the Enter at its end confirms nothing in the name of whoever is asked here.
    /// </summary>
    private static bool IsStray(ScreenModel before, Question question, Key key) =>
        question.Kind is AnswerKind.Acknowledge or AnswerKind.Choice or AnswerKind.ReceivedWords
        && (before.Refusal?.Rule == ScreenRules.NoAnswerWantedId
            ? key.Kind is KeyKind.Rune or KeyKind.Backspace or KeyKind.Enter
            : key.Kind == KeyKind.Rune && key.Rune.Value != ' ' && (key.Digit < 0 || question.Kind == AnswerKind.Acknowledge));

    private static Dialog? Opened(ScreenModel m, Key key)
    {
        if (key.Kind == KeyKind.F10 || key.IsCtrl('c') || key.IsCtrl('z') || key.IsCtrl('\\'))
            return new LeaveDialog(0);
        bool asked = m.Question is not null && m.Work is null;
        return key.Kind switch
        {
            KeyKind.F1 => new HelpDialog(null),
            KeyKind.F2 when asked && m.Question!.Kind == AnswerKind.ReadBackShare => new ShowAgainDialog(0),
            KeyKind.F4 when asked => new ReportDialog(LineInput.Empty),
            KeyKind.F5 => EvidenceDialog.Of(m),
            KeyKind.F6 => new WhereDialog(),
            KeyKind.F7 when m.Entry is null && !m.Journal.IsEmpty => RegisterDialog.Of(m.Journal),
            KeyKind.F8 when asked && m.Entry is not null => new StartAgainDialog(),
            KeyKind.F9 when asked => AbortDialog.For(m.State.Format),
            // Where nothing is typed: what is read aloud is searched.
            KeyKind.Rune when key == SearchKey && m.Question?.Kind is AnswerKind.Acknowledge or AnswerKind.Choice
                or AnswerKind.ReceivedWords => Long(m) with { Seeking = LineInput.Empty },
            _ => null,
        };
    }

    /// <summary>The long text of the part that a person reads in.</summary>
    private static ReadingDialog Long(ScreenModel m) => m.Focus switch
    {
        Part.Found => EvidenceDialog.Of(m),
        Part.Steps => new WhereDialog(),
        _ => new AloudDialog(),
    };

    private static (ScreenModel, Command?) Answering(ScreenModel m, Question question, Key key, bool hiding) => question.Kind switch
    {
        AnswerKind.Acknowledge => (m, key.Kind == KeyKind.Enter ? Answered(question, "") : null),
        AnswerKind.Text or AnswerKind.OptionalText or AnswerKind.Typed or AnswerKind.ToldHash => Typing(m, question, key),
        AnswerKind.Choice => Choosing(m, question, key),
        AnswerKind.ReceivedWords => ShowingCodes(question, Choosing(m, question, key)),
        AnswerKind.Utc => TypingUtc(m, question, key),
        AnswerKind.Dice => Rolling(m, question, key),
        AnswerKind.ShowShare => Showing(m, question, key, hiding),
        AnswerKind.Passphrase => Whispering(m, question, key),
        _ when question.AsksForCard => m.Entry is null ? (m, null) : WordKeys.After(m, question, key),
        _ => (m, null),
    };

    private static Send Answered(Question question, string value) => new(new Answer(question.Id, value));

    private static (ScreenModel, Command?) Typing(ScreenModel m, Question question, Key key) => key.Kind == KeyKind.Enter
        ? (m with { Input = m.Input.Given() }, Answered(question, m.Input.Text))
        : (m with { Input = m.Input.After(key) }, null);

    // A digit only marks: what is chosen may destroy something, so Enter belongs to it.
    private static (ScreenModel, Command?) Choosing(ScreenModel m, Question question, Key key)
    {
        int count = question.Choices.Length;
        if (key.Digit >= 1 && key.Digit <= count)
            return (m with { Selected = key.Digit - 1 }, null);
        switch (key.Kind)
        {
            case KeyKind.Rune when key.Digit >= 0:
                return (m.Refused(ScreenRules.NoLine(key.Digit, count)), null);
            case KeyKind.Up or KeyKind.Left:
                return (m with { Selected = m.Selected <= 0 ? count - 1 : m.Selected - 1 }, null);
            case KeyKind.Down or KeyKind.Right:
                return (m with { Selected = (m.Selected + 1) % Math.Max(1, count) }, null);
            case KeyKind.Enter when m.Selected < 0 || m.Selected >= count:
                return (m.Refused(ScreenRules.NothingChosen(count)), null);
            case KeyKind.Enter:
                return (m, Answered(question, question.Choices[m.Selected].Key));
            default:
                return (m, null);
        }
    }

    private static (ScreenModel, Command?) ShowingCodes(Question question, (ScreenModel Model, Command? Command) chosen) =>
        chosen.Command is Send { Message: Answer { Value: ResultWords.ShowCodes } } ? (chosen.Model, new ShowCodes(question)) : chosen;

    private static (ScreenModel, Command?) TypingUtc(ScreenModel m, Question question, Key key)
    {
        if (key.Kind == KeyKind.Enter)
            return (m with { Input = m.Input.Given() }, Answered(question, UtcMask.Answer(m.Input.Text)));
        if (key.Kind == KeyKind.Rune && (key.Digit < 0 || m.Input is { IsGiven: false, Text.Length: UtcMask.Digits }))
            return (m, null);
        return (m with { Input = m.Input.After(key) }, null);
    }

    private static (ScreenModel, Command?) Rolling(ScreenModel m, Question question, Key key)
    {
        if (m.Dice is null)
            return (m, null);
        switch (key.Kind)
        {
            case KeyKind.Enter:
                return (m, new DiceComplete(question));
            case KeyKind.Backspace:
                m.Dice.Backspace();
                return (m, null);
            case KeyKind.Rune when key.Rune != new Rune(' ') && !m.Dice.TryAdd(key.Digit):
                return (m.Refused(ScreenRules.NotARoll()), null);
            default:
                return (m, null);
        }
    }

    private static (ScreenModel, Command?) Whispering(ScreenModel m, Question question, Key key)
    {
        if (m.Passphrase is null)
            return (m, null);
        switch (key.Kind)
        {
            case KeyKind.Enter:
                return (m, new PassphraseComplete(question));
            case KeyKind.Backspace:
                m.Passphrase.Backspace();
                return (m, null);
            case KeyKind.Rune when !m.Passphrase.TryAdd(key.Rune):
                return (m.Refused(ShareRules.Passphrase()), null);
            default:
                return (m, null);
        }
    }

    private static (ScreenModel, Command?) Showing(ScreenModel m, Question question, Key key, bool hiding)
    {
        // Words and code lie over each other: the terminal is wiped between them.
        if (m.Shown is not null && m.State.Script.CardCodes && key == Key.Of('c'))
            return m.HasBlocks
                ? (m with { CodeShown = !m.CodeShown }, new Redraw())
                : (m.Refused(TransferRules.NoRoom("half-blocks in its font")), null);
        if (key.Kind != KeyKind.Enter || m.Shown is null)
            return (m, null);
        return hiding ? (m, new ShareShown(question)) : (m with { Hiding = true }, null);
    }
}
