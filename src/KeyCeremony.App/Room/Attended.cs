using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using KeyCeremony.App.Camera;
using KeyCeremony.App.Ground;
using KeyCeremony.App.Ledger;
using KeyCeremony.App.Room.Scan;
using KeyCeremony.App.Terminal;
using KeyCeremony.App.Terminal.Watching;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Sharing;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.App.Room;

/// <summary>People at the terminal: keys become messages, the state becomes a screen.</summary>
internal sealed class Attended : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(200);

    private readonly Tty _tty = Tty.Open();
    private readonly TtyScreen _screen;
    private readonly Performer _performer;
    private readonly Custody _custody;
    private readonly RecordLedger _ledger;
    private readonly TimeProvider _clock;
    private readonly HsmThread _hsmThread;
    private readonly HeldKeys _held;
    private readonly ArmedEscape _armed;
    private readonly ConsoleKeyboard? _keyboard = ConsoleKeyboard.Here();
    private readonly RoomView _view;
    private readonly Bell _bell = new();
    private ScreenModel _model;
    private Question? _asked;
    private TimeSpan _worked;
    private int _paced = -1;
    private TerminalGuard? _guard;
    private readonly TerminalGuard? _mouseGuard;

    private Attended(Loop loop, Performer performer, Hsm hsm, Custody custody, RecordLedger ledger, TimeProvider clock, RoomView view)
    {
        _view = view;
        _hsmThread = new HsmThread(hsm.Dispose);
        _screen = new TtyScreen(_tty, performer.Recording?.Recorder);
        (_performer, _custody, _ledger, _clock) = (performer, custody, ledger, clock);
        long began = clock.GetTimestamp();
        _held = new HeldKeys(() => clock.GetElapsedTime(began));
        _armed = new ArmedEscape(() => clock.GetElapsedTime(began));
        (int width, int height) = _tty.Size;
        _model = new ScreenModel(Display.Of(width, height, Environment.GetEnvironmentVariable),
            loop.State, Director.Next(loop.State), clock.GetUtcNow());
        _model = _model with { HasBlocks = _model.HasBlocks || KernelFont.HasBlocks(), IsBig = view.IsBig };
        if (MouseKeys.AreTaken(_model))
            _mouseGuard = TerminalGuard.Begin();
        _tty.Farewell = () => Farewell(loop);
    }

    public static Refusal NoTerminal { get; } = new("RUN-07", "There is no terminal.",
        "Run it in a terminal, or rehearse unattended with --answers.");

    /// <summary>Whether the ceremony ended; if not, the people left it where it stands. The terminal is the shell's again.</summary>
    public static bool Run(Loop loop, Performer performer, Hsm hsm, Custody custody,
        RecordLedger ledger, TimeProvider clock, Func<string> bundle, RoomView view)
    {
        if (!Tty.IsThere)
            throw new CeremonyException(NoTerminal);
        using var people = new Attended(loop, performer, hsm, custody, ledger, clock, view);
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
        _mouseGuard?.Dispose();
    }

    /// <summary>The terminal was wiped already: whoever would wipe it at the end of the process is told that all is well.</summary>
    private string Farewell(Loop loop)
    {
        _guard?.Dispose();
        _mouseGuard?.Dispose();
        return RestWords.Of(loop);
    }

    private Reply? Ask(CeremonyState state, Question question, Refusal? refused)
    {
        if (refused is not null)
        {
            _model = _model.Refused(refused);
            if (question.Kind is AnswerKind.PresentShare or AnswerKind.CheckShare or AnswerKind.PresentForeign)
                Prepare(question);
        }
        else
        {
            _model = _model.Follow(state, new Ask(question));
            // What was typed of a card stays when only the keyboard changed.
            if (_asked is null || _asked.Id != question.Id || question.Share is not null && state.Last.Body is not KeyboardUsed)
                Prepare(question);
            if (_model.Entry is { } entry)
                entry.Letters = Keyboards.Find(state.Keyboard)?.Letters;
            if (_bell.Rings(state, question, _worked) && _view.HasBell)
                _tty.Write(Bell.Sound);
        }
        (_asked, _worked) = (question, TimeSpan.Zero);
        while (Key() is { } command)
        {
            Reply? reply = command switch
            {
                Send send => new Reply(send.Message),
                ShareShown shown => new Reply(new Answer(shown.Question.Id, "")),
                ShareComplete complete => Typed(complete.Question),
                ScanCard scan => Scanned(scan.Question),
                DiceComplete dice => Thrown(dice.Question),
                PassphraseComplete passphrase => Passphrase(passphrase.Question),
                ShowCodes codes => Received(state, codes.Question),
                ChooseKeyboard => Typing(),
                StopProgram => null,
                _ => throw new System.Diagnostics.UnreachableException(command.ToString()),
            };
            if (reply is not null || command is StopProgram)
                return reply;
        }
        return null;
    }

    /// <summary>The HSM works on its own thread; the screen keeps moving and keys typed meanwhile are dropped.</summary>
    private Message Perform(CeremonyState state, Effect effect)
    {
        Release();
        if (effect is ReadByCamera scan && _performer.IsAimed(effect))
            return _performer.ReadByCamera(scan, Aimed);
        DateTimeOffset began = _clock.GetUtcNow();
        _model = _model.Follow(state, new Perform(effect)) with { Work = new Work(effect.Doing, began) };
        Task<Message> work = _hsmThread.Run(() => _performer.Perform(state, effect));
        do
        {
            int done = (int)((_performer.Progress ?? 0) * 100);
            _model = (_model with { Work = new Work(effect.Doing, began, done, _performer.Progress is null ? 0 : 100) })
                .Ticked(_clock.GetUtcNow());
            Show();
        }
        while (!((IAsyncResult)work).AsyncWaitHandle.WaitOne(Tick));
        _worked = _clock.GetUtcNow() - began;
        DropTypedAhead();
        return work.GetAwaiter().GetResult();
    }

    /// <summary>The camera has the screen until a file was taken or the people leave it.</summary>
    private bool Aimed(ImmutableArray<CameraDevice> cameras, string wanted, Func<Artefact, Refusal?> keep,
        [NotNullWhen(true)] out Artefact? artefact, [NotNullWhen(false)] out Refusal? refusal)
    {
        _screen.Leave();
        ScanModel model = ScanLoop.Run(_tty, new ScanModel(_model.Display, cameras, new CodeCollector(), wanted),
            new Zbar(), keep, isSingle: true, _clock);
        _screen.Redraw();
        artefact = model.Kept.LastOrDefault();
        refusal = artefact is null ? model.Blind ?? CameraDesk.NothingTaken() : null;
        return artefact is not null;
    }

    private void Last(CeremonyState state, Hsm hsm, string bundle)
    {
        Release();
        // The last screen may stand for hours: no login and no PIN behind it. Nobody waits for a module that hangs.
        _ = _hsmThread.Run(() =>
        {
            hsm.Close();
            return true;
        });
        _model = _model.Follow(state, new Over()) with
        {
            BundlePath = bundle,
            AuditLine = AuditLine.Of(state, _ledger.Entries, bundle),
        };
        while (Key() is { } command && command is not StopProgram)
            if (command is Terminal.ShowBundle)
            {
                _screen.Leave();
                ResultScreen.Show(_tty, _model.Display, _performer.Results.OfBundle(), _clock);
                _screen.Redraw();
            }
    }

    /// <summary>Shows the screen until a key means something. Null: the terminal is gone.</summary>
    private Command? Key()
    {
        while (!_tty.IsHungUp)
        {
            Show();
            if (!_tty.TryRead(Tick, out Key key))
            {
                _model = _model.Ticked(_clock.GetUtcNow());
                continue;
            }
            if (!_held.Counts(key))
                continue;
            _armed.Came(key);
            _model = _armed.Now(_model);
            (_model, Command? command) = Screen.Update(_model with { Journal = _ledger.Entries, NothingBegun = _ledger.IsHeld }, key);
            if (command is Redraw)
                _screen.Redraw();
            else if (command is not null)
                return command;
        }
        return null;
    }

    private void Show()
    {
        (int width, int height) = _tty.Size;
        bool unseen = _model.Display.IsTooSmall;
        _model = _armed.Now(_model) with { Display = _model.Display.Resized(width, height) };
        if (_paced != _ledger.Entries.Length)
        {
            _paced = _ledger.Entries.Length;
            _model = _model with { Pace = Pace.Of(_ledger.Entries, _model.State) };
        }
        if (unseen && !_model.Display.IsTooSmall)
            DropTypedAhead();
        _screen.Show(_model);
        _view.Witness?.Show(_model);
    }

    private void DropTypedAhead()
    {
        if (_tty.DropTypedAhead())
            _held.Dropped();
    }

    /// <summary>Puts the secrets that this question is about at the screen's disposal.</summary>
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
        if (_model.Shown is not null || _model.Entry is not null || _model.Passphrase is not null)
            _guard = TerminalGuard.Begin();
    }

    /// <summary>The shown share stays with its custody; what was typed is wiped.</summary>
    private void Release()
    {
        _model.Entry?.Dispose();
        _model.Dice?.Dispose();
        _model.Passphrase?.Dispose();
        _model = _model with { Shown = null, Entry = null, Dice = null, Passphrase = null };
        if (_guard is not null)
            _screen.Redraw();
        _guard?.Dispose();
        _guard = null;
    }

    private Reply? Typed(Question question)
    {
        if (_model.Entry!.TryFinish(out Share? share, out Refusal? refusal))
            return new Reply(_custody.Took(_model.State, question, share), share);
        _model = _model.Refused(refusal);
        return null;
    }

    /// <summary>The same checks as for a typed card; one that is refused leaves what was typed.</summary>
    private Reply? Scanned(Question question)
    {
        _screen.Leave();
        Refusal? refusal = CardLoop.Run(_tty, _model.Display, _performer.Camera.Cameras(), new Zbar(), _model.Entry!.Scan);
        _screen.Redraw();
        if (refusal is null)
            return Typed(question);
        _model = _model.Refused(refusal);
        return null;
    }

    /// <summary>Null: the layout is as before, or it is that of a terminal elsewhere.</summary>
    private Reply? Typing()
    {
        if (_keyboard is not { } keyboard)
        {
            _model = _model.Refused(ScreenRules.TerminalsOwn());
            return null;
        }
        string before = keyboard.InUse;
        _ = keyboard.Choose(_tty, _model.Display);
        _screen.Redraw();
        return keyboard.InUse == before ? null : new Reply(new KeyboardSet(keyboard.InUse));
    }

    private Reply? Thrown(Question question)
    {
        if (_custody.ThrowDice(_model.Dice!.Rolls) is { } refusal)
        {
            _model = _model.Refused(refusal);
            return null;
        }
        return new Reply(new Answer(question.Id, $"{_model.Dice.Count} throws"));
    }

    private Reply? Passphrase(Question question)
    {
        if (_custody.TakePassphrase(_model.Passphrase!.Typed, out Refusal? refusal) is { } recorded)
            return new Reply(new Answer(question.Id, recorded));
        _model = _model.Refused(refusal!);
        return null;
    }

    /// <summary>
    /// The codes have the screen to themselves until the receiver's words were typed. Null: the person left them and is asked again.
    /// </summary>
    private Reply? Received(CeremonyState state, Question question)
    {
        ImmutableArray<Result> results = state.Latest<ResultsFound>()!.Results;
        Result result = results.First(r => question.Id == ResultWords.Received + r.Path);
        if (!_performer.Results.TryPack(result, out OutgoingMessage? message, out Refusal? refusal))
        {
            _model = _model.Refused(refusal);
            return null;
        }
        _screen.Leave();
        string? words = ResultScreen.Words(_tty, _model.Display, message, result, results, _clock);
        _screen.Redraw();
        return words is null ? null : new Reply(new Answer(question.Id, words));
    }
}

/// <summary>One thread for everything that touches the HSM, to the last call: a PKCS#11 session belongs to one.</summary>
internal sealed class HsmThread : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;

    /// <param name="last">Gives the HSM up; must not throw.</param>
    public HsmThread(Action last)
    {
        _thread = new Thread(() =>
        {
            foreach (Action work in _work.GetConsumingEnumerable())
                work();
            last();
        })
        { IsBackground = true, Name = "hsm" };
        _thread.Start();
    }

    public Task<T> Run<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception e)
            {
                // Whoever waits throws it on: a throw here would end the process with the terminal in raw mode.
                done.SetException(e);
            }
        });
        return done.Task;
    }

    public void Dispose()
    {
        _work.CompleteAdding();
        _thread.Join();
        _work.Dispose();
    }
}
