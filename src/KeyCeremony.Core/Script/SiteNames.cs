using System.Collections.Frozen;

namespace KeyCeremony.Core.Script;

/// <summary>Where cards lie, in people's words.</summary>
public static class SiteNames
{
    /// <summary>What people type into a field that they do not want to fill. None of it is a place, and two of them are not one.</summary>
    private static readonly FrozenSet<string> Nothing = new[]
    {
        "NA", "NONE", "NIL", "NULL", "NO", "NOTHING", "NOWHERE", "UNKNOWN", "NOTKNOWN", "NOTSAID", "NOTAPPLICABLE", "NOTAVAILABLE",
        "UNDECIDED", "OPEN", "LATER", "TBA", "TBC", "TBD", "X", "XX", "XXX", "IDONTKNOW", "DONTKNOW", "SOMEWHERE", "ELSEWHERE",
        "SAME", "THESAME", "SAMEPLACE", "UNCHANGED", "ASBEFORE", "SECRET",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The place, or an empty text where none was said: no letter or digit, or a word for nothing.</summary>
    public static string Said(string place) => Bare(place) is { Length: > 0 } bare && !Nothing.Contains(bare) ? place : "";

    /// <summary>Case, blanks and marks say nothing: "Zug, Bank" and "zug bank" are one place.</summary>
    public static string Bare(string place)
    {
        ArgumentNullException.ThrowIfNull(place);
        return string.Concat(place.Where(char.IsLetterOrDigit)).ToUpperInvariant();
    }
}
