using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using KeyCeremony.App.Ledger;
using KeyCeremony.App.Room;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.App.Tests.Room;
using KeyCeremony.Core;
using KeyCeremony.Core.Journal;
using Files = System.Collections.Immutable.ImmutableSortedDictionary<string, System.ReadOnlyMemory<byte>>;

namespace KeyCeremony.Verifier.Tests;

/// <summary>A ledger with a root and one more ceremony, played once.</summary>
public sealed class PlayedLedger : IDisposable
{
    public PlayedLedger()
    {
        Old.Play(SoftwareRoom.Script("root-creation.md"));
        OldBundle = Old.Export(Rooms.NewFolder());
        First = Rooms.Rooted();
        FirstBundle = First.Export(Rooms.NewFolder());
        Room = Rooms.Rooted().Through("service-certificates.md");
        Bundle = Room.Export(Rooms.NewFolder());
    }

    internal SigningRooms Rooms { get; } = new();

    /// <summary>A ledger of the first program, which led what today's refuses.</summary>
    internal SoftwareRoom Old { get; } = new() { Format = 0 };

    internal string OldBundle { get; }

    internal SoftwareRoom First { get; }

    /// <summary>Of the root's creation.</summary>
    internal string FirstBundle { get; }

    /// <summary>The ceremony after it brought a new transcript key.</summary>
    internal SoftwareRoom Room { get; }

    internal string Bundle { get; }

    public void Dispose() => Rooms.Dispose();
}

/// <summary>Whose word a bundle is: what an outsider makes with the public bundle and keys of their own.</summary>
public sealed class TrustTests(PlayedLedger played) : IClassFixture<PlayedLedger>
{
    private VerifyOptions Genuine => new(SHA256.HashData(Certificate(played.First, "root")));

    [Fact]
    public void Honest_bundles_verify_under_their_root_alone_and_together()
    {
        VerifyReport report = BundleVerify.Run([played.FirstBundle, played.Bundle], Genuine);

        Assert.True(report.Result == VerifyResult.Verified && report.ExitCode == 0, report.Text);
    }

    [Fact]
    public void The_signer_itself_may_be_named()
    {
        var signer = new VerifyOptions(SHA256.HashData(Certificate(played.Room, "transcript-2")));
        var earlier = new VerifyOptions(SHA256.HashData(Certificate(played.Room, "transcript")));

        Assert.Empty(Failed(played.Bundle, signer));
        Assert.Equal(["VERIFY-10"], Failed(played.Bundle, earlier));
    }

    [Fact]
    public void An_outsiders_hsm_on_a_restored_ledger_is_found()
    {
        SoftwareRoom outsider = played.Old.Restored();
        outsider.Play(Renamed());
        string forged = outsider.Export(played.Rooms.NewFolder());
        var genuine = new VerifyOptions(SHA256.HashData(Certificate(played.Old, "root")));

        Assert.Equal(["VERIFY-10"], Failed(forged, genuine));
        Assert.Equal(["VERIFY-45"], Failed(forged));
        VerifyReport together = BundleVerify.Run([played.OldBundle, forged], genuine);
        Assert.Equal(1, together.ExitCode);
        Assert.Contains("NOT VERIFIED. It was signed under another root", together.Text, StringComparison.Ordinal);
    }

    /// <summary>
    /// The same with the very certificate that the ledger has, named as theirs: a journal holds what its writer puts there.
    /// </summary>
    [Fact]
    public void A_root_with_the_victims_subject_is_found_even_beside_the_genuine_certificate()
    {
        SoftwareRoom copy = new();
        copy.Play(SoftwareRoom.Script("root-creation.md"));
        CertificateSigned genuine = Signed(played.First, "root");
        Files files = copy.Forge(entries => entries.SelectMany(e => e.Body is CertificateSigned { Certificate: "root" }
            ? new[] { e, e with { Body = genuine with { Certificate = "genuine" } } } : [e]));

        Assert.Equal(["VERIFY-10"], Failed(files, Genuine));
        Assert.Equal(["VERIFY-10"], Failed(copy.Bundle(), Genuine));
        VerifyReport together = BundleVerify.Run([played.FirstBundle, copy.Export(played.Rooms.NewFolder())], Genuine);
        Assert.Equal(VerifyResult.Failed, together.Result);
    }

    [Fact]
    public void A_root_ceremony_retold_under_a_transcript_key_that_signs_itself_is_found()
    {
        var room = new SoftwareRoom { Format = 0 };
        Files files = room.Play(Regex.Replace(SoftwareRoom.Script("root-creation.md"),
            "issuer: root\nprofile: transcript-signer", "issuer: transcript\nprofile: transcript-signer"));
        var root = new VerifyOptions(SHA256.HashData(Certificate(room, "root")));

        Assert.Equal(["VERIFY-10"], Failed(files, root));
        Assert.Equal(["VERIFY-45"], Failed(files));
    }

