using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using KeyCeremony.App.Ledger;
using KeyCeremony.Core;

namespace KeyCeremony.App.Bundle;

/// <param name="Path">The finished bundle.</param>
/// <param name="Sums">SHA-256 of SHA256SUMS, lower-case hex.</param>
public sealed record ExportedBundle(string Path, string Sums, ImmutableArray<string> Files);

/// <summary>Writes a bundle so that it is either there whole, under its name, or not at all.</summary>
public static class BundleExport
{
    private const string PartialSuffix = ".partial";

    /// <param name="folderName">Of <see cref="BundleFiles.FolderName"/>.</param>
    /// <param name="place">The directory in which the bundle's folder is made.</param>
    /// <exception cref="IOException">The device failed, or did not give back what was written.</exception>
    public static bool TryWrite(ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> files, string folderName, string place,
        [NotNullWhen(true)] out ExportedBundle? exported, [NotNullWhen(false)] out Refusal? refusal)
    {
        exported = null;
        string final = Path.Combine(place, folderName), partial = final + PartialSuffix;
        if (Posix.Look(place, followLinks: true) is not { Kind: FileKind.Directory })
        {
            refusal = BundleRules.Place.Refuse($"{place} is not a directory.");
            return false;
        }
        if (Posix.Look(final) is not null)
        {
            refusal = IsSame(files, final) ? null : BundleRules.SameBundle.Refuse($"{final} is there and is another bundle.");
        }
        else
        {
            refusal = ClearPartial(files, partial);
            if (refusal is null)
            {
                WriteAll(files, partial);
                ReadBack(files, partial);
                Directory.Move(partial, final);
                Posix.SyncDirectory(place);
            }
        }
        if (refusal is not null)
            return false;
        exported = new ExportedBundle(final, BundleFiles.Sha256(files[BundleFiles.SumsPath]), [.. files.Keys]);
        return true;
    }

    private static bool IsSame(ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> files, string folder) =>
        BundleFolder.TryRead(folder, out ImmutableSortedDictionary<string, ReadOnlyMemory<byte>>? found, out _)
        && found.Count == files.Count
        && files.All(f => found.TryGetValue(f.Key, out ReadOnlyMemory<byte> bytes) && bytes.Span.SequenceEqual(f.Value.Span));

    /// <summary>What an interrupted export left is removed, file by file, only when nothing else is in it.</summary>
    private static Refusal? ClearPartial(ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> files, string partial)
    {
        if (Posix.Look(partial) is not { } there)
            return null;
        if (there.Kind != FileKind.Directory)
            return BundleRules.NotOurs.Refuse($"{partial} is not a directory.");
        string[] found = Directory.GetFileSystemEntries(partial, "*", SearchOption.AllDirectories);
        foreach (string path in found)
        {
            string name = Path.GetRelativePath(partial, path);
            bool ours = Posix.Look(path)?.Kind == FileKind.Directory
                ? files.Keys.Any(f => f.StartsWith(name + "/", StringComparison.Ordinal))
                : Posix.Look(path)?.Kind == FileKind.Regular && files.ContainsKey(name);
            if (!ours)
                return BundleRules.NotOurs.Refuse($"{path} is not part of the bundle.");
        }
        Directory.Delete(partial, recursive: true);
        return null;
    }

    private static void WriteAll(ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> files, string folder)
    {
        var folders = new SortedSet<string>(StringComparer.Ordinal) { folder };
        Directory.CreateDirectory(folder);
        foreach ((string name, ReadOnlyMemory<byte> bytes) in files)
        {
            string path = Path.Combine(folder, name);
            string parent = Path.GetDirectoryName(path)!;
            if (folders.Add(parent))
                Directory.CreateDirectory(parent);
            using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
            file.Write(bytes.Span);
            file.Flush(flushToDisk: true);
            Posix.DropCache(file.SafeFileHandle);
        }
        foreach (string written in folders.Reverse())
            Posix.SyncDirectory(written);
    }

    private static void ReadBack(ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> files, string folder)
    {
        foreach ((string name, ReadOnlyMemory<byte> bytes) in files)
            if (!File.ReadAllBytes(Path.Combine(folder, name)).AsSpan().SequenceEqual(bytes.Span))
                throw new IOException($"{Path.Combine(folder, name)} does not read back as it was written: use another USB stick.");
    }
}
