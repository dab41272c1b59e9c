using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using KeyCeremony.Core.Reading;

namespace KeyCeremony.Core.Manifest.Devices;

/// <summary>Rows of a CSV: <see cref="Delimited"/>.</summary>
internal sealed class CsvDeviceRows(ImmutableArray<DeviceColumn> columns, byte separator) : DeviceRowReader
{
    private const string CorrectHeader = "Write a header of serialNo, certSha256 and spkiSha256, or of serialNo and certificate.";

    private const string AsLines = "Have each device written on a line of its own, without the array around them (jq -c '.[]').";

    // A quoted field without its quotes.
    private readonly byte[] _unquoted = new byte[DeviceListReader.MaxRow];

    /// <summary>Else refused: DEVICE-02, DEVICE-03.</summary>
    public static bool TryReadHeader(ReadOnlySpan<byte> header, out ImmutableArray<DeviceColumn> columns, out byte separator,
        [NotNullWhen(false)] out DeviceListProblems? problems)
    {
        columns = [];
        problems = header.StartsWith("sep="u8)
            ? Wrong(1, "Line 1 is 'sep=', which a spreadsheet reads and no table has: the header comes first.")
            : header.Contains((byte)'\r') ? Wrong(1, TextForm.LoneReturn(1))
            : header.TrimStart(" \t"u8).StartsWith("["u8)
            ? Wrong(1, "Line 1 begins a JSON array; of JSON one object a line is read.", AsLines)
            : null;
        separator = Delimited.SeparatorOf(header);
        if (problems is not null)
            return false;
        var found = new List<DeviceColumn>();
        byte[] unquoted = new byte[header.Length];
        ReadOnlySpan<byte> rest = header;
        for (bool more = true; more;)
        {
            int at = header.Length - rest.Length + 1;
            if (!Delimited.TryTake(ref rest, separator, unquoted, out ReadOnlySpan<byte> name, out more))
                problems = Wrong(at, "The quotes in line 1 are not those of RFC 4180.");
            else if (DeviceRow.ColumnOf(name) is not { } column)
                problems = Wrong(at, $"The column '{DeviceText.Shown(name)}' is unknown."
                    + (name.StartsWith(" "u8) || name.EndsWith(" "u8) ? " Blanks around a name are a part of it."
                        : name.ContainsAny((byte)'|', (byte)' ') ? " Fields are parted by commas, semicolons or tabs." : ""));
            else if (found.Contains(column))
                problems = Wrong(at, $"The column '{DeviceText.Shown(name)}' stands twice.");
            else
                found.Add(column);
            if (problems is not null)
                return false;
        }
        if (DeviceRow.Missing(found.Contains) is { } missing)
            problems = Wrong(1, $"The column {missing} is missing.");
        columns = [.. found];
        return problems is null;
    }

    protected override void ReadFields(ReadOnlySpan<byte> line, DeviceRow row)
    {
        ReadOnlySpan<byte> rest = line;
        bool more = true;
        foreach (DeviceColumn column in columns)
        {
            int at = line.Length - rest.Length + 1;
            if (!more)
                row.Refuse(at, DeviceRules.Row, $"The row has fewer fields than the header, which has {columns.Length}.");
            else if (TryTakeHash(column, separator, ref rest, out ReadOnlySpan<byte> hash, out more))
                row.Set(column, hash, at);
            else if (Delimited.TryTake(ref rest, separator, _unquoted, out ReadOnlySpan<byte> field, out more))
                row.Set(column, field, at);
            else
                row.Refuse(at, DeviceRules.Row, Delimited.WrongQuotes);
            if (row.Wrong is not null)
                return;
        }
        if (more)
            row.Refuse(line.Length - rest.Length + 1, DeviceRules.Row,
                $"The row has more fields than the header, which has {columns.Length}.");
        else
            row.Close();
    }

    // Nearly every field is a hash, and its end is known without looking for it; whoever sets it finds a separator inside.
    private static bool TryTakeHash(DeviceColumn column, byte separator, ref ReadOnlySpan<byte> rest,
        out ReadOnlySpan<byte> hash, out bool more)
    {
        hash = default;
        more = true;
        if (column is DeviceColumn.SerialNo or DeviceColumn.Certificate || rest.Length < DeviceRow.HexLength)
            return false;
        more = rest.Length > DeviceRow.HexLength;
        if (more && rest[DeviceRow.HexLength] != separator)
            return false;
        hash = rest[..DeviceRow.HexLength];
        rest = rest[(more ? DeviceRow.HexLength + 1 : DeviceRow.HexLength)..];
        return true;
    }

    private static DeviceListProblems Wrong(int at, string message, string remedy = CorrectHeader) =>
        new([new DeviceListProblem(1, at, DeviceRules.Columns.Refuse(message, remedy))], 0);
}
