namespace KeyCeremony.Core.Script;

/// <summary>
/// What the things that go into bags are called in every script, so that one ceremony can ask for the bag
/// another one sealed.
/// </summary>
public static class BagContents
{
    public const string PrimaryHsm = "primary HSM";
    public const string FormerHsm = "former HSM";
    public const string DrillHsm = "drill HSM";
    public const string RecordStickA = "record stick A";
    public const string RecordStickB = "record stick B";

    /// <summary>The cards' name when the script gives none.</summary>
    /// <param name="set">activation or backup.</param>
    public static string Cards(string set) => $"{set} share card";

    /// <summary>A card that gave its name to one of a later set.</summary>
    /// <param name="content">The name that both have.</param>
    public static string Replaced(string content, string set) => $"{content} of {set}";

    /// <summary>Whether this is the name of a bag's content, or what it was called later.</summary>
    public static bool IsSame(string content, string later) =>
        later == content || later.StartsWith($"{content} of ", StringComparison.Ordinal);

    /// <param name="cards">The cards' name, of <see cref="Cards"/> or the script's own.</param>
    /// <param name="number">1-based, in the order of the roll call.</param>
    public static string ShareCard(string cards, int number) => $"{cards} {number}";
}
