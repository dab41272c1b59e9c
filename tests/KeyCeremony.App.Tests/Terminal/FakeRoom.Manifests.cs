using System.Collections.Immutable;
using System.Text;
using KeyCeremony.App.Room;
using KeyCeremony.App.Tests.Room;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Manifest.Devices;
using KeyCeremony.Core.Tests.Manifest;

namespace KeyCeremony.App.Tests.Terminal;

/// <summary>Batches: the real desk reads them from a stick that is there for that moment; the signatures are none.</summary>
internal sealed partial class FakeRoom
{
    private static readonly DeviceList Devices = new(48_200);

    /// <summary>The statements on the import stick, in the order in which the operator takes them.</summary>
    public ImmutableArray<FoundFile> Drafts { get; set; } = [new("b-2026-0142.statement.json", 2_406),
        new("b-2026-0143.statement.json", 2_406)];

    /// <summary>The files of a batch that lie beside its statement.</summary>
    public ImmutableArray<string> Beside { get; set; } = ["devices.csv", ".salts", "boot.bin", "app.bin", "board.cdx.json"];

    /// <summary>What the factory writes otherwise.</summary>
    public Func<BatchStatement, BatchStatement> Built { get; set; } = same => same;

    private EntryBody Read(ReadBatch b)
    {
        if (Refuses is { } refusal)
            return new ImportRefused(ImportWords.Batch, "", b.File, refusal.Rule, refusal.Message, refusal.Remedy);
        DirectoryInfo stick = Directory.CreateTempSubdirectory("batch");
        try
        {
            string id = b.File[..b.File.IndexOf('.', StringComparison.Ordinal)];
            BatchStatement draft = ManifestRooms.Draft(State.World, id, devices: Devices.Count);
            // Another batch has other devices.
            Put(b.File, Built(b.File != Drafts[0].Name ? draft : draft with
            {
                Devices = draft.Devices with { Root = Devices.Root },
                Subjects = draft.Subjects.SetItem(0, new BatchSubject("devices.csv", Devices.Sha256)),
            }).Write());
            foreach (string file in Beside.Where(f => b.File == Drafts[0].Name || f is not ("devices.csv" or ".salts")))
                Put(file == ".salts" ? id + file : file, Content(file));
            using var desks = Desks.Open(stick.FullName, [], new SecondOpinion(stick.FullName), stick.FullName);
            return desks.Manifests.Read(State, b, _ => { });
        }
        finally
        {
            stick.Delete(recursive: true);
        }

        void Put(string name, byte[] bytes) => File.WriteAllBytes(Path.Combine(stick.FullName, name), bytes);
    }

    /// <summary>What <see cref="Batches.Draft"/> names.</summary>
    private static byte[] Content(string file) => file switch
    {
        "devices.csv" => Devices.Csv,
        ".salts" => Devices.Salts,
        "board.cdx.json" => "hbom"u8.ToArray(),
        _ => Encoding.UTF8.GetBytes(Path.GetFileNameWithoutExtension(file)),
    };

    private static ManifestSigned Signed(SignManifest m) => new(m.BatchId, m.StatementSha256,
        [.. m.Signers.All.Select(name => new ManifestSignature(name, Hex($"key of {name}"), Noise(name, 70)))],
        Noise("cms", 64), "openssl cms -verify: OK");
}

/// <summary>A list of so many devices, always the same one.</summary>
internal sealed class DeviceList
{
    public DeviceList(int count)
    {
        Count = count;
        Csv = Encoding.ASCII.GetBytes("serialNo,certSha256,spkiSha256\n" + string.Concat(Enumerable.Range(1, count)
            .Select(n => $"SN-{n:D6},{Batches.Hex($"certificate {n}")},{Batches.Hex($"key {n}")}\n")));
        Assert.True(SaltKey.TryRead(Salts, out SaltKey? salts, out _));
        using (salts)
        {
            var input = new DeviceTreeInput
            {
                OpenList = () => new MemoryStream(Csv),
                Salts = salts,
                NewScratch = () => new MemoryStream(),
                Threads = 1,
            };
            Assert.True(DeviceTree.TryCompute(input, out DeviceTreeResult? tree, out _));
            Root = Convert.ToHexStringLower(tree.Root.Span);
            Sha256 = Convert.ToHexStringLower(tree.ListSha256.Span);
        }
    }

    public int Count { get; }

    public byte[] Csv { get; }

    public byte[] Salts { get; } = Encoding.ASCII.GetBytes(Batches.Hex("salts") + "\n");

    public string Root { get; }

    public string Sha256 { get; }
}
