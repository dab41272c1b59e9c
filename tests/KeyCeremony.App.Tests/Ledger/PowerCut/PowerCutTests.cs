using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.App.Ledger;
using KeyCeremony.Core;
using KeyCeremony.Core.Journal;
using Xunit.Abstractions;

namespace KeyCeremony.App.Tests.Ledger.PowerCut;

/// <summary>
/// The power goes at every system call with which a ledger is created and written, and what the two sticks may hold then is
/// opened: nothing that was acknowledged is missing, nothing is refused. Also when it goes again while that is put right.
/// </summary>
public sealed class PowerCutTests : IDisposable
{
    private const int Entries = 40;

    /// <summary>How many states are drawn of each kind that is random, for each system call.</summary>
    private const int Drawn = 30;

    /// <summary>Of so many states in which something is put right, one is opened under strace: the power goes there too.</summary>
    private const int TracedOneOf = 250;

    /// <summary>As docs/assurance.md says.</summary>
    private const int DifferentAtLeast = 3000, InRecoveryAtLeast = 500;

    private static readonly IReadOnlyList<Entry> Expected = WrittenLedger.Entries(Entries);

    private readonly ITestOutputHelper _output;
    private readonly string _folder;
    private readonly HashSet<string> _seen = [];
    private readonly Dictionary<string, int> _counts = [];
    private readonly List<string> _bad = [];

