using KeyCeremony.App.Terminal;
using KeyCeremony.App.Terminal.Writing;
using KeyCeremony.Core.Ceremony;

namespace KeyCeremony.App.Tests.Terminal;

/// <summary>A person turns from one part of the page to another; nothing is answered by it, and nothing is skipped.</summary>
public sealed class PartKeysTests : IDisposable
{
    private static readonly Display Screen80 = new(80, 25, GlyphSet.Unicode, Attributes: true, Colour: true, FunctionKeys: true);
    private static readonly Display Screen120 = Screen80 with { Width = 120, Height = 40 };

    private static readonly KeyKind[] Turns =
    [
        KeyKind.Tab, KeyKind.BackTab, KeyKind.Up, KeyKind.Down, KeyKind.PageUp, KeyKind.PageDown, KeyKind.Home, KeyKind.End, KeyKind.Click,
        KeyKind.WheelUp, KeyKind.WheelDown,
    ];

    private readonly FakeRoom _room = new("root-creation.md");

    public void Dispose() => _room.Dispose();

    /// <summary>At every question of a root creation: whoever turns, scrolls and clicks about has told the ceremony nothing.</summary>
    [Fact]
    public void No_turn_and_no_click_at_any_question_answers_it()
    {
        var random = new Random(14);
        int asked = 0;
        foreach (Move move in _room.Moves())
        {
            ScreenModel first = _room.Model(random.Next(2) == 0 ? Screen80 : Screen120);
            // A card's words are taken by Tab, and its page has no other part.
            if (move is not Ask || first.Shown is not null || first.Entry is not null)
                continue;
            asked++;
            ScreenModel model = first;
            for (int i = 0; i < 60; i++)
            {
                KeyKind kind = Turns[random.Next(Turns.Length)];
                Key key = kind >= KeyKind.Click ? Key.Mouse(kind, random.Next(first.Display.Height), random.Next(first.Display.Width))
                    : new Key(kind);
                (model, Command? command) = Screen.Update(model, key);
                Assert.True(command is null, $"{move}: {kind} is {command}");
                Assert.Equal((first.Input.Text, null), (model.Input.Text, model.Dialog));
            }
            Assert.Equal(first.Display.Height, Screen.View(model).Rows.Length);
        }
        Assert.True(asked > 50);
    }

    /// <summary>In another part Enter is no answer: it leads back, and the next one answers.</summary>
    [Fact]
    public void Enter_in_another_part_only_goes_back()
    {
        ScreenModel reading = _room.GoTo("clock", AnswerKind.Acknowledge).Model(Screen80);
        foreach (Part part in new[] { Part.Text, Part.Steps })
        {
            ScreenModel there = At(reading, part);
            (ScreenModel back, Command? nothing) = Screen.Update(there, new Key(KeyKind.Enter));
            Assert.Null(nothing);
            Assert.Equal(Part.Question, back.Focus);
            Assert.IsType<Send>(Screen.Update(back, new Key(KeyKind.Enter)).Command);
        }
    }

    [Fact]
    public void What_is_typed_in_another_part_goes_back_and_is_typed()
    {
        ScreenModel typing = Typed(_room.GoTo("roll-call", AnswerKind.Text).Model(Screen80), "Ad");
        ScreenModel back = Typed(At(typing, Part.Steps), "a");
        Assert.Equal((Part.Question, "Ada"), (back.Focus, back.Input.Text));
        Assert.Equal("Ad", At(typing, Part.Text).Input.Text);

        ScreenModel left = Screen.Update(At(typing, Part.Text), new Key(KeyKind.Esc)).Model;
        Assert.Equal((Part.Question, true), (left.Focus, left.EscPressed));
    }

    [Fact]
    public void Tab_goes_through_all_parts_and_back_tab_the_other_way()
    {
        ScreenModel model = _room.GoTo("preview-root", AnswerKind.Typed).Model(Screen120);
        var seen = new List<Part>();
        for (int i = 0; i < 4; i++)
            seen.Add((model = Pressed(model, KeyKind.Tab)).Focus);
        Assert.Equal([Part.Text, Part.Found, Part.Steps, Part.Question], seen);
        Assert.Equal(Part.Steps, Pressed(model, KeyKind.BackTab).Focus);
    }

