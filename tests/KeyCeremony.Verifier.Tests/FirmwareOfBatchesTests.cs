using System.Collections.Immutable;
using System.Text.Json;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.App.Tests.Room;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Ceremony.Retelling;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Tests.Manifest;
using KeyCeremony.Verifier.Register;

namespace KeyCeremony.Verifier.Tests;

/// <summary>A ledger with a release of the application that batches name (1.14.0+5, counter 17), a manifest key, and no batch.</summary>
public sealed class ReleasedFirmware : IDisposable
{
    private readonly SigningRooms _rooms = new();
    private readonly SoftwareRoom _room;
    private int _forks;

    public ReleasedFirmware()
    {
        _room = _rooms.Rooted().Through("manifest-key.md");
        ReleaseFolder.BringBuilders(_room.Stick);
        Put(_room, "application-1", "1.14.0+5", 17, "app");
        _room.Through("release-key.md").Through("release-signing.md");
        Directory.Delete(Path.Combine(_room.Stick, "application-1"), recursive: true);
    }

    internal static void Put(SoftwareRoom room, string folder, string version, long counter, string image) =>
        new ReleaseFolder { Version = version, Counter = counter, Image = System.Text.Encoding.ASCII.GetBytes(image) }.Put(room, folder);

    internal SoftwareRoom New()
    {
        lock (_room)
            return _room.Fork(Path.Combine(_rooms.NewFolder(), $"fork-{++_forks}"));
    }

    public void Dispose() => _rooms.Dispose();
}

/// <summary>Batches and releases of one ledger joined: in the room that signs a batch, and by whoever verifies it.</summary>
public sealed class FirmwareOfBatchesTests(ReleasedFirmware released) : IClassFixture<ReleasedFirmware>
{
    private const string Script = "batch-manifest.md";
    private const string Unknown = "bootloader 2.0.1 is not a release of this ledger.";

    [Fact]
    public void The_room_says_of_every_image_which_release_it_is()
    {
        SoftwareRoom room = With(batch => batch);
        room.Open(SoftwareRoom.Script(Script));
        ImmutableArray<string> shown = [.. room.Until("batches", "take").EvidenceLines];

        Assert.Contains(shown,
            line => line.StartsWith("PASS    MANIFEST-10 application 1.14.0+5 is the release", StringComparison.Ordinal));
        Assert.Contains($"UNKNOWN MANIFEST-10 {Unknown}", shown);
        room.GoOn();
        Assert.Empty(Raised(room));
        BundleVerdict verdict = Verified(room);
        Assert.Contains($"firmware of b-1: {Unknown}", verdict.Summary);
        BatchFirmwareFact image = verdict.Firmware[1];
        string? signedIn = room.Entries.Last(e => e.Body is ReleaseSigned).Ceremony, none = null;
        Assert.Equal(("b-1", signedIn, "releases/application.record.json", none),
            (image.Batch, image.Lineage.Release?.Ceremony, image.Record, image.WithdrawnIn));
        Assert.Empty(verdict.Warnings.Where(w => w.Contains("b-1", StringComparison.Ordinal)));
    }

