using KeyCeremony.App.Room;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core.Journal;
using static KeyCeremony.App.Tests.Room.ListDesk;

namespace KeyCeremony.App.Tests.Room;

/// <summary>
/// Lists of a root whose key is of ML-DSA: the next one goes on from the last, and one of its own is taken over. Such a list is judged
/// while it passes by, so that the room has to say before whose it is.
/// </summary>
public sealed class MlDsaListTests(MlDsaListTests.Rooms rooms) : IClassFixture<MlDsaListTests.Rooms>
{
    [Fact]
    public void The_second_list_goes_on_from_the_first()
    {
        SoftwareRoom room = Next(rooms.Rooted());
        room.Put("one.csv", Csv("0a0b"));
        Take(room, "one.csv");
        room.GoOn();
        Assert.Equal("1", room.State.World.Crls["root-pq"].Signed.Number);

        room = Next(room);
        room.Put("two.csv", Csv("0a0c"));
        Take(room, "two.csv");
        room.GoOn();
        CrlPreviewed preview = room.Entries.Select(e => e.Body).OfType<CrlPreviewed>().Last();
        Assert.Equal(("2", 2L, 1L), (preview.Number, preview.Entries, preview.Added));
        Assert.Equal("2", room.State.World.Crls["root-pq"].Signed.Number);
    }

    [Fact]
    public void A_list_of_its_own_is_taken_over_and_one_of_another_key_is_not()
    {
        SoftwareRoom room = Next(rooms.Rooted());
        room.Put("one.csv", Csv("0a0b"));
        Take(room, "one.csv");
        room.GoOn();
        byte[] list = Bytes(room);

        room = Next(rooms.Rooted());
        room.Put("own.crl", list);
        byte[] changed = [.. list];
        changed[^1] ^= 1;
        room.Put("changed.crl", changed);
        Take(room, "changed.crl");
        Assert.Equal("refused", room.Asked().Id);
        Assert.StartsWith("REVOKE-07 The list is not signed by the key of this CA.", room.Asked().EvidenceLines[0],
            StringComparison.Ordinal);
        Assert.Null(room.Say(""));
        Take(room, "own.crl");
        Assert.Equal("more", room.Asked().Id);
    }

    private static SoftwareRoom Next(SoftwareRoom room)
    {
        room.Open(SoftwareRoom.Script("crl-signing.md", text => text.Replace("  issuer: root\n", "  issuer: root-pq\n",
            StringComparison.Ordinal)));
        _ = room.Until("preview-list", "more");
        return room;
    }

    private static byte[] Bytes(SoftwareRoom room)
    {
        using FileStream? file = new ListStore(room.RecordSticks).Find(room.State.World.Crls["root-pq"].Signed.Sha256);
        byte[] bytes = new byte[file!.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>A ledger with two roots.</summary>
    public sealed class Rooms : IDisposable
    {
        private readonly SigningRooms _rooms = new("root-creation-dual.md");

        internal SoftwareRoom Rooted() => _rooms.Rooted();

        public void Dispose() => _rooms.Dispose();
    }
}
