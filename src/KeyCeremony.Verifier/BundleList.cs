using System.Collections.Immutable;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.Verifier;

/// <summary>A revocation list of a bundle. It may be too large for memory: the journal knows its hash, a file holds it.</summary>
/// <param name="Path">In the bundle, e.g. <c>crls/root-7.crl</c>.</param>
/// <param name="Sha256">Lower-case hex.</param>
/// <param name="Length">Bytes.</param>
public sealed record BundleList(string Path, string Sha256, long Length)
{
    /// <summary>A list of ten million revocations stays far below.</summary>
    public const long MaxBytes = 8L * 1024 * 1024 * 1024;

    public const string Folder = "crls";
    public const string Extension = ".crl";

    /// <summary>The newest list of each series: what is valid when the ceremony closes. Earlier ones are in earlier bundles.</summary>
    internal static ImmutableArray<BundleList> Of(IEnumerable<Entry> entries) => [.. Newest(entries)
        .Select(c => new BundleList(PathOf(c), c.Sha256, c.Length)).OrderBy(l => l.Path, StringComparer.Ordinal)];

    internal static string PathOf(CrlSigned list) => $"{Folder}/{list.Crl}-{list.Number}{Extension}";

    internal static IEnumerable<CrlSigned> Newest(IEnumerable<Entry> entries) =>
        entries.Select(e => e.Body).OfType<CrlSigned>().GroupBy(c => c.Crl).Select(g => g.Last());
}
