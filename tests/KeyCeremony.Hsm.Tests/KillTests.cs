using System.Collections.Concurrent;
using KeyCeremony.Core.Journal;
using KeyCeremony.Pkcs11.Tests;
using KeyCeremony.Verifier;
using Xunit.Abstractions;

namespace KeyCeremony.Hsm.Tests;

/// <summary>
/// The power fails, the program is started again with the same answers, and the ceremony must come to its end: the
/// bundle verifies and the HSMs hold exactly what the ledger knows.
/// </summary>
public sealed class KillTests(ITestOutputHelper output)
{
    /// <summary>
    /// Of the different moments every eighth one is taken; with KEYCEREMONY_KILL_ALL=1 every one. Not a multiple of three:
    /// in every third moment an attempt is repeated instead of adopted.
    /// </summary>
    private static readonly int OneOf = Environment.GetEnvironmentVariable("KEYCEREMONY_KILL_ALL") == "1" ? 1 : 8;

    /// <summary>In one of so many moments the program is also killed: what is left must be the same.</summary>
    private const int KilledOneOf = 48;

    /// <summary>Two runs at a time: what the smallest machine has cores for.</summary>
    private static readonly ParallelOptions Pair = new() { MaxDegreeOfParallelism = 2 };

    private static readonly string Stub = StubModule.Build(AppContext.BaseDirectory);
    private static readonly string Killer = StubModule.BuildKiller(AppContext.BaseDirectory);

    [Theory]
    [InlineData("root-creation", 2500, 250)]
    [InlineData("disaster-recovery", 1200, 250)]
    [InlineData("custodian-replacement", 850, 150)]
    [InlineData("intermediate-signing", 850, 180)]
    [InlineData("crl-signing", 850, 150)]
    [InlineData("batch-manifest", 950, 190)]
    public void Wherever_the_power_fails_it_comes_to_its_end(string ceremony, int moments, int different)
    {
        var script = Script.Small(ceremony);
        using Table start = Start(ceremony), stopped = start.Copy();
        var cuts = new PowerCuts(stopped, script);
        var failed = new ConcurrentDictionary<string, string>();
        int taken = 0;
        Parallel.ForEach(Partitioner.Create(cuts.All(), EnumerablePartitionerOptions.NoBuffering), Pair, (cut, _, number) =>
        {
            using Table left = cut.Left;
            if (number % OneOf != 0)
                return;
            Interlocked.Increment(ref taken);
            try
            {
                if (number % KilledOneOf == 0)
                    LeavesTheSame(left, start, script, cut.Where);
                if (cut.Over)
                    IsWhole(left);
                else
                    ComesToItsEnd(left, script, repeat: number % 3 == 0);
            }
            catch (Exception e) when (e is Xunit.Sdk.XunitException or InvalidOperationException or Pkcs11.HsmException)
            {
                failed.TryAdd(cut.Where, e.Message);
            }
        });
        output.WriteLine($"{cuts.Moments} moments, {cuts.Different} different, {taken} taken");
        Assert.True(cuts.Moments > moments && cuts.Different > different, $"{cuts.Moments} moments, {cuts.Different} different");
        Assert.True(failed.IsEmpty, $"{failed.Count} of {taken} did not come to their end:\n"
            + $"{string.Join('\n', failed.Take(12).Select(f => $"{f.Key}: {f.Value}"))}");
    }

    [Fact]
    public void A_key_left_behind_is_found_and_taken_over_or_destroyed()
    {
        using var clean = Table.Laid();
        SetStub(clean, "", "", clean.Part("calls"));
        clean.Run(Script.SmallRoot).Expect(0);
        // Both probes make equally many pairs; the root's and the transcript's are between them.
        int rootPair = File.ReadAllLines(clean.Part("calls")).Count(l => l.StartsWith("C_GenerateKeyPair ", StringComparison.Ordinal)) / 2;
        foreach (bool repeat in new[] { false, true })
        {
            using var table = Table.Laid();
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

    /// <summary>A second run, with SIGKILL where the first one stood still.</summary>
    private static void LeavesTheSame(Table left, Table start, Script script, string where)
    {
        using Table table = start.Copy();
        string[] words = where.Split(' ');
        if (words is [var when, _, _, var call])
        {
            SetStub(table, call, when, "");
        }
        else
        {
            table.Variables["LD_PRELOAD"] = Killer;
            table.Variables["KILLER_SUFFIX"] = "*";
            table.Variables["KILLER_AT"] = words[0];
        }
        table.Run(script).Expect(Ran.Killed);
        Assert.Equal(LiesOn(left), LiesOn(table));
    }

    /// <summary>What can be compared between two runs: random numbers differ, and so do the names made of them.</summary>
    private static string LiesOn(Table table)
    {
        using Table copy = table.Copy();
        return $"""
            A {string.Join(' ', PowerCuts.EntriesOn(copy.StickA).Select(e => e.Body.GetType().Name))}
            B {string.Join(' ', PowerCuts.EntriesOn(copy.StickB).Select(e => e.Body.GetType().Name))}
            in the HSMs {Files(table.Hsm)}, in envelopes {Files(table.Envelopes)}, exported {Files(table.Out)}
            """;
    }

    private static int Files(string folder) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Count(f => !f.EndsWith(".conf", StringComparison.Ordinal))
        : 0;

    private static Table Start(string ceremony)
    {
        if (ceremony == "root-creation")
            return Table.Laid();
        var before = Table.After(Script.SmallRoot);
        if (ceremony == "disaster-recovery")
            using (before)
                return before.AfterTheFire();
        before.Follow("periodic");
        if (ceremony == "batch-manifest")
        {
            Factory.BringBatches(before);
            return before;
        }
        Visitors.BringRequests(before);
        // The next list takes over what is on this one.
        if (ceremony == "crl-signing")
            before.Run(Script.Small("emergency-revocation")).Expect(0);
        return before;
    }

    private static void SetStub(Table table, string killAt, string when, string log)
    {
        table.Module = Stub;
        table.Variables["STUB_FORWARD"] = App.Room.SoftHsmTokens.Module()
            ?? throw new InvalidOperationException("SoftHSM2 is not installed: apt-get install softhsm2");
        foreach ((string name, string value) in new[] { ("STUB_KILL_AT", killAt), ("STUB_KILL_WHEN", when), ("STUB_LOG", log) })
        {
            table.Variables.Remove(name);
            if (value.Length > 0)
                table.Variables[name] = value;
        }
    }
}
