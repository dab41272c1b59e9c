using System.Collections.Immutable;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.App.Tests.Room;

/// <summary>Whoever resumes says where it stopped: what was rewritten meanwhile has another head.</summary>
public class ResumeTests
{
    private const string Head = "resume/head";

    [Fact]
    public void Wrong_words_are_refused_and_the_right_ones_go_on()
    {
        SoftwareRoom room = AtTheClock();
        string written = Words(room);
        room.Restart();
        Question asked = room.Asked();
        Assert.Equal((Head, Roles.Witness), (asked.Id, asked.By));
        Assert.DoesNotContain(asked.EvidenceLines, l => l.Contains(written, StringComparison.OrdinalIgnoreCase));
        Refusal? other = room.Say(Words(room));
        Assert.Equal(CeremonyRules.OtherWords, other?.Rule);
        // Whoever wrote them down at an earlier stop has a way on; nobody else is told that the sticks may be right.
        Assert.Contains("Were they written at an earlier stop, and did people go on after it? Then type none", other!.Remedy,
            StringComparison.Ordinal);
        Assert.Contains("leave (F10)", other.Remedy, StringComparison.Ordinal);
        Assert.Null(room.Say(written.ToUpperInvariant()));
        Assert.Equal("utc", room.Asked().Id);
        Assert.Equal(CeremonyRules.NothingToUndo, room.Tell(new Undo())?.Rule);
    }

    /// <summary>The kind 13: both sticks of an open ceremony are written anew, in one story.</summary>
    [Fact]
    public void Sticks_that_were_written_anew_are_found()
    {
        SoftwareRoom room = AtTheClock();
        string written = Words(room);
        ImmutableArray<Entry> forged = [room.Entries[0]];
        foreach (Entry e in room.Entries.Skip(1))
            forged = forged.Add(Entry.Following(forged[^1], e.Ceremony, e.Utc, e.Step,
                e.Body is ApplianceInspected i ? i with { Findings = [] } : e.Body));
        CeremonyState state = Replay.Running(forged, SoftwareRoom.Parse)!;
        state = Replay.Apply(state,
            Entry.Following(forged[^1], state.Id, state.Last.Utc, state.Step!.Id, new Reopened("keyceremony test")));
        Assert.Equal(CeremonyRules.OtherWords, Director.Decide(state, new Answer(Head, written), state.Last.Utc).Refusal?.Rule);
    }

    /// <summary>Each word is eight bits more for whoever tries entries until the words agree.</summary>
    [Fact]
    public void All_eight_words_are_compared()
    {
        SoftwareRoom room = AtTheClock();
        string[] written = Words(room).Split(' ');
        Assert.Equal(8, written.Length);
        room.Restart();
        for (int i = 0; i < written.Length; i++)
        {
            byte[] head = room.Entries[^2].Hash.AsSpan()[..8].ToArray();
            head[i] ^= 1;
            Assert.Equal(CeremonyRules.OtherWords, room.Say(PgpWords.Of(head))?.Rule);
        }
        Assert.Null(room.Say(string.Join(' ', written)));
    }

    /// <summary>What was only typed wrong accuses nobody of having changed the sticks.</summary>
    [Fact]
    public void Words_that_are_missing_misspelt_or_swapped_are_said_to_be_so()
    {
        SoftwareRoom room = AtTheClock();
        string[] written = Words(room).Split(' ');
        room.Restart();
        foreach (int typed in new[] { 1, 2, 7 })
        {
            Refusal? refusal = room.Say(string.Join(' ', written[..typed]));
            Assert.Equal(CeremonyRules.NotAllWords, refusal?.Rule);
            Assert.Contains(typed == 1 ? "1 was" : $"{typed} were", refusal!.Message, StringComparison.Ordinal);
        }
        Assert.Equal(CeremonyRules.NotAllWords, room.Say(string.Join(' ', [.. written, .. written]))?.Rule);
        foreach ((string rule, string[] said) in new (string, string[])[]
        {
            (ShareRules.NotAPgpWordId, [.. written[..7], "chisl"]),
            (ShareRules.PgpWordOutOfTurnId, [written[1], written[0], .. written[2..]]),
        })
        {
            Refusal? refusal = room.Say(string.Join(' ', said));
            Assert.Equal(rule, refusal?.Rule);
            Assert.Contains("paper", refusal!.Remedy, StringComparison.Ordinal);
        }
        Assert.Null(room.Say(string.Join(' ', written)));
    }

