using System.Collections.Immutable;
using System.Text.Json;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.Hsm.Tests;

/// <summary>People arrive with cards that npm slip39 dealt: the root key comes back on real tokens, and no secret is left.</summary>
public sealed class ForeignCardsAtTheTableTests
{
    private const string Passphrase = "Correct horse, Battery 9";

    private static readonly Lazy<Table> Root = new(() => Table.After(Script.SmallRoot));

    [Fact]
    public void Cards_in_groups_with_a_passphrase_bring_the_root_back()
    {
        using Table table = Root.Value.AfterTheFire();
        string wrapKey = WrapKey(table);
        string[][] groups = Dealt(wrapKey, Passphrase, 2, [[1, 1], [2, 3], [3, 5]], exponent: 1, extendable: 0);
        Bring(table, [groups[1][2], groups[2][0], groups[1][0], groups[2][3], groups[2][1]]);
        table[":foreign/try-1/passphrase"] = "Correct horse, battery 9";
        table[":foreign/try-1/again"] = "passphrase";
        table[":foreign/try-2/passphrase"] = Passphrase;

        table.Run(Script.Small("disaster-recovery-foreign")).Expect(0);

        ImmutableArray<EntryBody> bodies = [.. table.Entries().Select(e => e.Body)];
        Assert.Equal([(1, 2), (2, 0), (1, 0), (2, 3), (2, 1)],
            bodies.OfType<ForeignCardPresented>().Select(c => (c.Group, c.Member)));
        Assert.All(bodies.OfType<ForeignCardPresented>(), c => Assert.True(c is { Extendable: false, IterationExponent: 1 }));
        Assert.Equal("SHARE-19", bodies.OfType<ForeignMisfit>().Single().Rule);
        Assert.Single(bodies.OfType<SecretRebuilt>(), r => r.Foreign);
        Assert.Contains(bodies.OfType<ExceptionRaised>(), x => x.Rule == CeremonyRules.MadeElsewhere);
        World world = table.World();
        KeyFact root = world.Keys["root"];
        Assert.True(root is { Locked: true, Drilled: true, Backup.From: not null });
        Assert.Equal(root.Backup!.Set, bodies.OfType<KeyRestored>().Single().Set);
        var old = CardAccount.Of(world, world.Sets[root.Backup.From!]);
        Assert.Equal((CardAccount.Replaced, true), (old.State, old.ForeignUtc is not null));
        table.Verifies();

        using var secrets = new Secrets();
        secrets.AddValue("the wrap key", Convert.FromHexString(wrapKey));
        secrets.AddText("the passphrase", Passphrase);
        foreach (string card in groups.SelectMany(g => g))
            secrets.AddCard("a foreign card", card);
        Assert.Empty(secrets.FindIn(table.StickA));
        Assert.Empty(secrets.FindIn(table.Out));
    }

    [Fact]
    public void One_group_without_a_passphrase_is_enough()
    {
        using Table table = Root.Value.AfterTheFire();
        string[][] groups = Dealt(WrapKey(table), "", 1, [[2, 2]], exponent: 0, extendable: 1);
        Bring(table, groups[0]);
        table.Run(Script.Small("disaster-recovery-foreign")).Expect(0);
        Assert.Equal([ForeignWords.IsNone], table.Entries().Select(e => e.Body).OfType<Answered>()
            .Where(a => a.Question.EndsWith("/passphrase", StringComparison.Ordinal)).Select(a => a.Value));
        table.Verifies();
    }

    /// <summary>What is typed wrongly is refused by its rule; what stands on the sticks goes on with the right cards.</summary>
    [Fact]
    public void Cards_of_another_set_and_of_this_ledger_are_refused_and_nothing_is_lost()
    {
        using Table table = Root.Value.AfterTheFire();
        string wrapKey = WrapKey(table);
        string[] cards = Dealt(wrapKey, "", 1, [[2, 3]], exponent: 0, extendable: 1)[0];
        string[] others = Dealt(wrapKey, "", 1, [[2, 3]], exponent: 0, extendable: 1)[0];
        string[] small = Dealt(wrapKey[..32], "", 1, [[2, 3]], exponent: 0, extendable: 1)[0];
        string[] seed = Dealt(new string('7', 64), "", 1, [[2, 3]], exponent: 0, extendable: 1)[0];
        string set = table.World().Keys["root"].Backup!.Set;

        var script = Script.Small("disaster-recovery-foreign");
        foreach ((string rule, string[] brought) in new (string, string[])[]
        {
            ("SHARE-21", [small[0], small[1]]),
            (CeremonyRules.DealtHere, [table.Card(set, 1), table.Card(set, 2)]),
            (CeremonyRules.OtherForeignSet, [cards[0], others[1]]),
            (CeremonyRules.AlreadyPresented, [cards[0], cards[0]]),
        })
        {
            Bring(table, brought);
            Assert.Contains(rule, table.Run(script).Expect(1).Said, StringComparison.Ordinal);
            script = null;
        }

        // A whole set of another secret: the cards are typed again, from the first one.
        Bring(table, seed[..2]);
        Assert.Contains("foreign/try-1/again", table.Run(null).Expect(1).Said, StringComparison.Ordinal);
        Bring(table, [cards[2], cards[0]]);
        table.Run(null).Expect(0);
        Assert.Equal(1, table.Entries().Count(e => e.Body is ForeignMisfit));
        table.Verifies();
    }

    /// <summary>A root that came back so, behind a wrong passphrase.</summary>
    internal static Table Recovered()
    {
        using var before = Table.After(Script.SmallRoot);
        Table table = before.AfterTheFire();
        string[][] groups = Dealt(WrapKey(table), Passphrase, 2, [[1, 1], [2, 3]], exponent: 1, extendable: 1);
        Bring(table, [groups[0][0], groups[1][2], groups[1][0]]);
        table[":foreign/try-1/passphrase"] = "another one";
        table[":foreign/try-1/again"] = "passphrase";
        table[":foreign/try-2/passphrase"] = Passphrase;
        table.Run(Script.Small("disaster-recovery-foreign")).Expect(0);
        return table;
    }

    /// <summary>Hex, by the cards that the officers wrote on the first day.</summary>
    private static string WrapKey(Table table)
    {
        World world = table.World();
        using SecretBytes secret = Cards.Secret(table, world.Sets[world.Keys["root"].Backup!.Set]);
        return Convert.ToHexStringLower(secret.Span);
    }

    private static string[][] Dealt(string secret, string passphrase, int threshold, int[][] groups, int exponent, int extendable) =>
        IndependentRecoveryTests.Peer(new { @do = "split", secret, passphrase, threshold, groups, exponent, extendable })
            .GetProperty("groups").Deserialize<string[][]>()!;

    private static void Bring(Table table, params string[] cards)
    {
        foreach ((int i, string card) in cards.Index())
            File.WriteAllText(Path.Combine(table.Envelopes, $"foreign-{i + 1}.txt"), $"{card} ");
    }
}
