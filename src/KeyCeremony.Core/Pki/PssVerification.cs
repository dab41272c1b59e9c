using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using KeyCeremony.Core.Pki.Requests;

namespace KeyCeremony.Core.Pki;

/// <summary>
/// RSA-PSS with a salt of another length than its hash: RFC 4055 3.1 lets the signer say which, 20 bytes where nothing is said, and the
/// base library verifies one length alone. Of public values; what is signed here has the other form.
/// </summary>
internal static class PssVerification
{
    private const int DefaultSalt = 20;
    private const byte Trailer = 0xBC;
    private const int MostModulus = 2048, MostExponent = 8; // bytes, as OpenSSL has it

    private static readonly Asn1Tag Hash = new(TagClass.ContextSpecific, 0), Mask = new(TagClass.ContextSpecific, 1),
        Salt = new(TagClass.ContextSpecific, 2);

    /// <summary>The algorithm with its salt's length; null: no RSA-PSS, with SHA-1, or with two different hashes.</summary>
    /// <param name="algorithmIdentifier">DER that was read already.</param>
    public static RequestSignature? Of(ReadOnlyMemory<byte> algorithmIdentifier)
    {
        try
        {
            AsnReader algorithm = new AsnReader(algorithmIdentifier, AsnEncodingRules.DER).ReadSequence();
            if (algorithm.ReadObjectIdentifier() != Oids.RsaPss)
                return null;
            AsnReader parameters = algorithm.ReadSequence();
            string? hash = ReadHash(Tagged(parameters, Hash));
            AsnReader? mask = Tagged(parameters, Mask)?.ReadSequence();
            bool isMgf1 = mask?.ReadObjectIdentifier() == Oids.Mgf1;
            int salt = Tagged(parameters, Salt) is { } length && length.TryReadInt32(out int said) ? said : DefaultSalt;
            // trailerField [3] is 1, which DER leaves out.
            if (parameters.HasData || !isMgf1 || salt < 0 || hash is null || ReadHash(mask) != hash)
                return null;
            return RequestSignature.All.FirstOrDefault(one => one.Padding == RSASignaturePadding.Pss && OidOf(one.Hash) == hash)
                is { } known ? known with { SaltLength = salt } : null;
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    /// <summary>RFC 8017 8.1.2 and 9.1.2. Null: the key's numbers are larger than anybody's, and it is not computed.</summary>
    public static bool? Verify(RSA rsa, ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature, HashAlgorithmName algorithm, int saltLength)
    {
        RSAParameters key = rsa.ExportParameters(includePrivateParameters: false);
        if (key.Exponent!.Length > MostExponent || key.Modulus!.Length > MostModulus)
            return null;
        var modulus = new BigInteger(key.Modulus, isUnsigned: true, isBigEndian: true);
        var number = new BigInteger(signature, isUnsigned: true, isBigEndian: true);
        if (signature.Length != key.Modulus.Length || number >= modulus)
            return false;
        int bits = (int)modulus.GetBitLength() - 1, length = (bits + 7) / 8, maskLength = length - hash.Length - 1;
        if (maskLength - 1 < saltLength)
            return false;
        byte[] found = BigInteger.ModPow(number, new BigInteger(key.Exponent, isUnsigned: true, isBigEndian: true), modulus)
            .ToByteArray(isUnsigned: true, isBigEndian: true);
        if (found.Length > length)
            return false;
        byte[] encoded = new byte[length];
        found.CopyTo(encoded, length - found.Length);
        ReadOnlySpan<byte> told = encoded.AsSpan(maskLength, hash.Length);
        int free = (8 * length) - bits;
        if (encoded[^1] != Trailer || encoded[0] >> (8 - free) != 0)
            return false;
        byte[] block = Unmasked(encoded.AsSpan(0, maskLength), told, algorithm);
        block[0] &= (byte)(0xFF >> free);
        ReadOnlySpan<byte> salt = block.AsSpan(maskLength - saltLength), padding = block.AsSpan(0, maskLength - saltLength);
        if (padding[^1] != 1 || padding[..^1].ContainsAnyExcept((byte)0))
            return false;
        using var again = IncrementalHash.CreateHash(algorithm);
        again.AppendData(stackalloc byte[8]);
        again.AppendData(hash);
        again.AppendData(salt);
        return again.GetHashAndReset().AsSpan().SequenceEqual(told);
    }

    private static AsnReader? Tagged(AsnReader parameters, Asn1Tag tag) =>
        parameters.HasData && parameters.PeekTag().HasSameClassAndValue(tag) ? parameters.ReadSequence(tag) : null;

    private static string? ReadHash(AsnReader? tagged)
    {
        if (tagged is null)
            return null;
        AsnReader algorithm = tagged.ReadSequence();
        string oid = algorithm.ReadObjectIdentifier();
        if (algorithm.HasData)
            algorithm.ReadNull();
        return oid;
    }

    private static string OidOf(HashAlgorithmName hash) => hash == HashAlgorithmName.SHA256 ? Oids.Sha256
        : hash == HashAlgorithmName.SHA384 ? Oids.Sha384 : Oids.Sha512;

    // MGF1, RFC 8017 B.2.1.
    private static byte[] Unmasked(ReadOnlySpan<byte> masked, ReadOnlySpan<byte> seed, HashAlgorithmName algorithm)
    {
        byte[] block = masked.ToArray();
        using var mask = IncrementalHash.CreateHash(algorithm);
        for (int at = 0, counter = 0; at < block.Length; at += seed.Length, counter++)
        {
            mask.AppendData(seed);
            mask.AppendData([(byte)(counter >> 24), (byte)(counter >> 16), (byte)(counter >> 8), (byte)counter]);
            byte[] piece = mask.GetHashAndReset();
            for (int i = 0; i < piece.Length && at + i < block.Length; i++)
                block[at + i] ^= piece[i];
        }
        return block;
    }
}
