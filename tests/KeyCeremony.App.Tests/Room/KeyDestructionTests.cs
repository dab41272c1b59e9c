using System.Collections.Immutable;
using System.Text;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Ceremony.Retelling;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.App.Tests.Room;

/// <summary>A key ends, and no ceremony closes with a copy of it forgotten.</summary>
public class KeyDestructionTests(SigningRooms rooms) : IClassFixture<SigningRooms>
{
    private const string Script = "key-destruction.md";
    private const string Root = "root";

    [Fact]
    public void Every_copy_is_gone_and_the_statement_says_so()
    {
        SoftwareRoom room = Burnt(rooms.Rooted(), 1, 2, 3).Through(Script);
        World world = room.State.World;
        var inventory = CopyInventory.Of(world, Root);
        Assert.All(inventory.Lines, l => Assert.Equal(CopyState.Gone, l.State));
        Assert.False(inventory.CanReturn);
        Assert.Equal("No copy is left, as far as the journals and the people in the room know.", Assert.Single(inventory.InWords(world)));
        Assert.Equal([CopyKind.Token, CopyKind.Drill, CopyKind.Card, CopyKind.Card, CopyKind.Card, CopyKind.Blob, CopyKind.Blob,
            CopyKind.Blob, CopyKind.Unrecorded], inventory.Lines.Select(l => l.Kind));

        DestructionStated stated = Assert.Single(room.Entries.Select(e => e.Body).OfType<DestructionStated>());
        string file = Encoding.UTF8.GetString(room.Bundle()["destroyed/root.txt"].Span);
        Assert.Equal(string.Concat(stated.Lines.Select(l => l + "\n")), file);
        Assert.Contains("result      no copy known\n", file, StringComparison.Ordinal);
        Assert.Equal([CeremonyRules.StillNeeded],
            room.Entries.Where(e => e.Ceremony == room.State.Id).Select(e => e.Body).OfType<ExceptionRaised>().Select(x => x.Rule));
    }

    [Fact]
    public void What_is_not_destroyed_remains_with_a_reason_that_the_witness_signs_off()
    {
        SoftwareRoom room = Burnt(rooms.Rooted(), 1)
            .Saying("copy/unrecorded/what", CopyAnswered.Remains).Saying("copy/unrecorded/words", "A print hangs in the museum.")
            .Saying("copy/cards/0001-backup-1/words", "Nobody could travel.")
            .Through(Script);
        var inventory = CopyInventory.Of(room.State.World, Root);
        Assert.True(inventory.CanReturn);
        Assert.Equal("2 of 3 cards of 0001-backup-1 were never destroyed before a witness, 2 open it, and its backup is in every copy "
            + "of the journal: the key can be recovered. There are copies that no journal knows.",
            string.Join(' ', inventory.InWords(room.State.World)));
        ExceptionRaised[] raised = [.. room.Entries.Select(e => e.Body).OfType<ExceptionRaised>().Where(x =>
            x.Rule == CeremonyRules.CopyRemains)];
        Assert.Contains("cards 2, 3 of 0001-backup-1 remains: Nobody could travel.", raised[0].What, StringComparison.Ordinal);
        Assert.Equal(raised.Length, room.Entries.Select(e => e.Body).OfType<ExceptionSignedOff>().Count() - 1);
        Assert.Contains("result      copies remain", room.Entries.Select(e => e.Body).OfType<DestructionStated>().Single().Lines);
    }

    /// <summary>The rest of it is destroyed years later; the statement of that day takes the place of the first.</summary>
    [Fact]
    public void What_remained_is_asked_again_on_a_later_day()
    {
        SoftwareRoom room = Burnt(rooms.Rooted(), 1).Through(Script);
        Assert.True(CopyInventory.Of(room.State.World, Root).CanReturn);
        Burnt(room, 2).Through(Script);
        Assert.False(CopyInventory.Of(room.State.World, Root).CanReturn);
        Assert.Equal(CopyState.Remains, CopyInventory.Of(room.State.World, Root).Lines.Single(l => l.Id == "card/0001-backup-1/3").State);
        Assert.Contains("result      no copy known", Encoding.UTF8.GetString(room.Bundle()["destroyed/root.txt"].Span),
            StringComparison.Ordinal);
        Assert.Single(room.Entries, e => e.Body is KeyEnded);
    }

