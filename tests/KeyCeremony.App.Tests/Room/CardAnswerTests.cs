using System.Buffers.Text;
using System.Collections.Immutable;
using System.Text;
using KeyCeremony.App.Terminal;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Ceremony.Retelling;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.App.Tests.Room;

/// <summary>A card is typed where its words are asked for, and nowhere else: what is answered stands in the journal for ever.</summary>
public sealed class CardAnswerTests(SigningRooms rooms) : IClassFixture<SigningRooms>
{
    private static readonly ImmutableArray<string> Card = Deal();

    /// <summary>What fits a line of two hundred letters, and what does not.</summary>
    private static readonly ImmutableArray<string> Notations =
    [
        string.Join(' ', Card), string.Join(", ", Card.Take(5)), $"The card says {string.Join(' ', Card.Take(14))}",
        string.Join('-', Card.Take(8)).ToUpperInvariant(), string.Concat(Card.Take(6).Select(word => word[..4])),
    ];

    public static TheoryData<string> Ceremonies => new("root-creation.md", "intermediate-signing.md", "crl-signing.md",
        "emergency-revocation.md", "cross-signing.md", "manifest-key.md", "disaster-recovery.md");

    /// <summary>At every question of these ceremonies, whatever kind it is of; and as a deviation and a reason to abort.</summary>
    [Theory]
    [MemberData(nameof(Ceremonies))]
    public void No_question_takes_a_card_into_the_journal(string script)
    {
        SoftwareRoom room = script == "root-creation.md" ? new SoftwareRoom(folder: rooms.NewFolder()) : rooms.Rooted();
        int texts = 0;
        room.Instead = move =>
        {
            if (move is not Ask { Question: var q })
                return null;
            foreach (string card in Notations)
                foreach (Message typed in new Message[] { new Answer(q.Id, card), new Report(card), new Abort(card) })
                {
                    Decision decision = Director.Decide(room.State, typed, room.State.Last.Utc);
                    Assert.DoesNotContain(decision.Entries, e => HoldsAWord(Next(room, e).ToString()));
                    if (decision.Refusal is { } refusal)
                        Assert.False(HoldsAWord($"{refusal.Message} {refusal.Remedy}"), $"{q.Id}: {refusal}");
                    if (typed is Answer && q.Kind is AnswerKind.Text or AnswerKind.OptionalText)
                        Assert.Equal((q.Id, "ASK-07"), (q.Id, decision.Refusal?.Rule));
                }
            texts += q.Kind is AnswerKind.Text or AnswerKind.OptionalText ? 1 : 0;
            return null;
        };
        room.Open(SoftwareRoom.Script(script));
        room.GoOn();

        Assert.True(room.State is { Ended: true, Aborted: false } && texts > 5, $"{texts} questions take any text");
    }

    [Fact]
    public void A_deviation_and_a_reason_to_abort_are_no_place_for_a_card()
    {
        SoftwareRoom room = rooms.Rooted();
        room.Open(SoftwareRoom.Script("intermediate-signing.md"));
        _ = room.Until("clock", "utc");
        long before = room.Entries.Length;
        foreach (string card in Notations)
        {
            Assert.Equal(CeremonyRules.ACard, room.Tell(new Report(card))?.Rule);
            Assert.Equal(CeremonyRules.ACard, room.Tell(new Abort(card))?.Rule);
        }
        // What is cut off behind is looked at, and so is what is left.
        string cut = string.Join(' ', Card.Take(12)).PadRight(200, '.') + " and a long story of something else that is true";
        Assert.Equal(CeremonyRules.ACard, room.Tell(new Report(cut))?.Rule);

        Assert.Equal(before, room.Entries.Length);
        Assert.Null(room.Tell(new Report("Officer 2 read the first word of a card aloud, it was academic.")));
    }

    /// <summary>
    /// What the room asks beyond the journal's own rules: a card in a notation of programs, no number where one is unique, an old bag's
    /// number that is another one. Who replays a journal asks none of it.
    /// </summary>
    [Fact]
    public void The_room_asks_before_anything_is_written()
    {
        var room = new SoftwareRoom(folder: rooms.NewFolder());
        room.Open(SoftwareRoom.Script("root-creation.md"));
        _ = room.Until("clock", "utc");
        // Of a length that base64 would have to fill up: then it is no base64, which the journal's own rule knows.
        string words = string.Join(' ', Card.Take(12)), coded = Base64Url.EncodeToString(Encoding.ASCII.GetBytes(
            words.Length % 3 == 0 ? words + " " : words));
        foreach (Message typed in new Message[] { new Report(coded), new Abort(coded), new Answer("utc", coded) })
            Assert.Equal(CeremonyRules.ACard, Doubts.Of(room.State, typed, null)?.Rule);
        Assert.Null(Doubts.Of(room.State, new Report("Officer 2 came ten minutes late."), null));
        Assert.Null(Director.Decide(room.State, new Report(coded), room.State.Last.Utc).Refusal);

        Question serial = room.Until("equipment", "primary-hsm");
        foreach (string none in new[] { "n/a", "-", "none", "N.A.", "000", "0000-0000", "xxx", "No serial", "unknown", "- - -" })
            Assert.Equal(CeremonyRules.NoNumberTyped, Doubts.Of(room.State, new Answer(serial.Id, none), null)?.Rule);
        foreach (string number in new[] { "DE-0042", "100", "A1", "NA-17", "1111" })
            Assert.Null(Doubts.Of(room.State, new Answer(serial.Id, number), null));
        Question bag = room.Until("seal-equipment", "bag/primary HSM");
        Assert.Equal(CeremonyRules.NoNumberTyped, Doubts.Of(room.State, new Answer(bag.Id, "none"), null)?.Rule);
        Assert.Null(Doubts.Of(room.State, new Answer(bag.Id, "KC-9"), null));
    }

