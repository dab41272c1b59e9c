using System.Security.Cryptography;

namespace KeyCeremony.Core.Pki.Crl;

/// <summary>What cannot stand in a CRL was found; it never leaves <see cref="CrlReader"/>.</summary>
/// <param name="sentence">Of ours.</param>
internal sealed class CrlSyntaxException(PkiRule rule, string sentence) : Exception
{
    public CrlSyntaxException(string sentence)
        : this(CrlRules.Encoding, sentence)
    {
    }

    public PkiRule Rule { get; } = rule;

    public string Sentence => sentence;

    /// <summary>It may be right and is still not read here: a limit of ours.</summary>
    public bool IsOurLimit { get; private init; }

    /// <summary>The file is no CRL, or not written as one is read: nothing is said of a CRL.</summary>
    public bool IsOfTheFile { get; private init; }

    /// <summary>What is wrong is how it is marked, and not what it says.</summary>
    public bool IsUnderstood { get; init; }

    public static CrlSyntaxException OfTheFile(string sentence) => new(sentence) { IsOfTheFile = true };

    public static CrlSyntaxException NotReadHere(string sentence) => new(sentence) { IsOurLimit = true };
}

/// <summary>
/// DER from a stream through one buffer: elements up to <see cref="MaxElement"/> bytes are seen whole, the containers
/// around them are entered. Hashes the input, and the TBSCertList within it, while passing by.
/// </summary>
/// <param name="isToBeSigned">The input is a TBSCertList and nothing else: one hash is enough for both.</param>
internal sealed class DerInput(Stream source, bool isToBeSigned) : IDisposable
{
    /// <summary>An element that is not entered: a name, an entry, all extensions together, a signature.</summary>
    public const int MaxElement = 64 * 1024;

    // Four bytes of length; the list of ten million takes a ninth of it.
    private const long MaxBytes = uint.MaxValue;
    private const int BufferBytes = 256 * 1024;
    private const int LongestHeader = 6;

    private readonly byte[] _buffer = new byte[BufferBytes];
    private readonly BackgroundHash? _whole = isToBeSigned ? null : new(HashAlgorithmName.SHA256);
    private BackgroundHash? _toBeSigned;
    private PureVerifier[] _verifiers = [];
    private int _at;
    private int _end;
    private long _before;
    private int? _hashFrom;

    /// <summary>Bytes consumed.</summary>
    public long Position => _before + _at;

    public bool AtEnd => !TryFill(1);

    /// <summary>The tag that stands next; null at the container's end.</summary>
    /// <param name="end">Where the container ends.</param>
    public byte? PeekTag(long end) => Position < end ? Next(1)[0] : null;

    /// <summary>Consumes a header and answers where its content ends.</summary>
    public long Enter(byte tag, long end = long.MaxValue)
    {
        (int header, long length) = ReadHeader(tag, end);
        _at += header;
        return Position + length;
    }

    /// <summary>Consumes an element; its bytes with the header are valid until the next call.</summary>
    public ReadOnlySpan<byte> ReadElement(byte tag, long end, int limit = MaxElement)
    {
        // Nearly every element is short, of the right tag and in the buffer already; what is not, is told why below.
        if (_end - _at > LongestHeader && _buffer[_at] == tag && _buffer[_at + 1] is < 0x80 and var content
            && content + 2 <= Math.Min(_end - _at, limit) && content + 2 <= end - Position)
        {
            ReadOnlySpan<byte> whole = _buffer.AsSpan(_at, content + 2);
            _at += content + 2;
            return whole;
        }
        (int header, long length) = ReadHeader(tag, end);
        if (header + length > limit)
            throw CrlSyntaxException.NotReadHere($"An element of {length} bytes is longer than {limit} ({Where}).");
        ReadOnlySpan<byte> element = Next(header + (int)length);
        _at += element.Length;
        return element;
    }

    /// <summary>Consumes so many bytes unseen; they are hashed as all others.</summary>
    public void Pass(long count)
    {
        for (long left = count; left > 0;)
        {
            int here = (int)Math.Min(left, Available());
            _at += here;
            left -= here;
        }
    }

    public void ExpectEnd(long end, string of)
    {
        if (Position != end)
            throw new CrlSyntaxException($"{of} does not end where its length says ({Where}).");
    }

