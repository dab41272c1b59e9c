using System.Collections.Immutable;
using KeyCeremony.App.Terminal;
using KeyCeremony.App.Terminal.Pages;
using KeyCeremony.App.Terminal.Writing;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.App.Room.Codes;

/// <summary>The code on the left, and beside it what is shown, its hash, and the keys.</summary>
internal static class CodePage
{
    /// <summary>Six groups of hex digits, three long words, or two keys with what they do.</summary>
    public const int PanelWidth = 30;

    private const int HexGroups = 6;

    public static Frame View(CodeShow show)
    {
        var plate = new Plate(show.Display);
        if (show.HelpShown)
        {
            plate.Place(Help(show), 1, 1, show.Display.Height - 1);
            return plate.ToFrame();
        }
        int left = Math.Max(0, show.CodeColumns + 1);
        if (show.Surface == CodeSurface.Framebuffer)
            plate.Leave(0, 0, show.Display.Height, show.CodeColumns);
        else if (show.Code() is { } code)
            plate.Place(Picture(show, code), 0, 0, show.Display.Height);
        Sheet keys = Keys(show);
        Sheet panel = Panel(show);
        plate.Place(panel, 0, left, show.Display.Height);
        int room = Math.Min(keys.Height, show.Display.Height - panel.Height);
        if (room > 0)
            plate.Place(keys, show.Display.Height - room, left, room);
        return plate.ToFrame();
    }

    private static Sheet Picture(CodeShow show, Transfer.QrCode code)
    {
        var sheet = new Sheet(show.Display, show.CodeColumns);
        if (show.Surface == CodeSurface.HalfBlocks)
            CodeCells.WriteHalfBlocks(sheet, code, show.Scale);
        else
            CodeCells.WriteCells(sheet, code, show.Scale);
        return sheet;
    }

    private static Sheet Panel(CodeShow show)
    {
        var sheet = new Sheet(show.Display, Math.Min(PanelWidth, show.Display.Width));
        Artefact artefact = show.Message.Artefact;
        sheet.Row($"Result {show.Others.Before + show.Selected + 1} of {Math.Max(show.Others.All, show.Messages.Length)}",
            State(show), Palette.Quiet, Palette.Strong);
        sheet.Row(artefact.Name, "", Palette.Strong, Palette.Plain);
        sheet.Row(artefact.Type, "", Palette.Quiet, Palette.Plain);
        sheet.Row(Size(show), "", Palette.Plain, Palette.Plain);
        if (show.Frames is not null)
        {
            sheet.Row(Counting(show), "", Palette.Plain, Palette.Plain);
            sheet.Row(Timing(show), "", Palette.Plain, Palette.Plain);
        }
        if (show.Words is { } words)
            Ask(sheet, words);
        else if (show.Refusal is null)
            WriteHash(sheet, artefact);
        if (show.Refusal is { } refusal)
        {
            sheet.AddBehind("! ", $"{refusal.Rule}: {refusal.Message}", Palette.Alarm);
            sheet.AddBehind("  ", refusal.Remedy, Palette.Plain);
        }
        return sheet;
    }

    private static void WriteHash(Sheet sheet, Artefact artefact)
    {
        foreach (string[] groups in artefact.Sha256.Chunk(4).Select(four => new string(four)).Chunk(HexGroups))
            sheet.Add(string.Join(' ', groups), Palette.Strong);
        sheet.Add(artefact.Words, Palette.Strong);
    }

    // The words on this screen would be copied from here: they are not shown while they are asked.
    private static void Ask(Sheet sheet, LineInput words)
    {
        sheet.Blank();
        sheet.AddBehind($"{sheet.Glyph.Now} ",
            $"Now: the receiver reads the first {Acknowledgement.Words} words aloud. Type them, then Enter. Esc goes back.", Palette.Now);
        AskBlock.WriteField(sheet, words, "> ", active: true);
    }

    private static Sheet Keys(CodeShow show)
    {
        var sheet = new Sheet(show.Display, Math.Min(PanelWidth, show.Display.Width));
        if (show.Words is not null)
            return sheet;
        bool pem = show.Surface == CodeSurface.Pem;
        sheet.Row(pem ? "Space again" : show.IsPaused ? "Space go on" : "Space pause", "Enter received", Palette.Quiet, Palette.Quiet);
        if (!pem)
            sheet.Row("f faster  s slower", "Esc leave", Palette.Quiet, Palette.Quiet);
        sheet.Row(pem ? "Esc leave" : "+ larger  - smaller", show.Messages.Length == 1 ? "" : "n p other", Palette.Quiet, Palette.Quiet);
        sheet.Row(FrontHelp.Named(show.Display).Trim(), "", Palette.Quiet, Palette.Quiet);
        return sheet;
    }

    /// <summary>No code stands beside it: a camera that is aimed here waits.</summary>
    private static Sheet Help(CodeShow show)
    {
        var sheet = new Sheet(show.Display, Math.Max(1, show.Display.Width - 2));
        sheet.Add($"KeyCeremony: {show.Message.Artefact.Name} leaves the room", Palette.Strong);
        FrontHelp.Write(sheet, About(show), Does(show));
        return sheet;
    }

    private static ImmutableArray<string> About(CodeShow show) =>
    [
        show.Surface == CodeSurface.Pem
            ? "This terminal shows no code: the result was printed as text. The receiver's terminal keeps it, from BEGIN to END."
            : "The receiver aims a camera at the code until its page says that the file is whole. Frames come again in other mixtures: "
                + "one that was missed need not be waited for.",
        show.AsksWords
            ? $"Then the receiver reads the first {Acknowledgement.Words} words of the hash from their own screen, and they are typed "
                + "here: so both know that it is this file. Nobody tells them the words."
            : "Then the hash on the receiver's screen is compared with the one here.",
    ];

    private static IEnumerable<(string Key, string What)> Does(CodeShow show)
    {
        bool pem = show.Surface == CodeSurface.Pem;
        yield return ("Enter", show.AsksWords ? "the receiver has it: their words are typed" : "the receiver has it; on to the next");
        yield return ("Space", pem ? "prints it once more" : "holds this frame, and goes on");
        if (!pem)
        {
            yield return ("f s", "more or fewer frames a second; fewer for a slow camera");
            yield return ("+ -", "larger codes with more in each, or smaller ones for a camera that sees none");
        }
        if (show.Messages.Length > 1)
            yield return ("n p", "the next result, the one before");
        yield return ("Esc", "leaves; what was not received can be shown again");
    }

    private static string State(CodeShow show) =>
        show.Received.ContainsKey(show.Selected) ? "RECEIVED" : show.IsPaused ? "PAUSED" : "";

    private static string Size(CodeShow show) => $"{show.Message.Artefact.Bytes.Length} bytes, packed {show.Message.Length}";

    private static string Counting(CodeShow show) =>
        show.Frames!.Sequence.IsSingle ? "one frame" : $"frame {show.Number} ({show.Frames.Sequence.Count} needed)";

    private static string Timing(CodeShow show)
    {
        string code = $"code version {show.Frames!.Version}";
        if (show.Frames.Sequence.IsSingle)
            return code;
        int seconds = (show.Frames.Sequence.Count + show.Speed - 1) / show.Speed;
        return $"{show.Speed}/s, {(seconds < 100 ? $"{seconds} s" : $"{(seconds + 59) / 60} min")}, {code}";
    }
}
