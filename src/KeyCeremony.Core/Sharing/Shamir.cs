using System.Security.Cryptography;

namespace KeyCeremony.Core.Sharing;

/// <summary>A point of the dealing polynomial: a public x, a secret y for each byte.</summary>
internal readonly record struct Point(byte X, SecretBytes Y);

/// <summary>
/// Shamir's scheme as SLIP-39 uses it: the secret lies at x = 255, a digest of it at x = 254, the members at 0 to 15.
/// SLIP-0039 "Shamir's secret sharing", "Digest of the shared secret".
/// </summary>
internal static class Shamir
{
    private const byte SecretX = 255;
    private const byte DigestX = 254;
    private const int DigestLength = 4;

    /// <summary>Values for the members 0 to count - 1; any <paramref name="threshold"/> of them give the secret back.</summary>
    public static SecretBytes[] Deal(SecretBytes secret, int threshold, int count, FillRandom random)
    {
        var values = new SecretBytes[count];
        if (threshold == 1)
        {
            for (int i = 0; i < count; i++)
                values[i] = SecretBytes.Copy(secret.Span);
            return values;
        }

        // threshold points fix the polynomial: threshold - 2 random ones, the digest and the secret.
        using SecretBytes digest = DigestShare(secret, random);
        var fixedPoints = new Point[threshold];
        for (int i = 0; i < threshold - 2; i++)
            fixedPoints[i] = new Point((byte)i, values[i] = SecretBytes.Random(secret.Length, random));
        fixedPoints[^2] = new Point(DigestX, digest);
        fixedPoints[^1] = new Point(SecretX, secret);

        for (int i = threshold - 2; i < count; i++)
            values[i] = Interpolate(fixedPoints, (byte)i);
        return values;
    }

    /// <summary>The secret behind exactly threshold points, or null if their digest does not hold.</summary>
    public static SecretBytes? Recover(ReadOnlySpan<Point> points)
    {
        if (points.Length == 1)
            return SecretBytes.Copy(points[0].Y.Span);

        using SecretBytes digest = Interpolate(points, DigestX);
        SecretBytes secret = Interpolate(points, SecretX);
        Span<byte> expected = stackalloc byte[DigestLength];
        Digest(secret, digest.Span[DigestLength..], expected);
        if (CryptographicOperations.FixedTimeEquals(expected, digest.Span[..DigestLength]))
            return secret;
        secret.Dispose();
        return null;
    }

    // digest ‖ R, with R random and the digest keyed by it.
    private static SecretBytes DigestShare(SecretBytes secret, FillRandom random)
    {
        var share = new SecretBytes(secret.Length);
        random(share.Span[DigestLength..]);
        Digest(secret, share.Span[DigestLength..], share.Span[..DigestLength]);
        return share;
    }

    private static void Digest(SecretBytes secret, ReadOnlySpan<byte> key, Span<byte> digest)
    {
        using var mac = new SecretBytes(HMACSHA256.HashSizeInBytes);
        HMACSHA256.HashData(key, secret.Span, mac.Span);
        mac.Span[..DigestLength].CopyTo(digest);
    }

    // Lagrange. The x are public, so the factors are, too; the secret y only ever meet Gf256.AddProduct.
    private static SecretBytes Interpolate(ReadOnlySpan<Point> points, byte x)
    {
        var y = new SecretBytes(points[0].Y.Length);
        for (int i = 0; i < points.Length; i++)
        {
            byte numerator = 1, denominator = 1;
            for (int j = 0; j < points.Length; j++)
            {
                if (j == i)
                    continue;
                numerator = Gf256.Multiply(numerator, (byte)(x ^ points[j].X));
                denominator = Gf256.Multiply(denominator, (byte)(points[i].X ^ points[j].X));
            }

            Gf256.AddProduct(y.Span, Gf256.Multiply(numerator, Gf256.Invert(denominator)), points[i].Y.Span);
        }

        return y;
    }
}
