using System.Diagnostics.CodeAnalysis;

namespace KeyCeremony.Core.Manifest.Devices;

/// <summary>
/// Proofs from the list and the salts, for one device and for all: no tree is stored anywhere. What is given out leads to
/// the root in the statement, or nothing is given out.
/// </summary>
public static class DeviceProving
{
    /// <summary>The tree of the list, if it is the statement's. Else refused: DEVICE-01 to DEVICE-14.</summary>
    public static bool TryVerify(DeviceTreeInput input, BatchStatement statement,
        [NotNullWhen(true)] out DeviceTreeResult? tree, [NotNullWhen(false)] out DeviceListProblems? problems)
    {
        if (DeviceTree.TryCompute(input with { IsSigned = true }, out tree, out problems))
            problems = CheckTree(statement, tree.TreeSize, tree.Root.Span, tree.ListSha256.Span);
        if (problems is not null)
            tree = null;
        return tree is not null;
    }

    /// <summary>The proof of the device with this serial number. Else refused: DEVICE-01 to DEVICE-15.</summary>
    public static bool TryProve(DeviceTreeInput input, BatchStatement statement,
        string serialNo, [NotNullWhen(true)] out DeviceProof? proof, [NotNullWhen(false)] out DeviceListProblems? problems)
    {
        proof = null;
        if (!DeviceSearch.TryFind(input, serialNo, out FoundDevice? found, out problems))
            return false;
        (MerkleRange? before, MerkleRange? after) = (MerkleRange.At(0), MerkleRange.At(found.Index + 1));
        var all = MerkleRange.At(0);
        using var build = new TreeBuild(input with { IsSigned = true }, ListPart.Whole)
        {
            Cut = row => row < found.Index ? found.Index : row == found.Index ? row + 1 : long.MaxValue,
            Take = piece => piece.Ranges.ForEach(range =>
            {
                all.Append(range);
                if (range.Start != found.Index)
                    (range.Start < found.Index ? before : after).Append(range);
            }),
        };
        if (build.TryRun(out BuiltRows? rows, out problems) && (problems = CheckTree(statement, all.End, all.Root(), rows.Sha256)) is null)
        {
            proof = new DeviceProof(statement.BatchId, found.Record, InclusionProof.Of(before, after));
            problems = proof.CheckAgainst(statement) is null ? null : ChangedMeanwhile();
        }
        if (problems is not null)
            proof = null;
        return proof is not null;
    }

    /// <summary>The proofs of all devices into a pack. Else refused: DEVICE-01 to DEVICE-14; then what was written is nothing.</summary>
    /// <param name="pack">Written front to back; left open.</param>
    public static bool TryWritePack(DeviceTreeInput input, BatchStatement statement,
        Stream pack, [NotNullWhen(false)] out DeviceListProblems? problems)
    {
        var blocks = new BlockRoots();
        int longestSerial = 0;
        using var build = new TreeBuild(input with { IsSigned = true }, ListPart.Whole)
        {
            Cut = row => (row / ProofPackLayout.BlockDevices * ProofPackLayout.BlockDevices) + ProofPackLayout.BlockDevices,
            Take = piece =>
            {
                piece.Ranges.ForEach(blocks.Append);
                longestSerial = Math.Max(longestSerial, piece.LongestSerial);
            },
        };
        if (!build.TryRun(out BuiltRows? rows, out problems))
            return false;
        var tree = new BlockTree(blocks.Finish());
        if ((problems = CheckTree(statement, rows.Rows, tree.Root.Span, rows.Sha256)) is not null)
            return false;
        var layout = new ProofPackLayout(statement.BatchId, rows.Rows, tree.Root, longestSerial);
        problems = PackRecords.Write(input, layout, new ProofPackWriter(pack, layout, tree), rows.Sha256);
        return problems is null;
    }

    internal static DeviceListProblems ChangedMeanwhile() =>
        DeviceListProblems.Of(1, DeviceRules.Changed, "The list changed while it was read.", "Let nobody write it, and begin again.");

    private static DeviceListProblems? CheckTree(BatchStatement statement, long treeSize,
        ReadOnlySpan<byte> root, ReadOnlySpan<byte> listSha256)
    {
        if (Convert.ToHexStringLower(listSha256) != statement.Subjects[0].Sha256)
            return Other($"The list is not the one in the statement: its SHA-256 is {Convert.ToHexStringLower(listSha256)}.",
                $"Give {statement.Subjects[0].Name} as it was when the batch was built.");
        return treeSize == statement.Devices.TreeSize && Convert.ToHexStringLower(root) == statement.Devices.Root ? null
            : Other("List and salts lead to another root than the statement's.", "Give the salts file of this batch.");
    }

    private static DeviceListProblems Other(string message, string remedy) =>
        DeviceListProblems.Of(1, DeviceRules.SameTree, message, remedy);

    // A block that chunks have cut is put together again.
    private sealed class BlockRoots
    {
        private readonly List<byte> _roots = [];
        private MerkleRange _block = MerkleRange.At(0);

        public void Append(MerkleRange range)
        {
            // Aligned to its own size, a block has the hashes that a tree of its own would have.
            _block.Append(MerkleRange.From(range.Start % ProofPackLayout.BlockDevices,
                ((range.End - 1) % ProofPackLayout.BlockDevices) + 1, range.Hashes)!);
            if (_block.End == ProofPackLayout.BlockDevices)
                Close();
        }

        public byte[] Finish()
        {
            if (_block.Count > 0)
                Close();
            return [.. _roots];
        }

        private void Close()
        {
            _roots.AddRange(_block.Root());
            _block = MerkleRange.At(0);
        }
    }
}
