using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.App.Tests.Room;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Script;
using static KeyCeremony.Verifier.Tests.Pen;
using Files = System.Collections.Immutable.ImmutableSortedDictionary<string, System.ReadOnlyMemory<byte>>;

namespace KeyCeremony.Verifier.Tests;

/// <summary>Records that two transcript keys sign: a classical one, and one of ML-DSA under the second root.</summary>
public sealed class CosignatureTests(DualRooms rooms) : IClassFixture<DualRooms>
{
    private const string Second = BundleFiles.CosignaturePath;

    /// <summary>As docs/handbook/two-roots.md says.</summary>
    private static string OfBothTranscriptKeys() => SoftwareRoom.Script("service-certificates.md", own => own
        .Replace("  transcript-days: 3650\n", "  transcript-days: 3650\n  pq-transcript: transcript-pq-2\n"
            + "  pq-transcript-name: Example Devices Transcript Signer TQ2\n", StringComparison.Ordinal)
        .Replace("## Closing\n", "```include\nshared/transcript-under-pq-root.md\n```\n\n## Closing\n", StringComparison.Ordinal));

    private static string RecoveryWithoutSecondKey() => SoftwareRoom.Script("disaster-recovery-dual.md", own => own
        .Replace("  pq-transcript: transcript-pq-2\n", "", StringComparison.Ordinal)
        .Replace("  pq-transcript-name: Example Devices Transcript Signer TQ2\n", "", StringComparison.Ordinal)
        .Replace("```include\nshared/transcript-under-pq-root.md\n```\n\n", "", StringComparison.Ordinal));

