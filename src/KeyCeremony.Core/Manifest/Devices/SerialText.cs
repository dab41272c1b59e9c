using System.Globalization;
using System.Text;
using KeyCeremony.Core.Reading;

namespace KeyCeremony.Core.Manifest.Devices;

/// <summary>What programs on the way make of a device's serial number, and what one says that cannot be one.</summary>
internal static class SerialText
{
    /// <summary>EUI-48 and EUI-64, without what parts their bytes.</summary>
    public const int LongestAddress = 16;

    private const int ShortestAddress = 12;
    private const int FewestDigits = 6; // of a number that was one with a fraction

    private static readonly string[] Months = CultureInfo.InvariantCulture.DateTimeFormat.AbbreviatedMonthNames[..12];

    /// <summary>
    /// What a spreadsheet or a program made of it: a day (1-Mar, 03/04/2026), a number with a fraction (1000001.0). Null: nothing that is
    /// seen.
    /// </summary>
    public static string? Rewritten(ReadOnlySpan<byte> serial) =>
        Delimited.IsRewritten(serial) ? "was rewritten by a spreadsheet: its digits are lost"
        : IsDay(serial) ? "is a day, as a spreadsheet makes one of digits and a hyphen or a slash"
        : serial.Length >= FewestDigits + 2 && serial.EndsWith(".0"u8) && !serial[..^2].ContainsAnyExceptInRange((byte)'0', (byte)'9')
            ? "is a number with a fraction, as a program writes a column in which a number is missing"
        : null;

    /// <summary>
    /// What two serial numbers of one device have alike: of an address of 6 or 8 bytes its digits in capitals, whatever parts them; else
    /// all of it.
    /// </summary>
    /// <param name="folded">At least <see cref="LongestAddress"/> bytes.</param>
    public static ReadOnlySpan<byte> Identity(ReadOnlySpan<byte> serial, Span<byte> folded)
    {
        if (serial.Length is < ShortestAddress or > LongestAddress / 2 * 3)
            return serial;
        int count = 0, parts = 0;
        byte parting = 0;
        foreach (byte letter in serial)
        {
            if (TextForm.HexDigits.Contains(letter) && count < LongestAddress)
                folded[count++] = letter is >= (byte)'a' ? (byte)(letter - 0x20) : letter;
            else if (letter is (byte)':' or (byte)'-' or (byte)'.' && (parting == 0 || parting == letter) && count % 2 == 0 && count > 0)
                (parting, parts) = (letter, parts + 1);
            else
                return serial;
        }
        bool isAddress = count is ShortestAddress or LongestAddress
            && (parts == 0 || parts == (count / 2) - 1 || (parting == '.' && parts == (count / 4) - 1));
        return isAddress ? folded[..count] : serial;
    }

    // Asked of every row of a list: what has none of the three signs is told at once.
    private static bool IsDay(ReadOnlySpan<byte> serial)
    {
        if (serial.Length is < 5 or > 11 || serial.IndexOfAny((byte)'/', (byte)'-', (byte)'.') < 0 || !Ascii.IsValid(serial))
            return false;
        string[] parts = Encoding.ASCII.GetString(serial).Split(serial.Contains((byte)'/') ? '/' : serial.Contains((byte)'-') ? '-' : '.');
        if (parts.Length is < 2 or > 3)
            return false;
        int month = Array.FindIndex(parts, part => Array.Exists(Months, m => m.Equals(part, StringComparison.OrdinalIgnoreCase)));
        string[] numbers = [.. parts.Where((_, i) => i != month)];
        if (!Array.TrueForAll(numbers, n => n.Length is 1 or 2 or 4 && n.All(char.IsAsciiDigit)))
            return false;
        return month < 0 ? parts.Length == 3 && IsYear(parts[2]) && IsWithin(parts[0], 31) && IsWithin(parts[1], 31)
                && (IsWithin(parts[0], 12) || IsWithin(parts[1], 12))
            : month < 2 && (parts.Length == 3 ? IsWithin(numbers[0], 31) && (numbers[1].Length == 2 || IsYear(numbers[1]))
                : IsMonthAndNumber(parts[month], numbers[0]));
    }

    // As spreadsheets write it: 1-Mar, Mar-26. DEC-0042 and MAR-07 count something.
    private static bool IsMonthAndNumber(string month, string number) =>
        number.Length <= 2 && Array.Exists(Months, m => m.Equals(month, StringComparison.Ordinal));

    private static bool IsYear(string number) => number.Length == 4 && (number[..2] is "19" or "20");

    private static bool IsWithin(string number, int most) =>
        number.Length <= 2 && int.Parse(number, CultureInfo.InvariantCulture) is > 0 and var n && n <= most;
}
