using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Manifest.Devices;
using KeyCeremony.Core.Script;
using KeyCeremony.Core.Tests.Pki;

namespace KeyCeremony.Core.Tests.Manifest.Devices;

/// <summary>The example of the docs, and what becomes of it when something in it is wrong.</summary>
public sealed class BatchFileTests
{
    private static readonly string Folder = Repository.PathOf("docs", "examples", "batch");
    private static readonly string Example = File.ReadAllText(Path.Combine(Folder, "batch.yaml"));

    public static TheoryData<string> HostileNames => [.. Hostile.Keys];

    private static Dictionary<string, HostileBatch> Hostile { get; } = JsonSerializer
        .Deserialize<HostileBatch[]>(File.ReadAllText(Repository.PathOf("tests",
            "KeyCeremony.Core.Tests", "Manifest", "Devices", "hostile-batches.json")), JsonSerializerOptions.Web)!
        .ToDictionary(one => one.Name);

    [Theory]
    [MemberData(nameof(HostileNames))]
    public void A_hostile_batch_is_refused_with_its_line(string name)
    {
        HostileBatch hostile = Hostile[name];
        Assert.Contains(hostile.Find, Example, StringComparison.Ordinal);
        ImmutableArray<ScriptError> errors = Refused(Example.Replace(hostile.Find, hostile.Replace, StringComparison.Ordinal));
        Assert.All(errors, error => Assert.Equal(("BUILD-01", "batch.yaml"), (error.Rule, error.File)));
        Assert.Contains(errors, error => error.Line == hostile.Line && error.Message.Contains(hostile.Words, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_error_is_told_at_once()
    {
        ImmutableArray<ScriptError> errors = Refused(Example.Replace("site: Zürich Nord\n", "", StringComparison.Ordinal)
            .Replace("securityCounter: 17", "securityCounter: x", StringComparison.Ordinal)
            .Replace("vid:", "vld:", StringComparison.Ordinal));
        Assert.Equal(4, errors.Length); // site; vid and vld; the counter
    }

    [Fact]
    public void A_file_that_is_too_large_or_no_UTF8_is_refused()
    {
        Assert.False(BatchFile.TryRead(new byte[BatchFile.MaxBytes + 1], "batch.yaml", out _, out ImmutableArray<ScriptError> errors));
        Assert.Equal("BUILD-01", Assert.Single(errors).Rule);
        Assert.False(BatchFile.TryRead([.. Encoding.UTF8.GetBytes(Example), 0xFF], "batch.yaml", out _, out errors));
        Assert.Equal("BUILD-01", Assert.Single(errors).Rule);
    }

    /// <summary>The room refuses such a batch (MANIFEST-06); the line is told while it can correct something.</summary>
    [Fact]
    public void A_batch_that_was_finished_in_the_future_is_refused_where_it_is_built()
    {
        var finished = new DateTimeOffset(2026, 11, 22, 15, 0, 0, TimeSpan.Zero);
        Assert.Null(Gather(Example).CheckFinished(finished));
        Refusal? refusal = Gather(Example).CheckFinished(finished.AddSeconds(-1));
        Assert.Equal("BATCH-06", refusal?.Rule);
        Assert.Contains("finished on 2026-11-22 15:00:00 UTC, which has not come yet", refusal!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_example_becomes_a_statement_with_every_field()
    {
        byte[] list = File.ReadAllBytes(Path.Combine(Folder, "devices.csv"));
        DeviceTreeResult tree = DeviceLists.Tree(list);
        Assert.True(Gather(Example).TryState("devices.csv", tree, out BatchStatement? statement, out Refusal? refusal),
            refusal?.ToString());

        Assert.Null(statement.Check());
        Assert.Equal(("lock-2026-0142", "rehearsal", "Zürich Nord", "SMT 4", "Example Manufacturing AG"),
            (statement.BatchId, statement.Environment, statement.Site, statement.Line, statement.Operator));
        Assert.Equal((new DateTimeOffset(2026, 11, 22, 6, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 11, 22, 15, 0, 0, TimeSpan.Zero)),
            (statement.StartedOn, statement.FinishedOn));
        Assert.Equal(new BatchProduct("FFF1", "8001", "LOCK-1", "C2"), statement.Product);
        Assert.Equal<BatchFirmware>([new("bootloader", "2.0.1", FileHash("firmware/bootloader-2.0.1.bin"), 4, "fw-key-2"),
            new("application", "1.14.0", FileHash("firmware/application-1.14.0.bin"), 17, "fw-key-2")], statement.Firmware);
        Assert.Equal(FileHash("board-c2.cdx.json"), statement.Hardware.HbomDigest);
        Assert.Equal<BatchPart>([new("STM32H573", "Example Silicon", "L4711", "2614"),
            new("ATECC608B", "Example Parts", "7/9", "2026-04-01", new("ATECC608A", "ECO-2026-17"))], statement.Hardware.CriticalParts);
        Assert.Equal(new BatchDevices(5, Convert.ToHexStringLower(tree.Root.Span)), statement.Devices);
        Assert.Equal(new BatchYield(5, 2, 1), statement.Yield);
        Assert.Equal<BatchSubject>(
            [new("devices.csv", FileHash("devices.csv")), new("bootloader-2.0.1.bin", statement.Firmware[0].Sha256),
                new("application-1.14.0.bin", statement.Firmware[1].Sha256), new("board-c2.cdx.json", statement.Hardware.HbomDigest)],
            statement.Subjects);
        Assert.True(statement is { IsDraft: true, PrevManifest: null });
    }

    [Fact]
    public void The_manifest_before_may_be_named()
    {
        string before = DeviceLists.Hex("before");
        Assert.True(Gather($"{Example}prevManifest: {before}\n")
            .TryState("devices.csv", SomeTree(5), out BatchStatement? statement, out _));
        Assert.Equal(before, statement.PrevManifest);
    }

    [Theory]
    [InlineData("built: 5", "built: 4", "BATCH-14")]
    [InlineData("reworked: 1", "reworked: 6", "BATCH-14")]
    [InlineData("pid: \"8001\"", "pid: \"80o1\"", "BATCH-08")]
    [InlineData("component: application", "component: bootloader", "BATCH-10")]
    [InlineData("dateCode: 2614", "dateCode: 2654", "BATCH-11")]
    [InlineData("replaces: ATECC608A", "replaces: ATECC608B", "BATCH-12")]
    [InlineData("finishedOn: 2026-11-22T15", "finishedOn: 2026-11-22T05", "BATCH-06")]
    public void What_the_statement_refuses_is_known_before_the_list_is_read(string find, string replace, string rule)
    {
        byte[] hbom = Encoding.UTF8.GetBytes(
            """{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"name":"STM32H573"},{"name":"ATECC608B"}]}""");
        BatchSources sources = Gather(Example.Replace(find, replace, StringComparison.Ordinal), hbom: hbom);
        Assert.False(sources.TryState("devices.csv", SomeTree(5), out BatchStatement? statement, out Refusal? refusal));
        Assert.Null(statement);
        Assert.Equal(rule, refusal.Rule);
        if (!find.StartsWith("built", StringComparison.Ordinal))
            Assert.Equal(rule, sources.CheckBeforehand("devices.csv")?.Rule);
    }

    [Fact]
    public void A_list_whose_name_is_that_of_another_subject_is_refused_beforehand() =>
        Assert.Equal("BATCH-09", Gather(Example).CheckBeforehand("board-c2.cdx.json")?.Rule);

    [Fact]
    public void Every_file_that_cannot_be_read_is_told()
    {
        Assert.False(BatchSources.TryGather(Read(Example), Nothing, out BatchSources? sources, out ImmutableArray<Refusal> refusals));
        Assert.Null(sources);
        Assert.Equal(Enumerable.Repeat("BUILD-02", 4), refusals.Select(refusal => refusal.Rule));
        Assert.All(refusals, refusal =>
            Assert.EndsWith("which batch.yaml names: It is a folder.", refusal.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Firmware_with_another_hash_is_refused()
    {
        Refusal refusal = Assert.Single(GatherRefused(Example.Replace(FileHash("firmware/bootloader-2.0.1.bin"),
            DeviceLists.Hex("other"), StringComparison.Ordinal)));
        Assert.Equal("BUILD-03", refusal.Rule);
        Assert.Contains("firmware/bootloader-2.0.1.bin", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not JSON")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"bomFormat":"SPDX","specVersion":"1.6","components":[{"name":"STM32H573"},{"name":"ATECC608B"}]}""")]
    [InlineData("""{"bomFormat":"CycloneDX","components":[{"name":"STM32H573"},{"name":"ATECC608B"}]}""")]
    [InlineData("""{"bomFormat":"CycloneDX","specVersion":"1.1","components":[{"name":"STM32H573"},{"name":"ATECC608B"}]}""")]
    [InlineData("""{"bomFormat":"CycloneDX","specVersion":"2.0","components":[{"name":"STM32H573"},{"name":"ATECC608B"}]}""")]
    [InlineData(
        """{"bomFormat":"CycloneDX","bomFormat":"CycloneDX","specVersion":"1.6","components":[{"name":"STM32H573"},{"name":"ATECC608B"}]}""")]
    [InlineData("""{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"name":"STM32H573"}]}""")]
    [InlineData("""{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"name":"stm32h573"},{"name":"ATECC608B"}]}""")]
    [InlineData("""{"bomFormat":"CycloneDX","specVersion":"1.6","components":{"name":"STM32H573"}}""")]
    [InlineData("""{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"name":"\ud800"}]}""")]
    [InlineData("""{"bomFormat":"CycloneDX","specVersion":"1.6"} {}""")]
    public void A_BOM_that_is_none_or_lacks_a_critical_part_is_refused(string hbom) =>
        Assert.Equal("BUILD-04", Assert.Single(GatherRefused(Example, hbom: Encoding.UTF8.GetBytes(hbom))).Rule);

    [Theory]
    [InlineData("""{"bomFormat":"CycloneDX","specVersion":"1.2","components":[{"name":"STM32H573"},{"name":"ATECC608A"}]}""")]
    [InlineData("""{"bomFormat":"CycloneDX","specVersion":"1.10","components":[{"name":"STM32H573"},{"name":"ATECC608B"}]}""")]
    [InlineData(
        """{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"name":"board","components":[{"name":"STM32H573"},{"name":"U7","properties":[{"name":"mpn","value":"ATECC608B"}]}]}]}""")]
    public void A_critical_part_is_found_by_name_or_part_number_at_any_depth_or_by_what_it_replaces(string hbom) =>
        Assert.NotNull(Gather(Example, hbom: Encoding.UTF8.GetBytes(hbom)));

    [Fact]
    public void An_issuing_CA_that_is_none_is_refused()
    {
        using var room = new DeviceCertificateTests.Room();
        Assert.Equal("BUILD-05", Assert.Single(GatherRefused(Example, ca: room.Device(1))).Rule);
        Assert.Equal("BUILD-05", Assert.Single(GatherRefused(Example, ca: Encoding.ASCII.GetBytes("no certificate"))).Rule);
        Assert.Equal("BUILD-05", Assert.Single(GatherRefused(Example, ca: [])).Rule);
        Assert.Equal("BUILD-05", Assert.Single(GatherRefused(Example, ca: Encoding.ASCII.GetBytes(PemEncoding.WriteString("CERTIFICATE",
            room.Ca) + "\n" + PemEncoding.WriteString("CERTIFICATE", room.Ca)))).Rule);
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        foreach (byte[] file in new[] { key.ExportPkcs8PrivateKey(), Encoding.Unicode.GetBytes(key.ExportPkcs8PrivateKeyPem()) })
        {
            Refusal holds = Assert.Single(GatherRefused(Example, ca: file));
            Assert.Equal("REQ-13", holds.Rule);
            Assert.Contains("destroy it wherever it lies", holds.Remedy, StringComparison.Ordinal);
        }
        Assert.Equal(room.Ca, Gather(Example, ca: room.Ca).Issuer.Certificate.Der.ToArray());
    }

    private static ImmutableArray<ScriptError> Refused(string yaml)
    {
        Assert.False(BatchFile.TryRead(Encoding.UTF8.GetBytes(yaml), "batch.yaml",
            out BatchFile? batch, out ImmutableArray<ScriptError> errors));
        Assert.Null(batch);
        return errors;
    }

    private static BatchFile Read(string yaml)
    {
        Assert.True(BatchFile.TryRead(Encoding.UTF8.GetBytes(yaml), "batch.yaml",
            out BatchFile? batch, out ImmutableArray<ScriptError> errors), string.Join('\n', errors));
        return batch;
    }

    private static BatchSources Gather(string yaml, byte[]? hbom = null, byte[]? ca = null)
    {
        Assert.True(BatchSources.TryGather(Read(yaml), Opener(hbom, ca),
            out BatchSources? sources, out ImmutableArray<Refusal> refusals), string.Join('\n', refusals));
        return sources;
    }

    private static ImmutableArray<Refusal> GatherRefused(string yaml, byte[]? hbom = null, byte[]? ca = null)
    {
        Assert.False(BatchSources.TryGather(Read(yaml), Opener(hbom, ca),
            out BatchSources? sources, out ImmutableArray<Refusal> refusals));
        Assert.Null(sources);
        return refusals;
    }

    private static BatchFileOpener Opener(byte[]? hbom, byte[]? ca) => (string name, out Refusal? refusal) =>
    {
        refusal = null;
        return name.EndsWith(".cdx.json", StringComparison.Ordinal) && hbom is not null ? new MemoryStream(hbom)
            : name.EndsWith(".pem", StringComparison.Ordinal) && ca is not null ? new MemoryStream(ca)
            : File.OpenRead(Path.Combine(Folder, name));
    };

    private static Stream? Nothing(string name, out Refusal? refusal)
    {
        refusal = BuildRules.Missing.Refuse("It is a folder.", "Give the path of a file.");
        return null;
    }

    private static DeviceTreeResult SomeTree(int devices) => new(devices, SHA256.HashData([]), SHA256.HashData([1]));

    private static string FileHash(string name) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(Folder, name))));

    private sealed record HostileBatch(string Name, string Find, string Replace, int Line, string Words);
}
