using System.Globalization;
using System.Text.Json;

namespace KeyCeremony.Benchmarks;

/// <summary>The rows for people, on the console, and for programs, in artifacts/bench/results.json.</summary>
internal static class Results
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
    };

    public static string Folder { get; } = Path.Combine(Root(), "artifacts", "bench");

    /// <summary>The repository's folder.</summary>
    public static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "KeyCeremony.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("KeyCeremony.sln is in no folder above the program");
    }

    public static void Print(IReadOnlyList<Row> rows)
    {
        int width = rows.Max(row => row.Name.Length);
        Console.WriteLine($"{"".PadRight(width)} {"ours",10} {"peer",10} {"limit",10} {"to peer",8} {"to limit",8} {"peak MB",8}");
        foreach (Row row in rows)
            Console.WriteLine(
                $"{row.Name.PadRight(width)} {Number(row.Ours),10} {Number(row.Peer, row.PeerWasStopped ? ">" : ""),10} "
                    + $"{Number(row.Limit),10} "
                + $"{Number(row.RatioToPeer, row.PeerWasStopped ? "<" : ""),8} {Number(row.RatioToLimit),8} {Number(row.PeakMemoryMB),8}");
    }

    // The results of the last run are the only ones kept: they are a measurement, not a record.
    public static void Write(IReadOnlyList<Row> rows)
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllBytes(Path.Combine(Folder, "results.json"), JsonSerializer.SerializeToUtf8Bytes(rows, Json));
    }

    private static string Number(double? value, string sign = "") => value switch
    {
        null => "-",
        >= 100 => sign + value.Value.ToString("F0", CultureInfo.InvariantCulture),
        _ => sign + value.Value.ToString("F2", CultureInfo.InvariantCulture),
    };
}
