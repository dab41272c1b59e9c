using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using KeyCeremony.Core.Pki.Crl;

namespace KeyCeremony.Core.Manifest.Devices;

/// <summary>
/// Puts the shards of a batch together: the same tree, and the same refusals of what stands twice, as if the list had been
/// built at once. Needs the list, to prove that each shard was built from it and to look at rows that seem to stand twice.
/// </summary>
public sealed class ShardMerge
{
    private const int BufferBytes = 1 << 20;

    private readonly List<(ShardHeader Header, Stream File)> _shards;

    private ShardMerge(List<(ShardHeader Header, Stream File)> shards) => _shards = shards;

    /// <summary>All shards of one list, one salts file and one issuing CA, in any order. Else refused: SHARD-01 to SHARD-03.</summary>
    /// <param name="files">With their names, for messages. Read here and in <see cref="TryMerge"/>; left open.</param>
    public static bool TryOpen(IReadOnlyList<(string Name, Stream File)> files, SaltKey salts,
        DeviceIssuer? issuer, [NotNullWhen(true)] out ShardMerge? merge, [NotNullWhen(false)] out Refusal? refusal)
    {
        merge = null;
        var shards = new List<(ShardHeader Header, Stream File)>();
        refusal = files.Count == 0 ? DeviceRules.ShardMissing.Refuse("There is no shard.", "Give the files of all shards.") : null;
        foreach ((string? name, Stream? file) in files)
        {
            if (TryReadHeader(file) is not { } header)
                refusal ??= DeviceRules.Shard.Refuse($"'{name}' is not a whole shard.", "Build this shard again.");
            else if ((refusal ??= CheckSame(name, header, shards.Count == 0 ? header : shards[0].Header, salts, issuer)) is null)
                shards.Add((header, file));
        }
        shards.Sort((one, other) => one.Header.Shard.CompareTo(other.Header.Shard));
        refusal ??= CheckComplete([.. shards.Select(shard => shard.Header)]);
        if (refusal is null)
            merge = new ShardMerge(shards);
        return merge is not null;
    }

    /// <summary>Else refused: SHARD-01, SHARD-04, DEVICE-01, DEVICE-10 to DEVICE-13.</summary>
    public bool TryMerge(DeviceTreeInput input, [NotNullWhen(true)] out DeviceTreeResult? result,
        [NotNullWhen(false)] out DeviceListProblems? problems)
    {
        result = null;
        using var searches = new DuplicateSearches(input.NewScratch);
        var range = MerkleRange.At(0);
        byte[]? sha256 = null;
        problems = TreeBuild.CheckCount(_shards[^1].Header.FirstRow + _shards[^1].Header.Rows)
            ?? ReadFingerprints(searches, input.Cancellation)
            ?? CheckList(input, out sha256)
            ?? DuplicateConfirmation.Find(input, ListPart.Whole, sha256, searches);
        if (problems is not null)
            return false;
        foreach ((ShardHeader? header, Stream _) in _shards)
            range.Append(header.MerkleRange()!);
        result = new DeviceTreeResult(range.End, range.Root(), sha256);
        return true;
    }

    private static ShardHeader? TryReadHeader(Stream file)
    {
        byte[] line = new byte[ShardHeader.Length];
        file.Position = 0;
        return file.ReadAtLeast(line, line.Length, throwOnEndOfStream: false) == line.Length
            && ShardHeader.Read(line) is { } header && header.FileLength == file.Length ? header : null;
    }

    private static Refusal? CheckSame(string name, ShardHeader header, ShardHeader first, SaltKey salts, DeviceIssuer? issuer)
    {
        if (header.SaltCheck != salts.CheckValue())
            return DeviceRules.ShardForeign.Refuse($"'{name}' was built with other salts.",
                "Give the salts file that all shards were built with, or build the shards again with it.");
        if (header.Issuer != issuer?.ToString())
            return DeviceRules.ShardForeign.Refuse($"'{name}' was built with another issuing CA or another finishedOn.",
                "Give the batch.yaml that all shards were built with, or build the shards again with it.");
        return header.Shards == first.Shards && header.ListBytes == first.ListBytes ? null
            : DeviceRules.ShardForeign.Refuse($"'{name}' is shard {header.Shard} of {header.Shards} of a list with "
                + $"{header.ListBytes} bytes, and not of {first.Shards} of one with {first.ListBytes}.", "Give the shards of one list.");
    }