    /// <summary>An old bag's number that is mistyped is asked for once more; its marks and capitals do not count.</summary>
    [Fact]
    public void Another_number_of_an_old_bag_is_typed_twice()
    {
        SoftwareRoom room = rooms.Rooted();
        room.Open(SoftwareRoom.Script(CardRoom.Script));
        CardRoom.Good(room, 1, CardRoom.Backup, 1);
        Question bag = room.Until("cards", "opened/backup share card 1");
        var wrong = new Answer(bag.Id, "KC-77777");

        Refusal? doubt = Doubts.Of(room.State, wrong, null);
        Assert.Equal(CeremonyRules.BagOnceMore, doubt?.Rule);
        Assert.DoesNotContain(bag.Expected, $"{doubt}", StringComparison.Ordinal);
        Assert.Equal(CeremonyRules.BagOnceMore, Doubts.Of(room.State, wrong, new Answer(bag.Id, "KC-7777"))?.Rule);
        Assert.Null(Doubts.Of(room.State, wrong, wrong));
        // Whose number it is, when the ledger knows.
        string other = room.State.World.Bags["backup share card 2"];
        Assert.Contains($"{other.ToLowerInvariant()} is the number of the bag with \"backup share card 2\".",
            Doubts.Of(room.State, new Answer(bag.Id, other.ToLowerInvariant()), null)?.Message, StringComparison.Ordinal);
        var spelled = new Answer(bag.Id, bag.Expected.ToLowerInvariant().Replace("-", " ", StringComparison.Ordinal));
        Assert.NotEqual(bag.Expected, spelled.Value);
        Assert.Null(Doubts.Of(room.State, spelled, null));
        Assert.Equal(new Answer(bag.Id, bag.Expected), Doubts.Meant(room.State, spelled));
        Assert.Equal(wrong, Doubts.Meant(room.State, wrong));
    }

    [Fact]
    public void A_bag_that_is_not_the_one_is_called_by_what_it_holds()
    {
        SoftwareRoom room = rooms.Rooted();
        room.Open(SoftwareRoom.Script("crl-signing.md"));
        Question bag = room.Until("open-bags", "bag/primary HSM");
        (string content, string number) = room.State.World.Bags.First(b => b.Key != "primary HSM");
        Assert.Null(room.Tell(new Answer(bag.Id, number)));
        Question differs = Assert.IsType<Ask>(Director.Next(room.State)).Question;
        Assert.Contains($"{number} is the number of the bag with \"{content}\".", differs.EvidenceLines);
    }

