using KeyCeremony.App.Camera;
using KeyCeremony.App.Terminal;
using KeyCeremony.Core;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.App.Room.Scan;

/// <summary>Watches a camera until the people have what they want or leave: keys, codes, pictures, on one thread.</summary>
internal static class ScanLoop
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    /// <param name="keep">Takes what was received; a refusal is shown, and the artefact stays on the screen.</param>
    /// <param name="isSingle">Whether one artefact is all that is wanted.</param>
    public static ScanModel Run(Tty tty, ScanModel first, Zbar zbar, Func<Artefact, Refusal?> keep, bool isSingle, TimeProvider clock)
    {
        using var silence = new ScreenSilence();
        var screen = new TtyScreen(tty);
        screen.Redraw();
        CameraEye? eye = null;
        try
        {
            (ScanModel model, eye) = Opened(first, null, zbar);
            long seenAt = clock.GetTimestamp();
            while (!model.IsOver && !tty.IsHungUp)
            {
                int before = model.Codes.Codes;
                if (eye is not null && model.Blind is null && !eye.TryLook(model.Codes.Take, out Refusal? lost))
                    model = model with { Blind = lost };
                seenAt = model.Codes.Codes != before ? clock.GetTimestamp() : seenAt;
                (int width, int height) = tty.Size;
                model = model.Resized(width, height) with { Idle = (int)clock.GetElapsedTime(seenAt).TotalSeconds };
                screen.Show(ScanPage.View(model));
                if (!tty.TryRead(Tick, out Key key))
                    continue;
                if (key.IsCtrl('l'))
                    screen.Redraw();
                (model, ScanWish wish) = ScanKeys.After(model, key);
                if (wish == ScanWish.Camera)
                    (model, eye) = Opened(model, eye, zbar);
                else if (wish == ScanWish.Keep)
                    model = Kept(model, keep, isSingle);
            }
            return model;
        }
        finally
        {
            eye?.Dispose();
            screen.Redraw();
        }
    }

    private static (ScanModel, CameraEye?) Opened(ScanModel model, CameraEye? before, Zbar zbar)
    {
        before?.Dispose();
        bool opened = CameraEye.TryOpen(zbar, model.Camera.Path, out CameraEye? eye, out Refusal? refusal);
        return (model with { Blind = opened ? null : refusal }, eye);
    }

    private static ScanModel Kept(ScanModel model, Func<Artefact, Refusal?> keep, bool isSingle)
    {
        Artefact artefact = model.Codes.Artefact!;
        if (keep(artefact) is { } refusal)
            return model with { Refusal = refusal };
        model.Codes.Next();
        return model with { Kept = model.Kept.Add(artefact), IsOver = isSingle };
    }
}
