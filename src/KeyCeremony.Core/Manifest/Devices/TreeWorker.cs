namespace KeyCeremony.Core.Manifest.Devices;

/// <summary>A chunk's piece of the tree.</summary>
internal sealed class TreePiece : RowsFound
{
    private ulong[] _serials = [];
    private ulong[] _keys = [];
    private ulong[] _certificates = [];
    private int _rows;

    /// <summary>Of the chunk's rows, in order; none when a row is wrong.</summary>
    public List<MerkleRange> Ranges { get; } = [];

    /// <summary>Characters of the longest serial number.</summary>
    public int LongestSerial { get; set; }

    /// <summary>Fingerprints of the serial numbers, a row each.</summary>
    public Span<ulong> Serials => _serials.AsSpan(0, _rows);

    /// <summary>Fingerprints of the keys, a row each.</summary>
    public Span<ulong> Keys => _keys.AsSpan(0, _rows);

    /// <summary>Fingerprints of what tells the certificates, a row each: <see cref="DuplicateConfirmation.OfCertificate"/>.</summary>
    public Span<ulong> Certificates => _certificates.AsSpan(0, _rows);

    public override void Clear(int rows)
    {
        base.Clear(rows);
        if (_serials.Length < rows)
            (_serials, _keys, _certificates) = (new ulong[rows], new ulong[rows], new ulong[rows]);
        (_rows, LongestSerial) = (rows, 0);
        Ranges.Clear();
    }
}

/// <summary>Where pieces of a tree are cut, besides where chunks end.</summary>
/// <returns>The first cut behind this row; <see cref="long.MaxValue"/> when there is none.</returns>
internal delegate long TreeCut(long row);

/// <summary>Makes the leaves of a chunk, hashes them and the nodes above them, eight at a time.</summary>
internal sealed class TreeWorker(DeviceRowReader reader, DeviceIssuer? issuer, SaltKey salts, TreeCut cut, bool isSigned)
    : RowWorker<TreePiece>(reader, issuer, isSigned)
{
    private const byte LeafPrefix = 0x00;

    private readonly LaneMessages _leaves = new(Sha256Lanes.IsSupported);
    private readonly SubtreeHashes _subtrees = new(Sha256Lanes.IsSupported);
    private readonly DeviceSalts _salts = salts.Salts();

    public override void Dispose()
    {
        _salts.Dispose();
        base.Dispose();
    }

    protected override void Take(DeviceRow row, ListChunk chunk, int i, TreePiece found)
    {
        found.Serials[i] = Fingerprint.Of(IsSigned ? row.Serial : row.SerialIdentity);
        found.Keys[i] = Fingerprint.Of(row.KeySha256);
        found.Certificates[i] = DuplicateConfirmation.OfCertificate(row);
        found.LongestSerial = Math.Max(found.LongestSerial, row.Serial.Length);
        if (found.Problems.Count > 0)
            return;
        int lane = i % Sha256Lanes.Count;
        Span<byte> message = _leaves.At(lane);
        message[0] = LeafPrefix;
        _leaves.Close(lane, 1 + DeviceLeaf.Write(message[1..], _salts.Of(chunk.FirstRow + i), row.Serial, row.CertSha256, row.SpkiSha256));
        if (lane == Sha256Lanes.Count - 1)
            Hash(chunk, i - lane, Sha256Lanes.Count);
    }

    protected override void Finish(ListChunk chunk, TreePiece found)
    {
        if (found.Problems.Count > 0)
            return;
        int rest = chunk.Rows % Sha256Lanes.Count;
        Hash(chunk, chunk.Rows - rest, rest);
        for (long row = chunk.FirstRow, end = row + chunk.Rows; row < end;)
        {
            long next = Math.Min(end, cut(row));
            found.Ranges.Add(_subtrees.Range((int)(row - chunk.FirstRow), (int)(next - row), row));
            row = next;
        }
    }

    private void Hash(ListChunk chunk, int from, int count) =>
        _leaves.Hash(count, _subtrees.Leaves(chunk.Rows).Slice(from * TreeHash.Length, count * TreeHash.Length));
}
