using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using KeyCeremony.Core.Journal;
using KeyCeremony.Pkcs11.Tests;
using KeyCeremony.Verifier;
using Xunit.Abstractions;

namespace KeyCeremony.Hsm.Tests;

/// <summary>
/// The power fails, the program is started again with the same answers, and the ceremony must come to its end: the
/// bundle verifies and the HSMs hold exactly what the ledger knows.
/// <para>A program that stands still for every moment leaves a processor idle: what ends in Kill tests is held side by side.</para>
/// </summary>
public abstract class KilledCeremonies(ITestOutputHelper output)
{
    /// <summary>
    /// Of so many different moments one is taken: of the usual sixty-one, or as KEYCEREMONY_KILL_ONE_OF says; 1 is every one.
    /// Not a multiple of three: in every third moment an attempt is repeated instead of adopted.
    /// </summary>
    private static readonly int? AskedOneOf = Environment.GetEnvironmentVariable("KEYCEREMONY_KILL_ONE_OF") is { Length: > 0 } asked
        ? int.Parse(asked, CultureInfo.InvariantCulture) : null;

    private static readonly int OneOf = AskedOneOf ?? 61;

    /// <summary>In one of so many of them the program is also killed: what is left must be the same.</summary>
    private static readonly int KilledOneOf = Math.Max(48 / OneOf, 1);

    private static readonly string Stub = StubModule.Build(AppContext.BaseDirectory);
    private static readonly string Killer = StubModule.BuildKiller(AppContext.BaseDirectory);

    private protected void ComesToItsEnd(string ceremony, int moments, int different)
    {
        using Table start = Start(ceremony), stopped = start.Copy();
        Cut(start, stopped, Script.Small(ceremony), HsmsOfTable.SoftHsm, OneOf, moments, different);
    }

    /// <summary>Of all moments where so many are asked for, else in this number of calls.</summary>
    /// <param name="also">A call in which it is killed beside those that change an HSM.</param>
    /// <param name="last">Only among the last so many of them.</param>
    private protected void CutOrKill(Table before, Table after, Script script, HsmsOfTable hsms, int kills, int moments, int different,
        string also = "", int last = int.MaxValue)
    {
        if (AskedOneOf is { } oneOf)
            Cut(before, after, script, hsms, oneOf, moments, different);
        else
            Kill(before, after, script, hsms, kills, also, last);
    }

    /// <summary>A long ceremony whose moments are much like another's: unless more is asked for, it is killed in so many calls.</summary>
    private protected void ComesToItsEndWhenKilled(string ceremony, int kills, int moments, int different, string also = "",
        int last = int.MaxValue)
    {
        using Table start = Start(ceremony), stopped = start.Copy();
        CutOrKill(start, stopped, Script.Small(ceremony), HsmsOfTable.SoftHsm, kills, moments, different, also, last);
    }

    /// <summary>Calls that leave something else in an HSM.</summary>
    private static readonly ImmutableArray<string> Changing = ["C_InitToken", "C_InitPIN", "C_SetPIN", "C_CreateObject",
        "C_GenerateKeyPair", "C_SetAttributeValue", "C_UnwrapKey", "C_DestroyObject"];

    /// <summary>The ceremony is held once as it is, then killed in some of its calls, evenly among all, and comes to its end.</summary>
    private void Kill(Table start, Table whole, Script script, HsmsOfTable hsms, int kills, string also, int last)
    {
        string[] calls;
        using (hsms.PlugIn(whole))
        {
            SetStub(whole, "", "", whole.Part("calls"), hsms.Module);
            whole.Run(script).Expect(0);
            IsWhole(whole, hsms);
            SetStub(whole, "", "", "");
            string[] chosen = [also, .. Changing];
            calls = [.. File.ReadLines(whole.Part("calls")).Where(line => chosen.Contains(line.Split(' ')[0])).TakeLast(last)];
            File.Delete(whole.Part("calls"));
        }

        whole.Module = null;
        int repeated = 0;
        List<string> killed = [];
        for (int i = 0; i < kills; i++)
        {
            string[] call = calls[calls.Length * (i + 1) / (kills + 1)].Split(' ');
            killed.Add($"{call[0]}:{call[1]}");
            using Table table = start.Copy();
            using (hsms.PlugIn(table))
            {
                SetStub(table, $"{call[0]}:{call[1]}", i % 2 == 0 ? "after" : "before", "", hsms.Module);
                table.Run(script).Expect(Ran.Killed);
                SetStub(table, "", "", "");
            }

            using IDisposable? after = hsms.PlugIn(table);
            ComesToItsEnd(table, script, hsms, repeat: i % 2 == 1);
            repeated += table.Entries().Count(e => e.Body is AttemptResolved);
        }
        output.WriteLine($"{script.Name}: {string.Join(", ", killed)} of {calls.Length} calls, {repeated} attempts resolved");
    }

