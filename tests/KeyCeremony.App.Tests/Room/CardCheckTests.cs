using KeyCeremony.App.Terminal;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Tests.Room;

/// <summary>A custodian alone shows that a card is still there: no quorum, no secret, no HSM; and the ledger knows it afterwards.</summary>
public class CardCheckTests(SigningRooms rooms) : IClassFixture<SigningRooms>
{
    [Fact]
    public void A_card_of_another_place_in_the_ledger_is_refused_and_nothing_is_recorded()
    {
        SoftwareRoom room = Asked(CardRoom.Backup, 1);
        long before = room.Entries.Length;
        SharesMade activation = room.State.World.Sets[CardRoom.Activation].Made, backup = room.State.World.Sets[CardRoom.Backup].Made;

        foreach ((SharesMade made, int share) in new[] { (activation, 1), (backup, 2), (backup, 3) })
        {
            Refusal? refusal = room.Tell(Typed(room, made.Digests[share - 1], made.Identifier, share));
            Assert.Equal(CeremonyRules.AnotherCard, refusal?.Rule);
            Assert.Contains($"card {share} of {made.Set}, dealt to {made.Custodians[share - 1]}",
                refusal!.Message, StringComparison.Ordinal);
        }
        Assert.Equal(before, room.Entries.Length);
    }

    [Fact]
    public void A_card_that_this_ledger_never_dealt_is_not_the_recorded_one_until_the_right_one_is_typed()
    {
        SoftwareRoom room = Asked(CardRoom.Backup, 1);
        Assert.Null(room.Tell(Typed(room, new string('b', 64), 77, 1)));
        Assert.Equal(CardChecked.Other, Card(room, 1).State);
        Assert.Equal((2, true), (Account(room).Good, Account(room).Serves));

        room.Saying("check/2/set", CardRoom.Backup);
        CardRoom.Good(room, 2, CardRoom.Backup, 1).Saying("check/3/set", "done");
        room.GoOn();
        Assert.Equal(CardChecked.Good, Card(room, 1).State);
        Assert.Equal(3, Account(room).Good);
        Assert.Single(room.Entries.Select(e => e.Body).OfType<ExceptionRaised>(), x => x.Rule == CeremonyRules.CardNotGood);
    }

    /// <summary>Custodians sit in no seat: whose turn it is is their name, and not a role that nobody has.</summary>
    [Fact]
    public void Whose_turn_it_is_to_type_is_the_custodian_by_name()
    {
        SoftwareRoom room = Asked(CardRoom.Backup, 1);
        Assert.Equal(room.State.World.Sets[CardRoom.Backup].Made.Custodians[0], Turn.Of(room.State, room.Asked()));

        SoftwareRoom other = rooms.Rooted();
        CardRoom.Says(other, 1, CardRoom.Backup, 3, ("here", "here"), ("state", "other-hands"), ("who", "Nina Neumann"),
            ("why", "She inherited it."), ("site", ""));
        other.Open(SoftwareRoom.Script(CardRoom.Script));
        Assert.Equal("Nina Neumann", Turn.Of(other.State, other.Until("cards", "check/1/typed")));
    }

    [Fact]
    public void A_card_that_cannot_be_read_half_way_leads_back_to_what_became_of_it()
    {
        SoftwareRoom room = Asked(CardRoom.Backup, 1);
        Assert.Null(room.Tell(new Undo()));
        Assert.Null(room.Tell(new Undo()));
        Assert.Null(room.Say(CardChecked.Unreadable));
        room.Saying("check/1/site", "Zug").Saying("check/2/set", "done");
        room.GoOn();
        Assert.Equal((CardChecked.Unreadable, "Zug"), (Card(room, 1).State, Card(room, 1).Site));
        Assert.NotNull(Card(room, 1).GoodUtc);
    }

