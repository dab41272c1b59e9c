using System.Diagnostics.CodeAnalysis;
using KeyCeremony.App.Transfer;
using KeyCeremony.Core;

namespace KeyCeremony.App.Terminal.Codes;

/// <summary>What codes are drawn with on this terminal, opened.</summary>
internal sealed class CodeScreen(CodeSurface surface, Framebuffer? framebuffer) : IDisposable
{
    public CodeSurface Surface => surface;

    /// <summary>For <see cref="CodeSurface.Framebuffer"/> only.</summary>
    public Framebuffer? Framebuffer => framebuffer;

    /// <summary>The surface that was asked for, or the best that the terminal on descriptor 1 shows. Refused with SHOW-05 without a framebuffer.</summary>
    /// <param name="wanted">Null: the best.</param>
    public static bool TryOpen(CodeSurface? wanted, Display display, string term, [NotNullWhen(true)] out CodeScreen? screen, [NotNullWhen(false)] out Refusal? refusal)
    {
        Framebuffer? opened = null;
        bool Opens() => Transfer.Framebuffer.TryOpen(Transfer.Framebuffer.Path, out opened);
        CodeSurface surface = wanted ?? TerminalDevice.Own().Best(display, term, Opens, KernelFont.HasBlocks);
        refusal = wanted == CodeSurface.Framebuffer && !Opens() ? ShowRules.NoFramebuffer(Transfer.Framebuffer.Path) : null;
        screen = refusal is null ? new CodeScreen(surface, opened) : null;
        return refusal is null;
    }

    public void Dispose() => framebuffer?.Dispose();
}
