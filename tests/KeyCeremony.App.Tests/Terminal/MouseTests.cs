using System.Text;
using System.Text.RegularExpressions;
using KeyCeremony.App.Terminal;
using KeyCeremony.App.Terminal.Writing;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Script;

namespace KeyCeremony.App.Tests.Terminal;

/// <summary>The mouse of a rehearsal's terminal marks, scrolls and turns; it answers nothing, and elsewhere there is none.</summary>
public sealed class MouseTests : IDisposable
{
    private const string On = "\e[?1000h\e[?1006h", Off = "\e[?1006l\e[?1000l";

    private static readonly Display Screen80 = new(80, 25, GlyphSet.Unicode, Attributes: true, Colour: true, FunctionKeys: true);

    private readonly FakeRoom _room = new("root-creation.md");

    public void Dispose() => _room.Dispose();

    // ---- what comes from the terminal ----

    [Theory]
    [InlineData("\e[<0;1;1M", KeyKind.Click, 0, 0)]
    [InlineData("\e[<0;240;67M", KeyKind.Click, 66, 239)]
    [InlineData("\e[<64;12;5M", KeyKind.WheelUp, 4, 11)]
    [InlineData("\e[<65;12;5M", KeyKind.WheelDown, 4, 11)]
    public void A_click_and_the_wheel_are_known_whole_and_cut_anywhere(string sent, KeyKind kind, int row, int column)
    {
        for (int cut = 0; cut < sent.Length; cut++)
            Assert.Equal([Key.Mouse(kind, row, column)], Decoded(sent[..cut], sent[cut..]));
    }

    /// <summary>Up again, another button, a modifier, a movement, places that are none; and the old form, whose M is no Enter.</summary>
    [Theory]
    [InlineData("\e[<0;1;1m")]
    [InlineData("\e[<1;1;1M")]
    [InlineData("\e[<4;1;1M")]
    [InlineData("\e[<35;1;1M")]
    [InlineData("\e[<0;0;1M")]
    [InlineData("\e[<0;1M")]
    [InlineData("\e[<0;1;1;1M")]
    [InlineData("\e[<M")]
    [InlineData("\e[5M")]
    [InlineData("\e[M !!")]
    [InlineData("\e[M 1y")]
    [InlineData("\e[200~\e[<0;1;1M\e[201~")]
    public void What_else_a_mouse_says_is_dropped_and_the_next_key_is_not(string sent) =>
        Assert.Equal([Key.Of('x')], Decoded(sent + "x"));

    /// <summary>A wheel that turns while Enter is held lets no repeated Enter count.</summary>
    [Fact]
    public void A_held_Enter_counts_once_whatever_the_mouse_does()
    {
        int now = 0;
        var held = new HeldKeys(() => TimeSpan.FromMilliseconds(now));
        Assert.True(held.Counts(new Key(KeyKind.Enter)));
        foreach (int at in new[] { 250, 283, 316 })
        {
            now = at;
            Assert.True(held.Counts(Key.Mouse(KeyKind.WheelDown, 3, 3)));
            Assert.False(held.Counts(new Key(KeyKind.Enter)));
        }
    }

    // ---- where there is one ----

