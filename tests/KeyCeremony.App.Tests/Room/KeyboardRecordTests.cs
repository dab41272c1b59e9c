using System.Collections.Immutable;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Ceremony.Retelling;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.App.Tests.Room;

/// <summary>With which keyboard people typed stands in the journal, once for each change, and disturbs nothing.</summary>
public sealed class KeyboardRecordTests
{
    [Fact]
    public void A_layout_is_recorded_when_it_is_another_one()
    {
        var room = new SoftwareRoom();
        room.Open(SoftwareRoom.Script("root-creation.md"));
        Assert.Null(room.Tell(new KeyboardSet("de")));
        Assert.Equal("de", Assert.IsType<KeyboardUsed>(room.Entries[^1].Body).Layout);
        Assert.Equal(CeremonyRules.NotAsked, room.Tell(new KeyboardSet("de"))?.Rule);
        Assert.Equal(CeremonyRules.NotAsked, room.Tell(new KeyboardSet("ru"))?.Rule);
        Assert.Equal(CeremonyRules.NotAsked, room.Tell(new KeyboardSet(""))?.Rule);
        Assert.Null(room.Tell(new KeyboardSet(Keyboards.Terminal)));
        Assert.Null(Retold.Of(room.Entries).Refusal);
    }

    [Fact]
    public void An_answer_before_it_can_still_be_taken_back()
    {
        var room = new SoftwareRoom();
        room.Open(SoftwareRoom.Script("root-creation.md"));
        Assert.Null(room.Say("Ada Adams"));
        Assert.Null(room.Tell(new KeyboardSet("de")));
        string asked = room.Asked().Id;
        Assert.Null(room.Tell(new Undo()));
        Assert.NotEqual(asked, room.Asked().Id);
        Assert.Null(Retold.Of(room.Entries).Refusal);
    }

    [Theory]
    [InlineData("klingon", JournalFormats.Current)]
    [InlineData("", JournalFormats.Current)]
    [InlineData("us", JournalFormats.Current)] // is in use already
    [InlineData("fr", JournalFormats.Compared)]
    public void What_the_program_does_not_write_is_refused(string layout, int format)
    {
        var room = new SoftwareRoom { Format = format };
        room.Open(SoftwareRoom.Script("root-creation.md"));
        if (format == JournalFormats.Current)
            Assert.Null(room.Tell(new KeyboardSet("us")));
        Entry last = room.Entries[^1];
        ImmutableArray<Entry> forged = room.Entries.Add(Entry.Following(last, last.Ceremony, last.Utc,
            SoftwareRoom.Parse(SoftwareRoom.Script("root-creation.md")).Steps[0].Id, new KeyboardUsed(layout)));
        Assert.Equal("REPLAY-02", Retold.Of(forged).Refusal?.Rule);
    }

    [Fact]
    public void Names_are_stored_as_one_letter_each_and_compared_by_look()
    {
        var room = new SoftwareRoom();
        room.Open(SoftwareRoom.Script("root-creation.md"));
        Assert.Null(room.Say("Jo\u0308rg Mu\u0308ller"));
        Assert.Equal("Jörg Müller", ((Answered)room.Entries[^1].Body).Value);
        Assert.Equal(CeremonyRules.PersonTwice, room.Say("Jörg Müller")?.Rule);
        Assert.Equal(CeremonyRules.NameUnclear, room.Say("Jorg Muller")?.Rule);
        Assert.Null(room.Say("I\u0307brahim Şahin"));
        Assert.Equal("İbrahim Şahin", ((Answered)room.Entries[^1].Body).Value);
        Assert.Equal(CeremonyRules.NameUnclear, room.Say("Ibrahim Sahin")?.Rule);
        Assert.Null(room.Say("Łukasz Ñuñez"));
        Assert.Equal(CeremonyRules.NameUnclear, room.Say("Lukasz Nunez")?.Rule);
        Assert.Null(Retold.Of(room.Entries).Refusal);

        var before = new SoftwareRoom { Format = JournalFormats.Compared };
        before.Open(SoftwareRoom.Script("root-creation.md"));
        Assert.Null(before.Say("Jo\u0308rg Mu\u0308ller"));
        Assert.Equal("Jo\u0308rg Mu\u0308ller", ((Answered)before.Entries[^1].Body).Value);
    }

    [Fact]
    public void A_name_that_is_not_in_form_C_is_no_answer_of_the_program()
    {
        var room = new SoftwareRoom();
        room.Open(SoftwareRoom.Script("root-creation.md"));
        Assert.Null(room.Say("Jörg Müller"));
        Entry said = room.Entries[^1];
        var forged = Entry.Following(room.Entries[^2], said.Ceremony, said.Utc, said.Step,
            (Answered)said.Body with { Value = "Jo\u0308rg Mu\u0308ller" });
        Assert.Equal("REPLAY-02", Retold.Of([.. room.Entries[..^1], forged]).Refusal?.Rule);
    }
}
