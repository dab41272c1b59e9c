using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace KeyCeremony.Core.Release;

/// <summary>Versions that are numbers with full stops between them, and with a build number behind a plus sign.</summary>
public static class ReleaseVersions
{
    private const int MaxParts = 8;

    /// <summary>Negative, zero or positive; null where one of them is of another kind: then people say which is the later one.</summary>
    public static int? Compare(string one, string other)
    {
        if (!TryRead(one, out uint[]? first) || !TryRead(other, out uint[]? second))
            return null;
        for (int i = 0; i < Math.Max(first.Length, second.Length); i++)
            if (first.ElementAtOrDefault(i).CompareTo(second.ElementAtOrDefault(i)) is not 0 and var difference)
                return difference;
        return 0;
    }

    // 1.15.0+7 comes after 1.15.0, and before 1.15.1.
    private static bool TryRead(string version, [NotNullWhen(true)] out uint[]? parts)
    {
        string[] texts = version.Split('+') switch
        {
            [var plain] => [.. plain.Split('.'), .. Zeros(plain), "0"],
            [var plain, var build] => [.. plain.Split('.'), .. Zeros(plain), build],
            _ => [],
        };
        parts = texts.Length is 0 or > MaxParts
            || !texts.All(text => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            ? null : [.. texts.Select(text => uint.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture))];
        return parts is not null;
    }

    /// <summary>So that the build number stands in the same place of each.</summary>
    private static IEnumerable<string> Zeros(string plain) => Enumerable.Repeat("0", Math.Max(0, MaxParts - 1 - plain.Split('.').Length));
}
