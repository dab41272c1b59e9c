using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.Hsm.Tests;

/// <summary>
/// Whole ceremonies with ML-DSA keys on a module that makes them: a newer Debian's openCryptoki, in a root of its own, whose OpenSSL knows
/// ML-DSA and is the third to judge.
/// </summary>
public sealed class PostQuantumTests
{
    /// <summary>What a script asks of two officers.</summary>
    private static readonly (string, string)[] Two =
    [
        ("  officer: 3\n", "  officer: 2\n"),
        ("2 of 3", "2 of 2"),
        ("  - activation share card 3\n", ""),
        ("  - backup share card 3\n", ""),
    ];

    private static readonly (string, string)[] OfSecondRoot =
    [
        ("  issuer: root\n", "  issuer: root-pq\n"),
        ("crl: root\n", "crl: root-pq\n"),
        ("issuer: root\n", "issuer: root-pq\n"),
    ];

    /// <summary>Two roots that were made in one evening, and came back in another HSM.</summary>
    internal static Table Dual(string root)
    {
        using var hsms = new OpenCryptoki(root: root);
        using Table table = hsms.Lay(Table.Laid());
        table.Run(new Script("root-creation-dual", Two)).Expect(0);
        using var others = new OpenCryptoki(firstSlot: 3, root: root);
        Table after = others.Lay(table.AfterTheFire());
        after.Run(new Script("disaster-recovery-dual", Two)).Expect(0);
        return Alone(after);
    }

    /// <summary>A root, and a second one beside it later.</summary>
    internal static Table Added(string root)
    {
        using var hsms = new OpenCryptoki(root: root);
        Table table = hsms.Lay(Table.Laid());
        table.Run(new Script("root-creation", Two)).Expect(0);
        table.Follow("periodic");
        table.Run(new Script("root-addition", [.. Two, ("  - Q1 backup share card 3\n", "")])).Expect(0);
        return Alone(table);
    }

    /// <summary>Without its HSMs.</summary>
    private static Table Alone(Table table)
    {
        table.Within = [];
        return table;
    }

    [Fact]
    public void A_second_root_is_added_to_one_that_exists()
    {
        if (OpenCryptoki.NewerRoot() is not { } root)
            return;
        using Table table = Added(root);
        Assert.Single(table.Entries().Select(e => e.Body).OfType<RootsLinked>());
        table.Verifies();
    }

    [Fact]
    public void Two_roots_are_made_and_come_back_and_each_signs_its_list()
    {
        if (OpenCryptoki.NewerRoot() is not { } root)
            return;
        using var hsms = new OpenCryptoki(root: root);
        using Table table = hsms.Lay(Table.Laid());

        table.Run(new Script("root-creation-dual", Two)).Expect(0);
        World world = table.World();
        Assert.All(["root", "root-pq"], name => Assert.True(world.Keys[name] is { Locked: true, Drilled: true, Backup: not null }));
        Assert.Equal("ml-dsa-65", world.Keys["root-pq"].Generated.Algorithm);
        OpenCryptoki.HoldsWhatTheLedgerKnows(table);
        table.Verifies();

        // The fire takes the HSM: two new ones, with nothing on them.
        using var others = new OpenCryptoki(firstSlot: 3, root: root);
        using Table after = others.Lay(table.AfterTheFire());
        after.Run(new Script("disaster-recovery-dual", Two)).Expect(0);
        OpenCryptoki.HoldsWhatTheLedgerKnows(after);
        after.Follow("periodic");
        after.Run(new Script("crl-signing", [.. Two, .. OfSecondRoot])).Expect(0);
        CrlSigned list = after.Entries().Select(e => e.Body).OfType<CrlSigned>().Single();
        Assert.Equal("BouncyCastle: OK; openssl crl -verify: OK", list.Second);
        after.Verifies();
    }
}
