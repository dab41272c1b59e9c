using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using KeyCeremony.App.Ledger;

namespace KeyCeremony.App.Bundle;

/// <summary>Reads a bundle's folder without believing anything in it.</summary>
internal static class BundleFolder
{
    /// <summary>A journal of thirty years with its scripts stays far below.</summary>
    public const long MaxFileBytes = 256L * 1024 * 1024;

    public const int MaxFiles = 2000;

    public static bool TryRead(string folder, [NotNullWhen(true)] out ImmutableSortedDictionary<string, ReadOnlyMemory<byte>>? files,
        [NotNullWhen(false)] out string? flaw)
    {
        files = null;
        var found = ImmutableSortedDictionary.CreateBuilder<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        try
        {
            flaw = Posix.Look(folder) is { Kind: FileKind.Directory } ? Read(folder, "", found) : $"{folder} is not a directory.";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            flaw = e.Message;
        }
        if (flaw is not null)
            return false;
        files = found.ToImmutable();
        return true;
    }

    /// <summary>The deepest path is <c>folder/file</c>.</summary>
    private static string? Read(string folder, string prefix, ImmutableSortedDictionary<string, ReadOnlyMemory<byte>>.Builder found)
    {
        foreach (string path in Directory.EnumerateFileSystemEntries(folder))
        {
            string name = prefix + Path.GetFileName(path);
            if (found.Count >= MaxFiles)
                return $"there are more than {MaxFiles} files.";
            switch (Posix.Look(path))
            {
                case { Kind: FileKind.Regular, Size: <= MaxFileBytes }:
                    found.Add(name, File.ReadAllBytes(path));
                    break;
                case { Kind: FileKind.Regular }:
                    return $"{name} is longer than {MaxFileBytes} bytes.";
                case { Kind: FileKind.Directory } when !name.Contains('/'):
                    int before = found.Count;
                    if (Read(path, name + "/", found) is { } flaw)
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
}
