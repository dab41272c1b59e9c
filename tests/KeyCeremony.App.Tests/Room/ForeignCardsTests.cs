using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.App.Tests.Room;

/// <summary>Cards that were made elsewhere give the wrap key, and what is no such card is refused by its rule.</summary>
public class ForeignCardsTests(SigningRooms rooms) : IClassFixture<SigningRooms>
{
    internal const string Script = "disaster-recovery-foreign.md";
    private const string Step = "rewrap-root";

    /// <summary>How the second card differs from the first one's set, by the rule that refuses it.</summary>
    public static TheoryData<string, Func<ShareTyped, ShareTyped>> Wrong => new()
    {
        { CeremonyRules.AlreadyPresented, _ => SoftwareRoom.MadeElsewhere(Asked, 1) },
        { CeremonyRules.OtherForeignSet, c => c with { Header = c.Header! with { Identifier = 9001 } } },
        { CeremonyRules.OtherForeignSet, c => c with { Header = c.Header! with { Extendable = false } } },
        { CeremonyRules.OtherForeignSet, c => c with { Header = c.Header! with { IterationExponent = 2 } } },
        { CeremonyRules.OtherForeignSet, c => c with { Header = c.Header! with { GroupCount = 3 } } },
        { CeremonyRules.OtherForeignSet, c => c with { Header = c.Header! with { MemberThreshold = 3 } } },
        { CeremonyRules.OtherForeignSet, c => c with { Header = c.Header! with { MemberIndex = 0 } } },
        { CeremonyRules.NotAsked, c => c with { Header = null } },
    };

    private static Question Asked { get; } =
        new("foreign/2", "officer", 1, "", AnswerKind.PresentForeign, Share: new ShareRef(CardRoom.Backup, 0, 33));

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_card_that_cannot_be_of_the_set_is_refused(string rule, Func<ShareTyped, ShareTyped> change)
    {
        SoftwareRoom room = rooms.Rooted();
        room.Open(SoftwareRoom.Script(Script));
        Question asked = room.Until(Step, "foreign/2");
        Assert.Equal(rule, room.Tell(change(SoftwareRoom.MadeElsewhere(asked, 2)))?.Rule);
        Assert.Null(room.Tell(SoftwareRoom.MadeElsewhere(asked, 2)));
    }