    /// <summary>Nobody goes before the card lies in a bag; a second look on the same day opens that one.</summary>
    [Fact]
    public void Each_card_is_bagged_before_the_next_one_comes()
    {
        SoftwareRoom room = rooms.Rooted();
        CardRoom.Good(room, 1, CardRoom.Backup, 1);
        CardRoom.Good(room, 2, CardRoom.Backup, 1).Saying("check/3/set", "done").Through(CardRoom.Script);
        const string bag = "backup share card 1";
        Assert.Equal(["opened", "checked", "sealed", "opened", "checked", "sealed"], Today(room).Select(e => e.Body switch
        {
            BagOpened { Content: bag } => "opened",
            CardChecked => "checked",
            BagSealed { Content: bag } => "sealed",
            _ => "",
        }).Where(w => w.Length > 0));
        Assert.Equal(Today(room).Select(e => e.Body).OfType<BagSealed>().First(b => b.Content == bag).Number,
            Today(room).Select(e => e.Body).OfType<BagOpened>().Last(b => b.Content == bag).Number);
        Assert.DoesNotContain(Today(room), e => e.Body is ExceptionRaised);
    }

    [Fact]
    public void Who_typed_a_card_reads_what_it_is()
    {
        SoftwareRoom room = rooms.Rooted();
        room.Open(SoftwareRoom.Script(CardRoom.Script));
        CardRoom.Good(room, 1, CardRoom.Backup, 1);
        foreach (string question in new[] { "bag/backup share card 1", "check/2/set" })
            Assert.StartsWith("Card 1 of 0001-backup-1 is good", room.Until("cards", question).Prompt, StringComparison.Ordinal);
    }

    /// <summary>No report has the words with which a day without an HSM ended: they are typed from the binder, and shown nowhere.</summary>
    [Fact]
    public void The_next_ceremony_asks_for_the_words_that_stand_in_the_binder()
    {
        SoftwareRoom room = CardRoom.Checked(rooms.Rooted());
        string words = StopWords.Of(room.Entries[^1].Hash.AsSpan());
        room.Open(SoftwareRoom.Script("crl-signing.md"));
        // Two of them: one alone may stand in another hash as well.
        string begin = string.Join(' ', words.Split(' ')[..2]);
        Assert.DoesNotContain(begin, string.Join(' ', room.Until("ledger", "head").Evidence), StringComparison.Ordinal);
        Question end = room.Until("ledger", "end/0002-card-check");
        Assert.DoesNotContain(begin, $"{end.Prompt} {end.Help} {string.Join(' ', end.Evidence)}", StringComparison.Ordinal);
        string others = StopWords.Of(room.Entries[^3].Hash.AsSpan());
        Assert.Equal("UNSIGNED-02", room.Say(others)?.Rule);
        Assert.Equal(CeremonyRules.NotAllWords, room.Say(string.Join(' ', words.Split(' ')[..2]))?.Rule);
        Assert.Null(room.Say(words.ToUpperInvariant()));
        Assert.Equal(words, Today(room).Select(e => e.Body).OfType<Answered>().Single(a => a.Question == "end/0002-card-check").Value);
        room.GoOn();
        Assert.DoesNotContain(Today(room), e => e.Body is ExceptionRaised);

        // What is signed is compared by the head that the report has, and by nothing else.
        room.Open(SoftwareRoom.Script("crl-signing.md"));
        room.GoOn();
        Assert.DoesNotContain(Today(room), e => e.Body is Answered a && a.Question.StartsWith("end/", StringComparison.Ordinal));
    }

    /// <summary>An aborted ceremony in between hides nothing; where nobody has its words, those of the day before are asked.</summary>
    [Fact]
    public void Days_behind_the_signed_head_are_compared_whatever_lies_between()
    {
        SoftwareRoom room = CardRoom.Checked(rooms.Rooted());
        string checkedDay = StopWords.Of(room.Entries[^1].Hash.AsSpan());
        room.Open(SoftwareRoom.Script("crl-signing.md"));
        _ = room.Until("ledger", "head");
        room.GiveUp();
        room.Open(SoftwareRoom.Script("crl-signing.md"));
        Question end = room.Until("ledger", "end/0003-crl-signing");
        Assert.Contains(end.Evidence, line => line.StartsWith("0002-card-check, ", StringComparison.Ordinal));
        Assert.Null(room.Say("none"));
        Assert.Equal(checkedDay, room.Until("ledger", "end/0002-card-check").Expected);
        Assert.Null(room.Say("none"));
        room.GoOn();
        Assert.Equal(["UNSIGNED-01", "UNSIGNED-01"], Today(room).Select(e => e.Body).OfType<ExceptionRaised>().Select(x => x.Rule));
    }

