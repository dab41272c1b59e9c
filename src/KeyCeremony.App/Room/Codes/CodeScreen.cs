using System.Diagnostics.CodeAnalysis;
using KeyCeremony.App.Terminal;
using KeyCeremony.App.Transfer;
using KeyCeremony.Core;

namespace KeyCeremony.App.Room.Codes;

/// <summary>What codes are drawn with on this terminal, opened.</summary>
internal sealed class CodeScreen(CodeSurface surface, TerminalDevice device, Framebuffer? framebuffer) : IDisposable
{
    public CodeSurface Surface => surface;

    /// <summary>For <see cref="CodeSurface.Framebuffer"/> only.</summary>
    public FramebufferGeometry? Geometry => framebuffer?.Geometry;

    /// <summary>
    /// The surface that was asked for, or the best that the terminal on descriptor 1 shows. Refused with SHOW-05 without a framebuffer.
    /// </summary>
    /// <param name="wanted">Null: the best.</param>
    public static bool TryOpen(CodeSurface? wanted, Display display, string term,
        [NotNullWhen(true)] out CodeScreen? screen, [NotNullWhen(false)] out Refusal? refusal)
    {
        Framebuffer? opened = null;
        var device = TerminalDevice.Own();
        bool Opens() => Framebuffer.TryOpen(Framebuffer.Path, out opened);
        CodeSurface surface = wanted ?? device.Best(display, term, Opens, KernelFont.HasBlocks);
        refusal = wanted == CodeSurface.Framebuffer && !Opens() ? ShowRules.NoFramebuffer(Framebuffer.Path) : null;
        screen = refusal is null ? new CodeScreen(surface, device, opened) : null;
        return refusal is null;
    }

    /// <summary>Paints the pixels of a code where there are any. While another console is in front, they are that one's.</summary>
    public void Paint(CodeShow show)
    {
        if (framebuffer is not null && device.IsInFront)
            framebuffer.Paint(show.Code(), show.Scale);
    }

    public void Dispose() => framebuffer?.Dispose();
}
