using System.Collections.Immutable;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using KeyCeremony.App.Camera;
using KeyCeremony.App.Ground;
using KeyCeremony.App.Ledger;
using KeyCeremony.App.Terminal;
using KeyCeremony.App.Terminal.Plain;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Sharing;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.App.Room;

/// <summary>
/// People at a terminal of lines: a screen reader, a teletype, a serial line that knows nothing. The same engine and the same loop as
/// for a screen; questions stand below each other, and what keys do there is a line that begins with a full stop.
/// </summary>
internal sealed class PlainRoom : IDisposable
{
    /// <summary>Proves that somebody wrote: an Enter from habit hides no card for good.</summary>
    private const string Written = "written";

    /// <summary>A screen moves while the appliance works; here a line comes now and then.</summary>
    private static readonly TimeSpan SignOfLife = TimeSpan.FromSeconds(15);

    private readonly LineTty _tty;
    private readonly Recorder? _recorder;
    private readonly Performer _performer;
    private readonly Custody _custody;
    private readonly RecordLedger _ledger;
    private readonly TimeProvider _clock;
    private readonly HsmThread _hsmThread;
    private readonly RoomView _view;
    private ScreenModel _model;
    private int _told = -1;
    private bool _left;

    private PlainRoom(Loop loop, Performer performer, Hsm hsm, Custody custody, RecordLedger ledger, TimeProvider clock, RoomView view)
    {
        _view = view;
        _hsmThread = new HsmThread(hsm.Dispose);
        (_performer, _custody, _ledger, _clock) = (performer, custody, ledger, clock);
        _recorder = performer.Recording?.Recorder;
        _tty = new LineTty(_recorder) { Farewell = () => RestWords.OnLines(loop) };
        _model = new ScreenModel(PlainWords.Display(), loop.State, Director.Next(loop.State), clock.GetUtcNow());
        _recorder?.Sized(_model.Display.Width, _model.Display.Height);
        _tty.Say(PlainWords.Opening(_model));
    }

    /// <summary>A terminal that says of itself that it can move no cursor.</summary>
    public static bool IsWanted => Environment.GetEnvironmentVariable("TERM") == "dumb";

    /// <summary>As <see cref="Attended.Run"/>.</summary>
    public static bool Run(Loop loop, Performer performer, Hsm hsm, Custody custody,
        RecordLedger ledger, TimeProvider clock, Func<string> bundle, RoomView view)
    {
        if (!Tty.IsThere)
            throw new CeremonyException(Attended.NoTerminal);
        using var people = new PlainRoom(loop, performer, hsm, custody, ledger, clock, view);
        bool ended = loop.Run(people.Ask, people.Perform);
        custody.Dispose();
        if (ended)
            people.Last(loop.State, hsm, bundle());
        return ended;
    }

    public void Dispose()
    {
        _hsmThread.Dispose();
        Release();
        _tty.Dispose();
    }

    private Reply? Ask(CeremonyState state, Question question, Refusal? refused)
    {
        _model = Now(_model.Follow(state, new Ask(question)));
        Prepare(question);
        Record(state);
        if (refused is null)
            Tell(question);
        else
            Refuse(refused);
        _view.Witness?.Show(_model with { Refusal = refused });
        while (!_left && !_tty.IsHungUp)
        {
            Reply? reply = question.Kind switch
            {
                AnswerKind.ShowShare => Shown(question),
                _ when question.AsksForCard => Typed(question, _model.Entry!),
                AnswerKind.Dice => Thrown(question, _model.Dice!),
                AnswerKind.Passphrase => Passphrase(question),
                _ => Said(question),
            };
            if (reply is not null)
                return reply;
        }
        return null;
    }

    /// <summary>Lines about a card or dice are not recorded, neither the program's nor anybody's.</summary>
    private void Record(CeremonyState state)
    {
        if (_model.Shown is not null || _model.Entry is not null || _model.Dice is not null || _model.Passphrase is not null)
            _recorder?.Hide(Recorder.SecretPage);
        else
            _recorder?.Show();
        if (state.Step is { } step)
            _recorder?.Step($"{step.Number}. {step.Title}");
    }

