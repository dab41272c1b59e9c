using System.Diagnostics.CodeAnalysis;
using KeyCeremony.Core;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.App.Transfer;

/// <summary>The frames as pictures, for paper and for tests: <c>NAME-0001.png</c> and so on, in a new folder.</summary>
internal static class FramePictures
{
    private const int PixelsPerModule = 8;

    /// <param name="more">Mixed frames behind the fragments, for paper that may be damaged.</param>
    public static bool TryWrite(IEnumerable<OutgoingMessage> messages, int version,
        int more, string folder, [NotNullWhen(false)] out Refusal? refusal)
    {
        refusal = Path.Exists(folder) ? ShowRules.FramesFolder(folder) : null;
        List<(string Name, QrFrames Frames)> all = [];
        foreach (OutgoingMessage message in messages)
        {
            if (refusal is not null || !QrFrames.TryCut(message, version, out QrFrames? frames, out refusal))
                return false;
            all.Add((message.Artefact.Name, frames));
        }
        Directory.CreateDirectory(folder);
        foreach ((string name, QrFrames frames) in all)
            Write(name, frames, frames.Sequence.IsSingle ? 1 : frames.Sequence.Count + more, folder);
        return true;
    }

    private static void Write(string name, QrFrames frames, int count, string folder)
    {
        foreach (uint number in Enumerable.Range(1, count).Select(i => (uint)i))
        {
            using var file = new FileStream(Path.Combine(folder, $"{name}-{number:D4}.png"), FileMode.CreateNew);
            file.Write(frames.Code(number).Png(PixelsPerModule));
        }
    }
}
