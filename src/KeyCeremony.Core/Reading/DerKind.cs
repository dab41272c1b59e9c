using System.Diagnostics.CodeAnalysis;

namespace KeyCeremony.Core.Reading;

/// <summary>
/// What a file in DER is, by its first fields: other tools hand in bundles, keys and lists where a certificate is asked for, and what that
/// is is more help than the byte at which it is not what was asked. It proves nothing: who reads the file judges it.
/// </summary>
public static class DerKind
{
    public const string Certificate = "a certificate";
    public const string Request = "a PKCS #10 request";
    public const string Crl = "a revocation list";

    /// <summary>What helps where a certificate was given for a request, in DER or PEM.</summary>
    internal const string CertificateForRequest =
        "A certificate shows no proof of who has the key: have a PKCS #10 request made with it, and send that.";

    /// <summary>What helps where a public key was given for a request, in DER or PEM.</summary>
    internal const string PublicKeyForRequest =
        "Whoever has the key makes a PKCS #10 request with it (openssl req -new), and sends that.";

    private const string Bundle = "a PKCS #7 bundle, which programs write around certificates and lists";
    private const string FullRequest = "a full request (CMC), a PKCS #7 bundle that carries more than the request";
    private const string KeyStore = "a PKCS #12 file, which mostly holds a private key";
    private const string PrivateKey = "a private key";
    private const string PublicKey = "a public key without a proof of who has its private half";

    private const byte Sequence = 0x30, Set = 0x31, Integer = 0x02, BitString = 0x03, OctetString = 0x04, ObjectIdentifier = 0x06;
    private const byte UtcTime = 0x17, GeneralizedTime = 0x18, Version = 0xA0;
    private const int ShortestModulus = 64; // bytes
    private const int NumbersOfKey = 6; // a version and five, as DSA has them; RSA has nine

    // 1.2.840.113549.1.7: what PKCS #7 holds; .2 is signedData.
    private static ReadOnlySpan<byte> Pkcs7 => [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07];

    // 1.3.6.1.5.5.7.12.2: PKIData, RFC 5272 3.2.1.
    private static ReadOnlySpan<byte> PkiData => [0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x0C, 0x02];

    // 1.2.840.113549.1.5 and 1.2.840.113549.1.12.1: how a key is encrypted under a password.
    private static ReadOnlySpan<byte> Pkcs5 => [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x05];

    private static ReadOnlySpan<byte> Pkcs12Encryption => [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x0C, 0x01];

    /// <summary>Whether it is something else than what is asked for, as far as that is known.</summary>
    /// <param name="start">Its first bytes, some hundred.</param>
    /// <param name="asked">One of this class.</param>
    /// <param name="sentence">What it is, and what is to be sent.</param>
    public static bool IsAnother(ReadOnlySpan<byte> start, string asked, [NotNullWhen(true)] out string? sentence, out bool isPrivateKey)
    {
        string? kind = Of(start);
        isPrivateKey = kind is PrivateKey;
        sentence = kind is null || kind == asked ? null : $"The file is {kind}; {asked} is read here, alone and unwrapped.";
        return sentence is not null;
    }

    /// <summary>What helps where a file is another than was asked for.</summary>
    public static string Remedy(ReadOnlySpan<byte> start, string asked) => (Of(start), asked) switch
    {
        (FullRequest, Request) => "Have a PKCS #10 request made: RequestType = PKCS10 in certreq's INF, and no renewal of a certificate.",
        (Bundle, Request) => "If a request lies in it, have that taken out (openssl cms -verify -noverify -inform DER -in FILE -out NEW); "
            + "of certreq, RequestType = PKCS10 makes one that lies alone.",
        (Bundle, Certificate) => "Have the certificate taken out of it (openssl pkcs7 -inform DER -in FILE -print_certs), and send that.",
        (KeyStore, Request) => "A request is made with the key and sent alone (openssl req -new). If the store holds the key of a request, "
            + "whoever has it and its password has the key.",
        (KeyStore, _) => "Have the certificate alone taken out of it (openssl pkcs12 -nokeys), and send that. If the store holds its key, "
            + "whoever has it and its password has the key.",
        (Certificate, Request) => CertificateForRequest,
        (PublicKey, Request) => PublicKeyForRequest,
        (Request, Certificate) => "Send the certificate that was issued for it.",
        _ => "Have what is asked for taken out of it, or written anew, and send that.",
    };

