using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.App.Tests.Room;

/// <summary>A backup that is dealt to departments: two of them bring the key back, and no one alone.</summary>
public sealed class GroupsTests
{
    private const string Script = "root-creation-groups.md";

    [Fact]
    public void Cards_of_a_complete_group_are_refused_and_those_of_another_go_on()
    {
        var room = new SoftwareRoom();
        room.Open(SoftwareRoom.Script(Script));
        Question asked = room.Until("drill", "present/3");
        SharesMade made = room.State.World.Sets[asked.Share!.Set].Made;
        Assert.Equal((2, "2 of 3, 2 of 3, 1 of 1"), (made.Threshold, made.Groups));
        Assert.Equal("2 cards are accepted: 2 of 2 of group 1; 2 groups are needed.", asked.EvidenceLines[0]);
        Assert.Contains($"presented card 2 (group 1) {made.Custodians[1]}", asked.EvidenceLines);

        Refusal? refused = room.Tell(Card(asked, made, 3));
        Assert.Equal((CeremonyRules.GroupComplete, "Card 3 is of group 1, which is complete."), (refused?.Rule, refused?.Message));
        Assert.Equal(CeremonyRules.OtherSet, room.Tell(Card(asked, made, 7) with { Share = 8 })?.Rule);
        Assert.Equal(CeremonyRules.OtherSet, room.Tell(Card(asked, made, 7) with { Share = 0 })?.Rule);

        // One card of the second department opens nothing; the one of the third does.
        Assert.Null(room.Tell(Card(asked, made, 4)));
        _ = room.Saying("present/4/who", "officer/7");
        asked = room.Until("drill", "present/4");
        Assert.Equal("3 cards are accepted: 2 of 2 of group 1, 1 of 2 of group 2; 2 groups are needed.", asked.EvidenceLines[0]);
        Assert.Null(room.Tell(Card(asked, made, 7)));
        room.GoOn();
        Assert.Equal("closed", room.State.World.Ceremonies.Single().End);
        Assert.Equal(15, room.Entries.Select(e => e.Body).OfType<SubsetsCombined>().Last().Subsets);
        var account = CardAccount.Of(room.State.World, room.State.World.Sets[made.Set]);
        Assert.Equal((CardAccount.Live, 3, 7, false), (account.State, account.Needed, account.Good, account.IsShort));
    }

    private static ShareTyped Card(Question asked, SharesMade made, int card) =>
        new(asked.Id, made.Set, card, made.Identifier, made.Digests[card - 1], true);
}
