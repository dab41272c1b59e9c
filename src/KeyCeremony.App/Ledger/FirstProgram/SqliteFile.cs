using System.Buffers.Binary;
using System.Collections;
using Microsoft.Win32.SafeHandles;

namespace KeyCeremony.App.Ledger.FirstProgram;

/// <summary>
/// Rows of a SQLite database, read strictly and never written: table b-trees in pages of 4,096 bytes, UTF-8, rollback-journal
/// mode, nothing vacuumed, no index. What the first program did not write is refused. Every page is read at most once, so a
/// damaged file costs no more than its length. https://www.sqlite.org/fileformat2.html
/// </summary>
internal sealed class SqliteFile
{
    private const int PageSize = 4096;
    private const int FileHeader = 100;        // 1.3
    private const int InteriorTable = 0x05;    // 1.6
    private const int LeafTable = 0x0D;
    private const int MaxDepth = 12;
    private const int MaxCells = (PageSize - 8) / 6;

    /// <summary>1.6: a payload of at most so many bytes lies in its cell whole; of a longer one at least the smaller number.</summary>
    private const int MaxLocal = PageSize - 35, MinLocal = (PageSize - 12) * 32 / 255 - 23;

    private readonly SafeFileHandle _file;
    private readonly int _maxPayload;
    private readonly BitArray _seen;

    /// <param name="maxPayload">Of one row, in bytes.</param>
    /// <exception cref="OldFileException">It is no database of this kind.</exception>
    public SqliteFile(SafeFileHandle file, int applicationId, int userVersion, int maxPayload)
    {
        _file = file;
        _maxPayload = maxPayload;
        long length = RandomAccess.GetLength(file);
        Check(length > 0 && length % PageSize == 0 && length / PageSize < int.MaxValue, "its length is not a number of pages");
        _seen = new BitArray((int)(length / PageSize) + 1);
        byte[] page = Page(1);
        _seen[1] = false;
        ReadOnlySpan<byte> header = page;
        Check(header.StartsWith("SQLite format 3\0"u8), "it is no SQLite database");
        Check(Number(header, 16, 2) == PageSize && header[20] == 0, "its pages are not of 4,096 bytes");
        Check(header[18] == 1 && header[19] == 1, "it is not in rollback-journal mode");
        Check(Number(header, 28, 4) == length / PageSize, "it is not as long as it says");
        Check(Number(header, 92, 4) == Number(header, 24, 4), "another program has written to it");
        Check(Number(header, 52, 4) == 0 && Number(header, 56, 4) == 1, "it is vacuumed by itself, or not in UTF-8");
        Check(Number(header, 68, 4) == applicationId && Number(header, 60, 4) == userVersion, "it is not a ledger of the first program");
    }

    /// <summary>The rows of <c>sqlite_schema</c>, in their order.</summary>
    public IEnumerable<SqliteRow> Schema() => Table(1);

    /// <summary>A table's rows in the order of their numbers.</summary>
    /// <exception cref="OldFileException">While they are read: the file is damaged.</exception>
    public IEnumerable<SqliteRow> Table(long root) => Rows(root, 0, new Order());

    private IEnumerable<SqliteRow> Rows(long number, int depth, Order order)
    {
        Check(depth < MaxDepth, "its tree is too deep");
        byte[] page = Page(number);
        int at = number == 1 ? FileHeader : 0, type = page[at], cells = (int)Number(page, at + 3, 2);
        Check(type is InteriorTable or LeafTable && cells <= MaxCells, $"page {number} is none of a table");
        int pointers = at + (type == LeafTable ? 8 : 12);
        for (int cell = 0; cell < cells; cell++)
        {
            int from = (int)Number(page, pointers + 2 * cell, 2);
            Check(from >= pointers + 2 * cells && from < PageSize, $"page {number} points outside of itself");
            if (type == LeafTable)
            {
                yield return Row(page, from, order);
                continue;
            }
            foreach (SqliteRow row in Rows(Number(page, from, 4), depth + 1, order))
                yield return row;
            from += 4;
            Check(order.Last <= Varint(page, ref from), $"page {number} does not say where its rows are");
        }
        if (type == InteriorTable)
            foreach (SqliteRow row in Rows(Number(page, at + 8, 4), depth + 1, order))
                yield return row;
    }

    private SqliteRow Row(byte[] page, int from, Order order)
    {
        long length = Varint(page, ref from), number = Varint(page, ref from);
        Check(length >= 0 && length <= _maxPayload, "a row is too long");
        Check(number > order.Last, "its rows are not in order");
        order.Last = number;
        byte[] payload = new byte[length];
        int local = payload.Length <= MaxLocal ? payload.Length : Local(payload.Length);
        Check(from + local <= PageSize, "a row is longer than its page");
        page.AsSpan(from, local).CopyTo(payload);
        if (local < payload.Length)
            Overflow(Number(page, from + local, 4), payload.AsSpan(local));
        return SqliteRow.Read(number, payload);
    }

    /// <summary>1.6: how much of a long payload lies in its cell.</summary>
    private static int Local(int length)
    {
        int local = MinLocal + (length - MinLocal) % (PageSize - 4);
        return local <= MaxLocal ? local : MinLocal;
    }

    private void Overflow(long next, Span<byte> rest)
    {
        while (!rest.IsEmpty)
        {
            byte[] page = Page(next);
            int here = Math.Min(rest.Length, PageSize - 4);
            page.AsSpan(4, here).CopyTo(rest);
            rest = rest[here..];
            next = Number(page, 0, 4);
        }
        Check(next == 0, "a row goes on behind its end");
    }

    private byte[] Page(long number)
    {
        Check(number > 0 && number < _seen.Length && !_seen[(int)number], $"page {number} is used twice, or is not there");
        _seen[(int)number] = true;
        byte[] page = new byte[PageSize];
        Check(RandomAccess.Read(_file, page, (number - 1) * PageSize) == PageSize, $"page {number} cannot be read");
        return page;
    }

    internal static void Check(bool good, string flaw)
    {
        if (!good)
            throw new OldFileException(flaw);
    }

    /// <summary>Big-endian, without sign.</summary>
    private static long Number(ReadOnlySpan<byte> page, int at, int size)
    {
        Check(at + size <= page.Length, "a number lies outside of its page");
        return size == 2 ? BinaryPrimitives.ReadUInt16BigEndian(page[at..]) : BinaryPrimitives.ReadUInt32BigEndian(page[at..]);
    }

    /// <summary>1.6: seven bits a byte, high ones first; all eight of a ninth byte.</summary>
    internal static long Varint(ReadOnlySpan<byte> bytes, ref int at)
    {
        ulong value = 0;
        for (int i = 0; i < 9; i++)
        {
            Check(at < bytes.Length, "a number lies outside of its page");
            byte next = bytes[at++];
            if (i == 8)
                return unchecked((long)(value << 8 | next));
            value = value << 7 | (next & 0x7Fu);
            if (next < 0x80)
                break;
        }
        return (long)value;
    }

    private sealed class Order
    {
        public long Last { get; set; } = long.MinValue;
    }
}