    /// <summary>Who is only sent to the screen copies its words, and the paper was for nothing.</summary>
    [Fact]
    public void Whose_paper_says_other_words_is_told_to_stop()
    {
        var room = new SoftwareRoom();
        room.Open(SoftwareRoom.Script("root-creation.md"));
        foreach ((string step, string question) in new[] { ("roll-call", "script"), ("ledger", "head") })
        {
            Assert.True(room.Until(step, question).ExpectsWhatWasFound);
            Refusal? refusal = room.Say("aardvark adroitness");
            Assert.Equal(CeremonyRules.NotThePhrase, refusal?.Rule);
            Assert.Contains("stop, and leave (F10)", refusal!.Remedy, StringComparison.Ordinal);
        }
    }

    /// <summary>Whoever cannot answer must not get words that pass by leaving once more.</summary>
    [Fact]
    public void While_they_were_not_compared_the_words_of_the_first_stop_count()
    {
        SoftwareRoom room = AtTheClock();
        string written = Words(room);
        room.Restart();
        string shown = Words(room);
        room.Restart();
        Assert.Equal(CeremonyRules.OtherWords, room.Say(shown)?.Rule);
        Assert.Null(room.Say(written));
        string next = Words(room);
        room.Restart();
        Assert.Equal(CeremonyRules.OtherWords, room.Say(written)?.Rule);
        Assert.Null(room.Say(next));
    }

    [Fact]
    public void Nothing_was_written_down_is_an_exception()
    {
        SoftwareRoom room = AtTheClock();
        room.Restart();
        Assert.Null(room.Say("none"));
        Assert.Equal(CeremonyRules.NothingWritten, Assert.IsType<ExceptionRaised>(room.Entries[^1].Body).Rule);
        Assert.StartsWith("sign-off/", room.Asked().Id, StringComparison.Ordinal);
        Assert.Null(room.Say("The fuse blew; nobody left the room."));
        Assert.Equal("utc", room.Asked().Id);
    }

    [Fact]
    public void It_comes_before_everything_else()
    {
        SoftwareRoom room = AtTheClock();
        Assert.Null(room.Tell(new TakeBreak([.. room.State.People.Select(p => p.Name)])));
        room.Restart();
        Assert.Equal(Head, room.Asked().Id);
        Assert.Equal(CeremonyRules.TooLate, room.Tell(new Abort("It is late."))?.Rule);
    }

    [Fact]
    public void Before_the_roll_call_nobody_is_asked()
    {
        var room = new SoftwareRoom();
        room.Open(SoftwareRoom.Script("root-creation.md"));
        room.Restart();
        Assert.StartsWith("name/", room.Asked().Id, StringComparison.Ordinal);
    }

    [Fact]
    public void A_ceremony_of_the_first_format_goes_on_as_it_did()
    {
        var room = new SoftwareRoom { Format = JournalFormats.First };
        room.Open(SoftwareRoom.Script("root-creation.md"));
        room.Until("clock", "utc");
        room.Restart();
        Assert.Equal("utc", room.Asked().Id);
    }

    private static string Words(SoftwareRoom room) => PgpWords.Of(room.Entries[^1].Hash.AsSpan()[..8]);

    private static SoftwareRoom AtTheClock()
    {
        var room = new SoftwareRoom();
        room.Open(SoftwareRoom.Script("root-creation.md"));
        room.Until("clock", "utc");
        return room;
    }
}
