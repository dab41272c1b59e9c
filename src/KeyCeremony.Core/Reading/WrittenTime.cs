using System.Globalization;
using System.Text;

namespace KeyCeremony.Core.Reading;

/// <summary>What programs and people write for a time in a table, where whole seconds of UTC are read: why it is not taken.</summary>
internal static class WrittenTime
{
    private const string InUtc = "write UTC, with Z at its end.";
    private const int SecondsDigits = 10, MillisecondsDigits = 13; // of counts since 1970, from 2001 to 2286

    /// <summary>Behind the sentence that it is none, with a blank in front; empty where that sentence says it.</summary>
    public static string Cause(ReadOnlySpan<byte> field)
    {
        string text = Encoding.Latin1.GetString(field);
        bool isNumber = text.Length > 0 && text.All(c => char.IsAsciiDigit(c) || c is '.' or ',');
        if (text.Length == 0)
            return " It is empty.";
        if (isNumber && text.All(char.IsAsciiDigit) && text.Length is SecondsDigits or MillisecondsDigits)
            return $" It is a count of {(text.Length == SecondsDigits ? "seconds" : "milliseconds")} since 1970, and would be "
                + $"{Counted(long.Parse(text, CultureInfo.InvariantCulture), text.Length):yyyy-MM-dd HH:mm:ss} UTC: have it written as "
                + "a time.";
        if (isNumber && text.Length is >= 5 and <= 16 && text[0] is '3' or '4' or '5' && text.Skip(5).FirstOrDefault('.') is '.' or ',')
            return " It is a spreadsheet's number of a day: format the column as text.";
        if (text.Length >= 10 && text[..10].Count(c => c is '/' or '.') == 2 && char.IsAsciiDigit(text[0]))
            return " Which of its numbers is the day and which the month, it does not say: have it written with the year first.";
        if (!Iso(text))
            return "";
        string behind = text.Length > 19 ? text[19..] : "";
        return text.Length == 10 ? $" It has no time of day: {InUtc}"
            : behind.StartsWith('.') || behind.StartsWith(',') ? " It has fractions of a second: whole ones are read."
            : behind.StartsWith('+') || behind.StartsWith('-') ? $" It is of another zone: {InUtc}"
            : text[10] == ' ' ? $" It has a blank in place of T: {InUtc}"
            : behind.Length == 0 ? (text.Length == 19 ? $" It does not say its zone: {InUtc}" : " It has no seconds.")
            : behind == "Z" ? " There is no such day or time." : "";
    }

    private static bool Iso(string text) => text.Length >= 10 && text[4] == '-' && text[7] == '-' && text[..4].All(char.IsAsciiDigit);

    private static DateTimeOffset Counted(long count, int digits) => digits == SecondsDigits
        ? DateTimeOffset.FromUnixTimeSeconds(count) : DateTimeOffset.FromUnixTimeMilliseconds(count);
}
