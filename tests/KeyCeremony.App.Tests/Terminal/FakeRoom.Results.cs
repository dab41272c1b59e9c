using System.Collections.Immutable;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Transfer;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Tests.Terminal;

/// <summary>
/// What is there to be shown by QR code. The signatures are none, so the files of manifests cannot be composed: their names are right.
/// </summary>
internal sealed partial class FakeRoom
{
    /// <summary>What no codes carry.</summary>
    public ImmutableArray<string> TooLarge { get; set; } = [];

    private ResultsFound Gathered()
    {
        Entry[] here = [.. _entries.Where(e => e.Ceremony == State.Id)];
        IEnumerable<(string, long, string)> files = here.Select(e => BundleFiles.Made(e.Body))
            .OfType<(string Path, byte[] Bytes)>().Select(f => (f.Path, (long)f.Bytes.Length, Hex(f.Path)))
            .Concat(BundleList.Of(here).Select(l => (l.Path, l.Length, l.Sha256)))
            .Concat(here.Select(e => e.Body).OfType<ManifestSigned>()
                .SelectMany(m => ManifestFiles.Endings.Select(e => ($"manifests/{m.BatchId}{e}", 2_000L, Hex(m.BatchId + e)))));
        return new ResultsFound([.. files.OrderBy(f => f.Item1,
            StringComparer.Ordinal).Select(f => new Result(f.Item1, MediaTypes.Of(f.Item1), f.Item2, f.Item3))], TooLarge);
    }
}
