using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.Core.Tests.Journal;

/// <summary>A line that anybody may have written is an entry in its exact form or JOURNAL-01, never an exception.</summary>
public sealed class HostileLineTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private static readonly Entry First = Entry.Following(null, "", Noon, "",
        new LedgerCreated(new string('0', 32), "rehearsal", "keyceremony 1"));

    private static readonly ImmutableArray<string> Lines =
        [.. JournalMutants.Bodies.Select(b => Entry.Following(First, "0001-x", Noon, "step", b).ToString())];

    public static TheoryData<string> Kinds => [.. JournalMutants.Bodies.Select(b => b.GetType().Name)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_with_one_value_spoilt_is_read_whole_or_refused(string kind)
    {
        string line = LineOf(kind);
        Assert.NotNull(Read(line));
        Assert.NotEmpty(JournalMutants.Of(line));

        foreach (string mutant in JournalMutants.Of(line))
            if (Read(mutant) is { } entry)
            {
                Assert.Equal(mutant, entry.ToString());
                Assert.True(Entry.CanSay(entry.Body), mutant);
                AssertWhole(JsonNode.Parse(mutant)!, null);
            }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void No_text_steers_a_terminal_or_is_read_as_something_else(string kind)
    {
        foreach (string text in new[] { "a\nb", "a\r", "\t", "\u001b[2J", "\u0085",
            "a\u202eb", "a\u2066b", "a\u200db", "a\u2028b", "a\u2029b", "\ue000" })
            foreach (string mutant in JournalMutants.WithText(LineOf(kind), text))
                Assert.True(Read(mutant) is null || text == "a\nb" && (mutant.Contains("\"script\":\"a\\nb\"", StringComparison.Ordinal)
                    || mutant.Contains("\"dclRecord\":\"a\\nb\"", StringComparison.Ordinal)), mutant);
        foreach (string mutant in JournalMutants.WithText(LineOf(kind), "Zoë Żółć Иванова 山田 𝔘"))
            Assert.True(Read(mutant) is not null || IsTime(mutant), mutant);
    }

    [Theory]
    [InlineData("1969-12-31T23:59:59+00:00")]
    [InlineData("0001-01-01T00:00:00+00:00")]
    [InlineData("2026-11-22T12:00:00+05:00")]
    [InlineData("2026-11-22T12:00:00.0001+00:00")]
    public void An_absurd_time_or_another_offset_is_refused(string utc) =>
        Assert.Null(Read(First.ToString().Replace("2026-11-22T12:00:00+00:00", utc, StringComparison.Ordinal)));

    [Theory]
    [InlineData("2050-01-01T00:00:00+00:00")]
    [InlineData("2099-12-31T23:59:59.999+00:00")]
    [InlineData("9999-12-31T23:59:59.999+00:00")]
    public void A_late_time_is_a_time(string utc) =>
        Assert.NotNull(Read(First.ToString().Replace("2026-11-22T12:00:00+00:00", utc, StringComparison.Ordinal)));

    [Theory]
    [InlineData("4f1c22aa00000000000000000000000", "rehearsal")]
    [InlineData("4F1C22AA000000000000000000000001", "rehearsal")]
    [InlineData("4f1c22aa000000000000000000000001 ", "rehearsal")]
    [InlineData("", "rehearsal")]
    [InlineData("4f1c22aa000000000000000000000001", "Production")]
    [InlineData("4f1c22aa000000000000000000000001", "")]
    public void A_ledger_has_one_form_of_number_and_one_of_four_environments(string id, string environment) =>
        Assert.Equal("JOURNAL-06",
            JournalReader.Read([Line(Entry.Following(null, "", Noon, "", new LedgerCreated(id, environment, "p")))]).Refusal?.Rule);

    [Fact]
    public void No_ceremony_is_opened_twice()
    {
        var second = Entry.Following(First, "0001-x", Noon, "", new CeremonyOpened("x", 1, "", "", ""));
        var third = Entry.Following(second, "0001-x", Noon, "", new CeremonyOpened("x", 1, "", "", ""));

        Assert.Null(JournalReader.Read([Line(First), Line(second)]).Refusal);
        Assert.Equal("JOURNAL-07", JournalReader.Read([Line(First), Line(second), Line(third)]).Refusal?.Rule);
    }

    [Fact]
    public void What_a_device_says_is_written_only_if_it_can_be_read_again()
    {
        Assert.True(Entry.CanSay(new KeyLocked("root")));
        Assert.False(Entry.CanSay(new KeyLocked("ro\u202eot")));
        Assert.False(Entry.CanSay(new KeyLocked(new string('x', Entry.MaxBytes))));
    }

    private static string LineOf(string kind) =>
        Lines[JournalMutants.Bodies.IndexOf(JournalMutants.Bodies.Single(b => b.GetType().Name == kind))];

    private static Entry? Read(string line)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(line);
        var entry = Entry.Read(bytes, First.Hash);
        Assert.Equal(entry is null, JournalReader.Read([bytes]).Refusal?.Rule == "JOURNAL-01");
        return entry;
    }

    private static bool IsTime(string mutant) => TimeNames.Any(n => mutant.Contains($"\"{n}\":\"Z", StringComparison.Ordinal));

    private static readonly ImmutableArray<string> TimeNames = ["utc", "witness",
        "appliance", "revoked", "invalidity", "thisUpdate", "nextUpdate"];

    /// <summary>Null stands where a moment may be unknown, and nowhere else.</summary>
    private static void AssertWhole(JsonNode node, string? name)
    {
        foreach ((string? member, JsonNode? value) in node switch
        {
            JsonObject o => o.Select(p => ((string?)p.Key, p.Value)),
            JsonArray a => a.Select(v => (name, v)),
            _ => [],
        })
            if (value is not null)
                AssertWhole(value, member);
            else
                Assert.True(node is JsonObject && member == "invalidity", node.ToJsonString());
    }

    private static ReadOnlyMemory<byte> Line(Entry entry) => entry.Bytes.AsSpan().ToArray();
}
