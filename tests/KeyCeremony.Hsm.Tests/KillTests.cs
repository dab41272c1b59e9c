using System.Collections.Immutable;
using KeyCeremony.App.Bundle;
using KeyCeremony.Core.Journal;
using KeyCeremony.Pkcs11.Tests;
using Xunit.Abstractions;

namespace KeyCeremony.Hsm.Tests;

/// <summary>
/// The power is pulled (SIGKILL), the program is started again with the same answers, and the ceremony must come to
/// its end: the bundle verifies and the HSMs hold exactly what the ledger knows.
/// <para>
/// Run by default: a sixteenth of the journal entries, on the one stick and on the other, and of the HSM calls that
/// change something or log in. KEYCEREMONY_KILL_ALL=1 takes every flush and every call; it runs for hours.
/// </para>
/// </summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private static readonly bool All = Environment.GetEnvironmentVariable("KEYCEREMONY_KILL_ALL") == "1";

    /// <summary>Two runs at a time: what the smallest machine has cores for.</summary>
    private static readonly ParallelOptions Pair = new() { MaxDegreeOfParallelism = 2 };

    private static readonly string Stub = StubModule.Build(AppContext.BaseDirectory);
    private static readonly string Killer = StubModule.BuildKiller(AppContext.BaseDirectory);

    private static readonly ImmutableHashSet<string> Changing =
    [
        "C_InitToken", "C_InitPIN", "C_SetPIN", "C_Login", "C_Logout", "C_CreateObject", "C_DestroyObject", "C_SetAttributeValue",
        "C_GenerateKeyPair", "C_WrapKey", "C_UnwrapKey", "C_Sign",
    ];

    public static TheoryData<string, string> Ceremonies => new() { { "root-creation", "before" }, { "root-creation", "after" }, { "disaster-recovery", "before" }, { "disaster-recovery", "after" } };

    [Theory]
    [InlineData("root-creation")]
    [InlineData("disaster-recovery")]
    public void Killed_at_a_journal_entry_it_comes_to_its_end(string ceremony)
    {
        using Table start = Start(ceremony);
        using Table clean = start.Copy();
        SetKiller(clean, at: 0, clean.Part("flushes"));
        clean.Run(ScriptOf(ceremony)).Expect(0);
        string[] flushes = File.ReadAllLines(clean.Part("flushes"));
        int[] firstA = [.. FirstFlushes(flushes, "stick-a")], firstB = [.. FirstFlushes(flushes, "stick-b")];
        int[] points = All ? [.. Enumerable.Range(1, flushes.Length)] : Thinned([.. firstA.Concat(firstB).Order()]);
        Assert.True(firstA.Length >= clean.Entries().Count(e => e.Ceremony.EndsWith(ceremony, StringComparison.Ordinal)), $"{firstA.Length} first flushes");
        output.WriteLine($"{points.Length} of {flushes.Length} flushes");

        AllEnd(points, point => $"flush {flushes[point - 1]}", point =>
        {
            using Table table = start.Copy();
            SetKiller(table, point, "");
            table.Run(ScriptOf(ceremony)).Expect(Ran.Killed);
            SetKiller(table, at: 0, "");
            // The sticks are flushed once more when they are closed: then everything is written.
            if (point > flushes.Length - 2)
                IsWhole(table);
            else
                ComesToItsEnd(table, ScriptOf(ceremony), repeat: point % 3 == 0);
        });
    }

    [Theory]
    [MemberData(nameof(Ceremonies))]
    public void Killed_inside_an_hsm_call_it_comes_to_its_end(string ceremony, string when)
    {
        using Table start = Start(ceremony);
        using Table clean = start.Copy();
        SetStub(clean, "", "", clean.Part("calls"));
        clean.Run(ScriptOf(ceremony)).Expect(0);
        // C_Sign 3 17: its third call, the seventeenth of all.
        string[] calls = File.ReadAllLines(clean.Part("calls"));
        int[] changes = [.. Enumerable.Range(1, calls.Length).Where(i => Changing.Contains(calls[i - 1].Split(' ')[0]))];
        Assert.True(changes.Length > Changing.Count);
        int[] points = All ? [.. Enumerable.Range(1, calls.Length)] : Thinned(changes);
        output.WriteLine($"{points.Length} of {calls.Length} calls");

        AllEnd(points, point => $"{when} call {calls[point - 1]}", point =>
        {
            using Table table = start.Copy();
            SetStub(table, $"{point}", when, "");
            table.Run(ScriptOf(ceremony)).Expect(Ran.Killed);
            SetStub(table, "", "", "");
            ComesToItsEnd(table, ScriptOf(ceremony), repeat: point % 3 == 0);
        });
    }

    [Fact]
    public void A_key_left_behind_is_found_and_taken_over_or_destroyed()
    {
        using Table clean = Table.Laid();
        SetStub(clean, "", "", clean.Part("calls"));
        clean.Run(Script.SmallRoot).Expect(0);
        // Both probes make equally many pairs; the root's and the transcript's are between them.
        int rootPair = File.ReadAllLines(clean.Part("calls")).Count(l => l.StartsWith("C_GenerateKeyPair ", StringComparison.Ordinal)) / 2;
        foreach (bool repeat in new[] { false, true })
        {
            using Table table = Table.Laid();
            SetStub(table, $"C_GenerateKeyPair:{rootPair}", "after", "");
            table.Run(Script.SmallRoot).Expect(Ran.Killed);
            SetStub(table, "", "", "");
            ComesToItsEnd(table, Script.SmallRoot, repeat);

            EntryBody[] said = [.. table.Entries().Select(e => e.Body)];
            LeftoversFound left = Assert.Single(said.OfType<LeftoversFound>());
            Assert.Equal(2, left.Objects.Length);
            Assert.True(left.Complete);
            Assert.Equal(repeat ? "repeat" : "adopt", Assert.Single(said.OfType<AttemptResolved>()).Resolution);
        }
    }

    /// <summary>Every sixteenth, the last one among them.</summary>
    private static int[] Thinned(int[] points) => [.. points.Where((_, i) => (points.Length - 1 - i) % 16 == 0)];

    private static void ComesToItsEnd(Table table, Script script, bool repeat)
    {
        table[":resolve"] = repeat ? "repeat" : "@first";
        table.Run(script).Expect(0);
        IsWhole(table);
    }

    private static void IsWhole(Table table)
    {
        VerifyReport report = BundleVerify.Run(table.Bundles, new VerifyOptions());
        Assert.True(report.Passed, report.Text);
        Token.HoldsWhatTheLedgerKnows(table);
    }

    /// <summary>Takes all points, then fails with every one that did not end well.</summary>
    private static void AllEnd(int[] points, Func<int, string> name, Action<int> run)
    {
        var failed = new SortedDictionary<int, string>();
        Parallel.ForEach(points, Pair, point =>
        {
            try
            {
                run(point);
            }
            catch (Exception e) when (e is Xunit.Sdk.XunitException or InvalidOperationException or Pkcs11.HsmException)
            {
                lock (failed)
                    failed.Add(point, e.Message);
            }
        });
        Assert.True(failed.Count == 0, $"{failed.Count} of {points.Length} did not come to their end:\n{string.Join('\n', failed.Take(12).Select(f => $"{name(f.Key)}: {f.Value}"))}");
    }

    private static Table Start(string ceremony)
    {
        if (ceremony == "root-creation")
            return Table.Laid();
        using Table before = Table.After(Script.SmallRoot);
        return before.AfterTheFire();
    }

    private static Script ScriptOf(string ceremony) => ceremony == "root-creation" ? Script.SmallRoot : Script.SmallRecovery;

    private static void SetKiller(Table table, int at, string log)
    {
        table.Variables["LD_PRELOAD"] = Killer;
        table.Variables["KILLER_SUFFIX"] = ".ledger,.ledger-journal";
        table.Variables["KILLER_AT"] = $"{at}";
        table.Variables["KILLER_LOG"] = log;
        if (log.Length == 0)
            table.Variables.Remove("KILLER_LOG");
    }

    /// <summary>
    /// Where an entry begins to be written on a stick: until then the stick ends with the entry before. Each entry is
    /// several flushes of the stick's rollback journal and file.
    /// </summary>
    private static IEnumerable<int> FirstFlushes(string[] flushes, string stick) =>
        Enumerable.Range(1, flushes.Length).Where(i => IsOn(stick, flushes[i - 1]) && (i == 1 || !IsOn(stick, flushes[i - 2])));

    private static bool IsOn(string stick, string flush) => flush.Contains($"/{stick}/", StringComparison.Ordinal);

    private static void SetStub(Table table, string killAt, string when, string log)
    {
        table.Module = Stub;
        table.Variables["STUB_FORWARD"] = App.Room.SoftHsmTokens.Module() ?? throw new InvalidOperationException("SoftHSM2 is not installed: apt-get install softhsm2");
        foreach ((string name, string value) in new[] { ("STUB_KILL_AT", killAt), ("STUB_KILL_WHEN", when), ("STUB_LOG", log) })
        {
            table.Variables.Remove(name);
            if (value.Length > 0)
                table.Variables[name] = value;
        }
    }
}
