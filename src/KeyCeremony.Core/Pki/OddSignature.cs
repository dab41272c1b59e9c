using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using KeyCeremony.Core.Pki.Requests;

namespace KeyCeremony.Core.Pki;

/// <summary>
/// A signature that does not hold, and that its key made all the same: over the hash's hash, over no hash, with another hash or padding
/// than is named, in numbers that are not DER's, with its bytes turned round. It is taken nowhere, but whoever made it holds the key, and
/// is told what to do instead.
/// </summary>
/// <param name="How">Goes on behind "is its key's, and".</param>
/// <param name="Remedy">What the signer does.</param>
internal sealed record OddSignature(string How, string Remedy)
{
    private const int Longest = 1024; // bytes: of no key that is read here is a signature longer

    private static readonly HashAlgorithmName[] Hashes =
        [HashAlgorithmName.SHA256, HashAlgorithmName.SHA384, HashAlgorithmName.SHA512, HashAlgorithmName.SHA1];

    private static readonly OddSignature Unhashed = new("is over the bytes themselves, not over a hash of them",
        "Have them hashed first, or signed by a mechanism that hashes (PKCS #11: ECDSA-SHA256 in place of ECDSA).");

    private static readonly OddSignature Rehashed = new("is over the hash of the hash: what was hashed already was hashed once more",
        "Give the signer the bytes themselves, or the hash as one (AWS KMS: MessageType=DIGEST; Vault: prehashed=true; PKCS #11: a "
        + "mechanism without a hash).");

    private static readonly OddSignature Numbers = new(
        "its numbers are not written as DER writes them: a zero in front of one is missing or is too many",
        "Have r and s written by a library (RFC 3279 2.2.3): each without zeros in front, but for the one that keeps it positive.");

    private static readonly OddSignature Nameless = new("holds the hash without its algorithm's name (DigestInfo, RFC 8017 9.2)",
        "Have it signed by a mechanism that hashes (PKCS #11: SHA256-RSA-PKCS in place of RSA-PKCS), or the name put in front of the "
        + "hash.");

    private static readonly OddSignature Turned = new("stands with its last byte first, as CryptoAPI of Windows gives it",
        "Have its bytes turned round.");

