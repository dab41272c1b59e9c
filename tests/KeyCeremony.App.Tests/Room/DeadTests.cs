using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Tests.Room;

/// <summary>What an aborted ceremony made is dead: no use of it is led, and it is destroyed in the HSM that holds it.</summary>
public class DeadTests(SigningRooms rooms) : IClassFixture<SigningRooms>
{
    private const string Abandoned = "abandoned-keys.md";
    private const string Intermediate = "intermediate-creation.md";
    private const string DeviceCa = "device-ca-i1";

    /// <summary>Where the intermediate's ceremony is given up: its key exists, its certificate is signed, its backup is made.</summary>
    public static TheoryData<string, string> Moments => new()
    {
        { "generate-device-ca-i1", "seen" },
        { "sign-device-ca-i1", "seen" },
        { "backup-device-ca-i1", "seen" },
        { "lock-device-ca-i1", "seen" },
        { "seal-backup", "sealed" },
    };

    [Fact]
    public void A_dead_issuer_signs_no_list()
    {
        SoftwareRoom room = GivenUp("sign-device-ca-i1", "seen");
        room.Open(SoftwareRoom.Script("crl-signing.md").Replace("issuer: root\n", $"issuer: {DeviceCa}\n", StringComparison.Ordinal));
        Assert.Equal(CeremonyRules.Dead, Stops(room).Rule);
    }

    /// <summary>A revoked issuer still says what else it takes back; one that is dead besides does not.</summary>
    [Fact]
    public void A_dead_issuer_that_is_revoked_signs_no_list_either()
    {
        SoftwareRoom room = GivenUp("sign-device-ca-i1", "seen");
        room.Open(SoftwareRoom.Script("crl-signing.md"));
        room.Saying("more", $"certificate/{DeviceCa}", "done");
        room.GoOn();
        Assert.True(room.State.World.IsRevoked(DeviceCa));
        room.Open(SoftwareRoom.Script("crl-signing.md").Replace("issuer: root\n", $"issuer: {DeviceCa}\n", StringComparison.Ordinal));
        Assert.Equal(CeremonyRules.Dead, Stops(room).Rule);
    }

    [Theory]
    [InlineData("issuer: root\n", "issuer: device-ca-i1\n")]
    [InlineData("key: firmware-x\n", "key: device-ca-i1\n")]
    public void A_dead_key_certifies_nothing_and_is_not_certified(string from, string to)
    {
        SoftwareRoom room = GivenUp("sign-device-ca-i1", "seen");
        string script = SoftwareRoom.Script(Intermediate).Replace(DeviceCa, "firmware-x", StringComparison.Ordinal);
        int preview = script.IndexOf("do: preview-certificate", StringComparison.Ordinal);
        room.Open(script[..preview] + script[preview..].Replace(from, to, StringComparison.Ordinal));
        Assert.Equal(CeremonyRules.Dead, Stops(room).Rule);
    }

    [Fact]
    public void A_dead_certificate_is_not_cross_certified()
    {
        SoftwareRoom room = GivenUp("sign-device-ca-i1", "seen");
        room.Saying("file", "other-ca.pem");
        room.Open(SoftwareRoom.Script("cross-signing.md")
            .Replace("existing: other-ca\n", $"existing: {DeviceCa}\n", StringComparison.Ordinal));
        Assert.Equal(CeremonyRules.Dead, Stops(room).Rule);
    }

    [Fact]
    public void A_dead_key_is_neither_backed_up_drilled_nor_locked()
    {
        SoftwareRoom room = GivenUp("backup-device-ca-i1", "seen");
        KeyFact key = room.State.World.Keys[DeviceCa];
        Assert.True(room.State.World.IsDead(key.Ceremony));
        Assert.Equal(new DeadKey(DeviceCa, key.CkaId, key.Ceremony), Assert.Single(room.State.World.DeadKeys));
        string script = SoftwareRoom.Script(Intermediate);
        foreach (string verb in new[] { "backup-key", "recovery-drill", "lock-key" })
        {
            SoftwareRoom used = room.Fork(rooms.NewFolder());
            // Without the steps that would make the key again.
            used.Open(script.Replace(DeviceCa, "firmware-x", StringComparison.Ordinal).Replace($"do: {verb}\nby: operator\nkey: firmware-x",
                $"do: {verb}\nby: operator\nkey: {DeviceCa}", StringComparison.Ordinal)
                .Replace($"do: {verb}\nby: officer\nkey: firmware-x", $"do: {verb}\nby: officer\nkey: {DeviceCa}",
                    StringComparison.Ordinal));
            Assert.Equal(CeremonyRules.Dead, Stops(used).Rule);
        }
    }

