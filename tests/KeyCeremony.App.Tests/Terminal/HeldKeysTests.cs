using KeyCeremony.App.Terminal;

namespace KeyCeremony.App.Tests.Terminal;

public sealed class HeldKeysTests
{
    /// <summary>
    /// Milliseconds at which Enter comes, and whether it counts: a held key repeats after 250 or 660 and then every 33 or 92.
    /// </summary>
    [Theory]
    [InlineData(new[] { 0, 250, 283, 316, 349, 382 }, new[] { true, false, false, false, false, false })]
    [InlineData(new[] { 0, 660, 752, 844 }, new[] { true, false, false, false })]
    [InlineData(new[] { 0, 120 }, new[] { true, false })]
    [InlineData(new[] { 0, 700, 1400 }, new[] { true, true, true })]
    [InlineData(new[] { 0, 500, 1000, 1700 }, new[] { true, false, false, true })]
    public void An_Enter_that_is_held_counts_once(int[] at, bool[] counts)
    {
        int now = 0;
        var held = new HeldKeys(() => TimeSpan.FromMilliseconds(now));
        Assert.Equal(counts, at.Select(time =>
        {
            now = time;
            return held.Counts(new Key(KeyKind.Enter));
        }));
    }

    /// <summary>The HSM works for seconds, and the key is held all the while.</summary>
    [Fact]
    public void An_Enter_that_was_dropped_is_the_one_before()
    {
        int now = 0;
        var held = new HeldKeys(() => TimeSpan.FromMilliseconds(now));
        bool At(int time)
        {
            now = time;
            return held.Counts(new Key(KeyKind.Enter));
        }
        Assert.True(At(0));
        now = 5000;
        held.Dropped();
        Assert.Equal([false, false, true], [At(5033), At(5066), At(5766)]);
    }

    [Fact]
    public void Whoever_types_between_pressed_another_Enter()
    {
        var held = new HeldKeys(() => TimeSpan.FromMilliseconds(5));
        Assert.All("a\r\rb\r".Zip([true, true, false, true, true]), pair =>
            Assert.Equal(pair.Second, held.Counts(pair.First == '\r' ? new Key(KeyKind.Enter) : Key.Of(pair.First))));
    }
}
