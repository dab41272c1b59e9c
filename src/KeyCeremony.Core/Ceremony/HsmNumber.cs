using System.Collections.Immutable;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.Core.Ceremony;

/// <summary>The serial number that an HSM reports: the ledger knows it by nothing else.</summary>
public static class HsmNumber
{
    /// <summary>Blanks and zeros are what makers leave where they have no number: two such HSMs cannot be told apart.</summary>
    public static bool IsNone(string serial)
    {
        ArgumentNullException.ThrowIfNull(serial);
        return serial.All(c => c is '0' or ' ');
    }

    // What people write where a form asks for a number and there is none.
    private static readonly ImmutableHashSet<string> NoNumbers =
    [
        "NA", "NONE", "NIL", "NULL", "NO", "NOT", "NIX", "KEINE", "UNKNOWN", "TBD", "NUMBER", "SERIAL", "SERIALNUMBER", "SN",
        "NOTAPPLICABLE", "NOTAVAILABLE", "NOTKNOWN", "NONUMBER", "NOSERIAL", "NOSERIALNUMBER", "X",
        "WITHOUT", "EMPTY", "BLANK", "MISSING", "ILLEGIBLE", "UNREADABLE", "SAME", "DITTO", "SEEABOVE", "DEFAULT",
        "DEFAULTSTRING", "TOBEFILLEDBYOEM", "TOBEFILLED",
    ];

    /// <summary>What was typed says that there is no number: marks and zeros alone, one sign again and again, or words for it.</summary>
    public static bool IsNoneTyped(string typed)
    {
        ArgumentNullException.ThrowIfNull(typed);
        string bare = Bare(typed);
        return bare.All(c => c is '0') || bare.Length > 1 && bare.Distinct().Count() == 1 && !char.IsAsciiDigit(bare[0])
            || NoNumbers.Contains(bare);
    }

    /// <summary>
    /// Whether two numbers as people read them from devices are one: case, blanks and marks between say nothing. In the first three formats
    /// only case did not.
    /// </summary>
    internal static bool IsSame(int format, string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase)
        || format >= JournalFormats.Prepared && Bare(one) is { Length: > 0 } bare && bare == Bare(other);

    private static string Bare(string number) => string.Concat(number.Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant();
}
