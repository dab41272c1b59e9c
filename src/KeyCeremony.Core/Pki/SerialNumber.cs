using System.Diagnostics.CodeAnalysis;

namespace KeyCeremony.Core.Pki;

/// <summary>
/// A certificate's serial number: positive, 8 to 20 content bytes, under 2^159. RFC 5280 4.1.2.2, BR 7.1.
/// </summary>
public sealed class SerialNumber : IEquatable<SerialNumber>
{
    /// <summary>Random bytes that make a serial. RFC 5280 4.1.2.2 allows no more content bytes.</summary>
    public const int RandomBytes = 20;

    private const int FewestBytes = 8;

    private SerialNumber(byte[] bytes) => Bytes = bytes;

    /// <summary>The content bytes of the INTEGER: big-endian, minimal, top bit clear.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>
    /// Makes a serial of 20 random bytes from a CSPRNG. The top two bits become 01, so that the number is positive, is
    /// under 2^159 and always has 20 bytes; 158 bits stay random.
    /// </summary>
    /// <exception cref="ArgumentException">Not 20 bytes, or all bytes alike: the generator is broken.</exception>
    public static SerialNumber FromRandom(ReadOnlySpan<byte> random)
    {
        if (random.Length != RandomBytes)
            throw new ArgumentException($"A serial is made of {RandomBytes} random bytes, not {random.Length}.", nameof(random));
        if (random.IndexOfAnyExcept(random[0]) < 0)
            throw new ArgumentException("The random bytes are all alike.", nameof(random));
        byte[] bytes = random.ToArray();
        bytes[0] = (byte)((bytes[0] & 0x3F) | 0x40);
        return new SerialNumber(bytes);
    }

    /// <summary>Takes content bytes as they stand in a certificate. Else refused: CERT-03.</summary>
    public static bool TryCreate(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out SerialNumber? serial,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        serial = IsValid(bytes) ? new SerialNumber(bytes.ToArray()) : null;
        refusal = serial is null
            ? CertificateRules.SerialRule.Refuse("The serial is not positive, not minimal, too short or too long.", "Draw a new serial.")
            : null;
        return serial is not null;
    }

    /// <summary>Lower-case hex without separators.</summary>
    public override string ToString() => Convert.ToHexStringLower(Bytes.Span);

    public bool Equals(SerialNumber? other) => other is not null && Bytes.Span.SequenceEqual(other.Bytes.Span);

    public override bool Equals(object? obj) => Equals(obj as SerialNumber);

    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    // A leading zero byte is minimal DER only before a set top bit.
    internal static bool IsValid(ReadOnlySpan<byte> bytes) =>
        bytes.Length is >= FewestBytes and <= RandomBytes && (bytes[0] & 0x80) == 0
        && (bytes[0] != 0 || (bytes[1] & 0x80) != 0);
}
