using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Release;

/// <summary>What a ledger asks of a release before it is signed, in the order of <c>docs/formats/releases/signing.md</c>.</summary>
public static class ReleaseRoomRules
{
    public static readonly PkiRule Environment = new("FIRMWARE-01", "A release belongs to the environment of the ledger.", "house");
    public static readonly PkiRule Component = new("FIRMWARE-02",
        "A release is of the product and the component that the script names.", "house");
    public static readonly PkiRule OneKey = new("FIRMWARE-03",
        "A release key signs one component of one product, and nothing else.", "house");
    public static readonly PkiRule Counter = new("FIRMWARE-04", "The security counter of a release is not lower than that of any release "
        + "of its component that this ledger signed, and not lower than what a withdrawal asks for.", "house");
    public static readonly PkiRule Version = new("FIRMWARE-05", "The version of a release is higher than that of the component's last one; "
        + "where it is not, or cannot be compared, that is an exception with its reason.", "house");
    public static readonly PkiRule Signable = new("FIRMWARE-06", "Every image is of a format that is signed in the room, over the digest "
        + "that the release key signs: ECDSA on P-256 with SHA-256, on P-384 with SHA-384; RSA 3072 with SHA-256, as RSASSA-PSS where the "
        + "format takes no CMS, as PKCS #1 v1.5 where firmware of UEFI takes it.", "house");
    public static readonly PkiRule Length = new("FIRMWARE-07", "release.yaml and the builders' statements have at most 160 KiB together, "
        + "and with the images that are texts and what is told of them they fit into an entry of the journal.", "house");
    public static readonly PkiRule Unchanged = new("FIRMWARE-08", "Right before the signature every file of the request is read again, "
        + "and is what it was when it was shown.", "house");
    public static readonly PkiRule Signer = new("FIRMWARE-09", "A release is signed by a release key of this ledger and this HSM, whose "
        + "certificate is valid, for signing code, and not revoked.", "house");
    public static readonly PkiRule Taken = new("FIRMWARE-10",
        "Nothing is signed that was not previewed and taken in this ceremony.", "house");
    public static readonly PkiRule Withdrawn = new("FIRMWARE-11",
        "What is withdrawn is a release that this ledger signed and that is not withdrawn.", "house");
    public static readonly PkiRule Floor = new("FIRMWARE-12", "The lowest counter after a withdrawal is higher than that of the withdrawn "
        + "release, and not lower than any before.", "house");
    public static readonly PkiRule BuilderKey = new("FIRMWARE-13",
        "Every builder of a ledger has a name and a key of its own.", "house");
    public static readonly PkiRule OneUse = new("FIRMWARE-14", "A release key that signs digests without CMS signs no update of a Secure "
        + "Boot variable, and as an RSA key nothing of UEFI, and the other way round: the first release that it signs decides.", "house");
    public static readonly PkiRule VariableTime = new("FIRMWARE-15", "A release sets a Secure Boot variable once, with a later time than "
        + "every update of it that this ledger signed for its component, and at most 31 days ahead of the clock.", "UEFI 2.10 8.2.2");
    public static readonly PkiRule Platform = new("FIRMWARE-16", "What PK is set to is the certificate that signs it, or that of another "
        + "release key of this ledger which is alive.", "house");
    public static readonly PkiRule Again = new("FIRMWARE-17", "No image of a release is one of a release that was withdrawn; where it is, "
        + "that is an exception with its reason.", "house");

    public static IReadOnlyList<PkiRule> All { get; } =
    [
        Environment, Component, OneKey, Counter, Version, Signable, Length, Unchanged, Signer, Taken, Withdrawn, Floor, BuilderKey,
        OneUse, VariableTime, Platform, Again,
    ];
}
