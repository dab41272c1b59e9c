using System.Diagnostics.CodeAnalysis;

namespace KeyCeremony.Core.Transfer;

/// <summary>
/// Puts an artefact together from frames in any order, with gaps, repetitions and frames of others between them.
/// The first good frame decides which transfer it is. <c>docs/formats/transfer.md</c>, "Receiving".
/// </summary>
public sealed class FrameCollector
{
    private Part? _first;
    private FragmentChooser? _chooser;
    private FragmentSolver? _solver;
    private byte[]? _whole;

    /// <summary>Fragments of the message; 0 before the first good frame.</summary>
    public int Count => _whole is not null ? 1 : _first?.Count ?? 0;

    /// <summary>What is known already, in fragments.</summary>
    public int Known => _whole is not null ? 1 : _solver?.Known ?? 0;

    public bool IsComplete => _whole is not null || _solver is { IsComplete: true };

    /// <summary>
    /// Takes the text of a code. A frame that brings nothing new is taken too. Refused, and nothing changed: UR-01 to UR-08 what is no
    /// frame, UR-09 one of another transfer, UR-10 one that contradicts those before it.
    /// </summary>
    public bool TryTake(ReadOnlySpan<char> frame, [NotNullWhen(false)] out Refusal? refusal)
    {
        if (!FrameText.TryRead(frame, out byte[]? whole, out Part? part, out refusal))
            return false;
        refusal = part is not null ? Take(part) : Take(whole!);
        return refusal is null;
    }

    /// <summary>
    /// Unpacks what was put together. Refused with UR-21 while fragments are missing; with UR-10 to UR-17 for good: begin again with a
    /// new collector.
    /// </summary>
    public bool TryFinish([NotNullWhen(true)] out Artefact? artefact, [NotNullWhen(false)] out Refusal? refusal)
    {
        artefact = null;
        return TryJoin(out byte[]? message, out refusal)
            && CompressedMessage.TryRead(message, out byte[]? container, out refusal)
            && ArtefactContainer.TryRead(container, out artefact, out refusal);
    }

    private Refusal? Take(byte[] whole)
    {
        if (_first is not null || (_whole is not null && !whole.AsSpan().SequenceEqual(_whole)))
            return TransferRules.OtherTransfer();
        _whole = whole;
        return null;
    }

    private Refusal? Take(Part part)
    {
        if (_whole is not null || (_first is not null && !part.IsOfOneMessageWith(_first)))
            return TransferRules.OtherTransfer();
        if (_first is null)
        {
            _first = part;
            _chooser = new FragmentChooser(part.Count, part.Checksum);
            _solver = new FragmentSolver(part.Count, part.Data.Length);
        }

        return _solver!.TryAdd(_chooser!.Of(part.Number), part.Data.Span) ? null : TransferRules.Contradiction();
    }

    private bool TryJoin([NotNullWhen(true)] out byte[]? message, [NotNullWhen(false)] out Refusal? refusal)
    {
        (message, refusal) = (_whole, IsComplete ? null : TransferRules.Missing(Known, Count));
        if (message is not null || refusal is not null)
            return refusal is null;
        byte[] filled = _solver!.Solve();
        message = filled[.._first!.MessageLength];
        if (Crc32.Of(message) != _first.Checksum || filled.AsSpan(message.Length).ContainsAnyExcept((byte)0))
            refusal = TransferRules.Damaged();
        return refusal is null;
    }
}
