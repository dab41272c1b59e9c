using KeyCeremony.App.Commands;
using KeyCeremony.App.Devices;
using KeyCeremony.App.Room;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.App.Tests.Devices;

/// <summary>The ledger's ceremonies say which sticks are expected.</summary>
public sealed class RecordedSerialsTests(PlayedCeremony played) : IClassFixture<PlayedCeremony>
{
    [Fact]
    public void A_stick_that_nobody_recorded_is_said()
    {
        Assert.StartsWith("NOT a serial number", RecordedSerials.Of(played.Room.Entries).Say(Stick("4C530001")), StringComparison.Ordinal);
        Assert.StartsWith("NOT a serial number", RecordedSerials.Of(played.Room.Entries).Say(Stick("")), StringComparison.Ordinal);
        Assert.Equal("no serial number is recorded in this ledger yet",
            RecordedSerials.Of(played.Room.Entries[..1]).Say(Stick("4C530001")));
    }

    [Fact]
    public void A_recorded_stick_is_expected_however_its_letters_are_written()
    {
        string serial = played.Room.Entries.Select(e => e.Body).OfType<Answered>().Last(a => a.Question == "record-stick-b").Value;
        foreach (string written in new[] { serial, serial.ToLowerInvariant(), serial.ToUpperInvariant() })
            Assert.Matches("^expected: recorded as [a-z-]+ in 0001-root-creation$",
                RecordedSerials.Of(played.Room.Entries).Say(Stick(written)));
    }

    [Fact]
    public void An_answer_that_was_taken_back_expects_nothing()
    {
        int at = played.Room.Entries.ToList().FindIndex(e => e.Body is Answered { Question: "primary-hsm" });
        Entry answer = played.Room.Entries[at];
        var undone = Entry.Following(answer, answer.Ceremony, answer.Utc, answer.Step, new Withdrawn(answer.Seq));
        Assert.StartsWith("expected", RecordedSerials.Of(played.Room.Entries[..(at + 1)]).Say(Stick(((Answered)answer.Body).Value)),
            StringComparison.Ordinal);
        Assert.StartsWith("no serial",
            RecordedSerials.Of(played.Room.Entries[..(at + 1)].Add(undone)).Say(Stick(((Answered)answer.Body).Value)),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("production", true, "/images", "", "RUN-09")]
    [InlineData("rehearsal", true, null, "/out", "RUN-10")]
    [InlineData("rehearsal", false, null, "/out", "RUN-10")]
    public void Options_that_do_not_go_together_are_refused(string environment, bool drives, string? images, string output, string rule) =>
        Assert.Equal(rule, new RunWanted
        {
            Environment = environment,
            Module = "/module.so",
            Out = output,
            Drives = drives,
            Images = images,
        }.Refuse()?.Rule);

    private static Drive Stick(string serial) => new("sdb", 7, "Maker", "Model", serial, 64_000_000, false, []);
}
