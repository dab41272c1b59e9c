using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace KeyCeremony.App.Tests.Paper;

/// <summary>A PDF as somebody else's program reads it: poppler's pdftotext.</summary>
internal static partial class PrintedPdf
{
    /// <summary>The text of each page, as it is laid out.</summary>
    public static string[] Pages(string path) => Read("-layout", path).Split('\f')[..^1];

    /// <summary>Every word's place: page from 1, points from the upper left corner.</summary>
    public static IEnumerable<(int Page, double Left, double Right, string Word)> Places(string path)
    {
        int page = 0;
        foreach (string line in Read("-bbox", path).Split('\n'))
        {
            if (line.Contains("<page ", StringComparison.Ordinal))
                page++;
            if (Word().Match(line) is { Success: true } word)
                yield return (page, Points(word.Groups[1]), Points(word.Groups[2]), word.Groups[3].Value);
        }
    }

    private static double Points(Group group) => double.Parse(group.Value, CultureInfo.InvariantCulture);

    private static string Read(string how, string path)
    {
        var start = new ProcessStartInfo("pdftotext", [how, path, "-"])
        {
            RedirectStandardOutput = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        using Process reading = Process.Start(start)!;
        string text = reading.StandardOutput.ReadToEnd();
        reading.WaitForExit();
        Assert.Equal(0, reading.ExitCode);
        return text;
    }

    [GeneratedRegex("<word xMin=\"([0-9.]+)\" yMin=\"[0-9.]+\" xMax=\"([0-9.]+)\" yMax=\"[0-9.]+\">(.*)</word>")]
    private static partial Regex Word();
}