    /// <summary>
    /// Whatever is taken out of the account, no engine writes the rest: each line is answered, or the ceremony does not close.
    /// </summary>
    [Fact]
    public void No_entry_of_the_account_can_be_missing()
    {
        SoftwareRoom room = Burnt(rooms.Rooted(), 1).Through(Script);
        ImmutableArray<Entry> entries = room.Entries;
        int dropped = 0;
        foreach (Entry entry in entries.Where(e => e.Ceremony == room.State.Id
            && e.Body is KeyEnded or KeyDestroyed or CardChecked or CopyAnswered or DestructionStated or ExceptionRaised
                or ExceptionSignedOff or TokenLookedAt))
        {
            dropped++;
            Assert.NotNull(Told(entries.Where(e => e != entry)));
        }
        Assert.True(dropped > 12, $"{dropped}");
    }

    /// <summary>
    /// A reckoning of its own, from the entries alone: whatever an HSM was told to hold, whoever got a card, wherever the backup went.
    /// </summary>
    [Fact]
    public void The_inventory_has_whatever_the_journal_made_or_handed_out()
    {
        SoftwareRoom room = rooms.Rooted().Through("custodian-replacement.md").Through("disaster-recovery.md");
        foreach ((int turn, int card) in new[] { (1, 1), (3, 2) })
            CardRoom.Burnt(room, turn, CardRoom.Backup, card);
        room.Saying("check/5/set", "done").Saying("ends/why", "It is old.").Through(Script);
        HashSet<string> ids = [.. CopyInventory.Of(room.State.World, Root).Lines.Select(l => l.Id)];
        long first = 0;
        foreach (Entry entry in room.Entries)
        {
            string[] due = entry.Body switch
            {
                KeyGenerated { Key: Root } k => [$"hsm/{k.CkaId}"],
                KeyRestored { Key: Root } k => [$"hsm/{k.CkaId}"],
                BackupDrilled { Key: Root } d => [$"drill/{d.DrillSerial}"],
                KeyBackedUp { Key: Root } b => [.. Enumerable.Range(1, 3).Select(n => $"card/{b.Set}/{n}")],
                BundleExported => [$"bundle/{entry.Seq}"],
                _ => [],
            };
            if (entry.Body is KeyBackedUp && first == 0)
                first = entry.Seq;
            Assert.All(due, id => Assert.Contains(id, ids));
        }
        Assert.Contains(CopyInventory.RecordSticks, ids);
        Assert.Contains(CopyInventory.Unrecorded, ids);
    }

    [Fact]
    public void Nothing_is_done_with_a_key_that_ended()
    {
        SoftwareRoom room = Burnt(rooms.Rooted(), 1, 2, 3).Through(Script);
        foreach (string script in new[] { "crl-signing.md", "intermediate-creation.md", "custodian-replacement.md" })
        {
            SoftwareRoom used = room.Fork(rooms.NewFolder());
            used.Open(SoftwareRoom.Script(script));
            Assert.Equal(CeremonyRules.KeyEnded, Stops(used).Rule);
        }
        SoftwareRoom lost = room.Fork(rooms.NewFolder());
        lost.Open(SoftwareRoom.Script("disaster-recovery.md"));
        Assert.Equal(CeremonyRules.KeyEnded, Stops(lost).Rule);
    }

