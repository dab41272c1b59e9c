using KeyCeremony.App.Keyboard;
using KeyCeremony.App.Terminal;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;

namespace KeyCeremony.App.Room;

/// <summary>
/// The keyboard of the appliance's own console, whose layout can be chosen here. A serial line, a window or a connection from elsewhere
/// brings the layout of its other end: there is nothing to choose.
/// </summary>
internal sealed class ConsoleKeyboard
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(200);

    private ConsoleKeyboard()
    {
    }

    /// <summary>Null: people sit at a terminal with a layout of its own.</summary>
    public static ConsoleKeyboard? Here() => Environment.GetEnvironmentVariable("TERM") == "linux"
        && ConsoleCalls.ioctl(0, ConsoleCalls.KDGKBMODE, out int _) == 0 && File.Exists(KeyboardSocket.SocketFile)
        ? new ConsoleKeyboard()
        : null;

    /// <summary>For the journal: a layout, or that it is the terminal's own.</summary>
    public static string Said() => Here()?.InUse ?? Keyboards.Terminal;

    /// <summary>For a page before the ceremony.</summary>
    public static string Told() => Here() is { } keyboard
        ? $"Keyboard layout: {Keyboards.InWords(keyboard.InUse)}. F12 changes it during a ceremony."
        : "Keyboard layout: that of your own terminal. It is set there, not here.";

    /// <summary>The layout that was set last, or the kernel's own.</summary>
    public string InUse => File.Exists(KeyboardSocket.InUseFile) && File.ReadAllText(KeyboardSocket.InUseFile) is var layout
        && Keyboards.Find(layout) is not null ? layout : Keyboards.AtFirst;

    public static Refusal? Use(string layout) => KeyboardSocket.Ask(KeyboardSocket.SocketFile, layout);

    /// <summary>The appliance's first page. False: the people switch it off, or the terminal is gone.</summary>
    /// <param name="wanted">What the boot menu chose; null: nothing.</param>
    public static bool Begin(string? wanted)
    {
        if (Here() is not { } keyboard)
            return true;
        Refusal? refusal = wanted is null || wanted == keyboard.InUse ? null : Use(wanted);
        using var tty = Tty.Open();
        return keyboard.Choose(tty, Display.Of(tty.Size.Width, tty.Size.Height, Environment.GetEnvironmentVariable), refusal);
    }

    /// <summary>
    /// Shows the page until people go on with what is in use. False: the terminal is gone.
    /// </summary>
    public bool Choose(Tty tty, Display display, Refusal? refusal = null)
    {
        var screen = new TtyScreen(tty);
        screen.Redraw();
        var page = new KeyboardPage(display, InUse) { Refused = refusal };
        while (!tty.IsHungUp)
        {
            (int width, int height) = tty.Size;
            page = page with { Display = page.Display.Resized(width, height) };
            screen.Show(page.View());
            if (!tty.TryRead(Tick, out Key key))
                continue;
            (page, KeyboardChoice? choice) = page.Update(key);
            if (choice is GoOnTyping)
                return true;
            if (choice is UseLayout use)
            {
                screen.Show((page with { IsSetting = true }).View());
                page = page.After(Use(use.Layout), InUse);
                // Keys that were pressed meanwhile gave signs of neither layout.
                tty.DropTypedAhead();
            }
        }
        return false;
    }
}
