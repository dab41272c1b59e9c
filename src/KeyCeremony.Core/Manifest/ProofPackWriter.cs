namespace KeyCeremony.Core.Manifest;

/// <summary>
/// Writes a pack front to back, one device after the other. Two passes over the devices make one: the first gives the
/// roots of the blocks (a <see cref="MerkleRange"/> each) and the longest serial number, the second writes. Not
/// checked: that both passes saw the same devices; <see cref="ProofPackReader"/> finds it.
/// </summary>
public sealed class ProofPackWriter
{
    private readonly Stream _output;
    private readonly ProofPackLayout _layout;
    private readonly BlockTree _tree;
    private readonly byte[] _block;
    private int _used;
    private long _devices;

    /// <summary>Writes the header.</summary>
    /// <param name="output">Written front to back; left open.</param>
    /// <param name="tree">Over the roots of the layout's blocks.</param>
    public ProofPackWriter(Stream output, ProofPackLayout layout, BlockTree tree)
    {
        if (tree.Blocks != layout.Blocks || !tree.Root.Span.SequenceEqual(layout.Root.Span))
            throw new ArgumentException("The tree is not that of the layout.", nameof(tree));
        (_output, _layout, _tree) = (output, layout, tree);
        _block = new byte[layout.BlockBytes];
        output.Write(layout.WriteHeader());
    }

    /// <summary>The next device, in the order of the leaves.</summary>
    /// <param name="serialNo">At most as long as the layout has room.</param>
    public void Add(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> serialNo, ReadOnlySpan<byte> certSha256, ReadOnlySpan<byte> spkiSha256)
    {
        Span<byte> record = stackalloc byte[_layout.RecordBytes];
        _layout.WriteRecord(record, salt, serialNo, certSha256, spkiSha256);
        Add(record);
    }

    /// <summary>The next devices, as <see cref="ProofPackLayout.WriteRecord"/> wrote them one behind the other.</summary>
    public void Add(ReadOnlySpan<byte> records)
    {
        for (; !records.IsEmpty; records = records[_layout.RecordBytes..])
        {
            if (_devices == _layout.TreeSize)
                throw new InvalidOperationException($"The pack is full: {_devices} devices.");
            if (_devices % ProofPackLayout.BlockDevices == 0)
                BeginBlock();
            records[.._layout.RecordBytes].CopyTo(_block.AsSpan(_used));
            _used += _layout.RecordBytes;
            _devices++;
            if (_devices % ProofPackLayout.BlockDevices == 0 || _devices == _layout.TreeSize)
                _output.Write(_block.AsSpan(0, _used));
        }
    }

    /// <summary>After the last device.</summary>
    public void Finish()
    {
        if (_devices != _layout.TreeSize)
            throw new InvalidOperationException($"The pack has {_devices} devices and not {_layout.TreeSize}.");
        _output.Flush();
    }

    private void BeginBlock()
    {
        Span<byte> path = _block.AsSpan(0, _layout.PathBytes);
        path.Clear();
        _tree.WritePath(_devices / ProofPackLayout.BlockDevices, path);
        _used = path.Length;
    }
}
