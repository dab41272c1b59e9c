using System.Diagnostics.CodeAnalysis;

namespace KeyCeremony.Core.Manifest.Devices;

/// <summary>Builds the tree of a part of a list, or of all of it.</summary>
internal sealed class TreeBuild(DeviceTreeInput input, ListPart part) : IDisposable
{
    private readonly DuplicateSearch _serials = new(input.NewScratch);
    private readonly DuplicateSearch _keys = new(input.NewScratch);
    private readonly ProblemList _problems = new();
    private MerkleRange? _range;

    /// <summary>Of the list's header and the part's rows.</summary>
    public ReadOnlyMemory<byte> Sha256 { get; private set; }

    /// <summary>What each chunk gave, in order.</summary>
    public Action<TreePiece>? Pieces { get; init; }

    public bool TryRun([NotNullWhen(true)] out MerkleRange? range, [NotNullWhen(false)] out DeviceListProblems? problems)
    {
        range = null;
        using var stream = input.OpenList();
        using var list = new DeviceListReader(stream);
        list.Start(part);
        if (!DeviceRowReader.TryFind(list, out var newReader, out problems))
            return false;
        var total = stream.CanSeek ? stream.Length : (long?)null;
        _range = MerkleRange.At(list.Row);
        new ChunkPipeline<TreePiece>(list, input.Threads, input.Cancellation).Run(
            () => new TreeWorker(newReader(), input.Issuer, input.Salts),
            (chunk, piece) =>
            {
                Take(piece);
                input.Progress?.Invoke(new DeviceListProgress(chunk.FirstRow + chunk.Rows, list.Offset, total));
            });
        Sha256 = list.Sha256();
        problems = _problems.Problems() ?? CheckCount() ?? DuplicateConfirmation.Find(input, part, Sha256, _serials, _keys);
        if (problems is null)
            range = _range;
        return range is not null;
    }

    public void Dispose()
    {
        _serials.Dispose();
        _keys.Dispose();
    }

    private void Take(TreePiece piece)
    {
        _problems.Add(piece.Problems);
        // A list with a wrong row is read to its end only to find the others.
        if (_problems.Count > 0)
            return;
        _range!.Append(piece.Range!);
        _serials.Add(piece.Serials);
        _keys.Add(piece.Keys);
        Pieces?.Invoke(piece);
    }

    private DeviceListProblems? CheckCount() => _range!.End > BatchStatement.MaxDevices || (part.IsWhole && _range.Count == 0)
        ? DeviceListProblems.Of(1, DeviceRules.List, $"The list has {_range.End} devices.", "A batch without devices is not signed; a larger one is split.") : null;
}
