using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Release;

namespace KeyCeremony.Verifier;

/// <summary>An image that a batch manifest names, and which release of the ledger it is.</summary>
/// <param name="Batch">Its id.</param>
/// <param name="Ceremony">That signed the manifest.</param>
/// <param name="Lineage">As the ledger stood when the batch was previewed; where it was released later, as it stands now.</param>
/// <param name="Release">As the script that signed it names it; null: it is no release of this ledger.</param>
/// <param name="WithdrawnIn">The ceremony that withdrew the release, before the batch or after it; null: none did.</param>
public sealed record BatchFirmwareFact(string Batch, string Ceremony, FirmwareLineage Lineage, string? Release, string? WithdrawnIn)
{
    /// <summary>Of the batch, as it was signed.</summary>
    internal Entry? Preview { get; init; }

    /// <summary>The batch was previewed before there was such a release.</summary>
    internal bool IsReleasedLater { get; init; }

    /// <summary>The release's record, in the bundle of the ceremony that signed it.</summary>
    public string? Record => Release is null ? null : $"{ReleaseFiles.Folder}/{Release}{ReleaseFiles.Record}";

    /// <summary>When the batch was previewed.</summary>
    internal bool IsFaulty => Lineage.IsFaulty && !IsReleasedLater;

    internal bool IsWithdrawnLater => WithdrawnIn is not null && Lineage.Release is { Floor: null };

    /// <summary>What the batch says and what became of the release since.</summary>
    public string InWords() => Lineage.InWords() + (IsReleasedLater ? " It was released after the batch." : "")
        + (IsWithdrawnLater ? $" {WithdrawnIn} has WITHDRAWN it since." : "");
}

/// <summary>
/// Manifests and releases of a ledger joined: whether batches were signed whose firmware is not what was released (VERIFY-58), and what an
/// auditor is told of each image.
/// </summary>
internal static class FirmwareChecks
{
    /// <summary>Every image of every manifest that was signed, in their order.</summary>
    public static IEnumerable<BatchFirmwareFact> Of(JournalFacts journal)
    {
        ImmutableArray<Released> releases = [.. Releases(journal)];
        ReleaseLedger now = At(journal, releases, long.MaxValue);
        foreach ((Entry entry, ManifestSigned signed) in journal.All<ManifestSigned>())
            if (TryStatement(journal, signed, entry.Seq, out Entry? preview, out BatchStatement? batch))
                foreach ((FirmwareLineage then, FirmwareLineage last) in
                    FirmwareLineage.Of(At(journal, releases, preview.Seq), batch).Zip(FirmwareLineage.Of(now, batch)))
                    yield return then is { Release: null, IsFaulty: false }
                        ? Fact(releases, entry, signed, last) with { Preview = preview, IsReleasedLater = last.Release is not null }
                        : Fact(releases, entry, signed, then) with { Preview = preview };
    }

    /// <summary>A ledger that has released nothing is told nothing of releases.</summary>
    public static bool AreAsked(JournalFacts journal) => journal.All<ReleaseSigned>().Any();

    /// <summary>VERIFY-58: of ceremonies that were to ask it.</summary>
    public static IEnumerable<string> Unsaid(JournalFacts journal)
    {
        if (!AreAsked(journal))
            return [];
        HashSet<string> asked =
            [.. journal.Ceremonies.Where(c => JournalFormats.Of(c.Opened) >= JournalFormats.Accounted).Select(c => c.Id)];
        return Of(journal).Where(image => image.IsFaulty).Select(image => (image.Ceremony, image.Preview!.Seq, What: Exception(image)))
            .Concat(WhenSigned(journal)).Where(one => asked.Contains(one.Ceremony) && !IsSaid(journal, one.Ceremony, one.Seq, one.What))
            .Select(one => $"{one.What} No exception says so.").Distinct();
    }

    /// <summary>What was to be said when a manifest was signed: something may have been withdrawn since its batch was previewed.</summary>
    private static IEnumerable<(string Ceremony, long Seq, string What)> WhenSigned(JournalFacts journal)
    {
        ImmutableArray<Released> releases = [.. Releases(journal)];
        foreach ((Entry entry, ManifestSigned signed) in journal.All<ManifestSigned>())
            if (TryStatement(journal, signed, entry.Seq, out Entry? preview, out BatchStatement? batch))
                foreach (string what in BatchFindings.Unlike(At(journal, releases, entry.Seq), batch))
                    yield return (entry.Ceremony, preview.Seq, what);
    }

