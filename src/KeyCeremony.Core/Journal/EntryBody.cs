using System.Collections.Immutable;
using System.Text.Json.Serialization;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Journal;

/// <summary>
/// What one journal entry says. Every kind is one record; its property names are the JSON names of
/// docs/formats/journal.md. No property may ever hold a secret.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind", UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization)]
[JsonDerivedType(typeof(LedgerCreated), "ledger-created")]
[JsonDerivedType(typeof(LedgerRestored), "ledger-restored")]
[JsonDerivedType(typeof(CeremonyOpened), "ceremony-opened")]
[JsonDerivedType(typeof(Reopened), "reopened")]
[JsonDerivedType(typeof(KeyboardUsed), "keyboard-used")]
[JsonDerivedType(typeof(Answered), "answered")]
[JsonDerivedType(typeof(Withdrawn), "withdrawn")]
[JsonDerivedType(typeof(Attempted), "attempted")]
[JsonDerivedType(typeof(Failed), "failed")]
[JsonDerivedType(typeof(LeftoversFound), "leftovers-found")]
[JsonDerivedType(typeof(AttemptResolved), "attempt-resolved")]
[JsonDerivedType(typeof(ExceptionRaised), "exception-raised")]
[JsonDerivedType(typeof(ExceptionSignedOff), "exception-signed-off")]
[JsonDerivedType(typeof(BreakBegan), "break-began")]
[JsonDerivedType(typeof(BreakEnded), "break-ended")]
[JsonDerivedType(typeof(StepDone), "step-done")]
[JsonDerivedType(typeof(CeremonyClosed), "ceremony-closed")]
[JsonDerivedType(typeof(AbortProposed), "abort-proposed")]
[JsonDerivedType(typeof(CeremonyAborted), "ceremony-aborted")]
[JsonDerivedType(typeof(RoomOpened), "room-opened")]
[JsonDerivedType(typeof(NeedsLookedAt), "needs-looked-at")]
[JsonDerivedType(typeof(ApplianceInspected), "appliance-inspected")]
[JsonDerivedType(typeof(ClockCompared), "clock-compared")]
[JsonDerivedType(typeof(BagOpened), "bag-opened")]
[JsonDerivedType(typeof(BagSealed), "bag-sealed")]
[JsonDerivedType(typeof(LedgerInspected), "ledger-inspected")]
[JsonDerivedType(typeof(TokenProbed), "token-probed")]
[JsonDerivedType(typeof(SharesMade), "shares-made")]
[JsonDerivedType(typeof(ShareReadBack), "share-read-back")]
[JsonDerivedType(typeof(SubsetsCombined), "subsets-combined")]
[JsonDerivedType(typeof(ShareSetVoided), "share-set-voided")]
[JsonDerivedType(typeof(SharePresented), "share-presented")]
[JsonDerivedType(typeof(CardChecked), "card-checked")]
[JsonDerivedType(typeof(ForeignCardPresented), "foreign-card-presented")]
[JsonDerivedType(typeof(ForeignMisfit), "foreign-misfit")]
[JsonDerivedType(typeof(SecretRebuilt), "secret-rebuilt")]
[JsonDerivedType(typeof(SecretForgotten), "secret-forgotten")]
[JsonDerivedType(typeof(TokenCommissioned), "token-commissioned")]
[JsonDerivedType(typeof(ActivationChanged), "activation-changed")]
[JsonDerivedType(typeof(TokenUnlocked), "token-unlocked")]
[JsonDerivedType(typeof(TokenLookedAt), "token-looked-at")]
[JsonDerivedType(typeof(TokenLocked), "token-locked")]
[JsonDerivedType(typeof(TokenRetired), "token-retired")]
[JsonDerivedType(typeof(CertificatePreviewed), "certificate-previewed")]
[JsonDerivedType(typeof(KeyGenerated), "key-generated")]
[JsonDerivedType(typeof(CertificateSigned), "certificate-signed")]
[JsonDerivedType(typeof(KeyBackedUp), "key-backed-up")]
[JsonDerivedType(typeof(WrapKeyDestroyed), "wrap-key-destroyed")]
[JsonDerivedType(typeof(BackupDrilled), "backup-drilled")]
[JsonDerivedType(typeof(KeyLocked), "key-locked")]
[JsonDerivedType(typeof(RootsLinked), "roots-linked")]
[JsonDerivedType(typeof(RootWithdrawn), "root-withdrawn")]
[JsonDerivedType(typeof(KeyRestored), "key-restored")]
[JsonDerivedType(typeof(KeyDestroyed), "key-destroyed")]
[JsonDerivedType(typeof(KeyEnded), "key-ended")]
[JsonDerivedType(typeof(CopyAnswered), "copy-answered")]
[JsonDerivedType(typeof(DestructionStated), "destruction-stated")]
[JsonDerivedType(typeof(ImportsFound), "imports-found")]
[JsonDerivedType(typeof(FileReceived), "file-received")]
[JsonDerivedType(typeof(ImportRefused), "import-refused")]
[JsonDerivedType(typeof(LeftOut), "left-out")]
[JsonDerivedType(typeof(RequestRead), "request-read")]
[JsonDerivedType(typeof(CertificateImported), "certificate-imported")]
[JsonDerivedType(typeof(RevocationsRead), "revocations-read")]
[JsonDerivedType(typeof(SerialsUnclear), "serials-unclear")]
[JsonDerivedType(typeof(RevocationEntered), "revocation-entered")]
[JsonDerivedType(typeof(CrlPreviewed), "crl-previewed")]
[JsonDerivedType(typeof(CrlSigned), "crl-signed")]
[JsonDerivedType(typeof(BatchPreviewed), "batch-previewed")]
[JsonDerivedType(typeof(BatchTaken), "batch-taken")]
[JsonDerivedType(typeof(ManifestSigned), "manifest-signed")]
[JsonDerivedType(typeof(BuilderRead), "builder-read")]
[JsonDerivedType(typeof(BuilderKnown), "builder-known")]
[JsonDerivedType(typeof(ReleasePreviewed), "release-previewed")]
[JsonDerivedType(typeof(ReleaseTaken), "release-taken")]
[JsonDerivedType(typeof(ReleaseCompared), "release-compared")]
[JsonDerivedType(typeof(ReleaseSigned), "release-signed")]
[JsonDerivedType(typeof(ReleaseWithdrawn), "release-withdrawn")]
[JsonDerivedType(typeof(ResultsFound), "results-found")]
[JsonDerivedType(typeof(ResultsShown), "results-shown")]
[JsonDerivedType(typeof(TerminalRecorded), "terminal-recorded")]
[JsonDerivedType(typeof(CheckpointSigned), "checkpoint-signed")]
[JsonDerivedType(typeof(HeadStored), "head-stored")]
[JsonDerivedType(typeof(BundleExported), "bundle-exported")]
public abstract record EntryBody;

