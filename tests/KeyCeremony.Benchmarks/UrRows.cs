using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using KeyCeremony.Core;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.Benchmarks;

/// <summary>Multipart UR next to npm @ngraveio/bc-ur: how fast frames are made and put together, and how many must be shown.</summary>
internal static class UrRows
{
    /// <summary>A code of version 20.</summary>
    private const int Characters = 1249;

    private const int Batches = 5;
    private const int Patterns = 20;
    private const int MostShown = 40; // times the fragments; the peer is done long before

    public static IReadOnlyList<Row> Measure()
    {
        var rows = new List<Row>();
        rows.AddRange(Throughput(10_000, "10 KB"));
        rows.AddRange(Throughput(100_000, "100 KB"));
        foreach (int count in new[] { 20, 100, 200 })
            foreach (int loss in new[] { 0, 5, 10, 20 })
                rows.Add(Shown(count, loss));
        return rows;
    }

    /// <summary>Frames behind the fragments, and an artefact from every frame but each tenth.</summary>
    private static Row[] Throughput(int bytes, string name)
    {
        FrameSequence frames = Frames(bytes);
        string[] seen = Enumerable.Range(1, 3 * frames.Count).Where(number => number % 10 != 0)
            .Select(number => frames.Text((uint)number)).ToArray();
        uint encoded = (uint)frames.Count;
        double encode = Timing.Nanoseconds(Batches, 1, () =>
        {
            for (uint number = 1u; number <= encoded; number++)
                frames.Text(encoded + number);
        });
        double decode = Timing.Nanoseconds(Batches, 1, () => Collect(seen));
        var question = new
        {
            @do = "bench",
            encode = new
            {
                message = Convert.ToHexStringLower(Noise(bytes)),
                longest = (bytes + frames.Count - 1) / frames.Count,
                after = frames.Count,
                count = frames.Count
            },
            frames = seen,
            batches = Batches,
        };
        JsonElement peer = Ask(question)[0];
        return
        [
            new($"UR of {name}, {frames.Count} fragments: a mixed frame (ns)", encode / frames.Count,
                peer.GetProperty("encode").GetDouble() / frames.Count),
            new($"UR of {name}, put together with every tenth frame lost (ns)", decode, peer.GetProperty("decode").GetDouble()),
        ];
    }

    /// <summary>Frames that are shown until the receiver has all, in fragments; the limit is that each frame that arrives counts.</summary>
    private static Row Shown(int count, int loss)
    {
        FrameSequence frames = Frames((count * 590) - 300);
        uint[][] arrived = Enumerable.Range(0, Patterns).Select(seed => Arriving(frames, loss, seed)).ToArray();
        double ours = arrived.Average(numbers => (double)numbers[Used(frames, numbers) - 1]) / frames.Count;
        JsonElement[] answers = Ask([.. arrived.Select(numbers => (object)new { @do = "decode", frames = numbers.Select(frames.Text) })]);
        double peer = arrived.Zip(answers, (numbers, answer) => answer.TryGetProperty("message", out _)
            ? numbers[answer.GetProperty("used").GetInt32() - 1]
            : throw new InvalidOperationException("the peer was not done")).Average(shown => (double)shown) / frames.Count;
        return new(string.Create(CultureInfo.InvariantCulture,
            $"UR of {frames.Count} fragments, {loss} % lost: frames shown, in fragments"), ours, peer, 100.0 / (100 - loss));
    }

    private static uint[] Arriving(FrameSequence frames, int loss, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(1, MostShown * frames.Count).Where(_ => random.Next(100) >= loss)
            .Take(8 * frames.Count).Select(number => (uint)number)];
    }

    private static int Used(FrameSequence frames, uint[] numbers)
    {
        var collector = new FrameCollector();
        int used = 0;
        while (!collector.IsComplete)
            collector.TryTake(frames.Text(numbers[used++]), out _);
        return used;
    }

    private static void Collect(string[] frames)
    {
        var collector = new FrameCollector();
        foreach (string? frame in frames.TakeWhile(_ => !collector.IsComplete))
            collector.TryTake(frame, out _);
        if (!collector.TryFinish(out _, out Refusal? refusal))
            throw new InvalidOperationException(refusal.ToString());
    }

    private static FrameSequence Frames(int bytes) =>
        Artefact.TryCreate("noise.bin", MediaTypes.Unknown, Noise(bytes), out Artefact? artefact, out Refusal? refusal)
        && OutgoingMessage.TryPack(artefact, out OutgoingMessage? message, out refusal)
        && message.TryCut(Characters, out FrameSequence? frames, out refusal)
            ? frames
            : throw new InvalidOperationException(refusal.ToString());

    private static byte[] Noise(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private static JsonElement[] Ask(params object[] questions)
    {
        string folder = Path.Combine(Results.Root(), "tests", "ur-peer");
        if (!Directory.Exists(Path.Combine(folder, "node_modules", "@ngraveio")))
            throw new DirectoryNotFoundException("run `npm ci` in tests/ur-peer");
        var start = new ProcessStartInfo("node", "peer.js")
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using Process node = Process.Start(start)!;
        node.StandardInput.Write(JsonSerializer.Serialize(questions));
        node.StandardInput.Close();
        string output = node.StandardOutput.ReadToEnd();
        node.WaitForExit();
        if (node.ExitCode != 0)
            throw new InvalidOperationException($"peer.js ended with {node.ExitCode}");
        return [.. JsonDocument.Parse(output).RootElement.EnumerateArray()];
    }
}
