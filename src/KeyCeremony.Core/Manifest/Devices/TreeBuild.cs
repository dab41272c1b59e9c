using System.Diagnostics.CodeAnalysis;

namespace KeyCeremony.Core.Manifest.Devices;

/// <summary>The rows and bytes of a list that a tree was built from.</summary>
/// <param name="From">Where the first row begins, in bytes.</param>
/// <param name="To">Behind the last row.</param>
/// <param name="Sha256">Of the list's header and these rows: of a whole list, its SHA-256.</param>
internal sealed record BuiltRows(long FirstRow, long Rows, long From, long To, byte[] Sha256);

/// <summary>Builds the tree of a part of a list, or of all of it, and looks for duplicates in it.</summary>
internal sealed class TreeBuild(DeviceTreeInput input, ListPart part) : IDisposable
{
    private readonly DuplicateSearches _searches = new(input.NewScratch);
    private readonly ProblemList _problems = new();

    /// <summary>Where the pieces are cut that <see cref="Take"/> gets; left out, only where chunks end.</summary>
    public TreeCut Cut { get; init; } = _ => long.MaxValue;

    /// <summary>Gets what each chunk gave, in order, as long as no row is wrong.</summary>
    public required Action<TreePiece> Take { get; init; }

    /// <summary>Else refused: DEVICE-01 to DEVICE-13.</summary>
    public bool TryRun([NotNullWhen(true)] out BuiltRows? rows, [NotNullWhen(false)] out DeviceListProblems? problems)
    {
        rows = null;
        using Stream stream = input.OpenList();
        using var list = new DeviceListReader(stream);
        list.Start(part);
        if (!DeviceRowReader.TryFind(list, out Func<DeviceRowReader>? newReader, out problems))
            return false;
        long? total = stream.CanSeek ? stream.Length : (long?)null;
        (long firstRow, long from) = (list.Row, list.Offset);
        new ChunkPipeline<TreePiece>(list, input.Threads, input.Cancellation).Run(
            () => new TreeWorker(newReader(), input.Issuer, input.Salts, Cut, input.IsSigned),
            (chunk, piece) =>
            {
                TakePiece(piece);
                input.Progress?.Invoke(new DeviceListProgress(chunk.FirstRow + chunk.Rows, list.Offset, total));
            });
        rows = new BuiltRows(firstRow, list.Row - firstRow, from, list.Offset, list.Sha256());
        problems = _problems.Problems() ?? (part.IsWhole ? CheckCount(list.Row) : null)
            ?? DuplicateConfirmation.Find(input, part, rows.Sha256, _searches);
        if (problems is not null)
            rows = null;
        return rows is not null;
    }

    public void Dispose() => _searches.Dispose();

    /// <summary>DEVICE-01 for a whole list without rows, or with more than a statement takes; or null.</summary>
    public static DeviceListProblems? CheckCount(long rows) => rows is > 0 and <= BatchStatement.MaxDevices ? null
        : DeviceListProblems.Of(1, DeviceRules.List, $"The list has {rows} devices.",
            "A batch without devices is not signed; a larger one is split.");

    private void TakePiece(TreePiece piece)
    {
        _problems.Add(piece.Problems);
        // A list with a wrong row is read to its end only to find the others.
        if (_problems.Count > 0)
            return;
        _searches.Add(piece.Serials, piece.Keys, piece.Certificates);
        Take(piece);
    }
}
