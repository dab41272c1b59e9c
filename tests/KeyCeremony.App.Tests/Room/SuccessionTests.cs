using System.Text;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.App.Tests.Room;

/// <summary>The next root is made, rests as backup and cards, and takes over on the day the first one falls.</summary>
public class SuccessionTests(SigningRooms rooms) : IClassFixture<SigningRooms>
{
    internal const string Succession = "succession.md";
    internal const string Compromise = "compromise.md";
    private const string Root = "root";
    private const string Next = "root-next";

    [Fact]
    public void The_next_root_rests_as_backup_and_cards()
    {
        SoftwareRoom room = Strangers(rooms.Rooted()).Through(Succession);
        Spare spare = Assert.Single(room.State.World.Spares);
        Assert.Equal((Next, Next, ""), (spare.Key.Generated.Key, spare.Root.Signed.Certificate, spare.Key.Serial));
        Assert.Equal("0002-backup-1", spare.Key.Backup!.Set);
        Assert.Empty(Raised(room));
        KeyDestroyed gone = Assert.Single(room.Entries.Select(e => e.Body).OfType<KeyDestroyed>());
        Assert.Equal(spare.Key.CkaId, gone.CkaId);
        Assert.Contains("certificates/root-and-root-next.dsse.json", room.Bundle().Keys);
        Assert.Contains("certificates/root-next-cross.der", room.Bundle().Keys);
        Assert.DoesNotContain(room.State.World.Ended.Keys, _ => true);
    }

