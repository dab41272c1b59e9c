using System.Diagnostics;
using System.Text.Json;
using KeyCeremony.Core.Tests.Sharing;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.Core.Tests.Transfer;

/// <summary>Against npm @ngraveio/bc-ur, written by others from the same standard: the same frames, each reads the other's.</summary>
[Trait("Needs", "packages")]
public sealed class UrPeerTests
{
    /// <param name="After">The peer's first frame is the next one.</param>
    private sealed record Cut(int Length, int Longest, uint After, int Count);

    private static readonly Cut[] Cuts =
    [
        new(1, 10, 0, 1),
        new(10, 10, 0, 2),
        new(11, 10, 0, 40),
        new(25, 10, 0, 60),
        new(100, 10, 0, 60),
        new(77, 20, 0, 60),
        new(255, 24, 0, 60),
        new(256, 36, 0, 80),
        new(1000, 40, 0, 120),
        new(1001, 36, 65_500, 80),
        new(2500, 162, 0, 60),
        new(5000, 344, 0, 60),
        new(5900, 590, 0, 60),
        new(5901, 590, 0, 60),
        new(20_000, 892, 200, 60),
        new(70_000, 590, 110, 40),
        new(3000, 40, 4_000_000_000, 30),
        new(30_000, 30, 999_990, 12), // 1000 fragments
        new(40_960, 10, 1_000_000, 3), // the most
    ];

    [Fact]
    public void Every_frame_is_the_peers_byte_for_byte()
    {
        JsonElement[] answers = Ask([.. Cuts.Select((cut, i) => Question(cut, i))]);
        foreach ((Cut? cut, int i) in Cuts.Select((cut, i) => (cut, i)))
        {
            var frames = new FrameSequence(Samples.Noise(cut.Length, i), cut.Longest);
            Assert.Equal(answers[i].GetProperty("fragments").GetInt32(), frames.Count);
            Assert.Equal(Frames(answers[i]).Select(text => text.ToUpperInvariant()), frames.Texts(cut.Count, cut.After + 1));
        }
    }

    [Fact]
    public void Frames_of_many_lengths_are_the_peers_byte_for_byte()
    {
        Cut[] cuts = [.. Enumerable.Range(0, 250).Select(i => new Cut(1 + (i * i % 1999), 10 + (i * 7 % 300), (uint)(i * i * i), 6))];
        JsonElement[] answers = Ask([.. cuts.Select((cut, i) => Question(cut, i))]);
        Assert.All(cuts.Select((cut, i) => (cut, i)), one => Assert.Equal(
            Frames(answers[one.i]).Select(text => text.ToUpperInvariant()),
            new FrameSequence(Samples.Noise(one.cut.Length, one.i), one.cut.Longest).Texts(one.cut.Count, one.cut.After + 1)));
    }

    /// <summary>Mixed frames only, as after a long look away.</summary>
    [Fact]
    public void We_read_what_the_peer_shows()
    {
        Artefact artefact = Samples.Artefact("root.der", MediaTypes.Certificate, Samples.Noise(1500, 5));
        byte[] message = Samples.Message(artefact);
        foreach (JsonElement answer in Ask(Encode(message, 100, 0, 20), Encode(message, 100, 50, 60), Encode(message, 2000, 0, 1)))
        {
            var collector = new FrameCollector();
            foreach (string frame in Frames(answer))
                Assert.True(collector.TryTake(frame, out Refusal? refusal), refusal?.ToString());
            Assert.True(Samples.IsSame(artefact, collector.Received()));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(29)]
    [InlineData(1500)]
    public void The_peer_reads_what_we_show_and_finds_the_artefact_in_it(int length)
    {
        Artefact artefact = Samples.Artefact("journal.jsonl", "application/jsonl", Samples.Prose(length));
        FrameSequence frames = Samples.Frames(artefact, 30);
        string[][] showings =
        [
            [.. frames.Texts(frames.Count)],
            [.. frames.Texts(frames.Count * 3, first: 2)],
            [.. Samples.Frames(artefact, 2000).Texts(1)],
        ];
        foreach (JsonElement answer in Ask([.. showings.Select(texts => (object)new { @do = "decode", frames = texts })]))
        {
            string? message = answer.GetProperty("message").GetString();
            Assert.Equal(Convert.ToHexStringLower(Samples.Message(artefact)), message);
            JsonElement opened = Ask(new { @do = "open", message })[0];
            Assert.Equal((artefact.Name, artefact.Type), (opened.GetProperty("name").GetString(), opened.GetProperty("type").GetString()));
            Assert.Equal(Convert.ToHexStringLower(artefact.Bytes.Span), opened.GetProperty("data").GetString());
        }
    }

    private static object Question(Cut cut, int seed) => Encode(Samples.Noise(cut.Length, seed), cut.Longest, cut.After, cut.Count);

    private static object Encode(byte[] message, int longest, uint after, int count) =>
        new { @do = "encode", message = Convert.ToHexStringLower(message), longest, after, count };

    private static IEnumerable<string> Frames(JsonElement answer) =>
        answer.GetProperty("frames").EnumerateArray().Select(text => text.GetString()!);

    private static JsonElement[] Ask(params object[] questions)
    {
        string folder = Path.Combine(TestFiles.Root, "tests", "ur-peer");
        Assert.True(Directory.Exists(Path.Combine(folder, "node_modules", "@ngraveio")), "run `npm ci` in tests/ur-peer");

        var start = new ProcessStartInfo("node", "peer.js")
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using Process node = Process.Start(start)!;
        node.StandardInput.Write(JsonSerializer.Serialize(questions));
        node.StandardInput.Close();
        string answers = node.StandardOutput.ReadToEnd();
        node.WaitForExit();
        Assert.Equal(0, node.ExitCode);
        return [.. JsonDocument.Parse(answers).RootElement.EnumerateArray()];
    }
}
