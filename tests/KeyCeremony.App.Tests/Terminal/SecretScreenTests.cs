using System.Collections;
using System.Reflection;
using System.Text;
using KeyCeremony.App.Terminal;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.App.Tests.Terminal;

/// <summary>A share's words are never next to each other in a string of the model or of a frame.</summary>
public sealed class SecretScreenTests
{
    private const int Near = 64;

    private static readonly Display Screen80 = new(80, 25, GlyphSet.Unicode, Attributes: true, Colour: true, FunctionKeys: true);

    [Theory]
    [InlineData("deal-activation")]
    [InlineData("deal-backup")]
    public void No_two_words_of_a_share_stand_together_in_a_string(string step)
    {
        using var room = new FakeRoom("root-creation.md");
        ScreenModel shown = room.GoTo(step, AnswerKind.ShowShare).Model(Screen80);
        Share share = room.ShareOf(shown.Question!.Share!);
        AssertNoWords(share, shown);

        room.Make(room.Move);
        ScreenModel typing = room.Model(Screen80);
        for (int number = 1; number <= share.WordCount; number++)
        {
            string word = Encoding.ASCII.GetString(share.Word(number));
            foreach (char letter in word + " ")
            {
                (typing, _) = Screen.Update(typing, Key.Of(letter));
                AssertNoWords(share, typing);
            }
        }
        Assert.True(typing.Entry!.IsComplete);
    }

    [Fact]
    public void The_search_finds_words_that_stand_together()
    {
        using var room = new FakeRoom("root-creation.md");
        ScreenModel shown = room.GoTo("deal-activation", AnswerKind.ShowShare).Model(Screen80);
        Share share = room.ShareOf(shown.Question!.Share!);
        string leak = $"{Encoding.ASCII.GetString(share.Word(3))}  4 {Encoding.ASCII.GetString(share.Word(4))}";
        Assert.NotNull(Found(share, shown with { Input = LineInput.Of(leak) }));
    }

    [Fact]
    public void Every_word_is_painted_by_itself_and_each_at_its_number()
    {
        using var room = new FakeRoom("root-creation.md");
        ScreenModel shown = room.GoTo("deal-backup", AnswerKind.ShowShare).Model(Screen80);
        Share share = room.ShareOf(shown.Question!.Share!);
        Frame frame = Screen.View(shown);
        Assert.Equal(Enumerable.Range(1, 33), frame.Spots.Select(s => s.Number).Order());

        var painted = new List<string>();
        SecretPainter.Paint(frame.Spots, share, null, bytes => painted.Add(Encoding.ASCII.GetString(bytes)));
        foreach ((Spot spot, string written) in frame.Spots.Zip(painted))
        {
            string word = Encoding.ASCII.GetString(share.Word(spot.Number));
            Assert.Equal($"\e[{spot.Row + 1};{spot.Column + 1}H{word.PadRight(spot.Width)}", written);
            Assert.EndsWith($"{spot.Number,2} ", frame.Rows[spot.Row][..spot.Column], StringComparison.Ordinal);
            Assert.True(string.IsNullOrWhiteSpace(frame.Rows[spot.Row].Substring(spot.Column, spot.Width)));
        }
    }