    [Theory]
    [InlineData("root", "checkpoint-pq.cms was not judged", "its signer, transcript-pq, stands under root-pq.")]
    [InlineData("root-pq", "checkpoint.cms was not judged", "its signer, transcript, stands under root.")]
    public void Under_one_root_alone_the_other_signature_is_not_judged_and_the_bundle_passes(string root, string what, string why)
    {
        SoftwareRoom room = rooms.Listed;
        VerifyReport report = BundleVerify.Run([room.Export(rooms.Rooms.NewFolder())], Trusting(room, root));

        Assert.True(report.Result == VerifyResult.Verified, report.Text);
        BundleVerdict verdict = Assert.Single(report.Bundles);
        Assert.Equal($"{what} under the root that was named: {why}", Check(verdict, VerifyRules.Trust).Note);
        Assert.Equal("Of 1 earlier record, 1 carry both signatures.", Check(verdict, VerifyRules.Cosignature).Note);
        Assert.Equal([("checkpoint.cms", "transcript", "ec-p256", "root", root == "root"),
            (Second, "transcript-pq", "ml-dsa-65", "root-pq", root == "root-pq")],
            verdict.Signatures.Select(s => (s.File, s.Certificate, s.Algorithm, s.Root, s.Named!.Value)));
        Assert.Contains("checkpoint-pq.cms is signed by transcript-pq (ml-dsa-65), under root-pq", report.Text, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(report.Json);
        Assert.Equal(2, json.RootElement.GetProperty("bundles")[0].GetProperty("signatures").GetArrayLength());
    }

    /// <summary>A signer may be named, too; a root of nobody's is none.</summary>
    [Fact]
    public void Either_signer_may_be_named()
    {
        SoftwareRoom room = rooms.Made;
        Assert.All(["transcript", "transcript-pq"],
            name => Assert.Empty(BundleVerify.Check("b", room.Bundle(), Trusting(room, name)).Verdict.Rules()));
        Assert.Equal(["VERIFY-10"],
            BundleVerify.Check("b", room.Bundle(), new VerifyOptions(SHA256.HashData("nobody"u8))).Verdict.Rules());
        Assert.All(BundleVerify.Check("b", room.Bundle(), new VerifyOptions()).Verdict.Signatures, s => Assert.Null(s.Named));
    }

    [Fact]
    public void Every_flipped_bit_is_refused_by_us_and_by_BouncyCastle()
    {
        (byte[] statement, byte[] cms, IReadOnlyList<ParsedCertificate> path, DateTimeOffset at) = Signature(rooms.Made);
        Assert.Empty(DetachedCms.CosignatureFlaws(statement, cms, path, at));
        Assert.Null(BouncyCastleOpinion.OfCms(statement, cms, path));

        // A step of a prime number: each bit of a byte is hit somewhere.
        for (int bit = 0; bit < 8 * cms.Length; bit += 61)
        {
            byte[] bad = [.. cms];
            bad[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEmpty(DetachedCms.CosignatureFlaws(statement, bad, path, at));
            Assert.NotNull(BouncyCastleOpinion.OfCms(statement, bad, path));
        }
        Assert.NotEmpty(DetachedCms.CosignatureFlaws([.. statement, (byte)'\n'], cms, path, at));
        Assert.NotEmpty(DetachedCms.CosignatureFlaws(statement, cms, path, at.AddSeconds(1)));
        Assert.NotEmpty(DetachedCms.CosignatureFlaws(statement, [.. cms, 0], path, at));
        Assert.NotEmpty(DetachedCms.CosignatureFlaws(statement, cms[..^1], path, at));
        Assert.NotEmpty(DetachedCms.CosignatureFlaws(statement, [], path, at));
    }

    public static TheoryData<string, string> Lies => new()
    {
        { "none", "is missing" },
        { "flipped", "The signature does not hold." },
        { "name", "its signer has no path in the journal" },
        { "nonsense", "It cannot be read" },
        { "the first one", "The signer's key is not of ML-DSA." },
        { "a manifest key", "of the signer is not a transcript key" },
        { "another statement", "exact form" },
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public void A_second_signature_that_is_missing_or_is_none_is_found(string lie, string says)
    {
        SoftwareRoom room = lie == "a manifest key" ? rooms.Batched : rooms.Made;
        Files good = room.Bundle();
        byte[] cms = good[Second].ToArray(), statement = good[BundleFiles.StatementPath].ToArray();
        Assert.True(SignedDataForm.TryReadSigner(cms, out ReadOnlyMemory<byte> name, out _));
        ImmutableArray<Entry> covered = room.Entries[..(int)CheckpointStatement.Read(statement)!.Seq];
        byte[] instead = lie switch
        {
            "flipped" => Flipped(cms, cms.Length - 9),
            "name" => Flipped(cms, cms.AsSpan().LastIndexOf(name.Span) + name.Length - 1),
            "nonsense" => "no signature"u8.ToArray(),
            "the first one" => good[BundleFiles.CmsPath].ToArray(),
            "a manifest key" => room.Cosign(covered, "manifest-pq-1", statement),
            "another statement" => room.Cosign(covered, "transcript-pq", "{}\n"u8.ToArray()),
            _ => [],
        };
        BundleVerdict verdict = BundleVerify.Check("b", Summed(lie == "none" ? good.Remove(Second) : good.SetItem(Second, instead)),
            new VerifyOptions()).Verdict;

        Assert.Equal(["VERIFY-57"], verdict.Rules());
        Assert.Contains(Check(verdict, VerifyRules.Cosignature).Flaws, f => f.Contains(says, StringComparison.Ordinal));
    }

    [Fact]
    public void The_second_signature_is_not_taken_for_the_first()
    {
        Files good = rooms.Made.Bundle();
        Assert.Equal(["VERIFY-07"], [.. BundleVerify.Check("b", Summed(good.SetItem(BundleFiles.CmsPath, good[Second])),
            new VerifyOptions()).Verdict.Rules().Take(1)]);
    }

    [Fact]
    public void A_ledger_without_such_a_key_has_one_signature_and_no_other_is_taken()
    {
        using var classical = new SigningRooms();
        Files good = classical.Rooted().Bundle();
        Assert.False(good.ContainsKey(Second));
        BundleVerdict verdict = BundleVerify.Check("b", good, new VerifyOptions()).Verdict;
        Assert.Empty(verdict.Rules());
        Assert.Equal("the HSM holds no transcript key of ML-DSA", Check(verdict, VerifyRules.Cosignature).Note);
        Assert.Single(verdict.Signatures);

        Assert.Equal(["VERIFY-57"], BundleVerify.Check("b", Summed(good.Add(Second, rooms.Made.Bundle()[Second])),
            new VerifyOptions()).Verdict.Rules());
    }

    [Theory]
    [InlineData("dropped", "VERIFY-50")]
    [InlineData("flipped", "VERIFY-11")]
    [InlineData("the first one", "VERIFY-11")]
    public void In_earlier_records_it_is_asked_as_well(string lie, string rule)
    {
        SoftwareRoom room = rooms.Made.Through("manifest-key.md");
        Files forged = room.Forge(entries => Change<CheckpointSigned>(c => c with
        {
            Cosignature = lie switch
            {
                "dropped" => null,
                "flipped" => Convert.ToBase64String(Flipped(Convert.FromBase64String(c.Cosignature!), 8000)),
                _ => c.Cms,
            },
        })(room, [.. entries]));

        Assert.Equal([rule], BundleVerify.Check("b", forged, new VerifyOptions()).Verdict.Rules());
    }

    [Fact]
    public void A_ledger_that_was_restored_keeps_both_signatures()
    {
        SoftwareRoom restored = rooms.Made.Restored();
        Assert.NotNull(restored.Entries.Select(e => e.Body).OfType<LedgerRestored>().Single().Cosignature);
        Files bundle = restored.Play(SoftwareRoom.Script("manifest-key.md"));
        BundleVerdict verdict = BundleVerify.Check("b", bundle, new VerifyOptions()).Verdict;
        Assert.True(verdict.Rules() is [], string.Join('\n', verdict.Checks.SelectMany(c => c.Flaws)));

        Refusal? refusal = Core.Ceremony.Retelling.Retold.Of(
            [.. Change<LedgerRestored>(r => r with { Cosignature = null })(restored, restored.Entries)]).Refusal;
        Assert.Contains("names that end", refusal?.Message ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void The_second_key_is_renewed_and_the_one_before_signs_no_more()
    {
        SoftwareRoom room = rooms.Made;
        Files bundle = room.Play(OfBothTranscriptKeys());
        BundleVerdict verdict = BundleVerify.Check("b", bundle, Trusting(room, "root-pq")).Verdict;
        Assert.True(verdict.Rules() is [], string.Join('\n', verdict.Checks.SelectMany(c => c.Flaws)));
        Assert.Equal(["transcript-2", "transcript-pq-2"], verdict.Signatures.Select(s => s.Certificate));

        byte[] statement = bundle[BundleFiles.StatementPath].ToArray();
        byte[] before = room.Cosign(room.Entries[..(int)CheckpointStatement.Read(statement)!.Seq], "transcript-pq", statement);
        verdict = BundleVerify.Check("b", Summed(bundle.SetItem(Second, before)), new VerifyOptions()).Verdict;
        Assert.Equal("The journal knows a newer transcript key.", Assert.Single(Check(verdict, VerifyRules.Cosignature).Flaws));
    }

    /// <summary>The fire took the key, and nobody made another one: that is said, and is no flaw.</summary>
    [Fact]
    public void An_HSM_without_the_second_key_signs_once_and_the_report_says_so()
    {
        SoftwareRoom room = rooms.Made;
        Files bundle = room.Play(RecoveryWithoutSecondKey());
        BundleVerdict verdict = BundleVerify.Check("b", bundle, Trusting(room, "root")).Verdict;

        Assert.True(verdict.Rules() is [], string.Join('\n', verdict.Checks.SelectMany(c => c.Flaws)));
        Assert.Equal("The HSM in use holds no transcript key of ML-DSA any more: this record has one signature. "
            + "Of 1 earlier record, 1 carry both signatures.", Check(verdict, VerifyRules.Cosignature).Note);

        // Whoever knows the second root alone is led there by the first one, and told so.
        verdict = BundleVerify.Check("b", bundle, Trusting(room, "root-pq")).Verdict;
        Assert.Equal("checkpoint.cms: its signer, transcript-2, stands under root; the root that was named signed that root is ours.",
            Check(verdict, VerifyRules.Trust).Note);
    }

    /// <summary>Whoever goes on with a public bundle has a root of ML-DSA soon; what they lack is the first root's word for it.</summary>
    [Fact]
    public void A_root_that_the_first_one_does_not_vouch_for_certifies_no_transcript_key()
    {
        using var classical = new SigningRooms();
        SoftwareRoom room = classical.Rooted();
        room.Open(SoftwareRoom.Script("root-addition.md", own =>
        {
            int from = own.IndexOf("### #. Let the roots name each other", StringComparison.Ordinal);
            return own.Remove(from, own.IndexOf("## The second transcript key", StringComparison.Ordinal) - from);
        }));

        Assert.Equal(CeremonyRules.UnderAnotherRoot, room.Stopped()?.Rule);
    }

    [Theory]
    [InlineData("transcript")]
    [InlineData("transcript-pq")]
    public void Neither_key_that_signs_the_record_ends(string key)
    {
        SoftwareRoom room = rooms.Made;
        room.Open(SoftwareRoom.Script("key-destruction.md").Replace("key: root\n", $"key: {key}\n", StringComparison.Ordinal));
        Assert.Equal(CeremonyRules.SignsTheRecord, room.Stopped()?.Rule);
    }

    [Fact]
    public void A_second_key_whose_certificate_ran_out_stops_the_day_in_the_morning()
    {
        using var dual = new SigningRooms("root-creation-dual.md");
        SoftwareRoom room = dual.Rooted();
        World world = Replay.WorldAfter(room.Entries);
        DateTimeOffset end = world.CertificateOf(world.TranscriptCosigner!.Generated.Key)!.Parsed.ToBeSigned.NotAfter.Value;
        // That of the first key ends on the same day, and would be named before it.
        world = world with { Certificates = world.Certificates.Remove("transcript") };

        CeremonyScript lists = SoftwareRoom.Parse(SoftwareRoom.Script("crl-signing.md"));
        Assert.Null(Director.MayOpen(world, lists, world.LastUtc));
        Refusal? refusal = Director.MayOpen(world, lists, end.AddDays(1));
        Assert.Equal(CeremonyRules.TranscriptRanOut, refusal?.Rule);
        Assert.Contains("\"transcript-pq\"", refusal!.Message, StringComparison.Ordinal);
        Assert.Equal(CeremonyRules.TranscriptRanOut,
            Director.MayOpen(world, SoftwareRoom.Parse(SoftwareRoom.Script("service-certificates.md")), end.AddDays(1))?.Rule);
        Assert.Null(Director.MayOpen(world, SoftwareRoom.Parse(OfBothTranscriptKeys()), end.AddDays(1)));
        Assert.Null(Director.MayOpen(world, SoftwareRoom.Parse(SoftwareRoom.Script("disaster-recovery-dual.md")), end.AddDays(1)));
    }

    private static (byte[] Statement, byte[] Cms, IReadOnlyList<ParsedCertificate> Path, DateTimeOffset At) Signature(SoftwareRoom room)
    {
        Files bundle = room.Bundle();
        byte[] statement = bundle[BundleFiles.StatementPath].ToArray();
        return (statement, bundle[Second].ToArray(),
            new JournalFacts(room.Entries).PathOf(bundle["certificates/transcript-pq.der"].Span)!,
            CheckpointStatement.Read(statement)!.SignedAfter);
    }

    private static VerifyOptions Trusting(SoftwareRoom room, string certificate) =>
        new(SHA256.HashData(room.Bundle()[$"certificates/{certificate}.der"].Span));

    private static VerifyCheck Check(BundleVerdict verdict, VerifyRule rule) => verdict.Checks.Single(c => c.Rule == rule);

    private static Files Summed(Files files) =>
        files.SetItem(BundleFiles.SumsPath, BundleFiles.Sums(files.Remove(BundleFiles.SumsPath), []));

    private static byte[] Flipped(byte[] bytes, int at)
    {
        byte[] bad = [.. bytes];
        bad[at] ^= 1;
        return bad;
    }
}
