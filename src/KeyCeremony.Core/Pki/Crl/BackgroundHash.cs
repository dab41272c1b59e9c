using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace KeyCeremony.Core.Pki.Crl;

/// <summary>
/// Hashes what is appended, large amounts on a thread for each algorithm: hashing is most of the work of a CRL, and so it
/// costs nearly nothing beside writing or reading it.
/// </summary>
internal sealed class BackgroundHash : IDisposable
{
    private const int BlockBytes = 256 * 1024;

    // 4 MiB: beside other programs the two threads run by turns, each for some milliseconds.
    private const int BlocksUnderway = 16;

    private readonly Worker[] _workers;
    private readonly ConcurrentQueue<Block> _empty = new();
    private Block _block = new();
    private int _used;

    public BackgroundHash(params IEnumerable<HashAlgorithmName> algorithms) =>
        _workers = [.. algorithms.Select(algorithm => new Worker(algorithm, _empty))];

    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            int taken = Math.Min(bytes.Length, BlockBytes - _used);
            bytes[..taken].CopyTo(_block.Bytes.AsSpan(_used));
            _used += taken;
            bytes = bytes[taken..];
            if (_used == BlockBytes)
                HandOver();
        }
    }

    /// <summary>The hashes, in the order of the algorithms. Nothing is appended afterwards.</summary>
    public byte[][] Finish() => [.. _workers.Select(worker => worker.Finish(_block.Bytes.AsSpan(0, _used)))];

    public void Dispose()
    {
        foreach (Worker worker in _workers)
            worker.Dispose();
    }

    private void HandOver()
    {
        _block.Wanted = _workers.Length;
        foreach (Worker worker in _workers)
            worker.Take(_block);
        _block = _empty.TryDequeue(out Block? used) ? used : new Block();
        _used = 0;
    }

    private sealed class Block
    {
        /// <summary>By so many workers still.</summary>
        public int Wanted;

        public byte[] Bytes { get; } = new byte[BlockBytes];
    }

    private sealed class Worker(HashAlgorithmName algorithm, ConcurrentQueue<Block> empty) : IDisposable
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(algorithm);
        private readonly BlockingCollection<Block> _full = new(BlocksUnderway);
        private Task? _task;

        public void Take(Block block)
        {
            _task ??= Task.Factory.StartNew(HashBlocks, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            _full.Add(block);
        }

        public byte[] Finish(ReadOnlySpan<byte> rest)
        {
            Stop();
            _hash.AppendData(rest);
            return _hash.GetHashAndReset();
        }

        public void Dispose()
        {
            Stop();
            _full.Dispose();
            _hash.Dispose();
        }

        private void HashBlocks()
        {
            foreach (Block block in _full.GetConsumingEnumerable())
            {
                _hash.AppendData(block.Bytes);
                if (Interlocked.Decrement(ref block.Wanted) == 0)
                    empty.Enqueue(block);
            }
        }

        private void Stop()
        {
            if (_task is null)
                return;
            _full.CompleteAdding();
            _task.GetAwaiter().GetResult();
            _task = null;
        }
    }
}