    /// <summary>Where the marked line of a choice is, arrows mark; Tab turns away from it, and the mark stays.</summary>
    [Fact]
    public void A_choice_keeps_its_mark_while_somebody_reads_on()
    {
        ScreenModel choice = _room.GoTo(m => m is Ask { Question.Kind: AnswerKind.Choice }).Model(Screen80);
        ScreenModel marked = Pressed(choice, KeyKind.Down);
        ScreenModel read = Pressed(At(marked, Part.Text), KeyKind.Down, KeyKind.Down, KeyKind.End);
        Assert.Equal((0, Part.Text), (read.Selected, read.Focus));
        Assert.Equal((0, Part.Question), (Pressed(read, KeyKind.Enter).Selected, Pressed(read, KeyKind.Enter).Focus));
    }

    [Fact]
    public void Each_part_is_scrolled_by_itself()
    {
        ScreenModel model = _room.GoTo("preview-root", AnswerKind.Typed).Model(Screen80);
        ScreenModel found = Pressed(At(model, Part.Found), KeyKind.End);
        Assert.NotEqual(Screen.View(At(model, Part.Found)).Text, Screen.View(found).Text);
        Assert.Equal((model.Scroll, model.StepsScroll), (found.Scroll, found.StepsScroll));
        Assert.Equal(0, Pressed(found, KeyKind.Home).FoundScroll);

        ScreenModel steps = Pressed(At(model, Part.Steps), KeyKind.End);
        Assert.Contains(model.State.Script.Steps[^1].Title[..8], Screen.View(steps).Text, StringComparison.Ordinal);
        Assert.Contains(model.State.Script.Steps[0].Title[..8], Screen.View(Pressed(steps, KeyKind.Home)).Text, StringComparison.Ordinal);
        Assert.Equal(steps.StepsScroll - 1, Pressed(steps, KeyKind.Up).StepsScroll);
        Assert.Equal(steps.StepsScroll, Pressed(steps, KeyKind.Down).StepsScroll);
    }

    /// <summary>By words and signs, not by colour alone: brackets, the last row, and no cursor where nothing is typed.</summary>
    [Theory]
    [InlineData("xterm", 80, 25)]
    [InlineData("xterm", 240, 67)]
    [InlineData("vt220", 80, 24)]
    [InlineData("linux", 80, 25)]
    [InlineData("dumb", 80, 24)]
    public void The_part_that_somebody_reads_in_can_be_seen(string term, int width, int height)
    {
        var display = Display.Of(width, height, name => name switch { "TERM" => term, "NO_COLOR" => "1", _ => null });
        ScreenModel model = _room.GoTo("preview-root", AnswerKind.Typed).Model(display);
        Frame asked = Screen.View(model);
        Assert.Contains("Tab Part", asked.Text, StringComparison.Ordinal);
        Assert.NotNull(asked.Cursor);
        Assert.DoesNotContain('[', asked.Text);
        foreach ((Part part, string heading) in new[] { (Part.Text, $"[{model.State.Step!.Number}. "),
            (Part.Found, "[Found and recorded]"), (Part.Steps, "[Step ") })
        {
            Frame frame = Screen.View(At(model, part));
            Assert.Contains(heading, frame.Text, StringComparison.Ordinal);
            Assert.Contains($"{part}: arrows PgUp PgDn scroll   Tab next part   Enter or Esc: the question", frame.Text,
                StringComparison.Ordinal);
            Assert.Null(frame.Cursor);
            Assert.Contains("Now:", frame.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_new_question_has_the_eyes_and_a_small_window_has_no_parts()
    {
        ScreenModel model = At(_room.GoTo("clock", AnswerKind.Acknowledge).Model(Screen80), Part.Steps);
        _room.Make(_room.Move);
        ScreenModel next = model.Follow(_room.State, _room.Move);
        Assert.Equal((Part.Question, null), (next.Focus, next.StepsScroll));
        ScreenModel small = model with { Display = Screen80 with { Width = 60, Height = 20 } };
        Assert.Equal((small, null), Screen.Update(small, new Key(KeyKind.Tab)));
    }

    private static ScreenModel At(ScreenModel model, Part part)
    {
        for (int i = 0; model.Focus != part; i++)
        {
            Assert.True(i < 4, $"{part} is not to be come to.");
            model = Pressed(model, KeyKind.Tab);
        }
        return model;
    }

    private static ScreenModel Pressed(ScreenModel model, params KeyKind[] keys) =>
        keys.Aggregate(model, (m, kind) => Screen.Update(m, new Key(kind)).Model);

    private static ScreenModel Typed(ScreenModel model, string text) => text.Aggregate(model, (m, c) => Screen.Update(m, Key.Of(c)).Model);
}
