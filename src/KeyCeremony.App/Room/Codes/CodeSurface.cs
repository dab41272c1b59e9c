using KeyCeremony.App.Terminal;

namespace KeyCeremony.App.Room.Codes;

/// <summary>What a code is drawn with.</summary>
public enum CodeSurface
{
    /// <summary>Pixels of the Linux console.</summary>
    Framebuffer,

    /// <summary>Two modules above each other in a character.</summary>
    HalfBlocks,

    /// <summary>A module is two blanks side by side, lit or not.</summary>
    Cells,

    /// <summary>No picture: text for a serial line.</summary>
    Pem,
}

/// <summary>What a terminal is good for.</summary>
/// <param name="Device">Its name, e.g. <c>/dev/tty1</c>; empty when it has none.</param>
internal sealed record TerminalDevice(string Device)
{
    private const string InFront = "/sys/class/tty/tty0/active";

    private static readonly string[] SerialNames = ["/dev/ttyS", "/dev/ttyAMA", "/dev/ttyUSB", "/dev/ttyACM", "/dev/hvc"];

    /// <summary>The terminal of descriptor 1.</summary>
    public static TerminalDevice Own() => new(File.ResolveLinkTarget("/proc/self/fd/1", returnFinalTarget: false)?.FullName ?? "");

    public bool IsSerial => SerialNames.Any(name => Device.StartsWith(name, StringComparison.Ordinal));

    /// <summary>A text console of the kernel: <c>/dev/tty1</c> to <c>/dev/tty63</c>.</summary>
    public bool IsConsole =>
        Device.StartsWith("/dev/tty", StringComparison.Ordinal) && Device.Length > 8 && Device[8..].All(char.IsAsciiDigit);

    /// <summary>Of several consoles that share one screen, the one that is seen. Of another terminal nobody can say.</summary>
    public bool IsInFront => !IsConsole || !File.Exists(InFront) || File.ReadAllText(InFront).Trim() == Path.GetFileName(Device);

    /// <summary>The best that the terminal shows; a serial line is told by its name or by TERM.</summary>
    /// <param name="framebuffer">Asked on a console only.</param>
    /// <param name="kernelFontHasBlocks">Asked on a console only.</param>
    public CodeSurface Best(Display display, string term, Func<bool> framebuffer, Func<bool> kernelFontHasBlocks)
    {
        if (IsSerial || !display.Attributes || term.StartsWith("vt", StringComparison.Ordinal))
            return CodeSurface.Pem;
        if (IsConsole)
            return framebuffer() ? CodeSurface.Framebuffer : kernelFontHasBlocks() ? CodeSurface.HalfBlocks : CodeSurface.Cells;
        return display.Glyphs == GlyphSet.Unicode ? CodeSurface.HalfBlocks : CodeSurface.Cells;
    }
}
