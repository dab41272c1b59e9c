namespace KeyCeremony.Core.Pki.Requests;

/// <summary>
/// What a request file must keep so that its key is taken. Each stands with its remedy in <c>docs/formats/request.md</c>.
/// </summary>
public static class RequestRules
{
    public static readonly PkiRule Size = new("REQ-01", "The file holds 1 byte to 16 KiB.", "house");
    public static readonly PkiRule Pem = new("REQ-02",
        "A PEM file is ASCII or UTF-8 and holds exactly one block, of the right label and in exact base64; "
        + "and a file is not of another kind.",
        "RFC 7468");
    public static readonly PkiRule Encoding = new("REQ-03",
        "The request is PKCS #10 in DER: minimal lengths, no field too many or too few; "
        + "the attributes are there, if only as an empty field.", "RFC 2986 4");
    public static readonly PkiRule WholeFile = new("REQ-04", "Nothing follows the request.", "house");
    public static readonly PkiRule Version = new("REQ-05", "The version is 0.", "RFC 2986 4.1");
    public static readonly PkiRule AttributeOnce = new("REQ-06", "No attribute stands twice, and each has one value.", "RFC 2986 4.1");
    public static readonly PkiRule ExtensionOnce = new("REQ-07", "No extension is asked for twice.", "RFC 5280 4.2");
    public static readonly PkiRule Extension = new("REQ-08",
        "Every extension is well-formed: DER booleans and bit strings, defaults left out, values read whole.", "RFC 5280 4.2");
    public static readonly PkiRule Critical = new("REQ-09", "No extension that we do not understand is asked for as critical.",
        "RFC 5280 4.2");
    public static readonly PkiRule Password = new("REQ-10", "There is no challenge password: the request is published with the bundle.",
        "RFC 2985 5.4.1");
    public static readonly PkiRule SignatureAlgorithm = new("REQ-11", "The request is signed with SHA-256, SHA-384 or SHA-512: "
        + "ECDSA, RSA PKCS #1 v1.5, or RSA-PSS with that hash throughout and a salt of its length; or with ML-DSA or SLH-DSA without a "
        + "hash before it.", "RFC 5758 3.2, RFC 4055 3, RFC 9881 2, RFC 9909 3");
    public static readonly PkiRule Possession = new("REQ-12", "The request is signed by the private key of the public key it holds.",
        "RFC 2986 4.2");
    public static readonly PkiRule PrivateKey = new("REQ-13", "The file holds no private key.", "house");
    public static readonly PkiRule Readable = new("REQ-14", "The file is there and can be read.", "house");
    public static readonly PkiRule Compared = new("REQ-15",
        "What a request is compared with is there: a script that reads it, or a profile.", "house");

    public static readonly PkiRule AsksForCa = new("REQ-20", "What the request says on being a CA is what the script grants.", "house");
    public static readonly PkiRule AsksForPathLength = new("REQ-21",
        "The path length the request asks for is the one the script grants.", "house");
    public static readonly PkiRule AsksForKeyUsage = new("REQ-22",
        "The key usage the request asks for holds all that the script grants.", "house");
    public static readonly PkiRule AsksWithKey = new("REQ-23", "The key is of the kind the script grants.", "house");
    public static readonly PkiRule ProofPurpose = new("REQ-24", "A key proof names the profile the script grants.", "house");
    public static readonly PkiRule ProofEnvironment = new("REQ-25",
        "An environment that a key proof or the CN asked for names is the one of this ledger.", "house");

    public static readonly PkiRule ProofForm = new("REQ-30",
        "A key proof is the five lines of the statement, one PUBLIC KEY block and one SIGNATURE block, with LF line ends and nothing else.",
        "house");
    public static readonly PkiRule ProofKey = new("REQ-31", "The statement names the SHA-256 of the public key beside it.", "house");
    public static readonly PkiRule ProofSignature = new("REQ-32",
        "The statement is signed by the private key of the public key beside it.", "house");

    public static readonly PkiRule ToldForm = new("REQ-40",
        "A told hash is 64 hexadecimal digits or 32 words of the PGP word list.", "house");
    public static readonly PkiRule ToldHash = new("REQ-41",
        "The hash that the owner told by another way is the hash of the file here.", "house");

    public static IReadOnlyList<PkiRule> All { get; } =
    [
        Size, Pem, Encoding, WholeFile, Version, AttributeOnce, ExtensionOnce, Extension,
        Critical, Password, SignatureAlgorithm, Possession, PrivateKey, Readable, Compared,
        AsksForCa, AsksForPathLength, AsksForKeyUsage, AsksWithKey, ProofPurpose, ProofEnvironment,
        ProofForm, ProofKey, ProofSignature, ToldForm, ToldHash,
    ];
}
