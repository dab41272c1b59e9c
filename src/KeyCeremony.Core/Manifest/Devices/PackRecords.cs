namespace KeyCeremony.Core.Manifest.Devices;

/// <summary>Writes the records of all devices of a list into a pack.</summary>
internal static class PackRecords
{
    /// <param name="sha256">Of the list when its tree was built.</param>
    public static DeviceListProblems? Write(DeviceTreeInput input, ProofPackLayout layout, ProofPackWriter pack, byte[] sha256)
    {
        using Stream stream = input.OpenList();
        using var list = new DeviceListReader(stream);
        list.Start(ListPart.Whole);
        if (!DeviceRowReader.TryFind(list, out Func<DeviceRowReader>? newReader, out _))
            return DeviceProving.ChangedMeanwhile();
        bool changed = false;
        long? total = stream.CanSeek ? stream.Length : (long?)null;
        new ChunkPipeline<Records>(list, input.Threads, input.Cancellation).Run(
            () => new RecordWorker(newReader(), input.Salts, layout),
            (chunk, records) =>
            {
                changed |= records.Problems.Count > 0 || records.TooLong || chunk.FirstRow + chunk.Rows > layout.TreeSize;
                if (changed)
                    return;
                pack.Add(records.Of(layout, chunk.Rows));
                input.Progress?.Invoke(new DeviceListProgress(chunk.FirstRow + chunk.Rows, list.Offset, total));
            });
        if (changed || !list.Sha256().AsSpan().SequenceEqual(sha256))
            return DeviceProving.ChangedMeanwhile();
        pack.Finish();
        return null;
    }

    private sealed class Records : RowsFound
    {
        private byte[] _records = [];

        /// <summary>A serial number has no room: the list was another one before.</summary>
        public bool TooLong { get; set; }

        public Span<byte> Of(ProofPackLayout layout, int rows)
        {
            if (_records.Length < rows * layout.RecordBytes)
                _records = new byte[rows * layout.RecordBytes];
            return _records.AsSpan(0, rows * layout.RecordBytes);
        }

        public override void Clear(int rows)
        {
            base.Clear(rows);
            TooLong = false;
        }
    }

    private sealed class RecordWorker(DeviceRowReader reader, SaltKey salts, ProofPackLayout layout)
        : RowWorker<Records>(reader, issuer: null)
    {
        private readonly DeviceSalts _salts = salts.Salts();

        public override void Dispose()
        {
            _salts.Dispose();
            base.Dispose();
        }

        protected override void Take(DeviceRow row, ListChunk chunk, int i, Records found)
        {
            found.TooLong |= row.Serial.Length > layout.SerialBytes;
            if (!found.TooLong)
                layout.WriteRecord(found.Of(layout, chunk.Rows).Slice(i * layout.RecordBytes, layout.RecordBytes),
                    _salts.Of(chunk.FirstRow + i), row.Serial, row.CertSha256, row.SpkiSha256);
        }

        protected override void Finish(ListChunk chunk, Records found)
        {
        }
    }
}
