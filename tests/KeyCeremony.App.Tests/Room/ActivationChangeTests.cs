using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.App.Tests.Room;

/// <summary>The PINs of an HSM change, and whatever comes between, a set of cards that is all there opens it.</summary>
public class ActivationChangeTests(SigningRooms rooms) : IClassFixture<SigningRooms>
{
    private const string Script = "activation-change.md";
    private const string Old = CardRoom.Activation;
    private const string New = "0002-activation-1";

    /// <summary>The ceremony with two old cards that are typed and burnt behind the change.</summary>
    internal static SoftwareRoom Changed(SoftwareRoom room) => Burning(room).Through(Script);

    [Fact]
    public void The_new_cards_open_the_hsm_and_the_old_ones_are_worthless()
    {
        SoftwareRoom room = rooms.Rooted();
        string serial = Replay.WorldAfter(room.Entries).Primary!.Commissioned.Serial;
        Changed(room);
        World world = room.State.World;
        Assert.Equal((serial, New, ""), (world.Primary!.Commissioned.Serial, world.Primary.Commissioned.Set, world.Primary.Perhaps));
        var old = CardAccount.Of(world, world.Sets[Old]);
        Assert.Equal((CardAccount.Retired, 2), (old.State, old.Destroyed));
        Assert.Equal((CardAccount.Live, 3), (Of(world, New).State, Of(world, New).Good));
        Assert.True(room.HoldsNothing);
        room.Through("crl-signing.md");
    }

    /// <summary>A card that is not there is not waited for: it opens nothing.</summary>
    [Fact]
    public void Old_cards_that_are_elsewhere_are_worthless_and_keep_their_bags()
    {
        SoftwareRoom room = rooms.Rooted();
        CardRoom.Burnt(room, 1, Old, 1).Saying("check/3/set", "done").Through(Script);
        World world = room.State.World;
        CardAccount old = Of(world, Old);
        Assert.Equal((CardAccount.Worthless, 1, false), (old.State, old.Destroyed, old.Serves));
        Assert.Contains("changed on", old.Because, StringComparison.Ordinal);
        Assert.Contains(old.InWords, line => line.Contains("open none of the HSMs", StringComparison.Ordinal));
        // The second was typed, and lies in a bag of its own; the third never left its bag.
        string?[] bags = [.. Enumerable.Range(1, 3).Select(n => world.BagOf(world.Sets[Old], n))];
        Assert.Null(bags[0]);
        Assert.Equal(5, bags.Skip(1).Concat(Enumerable.Range(1, 3).Select(n => world.BagOf(world.Sets[New], n))).OfType<string>()
            .Distinct().Count());
    }

    /// <summary>An abort changes no PIN back: from the announcement on the new cards may be the ones that open the HSM.</summary>
    [Fact]
    public void Broken_off_behind_any_entry_the_cards_that_open_the_hsm_are_live()
    {
        SoftwareRoom room = rooms.Rooted();
        int before = room.Entries.Length;
        World world = Replay.WorldAfter(room.Entries);
        Changed(room);
        bool isAnnounced = false, isChanged = false;
        int aborted = 0;
        foreach (Entry entry in room.Entries.Skip(before))
        {
            world = Replay.WorldAfter(world, entry);
            isAnnounced |= entry.Body is Attempted { Effect: ChangePins.EffectName };
            isChanged |= entry.Body is ActivationChanged;
            World after = Replay.WorldAfter(world, entry with { Step = "", Body = new CeremonyAborted("The fire alarm rang.", "Wilma") });
            string[] live = [.. CardAccount.All(after).Where(a => a.Name == "activation" && a.Serves).Select(a => a.Set)];
            Assert.Equal(isChanged ? [New] : isAnnounced ? [Old, New] : [Old], live);
            Assert.All(live, set => Assert.Equal(3, Of(after, set).Good));
            aborted++;
        }
        Assert.True(aborted > 100);
    }

    /// <summary>In the HSM, and not on the sticks: before the call, within it, behind it.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Cut_off_it_is_done_again_and_nobody_has_to_know_which_pin_opens(bool wasChanged)
    {
        SoftwareRoom room = Burning(rooms.Rooted());
        bool failed = false;
        room.PowerFails = entry => !failed && (wasChanged ? entry is null && room.State.Pending?.Effect == ChangePins.EffectName
            : entry is { Body: Attempted { Effect: ChangePins.EffectName } }) && (failed = true);
        room.Through(Script);
        Assert.True(failed);
        EntryBody[] said = [.. room.Entries.Where(e => e.Step == "change-pins").Select(e => e.Body)];
        Assert.Equal("repeat", Assert.Single(said.OfType<AttemptResolved>()).Resolution);
        Assert.Equal($"Changing the PINs of the HSM to those of {New} was interrupted; the officers chose to do it again.",
            Assert.Single(said.OfType<ExceptionRaised>()).What);
        // Both quorums came once more: nothing of their cards was in memory.
        Assert.Equal(6, said.OfType<SharePresented>().Count());
        Assert.Equal(New, room.State.World.Primary!.Commissioned.Set);
    }

