namespace KeyCeremony.Core.Pki.Crl;

/// <summary>
/// Revocations in ascending order of their serials, each serial once. Can be gone through again and again; only
/// <see cref="RevocationSort.TryFinish"/> makes one.
/// </summary>
public sealed class SortedRevocations : IDisposable
{
    private readonly IReadOnlyList<ScratchRun> _runs;
    private readonly RevocationMemory _memory;
    private readonly bool _merge;

    // Either runs or memory hold the entries.
    internal SortedRevocations(IReadOnlyList<ScratchRun> runs, RevocationMemory memory, bool merge)
    {
        _runs = runs;
        _memory = memory;
        _merge = merge;
        if (!merge)
            Count = runs.Sum(run => run.Count) + memory.Count;
    }

    public static SortedRevocations Empty { get; } = new([], new RevocationMemory(capacity: 0), merge: false);

    public long Count { get; private set; }

    /// <summary>How many were given more than once, with the same facts.</summary>
    public long Duplicates { get; private set; }

    /// <summary>One after the other; for few. Batches are faster.</summary>
    public IEnumerable<Revocation> Entries()
    {
        foreach (ArraySegment<Revocation> batch in Batches())
            for (int i = 0; i < batch.Count; i++)
                yield return batch[i];
    }

    public void Dispose()
    {
        foreach (ScratchRun run in _runs)
            run.Dispose();
        _memory.Dispose();
    }

    /// <summary>A batch is valid until the next one is asked for.</summary>
    internal IEnumerable<ArraySegment<Revocation>> Batches() =>
        _merge ? Merged() : _runs.Count == 0 ? _memory.Segments() : _runs.SelectMany(run => run.Batches());

    /// <summary>Counts, and answers the first serial that is given with two kinds of facts.</summary>
    internal (Revocation First, Revocation Second)? FindConflict()
    {
        var previous = default(Revocation);
        long all = 0;
        foreach (ArraySegment<Revocation> batch in InOrder())
        {
            foreach (ref readonly Revocation entry in batch.AsSpan())
            {
                if (all > 0 && entry.Serial == previous.Serial)
                {
                    if (!entry.HasFactsOf(previous))
                        return (previous, entry);
                    Duplicates++;
                }
                previous = entry;
                all++;
            }
        }
        Count = all - Duplicates;
        return null;
    }

    private IEnumerable<ArraySegment<Revocation>> Merged() => Duplicates == 0 ? InOrder() : Once(InOrder());

    private IEnumerable<ArraySegment<Revocation>> InOrder() => _runs.Count == 0 ? _memory.Segments() : MergeRuns();

    private IEnumerable<ArraySegment<Revocation>> MergeRuns()
    {
        var heads = new PriorityQueue<RevocationCursor, RevokedSerial>();
        foreach (ScratchRun run in _runs)
        {
            var cursor = new RevocationCursor(run.Batches());
            if (cursor.MoveNext())
                heads.Enqueue(cursor, cursor.Current.Serial);
        }
        var output = new RevocationBatch();
        while (heads.TryPeek(out RevocationCursor? least, out _))
        {
            output.Add(least.Current);
            // Exchanging the head is half the work of taking it off and putting it back.
            if (least.MoveNext())
                heads.DequeueEnqueue(least, least.Current.Serial);
            else
                heads.Dequeue().Dispose();
            if (output.IsFull)
                yield return output.Take();
        }
        yield return output.Take();
    }

    private static IEnumerable<ArraySegment<Revocation>> Once(IEnumerable<ArraySegment<Revocation>> batches)
    {
        var output = new RevocationBatch();
        var previous = default(RevokedSerial); // zero is no serial
        foreach (ArraySegment<Revocation> batch in batches)
        {
            for (int i = 0; i < batch.Count; i++)
            {
                if (batch[i].Serial != previous)
                    output.Add(batch[i]);
                previous = batch[i].Serial;
                if (output.IsFull)
                    yield return output.Take();
            }
        }
        yield return output.Take();
    }
}

/// <summary>Collects entries for the next batch; the array is used again.</summary>
internal sealed class RevocationBatch
{
    private const int Entries = 4096;

    private readonly Revocation[] _entries = new Revocation[Entries];
    private int _used;

    public bool IsFull => _used == Entries;

    public void Add(in Revocation entry) => _entries[_used++] = entry;

    public ArraySegment<Revocation> Take()
    {
        var taken = new ArraySegment<Revocation>(_entries, 0, _used);
        _used = 0;
        return taken;
    }
}

/// <summary>One entry after the other from batches, without copying them.</summary>
internal sealed class RevocationCursor(IEnumerable<ArraySegment<Revocation>> batches) : IDisposable
{
    private readonly IEnumerator<ArraySegment<Revocation>> _batches = batches.GetEnumerator();
    private Revocation[] _entries = [];
    private int _at = -1;
    private int _end;

    public ref readonly Revocation Current => ref _entries[_at];

    public bool MoveNext()
    {
        if (++_at < _end)
            return true;
        while (_batches.MoveNext())
        {
            ArraySegment<Revocation> batch = _batches.Current;
            (_entries, _at, _end) = (batch.Array ?? [], batch.Offset, batch.Offset + batch.Count);
            if (_at < _end)
                return true;
        }
        _at = _end;
        return false;
    }

    public void Dispose() => _batches.Dispose();
}