    private Message Perform(CeremonyState state, Effect effect)
    {
        Release();
        Record(state);
        if (effect is ReadByCamera scan && _performer.IsAimed(effect))
            return _performer.ReadByCamera(scan, NotAimed);
        _model = Now(_model.Follow(state, new Perform(effect)));
        _tty.Say(PlainWords.Told(_model.Display, $"The appliance works: {effect.Doing}. Please wait."));
        _view.Witness?.Show(_model with { Work = new Work(effect.Doing, _clock.GetUtcNow()) });
        long began = Stopwatch.GetTimestamp();
        Task<Message> work = _hsmThread.Run(() => _performer.Perform(state, effect));
        while (!((IAsyncResult)work).AsyncWaitHandle.WaitOne(SignOfLife))
        {
            string done = _performer.Progress is { } part ? $", {(int)(part * 100)} of 100" : "";
            _tty.Say($"Still at work, {(int)Stopwatch.GetElapsedTime(began).TotalSeconds} seconds{done}.");
        }
        return work.GetAwaiter().GetResult();
    }

    /// <summary>Whoever aims a camera looks at a screen.</summary>
    private static bool NotAimed(ImmutableArray<CameraDevice> cameras, string wanted,
        Func<Artefact, Refusal?> keep, [NotNullWhen(true)] out Artefact? artefact, [NotNullWhen(false)] out Refusal? refusal)
    {
        (artefact, refusal) = (null, ScreenRules.NeedsScreen());
        return false;
    }

    private void Last(CeremonyState state, Hsm hsm, string bundle)
    {
        Release();
        // As on a screen: no login and no PIN behind the last words. Nobody waits for a module that hangs.
        _ = _hsmThread.Run(() =>
        {
            hsm.Close();
            return true;
        });
        _model = Now(_model.Follow(state, new Over()) with
        {
            BundlePath = bundle,
            AuditLine = AuditLine.Of(state, _ledger.Entries, bundle),
        });
        _view.Witness?.Show(_model);
        _tty.Say(PlainWords.Ended(_model));
        _ = _tty.Read(PlainWords.Prompt, isSecret: false);
    }

    // ---- a line that is no secret ----

    private Reply? Said(Question question)
    {
        if (!_tty.Read(PlainWords.Prompt, isSecret: false))
            return null;
        if (IsCommand())
            return Commanded(question);
        return TryLine(out string? line) ? Answered(question, line) : null;
    }

    private Reply? Answered(Question question, string line)
    {
        switch (question.Kind)
        {
            case AnswerKind.Acknowledge when line.Trim().Length > 0:
                Refuse(ScreenRules.NoAnswerWanted());
                return null;
            case AnswerKind.Acknowledge:
                return new Reply(new Answer(question.Id, ""));
            case AnswerKind.Choice or AnswerKind.ReceivedWords:
                ImmutableArray<Option> choices = PlainWords.Choices(question);
                if (Number(line) is var number && number >= 1 && number <= choices.Length)
                    return new Reply(new Answer(question.Id, choices[number - 1].Key));
                Refuse(ScreenRules.NoNumber(choices.Length));
                return null;
            case AnswerKind.Utc:
                return new Reply(new Answer(question.Id, UtcMask.Answer(string.Concat(line.Where(char.IsAsciiDigit)))));
            default:
                return new Reply(new Answer(question.Id, line));
        }
    }

    /// <summary>As a screen's field takes it: nothing that hides or turns the writing.</summary>
    private bool TryLine([NotNullWhen(true)] out string? line)
    {
        if (!_tty.TryText(out line))
        {
            Refuse(ScreenRules.NotUtf8());
            return false;
        }
        LineInput field = LineInput.Empty;
        foreach (Rune rune in line.StartsWith("..", StringComparison.Ordinal) ? line[1..].EnumerateRunes() : line.EnumerateRunes())
            field = field.After(new Key(KeyKind.Rune, rune));
        line = field.Text;
        return true;
    }

