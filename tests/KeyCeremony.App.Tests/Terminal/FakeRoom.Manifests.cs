using System.Collections.Immutable;
using System.Text;
using KeyCeremony.App.Room;
using KeyCeremony.App.Tests.Room;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Manifest;

namespace KeyCeremony.App.Tests.Terminal;

/// <summary>Batches: the real desk reads them from a stick that is there for that moment; the signatures are none.</summary>
internal sealed partial class FakeRoom
{
    private const long Devices = 48_200;

    /// <summary>The statements on the import stick, in the order in which the operator takes them.</summary>
    public ImmutableArray<FoundFile> Drafts { get; set; } = [new("b-2026-0142.statement.json", 2_406), new("b-2026-0143.statement.json", 2_406)];

    /// <summary>The files of the batch that lie beside its statement; each holds its own name without ending.</summary>
    public ImmutableArray<string> Beside { get; set; } = ["boot.bin", "board.cdx.json"];

    /// <summary>What the factory writes otherwise.</summary>
    public Func<BatchStatement, BatchStatement> Built { get; set; } = same => same;

    private EntryBody Read(ReadBatch b)
    {
        if (Refuses is { } refusal)
            return new ImportRefused(ImportWords.Batch, "", b.File, refusal.Rule, refusal.Message, refusal.Remedy);
        DirectoryInfo stick = Directory.CreateTempSubdirectory("batch");
        try
        {
            Put(b.File, Built(ManifestRooms.Draft(State.World, b.File[..b.File.IndexOf('.', StringComparison.Ordinal)], devices: Devices)).Write());
            foreach (string file in Beside)
                Put(file, Encoding.UTF8.GetBytes(file == "board.cdx.json" ? "hbom" : Path.GetFileNameWithoutExtension(file)));
            using Desks desks = Desks.Open(stick.FullName, [], new SecondOpinion(stick.FullName), stick.FullName);
            return desks.Manifests.Read(State, b, _ => { });
        }
        finally
        {
            stick.Delete(recursive: true);
        }

        void Put(string name, byte[] bytes) => File.WriteAllBytes(Path.Combine(stick.FullName, name), bytes);
    }

    private static ManifestSigned Signed(SignManifest m) => new(m.BatchId, m.StatementSha256,
        [.. m.Signers.All.Select(name => new ManifestSignature(name, Hex($"key of {name}"), Noise(name, 70)))], Noise("cms", 64), "openssl cms -verify: OK");
}