    /// <summary>That a bag is empty is seen when it was opened; nothing is to be sealed again for it.</summary>
    [Fact]
    public void A_card_that_is_not_in_its_bag_is_lost()
    {
        SoftwareRoom room = rooms.Rooted();
        CardRoom.Says(room, 1, CardRoom.Backup, 1, ("here", "here"), ("state", CardChecked.Lost)).Saying("check/2/set", "done")
            .Through(CardRoom.Script);
        Assert.Equal((CardChecked.Lost, ""), (Card(room, 1).State, Card(room, 1).Site));
        Assert.Contains(Today(room), e => e.Body is BagOpened { Content: "backup share card 1" });
        Assert.DoesNotContain(Today(room), e => e.Body is BagSealed { Content: "backup share card 1" });
        Assert.DoesNotContain("backup share card 1", room.State.World.Bags.Keys);
        Assert.Empty(room.State.OutOfBag);
    }

    /// <summary>Who is named as other hands and is the custodian is nobody else.</summary>
    [Fact]
    public void A_custodian_who_is_named_as_other_hands_is_no_exception()
    {
        SoftwareRoom room = rooms.Rooted();
        string custodian = Replay.WorldAfter(room.Entries).Sets[CardRoom.Backup].Made.Custodians[0];
        CardRoom.Says(room, 1, CardRoom.Backup, 1, ("here", "here"), ("state", "other-hands"),
                ("who", custodian.ToUpperInvariant()), ("why", "A mistake."), ("site", ""))
            .Saying("check/2/set", "done").Through(CardRoom.Script);
        Assert.Null(Today(room).Select(e => e.Body).OfType<CardChecked>().Single().Presenter);
        Assert.DoesNotContain(Today(room), e => e.Body is ExceptionRaised);
    }

    /// <summary>The cards of a dealing that was aborted have the names of those that count, and not their bags.</summary>
    [Fact]
    public void A_dead_card_says_nothing_of_the_bag_of_a_living_one()
    {
        SoftwareRoom room = rooms.Rooted();
        room.Open(SoftwareRoom.Script("disaster-recovery.md"));
        _ = room.Until("commission", "seen");
        Assert.Null(room.Tell(new Abort("Fire alarm.", "")));
        Assert.Null(room.Say("abort"));
        Assert.Null(room.Say("ABORT"));
        room.Through("disaster-recovery.md");
        string bag = room.State.World.Bags["activation share card 1"], dead = "0002-activation-1";
        CardRoom.Lost(room, 1, dead, 1);
        CardRoom.Burnt(room, 2, dead, 2).Saying("check/4/set", "done")
            .Through(CardRoom.Script);
        Assert.Equal(bag, room.State.World.Bags["activation share card 1"]);
        Assert.DoesNotContain(Today(room), e => e.Body is BagOpened { Content: "activation share card 2" });
        Assert.Equal((1, 1), (Account(room, dead).Lost, Account(room, dead).Destroyed));
    }

    [Fact]
    public void The_ledger_knows_how_many_are_good_since_when_and_where_they_lie()
    {
        SoftwareRoom room = rooms.Rooted();
        DateTimeOffset dealt = room.Entries.First(e => e.Body is ShareReadBack { Set: CardRoom.Backup }).Utc;
        room.Rested += TimeSpan.FromDays(400);
        _ = CardRoom.Checked(room);

        CardAccount account = Account(room);
        Assert.Equal((3, 0, 1, 2, CardAccount.Live), (account.Issued, account.Destroyed, account.Lost, account.Good, account.State));
        Assert.True(account.GoodSince > dealt + TimeSpan.FromDays(399), $"{account.GoodSince}");
        Assert.Equal("Zug, Bank", Assert.Single(account.Sites).Site);
        Assert.Equal("1, 3", string.Join(", ", account.Sites[0].Cards));
        Assert.Contains(account.Warnings, w => w.Contains("whoever enters there has the set", StringComparison.Ordinal));
        Assert.Contains(account.Warnings, w => w.Contains("One more that is lost", StringComparison.Ordinal));
        Assert.Contains("blob of \"root\"", string.Join('\n', account.InWords), StringComparison.Ordinal);
        Assert.Equal(["CARDS-01", "CARDS-02"], Today(room).Select(e => e.Body).OfType<ExceptionRaised>().Select(x => x.Rule));
    }