    [Fact]
    public void A_card_that_this_ledger_dealt_is_refused()
    {
        SoftwareRoom room = rooms.Rooted();
        room.Open(SoftwareRoom.Script(Script));
        Question asked = room.Until(Step, "foreign/1");
        ShareTyped card = SoftwareRoom.MadeElsewhere(asked, 1);
        Refusal? refusal = room.Tell(card with { Digest = room.State.World.Sets[CardRoom.Backup].Made.Digests[1] });
        Assert.Equal(CeremonyRules.DealtHere, refusal?.Rule);
        Assert.Contains($"card 2 of {CardRoom.Backup}", refusal!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Groups_are_counted_until_enough_of_them_are_complete()
    {
        SoftwareRoom room = rooms.Rooted();
        room.Open(SoftwareRoom.Script(Script));
        ShareTyped Card(int turn, int group, int member, int needed)
        {
            Question asked = room.Until(Step, $"foreign/{turn}");
            return SoftwareRoom.MadeElsewhere(asked, turn) with { Header = new ShareHeader(77, false, 3, group, 2, 3, member, needed) };
        }
        Assert.Null(room.Tell(Card(1, 1, 4, 2)));
        Assert.Null(room.Tell(Card(2, 1, 0, 2)));
        Assert.Equal(CeremonyRules.GroupComplete, room.Tell(Card(3, 1, 1, 2))?.Rule);
        Assert.Null(room.Tell(Card(3, 2, 0, 3)));
        Assert.Null(room.Tell(Card(4, 0, 15, 1)));
        Assert.Equal(AnswerKind.Passphrase, room.Until(Step, "foreign/try-1/passphrase").Kind);
    }

    /// <summary>People bring more cards than those that are wanted: who begins with one of a wrong set is not bound to it.</summary>
    [Fact]
    public void When_a_wrong_set_was_begun_the_cards_begin_again()
    {
        SoftwareRoom room = rooms.Rooted();
        room.Open(SoftwareRoom.Script(Script));
        Assert.DoesNotContain(room.Until(Step, "foreign/1/who").Choices, o => o.Key == ForeignWords.NewCards);
        ShareTyped wrong = SoftwareRoom.MadeElsewhere(room.Until(Step, "foreign/1"), 1);
        Assert.Null(room.Tell(wrong with { Header = wrong.Header! with { Identifier = 77 } }));
        ShareTyped right = SoftwareRoom.MadeElsewhere(room.Until(Step, "foreign/2"), 2);
        Assert.Equal(CeremonyRules.OtherForeignSet, room.Tell(right)?.Rule);

        Assert.Null(room.Tell(new Undo()));
        Assert.Null(room.Say(ForeignWords.NewCards));
        Assert.Equal("foreign/1/who", room.Asked().Id);
        room.GoOn();
        Assert.True(room.State is { Ended: true, Aborted: false });
        Assert.Equal([77, 9000, 9000],
            room.Entries.Select(e => e.Body).OfType<ForeignCardPresented>().Select(c => c.Identifier));
        Assert.Single(room.Entries, e => e.Body is SecretRebuilt { Foreign: true });
    }

    [Fact]
    public void A_wrong_passphrase_is_typed_again_and_cards_from_the_first_one()
    {
        SoftwareRoom room = rooms.Rooted();
        room.WrongPassphrases = 2;
        room.Saying("foreign/try-1/again", "passphrase").Saying("foreign/try-2/again", "cards").Through(Script);
        EntryBody[] said = [.. room.Entries.Where(e => e.Step == Step).Select(e => e.Body)];
        Assert.Equal((4, 2), (said.OfType<ForeignCardPresented>().Count(), said.OfType<ForeignMisfit>().Count()));
        Assert.Single(said.OfType<SecretRebuilt>(), r => r.Foreign);
        Assert.DoesNotContain(said, b => b is Failed);
        ExceptionRaised raised = Assert.Single(said.OfType<ExceptionRaised>());
        Assert.Equal(CeremonyRules.MadeElsewhere, raised.Rule);
    }

    /// <summary>Whoever has them still opens the old backup, whatever became of the old cards.</summary>
    [Fact]
    public void The_old_set_is_never_retired_again_and_the_key_can_return()
    {
        SoftwareRoom room = rooms.Rooted().Through(Script);
        KeyFact root = room.State.World.Keys["root"];
        Assert.Equal(("0002-backup-1", CardRoom.Backup, true), (root.Backup!.Set, root.Backup.From, root.Drilled));
        CardRoom.Burnt(room, 1, CardRoom.Backup, 1);
        CardRoom.Burnt(room, 3, CardRoom.Backup, 2);
        CardRoom.Burnt(room, 5, CardRoom.Backup, 3).Saying("check/7/set", "done").Through(CardRoom.Script);
        var account = CardAccount.Of(room.State.World, room.State.World.Sets[CardRoom.Backup]);
        Assert.Equal((CardAccount.Replaced, 3), (account.State, account.Destroyed));
        Assert.Contains("made elsewhere", string.Join('\n', account.InWords), StringComparison.Ordinal);
        Assert.Contains($"Cards of {CardRoom.Backup} that were made elsewhere open it, and its backup is in every copy of the journal: "
            + "the key can be recovered.", CopyInventory.Of(room.State.World, "root").InWords(room.State.World));
    }

    /// <summary>Nobody proves that they are gone: people are asked, and the backup is never said to be erased.</summary>
    [Fact]
    public void When_the_key_ends_what_became_of_the_cards_made_elsewhere_is_asked()
    {
        SoftwareRoom room = rooms.Rooted().Through(Script);
        KeyDestructionTests.Burnt(room, 1, 2, 3).Saying($"copy/elsewhere/{CardRoom.Backup}/words", "Their holders burnt them before me.")
            .Through("key-destruction.md");
        var inventory = CopyInventory.Of(room.State.World, "root");
        CopyLine line = Assert.Single(inventory.Lines, l => l.Kind == CopyKind.Elsewhere);
        Assert.Equal(CopyState.Gone, line.State);
        Assert.StartsWith("destroyed, as was said on ", line.How, StringComparison.Ordinal);
        Assert.True(inventory.CanReturn);
        Assert.Contains("result      copies remain", room.Entries.Select(e => e.Body).OfType<DestructionStated>().Single().Lines);
    }

    /// <summary>The backup that was made anew is dead, and others have the wrap key of the one before all the same.</summary>
    [Fact]
    public void An_abort_does_not_take_back_that_others_have_the_wrap_key()
    {
        SoftwareRoom room = rooms.Rooted();
        room.Open(SoftwareRoom.Script(Script));
        _ = room.Until("drill", "present/1/who");
        room.GiveUp();
        World world = room.State.World;
        Assert.Equal(CardRoom.Backup, world.Keys["root"].Backup!.Set);
        var account = CardAccount.Of(world, world.Sets[CardRoom.Backup]);
        Assert.Equal((CardAccount.Live, true), (account.State, account.ForeignUtc is not null));
        Assert.Contains("made elsewhere", string.Join('\n', account.InWords), StringComparison.Ordinal);
    }

    /// <summary>Behind every answer, card, wrong passphrase and secret: what was typed is gone, and the evening comes to its end.</summary>
    [Fact]
    public void Wherever_the_power_fails_while_cards_are_typed_the_key_comes_back()
    {
        int moments = 0;
        for (bool failed = true; failed; moments++)
        {
            SoftwareRoom room = rooms.Rooted();
            room.WrongPassphrases = 2;
            room.Saying("foreign/try-1/again", ForeignWords.NewCards);
            (int seen, int moment) = (0, moments);
            failed = false;
            room.PowerFails = entry => !failed && entry is
            {
                Step: Step, Body: Answered or ForeignCardPresented or ForeignMisfit
                or ExceptionRaised { Rule: CeremonyRules.MadeElsewhere } or ExceptionSignedOff or SecretForgotten or SecretRebuilt
            }
                && seen++ == moment && (failed = true);
            room.Open(SoftwareRoom.Script(Script));
            room.GoOn();
            Assert.True(room.State is { Ended: true, Aborted: false }, $"{moment}");
            Assert.Equal("0002-backup-1", room.State.World.Keys["root"].Backup!.Set);
            Assert.NotNull(room.State.World.Sets[CardRoom.Backup].ForeignUtc);
        }
        Assert.True(moments > 12, $"{moments}");
    }

    [Fact]
    public void The_witness_reads_whose_cards_brought_the_key_out()
    {
        SoftwareRoom room = rooms.Rooted();
        room.Open(SoftwareRoom.Script(Script));
        Assert.Contains("Key root, brought out of its backup by cards made elsewhere", room.Until(Step, "seen").EvidenceLines);
    }

    [Fact]
    public void After_a_power_cut_the_cards_come_again()
    {
        SoftwareRoom room = rooms.Rooted();
        bool failed = false;
        room.PowerFails = entry => !failed && entry is { Body: ForeignCardPresented { Member: 1 } } && (failed = true);
        room.Through(Script);
        Assert.True(failed);
        Assert.Equal(4, room.Entries.Count(e => e.Body is ForeignCardPresented));
    }
}
