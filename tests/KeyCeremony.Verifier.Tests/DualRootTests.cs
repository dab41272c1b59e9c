using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.App.Tests.Room;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki;
using static KeyCeremony.Verifier.Tests.Pen;
using Files = System.Collections.Immutable.ImmutableSortedDictionary<string, System.ReadOnlyMemory<byte>>;

namespace KeyCeremony.Verifier.Tests;

/// <summary>Ledgers whose evening made two roots, and a list under the second one; played once.</summary>
public sealed class DualRooms : IDisposable
{
    private readonly Lazy<SoftwareRoom> _listed, _batched;

    public DualRooms()
    {
        _listed = new(() =>
        {
            SoftwareRoom room = Rooms.Rooted();
            room.Open(DualRootTests.OfSecondRoot("crl-signing.md"));
            room.GoOn();
            return room;
        });
        _batched = new(() =>
        {
            SoftwareRoom room = Rooms.Rooted().Through("manifest-key.md");
            room.Open(DualRootTests.OfSecondManifestKey());
            room.GoOn();
            ManifestRooms.Put(room, ManifestRooms.Draft(room, "b-1"));
            room.Open(SoftwareRoom.Script("batch-manifest.md")
                .Replace("signer: ${signer}", "signer: ${signer}\nco-signers: [manifest-pq-1]", StringComparison.Ordinal));
            room.GoOn();
            return room;
        });
    }

    internal SigningRooms Rooms { get; } = new("root-creation-dual.md");

    internal SoftwareRoom Made => Rooms.Rooted();

    internal SoftwareRoom Listed => _listed.Value;

    /// <summary>With a batch that a manifest key under each root signed.</summary>
    internal SoftwareRoom Batched => _batched.Value;

    public void Dispose() => Rooms.Dispose();
}

/// <summary>Two roots from one evening, P-384 and ML-DSA: what the bundle says, and what it says of forgeries of it.</summary>
public sealed class DualRootTests(DualRooms rooms) : IClassFixture<DualRooms>
{
    private const string Linked = "certificates/root-and-root-pq.dsse.json";

    internal static string OfSecondRoot(string script) => SoftwareRoom.Script(script)
        .Replace("crl: root\n", "crl: root-pq\n", StringComparison.Ordinal)
        .Replace("issuer: root\n", "issuer: root-pq\n", StringComparison.Ordinal);

    /// <summary>As docs/handbook/two-roots.md says.</summary>
    internal static string OfSecondManifestKey() => SoftwareRoom.Script("manifest-key.md")
        .Replace("signer: manifest-1\n", "signer: manifest-pq-1\n", StringComparison.Ordinal)
        .Replace("Batch Manifest Signer 1\n", "Batch Manifest Signer PQ 1\n", StringComparison.Ordinal)
        .Replace("issuer: root\n", "issuer: root-pq\n", StringComparison.Ordinal)
        .Replace("algorithm: ec-p256\n", "algorithm: ml-dsa-65\n", StringComparison.Ordinal);

    /// <summary>The record hangs under the first root; the second one vouches for it.</summary>
    [Theory]
    [InlineData("root")]
    [InlineData("root-pq")]
    public void The_bundle_verifies_under_either_root(string name)
    {
        Files bundle = rooms.Made.Bundle();
        BundleVerdict verdict = BundleVerify.Check("b", bundle,
            new VerifyOptions(SHA256.HashData(bundle[$"certificates/{name}.der"].Span))).Verdict;

        Assert.True(verdict.Rules() is [], string.Join('\n', verdict.Checks.SelectMany(c => c.Flaws)));
        KeyFact second = Replay.WorldAfter(rooms.Made.Entries).Keys["root-pq"];
        Assert.True(second is { Locked: true, Drilled: true, Backup: not null, Generated.Algorithm: "ml-dsa-65" });
    }

