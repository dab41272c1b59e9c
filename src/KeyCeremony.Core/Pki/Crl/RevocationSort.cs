using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.InteropServices;

namespace KeyCeremony.Core.Pki.Crl;

/// <summary>
/// Takes revocations in any order and gives them back sorted by serial, in constant memory: what does not fit is sorted
/// in runs on scratch streams and merged from there. The same serial with the same facts counts once; with other facts
/// it is refused: REVOKE-03.
/// </summary>
public sealed class RevocationSort : IDisposable
{
    /// <summary>What is sorted in memory: 20 MiB, and as much again to sort into. Two lists of any size stay far below 200 MB.</summary>
    public const int DefaultMemoryEntries = 1 << 19;

    private const int BlockEntries = 1 << 14;

    private readonly Func<Stream> _newScratch;
    private readonly int _memoryEntries;
    private readonly List<Revocation[]> _blocks = [];
    private readonly List<ScratchRun> _runs = [];
    private Revocation[] _block = [];
    private Revocation[] _sorted = []; // one array for all runs: garbage of this size would pile up
    private int _usedInBlock;
    private int _fullBlocks;
    private bool _ascending = true;
    private RevokedSerial _last;
    private bool _finished;

    /// <param name="newScratch">Makes an empty stream to write, seek and read; called once a run, never for few entries. It is disposed here.</param>
    /// <param name="memoryEntries">How many are sorted in memory.</param>
    public RevocationSort(Func<Stream> newScratch, int memoryEntries = DefaultMemoryEntries)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(memoryEntries);
        _newScratch = newScratch;
        _memoryEntries = memoryEntries;
    }

    /// <summary>Entries taken, repeated ones included.</summary>
    public long Added { get; private set; }

    /// <exception cref="InvalidOperationException">After <see cref="TryFinish"/>.</exception>
    public void Add(in Revocation entry)
    {
        if (_usedInBlock == _block.Length)
            NextBlock();
        if (entry.Serial.CompareTo(_last) <= 0)
            _ascending = false;
        _last = entry.Serial;
        _block[_usedInBlock++] = entry;
        Added++;
    }

    /// <summary>The sorted list; the streams now belong to it. Else refused: REVOKE-03.</summary>
    public bool TryFinish([NotNullWhen(true)] out SortedRevocations? sorted, [NotNullWhen(false)] out Refusal? refusal)
    {
        _finished = true;
        sorted = null;
        refusal = null;
        var list = _ascending ? AsTheyCame() : Sorted();
        if (!_ascending && list.FindConflict() is { } conflict)
        {
            list.Dispose();
            refusal = CrlRules.Conflict.Refuse($"The serial {conflict.First.Serial} is given as '{conflict.First}' and as '{conflict.Second}'.",
                "Find out which is right and correct the files.");
            return false;
        }
        sorted = list;
        return true;
    }

    public void Dispose()
    {
        foreach (var run in _runs)
            run.Dispose();
        _runs.Clear();
    }

    private void NextBlock()
    {
        if (_finished)
            throw new InvalidOperationException("The list was finished.");
        if (_block.Length > 0)
            _fullBlocks++;
        if (_fullBlocks * (long)BlockEntries >= _memoryEntries)
            Spill();
        if (_fullBlocks == _blocks.Count)
            _blocks.Add(new Revocation[Math.Min(BlockEntries, _memoryEntries)]);
        _block = _blocks[_fullBlocks];
        _usedInBlock = 0;
    }

    private void Spill()
    {
        var run = new ScratchRun(_newScratch());
        _runs.Add(run);
        foreach (var segment in _ascending ? Blocks(_fullBlocks, lastUsed: 0) : [RadixSort(Blocks(_fullBlocks, lastUsed: 0))])
            run.Write(segment);
        _fullBlocks = 0;
        _usedInBlock = 0;
    }

    // A list that came in order needs no sorting, no merging and has no repetition.
    private SortedRevocations AsTheyCame() => Owned([.. Blocks(_fullBlocks, _usedInBlock)], merge: false);

    private SortedRevocations Sorted() => Owned([RadixSort(Blocks(_fullBlocks, _usedInBlock))], merge: true);

    private SortedRevocations Owned(IReadOnlyList<ArraySegment<Revocation>> inMemory, bool merge)
    {
        var list = new SortedRevocations([.. _runs], inMemory, merge);
        _runs.Clear();
        _blocks.Clear();
        (_block, _sorted) = ([], []);
        return list;
    }

    private IEnumerable<ArraySegment<Revocation>> Blocks(int full, int lastUsed)
    {
        for (var i = 0; i < full; i++)
            yield return _blocks[i];
        if (lastUsed > 0)
            yield return new ArraySegment<Revocation>(_blocks[full], 0, lastUsed);
    }

    // One pass by the highest bits that differ leaves a handful of random serials in each bucket.
    private ArraySegment<Revocation> RadixSort(IEnumerable<ArraySegment<Revocation>> blocks)
    {
        ArraySegment<Revocation>[] segments = [.. blocks];
        var count = segments.Sum(segment => segment.Count);
        if (count == 0)
            return ArraySegment<Revocation>.Empty;
        if (_sorted.Length < count)
            _sorted = new Revocation[count];
        var ends = Buckets.Of(segments, count).Scatter(segments, _sorted);
        var start = 0;
        foreach (var end in ends)
        {
            SortBucket(_sorted.AsSpan(start, end - start));
            start = end;
        }
        return new ArraySegment<Revocation>(_sorted, 0, count);
    }

    private static void SortBucket(Span<Revocation> bucket)
    {
        const int fewEntries = 24;
        if (bucket.Length > fewEntries)
        {
            bucket.Sort(static (left, right) => left.Serial.CompareTo(right.Serial));
            return;
        }
        for (var i = 1; i < bucket.Length; i++)
        {
            var entry = bucket[i];
            var place = i;
            for (; place > 0 && bucket[place - 1].Serial.CompareTo(entry.Serial) > 0; place--)
                bucket[place] = bucket[place - 1];
            bucket[place] = entry;
        }
    }

    private readonly struct Buckets
    {
        private const int FewestBits = 4;
        private const int MostBits = 18;

        private readonly int _shift;
        private readonly uint _mask;

        private Buckets(int shift, int bits)
        {
            _shift = shift;
            _mask = (1u << bits) - 1;
        }

        public static Buckets Of(ArraySegment<Revocation>[] segments, int count)
        {
            var (least, most) = (segments[0].Array![0].Serial, segments[0].Array![0].Serial);
            foreach (var segment in segments)
            {
                foreach (ref readonly var entry in segment.AsSpan())
                {
                    if (entry.Serial < least)
                        least = entry.Serial;
                    else if (entry.Serial > most)
                        most = entry.Serial;
                }
            }
            var bits = Math.Clamp(BitOperations.Log2((uint)count), FewestBits, MostBits);
            return new Buckets(Math.Max(0, least.DifferingBits(most) - bits), bits);
        }

        /// <summary>Answers where each bucket ends.</summary>
        public int[] Scatter(ArraySegment<Revocation>[] segments, Revocation[] sorted)
        {
            var places = new int[_mask + 1];
            foreach (var segment in segments)
                foreach (ref readonly var entry in segment.AsSpan())
                    places[BucketOf(entry)]++;
            var sum = 0;
            for (var i = 0; i < places.Length; i++)
                (places[i], sum) = (sum, sum + places[i]);
            foreach (var segment in segments)
                foreach (ref readonly var entry in segment.AsSpan())
                    sorted[places[BucketOf(entry)]++] = entry;
            return places;
        }

        private uint BucketOf(in Revocation entry) => entry.Serial.Window(_shift) & _mask;
    }
}

/// <summary>A sorted run on a scratch stream: the entries as they lie in memory.</summary>
internal sealed class ScratchRun(Stream stream) : IDisposable
{
    private const int BatchEntries = 4096;

    public long Count { get; private set; }

    public void Write(ReadOnlySpan<Revocation> entries)
    {
        stream.Write(MemoryMarshal.AsBytes(entries));
        Count += entries.Length;
    }

    /// <summary>Every batch is the same array, filled anew.</summary>
    public IEnumerable<ArraySegment<Revocation>> Batches()
    {
        var batch = new Revocation[BatchEntries];
        long at = 0;
        while (at < stream.Length)
        {
            stream.Position = at; // others read this stream between two batches
            var read = stream.ReadAtLeast(MemoryMarshal.AsBytes(batch.AsSpan()), Math.Min(Size(BatchEntries), (int)Math.Min(stream.Length - at, int.MaxValue)));
            at += read;
            yield return new ArraySegment<Revocation>(batch, 0, read / Size(1));
        }
    }

    public void Dispose() => stream.Dispose();

    private static int Size(int entries) => entries * Marshal.SizeOf<Revocation>();
}
