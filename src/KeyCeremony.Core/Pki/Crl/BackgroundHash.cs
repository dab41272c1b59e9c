using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace KeyCeremony.Core.Pki.Crl;

/// <summary>
/// Hashes what is appended, large amounts on a thread of its own: hashing is most of the work of a CRL, and so it
/// costs nearly nothing beside writing or reading it.
/// </summary>
internal sealed class BackgroundHash : IDisposable
{
    private const int BlockBytes = 256 * 1024;

    // 4 MiB: beside other programs the two threads run by turns, each for some milliseconds.
    private const int BlocksUnderway = 16;

    private readonly IncrementalHash[] _hashes;
    private readonly BlockingCollection<byte[]> _full = new(BlocksUnderway);
    private readonly ConcurrentQueue<byte[]> _empty = new();
    private byte[] _block = new byte[BlockBytes];
    private int _used;
    private Task? _worker;

    public BackgroundHash(params IEnumerable<HashAlgorithmName> algorithms) =>
        _hashes = [.. algorithms.Select(IncrementalHash.CreateHash)];

    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            int taken = Math.Min(bytes.Length, BlockBytes - _used);
            bytes[..taken].CopyTo(_block.AsSpan(_used));
            _used += taken;
            bytes = bytes[taken..];
            if (_used == BlockBytes)
                HandOver();
        }
    }

    /// <summary>The hashes, in the order of the algorithms. Nothing is appended afterwards.</summary>
    public byte[][] Finish()
    {
        StopWorker();
        foreach (IncrementalHash hash in _hashes)
            hash.AppendData(_block, 0, _used);
        return [.. _hashes.Select(hash => hash.GetHashAndReset())];
    }

    public void Dispose()
    {
        StopWorker();
        _full.Dispose();
        foreach (IncrementalHash hash in _hashes)
            hash.Dispose();
    }

    private void HandOver()
    {
        _worker ??= Task.Factory.StartNew(HashBlocks, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        _full.Add(_block);
        _block = _empty.TryDequeue(out byte[]? used) ? used : new byte[BlockBytes];
        _used = 0;
    }

    private void HashBlocks()
    {
        foreach (byte[] block in _full.GetConsumingEnumerable())
        {
            foreach (IncrementalHash hash in _hashes)
                hash.AppendData(block);
            _empty.Enqueue(block);
        }
    }

    private void StopWorker()
    {
        if (_worker is null)
            return;
        _full.CompleteAdding();
        _worker.GetAwaiter().GetResult();
        _worker = null;
    }
}
