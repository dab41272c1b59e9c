using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.App.Tests.Room;

/// <summary>A key moves to another HSM, and whatever comes between, it lies in one that counts.</summary>
public class HsmMigrationTests(SigningRooms rooms) : IClassFixture<SigningRooms>
{
    private const string Script = "hsm-migration.md";

    [Fact]
    public void The_keys_are_in_the_new_hsm_and_gone_from_the_old_one()
    {
        SoftwareRoom room = rooms.Rooted().Through(Script);
        World world = room.State.World;
        Assert.Equal(("P2", "P2"), (world.Primary!.Commissioned.Serial, world.Keys["root"].Serial));
        Assert.Equal("transcript-2", world.TranscriptKey!.Generated.Key);
        Assert.All(world.Objects.Where(o => o.Serial == "P1"), o => Assert.NotEqual("", o.Gone));
        Assert.Equal(["root", "transcript"],
            room.Entries.Select(e => e.Body).OfType<KeyDestroyed>().Where(d => d.Serial == "P1").Select(d => d.Key).Order());
        Assert.DoesNotContain(room.Entries.Where(e => e.Ceremony == room.State.Id), e => e.Body is ExceptionRaised);
        // The new HSM serves, and the old cards open one that holds nothing.
        room.Through("crl-signing.md");
        Assert.Equal(CardAccount.Replaced, CardAccount.Of(world, world.Sets[CardRoom.Activation]).State);
    }

    [Fact]
    public void What_is_not_emptied_remains_with_a_reason()
    {
        SoftwareRoom room = rooms.Rooted().Saying("former/here", CopyAnswered.Remains).Saying("former/why", "It is another maker's.")
            .Through(Script);
        ExceptionRaised raised = Assert.Single(room.Entries.Where(e => e.Ceremony == room.State.Id).Select(e => e.Body)
            .OfType<ExceptionRaised>());
        Assert.Equal((CeremonyRules.FormerRemains, "In the former HSM P1 remain \"root\", \"transcript\": It is another maker's."),
            (raised.Rule, raised.What));
        // Whoever ends the key later is asked for that HSM.
        Assert.Contains(CopyInventory.Of(room.State.World, "root").Open("").Select(l => l.Serial), s => s == "P1");
    }

    [Fact]
    public void Broken_off_behind_any_entry_the_key_is_in_an_hsm_of_the_ledger_or_comes_back_from_its_backup()
    {
        SoftwareRoom room = rooms.Rooted();
        int before = room.Entries.Length;
        World world = Replay.WorldAfter(room.Entries);
        string id = world.Keys["root"].CkaId;
        room.Through(Script);
        int aborted = 0;
        foreach (Entry entry in room.Entries.Skip(before))
        {
            world = Replay.WorldAfter(world, entry);
            if (world.Ceremonies[^1].End.Length > 0)
                break;
            aborted++;
            World after = Replay.WorldAfter(world, entry with { Step = "", Body = new CeremonyAborted("The fire alarm rang.", "Wilma") });
            bool destroyed = world.Objects.Any(o => o.CkaId == id && o.Gone.Length > 0);
            Assert.Equal("P1", after.Primary!.Commissioned.Serial);
            Assert.Equal(destroyed ? "" : "P1", after.Keys["root"].Serial);
            Assert.True(destroyed || after.Keys["root"].CkaId == id);
            Assert.Empty(after.Retired);
            Assert.True(after.Keys["root"] is { Backup: not null, Drilled: true });
        }
        Assert.True(aborted > 100);
    }

    [Fact]
    public void An_abort_before_the_old_hsm_is_emptied_changes_nothing()
    {
        SoftwareRoom room = rooms.Rooted();
        room.Open(SoftwareRoom.Script(Script));
        _ = room.Until("empty", "former/here");
        room.GiveUp();
        room.Through("crl-signing.md");
        Assert.Equal("P1", room.State.World.Primary!.Commissioned.Serial);
    }

    [Fact]
    public void A_destruction_in_the_old_hsm_that_was_cut_off_is_done_again()
    {
        SoftwareRoom room = rooms.Rooted();
        bool failed = false;
        room.PowerFails = entry => !failed && entry is { Body: Attempted { Effect: DestroyInFormer.EffectName } } && (failed = true);
        room.Through(Script);
        EntryBody[] said = [.. room.Entries.Where(e => e.Step == "empty").Select(e => e.Body)];
        Assert.Equal("repeat", Assert.Single(said.OfType<AttemptResolved>()).Resolution);
        Assert.Equal(2, said.OfType<KeyDestroyed>().Count());
    }

    [Fact]
    public void An_hsm_that_dies_while_it_is_emptied_remains_with_a_reason()
    {
        SoftwareRoom room = rooms.Rooted().Saying("former/here", "here", CopyAnswered.Remains).Saying("former/why", "It smokes.");
        room.Instead = move => move is Perform { Effect: DestroyInFormer { Key: "transcript" } effect }
            ? new Broke(effect, "C_OpenSession CKR_DEVICE_REMOVED", "The HSM is gone.") : null;
        room.Through(Script);
        Assert.Equal("In the former HSM P1 remain \"transcript\": It smokes.",
            room.Entries.Select(e => e.Body).OfType<ExceptionRaised>().Single(x => x.Rule == CeremonyRules.FormerRemains).What);
    }

    [Fact]
    public void A_key_that_did_not_move_is_not_destroyed_without_a_word()
    {
        SoftwareRoom room = rooms.Rooted().Through("intermediate-creation.md").Saying("former/moved", "Its product ended.").Through(Script);
        ExceptionRaised raised = room.Entries.Where(e => e.Ceremony == room.State.Id).Select(e => e.Body).OfType<ExceptionRaised>()
            .Single(x => x.Rule == CeremonyRules.NotMoved);
        Assert.Equal("These keys did not move, and are destroyed in the HSM that holds them: \"device-ca-i1\". Its product ended.",
            raised.What);
    }
}
