using System.Collections.Immutable;
using System.Text;
using KeyCeremony.Core;

namespace KeyCeremony.Verifier;

/// <summary>
/// Whether what was named is a bundle at all, and whole: what goes wrong on a table, before anybody speaks of tampering.
/// </summary>
internal static class BundlePlace
{
    private const int MostNamed = 10;
    private const string Unfinished = ".partial";

    private static readonly ImmutableArray<string> Needed =
    [
        BundleFiles.SumsPath, BundleFiles.StatementPath, BundleFiles.CmsPath, BundleFiles.JournalPath,
        BundleFiles.ScriptPath, BundleFiles.ReportPath,
    ];

    /// <summary>Files that file managers and systems leave behind wherever they look.</summary>
    private static readonly ImmutableArray<string> Leftovers =
    [
        ".DS_Store", "._", "Thumbs.db", "desktop.ini", "System Volume Information",
        ".Spotlight-V100", ".Trashes", ".fseventsd", "lost+found",
    ];

    /// <summary>
    /// VERIFY-01 when there is no such folder, when no bundle is in it, or when its export did not end; null when it may be one.
    /// </summary>
    public static VerifyCheck? Flaw(string folder)
    {
        try
        {
            if (FileIdentity.Look(folder) is not { } there)
                return Elsewhere($"There is nothing at {folder}.");
            if (there.Kind != FileKind.Directory)
                return Elsewhere(
                    $"{folder} is not a folder. A bundle is one: name the folder itself; an archive of it is unpacked before.");
            if (Path.TrimEndingDirectorySeparator(folder).EndsWith(Unfinished, StringComparison.Ordinal))
                return new VerifyCheck(VerifyRules.Folder,
                    [$"{folder} is an export that did not end. Resume the ceremony: it writes the bundle again."],
                    Means: VerifyResult.Incomplete);
            if (IsBundle(folder))
                return null;
            string[] below = [.. Directory.EnumerateDirectories(folder).Where(IsBundle).Order(StringComparer.Ordinal).Take(MostNamed)];
            return Elsewhere([$"{folder} is not a bundle: it holds none of its files.",
                .. below.Select(b => $"There is a bundle at {b}.")]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Elsewhere($"{folder} cannot be read: {FileFaults.InWords(e)}.");
        }
    }

    /// <summary>
    /// Whether every file that is listed is there and none besides: then another hash is a changed file, and not a copy that broke off.
    /// </summary>
    public static bool IsWhole(BundleContent content)
    {
        string[] lines = Encoding.UTF8.GetString(content.Files[BundleFiles.SumsPath].Span)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var listed = lines.Where(l => l.Length > 66).Select(l => l[66..]).ToHashSet();
        return listed.SetEquals(content.Files.Keys.Where(f => f != BundleFiles.SumsPath).Concat(content.Lists.Select(l => l.Path)));
    }

    public static IEnumerable<string> Names(ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> files)
    {
        foreach (string name in files.Keys)
            if (BundleNames.MaxOf(name) is null)
                yield return Stray(name);
        foreach (string needed in Needed)
            if (!files.ContainsKey(needed))
                yield return $"{needed} is missing.";
    }

    /// <summary>What is said of a file that has no business in a bundle.</summary>
    public static string Stray(string name) => IsLeftover(name)
        ? $"{name} was left there by a computer that looked at the folder. Delete it and verify again."
        : $"{name} does not belong into a bundle.";

    public static bool IsLeftover(string name) =>
        name.Split('/').Any(part => Leftovers.Any(l => part == l || l == "._" && part.StartsWith(l, StringComparison.Ordinal)));

    private static bool IsBundle(string folder) =>
        File.Exists(Path.Combine(folder, BundleFiles.StatementPath)) || File.Exists(Path.Combine(folder, BundleFiles.JournalPath))
            || File.Exists(Path.Combine(folder, BundleFiles.SumsPath));

    private static VerifyCheck Elsewhere(params ImmutableArray<string> flaws) =>
        new(VerifyRules.Folder, flaws, Means: VerifyResult.NotABundle);
}
