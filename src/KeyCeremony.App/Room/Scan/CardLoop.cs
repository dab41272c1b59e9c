using System.Collections.Immutable;
using KeyCeremony.App.Camera;
using KeyCeremony.App.Terminal;
using KeyCeremony.App.Terminal.Writing;
using KeyCeremony.Core;

namespace KeyCeremony.App.Room.Scan;

/// <summary>Takes the text of a card's code. Null: it is the card that is asked for.</summary>
internal delegate Refusal? TakeCard(ReadOnlySpan<byte> code);

/// <summary>One custodian holds one card before the camera. What it says goes into locked memory and onto no screen.</summary>
internal static class CardLoop
{
    private const int MaxWidth = 78;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    /// <summary>Null when the card was read; else why not: the last code's refusal, the camera's, or that the person left.</summary>
    public static Refusal? Run(Tty tty, Display display, ImmutableArray<CameraDevice> cameras, Zbar zbar, TakeCard take)
    {
        if (cameras.IsEmpty)
            return ScanRules.NoCamera();
        if (!CameraEye.TryOpen(zbar, cameras[0].Path, out CameraEye? eye, out Refusal? refusal))
            return refusal;
        using var silence = new ScreenSilence();
        using (eye)
        {
            var screen = new TtyScreen(tty);
            screen.Redraw();
            bool isRead = false;
            void Take(ReadOnlySpan<byte> code)
            {
                if (isRead)
                    return;
                refusal = take(code);
                isRead = refusal is null;
            }
            while (!tty.IsHungUp)
            {
                if (!eye.TryLook(Take, out Refusal? lost) && !isRead)
                    return lost;
                if (isRead)
                    return null;
                (int width, int height) = tty.Size;
                display = display.Resized(width, height);
                screen.Show(View(display, cameras[0], refusal));
                if (tty.TryRead(Tick, out Key key) && (key.Kind is KeyKind.Esc or KeyKind.F10 || key.IsCtrl('c')))
                    break;
            }
        }
        return refusal ?? CameraDesk.NothingTaken();
    }

    internal static Frame View(Display display, CameraDevice camera, Refusal? refusal)
    {
        var sheet = new Sheet(display, Math.Max(1, Math.Min(MaxWidth, display.Width - 2)));
        sheet.Row("KeyCeremony: a card by camera", "", Palette.Strong, Palette.Plain);
        sheet.Rule("");
        sheet.AddBehind("Camera    ", $"{camera.Path}  {camera.Name}".TrimEnd(), Palette.Plain);
        sheet.Blank();
        sheet.AddBehind($"{sheet.Glyph.Now} ",
            "Now: hold the code of your card before the camera. Everybody else looks away.", Palette.Now);
        sheet.AddBehind("  ", "It is taken as soon as it is read. Esc goes back to typing.", Palette.Plain);
        if (refusal is not null)
        {
            sheet.Blank();
            sheet.AddBehind("! ", $"{refusal.Rule}: {refusal.Message}", Palette.Alarm);
            sheet.AddBehind("  ", refusal.Remedy, Palette.Plain);
        }
        var plate = new Plate(display);
        plate.Place(sheet, 1, 1, display.Height - 1);
        return plate.ToFrame();
    }
}