    /// <summary>Two cards of which nobody said where they lie do not lie in one place.</summary>
    [Theory]
    [InlineData("-")]
    [InlineData("?")]
    [InlineData("n/a")]
    [InlineData("Not known.")]
    public void A_word_for_nothing_is_no_place(string nothing)
    {
        SoftwareRoom room = rooms.Rooted();
        CardRoom.Good(room, 1, CardRoom.Backup, 1, nothing);
        CardRoom.Good(room, 2, CardRoom.Backup, 2, nothing).Saying("check/3/set", "done").Through(CardRoom.Script);
        Assert.All(Today(room).Select(e => e.Body).OfType<CardChecked>(), c => Assert.Equal("", c.Site));
        Assert.Empty(Account(room).Sites);
        Assert.Empty(Account(room).Warnings);
    }

    /// <summary>What is typed is gone with its digest, and nothing is asked of a device that keeps a key.</summary>
    [Fact]
    public void No_secret_is_rebuilt_and_no_device_acts()
    {
        SoftwareRoom room = CardRoom.Checked(rooms.Rooted());
        Assert.True(room.HoldsNothing);
        Assert.DoesNotContain(Today(room), e => e.Body is Attempted or SecretRebuilt or SharePresented or TokenUnlocked
            or CheckpointSigned or BundleExported);
        Assert.Contains(Today(room), e => e.Body is CeremonyClosed);
        Assert.Empty(room.State.OutOfBag);
    }

    /// <summary>A day without an HSM is signed with the next ceremony, and told in its bundle and its report.</summary>
    [Fact]
    public void The_next_bundle_tells_of_it()
    {
        SoftwareRoom room = CardRoom.Checked(rooms.Rooted()).Through("crl-signing.md");
        BundleVerdict verdict = Assert.Single(BundleVerify.Run([room.Export(rooms.NewFolder())], new VerifyOptions()).Bundles);
        Assert.True(verdict.Passed, string.Join('\n', verdict.Checks.SelectMany(c => c.Flaws)));
    }

    [Fact]
    public void Whenever_the_power_fails_the_check_goes_on_and_says_the_same()
    {
        string[] whole = Results(CardRoom.Checked(rooms.Rooted()));
        SoftwareRoom rooted = rooms.Rooted();
        long first = rooted.Entries.Length + 1, last = CardRoom.Checked(rooted).Entries.Length;
        for (long at = first; at < last; at++)
        {
            SoftwareRoom room = rooms.Rooted();
            bool failed = false;
            room.PowerFails = entry => !failed && (failed = entry?.Seq == at);
            _ = CardRoom.Checked(room);
            Assert.True(failed || at == first, $"entry {at} was never written");
            Assert.Equal(whole, Results(room));
        }
    }

    [Fact]
    public void A_set_that_serves_is_not_destroyed_here()
    {
        SoftwareRoom room = rooms.Rooted();
        room.Open(SoftwareRoom.Script(CardRoom.Script));
        room.Saying("check/1/set", CardRoom.Backup);
        Question state = room.Until("cards", "check/1/state");
        Assert.DoesNotContain(state.Choices, o => o.Key == CardChecked.Destroyed);
        Assert.Equal(CeremonyRules.NotAnOption, room.Say(CardChecked.Destroyed)?.Rule);
    }

