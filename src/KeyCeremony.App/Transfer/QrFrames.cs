using System.Diagnostics.CodeAnalysis;
using KeyCeremony.Core;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.App.Transfer;

/// <summary>The codes of one artefact, all of one version.</summary>
/// <param name="Version">1 to 40.</param>
internal sealed record QrFrames(FrameSequence Sequence, int Version)
{
    /// <summary>
    /// Frames cut for this version; a message that fits one code takes the smallest code that holds it. Refused with UR-18 or UR-19.
    /// </summary>
    public static bool TryCut(OutgoingMessage message, int version, [NotNullWhen(true)] out QrFrames? frames,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        frames = null;
        if (!message.TryCut(QrVersion.Characters(version), out FrameSequence? sequence, out refusal))
            return false;
        frames = new QrFrames(sequence, sequence.IsSingle ? QrVersion.SmallestFor(sequence.Text(1).Length) : version);
        return true;
    }

    public QrCode Code(uint number) => QrCode.Of(Sequence.Text(number), Version);
}
