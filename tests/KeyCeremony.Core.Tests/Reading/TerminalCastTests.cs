using System.Text;
using KeyCeremony.Core.Reading;

namespace KeyCeremony.Core.Tests.Reading;

/// <summary>A recording is anybody's file: what is none is refused, and what is shown of one steers a terminal as our screens do.</summary>
public sealed class TerminalCastTests
{
    private static readonly byte[] Head = TerminalCast.Header(80, 25, DateTimeOffset.UnixEpoch.AddSeconds(5), "0001-root-creation");

    [Fact]
    public void What_was_written_is_read_again()
    {
        CastEvent[] events =
        [
            new(TimeSpan.Zero, CastKind.Sent, "\e[0m\e[2J\e[3J\e[H\e[1;36m│ Weiß ✓\e[K\e[12;3H\e[4C\e[?25h\e[?25l\r\n"),
            new(TimeSpan.FromMilliseconds(1), CastKind.Marker, "1. Roll call"),
            new(TimeSpan.FromHours(9), CastKind.Resized, "120x40"),
        ];
        Assert.True(TerminalCast.TryRead([.. Head, .. events.SelectMany(TerminalCast.Line)], out TerminalCast? cast, out Refusal? refusal),
            refusal?.ToString());

        Assert.Equal((80, 25, 5L, "0001-root-creation"), (cast.Width, cast.Height, cast.Timestamp, cast.Title));
        Assert.Equal(events, cast.Events);
        Assert.Null(cast.Strange());
    }

    [Theory]
    [InlineData("CAST-01", "")]
    [InlineData("CAST-01", "[0, \"o\", \"a\"]\n")]
    [InlineData("CAST-01", "{\"version\": 3, \"width\": 80, \"height\": 25}\n")]
    [InlineData("CAST-01", "{\"version\": 2, \"width\": 0, \"height\": 25}\n")]
    [InlineData("CAST-01", "{\"version\": 2, \"width\": 80, \"height\": 100000}\n")]
    [InlineData("CAST-01", "{\"version\": 2, \"width\": 80.5, \"height\": 25}\n")]
    [InlineData("CAST-01", "{\"version\": 2, \"width\": 80, \"height\": 25}")]
    [InlineData("CAST-01", "{\"version\": 2, \"width\": 80, \"height\": 25}\n[1, \"o\"]\n")]
    [InlineData("CAST-01", "{\"version\": 2, \"width\": 80, \"height\": 25}\n[1, \"i\", \"typed\"]\n")]
    [InlineData("CAST-01", "{\"version\": 2, \"width\": 80, \"height\": 25}\n[-1, \"o\", \"a\"]\n")]
    [InlineData("CAST-01", "{\"version\": 2, \"width\": 80, \"height\": 25}\n[1e300, \"o\", \"a\"]\n")]
    [InlineData("CAST-01", "{\"version\": 2, \"width\": 80, \"height\": 25}\n[2, \"o\", \"a\"]\n[1, \"o\", \"a\"]\n")]
    [InlineData("CAST-01", "{\"version\": 2, \"width\": 80, \"height\": 25}\n[2, \"r\", \"80\"]\n")]
    [InlineData("CAST-01", "{\"version\": 2, \"width\": 80, \"height\": 25}\n[2, \"o\", \"\\ud800\"]\n")]
    [InlineData("CAST-01", "{\"version\": 2, \"width\": 80, \"height\": 25}\n\n")]
    [InlineData("CAST-01", "{\"version\": 2, \"width\": 80, \"height\": 25}\n[[[[[[1]]]]], \"o\", \"a\"]\n")]
    public void What_is_no_recording_is_refused(string rule, string text)
    {
        Assert.False(TerminalCast.TryRead(Encoding.UTF8.GetBytes(text), out _, out Refusal? refusal));
        Assert.Equal(rule, refusal.Rule);
    }

    [Fact]
    public void One_that_is_too_long_is_refused_unread()
    {
        Assert.False(TerminalCast.TryRead(new byte[TerminalCast.MaxBytes + 1], out _, out Refusal? refusal));
        Assert.Equal("CAST-02", refusal.Rule);
    }

    [Theory]
    [InlineData("a title", "\e]0;rm -rf\a")]
    [InlineData("a clipboard", "\e]52;c;cm0gLXJm\a")]
    [InlineData("an answer that is typed into the shell", "\e[6n\e[c\e[5n")]
    [InlineData("keys of its own", "\eP+q544e\e\\\e[?1000h\e[>4;2m\e[20h")]
    [InlineData("a charset", "\e(0\x0e\x0f")]
    [InlineData("another screen", "\e[?1049l\e[?47h\ec")]
    [InlineData("control characters", "\a\b\v\f\x7f\u009b31m\u0085")]
    [InlineData("another reading direction", "\u202e\u2066")]
    [InlineData("a sequence without an end", "\e[")]
    [InlineData("a sequence without an end", "\e[12;")]
    [InlineData("a sequence that is too long", "\e[0000000000000000000000000000000000000000000m")]
    public void What_steers_a_terminal_otherwise_is_strange_and_made_plain(string what, string text)
    {
        string safe = TerminalCast.Permitted($"before{text}behind");
        Assert.StartsWith("before", safe, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', safe);
        Assert.True(PlainText.Is(safe), what);
        Assert.True(TerminalCast.TryRead([.. Head, .. TerminalCast.Line(new CastEvent(TimeSpan.Zero, CastKind.Sent, text))],
            out TerminalCast? cast, out Refusal? refusal), refusal?.ToString());
        Assert.Equal("CAST-03", cast.Strange()?.Rule);
    }

    [Fact]
    public void A_marker_steers_nothing_at_all()
    {
        Assert.Equal("?[1mstep", TerminalCast.Permitted("\e[1mstep", sequences: false));
        Assert.True(TerminalCast.TryRead([.. Head, .. TerminalCast.Line(new CastEvent(TimeSpan.Zero, CastKind.Marker, "\e[1m"))],
            out TerminalCast? cast, out _));
        Assert.Equal("CAST-03", cast.Strange()?.Rule);
    }

    /// <summary>Any bytes: read or refused, and what is made of their text is one of our sequences or no sequence.</summary>
    [Fact]
    public void Whatever_is_read_is_safe_once_it_was_made_plain()
    {
        var random = new Random(25);
        string[] parts =
        [
            "\e", "[", "]", "0", ";", "?", "m", "H", "C", "K", "J", "2J", "h", "l", "n", "\a", "\\", "P", "x", "é", "\u009b", "\r", "\n",
        ];
        for (int i = 0; i < 20_000; i++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => parts[random.Next(parts.Length)]));
            string safe = TerminalCast.Permitted(text);
            Assert.Equal(safe, TerminalCast.Permitted(safe));
            string rest = System.Text.RegularExpressions.Regex.Replace(safe, @"\e\[(2J|3J|K|\?25h|\?25l|[0-9;]*[mHC])", "");
            Assert.DoesNotContain('\e', rest);
            Assert.True(PlainText.Is(rest.Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal)), text);
        }
    }
}
