using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace KeyCeremony.Core.Pki.Crl;

/// <summary>
/// Takes revocations in any order and gives them back sorted by serial, in constant memory: what does not fit is sorted
/// in runs on scratch streams and merged from there. The same serial with the same facts counts once; with other facts
/// it is refused: REVOKE-03.
/// </summary>
public sealed class RevocationSort : IDisposable
{
    /// <summary>What is sorted in memory: 40 MiB. A longer list leaves memory when it is finished.</summary>
    public const int DefaultMemoryEntries = 1 << 20;

    private readonly Func<Stream> _newScratch;
    private RevocationMemory _memory;
    private readonly List<ScratchRun> _runs = [];
    private bool _ascending = true;
    private RevokedSerial _last;
    private bool _finished;

    /// <param name="newScratch">Makes an empty stream to write, seek and read; called once a run, never for few entries. It is disposed
    /// here.</param>
    /// <param name="memoryEntries">How many are sorted in memory.</param>
    public RevocationSort(Func<Stream> newScratch, int memoryEntries = DefaultMemoryEntries)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(memoryEntries);
        _newScratch = newScratch;
        _memory = new RevocationMemory(memoryEntries);
    }

    /// <summary>Entries taken, repeated ones included.</summary>
    public long Added { get; private set; }

    /// <exception cref="InvalidOperationException">After <see cref="TryFinish"/>.</exception>
    public void Add(in Revocation entry)
    {
        if (_finished)
            throw new InvalidOperationException("The list was finished.");
        if (_memory.IsFull)
            Spill();
        if (entry.Serial.CompareTo(_last) <= 0)
            _ascending = false;
        _last = entry.Serial;
        _memory.Add(entry);
        Added++;
    }

    /// <summary>The sorted list; the streams now belong to it. Else refused: REVOKE-03.</summary>
    public bool TryFinish([NotNullWhen(true)] out SortedRevocations? sorted, [NotNullWhen(false)] out Refusal? refusal)
    {
        _finished = true;
        sorted = null;
        refusal = null;
        // What is in runs already takes no memory any more, which the next list then uses.
        if (_runs.Count > 0)
        {
            Spill();
            _memory.Dispose();
        }
        else if (!_ascending)
            _memory.Sort();
        // A list that came in order needs no merging and has no repetition.
        var list = new SortedRevocations([.. _runs], _memory, merge: !_ascending);
        _runs.Clear();
        _memory = new RevocationMemory(capacity: 0);
        if (!_ascending && list.FindConflict() is { } conflict)
        {
            list.Dispose();
            refusal =
                CrlRules.Conflict.Refuse($"The serial {conflict.First.Serial} is given as '{conflict.First}' and as '{conflict.Second}'.",
                "Find out which is right and correct the files.");
            return false;
        }
        sorted = list;
        return true;
    }

    public void Dispose()
    {
        foreach (ScratchRun run in _runs)
            run.Dispose();
        _runs.Clear();
        _memory.Dispose();
    }

    private void Spill()
    {
        if (!_ascending)
            _memory.Sort();
        var run = new ScratchRun(_newScratch());
        _runs.Add(run);
        foreach (ArraySegment<Revocation> segment in _memory.Segments())
            run.Write(segment);
        _memory.Clear();
    }
}

/// <summary>
/// Entries in memory, sorted where they lie: a second copy of them would be the largest part of what the program takes.
/// In blocks, so that a growing list is never copied either; the next list takes over the blocks of a disposed one.
/// </summary>
internal sealed class RevocationMemory(int capacity) : IDisposable
{
    private const int BlockEntries = 1 << 14;

    // Three passes over 32 bits.
    private const int KeyBits = 32;
    private const int DigitBits = 11;
    private const int Digits = 1 << DigitBits;

    // So many entries and their keys stay in a core's own cache.
    private const int FewEntries = 1 << 13;
    private const int HeapBits = 8;
    private const int Heaps = 1 << HeapBits;

    private readonly List<Revocation[]> _blocks = [];
    private int _count;

    public int Count => _count;

