using System.Collections.Immutable;
using System.Text.RegularExpressions;
using KeyCeremony.Core.Ceremony.Steps;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.Core.Ceremony;

/// <summary>Findings as they are read aloud.</summary>
public static partial class FindingText
{
    /// <summary>A line for each; a hash that is compared with a published one follows as hex in groups and as words.</summary>
    public static ImmutableArray<string> Lines(ImmutableArray<Finding> findings) => [.. findings.SelectMany(f => Lines(f))];

    private static ImmutableArray<string> Lines(Finding finding)
    {
        string line = $"{finding.Result.ToUpperInvariant(),-7} {finding.Id} {finding.Text}";
        return PublishedHash().Match(line) is { Success: true } hash ? Evidence.Hash(line[..hash.Index].TrimEnd(), hash.Value) : [line];
    }

    [GeneratedRegex("(?<=image SHA-256 |verity root )[0-9a-f]{64}$")]
    private static partial Regex PublishedHash();
}
