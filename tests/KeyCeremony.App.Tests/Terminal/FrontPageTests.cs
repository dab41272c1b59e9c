using KeyCeremony.App.Terminal;

namespace KeyCeremony.App.Tests.Terminal;

/// <summary>The pages of the appliance before a ceremony.</summary>
public sealed class FrontPageTests
{
    private static readonly FrontPage Page = new(new Display(80, 25, GlyphSet.Unicode, true, true, true), "What this computer is",
        [.. Enumerable.Range(1, 60).Select(n => $"finding {n}.")], ["It is as published; go on", "Switch off"]);

    [Fact]
    public void Nothing_is_chosen_by_other_keys_than_Enter()
    {
        foreach (Key key in new[] { Key.Of('x'), Key.Of('3'), Key.Of('2'), new Key(KeyKind.F1), new Key(KeyKind.Down),
            new Key(KeyKind.PageDown) })
            Assert.Null(Page.Update(key).Choice);
    }

    [Fact]
    public void Esc_goes_back_a_page_where_there_is_one()
    {
        foreach (Key key in new[] { new Key(KeyKind.Esc), new Key(KeyKind.F10), Key.Ctrl('c') })
        {
            Assert.Equal(new GoBack(), Page.Update(key).Choice);
            Assert.Equal((Page with { Back = null }, null), (Page with { Back = null }).Update(key));
        }
        Assert.Contains("Esc goes back", Page.View().Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Esc", (Page with { Back = null }).View().Text, StringComparison.Ordinal);
    }

    [Fact]
    public void F1_explains_the_page_and_no_key_of_the_help_chooses()
    {
        FrontPage page = Page with { Selected = 1, Help = ["Compare the words with the binder."] };
        FrontPage help = page.Update(new Key(KeyKind.F1)).Page;
        Assert.Contains("Compare the words with the binder.", help.View().Text, StringComparison.Ordinal);
        Assert.Equal((help, null), help.Update(Key.Of('1')));
        foreach (KeyKind key in new[] { KeyKind.Enter, KeyKind.Esc, KeyKind.F1 })
            Assert.Equal((page, null), help.Update(new Key(key)));
        Assert.Equal(help, page.Update(Key.Of('?')).Page);
    }

    [Fact]
    public void A_line_is_marked_by_number_or_arrow_and_chosen_by_Enter()
    {
        Assert.Equal(new Chosen(0), Page.Update(new Key(KeyKind.Enter)).Choice);
        Assert.Equal(new Chosen(1), Page.Update(Key.Of('2')).Page.Update(new Key(KeyKind.Enter)).Choice);
        Assert.Equal(new Chosen(1), Page.Update(new Key(KeyKind.Up)).Page.Update(new Key(KeyKind.Enter)).Choice);
    }

    [Theory]
    [InlineData("13", 13)]
    [InlineData("3", 3)]
    [InlineData("19", null)]
    [InlineData("132", null)]
    [InlineData("0", null)]
    public void What_is_typed_is_one_number_and_never_its_last_digit(string typed, int? line)
    {
        FrontPage page = Page with { Choices = [.. Enumerable.Range(1, 15).Select(n => $"ceremony {n}")] };
        foreach (char digit in typed)
            page = page.Update(Key.Of(digit)).Page;
        Assert.Equal(line is { } number ? new Chosen(number - 1) : null, page.Update(new Key(KeyKind.Enter)).Choice);
        Assert.Equal(new Chosen(0),
            page.Update(new Key(KeyKind.Backspace)).Page.Update(Key.Of('1')).Page.Update(new Key(KeyKind.Enter)).Choice);
    }

    /// <summary>Up to nine lines a second digit can only mean another line.</summary>
    [Fact]
    public void Of_few_lines_the_next_digit_marks_anew()
    {
        FrontPage page = Page with { Choices = ["Go on", "Look again", "Leave"] };
        page = page.Update(Key.Of('3')).Page.Update(Key.Of('1')).Page;
        Assert.Equal(new Chosen(0), page.Update(new Key(KeyKind.Enter)).Choice);
        Assert.Null(page.Update(Key.Of('4')).Page.Update(new Key(KeyKind.Enter)).Choice);
        Assert.Null(page.Update(Key.Of('0')).Page.Update(new Key(KeyKind.Enter)).Choice);
    }

    [Fact]
    public void A_title_of_two_rows_pushes_no_choice_off_the_page()
    {
        FrontPage page = Page with
        {
            Title = "KeyCeremony: what \"Recovery of the root key on a new hardware security module\" will need",
            Choices = ["Go on: begin the ceremony", "Look again", "Leave; nothing is begun"],
        };
        var seen = new HashSet<string>();
        for (int i = 0; i < 10; i++, page = page.Update(new Key(KeyKind.PageDown)).Page)
        {
            Assert.Contains("3  Leave; nothing is begun", page.View().Text, StringComparison.Ordinal);
            seen.UnionWith(page.View().Rows.Select(r => r.Trim()).Where(r => r.StartsWith("finding", StringComparison.Ordinal)));
        }
        Assert.Equal(60, seen.Count);
    }

    [Fact]
    public void The_whole_text_is_reached_by_scrolling_and_the_choices_stay()
    {
        FrontPage page = Page;
        var seen = new HashSet<string>();
        for (int i = 0; i < 10; i++)
        {
            string[] rows = [.. page.View().Rows];
            Assert.Contains(rows, r => r.Contains("2  Switch off", StringComparison.Ordinal));
            seen.UnionWith(rows.Select(r => r.Trim()).Where(r => r.StartsWith("finding", StringComparison.Ordinal)));
            (page, _) = page.Update(new Key(KeyKind.PageDown));
        }
        Assert.Equal(60, seen.Count);
        Assert.Equal(page.View().Text, page.Update(new Key(KeyKind.PageDown)).Page.View().Text);
    }

    [Theory]
    [InlineData(80, 24)]
    [InlineData(132, 50)]
    public void It_fits_any_terminal(int width, int height)
    {
        Frame frame = (Page with { Display = Page.Display.Resized(width, height) }).View();
        Assert.Equal(height, frame.Rows.Length);
        Assert.All(frame.Rows, r => Assert.Equal(width, r.Length));
    }
}
