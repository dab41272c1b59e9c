using System.Runtime.InteropServices;

namespace KeyCeremony.Core.Manifest.Devices;

/// <summary>
/// Finds fingerprints that were added more than once, in constant memory: they are dealt into partitions by their first
/// bits, what does not fit lies on a scratch stream, and each partition is then looked through by itself.
/// </summary>
/// <param name="newScratch">Makes an empty stream to write, seek and read; never called for short lists. It is disposed here.</param>
internal sealed class DuplicateSearch(Func<Stream> newScratch) : IDisposable
{
    /// <summary>More different repeated fingerprints than these are not followed up.</summary>
    public const int MostRepeated = 1 << 16;

    private const int PartitionBits = 9;
    private const int Partitions = 1 << PartitionBits;

    // Of a partition in memory: 8 KiB, 4 MiB for all.
    private const int BlockLength = 1024;

    private readonly ulong[] _blocks = new ulong[Partitions * BlockLength];
    private readonly int[] _counts = new int[Partitions];
    private readonly List<int>[] _written = [.. Enumerable.Range(0, Partitions).Select(_ => new List<int>())];
    private readonly FingerprintSet _seen = new(PartitionBits);
    private readonly HashSet<ulong> _repeated = [];
    private Stream? _scratch;
    private int _blocksWritten;

    /// <summary>
    /// The fingerprints were not given by chance: there are more repeated ones than <see cref="MostRepeated"/>, or far too
    /// many begin alike. Known after <see cref="Repeated"/>.
    /// </summary>
    public bool IsContrived { get; private set; }

    public void Add(ReadOnlySpan<ulong> fingerprints)
    {
        foreach (ulong fingerprint in fingerprints)
        {
            int partition = (int)(fingerprint >> (64 - PartitionBits));
            _blocks[(partition * BlockLength) + _counts[partition]++] = fingerprint;
            if (_counts[partition] == BlockLength)
                Write(partition);
        }
    }

    /// <summary>The fingerprints that were added more than once, each once. After the last.</summary>
    public IReadOnlySet<ulong> Repeated()
    {
        ulong[] block = new ulong[BlockLength];
        for (int partition = 0; partition < Partitions && !IsContrived; partition++)
        {
            _seen.Clear();
            foreach (int written in _written[partition])
            {
                _scratch!.Position = (long)written * BlockLength * sizeof(ulong);
                _scratch.ReadExactly(MemoryMarshal.AsBytes(block.AsSpan()));
                Look(block);
            }
            Look(Unwritten(partition));
        }
        return _repeated;
    }

    public void Dispose() => _scratch?.Dispose();

    private void Write(int partition)
    {
        _scratch ??= newScratch();
        _scratch.Write(MemoryMarshal.AsBytes(Unwritten(partition)));
        _written[partition].Add(_blocksWritten++);
        _counts[partition] = 0;
    }

    private ReadOnlySpan<ulong> Unwritten(int partition) => _blocks.AsSpan(partition * BlockLength, _counts[partition]);

    private void Look(ReadOnlySpan<ulong> fingerprints)
    {
        foreach (ulong fingerprint in fingerprints)
            if (!_seen.Add(fingerprint) && !_repeated.Contains(fingerprint))
                Repeat(fingerprint);
        IsContrived |= _seen.IsContrived;
    }

    private void Repeat(ulong fingerprint)
    {
        if (_repeated.Count == MostRepeated)
            IsContrived = true;
        else
            _repeated.Add(fingerprint);
    }
}

/// <summary>All of a device that no other has: its serial number, its key, and its certificate.</summary>
internal sealed class DuplicateSearches(Func<Stream> newScratch) : IDisposable
{
    private readonly DuplicateSearch _serials = new(newScratch);
    private readonly DuplicateSearch _keys = new(newScratch);
    private readonly DuplicateSearch _certificates = new(newScratch);

    public bool IsContrived => _serials.IsContrived || _keys.IsContrived || _certificates.IsContrived;

    /// <summary>A row has one of each; shards of an earlier version have a 0 for a certificate of which there is only the hash.</summary>
    public void Add(ReadOnlySpan<ulong> serials, ReadOnlySpan<ulong> keys, ReadOnlySpan<ulong> certificates)
    {
        _serials.Add(serials);
        _keys.Add(keys);
        foreach (ulong one in certificates)
            if (one != 0)
                _certificates.Add([one]);
    }

    /// <summary>After the last row.</summary>
    public RepeatedFingerprints Repeated(int threads)
    {
        IReadOnlySet<ulong> serials = new HashSet<ulong>(), keys = new HashSet<ulong>(), certificates = new HashSet<ulong>();
        Parallel.Invoke(new ParallelOptions { MaxDegreeOfParallelism = threads },
            () => serials = _serials.Repeated(), () => keys = _keys.Repeated(), () => certificates = _certificates.Repeated());
        return new RepeatedFingerprints(serials, keys, certificates);
    }

    public void Dispose()
    {
        _serials.Dispose();
        _keys.Dispose();
        _certificates.Dispose();
    }
}

/// <summary>What stands there more than once, or looks so.</summary>
internal sealed record RepeatedFingerprints(IReadOnlySet<ulong> Serials, IReadOnlySet<ulong> Keys, IReadOnlySet<ulong> Certificates)
{
    public bool IsEmpty => Serials.Count == 0 && Keys.Count == 0 && Certificates.Count == 0;
}

/// <summary>Fingerprints that begin with the same bits, in a table with room for twice as many.</summary>
/// <param name="sharedBits">How many they share.</param>
internal sealed class FingerprintSet(int sharedBits)
{
    private const int LeastBits = 12;

    // 64 MiB. With 512 partitions a list of a thousand million rows fills it to a half.
    private const int MostBits = 23;

    // Among fingerprints given by chance a run of a hundred is rare.
    private const int LongestRun = 4096;

    private ulong[] _slots = new ulong[1 << LeastBits];
    private int _bits = LeastBits;
    private int _count;

    /// <summary>It holds more than chance puts into one place; what was added last is not in it.</summary>
    public bool IsContrived { get; private set; }

    public void Clear()
    {
        Array.Clear(_slots);
        _count = 0;
    }

    /// <summary>False when it was there.</summary>
    public bool Add(ulong fingerprint)
    {
        int mask = _slots.Length - 1;
        int slot = (int)((fingerprint << sharedBits) >> (64 - _bits));
        for (int run = 0; _slots[slot] != 0; run++)
        {
            if (_slots[slot] == fingerprint)
                return false;
            if (run == LongestRun)
                return IsContrived = true;
            slot = (slot + 1) & mask;
        }
        _slots[slot] = fingerprint;
        if (++_count > _slots.Length / 2)
            Grow();
        return true;
    }

    private void Grow()
    {
        if (_bits == MostBits)
        {
            IsContrived = true;
            return;
        }
        ulong[] before = _slots;
        _slots = new ulong[1 << ++_bits];
        _count = 0;
        foreach (ulong fingerprint in before)
            if (fingerprint != 0)
                Add(fingerprint);
    }
}
