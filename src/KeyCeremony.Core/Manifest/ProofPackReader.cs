using System.Diagnostics.CodeAnalysis;

namespace KeyCeremony.Core.Manifest;

/// <summary>Reads a pack: the whole of it front to back, block by block with the memory of one, or one block by its number.</summary>
public sealed class ProofPackReader
{
    private readonly Stream _pack;
    private long _next;

    private ProofPackReader(Stream pack, ProofPackLayout layout) => (_pack, Layout) = (pack, layout);

    public ProofPackLayout Layout { get; }

    /// <summary>Reads the header. Else refused: PROOF-05, BATCH-03.</summary>
    public static bool TryOpen(Stream pack, [NotNullWhen(true)] out ProofPackReader? reader, [NotNullWhen(false)] out Refusal? refusal)
    {
        reader = null;
        byte[] header = new byte[ProofPackLayout.HeaderBytes];
        int length = pack.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        if (ProofPackLayout.TryReadHeader(header.AsSpan(0, length), out ProofPackLayout? layout, out refusal))
            reader = new ProofPackReader(pack, layout);
        return reader is not null;
    }

    /// <summary>PROOF-02 when the pack is of another batch than the statement, or null.</summary>
    public Refusal? CheckAgainst(BatchStatement statement) =>
        Layout.BatchId == statement.BatchId && Layout.TreeSize == statement.Devices.TreeSize
            && Convert.ToHexStringLower(Layout.Root.Span) == statement.Devices.Root ? null
            : BatchRules.OfThisBatch.Refuse($"The pack is of the batch {Layout.BatchId} with {Layout.TreeSize} "
                + $"devices, the statement of {statement.BatchId} with {statement.Devices.TreeSize}, or their roots differ.",
                "Take the pack and the statement of the same batch.");

    /// <summary>
    /// The next block in the order of the file; false without a refusal after the last one, when nothing stands behind
    /// it. Refused: PROOF-04, PROOF-05.
    /// </summary>
    public bool TryNext([NotNullWhen(true)] out ProofBlock? block, out Refusal? refusal)
    {
        block = null;
        refusal = _next < Layout.Blocks
            ? Read(_next++, out block)
            : _pack.ReadByte() < 0 ? null : ProofPackLayout.NotAPack("Something stands behind its last device.");
        return block is not null;
    }

    /// <summary>One block of a pack that can be sought in. Refused: PROOF-04, PROOF-05.</summary>
    /// <param name="number">From 0, as the layout counts.</param>
    public bool TryRead(long number, [NotNullWhen(true)] out ProofBlock? block, [NotNullWhen(false)] out Refusal? refusal)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(number, Layout.Blocks);
        _pack.Position = Layout.BlockAt(number);
        _next = number + 1;
        refusal = Read(number, out block);
        return block is not null;
    }

    private Refusal? Read(long number, out ProofBlock? block)
    {
        block = null;
        byte[] bytes = new byte[Layout.PathBytes + (Layout.DevicesIn(number) * Layout.RecordBytes)];
        return _pack.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length
            ? ProofBlock.Verify(Layout, bytes, number, out block)
            : ProofPackLayout.NotAPack("It ends too early.");
    }
}
