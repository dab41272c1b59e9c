namespace KeyCeremony.Hsm.Tests;

/// <summary>
/// The days that pass between two ceremonies: libfaketime tells the program, and whatever it starts, a later time. How
/// long something takes is not changed.
/// </summary>
internal sealed class Calendar(Table table)
{
    private static readonly string Library =
        new[] { "x86_64", "aarch64" }.Select(machine => $"/usr/lib/{machine}-linux-gnu/faketime/libfaketime.so.1")
        .FirstOrDefault(File.Exists) ?? throw new InvalidOperationException("libfaketime is not installed: apt-get install faketime");

    private readonly DateTimeOffset _first = DateTimeOffset.UtcNow;

    /// <summary>What the clocks of the table show now.</summary>
    public DateTimeOffset Today => _first.AddDays(Day);

    public int Day { get; private set; }

    public void TurnTo(int day)
    {
        Day = day;
        table.Variables["LD_PRELOAD"] = Library;
        table.Variables["FAKETIME"] = $"{day:+0;-0;+0}d";
        table.Variables["FAKETIME_DONT_FAKE_MONOTONIC"] = "1";
        // Else every wait with a limit ends at once: the library adds the days to the monotonic clock of waits after all.
        table.Variables["FAKETIME_FORCE_MONOTONIC_FIX"] = "0";
        table.Variables["NO_FAKE_STAT"] = "1";
    }
}
