using KeyCeremony.Core.Journal;
using static KeyCeremony.Verifier.Tests.Pen;

namespace KeyCeremony.Verifier.Tests;

/// <summary>Custodians that were not replaced so.</summary>
public sealed partial class LiesTests
{
    private static IEnumerable<Lie> Custodians()
    {
        const string kind = "custodians";
        const string wrapped = "(key-backed-up, step \"rewrap-root\")";
        yield return new Lie(kind, "a new backup that opens with the old cards", r => r.Replaced, Replay, $"{wrapped} … set is",
            Change<KeyBackedUp>(b => b with { Set = b.From! }, b => b.From is not null));
        yield return new Lie(kind, "a new backup that came out of no old one", r => r.Replaced, Replay, $"{wrapped} … from",
            Change<KeyBackedUp>(b => b with { From = null }, b => b.From is not null));
        yield return new Lie(kind, "a new backup out of the new cards", r => r.Replaced, Replay, $"{wrapped} … from",
            Change<KeyBackedUp>(b => b with { From = b.Set }, b => b.From is not null));
        yield return new Lie(kind, "a first backup that came out of another", r => r.Replaced, Replay,
            "(key-backed-up, step \"backup-root\") … from",
            Change<KeyBackedUp>(b => b with { From = "0000-backup-1" }, b => b.From is null));
        yield return new Lie(kind, "the blob of the old cards as the new one", r => r.Replaced, Replay, wrapped,
            (_, entries) => Change<KeyBackedUp>(b => b with { Blob = First(entries).Blob, Sha256 = First(entries).Sha256 },
                b => b.From is not null)(null!, entries));
        yield return new Lie(kind, "an old card that nobody typed", r => r.Replaced, Replay,
            "due was an answer to \"present/1\"",
            Drop(e => e.Step == "rewrap-root" && e.Body is SharePresented or SecretRebuilt));
        yield return new Lie(kind, "an old secret that stayed in memory", r => r.Replaced, Replay,
            "an entry of this kind never answers forget-secret",
            Drop(e => e.Step == "rewrap-root" && e.Body is SecretForgotten));
        yield return new Lie(kind, "an old card that lies open", r => r.Replaced, Replay,
            "due was an answer to \"bag/backup share card 1 of 0001-backup-1\"",
            Drop(e => e.Step == "close" && (e.Body is BagSealed { Content: "backup share card 1 of 0001-backup-1" }
                || IsAnswer(e, "close", "bag/backup share card 1 of 0001-backup-1"))));
        yield return new Lie(kind, "a replacement in a format that knew none", r => r.Replaced, Replay,
            "what its script asks for came with format 6",
            Change<CeremonyOpened>(o => o with { Format = JournalFormats.Kept }));
    }

    private static KeyBackedUp First(IEnumerable<Entry> entries) => entries.Select(e => e.Body).OfType<KeyBackedUp>().First();
}
