using System.Collections.Immutable;
using System.Diagnostics;
using KeyCeremony.App.Terminal.Plain;

namespace KeyCeremony.App.Terminal;

/// <summary>People before a ceremony, on a screen or on a terminal of lines: they meet the same pages and choose the same things.</summary>
internal sealed class Front
{
    private readonly HeldKeys _held;
    private readonly (Action<string> Say, Func<string?> Read)? _talk;

    /// <param name="isPlain">A terminal of lines.</param>
    public Front(bool isPlain)
    {
        long began = Stopwatch.GetTimestamp();
        (IsPlain, _held) = (isPlain, new HeldKeys(() => Stopwatch.GetElapsedTime(began)));
    }

    /// <summary>Lines that come from elsewhere than this program's terminal.</summary>
    /// <param name="read">Null: nobody answers any more.</param>
    public Front(Action<string> say, Func<string?> read) : this(isPlain: true) => _talk = (say, read);

    public bool IsPlain { get; }

    /// <summary>A rehearsal: its terminal's mouse marks lines.</summary>
    public bool TakesMouse { get; init; }

    /// <summary>The chosen line, from 0; null: the people left, or the terminal is gone.</summary>
    public int? Ask(Func<Display, FrontPage> page) => Show(FrontKinds.Of(page)) is Chosen { Index: var index } ? index : null;

    /// <summary>Something to read, with nothing to choose but to go on.</summary>
    public void Tell(string title, ImmutableArray<string> text, string goOn) =>
        Ask(display => new FrontPage(display, title, text, [goOn]));

    /// <summary>The marked line, from 0; null: the people went back, or the terminal is gone.</summary>
    public int? Choose(Func<Display, Menu> menu) => Show(FrontKinds.Of(menu)) is Chosen { Index: var index } ? index : null;

    /// <summary>Null: the people went back, or the terminal is gone.</summary>
    public string? Line(Func<Display, AskPage> page) => (Show(FrontKinds.Of(page)) as TypedLine)?.Text;

    /// <summary>Until something was chosen; null: the terminal is gone.</summary>
    public MenuChoice? Show<TPage>(PageKind<TPage> kind) =>
        _talk is { } talk ? PlainFront.Run(kind, talk.Say, talk.Read)
        : IsPlain ? PlainFront.Run(kind) : PageLoop.Run(kind, _held, TakesMouse);

    /// <summary>Shows that something is being done until it is. What it throws comes out here.</summary>
    public T Work<T>(string title, string doing, Func<Action<double>, T> work) =>
        _talk is { } talk ? PlainFront.While(talk.Say, title, doing, work)
        : IsPlain ? PlainFront.While(title, doing, work) : PageLoop.While(title, doing, _held, work);
}