    [Theory]
    [InlineData(80, 24)]
    [InlineData(80, 25)]
    [InlineData(240, 67)]
    public void All_33_words_and_the_next_action_are_on_the_screen(int width, int height)
    {
        using var room = new FakeRoom("root-creation.md");
        Display display = Screen80 with { Width = width, Height = height };
        foreach (AnswerKind kind in new[] { AnswerKind.ShowShare, AnswerKind.ReadBackShare })
        {
            ScreenModel model = room.GoTo("deal-backup", kind).Model(display)
                .Refused(new Refusal("SHARE-20", "Word 7 is not the word that was dealt.",
                "Look at number 7 on the card again: correct the card, or type the word again."));
            Frame frame = Screen.View(model);
            Assert.Contains("33 ", frame.Text, StringComparison.Ordinal);
            Assert.Contains("Now:", frame.Text, StringComparison.Ordinal);
            Assert.Contains("SHARE-20", frame.Text, StringComparison.Ordinal);
            Assert.Contains("type the word again.",
                string.Join(' ', frame.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_dialog_over_a_share_shows_no_word()
    {
        using var room = new FakeRoom("root-creation.md");
        ScreenModel shown = room.GoTo("deal-activation", AnswerKind.ShowShare).Model(Screen80);
        foreach (KeyKind kind in new[] { KeyKind.F1, KeyKind.F4, KeyKind.F6, KeyKind.F9, KeyKind.F10 })
            Assert.Empty(Screen.View(Screen.Update(shown, new Key(kind)).Model).Spots);
    }

    [Fact]
    public void Nothing_from_outside_moves_the_cursor()
    {
        using var room = new FakeRoom("root-creation.md");
        ScreenModel model = room.GoTo(m => m is Ask).Model(Screen80);
        string evil = "tok\e[2Jen \u009B31m\u202E\a";
        Question question = model.Question! with { Prompt = evil, Evidence = [evil], Help = evil };
        foreach (Display display in new[] { Screen80, Screen80 with { Width = 130, Height = 40 },
            Screen80 with { Glyphs = GlyphSet.Ascii } })
        {
            Frame frame = Screen.View(model with { Display = display, Move = new Ask(question), Refusal = new Refusal(evil, evil, evil) });
            Assert.DoesNotContain(frame.Rows, row => row.EnumerateRunes().Any(Rune.IsControl));
            Assert.DoesNotContain("\e[2J", Emulator.Of(frame).Received, StringComparison.Ordinal);
            Assert.DoesNotContain(frame.Rows, row => row.Contains('\u202E', StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Without_colour_no_colour_is_sent_and_a_dumb_terminal_gets_plain_text()
    {
        using var room = new FakeRoom("root-creation.md");
        ScreenModel model = room.GoTo(m => m is Ask).Model(Screen80);
        Assert.Contains("\e[0;1;36m", Emulator.Of(Screen.View(model)).Received, StringComparison.Ordinal);
        string grey = Emulator.Of(Screen.View(model with { Display = Screen80 with { Colour = false } })).Received;
        Assert.DoesNotMatch(@"\e\[[0-9;]*3[0-7]m", grey);
        Frame dumb = Screen.View(model with { Display = Display.Of(80, 25, name => name == "TERM" ? "dumb" : null) });
        Assert.DoesNotMatch(@"\e\[[0-9;]*m", Emulator.Of(dumb).Received);
        Assert.All(dumb.Rows, row => Assert.True(row.All(char.IsAscii)));
    }

    private static void AssertNoWords(Share share, ScreenModel model) => Assert.Null(Found(share, model));

    private static string? Found(Share share, ScreenModel model)
    {
        Frame frame = Screen.View(model);
        var strings = new HashSet<string> { frame.Text, Emulator.Of(frame).Received };
        Collect(model, strings, new HashSet<object>(ReferenceEqualityComparer.Instance));
        Collect(frame, strings, new HashSet<object>(ReferenceEqualityComparer.Instance));
        string[] words = [.. Enumerable.Range(1, share.WordCount).Select(n => Encoding.ASCII.GetString(share.Word(n)))];
        return strings.FirstOrDefault(text => HasNeighbours(words, text));
    }

    /// <summary>No two words that follow each other on the card stand near each other.</summary>
    internal static void AssertNoWordsIn(Share share, string text) => Assert.False(
        HasNeighbours([.. Enumerable.Range(1, share.WordCount).Select(n => Encoding.ASCII.GetString(share.Word(n)))], text), text);

    internal static void AssertNoWordsIn(Share share, App.Terminal.Writing.Sheet sheet) =>
        AssertNoWordsIn(share, string.Join('\n', sheet.Lines.Select(line => string.Concat(line.Select(run => run.Text)))));

    private static bool HasNeighbours(string[] words, string text)
    {
        for (int i = 0; i + 1 < words.Length; i++)
            for (int at = text.IndexOf(words[i], StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf(words[i],
                at + 1, StringComparison.OrdinalIgnoreCase))
                if (text.AsSpan(at, Math.Min(Near + words[i].Length, text.Length - at))
                    .Contains(words[i + 1], StringComparison.OrdinalIgnoreCase))
                    return true;
        return false;
    }

    private static void Collect(object? thing, HashSet<string> strings, HashSet<object> seen)
    {
        switch (thing)
        {
            case null or Type or SecretBytes or Delegate:
                return;
            case string text:
                strings.Add(text);
                return;
        }
        if (thing.GetType() is { IsPrimitive: true } or { IsEnum: true } || !thing.GetType().IsValueType && !seen.Add(thing))
            return;
        if (thing is IEnumerable many && thing.GetType().Namespace?.StartsWith("System", StringComparison.Ordinal) == true)
        {
            if (thing is System.Collections.Immutable.ImmutableArray<byte> or byte[])
                return; // The journal's own bytes, which have their own test.
            if (thing.GetType().GetProperty("IsDefault")?.GetValue(thing) is true)
                return;
            foreach (object? one in many)
                Collect(one, strings, seen);
            return;
        }
        if (thing.GetType().Namespace?.StartsWith("KeyCeremony", StringComparison.Ordinal) != true)
            return;
        for (Type? type = thing.GetType(); type is not null; type = type.BaseType)
            foreach (FieldInfo field in type.GetFields(BindingFlags.Instance | BindingFlags.Public
                | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
                Collect(field.GetValue(thing), strings, seen);
    }
}
