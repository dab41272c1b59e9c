using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Release.Tuf;

/// <summary>Every rule about TUF root metadata, in the order of <c>docs/formats/releases/tuf.md</c>.</summary>
public static class TufRules
{
    public static readonly PkiRule Form = new("TUF-01", "A root file has at most 64 KiB of JSON: the object signed, the list signatures, "
        + "and nothing beside them.", "TUF 1.0 4.2.1");
    public static readonly PkiRule OneSpelling = new("TUF-02", "It can be spelled in one way: no name stands twice in an object, numbers "
        + "are whole and plain, and texts are printable ASCII and line ends.", "TUF 1.0 4.2.1, OLPC canonical JSON");
    public static readonly PkiRule Head = new("TUF-03", "It is a root of TUF 1.0: _type, spec_version, a version of 1 or more, "
        + "consistent_snapshot, and an end in UTC and whole seconds.", "TUF 1.0 4.3");
    public static readonly PkiRule Key = new("TUF-04", "Every key has an identifier of 64 lower-case hex digits and a kind and a scheme "
        + "that are known and belong to it; there are at most 64.", "TUF 1.0 4.2.2");
    public static readonly PkiRule Roles = new("TUF-05", "Its roles are root, snapshot, targets and timestamp; each lists keys of this "
        + "file, each once, and a threshold from 1 to as many.", "TUF 1.0 4.3");
    public static readonly PkiRule OneIdentifier = new("TUF-06", "No key stands under two identifiers, and no identifier names another key "
        + "than in the root before: else one signature counts twice.", "TUF 1.0 4.2.2");
    public static readonly PkiRule Signature = new("TUF-07", "A signature names its key once, is lower-case hex, and holds where its key "
        + "is known; one that is empty is none yet.", "TUF 1.0 4.2.1");
    public static readonly PkiRule Believed = new("TUF-08", "The root before is signed by as many of its own root keys as it asks for.",
        "TUF 1.0 5.3.4");
    public static readonly PkiRule Version = new("TUF-09", "The next root has the version behind that of the root before, and the first "
        + "has version 1: clients fetch them one by one.", "TUF 1.0 5.3.5");
    public static readonly PkiRule Expiry = new("TUF-10", "The next root ends in the future, and not behind the last moment that is "
        + "allowed.", "TUF 1.0 5.3.10");
    public static readonly PkiRule Offline = new("TUF-11", "No root key has another role, for those keys lie on machines; where one has, "
        + "that is an exception with its reason.", "house");
    public static readonly PkiRule Threshold = new("TUF-12", "No threshold is lower than in the root before; where one is, that is an "
        + "exception with its reason.", "house");
    public static readonly PkiRule TestKey = new("TUF-13", "No key is one whose private half is published.", "house");
    public static readonly PkiRule Signed = new("TUF-14", "A root that is handed out is signed by as many root keys as the root before "
        + "asks for, and by as many as it asks for itself.", "TUF 1.0 5.3.4");
    public static readonly PkiRule Scheme = new("TUF-15", "Every key has a scheme that TUF names; ecdsa-sha2-nistp384 is none, and clients "
        + "verify it with different hashes. Where it stands, that is an exception with its reason.", "TUF 1.0 4.2.2");

    public static IReadOnlyList<PkiRule> All { get; } =
    [
        Form, OneSpelling, Head, Key, Roles, OneIdentifier, Signature, Believed, Version, Expiry, Offline, Threshold, TestKey,
        Signed, Scheme,
    ];
}

/// <summary>A root file is not taken; it never leaves the readers.</summary>
internal sealed class TufRefused(Refusal refusal) : Exception
{
    public TufRefused(PkiRule rule, string message, string remedy)
        : this(rule.Refuse(message, remedy))
    {
    }

    public Refusal Refusal => refusal;
}
