using KeyCeremony.Core.Ceremony;

namespace KeyCeremony.App.Tests.Terminal;

public sealed class ClockTests
{
    [Fact]
    public void A_time_before_the_ledgers_last_entry_is_refused()
    {
        using var room = new FakeRoom("root-creation.md");
        room.GoTo("clock", AnswerKind.Utc);
        DateTimeOffset last = room.State.LedgerStoodAt;
        Assert.NotEqual(DateTimeOffset.MinValue, last);

        Assert.Equal("CLOCK-02", Typed(room, last.AddSeconds(-121)).Refusal?.Rule);
        Assert.Null(Typed(room, last.AddSeconds(-119)).Refusal);
    }

    [Fact]
    public void An_offset_beyond_the_tolerance_is_an_exception()
    {
        using var room = new FakeRoom("root-creation.md");
        room.GoTo("clock", AnswerKind.Utc);

        room.Tell(new Answer("utc", $"{room.Utc.AddSeconds(600):yyyy-MM-dd HH:mm:ss}"));
        room.Make(room.Move);

        Assert.Equal("CLOCK-03", Assert.IsType<Core.Journal.ExceptionRaised>(Assert.IsType<Note>(room.Move).Body).Rule);
    }

    private static Decision Typed(FakeRoom room, DateTimeOffset utc) =>
        Director.Decide(room.State, new Answer("utc", $"{utc:yyyy-MM-dd HH:mm:ss}"), room.Utc);
}