    /// <summary>The number that was typed; 0: none.</summary>
    private static int Number(string line) =>
        int.TryParse(line.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;

    // ---- commands ----

    private bool IsCommand() => _tty.IsInterrupted || PlainCommand.IsMeant(_tty.Typed);

    private Reply? Commanded(Question question)
    {
        string rest = "";
        PlainCommand? command = _tty.IsInterrupted ? PlainCommand.Leave : PlainCommand.Of(_tty.Typed, out rest);
        _tty.Forget();
        _model = Now(_model);
        switch (command)
        {
            case null:
                Refuse(ScreenRules.UnknownCommand());
                return null;
            case var c when c == PlainCommand.Undo:
                return MayUndo(question) ? new Reply(new Undo()) : null;
            case var c when c == PlainCommand.Break:
                return Paused();
            case var c when c == PlainCommand.Report:
                return Said(new ReportDialog(LineInput.Empty)) is { Length: > 0 } what ? new Reply(new Report(what)) : null;
            case var c when c == PlainCommand.Abort:
                return Aborted();
            case var c when c == PlainCommand.Leave:
                Leaves();
                return null;
            case var c when c == PlainCommand.Again:
                _told = -1;
                Tell(question);
                return null;
            case var c when c == PlainCommand.Word || c == PlainCommand.Clear:
                GoTo(command, rest);
                return null;
            default:
                _tty.Say(command == PlainCommand.Help ? PlainWords.Help(_model) : command == PlainCommand.Found ? PlainWords.Found(_model)
                    : command == PlainCommand.Where ? PlainWords.Where(_model) : PlainWords.Ledger(_model, rest));
                return null;
        }
    }

    /// <summary>A line that belongs to a dialog; empty: back to the question. Null: not taken, or the terminal is gone.</summary>
    private string? Said(Dialog dialog)
    {
        _tty.Say(PlainWords.Asked(_model, dialog));
        _tty.Say("Enter alone goes back to the question.");
        if (!_tty.Read(PlainWords.Prompt, isSecret: false) || _tty.IsInterrupted)
            return null;
        if (!IsCommand())
            return TryLine(out string? line) ? line.Trim() : null;
        _tty.Forget();
        _tty.Say(PlainWords.Told(_model.Display,
            "What begins with a full stop is a command, and is typed at the question. Nothing was recorded."));
        return null;
    }

    /// <summary>A card that was just dealt would be said again: by somebody who wants it, not by a habit.</summary>
    private bool MayUndo(Question question) => question.Kind != AnswerKind.ReadBackShare
        || Said(new ShowAgainDialog(0)) is { } answer && Number(answer) == ShowAgainDialog.Choices.Length;

    private Reply? Paused()
    {
        if (DialogUpdate.WhyNoBreak(_model) is { } why)
        {
            Refuse(why);
            return null;
        }
        BreakDialog dialog = DialogUpdate.BreakFor(_model);
        if (Said(dialog) is not { Length: > 0 } numbers)
            return null;
        string[] named = numbers.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
        int[] seats = [.. named.Select(Number).Distinct()];
        if (seats.All(seat => seat >= 1 && seat <= dialog.People.Length))
            return new Reply(new TakeBreak([.. seats.Select(seat => dialog.People[seat - 1].Name)]));
        Refuse(ScreenRules.NoNumber(dialog.People.Length));
        return null;
    }

    private Reply? Aborted()
    {
        var dialog = AbortDialog.For(_model.State.Format);
        var lines = new List<string>();
        while (lines.Count < dialog.Fields.Length)
        {
            if (Said(dialog with { Field = lines.Count }) is not { Length: > 0 } line)
                return null;
            lines.Add(line);
        }
        return new Reply(new Abort(lines[0], lines.ElementAtOrDefault(1) ?? ""));
    }

    private void Leaves()
    {
        if (Said(new LeaveDialog(0)) is not { } answer)
            return;
        int chosen = Number(answer);
        _left = chosen == (_model.NothingBegun ? LeaveDialog.ChoicesBefore : LeaveDialog.Choices).Length;
        if (chosen == 2 && !_left)
            _tty.Say("Type .break: then those who stay are named.");
    }

    // ---- secrets ----

    /// <summary>One word after another; the line that says it is written over before the next one comes.</summary>
    private Reply? Shown(Question question)
    {
        Share share = _model.Shown!;
        for (int number = 1; number <= share.WordCount; number++)
        {
            PlainCard.Show(share, number, _tty.Write);
            bool isThere = _tty.Read("", isSecret: true, mayRepeat: true);
            PlainCard.Hide(number, share.WordCount, _tty.Write);
            if (!isThere)
                return null;
            if (IsCommand())
                return Commanded(question);
        }
        _tty.Say(PlainWords.Told(_model.Display, $"Are all {share.WordCount} words written? They are not shown a second time. "
            + $"Type {Written}, then Enter; Enter alone says them once more."));
        return !_tty.Read(PlainWords.Prompt, isSecret: false) ? null : IsCommand() ? Commanded(question)
            : Ascii.EqualsIgnoreCase(_tty.Typed.Trim((byte)' '), Written) ? new Reply(new Answer(question.Id, "")) : null;
    }

    private Reply? Typed(Question question, WordEntry entry)
    {
        bool isThere = _tty.Read($"Word {entry.Current} of {entry.WordCount}: ", isSecret: true);
        _tty.Say("");
        if (!isThere)
            return null;
        if (IsCommand())
            return Commanded(question);
        Refusal? refusal = PlainCard.Type(entry, _tty.Typed);
        _tty.Forget();
        bool isWhole = entry.IsComplete;
        if (refusal is null && isWhole && entry.TryFinish(out Share? share, out refusal))
            return new Reply(_custody.Took(_model.State, question, share), share);
        if (refusal is not null)
            Refuse(refusal);
        if (refusal is not null && isWhole)
            _tty.Say("Type .word and the number of a word to type it once more, or .clear for all.");
        return null;
    }

    private void GoTo(PlainCommand command, string rest)
    {
        if (_model.Entry is not { } entry)
            Refuse(ScreenRules.UnknownCommand());
        else if (command == PlainCommand.Clear)
            WordKeys.Clear(entry);
        else if (Number(rest) is var number && number >= 1 && number <= entry.WordCount)
        {
            _ = entry.Accept(); // A word that was pointed at and is not typed anew stays what it was.
            PlainCard.GoTo(entry, number);
        }
        else
            Refuse(ScreenRules.NoNumber(entry.WordCount));
    }

    private Reply? Thrown(Question question, DiceEntry dice)
    {
        bool isThere = _tty.Read($"{dice.Count} rolls so far; Enter alone when all are typed: ", isSecret: true);
        _tty.Say("");
        if (!isThere)
            return null;
        if (IsCommand())
            return Commanded(question);
        bool isEnd = _tty.Typed.IsEmpty;
        foreach (byte digit in _tty.Typed)
            if (digit != ' ' && !dice.TryAdd(digit - '0'))
            {
                Refuse(ScreenRules.NotARoll());
                break;
            }
        _tty.Forget();
        if (!isEnd)
            return null;
        if (_custody.ThrowDice(dice.Rolls) is not { } refusal)
            return new Reply(new Answer(question.Id, $"{dice.Count} throws"));
        Refuse(refusal);
        return null;
    }

    /// <summary>One line. What begins with a full stop is a command here, too; two of them stand for one of the passphrase.</summary>
    private Reply? Passphrase(Question question)
    {
        bool isThere = _tty.Read("Passphrase, or Enter alone; of one that begins with a full stop, that twice: ", isSecret: true);
        _tty.Say("");
        if (!isThere)
            return null;
        bool isDoubled = !_tty.IsInterrupted && _tty.Typed.StartsWith(".."u8);
        if (!isDoubled && IsCommand())
            return Commanded(question);
        string? recorded = _custody.TakePassphrase(isDoubled ? _tty.Typed[1..] : _tty.Typed, out Refusal? refusal);
        _tty.Forget();
        if (recorded is not null)
            return new Reply(new Answer(question.Id, recorded));
        Refuse(refusal!);
        return null;
    }

    private void Prepare(Question q)
    {
        Release();
        _model = q.Kind switch
        {
            AnswerKind.ShowShare => _model with { Shown = _custody.Dealt(q.Share!.Set, q.Share.Share) },
            _ when q.AsksForCard => _model with { Entry = _custody.EntryFor(_model.State, q) },
            AnswerKind.Dice => _model with { Dice = new DiceEntry() },
            AnswerKind.Passphrase => _model with { Passphrase = new PassphraseEntry() },
            _ => _model,
        };
    }

    /// <summary>The shown share stays with its custody; what was typed is wiped.</summary>
    private void Release()
    {
        _tty.Forget();
        _model.Entry?.Dispose();
        _model.Dice?.Dispose();
        _model.Passphrase?.Dispose();
        _model = _model with { Shown = null, Entry = null, Dice = null, Passphrase = null };
    }

    // ---- words ----

    private void Tell(Question question)
    {
        if (_told != _model.State.StepIndex)
            _tty.Say(PlainWords.Step(_model));
        _told = _model.State.StepIndex;
        _tty.Say(PlainWords.Question(_model, question));
    }

    private void Refuse(Refusal refusal) => _tty.Say(PlainWords.Refused(_model.Display, refusal));

    private ScreenModel Now(ScreenModel model) => model.Ticked(_clock.GetUtcNow()) with
    {
        Journal = _ledger.Entries,
        NothingBegun = _ledger.IsHeld,
        Pace = Pace.Of(_ledger.Entries, model.State),
    };
}
