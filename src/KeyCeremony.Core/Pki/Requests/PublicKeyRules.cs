namespace KeyCeremony.Core.Pki.Requests;

/// <summary>
/// What a public key made elsewhere must keep before we certify it. Each stands with its remedy in <c>docs/formats/request.md</c>.
/// </summary>
public static class PublicKeyRules
{
    public static readonly PkiRule Encoding = new("PUBKEY-01",
        "The key is a SubjectPublicKeyInfo in DER, written the one way its standard says.", "RFC 3279 2.3, RFC 5480 2");
    public static readonly PkiRule Kind = new("PUBKEY-02", "The key is RSA (rsaEncryption), EC (id-ecPublicKey), ML-DSA or SLH-DSA.",
        "BR 6.1.5, RFC 9881, RFC 9909");
    public static readonly PkiRule RsaSize = new("PUBKEY-03",
        "An RSA modulus has 2048 to 8192 bits, and their number is divisible by 8.", "BR 6.1.5");
    public static readonly PkiRule RsaExponent = new("PUBKEY-04", "The RSA exponent is 65537.", "BR 6.1.6");
    public static readonly PkiRule RsaSmallFactor = new("PUBKEY-05", "The RSA modulus is odd and has no prime factor under 752.",
        "BR 6.1.6, NIST SP 800-89 5.3.3");
    public static readonly PkiRule RsaRoca = new("PUBKEY-06",
        "The RSA modulus was not made by the broken library of CVE-2017-15361 (ROCA).", "BR 6.1.1.3");
    public static readonly PkiRule RsaClosePrimes = new("PUBKEY-07", "100 rounds of Fermat's method do not factor the RSA modulus.",
        "BR 6.1.1.3, CVE-2022-26320");
    public static readonly PkiRule EcCurve = new("PUBKEY-08",
        "The curve is P-256, P-384 or P-521, given by its name; explicit parameters are refused.", "BR 6.1.5, RFC 5480 2.1.1");
    public static readonly PkiRule EcUncompressed = new("PUBKEY-09", "The point is uncompressed and of the curve's length.",
        "house, SEC 1 2.3.3");
    public static readonly PkiRule EcPoint = new("PUBKEY-10",
        "The point is not infinity, its coordinates lie under the prime, and it lies on the curve.", "NIST SP 800-56A 5.6.2.3.3");
    public static readonly PkiRule RsaPrime = new("PUBKEY-11", "The RSA modulus is no prime and no power of another number.",
        "NIST SP 800-89 5.3.3");
    public static readonly PkiRule Pure = new("PUBKEY-12",
        "An ML-DSA or SLH-DSA key has no parameters and exactly the bytes of its parameter set.", "RFC 9881 4, RFC 9909 4");

    public static readonly PkiRule KnownKey = new("PUBKEY-20", "No ledger of any environment knows the key.", "house");
    public static readonly PkiRule KnownKeysForm = new("PUBKEY-21",
        "A file of known keys has the header and rows that its page says.", "house");

    public static IReadOnlyList<PkiRule> All { get; } =
    [
        Encoding, Kind, RsaSize, RsaExponent, RsaSmallFactor, RsaRoca, RsaClosePrimes, EcCurve, EcUncompressed, EcPoint, RsaPrime, Pure,
        KnownKey, KnownKeysForm,
    ];
}
