using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Script;

namespace KeyCeremony.App.Tests.Room;

/// <summary>A record is not signed under a certificate that ran out or was revoked, and that is known in the morning.</summary>
public class TranscriptTests(SigningRooms rooms) : IClassFixture<SigningRooms>
{
    private static readonly TimeSpan Years = TimeSpan.FromDays(20 * 366);

    [Fact]
    public void A_ceremony_is_not_opened_when_nothing_can_sign_its_record()
    {
        World world = Replay.WorldAfter(rooms.Rooted().Entries);
        CeremonyScript lists = SoftwareRoom.Parse(SoftwareRoom.Script("crl-signing.md")),
            services = SoftwareRoom.Parse(SoftwareRoom.Script("service-certificates.md"));
        Assert.Null(Director.MayOpen(world, lists, world.LastUtc));
        Refusal? refusal = Director.MayOpen(world, lists, world.LastUtc + Years);
        Assert.Equal(CeremonyRules.TranscriptRanOut, refusal?.Rule);
        Assert.Contains("service-certificates.md", refusal!.Remedy, StringComparison.Ordinal);
        Assert.Equal(CeremonyRules.TranscriptRanOut, Director.MayOpen(world, lists, SoftwareRoom.Morning.AddDays(-1))?.Rule);
        Assert.Null(Director.MayOpen(world, services, world.LastUtc + Years));
    }

    [Fact]
    public void A_ceremony_that_rested_too_long_stops_at_the_ledger_and_at_the_close()
    {
        SoftwareRoom room = rooms.Rooted();
        room.Open(SoftwareRoom.Script("crl-signing.md"));
        room.Until("clock", "utc");
        room.Rested += Years;
        Assert.Equal(CeremonyRules.TranscriptRanOut, room.Until("ledger", "stopped").Blocked?.Rule);

        room = rooms.Rooted();
        room.Open(SoftwareRoom.Script("crl-signing.md"));
        room.Until("close", "close");
        room.Rested += Years;
        Assert.Null(room.Tell(new Report("We come back after a long time.")));
        room.Until("close", "stopped");
        Assert.Equal(CeremonyRules.TranscriptUnfit, room.Asked().Blocked?.Rule);
    }

    [Fact]
    public void A_year_before_its_end_the_room_is_told()
    {
        SoftwareRoom room = rooms.Rooted();
        room.Open(SoftwareRoom.Script("crl-signing.md"));
        Assert.DoesNotContain(room.Until("ledger", "head").EvidenceLines, l => l.StartsWith("WARNING", StringComparison.Ordinal));

        World world = room.State.World;
        DateTimeOffset end = world.CertificateOf(world.TranscriptKey!.Generated.Key)!.Parsed.ToBeSigned.NotAfter.Value;
        room = rooms.Rooted();
        room.Rested += end - world.LastUtc - TimeSpan.FromDays(300);
        room.Open(SoftwareRoom.Script("crl-signing.md"));
        Assert.Contains(room.Until("ledger", "head").EvidenceLines,
            l => l.StartsWith("WARNING the transcript certificate", StringComparison.Ordinal));
    }
}