    /// <summary>Whoever knows one of the two keys needs nothing else than the envelope.</summary>
    [Theory]
    [InlineData("root")]
    [InlineData("root-pq")]
    public void Each_root_alone_says_that_the_other_is_ours(string name)
    {
        Files bundle = rooms.Made.Bundle();
        ParsedCertificate root = Certificate(bundle, name);
        Assert.True(DsseEnvelope.TryRead(bundle[Linked].Span, out DsseEnvelope? envelope, out Refusal? refusal), $"{refusal}");

        DsseSignature its = Assert.Single(envelope.Signatures, s => s.KeyId == Dsse.KeyId(root));
        Assert.True(RootLink.Holds(root, envelope.Payload.AsSpan(), its.Sig.AsSpan()));
        string said = Encoding.UTF8.GetString(envelope.Payload.AsSpan());
        foreach (string other in new[] { "root", "root-pq" })
            Assert.Contains(Dsse.KeyId(Certificate(bundle, other)), said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_of_the_second_root_is_signed_whole_and_judged_by_both()
    {
        SoftwareRoom room = rooms.Listed;
        CrlSigned signed = room.Entries.Select(e => e.Body).OfType<CrlSigned>().Single();
        Assert.Contains("openssl was not asked: it does not know this kind of key", signed.Second, StringComparison.Ordinal);

        VerifyReport report = BundleVerify.Run([room.Export(rooms.Rooms.NewFolder())], new VerifyOptions());
        Assert.True(report.Passed, report.Text);
    }

    /// <summary>Whoever trusts one of the roots alone is told of the other signature that nothing is known about it, and goes on.</summary>
    [Theory]
    [InlineData("root", "manifest-1", 0)]
    [InlineData("root-pq", "manifest-pq-1", 1)]
    public void A_batch_is_verified_under_either_root_alone(string root, string signer, int number)
    {
        Files bundle = rooms.Batched.Bundle();
        Assert.True(DsseEnvelope.TryRead(bundle["manifests/b-1.dsse.json"].Span, out DsseEnvelope? envelope, out Refusal? refusal),
            $"{refusal}");

        Assert.True(BatchVerification.TryVerify(envelope, new BatchTrust(Certificate(bundle, root), [Certificate(bundle, signer)], []),
            out BatchVerification? verified, out refusal), $"{refusal}");
        SignatureStanding[] expected = [SignatureStanding.Unknown, SignatureStanding.Unknown];
        expected[number] = SignatureStanding.Manifest;
        Assert.Equal(expected, verified.Signatures.Select(s => s.Standing));

        Assert.False(BatchVerification.TryVerify(Flipped(envelope, number),
            new BatchTrust(Certificate(bundle, root), [Certificate(bundle, signer)], []), out _, out refusal));
        Assert.Equal("DSSE-08", refusal.Rule);
    }

    [Fact]
    public void A_bundle_of_a_batch_that_both_signed_verifies_and_a_bit_of_the_second_signature_tells()
    {
        SoftwareRoom room = rooms.Batched;
        VerifyReport report = BundleVerify.Run([room.Export(rooms.Rooms.NewFolder())], new VerifyOptions());
        Assert.True(report.Passed, report.Text);

        Files forged = room.Forge(entries => Change<ManifestSigned>(m => m with
        {
            Signatures = [m.Signatures[0], m.Signatures[1] with { Signature = Flipped(m.Signatures[1].Signature) }],
        })(room, [.. entries]));
        Assert.Equal(["VERIFY-41"], BundleVerify.Check("b", forged, new VerifyOptions()).Verdict.Rules());
    }

    [Fact]
    public void The_first_signer_is_classical_because_it_signs_the_CMS()
    {
        SoftwareRoom room = rooms.Batched;
        room = room.Fork(Path.Combine(rooms.Rooms.NewFolder(), "first"));
        room.Open(SoftwareRoom.Script("batch-manifest.md")
            .Replace("signer: manifest-1\n", "signer: manifest-pq-1\n", StringComparison.Ordinal));
        Assert.Equal(CeremonyRules.NoManifestSigner, room.Until("batches", "stopped").Blocked?.Rule);
    }

    /// <summary>A path is as strong as its weakest key.</summary>
    [Fact]
    public void An_ML_DSA_intermediate_hangs_under_the_second_root_and_a_classical_one_does_not()
    {
        SoftwareRoom room = rooms.Made;
        Files bundle = room.Play(Intermediate("root-pq", "ml-dsa-65"));
        BundleVerdict verdict = BundleVerify.Check("b", bundle, new VerifyOptions()).Verdict;
        Assert.True(verdict.Rules() is [], string.Join('\n', verdict.Checks.SelectMany(c => c.Flaws)));
        ParsedCertificate made = Certificate(bundle, "device-ca-i1"), root = Certificate(bundle, "root-pq");
        Assert.Same(KeyAlgorithm.MlDsa65, made.ToBeSigned.KeyAlgorithm);
        Assert.Null(BouncyCastleOpinion.OfCertificate(made, root.ToBeSigned.SubjectPublicKeyInfo));

        room = rooms.Made;
        room.Open(Intermediate("root-pq", "ec-p256"));
        Assert.Equal("PLAN-11", room.Stopped()?.Rule);
        Assert.DoesNotContain(room.Entries, e => e.Body is CertificateSigned { Certificate: "device-ca-i1" });
    }

    [Fact]
    public void An_ML_DSA_intermediate_under_the_first_root_is_an_exception_with_a_reason()
    {
        SoftwareRoom room = rooms.Made;
        room.Open(Intermediate("root", "ml-dsa-65"));
        Assert.Equal("PLAN-12", room.Stopped()?.Rule);

        room = rooms.Made;
        Files bundle = room.Play(Intermediate("root", "ml-dsa-65", "under-classical: devices in the field know the first root alone"));
        BundleVerdict verdict = BundleVerify.Check("b", bundle, new VerifyOptions()).Verdict;
        Assert.True(verdict.Rules() is [], string.Join('\n', verdict.Checks.SelectMany(c => c.Flaws)));
        ExceptionRaised raised = Assert.Single(room.Entries.Select(e => e.Body).OfType<ExceptionRaised>(), x => x.Rule == "PLAN-12");
        Assert.Contains("devices in the field know the first root alone", raised.What, StringComparison.Ordinal);
        Assert.Single(room.Entries, e => e.Body is ExceptionSignedOff);

        // Whoever leaves the exception out of the journal is found.
        Retold([.. Drop(e => e.Body is ExceptionRaised or ExceptionSignedOff)(room, room.Entries)], "");
    }

    private static string Intermediate(string issuer, string algorithm, string more = "") => SoftwareRoom.Script("intermediate-creation.md")
        .Replace("issuer: root\n", $"issuer: {issuer}\n", StringComparison.Ordinal)
        .Replace("profile: mtls-intermediate\n", "profile: idevid-ca\n", StringComparison.Ordinal)
        .Replace("algorithm: ec-p256\n", $"algorithm: {algorithm}\n", StringComparison.Ordinal)
        .Replace("path-length: 0\n", $"path-length: 0\n{more}\n", StringComparison.Ordinal);

    [Fact]
    public void Both_come_back_after_the_HSM_is_lost()
    {
        SoftwareRoom room = rooms.Made.Through("disaster-recovery-dual.md");

        Assert.All(["root", "root-pq"], name => Assert.Equal("0002-disaster-recovery-dual", room.State.World.Keys[name].RestoredIn));
        VerifyReport report = BundleVerify.Run([room.Export(rooms.Rooms.NewFolder())], new VerifyOptions());
        Assert.True(report.Passed, report.Text);
    }

    [Fact]
    public void Both_move_to_another_HSM_and_both_its_transcript_keys_sign_the_record()
    {
        SoftwareRoom room = rooms.Made.Through("hsm-migration-dual.md");
        World world = room.State.World;

        Assert.All(["root", "root-pq", "transcript-2", "transcript-pq-2"], name => Assert.Equal("P2", world.Keys[name].Serial));
        Assert.All(world.Objects.Where(o => o.Serial == "P1"), o => Assert.NotEqual("", o.Gone));
        Assert.DoesNotContain(room.Entries.Where(e => e.Ceremony == room.State.Id), e => e.Body is ExceptionRaised);
        Files bundle = room.Bundle();
        Assert.All(["root", "root-pq"], root => Assert.True(BundleVerify.Check("b", bundle,
            new VerifyOptions(SHA256.HashData(bundle[$"certificates/{root}.der"].Span))).Verdict.Rules() is [], root));
        Assert.True(bundle.ContainsKey("checkpoint-pq.cms"));
    }

    [Fact]
    public void By_the_script_for_one_root_the_other_that_does_not_move_is_an_exception()
    {
        SoftwareRoom room = rooms.Made.Through("hsm-migration.md");

        Assert.Contains(room.Entries.Where(e => e.Ceremony == room.State.Id).Select(e => e.Body).OfType<ExceptionRaised>(),
            e => e.Rule == CeremonyRules.NotMoved && e.What.Contains("\"root-pq\"", StringComparison.Ordinal));
    }

    [Fact]
    public void A_second_root_is_added_to_a_ledger_that_has_one()
    {
        using var classical = new SigningRooms();
        SoftwareRoom room = classical.Rooted().Through("root-addition.md");
        Files bundle = room.Bundle();

        BundleVerdict verdict = BundleVerify.Check("b", bundle,
            new VerifyOptions(SHA256.HashData(bundle["certificates/root-pq.der"].Span))).Verdict;
        Assert.True(verdict.Rules() is [], string.Join('\n', verdict.Checks.SelectMany(c => c.Flaws)));
    }

    /// <summary>Nobody is led from a root that another ceremony gave up.</summary>
    [Fact]
    public void A_root_that_was_given_up_vouches_for_nobody()
    {
        using var classical = new SigningRooms();
        SoftwareRoom room = classical.Rooted();
        room.Open(SoftwareRoom.Script("root-addition.md"));
        _ = room.Until("deal-backup", "begin");
        string der = room.State.World.Certificates["root-pq"].Signed.Der;
        room.GiveUp();
        Files bundle = room.Through("manifest-key.md").Bundle();

        Assert.Equal(["VERIFY-10"], BundleVerify.Check("b", bundle,
            new VerifyOptions(SHA256.HashData(Convert.FromBase64String(der)))).Verdict.Rules());
    }

    public static TheoryData<string, string> Lies => new()
    {
        { "signature", "the signature of \"root-pq\" does not hold" },
        { "order", "it was not signed by the roots that the script names, in their order" },
        { "key", "the signature of \"root\" names another key" },
        { "statement", "statement is" },
        { "one", "it was not signed by the roots that the script names, in their order" },
        { "none", "(answered, step \"link-roots\")" },
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public void What_the_roots_did_not_sign_is_not_believed(string lie, string says)
    {
        SoftwareRoom room = rooms.Made;
        ImmutableArray<Entry> forged = [.. lie == "none" ? Drop(e => e.Body is RootsLinked)(room, room.Entries)
            : Change<RootsLinked>(l => Forged(l, lie))(room, room.Entries)];

        Retold(forged, says);
    }

    [Fact]
    public void Before_format_7_nobody_linked_roots()
    {
        SoftwareRoom room = rooms.Made;
        Retold([.. Change<CeremonyOpened>(o => o with { Format = JournalFormats.Renewed })(room, room.Entries)],
            "what its script asks for came with format 7");
    }

    private static RootsLinked Forged(RootsLinked l, string lie) => lie switch
    {
        "signature" => l with { Signatures = [l.Signatures[0], l.Signatures[1] with { Signature = Flipped(l.Signatures[1].Signature) }] },
        "order" => l with { Signatures = [l.Signatures[1], l.Signatures[0]] },
        "key" => l with { Signatures = [l.Signatures[0] with { KeyId = l.Signatures[1].KeyId }, l.Signatures[1]] },
        "one" => l with { Signatures = [l.Signatures[0]] },
        _ => l with { Statement = Convert.ToBase64String("{}\n"u8) },
    };

    private static string Flipped(string base64)
    {
        byte[] bytes = Convert.FromBase64String(base64);
        bytes[100] ^= 1;
        return Convert.ToBase64String(bytes);
    }

    private static DsseEnvelope Flipped(DsseEnvelope envelope, int number)
    {
        byte[] bytes = [.. envelope.Signatures[number].Sig];
        bytes[^9] ^= 1;
        return envelope with { Signatures = envelope.Signatures.SetItem(number, envelope.Signatures[number] with { Sig = [.. bytes] }) };
    }

    private static void Retold(ImmutableArray<Entry> forged, string says)
    {
        Refusal? refusal = Core.Ceremony.Retelling.Retold.Of(forged).Refusal;
        Assert.NotNull(refusal);
        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
    }

    private static ParsedCertificate Certificate(Files bundle, string name)
    {
        Assert.True(CertificateReader.TryReadCertificate(bundle[$"certificates/{name}.der"].ToArray(), out ParsedCertificate? read,
            out Refusal? refusal), $"{refusal}");
        return read;
    }
}