// ---- the ledger and the ceremony ----

/// <param name="LedgerId">32 lower-case hex digits of randomness.</param>
public sealed record LedgerCreated(string LedgerId, string Environment, string Program) : EntryBody;

/// <summary>
/// The ledger was rebuilt from a bundle after the record sticks were lost. The bundle exists, so the ceremony that
/// wrote it is over; the HSM, where it is left, keeps the head of that bundle's checkpoint.
/// </summary>
/// <param name="CheckpointSha256">Of the bundle's <c>checkpoint.json</c>, lower-case hex.</param>
/// <param name="Statement">Base64 of <c>checkpoint.json</c>; the first program left it out, and the signature with it.</param>
/// <param name="Cms">Base64 of <c>checkpoint.cms</c>: the checkpoint stands in no other entry.</param>
/// <param name="Cosignature">Base64 of <c>checkpoint-pq.cms</c>; null: the bundle has none.</param>
public sealed record LedgerRestored(long Seq, string Head, string CheckpointSha256,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] string? Statement = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] string? Cms = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] string? Cosignature = null) : EntryBody;

/// <param name="Script">The complete script text that runs: a resume and a verifier need no other copy.</param>
/// <param name="Format">The rules that this ceremony is led and replayed by (<see cref="JournalFormats"/>); left out in journals of the
/// first format.</param>
public sealed record CeremonyOpened(string Name, int Version, string ScriptSha256, string Script, string Program,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Format = 0) : EntryBody;

/// <summary>The program was started again: nothing is in memory and the token is locked.</summary>
public sealed record Reopened(string Program) : EntryBody;

/// <summary>From here on people type with this keyboard layout. Since format 4.</summary>
/// <param name="Layout">One of <c>Keyboards</c>; <c>terminal</c>: that of a terminal elsewhere.</param>
public sealed record KeyboardUsed(string Layout) : EntryBody;

/// <param name="Question">The question's ID inside its step.</param>
/// <param name="By">The role that answered.</param>
/// <param name="Person">The person's name, empty before the roll call is done.</param>
public sealed record Answered(string Question, string By, string Person, string Value) : EntryBody;

/// <param name="Seq">The entry of the answer that is taken back.</param>
public sealed record Withdrawn(long Seq) : EntryBody;

/// <summary>On disk before a device acts.</summary>
/// <param name="Effect">The effect's name, e.g. <c>generate-key</c>.</param>
/// <param name="Subject">What it acts on: a key, a token, a set.</param>
/// <param name="CkaId">Lower-case hex CKA_ID of the object it will make, or empty.</param>
/// <param name="Try">1 for the first attempt in this step.</param>
public sealed record Attempted(string Effect, string Subject, string CkaId, int Try) : EntryBody;

/// <param name="Where">The call that failed, e.g. <c>C_Sign CKR_DEVICE_REMOVED</c>.</param>
public sealed record Failed(string Effect, string Subject, string Where, string Message) : EntryBody;

