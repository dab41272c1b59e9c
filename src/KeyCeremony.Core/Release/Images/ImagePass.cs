using System.Security.Cryptography;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Release.Images;

/// <summary>Takes a piece of an image that passes by.</summary>
internal delegate void PieceSeen(ReadOnlySpan<byte> piece);

/// <summary>
/// One way through an image, forwards. Every byte goes into the hash before anybody judges it, and no byte is read twice: a stick that
/// answers a second time with something else deceives nobody.
/// </summary>
internal sealed class ImagePass(Stream stream, long length) : IDisposable
{
    /// <summary>Of what a reader holds in memory at once; no header is longer.</summary>
    public const int MaxTake = 1024 * 1024;

    private const int BufferBytes = 256 * 1024;

    private readonly Dictionary<HashAlgorithmName, IncrementalHash> _hashes = new()
    {
        [HashAlgorithmName.SHA256] = IncrementalHash.CreateHash(HashAlgorithmName.SHA256),
    };

    private readonly byte[] _buffer = new byte[BufferBytes];

    public long Length => length;

    public long Position { get; private set; }

    public long Rest => length - Position;

    /// <summary>At the beginning: also this hash is computed of what passes.</summary>
    public void Also(HashAlgorithmName hash) => _hashes.Add(hash, IncrementalHash.CreateHash(hash));

    /// <summary>The next bytes.</summary>
    /// <exception cref="ImageRefused">The image ends before; the caller has looked at <see cref="Rest"/>.</exception>
    public byte[] Take(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxTake);
        byte[] taken = new byte[count];
        Fill(taken);
        return taken;
    }

    /// <summary>Reads over so many bytes.</summary>
    public void Pass(long count, PieceSeen? seen = null)
    {
        while (count > 0)
        {
            Span<byte> piece = _buffer.AsSpan(0, (int)Math.Min(count, BufferBytes));
            Fill(piece);
            seen?.Invoke(piece);
            count -= piece.Length;
        }
    }

    /// <summary>Of everything up to here.</summary>
    public byte[] HashSoFar(HashAlgorithmName hash) => _hashes[hash].GetCurrentHash();

    /// <summary>The SHA-256 of the whole image, lower-case hex.</summary>
    /// <exception cref="ImageRefused">The reader left something, or the file is longer than it was.</exception>
    public string End()
    {
        if (Rest != 0 || stream.Read(_buffer, 0, 1) != 0)
            throw Changed();
        return Convert.ToHexStringLower(HashSoFar(HashAlgorithmName.SHA256));
    }

    public void Dispose()
    {
        foreach (IncrementalHash hash in _hashes.Values)
            hash.Dispose();
    }

    private void Fill(Span<byte> piece)
    {
        if (piece.Length > Rest || stream.ReadAtLeast(piece, piece.Length, throwOnEndOfStream: false) != piece.Length)
            throw Changed();
        foreach (IncrementalHash hash in _hashes.Values)
            hash.AppendData(piece);
        Position += piece.Length;
    }

    private static ImageRefused Changed() => new(ReleaseRules.Missing,
        "The file is not as long as it was when it was opened.", "Nobody else may write to it while it is read. Copy it again.");
}

/// <summary>An image is not taken; it never leaves the readers.</summary>
internal sealed class ImageRefused(PkiRule rule, string message, string remedy) : Exception
{
    public Refusal Refusal { get; } = rule.Refuse(message, remedy);
}