    [Fact]
    public void Who_holds_a_quorum_of_both_roots_is_named_and_signed_off()
    {
        SoftwareRoom room = rooms.Rooted().Through(Succession);
        ExceptionRaised same = Assert.Single(room.Entries.Select(e => e.Body).OfType<ExceptionRaised>());
        Assert.Equal(CeremonyRules.SamePeople, same.Rule);
        Assert.EndsWith("hold a quorum of the cards of the key \"root\" and of those of \"root-next\": what makes the one fall, through "
            + "them, makes the other fall.", same.What, StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_root_ends_and_the_next_takes_over()
    {
        SoftwareRoom room = Fallen();
        World world = room.State.World;
        Assert.Empty(world.Spares);
        Assert.True(world.Ended.ContainsKey(Root));
        Assert.Equal(Next, world.Withdrawn[Root].Body.Signature.Certificate);
        Assert.Equal("transcript-next", world.TranscriptKey!.Generated.Key);
        Assert.Equal([CeremonyRules.StillNeeded], Raised(room));
        string statement = Encoding.UTF8.GetString(Convert.FromBase64String(world.Withdrawn[Root].Body.Statement));
        Assert.Contains("\"predicateType\":\"urn:keyceremony:withdrawn-root:v1\"", statement, StringComparison.Ordinal);
        Assert.Contains($"\"successorSha256\":\"{world.Certificates[Next].Signed.Sha256}\"", statement, StringComparison.Ordinal);
        Assert.Contains("\"reason\":\"A copy was sold.\"", statement, StringComparison.Ordinal);
        Assert.Contains("certificates/root-withdrawn.dsse.json", room.Bundle().Keys);
    }

    [Fact]
    public void Nothing_is_signed_under_the_root_that_fell_and_everything_under_the_next()
    {
        SoftwareRoom room = Fallen();
        foreach (string script in new[] { "crl-signing.md", "intermediate-creation.md", "service-certificates.md" })
        {
            SoftwareRoom used = room.Fork(rooms.NewFolder());
            used.Open(SoftwareRoom.Script(script));
            Assert.Equal(CeremonyRules.KeyEnded, Stops(used).Rule);
        }
        SoftwareRoom next = room.Fork(rooms.NewFolder());
        foreach (string script in new[] { "crl-signing.md", "intermediate-creation.md" })
        {
            next.Open(SoftwareRoom.Script(script).Replace("issuer: root\n", $"issuer: {Next}\n", StringComparison.Ordinal)
                .Replace("crl: root\n", $"crl: {Next}\n", StringComparison.Ordinal));
            next.GoOn();
            Assert.False(next.State.Aborted);
        }
    }

    [Fact]
    public void A_key_that_rests_signs_nothing_before_it_is_restored()
    {
        SoftwareRoom room = Strangers(rooms.Rooted()).Through(Succession);
        room.Open(SoftwareRoom.Script("crl-signing.md").Replace("issuer: root\n", $"issuer: {Next}\n", StringComparison.Ordinal)
            .Replace("crl: root\n", $"crl: {Next}\n", StringComparison.Ordinal));
        Assert.Equal(CeremonyRules.IssuerElsewhere, Stops(room).Rule);
    }

    [Fact]
    public void A_key_that_lies_in_the_HSM_is_not_restored_into_it()
    {
        SoftwareRoom room = Strangers(rooms.Rooted()).Through(Succession).Saying("ends/why", "It is old.");
        room.Open(SoftwareRoom.Script(Compromise).Replace("key: root-next\n", "key: transcript\n", StringComparison.Ordinal));
        Assert.Equal(CeremonyRules.DoesNotRest, Stops(room).Rule);
    }

    [Fact]
    public void A_root_whose_key_did_not_end_is_not_withdrawn()
    {
        SoftwareRoom room = Strangers(rooms.Rooted()).Through(Succession);
        room.Open(Without(SoftwareRoom.Script(Compromise), "end-root"));
        Assert.Equal(CeremonyRules.NotWithdrawn, Stops(room).Rule);
    }

    [Fact]
    public void A_root_that_nobody_linked_withdraws_no_other()
    {
        SoftwareRoom room = Strangers(rooms.Rooted());
        room.Play(Without(SoftwareRoom.Script(Succession), "link-roots"));
        Assert.Empty(room.State.World.Spares);
        room.Open(SoftwareRoom.Script(Compromise));
        Assert.Equal(CeremonyRules.NotLinked, Stops(room).Rule);
    }

    [Fact]
    public void A_key_without_a_drilled_backup_does_not_rest()
    {
        SoftwareRoom room = Strangers(rooms.Rooted());
        room.Open(Without(SoftwareRoom.Script(Succession), "lock-next-root"));
        Assert.Equal(CeremonyRules.MayNotRest, Stops(room).Rule);
    }

    [Fact]
    public void An_abort_leaves_the_root_dead_and_the_next_one_at_rest()
    {
        SoftwareRoom room = Strangers(rooms.Rooted()).Through(Succession);
        room.Open(SoftwareRoom.Script(Compromise));
        _ = room.Until("withdraw-root", "begin");
        room.GiveUp();
        Assert.True(room.State.World.Ended.ContainsKey(Root));
        Assert.Equal(Next, Assert.Single(room.State.World.Spares).Key.Generated.Key);
        room.Through("abandoned-keys.md").Play(Without(SoftwareRoom.Script(Compromise), "preview-last-list", "approve-last-list",
            "sign-last-list"));
        Assert.False(room.State.Aborted);
        Assert.Equal(Next, room.State.World.Withdrawn[Root].Body.Signature.Certificate);
        Assert.Single(room.Entries, e => e.Body is KeyEnded);
    }

    /// <summary>What lies of a fallen root is accounted for on another day, by the ceremony that is there for it.</summary>
    [Fact]
    public void The_copies_of_the_root_that_fell_are_accounted_for_later()
    {
        SoftwareRoom room = Fallen();
        KeyDestructionTests.Burnt(room, 1, 2).Through("key-destruction.md");
        Assert.Equal(room.State.Id, room.State.World.Ended[Root].StatedIn);
    }

    [Fact]
    public void A_rest_that_was_cut_off_is_done_again()
    {
        SoftwareRoom room = Strangers(rooms.Rooted());
        bool failed = false;
        room.PowerFails = entry => !failed && entry is { Body: Attempted { Effect: DestroyKey.RestName } } && (failed = true);
        room.Through(Succession);
        Assert.Contains(room.Entries.Select(e => e.Body).OfType<ExceptionRaised>(), x => x.Rule == CeremonyRules.Interrupted
            && x.What == "Destroying the key \"root-next\" in the HSM was interrupted; the officers chose to do it again.");
        Assert.Single(room.State.World.Spares);
    }

    /// <summary>Other people than those who hold the cards of the first root sit in the seats of the custodians.</summary>
    internal static SoftwareRoom Strangers(SoftwareRoom room) => room.Saying("name/officer/1", "Grace Hopper")
        .Saying("name/officer/2", "Katherine Johnson").Saying("name/officer/3", "Dorothy Vaughan");

    private SoftwareRoom Fallen() => Fallen(rooms.Rooted());

    internal static SoftwareRoom Fallen(SoftwareRoom rooted) =>
        Strangers(rooted).Through(Succession).Saying("ends/why", "A copy was sold.").Through(Compromise);

    /// <summary>The script without these steps; the rest is numbered anew.</summary>
    internal static string Without(string script, params string[] steps)
    {
        foreach (string step in steps)
        {
            int id = script.IndexOf($"id: {step}\n", StringComparison.Ordinal);
            int from = script.LastIndexOf("### ", id, StringComparison.Ordinal);
            int to = script.IndexOf("```\n", id, StringComparison.Ordinal) + 4;
            script = script.Remove(from, to - from);
        }
        int number = 0;
        return string.Join('\n', script.Split('\n').Select(line => line.StartsWith("### ", StringComparison.Ordinal)
            ? $"### {++number}. {line[(line.IndexOf(". ", StringComparison.Ordinal) + 2)..]}" : line));
    }

    /// <summary>In the last ceremony; who brings an activation card for its custodian is not what is asked here.</summary>
    private static string[] Raised(SoftwareRoom room) => [.. room.Entries.Where(e => e.Ceremony == room.State.Id).Select(e => e.Body)
        .OfType<ExceptionRaised>().Select(x => x.Rule).Where(r => r != "PRESENT-04")];

    private static Refusal Stops(SoftwareRoom room)
    {
        for (int moves = 0; moves < 3000; moves++)
        {
            if (Director.Next(room.State) is Ask { Question: { Id: "stopped", Blocked: { } refusal } })
                return refusal;
            Assert.IsNotType<Over>(Director.Next(room.State));
            room.Step();
        }
        throw new Xunit.Sdk.XunitException("It was never stopped.");
    }
}
