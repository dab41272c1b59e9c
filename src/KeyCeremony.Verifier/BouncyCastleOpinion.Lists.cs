using System.Formats.Asn1;
using KeyCeremony.Core.Pki;
using Org.BouncyCastle.Crypto;

namespace KeyCeremony.Verifier;

/// <summary>Revocation lists of any size, in one pass and in the memory of one buffer.</summary>
public static partial class BouncyCastleOpinion
{
    /// <summary>Two headers of at most six bytes, the version and the longest AlgorithmIdentifier of ours fit four times over.</summary>
    private const int MaxHead = 128;

    /// <summary>AlgorithmIdentifier and the 4,627 bytes of an ML-DSA-87 signature.</summary>
    private const int MaxTail = 8192;

    private const byte Sequence = 0x30;

    /// <summary>Version 2 as a list writes it: INTEGER 1. RFC 5280 5.1.2.1.</summary>
    private static ReadOnlySpan<byte> VersionTwo => [2, 1, 1];

    /// <summary>
    /// CertificateList, RFC 5280 5.1: only the frame is cut here, with lengths in their shortest form. What stands on the list,
    /// our reader has read.
    /// </summary>
    /// <param name="list">DER and nothing behind it, from its beginning; can seek.</param>
    /// <param name="issuerKey">DER of the SubjectPublicKeyInfo.</param>
    public static string? OfList(Stream list, ReadOnlyMemory<byte> issuerKey) => Asked(Never, () =>
    {
        (AsymmetricKeyParameter key, KeyAlgorithm kind) = Read(issuerKey);
        byte[] algorithm = kind.SignatureAlgorithmIdentifier();
        Span<byte> start = stackalloc byte[MaxHead];
        list.Position = 0;
        ReadOnlySpan<byte> head = start[..list.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        (int outerHeader, long outer) = ReadHeader(head);
        (int header, long content) = ReadHeader(head[outerHeader..]);
        long end = outerHeader + header + content, tail = list.Length - end;
        if (outerHeader + outer != list.Length || tail is <= 0 or > MaxTail)
            return "the list is not one piece of DER";
        head = head[(outerHeader + header)..];
        list.Position = end;
        byte[] rest = new byte[tail];
        list.ReadExactly(rest);
        if (!head.StartsWith(VersionTwo) || !head[VersionTwo.Length..].StartsWith(algorithm) || !rest.AsSpan().StartsWith(algorithm))
            return "the version is not 2, or a signature algorithm is not that of the issuer's key";
        var reader = new AsnReader(rest.AsMemory(algorithm.Length), AsnEncodingRules.DER);
        byte[] signature = WholeBytes(reader);
        reader.ThrowIfNotEmpty();
        list.Position = outerHeader;
        return Verify(key, algorithm, list, header + content, signature);
    });

    /// <summary>X.690 10.1: definite, in the fewest bytes.</summary>
    private static (int Header, long Content) ReadHeader(ReadOnlySpan<byte> at)
    {
        if (at[0] != Sequence)
            throw new AsnContentException();
        if (at[1] < 0x80)
            return (2, at[1]);
        int bytes = at[1] & 0x7f;
        if (bytes is 0 or > 4)
            throw new AsnContentException();
        long length = 0;
        foreach (byte one in at.Slice(2, bytes))
            length = (length << 8) | one;
        return length >= (bytes == 1 ? 0x80 : 1L << (8 * (bytes - 1))) ? (2 + bytes, length) : throw new AsnContentException();
    }
}
