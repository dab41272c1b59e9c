using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core.Journal;
using static KeyCeremony.Verifier.Tests.Pen;
using Files = System.Collections.Immutable.ImmutableSortedDictionary<string, System.ReadOnlyMemory<byte>>;

namespace KeyCeremony.Verifier.Tests;

/// <summary>A key that came back is said to have signed, and what it signed was signed for something else.</summary>
public sealed partial class LiesTests
{
    private const string NotDrilled = "(backup-drilled, step \"drill\") … its challenge does not verify under the key \"root\"";
    private const string NotRestored = "(key-restored, step \"restore-root\") … its challenge does not verify under the key \"root\"";
    private const string LedgerOfTheRooms = "4f1c22aa000000000000000000000001";

    /// <summary>As docs/formats/replay.md writes a challenge; the random end is the same in all, so that nothing else differs.</summary>
    private static readonly Challenge Drilled = new("drill", 2, LedgerOfTheRooms, "0001-root-creation", "0001-backup-1", "root", 32);

    private static readonly Challenge Restored = Drilled with { Purpose = "restore", Ceremony = "0002-disaster-recovery" };

    private static IEnumerable<Lie> ForeignChallenges()
    {
        const string kind = "challenge";
        foreach ((string name, Func<Challenge, Challenge> change) in new (string, Func<Challenge, Challenge>)[]
        {
            ("another ledger", c => c with { Ledger = "4f1c22aa000000000000000000000002" }),
            ("another ceremony", c => c with { Ceremony = "0003-root-creation" }),
            ("another share set", c => c with { Set = "0001-backup-2" }),
            ("another key", c => c with { Key = "paa" }),
            ("another purpose", c => c with { Purpose = c.Purpose == "drill" ? "restore" : "drill" }),
            ("the first format", c => c with { Version = 1 }),
            ("nothing at random", c => c with { Random = 0 }),
            ("more than a challenge", c => c with { Random = 33 }),
        })
        {
            yield return new Lie(kind, $"a drill that signed one of {name}", r => r.Root, Replay, NotDrilled,
                Drills(change(Drilled)));
            yield return new Lie(kind, $"a restored key that signed one of {name}", r => r.Recovered, Replay, NotRestored,
                Restores(change(Restored)));
        }
        yield return new Lie(kind, "a drill that another key signed", r => r.Root, Replay, NotDrilled,
            Drills(Drilled, signer: "transcript"));
        yield return new Lie(kind, "a restored key whose challenge another key signed", r => r.Recovered, Replay, NotRestored,
            Restores(Restored, signer: "transcript"));
        yield return new Lie(kind, "a restored key that signed what was signed in the drill", r => r.Recovered, Replay, NotRestored,
            (_, entries) => entries.Select(e => e.Body).OfType<BackupDrilled>().Single() is var drilled
                ? Change<KeyRestored>(k => k with { Challenge = drilled.Challenge, Signature = drilled.Signature })(null!, entries) : []);
    }

    /// <summary>So the lies above are lies for what they name, and for no other part of a challenge.</summary>
    [Fact]
    public void A_challenge_that_a_test_writes_as_the_format_says_is_accepted()
    {
        foreach ((SoftwareRoom room, Func<SoftwareRoom, ImmutableArray<Entry>, IEnumerable<Entry>>? tell) in new[] {
            (rooms.Root, Drills(Drilled)), (rooms.Recovered, Restores(Restored)) })
        {
            bool isTold = false;
            Files files = room.ForgeAll(genuine =>
            {
                ImmutableArray<Entry> entries = [.. genuine], told = [.. tell(room, entries)];
                isTold = !told.SequenceEqual(entries);
                return told;
            });
            Assert.True(isTold, "nothing was written anew");
            Assert.Empty(Judged(room, files).Rules());
        }
    }

    private static Func<SoftwareRoom, ImmutableArray<Entry>, IEnumerable<Entry>> Drills(Challenge told, string signer = "root") =>
        (room, entries) => Change<BackupDrilled>(d => d with
        {
            Challenge = told.Base64,
            Signature = told.SignedBy(room, signer),
        })(room, entries);

    private static Func<SoftwareRoom, ImmutableArray<Entry>, IEnumerable<Entry>> Restores(Challenge told, string signer = "root") =>
        (room, entries) => Change<KeyRestored>(k => k with
        {
            Challenge = told.Base64,
            Signature = told.SignedBy(room, signer),
        })(room, entries);

    private sealed record Challenge(string Purpose, int Version, string Ledger, string Ceremony, string Set, string Key, int Random)
    {
        public string Base64 => Convert.ToBase64String(Bytes);

        private byte[] Bytes =>
        [
            .. Encoding.ASCII.GetBytes($"keyceremony/{Purpose}-challenge/{Version}\n"),
            .. Version == 1 ? [] : SHA256.HashData(Encoding.UTF8.GetBytes($"{Ledger}\n{Ceremony}\n{Set}\n{Key}")),
            .. Enumerable.Repeat((byte)0x5a, Random),
        ];

        /// <summary>The forger has every key.</summary>
        public string SignedBy(SoftwareRoom room, string signer) => Convert.ToBase64String(room.SignChallenge(signer, Bytes));
    }
}
