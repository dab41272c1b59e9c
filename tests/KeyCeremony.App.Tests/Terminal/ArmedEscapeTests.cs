using System.Text;
using KeyCeremony.App.Terminal;
using KeyCeremony.Core.Ceremony;

namespace KeyCeremony.App.Tests.Terminal;

/// <summary>Bytes of a keyboard with the milliseconds at which they come, through decoder and screen.</summary>
public sealed class ArmedEscapeTests
{
    [Theory]
    [InlineData(0, true)]
    [InlineData(300, true)]
    [InlineData(500, true)]
    [InlineData(501, false)]
    [InlineData(60_000, false)]
    public void A_digit_is_a_function_key_only_right_behind_its_Esc(int later, bool isFunctionKey)
    {
        (ScreenModel end, Command? command) = Typed((0, "\e"), (later, "2"));
        Assert.Equal(isFunctionKey, command is Send { Message: Undo });
        Assert.Equal(isFunctionKey ? "" : "2", end.Input.Text);
    }

    /// <summary>What a person met: an Esc of long ago, and the typed number took the last answer back.</summary>
    [Fact]
    public void A_number_typed_after_a_stray_Esc_is_a_number()
    {
        (ScreenModel end, Command? command) = Typed((0, "\e"), (4_000, "2"), (4_100, "1"), (4_200, "1"), (4_300, "4"));
        Assert.Null(command);
        Assert.Equal("2114", end.Input.Text);
    }

    [Fact]
    public void A_stray_Esc_arms_nothing_for_the_second_digit_either()
    {
        (ScreenModel end, Command? command) = Typed((0, "\e"), (450, "x"), (480, "2"));
        Assert.Null(command);
        Assert.Equal("2", end.Input.Text);
    }

    [Fact]
    public void Of_two_Esc_the_last_one_counts()
    {
        Assert.IsType<Send>(Typed((0, "\e"), (450, "\e"), (900, "2")).Command);
        Assert.Null(Typed((0, "\e"), (100, "\e"), (650, "2")).Command);
    }

    [Fact]
    public void What_the_screen_says_of_a_waiting_Esc_goes_with_it()
    {
        TimeSpan now = TimeSpan.Zero;
        var armed = new ArmedEscape(() => now);
        ScreenModel model = Asked();
        armed.Came(new Key(KeyKind.Esc));
        model = Screen.Update(model, new Key(KeyKind.Esc)).Model;
        Assert.Contains("Esc: now a digit", Screen.View(armed.Now(model)).Text, StringComparison.Ordinal);
        now = TimeSpan.FromMilliseconds(700);
        Assert.DoesNotContain("Esc: now a digit", Screen.View(armed.Now(model)).Text, StringComparison.Ordinal);
    }

    private static (ScreenModel Model, Command? Command) Typed(params (int At, string Bytes)[] keys)
    {
        TimeSpan now = TimeSpan.Zero;
        var armed = new ArmedEscape(() => now);
        using var decoder = new KeyDecoder();
        ScreenModel model = Asked();
        Command? last = null;
        foreach ((int at, string bytes) in keys)
        {
            now = TimeSpan.FromMilliseconds(at);
            byte[] sent = Encoding.ASCII.GetBytes(bytes);
            sent.CopyTo(decoder.Room);
            decoder.Received(sent.Length);
            Assert.True(decoder.TryNext(out Key key) || decoder.TryFlush(out key)); // nothing came for 50 ms
            armed.Came(key);
            (model, last) = Screen.Update(armed.Now(model), key);
        }
        return (model, last);
    }

    private static ScreenModel Asked() => new FakeRoom("root-creation.md").GoTo("clock", AnswerKind.Utc)
        .Model(new Display(80, 25, GlyphSet.Unicode, true, true, true));
}
