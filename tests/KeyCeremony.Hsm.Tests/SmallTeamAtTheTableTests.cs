using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.Hsm.Tests;

/// <summary>Three people create a root and sign with it, by the program as people start it; the drill HSM and both sets are real.</summary>
public sealed class SmallTeamAtTheTableTests
{
    [Fact]
    public void Three_people_create_a_root_and_have_a_signing_day()
    {
        using Table table = Signed();

        World world = table.World();
        Assert.Equal(["closed", "closed"], world.Ceremonies.Select(c => c.End));
        Assert.True(world.Keys["root"] is { Locked: true, Drilled: true, Backup: not null });
        Assert.Equal((true, true), (world.CertificateOf("root") is not null, world.Crls.ContainsKey("root")));
        Assert.Contains(table.Entries(), e => e.Body is CertificateSigned { Certificate: "mtls-m1" });
        Assert.All(table.Entries().Select(e => e.Body).OfType<RoomOpened>(), room =>
            Assert.Equal((6, 3), (room.People.Length, room.People.Select(p => p.Name).Distinct().Count())));
        Token.HoldsWhatTheLedgerKnows(table);

        string said = table.Program(["verify", "--trust", Table.RootOf(table.Bundles[0]), .. table.Bundles]).Expect(0).Out;
        Assert.Contains("VERIFIED", said, StringComparison.Ordinal);
        Assert.Contains("one person, Ada Adams, was administrator, operator and officer 1", said, StringComparison.Ordinal);
        Assert.Contains("one person, Wilma Weiss, was witness and officer 2", said, StringComparison.Ordinal);
        Assert.Contains("The witness holds a card: nobody in the room is independent of the keys.", Joined(said), StringComparison.Ordinal);
        string report = Joined(Tool.Run("pdftotext", "-layout", Path.Combine(table.Bundles[1], "report.pdf"), "-").Expect(0).Out);
        Assert.Contains("One person Ada Adams: administrator, operator and officer 1", report, StringComparison.Ordinal);
        Assert.Contains("Lost by it The witness holds a card", report, StringComparison.Ordinal);
        Assert.Contains("Witness and officer 2: Wilma Weiss", report, StringComparison.Ordinal);
        Assert.DoesNotContain("Independent witness", report, StringComparison.Ordinal);
    }

    /// <summary>A root of three people, and a day on which they signed a request and a list.</summary>
    internal static Table Signed()
    {
        var table = Table.After(new Script("root-creation-small", ("algorithm: ec-p384", "algorithm: ec-p256")));
        table.Follow("periodic");
        Visitors.BringRequest(table, "mtls-m1", "/CN=ignored", "ec", "-pkeyopt", "ec_paramgen_curve:P-256");
        table.Run(new Script("signing-small")).Expect(0);
        return table;
    }

    private static string Joined(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
