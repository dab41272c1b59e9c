using System.Collections.Immutable;
using System.Text;

namespace KeyCeremony.App.Ledger.FirstProgram;

/// <summary>One row: https://www.sqlite.org/fileformat2.html 2.1.</summary>
/// <param name="Number">The rowid.</param>
/// <param name="Columns">A <see cref="long"/>, a <see cref="string"/>, a byte array, or null.</param>
internal sealed record SqliteRow(long Number, ImmutableArray<object?> Columns)
{
    private const int MaxColumns = 16;

    private static readonly Encoding Utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="OldFileException">It is none.</exception>
    public static SqliteRow Read(long number, ReadOnlySpan<byte> payload)
    {
        int type = 0;
        long header = SqliteFile.Varint(payload, ref type);
        SqliteFile.Check(header >= type && header <= payload.Length, "a row's header is longer than the row");
        int at = (int)header;
        ImmutableArray<object?>.Builder columns = ImmutableArray.CreateBuilder<object?>();
        while (type < header)
        {
            SqliteFile.Check(columns.Count < MaxColumns, "a row has too many columns");
            columns.Add(Column(SqliteFile.Varint(payload, ref type), payload, ref at));
        }
        SqliteFile.Check(type == header && at == payload.Length, "a row's columns are not as long as the row");
        return new SqliteRow(number, columns.ToImmutable());
    }

    private static object? Column(long type, ReadOnlySpan<byte> payload, ref int at)
    {
        SqliteFile.Check(type is >= 0 and not (7 or 10 or 11), "a column is neither number, text nor bytes");
        if (type == 0)
            return null;
        if (type is 8 or 9)
            return type - 8;
        long length = type >= 12 ? (type - 12) / 2 : type switch { 5 => 6, 6 => 8, _ => type };
        SqliteFile.Check(length <= payload.Length - at, "a column is longer than its row");
        ReadOnlySpan<byte> bytes = payload.Slice(at, (int)length);
        at += (int)length;
        return type < 12 ? Whole(bytes) : type % 2 == 0 ? bytes.ToArray() : Text(bytes);
    }

    /// <summary>Big-endian, two's complement.</summary>
    private static long Whole(ReadOnlySpan<byte> bytes)
    {
        long value = unchecked((sbyte)bytes[0]);
        foreach (byte next in bytes[1..])
            value = unchecked(value << 8 | next);
        return value;
    }

    private static string Text(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw new OldFileException("a text is not UTF-8");
        }
    }
}
