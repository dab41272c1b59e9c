using System.Diagnostics;
using System.Globalization;
using SharpFuzz;

namespace KeyCeremony.Fuzz;

/// <summary>What <c>make fuzz</c> runs. docs/decisions/0023-fuzzing.md.</summary>
internal static class Fuzzing
{
    private static int Main(string[] args)
    {
        switch (args)
        {
            // Their readers' branches report themselves from now on. Of a copy: a library that is loaded is not rewritten.
            case ["instrument", .. string[] files]:
                foreach (string file in files)
                    Fuzzer.Instrument(file, _ => true, Options.Value);
                return 0;
            case ["targets"]:
                foreach (FuzzTarget target in FuzzTarget.All)
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{target.Name} {target.MaxBytes}"));
                return 0;
            case ["seed", string name, string folder]:
                FuzzTarget.Named(name).Sow(folder);
                return 0;
            // Under afl-fuzz again and again; a child process reads, so that one which died or hung is replaced. What is instrumented
            // runs in there alone: elsewhere it has nowhere to report to.
            case ["run", string name]:
                Fuzzer.OutOfProcess.Run(input => FuzzTarget.Named(name).Try(All(input)));
                return 0;
            case ["try", string name, .. string[] files]:
                return files.Aggregate(0, (code, file) => Holds(FuzzTarget.Named(name), file) ? code : 1);
            default:
                Console.Error.WriteLine("instrument FILE... | targets | seed TARGET FOLDER | run TARGET | try TARGET FILE...");
                return 2;
        }
    }

    private static byte[] All(Stream input)
    {
        using var all = new MemoryStream();
        input.CopyTo(all);
        return all.ToArray();
    }

    private static bool Holds(FuzzTarget target, string file)
    {
        long from = Stopwatch.GetTimestamp();
        try
        {
            target.Try(File.ReadAllBytes(file));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{file}: holds, {Stopwatch.GetElapsedTime(from).TotalMilliseconds:0} ms"));
            return true;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Console.WriteLine($"{file}: {e}");
            return false;
        }
    }
}
