using System.Text;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.Core.Tests.Journal;

public sealed class EntryTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private static readonly Entry First = Entry.Following(null, "", Noon, "",
        new LedgerCreated("4f1c22aa000000000000000000000001", "rehearsal", "keyceremony 1"));

    [Fact]
    public void The_exact_bytes_are_readable_json()
    {
        var second = Entry.Following(First, "0001-x", Noon, "clock", new Answered("utc", "witness", "Zoë", "a+b/c= <\"&'>"));
        Assert.Equal(
            """{"seq":2,"ceremony":"0001-x","utc":"2026-11-22T12:00:00+00:00","step":"clock","body":{"kind":"answered","question":"utc","by":"witness","person":"Zoë","value":"a+b/c= <\"&'>"}}""",
            Encoding.UTF8.GetString(second.Bytes.AsSpan()));
    }

    [Fact]
    public void A_line_reads_back_to_the_same_entry()
    {
        var second = Entry.Following(First, "0001-x", Noon.AddMilliseconds(7), "gate",
            new ApplianceInspected([new Finding("GATE-01", "pass", "no network")]));
        var read = Entry.Read(second.Bytes.AsSpan(), First.Hash);
        Assert.NotNull(read);
        Assert.Equal(second.HashHex, read.HashHex);
        Assert.Equal("no network", Assert.IsType<ApplianceInspected>(read.Body).Findings[0].Text);
    }

    [Fact]
    public void Every_changed_byte_changes_the_hash_or_is_refused()
    {
        byte[] bytes = [.. First.Bytes];
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] ^= 1;
            var read = Entry.Read(bytes, Entry.Genesis);
            Assert.True(read is null || read.HashHex != First.HashHex);
            bytes[i] ^= 1;
        }
    }

    [Theory]
    [InlineData("""{"seq":1,"ceremony":"","utc":"2026-11-22T12:00:00+00:00","step":"","body":{"kind":"step-done","extra":1}}""")]
    [InlineData("""{"seq":1,"ceremony":"","utc":"2026-11-22T12:00:00+00:00","step":"","body":{"kind":"no-such-kind"}}""")]
    [InlineData("""{"seq":1,"ceremony":"","utc":"2026-11-22T12:00:00+00:00","step":"","body":{"kind":"withdrawn"}}""")]
    [InlineData("""{"seq":1,"seq":1,"ceremony":"","utc":"2026-11-22T12:00:00+00:00","step":"","body":{"kind":"step-done"}}""")]
    [InlineData("""{ "seq":1,"ceremony":"","utc":"2026-11-22T12:00:00+00:00","step":"","body":{"kind":"step-done"}}""")]
    [InlineData("""{"seq":1,"ceremony":null,"utc":"2026-11-22T12:00:00+00:00","step":"","body":{"kind":"step-done"}}""")]
    [InlineData("null")]
    [InlineData("")]
    public void A_line_in_another_form_is_refused(string line) =>
        Assert.Null(Entry.Read(Encoding.UTF8.GetBytes(line), Entry.Genesis));

    [Fact]
    public void Reader_names_the_first_wrong_line()
    {
        var second = Entry.Following(First, "", Noon, "", new StepDone());
        var third = Entry.Following(second, "", Noon.AddSeconds(-1), "", new StepDone());
        ReadOnlyMemory<byte> Line(Entry e) => e.Bytes.AsSpan().ToArray();
        Assert.Equal("JOURNAL-03", JournalReader.Read([Line(First), Line(second), Line(third)]).Refusal?.Rule);
        Assert.Equal("JOURNAL-02", JournalReader.Read([Line(First), Line(third)]).Refusal?.Rule);
        Assert.Equal("JOURNAL-04", JournalReader.Read([Line(second with
        {
            Bytes = [.. Encoding.UTF8.GetBytes(second.ToString().Replace("\"seq\":2", "\"seq\":1", StringComparison.Ordinal))],
        })]).Refusal?.Rule);
        Assert.Null(JournalReader.Read([Line(First), Line(second)]).Refusal);
    }
}
