using System.Diagnostics.CodeAnalysis;

namespace KeyCeremony.Core.Manifest.Devices;

/// <summary>How far the reading of a list is.</summary>
/// <param name="TotalBytes">Of the list; null when nobody knows.</param>
public readonly record struct DeviceListProgress(long Rows, long Bytes, long? TotalBytes);

/// <summary>A device list, and what is needed to make a tree of it.</summary>
public sealed record DeviceTreeInput
{
    /// <summary>More threads than these only wait for the list.</summary>
    public const int MaxThreads = 64;

    /// <summary>Opens the list from its beginning; asked a second time only where two rows look the same.</summary>
    public required Func<Stream> OpenList { get; init; }

    public required SaltKey Salts { get; init; }

    /// <summary>Makes an empty stream to write, seek and read. Only long lists need it.</summary>
    public required Func<Stream> NewScratch { get; init; }

    /// <summary>Verifies the certificates of the list, where it has any; null: they are read and not verified.</summary>
    public DeviceIssuer? Issuer { get; init; }

    /// <summary>It is the list of a batch that was signed: what its serial numbers look like is asked no more.</summary>
    public bool IsSigned { get; init; }

    /// <summary>1 to <see cref="MaxThreads"/>; as many as the computer has cores.</summary>
    public int Threads { get; init; } = 2;

    /// <summary>Told now and then, by one thread at a time.</summary>
    public Action<DeviceListProgress>? Progress { get; init; }

    /// <summary>Ends with <see cref="OperationCanceledException"/>.</summary>
    public CancellationToken Cancellation { get; init; }
}

/// <param name="Root">32 bytes.</param>
/// <param name="ListSha256">Of the list's bytes.</param>
public sealed record DeviceTreeResult(long TreeSize, ReadOnlyMemory<byte> Root, ReadOnlyMemory<byte> ListSha256);

/// <summary>
/// The tree of all devices of a batch, from the list and the salts: in one pass, in constant memory, on several threads.
/// docs/formats/device-list.md.
/// </summary>
public static class DeviceTree
{
    /// <summary>Every row is checked and nothing stands twice; else refused: DEVICE-01 to DEVICE-13.</summary>
    /// <param name="problems">Of the rows that are wrong the first <see cref="DeviceListProblems.MostTold"/>;
    /// <see cref="DeviceListProblems.Refusal"/> is all in one.</param>
    public static bool TryCompute(DeviceTreeInput input, [NotNullWhen(true)] out DeviceTreeResult? result,
        [NotNullWhen(false)] out DeviceListProblems? problems)
    {
        var range = MerkleRange.At(0);
        using var build = new TreeBuild(input, ListPart.Whole) { Take = piece => piece.Ranges.ForEach(range.Append) };
        result = build.TryRun(out BuiltRows? rows, out problems) ? new DeviceTreeResult(range.End, range.Root(), rows.Sha256) : null;
        return result is not null;
    }
}
