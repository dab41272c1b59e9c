using System.Diagnostics;

namespace KeyCeremony.Benchmarks;

/// <summary>How long something takes, after a run that is not counted.</summary>
internal static class Timing
{
    /// <summary>Nanoseconds of one call, in the fastest of the batches: other programs slow most batches down, rarely all.</summary>
    public static double Nanoseconds(int batches, int batchSize, Action call)
    {
        Batch(batchSize, call);
        return Enumerable.Range(0, batches).Min(_ => Batch(batchSize, call).TotalNanoseconds / batchSize);
    }

    /// <summary>Milliseconds of something too long to repeat often: the median.</summary>
    public static double Milliseconds(int repetitions, Func<TimeSpan> once)
    {
        once();
        double[] took = [.. Enumerable.Range(0, repetitions).Select(_ => once().TotalMilliseconds).Order()];
        return took[repetitions / 2];
    }

    private static TimeSpan Batch(int size, Action call)
    {
        var watch = Stopwatch.StartNew();
        for (int i = 0; i < size; i++)
            call();
        return watch.Elapsed;
    }
}