    // In words; null when nothing is known of it. Only what is seen counts: of what goes on behind it nothing is inferred.
    private static string? Of(ReadOnlySpan<byte> start)
    {
        var file = new Fields(start);
        if (!file.TryEnter(Sequence, out Fields whole))
            return null;
        return whole.Tag switch
        {
            ObjectIdentifier => whole.TryTake(ObjectIdentifier, out ReadOnlySpan<byte> type) && type.StartsWith(Pkcs7) && type[^1] == 2
                ? OfBundle(whole) : null,
            Integer => OfNumber(whole, file.LengthOfFirst),
            Sequence => whole.TryEnter(Sequence, out Fields first) ? OfFirst(whole, first) : null,
            _ => null,
        };
    }

    // version, digestAlgorithms, encapContentInfo: RFC 5652 5.1.
    private static string OfBundle(Fields content) => content.TryEnter(Version, out Fields explicitly)
        && explicitly.TryEnter(Sequence, out Fields signed) && signed.TrySkip() && signed.TrySkip()
        && signed.TryEnter(Sequence, out Fields carried) && carried.TryTake(ObjectIdentifier, out ReadOnlySpan<byte> type)
        && type.SequenceEqual(PkiData) ? FullRequest : Bundle;

    // PFX, PrivateKeyInfo, ECPrivateKey, RSAPrivateKey and DSA's: RFC 7292 4, RFC 5958 2, RFC 5915 3, RFC 8017 A.1.2.
    private static string? OfNumber(Fields whole, int length)
    {
        Fields numbers = whole;
        if (!whole.TryTake(Integer, out ReadOnlySpan<byte> version) || version.Length != 1)
            return null;
        Fields behind = whole;
        return whole.Tag switch
        {
            Sequence when version[0] == 3 => whole.TryEnter(Sequence, out Fields content)
                && content.TryTake(ObjectIdentifier, out ReadOnlySpan<byte> type) && type.StartsWith(Pkcs7) ? KeyStore : null,
            Sequence when version[0] <= 1 => whole.TryEnter(Sequence, out Fields algorithm) && algorithm.Tag == ObjectIdentifier
                && behind.TrySkip() && behind.Tag == OctetString ? PrivateKey : null,
            OctetString when version[0] == 1 => PrivateKey,
            Integer when version[0] <= 1 => HoldsNumbers(numbers, behind.LengthOfFirst, length) ? PrivateKey : null,
            _ => null,
        };
    }

    // Where the numbers go on behind what is seen, the first of them and the length of all tell.
    private static bool HoldsNumbers(Fields numbers, int modulus, int length)
    {
        int count = 0;
        while (numbers.Tag == Integer && numbers.TrySkip())
            count++;
        return numbers.IsAtEnd ? count >= NumbersOfKey
            : numbers.Tag is null or Integer && numbers.IsCut && modulus >= ShortestModulus && length / 3 >= modulus;
    }

