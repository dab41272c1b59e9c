using KeyCeremony.App.Room.Codes;
using KeyCeremony.App.Terminal;
using KeyCeremony.App.Transfer;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.App.Tests.Transfer;

public sealed class CodeKeysTests
{
    private static readonly CodeShow First = Shows.Begin(Shows.Narrow, CodeSurface.HalfBlocks);
    private static readonly CodeShow Asking = First with { AsksWords = true };

    [Fact]
    public void Words_of_something_else_are_refused_and_stay()
    {
        CodeShow refused = Shows.Press(Shows.Type(Shows.Press(Asking, KeyKind.Enter), "aardvark absurd"), KeyKind.Enter);
        Assert.Equal("PGPWORD-02", refused.Refusal?.Rule);
        Assert.Equal("aardvark absurd", refused.Words?.Text);
        Assert.Empty(refused.Received);

        CodeShow other = Shows.Press(Shows.Type(Shows.Press(Asking, KeyKind.Enter), Words(Asking.Select(1))), KeyKind.Enter);
        Assert.Equal(TransferRules.WordsId, other.Refusal?.Rule);
        Assert.Null(Shows.Press(other, KeyKind.Esc).Words);
    }

    [Fact]
    public void The_words_of_the_receiver_are_kept_with_what_was_received()
    {
        CodeShow show = Asking;
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal((i, false), (show.Selected, show.IsOver));
            show = Shows.Press(Shows.Type(Shows.Press(show, KeyKind.Enter), Words(show)), KeyKind.Enter);
        }
        Assert.True(show is { IsOver: true, IsAllReceived: true });
        Assert.Equal(Asking.Messages.Select((m, i) => Words(Asking.Select(i))), show.Received.Values);
    }

    [Fact]
    public void Letters_are_letters_while_words_are_typed()
    {
        CodeShow typing = Shows.Type(Shows.Press(Asking, KeyKind.Enter), "f s+-np");
        Assert.Equal(("f s+-np", Asking.Speed, Asking.Frames, false), (typing.Words!.Text, typing.Speed, typing.Frames, typing.IsPaused));
    }

    /// <summary>The frames wait, no code stands behind the text, and what was typed is there again.</summary>
    [Fact]
    public void Help_is_put_away_by_the_key_that_ends_it_and_nothing_else_happens()
    {
        CodeShow ticked = Shows.Tick(First, 7), help = Shows.Press(ticked, KeyKind.F1);
        Assert.Equal((true, false, null), (help.HelpShown, help.IsMoving, help.Code()));
        Assert.Same(help, Shows.Type(Shows.Tick(help, 5), "fs+-np "));
        foreach (KeyKind end in new[] { KeyKind.Enter, KeyKind.Esc, KeyKind.F1 })
            Assert.Equal(ticked, Shows.Press(help, end));
        Assert.Equal(help, Shows.Type(ticked, "?"));
        CodeShow typing = Shows.Type(Shows.Press(Asking, KeyKind.Enter), "aardvark ?");
        Assert.False(typing.HelpShown);
        Assert.Equal(typing, Shows.Press(Shows.Press(typing, KeyKind.F1), KeyKind.Esc));
        Assert.True(Shows.Press(help, [Key.Ctrl('c')]).IsOver);
    }

    [Fact]
    public void Who_leaves_has_not_shown_everything()
    {
        foreach (Key key in new[] { new Key(KeyKind.Esc), new Key(KeyKind.F10), Key.Ctrl('c') })
            Assert.True(
                CodeKeys.After(Shows.Press(First, KeyKind.Enter), key) is { IsOver: true, IsAllReceived: false, Received.Count: 1 });
    }

    [Fact]
    public void The_next_artefact_is_one_that_was_not_received()
    {
        CodeShow last = Shows.Type(First, "p");
        Assert.Equal(2, last.Selected);
        CodeShow first = Shows.Press(last, KeyKind.Enter);
        Assert.Equal((0, 1u), (first.Selected, first.Number));
        Assert.Equal(1, Shows.Press(first, KeyKind.Right).Selected);
        Assert.True(Shows.Press(Shows.Press(first, KeyKind.Enter), KeyKind.Enter) is { IsOver: true, IsAllReceived: true });
    }

    [Fact]
    public void Frames_only_rise_and_stand_while_paused()
    {
        Assert.Equal(501u, Shows.Tick(First, 500).Number);
        CodeShow paused = Shows.Type(Shows.Tick(First, 7), " ");
        Assert.Equal(8u, Shows.Tick(paused, 9).Number);
        Assert.Equal(9u, Shows.Tick(Shows.Type(paused, " "), 1).Number);
        Assert.Equal(1u, Shows.Tick(First.Select(2), 5).Number); // one frame holds it
        Assert.Equal(uint.MaxValue, Shows.Tick(First with { Number = uint.MaxValue }, 3).Number);
    }

    [Fact]
    public void Speed_goes_up_and_down_to_its_ends()
    {
        Assert.Equal((12, 8), (Shows.Type(First, "f").Speed, Shows.Type(First, "s").Speed));
        Assert.Equal((20, 1), (Shows.Type(First, "ffffffffffff").Speed, Shows.Type(First, "ssssssssssss").Speed));
        Assert.Equal((12, 8), (Shows.Press(First, KeyKind.Up).Speed, Shows.Press(First, KeyKind.Down).Speed));
    }

    [Fact]
    public void The_code_goes_down_in_size_and_up_to_what_fits_and_begins_again()
    {
        Assert.Equal(6, First.Frames!.Version);
        CodeShow smaller = Shows.Type(Shows.Tick(First, 30), "-");
        Assert.Equal((5, 1u), (smaller.Frames!.Version, smaller.Number));
        Assert.True(smaller.Frames.Sequence.Count > First.Frames.Sequence.Count);
        Assert.Equal(CodeShow.SmallestVersion, Shows.Type(First, "-----").Frames!.Version);
        Assert.Equal(6, Shows.Type(smaller, "+++").Frames!.Version);
    }

    [Fact]
    public void A_window_of_another_size_gets_codes_that_fit_it()
    {
        CodeShow ticked = Shows.Tick(First, 4);
        Assert.Same(ticked, ticked.Resized(80, 25));
        Assert.Equal((5u, 6), (ticked.Resized(81, 25).Number, ticked.Resized(81, 25).Frames!.Version));
        Assert.Equal((1u, 17), (ticked.Resized(128, 48).Number, ticked.Resized(128, 48).Select(1).Frames!.Version));
        CodeShow tiny = ticked.Resized(20, 10);
        Assert.Equal((null, TransferRules.ScreenId), (tiny.Frames, tiny.Refusal?.Rule));
        Assert.Equal(6, tiny.Resized(80, 25).Frames!.Version);
    }

    [Theory]
    [InlineData(CodeSurface.HalfBlocks, 80, 25, 6)]
    [InlineData(CodeSurface.HalfBlocks, 80, 24, 5)]
    [InlineData(CodeSurface.HalfBlocks, 128, 48, 17)]
    [InlineData(CodeSurface.HalfBlocks, 240, 67, 25)] // more would fit; cameras read no more
    [InlineData(CodeSurface.Cells, 128, 48, 5)]
    [InlineData(CodeSurface.Cells, 240, 67, 10)]
    [InlineData(CodeSurface.Framebuffer, 128, 48, 25)]
    public void The_largest_code_that_fits_is_taken(CodeSurface surface, int width, int height, int version)
    {
        var geometry = new FramebufferGeometry(1024, 768, 4096, 4, 0);
        CodeShow show = Shows.Begin(Shows.Narrow with { Width = width, Height = height },
            surface, geometry, false, Shows.Message("a.bin", 20_000));
        Assert.Equal(version, show.Frames!.Version);
    }

    [Fact]
    public void A_large_artefact_for_a_small_code_is_refused()
    {
        CodeShow show = Shows.Begin(Shows.Narrow, CodeSurface.HalfBlocks, null, false, Shows.Message("a.bin", 900_000));
        Assert.Equal((null, TransferRules.TooLargeId), (show.Frames, show.Refusal?.Rule));
        Assert.NotNull(show.Resized(240, 67).Frames);
    }

    [Fact]
    public void On_a_serial_line_space_prints_again()
    {
        CodeShow show = Shows.Begin(Shows.Narrow, CodeSurface.Pem);
        Assert.True(show.IsPrinting);
        CodeShow printed = show with { IsPrinting = false };
        Assert.True(Shows.Type(printed, " ").IsPrinting);
        Assert.True(Shows.Press(printed, KeyKind.Enter) is { IsPrinting: true, Selected: 1, Frames: null });
    }

    [Theory]
    [InlineData(10, 4, 100)] // the usual: painting takes no time
    [InlineData(10, 80, 160)]
    [InlineData(20, 700, 1400)]
    public void A_frame_is_whole_for_as_long_as_its_painting_took(int speed, int painting, int stands) =>
        Assert.Equal(TimeSpan.FromMilliseconds(stands), ShowLoop.Stands(speed, TimeSpan.FromMilliseconds(painting)));

    private static string Words(CodeShow show) => string.Join(' ', show.Message.Artefact.Words.Split(' ').Take(Acknowledgement.Words));
}