    /// <summary>What was signed off, and what became of a release after its devices were built.</summary>
    public static IEnumerable<string> Warnings(IEnumerable<BatchFirmwareFact> images) => images
        .Where(image => image.IsFaulty || image.IsWithdrawnLater)
        .Select(image => $"{image.Ceremony}: batch {image.Batch}: {image.InWords()}");

    /// <summary>The batches whose devices have a release, before an entry withdrew it.</summary>
    public static IEnumerable<string> Shipped(JournalFacts journal, Entry entry, ReleaseWithdrawn withdrawn)
    {
        ImmutableArray<Released> releases = [.. Releases(journal).Where(r => r.Seq < entry.Seq)];
        ReleaseLedger ledger = At(journal, releases, entry.Seq);
        foreach ((Entry at, ManifestSigned signed) in journal.All<ManifestSigned>().Where(m => m.Entry.Seq < entry.Seq))
            if (TryStatement(journal, signed, at.Seq, out _, out BatchStatement? batch)
                && FirmwareLineage.Of(ledger, batch).Any(image => releases.Any(r => r.Is(withdrawn) && image.IsOf(r.Release.Request))))
                yield return $"{batch.BatchId}, {BatchText.Count(batch.Devices.TreeSize)}";
    }

    private static string Exception(BatchFirmwareFact image) => BatchFindings.Unlike(image.Batch, image.Lineage.InWords());

    private static bool IsSaid(JournalFacts journal, string ceremony, long preview, string what) => journal.All<ExceptionRaised>().Any(
        x => x.Entry.Ceremony == ceremony && x.Entry.Seq > preview
            && x.Body.Rule == CeremonyRules.FirmwareReleased && x.Body.What == what);

    /// <param name="Seq">Of the signature.</param>
    /// <param name="Withdrawn">By the entries that withdrew it, in their order.</param>
    private sealed record Released(long Seq, ReleaseSigned Signed, KnownRelease Release,
        ImmutableArray<(Entry Entry, ReleaseWithdrawn Body)> Withdrawn)
    {
        public bool Is(ReleaseWithdrawn withdrawn) =>
            (Signed.Release, Signed.RequestSha256) == (withdrawn.Release, withdrawn.RequestSha256);
    }

    private static IEnumerable<Released> Releases(JournalFacts journal)
    {
        foreach ((Entry entry, ReleaseSigned signed) in journal.All<ReleaseSigned>())
            if (ReleaseFiles.TryPreview(journal, signed.Release, signed.RequestSha256, entry.Seq, out _, out ReleaseRequest? request))
                yield return new Released(entry.Seq, signed, new KnownRelease(request, signed.KeyId, null, entry.Ceremony),
                    [.. journal.All<ReleaseWithdrawn>().Where(w => w.Entry.Seq > entry.Seq
                        && (w.Body.Release, w.Body.RequestSha256) == (signed.Release, signed.RequestSha256))]);
    }

    /// <summary>What the ledger knew of its releases right before an entry.</summary>
    private static ReleaseLedger At(JournalFacts journal, ImmutableArray<Released> releases, long seq)
    {
        HashSet<string> dead = [.. journal.All<CeremonyAborted>().Where(a => a.Entry.Seq < seq).Select(a => a.Entry.Ceremony)
            .Except(journal.All<CeremonyClosed>().Select(c => c.Entry.Ceremony))];
        return new ReleaseLedger(journal.Environment, [.. releases.Where(r => r.Seq < seq).Select(r => r.Release with
        {
            Floor = r.Withdrawn.Where(w => w.Entry.Seq < seq).Select(w => (long?)w.Body.Floor).LastOrDefault(),
            IsDead = dead.Contains(r.Release.Ceremony),
        })]);
    }

    private static BatchFirmwareFact Fact(ImmutableArray<Released> releases, Entry entry, ManifestSigned signed, FirmwareLineage lineage)
    {
        Released? release = releases.FirstOrDefault(r => lineage.IsOf(r.Release.Request));
        return new BatchFirmwareFact(signed.BatchId, entry.Ceremony, lineage,
            release?.Signed.Release,
            release is { Withdrawn: [.., var last] } ? last.Entry.Ceremony : null);
    }

    private static bool TryStatement(JournalFacts journal, ManifestSigned signed, long before, [NotNullWhen(true)] out Entry? preview,
        [NotNullWhen(true)] out BatchStatement? batch)
    {
        (preview, batch) = (null, null);
        if (journal.PreviewOf(signed, before) is not { } found || ExactBase64.Read(found.Body.Statement) is not { } bytes)
            return false;
        preview = found.Entry;
        return BatchStatement.TryRead(bytes, out batch, out _);
    }
}
