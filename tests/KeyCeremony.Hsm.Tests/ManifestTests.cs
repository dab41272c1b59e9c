using System.Diagnostics;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.Hsm.Tests;

/// <summary>
/// From the factory's list to a proof in somebody's hands, through the real program, and other people's tools on what came out.
/// </summary>
public sealed class ManifestTests
{
    /// <summary>
    /// What anybody can do with openssl and a shell: the envelope's signature over the pre-authentication encoding of DSSE 1.0.
    /// </summary>
    private const string VerifyEnvelope = """
        set -eu
        batch=$1 work=$2
        sed -E 's/.*"payload":"([^"]*)".*/\1/' "$batch.dsse.json" | base64 -d > "$work/payload"
        sed -E 's/.*"sig":"([^"]*)".*/\1/' "$batch.dsse.json" | base64 -d > "$work/signature"
        cmp "$work/payload" "$batch.statement.json"
        { printf 'DSSEv1 28 application/vnd.in-toto+json %d ' "$(wc -c < "$work/payload")"; cat "$work/payload"; } > "$work/pae"
        openssl x509 -in "$batch.chain.pem" -noout -pubkey > "$work/key.pem"
        openssl dgst -sha256 -verify "$work/key.pem" -signature "$work/signature" "$work/pae"
        """;

    [Fact]
    public void Batches_of_two_ceremonies_are_signed_and_everybody_s_tools_agree()
    {
        using var table = Table.After(Script.SmallRoot);
        table.Follow("periodic");
        Factory.BringBatches(table);
        Factory.BringBatch(table, "b-0", 2, environment: "staging");
        var signing = Script.Small("batch-manifest");
        table["batches:file"] = null;
        table.Answering(signing, ("file", "b-0.statement.json"), ("refused", "again"), ("file", "b-1.statement.json")).Expect(0);

        EntryBody[] said = [.. table.Entries().Select(e => e.Body)];
        Assert.Equal(CeremonyRules.OtherEnvironment, Assert.Single(said.OfType<ImportRefused>()).Rule);
        Assert.All(said.OfType<BatchPreviewed>(), p => Assert.All(p.Findings, f => Assert.Equal("pass", f.Result)));
        Assert.All(said.OfType<ManifestSigned>(), m => Assert.Equal("BouncyCastle: OK; openssl cms -verify -x509_strict: OK", m.Second));
        string first = table.Bundles[^1];
        EverybodyAgrees(table, first, "b-1");
        EverybodyAgrees(table, first, "b-2");

        Factory.BringBatch(table, "b-3", 1, counter: 8);
        table["batches:file"] = "b-3.statement.json";
        table["batches:more"] = "done";
        table.Run(signing).Expect(0);

        EverybodyAgrees(table, table.Bundles[^1], "b-3");
        Assert.False(File.Exists(Manifest(table.Bundles[^1], "b-1.statement.json")));
        table.Verifies();
        Token.HoldsWhatTheLedgerKnows(table);
        Assert.Equal([null, Sha256(first, "b-1"), Sha256(first, "b-2")],
            table.Entries().Select(e => e.Body).OfType<BatchPreviewed>().Select(p => BatchPlanning.Statement(p).PrevManifest));
        OneDeviceIsProven(table, first);
        NothingOfTheFactorySecretsLeaves(table);
    }

    [Fact]
    public void A_batch_that_was_changed_on_its_way_is_refused()
    {
        using var table = Table.After(Script.SmallRoot);
        table.Follow("periodic");
        Factory.BringBatches(table);
        File.AppendAllText(table.OnStick("b-1.bin"), "!");
        table["batches:file"] = null;
        table["batches:more"] = "done";

        table.Answering(Script.Small("batch-manifest"), ("file", "b-1.statement.json"),
            ("refused", "again"), ("file", "b-2.statement.json")).Expect(0);

        Assert.Equal(("b-1.statement.json", "IN-04"),
            table.Entries().Select(e => e.Body).OfType<ImportRefused>().Select(r => (r.File, r.Rule)).Single());
        Assert.Equal("b-2", Assert.Single(table.Entries().Select(e => e.Body).OfType<ManifestSigned>()).BatchId);
        table.Verifies();
    }

