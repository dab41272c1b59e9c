using System.Diagnostics;
using KeyCeremony.App.Room;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Hsm.Tests;

/// <summary>A ceremony is given up after it made a key in an HSM that lives on.</summary>
public sealed class AbandonedTests
{
    private const string DeviceCa = "device-ca-i1";

    [Fact]
    public void A_key_that_was_given_up_is_refused_destroyed_and_gone()
    {
        using var table = Table.After(Script.SmallRoot);
        table.Follow("periodic");
        table[":abort/decide"] = "abort";
        // What the aborted ceremonies took out of its bags was not sealed again.
        table[":differs/*"] = "exception";
        table[$"sign-{DeviceCa}:seen"] = "@abort The fire alarm went off.";
        Assert.Contains("aborted", table.Run(Script.Small("intermediate-creation")).Expect(0).Out, StringComparison.Ordinal);
        string id = table.World().Keys[DeviceCa].CkaId;
        Assert.Contains(id, AsOthersSeeIt(table), StringComparison.OrdinalIgnoreCase);

        var lists = new Script("crl-signing", [.. Script.Small("crl-signing").Changes, ("issuer: root\n", $"issuer: {DeviceCa}\n")]);
        string refused = table.Run(lists).Expect(1).Err;
        Assert.True(refused.Contains(CeremonyRules.Dead, StringComparison.Ordinal), refused);
        table[":stopped"] = "@abort Its issuer is dead.";
        table.Run(null).Expect(0);

        table.Run(Script.Small("abandoned-keys")).Expect(0);
        KeyDestroyed gone = Assert.Single(table.Entries().Select(e => e.Body).OfType<KeyDestroyed>());
        Assert.Equal((DeviceCa, id), (gone.Key, gone.CkaId));
        Assert.DoesNotContain(id, AsOthersSeeIt(table), StringComparison.OrdinalIgnoreCase);
        table.Verifies();
        Token.HoldsWhatTheLedgerKnows(table);
    }

    /// <summary>OpenSC's list of everything in the primary HSM.</summary>
    internal static string AsOthersSeeIt(Table table)
    {
        World world = table.World();
        var start = new ProcessStartInfo("pkcs11-tool",
            ["--module", SoftHsmTokens.Module()!, "--token-label", world.Primary!.Commissioned.Label,
            "--login", "--pin", Cards.Pin(table, world, PinPurpose.User), "--list-objects"]);
        start.Environment["SOFTHSM2_CONF"] = Path.Combine(table.Hsm, "softhsm2.conf");
        return Tool.Run(start).Expect(0).Out;
    }
}
