using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace KeyCeremony.Core.Manifest.Devices;

/// <summary>
/// Builds one part of a list, in a process of its own that shares nothing with the others but the list and the salts.
/// docs/formats/device-list.md.
/// </summary>
public static class ShardBuild
{
    /// <summary>
    /// Every row of the part is checked, and nothing stands twice in it. Else refused: DEVICE-01 to DEVICE-13; then what was
    /// written is nothing.
    /// </summary>
    /// <param name="input">Its list can be sought in, so that its length is known.</param>
    /// <param name="shard">Empty, to write and seek; left open.</param>
    public static bool TryWrite(DeviceTreeInput input, ListPart part, Stream shard, [NotNullWhen(false)] out DeviceListProblems? problems)
    {
        using var fingerprints = new FingerprintWriter(shard);
        MerkleRange? range = null;
        using var build = new TreeBuild(input, part)
        {
            Take = piece =>
            {
                range ??= MerkleRange.At(piece.Ranges[0].Start);
                piece.Ranges.ForEach(range.Append);
                fingerprints.Write(piece);
            },
        };
        shard.Position = ShardHeader.Length;
        if (!build.TryRun(out BuiltRows? rows, out problems))
            return false;
        var header = new ShardHeader(
            ShardHeader.ShardType, part.Index, part.Count, ListBytes(input), rows.From,
            rows.To, Convert.ToHexStringLower(rows.Sha256), rows.FirstRow, rows.Rows, input.Salts.CheckValue(),
            [.. (range?.Hashes.ToArray() ?? []).Chunk(TreeHash.Length).Select(hash => Convert.ToHexStringLower(hash))],
            fingerprints.Sha256(), input.Issuer?.ToString());
        shard.Position = 0;
        shard.Write(header.Sealed().Write());
        shard.Flush();
        return true;
    }

    private static long ListBytes(DeviceTreeInput input)
    {
        using Stream list = input.OpenList();
        return list.Length;
    }

    // A row's fingerprints one behind the other: the file does not depend on how the list was cut into chunks.
    private sealed class FingerprintWriter(Stream shard) : IDisposable
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private ulong[] _rows = [];

        public void Write(TreePiece piece)
        {
            int rows = piece.Serials.Length;
            if (_rows.Length < ShardHeader.Fingerprints * rows)
                _rows = new ulong[ShardHeader.Fingerprints * rows];
            for (int i = 0; i < rows; i++)
                (_rows[3 * i], _rows[(3 * i) + 1], _rows[(3 * i) + 2]) = (piece.Serials[i], piece.Keys[i], piece.Certificates[i]);
            Span<byte> bytes = MemoryMarshal.AsBytes(_rows.AsSpan(0, ShardHeader.Fingerprints * rows));
            _hash.AppendData(bytes);
            shard.Write(bytes);
        }

        public string Sha256() => Convert.ToHexStringLower(_hash.GetHashAndReset());

        public void Dispose() => _hash.Dispose();
    }
}
