namespace KeyCeremony.Core.Manifest.Devices;

/// <summary>What is found in the rows of a chunk.</summary>
internal abstract class RowsFound
{
    public ProblemList Problems { get; } = new();

    /// <summary>Before a chunk of so many rows.</summary>
    public virtual void Clear(int rows) => Problems.Clear();
}

/// <summary>Reads the rows of a chunk and hands on those that can be taken.</summary>
/// <param name="isSigned">As <see cref="DeviceTreeInput.IsSigned"/>; who builds a tree asks for all of it.</param>
internal abstract class RowWorker<TFound>(DeviceRowReader reader, DeviceIssuer? issuer, bool isSigned = true) : ChunkWorker<TFound>
    where TFound : RowsFound
{
    private readonly DeviceCertificates _certificates = new(issuer);
    private DeviceRow? _row;

    protected bool IsSigned { get; } = isSigned;

    public sealed override void Work(ListChunk chunk, TFound found)
    {
        found.Clear(chunk.Rows);
        _row ??= new DeviceRow(_certificates, IsSigned);
        ReadOnlySpan<byte> rest = chunk.Text;
        for (int i = 0; i < chunk.Rows; i++)
        {
            reader.Read(NextLine(ref rest), chunk.FirstLine + i, _row);
            if (_row.Wrong is { } refusal)
                found.Problems.Add(new DeviceListProblem(chunk.FirstLine + i, _row.WrongAt, refusal));
            else
                Take(_row, chunk, i, found);
        }
        Finish(chunk, found);
    }

    public override void Dispose() => _certificates.Dispose();

    /// <param name="i">Of the row within the chunk.</param>
    protected abstract void Take(DeviceRow row, ListChunk chunk, int i, TFound found);

    /// <summary>After the last row.</summary>
    protected abstract void Finish(ListChunk chunk, TFound found);

    private static ReadOnlySpan<byte> NextLine(ref ReadOnlySpan<byte> rest)
    {
        int end = rest.IndexOf((byte)'\n');
        ReadOnlySpan<byte> line = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[(end + 1)..];
        return line.EndsWith("\r"u8) ? line[..^1] : line;
    }
}
