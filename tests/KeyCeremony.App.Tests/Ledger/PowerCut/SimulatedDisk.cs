namespace KeyCeremony.App.Tests.Ledger.PowerCut;

/// <summary>
/// What a file system may hold after a loss of power. What was synced is there; of everything later any part may be. A new, linked
/// or renamed name is there for certain only when its folder was synced.
/// </summary>
internal sealed class SimulatedDisk
{
    private const int Sector = 512;

    private readonly List<Inode> _inodes = [];
    private readonly Dictionary<string, Inode> _current = [];
    private readonly Dictionary<string, Inode> _durable = [];
    private readonly List<(int Clock, DiskCall Call, Inode? Inode)> _names = [];
    private int _clock;

    /// <summary>A medium on which these files are, in these folders.</summary>
    public SimulatedDisk(IReadOnlyDictionary<string, byte[]> files)
    {
        foreach ((string name, byte[] bytes) in files)
        {
            _inodes.Add(new Inode(bytes));
            _current[name] = _durable[name] = _inodes[^1];
        }
    }

    public void Apply(DiskCall call)
    {
        _clock++;
        switch (call)
        {
            case DiskCall.Create create when !_current.ContainsKey(create.Name):
                _inodes.Add(_current[create.Name] = new Inode([]));
                _names.Add((_clock, call, _inodes[^1]));
                break;
            case DiskCall.Write write:
                _current[write.Name].Change(_clock, call);
                break;
            case DiskCall.Truncate truncate:
                _current[truncate.Name].Change(_clock, call);
                break;
            case DiskCall.Sync sync:
                _current[sync.Name].MakeDurable();
                break;
            case DiskCall.SyncFolder folder:
                foreach ((int, DiskCall, Inode?) name in _names.Where(n => FolderOf(n.Call) == folder.Name).ToList())
                {
                    Rename(_durable, name);
                    _names.Remove(name);
                }
                break;
            case DiskCall.Link or DiskCall.Unlink or DiskCall.Rename:
                (int, DiskCall, Inode?) change = (_clock, call, call is DiskCall.Link link ? _current[link.From] : null);
                Rename(_current, change);
                _names.Add(change);
                break;
        }
    }

    /// <summary>A file system mounted with <c>sync</c>.</summary>
    public void ApplyDurably(DiskCall call)
    {
        Apply(call);
        _inodes.ForEach(i => i.MakeDurable());
        _names.ForEach(n => Rename(_durable, n));
        _names.Clear();
    }

    /// <summary>The process is killed: the kernel still writes everything.</summary>
    public Dictionary<string, byte[]> Killed() => _current.ToDictionary(f => f.Key, f => f.Value.Current);

    /// <summary>Nothing of what was not synced.</summary>
    public Dictionary<string, byte[]> OnlySynced() => _durable.ToDictionary(f => f.Key, f => f.Value.Durable);

    /// <summary>What was not synced up to some moment, in its order.</summary>
    public Dictionary<string, byte[]> InOrder(Random random)
    {
        IEnumerable<int> changes = _inodes.SelectMany(i => i.Pending.Select(p => p.Clock));
        int[] moments = [0, .. changes.Concat(_names.Select(n => n.Clock)).Distinct().Order()];
        int until = moments[random.Next(moments.Length)];
        Dictionary<string, Inode> names = new(_durable);
        _names.Where(n => n.Clock <= until).ToList().ForEach(n => Rename(names, n));
        return names.ToDictionary(f => f.Key, f => f.Value.Versions(until).Last());
    }

    /// <summary>Of every cell and of every length some version by itself, and any name or none.</summary>
    /// <param name="cell">What is written whole or not at all: a page of the kernel, a sector of the stick.</param>
    /// <param name="garbage">A cell that was being written may hold random or older bytes.</param>
    public Dictionary<string, byte[]> Mixed(Random random, int cell, bool garbage)
    {
        Dictionary<string, Inode> names = new(_durable);
        _names.Where(_ => random.Next(2) == 0).ToList().ForEach(n => Rename(names, n));
        return names.ToDictionary(f => f.Key, f => f.Value.Mixed(random, cell, garbage));
    }

    /// <summary>Everything before this call is durable, and the call itself was cut off.</summary>
    public Dictionary<string, byte[]> LastTorn(DiskCall call, Random random, bool garbage)
    {
        Dictionary<string, byte[]> files = OnlySynced();
        if (call is DiskCall.Truncate truncate && files.TryGetValue(truncate.Name, out byte[]? longer) && random.Next(2) == 0)
            files[truncate.Name] = Inode.After(longer, truncate);
        if (call is DiskCall.Write write && files.TryGetValue(write.Name, out byte[]? old))
            files[write.Name] = Torn(old, write, random, garbage);
        return files;
    }

