using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KeyCeremony.App.Tests.Terminal;

namespace KeyCeremony.App.Tests.Room;

/// <summary><c>keyceremony manifest</c> as anyone runs it, on the files of the worked example, docs/formats/batch-manifest.</summary>
public sealed class ManifestCommandTests : IDisposable
{
    private const string Id = "b-2026-0142";
    private const string Envelope = $"{Id}.dsse.json";
    private const string Statement = $"{Id}.statement.json";
    private const string Proof = $"{Id}-SN-0002.proof.json";

    private readonly string _folder = Directory.CreateTempSubdirectory("keyceremony-test-").FullName;

    public ManifestCommandTests()
    {
        foreach (string file in Directory.EnumerateFiles(Path.Combine(TestFiles.Root, "docs", "formats", "batch-manifest")))
            File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_example_is_verified_with_everything_that_belongs_to_it()
    {
        (int code, string? said, string? errors) = Run("verify", "--envelope", Envelope,
            "--trust", "root.pem", "--cosigner", "officer.pem", "--require", "1",
            "--proof", Proof, "--certificate", "SN-0002.pem", "--proofs", $"{Id}.proofs", "--firmware", "boot.bin", "app.bin");

        Assert.Equal((0, ""), (code, errors));
        foreach (string expected in new[]
        {
            "holds: the manifest signer", "holds: co-signer", "Officer Ada", "PROVED",
            "device SN-0002", "is number 2 of the 3 in the batch", "all 3 devices of the pack b-2026-0142.proofs",
            "boot.bin is the batch's bootloader, version 2.0.1, security counter 4",
            "app.bin is the batch's application", "NOT PROVED", "when it was signed",
        })
            Assert.Contains(expected, said, StringComparison.Ordinal);
        Assert.DoesNotContain("anything about a single device", said, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_proof_nothing_is_said_about_a_device()
    {
        (int code, string? said, string? errors) = Run("verify", "--envelope", Envelope, "--trust", "root.pem");

        Assert.Equal((0, ""), (code, errors));
        Assert.Contains("anything about a single device", said, StringComparison.Ordinal);
        Assert.Contains("of an unknown key, not trusted", said, StringComparison.Ordinal);
    }

    [Fact]
    public void The_signers_certificate_alone_is_enough_and_the_chain_may_lie_elsewhere()
    {
        File.Move(In($"{Id}.chain.pem"), In("elsewhere.pem"));

        AssertRefused("DSSE-06", Run("verify", "--envelope", Envelope, "--trust", "root.pem"));
        Assert.Equal(0, Run("verify", "--envelope", Envelope, "--trust", "root.pem", "--chain", "elsewhere.pem").Code);
        Assert.Equal(0, Run("verify", "--envelope", Envelope, "--trust", "elsewhere.pem").Code);
    }

    [Fact]
    public void Another_root_another_officer_and_a_changed_envelope_are_refused()
    {
        AssertRefused("DSSE-06", Run("verify", "--envelope", Envelope, "--trust", "issuing-ca.pem"));
        AssertRefused("DSSE-08", Run("verify", "--envelope", Envelope, "--trust", "SN-0002.pem"));
        AssertRefused("DSSE-09", Run("verify", "--envelope", Envelope, "--trust", "root.pem", "--require", "1"));
        AssertRefused("DSSE-09",
            Run("verify", "--envelope", Envelope, "--trust", "root.pem", "--cosigner", "SN-0002.pem", "--require", "1"));
        Edit(Envelope, "\"sig\":\"MEUC", "\"sig\":\"MEUD");
        AssertRefused("DSSE-08", Run("verify", "--envelope", Envelope, "--trust", "root.pem"));
    }

    [Fact]
    public void One_failing_piece_of_evidence_fails_the_whole_and_is_named()
    {
        Edit(Proof, "SN-0002", "SN-0001");
        (int code, string? said, string? errors) = Run("verify", "--envelope", Envelope,
            "--trust", "root.pem", "--proof", Proof, "--proofs", $"{Id}.proofs", "--firmware", "devices.csv");

        Assert.Equal(1, code);
        Assert.Contains("PROOF-04", errors, StringComparison.Ordinal);
        Assert.Contains("PROOF-08", errors, StringComparison.Ordinal);
        Assert.Contains("all 3 devices of the pack", said, StringComparison.Ordinal);
        Assert.DoesNotContain("device SN-0001", said, StringComparison.Ordinal);
        Assert.DoesNotContain("devices.csv is the batch's", said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_with_another_certificate_is_refused()
    {
        Assert.Contains("PROOF-07",
            Run("verify", "--envelope", Envelope, "--trust", "root.pem", "--proof", Proof, "--certificate", "officer.pem").Errors,
            StringComparison.Ordinal);
        Assert.Contains("--certificate belongs to exactly one --proof",
            Run("verify", "--envelope", Envelope, "--trust", "root.pem", "--certificate", "SN-0002.pem").Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Less_than_no_co_signer_is_no_number() =>
        Assert.Contains("--require is a number", Run("verify", "--envelope", Envelope, "--trust", "root.pem", "--require", "-1").Errors,
            StringComparison.Ordinal);

    [Fact]
    public void A_changed_pack_is_refused()
    {
        using (var pack = new FileStream(In($"{Id}.proofs"), FileMode.Open) { Position = 200 })
            pack.WriteByte(0x55);

        (int code, string? said, string? errors) = Run("verify", "--envelope", Envelope, "--trust", "root.pem", "--proofs", $"{Id}.proofs");
        Assert.Equal(1, code);
        Assert.StartsWith("PROOF-04", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("of the pack", said, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_are_not_there_or_something_else_are_refused()
    {
        AssertRefused("BATCH-16", Run("verify", "--envelope", "nothing.json", "--trust", "root.pem"));
        AssertRefused("BATCH-16", Run("verify", "--envelope", _folder, "--trust", "root.pem"));
        AssertRefused("BATCH-16", Run("verify", "--envelope", Envelope, "--trust", "nothing.pem"));
        AssertRefused("BATCH-16", Run("verify", "--envelope", Envelope, "--trust", "boot.bin"));
        AssertRefused("DSSE-01", Run("verify", "--envelope", Statement, "--trust", "root.pem"));
        AssertRefused("BATCH-16", Run("verify", "--envelope", Envelope, "--trust", "root.pem", "--chain", "nothing.pem"));
        Assert.Contains("BATCH-16", Run("verify", "--envelope", Envelope, "--trust", "root.pem", "--proof", "nothing.json").Errors,
            StringComparison.Ordinal);
        File.WriteAllText(In("many.pem"), string.Concat(Enumerable.Repeat(File.ReadAllText(In("root.pem")), 9)));
        AssertRefused("BATCH-16", Run("verify", "--envelope", Envelope, "--trust", "root.pem", "--chain", "many.pem"));
    }

    [Fact]
    public void A_statement_and_an_envelope_are_shown_in_words()
    {
        foreach (string file in new[] { Statement, Envelope })
        {
            (int code, string? said, string? errors) = Run("inspect", file);
            Assert.Equal((0, ""), (code, errors));
            Assert.Contains("Example \"Parts\" & Söhne, lot 7/9, date code 2026-04-01", said, StringComparison.Ordinal);
            Assert.Contains(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(In(Statement)))), said, StringComparison.Ordinal);
            Assert.Equal(file == Envelope, said.Contains("No signature was verified", StringComparison.Ordinal));
        }
        AssertRefused("DSSE-01", Run("inspect", "boot.bin"));
        Edit(Statement, "SMT 4", "SMT  4");
        AssertRefused("BATCH-05", Run("inspect", Statement));
    }

    [Fact]
    public void An_officer_co_signs_with_a_key_of_their_own()
    {
        Officer("ada", out ECDsa key);
        using (key)
        {
            Assert.Equal((0, "", ""), Run("pae", Envelope, "--out", "pae"));
            Assert.Equal($"DSSEv1 28 application/vnd.in-toto+json {new FileInfo(In(Statement)).Length} {File.ReadAllText(In(Statement))}",
                File.ReadAllText(In("pae")));
            File.WriteAllBytes(In("signature"),
                key.SignData(File.ReadAllBytes(In("pae")), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        }
        byte[] before = File.ReadAllBytes(In(Envelope));

        Assert.Equal(0, Cosign(Envelope, "cosigned.json").Code);

        Assert.Equal(before, File.ReadAllBytes(In(Envelope)));
        (int code, string? said, string _) = Run("verify", "--envelope", "cosigned.json",
            "--trust", "root.pem", "--chain", $"{Id}.chain.pem", "--cosigner", "ada.pem", "officer.pem", "--require", "2");
        Assert.Equal(0, code);
        Assert.Contains("signature 3", said, StringComparison.Ordinal);
        // Not twice, not over a file that is there, not with another's certificate.
        AssertRefused("DSSE-11", Cosign("cosigned.json", "twice.json"));
        Assert.False(File.Exists(In("twice.json")));
        AssertRefused("BATCH-16", Cosign(Envelope, Envelope));
        Assert.Equal(before, File.ReadAllBytes(In(Envelope)));
        Officer("bob", out ECDsa other);
        other.Dispose();
        AssertRefused("DSSE-10",
            Run("cosign", "--envelope", Envelope, "--signature", "signature", "--certificate", "bob.pem", "--out", "bob.json"));
        AssertRefused("DSSE-10",
            Run("cosign", "--envelope", Envelope, "--signature", $"{Id}.cms", "--certificate", "bob.pem", "--out", "bob.json"));

        (int Code, string Said, string Errors) Cosign(string envelope, string output) =>
            Run("cosign", "--envelope", envelope, "--signature", "signature", "--certificate", "ada.pem", "--out", output);
    }

    [Fact]
    public void The_bytes_to_sign_go_to_standard_output_and_over_no_file()
    {
        Assert.Equal(File.ReadAllText(In(Statement)), Run("pae", Statement).Said.Split(' ', 5)[^1]);
        AssertRefused("BATCH-16", Run("pae", Statement, "--out", "devices.csv"));
        Edit(Statement, ",\"ceremonyTranscriptHash\":\"27fae4998b22f5156b9668ca82cc44433fb9476f921323222a112abf0f5a452d\"", "");
        AssertRefused("BATCH-15", Run("pae", Statement));
    }

    /// <summary>Whoever verifies would refuse it; the officer learns it when the signature is added.</summary>
    [Fact]
    public void A_certificate_that_ran_out_before_the_batch_was_finished_adds_no_signature()
    {
        Officer("ada", out ECDsa key, until: 2026);
        using (key)
        {
            Assert.Equal(0, Run("pae", Envelope, "--out", "pae").Code);
            File.WriteAllBytes(In("signature"),
                key.SignData(File.ReadAllBytes(In("pae")), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        }
        AssertRefused("DSSE-07",
            Run("cosign", "--envelope", Envelope, "--signature", "signature", "--certificate", "ada.pem", "--out", "cosigned.json"));
        Assert.False(File.Exists(In("cosigned.json")));
    }

    [Fact]
    public void A_certificate_that_has_not_begun_adds_no_signature()
    {
        Officer("ada", out ECDsa key, until: 2999, from: 2990);
        using (key)
        {
            Assert.Equal(0, Run("pae", Envelope, "--out", "pae").Code);
            File.WriteAllBytes(In("signature"),
                key.SignData(File.ReadAllBytes(In("pae")), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        }
        (int Code, string Said, string Errors) cosigned =
            Run("cosign", "--envelope", Envelope, "--signature", "signature", "--certificate", "ada.pem", "--out", "cosigned.json");
        AssertRefused("DSSE-07", cosigned);
        Assert.Contains("is not valid before 2990-", cosigned.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(In("cosigned.json")));
    }

    private void Officer(string name, out ECDsa key, int until = 2030, int from = 2025)
    {
        key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=Officer {name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        using X509Certificate2 certificate = request.CreateSelfSigned(new(from, 1, 1, 0, 0, 0, TimeSpan.Zero),
            new(until, 1, 1, 0, 0, 0, TimeSpan.Zero));
        File.WriteAllText(In($"{name}.pem"), certificate.ExportCertificatePem());
    }

    private void Edit(string file, string part, string instead)
    {
        string text = File.ReadAllText(In(file));
        Assert.Contains(part, text, StringComparison.Ordinal);
        File.WriteAllText(In(file), text.Replace(part, instead, StringComparison.Ordinal));
    }

    private string In(string file) => Path.Combine(_folder, file);

    private static void AssertRefused(string rule, (int Code, string Said, string Errors) run)
    {
        Assert.Equal(1, run.Code);
        Assert.Empty(run.Said);
        Assert.StartsWith(rule, run.Errors, StringComparison.Ordinal);
    }

    private (int Code, string Said, string Errors) Run(params string[] arguments) => ProgramRun.In(_folder, ["manifest", .. arguments]);
}
