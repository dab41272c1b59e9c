using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace KeyCeremony.Core.Manifest.Devices;

/// <summary>Rows of a CSV: RFC 4180 with commas; a line feed ends the row, also between quotes.</summary>
internal sealed class CsvDeviceRows(ImmutableArray<DeviceColumn> columns) : DeviceRowReader
{
    private const string CorrectHeader = "Write a header of serialNo, certSha256 and spkiSha256, or of serialNo and certificate.";

    // A quoted field without its quotes.
    private readonly byte[] _unquoted = new byte[DeviceListReader.MaxRow];

    /// <summary>Else refused: DEVICE-02, DEVICE-03.</summary>
    public static bool TryReadHeader(ReadOnlySpan<byte> header, out ImmutableArray<DeviceColumn> columns,
        [NotNullWhen(false)] out DeviceListProblems? problems)
    {
        columns = [];
        problems = null;
        var found = new List<DeviceColumn>();
        byte[] unquoted = new byte[header.Length];
        ReadOnlySpan<byte> rest = header;
        for (bool more = true; more;)
        {
            int at = header.Length - rest.Length + 1;
            if (!TryTake(ref rest, unquoted, out ReadOnlySpan<byte> name, out more))
                problems = Wrong(at, "The header's quotes are not those of RFC 4180.");
            else if (DeviceRow.ColumnOf(name) is not { } column)
                problems = Wrong(at, $"The column '{DeviceText.Shown(name)}' is unknown.");
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
            else if (TryTakeHash(column, ref rest, out ReadOnlySpan<byte> hash, out more))
                row.Set(column, hash, at);
            else if (TryTake(ref rest, _unquoted, out ReadOnlySpan<byte> field, out more))
                row.Set(column, field, at);
            else
                row.Refuse(at, DeviceRules.Row,
                    "The field's quotes are not those of RFC 4180: around the whole field, and doubled inside.");
            if (row.Wrong is not null)
                return;
        }
        if (more)
            row.Refuse(line.Length - rest.Length + 1, DeviceRules.Row,
                $"The row has more fields than the header, which has {columns.Length}.");
        else
            row.Close();
    }

    // Nearly every field is a hash, and its end is known without looking for it; whoever sets it finds a comma inside.
    private static bool TryTakeHash(DeviceColumn column, ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> hash, out bool more)
    {
        hash = default;
        more = true;
        if (column is DeviceColumn.SerialNo or DeviceColumn.Certificate || rest.Length < DeviceRow.HexLength)
            return false;
        more = rest.Length > DeviceRow.HexLength;
        if (more && rest[DeviceRow.HexLength] != ',')
            return false;
        hash = rest[..DeviceRow.HexLength];
        rest = rest[(more ? DeviceRow.HexLength + 1 : DeviceRow.HexLength)..];
        return true;
    }

    /// <summary>The next field without its quotes; false when they are wrong.</summary>
    /// <param name="more">Whether a comma, and so another field, follows.</param>
    private static bool TryTake(ref ReadOnlySpan<byte> rest, Span<byte> unquoted, out ReadOnlySpan<byte> field, out bool more)
    {
        if (rest.StartsWith("\""u8))
            return TryTakeQuoted(ref rest, unquoted, out field, out more);
        int end = rest.IndexOf((byte)',');
        more = end >= 0;
        field = more ? rest[..end] : rest;
        rest = more ? rest[(end + 1)..] : default;
        return !field.Contains((byte)'"');
    }

    private static bool TryTakeQuoted(ref ReadOnlySpan<byte> rest, Span<byte> unquoted, out ReadOnlySpan<byte> field, out bool more)
    {
        field = default;
        more = false;
        ReadOnlySpan<byte> inside = rest[1..];
        for (int length = 0; ;)
        {
            int quote = inside.IndexOf((byte)'"');
            if (quote < 0)
                return false;
            inside[..quote].CopyTo(unquoted[length..]);
            length += quote;
            inside = inside[(quote + 1)..];
            if (!inside.StartsWith("\""u8))
            {
                field = unquoted[..length];
                break;
            }
            unquoted[length++] = (byte)'"';
            inside = inside[1..];
        }
        more = inside.StartsWith(","u8);
        rest = more ? inside[1..] : inside;
        return more || inside.IsEmpty;
    }

    private static DeviceListProblems Wrong(int at, string message) =>
        new([new DeviceListProblem(1, at, DeviceRules.Columns.Refuse(message, CorrectHeader))], 0);
}