    private static void EverybodyAgrees(Table table, string bundle, string batch)
    {
        string root = Path.Combine(bundle, "certificates", "root.pem"), path = Manifest(bundle, batch),
            work = Directory.CreateDirectory(table.Part($"look-{batch}")).FullName;
        string[] cms = ["cms", "-verify", "-binary", "-inform", "DER", "-in", $"{path}.cms",
            "-CAfile", root, "-purpose", "any", "-out", "/dev/null", "-content"];
        Tool.Run("openssl", [.. cms, $"{path}.statement.json"]).Expect(0);
        Tool.Run("openssl", "verify", "-x509_strict", "-CAfile", root, "-untrusted", $"{path}.chain.pem", $"{path}.chain.pem").Expect(0);
        Assert.Contains("Verified OK", Tool.Run("sh", "-c", VerifyEnvelope, "sh", path, work).Expect(0).Out, StringComparison.Ordinal);
        Tool.Run(new ProcessStartInfo("sha256sum", ["-c", "--strict", "SHA256SUMS"]) { WorkingDirectory = bundle }).Expect(0);
        table.Program("manifest", "verify", "--envelope", $"{path}.dsse.json", "--trust",
            root, "--devices", table.OnStick($"{batch}.csv"), "--salts", table.OnStick($"{batch}.salts"),
            "--firmware", table.OnStick($"{batch}.bin")).Expect(0);

        byte[] changed = File.ReadAllBytes($"{path}.statement.json");
        changed[changed.Length / 2] ^= 1;
        File.WriteAllBytes(Path.Combine(work, "changed"), changed);
        Assert.NotEqual(0, Tool.Run("openssl", [.. cms, Path.Combine(work, "changed")]).Code);
        File.Copy($"{path}.chain.pem", Path.Combine(work, $"{batch}.chain.pem"));
        File.Copy(Path.Combine(work, "changed"), Path.Combine(work, $"{batch}.statement.json"));
        string envelope = File.ReadAllText($"{path}.dsse.json");
        int payload = envelope.IndexOf("\"payload\":\"", StringComparison.Ordinal) + "\"payload\":\"".Length;
        File.WriteAllText(Path.Combine(work, $"{batch}.dsse.json"),
            envelope[..payload] + Convert.ToBase64String(changed) + envelope[envelope.IndexOf('"', payload)..]);
        Assert.Contains("Verification failure", Tool.Run("sh", "-c", VerifyEnvelope, "sh", Path.Combine(work, batch), work).Expect(1).Said,
            StringComparison.Ordinal);
    }

    /// <summary>Years later: the envelope from the bundle, the root, and a proof that the factory made.</summary>
    private static void OneDeviceIsProven(Table table, string bundle)
    {
        string proofs = Directory.CreateDirectory(table.Part("proofs")).FullName,
            serial = Factory.SerialOf("b-2", 4), root = Path.Combine(bundle, "certificates", "root.pem");
        table.Program("manifest", "prove", "--envelope", $"{Manifest(bundle, "b-2")}.dsse.json",
            "--devices", table.OnStick("b-2.csv"), "--salts", table.OnStick("b-2.salts"), "--serial", serial, "--out", proofs).Expect(0);
        string proof = Path.Combine(proofs, $"b-2-{serial}.proof.json");

        Assert.Contains(serial, Verified("b-2").Expect(0).Out, StringComparison.Ordinal);
        Assert.Contains("PROOF-02", Verified("b-1").Expect(1).Said, StringComparison.Ordinal);

        Ran Verified(string batch) =>
            table.Program("manifest", "verify", "--envelope", $"{Manifest(bundle, batch)}.dsse.json", "--trust", root, "--proof", proof);
    }

    /// <summary>
    /// Salts and the list of devices stay with the factory: neither a bundle nor a record stick holds a serial number of a device.
    /// </summary>
    private static void NothingOfTheFactorySecretsLeaves(Table table)
    {
        string[] secrets = [File.ReadAllText(table.OnStick("b-1.salts")).Trim(), Factory.SerialOf("b-1", 1), Factory.SerialOf("b-2", 5)];
        foreach (string file in new[] { table.Out, table.StickA, table.StickB }.SelectMany(
            f => Directory.EnumerateFiles(f, "*", SearchOption.AllDirectories)))
            Assert.All(secrets,
                s => Assert.DoesNotContain(s, System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(file)), StringComparison.Ordinal));
    }

    private static string Manifest(string bundle, string name) => Path.Combine(bundle, "manifests", name);

    private static string Sha256(string bundle, string batch) =>
        Tool.Run("sha256sum", $"{Manifest(bundle, batch)}.statement.json").Expect(0).Out[..64];
}
