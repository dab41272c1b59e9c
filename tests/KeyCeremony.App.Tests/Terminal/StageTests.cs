using KeyCeremony.App.Terminal;
using KeyCeremony.App.Terminal.Host;
using KeyCeremony.App.Terminal.Writing;
using KeyCeremony.Core.Ceremony;

namespace KeyCeremony.App.Tests.Terminal;

/// <summary>Views draw what the layout says, in any size and after any other picture.</summary>
public sealed class StageTests
{
    private static readonly Display Narrow = new(80, 25, GlyphSet.Unicode, Attributes: true, Colour: true, FunctionKeys: true);

    /// <summary>Only what differs is drawn anew: a forgotten piece of the picture before would stay.</summary>
    [Fact]
    public void A_picture_does_not_depend_on_the_one_before()
    {
        var alone = new List<(Func<Display, Frame> Draw, string Text)>();
        foreach ((_, Func<Display, Frame> draw) in OtherPages.All)
        {
            Stage.Draw(new Layout(Narrow with { Width = 3, Height = 3 })); // Of another size: everything is drawn anew after it.
            alone.Add((draw, draw(Narrow).Text));
        }
        var random = new Random(20261128);
        for (int i = 0; i < 60; i++)
        {
            (Func<Display, Frame> draw, string text) = alone[random.Next(alone.Count)];
            Assert.Equal(text, draw(Narrow).Text);
        }
    }

    [Theory]
    [InlineData(60, 20)]
    [InlineData(80, 24)]
    [InlineData(81, 25)]
    [InlineData(115, 30)]
    [InlineData(116, 40)]
    [InlineData(240, 67)]
    public void Every_size_of_terminal_is_filled_exactly_and_shown_as_drawn(int width, int height)
    {
        using var room = new FakeRoom("root-creation.md");
        ScreenModel step = room.GoTo("clock", AnswerKind.Utc).Model(Narrow);
        ScreenModel leaving = Screen.Update(step, Key.Ctrl('c')).Model;
        Display dumb = Narrow with { Glyphs = GlyphSet.Ascii, Attributes = false, Colour = false };
        foreach (Display display in new[] { Narrow, Narrow with { Glyphs = GlyphSet.Console }, dumb })
            foreach (ScreenModel model in new[] { step, leaving })
            {
                Frame frame = Screen.View(model with { Display = display with { Width = width, Height = height } });
                Assert.Equal(height, frame.Rows.Length);
                Assert.All(frame.Rows, row => Assert.Equal(width, Columns.Of(row)));
                Assert.Equal(frame.Rows, Emulator.Of(frame).Rows);
                Assert.True(display.Glyphs != GlyphSet.Ascii || frame.Text.All(char.IsAscii), frame.Text);
            }
    }

    [Fact]
    public void A_character_of_two_columns_takes_two()
    {
        var sheet = new Sheet(Narrow, 10);
        sheet.Add("漢字 e\u0301x");
        var layout = new Layout(Narrow);
        layout.Place(sheet, 1, 2, 1);
        Frame frame = Stage.Draw(layout);
        Assert.Equal(["漢", "", "字", "", " ", "e\u0301", "x", " "], Enumerable.Range(2, 8).Select(column => frame.At(1, column).Text));
    }

    [Fact]
    public void A_box_hides_the_place_of_a_secret_and_takes_the_cursor()
    {
        var secret = new Sheet(Narrow, 20);
        secret.Add("1          ");
        secret.AddSpot(2, 8, SpotKind.ShownWord, 1);
        secret.Cursor = (0, 0);
        var question = new Sheet(Narrow, 30);
        question.Add("> ");
        question.Cursor = (0, 2);
        var layout = new Layout(Narrow);
        layout.Place(secret, 1, 1, 1);
        Assert.Single(Stage.Draw(layout).Spots);
        layout.Open(new Box("Sure?", question, 2, 20));
        Frame frame = Stage.Draw(layout);
        Assert.Empty(frame.Spots);
        Assert.Contains("┌┤Sure?├─", frame.Text, StringComparison.Ordinal);
        (int row, int column) = frame.Cursor!.Value;
        Assert.Equal("> ", frame.Rows[row][(column - 2)..column]);
    }
}
