using System.Security.Cryptography;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Manifest;

namespace KeyCeremony.Hsm.Tests;

/// <summary>
/// Whole ceremonies with ML-DSA keys on a module that makes them: a newer Debian's openCryptoki, in a root of its own, whose OpenSSL knows
/// ML-DSA and is the third to judge.
/// </summary>
public sealed class PostQuantumTests
{
    /// <summary>What a script asks of two officers.</summary>
    internal static readonly (string, string)[] Two =
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
    internal static Table Dual(string root) => Dual(root, _ => { });

    /// <summary>And moved to the next one while it works.</summary>
    internal static Table Moved(string root) => Dual(root, table =>
    {
        table.Follow("periodic");
        table.Run(new Script("hsm-migration-dual", [.. Two, ("root-r1-new", "root-r1-third"), ("transcript-2\n", "transcript-3\n"),
            ("transcript-pq-2\n", "transcript-pq-3\n"), ("Signer T2", "Signer T3"), ("Signer TQ2", "Signer TQ3")])).Expect(0);
    });

    private static Table Dual(string root, Action<Table> afterwards)
    {
        using var hsms = new OpenCryptoki(root: root);
        using Table table = hsms.Lay(Table.Laid());
        table.Run(new Script("root-creation-dual", Two)).Expect(0);
        using var others = new OpenCryptoki(firstSlot: 3, root: root);
        Table after = others.Lay(table.AfterTheFire());
        after.Run(new Script("disaster-recovery-dual", Two)).Expect(0);
        afterwards(after);
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
        BothSignedTheRecord(table);

        // The fire takes the HSM: two new ones, with nothing on them.
        using var others = new OpenCryptoki(firstSlot: 3, root: root);
        using Table after = others.Lay(table.AfterTheFire());
        after.Run(new Script("disaster-recovery-dual", Two)).Expect(0);
        OpenCryptoki.HoldsWhatTheLedgerKnows(after);
        after.Follow("periodic");
        after.Run(new Script("crl-signing", [.. Two, .. OfSecondRoot])).Expect(0);
        CrlSigned list = after.Entries().Select(e => e.Body).OfType<CrlSigned>().Single();
        Assert.Equal("BouncyCastle: OK; openssl crl -verify: OK", list.Second);

        BothSignABatch(after);
        AnIntermediateUnderTheSecondRoot(after);
        BothSignedTheRecord(after);
    }