    /// <summary>A lost card proves nothing; a card that turns up after it was seen destroyed takes the word back.</summary>
    [Fact]
    public void An_old_set_is_retired_when_so_many_of_its_cards_were_destroyed_that_the_rest_opens_nothing()
    {
        SoftwareRoom room = rooms.Rooted().Through("disaster-recovery.md");
        Assert.Equal(CardAccount.Replaced, Account(room, CardRoom.Activation).State);
        Assert.Equal(CardAccount.Live, Account(room, CardRoom.Backup).State);

        CardRoom.Lost(room, 1, CardRoom.Activation, 1);
        CardRoom.Burnt(room, 2, CardRoom.Activation, 2).Saying("check/4/set", "done").Through(CardRoom.Script);
        Assert.Equal(CardAccount.Replaced, Account(room, CardRoom.Activation).State);
        Assert.NotEmpty(Account(room, CardRoom.Activation).Follows);

        CardRoom.Burnt(room, 1, CardRoom.Activation, 3).Saying("check/3/set", "done").Through(CardRoom.Script);
        Assert.Equal(CardAccount.Retired, Account(room, CardRoom.Activation).State);
        Assert.Empty(Account(room, CardRoom.Activation).Follows);

        CardRoom.Good(room, 1, CardRoom.Activation, 3).Saying("check/2/set", "done").Through(CardRoom.Script);
        Assert.Equal(CardAccount.Replaced, Account(room, CardRoom.Activation).State);
    }

