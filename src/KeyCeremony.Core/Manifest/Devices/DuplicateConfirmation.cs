using System.Text;

namespace KeyCeremony.Core.Manifest.Devices;

/// <summary>
/// Looks into the list again for the rows whose fingerprints repeat, and compares what stands there: only what really
/// stands twice is refused, with both lines.
/// </summary>
internal static class DuplicateConfirmation
{
    // The fingerprints that are followed up, and some that share one by chance.
    private const int MostValues = 4 * DuplicateSearch.MostRepeated;

    private const string Remedy =
        "Find out which device has it. Correct the list where it is made; never remove a row only to get through.";

    /// <summary>What stands twice, or null.</summary>
    /// <param name="sha256">Of the part when it was read first.</param>
    public static DeviceListProblems? Find(DeviceTreeInput input, ListPart part,
        ReadOnlyMemory<byte> sha256, DuplicateSearch serials, DuplicateSearch keys)
    {
        (IReadOnlySet<ulong>? repeatedSerials, IReadOnlySet<ulong>? repeatedKeys) = Search(input.Threads, serials, keys);
        if (repeatedSerials.Count == 0 && repeatedKeys.Count == 0 && !serials.IsContrived && !keys.IsContrived)
            return null;
        var values = new RepeatedValues();
        using Stream stream = input.OpenList();
        using var list = new DeviceListReader(stream);
        list.Start(part);
        if (!DeviceRowReader.TryFind(list, out Func<DeviceRowReader>? newReader, out DeviceListProblems? problems))
            return problems;
        new ChunkPipeline<LookAlikes>(list, input.Threads, input.Cancellation).Run(
            () => new LookAlikeWorker(newReader(), repeatedSerials, repeatedKeys),
            (_, found) => values.Add(found));
        if (!list.Sha256().AsSpan().SequenceEqual(sha256.Span))
            return DeviceListProblems.Of(1, DeviceRules.Changed, "The list changed while it was read.",
                "Let nobody write it, and build again.");
        return values.Problems() ?? (serials.IsContrived || keys.IsContrived || values.IsContrived
            ? DeviceListProblems.Of(1, DeviceRules.Contrived,
                "Thousands of different values in the list look the same to the search for duplicates. That does not happen by chance.",
                "Find out who made the list, and why.")
            : null);
    }

    private static (IReadOnlySet<ulong> Serials, IReadOnlySet<ulong> Keys) Search(int threads,
        DuplicateSearch serials, DuplicateSearch keys)
    {
        IReadOnlySet<ulong> repeatedSerials = new HashSet<ulong>(), repeatedKeys = new HashSet<ulong>();
        Parallel.Invoke(new ParallelOptions { MaxDegreeOfParallelism = threads },
            () => repeatedSerials = serials.Repeated(), () => repeatedKeys = keys.Repeated());
        return (repeatedSerials, repeatedKeys);
    }

    private sealed class LookAlikes : RowsFound
    {
        public List<LookAlike> Rows { get; } = [];

        public override void Clear(int rows)
        {
            base.Clear(rows);
            Rows.Clear();
        }
    }

    private sealed record LookAlike(DeviceColumn Column, string Value, long Line);

    private sealed class LookAlikeWorker(DeviceRowReader reader, IReadOnlySet<ulong> serials, IReadOnlySet<ulong> keys)
        : RowWorker<LookAlikes>(reader, issuer: null)
    {
        protected override void Take(DeviceRow row, ListChunk chunk, int i, LookAlikes found)
        {
            if (serials.Contains(Fingerprint.Of(row.Serial)))
                found.Rows.Add(new LookAlike(DeviceColumn.SerialNo, Encoding.ASCII.GetString(row.Serial), chunk.FirstLine + i));
            if (keys.Contains(Fingerprint.Of(row.SpkiSha256)))
                found.Rows.Add(new LookAlike(DeviceColumn.SpkiSha256, Convert.ToHexStringLower(row.SpkiSha256), chunk.FirstLine + i));
        }

        protected override void Finish(ListChunk chunk, LookAlikes found)
        {
        }
    }

    private sealed class RepeatedValues
    {
        private readonly Dictionary<(DeviceColumn Column, string Value), long> _firstLines = [];
        private readonly ProblemList _problems = new();

        public bool IsContrived { get; private set; }

        public DeviceListProblems? Problems() => _problems.Problems();

        public void Add(LookAlikes found)
        {
            foreach (LookAlike row in found.Rows)
                if (_firstLines.TryGetValue((row.Column, row.Value), out long first))
                    _problems.Add(new DeviceListProblem(row.Line, 1, Refuse(row, first)));
                else if (_firstLines.Count < MostValues)
                    _firstLines.Add((row.Column, row.Value), row.Line);
                else
                    IsContrived = true;
        }

        private static Refusal Refuse(LookAlike row, long first) => row.Column == DeviceColumn.SerialNo
            ? DeviceRules.SerialTwice.Refuse($"The serial number '{row.Value}' stands in line {first} already.", Remedy)
            : DeviceRules.KeyTwice.Refuse($"The key {row.Value} stands in line {first} already.", Remedy);
    }
}
