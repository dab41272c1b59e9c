using KeyCeremony.Core.Script;

namespace KeyCeremony.App.Paper;

/// <summary>Labels for every bag that the script seals, eight on a sheet, with the marks to cut along.</summary>
internal static class LabelPaper
{
    private const int Columns = 2, Rows = 4;
    private const double Width = PaperForm.SheetWidth / Columns, Height = 70;
    private const double Inside = 9;

    /// <returns>Null where the script seals no bag.</returns>
    public static byte[]? Write(CeremonyScript script)
    {
        var form = new PaperForm();
        string[] bags = [.. ScriptPaper.Bags(script), .. OldCards(script)];
        for (int i = 0; i < bags.Length; i++)
        {
            int place = i % (Columns * Rows);
            if (place == 0)
                NewSheet(form);
            Label(form, script, bags[i], place % Columns * Width, place / Columns * Height);
        }
        return bags.Length == 0 ? null : form.Write($"Bag labels of {script.Name}", CardPaper.Footer(script));
    }

    /// <summary>
    /// Cards that are typed for the last time get bags as well: as many as open a set, of one in groups as many as there are. Which ones
    /// come is known on the day, so numbers are written by hand.
    /// </summary>
    private static IEnumerable<string> OldCards(CeremonyScript script) =>
        from set in script.Steps.Select(s => s is RewrapKeyStep r ? r.Set : s is ChangeActivationStep ? "activation" : null)
        from deal in script.Steps.OfType<DealSharesStep>()
        where deal.Set == set
        let plan = script.QuorumNamed(deal.Quorum).Plan
        from label in Enumerable.Repeat(BagContents.Replaced($"{BagContents.Cards(deal.Set)} __",
            $"____-{deal.Set}-__"), plan.HasGroups ? plan.Cards : plan.Fewest)
        select label;

    private static void NewSheet(PaperForm form)
    {
        form.NewSheet();
        for (int column = 1; column < Columns; column++)
            form.Cut(column * Width, 0, column * Width, Rows * Height);
        for (int row = 1; row <= Rows; row++)
            form.Cut(0, row * Height, PaperForm.SheetWidth, row * Height);
    }

    private static void Label(PaperForm form, CeremonyScript script, string content, double x, double y)
    {
        double left = x + Inside, wide = Width - (2 * Inside);
        form.Text("KEYCEREMONY BAG", form.Mono, 6.5, left, y + 9);
        form.TextBefore($"{script.Name}, version {script.Version}", form.Mono, 6.5, left + wide, y + 9);
        form.Text(content, form.Bold, Fitting(form, content, wide), left, y + 17);
        form.Field("Bag number", left, y + 29, wide);
        form.Field("Ceremony", left, y + 39, (wide / 2) - 2);
        form.Field("Ledger", left + (wide / 2) + 2, y + 39, (wide / 2) - 2);
        form.Field("Sealed (UTC)", left, y + 49, (wide / 2) - 2);
        form.Field("Environment", left + (wide / 2) + 2, y + 49, (wide / 2) - 2);
        form.Field("Custodian, signature", left, y + 59, (wide / 2) - 2);
        form.Field("Witness, signature", left + (wide / 2) + 2, y + 59, (wide / 2) - 2);
    }

    /// <summary>A script may call its cards by a long name: it is written smaller, never cut.</summary>
    private static double Fitting(PaperForm form, string content, double wide)
    {
        double size = 14;
        while (size > 5 && PaperForm.Measure(content, form.Bold, size) > wide)
            size -= 0.5;
        return size;
    }
}
