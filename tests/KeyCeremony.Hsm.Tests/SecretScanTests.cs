using System.Collections.Immutable;
using System.Diagnostics;
using System.Text;
using KeyCeremony.App.Tests.Terminal;
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
        KeepsNoSecret(table, Script.Root, "Creation of a root certification authority");
    }

    /// <summary>The HSM was unlocked: the activation secret and both PINs were in memory.</summary>
    [Fact]
    public void After_a_signing_ceremony_no_secret_is_in_any_file_or_in_memory()
    {
        using var table = Table.After(Script.Root);
        table.Follow("periodic");
        Visitors.BringRequests(table);
        KeepsNoSecret(table, new Script("intermediate-signing"), "Signing of production intermediates from requests");
    }

    /// <summary>The cards were written down from the screen and typed at the keyboard; the last screen still stands.</summary>
    [Fact]
    public void After_closing_at_a_terminal_no_secret_is_in_any_file_in_memory_or_on_the_screen()
    {
        using var table = Table.Laid();
        string answers = table.Part("recorded.json");
        using var terminal = new TmuxTerminal(80, 25, table.Command(Script.Root, "--record-answers", answers));
        var people = new PeopleAtTheTerminal(terminal);
        people.WriteDown(people.PlayUntil("a card", PeopleAtTheTerminal.IsShown));
        using (var held = new Secrets())
        {
            held.AddCard("the card that is dealt", string.Join(' ', people.Cards.Single()));
            Assert.NotEmpty(held.FindInMemory(terminal.ProcessId));
        }

        Assert.Contains("HSM locked", people.PlayUntil("its end", screen => screen.IsClosed).Text, StringComparison.Ordinal);
        ImmutableArray<Entry> entries = JournalOf(table.Bundles.Single());
        PutIntoEnvelopes(people, table, entries);
        using Secrets secrets = SecretsOf(table, entries);
        Assert.NotEmpty(secrets.FindIn(table.Envelopes));

        RemembersNone(secrets, table, terminal.ProcessId, "Creation of a root certification authority");
        Assert.True(terminal.ShowsSecondScreen);
        ShowsNone(secrets, people, terminal);

        terminal.Press("Enter");
        Assert.Equal(0, terminal.WaitForEnd());
        Assert.False(terminal.ShowsSecondScreen);
        ShowsNone(secrets, people, terminal);
        foreach (string place in new[] { table.StickA, table.StickB, table.Out })
            Assert.Empty(secrets.FindIn(place));
        Assert.Empty(secrets.FindInFile(answers));
    }

    /// <summary>The process that looks a second time logs in with the user's PIN: it is held for as long as the HSM is unlocked.</summary>
    [Fact]
    public void While_the_hsm_is_unlocked_its_pin_is_in_locked_memory_and_in_no_dump()
    {
        using var table = Table.Laid();
        using var terminal = new TmuxTerminal(80, 25, table.Command(Script.Root));
        var people = new PeopleAtTheTerminal(terminal);
        people.PlayUntil("an unlocked HSM", screen => screen.Text.Contains("HSM unlocked", StringComparison.Ordinal));
        // The program has locked its sticks' files: a copy can be opened.
        Tool.Run("cp", "-r", table.StickA, table.Part("copy")).Expect(0);
        ImmutableArray<Entry> entries = PowerCuts.EntriesOn(table.Part("copy"));
        PutIntoEnvelopes(people, table, entries);
        using (Secrets secrets = SecretsOf(table, entries))
        {
            Assert.Contains(secrets.FindInMemory(terminal.ProcessId), hit => hit.StartsWith("user PIN", StringComparison.Ordinal));
            Assert.Empty(secrets.FindInUnlockedMemory(terminal.ProcessId));
            Assert.Empty(secrets.FindInFile(Dump(table, terminal.ProcessId)));
        }
    }

    /// <summary>Both sets are dealt when the power goes, in the first call to the drill HSM.</summary>
    [Fact]
    public void A_killed_ceremony_leaves_no_secret_behind()
    {
        using var table = Table.Laid();
        table.Module = StubModule.Build(AppContext.BaseDirectory);
        table.Variables["STUB_FORWARD"] = App.Room.SoftHsmTokens.Module()
            ?? throw new InvalidOperationException("SoftHSM2 is not installed: apt-get install softhsm2");
        table.Variables["STUB_KILL_AT"] = "C_InitToken:5";
        table.Run(Script.SmallRoot).Expect(Ran.Killed);
        Assert.Equal(2, table.World().Sets.Count);
        using Secrets secrets = SecretsOf(table, table.Entries());
        foreach (string place in new[] { table.StickA, table.StickB, table.Out })
            Assert.Empty(secrets.FindIn(place));
    }

    private void KeepsNoSecret(Table table, Script script, string title)
    {
        using Process program = table.Start(script, "--stay");
        string said = SaysUntil(program, "closed");
        using Secrets secrets = SecretsOf(table, JournalOf(table.Bundles[^1]));

        // The search finds what is there: the words where they belong.
        Assert.NotEmpty(secrets.FindIn(table.Envelopes));
        RemembersNone(secrets, table, program.Id, title);

        program.StandardInput.WriteLine();
        Ran ended = Tool.Ended(program).Expect(0);
        Assert.Empty(secrets.FindInBytes("stdout and stderr", Encoding.UTF8.GetBytes(said + ended.Said)));
        foreach (string place in new[] { table.StickA, table.StickB, table.Out })
            Assert.Empty(secrets.FindIn(place));
        Assert.Empty(secrets.FindInFile(table.AnswersFile));
    }

    private void RemembersNone(Secrets secrets, Table table, int program, string title)
    {
        // The search finds what is there: something that the program said.
        using (var known = new Secrets())
        {
            known.Add("title", Encoding.Unicode.GetBytes(title));
            Assert.NotEmpty(known.FindInMemory(program));
        }

        Assert.Empty(secrets.FindInMemory(program));
        Assert.Empty(secrets.FindInFile(Dump(table, program)));
        // The HSM's module is in a process of its own, which was handed every PIN and the wrap key.
        foreach (int host in HostOf(program))
            Assert.Empty(secrets.FindInMemory(host));
    }

    private static int[] HostOf(int program) => [.. Directory.EnumerateDirectories($"/proc/{program}/task")
        .SelectMany(t => File.ReadAllText(Path.Combine(t, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Select(id => int.Parse(id, System.Globalization.CultureInfo.InvariantCulture))];

    private string Dump(Table table, int program)
    {
        Tool.Run("gcore", "-o", table.Part("core"), $"{program}").Expect(0);
        string core = Directory.EnumerateFiles(table.Folder, "core.*").Single();
        output.WriteLine($"core dump of {new FileInfo(core).Length >> 20} MiB");
        return core;
    }

    private static void ShowsNone(Secrets secrets, PeopleAtTheTerminal people, TmuxTerminal terminal)
    {
        Assert.Empty(secrets.FindInBytes("terminal", Encoding.UTF8.GetBytes(terminal.Memory())));
        foreach (string[] card in people.Cards)
            people.SeeNothingOf(card);
    }

    /// <summary>Under the names that the unattended program gives them: each card says which set it is of.</summary>
    private static void PutIntoEnvelopes(PeopleAtTheTerminal people, Table table, ImmutableArray<Entry> entries)
    {
        Directory.CreateDirectory(table.Envelopes);
        foreach (string[] card in people.Cards)
        {
            string words = string.Join(' ', card);
            using Share share = Cards.Read(words);
            ShareSetFact set = Replay.WorldAfter(entries).Sets.Values.Single(s => s.Made.Identifier == share.Header.Identifier);
            File.WriteAllText(table.CardFile(set.Made.Set, share.Header.MemberIndex + 1), words);
        }
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
        (ImmutableArray<Entry> entries, Refusal? refusal) =
            JournalReader.ReadLines(File.ReadAllBytes(Path.Combine(bundle, "journal.jsonl")));
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
