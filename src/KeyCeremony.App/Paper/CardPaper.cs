using System.Globalization;
using KeyCeremony.Core.Script;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.App.Paper;

/// <summary>
/// Blank cards, a sheet for each that the script deals, so that no two custodians share one: above the card, below the sheet for
/// a metal plate. A script that allows codes has the code's squares below the card, and the plate on a sheet of its own. A word's
/// place is its place on the screen. Nothing of a secret is known when they are printed.
/// </summary>
internal static class CardPaper
{
    private const double Half = PaperForm.SheetHeight / 2;
    private const double Left = 12, Right = PaperForm.SheetWidth - Left;
    private const double ColumnPitch = (Right - Left) / CardGrid.Columns;
    private const double NumberWidth = 7, ColumnGap = 2;

    /// <summary>SLIP-39 words differ in them.</summary>
    private const int DecidingLetters = 4;

    /// <summary>Side of a square of a code: 33 of them, and the light border, stay inside half a sheet.</summary>
    private const double Square = 2.8;

    /// <returns>Null where the script deals no card.</returns>
    public static byte[]? Write(CeremonyScript script)
    {
        var form = new PaperForm();
        BlankCard[] cards = [.. ScriptPaper.Cards(script)];
        foreach (BlankCard card in cards)
        {
            form.NewSheet();
            Card(form, script, card);
            form.Cut(0, Half, PaperForm.SheetWidth, Half);
            if (script.CardCodes)
            {
                Code(form, card);
                form.NewSheet();
                form.Cut(0, Half, PaperForm.SheetWidth, Half);
            }
            Plate(form, card, Half);
        }
        return cards.Length == 0 ? null : form.Write($"Cards of {script.Name}", Footer(script));
    }

    /// <summary>Which script the paper is for: name, version, and half of its SHA-256, which a line has room for.</summary>
    public static string Footer(CeremonyScript script) =>
        string.Create(CultureInfo.InvariantCulture, $"{script.Name}, version {script.Version}   SHA-256 {script.Sha256[..32]}...");

    private static void Card(PaperForm form, CeremonyScript script, BlankCard card)
    {
        form.Text("KEYCEREMONY SHARE CARD", form.Mono, 7.5, Left, 12);
        form.TextBefore($"{script.Name}, version {script.Version}", form.Mono, 7.5, Right, 12);
        form.Text(Capital(card.Name), form.Bold, 17, Left, 20);
        form.TextBefore(HowMany(card), form.Bold, 12, Right, 20);
        form.Field("Set, from the screen (as 0001-" + card.Set + "-1)", Left, 31, 56);
        form.Field($"Custodian (officer {card.Number})", Left + 62, 31, 84);
        form.Field("Date (UTC)", Left + 152, 31, Right - Left - 152);
        form.Field("Environment", Left, 41, 56);
        form.Field("Ledger", Left + 62, 41, 54);
        form.Field("Bag number", Left + 122, 41, Right - Left - 122);
        Words(form, card.Words, 46, 122, WordList.MaxLetters);
        form.Lines(
        [
            "Each word behind its number, in capitals, with a permanent pen. Four letters decide. Compare, then type it back from here.",
            "Into its bag; the bag's number is read aloud and written above; sign across the seal. Never photograph, copy or tell it.",
        ], 6.8, Left, 127.5);
        form.Field("If you find this card: do not read it, and bring it to", Left, 142, Right - Left);
    }

    private static void Plate(PaperForm form, BlankCard card, double top)
    {
        form.Text("SHEET FOR A METAL PLATE", form.Mono, 7.5, Left, top + 10);
        form.TextBefore("first four letters of each word", form.Mono, 7.5, Right, top + 10);
        form.Text(Capital(card.Name), form.Bold, 13, Left, top + 17);
        form.TextBefore(HowMany(card), form.Bold, 10, Right, top + 17);
        form.Field("Set, from the screen", Left, top + 27, 56);
        form.Field("Plate read back by (initials)", Left + 62, top + 27, 54);
        form.Field("This sheet destroyed (witness)", Left + 122, top + 27, Right - Left - 122);
        Words(form, card.Words, top + 32, top + 108, DecidingLetters);
        form.Lines(
        [
            "Only where cards are kept in metal; else cut it off and throw it away unwritten. Lay it on the plate and stamp each letter",
            "through it at its place, with set and card number, after the card was typed back. What was written or stamped here is the",
            "card once more: it is destroyed before the camera when the plate was read back.",
        ], 6.8, Left, top + 114);
    }

    /// <summary>The squares that every code of this size has in common are printed; the others are copied from the screen.</summary>
    private static void Code(PaperForm form, BlankCard card)
    {
        bool?[,] blank = CardCode.Blank(card.Words);
        int side = blank.GetLength(0);
        double left = (PaperForm.SheetWidth - (side * Square)) / 2, top = Half + 29;
        form.Text($"{Capital(card.Name)}, the same card as a code", form.Bold, 11, Left, Half + 10);
        form.TextBefore($"{side} by {side} squares", form.Bold, 9, Right, Half + 10);
        form.Lines(
        [
            "Folded here, not cut. On the screen, c shows the card as a code: copy it square by square, and write the words as well.",
            "The squares printed black, and the light ones beside them, are those of every card. For a camera this is the whole card.",
        ], 6.8, Left, Half + 15);
        for (int row = 0; row < side; row++)
            for (int column = 0; column < side; column++)
                if (blank[row, column] is true)
                    form.Fill(left + (column * Square), top + (row * Square), Square, Square);
                else if (blank[row, column] is null)
                    form.Box(left + (column * Square), top + (row * Square), Square, Square, 0.15);
    }

    private static void Words(PaperForm form, int words, double top, double bottom, int letters)
    {
        double pitch = Math.Min((bottom - top) / CardGrid.Rows(words), 12);
        double height = pitch - 1.6, wide = (ColumnPitch - NumberWidth - ColumnGap) / WordList.MaxLetters;
        for (int number = 1; number <= words; number++)
        {
            (int row, int column) = CardGrid.Place(number, words);
            double x = Left + (column * ColumnPitch), y = top + (row * pitch);
            form.TextBefore(number.ToString(CultureInfo.InvariantCulture), form.Bold, 9, x + NumberWidth - 1.2, y + height - 2);
            form.Box(x + NumberWidth, y, wide * letters, height, 0.6);
            for (int letter = 1; letter < letters; letter++)
                form.Line(x + NumberWidth + (letter * wide), letter == DecidingLetters ? y : y + (height * 0.6),
                    x + NumberWidth + (letter * wide), y + height, letter == DecidingLetters ? 0.6 : 0.25);
        }
    }

    private static string HowMany(BlankCard card) =>
        string.Create(CultureInfo.InvariantCulture,
            $"card {card.Number}, {(card.Group is { } group ? $"group {group}, " : "")}{card.Words} words");

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
