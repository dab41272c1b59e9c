using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.App.Tests.Room;

/// <summary>Custodians are replaced, and whatever comes between, one set of cards brings the key back.</summary>
public class CustodianReplacementTests(SigningRooms rooms) : IClassFixture<SigningRooms>
{
    private const string Script = "custodian-replacement.md";
    private const string New = "0002-backup-1";

    [Fact]
    public void Broken_off_behind_any_entry_it_leaves_a_backup_whose_cards_are_all_there_and_their_bags()
    {
        SoftwareRoom room = rooms.Rooted();
        int before = room.Entries.Length;
        World world = Replay.WorldAfter(room.Entries);
        string?[] bags = Bags(world);
        room.Through(Script);

        int aborted = 0;
        foreach (Entry entry in room.Entries.Skip(before))
        {
            world = Replay.WorldAfter(world, entry);
            bool isClosed = world.Ceremonies[^1].End.Length > 0;
            World after = Replay.WorldAfter(world, entry with { Step = "", Body = new CeremonyAborted("The fire alarm rang.", "Wilma") });
            KeyFact root = after.Keys["root"];
            string serves = isClosed ? New : CardRoom.Backup;
            Assert.Equal((serves, true), (root.Backup!.Set, root.Drilled));
            Assert.Equal(CardAccount.Live, CardAccount.Of(after, after.Sets[serves]).State);
            if (isClosed)
                continue;
            // What was opened is in no bag; what was not is in the bag that it was in.
            aborted++;
            Assert.All(Bags(after).Zip(bags), pair => Assert.True(pair.First is null || pair.First == pair.Second
                || world.Bags.Any(b => b.Value == pair.First && b.Key.EndsWith(CardRoom.Backup, StringComparison.Ordinal))));
            Assert.DoesNotContain(after.Bags.Keys, content => content.Contains(" of ", StringComparison.Ordinal));
        }
        Assert.True(aborted > 100);
    }

    [Fact]
    public void The_old_cards_keep_bags_of_their_own()
    {
        SoftwareRoom room = rooms.Rooted().Through(Script);
        World world = room.State.World;
        string?[] old = Bags(world), fresh = [.. Enumerable.Range(1, 3).Select(n => world.BagOf(world.Sets[New], n))];
        Assert.Equal(6, old.Concat(fresh).OfType<string>().Distinct().Count());
        // The third was not needed and stayed where it was.
        Assert.Equal(Bags(Replay.WorldAfter(room.Entries.TakeWhile(e => e.Ceremony != "0002-custodian-replacement")))[2], old[2]);

        CardRoom.Burnt(room, 1, CardRoom.Backup, 3);
        CardRoom.Burnt(room, 3, CardRoom.Backup, 1).Saying("check/5/set", "done").Through(CardRoom.Script);
        Assert.Equal([old[2]!, old[0]!], room.Entries.Select(e => e.Body).OfType<BagOpened>()
            .Where(b => b.Content.EndsWith(CardRoom.Backup, StringComparison.Ordinal)).Select(b => b.Number));
        Assert.DoesNotContain(room.Entries.Where(e => e.Ceremony == room.State.Id), e => e.Body is ExceptionRaised);
        Assert.Equal(CardAccount.Retired, CardAccount.Of(room.State.World, room.State.World.Sets[CardRoom.Backup]).State);
        Assert.Equal(old[1], Bags(room.State.World)[1]);
        Assert.Null(Bags(room.State.World)[0]);
    }

    [Fact]
    public void A_card_of_the_other_set_is_refused_wherever_cards_are_typed()
    {
        SoftwareRoom room = rooms.Rooted();
        room.Open(SoftwareRoom.Script(Script));
        foreach ((string step, string other) in new[] { ("rewrap-root", New), ("drill", CardRoom.Backup) })
        {
            Question asked = room.Until(step, "present/2");
            SharesMade made = room.State.World.Sets[other].Made;
            Assert.Equal(CeremonyRules.OtherSet,
                room.Tell(new ShareTyped(asked.Id, asked.Share!.Set, 3, made.Identifier, made.Digests[2], true))?.Rule);
        }
    }

    /// <summary>The power fails when two quorums are needed in one step: nobody of the first is taken for one of the second.</summary>
    [Theory]
    [InlineData("disaster-recovery.md", "restore-root")]
    [InlineData(Script, "rewrap-root")]
    public void Whoever_types_a_card_was_marked_for_it_also_after_a_power_cut(string script, string step)
    {
        SoftwareRoom room = rooms.Rooted();
        bool failed = false;
        room.PowerFails = entry => !failed && entry is { Body: SecretRebuilt } && entry.Step == step && (failed = true);
        room.Through(script);
        Assert.True(failed);
        Entry[] inStep = [.. room.Entries.Where(e => e.Step == step && e.Ceremony == room.State.Id)];
        Assert.True(inStep.Select(e => e.Body).OfType<SharePresented>().Select(p => p.Set).Distinct().Count() == 2);
        int marked = 0;
        foreach (EntryBody body in inStep.Select(e => e.Body))
            marked = body switch
            {
                Answered { Question: "present/1/who" or "present/2/who" } => marked + 1,
                SharePresented => Taken(marked),
                _ => marked,
            };
    }

    /// <summary>All of it happens in the drill HSM, which every attempt wipes first: there is nothing to take over.</summary>
    [Fact]
    public void A_rewrapping_that_was_cut_off_is_done_again()
    {
        SoftwareRoom room = rooms.Rooted();
        bool failed = false;
        room.PowerFails = entry => !failed && entry is { Body: Attempted { Effect: "rewrap-key" } } && (failed = true);
        room.Through(Script);
        EntryBody[] said = [.. room.Entries.Where(e => e.Step == "rewrap-root").Select(e => e.Body)];
        Assert.Equal("repeat", Assert.Single(said.OfType<AttemptResolved>()).Resolution);
        ExceptionRaised cutOff = Assert.Single(said.OfType<ExceptionRaised>());
        Assert.Equal(
            (CeremonyRules.Interrupted, "Making the backup of the key \"root\" anew was interrupted; the officers chose to do it again."),
            (cutOff.Rule, cutOff.What));
        Assert.Equal(CardRoom.Backup, Assert.Single(said.OfType<KeyBackedUp>()).From);
    }

