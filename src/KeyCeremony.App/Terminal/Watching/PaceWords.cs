using System.Globalization;
using KeyCeremony.Core.Ceremony;

namespace KeyCeremony.App.Terminal.Watching;

/// <summary>How long it has taken and will take, to the minute.</summary>
internal static class PaceWords
{
    /// <summary>For a narrow place: "0:42 h, 1:10 h left".</summary>
    public static string Short(Pace pace, DateTimeOffset utc) => pace.Left(utc) is { } left
        ? $"{Hours(pace.Elapsed(utc))} h, {Hours(left)} h left" : $"{Hours(pace.Elapsed(utc))} h so far";

    public static string Long(Pace pace, DateTimeOffset utc) => $"It has taken {Hours(pace.Elapsed(utc))} hours, breaks not counted. "
        + (pace.Left(utc) is not { } left
            ? "No ceremony of this script was closed in this ledger before: nobody knows how long it will take."
            : $"As the last {(pace.Compared == 1 ? "one" : pace.Compared)} of this script went, {Hours(left)} hours are left.");

    private static string Hours(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}:{time.Minutes:D2}");
}