    // Each shard is there once, and each begins where the one before ends.
    private static Refusal? CheckComplete(IReadOnlyList<ShardHeader> shards)
    {
        for (int i = 0; i < shards.Count; i++)
            if (shards[i].Shard != i + 1)
                return DeviceRules.ShardMissing.Refuse(shards[i].Shard == i
                    ? $"The shard {i} of {shards[0].Shards} is given twice."
                    : $"The shard {i + 1} of {shards[0].Shards} is missing.", "Give each shard once.");
        if (shards.Count != shards[0].Shards)
            return DeviceRules.ShardMissing.Refuse($"The shard {shards.Count + 1} of {shards[0].Shards} is missing.",
                "Give each shard once.");
        if (shards[0].FirstRow != 0 || shards[^1].ToByte != shards[0].ListBytes)
            return DeviceRules.ShardMissing.Refuse("The shards do not reach from the first row of the list to its end.",
                "Build the shards again from one list that nobody writes.");
        for (int i = 1; i < shards.Count; i++)
            if (shards[i].FirstRow != shards[i - 1].FirstRow + shards[i - 1].Rows || shards[i].FromByte != shards[i - 1].ToByte)
                return DeviceRules.ShardMissing.Refuse($"Shard {i + 1} does not begin where shard {i} ends.",
                    "Build the shards again from one list that nobody writes.");
        return null;
    }

    private DeviceListProblems? ReadFingerprints(DuplicateSearches searches, CancellationToken cancellation)
    {
        ulong[] buffer = new ulong[BufferBytes / sizeof(ulong)];
        int most = buffer.Length / ShardHeader.Fingerprints;
        ulong[] serials = new ulong[most], keys = new ulong[most], certificates = new ulong[most];
        foreach ((ShardHeader? header, Stream? file) in _shards)
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            file.Position = ShardHeader.Length;
            for (long rest = header.Rows; rest > 0;)
            {
                cancellation.ThrowIfCancellationRequested();
                int rows = (int)Math.Min(rest, most);
                Span<byte> bytes = MemoryMarshal.AsBytes(buffer.AsSpan(0, ShardHeader.Fingerprints * rows));
                file.ReadExactly(bytes);
                hash.AppendData(bytes);
                for (int i = 0; i < rows; i++)
                    (serials[i], keys[i], certificates[i]) = (buffer[3 * i], buffer[(3 * i) + 1], buffer[(3 * i) + 2]);
                searches.Add(serials.AsSpan(0, rows), keys.AsSpan(0, rows), certificates.AsSpan(0, rows));
                rest -= rows;
            }
            if (Convert.ToHexStringLower(hash.GetHashAndReset()) != header.FingerprintsSha256)
                return DeviceListProblems.Of(header.FirstRow + 1, DeviceRules.Shard,
                    $"The file of shard {header.Shard} is damaged.", "Build this shard again.");
        }
        return null;
    }

    // The list's own hash on a thread beside the one that hashes what each shard saw of it.
    private DeviceListProblems? CheckList(DeviceTreeInput input, out byte[] sha256)
    {
        sha256 = [];
        using Stream list = input.OpenList();
        using var whole = new BackgroundHash(HashAlgorithmName.SHA256);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        byte[] head = Read(list, buffer, _shards[0].Header.FromByte, whole).ToArray();
        foreach ((ShardHeader? header, Stream _) in _shards)
        {
            using var part = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            part.AppendData(head);
            for (long rest = header.ToByte - header.FromByte; rest > 0;)
            {
                input.Cancellation.ThrowIfCancellationRequested();
                ReadOnlySpan<byte> bytes = Read(list, buffer, rest, whole);
                if (bytes.IsEmpty)
                    break;
                part.AppendData(bytes);
                rest -= bytes.Length;
                input.Progress?.Invoke(new DeviceListProgress(header.FirstRow + header.Rows, header.ToByte - rest, header.ListBytes));
            }
            if (Convert.ToHexStringLower(part.GetHashAndReset()) != header.PartSha256)
                return DeviceListProblems.Of(header.FirstRow + 1, DeviceRules.ShardList,
                    $"Shard {header.Shard} was built from another list.",
                    "Give the list that the shards were built from, or build the shards again.");
        }
        ArrayPool<byte>.Shared.Return(buffer);
        if (list.ReadByte() >= 0)
            return DeviceListProblems.Of(1, DeviceRules.ShardList, "The list goes on behind the last shard.",
                "Give the list that the shards were built from, or build the shards again.");
        sha256 = whole.Finish()[0];
        return null;
    }

    private static ReadOnlySpan<byte> Read(Stream list, byte[] buffer, long most, BackgroundHash whole)
    {
        Span<byte> bytes = buffer.AsSpan(0, list.ReadAtLeast(buffer.AsSpan(0, (int)Math.Min(most, BufferBytes)),
            (int)Math.Min(most, BufferBytes), throwOnEndOfStream: false));
        whole.Append(bytes);
        return bytes;
    }
}