    /// <summary>The TBSCertList begins here.</summary>
    public void StartToBeSigned() => _hashFrom = _at;

    /// <summary>Says how, within the first bytes of the TBSCertList. SHA-256 is always made as well.</summary>
    public void HashToBeSigned(HashAlgorithmName? algorithm) =>
        _toBeSigned = algorithm is { } other && other != HashAlgorithmName.SHA256
            ? new BackgroundHash(HashAlgorithmName.SHA256, other) : new BackgroundHash(HashAlgorithmName.SHA256);

    /// <summary>The same by one algorithm and no other.</summary>
    public void HashToBeSignedOnly(HashAlgorithmName algorithm) => _toBeSigned = new BackgroundHash(algorithm);

    /// <summary>Who sees the TBSCertList as it passes by, because no hash of it is signed.</summary>
    public void ShowToBeSigned(IEnumerable<PureVerifier> verifiers) => _verifiers = [.. verifiers];

    /// <summary>The TBSCertList ends here: its SHA-256, then the hash of the other algorithm if one was said.</summary>
    public byte[][] EndToBeSigned()
    {
        HashPassed();
        _hashFrom = null;
        return _toBeSigned!.Finish();
    }

    /// <summary>Of the whole input; null when it is a TBSCertList, whose hash is known already.</summary>
    public byte[]? Sha256() => _whole?.Finish()[0];

    public void Dispose()
    {
        _whole?.Dispose();
        _toBeSigned?.Dispose();
    }

    private string Where => $"at byte {Position}";

    private (int Header, long Length) ReadHeader(byte tag, long end)
    {
        if (PeekTag(end) is not { } found)
            throw new CrlSyntaxException($"Something is missing {Where}.");
        if (found != tag)
            throw new CrlSyntaxException($"Tag {found:x2} stands where {tag:x2} is expected ({Where}).");
        (int header, long length) = ReadLength();
        if (length > end - Position - header)
            throw new CrlSyntaxException($"An element is longer than what holds it ({Where}).");
        return (header, length);
    }

    // X.690 10.1: definite, in the fewest bytes.
    private (int Header, long Length) ReadLength()
    {
        byte first = Next(2)[1];
        if (first < 0x80)
            return (2, first);
        int bytes = first & 0x7F;
        if (bytes is 0 or > LongestHeader - 2)
            throw new CrlSyntaxException($"A length is indefinite or has more than 4 bytes ({Where}).");
        long length = 0;
        foreach (byte one in Next(2 + bytes)[2..])
            length = (length << 8) | one;
        if (length < (bytes == 1 ? 0x80 : 1L << (8 * (bytes - 1))))
            throw new CrlSyntaxException($"A length is not in its shortest form ({Where}).");
        return (2 + bytes, length);
    }

    private int Available()
    {
        _ = Next(1);
        return _end - _at;
    }

    private ReadOnlySpan<byte> Next(int count) => TryFill(count) ? _buffer.AsSpan(_at, count)
        : throw new CrlSyntaxException($"The file ends in the middle ({Where}).");

    private bool TryFill(int count)
    {
        while (_end - _at < count)
        {
            if (_buffer.Length - _at < count)
                MoveToFront();
            int read = source.Read(_buffer, _end, _buffer.Length - _end);
            if (read == 0)
                return false;
            _whole?.Append(_buffer.AsSpan(_end, read));
            _end += read;
            if (_before + _end > MaxBytes)
                throw CrlSyntaxException.NotReadHere($"The file has more than {MaxBytes} bytes.");
        }
        return true;
    }

    private void MoveToFront()
    {
        HashPassed();
        _buffer.AsSpan(_at, _end - _at).CopyTo(_buffer);
        _before += _at;
        _end -= _at;
        _at = 0;
        if (_hashFrom is not null)
            _hashFrom = 0;
    }

    private void HashPassed()
    {
        if (_hashFrom is not { } from)
            return;
        ReadOnlySpan<byte> passed = _buffer.AsSpan(from, _at - from);
        _toBeSigned!.Append(passed);
        foreach (PureVerifier verifier in _verifiers)
            verifier.Append(passed);
        _hashFrom = _at;
    }
}
