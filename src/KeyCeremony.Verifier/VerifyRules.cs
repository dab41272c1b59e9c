namespace KeyCeremony.Verifier;

/// <summary>One thing that the verification proves.</summary>
/// <param name="Claim">What is true when the check passes.</param>
public sealed record VerifyRule(string Id, string Claim);

/// <summary>Every check of <c>keyceremony verify</c>, in the order in which they are made.</summary>
public static class VerifyRules
{
    // ---- the files ----
    public static readonly VerifyRule Folder = new("VERIFY-01", "The bundle holds regular files of known names and sizes, no links and nothing else.");
    public static readonly VerifyRule Sums = new("VERIFY-02", "SHA256SUMS lists every other file, each with its hash.");
    public static readonly VerifyRule Statement = new("VERIFY-03", "checkpoint.json is a statement in exact form and names every file with its hash.");
    public static readonly VerifyRule Chain = new("VERIFY-04", "journal.jsonl is an unbroken hash chain; its clock never goes back.");
    public static readonly VerifyRule Position = new("VERIFY-05", "The statement names this journal: ledger, environment, ceremony, script, last entry, head, time.");
    public static readonly VerifyRule FromJournal = new("VERIFY-06", "Scripts, requests, certificates, backups, revocation lists and batch manifests are exactly those in the journal.");

    public static readonly VerifyRule Replay = new("VERIFY-50", "Led again from its scripts, the engine comes to every entry of the journal: each was due, was said by whose turn it was, and says what was to be done.");

    // ---- the signature ----
    public static readonly VerifyRule Signature = new("VERIFY-07", "checkpoint.cms is one good signature over the statement, in its one form, made when the statement says.");
    public static readonly VerifyRule Signer = new("VERIFY-08", "The signer is the journal's newest transcript key; its certificate has the transcript profile and certifies nothing.");
    public static readonly VerifyRule SignerChain = new("VERIFY-09", "The transcript certificate is self-signed or chains to a root in the journal; it and those above it were valid and not revoked when it signed.");
    public static readonly VerifyRule Trust = new("VERIFY-10", "The end of the signer's path, or the signer itself, is the certificate that was named by --trust or --words.");
    public static readonly VerifyRule Checkpoints = new("VERIFY-11", "Every earlier ceremony that was closed has its checkpoint, which passes what the last one passes.");

    public static readonly VerifyRule Format = new("VERIFY-47", "The journal is of a format that this program knows.");
    public static readonly VerifyRule CertificateNames = new("VERIFY-44", "Every certificate of the ledger has a name of its own.");
    public static readonly VerifyRule SignerLine = new("VERIFY-45", "A transcript certificate is self-signed only while the ledger has no root; each later one is certified under the ledger's root, or stands before a checkpoint of the one before it.");
    public static readonly VerifyRule PinnedScript = new("VERIFY-46", "The last ceremony ran the script that was named by --script.");

    // ---- the ceremonies ----
    public static readonly VerifyRule Script = new("VERIFY-12", "Every recorded script has the recorded hash, is a script, passes its check and may run in this environment.");
    public static readonly VerifyRule Steps = new("VERIFY-13", "Every ceremony ran its script's steps once each and in order.");
    public static readonly VerifyRule Facts = new("VERIFY-14", "Every step left the facts that it exists for.");
    public static readonly VerifyRule Closed = new("VERIFY-15", "This ceremony was closed as its last act; every earlier one was closed or aborted.");
    public static readonly VerifyRule People = new("VERIFY-16", "Every seat was taken and nobody sat in two.");
    public static readonly VerifyRule Exceptions = new("VERIFY-17", "Every exception was signed off by the witness.");
    public static readonly VerifyRule Attempts = new("VERIFY-18", "Every device call that was begun has a recorded end.");
    public static readonly VerifyRule Gate = new("VERIFY-19", "The appliance and every HSM passed their inspection; outside production the appliance's failures are recorded.");
    public static readonly VerifyRule Bags = new("VERIFY-20", "Every opened bag carried the number it was sealed with, or an exception says otherwise; no number was used twice.");

    // ---- the shares ----
    public static readonly VerifyRule ShareSets = new("VERIFY-21", "Every share set in use has one digest a custodian, a possible threshold and different custodians.");
    public static readonly VerifyRule ReadBack = new("VERIFY-22", "Every share was read back by its custodian with the digest it was dealt with.");
    public static readonly VerifyRule Combined = new("VERIFY-23", "Every quorum of every set was combined and gave the same secret.");
    public static readonly VerifyRule Presented = new("VERIFY-24", "Every presented share is one that was dealt, and secrets were rebuilt from a full quorum only.");

