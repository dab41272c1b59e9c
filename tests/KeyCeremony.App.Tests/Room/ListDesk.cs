using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using KeyCeremony.App.Room;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core;
using KeyCeremony.Core.Pki.Crl;

namespace KeyCeremony.App.Tests.Room;

/// <summary>What the tests of revocation lists do in the room: lay files on the stick, choose them, read what was signed.</summary>
internal static class ListDesk
{
    /// <summary>The room asks what is to be revoked.</summary>
    public static SoftwareRoom At(SoftwareRoom room)
    {
        room.Open(SoftwareRoom.Script("crl-signing.md"));
        _ = room.Until("preview-list", "more");
        return room;
    }

    /// <summary>A file of revocations is chosen, brought a moment ago or before.</summary>
    public static void Take(SoftwareRoom room, string file)
    {
        Assert.Null(room.Say("file"));
        if (room.Asked().Id == "file" && room.Asked().Options.All(o => o.Key != file))
            Assert.Null(room.Say("again"));
        Assert.Null(room.Say(file));
    }

    public static byte[] Csv(params string[] serials) => Csv(new DateTimeOffset(2026, 11, 2, 8, 0, 0, TimeSpan.Zero), serials);

    public static byte[] Csv(DateTimeOffset date, params string[] serials) => Encoding.ASCII.GetBytes("serial,date,reason\n"
        + string.Concat(serials.Select(s => string.Create(CultureInfo.InvariantCulture, $"{s},{date:yyyy-MM-ddTHH:mm:ssZ},superseded\n"))));

    /// <summary>The newest list of the root as it lies on a record stick.</summary>
    public static ImmutableArray<Revocation> Listed(SoftwareRoom room)
    {
        using FileStream? file = new ListStore(room.RecordSticks).Find(room.State.World.Crls["root"].Signed.Sha256);
        Assert.NotNull(file);
        ImmutableArray<Revocation>.Builder listed = ImmutableArray.CreateBuilder<Revocation>();
        Assert.True(CrlReader.TryRead(file, (in Revocation r) => listed.Add(r), out _, out Refusal? refusal), refusal?.ToString());
        return listed.ToImmutable();
    }
}