/// <summary>What an interrupted attempt left in the token.</summary>
/// <param name="Complete">Whether it can be adopted as if the attempt had ended well.</param>
public sealed record LeftoversFound(string Effect, string Subject, ImmutableArray<string> Objects, bool Complete) : EntryBody;

/// <param name="Resolution">repeat, adopt, or another: a drill HSM takes the place of the one that is gone.</param>
public sealed record AttemptResolved(string Effect, string Subject, string Resolution) : EntryBody;

/// <param name="Number">1-based in the ceremony.</param>
public sealed record ExceptionRaised(int Number, string Rule, string What) : EntryBody;

public sealed record ExceptionSignedOff(int Number, string Witness, string Remark) : EntryBody;

/// <param name="Remaining">The people who stay in the room; at least two.</param>
public sealed record BreakBegan(ImmutableArray<string> Remaining) : EntryBody;

public sealed record BreakEnded : EntryBody;

public sealed record StepDone : EntryBody;

public sealed record CeremonyClosed : EntryBody;

/// <summary>Somebody wants the ceremony to end without its goal; the witness is asked in person.</summary>
public sealed record AbortProposed(string Reason) : EntryBody;

/// <summary>The ceremony ends without its goal; its keys are never used.</summary>
public sealed record CeremonyAborted(string Reason, string Witness) : EntryBody;

// ---- the room ----

public sealed record RoomOpened(ImmutableArray<Person> People) : EntryBody;

/// <param name="Role">One of the script's roles.</param>
/// <param name="Index">1-based within the role.</param>
public sealed record Person(string Role, int Index, string Name);

/// <summary>What the script needs, looked at before its first step: nothing of it was missing.</summary>
public sealed record NeedsLookedAt(ImmutableArray<Finding> Findings) : EntryBody;

public sealed record ApplianceInspected(ImmutableArray<Finding> Findings) : EntryBody;

/// <param name="Id">The rule's ID, e.g. <c>GATE-01</c>.</param>
/// <param name="Result">pass, warning, fail or unknown.</param>
public sealed record Finding(string Id, string Result, string Text);

/// <param name="OffsetSeconds">Appliance minus witness.</param>
public sealed record ClockCompared(DateTimeOffset Witness, DateTimeOffset Appliance, int OffsetSeconds) : EntryBody;

public sealed record BagOpened(string Content, string Number) : EntryBody;

public sealed record BagSealed(string Content, string Number) : EntryBody;

public sealed record LedgerInspected(string LedgerId, long Seq, string Head, ImmutableArray<Finding> Findings) : EntryBody;

// ---- tokens and secrets ----

/// <param name="Token">primary or drill.</param>
/// <param name="WrapMechanism">The mechanism whose real format was proven, e.g. <c>0x210A</c>; empty when none is usable.</param>
/// <param name="WrapFormat">The proven format: one of <see cref="BackupBlob.Formats"/>; empty when none is usable.</param>
/// <param name="Lock">How a key was locked after its backup, as measured: extractable-false, or nothing; left out before format 4.</param>
/// <param name="Family">The description that the program went by when it chose what to try; left out before format 4.</param>
/// <param name="FamilySha256">Of the family's file; left out before format 4.</param>
public sealed record TokenProbed(string Token, string Label, string Serial, string Manufacturer, string Model,
    int PinMin, int PinMax, string WrapMechanism, string WrapFormat, ImmutableArray<Finding> Findings,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] string? Lock = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] string? Family = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] string? FamilySha256 = null) : EntryBody
{
    public const string ExtractableFalse = "extractable-false";
}

/// <param name="Set">Unique in the ledger, e.g. <c>0001-backup-1</c>.</param>
/// <param name="Name">The script's name for it: activation or backup.</param>
/// <param name="KeyCheck">Key-check value of the secret, hex.</param>
/// <param name="Threshold">How many cards are needed; where there are groups, how many groups.</param>
/// <param name="Sources">Where the randomness came from: hsm, kernel, dice.</param>
/// <param name="Groups">The cards that each group needs and has, in the order of the cards: <c>2 of 3, 2 of 3, 3 of 5</c>; left out
/// where there is one group. Since format 7.</param>
public sealed record SharesMade(string Set, string Name, int Bits, int Threshold, int Identifier,
    ImmutableArray<string> Custodians, ImmutableArray<string> Digests, string KeyCheck, ImmutableArray<string> Sources,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] string? Groups = null) : EntryBody
{
    [JsonIgnore]
    public GroupPlan Plan => GroupPlan.Told(Threshold, Custodians.Length, Groups);
}

/// <param name="Share">1-based.</param>
public sealed record ShareReadBack(string Set, int Share, string Custodian, string Digest) : EntryBody;

public sealed record SubsetsCombined(string Set, int Subsets, string KeyCheck) : EntryBody;

