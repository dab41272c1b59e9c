using KeyCeremony.App.Terminal;

namespace KeyCeremony.App.Room.Scan;

/// <summary>What a key does while the camera is aimed. Pure, but that it may empty the model's collector.</summary>
internal static class ScanKeys
{
    public static (ScanModel Model, ScanWish Wish) After(ScanModel model, Key key)
    {
        if (key.Kind is KeyKind.Esc or KeyKind.F10 || key.IsCtrl('c'))
            return (model with { IsOver = true }, ScanWish.None);
        if (key.Kind == KeyKind.Enter)
            return (model with { Refusal = null },
                model.Blind is not null ? ScanWish.Camera : model.Codes.Artefact is not null ? ScanWish.Keep : ScanWish.None);
        return key.Kind == KeyKind.Rune ? Lettered(model, (char)key.Rune.Value) : (model, ScanWish.None);
    }

    private static (ScanModel, ScanWish) Lettered(ScanModel model, char letter)
    {
        switch (letter)
        {
            case 'c' when model.Cameras.Length > 1:
                return (model with { Selected = (model.Selected + 1) % model.Cameras.Length, Blind = null }, ScanWish.Camera);
            case 'd' when model.Codes.Artefact is not null:
                model.Codes.Next();
                return (model with { Refusal = null }, ScanWish.None);
            case 'r':
                model.Codes.Again();
                return (model with { Refusal = null }, ScanWish.None);
            default:
                return (model, ScanWish.None);
        }
    }
}
