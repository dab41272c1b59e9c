using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace KeyCeremony.Verifier;

/// <summary>Reads a bundle's folder without believing anything in it.</summary>
internal static class BundleFolder
{
    /// <summary>A journal of thirty years with its scripts stays far below.</summary>
    public const long MaxFileBytes = 256L * 1024 * 1024;

    public const int MaxFiles = 2000;

    public static bool TryRead(string folder, [NotNullWhen(true)] out BundleContent? content, [NotNullWhen(false)] out string? flaw)
    {
        content = null;
        var found = new Found(ImmutableSortedDictionary.CreateBuilder<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal), []);
        try
        {
            flaw = FileIdentity.Look(folder) is { Kind: FileKind.Directory } ? Read(folder, "", found) : $"{folder} is not a directory.";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            flaw = e.Message;
        }
        if (flaw is not null)
            return false;
        content = new BundleContent(folder, found.Files.ToImmutable(), [.. found.Lists.OrderBy(l => l.Path, StringComparer.Ordinal)]);
        return true;
    }

    /// <summary>The deepest path is <c>folder/file</c>.</summary>
    private static string? Read(string folder, string prefix, Found found)
    {
        foreach (string path in Directory.EnumerateFileSystemEntries(folder))
        {
            string name = prefix + Path.GetFileName(path);
            if (found.Files.Count + found.Lists.Count >= MaxFiles)
                return $"there are more than {MaxFiles} files.";
            switch (FileIdentity.Look(path))
            {
                case { Kind: FileKind.Regular, Size: <= BundleList.MaxBytes } list when BundleContent.IsList(name):
                    using (FileStream file = File.OpenRead(path))
                        found.Lists.Add(new BundleList(name, Convert.ToHexStringLower(SHA256.HashData(file)), list.Size));
                    break;
                case { Kind: FileKind.Regular, Size: <= MaxFileBytes }:
                    found.Files.Add(name, File.ReadAllBytes(path));
                    break;
                case { Kind: FileKind.Regular }:
                    return $"{name} is longer than {MaxFileBytes} bytes.";
                case { Kind: FileKind.Directory } when !name.Contains('/'):
                    int before = found.Files.Count + found.Lists.Count;
                    if (Read(path, name + "/", found) is { } flaw)
                        return flaw;
                    if (found.Files.Count + found.Lists.Count == before)
                        return $"{name} is an empty directory.";
                    break;
                default:
                    return $"{name} is not a regular file.";
            }
        }
        return null;
    }

    private sealed record Found(ImmutableSortedDictionary<string, ReadOnlyMemory<byte>>.Builder Files, List<BundleList> Lists);
}

/// <summary>What a bundle's folder holds: its files in memory, its revocation lists by their hashes.</summary>
internal sealed record BundleContent(string Folder, ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> Files, ImmutableArray<BundleList> Lists)
{
    public static bool IsList(string name) => name.StartsWith(BundleList.Folder + "/", StringComparison.Ordinal) && name.EndsWith(BundleList.Extension, StringComparison.Ordinal);

    public FileStream Open(BundleList list) => File.OpenRead(Path.Combine(Folder, list.Path));
}
