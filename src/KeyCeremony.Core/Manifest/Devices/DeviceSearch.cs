using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace KeyCeremony.Core.Manifest.Devices;

/// <summary>A row of a list as a leaf has it.</summary>
/// <param name="Index">Of the leaf, from 0.</param>
internal sealed record FoundDevice(long Index, DeviceRecord Record);

/// <summary>Looks for one serial number in a list.</summary>
internal static class DeviceSearch
{
    /// <summary>Else refused: DEVICE-01 to DEVICE-09, DEVICE-15.</summary>
    public static bool TryFind(DeviceTreeInput input, string serialNo, [NotNullWhen(true)] out FoundDevice? device,
        [NotNullWhen(false)] out DeviceListProblems? problems)
    {
        device = null;
        FoundDevice? first = null;
        using Stream stream = input.OpenList();
        using var list = new DeviceListReader(stream);
        list.Start(ListPart.Whole);
        if (!DeviceRowReader.TryFind(list, out Func<DeviceRowReader>? newReader, out problems))
            return false;
        var found = new ProblemList();
        new ChunkPipeline<Match>(list, input.Threads, input.Cancellation).Run(
            () => new MatchWorker(newReader(), input.Salts, Encoding.UTF8.GetBytes(serialNo)),
            (_, match) =>
            {
                found.Add(match.Problems);
                first ??= match.Device;
            });
        problems = found.Problems() ?? (first is null
            ? DeviceListProblems.Of(1, DeviceRules.NoSuchDevice,
                $"No device of the list has the serial number '{DeviceText.Shown(Encoding.UTF8.GetBytes(serialNo))}'.",
                "Look whether it is of another batch.") : null);
        if (problems is null)
            device = first;
        return device is not null;
    }

    private sealed class Match : RowsFound
    {
        public FoundDevice? Device { get; set; }

        public override void Clear(int rows)
        {
            base.Clear(rows);
            Device = null;
        }
    }

    private sealed class MatchWorker(DeviceRowReader reader, SaltKey salts, byte[] serialNo) : RowWorker<Match>(reader, issuer: null)
    {
        private readonly DeviceSalts _salts = salts.Salts();

        public override void Dispose()
        {
            _salts.Dispose();
            base.Dispose();
        }

        protected override void Take(DeviceRow row, ListChunk chunk, int i, Match found)
        {
            if (!row.Serial.SequenceEqual(serialNo))
                return;
            string salt = Convert.ToHexStringLower(_salts.Of(chunk.FirstRow + i));
            found.Device = new FoundDevice(chunk.FirstRow + i, new DeviceRecord(salt,
                Encoding.ASCII.GetString(serialNo), Convert.ToHexStringLower(row.CertSha256), Convert.ToHexStringLower(row.SpkiSha256)));
        }

        protected override void Finish(ListChunk chunk, Match found)
        {
        }
    }
}
