namespace KeyCeremony.Core.Transfer;

/// <summary>
/// The frames of one message, without end: frame 1 to <see cref="Count"/> are its fragments, every later one mixes some of them.
/// <c>docs/formats/transfer.md</c>, "From the artefact to the frames".
/// </summary>
public sealed class FrameSequence
{
    private readonly byte[] _message;
    private readonly byte[] _filled;
    private readonly int _length;
    private readonly uint _checksum;
    private readonly FragmentChooser _chooser;

    /// <param name="message">Kept, not copied.</param>
    /// <param name="longest">Bytes a fragment may have; 10 and more.</param>
    internal FrameSequence(byte[] message, int longest)
    {
        _message = message;
        _length = FragmentLength(message.Length, longest);
        Count = Part.CountOf(message.Length, _length);
        _filled = new byte[Count * _length];
        message.CopyTo(_filled, 0);
        _checksum = Crc32.Of(message);
        _chooser = new FragmentChooser(Count, _checksum);
    }

    /// <summary>Fragments: so many frames carry the message when none is lost.</summary>
    public int Count { get; }

    /// <summary>One frame holds all; there is no other.</summary>
    public bool IsSingle => Count == 1;

    /// <summary>The text of a frame, in upper case.</summary>
    /// <param name="number">From 1. Never start again: a repeated frame tells the receiver nothing.</param>
    public string Text(uint number)
    {
        ArgumentOutOfRangeException.ThrowIfZero(number);
        return IsSingle ? FrameText.Whole(_message) : FrameText.OfPart(new Part(number, Count, _message.Length, _checksum, Mixed(number)));
    }

    /// <summary>
    /// The longest fragment with which no frame of the message exceeds so many characters; null when none has
    /// <see cref="TransferLimits.MinFragmentLength"/> bytes.
    /// </summary>
    internal static int? LongestFragment(int messageLength, int characters)
    {
        if (FrameText.WholeLength(messageLength) <= characters)
            return Math.Max(messageLength, TransferLimits.MinFragmentLength);
        for (int longest = Math.Min(messageLength, characters / Bytewords.LettersPerByte);
            longest >= TransferLimits.MinFragmentLength; longest--)
        {
            int length = FragmentLength(messageLength, longest);
            if (FrameText.PartLength(Part.CountOf(messageLength, length), messageLength, length) <= characters)
                return longest;
        }

        return null;
    }

    private static int FragmentLength(int messageLength, int longest) => Part.CountOf(messageLength, Part.CountOf(messageLength, longest));

    private byte[] Mixed(uint number)
    {
        byte[] data = new byte[_length];
        foreach (int fragment in _chooser.Of(number))
            FragmentSolver.Xor(data, _filled.AsSpan(fragment * _length, _length));
        return data;
    }
}
