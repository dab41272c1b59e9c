using System.Runtime.InteropServices;
using KeyCeremony.App.Room.Codes;
using KeyCeremony.App.Terminal;

namespace KeyCeremony.App.Tests.Transfer;

public sealed class CodeSurfaceTests
{
    [Theory]
    [InlineData("/dev/ttyS0", "vt220", CodeSurface.Pem)]
    [InlineData("/dev/ttyS1", "linux", CodeSurface.Pem)]
    [InlineData("/dev/ttyUSB0", "xterm", CodeSurface.Pem)]
    [InlineData("/dev/hvc0", "xterm", CodeSurface.Pem)]
    [InlineData("/dev/pts/3", "vt100", CodeSurface.Pem)]
    [InlineData("/dev/pts/3", "dumb", CodeSurface.Pem)]
    [InlineData("", "", CodeSurface.Pem)]
    [InlineData("/dev/tty1", "linux", CodeSurface.Framebuffer)]
    [InlineData("/dev/tty12", "linux", CodeSurface.Framebuffer)]
    [InlineData("/dev/pts/3", "xterm-256color", CodeSurface.HalfBlocks)]
    [InlineData("/dev/pts/3", "linux", CodeSurface.Cells)]
    [InlineData("/dev/tty", "xterm", CodeSurface.HalfBlocks)]
    public void The_best_that_the_terminal_shows_is_taken(string device, string term, CodeSurface best) =>
        Assert.Equal(best, Best(device, term, framebuffer: true, blocks: true));

    [Fact]
    public void A_console_without_pixels_shows_half_blocks_if_its_font_has_them()
    {
        Assert.Equal(CodeSurface.HalfBlocks, Best("/dev/tty1", "linux", framebuffer: false, blocks: true));
        Assert.Equal(CodeSurface.Cells, Best("/dev/tty1", "linux", framebuffer: false, blocks: false));
    }

    [Fact]
    public void A_console_behind_another_is_not_painted_on()
    {
        Assert.True(new TerminalDevice("/dev/pts/1").IsInFront);
        Assert.Equal(!File.Exists("/sys/class/tty/tty0/active"), new TerminalDevice("/dev/tty63").IsInFront);
    }

    [Fact]
    public void The_font_has_half_blocks_when_all_three_signs_are_in_it()
    {
        Assert.True(KernelFont.HasBlocks(Pairs('A', '█', '▄', '▀')));
        Assert.False(KernelFont.HasBlocks(Pairs('A', '█', '▄')));
        Assert.False(KernelFont.HasBlocks([]));
    }

    [Fact]
    public void No_font_is_asked_of_what_is_no_console() => Assert.False(KernelFont.HasBlocks());

    [Fact]
    public void While_codes_are_shown_errors_go_nowhere()
    {
        string before = Descriptor2();
        using (new ScreenSilence())
            Assert.Equal("/dev/null", Descriptor2());
        Assert.Equal(before, Descriptor2());
    }

    private static string Descriptor2() => new FileInfo("/proc/self/fd/2").LinkTarget!;

    private static byte[] Pairs(params char[] characters) =>
        MemoryMarshal.AsBytes<ushort>(characters.SelectMany((c, place) => new ushort[] { c, (ushort)place }).ToArray()).ToArray();

    private static CodeSurface Best(string device, string term, bool framebuffer, bool blocks) =>
        new TerminalDevice(device).Best(Display.Of(80, 25, name => name == "TERM" ? term : null), term, () => framebuffer, () => blocks);
}