    /// <summary>It was inspected and then it is gone: another one is inspected in the same step, and no card is typed twice.</summary>
    [Theory]
    [InlineData("rewrap-root", RewrapKey.EffectName)]
    [InlineData("drill", DrillRecovery.EffectName)]
    public void Another_drill_HSM_takes_the_place_of_one_that_is_gone(string step, string effect)
    {
        SoftwareRoom room = rooms.Rooted();
        bool failed = false;
        room.Instead = move => move switch
        {
            Perform { Effect: var e } when e.Name == effect && !failed && (failed = true) =>
                new Broke(e, CeremonyRules.WrongToken, "The drill HSM that was inspected, serial D1, is not connected."),
            Perform { Effect: ProbeToken p } when failed => new Happened(p, (TokenProbed)room.Fact(p) with { Serial = "D2" }),
            _ => null,
        };
        room.Saying("resolve", "another").Through(Script);

        EntryBody[] said = [.. room.Entries.Where(e => e.Step == step && e.Ceremony == room.State.Id).Select(e => e.Body)];
        Assert.Equal("another", Assert.Single(said.OfType<AttemptResolved>()).Resolution);
        Assert.Equal("D2", Assert.Single(said.OfType<TokenProbed>()).Serial);
        Assert.Contains(said, b => b is Answered { Question: "another/seen" });
        Assert.EndsWith("The one before, D1, may still hold the key: it is kept like a card until it is destroyed.",
            Assert.Single(said.OfType<ExceptionRaised>()).What, StringComparison.Ordinal);
        Assert.Equal(said.OfType<SharePresented>().Count(), said.OfType<SharePresented>().Distinct().Count());
        Assert.Equal("D2", room.Entries.Select(e => e.Body).OfType<BackupDrilled>().Last().DrillSerial);
    }

    [Theory]
    [InlineData(JournalFormats.Renewed, false)]
    [InlineData(JournalFormats.Accounted, true)]
    public void Only_since_format_7_may_another_one_be_taken(int format, bool may)
    {
        var room = new SoftwareRoom(folder: rooms.NewFolder()) { Format = format };
        _ = room.Play(SoftwareRoom.Script("root-creation.md"));
        room.Instead = move => move is Perform { Effect: RewrapKey e } ? new Broke(e, CeremonyRules.WrongToken, "It is gone.") : null;
        room.Open(SoftwareRoom.Script(Script));
        Assert.Equal(may, room.Until("rewrap-root", "resolve").Choices.Any(c => c.Key == "another"));
    }

    /// <summary>Nobody looked into the drill HSM, so nobody says that it is empty.</summary>
    [Fact]
    public void Of_an_hsm_that_nobody_looked_into_nothing_is_claimed()
    {
        SoftwareRoom room = rooms.Rooted();
        bool failed = false;
        room.PowerFails = entry => !failed && entry is { Body: Attempted { Effect: "rewrap-key" } } && (failed = true);
        Question? resolve = null;
        room.Instead = move =>
        {
            if (move is Ask { Question: { Id: "resolve" } asked })
                resolve = asked;
            return null;
        };
        room.Through(Script);
        Assert.NotNull(resolve);
        Assert.Equal("Making the backup of the key \"root\" anew was interrupted. The officers decide.", resolve.Prompt);
        Assert.Equal("Nobody looked into the HSM: what this attempt may have left there, the next one replaces.",
            Assert.Single(resolve.EvidenceLines));
        Assert.DoesNotContain("adopt", resolve.Help, StringComparison.Ordinal);
    }

    /// <summary>Two sets of one name lie on the table: each page says which it asks for, and whether it is the old or the new.</summary>
    [Fact]
    public void Old_and_new_cards_are_asked_for_by_their_sets()
    {
        SoftwareRoom room = rooms.Rooted();
        room.Open(SoftwareRoom.Script(Script));
        Question old = room.Until("rewrap-root", "present/1/who");
        Assert.Equal($"Who comes to the screen with the first of 2 cards of the old set {CardRoom.Backup}?",
            old.Prompt);
        string fresh = room.State.SetHere("backup")!.Made.Set;
        Assert.Equal($"Who comes to the screen with the first of 2 cards of the new set {fresh}?",
            room.Until("drill", "present/1/who").Prompt);
        Assert.Contains($"the new \"backup share card 1\" of set {fresh}", room.Until("seal-cards", "bag/backup share card 1").Prompt,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_menu_refuses_it_where_the_ledger_has_no_backup()
    {
        SoftwareRoom room = rooms.Rooted();
        string other = SoftwareRoom.Script(Script).Replace("key: root\n", "key: other\n", StringComparison.Ordinal);
        Assert.True(ScriptReader.TryRead(other, null, out CeremonyScript? script, out _));
        Assert.Equal(CeremonyRules.KeyUnknown, Occasion.WhyNot(Replay.WorldAfter(room.Entries), script, room.Entries[^1].Utc)?.Rule);
    }

    private static int Taken(int marked)
    {
        Assert.True(marked > 0, "a card was typed by somebody whom nobody marked for it");
        return marked - 1;
    }

    private static string?[] Bags(World world) => [.. Enumerable.Range(1, 3).Select(n => world.BagOf(world.Sets[CardRoom.Backup], n))];
}
