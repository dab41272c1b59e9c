using System.Text;
using KeyCeremony.App.Terminal.Writing;
using KeyCeremony.App.Transfer;

namespace KeyCeremony.App.Room.Codes;

/// <summary>A code made of characters, light modules lit.</summary>
internal static class CodeCells
{
    private static readonly string[] Blocks = [" ", "▀", "▄", "█"];

    /// <summary>Two modules a character, above each other.</summary>
    public static void WriteHalfBlocks(Sheet sheet, QrCode code, int scale)
    {
        int dots = code.Side * scale;
        for (int row = 0; row < dots; row += 2)
        {
            var line = new StringBuilder();
            for (int column = 0; column < dots; column++)
                line.Append(Blocks[(IsLit(code, scale, row, column) ? 1 : 0) + (IsLit(code, scale, row + 1, column) ? 2 : 0)]);
            sheet.AddCells((line.ToString(), Palette.Dark));
        }
    }

    /// <summary>A module is two blanks: a character is about twice as high as wide.</summary>
    public static void WriteCells(Sheet sheet, QrCode code, int scale)
    {
        int dots = code.Side * scale;
        for (int row = 0; row < dots; row++)
        {
            var runs = new List<(string Text, Look Look)>();
            for (int column = 0; column < dots; column++)
                runs.Add(("  ", IsLit(code, scale, row, column) ? Palette.Lit : Palette.Dark));
            sheet.AddCells([.. runs]);
        }
    }

    private static bool IsLit(QrCode code, int scale, int row, int column) =>
        row < code.Side * scale && code.IsLit(row / scale, column / scale);
}