    /// <summary>Card 2 of the new set is none of the old one, whatever stands on its bag: it is typed before it burns.</summary>
    [Fact]
    public void A_card_is_typed_before_it_is_destroyed_and_a_card_of_the_new_set_is_not_burnt_for_it()
    {
        SoftwareRoom room = rooms.Rooted().Through("disaster-recovery.md");
        room.Open(SoftwareRoom.Script(CardRoom.Script));
        CardRoom.Burnt(room, 1, CardRoom.Activation, 2);
        Question words = room.Until("cards", "check/1/words");
        Assert.Contains($"card 2 of {CardRoom.Activation}", words.Prompt, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(words.Evidence, line => line.StartsWith("NOT card 2 of 0002-activation-1", StringComparison.Ordinal));
        _ = room.Until("cards", "check/1/typed");
        SharesMade anew = room.State.World.Sets["0002-activation-1"].Made;
        Assert.Equal(CeremonyRules.AnotherCard, room.Tell(Typed(room, anew.Digests[1], anew.Identifier, 2))?.Rule);
        Assert.Contains(CardRoom.Activation, room.Until("cards", "check/1/sure").Prompt, StringComparison.Ordinal);
        room.Saying("check/3/set", "done").GoOn();
        Assert.Equal(["good", "destroyed"], Today(room).Select(e => e.Body).OfType<CardChecked>().Select(c => c.Result));
        Assert.Single(Today(room).Select(e => e.Body).OfType<CardChecked>().Select(c => c.Digest).Distinct());
    }

    /// <summary>What nobody read is counted apart, and never makes a set retired without saying so.</summary>
    [Fact]
    public void A_card_that_was_destroyed_unread_is_named_apart()
    {
        SoftwareRoom room = rooms.Rooted().Through("disaster-recovery.md");
        CardRoom.Burnt(room, 1, CardRoom.Activation, 1);
        CardRoom.Says(room, 3, CardRoom.Activation, 2, ("here", "here"), ("state", CardChecked.Destroyed), ("words", "unread"))
            .Saying("check/4/set", "done").Through(CardRoom.Script);
        CardAccount account = Account(room, CardRoom.Activation);
        Assert.Equal((1, 1, CardAccount.RetiredUnread), (account.Destroyed, account.DestroyedUnread, account.State));
        Assert.Contains("destroyed unread 1", account.InWords[1], StringComparison.Ordinal);
        Assert.NotEmpty(account.Follows);
        Assert.Single(Today(room), e => e.Body is ExceptionRaised { Rule: CeremonyRules.CardNotGood });
    }

    [Fact]
    public void A_card_that_was_typed_may_stay_what_it_is()
    {
        SoftwareRoom room = rooms.Rooted().Through("disaster-recovery.md");
        CardRoom.Says(room, 1, CardRoom.Activation, 2, ("here", "here"), ("state", CardChecked.Destroyed), ("words", "type"),
            ("burn", "kept")).Saying("check/2/set", "done").Through(CardRoom.Script);
        Assert.Equal(0, Account(room, CardRoom.Activation).Destroyed);
        Assert.Equal(CardAccount.Replaced, Account(room, CardRoom.Activation).State);
    }

    /// <summary>Whoever looks does not look at the own card, whether they were dealt it or brought it.</summary>
    [Fact]
    public void The_witness_does_not_attest_the_own_card_without_a_reason_that_stands_as_an_exception()
    {
        SoftwareRoom room = rooms.Rooted();
        string custodian = Replay.WorldAfter(room.Entries).Sets[CardRoom.Backup].Made.Custodians[0];
        room.Saying("name/witness/1", custodian.ToUpperInvariant());
        CardRoom.Says(room, 1, CardRoom.Backup, 1, ("here", "here"), ("state", "type"), ("own", "The other two are ill."), ("site", ""));
        CardRoom.Says(room, 2, CardRoom.Backup, 2, ("here", "here"), ("state", "other-hands"), ("who", custodian),
            ("why", "She lives next door."), ("own", "As before."), ("site", ""));
        CardRoom.Good(room, 3, CardRoom.Backup, 3).Saying("check/4/set", "done").Through(CardRoom.Script);
        Assert.Equal([CeremonyRules.OwnCard, CeremonyRules.CardInOtherHands, CeremonyRules.OwnCard],
            Today(room).Select(e => e.Body).OfType<ExceptionRaised>().Select(x => x.Rule));
        Assert.Contains("The other two are ill.", Today(room).Select(e => e.Body).OfType<ExceptionRaised>().First().What,
            StringComparison.Ordinal);
    }

    /// <summary>Cards of a new set have the names of the old ones: a bag is asked for the card that lies in it.</summary>
    [Fact]
    public void The_bag_of_a_new_card_is_not_opened_for_an_old_one()
    {
        SoftwareRoom room = rooms.Rooted().Through("disaster-recovery.md");
        string bag = room.State.World.Bags["activation share card 1"];
        CardRoom.Good(room, 1, CardRoom.Activation, 1).Saying("check/2/set", "done").Through(CardRoom.Script);
        Assert.Equal(bag, room.State.World.Bags["activation share card 1"]);
        CardRoom.Lost(room, 1, "0002-activation-1", 1).Saying("check/2/set", "done").Through(CardRoom.Script);
        Assert.DoesNotContain("activation share card 1", room.State.World.Bags.Keys);
    }

    [Fact]
    public void A_ledger_whose_transcript_key_ran_out_still_checks_its_cards()
    {
        SoftwareRoom room = rooms.Rooted();
        room.Rested += TimeSpan.FromDays(4000);
        Assert.Equal(CeremonyRules.TranscriptRanOut, Director.MayOpen(Replay.WorldAfter(room.Entries),
            SoftwareRoom.Parse(SoftwareRoom.Script("crl-signing.md")), room.Entries[^1].Utc + room.Rested)?.Rule);
        Assert.Equal(3, Account(CardRoom.Good(room, 1, CardRoom.Backup, 1).Saying("check/2/set", "done").Through(CardRoom.Script)).Good);
    }

    /// <summary>At the question that asks a custodian to type this card.</summary>
    private SoftwareRoom Asked(string set, int card)
    {
        SoftwareRoom room = rooms.Rooted();
        room.Open(SoftwareRoom.Script(CardRoom.Script));
        CardRoom.Good(room, 1, set, card);
        _ = room.Until("cards", "check/1/typed");
        return room;
    }

    private static ShareTyped Typed(SoftwareRoom room, string digest, int identifier, int share)
    {
        Question asked = room.Asked();
        return new ShareTyped(asked.Id, asked.Share!.Set, share, identifier, digest, false);
    }

    private static CardFact Card(SoftwareRoom room, int card) => room.State.World.Sets[CardRoom.Backup].Card(card);

    private static CardAccount Account(SoftwareRoom room, string set = CardRoom.Backup) =>
        CardAccount.Of(room.State.World, room.State.World.Sets[set]);

    private static IEnumerable<Entry> Today(SoftwareRoom room) => room.Entries.Where(e => e.Ceremony == room.State.Id);

    private static string[] Results(SoftwareRoom room) =>
        [.. Today(room).Select(e => e.Body).OfType<CardChecked>().Select(c => $"{c}"),
            .. Today(room).Select(e => e.Body).OfType<ExceptionSignedOff>().Select(x => $"{x.Number} {x.Remark}")];
}
