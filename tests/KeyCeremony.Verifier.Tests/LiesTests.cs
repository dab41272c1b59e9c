using System.Collections.Immutable;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core.Journal;
using Files = System.Collections.Immutable.ImmutableSortedDictionary<string, System.ReadOnlyMemory<byte>>;

namespace KeyCeremony.Verifier.Tests;

/// <summary>
/// The kinds of lies that once passed, each over several instances. Whoever tells them has the transcript key and signs the
/// whole history anew; each is found where it stands, and in the words that are meant for it.
/// </summary>
public sealed partial class LiesTests(LyingRooms rooms) : IClassFixture<LyingRooms>
{
    private static readonly ImmutableArray<Lie> All =
        [.. Findings(), .. Looks(), .. Equipment(), .. People(), .. Announcements(),
            .. Extras(), .. Times(), .. Bags(), .. Revocations(), .. Aborts(), .. Keyboard(),
        .. ForeignChallenges(), .. Cards(), .. Custodians(), .. Activation(), .. SmallTeam(), .. Groups(), .. Elsewhere(), .. Ends(),
        .. Successions(),
        .. Releases()];

    public static TheoryData<string> Lies() => new(All.Select(l => l.ToString()));

    [Theory]
    [MemberData(nameof(Lies))]
    public void A_lie_is_found_where_it_stands(string name)
    {
        Lie lie = All.Single(l => l.ToString() == name);
        SoftwareRoom room = lie.Room(rooms);
        bool isTold = false;
        Files files = room.ForgeAll(genuine =>
        {
            ImmutableArray<Entry> entries = [.. genuine], told = [.. lie.Tell(room, entries)];
            isTold = !told.SequenceEqual(entries);
            return told;
        });

        Assert.True(isTold, "nothing was forged");
        Judged(room, files).Finds(lie.Rule, lie.Says);
    }

    /// <summary>So the lies differ from the truth in nothing but themselves.</summary>
    [Fact]
    public void What_was_lied_about_is_true_when_it_is_signed_anew()
    {
        foreach (SoftwareRoom room in new[] { rooms.Root, rooms.Authority, rooms.Interrupted, rooms.Production, rooms.Revoked,
            rooms.Aborted, rooms.Recovered, rooms.Checked, rooms.Sited, rooms.Activated, rooms.Replaced, rooms.Twice,
            rooms.Small, rooms.Grouped, rooms.Foreign, rooms.Ended, rooms.Remains, rooms.Moved, rooms.Released, rooms.Attached })
            Assert.Empty(Judged(room, room.ForgeAll(e => e)).Rules());
    }

    private BundleVerdict Judged(SoftwareRoom room, Files files) => BundleVerify.Check("b", new BundleContent(FolderOf(room), files,
        BundleList.Of(room.Entries)), new VerifyOptions()).Verdict;

    /// <summary>Where the list files of the genuine bundle lie.</summary>
    private string FolderOf(SoftwareRoom room) => BundleList.Of(room.Entries).IsEmpty ? "" : rooms.ListsOf(room);
}
