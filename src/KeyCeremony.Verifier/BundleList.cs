using System.Collections.Immutable;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Reading;

namespace KeyCeremony.Verifier;

/// <summary>A revocation list or a recording of a bundle. It may be too large for memory: the journal knows its hash.</summary>
/// <param name="Path">In the bundle, e.g. <c>crls/root-7.crl</c>.</param>
/// <param name="Sha256">Lower-case hex.</param>
/// <param name="Length">Bytes.</param>
public sealed record BundleList(string Path, string Sha256, long Length)
{
    /// <summary>A list of ten million revocations stays far below.</summary>
    public const long MaxBytes = 8L * 1024 * 1024 * 1024;

    public const string Folder = "crls";
    public const string Extension = ".crl";
    public const string RecordingFolder = "recordings";

    /// <summary>The newest list of each series: what is valid when the ceremony closes. Earlier ones are in earlier bundles.</summary>
    internal static ImmutableArray<BundleList> Of(IReadOnlyCollection<Entry> entries) => [.. Newest(entries)
        .Select(c => new BundleList(PathOf(c), c.Sha256, c.Length)).Concat(Recordings(entries))
        .OrderBy(l => l.Path, StringComparer.Ordinal)];

    /// <summary>Of the ceremony that this bundle closes; earlier ones are in earlier bundles.</summary>
    internal static IEnumerable<BundleList> Recordings(IReadOnlyCollection<Entry> entries) => entries
        .Skip(entries.Select((e, i) => e.Body is CeremonyOpened ? i : 0).LastOrDefault())
        .SelectMany(e => e.Body is TerminalRecorded r
            ? r.Sessions.Select(s => new BundleList(
                $"{RecordingFolder}/{e.Ceremony}-{s.Session}{TerminalCast.Extension}", s.Sha256, s.Length))
            : []);

    internal static string PathOf(CrlSigned list) => $"{Folder}/{list.Crl}-{list.Number}{Extension}";

    internal static IEnumerable<CrlSigned> Newest(IEnumerable<Entry> entries) =>
        entries.Select(e => e.Body).OfType<CrlSigned>().GroupBy(c => c.Crl).Select(g => g.Last());
}