public sealed record ShareSetVoided(string Set, string Reason) : EntryBody;

/// <param name="Custodian">To whom the card was dealt.</param>
/// <param name="Presenter">Who of the roll call came to the screen with it; left out in journals of the first format.</param>
public sealed record SharePresented(string Set, int Share, string Custodian, string Digest,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] string? Presenter = null) : EntryBody;

/// <summary>What became of a card since it was dealt: looked at or typed, no secret rebuilt. Since format 5.</summary>
/// <param name="Custodian">To whom the card was dealt.</param>
/// <param name="Result">One of <see cref="Good"/>, <see cref="Other"/>, <see cref="Unreadable"/>, <see cref="Lost"/>,
/// <see cref="Destroyed"/> and <see cref="DestroyedUnread"/>.</param>
/// <param name="Digest">Of the card that was typed; empty where none was.</param>
/// <param name="Site">Where the card lies from this day on, in people's words; empty: nobody said, or there is no card.</param>
/// <param name="Presenter">Who brought it, where that was somebody else; else left out.</param>
public sealed record CardChecked(string Set, int Share, string Custodian, string Result, string Digest, string Site,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] string? Presenter = null) : EntryBody
{
    /// <summary>It was typed, and is the card that was dealt.</summary>
    public const string Good = "good";

    /// <summary>It was typed, and is a card that this ledger never dealt.</summary>
    public const string Other = "other";

    /// <summary>It is here and its words cannot be read.</summary>
    public const string Unreadable = "unreadable";

    /// <summary>Nobody has it.</summary>
    public const string Lost = "lost";

    /// <summary>It was destroyed before the witness.</summary>
    public const string Destroyed = "destroyed";

    /// <summary>Something was destroyed before the witness as this card, and nobody could read it.</summary>
    public const string DestroyedUnread = "destroyed unread";
}

/// <summary>A card that no ledger of ours dealt was typed. What it says of its set is the public part of SLIP-39. Since format 7.</summary>
/// <param name="Set">The set of this ledger whose secret it is to give.</param>
/// <param name="Group">0-based, as in the card itself; so is <paramref name="Member"/>.</param>
/// <param name="MemberThreshold">How many cards of its group are needed.</param>
/// <param name="Presenter">Who of the roll call came to the screen with it.</param>
public sealed record ForeignCardPresented(string Set, int Identifier, bool Extendable, int IterationExponent, int Group, int GroupThreshold,
    int GroupCount, int Member, int MemberThreshold, string Digest, string Presenter) : EntryBody;

/// <summary>Cards that were made elsewhere gave another secret than the set's. Since format 7.</summary>
/// <param name="Rule">SHARE-16: they do not fit together. SHARE-19: they do, and the secret, or the passphrase, is another one.</param>
public sealed record ForeignMisfit(string Set, string Rule) : EntryBody;

/// <param name="Foreign">Cards that were made elsewhere gave it; left out where the set's own did. Since format 7.</param>
public sealed record SecretRebuilt(string Set, string KeyCheck,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Foreign = false) : EntryBody;

public sealed record SecretForgotten(string Set) : EntryBody;

public sealed record TokenCommissioned(string Label, string Serial, string Manufacturer, string Model, string Set,
    int PinLength, int PinBits) : EntryBody;

/// <summary>The PINs of the primary token are those of another set from here on. Since format 7.</summary>
/// <param name="From">The set whose PINs it had.</param>
/// <param name="Set">The set whose PINs it has.</param>
/// <param name="Old"><see cref="Refused"/> or <see cref="NotTried"/>: what the user's PIN before did when it was tried again.</param>
public sealed record ActivationChanged(string Serial, string From, string Set, string Old) : EntryBody
{
    public const string Refused = "refused";

    /// <summary>The token's family says that a wrong PIN may cost more than it proves.</summary>
    public const string NotTried = "not-tried";
}

/// <param name="Serial">The primary token's serial number.</param>
/// <param name="HeadSeq">The ledger position stored in the token, 0 when there is none yet.</param>
public sealed record TokenUnlocked(string Serial, string Set, long HeadSeq, string Head) : EntryBody;

/// <summary>
/// A process of its own read the token through somebody else's PKCS#11 binding, and what it read was compared with what
/// ours reads. Since format 2.
/// </summary>
/// <param name="Token">primary or drill.</param>
/// <param name="Keys">CKA_IDs of the private and secret keys that the other binding found, lower-case hex, sorted.</param>
/// <param name="Findings">EYES-01 to EYES-03, or EYES-04 alone where the token lets nobody look a second time.</param>
public sealed record TokenLookedAt(string Token, string Serial, ImmutableArray<string> Keys, ImmutableArray<Finding> Findings) : EntryBody;

/// <summary>For the time of a break: a quorum opens it again.</summary>
public sealed record TokenLocked(string Serial) : EntryBody;

