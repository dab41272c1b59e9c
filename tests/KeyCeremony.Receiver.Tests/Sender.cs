using KeyCeremony.App.Transfer;
using KeyCeremony.Core;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.Receiver.Tests;

/// <summary>The ceremony's side: an artefact as the codes that its screen shows.</summary>
internal static class Sender
{
    /// <summary>The size of code that the ceremony shows where nothing else is asked for.</summary>
    public const int Usual = 20;

    public static QrFrames Cut(Artefact artefact, int version = Usual)
    {
        if (!OutgoingMessage.TryPack(artefact, out OutgoingMessage? message, out Refusal? refusal)
            || !QrFrames.TryCut(message, version, out QrFrames? frames, out refusal))
            throw new ArgumentException(refusal.Message);
        return frames;
    }

    /// <summary>The codes from this number on, so many of them.</summary>
    public static IEnumerable<QrCode> Codes(QrFrames frames, int count, uint from = 1) =>
        frames.Sequence.IsSingle
            ? Enumerable.Repeat(frames.Code(1), count)
            : Enumerable.Range(0, count).Select(i => frames.Code(from + (uint)i));

    /// <summary>Enough of them for a camera that looks from the beginning and misses many.</summary>
    public static IEnumerable<QrCode> Codes(Artefact artefact, int version = Usual)
    {
        QrFrames frames = Cut(artefact, version);
        return Codes(frames, 5 + (2 * frames.Sequence.Count));
    }
}
