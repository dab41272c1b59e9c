using KeyCeremony.App.Terminal.Writing;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.App.Terminal.Pages;

/// <summary>A custodian sees the card as a code, from edge to edge of the screen: a code with its light edge needs 21 of 24 rows.</summary>
internal sealed class CardCodePage(ScreenModel model) : Page(model)
{
    public override Layout Laid()
    {
        var layout = new Layout(Display);
        int modules = Side(Model.Shown!) + 2 * CardCode.QuietZone;
        var code = new Sheet(Display, modules);
        for (int row = 0; row < (modules + 1) / 2; row++)
        {
            code.Blank();
            code.AddSpot(0, modules, SpotKind.CodeRow, row);
        }
        layout.Place(code, 1, 1, Display.Height - 1);
        Sheet text = NewSheet(Math.Max(1, Display.Width - modules - 4));
        WriteText(text);
        layout.Place(text, 1, modules + 3, Display.Height - 1);
        return layout;
    }

    public override void DrawBody(Layout layout)
    {
        // The whole screen is the body.
    }

    private void WriteText(Sheet sheet)
    {
        sheet.Add($"*** {State.World.Environment.ToUpperInvariant()} ***", Palette.Loud);
        sheet.Blank();
        sheet.Add($"{CardOf(Model.Question!)} of set {Model.Question!.Share!.Set}, for {Who(Model.Question)}", Palette.Strong);
        sheet.Blank();
        sheet.Add("Everybody else looks away. No camera sees this screen: this is the whole card.", Palette.Alarm);
        sheet.Blank();
        sheet.AddBehind($"{Glyph.Now} ",
            "Now: copy it onto the card's grid, square by square; the words stay on the card too.", Palette.Now);
        sheet.AddBehind("  ", "c goes back to the words.", Palette.Plain);
        if (Model.Hiding)
            sheet.AddBehind("! ", "Is all written? Enter again hides it; it is not shown a second time. Any other key: not yet.",
                Palette.Alarm);
        else
            sheet.AddBehind("  ", "Enter hides it.", Palette.Plain);
    }

    private static int Side(Share share)
    {
        using var code = CardCode.Of(share);
        return code.Side;
    }
}