/// <param name="How">lost or destroyed; since format 7 replaced.</param>
public sealed record TokenRetired(string Serial, string How, string Remark) : EntryBody
{
    public const string Destroyed = "destroyed";
    public const string Lost = "lost";

    /// <summary>
    /// It works, and its keys move to another HSM in this ceremony; an abort makes it the ledger's again. Since format 7.
    /// </summary>
    public const string Replaced = "replaced";
}

// ---- keys and certificates ----

/// <param name="Plan">The certificate plan as canonical JSON text.</param>
/// <param name="Source">generated, request or existing: where the key comes from.</param>
/// <param name="Tbs">Base64 of the previewed TBSCertificate, under a throw-away key when the real one is yet to be generated.</param>
/// <param name="Asked">What the request asked for beside what is granted, line by line.</param>
public sealed record CertificatePreviewed(string Certificate, string Source, string Key, string Issuer, string Plan, string Tbs,
    string TbsSha256, ImmutableArray<string> Asked, ImmutableArray<Finding> Lint) : EntryBody;

/// <param name="Spki">Base64 SubjectPublicKeyInfo.</param>
/// <param name="Tried">What the HSM said when it was asked to wrap the locked key; left out where it is not locked, and in the first
/// format.</param>
public sealed record KeyGenerated(string Key, string Purpose, string Algorithm, string CkaId, string Serial, string Spki,
    bool Extractable, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] Finding? Tried = null) : EntryBody;

/// <param name="Der">Base64 certificate.</param>
/// <param name="Second">The second implementation's verdict, or why there was none.</param>
public sealed record CertificateSigned(string Certificate, string Key, string Der, string Sha256, string Second) : EntryBody;

/// <param name="Blob">Base64 of the backup blob (docs/formats/backup-blob.md). Public.</param>
/// <param name="From">The set whose quorum brought the key out of the backup before this one; left out where it came from the HSM that made
/// it. Since format 6.</param>
public sealed record KeyBackedUp(string Key, string Set, string Blob, string Sha256,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] string? From = null) : EntryBody;

public sealed record WrapKeyDestroyed(string Set) : EntryBody;

/// <param name="Challenge">Base64 of the random bytes that were signed.</param>
/// <param name="Signature">Base64; verifies under the key's certificate.</param>
public sealed record BackupDrilled(string Key, string Set, string DrillSerial, string Challenge, string Signature) : EntryBody;

/// <param name="Tried">What the HSM said when it was asked to wrap the locked key; left out in the first format.</param>
public sealed record KeyLocked(string Key, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] Finding? Tried = null)
    : EntryBody;

/// <param name="Statement">Base64 of what both roots signed (docs/formats/linked-roots.md).</param>
/// <param name="Signatures">One of each root, over its pre-authentication encoding. Since format 7.</param>
public sealed record RootsLinked(string Statement, ImmutableArray<ManifestSignature> Signatures) : EntryBody;

/// <summary>A root is none any more, says the root that takes over. Since format 7.</summary>
/// <param name="Root">Of the certificate that is withdrawn.</param>
/// <param name="Statement">Base64 of what was signed (docs/formats/withdrawn-root.md).</param>
public sealed record RootWithdrawn(string Root, string Statement, ManifestSignature Signature) : EntryBody;

/// <param name="Tried">As of <see cref="KeyLocked"/>: it comes back locked.</param>
public sealed record KeyRestored(string Key, string Set, string CkaId, string Serial, string Challenge, string Signature,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] Finding? Tried = null) : EntryBody;

/// <summary>
/// A dead key, or since format 7 one that ended or rests, is gone: the token was asked afterwards and holds nothing under this ID.
/// </summary>
/// <param name="CkaId">Lower-case hex.</param>
public sealed record KeyDestroyed(string Key, string CkaId, string Serial) : EntryBody;

/// <summary>
/// A key ends: from this entry on no use of it is legal, also when the ceremony is aborted afterwards. Since format 7.
/// </summary>
/// <param name="SpkiSha256">Of its SubjectPublicKeyInfo, lower-case hex.</param>
public sealed record KeyEnded(string Key, string SpkiSha256, string Reason) : EntryBody;

/// <summary>What became of copies of a key that ended, in people's words. Since format 7.</summary>
/// <param name="Copies">IDs of lines of the inventory.</param>
/// <param name="Result">One of <see cref="Cleared"/>, <see cref="Purged"/>, <see cref="Destroyed"/>, <see cref="None"/> and
/// <see cref="Remains"/>.</param>
/// <param name="Words">Who did it and how, or why it remains.</param>
public sealed record CopyAnswered(string Key, ImmutableArray<string> Copies, string Result, string Words) : EntryBody
{
    /// <summary>Overwritten by ordinary means. NIST SP 800-88, Clear.</summary>
    public const string Cleared = "cleared";

    /// <summary>Not to be brought back in a laboratory either. NIST SP 800-88, Purge.</summary>
    public const string Purged = "purged";

