using System.Collections.Immutable;
using KeyCeremony.App.Terminal;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.App.Tests.Room;

/// <summary>Three people: nobody confirms what they typed themselves, nobody sees two cards, officers witness each other.</summary>
public class SmallTeamTests(SmallRoom small) : IClassFixture<SmallRoom>
{
    private const string Signing = "signing-small.md";
    private const string Unlock = "unlock";
    private const string Seen = "seen";
    private const string Set = "0001-activation-1";
    private static readonly Display SmallScreen = new(80, 25, GlyphSet.Unicode, true, true, true);

    [Fact]
    public void Each_person_is_asked_for_once_and_sits_in_every_seat_that_the_script_gives()
    {
        var room = new SoftwareRoom();
        room.Open(SoftwareRoom.Script("root-creation-small.md"));
        Assert.Equal("Who is administrator, operator and officer 1, in one person?", Asked(room).Prompt);
        Assert.Null(room.Say("Ada Adams"));
        Assert.Equal("name/witness/1", Asked(room).Id);
        Assert.Equal(CeremonyRules.PersonTwice, room.Say("ada adams")?.Rule);
        Assert.Null(room.Say("Wilma Weiss"));
        Assert.Equal("Who is officer number 3 of 3?", Asked(room).Prompt);
        Assert.Equal(CeremonyRules.NameUnclear, room.Say("Wílma Weiss")?.Rule);
        Assert.Null(room.Say("Dana Dorn"));
        // What is lost is said before the room agrees to be so few.
        Assert.Equal<IEnumerable<string>>(["administrator, operator and officer 1: Ada Adams", "witness and officer 2: Wilma Weiss",
            "officer 3: Dana Dorn", .. CombinedSeats.Losses(room.State.Script)], Asked(room).EvidenceLines);
        Assert.Null(room.Say(""));
        _ = room.Until("roll-call", "script");
        Assert.Equal(["Ada Adams", "Ada Adams", "Wilma Weiss", "Ada Adams", "Wilma Weiss", "Dana Dorn"],
            room.State.People.Select(p => p.Name));
        Assert.Equal(["administrator, operator, officer", "witness, officer", "officer"],
            DialogUpdate.BreakFor(new ScreenModel(SmallScreen, room.State, Director.Next(room.State),
                room.State.Last.Utc)).People.Select(p => p.Roles));
    }

    [Fact]
    public void In_both_ceremonies_whoever_types_is_not_who_confirms()
    {
        SoftwareRoom room = small.Signed();
        string witness = room.State.NameOf(Roles.Witness), second = room.State.NameOf(Roles.Officer, 3);
        ImmutableArray<Entry> all = room.Entries;
        Assert.Equal(2, all.Count(e => e.Body is CeremonyClosed));
        Assert.DoesNotContain(all, e => e.Body is ExceptionRaised);
        Assert.Equal([witness], Answers(all).Where(a => a.By == Roles.Witness).Select(a => a.Person).Distinct());
        Assert.DoesNotContain(Answers(all), a => a.By is Roles.Operator or Roles.Administrator && a.Person == witness);

        // Each card of the witness, dealt or presented, was looked at by the officer who is nothing else.
        var dealt = all.Where(e => e.Body is ShareReadBack r && r.Custodian == witness).ToList();
        var presented = all.Where(e => e.Body is SharePresented p && p.Presenter == witness).ToList();
        Assert.Equal((2, 2), (dealt.Count, presented.Count));
        Answered[] looked = [.. Answers(all).Where(a => a.Question.EndsWith($"/{Seen}", StringComparison.Ordinal))];
        Assert.Equal(dealt.Count + presented.Count, looked.Length);
        Assert.All(looked, a => Assert.Equal((Roles.Officer, second, Seen), (a.By, a.Person, a.Value)));
        foreach (Entry card in presented)
            Assert.True(all.First(e => e.Seq > card.Seq && e.Body is Answered { Value: Seen }).Seq
                < all.First(e => e.Seq > card.Seq && e.Body is SecretRebuilt).Seq);
        foreach (SharesMade made in all.Select(e => e.Body).OfType<SharesMade>())
            Assert.Equal((2, 3, 3), (made.Threshold, made.Custodians.Length, made.Custodians.Distinct().Count()));
    }

    [Fact]
    public void Who_has_typed_a_card_is_not_offered_for_the_next_one()
    {
        SoftwareRoom room = At(small.Rooted());
        Assert.Equal(["officer/1", "officer/2", "officer/3"], Asked(room).Choices.Select(c => c.Key));
        Assert.Null(room.Say("officer/3"));
        Type(room, 3);
        Assert.Equal(["officer/1", "officer/2"], room.Until(Unlock, "present/2/who").Choices.Select(c => c.Key));
    }

