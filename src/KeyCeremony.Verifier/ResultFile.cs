using System.Collections.Immutable;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.Verifier;

/// <summary>What a ceremony made, as a file of its bundle: that is what can be shown before there is a bundle.</summary>
/// <param name="Path">In the bundle.</param>
/// <param name="Sha256">Lower-case hex.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Bytes">Null for a revocation list: a record stick holds it.</param>
internal sealed record ResultFile(string Path, string Sha256, long Length, ReadOnlyMemory<byte>? Bytes)
{
    /// <summary>
    /// Of the last ceremony in these entries, in the bundle's order; none when there is no ceremony. A manifest of which no files can be
    /// made has none.
    /// </summary>
    public static ImmutableArray<ResultFile> Of(ImmutableArray<Entry> entries)
    {
        if (entries.LastOrDefault(e => e.Body is CeremonyOpened) is not { } opening)
            return [];
        ImmutableArray<Entry> here = entries[(int)(opening.Seq - 1)..];
        ImmutableSortedDictionary<string, ResultFile>.Builder files =
            ImmutableSortedDictionary.CreateBuilder<string, ResultFile>(StringComparer.Ordinal);
        foreach (Entry entry in here)
            if (BundleFiles.Made(entry.Body) is { } made)
                Add(made.Path, made.Bytes);
        var journal = new JournalFacts(entries);
        foreach (ManifestSigned manifest in BundleFiles.Manifests(journal))
            foreach ((string path, ReadOnlyMemory<byte> bytes) in ManifestFiles.Of(journal, manifest) ?? [])
                Add(path, bytes);
        foreach ((string path, ReadOnlyMemory<byte> bytes) in ReleaseFiles.All(journal) ?? [])
            Add(path, bytes);
        foreach (BundleList list in BundleList.Of(here))
            files[list.Path] = new ResultFile(list.Path, list.Sha256, list.Length, null);
        return [.. files.Values];

        void Add(string path, ReadOnlyMemory<byte> bytes) =>
            files[path] = new ResultFile(path, BundleFiles.Sha256(bytes), bytes.Length, bytes);
    }
}
