using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace KeyCeremony.Fuzz;

/// <summary>Small files of our own: what ceremonies of the golden bundles wrote, the shipped scripts, the examples of the docs.</summary>
internal static class SeedFiles
{
    private static readonly Dictionary<string, IReadOnlyDictionary<string, byte[]>> Unpacked = [];

    public static string Root { get; } = FindRoot();

    /// <summary>A golden bundle's files by their names, e.g. <c>format-3/authority/0013-batch-manifest</c>.</summary>
    public static IReadOnlyDictionary<string, byte[]> Bundle(string name)
    {
        if (Unpacked.TryGetValue(name, out IReadOnlyDictionary<string, byte[]>? known))
            return known;
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        using FileStream archive = File.OpenRead(Path.Combine(Root, "tests", "golden-bundles", name + ".tar.gz"));
        using var zip = new GZipStream(archive, CompressionMode.Decompress);
        using var tar = new TarReader(zip);
        while (tar.GetNextEntry(copyData: true) is { } entry)
        {
            using var bytes = new MemoryStream();
            entry.DataStream?.CopyTo(bytes);
            files[entry.Name] = bytes.ToArray();
        }
        return Unpacked[name] = files;
    }

    /// <summary>The files of the newest bundle of a signing day that begin and end so.</summary>
    public static IEnumerable<byte[]> OfBundle(string begin, string end = "") => Bundle("format-3/authority/0013-batch-manifest")
        .Where(file => file.Key.StartsWith(begin, StringComparison.Ordinal) && file.Key.EndsWith(end, StringComparison.Ordinal))
        .Select(file => file.Value);

    /// <summary>Files of the repository.</summary>
    public static IEnumerable<byte[]> OfRepository(string folder, string pattern) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), pattern).Order(StringComparer.Ordinal).Select(File.ReadAllBytes);

    public static IEnumerable<byte[]> Texts(params string[] texts) => texts.Select(Encoding.UTF8.GetBytes);

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "KeyCeremony.sln")))
            folder = folder.Parent;
        return folder.FullName;
    }
}