    /// <summary>The medium itself is gone. NIST SP 800-88, Destroy.</summary>
    public const string Destroyed = "destroyed";

    /// <summary>Nobody in the room knows of a copy that the journals do not.</summary>
    public const string None = "none";

    /// <summary>It is there, or somebody may have it.</summary>
    public const string Remains = "remains";
}

/// <summary>
/// The account of every copy of a key that ended, as it leaves the room: the signature over the record covers it. Since format 7.
/// </summary>
/// <param name="Lines">Of the file, without their ends.</param>
/// <param name="Sha256">Of the file: the lines in UTF-8, each with a line feed behind it.</param>
public sealed record DestructionStated(string Key, ImmutableArray<string> Lines, string Sha256) : EntryBody
{
    public static byte[] FileOf(ImmutableArray<string> lines) =>
        System.Text.Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => $"{line}\n")));
}

// ---- what comes in ----

/// <param name="Wanted">request, certificate, revocations, batch, builder or release.</param>
/// <param name="Files">Regular files that could be one, by name.</param>
/// <param name="Ignored">How many other things are there: links, directories, names that are not plain, files too long.</param>
/// <param name="Cameras">How many cameras are there; left out where there is none.</param>
public sealed record ImportsFound(string Wanted, ImmutableArray<FoundFile> Files, int Ignored,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Cameras = 0) : EntryBody;

/// <summary>A file came by camera and lies on both record sticks.</summary>
/// <param name="Subject">The request, certificate or list that was waited for.</param>
/// <param name="File"><c>camera/</c> and the name that its sender gave.</param>
/// <param name="Sha256">Lower-case hex.</param>
public sealed record FileReceived(string Wanted, string Subject, string File, long Length, string Sha256) : EntryBody;

/// <param name="Length">Bytes.</param>
public sealed record FoundFile(string Name, long Length);

/// <param name="Rule">The rule that refused it.</param>
public sealed record ImportRefused(string Wanted, string Subject, string File, string Rule, string Message, string Remedy) : EntryBody;

/// <summary>The script asks for it, and the ceremony goes on without.</summary>
public sealed record LeftOut(string Wanted, string Subject) : EntryBody;

/// <param name="Sha256">Of the file as received, lower-case hex.</param>
/// <param name="Form">pkcs10 or key-proof.</param>
/// <param name="Content">Base64 of the file as received.</param>
/// <param name="Spki">Base64 SubjectPublicKeyInfo.</param>
/// <param name="Findings">What was checked beside the request itself.</param>
public sealed record RequestRead(string Request, string File, string Sha256, string Form, string Content, string Spki,
    ImmutableArray<Finding> Findings) : EntryBody;

/// <param name="Der">Base64 certificate.</param>
/// <param name="Sha256">Of the DER, lower-case hex.</param>
public sealed record CertificateImported(string Certificate, string File, string Sha256, string Der) : EntryBody;

// ---- revocation lists ----

/// <param name="Sha256">Of the file, lower-case hex.</param>
/// <param name="Format">csv, index.txt or crl.</param>
/// <param name="Ignored">Rows that revoke nothing, such as valid certificates of an index.txt.</param>
/// <param name="Findings">Which serials this ledger knows; empty in the first two formats.</param>
/// <param name="Serials">The same in numbers; left out in the first two formats.</param>
/// <param name="Notation">hex or decimal, where people were asked how its serials are written; else left out.</param>
public sealed record RevocationsRead(string Crl, string File, string Sha256, string Format, long Revocations, long Ignored,
    ImmutableArray<Finding> Findings,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] SerialCounts? Serials = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] string? Notation = null) : EntryBody;

/// <param name="Serials">Different ones.</param>
/// <param name="Known">Of these, of certificates that the ledger knows.</param>
/// <param name="Early">Of the known, revoked before their certificate began.</param>
public sealed record SerialCounts(long Serials, long Known, long Early);

/// <summary>All serials of a file are digits only: people say how they are written before it is read.</summary>
/// <param name="Sha256">Of the file, lower-case hex.</param>
/// <param name="First">A serial as it stands there, that is another number in each notation.</param>
/// <param name="AsHex">What they are in hex; left out where one of them is none.</param>
/// <param name="AsDecimal">What they are in decimal.</param>
public sealed record SerialsUnclear(string Crl, string File, string Sha256, string First, SerialCounts AsDecimal,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] SerialCounts? AsHex = null) : EntryBody;

/// <param name="Serial">Lower-case hex.</param>
/// <param name="Reason">As in RFC 5280, e.g. <c>keyCompromise</c>; <c>removeFromCRL</c> ends a hold.</param>
/// <param name="Invalidity">Since when it is not to be believed, or null.</param>
/// <param name="Certificate">Its name when the ledger knows it, or empty.</param>
public sealed record RevocationEntered(string Crl, string Serial, DateTimeOffset Revoked, string Reason,
    DateTimeOffset? Invalidity, string Certificate) : EntryBody;

