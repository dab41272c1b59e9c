using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using KeyCeremony.Core;

namespace KeyCeremony.Verifier;

/// <summary>
/// Reads a bundle's folder without believing anything in it. Every name and size is known to be a bundle's before the first
/// file is opened: a few sparse files must not cost the reader the memory that they pretend to need.
/// </summary>
internal static class BundleFolder
{
    public const int MaxFiles = 2000;

    /// <summary>All but journal and lists: a thousand certificates in both forms and their requests take a third.</summary>
    public const long MaxOthersTogether = 64L * 1024 * 1024;

    /// <summary>Lists are hashed and never held, so this bounds the time: half a minute of one core.</summary>
    public const long MaxListsTogether = 2 * BundleList.MaxBytes;

    public static bool TryRead(string folder, [NotNullWhen(true)] out BundleContent? content, [NotNullWhen(false)] out string? flaw)
    {
        content = null;
        try
        {
            var found = new List<Listed>();
            flaw = FileIdentity.Look(folder) is not { Kind: FileKind.Directory }
                ? $"{folder} is not a directory."
                : List(folder, "", found) ?? TooMuch(found);
            if (flaw is null)
                flaw = Read(folder, found, out content);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            flaw = $"{folder} cannot be read: {FileFaults.InWords(e)}.";
        }
        return flaw is null;
    }

    /// <summary>The deepest path is <c>folder/file</c>.</summary>
    private static string? List(string folder, string prefix, List<Listed> found)
    {
        foreach (string path in Directory.EnumerateFileSystemEntries(folder))
        {
            string name = prefix + Path.GetFileName(path);
            if (found.Count >= MaxFiles)
                return $"there are more than {MaxFiles} files.";
            switch (FileIdentity.Look(path))
            {
                case { Kind: FileKind.Regular } when BundleNames.MaxOf(name) is null:
                    return BundlePlace.Stray(name);
                case { Kind: FileKind.Regular } file when file.Size > BundleNames.MaxOf(name):
                    return $"{name} is longer than {BundleNames.MaxOf(name)} bytes.";
                case { Kind: FileKind.Regular } file:
                    found.Add(new Listed(name, file.Size));
                    break;
                case { Kind: FileKind.Directory } when BundlePlace.IsLeftover(name):
                    return BundlePlace.Stray(name);
                case { Kind: FileKind.Directory } when prefix.Length == 0:
                    int before = found.Count;
                    if (List(path, name + "/", found) is { } flaw)
                        return flaw;
                    if (found.Count == before)
                        return $"{name} is an empty directory.";
                    break;
                default:
                    return $"{name} is not a regular file.";
            }
        }
        return null;
    }

    private static string? TooMuch(List<Listed> found)
    {
        long lists = found.Where(f => BundleNames.IsList(f.Name)).Sum(f => f.Length);
        long others = found.Where(f => !BundleNames.IsList(f.Name) && f.Name != BundleFiles.JournalPath).Sum(f => f.Length);
        return lists > MaxListsTogether ? $"the lists together are longer than {MaxListsTogether} bytes."
            : others > MaxOthersTogether ? $"the files that are no lists and no journal together are longer than {MaxOthersTogether} bytes."
            : null;
    }

    private static string? Read(string folder, List<Listed> found, out BundleContent? content)
    {
        content = null;
        ImmutableSortedDictionary<string, ReadOnlyMemory<byte>>.Builder files =
            ImmutableSortedDictionary.CreateBuilder<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        var lists = new List<BundleList>();
        foreach ((string name, long length) in found)
        {
            using FileStream file = File.OpenRead(Path.Combine(folder, name));
            if (file.Length != length)
                return $"{name} changed while it was read.";
            if (BundleNames.IsList(name))
            {
                lists.Add(new BundleList(name, Convert.ToHexStringLower(SHA256.HashData(file)), length));
                continue;
            }
            byte[] bytes = new byte[length];
            file.ReadExactly(bytes);
            files.Add(name, bytes);
        }
        content = new BundleContent(folder, files.ToImmutable(), [.. lists.OrderBy(l => l.Path, StringComparer.Ordinal)]);
        return null;
    }

    private sealed record Listed(string Name, long Length);
}

/// <summary>What a bundle's folder holds: its files in memory, its revocation lists by their hashes.</summary>
internal sealed record BundleContent(string Folder, ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> Files,
    ImmutableArray<BundleList> Lists)
{
    public FileStream Open(BundleList list) => File.OpenRead(Path.Combine(Folder, list.Path));
}