    public static TheoryData<string, string> Faults => new()
    {
        { "another version", "its version is 1.14.0+5, and 1.15.0 in the batch" },
        { "another counter", "its security counter is 17, and 18 in the batch" },
        { "another component", "its component is application, and radio in the batch" },
        { "no such version of the key", "which has signed no version 1.13.0 in this ledger" },
        { "withdrawn", "it is WITHDRAWN, and the security counter is at least 19 since" },
        { "below a later release", "its security counter is 17, and this component's is at least 21" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_batch_that_says_otherwise_than_its_release_is_signed_as_an_exception(string what, string says)
    {
        SoftwareRoom room = With(batch => batch);
        if (what == "withdrawn")
            Withdraw(room);
        if (what == "below a later release")
        {
            ReleasedFirmware.Put(room, "application-2", "1.15.0", 21, "another application");
            room.Saying("file", "application-2").Through("release-signing.md");
        }
        string key = Replay.WorldAfter(room.Entries).Releases[0].Signed!.KeyId;
        Put(room, batch => batch with
        {
            Firmware = batch.Firmware.SetItem(1, what switch
            {
                "another version" => batch.Firmware[1] with { Version = "1.15.0" },
                "another counter" => batch.Firmware[1] with { SecurityCounter = 18 },
                "another component" => batch.Firmware[1] with { Component = "radio" },
                "no such version of the key" =>
                    batch.Firmware[1] with { Version = "1.13.0", SigningKeyId = key, Sha256 = Batches.Hex("x") },
                _ => batch.Firmware[1],
            }),
        }, what == "no such version of the key" ? Batches.Hex("x") : null);
        room.Saying("file", "b-1.statement.json").Through(Script);

        ExceptionRaised raised = Assert.Single(Raised(room));
        Assert.Equal("MANIFEST-10", raised.Rule);
        Assert.StartsWith("Batch b-1: ", raised.What, StringComparison.Ordinal);
        Assert.Contains(says, raised.What, StringComparison.Ordinal);
        Assert.Contains(Verified(room).Warnings, w => w.Contains(says, StringComparison.Ordinal));
    }

    /// <summary>VERIFY-58 asks the journal itself, and not what the room wrote of it.</summary>
    [Fact]
    public void A_batch_with_a_withdrawn_release_is_found_without_its_exception()
    {
        SoftwareRoom room = With(batch => batch);
        Withdraw(room);
        room.Saying("file", "b-1.statement.json").Through(Script);
        Assert.Empty(FirmwareChecks.Unsaid(new JournalFacts(room.Entries)));

        JournalFacts silent = new([.. room.Entries.Where(e => e.Body is not ExceptionRaised { Rule: "MANIFEST-10" })]);
        Assert.Contains("it is WITHDRAWN", Assert.Single(FirmwareChecks.Unsaid(silent)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_engine_would_have_raised_it()
    {
        SoftwareRoom room = With(batch => batch);
        Withdraw(room);
        room.Saying("file", "b-1.statement.json").Through(Script);

        BatchPreviewed preview = room.Entries.Select(e => e.Body).OfType<BatchPreviewed>().Last();
        Assert.Contains("due was exception-raised", Told(room, e => e.Body is ExceptionRaised { Rule: "MANIFEST-10" },
            new BatchTaken(preview.BatchId, preview.StatementSha256)), StringComparison.Ordinal);
        Assert.Contains("things are compared", Told(room, e => e.Body is BatchPreviewed,
            preview with { Findings = [.. preview.Findings.Where(f => f.Id != "MANIFEST-10")] }), StringComparison.Ordinal);
        Assert.Contains("the finding MANIFEST-10 pass is not what the comparison gives", Told(room, e => e.Body is BatchPreviewed,
            preview with
            {
                Findings = [.. preview.Findings.Select(f => f.Id == "MANIFEST-10" ? f with { Result = FindingResults.Pass } : f)],
            }), StringComparison.Ordinal);
    }

    /// <summary>VERIFY-58 and the room ask when the batch is previewed, and once more when its manifest is signed.</summary>
    [Fact]
    public void A_release_that_is_withdrawn_between_preview_and_signature_is_an_exception()
    {
        SoftwareRoom room = With(batch => batch);
        room.Open(SoftwareRoom.Script(Script, own => own.Replace("### #. Sign the manifests\n", """
            ### #. Withdraw the release

            The release is withdrawn.

            > Witness: compare version and counter with the order.

            ```step
            id: withdraw
            do: withdraw-release
            by: operator
            release: application
            version: 1.14.0+5
            counter-floor: 19
            reason: Security fault in the pairing
            ```

            ### #. Sign the manifests

            """, StringComparison.Ordinal)));
        room.GoOn();

        Entry said = room.Entries.Last(e => e.Body is ExceptionRaised);
        Assert.Equal(("sign-manifests", "MANIFEST-10"), (said.Step, ((ExceptionRaised)said.Body).Rule));
        Assert.Contains("it is WITHDRAWN, and the security counter is at least 19 since", ((ExceptionRaised)said.Body).What,
            StringComparison.Ordinal);
        _ = Verified(room);

        JournalFacts silent = new([.. room.Entries.Where(e => e.Body is not ExceptionRaised { Rule: "MANIFEST-10" })]);
        Assert.Contains("it is WITHDRAWN", Assert.Single(FirmwareChecks.Unsaid(silent)), StringComparison.Ordinal);
        Assert.Contains("due was exception-raised", Told(room, e => e.Body is ExceptionRaised,
            new Attempted("sign-manifest", "b-1", "", 1)), StringComparison.Ordinal);
    }

    /// <summary>A withdrawn image is not made good by another version and counter.</summary>
    [Fact]
    public void A_withdrawn_image_in_a_later_release_is_an_exception()
    {
        SoftwareRoom room = With(batch => batch);
        Withdraw(room);
        ReleasedFirmware.Put(room, "application-2", "1.15.0", 21, "app");
        room.Saying("file", "application-2").Through("release-signing.md");

        ExceptionRaised raised = Assert.Single(Raised(room));
        Assert.Equal(("FIRMWARE-17", "'application.bin' is an image of application 1.14.0+5 of LOCK-1, which is WITHDRAWN."),
            (raised.Rule, raised.What));
        _ = Verified(room);
        ReleasePreviewed preview = room.Entries.Select(e => e.Body).OfType<ReleasePreviewed>().Last();
        Assert.Contains("due was exception-raised", Told(room, e => e.Body is ExceptionRaised { Rule: "FIRMWARE-17" },
            new ReleaseTaken(preview.Release, preview.RequestSha256)), StringComparison.Ordinal);
        Assert.Contains("findings", Told(room, e => e.Body is ReleasePreviewed,
            preview with { Findings = [.. preview.Findings.Where(f => f.Id != "FIRMWARE-17")] }), StringComparison.Ordinal);
    }

    [Fact]
    public void Who_withdraws_a_release_is_told_which_devices_have_it_and_so_is_the_auditor()
    {
        SoftwareRoom room = With(batch => batch).Through(Script);
        room.Open(Withdrawal);
        Assert.Contains("Devices have it: Batch b-1: 3 devices", room.Until("withdraw", "withdraw").EvidenceLines);
        room.GoOn();

        BundleVerdict verdict = Verified(room);
        BatchFirmwareFact image = verdict.Firmware[1];
        Assert.Equal((room.State.Id, false), (image.WithdrawnIn, image.Lineage.IsFaulty));
        Assert.Contains(verdict.Warnings, w => w.Contains($"{room.State.Id} has WITHDRAWN it since", StringComparison.Ordinal));
        using var json = JsonDocument.Parse(new VerifyReport([verdict], [], new VerifyOptions()).Json);
        RegisterRow row = RegisterTable.Named("firmware")!.Of(new LedgerFacts(room.Entries, "retold", []))[1];
        Assert.Equal(("withdrawn", "application"), ((string?)row.Cells[8], (string?)row.Cells[9]));
        JsonElement told = json.RootElement.GetProperty("bundles")[0].GetProperty("firmware")[1];
        Assert.Equal(("hash", room.State.Id), (told.GetProperty("by").GetString(), told.GetProperty("withdrawnIn").GetString()));
    }

    [Fact]
    public void An_image_that_is_released_after_its_batch_is_found_all_the_same()
    {
        SoftwareRoom room = With(batch => batch with
        {
            Firmware = batch.Firmware.SetItem(1,
                batch.Firmware[1] with { Version = "1.15.0", SecurityCounter = 18, Sha256 = Batches.Hex("next") }),
        }, Batches.Hex("next")).Through(Script);
        ReleasedFirmware.Put(room, "application-2", "1.15.0", 18, "next");
        room.Saying("file", "application-2").Through("release-signing.md");

        BatchFirmwareFact image = Verified(room).Firmware[1];
        Assert.EndsWith("It was released after the batch.", image.InWords(), StringComparison.Ordinal);
        Assert.Empty(Raised(room));
    }

    private static string Withdrawal => SoftwareRoom.Script("release-withdrawal.md")
        .Replace("1.15.0+7", "1.14.0+5", StringComparison.Ordinal);

    private static void Withdraw(SoftwareRoom room)
    {
        room.Open(Withdrawal);
        room.GoOn();
    }

    private SoftwareRoom With(Func<BatchStatement, BatchStatement> change, string? image = null)
    {
        SoftwareRoom room = released.New();
        Put(room, change, image);
        return room;
    }

    /// <param name="image">The hash that subject and firmware have; null: the released one's.</param>
    private static void Put(SoftwareRoom room, Func<BatchStatement, BatchStatement> change, string? image)
    {
        BatchStatement batch = change(ManifestRooms.Draft(room));
        ManifestRooms.Put(room, image is null ? batch
            : batch with { Subjects = batch.Subjects.SetItem(2, batch.Subjects[2] with { Sha256 = image }) });
    }

    private static ExceptionRaised[] Raised(SoftwareRoom room) =>
        [.. room.Entries.Where(e => e.Ceremony == room.State.Id).Select(e => e.Body).OfType<ExceptionRaised>()];

    private static BundleVerdict Verified(SoftwareRoom room)
    {
        BundleVerdict verdict = Judged(room, room.Bundle());
        Assert.Empty(verdict.Checks.Where(c => !c.Passed).SelectMany(c => c.Flaws));
        return verdict;
    }

    /// <summary>What the engine says to another body in place of the last entry like this.</summary>
    private static string Told(SoftwareRoom room, Func<Entry, bool> which, EntryBody body)
    {
        Entry genuine = room.Entries.Last(which);
        ImmutableArray<Entry> before = [.. room.Entries.TakeWhile(e => e.Seq < genuine.Seq)];
        Assert.Null(Retold.Of(before).Then(genuine).Refusal);
        return Retold.Of(before).Then(Entry.Following(before[^1], genuine.Ceremony, genuine.Utc, genuine.Step, body)).Refusal!.Message;
    }

    private static BundleVerdict Judged(SoftwareRoom room, ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> files) =>
        BundleVerify.Check("b", new BundleContent("", files, BundleList.Of(room.Entries)), new VerifyOptions()).Verdict;
}