    // ---- the keys ----
    public static readonly VerifyRule Previewed = new("VERIFY-25", "Every certificate was previewed and linted without failure before its key existed and before it was signed.");
    public static readonly VerifyRule Certificate = new("VERIFY-26", "Every certificate equals its preview but for the key, begins at most a day before it was signed, passes its profile's rules, and its signature holds.");
    public static readonly VerifyRule CertifiedKey = new("VERIFY-27", "Every certificate holds the key that was generated, requested or already certified under its name, and is what the script asks for.");
    public static readonly VerifyRule Backup = new("VERIFY-28", "Every extractable key has a backup blob that names it.");
    public static readonly VerifyRule Drill = new("VERIFY-29", "Every backup was drilled in a second HSM: the recovered key signed a challenge that verifies under the key.");
    public static readonly VerifyRule Locked = new("VERIFY-30", "Every wrap key was destroyed and every key locked before the ceremony closed.");
    public static readonly VerifyRule Heads = new("VERIFY-31", "Whenever the HSM was unlocked, the head that it kept was this ledger's.");

    // ---- requests and revocation lists ----
    public static readonly VerifyRule Requests = new("VERIFY-33", "Every request proves that its sender has the key, and its hash was compared with what its owner sent by another way.");
    public static readonly VerifyRule OneKeyOneCertificate = new("VERIFY-34", "No request brought a key that this ledger knew, and no serial number stands twice.");
    public static readonly VerifyRule Lists = new("VERIFY-35", "Every revocation list was previewed and linted without failure before it was signed.");
    public static readonly VerifyRule ListChain = new("VERIFY-36", "The lists of each series are numbered without gap, and neither number nor dates go back; a hole between two is an exception.");
    public static readonly VerifyRule ListFiles = new("VERIFY-37", "Every list in the bundle is the one the journal names, passes its rules and is signed by its issuer.");

    // ---- several bundles ----
    public static readonly VerifyRule Continuity = new("VERIFY-32", "The bundles belong to one ledger, and each journal continues the one before.");
    public static readonly VerifyRule ListContents = new("VERIFY-38", "No entry left a revocation list but those that the journal says were taken off.");

    // ---- batch manifests ----
    public static readonly VerifyRule Manifests = new("VERIFY-39", "Every batch manifest was compared and read before it was signed, is the statement that was shown, and names the journal's head of that moment.");
    public static readonly VerifyRule ManifestLedger = new("VERIFY-40", "Every batch belongs to this environment and to a CA of this ledger that was not revoked; no batch id stands twice, the manifests of a product name each other without gap, and no security counter goes back.");
    public static readonly VerifyRule ManifestSignatures = new("VERIFY-41", "Every signature of a manifest, in its envelope and in its CMS, holds under a manifest key that the script names, whose certificate chains to a root of the journal and was valid and not revoked.");

    // ---- results by QR code ----
    public static readonly VerifyRule Results = new("VERIFY-42", "Every result that was shown as QR codes is a file of its ceremony's bundle with this hash, and the words that acknowledged it are the first of that hash and were typed.");

    // ---- the report ----
    public static readonly VerifyRule Report = new("VERIFY-43", "report.pdf is, byte for byte, what this program composes from the journal.");

    /// <summary>Asked only of several bundles together.</summary>
    public static readonly IReadOnlyList<VerifyRule> OfSeveral = [Continuity, ListContents];

    public static readonly IReadOnlyList<VerifyRule> All =
    [
        Folder, Sums, Format, Statement, Chain, Position, FromJournal, CertificateNames, Signature, Signer, SignerChain, Trust, PinnedScript, Replay, Checkpoints, SignerLine,
        Script, Steps, Facts,
        Closed, People, Exceptions, Attempts, Gate, Bags, ShareSets, ReadBack, Combined, Presented, Previewed, Certificate, CertifiedKey,
        Backup, Drill, Locked, Heads, Requests, OneKeyOneCertificate, Lists, ListChain,
        Manifests, ManifestLedger, ManifestSignatures, Results, Report, ListFiles, .. OfSeveral,
    ];
}
