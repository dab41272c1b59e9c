using System.Collections.Immutable;
using System.Security.Cryptography;
using KeyCeremony.App.Tests.Bundle;
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
        yield return new Lie(kind, "the wrapped bytes of the old blob under the new cards' names", r => r.Replaced, Replay,
            $"{wrapped} … another wrap key gives other bytes", Relabelled((old, b) => b with { Wrapped = old.Wrapped }));
        yield return new Lie(kind, "an old card that nobody typed", r => r.Replaced, Replay,
            "due was an answer to \"present/1\"",
            Drop(e => e.Step == "rewrap-root" && e.Body is SharePresented or SecretRebuilt));
        yield return new Lie(kind, "an old secret that stayed in memory", r => r.Replaced, Replay,
            "an entry of this kind never answers forget-secret",
            Drop(e => e.Step == "rewrap-root" && e.Body is SecretForgotten));
        yield return new Lie(kind, "the MAC of the old blob under the new one", r => r.Replaced, Replay,
            $"{wrapped} … another wrap key gives other bytes", Relabelled((old, b) => b with { Mac = old.Mac }));
        yield return new Lie(kind, "a drill with the challenge of the old one", r => r.Replaced, Replay,
            "(backup-drilled, step \"drill\") … challenge does not verify",
            (_, entries) => Change<BackupDrilled>(d => entries.Select(e => e.Body).OfType<BackupDrilled>().First() with { Set = d.Set },
                d => d.Set == "0002-backup-1")(null!, entries));
        yield return new Lie(kind, "a drill that was left out", r => r.Replaced, Replay, "drill",
            Drop(e => e is { Ceremony: "0002-custodian-replacement", Body: BackupDrilled }));
        yield return new Lie(kind, "a new card that was never typed back", r => r.Replaced, Replay, "card/0002-backup-1/3/back",
            Drop(e => e.Body is ShareReadBack { Set: "0002-backup-1", Share: 3 }));
        yield return new Lie(kind, "new cards that were never combined", r => r.Replaced, Replay, "combine",
            Drop(e => e.Body is SubsetsCombined { Set: "0002-backup-1" }));
        yield return new Lie(kind, "new cards that begin with the words of the old ones", r => r.Replaced, Replay,
            "begin with the same words",
            (_, entries) => Change<SharesMade>(m => m with { Identifier = Old(entries).Identifier }, IsNew)(null!, entries));
        yield return new Lie(kind, "an old card dealt as a new one", r => r.Replaced, Replay, "it has the secret or a card of",
            (_, entries) => Change<SharesMade>(m => m with { Digests = m.Digests.SetItem(2, Old(entries).Digests[0]) },
                IsNew)(null!, entries));
        yield return new Lie(kind, "the old secret on new cards", r => r.Replaced, Replay, "it has the secret or a card of",
            (_, entries) => Change<SharesMade>(m => m with { KeyCheck = Old(entries).KeyCheck }, IsNew)(null!, entries));
        yield return new Lie(kind, "an old card in the hands of nobody at the roll call", r => r.Replaced, Replay, "presenter",
            (_, entries) => entries.Select(e => e is { Step: "rewrap-root", Body: SharePresented p }
                ? e with { Body = p with { Presenter = "Max Other" } } : e));
        yield return new Lie(kind, "two replacements in one ceremony", r => r.Replaced, Replay, "(key-backed-up, step \"rewrap-root\")",
            (_, entries) => After(e => e.Body is KeyBackedUp { From: not null },
                _ => [entries.Select(e => e.Body).OfType<KeyBackedUp>().Last()])(null!, entries));
        yield return new Lie(kind, "a drill in the HSM that holds the key", r => r.Replaced, Replay, "drill",
            Change<BackupDrilled>(d => d with { DrillSerial = "P1" }, d => d.Set == "0002-backup-1"));
        yield return new Lie(kind, "an old card that lies open", r => r.Replaced, Replay,
            "due was an answer to \"bag/backup share card 1 of 0001-backup-1\"",
            Drop(e => e.Step == "close" && (e.Body is BagSealed { Content: "backup share card 1 of 0001-backup-1" }
                || IsAnswer(e, "close", "bag/backup share card 1 of 0001-backup-1"))));
        yield return new Lie(kind, "a second replacement out of the first cards", r => r.Twice, Replay, $"{wrapped} … from",
            Change<KeyBackedUp>(b => b with { From = "0001-backup-1" }, b => b.From == "0003-backup-1"));
        yield return new Lie(kind, "a replacement out of cards that were given up", r => r.Twice, Replay, $"{wrapped} … from",
            Change<KeyBackedUp>(b => b with { From = "0002-backup-1" }, b => b.Set == "0003-backup-1"));
        yield return new Lie(kind, "a destroyed card of the set that serves", r => r.Twice, Replay, "(answered, step \"cards\")",
            Rewrite(e => e.Step != "cards" ? e.Body
                : e.Body is CardChecked { Set: "0003-backup-1" } c ? c with { Set = "0004-backup-1" }
                : e.Body is Answered { Value: "0003-backup-1" } a ? a with { Value = "0004-backup-1" } : e.Body));
        yield return new Lie(kind, "a card that was destroyed twice", r => r.Twice, Replay, "(card-checked, step \"cards\")",
            (_, entries) => After(e => e.Body is CardChecked { Result: CardChecked.Destroyed },
                _ => [entries.Select(e => e.Body).OfType<CardChecked>().First(c => c.Result == CardChecked.Destroyed)])(null!, entries));
        yield return new Lie(kind, "a destroyed card that nobody typed before", r => r.Twice, Replay, "was an answer to \"check/7/typed\"",
            Drop(e => e.Body is CardChecked { Result: CardChecked.Good, Set: "0003-backup-1", Share: 2 }));
        yield return new Lie(kind, "a new card that was destroyed for the old one", r => r.Twice, Replay, "CARDS-03",
            (_, entries) => Change<CardChecked>(c => c with
            {
                Digest = entries.Select(e => e.Body).OfType<SharesMade>().Last().Digests[c.Share - 1],
            }, c => c is { Set: "0003-backup-1", Result: CardChecked.Good })(null!, entries));
        yield return new Lie(kind, "a lost card that was destroyed", r => r.Checked, Replay, "(card-checked, step \"cards\")",
            Change<CardChecked>(c => c with { Result = CardChecked.Destroyed }, c => c.Result == CardChecked.Lost));
        yield return new Lie(kind, "a replacement in a format that knew none", r => r.Replaced, Replay,
            "what its script asks for came with format 6",
            Change<CeremonyOpened>(o => o with { Format = JournalFormats.Kept }));
    }

    /// <summary>The new blob with something of the old one's.</summary>
    private static Func<SoftwareRoom, ImmutableArray<Entry>, IEnumerable<Entry>> Relabelled(
        Func<BackupBlob, BackupBlob, BackupBlob> take) =>
        (_, entries) => Change<KeyBackedUp>(b =>
        {
            byte[] bytes = take(Read(First(entries)), Read(b)).Bytes();
            return b with { Blob = Convert.ToBase64String(bytes), Sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes)) };
        }, b => b.From is not null)(null!, entries);

    private static BackupBlob Read(KeyBackedUp b)
    {
        Assert.True(BackupBlob.TryRead(Convert.FromBase64String(b.Blob), out BackupBlob? blob, out _));
        return blob;
    }

    private static bool IsNew(SharesMade made) => made.Set == "0002-backup-1";

    private static SharesMade Old(IEnumerable<Entry> entries) =>
        entries.Select(e => e.Body).OfType<SharesMade>().Single(m => m.Set == "0001-backup-1");

    private static KeyBackedUp First(IEnumerable<Entry> entries) => entries.Select(e => e.Body).OfType<KeyBackedUp>().First();
}