    public bool IsFull => _count == capacity;

    public void Add(in Revocation entry)
    {
        if (_count == _blocks.Count * BlockEntries)
            _blocks.Add(ArrayPool<Revocation>.Shared.Rent(BlockEntries));
        At(_count++) = entry;
    }

    public void Clear() => _count = 0;

    public void Dispose()
    {
        foreach (Revocation[] block in _blocks)
            ArrayPool<Revocation>.Shared.Return(block);
        _blocks.Clear();
        _count = 0;
    }

    public IEnumerable<ArraySegment<Revocation>> Segments()
    {
        for (int start = 0; start < _count; start += BlockEntries)
            yield return new ArraySegment<Revocation>(_blocks[start / BlockEntries], 0, Math.Min(BlockEntries, _count - start));
    }

    /// <summary>
    /// By serial; the same serial by its facts, so that the order given says nothing. Entries are thrown onto heaps by the first bits in
    /// which they differ, where they lie; the heaps are then sorted side by side, each within a core's cache.
    /// </summary>
    public void Sort()
    {
        if (_count <= FewEntries)
        {
            new FewSorted(this).Sort(0, _count);
            return;
        }
        int[] starts = OntoHeaps(0, _count);
        int next = -1;
        var other = Task.Run(Work);
        Work();
        other.GetAwaiter().GetResult();

        void Work()
        {
            var few = new FewSorted(this);
            for (int heap = Interlocked.Increment(ref next); heap < starts.Length - 1; heap = Interlocked.Increment(ref next))
                SortHeap(starts[heap], starts[heap + 1], few);
        }
    }

    private ref Revocation At(int place) => ref _blocks[(int)((uint)place / BlockEntries)][place % BlockEntries];

    private void SortHeap(int start, int end, FewSorted few)
    {
        if (end - start <= FewEntries)
        {
            few.Sort(start, end);
            return;
        }
        int[] starts = OntoHeaps(start, end);
        for (int heap = 0; heap < starts.Length - 1; heap++)
            SortHeap(starts[heap], starts[heap + 1], few);
    }

    /// <summary>Where each heap starts, and the end of the last. Each holds fewer than there were.</summary>
    private int[] OntoHeaps(int start, int end)
    {
        int bits = DifferingBits(start, end);
        // The same serial again and again: nothing but facts to sort by, and no heap is left.
        if (bits == 0)
        {
            Revocation[] alike = [.. Enumerable.Range(start, end - start).Select(place => At(place))];
            Array.Sort(alike, CompareFacts);
            for (int i = 0; i < alike.Length; i++)
                At(start + i) = alike[i];
            return [start];
        }
        int shift = Math.Max(0, bits - HeapBits);
        int[] starts = new int[Heaps + 1];
        for (int i = start; i < end; i++)
            starts[HeapOf(At(i), shift) + 1]++;
        starts[0] = start;
        for (int heap = 0; heap < Heaps; heap++)
            starts[heap + 1] += starts[heap];
        int[] free = starts[..Heaps];
        for (int heap = 0; heap < Heaps; heap++)
        {
            while (free[heap] < starts[heap + 1])
            {
                ref Revocation here = ref At(free[heap]);
                int to = HeapOf(here, shift);
                if (to == heap)
                {
                    free[heap]++;
                    continue;
                }
                Revocation held = here;
                for (; to != heap; to = HeapOf(held, shift))
                {
                    ref Revocation there = ref At(free[to]++);
                    (there, held) = (held, there);
                }
                here = held;
                free[heap]++;
            }
        }
        return starts;
    }

    private static int HeapOf(in Revocation entry, int shift) => (int)(entry.Serial.Window(shift) & (Heaps - 1));

    private int DifferingBits(int start, int end)
    {
        if (start == end)
            return 0;
        (RevokedSerial least, RevokedSerial most) = (At(start).Serial, At(start).Serial);
        for (int i = start + 1; i < end; i++)
        {
            RevokedSerial serial = At(i).Serial;
            if (serial < least)
                least = serial;
            else if (serial > most)
                most = serial;
        }
        return least.DifferingBits(most);
    }

