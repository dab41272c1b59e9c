using FsCheck;
using FsCheck.Fluent;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using Replay = KeyCeremony.Core.Ceremony.Replay;

namespace KeyCeremony.Core.Tests.Ceremony;

/// <summary>The inventory of a key against a model that counts its copies on its own.</summary>
public sealed class CopyInventoryTests
{
    private const string Key = "root";

    /// <summary>Whatever is done in whatever order: a line for each copy, and gone is only what is.</summary>
    [Fact]
    public void In_no_order_of_events_is_a_copy_forgotten_or_called_gone()
    {
        Gen<int[]> events = Gen.Choose(0, 10).ArrayOf().Resize(40);
        Prop.ForAll(events.ToArbitrary(), steps =>
        {
            var life = new Life();
            foreach (int step in steps)
                life.Do(step);
            life.Agrees();
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(400));
    }

    [Fact]
    public void A_blob_is_erased_when_of_every_set_too_few_cards_are_left()
    {
        var life = new Life();
        foreach (int step in new[] { 1, 4, 4, 4 })
            life.Do(step);
        Assert.True(life.Inventory.CanReturn);
        foreach (int step in new[] { 4, 4 })
            life.Do(step);
        Assert.Equal(CopyState.Gone, life.Line(CopyInventory.RecordSticks).State);
    }

    [Fact]
    public void One_ID_in_two_HSMs_are_two_copies_and_each_is_asked()
    {
        var life = new Life();
        CopyLine[] lines = [.. life.Moved().Lines.Where(l => l.Kind == CopyKind.Token)];
        Assert.Equal([("P1", CopyState.Gone), ("P2", CopyState.Open)], lines.Select(l => (l.Serial, l.State)));
        Assert.Equal(2, lines.Select(l => l.Id).Distinct().Count());
    }

    /// <summary>An ended key's copies: HSM objects, cards by set, bundles; each with what is so of it.</summary>
    private sealed class Life
    {
        private readonly Dictionary<string, bool> _objects = [], _drills = [], _bundles = [];
        private readonly Dictionary<(string Set, int Card), bool> _cards = [];
        private readonly HashSet<string> _answered = [];
        private Entry _last;
        private int _ids, _sets;
        private bool _isNone;

        public Life()
        {
            _last = Entry.Following(null, "", DateTimeOffset.UnixEpoch, "", new LedgerCreated(new string('1', 32), "rehearsal", "test"));
            World = Replay.WorldAfter([_last]);
            Write(new CeremonyOpened("life", 1, "", "", "test", JournalFormats.Current));
            Write(new TokenCommissioned("hsm", "P1", "", "", "", 8, 8));
            Write(new TokenProbed("drill", "", "D1", "", "", 0, 0, "", "", []));
            Generate();
            BackUp();
            Write(new KeyEnded(Key, new string('0', 64), "over"));
        }

        public World World { get; private set; }

        public CopyInventory Inventory => CopyInventory.Of(World, Key);

        public CopyLine Line(string id) => Inventory.Lines.Single(l => l.Id == id);

        public void Do(int step)
        {
            switch (step)
            {
                case 0:
                    Write(new Attempted("drill-recovery", Key, "", 1));
                    _drills["D1"] = false;
                    break;
                case 1:
                    BackUp();
                    break;
                case 2:
                    Write(new BackupDrilled(Key, Set(1), "D1", "", ""));
                    _drills["D1"] = true;
                    break;
                case 3 when _objects.FirstOrDefault(o => !o.Value).Key is { } there:
                    Write(new KeyDestroyed(Key, there, "P1"));
                    _objects[there] = true;
                    break;
                case 4 when _cards.Where(c => !c.Value).Select(c => c.Key).Order().FirstOrDefault() is { Set: not null } card:
                    Write(new CardChecked(card.Set, card.Card, "", CardChecked.Destroyed, "", ""));
                    _cards[card] = true;
                    break;
                case 5 when _cards.Where(c => !c.Value).Select(c => c.Key).OrderDescending().FirstOrDefault() is { Set: not null } card:
                    Write(new CardChecked(card.Set, card.Card, "", CardChecked.Lost, "", ""));
                    break;
                case 6:
                    Write(new BundleExported("", []));
                    _bundles[$"bundle/{_last.Seq}"] = false;
                    break;
                case 7:
                    Restore();
                    break;
                case 8 when _bundles.FirstOrDefault(b => !b.Value).Key is { } bundle:
                    Write(new CopyAnswered(Key, [bundle], CopyAnswered.Destroyed, "shredded"));
                    _bundles[bundle] = true;
                    break;
                case 10:
                    Write(new CopyAnswered(Key, [CopyInventory.Unrecorded], CopyAnswered.None, ""));
                    _isNone = true;
                    break;
                case 9 when Inventory.Open("").FirstOrDefault() is { } open:
                    Write(new CopyAnswered(Key, [open.Id], CopyAnswered.Remains, "nobody knows"));
                    _ = _answered.Add(open.Id);
                    break;
            }
        }

        /// <summary>Its HSM was lost, and it came back in the same ceremony; then people said that the first one is destroyed.</summary>
        public CopyInventory Moved()
        {
            string id = _objects.Keys.Single();
            Write(new TokenRetired("P1", TokenRetired.Lost, ""));
            Write(new TokenCommissioned("hsm", "P2", "", "", "", 8, 8));
            Write(new KeyRestored(Key, Set(1), id, "P2", "", ""));
            Write(new CopyAnswered(Key, [Inventory.Lines.First(l => l.Kind == CopyKind.Token).Id], CopyAnswered.Destroyed, "shredded"));
            return Inventory;
        }

        public void Agrees()
        {
            CopyInventory inventory = Inventory;
            Assert.Equal(inventory.Lines.Length, inventory.Lines.Select(l => l.Id).Distinct().Count());
            bool opens = _cards.GroupBy(c => c.Key.Set).Any(set => set.Count(c => !c.Value) >= 2);
            foreach ((string id, bool gone) in _objects)
                Is(inventory, $"hsm/{id}", gone);
            foreach ((string serial, bool gone) in _drills)
                Is(inventory, $"drill/{serial}", gone);
            foreach (((string set, int card), bool gone) in _cards)
                Is(inventory, $"card/{set}/{card}", gone);
            foreach ((string id, bool gone) in _bundles)
                Is(inventory, id, gone || !opens);
            Is(inventory, CopyInventory.RecordSticks, !opens);
            Is(inventory, CopyInventory.Unrecorded, _isNone);
            Assert.Equal(_objects.Count + _drills.Count + _cards.Count + _bundles.Count + 2, inventory.Lines.Length);
            Assert.Equal(opens || _objects.Any(o => !o.Value) || _drills.Any(d => !d.Value) || !_isNone, inventory.CanReturn);
            // What was said to remain in this ceremony is answered; everything else is gone or asked.
            Assert.All(inventory.Lines, l => Assert.True(l.State == CopyState.Gone || _answered.Contains(l.Id)
                || inventory.Open("0001-life").Contains(l), l.Id));
        }

        private void Is(CopyInventory inventory, string id, bool gone)
        {
            CopyState state = inventory.Lines.Single(l => l.Id == id).State;
            Assert.True(gone == (state == CopyState.Gone), $"{id} is {state}");
        }

        private void Generate()
        {
            string id = $"{++_ids:x32}";
            Write(new KeyGenerated(Key, "ca", "ec-p256", id, "P1", "", true));
            _objects[id] = false;
        }

        private void Restore()
        {
            string id = $"{++_ids:x32}";
            Write(new KeyRestored(Key, Set(1), id, "P1", "", ""));
            _objects[id] = false;
        }

        private void BackUp()
        {
            string set = Set(++_sets);
            Write(new SharesMade(set, "backup", 256, 2, _sets, ["A", "B", "C"], ["", "", ""], "", []));
            Write(new KeyBackedUp(Key, set, "", $"{_sets:x64}"));
            for (int card = 1; card <= 3; card++)
                _cards[(set, card)] = false;
        }

        private static string Set(int number) => $"0001-backup-{number}";

        private void Write(EntryBody body)
        {
            _last = Entry.Following(_last, "0001-life", _last.Utc.AddSeconds(1), "", body);
            World = Replay.WorldAfter(World, _last);
        }
    }
}
