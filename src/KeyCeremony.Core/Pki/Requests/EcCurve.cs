using System.Globalization;
using System.Numerics;

namespace KeyCeremony.Core.Pki.Requests;

/// <summary>
/// A prime curve y² = x³ − 3x + b of NIST SP 800-186 3.2.1, with the public-key validation of SP 800-56A 5.6.2.3.3.
/// The cofactor of all three is 1: a point on the curve other than infinity has the group's order, so that the
/// multiplication by the order (step 4) finds nothing more.
/// </summary>
internal sealed class EcCurve
{
    private const byte PointForm = 0x04; // uncompressed

    public static readonly EcCurve P256 = new(Oids.EcP256, 256,
        "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
        "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b");

    public static readonly EcCurve P384 = new(Oids.EcP384, 384,
        "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff",
        "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef");

    public static readonly EcCurve P521 = new(Oids.EcP521, 521,
        "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00");

    private EcCurve(string oid, int bits, string prime, string b)
    {
        Oid = oid;
        Bits = bits;
        Prime = Number(prime);
        B = Number(b);
    }

    public static IReadOnlyList<EcCurve> All { get; } = [P256, P384, P521];

    public string Oid { get; }

    public int Bits { get; }

    public BigInteger Prime { get; }

    public BigInteger B { get; }

    /// <summary>Bytes of a coordinate.</summary>
    public int FieldBytes => (Bits + 7) / 8;

    public static EcCurve? ByOid(string oid) => All.FirstOrDefault(curve => curve.Oid == oid);

    /// <summary>PUBKEY-09 or PUBKEY-10, or null.</summary>
    public Refusal? CheckPoint(ReadOnlySpan<byte> encoded)
    {
        if (encoded.Length == 1 && encoded[0] == 0)
            return NoKey("The point is infinity.");
        if (encoded.Length != 1 + (2 * FieldBytes) || encoded[0] != PointForm)
            return PublicKeyRules.EcUncompressed.Refuse(WhatInstead(encoded), "Make the request again with an uncompressed point (openssl: "
                + "-pkeyopt ec_point_format:uncompressed or openssl ec -conv_form uncompressed).");
        BigInteger x = Coordinate(encoded.Slice(1, FieldBytes));
        BigInteger y = Coordinate(encoded[(1 + FieldBytes)..]);
        if (x >= Prime || y >= Prime)
            return NoKey("A coordinate is not under the curve's prime.");
        return Holds(x, y) ? null : NoKey($"The point does not lie on P-{Bits}.");
    }

    /// <summary>The point in the form in which <see cref="CheckPoint"/> takes it; null: it is none of this curve. SEC 1 2.3.4.</summary>
    public byte[]? Uncompressed(ReadOnlySpan<byte> encoded)
    {
        if (encoded is [0x04 or 0x06 or 0x07, ..] && encoded.Length == 1 + (2 * FieldBytes))
        {
            byte[] whole = [PointForm, .. encoded[1..]];
            return CheckPoint(whole) is null ? whole : null;
        }
        if (encoded is not [0x02 or 0x03, ..] || encoded.Length != 1 + FieldBytes)
            return null;
        BigInteger x = Coordinate(encoded[1..]);
        if (x >= Prime)
            return null;
        // All three primes are 3 modulo 4: a root is a power.
        BigInteger square = ((((x * x * x) - (3 * x) + B) % Prime) + Prime) % Prime;
        var y = BigInteger.ModPow(square, (Prime + 1) / 4, Prime);
        if (!y.IsZero && y.IsEven != (encoded[0] == 0x02))
            y = Prime - y;
        byte[] found = new byte[1 + (2 * FieldBytes)], root = y.ToByteArray(isUnsigned: true, isBigEndian: true);
        found[0] = PointForm;
        encoded[1..].CopyTo(found.AsSpan(1));
        root.CopyTo(found, found.Length - root.Length);
        return Holds(x, y) ? found : null;
    }

    public bool Holds(BigInteger x, BigInteger y) => ((y * y) - ((x * x * x) - (3 * x) + B)) % Prime == 0;

    private static string WhatInstead(ReadOnlySpan<byte> encoded) => encoded switch
    {
        [0x02 or 0x03, ..] => "The point is compressed.",
        [0x06 or 0x07, ..] => "The point is in the hybrid form.",
        _ => $"The point takes {encoded.Length} bytes, which is not its curve's length.",
    };

    private static Refusal NoKey(string found) =>
        PublicKeyRules.EcPoint.Refuse(found, "This is no public key of any private key. Find out what made it before a new key is made.");

    private static BigInteger Coordinate(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    private static BigInteger Number(string hex) => BigInteger.Parse("0" + hex, NumberStyles.HexNumber);
}
