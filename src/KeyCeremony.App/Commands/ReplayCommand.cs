using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using KeyCeremony.App.Terminal;
using KeyCeremony.Core;
using KeyCeremony.Core.Reading;
using Command = System.CommandLine.Command;

namespace KeyCeremony.App.Commands;

/// <summary><c>keyceremony replay</c>: what a ceremony's terminal showed. docs/formats/recording.md.</summary>
internal static class ReplayCommand
{
    private const string Keys = "space pause  s on  n p step  + - speed  q leave";

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    public static Command Make()
    {
        var idle = new Option<int>("--pauses") { DefaultValueFactory = _ => 2 };
        return new OptionTable<ReplayWanted>("replay",
            "Play the recording of a ceremony's terminal. Nothing is verified.", new ReplayWanted())
            .With(new Argument<string>("recording"), "A recording, asciicast v2; or a bundle, for all of its recordings.",
                (wanted, path) => wanted with { Path = path })
            .Text("--step", "Begin where the script's step of this number or title begins.", (wanted, step) => wanted with { Step = step })
            .With(idle, "Seconds that a pause has at the most: people read for minutes.",
                (wanted, seconds) => wanted with { Idle = TimeSpan.FromSeconds(Math.Clamp(seconds, 0, 3600)) })
            .Flag("--list", "Print the steps and pages that can be gone to, and play nothing.", wanted => wanted with { List = true })
            .Does(wanted => RunCommand.Guarded(() => Replay(wanted)));
    }

    private static int Replay(ReplayWanted wanted)
    {
        if (!TryRead(wanted.Path, out ImmutableArray<TerminalCast> casts, out Refusal? refusal))
            return Words.Refuse(refusal);
        if (wanted.List)
            return List(casts);
        if (!Tty.IsThere)
            return Words.Refuse(ReplayRules.NoTerminal());
        var player = new CastPlayer(casts, wanted.Idle);
        string begin = "";
        if (wanted.Step is { } step)
        {
            if (player.JumpTo(step) is not { } there)
                return Words.Misused(ReplayRules.NoStep(step));
            begin = there;
        }
        Play(player, begin);
        return 0;
    }

    private static int List(ImmutableArray<TerminalCast> casts)
    {
        foreach (TerminalCast cast in casts)
        {
            Console.WriteLine($"{cast.Title}  {cast.Width}x{cast.Height}  "
                + $"{DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(cast.Timestamp, 0, uint.MaxValue)):yyyy-MM-dd HH:mm:ss} UTC");
            foreach (CastEvent marker in cast.Events.Where(e => e.Kind == CastKind.Marker))
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"  {marker.At:hh\\:mm\\:ss}  {TerminalCast.Permitted(marker.Text, sequences: false)}"));
        }
        return 0;
    }

    private static void Play(CastPlayer player, string begin)
    {
        using var tty = Tty.Open();
        tty.Write(begin);
        long last = Stopwatch.GetTimestamp();
        Tell(tty, player);
        while (!tty.IsHungUp)
        {
            string sent = "";
            if (tty.TryRead(Tick, out Key key))
            {
                if (key == Key.Of('q') || key.Kind is KeyKind.Esc or KeyKind.F10 || key.IsCtrl('c'))
                    return;
                sent = Pressed(player, key);
            }
            TimeSpan passed = Stopwatch.GetElapsedTime(last);
            last = Stopwatch.GetTimestamp();
            sent += player.Passed(passed);
            if (sent.Length == 0)
                continue;
            tty.Write(sent);
            Tell(tty, player);
        }
    }

    private static string Pressed(CastPlayer player, Key key)
    {
        switch (key)
        {
            case var _ when key == Key.Of(' '):
                player.Pause();
                break;
            case var _ when key == Key.Of('+'):
                player.Faster();
                break;
            case var _ when key == Key.Of('-'):
                player.Slower();
                break;
            case var _ when key == Key.Of('s'):
                return player.StepOn();
            case var _ when key == Key.Of('n') || key.Kind == KeyKind.PageDown:
                return player.Jump(1);
            case var _ when key == Key.Of('p') || key.Kind == KeyKind.PageUp:
                return player.Jump(-1);
        }
        return "";
    }

    /// <summary>Below the recorded screen, where there is room; the cursor goes back to where it stood.</summary>
    private static void Tell(Tty tty, CastPlayer player)
    {
        (int width, int height) = tty.Size;
        if (height <= 0 || width <= 0)
            return;
        (string name, int number, int count) = player.Marker;
        string state = player.IsOver ? "end" : player.IsPaused ? "pause" : string.Create(CultureInfo.InvariantCulture, $"{player.Speed}x");
        string line = StatusLine($" {state}  {number}/{count} ", name, width - 1);
        tty.Write($"\e7\e[{height};1H\e[0;7m{line}\e[K\e[0m\e8");
    }

    /// <summary>Of a long name its beginning: the keys stand there whole, or nobody finds the way out.</summary>
    internal static string StatusLine(string where, string name, int columns)
    {
        int room = Math.Max(1, columns - Keys.Length - 2);
        return PlainText.Of($"{PlainText.Of(where + name, room).PadRight(room)}  {Keys}", Math.Max(1, columns));
    }

    private static bool TryRead(string path, out ImmutableArray<TerminalCast> casts, [NotNullWhen(false)] out Refusal? refusal)
    {
        casts = [];
        string[] files = [path];
        if (Directory.Exists(path))
        {
            string folder = Path.Combine(path, Verifier.BundleList.RecordingFolder);
            files = Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*" + TerminalCast.Extension)
                .OrderBy(f => f.Length).ThenBy(f => f, StringComparer.Ordinal)] : [];
            if (files.Length is 0 or > TerminalCast.MaxSessions)
            {
                refusal = ReplayRules.NoRecording(path);
                return false;
            }
        }
        ImmutableArray<TerminalCast>.Builder read = ImmutableArray.CreateBuilder<TerminalCast>();
        foreach (string file in files)
        {
            if (!ReplayRules.TryOpen(file, out byte[]? bytes, out refusal)
                || !TerminalCast.TryRead(bytes, out TerminalCast? cast, out refusal))
                return false;
            read.Add(cast);
        }
        casts = read.ToImmutable();
        refusal = null;
        return true;
    }

    private sealed record ReplayWanted
    {
        public string Path { get; init; } = "";

        public string? Step { get; init; }

        public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(2);

        public bool List { get; init; }
    }
}

/// <summary>What is refused of a replay.</summary>
internal static class ReplayRules
{
    public static Refusal NoTerminal() => new("CAST-04", "There is no terminal to play it in.", "Run it in a terminal, or give --list.");

    public static Refusal NoStep(string step) => new("CAST-05", $"No step has \"{PlainText.Of(step, 60)}\" in its number or title.",
        "Give --list to see all.");

    public static Refusal NoRecording(string path) => new("CAST-06", $"{path} holds no recording.",
        "Its script did not ask for one, or it is no bundle. Give a bundle with a folder recordings, or a file.");

    public static bool TryOpen(string path, [NotNullWhen(true)] out byte[]? bytes, [NotNullWhen(false)] out Refusal? refusal)
    {
        (bytes, refusal) = (null, null);
        try
        {
            using FileStream file = File.OpenRead(path);
            bytes = new byte[Math.Min(file.Length, TerminalCast.MaxBytes + 1)];
            file.ReadExactly(bytes);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            refusal = new Refusal("CAST-07", $"{path} cannot be read: {FileFaults.InWords(e)}.", "Check the path.");
            return false;
        }
    }
}
