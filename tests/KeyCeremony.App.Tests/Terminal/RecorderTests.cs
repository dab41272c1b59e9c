using System.Text;
using KeyCeremony.App.Room;
using KeyCeremony.App.Terminal;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Reading;

namespace KeyCeremony.App.Tests.Terminal;

/// <summary>What is recorded of a terminal, where it lies, and how it is played.</summary>
public sealed class RecorderTests : IDisposable
{
    private static readonly Display Screen80 = new(80, 25, GlyphSet.Unicode, Attributes: true, Colour: true, FunctionKeys: true);

    private readonly string _folder = Directory.CreateTempSubdirectory("keyceremony-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Every page of a root creation, every card typed letter by letter: nothing of a secret page is in the recording.</summary>
    [Fact]
    public void A_root_creation_is_recorded_without_its_secret_pages()
    {
        var lines = new List<byte[]>();
        var recorder = new Recorder("0001-root-creation", TimeProvider.System, lines.Add);
        var sent = new StringBuilder();
        var screen = new TtyScreen(bytes => sent.Append(Encoding.UTF8.GetString(bytes)), recorder);
        var cards = new List<string[]>();
        int secret = 0;
        using var room = new FakeRoom("root-creation.md");
        foreach (Move move in room.Moves())
        {
            if (move is Note)
                continue;
            ScreenModel model = room.Model(Screen80);
            screen.Show(model);
            if (model.Shown is { } share)
                cards.Add([.. Enumerable.Range(1, share.WordCount).Select(n => Encoding.ASCII.GetString(share.Word(n)))]);
            if (model.Shown is null && model.Entry is null && model.Dice is null)
                continue;
            secret++;
            int before = lines.Count;
            if (model.Entry is not null && cards.Count > 0)
                foreach (char letter in string.Join(' ', cards[^1]))
                {
                    (model, _) = Screen.Update(model, Key.Of(letter));
                    screen.Show(model);
                }
            screen.Show(model with { Ticks = model.Ticks + 1 });
            Assert.Equal(before, lines.Count);
        }
        Assert.True(cards.Count >= 6 && secret > cards.Count);

        TerminalCast cast = Read(lines);
        Assert.Null(cast.Strange());
        // The terminal was sent every word; the recording was not.
        Assert.All(cards.SelectMany(c => c), word => Assert.Contains(word, sent.ToString(), StringComparison.Ordinal));
        string played = string.Concat(cast.Events.Where(e => e.Kind == CastKind.Sent).Select(e => e.Text));
        foreach (string[] card in cards)
            Assert.DoesNotContain(card.Zip(card.Skip(1)), pair => Regexes(pair.First, pair.Second).IsMatch(played));
        Assert.Equal(Pages(cast, Recorder.SecretPage),
            cast.Events.Count(e => e.Text.EndsWith($"{Recorder.SecretPage}\r\n", StringComparison.Ordinal)));
        Assert.Contains(cast.Events, e => e.Kind == CastKind.Marker && e.Text.StartsWith("1. Roll call", StringComparison.Ordinal));
        Assert.Contains("Creation of a root certification authority", played, StringComparison.Ordinal);
    }

    /// <summary>A card that is typed into a question, a search, a remark: nothing of it is in the recording before it is taken.</summary>
    [Theory]
    [InlineData(KeyKind.Rune)]
    [InlineData(KeyKind.F4)]
    [InlineData(KeyKind.F5)]
    [InlineData(KeyKind.F7)]
    [InlineData(KeyKind.F9)]
    public void What_is_typed_is_not_recorded_before_it_is_taken(KeyKind page)
    {
        var lines = new List<byte[]>();
        int sent = 0;
        var screen = new TtyScreen(bytes => sent += bytes.Length, new Recorder("x", TimeProvider.System, lines.Add));
        using var room = new FakeRoom("root-creation.md");
        ScreenModel model = room.GoTo("room", AnswerKind.Text).Model(Screen80);
        if (page != KeyKind.Rune)
            (model, _) = Screen.Update(model, new Key(page));
        screen.Show(model);
        if (page == KeyKind.F5)
            (model, _) = Screen.Update(model, Key.Of('/'));
        if (page == KeyKind.F7)
            (model, _) = Screen.Update(model, new Key(KeyKind.Enter));
        screen.Show(model);
        (int recorded, int shown) = (lines.Count, sent);
        foreach (char letter in "academic acid acne acquire acrobat")
        {
            (model, _) = Screen.Update(model, Key.Of(letter));
            screen.Show(model);
        }
        Assert.True(model.HasTyped, model.Dialog?.ToString());
        Assert.True(sent > shown, "The terminal shows what is typed.");
        Assert.Equal(recorded, lines.Count);

        screen.Show(room.GoTo("clock", AnswerKind.Utc).Model(Screen80));
        string later = string.Concat(Read(lines).Events.Skip(recorded - 1).Select(e => e.Text));
        Assert.Contains("Set the clock", later, StringComparison.Ordinal);
        Assert.DoesNotContain("acrobat", later, StringComparison.Ordinal);
    }

    /// <summary>Behind a secret page the terminal is wiped and drawn anew, in the recording too.</summary>
    [Fact]
    public void What_follows_a_secret_page_is_whole()
    {
        var lines = new List<byte[]>();
        var screen = new TtyScreen(_ => { }, new Recorder("x", TimeProvider.System, lines.Add));
        using var room = new FakeRoom("root-creation.md");
        ScreenModel shown = room.GoTo("deal-activation", AnswerKind.ShowShare).Model(Screen80);
        screen.Show(shown);
        using var other = new FakeRoom("root-creation.md");
        screen.Show(other.GoTo("clock", AnswerKind.Utc).Model(Screen80));

        CastEvent[] events =
            [.. Read(lines).Events.SkipWhile(e => e.Text != Recorder.SecretPage).Skip(1).Where(e => e.Kind == CastKind.Sent)];
        Assert.StartsWith("\e[0m\e[2J\e[3J\e[H", string.Concat(events.Select(e => e.Text)), StringComparison.Ordinal);
        Assert.Contains("Set the clock", string.Concat(events.Select(e => e.Text)), StringComparison.Ordinal);
    }

    [Fact]
    public void Sessions_lie_on_both_sticks_and_are_kept_by_their_hash()
    {
        string[] sticks = [Stick("a"), Stick("b")];
        Session(sticks, "first");
        Session(sticks, "second");
        // The power went while a line was written, and one stick has less than the other.
        File.AppendAllText(Path.Combine(sticks[0], "recordings", "0001-x-2.cast"), "[3.0, \"o\", \"half");
        File.WriteAllText(Path.Combine(sticks[1], "recordings", "0001-x-1.cast"), "");
        TerminalRecorded kept;
        using (var third = new TerminalRecording(sticks, "0001-x", TimeProvider.System, () => false))
        {
            third.Recorder.Sized(80, 25);
            third.Recorder.Sent("third"u8);
            kept = third.Keep();
            third.Recorder.Sent("behind its end"u8);
        }

        Assert.Equal([1, 2, 3], kept.Sessions.Select(s => s.Session));
        foreach ((RecordedSession session, string text) in kept.Sessions.Zip(["first", "second", "third"]))
            foreach (string stick in sticks)
            {
                byte[] file = File.ReadAllBytes(Path.Combine(stick, "lists", session.Sha256));
                Assert.Equal(session.Length, file.Length);
                Assert.True(TerminalCast.TryRead(file, out TerminalCast? cast, out Refusal? refusal), refusal?.ToString());
                Assert.Equal([text], cast.Events.Select(e => e.Text));
            }
    }

    [Fact]
    public void Nothing_is_on_the_sticks_before_the_roll_call_and_then_all_is()
    {
        string[] sticks = [Stick("a"), Stick("b")];
        bool held = true;
        using var recording = new TerminalRecording(sticks, "0001-x", TimeProvider.System, () => held);
        recording.Recorder.Sized(80, 25);
        recording.Recorder.Sent("while nothing was begun"u8);
        Assert.Empty(Directory.GetFileSystemEntries(sticks[0]));
        held = false;
        recording.Recorder.Sent("begun"u8);

        RecordedSession session = Assert.Single(recording.Keep().Sessions);
        string text = File.ReadAllText(Path.Combine(sticks[0], "lists", session.Sha256));
        Assert.Contains("while nothing was begun", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_somebody_changed_on_a_stick_is_left_out()
    {
        string[] sticks = [Stick("a"), Stick("b")];
        Session(sticks, "first");
        foreach (string stick in sticks)
            File.AppendAllText(Path.Combine(stick, "recordings", "0001-x-1.cast"), "[9.0, \"o\", \"\\u001b]0;title\\u0007\"]\n");
        using var recording = new TerminalRecording(sticks, "0001-x", TimeProvider.System, () => false);
        Assert.Empty(recording.Keep().Sessions);
    }

    [Fact]
    public void A_player_goes_on_pauses_steps_and_jumps()
    {
        CastEvent[] events =
        [
            new(TimeSpan.Zero, CastKind.Marker, "1. Roll call"), new(TimeSpan.Zero, CastKind.Sent, "A"),
            new(TimeSpan.FromMinutes(5), CastKind.Marker, "2. The gate"), new(TimeSpan.FromMinutes(5), CastKind.Sent, "B\e]0;x\a"),
            new(TimeSpan.FromMinutes(5.1), CastKind.Sent, "C"),
        ];
        CastPlayer New() => new([new TerminalCast(80, 25, 0, "", [.. events])], TimeSpan.FromSeconds(2));
        const string wiped = "\e[0m\e[2J\e[3J\e[H";

        CastPlayer player = New();
        Assert.Equal(wiped + "A", player.Passed(TimeSpan.Zero));
        Assert.Equal("", player.Passed(TimeSpan.FromSeconds(1)));
        player.Pause();
        Assert.Equal("", player.Passed(TimeSpan.FromHours(1)));
        player.Pause();
        player.Faster();
        // Five minutes of reading are two seconds, at twice the speed one.
        Assert.Equal("B?]0;x?", player.Passed(TimeSpan.FromSeconds(0.5)));
        Assert.Equal(("2. The gate", 2, 2), player.Marker);
        Assert.Equal("C", player.StepOn());
        Assert.True(player.IsOver);
        Assert.Equal(wiped + wiped + "A", player.Jump(-1));
        // Who goes to a step sees its page, not the last one of the step before; never the page behind a secret one.
        Assert.Equal(wiped + wiped + "AB?]0;x?", New().JumpTo("gate"));
        Assert.Null(New().JumpTo("nothing"));
    }

    [Theory]
    [InlineData(80, "9. Deal the activation shares")]
    [InlineData(80, "secret page: not recorded")]
    [InlineData(132, "1. Roll call")]
    [InlineData(60, "14. Sign the root certificate")]
    public void The_keys_of_the_player_stand_there_whole(int columns, string step)
    {
        string line = KeyCeremony.App.Commands.ReplayCommand.StatusLine(" pause  23/45 ", step, columns - 1);
        Assert.EndsWith("q leave", line, StringComparison.Ordinal);
        Assert.Contains("+ - speed", line, StringComparison.Ordinal);
        Assert.InRange(line.Length, 1, columns - 1);
    }

    private static int Pages(TerminalCast cast, string marker) => cast.Events.Count(e => e.Kind == CastKind.Marker && e.Text == marker);

    /// <summary>Two words of a card behind each other, whatever moves the cursor between them.</summary>
    private static System.Text.RegularExpressions.Regex Regexes(string first, string second) =>
        new($@"\b{first}\b[^A-Za-z]{{0,40}}\b{second}\b", System.Text.RegularExpressions.RegexOptions.IgnoreCase);

    private static TerminalCast Read(List<byte[]> lines)
    {
        Assert.True(TerminalCast.TryRead([.. lines.SelectMany(l => l)], out TerminalCast? cast, out Refusal? refusal), refusal?.ToString());
        return cast;
    }

    private static void Session(string[] sticks, string text)
    {
        using var recording = new TerminalRecording(sticks, "0001-x", TimeProvider.System, () => false);
        recording.Recorder.Sized(80, 25);
        recording.Recorder.Sent(Encoding.UTF8.GetBytes(text));
    }

    private string Stick(string name) => Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
}
