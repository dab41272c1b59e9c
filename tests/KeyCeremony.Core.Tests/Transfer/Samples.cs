using System.Text;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.Core.Tests.Transfer;

/// <summary>Artefacts, messages and frames for the tests.</summary>
internal static class Samples
{
    public static Artefact Note { get; } = Artefact("note.txt", "text/plain", "Root ceremony of 22 November\n"u8.ToArray());

    public static Artefact Artefact(string name, string type, byte[] bytes) =>
        Core.Transfer.Artefact.TryCreate(name, type, bytes, out Artefact? artefact, out Refusal? refusal)
            ? artefact
            : throw new ArgumentException(refusal.ToString());

    /// <summary>Bytes that do not compress.</summary>
    public static byte[] Noise(int length, int seed)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>As a journal compresses.</summary>
    public static byte[] Prose(int length) =>
        Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, length).Select(i => $"line {i % 97}\n")))[..length];

    public static byte[] Message(Artefact artefact) => CompressedMessage.Write(ArtefactContainer.Write(artefact));

    public static FrameSequence Frames(Artefact artefact, int longest) => new(Message(artefact), longest);

    public static IEnumerable<string> Texts(this FrameSequence frames, int count, uint first = 1) =>
        Enumerable.Range(0, count).Select(i => frames.Text(first + (uint)i));

    public static FrameCollector Collect(IEnumerable<string> frames)
    {
        var collector = new FrameCollector();
        foreach (string frame in frames)
            Assert.True(collector.TryTake(frame, out Refusal? refusal), refusal?.ToString());
        return collector;
    }

    public static Artefact Received(this FrameCollector collector) =>
        collector.TryFinish(out Artefact? artefact, out Refusal? refusal)
            ? artefact
            : throw new InvalidOperationException(refusal.ToString());

    public static bool IsSame(Artefact a, Artefact b) =>
        (a.Name, a.Type, a.Sha256) == (b.Name, b.Type, b.Sha256) && a.Bytes.Span.SequenceEqual(b.Bytes.Span);
}
