using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Sharing;
using Replay = KeyCeremony.Core.Ceremony.Replay;

namespace KeyCeremony.Core.Tests.Ceremony;

/// <summary>
/// A model of cards, sets and blobs as they are in the world, beside the account that a ledger gives of them: whatever is replaced, lost,
/// checked, destroyed and broken off in whatever order, the account never calls a set retired that somebody can still open.
/// </summary>
public sealed class CardAccountTests
{
    private const string Key = "root";
    private const int Most = 60;

    private enum Act
    {
        /// <summary>A new set, with the wrapped key under it, as far as the ceremony comes.</summary>
        Replace,
        Check,
        Lose,
        CannotRead,
        FindAnother,
        Destroy,
    }

    /// <param name="Much">How far a replacement comes, or which set.</param>
    private sealed record Deed(Act Act, int Much, int Card);

    [Theory]
    [InlineData("2 of 3")]
    [InlineData("2 of (2 of 2, 2 of 3, 1 of 1)")]
    public void No_order_of_replacement_loss_and_check_calls_a_set_retired_that_opens(string plan) => Prop.ForAll(Lives, deeds =>
    {
        var life = new Life(GroupPlan.Read(plan)!);
        foreach (Deed deed in deeds)
        {
            life.Do(deed);
            life.Agrees();
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(400));

    /// <summary>So that the law above is not about ledgers in which nothing is ever retired.</summary>
    [Theory]
    [InlineData("2 of 3")]
    [InlineData("2 of (2 of 2, 2 of 3, 1 of 1)")]
    public void Among_such_lives_are_sets_of_every_state(string plan)
    {
        var seen = new HashSet<string>();
        foreach (Deed[] deeds in Lives.Generator.Sample(Most, 300))
        {
            var life = new Life(GroupPlan.Read(plan)!);
            foreach (Deed deed in deeds)
                life.Do(deed);
            seen.UnionWith(CardAccount.All(life.World).Select(a => a.State));
        }
        Assert.Equal([CardAccount.Live, CardAccount.Replaced, CardAccount.Retired, CardAccount.VoidSet],
            seen.Order(StringComparer.Ordinal));
    }

    /// <summary>Groups: four cards of the seven burnt, and which four decides.</summary>
    [Theory]
    [InlineData(new[] { 1, 2, 4, 5 }, CardAccount.Retired)]
    [InlineData(new[] { 1, 4, 5, 7 }, CardAccount.Retired)]
    [InlineData(new[] { 1, 2, 3, 4 }, CardAccount.Replaced)]
    [InlineData(new[] { 1, 2, 7 }, CardAccount.Retired)]
    public void A_set_in_groups_is_retired_when_too_few_groups_are_left(int[] burnt, string state)
    {
        var life = new Life(GroupPlan.Read("2 of (2 of 3, 2 of 3, 1 of 1)")!);
        string old = life.World.Sets.Keys.Single();
        life.Do(new Deed(Act.Replace, 13, 0));
        Assert.Equal(CardAccount.Replaced, CardAccount.Of(life.World, life.World.Sets[old]).State);
        foreach (int card in burnt)
            life.Do(new Deed(Act.Destroy, 0, card - 1));
        var account = CardAccount.Of(life.World, life.World.Sets[old]);
        Assert.Equal(state, account.State);
        Assert.Contains("needed 2 of 3 groups (2 of 3, 2 of 3, 1 of 1)", string.Join('\n', account.InWords), StringComparison.Ordinal);
        if (state == CardAccount.Replaced)
            Assert.Contains("It is retired when at least 1 more is destroyed before a witness.", account.Follows);
    }

    private static Arbitrary<Deed[]> Lives { get; } =
        (from act in Gen.Elements(Act.Replace, Act.Check, Act.Lose, Act.CannotRead, Act.FindAnother, Act.Destroy, Act.Destroy, Act.Destroy)
         from much in Gen.Choose(0, 99)
         from card in Gen.Choose(0, 99)
         select new Deed(act, much, card)).ArrayOf().ToArbitrary();

    /// <summary>What is so, and the journal that was written of it.</summary>
    private sealed class Life
    {
        private readonly List<Dealt> _sets = [];
        private readonly GroupPlan _plan;
        private Entry? _last;
        private string _ceremony = "";
        private int _ceremonies;

        public Life(GroupPlan plan)
        {
            _plan = plan;
            Write(new LedgerCreated("4f1c22aa000000000000000000000001", "rehearsal", "test"));
            Open();
            Write(new KeyGenerated(Key, "ca", "ec-p256", "00", "P1", "", true));
            Replaces(Stages);
            Agrees();
        }

        /// <summary>After so many entries a replacement is complete.</summary>
        private int Stages => _plan.Cards + 6;

        public World World { get; private set; } = World.Empty;

        public void Do(Deed deed)
        {
            if (deed.Act == Act.Replace)
            {
                Open();
                Replaces(deed.Much % (Stages + 2), burnAt: deed.Card % (Stages + 1));
                return;
            }
            Dealt set = _sets[deed.Much % _sets.Count];
            int card = deed.Card % set.Exists.Length;
            // The engine offers it for sets that do not serve, and for no other.
            if (deed.Act == Act.Destroy && CardAccount.Of(World, World.Sets[set.Name]).Serves)
                return;
            // What was destroyed comes back only if another one was burnt in its place: then the ledger hears of it.
            if (deed.Act is Act.Check or Act.Destroy)
                set.Exists[card] = deed.Act == Act.Check;
            Write(new CardChecked(set.Name, card + 1, "A", deed.Act switch
            {
                Act.Check => CardChecked.Good,
                Act.Lose => CardChecked.Lost,
                Act.CannotRead => CardChecked.Unreadable,
                Act.FindAnother => CardChecked.Other,
                _ => CardChecked.Destroyed,
            }, "", ""));
            // Whoever says that it is lost or cannot be read after it was destroyed says that it may exist.
            if (deed.Act is Act.Lose or Act.CannotRead or Act.FindAnother)
                set.Exists[card] = true;
        }

        public void Agrees()
        {
            ImmutableArray<CardAccount> accounts = CardAccount.All(World);
            Assert.Contains(accounts, a => a.State == CardAccount.Live && _sets.Single(s => s.Name == a.Set).IsComplete);
            // Wherever a replacement was broken off, the backup that a recovery takes is one whose cards were all read back and drilled.
            Assert.Equal((_sets.Last(s => s.IsComplete).Name, true), (World.Keys[Key].Backup!.Set, World.Keys[Key].Drilled));
            foreach (CardAccount account in accounts)
            {
                Dealt set = _sets.Single(s => s.Name == account.Set);
                bool opens = set.OpensSomething && _plan.Opens(set.Exists.Index().Where(e => e.Item).Select(e => e.Index + 1));
                bool isLast = set == _sets.Last(s => s.IsComplete);
                Assert.False(account.State == CardAccount.Retired && opens, $"{account.Line} still opens");
                Assert.False(account.State is CardAccount.Retired or CardAccount.Replaced && isLast, $"{account.Line} is the last");
                Assert.False(account.State == CardAccount.VoidSet && set.OpensSomething, $"{account.Line} opens something");
                Assert.Equal(set.Exists.Length, account.Issued);
                Assert.Equal(set.Exists.Count(e => !e), account.Destroyed);
                Assert.True(account.State != CardAccount.Replaced || account.ToRetire > 0, account.Line);
            }
        }

        private void Open()
        {
            _ceremony = $"{++_ceremonies:D4}-custodian-replacement";
            Write(new CeremonyOpened("custodian-replacement", 1, "", "", "test", JournalFormats.Renewed));
        }

        /// <summary>
        /// Comes so far, and is aborted then; also after it was closed, when its HSM died before the signature. On the way somebody is
        /// in a hurry: whatever the engine lets them destroy, they destroy.
        /// </summary>
        private void Replaces(int stages, int burnAt = -1)
        {
            string name = $"{_ceremonies:D4}-backup-1";
            ImmutableArray<string> people = [.. Enumerable.Range(0, _plan.Cards).Select(i => $"{(char)('A' + i)}")];
            EntryBody[] steps =
            [
                new SharesMade(name, "backup", 256, 2, _ceremonies, people, people, "", ["hsm"], _plan.GroupsInWords),
                .. people.Select((who, i) => new ShareReadBack(name, i + 1, who, who)),
                new SubsetsCombined(name, 3, ""),
                new KeyBackedUp(Key, name, "", new string((char)('a' + (_ceremonies % 6)), 64), World.Keys[Key].Backup?.Set),
                new WrapKeyDestroyed(name), new BackupDrilled(Key, name, "D1", "", ""), new CeremonyClosed(),
            ];
            foreach ((int at, EntryBody step) in steps.Take(stages).Index())
            {
                Write(step);
                if (at == burnAt)
                    Burn();
                if (step is SharesMade)
                    _sets.Add(new Dealt(name, _plan.Cards));
                if (step is KeyBackedUp)
                    _sets[^1].OpensSomething = true;
            }
            if (stages >= Stages)
                _sets[^1].IsComplete = true;
            if (stages != Stages)
                Write(new CeremonyAborted("", ""));
        }

        private void Burn()
        {
            foreach (Dealt set in _sets.Where(s => !CardAccount.Of(World, World.Sets[s.Name]).Serves))
                for (int card = 0; card < set.Exists.Length; card++)
                {
                    set.Exists[card] = false;
                    Write(new CardChecked(set.Name, card + 1, "A", CardChecked.Destroyed, "", ""));
                }
        }

        private void Write(EntryBody body)
        {
            _last = Entry.Following(_last, body is LedgerCreated ? "" : _ceremony,
                new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddHours(_last?.Seq ?? 0), "", body);
            World = Replay.WorldAfter(World, _last);
        }
    }

    private sealed class Dealt(string name, int cards)
    {
        public string Name => name;

        /// <summary>By card: whether anybody may have it.</summary>
        public bool[] Exists { get; } = [.. Enumerable.Repeat(true, cards)];

        public bool OpensSomething { get; set; }

        public bool IsComplete { get; set; }
    }
}
