using System.Text;
using KeyCeremony.App.Room.Codes;
using KeyCeremony.App.Terminal;
using KeyCeremony.App.Terminal.Host;
using KeyCeremony.App.Tests.Terminal;
using KeyCeremony.App.Transfer;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.App.Tests.Transfer;

/// <summary>
/// What the screen looks like, as text files that a reviewer can read, and what a camera reads from it. UPDATE_GOLDEN=1 writes the
/// files anew.
/// </summary>
public sealed class CodePageTests
{
    private static readonly Display Broad = Shows.Narrow with { Width = 128, Height = 48 };
    private static readonly Display Huge = Shows.Narrow with { Width = 240, Height = 67 };
    private static readonly Display Console = Broad with { Glyphs = GlyphSet.Console };
    private static readonly Display Old = Broad with { Glyphs = GlyphSet.Ascii, Colour = false, FunctionKeys = false };
    private static readonly FramebufferGeometry Pixels = new(1024, 768, 4096, 4, 0);

    private static readonly Dictionary<string, CodeShow> Screens = new()
    {
        ["half-blocks-80x25"] = Shows.Tick(Shows.Begin(Shows.Narrow, CodeSurface.HalfBlocks), 11),
        ["half-blocks-80x24"] = Shows.Begin(Shows.Narrow with { Height = 24 }, CodeSurface.HalfBlocks),
        ["half-blocks-128x48"] = Shows.Tick(Shows.Begin(Broad, CodeSurface.HalfBlocks).Select(1), 40),
        ["half-blocks-240x67"] = Shows.Begin(Huge, CodeSurface.HalfBlocks).Select(1),
        ["half-blocks-240x67-smaller"] = Shows.Begin(Huge, CodeSurface.HalfBlocks).Select(1).WithVersion(9),
        ["one-frame-80x25"] = Shows.Press(Shows.Begin(Shows.Narrow, CodeSurface.HalfBlocks), KeyKind.Left),
        ["paused-received-80x25"] = Shows.Type(Shows.Press(Shows.Begin(Shows.Narrow, CodeSurface.HalfBlocks), KeyKind.Enter), "p s"),
        ["words-80x25"] = Shows.Type(Shows.Press(Shows.Begin(Shows.Narrow, CodeSurface.HalfBlocks, asksWords: true), KeyKind.Enter),
            "aardvark absurd"),
        ["words-refused-80x25"] = Shows.Press(Shows.Type(Shows.Press(Shows.Begin(Shows.Narrow, CodeSurface.HalfBlocks, asksWords: true),
            KeyKind.Enter), "aardvark adroitness accrue adviser"), KeyKind.Enter),
        ["help-80x25"] = Shows.Press(Shows.Begin(Shows.Narrow, CodeSurface.HalfBlocks, asksWords: true), KeyKind.F1),
        ["help-pem-80x25"] = Shows.Type(Shows.Begin(Shows.Narrow with { Glyphs = GlyphSet.Ascii, FunctionKeys = false }, CodeSurface.Pem)
            with
        { IsPrinting = false }, "?"),
        ["too-large-80x25"] = Shows.Begin(Shows.Narrow, CodeSurface.HalfBlocks, null,
            false, Shows.Message("device-certificates.tar", 900_000)),
        ["no-room-80x25"] = Shows.Begin(Shows.Narrow, CodeSurface.Cells),
        ["cells-128x48"] = Shows.Begin(Console, CodeSurface.Cells),
        ["framebuffer-128x48"] = Shows.Begin(Console, CodeSurface.Framebuffer, Pixels),
        ["pem-80x25"] = Shows.Begin(Shows.Narrow with { Glyphs = GlyphSet.Ascii }, CodeSurface.Pem) with { IsPrinting = false },
    };

    [Fact]
    public void Every_screen_looks_as_it_was_reviewed()
    {
        string folder = TestFiles.PathOf("tests", "KeyCeremony.App.Tests", "Transfer", "golden");
        foreach ((string name, CodeShow show) in Screens)
        {
            Frame frame = CodePage.View(show);
            Assert.Equal(show.Display.Height, frame.Rows.Length);
            Assert.All(frame.Rows, row => Assert.Equal(show.Display.Width, row.Length));
            string path = Path.Combine(folder, name + ".txt");
            if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
                File.WriteAllText(path, frame.Text, new UTF8Encoding(false));
            Assert.True(File.ReadAllText(path) == frame.Text, $"{name} looks different now:\n{frame.Text}");
        }
        Assert.Equal(Screens.Keys.Order(StringComparer.Ordinal),
            Directory.EnumerateFiles(folder).Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal));
    }

    /// <summary>Also without colours, where reverse video makes the light.</summary>
    [Theory]
    [InlineData(CodeSurface.HalfBlocks, 80, 25)]
    [InlineData(CodeSurface.HalfBlocks, 80, 24)]
    [InlineData(CodeSurface.HalfBlocks, 128, 48)]
    [InlineData(CodeSurface.HalfBlocks, 240, 67)]
    [InlineData(CodeSurface.Cells, 128, 48)]
    [InlineData(CodeSurface.Cells, 240, 67)]
    public void A_camera_reads_every_frame_from_the_screen(CodeSurface surface, int width, int height)
    {
        foreach (Display display in new[] { Huge, Old })
        {
            CodeShow show = Shows.Begin(display with { Width = width, Height = height }, surface).Select(1);
            CodeShow[] shown = [.. Enumerable.Range(0, 8).Select(i => Shows.Tick(show, 13 * i))];
            string[] read = Picture.Read([.. shown.Select(s => Picture.Of(CodePage.View(s)))]);
            Assert.Equal(shown.Select(s => s.Frames!.Sequence.Text(s.Number)), read);
        }
    }

    [Fact]
    public void What_the_screen_showed_is_the_artefact()
    {
        CodeShow show = Shows.Begin(Shows.Narrow, CodeSurface.HalfBlocks);
        var collector = new FrameCollector();
        // Every third frame is missed.
        CodeShow[] seen = [.. Enumerable.Range(0, 40).Where(i => i % 3 != 0).Select(i => Shows.Tick(show, i))];
        foreach (string text in Picture.Read([.. seen.Select(s => Picture.Of(CodePage.View(s)))]))
            Assert.True(collector.TryTake(text, out _));
        Assert.True(collector.TryFinish(out Artefact? artefact, out Core.Refusal? refusal), refusal?.ToString());
        Assert.Equal((show.Message.Artefact.Name, show.Message.Artefact.Sha256), (artefact.Name, artefact.Sha256));
    }

    [Fact]
    public void The_terminal_leaves_the_place_of_the_pixels_alone()
    {
        CodeShow show = Screens["framebuffer-128x48"];
        Frame frame = CodePage.View(show);
        var terminal = new Emulator(frame.Display.Width, frame.Display.Height);
        terminal.Fill("x");
        new CellSender(terminal.Receive).Send(frame);
        Assert.All(terminal.Rows, row => Assert.StartsWith(new string('x', show.CodeColumns), row, StringComparison.Ordinal));
    }

    [Fact]
    public void It_fits_any_terminal()
    {
        foreach ((int width, int height) in new[] { (1, 1), (10, 3), (40, 12), (300, 100) })
            foreach (CodeSurface surface in Enum.GetValues<CodeSurface>())
            {
                Frame frame = CodePage.View(Shows.Begin(Shows.Narrow with { Width = width, Height = height }, surface, Pixels));
                Assert.Equal(height, frame.Rows.Length);
                Assert.All(frame.Rows, row => Assert.Equal(width, row.Length));
            }
    }
}
