using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace KeyCeremony.Core.Manifest;

/// <summary>
/// One device in the tree: deterministic CBOR (RFC 8949 4.2.1), a map of five whose keys are ordered by their encoding:
/// <c>{"v": 1, "salt": h'32 bytes', "serialNo": "…", "certSha256": h'32 bytes', "spkiSha256": h'32 bytes'}</c>.
/// The salt keeps a hash from telling which serial number stands behind it.
/// </summary>
public static class DeviceLeaf
{
    public const int SaltLength = 32;

    /// <summary>Of every hash in a leaf.</summary>
    public const int HashLength = TreeHash.Length;

    /// <summary>IEEE 802.1AR and Matter serial numbers are shorter; X.520 allows 64.</summary>
    public const int MaxSerialBytes = 64;

    private const byte MapOfFive = 0xa5;
    private const byte ShortText = 0x60;
    private const byte LongText = 0x78;
    private const int LongestShortText = 23;

    /// <summary>Bytes of a leaf with a serial number of 64.</summary>
    public const int MaxLength = 208;

    // Each key with the heads around it: 0x60 plus its length makes a text, 0x01 is the value of v, 0x58 0x20 heads 32 bytes.
    private static ReadOnlySpan<byte> BeforeSalt => "\u0061v\u0001\u0064salt\u0058\u0020"u8;

    private static ReadOnlySpan<byte> BeforeSerial => "\u0068serialNo"u8;

    private static ReadOnlySpan<byte> BeforeCertificate => "\u006acertSha256\u0058\u0020"u8;

    private static ReadOnlySpan<byte> BeforeKey => "\u006aspkiSha256\u0058\u0020"u8;

    /// <summary>1 to 64 characters of printable ASCII, no blank at either end.</summary>
    public static bool IsSerial(ReadOnlySpan<byte> serialNo) =>
        serialNo.Length is > 0 and <= MaxSerialBytes
        && !serialNo.ContainsAnyExceptInRange((byte)' ', (byte)'~')
        && serialNo[0] != ' ' && serialNo[^1] != ' ';

    /// <summary>The leaf's bytes, without the 0x00 that hashing puts before them; returns how many.</summary>
    /// <param name="destination">At least <see cref="MaxLength"/> bytes, or as many as the leaf has.</param>
    /// <param name="serialNo">For which <see cref="IsSerial"/> holds.</param>
    public static int Write(Span<byte> destination, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> serialNo,
        ReadOnlySpan<byte> certSha256, ReadOnlySpan<byte> spkiSha256)
    {
        if (salt.Length != SaltLength || certSha256.Length != HashLength || spkiSha256.Length != HashLength || !IsSerial(serialNo))
            throw new UnreachableException("A leaf's fields were not checked.");
        Span<byte> rest = destination;
        Put(ref rest, MapOfFive);
        Put(ref rest, BeforeSalt);
        Put(ref rest, salt);
        Put(ref rest, BeforeSerial);
        if (serialNo.Length > LongestShortText)
            Put(ref rest, LongText);
        Put(ref rest, (byte)(serialNo.Length > LongestShortText ? serialNo.Length : ShortText + serialNo.Length));
        Put(ref rest, serialNo);
        Put(ref rest, BeforeCertificate);
        Put(ref rest, certSha256);
        Put(ref rest, BeforeKey);
        Put(ref rest, spkiSha256);
        return destination.Length - rest.Length;
    }

    private static void Put(ref Span<byte> rest, byte one)
    {
        rest[0] = one;
        rest = rest[1..];
    }

    // Inlined, the texts' lengths are constants and no loop is left: ten million leaves are written.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(ref Span<byte> rest, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(rest);
        rest = rest[bytes.Length..];
    }
}