    private static int Compare(in Revocation left, in Revocation right)
    {
        int bySerial = left.Serial.CompareTo(right.Serial);
        return bySerial != 0 ? bySerial : CompareFacts(left, right);
    }

    private static int CompareFacts(Revocation left, Revocation right) => Facts(left).CompareTo(Facts(right));

    private static (long, byte, long) Facts(in Revocation entry) => (entry.DateSeconds, entry.ReasonCode, entry.InvaliditySeconds);

    /// <summary>
    /// Sorts few entries, with room of its own. Keys of eight bytes are sorted, not entries of forty: 32 bits of the serial, from where
    /// serials begin to differ, then the place.
    /// </summary>
    private sealed class FewSorted(RevocationMemory memory)
    {
        private readonly Revocation[] _entries = new Revocation[Math.Min(FewEntries, memory._count)];
        private readonly ulong[] _keys = new ulong[Math.Min(FewEntries, memory._count)];
        private readonly ulong[] _spare = new ulong[Math.Min(FewEntries, memory._count)];

        public void Sort(int start, int end)
        {
            if (end - start < 2)
                return;
            int shift = Math.Max(0, memory.DifferingBits(start, end) - KeyBits);
            Span<ulong> keys = _keys.AsSpan(0, end - start);
            Span<ulong> spare = _spare.AsSpan(0, end - start);
            for (int i = 0; i < keys.Length; i++)
            {
                _entries[i] = memory.At(start + i);
                keys[i] = ((ulong)_entries[i].Serial.Window(shift) << KeyBits) | (uint)i;
            }
            if (SortByDigits(keys, spare))
                keys = spare;
            SortAlike(keys);
            for (int i = 0; i < keys.Length; i++)
                memory.At(start + i) = _entries[PlaceIn(keys[i])];
        }

        // Where the 32 bits are the same the whole serials decide, and then the facts.
        private void SortAlike(Span<ulong> keys)
        {
            for (int start = 0; start < keys.Length;)
            {
                int end = start + 1;
                while (end < keys.Length && keys[end] >> KeyBits == keys[start] >> KeyBits)
                    end++;
                if (end - start > 1)
                    keys[start..end].Sort((left, right) => Compare(_entries[PlaceIn(left)], _entries[PlaceIn(right)]));
                start = end;
            }
        }
    }

    /// <summary>By the upper 32 bits, digit by digit from the lowest; a digit that is the same in all is passed over.</summary>
    /// <returns>Whether the result lies in <paramref name="spare"/>.</returns>
    private static bool SortByDigits(Span<ulong> keys, Span<ulong> spare)
    {
        Span<int> starts = stackalloc int[Digits];
        bool swapped = false;
        for (int shift = KeyBits; shift < 2 * KeyBits; shift += DigitBits)
        {
            starts.Clear();
            foreach (ulong key in keys)
                starts[DigitOf(key, shift)]++;
            if (keys.IsEmpty || starts[DigitOf(keys[0], shift)] == keys.Length)
                continue;
            int start = 0;
            foreach (ref int digit in starts)
                (digit, start) = (start, start + digit);
            foreach (ulong key in keys)
                spare[starts[DigitOf(key, shift)]++] = key;
            Span<ulong> sorted = spare;
            spare = keys;
            keys = sorted;
            swapped = !swapped;
        }
        return swapped;
    }

    private static int DigitOf(ulong key, int shift) => (int)((key >> shift) & (Digits - 1));

    private static int PlaceIn(ulong key) => (int)(key & uint.MaxValue);
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
            int read = stream.ReadAtLeast(MemoryMarshal.AsBytes(batch.AsSpan()),
                Math.Min(Size(BatchEntries), (int)Math.Min(stream.Length - at, int.MaxValue)));
            at += read;
            yield return new ArraySegment<Revocation>(batch, 0, read / Size(1));
        }
    }

    public void Dispose() => stream.Dispose();

    private static int Size(int entries) => entries * Marshal.SizeOf<Revocation>();
}
