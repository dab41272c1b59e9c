using System.Collections.Immutable;
using KeyCeremony.App.Ledger;
using KeyCeremony.App.Room;
using KeyCeremony.App.Tests.Terminal;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.App.Tests.Room;

/// <summary>Nothing is on the record sticks before the roll call is confirmed: whoever came to the wrong ceremony leaves.</summary>
public sealed class HeldOpeningTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("keyceremony-held-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Who_leaves_in_the_roll_call_leaves_empty_sticks()
    {
        string[] sticks = Sticks("a", "b");
        using (RecordLedger ledger = Opened(sticks, "root-creation.md", question => question.Id == "everybody"))
            Assert.True(ledger.IsHeld);
        Assert.All(sticks, stick => Assert.Empty(Directory.EnumerateFileSystemEntries(stick)));
        Assert.True(RecordLedger.NoneOn(sticks));
    }

    [Fact]
    public void Who_leaves_in_the_roll_call_leaves_a_ledger_as_it_was()
    {
        string[] sticks = Sticks("a", "b");
        Opened(sticks, "root-creation.md", question => question.Id == "room", aborts: true).Dispose();
        byte[][] before = [.. sticks.Select(s => File.ReadAllBytes(Path.Combine(s, "keyceremony.journal")))];
        Opened(sticks, "root-creation.md", question => question.Id == "everybody").Dispose();
        Assert.Equal(before, sticks.Select(s => File.ReadAllBytes(Path.Combine(s, "keyceremony.journal"))));
    }

    [Fact]
    public void When_the_roll_call_is_confirmed_everything_is_written_in_its_order_and_resumed()
    {
        string[] sticks = Sticks("a", "b");
        using (RecordLedger ledger = Opened(sticks, "root-creation.md", question => question.Id == "script"))
        {
            Assert.False(ledger.IsHeld);
            Assert.IsType<RoomOpened>(ledger.Last.Body);
        }
        Assert.True(RecordLedger.TryLook(sticks, Environments.Rehearsal, allowCatchUp: false, out ImmutableArray<Entry> entries, out _));
        Assert.Equal(["LedgerCreated", "CeremonyOpened", .. Enumerable.Repeat("Answered", 7), "RoomOpened"],
            entries.Select(e => e.Body.GetType().Name));
        using RecordLedger again = Opened(sticks, null, question => true);
        Assert.IsType<Reopened>(again.Last.Body);
    }

    /// <summary>What people say on purpose is recorded, also when nobody was named yet.</summary>
    [Fact]
    public void A_deviation_in_the_roll_call_is_written_at_once()
    {
        string[] sticks = Sticks("a", "b");
        RecordLedger ledger = Opened(sticks, "root-creation.md", question => question.Id == "name/operator/1", reports: true);
        Assert.False(ledger.IsHeld);
        Assert.Contains(ledger.Entries, e => e.Body is ExceptionRaised);
        ledger.Dispose();
        Assert.All(sticks, s => Assert.Equal(ledger.Entries.Length, File.ReadLines(Path.Combine(s, "keyceremony.journal")).Count()));
    }

    [Fact]
    public void A_look_writes_nothing_to_a_stick_that_is_behind()
    {
        string[] sticks = Sticks("a", "b");
        Opened(sticks, "root-creation.md", question => question.Id == "script").Dispose();
        string journal = Path.Combine(sticks[1], "keyceremony.journal");
        string[] lines = File.ReadAllLines(journal);
        File.WriteAllText(journal, string.Concat(lines[..^1].Select(line => line + "\n")));
        Assert.True(RecordLedger.TryLook(sticks, Environments.Rehearsal, allowCatchUp: false, out ImmutableArray<Entry> entries, out _));
        Assert.Equal(lines.Length, entries.Length);
        Assert.Equal(lines.Length - 1, File.ReadLines(journal).Count());
    }

    /// <summary>Taken into use as the command does it, answered until a question; the ledger is as the people leave it.</summary>
    private static RecordLedger Opened(string[] sticks, string? script, Func<Question, bool> leaves,
        bool aborts = false, bool reports = false)
    {
        TimeProvider clock = TimeProvider.System;
        CeremonyScript? read = null;
        if (script is not null)
            Assert.True(Commands.Words.TryLoad(TestFiles.PathOf("ceremony-scripts", script), out read));
        Assert.True(Opening.TryLedger(sticks, Environments.Rehearsal, false, clock, out RecordLedger? ledger, out Refusal? refusal),
            refusal?.Message);
        Assert.True(Opening.TryCeremony(ledger, read, clock, out CeremonyState? state, out refusal), refusal?.Message);
        using var custody = new Custody(bytes => bytes.Clear());
        int said = 0;
        bool ended = new Loop(ledger, state, custody, clock).Run(
            (s, question, _) => (aborts, reports, leaves(question)) switch
            {
                (true, _, true) => new Reply(new Abort("The fire alarm went off.")),
                (true, _, _) when question.Id == "abort/decide" => new Reply(new Answer(question.Id, "abort")),
                (_, true, true) when said++ == 0 => new Reply(new Report("The door was open.")),
                (_, _, true) => null,
                _ => new Reply(new Answer(question.Id, Says(question))),
            },
            (_, effect) => throw new InvalidOperationException(effect.Name));
        Assert.Equal(aborts, ended);
        return ledger;
    }

    private static string Says(Question question) => question switch
    {
        { Kind: AnswerKind.Typed } => question.Expected,
        { Id: "name/administrator/1" } => "Ada Adams",
        { Id: "name/operator/1" } => "Otto Olsen",
        { Id: "name/witness/1" } => "Wilma Weiss",
        { Id: "name/officer/1" } => "Bea Berg",
        { Id: "name/officer/2" } => "Carl Castro",
        { Id: "name/officer/3" } => "Dana Dvorak",
        { Kind: AnswerKind.Text } => "It was the fire alarm.",
        _ => "",
    };

    private string[] Sticks(params string[] names) => [.. names.Select(n => Directory.CreateDirectory(Path.Combine(_folder, n)).FullName)];
}