    /// <param name="start">The table before the ceremony.</param>
    /// <param name="stopped">A copy of it, on which the ceremony was held afterwards.</param>
    /// <param name="oneOf">Of so many different moments one is taken.</param>
    private void Cut(Table start, Table stopped, Script script, HsmsOfTable hsms, int oneOf, int moments, int different)
    {
        using IDisposable? plugged = hsms.PlugIn(stopped);
        var cuts = new PowerCuts(stopped, script, hsms);
        var failed = new Dictionary<string, string>();
        int taken = 0;
        var watch = Stopwatch.StartNew();
        int number = 0;
        foreach (PowerCut cut in cuts.All())
        {
            using Table left = cut.Left;
            int at = number++;
            if (at % oneOf != 0)
                continue;
            taken++;
            try
            {
                if (at % (oneOf * KilledOneOf) == 0)
                    LeavesTheSame(left, start, script, hsms, cut.Where);
                using IDisposable? after = hsms.PlugIn(left);
                if (cut.Over)
                    IsWhole(left, hsms);
                else
                    ComesToItsEnd(left, script, hsms, repeat: at % 3 == 0);
            }
            catch (Exception e) when (e is Xunit.Sdk.XunitException or InvalidOperationException or Pkcs11.HsmException)
            {
                failed.TryAdd(cut.Where, e.Message);
            }
        }
        output.WriteLine($"{script.Name}: {cuts.Moments} moments, {cuts.Different} different, {taken} taken, {watch.Elapsed:m\\:ss}");
        Assert.True(cuts.Moments > moments && cuts.Different > different, $"{cuts.Moments} moments, {cuts.Different} different");
        Assert.True(failed.Count == 0, $"{failed.Count} of {taken} did not come to their end:\n"
            + $"{string.Join('\n', failed.Take(12).Select(f => $"{f.Key}: {f.Value}"))}");
    }

    private protected static void ComesToItsEnd(Table table, Script script, HsmsOfTable hsms, bool repeat)
    {
        table[":resolve"] = repeat ? "repeat" : "@first";
        table.Run(script).Expect(0);
        IsWhole(table, hsms);
    }

    private static void IsWhole(Table table, HsmsOfTable hsms)
    {
        VerifyReport report = BundleVerify.Run(table.Bundles, new VerifyOptions());
        Assert.True(report.Passed, report.Text);
        hsms.HoldWhatTheLedgerKnows(table);
    }

    /// <summary>A second run, with SIGKILL where the first one stood still.</summary>
    private static void LeavesTheSame(Table left, Table start, Script script, HsmsOfTable hsms, string where)
    {
        using Table table = start.Copy();
        using IDisposable? plugged = hsms.PlugIn(table);
        string[] words = where.Split(' ');
        if (words is [var when, _, _, var call])
        {
            SetStub(table, call, when, "", hsms.Module);
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
        if (ceremony == "key-destruction")
            before["burn-cards:check/5/set"] = "done";
        if (ceremony == "release-signing")
        {
            using var releaser = new Releaser();
            releaser.BringBuilders(before);
            before.Run(Script.Small("release-key")).Expect(0);
            releaser.BringRelease(before);
            return before;
        }
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

    private protected static void SetStub(Table table, string killAt, string when, string log, string? module = null)
    {
        table.Module = Stub;
        table.Variables["STUB_FORWARD"] = module ?? HsmsOfTable.SoftHsm.Module;
        foreach ((string name, string value) in new[] { ("STUB_KILL_AT", killAt), ("STUB_KILL_WHEN", when), ("STUB_LOG", log) })
        {
            table.Variables.Remove(name);
            if (value.Length > 0)
                table.Variables[name] = value;
        }
    }
}
