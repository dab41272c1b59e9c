using System.Runtime.InteropServices;

namespace KeyCeremony.Core.Manifest.Devices;

/// <param name="Name">What is said of it: a file name.</param>
/// <param name="Open">From its beginning; asked a second time only where a row of it looks like one of the new list.</param>
public sealed record EarlierList(string Name, Func<Stream> Open);

/// <param name="In">The name of the earlier list that is wrong itself; null: the new list.</param>
public sealed record EarlierProblems(string? In, DeviceListProblems Problems);

/// <summary>
/// Whether a device of a list stands in the list of an earlier batch: a serial number, a key and a certificate belong to one device for
/// ever. A manifest does not tell its devices, so only the lists can be compared: each with the new one, in constant memory.
/// docs/formats/device-list.md.
/// </summary>
public static class EarlierLists
{
    private const string Remedy =
        "One device is in one batch. Find out where this one was built, and take it out of the list where the list is made.";

    /// <summary>DEVICE-17 for what stands in both, or what is wrong with an earlier list; null: nothing.</summary>
    /// <param name="input">The new list, which was read and is right.</param>
    /// <param name="sha256">Of the new list when it was read.</param>
    public static EarlierProblems? Find(DeviceTreeInput input, ReadOnlyMemory<byte> sha256, IEnumerable<EarlierList> earlier)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(earlier);
        return earlier.Select(list => Find(input, sha256.Span, list)).FirstOrDefault(found => found is not null);
    }

    private static EarlierProblems? Find(DeviceTreeInput input, ReadOnlySpan<byte> sha256, EarlierList earlier)
    {
        using var searches = new DuplicateSearches(input.NewScratch);
        void Take(Fingerprints found) => searches.Add(found.Serials, found.Keys, found.Certificates);
        byte[] other = Read<Fingerprints>(input, earlier.Open, reader => new FingerprintWorker(reader), Take,
            out DeviceListProblems? wrong);
        if (wrong is not null)
            return new EarlierProblems(earlier.Name, wrong);
        if (other.AsSpan().SequenceEqual(sha256))
            return new EarlierProblems(null, DeviceListProblems.Of(1, DeviceRules.EarlierBatch,
                $"This is the list {earlier.Name}, of an earlier batch.", Remedy));
        byte[] own = Read<Fingerprints>(input, input.OpenList, reader => new FingerprintWorker(reader), Take, out wrong);
        if (wrong is not null || !own.AsSpan().SequenceEqual(sha256))
            return new EarlierProblems(null, wrong ?? DuplicateConfirmation.ListChanged());
        RepeatedFingerprints repeated = searches.Repeated(input.Threads);
        return repeated.IsEmpty && !searches.IsContrived ? null : Confirm(input, earlier, repeated, searches.IsContrived);
    }

    /// <summary>What looks alike is looked at: only what really stands in both is refused, with both lines.</summary>
    private static EarlierProblems? Confirm(DeviceTreeInput input, EarlierList earlier, RepeatedFingerprints repeated, bool contrived)
    {
        var before = new Dictionary<(DeviceColumn, string), long>();
        bool many = false;
        _ = Read<LookAlikes>(input, earlier.Open, reader => new LookAlikeWorker(reader, repeated), found =>
        {
            foreach (LookAlike row in found.Rows)
                if (before.Count < DuplicateConfirmation.MostValues)
                    _ = before.TryAdd((row.Column, row.Value), row.Line);
                else
                    many = true;
        }, out DeviceListProblems? wrong);
        if (wrong is not null)
            return new EarlierProblems(earlier.Name, wrong);
        var twice = new ProblemList();
        _ = Read<LookAlikes>(input, input.OpenList, reader => new LookAlikeWorker(reader, repeated), found =>
        {
            foreach (LookAlike row in found.Rows)
                if (before.TryGetValue((row.Column, row.Value), out long line))
                    twice.Add(new DeviceListProblem(row.Line, 1, DeviceRules.EarlierBatch.Refuse(
                        $"{What(row)} stands in line {line} of {earlier.Name}, the list of an earlier batch.", Remedy)));
        }, out wrong);
        return (wrong ?? twice.Problems() ?? (contrived || many ? DuplicateConfirmation.Contrived() : null)) is { } problems
            ? new EarlierProblems(null, problems) : null;
    }

    private static string What(LookAlike row) => row.Column switch
    {
        DeviceColumn.SerialNo => $"The serial number '{row.Shown}'",
        DeviceColumn.SpkiSha256 => $"The key {row.Shown}",
        DeviceColumn.CertSha256 => $"The certificate {row.Shown}",
        DeviceColumn.Certificate => $"A certificate of the same issuer with the serial number {row.Shown}",
        _ => throw new System.Diagnostics.UnreachableException($"{row.Column}"),
    };

    /// <returns>The list's SHA-256.</returns>
    private static byte[] Read<TFound>(DeviceTreeInput input, Func<Stream> open, Func<DeviceRowReader, RowWorker<TFound>> worker,
        Action<TFound> take, out DeviceListProblems? wrong) where TFound : RowsFound, new()
    {
        using Stream stream = open();
        using var list = new DeviceListReader(stream);
        list.Start(ListPart.Whole);
        if (!DeviceRowReader.TryFind(list, out Func<DeviceRowReader>? newReader, out wrong))
            return [];
        long? total = stream.CanSeek ? stream.Length : (long?)null;
        var problems = new ProblemList();
        new ChunkPipeline<TFound>(list, input.Threads, input.Cancellation).Run(() => worker(newReader()), (chunk, found) =>
        {
            problems.Add(found.Problems);
            if (problems.Count == 0)
                take(found);
            input.Progress?.Invoke(new DeviceListProgress(chunk.FirstRow + chunk.Rows, list.Offset, total));
        });
        wrong = problems.Problems() ?? TreeBuild.CheckCount(list.Row);
        return list.Sha256();
    }

    private sealed class Fingerprints : RowsFound
    {
        private readonly List<ulong> _serials = [], _keys = [], _certificates = [];

        public ReadOnlySpan<ulong> Serials => CollectionsMarshal.AsSpan(_serials);

        public ReadOnlySpan<ulong> Keys => CollectionsMarshal.AsSpan(_keys);

        public ReadOnlySpan<ulong> Certificates => CollectionsMarshal.AsSpan(_certificates);

        public override void Clear(int rows)
        {
            base.Clear(rows);
            _serials.Clear();
            _keys.Clear();
            _certificates.Clear();
        }

        public void Add(DeviceRow row)
        {
            _serials.Add(Fingerprint.Of(row.SerialIdentity));
            _keys.Add(Fingerprint.Of(row.KeySha256));
            _certificates.Add(DuplicateConfirmation.OfCertificate(row));
        }
    }

    private sealed class FingerprintWorker(DeviceRowReader reader) : RowWorker<Fingerprints>(reader, issuer: null)
    {
        protected override void Take(DeviceRow row, ListChunk chunk, int i, Fingerprints found) => found.Add(row);

        protected override void Finish(ListChunk chunk, Fingerprints found)
        {
        }
    }
}
