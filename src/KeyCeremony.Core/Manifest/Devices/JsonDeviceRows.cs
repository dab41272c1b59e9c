using System.Text.Json;

namespace KeyCeremony.Core.Manifest.Devices;

/// <summary>Rows of JSON lines: one object of strings on each line, its fields in any order.</summary>
internal sealed class JsonDeviceRows : DeviceRowReader
{
    private const string WriteObject =
        "Write one object a line with serialNo, certSha256 and spkiSha256, or serialNo and certificate, all of them strings.";

    private static readonly JsonReaderOptions Options = new() { MaxDepth = 1 };

    // A string without its escapes.
    private readonly byte[] _unescaped = new byte[DeviceListReader.MaxRow];

    protected override void ReadFields(ReadOnlySpan<byte> line, DeviceRow row)
    {
        var json = new Utf8JsonReader(line, Options);
        try
        {
            ReadObject(ref json, row);
            // What stands behind the object is an error that only reading on finds.
            if (row.Wrong is null)
                json.Read();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            row.Refuse((int)json.BytesConsumed + 1, DeviceRules.Row, "The row is not one JSON object.", WriteObject);
        }
        if (row.Wrong is not null)
            return;
        if (DeviceRow.Missing(row.Has) is { } missing)
            row.Refuse(1, DeviceRules.Columns, $"The field {missing} is missing.", WriteObject);
        else
            row.Close();
    }

    private void ReadObject(ref Utf8JsonReader json, DeviceRow row)
    {
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            row.Refuse(1, DeviceRules.Row, "The row is not one JSON object.", WriteObject);
        while (row.Wrong is null && json.Read() && json.TokenType == JsonTokenType.PropertyName)
            ReadField(ref json, row);
    }

    private void ReadField(ref Utf8JsonReader json, DeviceRow row)
    {
        int at = (int)json.TokenStartIndex + 1;
        ReadOnlySpan<byte> name = Text(ref json);
        if (DeviceRow.ColumnOf(name) is not { } column)
            row.Refuse(at, DeviceRules.Columns, $"The field '{DeviceText.Shown(name)}' is unknown.", WriteObject);
        else if (row.Has(column))
            row.Refuse(at, DeviceRules.Columns, $"The field '{DeviceText.Shown(name)}' stands twice.", WriteObject);
        else if (!json.Read() || json.TokenType != JsonTokenType.String)
            row.Refuse(at, DeviceRules.Row, "The field's value is not a string.", WriteObject);
        else
            row.Set(column, Text(ref json), (int)json.TokenStartIndex + 1);
    }

    private ReadOnlySpan<byte> Text(ref Utf8JsonReader json) =>
        json.ValueIsEscaped ? _unescaped.AsSpan(0, json.CopyString(_unescaped)) : json.ValueSpan;
}
