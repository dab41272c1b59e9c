using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using KeyCeremony.App.Ground;
using KeyCeremony.Core;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Bundle;

/// <param name="Path">The finished bundle.</param>
/// <param name="Sums">SHA-256 of SHA256SUMS, lower-case hex.</param>
public sealed record ExportedBundle(string Path, string Sums, ImmutableArray<string> Files);

/// <summary>Writes a bundle so that it is either there whole, under its name, or not at all.</summary>
public static class BundleExport
{
    internal const string PartialSuffix = ".partial";

    /// <summary>A slow stick takes it in a few seconds, so that the screen moves.</summary>
    private const int BlockBytes = 64 * 1024;

    /// <param name="lists">The revocation lists that belong to the files.</param>
    /// <param name="open">Opens a list to be read.</param>
    /// <param name="folderName">Of <see cref="BundleFiles.FolderName"/>.</param>
    /// <param name="place">The directory in which the bundle's folder is made.</param>
    /// <param name="written">Told of every block that the device has taken, in bytes; of every file that it gave back, with 0.</param>
    /// <exception cref="IOException">The device failed; a <see cref="ReadBackException"/> when it did not give back what was
    /// written.</exception>
    internal static bool TryWrite(ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> files,
        ImmutableArray<BundleList> lists, Func<BundleList, Stream> open, string folderName, string place, Action<int> written,
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
            refusal = IsSame(files, lists, final) ? null : BundleRules.SameBundle.Refuse($"{final} is there and is another bundle.");
        }
        else
        {
            refusal = ClearPartial(files.Keys.Concat(lists.Select(l => l.Path)).ToImmutableHashSet(), partial);
            if (refusal is null)
            {
                WriteAll(files, lists, open, partial, written);
                ReadBack(files, lists, partial, () => written(0));
                Directory.Move(partial, final);
                Posix.SyncDirectory(place);
            }
        }
        if (refusal is not null)
            return false;
        exported = new ExportedBundle(final, BundleFiles.Sha256(files[BundleFiles.SumsPath]),
            [.. files.Keys.Concat(lists.Select(l => l.Path)).Order(StringComparer.Ordinal)]);
        return true;
    }

    /// <summary>A bundle without revocation lists.</summary>
    public static bool TryWrite(ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> files, string folderName, string place,
        [NotNullWhen(true)] out ExportedBundle? exported, [NotNullWhen(false)] out Refusal? refusal) =>
        TryWrite(files, [], _ => Stream.Null, folderName, place, _ => { }, out exported, out refusal);

    private static bool IsSame(ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> files,
        ImmutableArray<BundleList> lists, string folder) =>
        BundleFolder.TryRead(folder, out BundleContent? found, out _)
        && found.Files.Count == files.Count && found.Lists.SequenceEqual(lists)
        && files.All(f => found.Files.TryGetValue(f.Key, out ReadOnlyMemory<byte> bytes) && bytes.Span.SequenceEqual(f.Value.Span));

    /// <summary>What an interrupted export left is removed, file by file, only when nothing else is in it.</summary>
    private static Refusal? ClearPartial(ImmutableHashSet<string> ours, string partial)
    {
        if (Posix.Look(partial) is not { } there)
            return null;
        if (there.Kind != FileKind.Directory)
            return BundleRules.NotOurs.Refuse($"{partial} is not a directory.");
        string[] found = Directory.GetFileSystemEntries(partial, "*", SearchOption.AllDirectories);
        foreach (string path in found)
        {
            string name = Path.GetRelativePath(partial, path);
            bool known = Posix.Look(path)?.Kind == FileKind.Directory
                ? ours.Any(f => f.StartsWith(name + "/", StringComparison.Ordinal))
                : Posix.Look(path)?.Kind == FileKind.Regular && ours.Contains(name);
            if (!known)
                return BundleRules.NotOurs.Refuse($"{path} is not part of the bundle.");
        }
        Directory.Delete(partial, recursive: true);
        return null;
    }

    private static void WriteAll(ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> files,
        ImmutableArray<BundleList> lists, Func<BundleList, Stream> open, string folder, Action<int> written)
    {
        var folders = new SortedSet<string>(StringComparer.Ordinal) { folder };
        byte[] block = new byte[BlockBytes];
        Directory.CreateDirectory(folder);
        foreach ((string name, ReadOnlyMemory<byte> bytes) in files)
            Write(name, new MemoryStream(bytes.ToArray(), writable: false));
        foreach (BundleList list in lists)
            Write(list.Path, open(list));
        void Write(string name, Stream content)
        {
            string path = Path.Combine(folder, name);
            string parent = Path.GetDirectoryName(path)!;
            if (folders.Add(parent))
                Directory.CreateDirectory(parent);
            using (content)
            using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                for (int length; (length = content.Read(block)) > 0; written(length))
                    file.Write(block, 0, length);
                file.Flush(flushToDisk: true);
                Posix.DropCache(file.SafeFileHandle);
            }
        }
        foreach (string made in folders.Reverse())
            Posix.SyncDirectory(made);
    }

    private static void ReadBack(ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> files,
        ImmutableArray<BundleList> lists, string folder, Action read)
    {
        foreach (BundleList list in lists)
        {
            using FileStream file = File.OpenRead(Path.Combine(folder, list.Path));
            if (Convert.ToHexStringLower(SHA256.HashData(file)) != list.Sha256)
                throw new ReadBackException(Path.Combine(folder, list.Path));
            read();
        }
        foreach ((string name, ReadOnlyMemory<byte> bytes) in files)
        {
            if (!File.ReadAllBytes(Path.Combine(folder, name)).AsSpan().SequenceEqual(bytes.Span))
                throw new ReadBackException(Path.Combine(folder, name));
            read();
        }
    }
}

/// <summary>A medium gave back other bytes than were written to it.</summary>
internal sealed class ReadBackException(string path)
    : SpokenException($"{path} does not read back as it was written: use another USB stick.");
