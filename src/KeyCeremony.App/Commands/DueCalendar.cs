using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.Verifier.Register;

namespace KeyCeremony.App.Commands;

/// <summary>
/// What is due as a calendar. RFC 5545: lines of at most 75 bytes that end with CR LF, a whole day for each thing. A thing keeps its UID
/// while it is about the same, so that a calendar that is imported again moves its day.
/// </summary>
internal static class DueCalendar
{
    private const int MaxLine = 75;

    /// <summary>So long before the day people are reminded.</summary>
    private const string Reminder = "-P28D";

    public static string Of(ImmutableArray<(LedgerRegister Ledger, DueItem Item)> items, DateTimeOffset now)
    {
        var text = new StringBuilder();
        Line(text, "BEGIN:VCALENDAR");
        Line(text, "VERSION:2.0");
        Line(text, "PRODID:-//KeyCeremony//due//EN");
        Line(text, "CALSCALE:GREGORIAN");
        foreach ((LedgerRegister ledger, DueItem item) in items)
        {
            Line(text, "BEGIN:VEVENT");
            Line(text, $"UID:{Uid(ledger, item)}");
            Line(text, $"DTSTAMP:{now.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}");
            Line(text, $"DTSTART;VALUE=DATE:{item.Date.UtcDateTime:yyyyMMdd}");
            Line(text, $"SUMMARY:{Escaped($"{ledger.Environment} {ledger.Id}: {item.Kind} {item.Subject}")}");
            Line(text, $"DESCRIPTION:{Escaped(item.What)}");
            Line(text, "TRANSP:TRANSPARENT");
            Line(text, "BEGIN:VALARM");
            Line(text, "ACTION:DISPLAY");
            Line(text, $"DESCRIPTION:{Escaped(item.What)}");
            Line(text, $"TRIGGER:{Reminder}");
            Line(text, "END:VALARM");
            Line(text, "END:VEVENT");
        }
        Line(text, "END:VCALENDAR");
        return text.ToString();
    }

    private static string Uid(LedgerRegister ledger, DueItem item) => Convert.ToHexStringLower(SHA256.HashData(
        Encoding.UTF8.GetBytes($"{ledger.LedgerId}\n{item.Kind}\n{item.Subject}")).AsSpan()[..16]) + "@keyceremony";

    /// <summary>RFC 5545 3.3.11. A ledger's texts hold no line feed.</summary>
    private static string Escaped(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace(";", "\\;", StringComparison.Ordinal).Replace(",", "\\,", StringComparison.Ordinal);

    /// <summary>RFC 5545 3.1: what is longer goes on behind a line end and a blank; no character is cut.</summary>
    private static void Line(StringBuilder text, string line)
    {
        int bytes = 0;
        foreach (Rune rune in line.EnumerateRunes())
        {
            if (bytes + rune.Utf8SequenceLength > MaxLine)
            {
                text.Append("\r\n ");
                bytes = 1;
            }
            text.Append(rune.ToString());
            bytes += rune.Utf8SequenceLength;
        }
        text.Append("\r\n");
    }
}