    private static string? OfFirst(Fields whole, Fields first)
    {
        Fields inner = first;
        switch (first.Tag)
        {
            case ObjectIdentifier:
                _ = first.TryTake(ObjectIdentifier, out ReadOnlySpan<byte> algorithm);
                return !whole.TrySkip() ? null
                    : whole.Tag == BitString ? PublicKey
                    : whole.Tag == OctetString && (algorithm.StartsWith(Pkcs5) || algorithm.StartsWith(Pkcs12Encryption)) ? PrivateKey
                    : null;
            // version, serialNumber, signature
            case Version:
                return first.TrySkip() && first.Tag == Integer && first.TrySkip() && IsAlgorithm(first) ? Certificate : null;
            // A request's version is followed by its name; a list's, and the serial of a certificate of version 1, by an algorithm.
            case Integer:
                return !inner.TrySkip() ? null
                    : IsAlgorithm(inner) ? OfDates(inner)
                    : IsName(inner) ? Request : null;
            case Sequence:
                return IsAlgorithm(first) && OfDates(first) is Crl ? Crl : null;
            default:
                return null;
        }
    }

    private static bool IsAlgorithm(Fields at) => at.TryEnter(Sequence, out Fields inside) && inside.Tag == ObjectIdentifier;

    // One with attributes, or an empty one with a key behind it.
    private static bool IsName(Fields at)
    {
        if (!at.TryEnter(Sequence, out Fields name))
            return false;
        return name.IsAtEnd
            ? at.TrySkip() && at.TryEnter(Sequence, out Fields key) && IsAlgorithm(key)
            : name.TryEnter(Set, out Fields part) && part.TryEnter(Sequence, out Fields attribute) && attribute.Tag == ObjectIdentifier;
    }

    // Algorithm, issuer and then thisUpdate of a list, or the validity of a certificate.
    private static string? OfDates(Fields at) =>
        !at.TrySkip() || !at.TrySkip() ? null
        : at.Tag is UtcTime or GeneralizedTime ? Crl
        : at.TryEnter(Sequence, out Fields validity) && validity.Tag is UtcTime or GeneralizedTime ? Certificate
        : null;

    /// <summary>The fields of one constructed value, as far as its bytes were seen.</summary>
    private ref struct Fields(ReadOnlySpan<byte> seen, bool isCut = true)
    {
        private ReadOnlySpan<byte> _seen = seen;

        /// <summary>Whether there is more than what was seen.</summary>
        public readonly bool IsCut => isCut;

        public readonly bool IsAtEnd => _seen.IsEmpty && !isCut;

        /// <summary>Of the next field; null when there is none, or none was seen.</summary>
        public readonly byte? Tag => _seen.IsEmpty ? null : _seen[0];

        /// <summary>What the next field says of its own length; -1 when it does not say.</summary>
        public readonly int LengthOfFirst => TryHeader(out _, out int length) ? length : -1;

        /// <summary>The next field's content; false when it goes on behind what was seen.</summary>
        public bool TryTake(byte tag, out ReadOnlySpan<byte> content)
        {
            content = default;
            if (Tag != tag || !TryHeader(out int header, out int length) || length < 0 || length > _seen.Length - header)
                return false;
            content = _seen.Slice(header, length);
            _seen = _seen[(header + length)..];
            return true;
        }

        public bool TrySkip() => Tag is { } tag && TryTake(tag, out _);

        /// <summary>The fields within the next one, which stays where it is.</summary>
        public readonly bool TryEnter(byte tag, out Fields inside)
        {
            inside = default;
            if (Tag != tag || !TryHeader(out int header, out int length))
                return false;
            ReadOnlySpan<byte> content = _seen[header..];
            bool isWhole = length >= 0 && length <= content.Length;
            inside = new Fields(isWhole ? content[..length] : content, !isWhole);
            return true;
        }

        // Of a length that stands at the end alone (BER, as PKCS #7 and #12 are also written): -1.
        private readonly bool TryHeader(out int header, out int length)
        {
            (header, length) = (2, -1);
            if (_seen.Length < 2)
                return false;
            int more = _seen[1] < 0x80 ? 0 : _seen[1] & 0x7F;
            if (_seen[1] == 0x80)
                return true;
            header += more;
            if (more > 4 || _seen.Length < header)
                return false;
            length = more == 0 ? _seen[1] : 0;
            foreach (byte part in _seen[2..header])
                length = unchecked((length << 8) | part);
            return length >= 0;
        }
    }
}
