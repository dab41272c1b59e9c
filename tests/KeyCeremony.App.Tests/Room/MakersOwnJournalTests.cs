using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Ceremony.Retelling;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.App.Tests.Room;

/// <summary>Format 5: an HSM wraps in its maker's own way, and a key that is locked in it was tried to be wrapped so, too.</summary>
public sealed class MakersOwnJournalTests
{
    private const string Four = "Wrapping the locked key was tried and refused: 0x210A with CKR_MECHANISM_INVALID, "
        + "0x210B with CKR_MECHANISM_INVALID, 0x1085 with CKR_MECHANISM_INVALID, 0x80000171 with CKR_MECHANISM_INVALID";

    private const string Five = Four + ", 0xD9554204 with CKR_KEY_UNEXTRACTABLE.";

    [Fact]
    public void No_earlier_format_knows_an_HSM_that_wraps_so()
    {
        foreach ((int format, bool known) in new[] { (JournalFormats.Prepared, false), (JournalFormats.Kept, true) })
        {
            var room = new SoftwareRoom { Format = format };
            room.Open(SoftwareRoom.Script("root-creation.md"));
            _ = room.Until("inspect-primary", "seen");
            Entry probe = room.Entries.Last(e => e.Body is TokenProbed);
            Assert.Null(Told(room, probe, probe.Body));
            Refusal? refusal = Told(room, probe, Own((TokenProbed)probe.Body));
            Assert.Equal(known ? null : ReplayRules.NotTheFact, refusal?.Rule);
        }
    }

    [Fact]
    public void A_locked_key_was_tried_in_that_way_there_and_nowhere_else()
    {
        SoftwareRoom own = Generated(yubiHsm: true), other = Generated(yubiHsm: false);
        Assert.Null(Tried(own, Five));
        Assert.Equal(ReplayRules.NotTheFact, Tried(own, Four + ".")?.Rule);
        Assert.Null(Tried(other, Four + "."));
        Assert.Equal(ReplayRules.NotTheFact, Tried(other, Five)?.Rule);
    }

    private static SoftwareRoom Generated(bool yubiHsm)
    {
        var room = new SoftwareRoom();
        room.Instead = move => move switch
        {
            Perform { Effect: ProbeToken { Token: "primary" } p } when yubiHsm => new Happened(p, Own((TokenProbed)room.Fact(p))),
            Perform { Effect: GenerateKey { Extractable: false } g } when yubiHsm => new Happened(g, ((KeyGenerated)room.Fact(g)) with
            {
                Tried = new Finding(CeremonyRules.StillWraps, FindingResults.Pass, Five),
            }),
            _ => null,
        };
        room.Open(SoftwareRoom.Script("root-creation.md"));
        _ = room.Until("generate-transcript", "seen");
        return room;
    }

    private static Refusal? Tried(SoftwareRoom room, string text)
    {
        Entry made = room.Entries.Last(e => e.Body is KeyGenerated);
        return Told(room, made, ((KeyGenerated)made.Body) with
        {
            Tried = new Finding(CeremonyRules.StillWraps, FindingResults.Pass, text),
        });
    }

    /// <summary>What the engine says of this body in place of an entry's.</summary>
    private static Refusal? Told(SoftwareRoom room, Entry at, EntryBody body) => Retold.Of([.. room.Entries.TakeWhile(e => e != at)])
        .Then(Entry.Following(room.Entries[(int)at.Seq - 2], at.Ceremony, at.Utc, at.Step, body)).Refusal;

    private static TokenProbed Own(TokenProbed probed) => probed with { WrapMechanism = "0xD9554204", WrapFormat = BackupBlob.YubiHsm };
}