/// <param name="Number">Decimal.</param>
/// <param name="TbsSha256">SHA-256 of the TBSCertList, lower-case hex.</param>
/// <param name="Previous">SHA-256 of the list before, or empty.</param>
/// <param name="IsPartitioned">Whether another list of the same issuer may stand beside it.</param>
/// <param name="Files">The files that were read, in this order.</param>
/// <param name="Typed">The revocations that were typed.</param>
/// <param name="Certificates">The ledger's certificates that are on the list.</param>
/// <param name="Difference">The difference to the list before, as shown.</param>
/// <param name="DclRecord">The Matter revocation point as JSON, or empty.</param>
public sealed record CrlPreviewed(string Crl, string Issuer, string Number, DateTimeOffset ThisUpdate,
    DateTimeOffset NextUpdate, bool IsPartitioned,
    string TbsSha256, long TbsLength, long Entries, long Added, long Changed, long Removed,
    string Previous, ImmutableArray<RevocationSource> Files,
    ImmutableArray<TypedRevocation> Typed, ImmutableArray<string> Certificates, ImmutableArray<string> Difference, string DclRecord,
    ImmutableArray<Finding> Lint) : EntryBody;

/// <param name="Notation">As in <see cref="RevocationsRead"/>.</param>
public sealed record RevocationSource(string Name, string Sha256,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] string? Notation = null);

public sealed record TypedRevocation(string Serial, DateTimeOffset Revoked, string Reason, DateTimeOffset? Invalidity);

/// <param name="Sha256">Of the whole list in DER, lower-case hex.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Second">The second implementation's verdict, or why there was none.</param>
public sealed record CrlSigned(string Crl, string Issuer, string Number, string Sha256, long Length, string Second) : EntryBody;

// ---- batch manifests ----

/// <param name="File">The factory's draft, as it was called on the stick.</param>
/// <param name="DraftSha256">Of that file, lower-case hex.</param>
/// <param name="Statement">Base64 of the exact bytes that will be signed (docs/formats/batch-manifest.md).</param>
/// <param name="StatementSha256">Of those bytes, lower-case hex.</param>
/// <param name="Findings">What was compared with the stick and the ledger, and what was not there to compare.</param>
public sealed record BatchPreviewed(string BatchId, string File, string DraftSha256, string Statement, string StatementSha256,
    ImmutableArray<Finding> Findings) : EntryBody;

/// <summary>The witness read the statement whole, and it is to be signed in this ceremony.</summary>
public sealed record BatchTaken(string BatchId, string StatementSha256) : EntryBody;

/// <param name="StatementSha256">Of the signed statement, lower-case hex.</param>
/// <param name="Signatures">The signer's first, then those of the co-signers.</param>
/// <param name="Cms">Base64 of the signer's detached CMS signature over the same statement.</param>
/// <param name="Second">The second implementation's verdict on it, or why there was none.</param>
public sealed record ManifestSigned(string BatchId, string StatementSha256, ImmutableArray<ManifestSignature> Signatures,
    string Cms, string Second) : EntryBody;

/// <param name="Certificate">The name of the signer's certificate in the ledger.</param>
/// <param name="KeyId">SHA-256 of its SubjectPublicKeyInfo, lower-case hex.</param>
/// <param name="Signature">Base64 of the DER signature over the DSSE pre-authentication encoding.</param>
public sealed record ManifestSignature(string Certificate, string KeyId, string Signature);

// ---- releases ----

/// <summary>A builder's public key as it lay in a file; it counts when the witness has compared its hash. Since format 7.</summary>
/// <param name="Sha256">Of the key's SubjectPublicKeyInfo, lower-case hex: what the builder sent by another way.</param>
/// <param name="Spki">Base64 of it.</param>
public sealed record BuilderRead(string Builder, string File, string Sha256, string Spki) : EntryBody;

/// <summary>From now on this is the builder's key, and what it had before is none. Since format 7.</summary>
public sealed record BuilderKnown(string Builder, string Sha256, string Spki) : EntryBody;

/// <summary>A release request that was judged, with all that was read of its folder but the images. Since format 7.</summary>
/// <param name="Release">The script's name for what is released: one component of one product.</param>
/// <param name="Folder">As it was called on the stick.</param>
/// <param name="Request">Base64 of release.yaml.</param>
/// <param name="RequestSha256">Of it, lower-case hex.</param>
/// <param name="Statements">The builders' statements, in the order of the request.</param>
/// <param name="Images">What the images say of themselves, in the order of the request.</param>
/// <param name="Findings">What was asked of the ledger.</param>
public sealed record ReleasePreviewed(string Release, string Folder, string Request, string RequestSha256,
    ImmutableArray<BuilderStated> Statements, ImmutableArray<ImageSeen> Images, ImmutableArray<Finding> Findings) : EntryBody;

