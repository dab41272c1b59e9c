namespace KeyCeremony.Core.Script;

/// <summary>Where cards lie, in people's words.</summary>
public static class SiteNames
{
    /// <summary>Case, blanks and marks say nothing: "Zug, Bank" and "zug bank" are one place.</summary>
    public static string Bare(string place)
    {
        ArgumentNullException.ThrowIfNull(place);
        return string.Concat(place.Where(char.IsLetterOrDigit)).ToUpperInvariant();
    }
}
