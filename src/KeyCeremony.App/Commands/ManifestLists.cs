using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using KeyCeremony.Core;
using KeyCeremony.Core.Manifest.Devices;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Commands;

/// <summary>What the commands share that read a device list.</summary>
internal static class ManifestLists
{
    // Reads are large, and a buffer between would only copy them.
    private const int NoBuffer = 0;

    public static Option<string> Devices() =>
        new("--devices") { Description = "The device list: CSV with a header, or JSON lines.", Required = true };

    public static Option<string?> Salts(string description) => new("--salts") { Description = description };

    public static Option<int> Threads()
    {
        var threads = new Option<int>("--threads")
        {
            Description = "How many work on the list. Left out: as many as there are cores.",
            DefaultValueFactory = _ => Math.Min(Environment.ProcessorCount, DeviceTreeInput.MaxThreads),
        };
        threads.Validators.Add(parsed =>
        {
            if (parsed.Tokens is [var given] && int.TryParse(given.Value, out int number)
                && number is < 1 or > DeviceTreeInput.MaxThreads)
                parsed.AddError($"--threads takes 1 to {DeviceTreeInput.MaxThreads}.");
        });
        return threads;
    }

    /// <summary>Runs a long command: with progress, and ended in order when it is interrupted or a file fails.</summary>
    public static int Run(Func<ListProgress, CancellationToken, int> run)
    {
        using var interruptible = new Interruptible();
        try
        {
            using var progress = new ListProgress(TimeProvider.System);
            return run(progress, interruptible.Token);
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("Interrupted. Nothing was written.");
            return Interruptible.ExitCode;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Words.Refuse(BuildRules.Command.Refuse(
                $"A file did not do what it was asked for: {FileFaults.InWords(e)}.",
                "Nothing was written. Mend the cause and run the command again."));
        }
    }

    public static bool TryReadSalts(string path, [NotNullWhen(true)] out SaltKey? key, [NotNullWhen(false)] out Refusal? refusal)
    {
        key = null;
        if (!InputFile.TryRead(path, SaltKey.FileLength, DeviceRules.Salts, out byte[]? file, out refusal))
            return false;
        bool read = SaltKey.TryRead(file, out key, out refusal);
        CryptographicOperations.ZeroMemory(file);
        return read;
    }

    /// <summary>A list that can be opened; each opening begins at its first byte.</summary>
    public static bool TryInput(string path, SaltKey salts, int threads, ListProgress progress,
        CancellationToken cancellation, [NotNullWhen(true)] out DeviceTreeInput? input, [NotNullWhen(false)] out Refusal? refusal)
    {
        input = null;
        if (!InputFile.TryOpen(path, DeviceRules.List, out FileStream? file, out refusal))
            return false;
        file.Dispose();
        input = new DeviceTreeInput
        {
            OpenList = () => Open(path),
            Salts = salts,
            NewScratch = ScratchFiles.New,
            Threads = threads,
            Progress = progress.Tell,
            Cancellation = cancellation,
        };
        return true;
    }

    /// <summary>Lists of earlier batches that can all be opened: that one cannot is known before an hour has passed.</summary>
    public static bool TryEarlier(string[] paths, out ImmutableArray<EarlierList> earlier, [NotNullWhen(false)] out Refusal? refusal)
    {
        (earlier, refusal) = ([], null);
        foreach (string path in paths)
        {
            if (!InputFile.TryOpen(path, DeviceRules.List, out FileStream? file, out refusal))
                return false;
            file.Dispose();
            earlier = earlier.Add(new EarlierList(Path.GetFileName(path), () => Open(path)));
        }
        return true;
    }

    private static FileStream Open(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.Read, NoBuffer, FileOptions.SequentialScan);

    public static int Refuse(string path, DeviceListProblems problems)
    {
        foreach (DeviceListProblem problem in problems.First)
            Console.Error.WriteLine($"{Path.GetFileName(path)}:{problem.Line}:{problem.Column}: {problem.Refusal}");
        if (problems.More > 0)
            Console.Error.WriteLine($"and {problems.More} more rows.");
        return 1;
    }

    public static UnixFileMode OwnerOnly => UnixFileMode.UserRead | UnixFileMode.UserWrite;
}