/// <param name="Envelope">Base64 of the file.</param>
public sealed record BuilderStated(string File, string Envelope);

/// <param name="Version">Empty where the format has none.</param>
/// <param name="SecurityCounter">-1 where the format has none.</param>
/// <param name="Target">Empty where the format has none.</param>
/// <param name="Lines">What else its header says.</param>
/// <param name="Text">Base64 of the file, where its format is kept: a text, or an update of a variable; else null.</param>
public sealed record ImageSeen(string File, long Size, string Sha256, string Version, long SecurityCounter, string Target,
    ImmutableArray<ImageDigest> Digests, ImmutableArray<ImageLine> Lines,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] string? Text = null);

/// <param name="Algorithm"><c>SHA-256</c>, <c>SHA-384</c> or <c>SHA-512</c>.</param>
/// <param name="Digest">Lower-case hex.</param>
/// <param name="Over">Of what.</param>
public sealed record ImageDigest(string Algorithm, string Digest, string Over);

public sealed record ImageLine(string Label, string Value);

/// <summary>The witness compared the request with what the release engineer sent, and it is to be signed in this ceremony.</summary>
public sealed record ReleaseTaken(string Release, string RequestSha256) : EntryBody;

/// <summary>Every file on the stick was read again before the signature, and was what it had been at the preview.</summary>
public sealed record ReleaseCompared(string Release, string RequestSha256) : EntryBody;

/// <param name="Certificate">The name of the signer's certificate in the ledger.</param>
/// <param name="KeyId">SHA-256 of its SubjectPublicKeyInfo, lower-case hex.</param>
/// <param name="Signatures">One for each image, in the order of the request.</param>
public sealed record ReleaseSigned(string Release, string RequestSha256, string Certificate, string KeyId,
    ImmutableArray<ReleaseSignature> Signatures) : EntryBody;

/// <param name="Digest">That was signed, lower-case hex: the one of the preview.</param>
/// <param name="Signature">
/// Base64 of the signature, ECDSA in DER or RSA: over the digest, or over the attributes of the CMS that names it and the time of the
/// attempt.
/// </param>
public sealed record ReleaseSignature(string File, string Algorithm, string Digest, string Signature);

/// <summary>A release must not be shipped any more, and no release of its component has a lower counter from now on.</summary>
/// <param name="RequestSha256">Of the release that is withdrawn.</param>
/// <param name="Floor">The lowest security counter that may be signed.</param>
public sealed record ReleaseWithdrawn(string Release, string Version, string RequestSha256, long Floor, string Reason) : EntryBody;

// ---- what leaves the room ----

/// <param name="Results">What this ceremony made so far and QR codes can carry.</param>
/// <param name="Others">Paths of what it made and the export stick alone carries: too large, or one too many.</param>
public sealed record ResultsFound(ImmutableArray<Result> Results, ImmutableArray<string> Others) : EntryBody;

/// <param name="Path">In the bundle, e.g. <c>certificates/root.der</c>.</param>
/// <param name="Type">Media type (docs/formats/transfer.md).</param>
/// <param name="Length">Bytes.</param>
/// <param name="Sha256">Lower-case hex.</param>
public sealed record Result(string Path, string Type, long Length, string Sha256);

/// <summary>Results were offered to a receiver by QR code. The export stick carries all of them besides.</summary>
/// <param name="Receiver">Who read the codes, as it was typed.</param>
public sealed record ResultsShown(string Receiver, ImmutableArray<ShownResult> Results) : EntryBody;

/// <param name="Words">The words of the hash that the receiver read back; empty: not acknowledged.</param>
public sealed record ShownResult(string Path, string Type, long Length, string Sha256, string Words);

/// <summary>What the terminal showed, where the script says so; since format 4. Files beside the journal.</summary>
/// <param name="Sessions">In the order in which the program ran; empty: nobody sat at a terminal.</param>
public sealed record TerminalRecorded(ImmutableArray<RecordedSession> Sessions) : EntryBody;

/// <param name="Session">1, 2, … of the ceremony; one that tells nothing is left out.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Sha256">Of the file, lower-case hex.</param>
public sealed record RecordedSession(int Session, long Length, string Sha256);

/// <param name="Seq">The last entry the statement covers.</param>
/// <param name="Statement">Base64 of the statement's exact bytes (docs/formats/bundle.md).</param>
/// <param name="Cms">Base64 of the detached CMS signature over it.</param>
/// <param name="Cosignature">The same by the transcript key of ML-DSA; null: the HSM holds none.</param>
public sealed record CheckpointSigned(long Seq, string Head, string Statement, string Cms,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] string? Cosignature = null) : EntryBody;

public sealed record HeadStored(long Seq, string Head, string Serial) : EntryBody;

/// <param name="Sums">SHA-256 of the bundle's SHA256SUMS file, lower-case hex.</param>
public sealed record BundleExported(string Sums, ImmutableArray<string> Files) : EntryBody;