    /// <summary>The kind 7: what the landed program led to its end.</summary>
    [Fact]
    public void A_root_whose_creation_was_aborted_signs_nothing()
    {
        var room = new SoftwareRoom();
        room.Open(SoftwareRoom.Script("root-creation.md"));
        room.Until("sign-root", "seen");
        room.GiveUp();

        room.Open(SoftwareRoom.Script(Intermediate));
        Refusal refusal = Stops(room);
        Assert.Equal(CeremonyRules.DeadToken, refusal.Rule);
        Assert.Contains("Erase it with its maker's tool", refusal.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_format_is_led_as_it_was()
    {
        var room = new SoftwareRoom(folder: rooms.NewFolder()) { Format = JournalFormats.First };
        room.Through("root-creation.md").Open(SoftwareRoom.Script(Intermediate));
        room.Until("sign-device-ca-i1", "seen");
        Assert.Null(room.Tell(new Abort("Fire alarm.", room.State.NameOf(Core.Script.Roles.Witness))));
        room.Open(SoftwareRoom.Script("crl-signing.md").Replace("issuer: root\n", $"issuer: {DeviceCa}\n", StringComparison.Ordinal));
        room.GoOn();
        Assert.True(room.State is { Ended: true, Aborted: false });
    }

    /// <summary>The way out that the refusal names: the HSM is erased, found blank, and commissioned once more.</summary>
    [Theory]
    [InlineData("commission", "seen")]
    [InlineData("approve", "confirm")]
    public void The_same_creation_in_the_erased_HSM_comes_to_its_end(string step, string question)
    {
        var room = new SoftwareRoom();
        room.Open(SoftwareRoom.Script("root-creation.md"));
        room.Until(step, question);
        room.GiveUp();
        Assert.DoesNotContain(room.State.World.Bags.Keys, c => c.Contains("card", StringComparison.Ordinal));

        room.Open(SoftwareRoom.Script("root-creation.md"));
        room.GoOn();
        Assert.True(room.State is { Ended: true, Aborted: false });
        Assert.StartsWith("0002", room.State.World.Primary!.Commissioned.Set, StringComparison.Ordinal);
        Verifies(room);
    }

    /// <summary>The recovery is aborted after the root came back: the HSM is erased, and the recovery begins anew.</summary>
    [Fact]
    public void A_recovery_that_was_given_up_is_done_again()
    {
        SoftwareRoom room = rooms.Rooted();
        room.Open(SoftwareRoom.Script("disaster-recovery.md"));
        room.Until("restore-root", "seen");
        Assert.NotEqual("", room.State.World.Keys["root"].Serial);
        room.GiveUp();

        room.Open(SoftwareRoom.Script("disaster-recovery.md"));
        room.Until("restore-root", "present/1");
        Assert.Equal("", room.State.World.Keys["root"].Serial);
        room.GoOn();
        Assert.True(room.State is { Ended: true, Aborted: false });
        Assert.Equal("P2", room.State.World.Keys["root"].Serial);
    }

    [Theory]
    [MemberData(nameof(Moments))]
    public void Its_keys_are_destroyed_and_the_HSM_holds_nothing_of_them(string step, string question)
    {
        SoftwareRoom room = GivenUp(step, question);
        string id = room.State.World.Keys[DeviceCa].CkaId;
        room.Open(SoftwareRoom.Script(Abandoned));
        Question asked = room.Until("destroy", $"destroy/{id}");
        Assert.Equal(Core.Script.Roles.Witness, asked.By);
        Assert.Equal(CeremonyRules.NotThePhrase, room.Say("aardvark adroitness")!.Rule);
        room.GoOn();
        Assert.Equal([new KeyDestroyed(DeviceCa, id, "P1")], room.Entries.Select(e => e.Body).OfType<KeyDestroyed>());
        Assert.Contains(room.Entries, e => e.Body is Attempted { Effect: "destroy-key" } a && a.CkaId == id);
        Assert.Empty(room.State.World.DeadKeys);
        Verifies(room);
    }

    [Fact]
    public void Where_nothing_is_dead_it_says_so_and_closes()
    {
        SoftwareRoom room = rooms.Rooted();
        room.Open(SoftwareRoom.Script(Abandoned));
        Assert.Contains("holds no dead key", room.Until("destroy", "seen").Prompt, StringComparison.Ordinal);
        room.GoOn();
        Assert.DoesNotContain(room.Entries, e => e.Body is KeyDestroyed);
        Verifies(room);
    }

    /// <summary>
    /// The power fails while the key is made, and nobody goes on with it: the HSM may hold one that the ledger does not know.
    /// </summary>
    [Fact]
    public void What_an_interrupted_attempt_may_have_left_is_destroyed_too()
    {
        SoftwareRoom room = rooms.Rooted();
        room.Open(SoftwareRoom.Script(Intermediate));
        room.PowerFails = entry => entry is null && room.State.Pending is { Effect: "generate-key" };
        while (Director.Next(room.State) is not Ask { Question.Id: "resolve" })
        {
            try
            {
                room.Step();
            }
            catch (PowerFailure)
            {
                room.PowerFails = null;
                room.Restart();
            }
        }
        room.GiveUp();
        Assert.False(room.State.World.Keys.ContainsKey(DeviceCa));

        room.Open(SoftwareRoom.Script(Abandoned));
        room.GoOn();
        Assert.Equal(DeviceCa, Assert.Single(room.Entries.Select(e => e.Body).OfType<KeyDestroyed>()).Key);
        Assert.Empty(room.State.World.DeadKeys);
    }

    [Fact]
    public void A_destruction_that_was_cut_off_is_looked_at_and_repeated()
    {
        SoftwareRoom room = GivenUp("sign-device-ca-i1", "seen");
        room.Open(SoftwareRoom.Script(Abandoned));
        int failures = 0;
        room.PowerFails = entry => entry is null && room.State.Pending is { Effect: "destroy-key" } && failures++ == 0;
        room.GoOn();
        Assert.True(room.State is { Ended: true, Aborted: false });
        Assert.Single(room.Entries, e => e.Body is LeftoversFound { Effect: "destroy-key", Complete: false });
        Assert.Single(room.Entries, e => e.Body is KeyDestroyed);
        Verifies(room);
        // The bundle carries the dead key's certificate: whoever reads what was verified must not use it.
        BundleVerdict verdict = Assert.Single(BundleVerify.Run([room.Export(rooms.NewFolder())], new VerifyOptions()).Bundles);
        Assert.Equal($"certificate {DeviceCa}",
            verdict.Summary[verdict.Summary.IndexOf("DEAD: 0002-intermediate-creation was aborted. Do not use it") - 1]);
    }

    [Fact]
    public void A_ceremony_that_was_closed_before_its_HSM_died_is_not_dead()
    {
        var room = new SoftwareRoom();
        room.Open(SoftwareRoom.Script("root-creation.md"));
        room.Instead = move =>
            move is Perform { Effect: SignCheckpoint e } ? new Broke(e, "C_Sign CKR_DEVICE_REMOVED", "It is gone.") : null;
        room.Until("close", "resolve");
        room.GiveUp();
        room.Instead = null;
        Assert.Empty(room.State.World.Dead);

        room.Open(SoftwareRoom.Script("disaster-recovery.md"));
        room.GoOn();
        Assert.Contains(room.Entries, e => e.Body is KeyRestored { Key: "root" });
        Assert.True(room.State is { Ended: true, Aborted: false });
    }

    private SoftwareRoom GivenUp(string step, string question)
    {
        SoftwareRoom room = rooms.Rooted();
        room.Open(SoftwareRoom.Script(Intermediate));
        room.Until(step, question);
        room.GiveUp();
        return room;
    }

    /// <summary>Plays until there is no way on, and says why.</summary>
    private static Refusal Stops(SoftwareRoom room)
    {
        for (int moves = 0; moves < 2000; moves++)
        {
            if (Director.Next(room.State) is Ask { Question: { Id: "stopped", Blocked: { } refusal } })
                return refusal;
            Assert.IsNotType<Over>(Director.Next(room.State));
            room.Step();
        }
        throw new Xunit.Sdk.XunitException("It was never stopped.");
    }

    private void Verifies(SoftwareRoom room) => Disturbed.Verifies(room, rooms.NewFolder());
}