    [Fact]
    public void The_key_that_signs_the_record_does_not_end()
    {
        SoftwareRoom room = rooms.Rooted();
        room.Open(SoftwareRoom.Script(Script).Replace("key: root\n", "key: transcript\n", StringComparison.Ordinal));
        Assert.Equal(CeremonyRules.SignsTheRecord, Stops(room).Rule);
    }

    /// <summary>An abort takes back what was said of copies, and neither the end of the key nor what was destroyed.</summary>
    [Fact]
    public void An_abort_brings_no_key_back()
    {
        SoftwareRoom room = Burnt(rooms.Rooted(), 1, 2);
        room.Open(SoftwareRoom.Script(Script));
        _ = room.Until("account", "words");
        room.GiveUp();
        World world = room.State.World;
        Assert.True(world.Ended.ContainsKey(Root));
        Assert.Equal("", world.Ended[Root].StatedIn);
        Assert.Equal(["card/0001-backup-1/3", CopyInventory.Unrecorded], CopyInventory.Of(world, Root).Open("").Select(l => l.Id));
        Assert.DoesNotContain("destroyed/root.txt", room.Through("abandoned-keys.md").Bundle().Keys);
        Assert.Contains("destroyed/root.txt", Burnt(room).Through(Script).Bundle().Keys);
        Assert.Single(room.Entries, e => e.Body is KeyEnded);
        Assert.Single(room.Entries, e => e.Body is KeyDestroyed);
    }

    /// <summary>The power fails while the HSM destroys it: it is looked at, and done again.</summary>
    [Fact]
    public void A_destruction_that_was_cut_off_is_done_again()
    {
        SoftwareRoom room = Burnt(rooms.Rooted(), 1, 2, 3);
        bool failed = false;
        room.PowerFails = entry => !failed && entry is { Body: Attempted { Effect: DestroyKey.EndName } } && (failed = true);
        room.Through(Script);
        EntryBody[] said = [.. room.Entries.Where(e => e.Step == "destroy-root").Select(e => e.Body)];
        Assert.Equal("repeat", Assert.Single(said.OfType<AttemptResolved>()).Resolution);
        Assert.Contains(said.OfType<ExceptionRaised>(), x => x.Rule == CeremonyRules.Interrupted
            && x.What == "Destroying the key \"root\" was interrupted; the officers chose to do it again.");
        Assert.Single(said.OfType<KeyDestroyed>());
    }

    [Fact]
    public void The_set_of_a_key_that_ended_serves_no_more()
    {
        SoftwareRoom room = Burnt(rooms.Rooted(), 1, 2).Through(Script);
        var account = CardAccount.Of(room.State.World, room.State.World.Sets[CardRoom.Backup]);
        Assert.Equal((CardAccount.Retired, "the key \"root\" ended"), (account.State, account.Because));
    }

    /// <summary>These cards of the first backup set are typed and burnt, and no other one comes.</summary>
    internal static SoftwareRoom Burnt(SoftwareRoom room, params int[] cards)
    {
        int turn = 1;
        foreach (int card in cards)
        {
            CardRoom.Burnt(room, turn, CardRoom.Backup, card);
            turn += 2;
        }
        return room.Saying($"check/{turn}/set", "done");
    }

    private static Refusal Stops(SoftwareRoom room)
    {
        for (int moves = 0; moves < 2000; moves++)
        {
            if (Director.Next(room.State) is Ask { Question: { Id: "stopped", Blocked: { } refusal } })
                return refusal;
            Assert.IsNotType<Over>(Director.Next(room.State));
            room.Step();
        }
        throw new Xunit.Sdk.XunitException("It was never stopped.");
    }

    private static Refusal? Told(IEnumerable<Entry> entries)
    {
        ImmutableArray<Entry> told = [];
        foreach (Entry entry in entries)
            told = told.Add(Entry.Following(told.IsEmpty ? null : told[^1], entry.Ceremony, entry.Utc, entry.Step, entry.Body));
        return Retold.Of(told).Refusal;
    }
}
