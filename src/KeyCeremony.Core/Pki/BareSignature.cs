using System.Formats.Asn1;

namespace KeyCeremony.Core.Pki;

/// <summary>
/// An ECDSA signature as r and s side by side, each as long as the curve's numbers: so PKCS #11, JOSE and cloud services give it. It is
/// read nowhere here, but whoever made it holds the key, and is told what to do instead.
/// </summary>
internal static class BareSignature
{
    /// <summary>What becomes of it, for people.</summary>
    public const string Remedy = "Have it written in DER (RFC 3279 2.2.3): pkcs11-tool does so with --signature-format openssl, Vault "
        + "without marshaling_algorithm=jws; what a cloud service gives is converted.";

    /// <summary>The same in DER; null: it is not as long as it would be.</summary>
    /// <param name="bits">Of the curve.</param>
    public static byte[]? InDer(ReadOnlySpan<byte> signature, int bits)
    {
        int length = (bits + 7) / 8;
        if (signature.Length != 2 * length)
            return null;
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            // r, s
            writer.WriteIntegerUnsigned(Minimal(signature[..length]));
            writer.WriteIntegerUnsigned(Minimal(signature[length..]));
        }
        return writer.Encode();
    }

    /// <summary>
    /// Whether it is SEQUENCE { INTEGER r, INTEGER s } in DER, both positive, and nothing behind: RFC 3279 2.2.3. The runtime verifies
    /// numbers whose sign it passes over; openssl and others do not take them.
    /// </summary>
    public static bool IsDer(ReadOnlySpan<byte> signature)
    {
        try
        {
            AsnDecoder.ReadSequence(signature, AsnEncodingRules.DER, out int start, out int length, out int consumed);
            ReadOnlySpan<byte> numbers = signature.Slice(start, length);
            bool isPositive = AsnDecoder.ReadIntegerBytes(numbers, AsnEncodingRules.DER, out int first)[0] < 0x80
                && AsnDecoder.ReadIntegerBytes(numbers[first..], AsnEncodingRules.DER, out int second)[0] < 0x80
                && first + second == numbers.Length;
            return isPositive && consumed == signature.Length;
        }
        catch (AsnContentException)
        {
            return false;
        }
    }

    private static ReadOnlySpan<byte> Minimal(ReadOnlySpan<byte> number) =>
        number.TrimStart((byte)0) is { IsEmpty: false } digits ? digits : number[^1..];
}
