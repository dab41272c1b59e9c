using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Manifest;

/// <summary>Every rule about statements, envelopes and proofs, in the order of <c>docs/formats/batch-manifest.md</c>.</summary>
public static class BatchRules
{
    public static readonly PkiRule Form = new("BATCH-01", "A statement is at most 96 KiB of UTF-8 JSON in the one form it is written in: "
        + "every field once and in its order, no blank, one line feed at the end.", "house");
    public static readonly PkiRule Kind = new("BATCH-02",
        "The statement is an in-toto Statement v1 about a device batch in version 1, hashed as RFC 9162 says.", "in-toto Statement v1");
    public static readonly PkiRule Name = new("BATCH-03",
        "The batch id is a name of at most 64 characters: lower-case words and numbers joined by hyphens, a letter first.", "house");
    public static readonly PkiRule Environment = new("BATCH-04",
        "The environment is rehearsal, development, staging or production.", "house");
    public static readonly PkiRule Text = new("BATCH-05",
        "Every other text has 1 to 128 characters that can be seen, in one script, composed (NFC), with single spaces inside.", "house");
    public static readonly PkiRule Times = new("BATCH-06",
        "Times are UTC in whole seconds, and the batch was not finished before it was started.", "RFC 3339 5.6");
    public static readonly PkiRule Hash = new("BATCH-07", "Every hash is 64 lower-case hex digits.", "FIPS 180-4");
    public static readonly PkiRule Product = new("BATCH-08", "vid and pid are four upper-case hex digits.", "house");
    public static readonly PkiRule Subjects = new("BATCH-09", "The subjects are the device list, the firmware images in the order "
        + "of firmware, and the hardware BOM, with the same hashes; their names are plain file names, and none stands twice.", "house");
    public static readonly PkiRule Firmware = new("BATCH-10", "There are 1 to 64 firmware images, and no component stands twice.", "house");
    public static readonly PkiRule Parts = new("BATCH-11",
        "There are at most 200 critical parts, none stands twice with the same lot and date code, and a date code is YYWW or YYYY-MM-DD.",
        "house");
    public static readonly PkiRule Substitution = new("BATCH-12",
        "A substituted part names the other part that it replaces and the reference of its revalidation.", "house");
    public static readonly PkiRule Devices = new("BATCH-13", "A batch has 1 to 1000000000 devices.", "house");
    public static readonly PkiRule Yield = new("BATCH-14",
        "As many devices were built as the tree has leaves, and no more were reworked than built.", "house");
    public static readonly PkiRule Final = new("BATCH-15",
        "A signed statement is no draft: it names the ceremony's transcript hash.", "house");
    public static readonly PkiRule File = new("BATCH-16",
        "Every file that a command is given can be read, and none that it writes is there already.", "house");

    public static readonly PkiRule Envelope = new("DSSE-01",
        "An envelope is one JSON object of at most 256 KiB with payloadType, payload and signatures, no field of it twice.", "DSSE 1.0");
    public static readonly PkiRule PayloadType = new("DSSE-02", "The payload type is application/vnd.in-toto+json.", "in-toto Envelope v1");
    public static readonly PkiRule Base64 = new("DSSE-03",
        "Payload and signatures are base64 in one of its two alphabets, without blanks and without spare bits.", "RFC 4648 4, 5");
    public static readonly PkiRule Signatures = new("DSSE-04", "There are 1 to 32 signatures of at most 8192 bytes.", "house");

    public static readonly PkiRule Signer = new("DSSE-05", "A signer's certificate is no authority's, allows digitalSignature, has "
        + "an EC key on P-256 or P-384 or an ML-DSA key, and no critical extension that is unknown; "
        + "below a trusted authority it also has no extKeyUsage.",
        "RFC 5280 4.2, house");
    public static readonly PkiRule Chain = new("DSSE-06",
        "The manifest signer's certificate is the trusted one, or is issued by it directly; then the trusted one allows keyCertSign.",
        "RFC 5280 6.1, house");
    public static readonly PkiRule Moment = new("DSSE-07",
        "There was a moment, not before the batch was finished, at which every certificate was valid.", "house");
    public static readonly PkiRule Signed = new("DSSE-08",
        "A signature of the manifest signer holds over the exact bytes of the payload.", "DSSE 1.0");
    public static readonly PkiRule Cosigned = new("DSSE-09",
        "As many co-signers as required have signed, and every certificate is of a key of its own.", "house");
    public static readonly PkiRule Added = new("DSSE-10",
        "A signature is added only when it holds under the certificate that comes with it.", "house");
    public static readonly PkiRule Once = new("DSSE-11", "A key signs an envelope once.", "house");
    public static readonly PkiRule Second = new("DSSE-12",
        "A second implementation accepts every signature that the first one accepts.", "house");

    public static readonly PkiRule Proof = new("PROOF-01", "A proof is at most 8 KiB of UTF-8 JSON in the one form it is written in: "
        + "every field once and in its order, no blank, one line feed at the end.", "house");
    public static readonly PkiRule OfThisBatch = new("PROOF-02",
        "A proof or a pack of proofs is of the statement's batch: same batch id, same tree size; a pack also names the same root.",
        "house");
    public static readonly PkiRule Path = new("PROOF-03",
        "The index lies in the tree, and the path has exactly as many hashes as index and tree size demand.", "RFC 9162 2.1.3.2");
    public static readonly PkiRule Root = new("PROOF-04", "Leaf and path lead to the root in the statement.", "RFC 9162 2.1.3.2");
    public static readonly PkiRule Pack = new("PROOF-05",
        "A pack of proofs has its exact layout and length, and what it does not use is zero.", "house");
    public static readonly PkiRule Leaf = new("PROOF-06", "A leaf has a salt of 32 "
        + "bytes, a serial number of 1 to 64 characters of printable ASCII without blanks at the ends, and two SHA-256.", "house");
    public static readonly PkiRule Certificate = new("PROOF-07",
        "A device's certificate that is given beside its proof is the one in the leaf, with the same key.", "house");
    public static readonly PkiRule Image = new("PROOF-08", "A firmware file that is given is one of those in the statement.", "house");

    public static IReadOnlyList<PkiRule> All { get; } =
    [
        Form, Kind, Name, Environment, Text, Times, Hash, Product, Subjects, Firmware, Parts, Substitution, Devices, Yield, Final, File,
        Envelope, PayloadType, Base64, Signatures, Signer, Chain, Moment, Signed, Cosigned, Added, Once, Second,
        Proof, OfThisBatch, Path, Root, Pack, Leaf, Certificate, Image,
    ];
}
