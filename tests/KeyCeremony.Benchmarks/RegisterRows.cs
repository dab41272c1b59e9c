using System.Globalization;

namespace KeyCeremony.Benchmarks;

/// <summary>
/// <c>keyceremony register</c> of a ledger of ten thousand entries, a root and some hundred signing days: read, proven, retold, put into a
/// LiteDB file, asked. The limit is what reading and proving the same file takes without a question; the peer is <c>jq</c>,
/// which proves nothing.
/// </summary>
internal static class RegisterRows
{
    private const int Entries = 10_000;
    private const int Repetitions = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private static readonly string Program =
        Path.Combine(Results.Root(), "src", "KeyCeremony.App", "bin", "Release", "net10.0", "keyceremony.dll");

    private static readonly string Writer =
        Path.Combine(Results.Root(), "tests", "KeyCeremony.App.Tests", "bin", "Release", "net10.0", "KeyCeremony.App.Tests.dll");

    public static IReadOnlyList<Row> Measure()
    {
        string folder = Directory.CreateTempSubdirectory("keyceremony-bench-").FullName;
        try
        {
            ChildRun.Start("dotnet", folder, Patience, Writer, "write-long-ledger", folder, Entries.ToString(CultureInfo.InvariantCulture));
            ChildRun limit = Ours(folder, "--of", "ledgers");
            var peer = ChildRun.Fastest(Repetitions, () => ChildRun.Start("sh", folder, Patience, "-c",
                "cut -c66- keyceremony.journal | jq -r 'select(.body.kind==\"bag-sealed\") "
                    + "| [.body.number, .body.content, .ceremony] | @csv' > /dev/null"));
            return
            [
                Row("bags by a filter", Ours(folder, "--of", "bags", "--where", "state=sealed", "--csv"), peer, limit),
                Row("people by a query",
                    Ours(folder, "--csv", "--query", "SELECT FIRST(*.name) AS who, COUNT(*) AS n FROM people GROUP BY name"), null, limit),
                Row("everything counted", Ours(folder), null, limit),
            ];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Row Row(string name, ChildRun ours, ChildRun? peer, ChildRun limit) =>
        new($"register of 10k entries, {name} (ms)", ours.Milliseconds, peer?.Milliseconds, limit.Milliseconds, ours.PeakMemoryMB);

    private static ChildRun Ours(string folder, params string[] question) =>
        ChildRun.Fastest(Repetitions, () => ChildRun.Start("dotnet", folder, Patience, [Program, "register", folder, .. question]));
}