    [Fact]
    public void Nobody_types_a_card_beside_their_own()
    {
        SoftwareRoom room = At(small.Rooted());
        Assert.Null(room.Say("officer/1"));
        int before = room.Entries.Length;
        Assert.Equal(CeremonyRules.SecondCard, room.Tell(CardOf(room, 3))?.Rule);
        Assert.Equal(before, room.Entries.Length);
        Assert.Null(room.Tell(CardOf(room, 1)));

        // With one seat each, as before: it is an exception, and its reason is asked.
        using var rooms = new SigningRooms();
        SoftwareRoom large = rooms.Rooted();
        large.Open(SoftwareRoom.Script("crl-signing.md"));
        _ = large.Until(Unlock, "present/1/who");
        Assert.Null(large.Say("officer/1"));
        Assert.Null(large.Tell(CardOf(large, 2)));
        Assert.Equal(Roles.Witness, large.Until(Unlock, "present/1/why").By);

        // Who has said why is not asked for the same in other words: Enter signs it off.
        Assert.Null(large.Say("She is ill."));
        Question off = large.Until(Unlock, "sign-off/1");
        Assert.Equal(AnswerKind.OptionalText, off.Kind);
        Assert.Equal(CeremonyRules.NoSentence, large.Say("ok")?.Rule);
        Assert.Null(large.Say(""));
        Assert.Equal("The reason that was given is enough to go on.",
            large.Entries.Select(e => e.Body).OfType<ExceptionSignedOff>().Last().Remark);
    }

    [Fact]
    public void A_card_in_the_witness_s_hands_is_another_officer_s_word()
    {
        SoftwareRoom room = small.Rooted().Saying("name/witness/1", "Nina Novak");
        room.Open(SoftwareRoom.Script(Signing));
        _ = room.Until(Unlock, "present/1/who");
        Assert.Null(room.Say("officer/2"));
        Type(room, 2);
        string second = room.State.NameOf(Roles.Officer, 3);
        Question why = room.Until(Unlock, "present/1/why");
        Assert.Equal((Roles.Officer, 3), (why.By, why.Seat));
        Assert.Contains(second, why.Prompt, StringComparison.Ordinal);
        Assert.Null(room.Say("She left the company and handed the card over."));
        Question off = room.Until(Unlock, "sign-off/1");
        Assert.Equal((Roles.Officer, 3), (off.By, off.Seat));
        Assert.Null(room.Say("Her letter lies in the binder."));
        Assert.Equal(second, room.Entries.Select(e => e.Body).OfType<ExceptionSignedOff>().Last().Witness);
        _ = room.Until(Unlock, "present/1/seen");
        Assert.Null(room.Say(Seen));
        _ = room.Until(Unlock, "present/2/who");
        Assert.Null(room.Say("officer/3"));
        Type(room, 3);

        // The card of somebody who is not here is one card all the same: when the HSM is opened again she types no other.
        _ = room.Until("approve", "confirm");
        Assert.Null(room.Tell(new TakeBreak([second, "Nina Novak"])));
        Assert.Null(room.Say(""));
        _ = room.Until("sign-mtls", "present/1/who");
        Assert.Null(room.Say("officer/2"));
        Assert.Equal(CeremonyRules.SecondCard, room.Tell(CardOf(room, 3))?.Rule);
        Assert.Null(room.Tell(CardOf(room, 2)));
    }

    /// <summary>Where the script gives each person one seat nothing of it is asked, whatever the names are.</summary>
    [Fact]
    public void With_one_seat_each_nobody_looks_in_the_witness_s_place()
    {
        using var rooms = new SigningRooms();
        SoftwareRoom room = rooms.Rooted();
        string custodian = room.Entries.Select(e => e.Body).OfType<SharesMade>().First().Custodians[0];
        room.Saying("name/witness/1", custodian).Saying("name/officer/1", "Nina Novak").Saying("present/1/who", "witness/1");
        room.Open(SoftwareRoom.Script("crl-signing.md"));
        room.GoOn();
        Assert.DoesNotContain(Answers(room.Entries), a => a.Question.EndsWith($"/{Seen}", StringComparison.Ordinal));
        Assert.Contains(room.Entries, e => e.Ceremony == room.State.Id && e.Body is SharePresented p && p.Presenter == custodian);
    }

    private static SoftwareRoom At(SoftwareRoom room)
    {
        room.Open(SoftwareRoom.Script(Signing));
        _ = room.Until(Unlock, "present/1/who");
        return room;
    }

    private static Question Asked(SoftwareRoom room) => ((Ask)Director.Next(room.State)).Question;

    private static void Type(SoftwareRoom room, int card) => Assert.Null(room.Tell(CardOf(room, card)));

    private static ShareTyped CardOf(SoftwareRoom room, int card)
    {
        SharesMade made = room.State.World.Sets[Set].Made;
        return new ShareTyped(Asked(room).Id, Set, card, made.Identifier, made.Digests[card - 1], true);
    }

    private static IEnumerable<Answered> Answers(IEnumerable<Entry> entries) => entries.Select(e => e.Body).OfType<Answered>();
}

/// <summary>A root that three people made, and a signing day of theirs; played once.</summary>
public sealed class SmallRoom : IDisposable
{
    private readonly SigningRooms _rooms = new("root-creation-small.md");

    public void Dispose() => _rooms.Dispose();

    internal SoftwareRoom Rooted() => _rooms.Rooted();

    internal SoftwareRoom Signed() => Rooted().Through("signing-small.md");
}
