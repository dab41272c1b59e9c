using KeyCeremony.App.Terminal;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;

namespace KeyCeremony.App.Tests.Terminal;

/// <summary>The page where the keyboard is looked at, tried out and changed.</summary>
public sealed class KeyboardPageTests
{
    private static readonly Display Console = new(80, 25, GlyphSet.Console, Attributes: true, Colour: true, FunctionKeys: true);

    [Fact]
    public void Every_layout_stands_on_the_narrowest_screen_and_what_is_in_use_is_said()
    {
        foreach (Display display in new[] { Console with { Height = 24 }, Console, Console with { Width = 240, Height = 67 } })
        {
            string screen = Text(new KeyboardPage(display, "de").View());
            Assert.All(Keyboards.All, layout => Assert.Contains($" {layout.Id} ", screen, StringComparison.Ordinal));
            Assert.Contains("In use: German (de)", screen, StringComparison.Ordinal);
            Assert.Contains("> de      German ", screen, StringComparison.Ordinal);
            Assert.Contains("Try-out >", screen, StringComparison.Ordinal);
            Assert.Contains("Then Enter", screen, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_is_typed_goes_into_the_try_out_line_and_digits_mark_nothing()
    {
        KeyboardPage page = Typed(new KeyboardPage(Console, "de"), "zyü17Ł");
        Assert.Equal("zyü17Ł", page.Typed.Text);
        Assert.Equal("de", Keyboards.All[page.Marked].Id);
        Assert.Contains("ü U+00FC   Ł U+0141", Text(page.View()), StringComparison.Ordinal);
        Assert.Equal("zyü17", page.Update(new Key(KeyKind.Backspace)).Page.Typed.Text);
        Assert.Equal("", page.Update(new Key(KeyKind.Esc)).Page.Typed.Text);
    }

    [Fact]
    public void Enter_goes_on_with_what_is_in_use_and_sets_what_is_marked()
    {
        var page = new KeyboardPage(Console, "de");
        Assert.IsType<GoOnTyping>(page.Update(new Key(KeyKind.Enter)).Choice);
        KeyboardPage next = page.Update(new Key(KeyKind.Down)).Page;
        UseLayout use = Assert.IsType<UseLayout>(next.Update(new Key(KeyKind.Enter)).Choice);
        Assert.Equal("de-nodeadkeys", use.Layout);
        Assert.Contains("Enter sets German, no dead keys (de-nodeadkeys).", Text(next.View()), StringComparison.Ordinal);
        KeyboardPage set = Typed(next, "zzz").After(null, use.Layout);
        Assert.Equal("", set.Typed.Text);
        Assert.IsType<GoOnTyping>(set.Update(new Key(KeyKind.Enter)).Choice);
    }

    [Fact]
    public void The_arrows_reach_every_layout()
    {
        var page = new KeyboardPage(Console, Keyboards.All[0].Id);
        for (int i = 0; i < 2 * Keyboards.All.Length; i++)
            page = page.Update(new Key(KeyKind.Down)).Page;
        Assert.Equal(Keyboards.All.Length - 1, page.Marked);
        for (int i = 0; i < 5; i++)
            page = page.Update(new Key(KeyKind.Left)).Page;
        Assert.Equal(0, page.Marked);
        Assert.Equal(12, page.Update(new Key(KeyKind.Right)).Page.Marked);
    }

    [Fact]
    public void A_layout_that_was_not_set_is_said_with_what_to_do()
    {
        KeyboardPage page = new KeyboardPage(Console, "us") { Marked = 5 }
            .After(new Refusal("KEYBOARD-01", "It was not set.", "Try again."), "us");
        string screen = Text(page.View());
        Assert.Contains("KEYBOARD-01: It was not set. Try again.", screen, StringComparison.Ordinal);
        Assert.Contains("In use: English, US (us)", screen, StringComparison.Ordinal);
        Assert.Null(page.Update(new Key(KeyKind.Up)).Page.Refused);
    }

    [Fact]
    public void F1_explains_and_Esc_comes_back()
    {
        KeyboardPage help = new KeyboardPage(Console, "us").Update(new Key(KeyKind.F1)).Page;
        Assert.Contains("' and e is é, / and l is ł", Text(help.View()), StringComparison.Ordinal);
        Assert.Null(help.Update(Key.Of('z')).Choice);
        Assert.False(help.Update(new Key(KeyKind.Esc)).Page.HelpShown);
    }

    [Fact]
    public void F12_of_the_console_and_of_xterm_is_one_key()
    {
        using var decoder = new KeyDecoder();
        "\e[24~\e[23~"u8.CopyTo(decoder.Room);
        decoder.Received(10);
        Assert.True(decoder.TryNext(out Key first) && first.Kind == KeyKind.F12);
        Assert.True(decoder.TryNext(out Key second) && second.Kind == KeyKind.F11);
    }

    [Fact]
    public void At_a_question_F12_asks_for_the_keyboard_and_answers_nothing()
    {
        using FakeRoom room = new FakeRoom("root-creation.md").GoTo(move => move is Ask { Question.Kind: AnswerKind.Text });
        (ScreenModel model, Command? command) = Screen.Update(
            new ScreenModel(Console, room.State, Director.Next(room.State), room.Utc) { Input = LineInput.Of("Mü") }, new Key(KeyKind.F12));
        Assert.IsType<ChooseKeyboard>(command);
        Assert.Equal("Mü", model.Input.Text);
    }

    private static KeyboardPage Typed(KeyboardPage page, string text) =>
        text.EnumerateRunes().Aggregate(page, (p, rune) => p.Update(new Key(KeyKind.Rune, rune)).Page);

    private static string Text(Frame frame) => frame.Text;
}
