using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.App.Tests.Room;

/// <summary>An abort is proposed by anybody and decided by the witness in person.</summary>
public class AbortTests
{
    private static readonly string Script = SoftwareRoom.Script("root-creation.md");

    /// <summary>At the first question nothing has taken effect, and nobody is told so.</summary>
    [Fact]
    public void Before_the_first_answer_nothing_can_be_taken_back()
    {
        var room = new SoftwareRoom();
        room.Open(SoftwareRoom.Script("root-creation.md"));

        Refusal? refusal = room.Tell(new Undo());
        Assert.Equal((CeremonyRules.NothingToUndo, "Nothing was answered in this step yet."), (refusal?.Rule, refusal?.Message));
    }

    [Fact]
    public void Before_the_roll_call_nobody_can_agree()
    {
        var room = new SoftwareRoom();
        room.Open(Script);
        Assert.Equal(CeremonyRules.NotTheWitness, room.Tell(new Abort("We are too few."))?.Rule);
    }

    [Fact]
    public void The_name_of_the_witness_is_not_the_witness()
    {
        SoftwareRoom room = AtTheClock();
        Assert.Null(room.Tell(new Abort("I am bored.", room.State.NameOf(Roles.Witness))));
        Assert.False(room.State.Aborted);
        Question asked = room.Asked();
        Assert.Equal((Roles.Witness, AnswerKind.Choice), (asked.By, asked.Kind));
        Assert.Contains(asked.EvidenceLines, l => l.Contains("I am bored.", StringComparison.Ordinal));
        Assert.Equal(CeremonyRules.AbortProposed, room.Tell(new Abort("And again."))?.Rule);
    }

    [Fact]
    public void The_witness_chooses_and_types_the_word()
    {
        SoftwareRoom room = AtTheClock();
        Assert.Null(room.Tell(new Abort("Fire alarm.")));
        Assert.Null(room.Say("abort"));
        Assert.False(room.State.Aborted);
        Assert.Equal(CeremonyRules.NotThePhrase, room.Say("yes")?.Rule);
        Assert.Null(room.Tell(new Undo()));
        Assert.Null(room.Say("abort"));
        Assert.Null(room.Say("ABORT"));
        Assert.Equal(new CeremonyAborted("Fire alarm.", room.State.NameOf(Roles.Witness)), room.Entries[^1].Body);
    }

    [Fact]
    public void The_witness_goes_on_and_it_is_as_if_nobody_had_asked()
    {
        SoftwareRoom room = AtTheClock();
        Question before = room.Asked();
        Assert.Null(room.Tell(new Abort("Fire alarm.")));
        Assert.Null(room.Say("go-on"));
        Assert.Equal(before.Id, room.Asked().Id);
        room.GoOn();
        Assert.True(room.State is { Ended: true, Aborted: false });
    }

    /// <summary>What failed is tried again only when a person says so, also when an abort was proposed meanwhile.</summary>
    [Fact]
    public void After_a_failure_the_witness_who_goes_on_repeats_nothing()
    {
        var room = new SoftwareRoom();
        room.Open(Script);
        room.Instead = move => move is Perform { Effect: PreviewCertificate e } ? new Broke(e, "RUN-08", "The disk is full.") : null;
        Question again = room.Until("preview-root", "again/preview-certificate");
        Assert.Null(room.Tell(new Abort("It is late.")));
        Assert.Null(room.Say("go-on"));
        Assert.Equal(again.Id, room.Asked().Id);
    }

    [Fact]
    public void In_a_ceremony_of_the_first_format_the_name_decides_as_it_did()
    {
        var room = new SoftwareRoom { Format = JournalFormats.First };
        room.Open(Script);
        room.Until("clock", "utc");
        Assert.Equal(CeremonyRules.NotTheWitness, room.Tell(new Abort("Fire alarm.", "nobody"))?.Rule);
        Assert.Null(room.Tell(new Abort("Fire alarm.", room.State.NameOf(Roles.Witness))));
        Assert.True(room.State.Aborted);
    }

    private static SoftwareRoom AtTheClock()
    {
        var room = new SoftwareRoom();
        room.Open(Script);
        room.Until("clock", "utc");
        return room;
    }
}