    [Theory]
    [InlineData("xterm-256color", "", true)]
    [InlineData("tmux-256color", "1", true)]
    [InlineData("linux", "", false)]
    [InlineData("vt220", "", false)]
    [InlineData("dumb", "", false)]
    public void It_is_asked_for_in_a_window_only(string term, string noColour, bool taken)
    {
        var display = Display.Of(100, 30, name => name switch { "TERM" => term, "NO_COLOR" => noColour, _ => null });
        Assert.Equal(taken, MouseKeys.AreTaken(_room.Model(display)));
        Assert.Equal(taken, Sent(_room.Model(display)).Contains(On, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Environments.Rehearsal, true)]
    [InlineData(Environments.Development, false)]
    [InlineData(Environments.Staging, false)]
    [InlineData(Environments.Production, false)]
    public void It_is_asked_for_in_rehearsals_only_and_elsewhere_not_heard(string environment, bool taken)
    {
        using var room = new FakeRoom("root-creation.md", environment);
        ScreenModel model = room.Model(Screen80);
        Assert.Equal(taken, MouseKeys.AreTaken(model));
        Assert.Equal(taken, Sent(model).Contains("?100", StringComparison.Ordinal));
        ScreenModel clicked = Screen.Update(model, Key.Mouse(KeyKind.Click, 3, 3)).Model;
        Assert.Equal(taken ? Part.Steps : Part.Question, clicked.Focus);
    }

    /// <summary>No page with a secret has it, nor the last one, from which people copy a line; and no recording tells of it.</summary>
    [Fact]
    public void It_comes_and_goes_with_the_page_and_stands_in_no_recording()
    {
        var sent = new StringBuilder();
        var recorded = new StringBuilder();
        var recorder = new Recorder("x", TimeProvider.System, line => recorded.Append(Encoding.UTF8.GetString(line)));
        var screen = new TtyScreen(bytes => sent.Append(Encoding.UTF8.GetString(bytes)), recorder);
        bool on = false;
        int secret = 0;
        foreach (Move move in _room.Moves())
        {
            ScreenModel model = _room.Model(Screen80);
            sent.Clear();
            screen.Show(model);
            string now = sent.ToString();
            on = now.Contains(On, StringComparison.Ordinal) || on && !now.Contains(Off, StringComparison.Ordinal);
            bool isSecret = model.Shown is not null || model.Entry is not null || model.Dice is not null;
            secret += isSecret ? 1 : 0;
            Assert.Equal(!isSecret && move is not Over, on);
        }
        Assert.True(secret > 6);
        Assert.DoesNotContain("?100", recorded.ToString(), StringComparison.Ordinal);
    }

    // ---- what it does ----

    [Fact]
    public void A_click_marks_a_line_of_a_choice_and_enter_chooses_it()
    {
        ScreenModel model = _room.GoTo(m => m is Ask { Question: { Kind: AnswerKind.Choice, Choices.Length: > 1 } }).Model(Screen80);
        for (int i = 0; i < model.Question!.Choices.Length; i++)
        {
            Frame frame = Screen.View(model);
            int row = RowOf(frame, $" {i + 1}  {model.Question.Choices[i].Text.Split(' ')[0]}");
            (ScreenModel marked, Command? nothing) = Screen.Update(model, Key.Mouse(KeyKind.Click, row, 40));
            Assert.Null(nothing);
            Assert.Equal((i, Part.Question), (marked.Selected, marked.Focus));
            (marked, nothing) = Screen.Update(marked, Key.Mouse(KeyKind.Click, row, 40)); // Twice is not more than once.
            Assert.Null(nothing);
            Assert.Equal(new Answer(model.Question.Id, model.Question.Choices[i].Key),
                Assert.IsType<Send>(Screen.Update(marked, new Key(KeyKind.Enter)).Command).Message);
        }
    }

    [Fact]
    public void The_wheel_scrolls_what_it_stands_on_and_leaves_the_rest_and_the_refusal()
    {
        ScreenModel model = _room.GoTo("preview-root", AnswerKind.Typed).Model(Screen80)
            .Refused(new Core.Refusal("ASK-01", "No.", "Else."));
        int found = RowOf(Screen.View(model), "Found and recorded");
        ScreenModel down = Screen.Update(model, Key.Mouse(KeyKind.WheelDown, found, 40)).Model;
        Assert.Equal((Part.Question, "ASK-01", model.Scroll), (down.Focus, down.Refusal?.Rule, down.Scroll));
        Assert.True(down.FoundScroll > 0);
        ScreenModel steps = Screen.Update(model, Key.Mouse(KeyKind.WheelDown, 10, 3)).Model;
        Assert.True(steps.StepsScroll > 0);
        Assert.Equal(Part.Steps, Screen.Update(model, Key.Mouse(KeyKind.Click, 10, 3)).Model.Focus);
    }

    /// <summary>In a box lines are marked, and outside of it nothing is.</summary>
    [Fact]
    public void In_a_dialog_lines_are_marked_and_behind_it_nothing_is()
    {
        ScreenModel asked = Screen.Update(_room.GoTo("clock", AnswerKind.Utc).Model(Screen80), Key.Ctrl('c')).Model;
        Frame frame = Screen.View(asked);
        int stop = RowOf(frame, "Stop the program now");
        (ScreenModel marked, Command? nothing) = Screen.Update(asked, Key.Mouse(KeyKind.Click, stop, 40));
        Assert.Null(nothing);
        Assert.Equal(new LeaveDialog(2), marked.Dialog);
        Assert.Equal(asked, Screen.Update(asked, Key.Mouse(KeyKind.Click, stop, 1)).Model);

        ScreenModel pause = Screen.Update(_room.Model(Screen80), new Key(KeyKind.F3)).Model;
        int ada = RowOf(Screen.View(pause), "Ada Adams");
        BreakDialog stays = Assert.IsType<BreakDialog>(Screen.Update(pause, Key.Mouse(KeyKind.Click, ada, 30)).Model.Dialog);
        Assert.Equal([true], stays.Stay.Where(s => s));
    }

    [Fact]
    public void On_pages_before_a_ceremony_a_click_marks_and_enter_does_it()
    {
        Menu menu = OtherPages.Start(Screen80);
        for (int i = 0; i < 3; i++)
        {
            int row = menu.View().Rows.ToList().FindIndex(r => Regex.IsMatch(r, $"^ ...? +{i + 1} [ -] "));
            Assert.True(row > 0, menu.View().Text);
            (menu, MenuChoice? nothing) = menu.Update(Key.Mouse(KeyKind.Click, row, 20));
            Assert.Null(nothing);
            Assert.Equal(i, menu.Selected);
        }
        Assert.Equal(3, menu.Update(Key.Mouse(KeyKind.WheelDown, 5, 5)).Page.Selected);

        var page = new FrontPage(Screen80, "A page", [.. Enumerable.Range(1, 60).Select(n => $"Line {n}")], ["Go on", "Leave"]);
        (FrontPage marked, MenuChoice? none) = page.Update(Key.Mouse(KeyKind.Click, RowOf(page.View(), "2  Leave"), 9));
        Assert.Null(none);
        Assert.Equal(1, marked.Selected);
        Assert.Equal(3, page.Update(Key.Mouse(KeyKind.WheelDown, 5, 5)).Page.Scroll);
    }

    private static int RowOf(Frame frame, string text)
    {
        int row = frame.Rows.ToList().FindIndex(r => r.Contains(text, StringComparison.Ordinal));
        Assert.True(row >= 0, $"\"{text}\" is not on:\n{frame.Text}");
        return row;
    }

    private static string Sent(ScreenModel model)
    {
        var sent = new StringBuilder();
        new TtyScreen(bytes => sent.Append(Encoding.UTF8.GetString(bytes))).Show(model);
        return sent.ToString();
    }

    private static List<Key> Decoded(params string[] pieces)
    {
        using var decoder = new KeyDecoder();
        var keys = new List<Key>();
        foreach (string piece in pieces)
        {
            byte[] bytes = Encoding.ASCII.GetBytes(piece);
            bytes.CopyTo(decoder.Room);
            decoder.Received(bytes.Length);
            while (decoder.TryNext(out Key key))
                keys.Add(key);
        }
        return keys;
    }
}
