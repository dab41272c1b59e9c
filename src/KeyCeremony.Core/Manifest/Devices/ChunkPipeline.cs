namespace KeyCeremony.Core.Manifest.Devices;

/// <summary>Works on one chunk after the other; each thread has its own.</summary>
/// <typeparam name="TFound">What it finds in a chunk; the object is used again.</typeparam>
internal abstract class ChunkWorker<TFound> : IDisposable
{
    public abstract void Work(ListChunk chunk, TFound found);

    public abstract void Dispose();
}

/// <summary>Several threads work on the chunks of a list; what they find is taken in the order of the list.</summary>
/// <param name="threads">One and more; memory grows with them and not with the list.</param>
internal sealed class ChunkPipeline<TFound>(DeviceListReader list, int threads, CancellationToken cancellation)
    where TFound : class, new()
{
    // A thread that is slow must not hold up the others at once.
    private const int ChunksPerThread = 4;

    private readonly Stack<(ListChunk Chunk, TFound Found)> _free = [];
    private readonly Dictionary<long, (ListChunk Chunk, TFound Found)> _done = [];
    private readonly Lock _reading = new();
    private readonly object _taking = new();
    private int _made;
    private long _nextTaken;
    private bool _stopped;

    /// <summary>Until the end of the list.</summary>
    /// <param name="take">By one thread at a time.</param>
    public void Run(Func<ChunkWorker<TFound>> newWorker, Action<ListChunk, TFound> take)
    {
        IEnumerable<Task> work = Enumerable.Range(0, threads).Select(_ => Task.Factory.StartNew(() => Work(newWorker, take),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        Task.WhenAll(work).GetAwaiter().GetResult();
        cancellation.ThrowIfCancellationRequested();
    }

    private void Work(Func<ChunkWorker<TFound>> newWorker, Action<ListChunk, TFound> take)
    {
        bool whole = false;
        try
        {
            using ChunkWorker<TFound> worker = newWorker();
            while (!cancellation.IsCancellationRequested && TryNext(out (ListChunk Chunk, TFound Found) next))
            {
                worker.Work(next.Chunk, next.Found);
                HandIn(next, take);
            }
            whole = true;
        }
        finally
        {
            if (!whole)
                Stop();
        }
    }

    private bool TryNext(out (ListChunk Chunk, TFound Found) next)
    {
        lock (_taking)
        {
            next = default;
            while (_free.Count == 0 && _made == threads * ChunksPerThread && !_stopped)
                Monitor.Wait(_taking);
            if (_stopped)
                return false;
            if (!_free.TryPop(out next))
            {
                next = (new ListChunk(), new TFound());
                _made++;
            }
        }
        lock (_reading)
            if (list.TryNext(next.Chunk))
                return true;
        Stop();
        return false;
    }

    private void HandIn((ListChunk Chunk, TFound Found) done, Action<ListChunk, TFound> take)
    {
        lock (_taking)
        {
            _done.Add(done.Chunk.Number, done);
            while (_done.Remove(_nextTaken, out (ListChunk Chunk, TFound Found) next))
            {
                take(next.Chunk, next.Found);
                _free.Push(next);
                _nextTaken++;
            }
            Monitor.PulseAll(_taking);
        }
    }

    // Nothing more is begun; what is being worked on is handed in.
    private void Stop()
    {
        lock (_taking)
        {
            _stopped = true;
            Monitor.PulseAll(_taking);
        }
    }
}
