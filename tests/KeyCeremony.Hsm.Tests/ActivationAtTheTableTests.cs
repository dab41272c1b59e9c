using System.Diagnostics;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Sharing;
using KeyCeremony.App.Room;

namespace KeyCeremony.Hsm.Tests;

/// <summary>Activation cards are replaced by the program as people start it, and OpenSC tells which PIN opens the HSM.</summary>
public sealed class ActivationAtTheTableTests
{
    private const string Old = "0001-activation-1";
    private const string New = "0002-activation-1";

    [Fact]
    public void The_old_pins_open_nothing_and_the_new_ones_open_the_same_keys()
    {
        using var table = Table.After(Script.SmallRoot);
        World before = table.World();
        string oldUser = Cards.Pin(table, before, PinPurpose.User), oldOfficer = Cards.Pin(table, before, PinPurpose.SecurityOfficer);
        Assert.Equal((0, 0), (Login(table, oldUser), LoginAsOfficer(table, oldOfficer)));

        table.Follow("periodic");
        table.Run(Script.Small("activation-change")).Expect(0);
        table.Verifies();
        World after = table.World();
        Assert.Equal((before.Primary!.Commissioned.Serial, New), (after.Primary!.Commissioned.Serial, after.Primary.Commissioned.Set));
        string user = Cards.Pin(table, after, PinPurpose.User), officer = Cards.Pin(table, after, PinPurpose.SecurityOfficer);
        Assert.Equal((1, 0), (Login(table, oldUser), Login(table, user)));
        Assert.Equal((1, 0), (LoginAsOfficer(table, oldOfficer), LoginAsOfficer(table, officer)));
        Token.HoldsWhatTheLedgerKnows(table);
        ActivationChanged changed = Assert.Single(table.Entries().Select(e => e.Body).OfType<ActivationChanged>());
        Assert.Equal((Old, New, ActivationChanged.Refused), (changed.From, changed.Set, changed.Old));

        // Both old cards were typed and burnt; what they opened opens no more.
        var old = CardAccount.Of(after, after.Sets[Old]);
        Assert.Equal((CardAccount.Retired, 2), (old.State, old.Destroyed));
        Assert.Equal(CardAccount.Live, CardAccount.Of(after, after.Sets[New]).State);
        table.Run(Script.Small("crl-signing")).Expect(0);
        table.Verifies();
    }

    private static int Login(Table table, string pin) => Opensc(table, "--login", "--pin", pin, "--list-objects");

    /// <summary>OpenSC logs the officer in to change the PIN: here to what it is.</summary>
    private static int LoginAsOfficer(Table table, string pin) =>
        Opensc(table, "--login", "--login-type", "so", "--so-pin", pin, "--change-pin", "--new-pin", pin);

    private static int Opensc(Table table, params string[] arguments)
    {
        var start = new ProcessStartInfo("pkcs11-tool", ["--module", SoftHsmTokens.Module()!, "--token-label",
            table.World().Primary!.Commissioned.Label, .. arguments]);
        start.Environment["SOFTHSM2_CONF"] = Path.Combine(table.Hsm, "softhsm2.conf");
        return Tool.Run(start).Code;
    }
}
