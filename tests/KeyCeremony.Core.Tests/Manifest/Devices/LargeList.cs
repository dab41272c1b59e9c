using System.Buffers.Binary;

namespace KeyCeremony.Core.Tests.Manifest.Devices;

/// <summary>A list of any size, quickly made: its hashes are numbers that look like ones.</summary>
internal static class LargeList
{
    private const int HexLength = 64;
    private const string SerialFormat = "SN-00000000,";

    private static readonly int RowLength = SerialFormat.Length + HexLength + 1 + HexLength + 1;

    public static byte[] Write(int devices)
    {
        byte[] list = new byte[DeviceLists.Header.Length + (devices * RowLength)];
        Span<byte> rest = list.AsSpan();
        System.Text.Encoding.ASCII.GetBytes(DeviceLists.Header, rest);
        rest = rest[DeviceLists.Header.Length..];
        for (int i = 0; i < devices; i++, rest = rest[RowLength..])
            WriteRow(rest[..RowLength], i);
        return list;
    }

    public static void WriteTo(Stream stream, int devices)
    {
        stream.Write(System.Text.Encoding.ASCII.GetBytes(DeviceLists.Header));
        byte[] row = new byte[RowLength];
        for (int i = 0; i < devices; i++)
        {
            WriteRow(row, i);
            stream.Write(row);
        }
    }

    private static void WriteRow(Span<byte> row, int i)
    {
        row[^1] = (byte)'\n';
        row[SerialFormat.Length + HexLength] = (byte)',';
        System.Text.Encoding.ASCII.GetBytes(SerialFormat, row);
        i.TryFormat(row[3..11], out _, "D8");
        WriteHash(row.Slice(SerialFormat.Length, HexLength), 2 * i);
        WriteHash(row.Slice(SerialFormat.Length + HexLength + 1, HexLength), (2 * i) + 1);
    }

    private static void WriteHash(Span<byte> hex, int number)
    {
        Span<byte> hash = stackalloc byte[HexLength / 2];
        for (int at = 0; at < hash.Length; at += sizeof(ulong))
            BinaryPrimitives.WriteUInt64LittleEndian(hash[at..], unchecked((((ulong)number * 4) + (ulong)at + 1) * 0x9E3779B97F4A7C15));
        Convert.TryToHexStringLower(hash, hex, out _);
    }
}
