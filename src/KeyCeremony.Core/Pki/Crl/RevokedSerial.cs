using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.InteropServices;

namespace KeyCeremony.Core.Pki.Crl;

/// <summary>
/// The serial number of a revoked certificate: positive, at most 20 content bytes, ordered by value. Unlike
/// <see cref="SerialNumber"/> it may be short: other tools issue 01. RFC 5280 4.1.2.2.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public readonly struct RevokedSerial : IEquatable<RevokedSerial>, IComparable<RevokedSerial>
{
    /// <summary>RFC 5280 4.1.2.2.</summary>
    public const int MaxContentBytes = 20;

    // 2^159 has 48.
    private const int MaxDecimalDigits = 48;

    // The number as 160 bits: millions of these are sorted, and three words compare faster than twenty bytes.
    private readonly ulong _high;
    private readonly ulong _middle;
    private readonly uint _low;

    private RevokedSerial(ReadOnlySpan<byte> wide)
    {
        _high = BinaryPrimitives.ReadUInt64BigEndian(wide);
        _middle = BinaryPrimitives.ReadUInt64BigEndian(wide[8..]);
        _low = BinaryPrimitives.ReadUInt32BigEndian(wide[16..]);
    }

    private RevokedSerial(ulong high, ulong middle, uint low) => (_high, _middle, _low) = (high, middle, low);

    /// <summary>Content bytes of the INTEGER that writes it.</summary>
    public int ContentLength => (BitLength / 8) + 1;

    /// <summary>The number of bits from the highest set one.</summary>
    internal int BitLength =>
        _high != 0 ? 160 - BitOperations.LeadingZeroCount(_high)
        : _middle != 0 ? 96 - BitOperations.LeadingZeroCount(_middle)
        : 32 - BitOperations.LeadingZeroCount(_low);

    /// <summary>Takes the content bytes of an INTEGER: positive, minimal, at most 20. False else.</summary>
    public static bool TryFromContent(ReadOnlySpan<byte> content, out RevokedSerial serial)
    {
        serial = default;
        if (content.IsEmpty || content.Length > MaxContentBytes || (content[0] & 0x80) != 0
            || (content[0] == 0 && (content.Length == 1 || (content[1] & 0x80) == 0)))
            return false;
        Span<byte> wide = stackalloc byte[MaxContentBytes];
        wide.Clear();
        content.CopyTo(wide[(MaxContentBytes - content.Length)..]);
        serial = new RevokedSerial(wide);
        return true;
    }

    /// <summary>
    /// Takes hex digits in either case; leading zeros say nothing. False for zero, for other characters, for too large a number.
    /// </summary>
    public static bool TryParseHex(ReadOnlySpan<byte> digits, out RevokedSerial serial)
    {
        serial = default;
        if (digits.IsEmpty)
            return false;
        ReadOnlySpan<byte> text = digits.TrimStart((byte)'0');
        if (text.IsEmpty || text.Length > 2 * MaxContentBytes)
            return false;
        // Word by word from the last: the runtime's own function is fast only once it is compiled for good, a second into the work.
        ReadOnlySpan<byte> low = TakeLast(ref text, 8);
        ReadOnlySpan<byte> middle = TakeLast(ref text, 16);
        if (!TryWord(low, out ulong lowest) || !TryWord(middle, out ulong next) || !TryWord(text, out ulong highest) || highest >> 63 != 0)
            return false;
        serial = new RevokedSerial(highest, next, (uint)lowest);
        return true;
    }

    private static ReadOnlySpan<byte> TakeLast(ref ReadOnlySpan<byte> text, int count)
    {
        int rest = Math.Max(0, text.Length - count);
        ReadOnlySpan<byte> last = text[rest..];
        text = text[..rest];
        return last;
    }

    private static bool TryWord(ReadOnlySpan<byte> digits, out ulong word)
    {
        const int none = 0x10;
        word = 0;
        int seen = 0;
        ReadOnlySpan<byte> values =
        [
            0, 1, 2, 3, 4, 5, 6, 7, 8, 9, none, none, none, none, none, none, none, 10, 11, 12, 13, 14, 15, // 0 to F
            none, none, none, none, none, none, none, none, none, none, none, none, none, none, none, none, none, none, none, none, none,
            none, none, none, none, none, 10, 11, 12, 13, 14, 15, // a to f
        ];
        unchecked
        {
            foreach (byte digit in digits)
            {
                uint place = (uint)(digit - '0');
                int value = place < (uint)values.Length ? values[(int)place] : none;
                seen |= value;
                word = (word << 4) | (uint)value;
            }
        }
        return (seen & none) == 0;
    }

    /// <summary>
    /// Takes decimal digits, as Go, Java and step-ca print a serial. False for zero, for other characters, for too large a number.
    /// </summary>
    public static bool TryParseDecimal(ReadOnlySpan<byte> digits, out RevokedSerial serial)
    {
        serial = default;
        ReadOnlySpan<byte> text = digits.TrimStart((byte)'0');
        if (text.IsEmpty || text.Length > MaxDecimalDigits || text.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            return false;
        var number = BigInteger.Parse(System.Text.Encoding.ASCII.GetString(text), System.Globalization.CultureInfo.InvariantCulture);
        return TryFromContent(number.ToByteArray(isBigEndian: true), out serial);
    }

    /// <summary>
    /// The same for text typed by a person: colons and spaces between the digits are left out, and what other tools write around them.
    /// </summary>
    public static bool TryParse(string text, out RevokedSerial serial)
    {
        string typed = text.Replace(" ", "", StringComparison.Ordinal);
        return TryParseHex(System.Text.Encoding.UTF8.GetBytes(typed.Replace(":", "", StringComparison.Ordinal)), out serial)
            || SerialNotation.TryReadMarked(typed, out serial);
    }

    public static bool operator ==(RevokedSerial left, RevokedSerial right) => left.Equals(right);

    public static bool operator !=(RevokedSerial left, RevokedSerial right) => !left.Equals(right);

    public static bool operator <(RevokedSerial left, RevokedSerial right) => left.CompareTo(right) < 0;

    public static bool operator >(RevokedSerial left, RevokedSerial right) => left.CompareTo(right) > 0;

    public static bool operator <=(RevokedSerial left, RevokedSerial right) => left.CompareTo(right) <= 0;

    public static bool operator >=(RevokedSerial left, RevokedSerial right) => left.CompareTo(right) >= 0;

    public int CompareTo(RevokedSerial other) =>
        _high != other._high ? (_high < other._high ? -1 : 1)
        : _middle != other._middle ? (_middle < other._middle ? -1 : 1)
        : _low.CompareTo(other._low);

    public bool Equals(RevokedSerial other) => _high == other._high && _middle == other._middle && _low == other._low;

    public override bool Equals([NotNullWhen(true)] object? obj) => obj is RevokedSerial other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(_high, _middle, _low);

    /// <summary>Writes the content bytes and answers how many: big-endian, minimal, top bit clear.</summary>
    public int WriteContent(Span<byte> destination)
    {
        Span<byte> wide = stackalloc byte[MaxContentBytes];
        WriteWide(wide);
        int length = ContentLength;
        wide[(MaxContentBytes - length)..].CopyTo(destination);
        return length;
    }

    public byte[] ToContent()
    {
        byte[] content = new byte[ContentLength];
        WriteContent(content);
        return content;
    }

    /// <summary>Lower-case hex of the content bytes, as <see cref="SerialNumber.ToString"/>.</summary>
    public override string ToString() => Convert.ToHexStringLower(ToContent());

    /// <summary>The number divided by 2^<paramref name="shift"/>, its lowest 32 bits.</summary>
    internal uint Window(int shift) => unchecked(shift switch
    {
        >= 96 => (uint)(_high >> (shift - 96)),
        >= 64 => (uint)((_high << (96 - shift)) | (_middle >> (shift - 32))),
        >= 32 => (uint)(_middle >> (shift - 32)),
        0 => _low,
        _ => (uint)(_middle << (32 - shift)) | (_low >> shift),
    });

    /// <summary>The number of bits from the highest one in which the two differ.</summary>
    internal int DifferingBits(RevokedSerial other) =>
        new RevokedSerial(_high ^ other._high, _middle ^ other._middle, _low ^ other._low).BitLength;

    /// <summary>The remainder of the number.</summary>
    internal int Modulo(int divisor)
    {
        ulong modulus = (ulong)divisor;
        // 2^32 at a time, so that every step stays within 64 bits.
        ReadOnlySpan<uint> words = [(uint)(_high >> 32), unchecked((uint)_high), (uint)(_middle >> 32), unchecked((uint)_middle), _low];
        ulong remainder = 0;
        foreach (uint word in words)
            remainder = ((remainder << 32) | word) % modulus;
        return (int)remainder;
    }

    private void WriteWide(Span<byte> wide)
    {
        BinaryPrimitives.WriteUInt64BigEndian(wide, _high);
        BinaryPrimitives.WriteUInt64BigEndian(wide[8..], _middle);
        BinaryPrimitives.WriteUInt32BigEndian(wide[16..], _low);
    }
}