    private static byte[] Torn(byte[] old, DiskCall.Write write, Random random, bool garbage)
    {
        byte[] whole = Inode.After(old, write);
        int first = (int)(write.Offset / Sector), end = (int)((write.Offset + write.Bytes.Length - 1) / Sector) + 1;
        int beginning = random.Next(2) == 0 ? first + random.Next(end - first + 1) : -1;
        byte[] torn = new byte[random.Next(2) == 0 ? old.Length : whole.Length];
        old.AsSpan(0, Math.Min(old.Length, torn.Length)).CopyTo(torn);
        for (int sector = first; sector < end; sector++)
            if (beginning < 0 ? random.Next(2) == 0 : sector < beginning)
                Copy(whole, torn, sector * Sector, Sector);
        if (garbage && random.Next(first, end) * Sector is int at && at < torn.Length)
            random.NextBytes(torn.AsSpan(at, Math.Min(Sector, torn.Length - at)));
        return torn;
    }

    private static void Copy(byte[] from, byte[] to, int at, int length)
    {
        length = Math.Min(length, Math.Min(from.Length, to.Length) - at);
        if (length > 0)
            from.AsSpan(at, length).CopyTo(to.AsSpan(at));
    }

    private static void Rename(Dictionary<string, Inode> names, (int Clock, DiskCall Call, Inode? Inode) change)
    {
        switch (change.Call)
        {
            case DiskCall.Create create:
                names[create.Name] = change.Inode!;
                break;
            case DiskCall.Link link:
                names[link.To] = change.Inode!;
                break;
            case DiskCall.Unlink unlink:
                names.Remove(unlink.Name);
                break;
            case DiskCall.Rename rename when names.Remove(rename.From, out Inode? inode):
                names[rename.To] = inode;
                break;
        }
    }

    private static string? FolderOf(DiskCall call) => Path.GetDirectoryName(call switch
    {
        DiskCall.Create create => create.Name,
        DiskCall.Link link => link.To,
        DiskCall.Unlink unlink => unlink.Name,
        DiskCall.Rename rename => rename.To,
        _ => null,
    });

    /// <summary>A file's bytes, by whatever names.</summary>
    private sealed class Inode(byte[] durable)
    {
        public byte[] Durable { get; private set; } = durable;

        public byte[] Current { get; private set; } = durable;

        public List<(int Clock, DiskCall Call)> Pending { get; } = [];

        public void Change(int clock, DiskCall call)
        {
            Current = After(Current, call);
            Pending.Add((clock, call));
        }

        public void MakeDurable()
        {
            Durable = Current;
            Pending.Clear();
        }

        /// <summary>What was durable, and after it what each change made of it.</summary>
        public List<byte[]> Versions(int until = int.MaxValue)
        {
            List<byte[]> versions = [Durable];
            foreach ((_, DiskCall call) in Pending.Where(p => p.Clock <= until))
                versions.Add(After(versions[^1], call));
            return versions;
        }

        public byte[] Mixed(Random random, int cell, bool garbage)
        {
            if (Pending.Count == 0)
                return Durable;
            List<byte[]> versions = Versions();
            int kind = random.Next(10);
            int last = versions.Count - 1;
            // All old, all new, any version, or the first and the last.
            byte[] Pick() => versions[kind switch { 0 => 0, 1 => last, < 6 => random.Next(last + 1), _ => random.Next(2) * last }];
            HashSet<int> written = [.. Pending.Select(p => p.Call).OfType<DiskCall.Write>().SelectMany(w => Cells(w, cell))];
            byte[] mixed = new byte[Pick().Length];
            for (int at = 0; at < mixed.Length; at += cell)
            {
                bool touched = written.Contains(at / cell);
                Copy(touched ? Pick() : Durable, mixed, at, cell);
                int luck = garbage && touched ? random.Next(20) : 20;
                Span<byte> here = mixed.AsSpan(at, Math.Min(cell, mixed.Length - at));
                if (luck < 3)
                    random.NextBytes(here);
                else if (luck < 5 && Durable.Length >= here.Length)
                    Durable.AsSpan(random.Next((Durable.Length - here.Length) / Sector + 1) * Sector, here.Length).CopyTo(here);
            }
            return mixed;
        }

        public static byte[] After(byte[] bytes, DiskCall call)
        {
            long length = call switch
            {
                DiskCall.Write { Offset: var from, Bytes: var written } => Math.Max(bytes.Length, from + written.Length),
                DiskCall.Truncate truncate => truncate.Length,
                _ => throw new ArgumentException("Neither a write nor a truncation.", nameof(call)),
            };
            byte[] after = new byte[length];
            bytes.AsSpan(0, Math.Min(bytes.Length, after.Length)).CopyTo(after);
            if (call is DiskCall.Write write)
                write.Bytes.CopyTo(after, write.Offset);
            return after;
        }

        private static IEnumerable<int> Cells(DiskCall.Write write, int cell)
        {
            for (long at = write.Offset / cell; at <= (write.Offset + write.Bytes.Length - 1) / cell; at++)
                yield return (int)at;
        }
    }
}
