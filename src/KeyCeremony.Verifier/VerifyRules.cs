namespace KeyCeremony.Verifier;

/// <summary>One thing that the verification proves.</summary>
/// <param name="Claim">What is true when the check passes.</param>
public sealed record VerifyRule(string Id, string Claim);

/// <summary>Every check of <c>keyceremony verify</c>, in the order in which they are made.</summary>
public static class VerifyRules
{
    // ---- the files ----
    public static readonly VerifyRule Folder = new("VERIFY-01",
        "The bundle holds regular files of known names and sizes, no links and nothing else.");
    public static readonly VerifyRule Sums = new("VERIFY-02", "SHA256SUMS lists every other file, each with its hash.");
    public static readonly VerifyRule Statement = new("VERIFY-03",
        "checkpoint.json is a statement in exact form and names every file with its hash.");
    public static readonly VerifyRule Chain = new("VERIFY-04", "journal.jsonl is an unbroken hash chain; its clock never goes back.");
    public static readonly VerifyRule Position = new("VERIFY-05",
        "The statement names this journal: ledger, environment, ceremony, script, last entry, head, time.");
    public static readonly VerifyRule FromJournal = new("VERIFY-06",
        "Scripts, requests, certificates, backups, revocation lists, batch manifests and releases are exactly those in the journal.");

    public static readonly VerifyRule Replay = new("VERIFY-50", "Led again from its scripts, "
        + "the engine comes to every entry of the journal: each was due, was said by whose turn it was, and says what was to be done.");

    // ---- the signature ----
    public static readonly VerifyRule Signature = new("VERIFY-07",
        "checkpoint.cms is one good signature over the statement, in its one form, made when the statement says.");
    public static readonly VerifyRule Signer = new("VERIFY-08",
        "The signer is the journal's newest classical transcript key; its certificate has the transcript profile and certifies nothing.");
    public static readonly VerifyRule SignerChain = new("VERIFY-09", "The transcript certificate "
        + "is self-signed or chains to a root in the journal; it and those above it were valid and not revoked when it signed.");
    public static readonly VerifyRule Cosignature = new("VERIFY-57", "Where the HSM held a transcript key of ML-DSA, that one "
        + "signed the statement, too: checkpoint-pq.cms is its good signature, and passes what VERIFY-07 to VERIFY-09 ask of the other.");
    public static readonly VerifyRule Trust = new("VERIFY-10",
        "The end of a signer's path, or the signer itself, is the certificate that was named by --trust or --words.");
    public static readonly VerifyRule Checkpoints = new("VERIFY-11",
        "Every earlier ceremony that was closed has its checkpoint, which passes what the last one passes.");
    public static readonly VerifyRule Format = new("VERIFY-47", "The journal is of a format that this program knows.");
    public static readonly VerifyRule CertificateNames = new("VERIFY-44", "Every certificate of the ledger has a name of its own.");
    public static readonly VerifyRule SignerLine = new("VERIFY-45", "A transcript certificate is self-signed only while the "
        + "ledger has no root; each later one is certified under the ledger's root, or stands before a checkpoint of the one before it.");
    public static readonly VerifyRule PinnedScript = new("VERIFY-46", "The last ceremony ran the script that was named by --script.");

    // ---- the ceremonies ----
    public static readonly VerifyRule Script = new("VERIFY-12", "Every recorded script passes its check.");
    public static readonly VerifyRule Closed = new("VERIFY-15", "This ceremony was closed as its last act.");
    public static readonly VerifyRule Time = new("VERIFY-51",
        "In production every ceremony took at least the time that people need to answer and to type their cards.");

    public static readonly VerifyRule Dead = new("VERIFY-52", "Nothing was used that an aborted ceremony made.");
    public static readonly VerifyRule Seats = new("VERIFY-53",
        "Nobody sat in two seats that the script does not give to one person, whatever letters a name was written in.");

    // ---- the keys ----
    public static readonly VerifyRule Certificate = new("VERIFY-26", "Every certificate begins at most a day before it was signed.");
    public static readonly VerifyRule Challenges = new("VERIFY-29",
        "No challenge was signed twice: every drill and every restoration signed its own.");

    // ---- requests and revocation lists ----
    public static readonly VerifyRule SerialNumbers = new("VERIFY-34", "No serial number stands in two certificates.");
    public static readonly VerifyRule ListFiles = new("VERIFY-37", "Every list in the bundle is the one that was previewed "
        + "and signed, passes its rules, is signed by its issuer, and revokes those of the ledger's certificates that the journal names.");

    // ---- several bundles ----
    public static readonly VerifyRule Continuity = new("VERIFY-32",
        "The bundles belong to one ledger, and each journal continues the one before and holds the signatures of its bundle.");
    public static readonly VerifyRule ListContents = new("VERIFY-38",
        "No entry left a revocation list but those that the journal says were taken off.");

    // ---- batch manifests ----
    public static readonly VerifyRule ManifestSignatures = new("VERIFY-41", "Every signature of a manifest, in its envelope "
        + "and in its CMS, holds under its manifest key, whose certificate chains to a root of the journal and was valid and not revoked.");

    // ---- releases ----
    public static readonly VerifyRule ReleaseSignatures = new("VERIFY-56",
        "Every signature of a release is over the digest that was shown, and holds under its release key, "
        + "whose certificate chains to a root of the journal and was valid and not revoked.");

    public static readonly VerifyRule Firmware = new("VERIFY-58",
        "Every image of a batch that this ledger had released agrees with its release, which was not withdrawn and not below the lowest "
        + "counter; or the witness signed the exception off.");

    // ---- results by QR code ----
    public static readonly VerifyRule Results = new("VERIFY-42",
        "Every result that was offered as QR codes is a file of its ceremony's bundle, with this hash, and none was left out.");

    // ---- the report ----
    public static readonly VerifyRule Report = new("VERIFY-43",
        "report.pdf is, byte for byte, what this program composes from the journal.");

    public static readonly VerifyRule Recordings = new("VERIFY-55", "Every recording of the terminal can be played: "
        + "it is in its one form, and holds nothing that steers a terminal in another way than our screens do.");

    // ---- the second opinion ----
    public static readonly VerifyRule SecondOpinion = new("VERIFY-54",
        "A second implementation, BouncyCastle, accepts every key, request, certificate, newest list, "
        + "challenge, checkpoint, manifest and release signature that the first one accepted.");

    /// <summary>Asked only of several bundles together.</summary>
    public static readonly IReadOnlyList<VerifyRule> OfSeveral = [Continuity, ListContents];

    public static readonly IReadOnlyList<VerifyRule> All =
    [
        Folder, Sums, Format, Statement, Chain, Position, FromJournal, CertificateNames,
        Signature, Signer, SignerChain, Cosignature, Trust, PinnedScript, Replay,
        Checkpoints, SignerLine,
        Script, Closed, Time, Dead, Seats, Certificate, Challenges, SerialNumbers,
        ManifestSignatures, ReleaseSignatures, Firmware, Results, Report, ListFiles, Recordings, SecondOpinion, .. OfSeveral,
    ];
}
