using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using KeyCeremony.Core.Reading;

namespace KeyCeremony.Core.Manifest.Devices;

/// <summary>Reads the rows of a list: a line becomes a <see cref="DeviceRow"/>. One thread has it.</summary>
internal abstract class DeviceRowReader
{
    /// <summary>
    /// For the list's format, which its beginning tells: JSON lines begin with a brace. Else refused: DEVICE-01, DEVICE-02, DEVICE-03.
    /// </summary>
    /// <param name="newReader">Makes one for each thread.</param>
    public static bool TryFind(DeviceListReader list, [NotNullWhen(true)] out Func<DeviceRowReader>? newReader,
        [NotNullWhen(false)] out DeviceListProblems? problems)
    {
        (newReader, problems) = (null, null);
        if (list.Unread is { } unread)
            problems = DeviceListProblems.Of(1, DeviceRules.List, unread, "Save the list as UTF-8 with lines that end with LF or CR LF.");
        else if (list.IsJson)
            newReader = () => new JsonDeviceRows();
        else if (list.Header is not { } header)
            problems = DeviceListProblems.Of(1, DeviceRules.List, "The list has no header and a row behind it.",
                "Give a CSV with a header or JSON lines.");
        else if (CsvDeviceRows.TryReadHeader(header, out ImmutableArray<DeviceColumn> columns, out byte separator,
            out problems))
            newReader = () => new CsvDeviceRows(columns, separator);
        return newReader is not null;
    }

    /// <param name="line">Without its end.</param>
    /// <param name="number">Of the line, from 1.</param>
    public void Read(ReadOnlySpan<byte> line, long number, DeviceRow row)
    {
        row.Clear();
        if (line.Length > DeviceListReader.MaxRow)
            row.Refuse(1, DeviceRules.List, $"The row has more than {DeviceListReader.MaxRow} bytes.");
        else if (line.IsEmpty)
            row.Refuse(1, DeviceRules.List, $"Line {number} is empty.");
        else
        {
            ReadFields(line, row);
            if (row.Wrong is not null && Delimited.Cause(line, number) is { } cause)
                row.RefuseWhole(DeviceRules.Row, cause);
        }
    }

    protected abstract void ReadFields(ReadOnlySpan<byte> line, DeviceRow row);
}
