using System.Runtime.InteropServices;

namespace KeyCeremony.Iso.Tests;

/// <summary>What a computer's loudspeaker played, from QEMU's recording: 44,100 samples a second, two channels of 16 bits.</summary>
internal static class Loudspeaker
{
    private const int Header = 44;
    private const int Rate = 44_100;
    private const int Loud = 1000;

    /// <summary>The tones, one behind the other: how high in hertz, and how long in seconds.</summary>
    public static IReadOnlyList<(double Hertz, double Seconds)> Heard(string file)
    {
        byte[] bytes = Read(file);
        ReadOnlySpan<short> samples = bytes.Length <= Header ? []
            : MemoryMarshal.Cast<byte, short>(bytes.AsSpan(Header, (bytes.Length - Header) / 4 * 4));
        List<(double, double)> tones = [];
        int began = -1, last = 0, turns = 0;
        bool high = false;
        for (int at = 0; at < samples.Length / 2; at++)
        {
            int value = samples[at * 2];
            if (Math.Abs(value) < Loud)
            {
                // A square wave is never still for so long.
                if (began >= 0 && at - last > Rate / 50)
                    Take();
                continue;
            }
            if (began < 0)
                (began, turns, high) = (at, 0, value > 0);
            if (value > 0 != high)
                (high, turns) = (value > 0, turns + 1);
            last = at;
        }
        if (began >= 0)
            Take();
        return tones;

        void Take()
        {
            double seconds = (last - began) / (double)Rate;
            tones.Add((turns / 2.0 / Math.Max(seconds, 1e-3), seconds));
            began = -1;
        }
    }

    /// <summary>QEMU writes on.</summary>
    private static byte[] Read(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
