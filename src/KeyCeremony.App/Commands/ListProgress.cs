using System.Globalization;
using KeyCeremony.Core.Manifest.Devices;

namespace KeyCeremony.App.Commands;

/// <summary>Rows, percent and time left, on standard error: on a terminal one line that changes, elsewhere a line now and then.</summary>
internal sealed class ListProgress(TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan OnTerminal = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Elsewhere = TimeSpan.FromSeconds(10);

    private readonly long _started = clock.GetTimestamp();
    private readonly bool _isTerminal = !Console.IsErrorRedirected;
    private TimeSpan _told;
    private int _width;

    public void Tell(DeviceListProgress progress)
    {
        TimeSpan elapsed = clock.GetElapsedTime(_started);
        // The first at once: whoever waits sees that it works.
        if (_width > 0 && elapsed - _told < (_isTerminal ? OnTerminal : Elsewhere))
            return;
        _told = elapsed;
        string line = Line(progress, elapsed);
        if (!_isTerminal)
            Console.Error.WriteLine(line);
        else
            Console.Error.Write($"\r{line.PadRight(_width)}");
        _width = line.Length;
    }

    /// <summary>What follows begins on a line of its own.</summary>
    public void Dispose()
    {
        if (_isTerminal && _width > 0)
            Console.Error.Write($"\r{new string(' ', _width)}\r");
    }

    internal static string Line(DeviceListProgress progress, TimeSpan elapsed)
    {
        string rows = $"{progress.Rows.ToString("#,0", CultureInfo.InvariantCulture).Replace(',', ' ')} rows";
        if (progress is not { TotalBytes: > 0 and var total, Bytes: > 0 })
            return rows;
        double part = (double)progress.Bytes / total;
        return string.Create(CultureInfo.InvariantCulture,
            $"{rows}, {Math.Floor(100 * part)}%, {elapsed * ((1 - part) / part):hh\\:mm\\:ss} left");
    }
}