    /// <summary>The ceremony was given up within the call. Whoever opens the HSM next is asked which cards are tried.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_change_that_was_given_up_is_settled_when_the_hsm_is_opened_next(bool isFinished)
    {
        SoftwareRoom room = GivenUp();
        Assert.Equal(New, room.State.World.Primary!.Perhaps);
        Assert.Equal([Old, New], CardAccount.All(room.State.World).Where(a => a.Name == "activation" && a.Serves).Select(a => a.Set));
        room.Instead = null;
        room.Saying("activation/which", isFinished ? "both" : "old").Through("crl-signing.md");
        World world = room.State.World;
        Assert.Equal((isFinished ? New : Old, ""), (world.Primary!.Commissioned.Set, world.Primary.Perhaps));
        Assert.Equal(isFinished ? CardAccount.Worthless : CardAccount.VoidSet, Of(world, isFinished ? Old : New).State);
        Assert.Equal(CardAccount.Live, Of(world, isFinished ? New : Old).State);
    }

    /// <summary>The wrong ones were tried: the question comes again.</summary>
    [Fact]
    public void Where_the_old_cards_open_nothing_any_more_the_others_are_tried()
    {
        SoftwareRoom room = GivenUp();
        room.Instead = move => move is Perform { Effect: UnlockToken { Set: Old } e }
            ? new Broke(e, "C_Login", "The HSM refused it: CKR_PIN_INCORRECT.") : null;
        room.Saying("activation/which", "old", "both").Through("crl-signing.md");
        Assert.Equal(New, room.State.World.Primary!.Commissioned.Set);
        Assert.Single(room.Entries, e => e.Body is ActivationChanged);
    }

    /// <summary>It is lost before anybody found out: cards of both sets may open it, for ever.</summary>
    [Fact]
    public void Of_an_hsm_that_is_lost_meanwhile_both_sets_are_guarded()
    {
        SoftwareRoom room = GivenUp();
        room.Instead = null;
        SoftwareRoom moving = room.Fork(rooms.NewFolder());
        moving.Open(SoftwareRoom.Script("hsm-migration.md"));
        Assert.Equal(CeremonyRules.PinsUnknown, moving.Until("replace", "stopped").Blocked?.Rule);

        room.Saying("how", "lost").Through("disaster-recovery.md");
        Assert.Equal([CardAccount.Replaced, CardAccount.Replaced],
            new[] { Old, New }.Select(set => Of(room.State.World, set).State));
    }

    [Fact]
    public void A_card_of_the_other_set_is_refused_and_each_page_says_which_is_asked_for()
    {
        SoftwareRoom room = rooms.Rooted();
        room.Open(SoftwareRoom.Script(Script));
        Question asked = room.Until("change-pins", "present/1/who");
        Assert.Contains($"the old set {Old}", asked.Prompt, StringComparison.Ordinal);
        asked = room.Until("change-pins", "present/2");
        SharesMade made = room.State.World.Sets[New].Made;
        Assert.Equal(CeremonyRules.OtherSet,
            room.Tell(new ShareTyped(asked.Id, asked.Share!.Set, 3, made.Identifier, made.Digests[2], true))?.Rule);
    }

    [Fact]
    public void The_menu_refuses_it_where_no_hsm_is_in_use()
    {
        Assert.True(ScriptReader.TryRead(SoftwareRoom.Script(Script), null, out CeremonyScript? script, out _));
        SoftwareRoom room = rooms.Rooted();
        Assert.Null(Occasion.WhyNot(Replay.WorldAfter(room.Entries), script, room.Entries[^1].Utc));
        World none = Replay.WorldAfter(room.Entries) with { Primary = null };
        Assert.NotNull(Occasion.WhyNot(none, script, room.Entries[^1].Utc));
    }

    /// <summary>Its maker's module changes no PIN for a user. At the table: YubiHsmTests.</summary>
    [Fact]
    public void The_menu_refuses_it_where_the_pins_of_the_hsm_cannot_be_changed()
    {
        Assert.True(ScriptReader.TryRead(SoftwareRoom.Script(Script), null, out CeremonyScript? script, out _));
        SoftwareRoom room = rooms.Rooted();
        World world = Replay.WorldAfter(room.Entries);
        TokenProbed probed = room.Entries.Select(e => e.Body).OfType<TokenProbed>().First(p => p.Token == "primary");
        Refusal? refusal = Occasion.WhyNot(world with
        {
            Primary = world.Primary! with { Probe = probed with { WrapFormat = BackupBlob.YubiHsm } },
        }, script, room.Entries[^1].Utc);
        Assert.Equal(CeremonyRules.PinsStay, refusal?.Rule);
        Assert.Contains("hsm-migration", refusal!.Remedy, StringComparison.Ordinal);
    }

    private SoftwareRoom GivenUp()
    {
        SoftwareRoom room = rooms.Rooted();
        room.Instead = move => move switch
        {
            Perform { Effect: ChangePins e } => new Broke(e, "C_SetPIN", "The HSM was unplugged."),
            Ask { Question.Id: "resolve" } => new Abort("The HSM does not answer.", room.State.NameOf(Roles.Witness)),
            Ask { Question.Id: "abort/decide" } => new Answer("abort/decide", "abort"),
            _ => null,
        };
        room.Open(SoftwareRoom.Script(Script));
        room.GoOn();
        return room;
    }

    private static SoftwareRoom Burning(SoftwareRoom room) =>
        CardRoom.Burnt(CardRoom.Burnt(room, 1, Old, 1), 3, Old, 2).Saying("check/5/set", "done");

    private static CardAccount Of(World world, string set) => CardAccount.Of(world, world.Sets[set]);
}
