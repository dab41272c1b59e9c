using System.Collections.Immutable;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;
using static KeyCeremony.Verifier.Tests.Pen;

namespace KeyCeremony.Verifier.Tests;

/// <summary>Three people who did what two of them may not do.</summary>
public sealed partial class LiesTests
{
    private static IEnumerable<Lie> SmallTeam()
    {
        const string kind = "small team";
        yield return new Lie(kind, "who typed confirms as well", r => r.Small, Replay,
            "(answered, step \"approve\") … due was an answer to \"confirm\" by witness … person is",
            InSmall((people, e) => e.Step == "approve" && e.Body is Answered a
                ? a with { Person = Seated(people, Roles.Operator) } : e.Body));
        yield return new Lie(kind, "who typed confirms under the own role", r => r.Small, Replay,
            "(answered, step \"approve\") … due was an answer to \"confirm\" by witness",
            InSmall((people, e) => e.Step == "approve" && e.Body is Answered a
                ? a with { By = Roles.Operator, Person = Seated(people, Roles.Operator) } : e.Body));
        yield return new Lie(kind, "a witness who looks at the own card", r => r.Small, Replay,
            "(answered, step \"unlock\") … due was an answer to \"present/2/seen\" by officer … person is",
            InSmall((people, e) => e.Step == "unlock" && e.Body is Answered { Question: "present/2/seen" } a
                ? a with { Person = Seated(people, Roles.Witness) } : e.Body));
        yield return new Lie(kind, "a card of the witness at which nobody looked", r => r.Small, Replay,
            "due was an answer to \"present/2/seen\"", Drop(e => IsAnswer(e, "unlock", "present/2/seen")));
        yield return new Lie(kind, "a dealt card of the witness at which nobody looked", r => r.Small, Replay,
            "due was an answer to \"card/0001-backup-1/2/seen\"", Drop(e => IsAnswer(e, "deal-backup", "card/0001-backup-1/2/seen")));
        yield return new Lie(kind, "one person with two cards", r => r.Small, Replay,
            "(answered, step \"unlock\") … due was an answer to \"present/2/who\" … ASK-05",
            InSmall((_, e) => e.Step == "unlock" && e.Body is Answered { Question: "present/2/who" } a
                ? a with { Value = "officer/1" } : e.Body));
        yield return new Lie(kind, "the card of another beside the own", r => r.Small, Replay,
            "(share-presented, step \"unlock\") … due was an answer to \"present/2\" … PRESENT-05",
            InSmall((people, e) => e.Step != "unlock" ? e.Body : e.Body switch
            {
                Answered { Question: "present/2/who" } a => a with { Value = "officer/3" },
                SharePresented { Share: 2 } p => p with { Presenter = Seated(people, Roles.Officer, 3) },
                var body => body,
            }));
        yield return new Lie(kind, "an officer who is the witness as well", r => r.Small, Replay,
            "(room-opened, step \"roll-call\") … due was room-opened. people is",
            Change<RoomOpened>(o => o with
            {
                People = [.. o.People.Select(p => p is { Role: Roles.Officer, Index: 3 }
                    ? p with { Name = Seated(o.People, Roles.Witness) } : p)],
            }));
        yield return new Lie(kind, "combined seats in a format that knew none", r => r.Small, Replay,
            "what its script asks for came with format 6", Change<CeremonyOpened>(o => o with { Format = JournalFormats.Kept }));
    }

    /// <summary>The program refuses such a script; another program may have led it.</summary>
    [Theory]
    [InlineData("administrator, officer 1\n  - operator, witness", "CHECK-39")]
    [InlineData("operator, officer 1\n  - witness, officer 2\n  - administrator, officer 3", "CHECK-41")]
    public void A_script_that_combines_what_it_may_not_is_refused_by_verify(string combined, string rule)
    {
        var room = new SoftwareRoom();
        ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> files = room.Play(SoftwareRoom.Script("root-creation-small.md")
            .Replace("administrator, operator, officer 1\n  - witness, officer 2", combined, StringComparison.Ordinal));
        Judged(room, files).Finds("VERIFY-12", rule);
    }

    /// <summary>Who was who, and what is lost by it, in the words of `verify`.</summary>
    [Fact]
    public void Verify_says_who_held_which_roles_and_what_is_lost()
    {
        SoftwareRoom room = rooms.Small;
        BundleVerdict verdict = Judged(room, room.ForgeAll(e => e));
        string lead = room.State.NameOf(Roles.Administrator), witness = room.State.NameOf(Roles.Witness);
        Assert.Contains($"one person, {lead}, was administrator, operator and officer 1", verdict.Summary);
        Assert.Contains($"one person, {witness}, was witness and officer 2", verdict.Summary);
        foreach (string lost in CombinedSeats.Losses(room.State.Script))
            Assert.Contains(verdict.Warnings, w => w.Contains($"CHECK-42 {lost}", StringComparison.Ordinal));
        Assert.DoesNotContain(Judged(rooms.Root, rooms.Root.ForgeAll(e => e)).Summary,
            line => line.StartsWith("one person", StringComparison.Ordinal));
    }

    private static Func<SoftwareRoom, ImmutableArray<Entry>, IEnumerable<Entry>> InSmall(
        Func<ImmutableArray<Person>, Entry, EntryBody> change) => (room, entries) => Rewrite(
            e => change(entries.Select(x => x.Body).OfType<RoomOpened>().First().People, e))(room, entries);
}
