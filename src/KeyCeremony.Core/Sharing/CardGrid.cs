namespace KeyCeremony.Core.Sharing;

/// <summary>Where a card's words stand, on the screen as on paper: four columns, read downwards.</summary>
public static class CardGrid
{
    public const int Columns = 4;

    public static int Rows(int words) => (words + Columns - 1) / Columns;

    /// <param name="number">1-based.</param>
    /// <returns>0-based.</returns>
    public static (int Row, int Column) Place(int number, int words) => ((number - 1) % Rows(words), (number - 1) / Rows(words));
}
