using System.Diagnostics;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Sharing;
using KeyCeremony.App.Room;
using KeyCeremony.Pkcs11.Tests;

namespace KeyCeremony.Hsm.Tests;

/// <summary>Activation cards are replaced by the program as people start it, and OpenSC tells which PIN opens the HSM.</summary>
public sealed class ActivationAtTheTableTests(ActivationAtTheTableTests.RootMade root) : IClassFixture<ActivationAtTheTableTests.RootMade>
{
    private static readonly Script Change = Script.Small("activation-change");

    private const string Old = "0001-activation-1";
    private const string New = "0002-activation-1";

    [Fact]
    public void The_old_pins_open_nothing_and_the_new_ones_open_the_same_keys()
    {
        using Table table = root.Copy();
        World before = table.World();
        string oldUser = Cards.Pin(table, before, PinPurpose.User), oldOfficer = Cards.Pin(table, before, PinPurpose.SecurityOfficer);
        Assert.Equal((0, 0), (Login(table, oldUser), LoginAsOfficer(table, oldOfficer)));

        table.Run(Change).Expect(0);
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

    /// <summary>A module that says it did what it was told, and did nothing.</summary>
    [Fact]
    public void A_change_after_which_the_old_pin_still_opens_is_not_believed()
    {
        using Table table = root.Copy();
        Stubbed(table, ("STUB_RULES", "C_SetPIN=ignore"));
        table.Run(Change).Expect(1);

        FailedBy(CeremonyRules.OldPinOpens, table);
        BothSetsServe(table);
        ComesToItsEnd(table);
    }

    /// <summary>Between the loss of power and the next day somebody changed it with a tool.</summary>
    [Fact]
    public void An_hsm_that_opens_with_neither_pin_is_not_tried_on()
    {
        using Table table = CutOff();
        string old = Cards.Pin(table, table.World(), PinPurpose.User);
        Assert.Equal(0, Opensc(table, "--login", "--pin", old, "--change-pin", "--new-pin", "4815162342"));
        Stubbed(table, ("STUB_LOG", table.Part("calls")));
        table.Run(Change).Expect(1);

        // Each time the user's PIN before, and the one after.
        Assert.Equal(2 * FailedBy(CeremonyRules.NoPinOpens, table), Logins(table));
        BothSetsServe(table);

        Assert.Equal(0, Opensc(table, "--login", "--pin", "4815162342", "--change-pin", "--new-pin", old));
        ComesToItsEnd(table);
    }

    [Theory]
    [InlineData("last-try")]
    [InlineData("officers-last-try")]
    public void An_hsm_that_one_wrong_pin_more_would_lock_is_tried_with_none(string says)
    {
        using Table table = CutOff();
        Stubbed(table, ("STUB_RULES", $"C_GetTokenInfo={says}"), ("STUB_LOG", table.Part("calls")));
        table.Run(Change).Expect(1);

        FailedBy(CeremonyRules.LastTry, table);
        Assert.Equal(0, Logins(table));
        BothSetsServe(table);
        ComesToItsEnd(table);
    }

    /// <summary>The power failed before the first of the two PINs was changed.</summary>
    private Table CutOff()
    {
        Table table = root.Copy();
        Stubbed(table, ("STUB_KILL_AT", "C_SetPIN:1"));
        table.Run(Change).Expect(Ran.Killed);
        return table;
    }

    private static void Stubbed(Table table, params (string Name, string Value)[] variables)
    {
        foreach (string name in table.Variables.Keys.Where(name => name.StartsWith("STUB_", StringComparison.Ordinal)).ToArray())
            table.Variables.Remove(name);
        table.Module = StubModule.Build(AppContext.BaseDirectory);
        table.Variables["STUB_FORWARD"] = SoftHsmTokens.Module()!;
        foreach ((string name, string value) in variables)
            table.Variables[name] = value;
    }

    /// <summary>How often: the officers let it be done again until the program takes them at their word no more.</summary>
    private static int FailedBy(string rule, Table table)
    {
        Failed[] failed = [.. table.Entries().Select(e => e.Body).OfType<Failed>().Where(f => f.Effect == ChangePins.EffectName)];
        Assert.NotEmpty(failed);
        Assert.All(failed, f => Assert.Equal(rule, f.Where));
        return failed.Length;
    }

    private static int Logins(Table table) =>
        File.ReadLines(table.Part("calls")).Count(line => line.StartsWith("C_Login ", StringComparison.Ordinal));

    private static void BothSetsServe(Table table)
    {
        Assert.DoesNotContain(table.Entries(), e => e.Body is ActivationChanged);
        Assert.Equal([Old, New], CardAccount.All(table.World()).Where(a => a.Name == "activation" && a.Serves).Select(a => a.Set));
    }

    /// <summary>What was wrong is mended.</summary>
    private static void ComesToItsEnd(Table table)
    {
        Stubbed(table);
        table.Run(Change).Expect(0);
        table.Verifies();
        Assert.Equal((0, New), (Login(table, Cards.Pin(table, table.World(), PinPurpose.User)), table.World().Primary!.Commissioned.Set));
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

    /// <summary>A table with a root, made once; each test goes on from a copy.</summary>
    public sealed class RootMade : IDisposable
    {
        private readonly Table _table = Table.After(Script.SmallRoot);

        public RootMade() => _table.Follow("periodic");

        internal Table Copy()
        {
            Table copy = _table.Copy();
            // For OpenSC, which may come before the program.
            File.WriteAllText(Configuration(copy), File.ReadAllText(Configuration(_table))
                .Replace(_table.Folder, copy.Folder, StringComparison.Ordinal));
            return copy;
        }

        public void Dispose() => _table.Dispose();

        private static string Configuration(Table table) => Path.Combine(table.Hsm, "softhsm2.conf");
    }
}