    /// <summary>Null: nothing shows that this key made it.</summary>
    /// <param name="subjectPublicKeyInfo">DER of a key that can be read.</param>
    /// <param name="named">The algorithm that stands beside the signature, and fits the key.</param>
    public static OddSignature? Of(ReadOnlySpan<byte> subjectPublicKeyInfo, RequestSignature named, ReadOnlySpan<byte> data,
        ReadOnlySpan<byte> signature)
    {
        if (named.Pure is not null || signature.Length is < 8 or > Longest)
            return null;
        try
        {
            return named.IsRsa ? OfRsa(subjectPublicKeyInfo, named, data, signature)
                : OfEcdsa(subjectPublicKeyInfo, named, data, signature);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static OddSignature? OfEcdsa(ReadOnlySpan<byte> subjectPublicKeyInfo, RequestSignature named, ReadOnlySpan<byte> data,
        ReadOnlySpan<byte> signature)
    {
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo, out _);
        byte[]?[] written = [signature.ToArray(), Renumbered(signature), BareSignature.InDer(signature, key.KeySize)];
        byte[][] forms = [.. written.OfType<byte[]>()];
        for (int form = 0; form < forms.Length; form++)
            foreach ((_, byte[] hash, OddSignature? odd) in Digests(named, data))
                if ((form > 0 || odd is not null) && Holds(key, hash, forms[form]))
                    return odd ?? Numbers;
        byte[] unhashed = data[..Math.Min(data.Length, (key.KeySize + 7) / 8)].ToArray();
        return Array.Exists(forms, form => Holds(key, unhashed, form)) ? Unhashed : null;
    }

    private static bool Holds(ECDsa key, ReadOnlySpan<byte> hash, byte[] signature)
    {
        try
        {
            return BareSignature.IsDer(signature) && key.VerifyHash(hash, signature, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static OddSignature? OfRsa(ReadOnlySpan<byte> subjectPublicKeyInfo, RequestSignature named, ReadOnlySpan<byte> data,
        ReadOnlySpan<byte> signature)
    {
        using var key = RSA.Create();
        key.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo, out _);
        byte[] turned = signature.ToArray();
        Array.Reverse(turned);
        RSASignaturePadding other = named.Padding == RSASignaturePadding.Pss ? RSASignaturePadding.Pkcs1 : RSASignaturePadding.Pss;
        byte[] plain = Plain(key.ExportParameters(includePrivateParameters: false), signature);
        foreach ((HashAlgorithmName name, byte[] hash, OddSignature? odd) in Digests(named, data))
        {
            if (odd is not null && key.VerifyHash(hash, signature, name, named.Padding!))
                return odd;
            if (key.VerifyHash(hash, signature, name, other))
                return Padded(other);
            if (key.VerifyHash(hash, turned, name, named.Padding!))
                return Turned;
            if (IsPaddedAlone(plain, hash))
                return Nameless;
        }
        return null;
    }

    private static OddSignature Padded(RSASignaturePadding made) => new(made == RSASignaturePadding.Pss
        ? "is made with RSASSA-PSS, where RSA PKCS #1 v1.5 is named" : "is made with RSA PKCS #1 v1.5, where RSASSA-PSS is named",
        "Have the algorithm named that signed, or signed with the one that is named.");

    // The one that is named, first; then what signers do instead of it.
    private static IEnumerable<(HashAlgorithmName Name, byte[] Hash, OddSignature? Odd)> Digests(RequestSignature named,
        ReadOnlySpan<byte> data)
    {
        byte[] hash = CryptographicOperations.HashData(named.Hash, data);
        var all = new List<(HashAlgorithmName, byte[], OddSignature?)>
        {
            (named.Hash, hash, null),
            (named.Hash, CryptographicOperations.HashData(named.Hash, hash), Rehashed),
        };
        foreach (HashAlgorithmName other in Hashes.Where(h => h != named.Hash))
            all.Add((other, CryptographicOperations.HashData(other, data), new(
                $"is made with {Spoken(other)}, where {Spoken(named.Hash)} is named",
                "Have the hash named that signed, or signed with the one that is named; SHA-1 is none that is read.")));
        return all;
    }

    private static string Spoken(HashAlgorithmName hash) => hash.Name!.Insert(3, "-");

    // SEQUENCE { INTEGER, INTEGER } whose numbers have too many zeros in front, or a first bit that INTEGER has for the sign.
    private static byte[]? Renumbered(ReadOnlySpan<byte> signature)
    {
        ReadOnlySpan<byte> rest = signature[(signature[1] == 0x81 ? 3 : 2)..];
        if (signature[0] != 0x30 || rest.Length != (signature[1] == 0x81 ? signature[2] : signature[1])
            || !TryNumber(ref rest, out ReadOnlySpan<byte> r) || !TryNumber(ref rest, out ReadOnlySpan<byte> s) || !rest.IsEmpty)
            return null;
        int length = Math.Max(r.Length, s.Length);
        byte[] bare = new byte[2 * length];
        r.CopyTo(bare.AsSpan(length - r.Length));
        s.CopyTo(bare.AsSpan((2 * length) - s.Length));
        return BareSignature.InDer(bare, 8 * length);
    }

    private static bool TryNumber(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> number)
    {
        number = default;
        if (rest.Length < 3 || rest[0] != 0x02 || rest[1] is 0 or > 0x7F || rest[1] > rest.Length - 2)
            return false;
        number = rest.Slice(2, rest[1]).TrimStart((byte)0);
        rest = rest[(2 + rest[1])..];
        return !number.IsEmpty;
    }

    // RFC 8017 5.2.2: what the public key makes of the signature.
    private static byte[] Plain(RSAParameters key, ReadOnlySpan<byte> signature)
    {
        var modulus = new BigInteger(key.Modulus, isUnsigned: true, isBigEndian: true);
        var power = BigInteger.ModPow(new BigInteger(signature, isUnsigned: true, isBigEndian: true),
            new BigInteger(key.Exponent, isUnsigned: true, isBigEndian: true), modulus);
        byte[] bytes = power.ToByteArray(isUnsigned: true, isBigEndian: true), padded = new byte[key.Modulus!.Length];
        bytes.CopyTo(padded, padded.Length - bytes.Length);
        return padded;
    }

    // 00 01 FF .. FF 00 and the hash.
    private static bool IsPaddedAlone(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> hash)
    {
        int at = plain.Length - hash.Length;
        return at > 11 && BinaryPrimitives.ReadUInt16BigEndian(plain) == 1 && plain[at - 1] == 0 && plain[at..].SequenceEqual(hash)
            && !plain[2..(at - 1)].ContainsAnyExcept((byte)0xFF);
    }
}
