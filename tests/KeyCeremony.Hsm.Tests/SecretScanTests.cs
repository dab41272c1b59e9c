using System.Collections.Immutable;
using System.Diagnostics;
using System.Text;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Sharing;
using KeyCeremony.Pkcs11.Tests;
using Xunit.Abstractions;

namespace KeyCeremony.Hsm.Tests;

/// <summary>The secrets of a played ceremony are known from its envelopes: they must stand nowhere else.</summary>
public sealed class SecretScanTests(ITestOutputHelper output)
{
    [Fact]
    public void After_closing_no_secret_is_in_any_file_or_in_memory()
    {
        using var table = Table.Laid();
        using Process program = table.Start(Script.Root, "--stay");
        string said = SaysUntil(program, "closed");
        using Secrets secrets = SecretsOf(table, JournalOf(table.Bundles.Single()));

        // The search finds what is there: the words where they belong, and what the program said in its memory.
        Assert.NotEmpty(secrets.FindIn(table.Envelopes));
        byte[] title = Encoding.Unicode.GetBytes("Creation of a root certification authority");
        using (var known = new Secrets())
        {
            known.Add("title", title);
            Assert.NotEmpty(known.FindInMemory(program.Id));
        }

        Assert.Empty(secrets.FindInMemory(program.Id));
        Tool.Run("gcore", "-o", table.Part("core"), $"{program.Id}").Expect(0);
        string core = Directory.EnumerateFiles(table.Folder, "core.*").Single();
        output.WriteLine($"core dump of {new FileInfo(core).Length >> 20} MiB");
        Assert.Empty(secrets.FindInFile(core));

        program.StandardInput.WriteLine();
        Ran ended = Tool.Ended(program).Expect(0);
        Assert.Empty(secrets.FindInBytes("stdout and stderr", Encoding.UTF8.GetBytes(said + ended.Said)));
        foreach (string place in new[] { table.StickA, table.StickB, table.Out })
            Assert.Empty(secrets.FindIn(place));
        Assert.Empty(secrets.FindInFile(table.AnswersFile));
    }

    /// <summary>Both sets are dealt when the power goes, in the first call to the drill HSM.</summary>
    [Fact]
    public void A_killed_ceremony_leaves_no_secret_behind()
    {
        using var table = Table.Laid();
        table.Module = StubModule.Build(AppContext.BaseDirectory);
        table.Variables["STUB_FORWARD"] = App.Room.SoftHsmTokens.Module() ?? throw new InvalidOperationException("SoftHSM2 is not installed: apt-get install softhsm2");
        table.Variables["STUB_KILL_AT"] = "C_InitToken:5";
        table.Run(Script.SmallRoot).Expect(Ran.Killed);
        Assert.Equal(2, table.World().Sets.Count);
        using Secrets secrets = SecretsOf(table, table.Entries());
        foreach (string place in new[] { table.StickA, table.StickB, table.Out })
            Assert.Empty(secrets.FindIn(place));
    }

    private static Secrets SecretsOf(Table table, ImmutableArray<Entry> entries)
    {
        var secrets = new Secrets();
        World world = Replay.WorldAfter(entries);
        foreach (ShareSetFact set in world.Sets.Values)
        {
            using SecretBytes secret = Cards.Secret(table, set);
            secrets.AddValue($"secret of {set.Made.Set}", secret.Span);
            for (int card = 1; card <= set.Made.Custodians.Length; card++)
                secrets.AddCard($"card {card} of {set.Made.Set}", table.Card(set.Made.Set, card));
            if (set.Made.Name == "backup")
                continue;
            secrets.AddText("user PIN", Cards.Pin(table, world, PinPurpose.User));
            secrets.AddText("security officer's PIN", Cards.Pin(table, world, PinPurpose.SecurityOfficer));
        }
        return secrets;
    }

    private static ImmutableArray<Entry> JournalOf(string bundle)
    {
        (ImmutableArray<Entry> entries, Refusal? refusal) = JournalReader.ReadLines(File.ReadAllBytes(Path.Combine(bundle, "journal.jsonl")));
        Assert.Null(refusal);
        return entries;
    }

    private static string SaysUntil(Process program, string line)
    {
        var said = new StringBuilder();
        while (program.StandardOutput.ReadLine() is { } next)
        {
            said.AppendLine(next);
            if (next == line)
                return said.ToString();
        }
        throw new InvalidOperationException($"it ended early: {said}{program.StandardError.ReadToEnd()}");
    }
}
