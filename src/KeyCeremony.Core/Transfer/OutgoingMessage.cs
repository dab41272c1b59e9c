using System.Diagnostics.CodeAnalysis;

namespace KeyCeremony.Core.Transfer;

/// <summary>An artefact packed for the way out, to be cut into frames of any size.</summary>
public sealed class OutgoingMessage
{
    private readonly byte[] _bytes;

    private OutgoingMessage(Artefact artefact, byte[] bytes) => (Artefact, _bytes) = (artefact, bytes);

    public Artefact Artefact { get; }

    /// <summary>Bytes that the frames carry.</summary>
    public int Length => _bytes.Length;

    /// <summary>
    /// Refused with UR-18 beyond <see cref="TransferLimits.MaxContainerBytes"/>, or packed beyond
    /// <see cref="TransferLimits.MaxMessageBytes"/>.
    /// </summary>
    public static bool TryPack(Artefact artefact, [NotNullWhen(true)] out OutgoingMessage? message,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        ArgumentNullException.ThrowIfNull(artefact);
        message = null;
        refusal = TransferRules.TooLarge(artefact.Name, artefact.Bytes.Length, TransferLimits.MaxContainerBytes);
        if (artefact.Bytes.Length > TransferLimits.MaxContainerBytes)
            return false;
        byte[] container = ArtefactContainer.Write(artefact);
        if (container.Length > TransferLimits.MaxContainerBytes)
            return false;
        byte[] bytes = CompressedMessage.Write(container);
        refusal = bytes.Length > TransferLimits.MaxMessageBytes
            ? TransferRules.TooLarge(artefact.Name, bytes.Length, TransferLimits.MaxMessageBytes)
            : null;
        message = refusal is null ? new OutgoingMessage(artefact, bytes) : null;
        return refusal is null;
    }

    /// <summary>
    /// Frames whose text never exceeds <paramref name="characters"/>, in as few fragments as that allows. Refused with UR-18 when they
    /// would be too many, with UR-19 when not even the smallest fragment fits.
    /// </summary>
    public bool TryCut(int characters, [NotNullWhen(true)] out FrameSequence? frames, [NotNullWhen(false)] out Refusal? refusal)
    {
        frames = null;
        if (FrameSequence.LongestFragment(_bytes.Length, characters) is not { } longest)
        {
            refusal = TransferRules.NoRoom($"room for a code of more than {characters} characters");
            return false;
        }

        var sequence = new FrameSequence(_bytes, longest);
        refusal = sequence.Count > TransferLimits.MaxFragments ? TransferRules.TooManyFrames(Artefact.Name, sequence.Count) : null;
        frames = refusal is null ? sequence : null;
        return refusal is null;
    }
}