    [Fact]
    public void An_outsiders_second_root_in_the_same_ledger_is_found()
    {
        SoftwareRoom outsider = played.Old.Restored();
        outsider.Play(SecondRoot());

        Assert.Equal(["VERIFY-10"], Failed(outsider.Bundle(), new VerifyOptions(SHA256.HashData(Certificate(played.Old, "root")))));
        Assert.Equal(["VERIFY-45"], Failed(outsider.Bundle()));
    }

    [Fact]
    public void A_certificate_name_that_stands_twice_is_found()
    {
        Files files = played.First.Forge(
            entries => entries.SelectMany(e => e.Body is CertificateSigned { Certificate: "transcript" } ? new[] { e, e } : [e]));

        Assert.Equal(["VERIFY-44"], Failed(files));
    }

    [Theory]
    [InlineData("signed by a CA of the ledger", "VERIFY-11")]
    [InlineData("signed by a later transcript key", "VERIFY-11")]
    [InlineData("over a statement of another environment", "VERIFY-50")]
    [InlineData("over a statement of another ceremony", "VERIFY-50")]
    [InlineData("over another script", "VERIFY-50")]
    public void An_earlier_checkpoint_is_asked_what_the_last_one_is(string how, string rule)
    {
        SoftwareRoom room = played.Room;
        BundleVerdict same = BundleVerify.Check("b", room.ForgeAll(e => e), new VerifyOptions()).Verdict;
        Assert.True(same.Passed, string.Join("\n", same.Checks.SelectMany(c => c.Flaws)));
        Files files = room.ForgeAll(e => e, entries => how switch
        {
            "signed by a CA of the ledger" => room.SignAs(entries, "root", s => s),
            "over a statement of another environment" => room.SignAs(entries, "transcript", s => s with { Environment = "production" }),
            "over a statement of another ceremony" => room.SignAs(entries, "transcript", s => s with { Ceremony = "0001-other" }),
            "over another script" => room.SignAs(entries, "transcript", s => s with { ScriptSha256 = new string('0', 64) }),
            _ => Later(room, entries),
        });

        Assert.Equal(rule, Failed(files)[0]);
    }

    [Fact]
    public void A_restored_ledger_brings_the_checkpoint_along_and_goes_on()
    {
        SoftwareRoom room = played.First.Restored(withCheckpoint: true, played.Rooms.NewFolder()).Through("manifest-key.md");

        Assert.Empty(Failed(room.Bundle(), Genuine));
    }