    public PowerCutTests(ITestOutputHelper output)
    {
        _output = output;
        // States are made by the thousand: in memory, where there is such a file system.
        string place = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();
        _folder = Directory.CreateDirectory(Path.Combine(place, $"power-cut-{Guid.NewGuid():N}")).FullName;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Wherever_the_power_goes_nothing_that_was_acknowledged_is_lost_and_nothing_is_refused()
    {
        IReadOnlyList<DiskCall> calls = Traced();
        List<(Dictionary<string, byte[]> State, int Acknowledged)> traced = [];
        int drawn = 0, putRight = 0;
        foreach ((Dictionary<string, byte[]> state, int acknowledged) in States([], calls, 0))
        {
            drawn++;
            if (Open(state, acknowledged) && putRight++ % TracedOneOf == 0)
                traced.Add((state, acknowledged));
        }
        int different = _seen.Count;
        foreach ((Dictionary<string, byte[]> state, int acknowledged) in traced)
        {
            Lay(state);
            IReadOnlyList<DiskCall> recovery = SystemCalls.Of(_folder, Log(), "open-ledger", Stick("a"), Stick("b"));
            foreach ((Dictionary<string, byte[]> again, _) in States(state, recovery, acknowledged))
                Open(again, acknowledged);
        }
        int inRecovery = _seen.Count - different;
        string counted = $"{calls.Count} calls, {drawn} states drawn, {different} different, {putRight} put right; "
            + $"{traced.Count} openings, {inRecovery} more states; torn {_counts["torn"]}, behind {_counts["behind"]}";
        _output.WriteLine(counted);
        Assert.True(_bad.Count == 0, $"{_bad.Count} bad: {counted}\n{string.Join('\n', _bad.Take(12))}");
        Assert.True(different >= DifferentAtLeast && inRecovery >= InRecoveryAtLeast, counted);
        Assert.True(_counts["torn"] > 500 && _counts["behind"] > 500, counted);
        string page = File.ReadAllText(Path.Combine(RecordLedgerTests.Root(), "docs/assurance.md"));
        FormattableString[] numbers = [$"{DifferentAtLeast:N0} different states", $"{InRecoveryAtLeast:N0} more"];
        foreach (FormattableString said in numbers)
            Assert.Contains(said.ToString(CultureInfo.InvariantCulture), page, StringComparison.Ordinal);
    }

    /// <summary>The same without syncs, as LiteDB writes: so the states would show what is lost.</summary>
    [Fact]
    public void A_ledger_that_does_not_sync_loses_entries_and_is_found()
    {
        string[] ledgers = ["a/keyceremony.journal", "b/keyceremony.journal"];
        IReadOnlyList<DiskCall> calls = [.. Traced().Where(c => c is not DiskCall.Sync sync || !ledgers.Contains(sync.Name))];
        foreach ((Dictionary<string, byte[]> state, int acknowledged) in States([], [.. calls.Take(60)], 0))
            Open(state, acknowledged);
        Assert.True(_bad.Count > 50, $"{_bad.Count}");
    }

    private IReadOnlyList<DiskCall> Traced()
    {
        Lay([]);
        return SystemCalls.Of(_folder, Log(), "write-ledger", Stick("a"), Stick("b"), $"{Entries}");
    }

    /// <summary>What may be there after each of the calls, with how many entries were acknowledged by then.</summary>
    private static IEnumerable<(Dictionary<string, byte[]> State, int Acknowledged)> States(
        Dictionary<string, byte[]> before, IReadOnlyList<DiskCall> calls, int acknowledged)
    {
        var random = new Random(1);
        SimulatedDisk disk = new(before), synchronous = new(before);
        foreach (DiskCall call in calls)
        {
            if (call is DiskCall.Acknowledge acknowledge)
                acknowledged = acknowledge.Entries;
            for (int i = 0; i < 2 * Drawn; i++)
                yield return (synchronous.LastTorn(call, random, garbage: i % 2 == 1), acknowledged);
            disk.Apply(call);
            synchronous.ApplyDurably(call);
            yield return (disk.Killed(), acknowledged);
            yield return (disk.OnlySynced(), acknowledged);
            for (int i = 0; i < Drawn; i++)
            {
                yield return (disk.InOrder(random), acknowledged);
                yield return (disk.Mixed(random, cell: 4096, garbage: false), acknowledged);
                yield return (disk.Mixed(random, cell: 512, garbage: false), acknowledged);
                yield return (disk.Mixed(random, cell: 512, garbage: true), acknowledged);
            }
        }
    }

    /// <summary>Opens the sticks as the program does, and compares what is there then with what was written.</summary>
    /// <returns>Whether this state was not seen before and something had to be put right.</returns>
    private bool Open(Dictionary<string, byte[]> state, int acknowledged)
    {
        if (!_seen.Add($"{acknowledged} {HashOf(state)}"))
            return false;
        Lay(state);
        string[] sticks = [Stick("a"), Stick("b")];
        // Before a ledger was acknowledged there may be none: then it is created.
        if (RecordLedger.NoneOn(sticks))
        {
            Judge(acknowledged == 0, state, "there is no ledger");
            return false;
        }
        if (!RecordLedger.TryOpen(sticks, "rehearsal", allowCatchUp: false, out RecordLedger? ledger, out Refusal? refusal))
        {
            Judge(false, state, $"{acknowledged} acknowledged, {refusal}");
            return false;
        }
        bool putRight = ledger.Findings.Length > 0;
        using (ledger)
        {
            foreach (Finding finding in ledger.Findings)
                Count(finding.Id == "LEDGER-08" ? "torn" : "behind");
            Judge(ledger.Findings.All(f => f.Result == "warning"), state, "an exception has to be signed off");
            int there = ledger.Entries.Length;
            bool same = ledger.Entries.Select(e => e.HashHex).SequenceEqual(Expected.Take(there).Select(e => e.HashHex));
            Judge(same && there >= acknowledged && there <= acknowledged + 1, state, $"{acknowledged} acknowledged, {there} there");
        }
        byte[][] files = [.. sticks.Select(s => File.ReadAllBytes(RecordStick.PathIn(s)))];
        Judge(files[0].AsSpan().SequenceEqual(files[1]), state, "the sticks differ");
        return putRight;
    }

    private void Judge(bool good, Dictionary<string, byte[]> state, string what)
    {
        if (!good)
            _bad.Add($"{what}: {string.Join(", ", state.Select(f => $"{f.Key} {f.Value.Length}"))}");
    }

    private void Count(string what) => _counts[what] = _counts.GetValueOrDefault(what) + 1;

    private void Lay(Dictionary<string, byte[]> state)
    {
        foreach (string stick in new[] { Stick("a"), Stick("b") })
        {
            if (Directory.Exists(stick))
                Directory.Delete(stick, recursive: true);
            Directory.CreateDirectory(stick);
        }
        foreach ((string name, byte[] bytes) in state)
            File.WriteAllBytes(Path.Combine(_folder, name), bytes);
    }

    private string Stick(string name) => Path.Combine(_folder, name);

    private string Log() => Path.Combine(_folder, $"strace-{Guid.NewGuid():N}");

    private static string HashOf(Dictionary<string, byte[]> state)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((string name, byte[] bytes) in state.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{name}\n{bytes.Length}\n"));
            hash.AppendData(bytes);
        }
        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
