using System.Buffers.Binary;
using System.Security.Cryptography;

namespace KeyCeremony.Hsm.Tests;

/// <summary>
/// What imgtool does with a signature that others made, and what MCUboot asks of an image before it starts it; from MCUboot's design
/// document, sections Image format and Integrity check. No registry of these tests has imgtool: images that it signed are the measure
/// (<see cref="BootLoaderTests"/>).
/// </summary>
internal static class BootLoader
{
    private const uint Magic = 0x96f3b83d;
    private const ushort Records = 0x6907, ProtectedRecords = 0x6908;
    private const ushort KeyHash = 0x01, Sha256 = 0x10, Ecdsa = 0x22;
    private const int Header = 32, AreaHead = 4, RecordHead = 4;

    /// <summary>The image with the key's hash and the signature behind its other records.</summary>
    public static byte[] Attach(byte[] image, ECDsa key, byte[] signature)
    {
        int at = (int)HashedLength(image);
        byte[] records =
        [
            .. image[(at + AreaHead)..], .. Record(KeyHash, HashOf(key)), .. Record(Ecdsa, signature),
        ];
        return [.. image[..at], .. U16(Records), .. U16((ushort)(AreaHead + records.Length)), .. records];
    }

    /// <param name="key">The one that is built into the boot loader, P-256.</param>
    public static bool Starts(byte[] image, ECDsa key)
    {
        if (image.Length < Header || BinaryPrimitives.ReadUInt32LittleEndian(image) != Magic || HashedLength(image) > image.Length)
            return false;
        int hashed = (int)HashedLength(image), guarded = ProtectedLength(image);
        byte[] hash = SHA256.HashData(image.AsSpan(0, hashed));
        return (guarded == 0 || RecordsOf(image.AsSpan(hashed - guarded, guarded), ProtectedRecords) is not null)
            && RecordsOf(image.AsSpan(hashed), Records) is { } records
            && records.GetValueOrDefault(Sha256) is { } recorded && recorded.AsSpan().SequenceEqual(hash)
            && records.GetValueOrDefault(KeyHash) is { } named && named.AsSpan().SequenceEqual(HashOf(key))
            && records.GetValueOrDefault(Ecdsa) is { } signature && key.VerifyHash(hash, signature, DSASignatureFormat.Rfc3279DerSequence);
    }

    /// <summary>As many images as it has bytes.</summary>
    public static IEnumerable<byte[]> EveryByteFlipped(byte[] image) => Enumerable.Range(0, image.Length).Select(at =>
    {
        byte[] flipped = [.. image];
        flipped[at] ^= 1;
        return flipped;
    });

    /// <summary>Of header, image and protected records.</summary>
    private static long HashedLength(byte[] image) =>
        BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan(8)) + (long)ProtectedLength(image)
        + BinaryPrimitives.ReadUInt32LittleEndian(image.AsSpan(12));

    private static int ProtectedLength(byte[] image) => BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan(10));

    /// <summary>By their kinds; null when the area is not made of whole records, each kind once.</summary>
    private static Dictionary<ushort, byte[]>? RecordsOf(ReadOnlySpan<byte> area, ushort magic)
    {
        if (area.Length < AreaHead || U16(area) != magic || U16(area[2..]) != area.Length)
            return null;
        var records = new Dictionary<ushort, byte[]>();
        for (area = area[AreaHead..]; !area.IsEmpty; area = area[(RecordHead + U16(area[2..]))..])
        {
            if (area.Length < RecordHead || area.Length - RecordHead < U16(area[2..])
                || !records.TryAdd(U16(area), area.Slice(RecordHead, U16(area[2..])).ToArray()))
                return null;
        }
        return records;
    }

    private static byte[] HashOf(ECDsa key) => SHA256.HashData(key.ExportSubjectPublicKeyInfo());

    private static byte[] Record(ushort kind, byte[] value) => [.. U16(kind), .. U16((ushort)value.Length), .. value];

    private static ushort U16(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private static byte[] U16(ushort value)
    {
        byte[] bytes = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
        return bytes;
    }
}