    [Fact]
    public void Nothing_typed_is_told_as_that()
    {
        var room = new SoftwareRoom(folder: rooms.NewFolder());
        room.Open(SoftwareRoom.Script("root-creation.md"));
        foreach (string question in new[] { "everybody", "script", "utc" })
        {
            Question asked = room.Until(question == "utc" ? "clock" : "roll-call", question);
            if (asked.Kind == AnswerKind.Acknowledge)
                continue;
            Refusal? refusal = room.Say("");
            Assert.Equal((CeremonyRules.Empty, "Nothing was typed."), (refusal?.Rule, refusal?.Message));
            Assert.DoesNotContain("\"\"", refusal!.Remedy, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_journal_with_a_card_in_it_is_none_that_the_program_wrote()
    {
        SoftwareRoom room = rooms.Rooted();
        room.Open(SoftwareRoom.Script("intermediate-signing.md"));
        _ = room.Until("clock", "utc");
        Assert.Null(room.Tell(new Report("It rains.")));
        Entry asked = room.Entries[^1];
        Assert.IsType<ExceptionRaised>(asked.Body);
        var signed = new ExceptionSignedOff(1, room.State.NameOf(Roles.Witness), "It does.");

        var told = Retold.Of(room.Entries);
        Assert.Null(told.Then(Next(room, signed)).Refusal);
        Refusal? refusal = told.Then(Next(room, signed with { Remark = Notations[1] })).Refusal;
        Assert.Equal(ReplayRules.NotDue, refusal?.Rule);
        Assert.Contains(CeremonyRules.ACard, refusal!.Message, StringComparison.Ordinal);
        Assert.False(HoldsAWord(refusal.Message));
    }

    /// <summary>What an earlier program took must be told again for ever.</summary>
    [Fact]
    public void Journals_of_earlier_formats_are_told_as_they_were_written()
    {
        var room = new SoftwareRoom { Format = JournalFormats.Compared };
        room.Open(SoftwareRoom.Script("root-creation.md"));
        _ = room.Until("clock", "utc");

        Assert.Null(room.Tell(new Report(Notations[1])));
        Assert.Contains(room.Entries, e => e.Body is ExceptionRaised { Rule: CeremonyRules.Deviation });
    }

    /// <summary>Its text goes into the journal before anybody is asked anything.</summary>
    [Fact]
    public void A_script_that_holds_a_card_is_not_opened()
    {
        string good = SoftwareRoom.Script("root-creation.md");
        string said = $"\nThe card of officer 2 says {string.Join(' ', Card)}\n";
        string text = good.Replace("\n```step", $"{said}\n```step", StringComparison.Ordinal);
        Assert.NotEqual(good, text);
        CeremonyScript script = SoftwareRoom.Parse(text);
        var room = new SoftwareRoom();

        Refusal? refusal = Director.MayOpen(Replay.WorldAfter(room.Entries), script, SoftwareRoom.Morning);
        Assert.Equal(CeremonyRules.ACard, refusal?.Rule);
        Assert.False(HoldsAWord($"{refusal!.Message} {refusal.Remedy}"));
        Assert.Null(Director.MayOpen(Replay.WorldAfter(room.Entries), SoftwareRoom.Parse(good), SoftwareRoom.Morning));
        Assert.Equal(ReplayRules.WrongOpening, Opened(JournalFormats.Current)?.Rule);
        Assert.Null(Opened(JournalFormats.Compared));

        Refusal? Opened(int format) => Retold.Of(room.Entries).Then(Entry.Following(room.Entries[^1], "0001-root-creation",
            SoftwareRoom.Morning, "", new CeremonyOpened(script.Name, script.Version, script.Sha256, script.Text, "test", format))).Refusal;
    }

    [Fact]
    public void The_line_is_cleared_of_a_card_and_of_what_is_typed_once_more()
    {
        SoftwareRoom room = rooms.Rooted();
        room.Open(SoftwareRoom.Script("intermediate-signing.md"));
        LineInput typed = Card.Take(6).SelectMany(word => $"{word} ")
            .Aggregate(LineInput.Empty, (line, c) => line.After(new Key(KeyKind.Rune, new Rune(c))));
        Assert.NotEmpty(typed.Text);
        var display = new Display(80, 25, GlyphSet.Unicode, Attributes: true, Colour: true, FunctionKeys: true);
        var model = new ScreenModel(display, room.State, Director.Next(room.State), room.State.Last.Utc)
        {
            Input = typed,
            Dialog = new ReportDialog(typed),
        };

        ScreenModel other = model.Refused(new Refusal(CeremonyRules.TooLong, "Too long.", "Shorten it."));
        Assert.Equal((typed, typed), (other.Input, ((ReportDialog)other.Dialog!).What));
        ScreenModel cleared = model.Refused(new Refusal(CeremonyRules.ACard, "A card.", "Not here."));
        Assert.Equal(("", ""), (cleared.Input.Text, ((ReportDialog)cleared.Dialog!).What.Text));
        // Nor does an Enter too many take a bag's other number: it is typed once more.
        Assert.Equal("", model.Refused(new Refusal(CeremonyRules.BagOnceMore, "Another number.", "Read it again.")).Input.Text);
    }

    private static Entry Next(SoftwareRoom room, EntryBody body) =>
        Entry.Following(room.Entries[^1], room.State.Id, room.State.Last.Utc, room.State.Step!.Id, body);

    private static bool HoldsAWord(string text) => Card.Any(word => text.Contains(word, StringComparison.OrdinalIgnoreCase));

    private static ImmutableArray<string> Deal()
    {
        Assert.True(GroupPlan.TryCreate(1, [new Group(2, 3)], out GroupPlan? plan, out Refusal? refusal), refusal?.ToString());
        var random = new Random(20261129);
        using var secret = SecretBytes.Random(16, random.NextBytes);
        using ShareSet set = Slip39.Split(secret, plan, random.NextBytes);
        Share share = set.Shares[0];
        return [.. Enumerable.Range(1, share.WordCount).Select(number => Encoding.ASCII.GetString(share.Word(number)))];
    }
}