    /// <summary>Under either root alone, by our program and by openssl; a flipped bit is refused by both.</summary>
    private static void BothSignedTheRecord(Table table)
    {
        string bundle = table.Bundles[^1];
        foreach ((string root, string cms, string other) in new[]
        {
            ("root", "checkpoint.cms", "checkpoint-pq.cms"), ("root-pq", "checkpoint-pq.cms", "checkpoint.cms"),
        })
        {
            string certificate = Path.Combine(bundle, "certificates", $"{root}.der");
            string said = table.Program("verify", "--trust", Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(certificate))), bundle)
                .Expect(0).Out;
            Assert.Contains($"{other} was not judged", string.Join(' ', said.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)),
                StringComparison.Ordinal);

            string copy = table.Part("copy.cms");
            byte[] bytes = File.ReadAllBytes(Path.Combine(bundle, cms));
            File.WriteAllBytes(copy, bytes);
            string[] verify = ["cms", "-verify", "-binary", "-x509_strict", "-inform", "DER", "-in", copy, "-content",
                Path.Combine(bundle, "checkpoint.json"), "-CAfile", Path.ChangeExtension(certificate, ".pem"), "-purpose", "any",
                "-out", "/dev/null"];
            Openssl(table, verify).Expect(0);
            bytes[^9] ^= 1;
            File.WriteAllBytes(copy, bytes);
            Assert.NotEqual(0, Openssl(table, verify).Code);
        }
    }

    /// <summary>Its key is of ML-DSA, too: openssl takes the path, and not with a bit flipped.</summary>
    private static void AnIntermediateUnderTheSecondRoot(Table table)
    {
        table.Run(new Script("intermediate-creation", [.. Two, .. OfSecondRoot, ("  - I1 backup share card 3\n", ""),
            ("profile: mtls-intermediate\n", "profile: idevid-ca\n"), ("  algorithm: ec-p256\n", "  algorithm: ml-dsa-65\n")])).Expect(0);
        table.Verifies();
        string certificates = Path.Combine(table.Bundles[^1], "certificates");
        Openssl(table, "verify", "-x509_strict", "-CAfile", Path.Combine(certificates, "root-pq.pem"),
            Path.Combine(certificates, "device-ca-i1.pem")).Expect(0);
        byte[] der = File.ReadAllBytes(Path.Combine(certificates, "device-ca-i1.der"));
        der[^9] ^= 1;
        File.WriteAllText(table.Part("flipped.pem"), PemEncoding.WriteString("CERTIFICATE", der));
        Assert.NotEqual(0, Openssl(table, "verify", "-x509_strict", "-CAfile", Path.Combine(certificates, "root-pq.pem"),
            table.Part("flipped.pem")).Code);
    }

    /// <summary>That of the newer Debian.</summary>
    private static Ran Openssl(Table table, params string[] arguments) =>
        Tool.Run(table.Within[0], [.. table.Within[1..], "openssl", .. arguments]);

    /// <summary>A manifest key under each root; what each signed is verified under its own root alone, and by openssl.</summary>
    private static void BothSignABatch(Table table)
    {
        Visitors.BringRequests(table);
        table.Run(new Script("intermediate-signing", Two)).Expect(0);
        table.Run(new Script("manifest-key", Two)).Expect(0);
        table.Run(new Script("manifest-key", [.. Two, ("  issuer: root\n", "  issuer: root-pq\n"),
            ("signer: manifest-1\n", "signer: manifest-pq-1\n"), ("Signer 1\n", "Signer PQ 1\n"),
            ("  algorithm: ec-p256\n", "  algorithm: ml-dsa-65\n")])).Expect(0);
        Factory.BringBatch(table, "b-1", 3);
        table["batches:more"] = "done";
        table.Run(new Script("batch-manifest",
            [.. Two, ("signer: ${signer}\n", "signer: ${signer}\nco-signers: [manifest-pq-1]\n")])).Expect(0);

        string bundle = table.Bundles[^1], envelope = Path.Combine(bundle, "manifests", "b-1.dsse.json");
        foreach ((string root, string signer) in new[] { ("root", "manifest-1"), ("root-pq", "manifest-pq-1") })
            table.Program("manifest", "verify", "--envelope", envelope, "--trust", Certificate(root), "--chain", Certificate(signer))
                .Expect(0);

        Assert.True(DsseEnvelope.TryRead(File.ReadAllBytes(envelope), out DsseEnvelope? read, out _));
        File.WriteAllBytes(table.Part("pae"), Dsse.Pae(read.Payload.AsSpan()));
        File.WriteAllBytes(table.Part("signature"), [.. read.Signatures[1].Sig]);
        File.WriteAllText(table.Part("key.pem"),
            Openssl(table, "x509", "-in", Certificate("manifest-pq-1"), "-noout", "-pubkey").Expect(0).Out);
        string[] verify = ["pkeyutl", "-verify", "-pubin", "-inkey", table.Part("key.pem"), "-rawin", "-in", table.Part("pae"),
            "-sigfile", table.Part("signature")];
        Assert.Contains("Verified Successfully", Openssl(table, verify).Expect(0).Out, StringComparison.Ordinal);
        File.AppendAllText(table.Part("pae"), "!");
        Assert.NotEqual(0, Openssl(table, verify).Code);

        string Certificate(string name) => Path.Combine(bundle, "certificates", $"{name}.pem");
    }
}
