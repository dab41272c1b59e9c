using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Manifest.Devices;

/// <summary>Every rule of this folder, in the order of <c>docs/formats/device-list.md</c>.</summary>
public static class DeviceRules
{
    public static readonly PkiRule List = new("DEVICE-01",
        "A device list has 1 to 1000000000 rows of at most 32768 bytes, each a line of its own, and none is empty.", "house");
    public static readonly PkiRule Columns = new("DEVICE-02", "The columns are serialNo, certificate or "
        + "certSha256 or both, and spkiSha256, which may be missing beside certificate; none stands twice and there is no other.", "house");
    public static readonly PkiRule Row = new("DEVICE-03",
        "A row of a CSV has a field for each column, quoted as RFC 4180 says; a row of JSON lines is one object with strings.",
        "RFC 4180 2, RFC 8259");
    public static readonly PkiRule Serial = new("DEVICE-04",
        "A serial number has 1 to 64 characters of printable ASCII and no blank at its ends; it is no formula, no day, "
        + "no number with a fraction and no word for none.",
        "house");
    public static readonly PkiRule Hash = new("DEVICE-05",
        "A hash is 64 hex digits, and not what a program writes that hashed nothing.", "FIPS 180-4");
    public static readonly PkiRule Certificate = new("DEVICE-06",
        "A certificate is one X.509 certificate, DER in base64 or PEM, and every part of it is understood.", "RFC 5280 4.1, RFC 7468 5");
    public static readonly PkiRule Agreement = new("DEVICE-07", "A hash beside the certificate is the certificate's.", "house");
    public static readonly PkiRule Issuer = new("DEVICE-08", "A certificate is issued and signed by the batch's issuing CA.",
        "RFC 5280 6.1.3");
    public static readonly PkiRule EndEntity = new("DEVICE-09",
        "A certificate is a device's and no CA's, and valid when the batch was finished.", "RFC 5280 4.1.2.5, 4.2.1.9");
    public static readonly PkiRule SerialTwice = new("DEVICE-10",
        "No serial number stands twice; an address of 6 or 8 bytes is compared by its digits.", "house");
    public static readonly PkiRule KeyTwice = new("DEVICE-11", "No public key stands twice, and none is the issuing CA's.", "house");
    public static readonly PkiRule Contrived = new("DEVICE-12",
        "The list was not made to have thousands of different values with the same fingerprint.", "house");
    public static readonly PkiRule Changed = new("DEVICE-13", "The list stays the same while it is read.", "house");

    public static readonly PkiRule SameTree = new("DEVICE-14", "List and salts give the tree that the statement names.", "house");
    public static readonly PkiRule NoSuchDevice = new("DEVICE-15", "A device that is asked for stands in the list.", "house");
    public static readonly PkiRule CertificateSerialTwice = new("DEVICE-16",
        "No two certificates of one issuer have the same serial number.", "RFC 5280 4.1.2.2");
    public static readonly PkiRule EarlierBatch = new("DEVICE-17",
        "No serial number, public key or certificate stands in the list of an earlier batch that is given.", "house");

    public static readonly PkiRule CertificateTwice = new("DEVICE-18", "No certificate stands twice.", "house");
    public static readonly PkiRule CertificateSerial = new("DEVICE-19",
        "A certificate's serial number is positive and has at most 20 bytes.", "RFC 5280 4.1.2.2");

    public static readonly PkiRule HashOfAnother = new("DEVICE-20",
        "A row's hash of a certificate and its hash of a key differ, and neither is of the issuing CA.", "house");

    public static readonly PkiRule Salts = new("SALT-01", "A salts file is 64 lower-case hex digits and a line feed.", "house");

    public static readonly PkiRule Shard = new("SHARD-01", "A shard's file is whole and as it was written.", "house");
    public static readonly PkiRule ShardForeign = new("SHARD-02",
        "Shards that are merged are of one list and were built with the same salts, issuing CA and finishedOn.", "house");
    public static readonly PkiRule ShardMissing = new("SHARD-03",
        "Every shard is merged once, and each begins where the one before ends.", "house");
    public static readonly PkiRule ShardList = new("SHARD-04",
        "The list that shards are merged with is the one they were built from.", "house");

    public static IReadOnlyList<PkiRule> All { get; } =
    [
        List, Columns, Row, Serial, Hash, Certificate, Agreement, Issuer, EndEntity,
        SerialTwice, KeyTwice, Contrived, Changed, SameTree, NoSuchDevice, CertificateSerialTwice, EarlierBatch,
        CertificateTwice, CertificateSerial, HashOfAnother, Salts,
        Shard, ShardForeign, ShardMissing, ShardList,
    ];
}
