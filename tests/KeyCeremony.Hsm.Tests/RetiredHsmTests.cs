using System.Collections.Immutable;
using KeyCeremony.App.Ground;
using KeyCeremony.App.Room;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Pkcs11;

namespace KeyCeremony.Hsm.Tests;

/// <summary>An HSM that the ledger knows as destroyed or lost, and that is connected as a blank one all the same.</summary>
public sealed class RetiredHsmTests
{
    private static readonly Names Kinds = new(["ec-p256"]);

    [Theory]
    [InlineData("primary", "destroyed")]
    [InlineData("drill", "lost")]
    public void A_retired_HSM_that_is_back_is_refused_and_nothing_is_written_to_it(string which, string how)
    {
        using var table = Table.Laid();
        Token.With(table, module =>
        {
            using var hsm = new App.Room.Hsm(new HsmSettings(module.Path, null, null, new OneModule(() => module)));
            // SoftHSM gives a number when it is initialised; a probe's label says that it is blank.
            TokenInfo back = module.InitToken(module.Tokens().First(t => !t.Initialised), "00000000"u8, TokenProbe.Label);
            ImmutableArray<TokenRetired> retired = [new("0badc0de", "destroyed", "Another."), new(back.Serial, how, "Shredded on camera.")];
            var probe = new ProbeToken(which, Blank: true, Kinds);

            CeremonyException thrown = Assert.Throws<CeremonyException>(() => hsm.Probe(probe, null, retired, JournalFormats.Current));

            Assert.Equal("HSM-23", thrown.Refusal.Rule);
            Assert.Contains($"{back.Serial} was retired in this ledger, as {how}: \"Shredded on camera.\"", thrown.Refusal.Message,
                StringComparison.Ordinal);
            Assert.Equal(back, module.Tokens().Single(t => t.Serial == back.Serial));
            // It is its number alone that speaks against it.
            Assert.Equal(back.Serial, hsm.Probe(probe, null, retired[..1], JournalFormats.Current).Serial);
        });
    }
}
