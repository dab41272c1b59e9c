using KeyCeremony.App.Terminal;
using KeyCeremony.App.Terminal.Writing;

namespace KeyCeremony.App.Tests.Terminal;

public sealed class DisplayTests
{
    [Theory]
    [InlineData("xterm-256color", "", "", GlyphSet.Unicode, true, true)]
    [InlineData("tmux-256color", "", "C.UTF-8", GlyphSet.Unicode, true, true)]
    [InlineData("xterm", "1", "en_US.utf8", GlyphSet.Unicode, true, false)]
    [InlineData("xterm", "", "de_DE.ISO-8859-1", GlyphSet.Ascii, true, true)]
    [InlineData("linux", "", "", GlyphSet.Console, true, true)]
    [InlineData("vt220", "", "C.UTF-8", GlyphSet.Ascii, true, false)]
    [InlineData("vt100", "", "", GlyphSet.Ascii, true, false)]
    [InlineData("dumb", "", "", GlyphSet.Ascii, false, false)]
    [InlineData("", "", "", GlyphSet.Ascii, false, false)]
    public void The_environment_decides(string term, string noColour, string locale, GlyphSet glyphs, bool attributes, bool colour)
    {
        var display = Display.Of(100, 30, name => name switch { "TERM" => term, "NO_COLOR" => noColour, "LANG" => locale, _ => null });
        Assert.Equal((glyphs, attributes, colour), (display.Glyphs, display.Attributes, display.Colour));
    }

    [Fact]
    public void A_serial_line_that_does_not_know_its_size_gets_the_smallest_screen()
    {
        var display = Display.Of(0, 0, _ => null);
        Assert.Equal((80, 24), (display.Width, display.Height));
        Assert.False(display.IsTooSmall);
    }

    /// <summary>Its bold is a brighter colour: reversed, dark grey on grey. Elsewhere it is a heavier letter.</summary>
    [Theory]
    [InlineData("linux", "\e[0;7m")]
    [InlineData("xterm", "\e[0;1;7m")]
    public void What_is_marked_can_be_read_on_the_linux_console_too(string term, string sgr) =>
        Assert.Equal(sgr, Palette.Marked.Sgr(Display.Of(80, 25, name => name == "TERM" ? term : null)));
}
