using System.Diagnostics;
using KeyCeremony.App.Ledger;
using KeyCeremony.App.Room;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Hsm.Tests;

/// <summary>What is allowed in a rehearsal only, and what production does not forgive.</summary>
public sealed class EnvironmentTests
{
    [Theory]
    [InlineData("development")]
    [InlineData("staging")]
    [InlineData("production")]
    public void Answers_files_and_software_tokens_are_for_rehearsals(string environment)
    {
        using var table = Table.Laid();
        Ran refused = table.Run(Script.SmallRoot, "--environment", environment).Expect(2);
        Assert.Contains("RUN-02", refused.Err, StringComparison.Ordinal);
        Assert.False(Directory.Exists(table.StickA));
    }

    [Theory]
    [InlineData("--answers")]
    [InlineData("--envelopes")]
    [InlineData("--record-answers")]
    [InlineData("--softhsm")]
    public void Each_of_them_is_refused_alone(string option)
    {
        using var table = Table.Laid();
        Ran refused = table.Program("run", Script.SmallRoot.WriteTo(table.Part("scripts")),
            "--ledger", table.StickA, "--ledger", table.StickB,
            "--out", table.Out, "--module", "/nowhere.so", "--environment", "production", option, table.Part("given")).Expect(2);
        Assert.Contains("RUN-02", refused.Err, StringComparison.Ordinal);
    }

    [Fact]
    public void A_ledger_does_not_change_its_environment()
    {
        using var table = Table.After(Script.SmallRoot);
        Ran refused = table.Program("run", Script.SmallRoot.WriteTo(table.Part("scripts")),
            "--ledger", table.StickA, "--ledger", table.StickB,
            "--out", table.Out, "--module", SoftHsmTokens.Module()!, "--environment", "staging").Expect(1);
        Assert.Contains("LEDGER-12", refused.Err, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nothing.so", "There is no file")]
    [InlineData("scripts/root-creation.md", "is no library")]
    [InlineData("libc.so.6", "not a PKCS#11 module")]
    public void A_module_that_is_none_is_refused_before_anything_is_begun(string module, string why)
    {
        using var table = Table.Laid();
        string script = Script.SmallRoot.WriteTo(table.Part("scripts"));
        table.Module = module == "libc.so.6"
            ? Process.GetCurrentProcess().Modules.Cast<ProcessModule>().First(m => m.ModuleName == module).FileName
            : module.StartsWith("scripts", StringComparison.Ordinal) ? script : table.Part(module);

        Ran refused = table.Run(Script.SmallRoot).Expect(1);

        Assert.Contains("RUN-12", refused.Err, StringComparison.Ordinal);
        Assert.Contains(why, refused.Err, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", refused.Said, StringComparison.Ordinal);
        Assert.False(Directory.Exists(table.StickA));
    }

    /// <summary>The two sticks of production are two devices: a disk and the memory file system.</summary>
    [Fact]
    public void A_production_ceremony_stops_at_a_gate_that_fails_and_goes_on_when_it_is_mended()
    {
        using var table = Table.Laid();
        string other = Directory.CreateDirectory($"/dev/shm/{Path.GetFileName(table.Folder)}").FullName;
        try
        {
            Directory.CreateDirectory(table.StickA);
            string root = table.Part("appliance"), network = Path.Combine(root, "sys/class/net/eth0");
            Directory.CreateDirectory(network);
            Directory.CreateDirectory(Path.Combine(root, "proc/self"));
            File.WriteAllText(Path.Combine(root, "proc/self/limits"),
                "Max core file size        0                    0                    bytes\n");
            Assert.True(Opening.TryLedger([table.StickA, other], Environments.Production,
                allowCatchUp: false, TimeProvider.System, out RecordLedger? ledger, out Refusal? refusal), refusal?.ToString());
            using (ledger)
            {
                int looked = Play(table, ledger, new ApplianceGate(root, memoryLocks: true, []), () => Directory.Delete(network));
                Assert.Equal(3, looked);
                Assert.Equal(["fail", "fail", "pass"], ledger.Entries.Select(e => e.Body)
                    .OfType<ApplianceInspected>().Select(a => a.Findings.Single(f => f.Id == "GATE-01").Result));
            }
        }
        finally
        {
            Directory.Delete(other, recursive: true);
        }
    }

    /// <summary>Plays until the gate is passed; answers how often the appliance was looked at.</summary>
    private static int Play(Table table, RecordLedger ledger, ApplianceGate gate, Action mend)
    {
        string path = Script.Root.WriteTo(table.Part("scripts"));
        Assert.True(App.Commands.Words.TryLoad(path, out CeremonyScript? script));
        Assert.True(Opening.TryCeremony(ledger, script, TimeProvider.System, out CeremonyState? state, out Refusal? refused),
            refused?.ToString());
        using var custody = new Custody(System.Security.Cryptography.RandomNumberGenerator.Fill);
        using var hsm = new App.Room.Hsm(new HsmSettings("/nowhere.so", null, null,
            new OneModule(() => throw new InvalidOperationException("no HSM is asked before the gate"))));
        var second = new SecondOpinion(table.Folder);
        using var desks = Desks.Open(null, [table.StickA, table.StickB], second, table.Folder);
        var performer = new Performer(ledger, hsm, new SecondLook(["dotnet", Repository.Program]), custody, gate, second, desks, table.Out);
        var loop = new Loop(ledger, state, custody, TimeProvider.System);
        int stopped = 0;
        bool ended = loop.Run(
            (s, question, refusal) =>
            {
                Assert.Null(refusal);
                if (s.Step is not (RollCallStep or RecordStep or GateStep))
                    return null;
                if (question.Blocked is { } blocked)
                {
                    Assert.Equal("GATE-00", blocked.Rule);
                    Assert.Equal(["again"], question.Choices.Select(o => o.Key));
                    Assert.Contains(question.EvidenceLines, l => l.Contains("eth0", StringComparison.Ordinal));
                    if (++stopped == 2)
                        mend();
                    return new Reply(new Answer(question.Id, "again"));
                }
                return new Reply(new Answer(question.Id, question switch
                {
                    { Kind: AnswerKind.Typed } => question.Expected,
                    _ when question.Id.StartsWith("name/", StringComparison.Ordinal) => $"Person {question.Id}",
                    _ => "yes",
                }));
            },
            performer.Perform);
        Assert.False(ended);
        Assert.Equal("clock", loop.State.Step!.Id);
        return stopped + 1;
    }
}
