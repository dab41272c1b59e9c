using KeyCeremony.App.Terminal;
using KeyCeremony.App.Terminal.Writing;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.App.Room.Scan;

/// <summary>What the camera sees, in words: whether it reads anything, how much is there, and in the end what came in.</summary>
internal static class ScanPage
{
    private const int MaxWidth = 78;
    private const int MaxKept = 4;

    /// <summary>Below it a short gap is nothing to worry about.</summary>
    private const int IdleSeconds = 3;

    public static Frame View(ScanModel model)
    {
        var sheet = new Sheet(model.Display, Math.Max(1, Math.Min(MaxWidth, model.Display.Width - 2)));
        sheet.Row("KeyCeremony: read by camera", model.Wanted, Palette.Strong, Palette.Plain);
        sheet.Rule("");
        sheet.AddBehind("Camera    ", Camera(model), Palette.Plain);
        if (model.Codes.Artefact is { } artefact)
            Received(sheet, artefact, model.HidesHash);
        else
            Aiming(sheet, model);
        if ((model.Blind ?? model.Refusal ?? (model.Codes.Artefact is null ? model.Codes.Refusal : null)) is { } refusal)
        {
            sheet.Blank();
            sheet.AddBehind("! ", $"{refusal.Rule}: {refusal.Message}", Palette.Alarm);
            sheet.AddBehind("  ", refusal.Remedy, Palette.Plain);
        }
        WriteKept(sheet, model);
        var plate = new Plate(model.Display);
        plate.Place(sheet, 1, 1, model.Display.Height - 2);
        Sheet keys = Keys(model);
        plate.Place(keys, model.Display.Height - 1, 1, 1);
        return plate.ToFrame();
    }

    private static void Aiming(Sheet sheet, ScanModel model)
    {
        CodeCollector codes = model.Codes;
        sheet.AddBehind("Seen      ", Seen(model), Palette.Strong);
        sheet.AddBehind("Received  ", Progress(codes), Palette.Strong);
        sheet.AddBehind("Codes     ", $"{codes.Codes} read, {codes.Refused} of them refused", Palette.Plain);
        sheet.Blank();
        sheet.AddBehind($"{sheet.Glyph.Now} ",
            "Now: hold the codes straight before the camera, as large as it sees them whole.", Palette.Now);
        sheet.AddBehind("  ", "A screen may not mirror a lamp. Frames may be missed: the sender goes on until all is here.", Palette.Plain);
    }

    private static void Received(Sheet sheet, Artefact artefact, bool hidesHash)
    {
        sheet.AddBehind("Received  ", artefact.Name, Palette.Strong);
        sheet.AddBehind("Type      ", artefact.Type, Palette.Plain);
        sheet.AddBehind("Size      ", $"{artefact.Bytes.Length:N0} bytes", Palette.Plain);
        if (hidesHash)
        {
            sheet.Blank();
            sheet.AddBehind($"{sheet.Glyph.Now} ", "Now: is this the file that its sender "
                + "shows? Enter takes it, and its hash is compared afterwards with what its owner sent; d discards it.", Palette.Now);
            return;
        }
        sheet.AddBehind("SHA-256   ", string.Join(' ', artefact.Sha256.Chunk(4).Select(four => new string(four))), Palette.Strong);
        sheet.AddBehind("Words     ", artefact.Words, Palette.Strong);
        sheet.Blank();
        sheet.AddBehind($"{sheet.Glyph.Now} ",
            $"Now: read the first {Acknowledgement.Words} words to the sender. Enter takes it when they are the same there; d discards it.",
            Palette.Now);
    }

    private static void WriteKept(Sheet sheet, ScanModel model)
    {
        if (model.Kept.IsEmpty)
            return;
        sheet.Blank();
        sheet.Add(model.Kept.Length == 1 ? "Taken:" : $"Taken so far, {model.Kept.Length}:", Palette.Plain);
        foreach (Artefact kept in model.Kept.TakeLast(MaxKept))
            sheet.Row($"  {kept.Name}", $"{kept.Bytes.Length:N0} bytes", Palette.Plain, Palette.Quiet);
    }

    private static Sheet Keys(ScanModel model)
    {
        var sheet = new Sheet(model.Display, Math.Max(1, Math.Min(MaxWidth, model.Display.Width - 2)));
        string first = model.Blind is not null ? "Enter try again  " : model.Codes.Artefact is not null ? "Enter take  d discard  " : "";
        sheet.Row($"{first}r begin again{(model.Cameras.Length > 1 ? "  c other camera" : "")}", "Esc leave", Palette.Quiet, Palette.Quiet);
        return sheet;
    }

    private static string Camera(ScanModel model)
    {
        string name = model.Camera.Name.Length == 0 ? model.Camera.Path : $"{model.Camera.Path}  {model.Camera.Name}";
        return model.Cameras.Length == 1 ? name : $"{name}  ({model.Selected + 1} of {model.Cameras.Length})";
    }

    private static string Seen(ScanModel model) => model.Blind is not null ? "nothing: the camera gives no pictures"
        : model.Codes.Codes == 0 ? "no code yet"
        : model.Idle >= IdleSeconds ? $"no code for {model.Idle} seconds"
        : "codes";

    private static string Progress(CodeCollector codes)
    {
        const int Cells = 20;
        if (codes.Count == 0)
            return "nothing yet";
        int full = (int)((long)Cells * codes.Known / codes.Count);
        return $"[{new string('#', full)}{new string('.', Cells - full)}] {codes.Known} of {codes.Count} parts";
    }
}
