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
        string line = $"{finding.Result.ToUpperInvariant(),-7} {finding.Id} {Mechanism().Replace(finding.Text, m => NameOf(m.Value))}";
        return PublishedHash().Match(line) is { Success: true } hash ? Evidence.Hash(line[..hash.Index].TrimEnd(), hash.Value) : [line];
    }

    /// <summary>The two ways to wrap a key that are tried, as people say them: CKM_AES_KEY_WRAP_PAD and CKM_AES_KEY_WRAP_KWP.</summary>
    private static string NameOf(string mechanism) => mechanism == "0x210A" ? "AES key wrap (PAD)" : "AES key wrap (KWP)";

    [GeneratedRegex(@"\b0x210[AB]\b")]
    private static partial Regex Mechanism();

    [GeneratedRegex("(?<=image SHA-256 |verity root )[0-9a-f]{64}$")]
    private static partial Regex PublishedHash();
}
