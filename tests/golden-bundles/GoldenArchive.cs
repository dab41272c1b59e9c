using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;

namespace KeyCeremony.GoldenBundles;

/// <summary>
/// The bundles of this folder: one archive each, in a folder for each format. <c>README.md</c> beside this file.
/// </summary>
internal static class GoldenArchive
{
    public const string Ending = ".tar.gz";
    public const string ExpectedName = "expected.txt";

    /// <summary>Names the folder that new archives go to; without it none are made.</summary>
    public const string Variable = "KEYCEREMONY_GOLDEN";

    /// <summary>Where the archives are.</summary>
    public static string Folder { get; } = Path.Combine(RepositoryRoot(), "tests", "golden-bundles");

    /// <summary>Where those are that must be refused.</summary>
    public static string Forged { get; } = Path.Combine(Folder, "forged");

    /// <summary>The names of the shipped scripts.</summary>
    public static IReadOnlyList<string> Ceremonies { get; } =
        [.. Directory.GetFiles(Path.Combine(RepositoryRoot(), "ceremony-scripts"), "*.md").Select(f => Path.GetFileName(f)[..^3])];

    /// <summary>Where new ones are written; null when nobody asked for them.</summary>
    public static string? Wanted { get; } =
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder ? Path.GetFullPath(folder) : null;

    /// <summary>The same files give the same bytes: sorted, without times and owners.</summary>
    public static void Write(string folder, string archive)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(archive)!);
        using var file = new FileStream(archive, FileMode.CreateNew);
        using var zip = new GZipStream(file, CompressionLevel.SmallestSize);
        using var tar = new TarWriter(zip, TarEntryFormat.Ustar);
        foreach (string path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            using FileStream content = File.OpenRead(path);
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, Path.GetRelativePath(folder, path))
            {
                DataStream = content,
                Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
                ModificationTime = DateTimeOffset.UnixEpoch,
            });
        }
    }

    /// <summary>Into a new folder below <paramref name="place"/>; answers its path.</summary>
    public static string Unpack(string archive, string place)
    {
        string folder = Path.Combine(place, Path.GetFileName(archive)[..^Ending.Length]);
        Directory.CreateDirectory(folder);
        using FileStream file = File.OpenRead(archive);
        using var zip = new GZipStream(file, CompressionMode.Decompress);
        TarFile.ExtractToDirectory(zip, folder, overwriteFiles: false);
        return folder;
    }

    /// <summary>The folders <c>format-N</c> below, the oldest first.</summary>
    public static IReadOnlyList<string> Formats(string below) =>
        [.. Directory.GetDirectories(below, "format-*").OrderBy(f => int.Parse(f.Split('-')[^1], CultureInfo.InvariantCulture))];

    /// <summary>The lines of an <c>expected.txt</c>, cut at blanks into so many parts at most.</summary>
    public static IEnumerable<string[]> Expected(string folder, int parts) => File.ReadLines(Path.Combine(folder, ExpectedName))
        .Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split(' ', parts, StringSplitOptions.RemoveEmptyEntries));

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "KeyCeremony.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("KeyCeremony.sln is in no folder above the tests");
    }
}
