using KeyCeremony.App.Terminal;

namespace KeyCeremony.App.Tests.Terminal;

public sealed class WelcomeTests
{
    private static readonly WelcomeModel First = new(new Display(80, 25, GlyphSet.Unicode, true, true, true),
        [new RehearseCeremony("root-creation", "Root"), new VerifyBundle(""), new QuitProgram()]);

    [Fact]
    public void A_bundle_without_a_folder_is_refused()
    {
        WelcomeModel asked = Press(Press(First, KeyKind.Down).Model, KeyKind.Enter).Model;
        (WelcomeModel refused, WelcomeChoice? choice) = Press(asked, KeyKind.Enter);
        Assert.Null(choice);
        Assert.Equal(ScreenRules.UnknownPathId, refused.Refusal?.Rule);
    }

    [Fact]
    public void A_bundles_folder_is_typed()
    {
        WelcomeModel asked = Press(Press(First, KeyKind.Down).Model, KeyKind.Enter).Model;
        foreach (char character in "/media/b")
            (asked, _) = Welcome.Update(asked, Key.Of(character));
        Assert.Equal(new VerifyBundle("/media/b"), Press(asked, KeyKind.Enter).Choice);
        Assert.Null(Press(asked, KeyKind.Esc).Model.Folder);
    }

    [Fact]
    public void A_line_is_chosen_by_number_or_arrow_and_enter()
    {
        Assert.Equal(First.Choices[0], Press(First, KeyKind.Enter).Choice);
        Assert.Equal(First.Choices[2], Press(Press(First, KeyKind.Up).Model, KeyKind.Enter).Choice);
        Assert.Equal(First.Choices[2], Press(Welcome.Update(First, Key.Of('3')).Model, KeyKind.Enter).Choice);
        Assert.IsType<QuitProgram>(Welcome.Update(First, Key.Ctrl('c')).Choice);
    }

    /// <summary>Shipped scripts make more than nine lines.</summary>
    [Fact]
    public void A_line_behind_the_ninth_has_a_number_too()
    {
        WelcomeModel many = First with { Choices = [.. Enumerable.Repeat(First.Choices[0], 14), First.Choices[2]] };
        WelcomeModel fifteen = Welcome.Update(Welcome.Update(many, Key.Of('1')).Model, Key.Of('5')).Model;
        Assert.Equal(First.Choices[2], Press(fifteen, KeyKind.Enter).Choice);
        Assert.Equal(5, Welcome.Update(Press(Welcome.Update(many, Key.Of('1')).Model, KeyKind.Down).Model, Key.Of('6')).Model.Selected);
        Assert.Equal(1, Welcome.Update(fifteen, Key.Of('2')).Model.Selected);
    }

    [Fact]
    public void It_fits_any_terminal()
    {
        foreach ((int width, int height) in new[] { (10, 3), (40, 12), (200, 60) })
        {
            Frame frame = Welcome.View(First with { Display = First.Display with { Width = width, Height = height } });
            Assert.Equal(height, frame.Rows.Length);
            Assert.All(frame.Rows, row => Assert.Equal(width, row.Length));
        }
    }

    private static (WelcomeModel Model, WelcomeChoice? Choice) Press(WelcomeModel model, KeyKind kind) =>
        Welcome.Update(model, new Key(kind));
}