    /// <summary>The first program did not write it down; its journals stay verified, and the report says what was not asked.</summary>
    [Fact]
    public void A_restored_ledger_of_the_first_format_says_what_was_not_asked()
    {
        SoftwareRoom room = played.Old.Restored(withCheckpoint: false, played.Rooms.NewFolder());
        room.Format = 0;
        BundleVerdict verdict = BundleVerify.Check("b", room.Through("manifest-key.md").Bundle(), new VerifyOptions()).Verdict;

        Assert.True(verdict.Passed, string.Join("\n", verdict.Checks.SelectMany(c => c.Flaws)));
        Assert.Contains("not asked: format 1", verdict.Checks.Single(c => c.Rule == VerifyRules.Checkpoints).Note,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_checkpoint_behind_a_restored_ledger_is_found()
    {
        SoftwareRoom room = played.First.Restored(withCheckpoint: false, played.Rooms.NewFolder()).Through("manifest-key.md");
        VerifyCheck check = BundleVerify.Check("b", room.Bundle(), new VerifyOptions()).Verdict.Checks
            .Single(c => c.Rule == VerifyRules.Checkpoints);

        Assert.Contains("whose checkpoint is not here", Assert.Single(check.Flaws), StringComparison.Ordinal);
    }

    [Fact]
    public void A_restored_ledger_with_another_checkpoint_is_found()
    {
        SoftwareRoom room = played.First.Restored(withCheckpoint: true, played.Rooms.NewFolder());
        room.Through("manifest-key.md");
        Files files = room.ForgeAll(entries =>
        {
            ImmutableArray<Entry> all = [.. entries];
            int at = (int)all.Single(e => e.Body is LedgerRestored).Seq - 1;
            CheckpointSigned by = room.SignAs(all[..at], "root", s => s);
            return all.SetItem(at, all[at] with { Body = ((LedgerRestored)all[at].Body) with { Statement = by.Statement, Cms = by.Cms } });
        });

        Assert.Contains("VERIFY-11", Failed(files));
    }

    [Theory]
    [InlineData("SIGNER-01", "issuer: transcript\nprofile: transcript-signer")]
    [InlineData("SIGNER-03", "issuer: root\nprofile: manifest-signer")]
    public void The_engine_does_not_preview_what_the_verifier_would_refuse(string rule, string instead)
    {
        string text = SoftwareRoom.Script("root-creation.md")
            .Replace("issuer: root\nprofile: transcript-signer", instead, StringComparison.Ordinal);

        Assert.Contains(rule, Stops(new SoftwareRoom(), text), StringComparison.Ordinal);
    }

    [Fact]
    public void The_engine_leads_no_outsiders_commissioning_and_no_second_root()
    {
        SoftwareRoom restored = played.First.Restored();
        Assert.Contains("SIGNER-01", Stops(restored, Renamed()), StringComparison.Ordinal);

        restored = played.First.Restored();
        Assert.Contains("SIGNER-02", Stops(restored, SecondRoot()), StringComparison.Ordinal);
    }

    /// <summary>A root beside the first one, under a name of its own: two CAs of one name are refused before anything else.</summary>
    private static string SecondRoot() =>
        Regex.Replace(SoftwareRoom.Script("root-creation.md", Retiring),
            "^(certificate|key|issuer): (root|transcript)$", "$1: $2-x", RegexOptions.Multiline)
            .Replace("Example Devices Root CA R1", "Example Devices Root CA R2", StringComparison.Ordinal);

    [Fact]
    public void The_engine_leads_the_shipped_scripts_that_bring_a_transcript_key()
    {
        var alone = new SoftwareRoom();
        Files files = alone.Play(SoftwareRoom.Script("hsm-commissioning.md"));
        Assert.Empty(Failed(files, new VerifyOptions(SHA256.HashData(Certificate(alone, "transcript")))));

        using var rooms = new SigningRooms();
        SoftwareRoom renewed = rooms.Rooted();
        string bundle = renewed.Through("service-certificates.md").Export(rooms.NewFolder());
        Assert.Empty(Failed(bundle, new VerifyOptions(SHA256.HashData(Certificate(renewed, "root")))));
    }

    [Fact]
    public void A_ledger_is_restored_only_under_a_named_root()
    {
        string[] sticks = [played.Rooms.NewFolder(), played.Rooms.NewFolder()];
        DateTimeOffset later = played.First.Entries[^1].Utc.AddDays(1);
        Assert.False(BundleRestore.TryRestore(played.FirstBundle, new VerifyOptions(), sticks, later, out _, out Refusal? refusal));
        Assert.Equal("LEDGER-17", refusal.Rule);
        Assert.False(BundleRestore.TryRestore(played.FirstBundle, new VerifyOptions(SHA256.HashData("another"u8)),
            sticks, later, out _, out refusal));
        Assert.Equal("LEDGER-17", refusal.Rule);
        Assert.Empty(Directory.EnumerateFileSystemEntries(sticks[0]));

        Assert.True(BundleRestore.TryRestore(played.FirstBundle, Genuine, sticks, later, out RecordLedger? ledger, out refusal),
            refusal?.ToString());
        using (ledger)
            Assert.NotNull(Assert.IsType<LedgerRestored>(ledger.Last.Body).Cms);
    }

    private static string Renamed() => Regex.Replace(SoftwareRoom.Script("hsm-commissioning.md", Retiring),
        "^(certificate|key|issuer): transcript$", "$1: transcript-x", RegexOptions.Multiline);

    /// <summary>Declares the victim's HSM lost, as disaster-recovery.md does.</summary>
    private static string Retiring(string text) => text.Replace("## The HSM\n", """
        ## The HSM

        ### #. Retire the old HSM

        We record what became of the old HSM.

        ```step
        id: retire
        do: retire-hsm
        by: witness
        ```

        """, StringComparison.Ordinal);

    private static CheckpointSigned Later(SoftwareRoom room, ImmutableArray<Entry> entries)
    {
        // The key and certificate of the next ceremony, which this prefix does not know.
        CheckpointSigned genuine = room.SignAs(entries, "transcript", s => s);
        CheckpointSigned later = room.SignAs(room.Entries, "transcript-2",
            _ => CheckpointStatement.Read(Convert.FromBase64String(genuine.Statement))!);
        return genuine with { Cms = later.Cms };
    }

    private static string Stops(SoftwareRoom room, string script) => Assert.ThrowsAny<Exception>(() => room.Play(script)).Message;

    private static CertificateSigned Signed(SoftwareRoom room, string name) =>
        room.Entries.Select(e => e.Body).OfType<CertificateSigned>().Single(c => c.Certificate == name);

    private static byte[] Certificate(SoftwareRoom room, string name) => Convert.FromBase64String(Signed(room, name).Der);

    private static string[] Failed(string bundle, VerifyOptions? options = null) =>
        Rules(BundleVerify.Run([bundle], options ?? new VerifyOptions()).Bundles[0]);

    private string[] Failed(Files files, VerifyOptions? options = null) =>
        Rules(BundleVerify.Check("b", new BundleContent(played.Bundle, files, []), options ?? new VerifyOptions()).Verdict);

    private static string[] Rules(BundleVerdict verdict) => [.. verdict.Checks.Where(c => !c.Passed).Select(c => c.Rule.Id)];
}
