using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;

namespace KeyCeremony.Verifier.Tests;

/// <summary>
/// RSA by the book in ten lines, with what a base library would not do: a modulus of three and a large prime, which anybody
/// factors, or a signature whose DigestInfo leaves the NULL out.
/// </summary>
internal sealed class WeakRsa : RSA
{
    private static readonly byte[] Sha256Null = Convert.FromHexString("3031300d060960864801650304020105000420");
    private static readonly byte[] Sha256Bare = Convert.FromHexString("302f300b0609608648016503040201" + "0420");

    /// <summary><c>openssl prime -generate -bits 3070 -hex</c></summary>
    private const string LargePrime =
        "34B8F6632623B5CD774AE6420C4BCFB6569F4B1F435F64B7527A12E307FD4CF3DA988FF8FD33CB2F13D37BECB5232BD93593051A6C3B534C613BADED"
        + "6DABED986E9F652909525F88126F48B965814E459DBF57E3A599A9BA3ACCA1A4E26A59C53541DB7606066D4DEC028639DC640D56E764629D1F08A16D"
        + "A421DBEFD1C6BB329626871120D213EB20F518FC374DF3370523DC1AE29369C8C3706B873BA52AA00BA68478D3DDB0A01314BF5EA71FA2520D657774"
        + "33A52C80D36558B250EEAE6EA6D456F8DC5A3CEF41DDC1C8A4ACB8CE7989EE529AAEB9CE049EEE914497A943ED2A2EFAB734944F8B97AD4489F48454"
        + "D6C513C3E4819A20F95A8CD466A272BE61DFBFDDA3DB9C4AE02248771BA919C3E1E430DD74B680894A47ADFFEA7DC843AC7E5DDF922DD56F9E7335D8"
        + "CA60DCD946AB67696627376FF88846D0A05C2FD53DB94BF50239C3301A56E72B594D780D00CAF987A8A9704052796078AD9FD4257964A31081046AF0"
        + "E808AF18CF7F74B5CD3BC96642D59CAFD03C3ED3A6BE2DC5";

    private readonly BigInteger _modulus, _d;

    private WeakRsa(int bits, BigInteger p, BigInteger q)
    {
        KeySizeValue = bits;
        (_modulus, _d) = (p * q, ModInverse(65537, (p - 1) * (q - 1)));
    }

    /// <summary>Leaves the NULL of the digest's AlgorithmIdentifier out, against RFC 8017 9.2, note 1.</summary>
    public bool LeavesNullOut { get; init; }

    /// <summary>3072 bits: three times a prime.</summary>
    public static WeakRsa DivisibleByThree() => new(3072, 3, Number(Convert.FromHexString(LargePrime)));

    public static WeakRsa Of(RSA key, bool leavesNullOut)
    {
        RSAParameters own = key.ExportParameters(includePrivateParameters: true);
        return new WeakRsa(key.KeySize, Number(own.P!), Number(own.Q!)) { LeavesNullOut = leavesNullOut };
    }

    public override byte[] SignHash(byte[] hash, HashAlgorithmName hashAlgorithm, RSASignaturePadding padding)
    {
        byte[] info = [.. LeavesNullOut ? Sha256Bare : Sha256Null, .. hash];
        // EMSA-PKCS1-v1_5, RFC 8017 9.2
        byte[] block = [0, 1, .. Enumerable.Repeat((byte)0xff, (KeySize / 8) - info.Length - 3), 0, .. info];
        return Padded(BigInteger.ModPow(Number(block), _d, _modulus), KeySize / 8);
    }

    public override byte[] ExportSubjectPublicKeyInfo()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier("1.2.840.113549.1.1.1");
                writer.WriteNull();
            }
            var key = new AsnWriter(AsnEncodingRules.DER);
            using (key.PushSequence())
            {
                key.WriteInteger(_modulus);
                key.WriteInteger(65537);
            }
            writer.WriteBitString(key.Encode());
        }
        return writer.Encode();
    }

    public override RSAParameters ExportParameters(bool includePrivateParameters) => includePrivateParameters
        ? throw new CryptographicException("It stays here.")
        : new RSAParameters { Modulus = Padded(_modulus, KeySize / 8), Exponent = [1, 0, 1] };

    public override void ImportParameters(RSAParameters parameters) => throw new CryptographicException("It has its key.");

    protected override byte[] HashData(byte[] data, int offset, int count, HashAlgorithmName hashAlgorithm) =>
        CryptographicOperations.HashData(hashAlgorithm, data.AsSpan(offset, count));

    private static BigInteger Number(byte[] bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    private static byte[] Padded(BigInteger number, int length)
    {
        byte[] bytes = number.ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[length - bytes.Length], .. bytes];
    }

    private static BigInteger ModInverse(BigInteger a, BigInteger m)
    {
        (BigInteger r, BigInteger next, BigInteger t, BigInteger nextT) = (m, a, 0, 1);
        while (next != 0)
        {
            BigInteger quotient = r / next;
            (r, next, t, nextT) = (next, r - (quotient * next), nextT, t - (quotient * nextT));
        }
        return t < 0 ? t + m : t;
    }
}
