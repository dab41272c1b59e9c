using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using KeyCeremony.Core;
using static KeyCeremony.App.Ground.TtyCalls;

namespace KeyCeremony.App.Terminal.Plain;

/// <summary>
/// The terminal as lines: the kernel edits them, and nothing is written that moves a cursor. What is typed stands in locked memory, for
/// some lines are words of a card.
/// </summary>
internal sealed class LineTty : IDisposable
{
    /// <summary>The kernel's longest line, with the LF at its end.</summary>
    private const int Longest = 4096;

    /// <summary>Ctrl-C ends a line at once, like Enter: whoever presses it is answered, and stops nothing.</summary>
    private const byte Interrupted = 3;

    private const byte Lf = (byte)'\n';

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly SecretBytes _typed = new(Longest);
    private readonly TtyLine _line = TtyLine.Take(Shown, leave: "");
    private readonly HeldKeys _held;
    private readonly Recorder? _recorder;
    private int _length;

    /// <param name="recorder">Is told what the program says; what a person types is never recorded.</param>
    public LineTty(Recorder? recorder = null)
    {
        _recorder = recorder;
        long began = Stopwatch.GetTimestamp();
        _held = new HeldKeys(() => Stopwatch.GetElapsedTime(began));
    }

    /// <summary>The keyboard is gone: the line was hung up or the input ended.</summary>
    public bool IsHungUp => _line.IsHungUp;

    /// <inheritdoc cref="TtyLine.Farewell"/>
    public Func<string>? Farewell
    {
        get => _line.Farewell;
        set => _line.Farewell = value;
    }

    /// <summary>The last line without its end. Perhaps secret.</summary>
    public ReadOnlySpan<byte> Typed => _typed.Span[.._length];

    /// <summary>The last line was ended by Ctrl-C.</summary>
    public bool IsInterrupted { get; private set; }

    public void Say(string text)
    {
        Write(Encoding.UTF8.GetBytes(text + "\n"));
        _recorder?.Sent(Encoding.UTF8.GetBytes(text.Replace("\n", "\r\n", StringComparison.Ordinal) + "\r\n"));
    }

    /// <summary>Straight to the terminal: nothing is kept.</summary>
    public void Write(ReadOnlySpan<byte> bytes) => _line.Write(bytes);

    /// <summary>
    /// Waits for a line. What was typed before the prompt stood there is not taken: it was not typed for this question.
    /// </summary>
    /// <param name="isSecret">Nothing typed appears, not even the end of the line.</param>
    /// <param name="mayRepeat">An Enter that is held down does no harm here.</param>
    /// <returns>False when the terminal is gone.</returns>
    public bool Read(string prompt, bool isSecret, bool mayRepeat = false)
    {
        do
        {
            Forget();
            _line.Set(isSecret ? Unseen : Shown);
            Write(Encoding.UTF8.GetBytes(prompt));
            _recorder?.Sent(Encoding.UTF8.GetBytes($"{prompt}\r\n"));
            while (!IsHungUp && !HasLine)
                _length += _line.Waits(-1) ? _line.Read(_typed.Span[_length..]) : 0;
            IsInterrupted = _length > 0 && _typed.Span[_length - 1] == Interrupted;
            _length = Math.Max(0, _length - 1);
        }
        while (!IsHungUp && !Counts() && !mayRepeat);
        return !IsHungUp;
    }

    /// <summary>The line as text, for what is no secret. False where its bytes are no UTF-8.</summary>
    public bool TryText([NotNullWhen(true)] out string? text)
    {
        try
        {
            text = Strict.GetString(Typed);
        }
        catch (DecoderFallbackException)
        {
            text = null;
        }
        return text is not null;
    }

    /// <summary>Wipes the last line.</summary>
    public void Forget()
    {
        _typed.Span.Clear();
        (_length, IsInterrupted) = (0, false);
    }

    public void Dispose()
    {
        _line.Dispose();
        _typed.Dispose();
    }

    private bool HasLine => _length > 0 && (_typed.Span[_length - 1] is Lf or Interrupted || _length == Longest);

    /// <summary>As on a screen: whoever holds Enter down has answered one question.</summary>
    private bool Counts()
    {
        if (_length > 0 || IsInterrupted)
            _ = _held.Counts(default);
        return _held.Counts(new Key(KeyKind.Enter));
    }

    private static Termios Shown(Termios before)
    {
        Termios lines = before;
        lines.c_iflag = (lines.c_iflag | ICRNL | IUTF8) & ~(INLCR | IGNCR | ISTRIP | BRKINT);
        lines.c_lflag = (lines.c_lflag | ICANON | ECHO | ECHOE | ECHOK) & ~(ISIG | ECHONL);
        lines.c_cc[VEOL] = Interrupted;
        lines.c_cc[VEOF] = 0; // None: an empty line is an answer, and Ctrl-D ends nothing by mistake.
        return lines;
    }

    private static Termios Unseen(Termios before)
    {
        Termios silent = Shown(before);
        silent.c_lflag &= ~(ECHO | ECHOE | ECHOK);
        return silent;
    }
}
