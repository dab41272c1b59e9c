using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Release;

/// <summary>Every rule about a release request and its builders, in the order of <c>docs/formats/releases/request.md</c>.</summary>
public static class ReleaseRules
{
    public static readonly PkiRule Form = new("RELEASE-01", "release.yaml is at most 64 KiB of UTF-8 with the fields of a release, each "
        + "once and with a value of its kind, and nothing else: no comment, no anchor, no text over several lines.", "house");
    public static readonly PkiRule Text = new("RELEASE-02", "Every text of release.yaml has 1 to 128 "
        + "characters that can be seen, in one script, composed (NFC), with single spaces inside.", "house");
    public static readonly PkiRule Names = new("RELEASE-03",
        "Every file is named by a plain file name, without a folder, and no name stands twice.", "house");
    public static readonly PkiRule Missing = new("RELEASE-04",
        "Every file that release.yaml names lies beside it and can be read to its end.", "house");
    public static readonly PkiRule Alone = new("RELEASE-05",
        "Nothing lies in a request's folder that release.yaml does not name.", "house");
    public static readonly PkiRule Hash = new("RELEASE-06", "An image has the size and the SHA-256 that release.yaml gives it.", "house");
    public static readonly PkiRule Version = new("RELEASE-07",
        "The version in an image is the release's, where its format has one.", "house");
    public static readonly PkiRule Counter = new("RELEASE-08",
        "The security counter in an image is the release's, where its format has one.", "house");
    public static readonly PkiRule Target = new("RELEASE-09",
        "An image's target is given where its format has one, and is the one in the image; else none is given.", "house");
    public static readonly PkiRule TestKey = new("RELEASE-10", "No key that is published for tests has signed an image.", "house");
    public static readonly PkiRule Unsigned = new("RELEASE-11", "An image that is to be signed carries no signature yet.", "house");
    public static readonly PkiRule Command = new("RELEASE-12", "The request is a folder that can be read.", "house");

    public static readonly PkiRule Key = new("BUILDER-01", "A builder's key is one public key in a file, DER or PEM, on P-256 or P-384 or "
        + "of ML-DSA; none is published for tests, and none is given twice.", "house");
    public static readonly PkiRule Two = new("BUILDER-02",
        "At least two builders are named, each once, with an id, a key and a statement of its own.", "house");
    public static readonly PkiRule Known = new("BUILDER-03",
        "The key that release.yaml names for a builder is one of those that are given as builders' keys.", "house");
    public static readonly PkiRule Signed = new("BUILDER-04",
        "A builder's statement has a signature that holds under the builder's key over the exact bytes of the payload.", "DSSE 1.0");
    public static readonly PkiRule Statement = new("BUILDER-05", "A builder's statement is an in-toto Statement v1 with a predicate of "
        + "SLSA provenance v1 or of a release build in version 1, with every field that is needed.", "in-toto Statement v1, SLSA 1.0");
    public static readonly PkiRule Identity = new("BUILDER-06",
        "The builder that the statement names is the one that release.yaml names.", "SLSA 1.0");
    public static readonly PkiRule Subject = new("BUILDER-07",
        "Every image of the release is a subject of each builder's statement, by its file name and once.", "in-toto Statement v1");
    public static readonly PkiRule Agreement = new("BUILDER-08",
        "Every builder's statement gives an image the SHA-256 that release.yaml gives it.", "house");
    public static readonly PkiRule Second = new("BUILDER-09",
        "A second implementation accepts every builder's signature that the first one accepts.", "house");

    public static IReadOnlyList<PkiRule> All { get; } =
    [
        Form, Text, Names, Missing, Alone, Hash, Version, Counter, Target, TestKey, Unsigned, Command,
        Key, Two, Known, Signed, Statement, Identity, Subject, Agreement, Second,
    ];
}
