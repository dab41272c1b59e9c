using System.Collections.Immutable;

namespace KeyCeremony.Core.Script;

/// <summary>One numbered heading of the script with its <c>step</c> block.</summary>
/// <param name="Id">Unique in the script; lower-case words joined by hyphens.</param>
/// <param name="Number">1-based position.</param>
/// <param name="Title">The heading without its number.</param>
/// <param name="Section">The unnumbered heading above it, or an empty string.</param>
/// <param name="Prose">The Markdown between heading and block: what the administrator reads aloud.</param>
/// <param name="By">The role whose turn it is.</param>
/// <param name="Line">1-based line of the <c>step</c> block in the composed text.</param>
public abstract record Step(string Id, int Number, string Title, string Section, string Prose, string By, int Line);

/// <summary><c>do: roll-call</c>: every seat gets a name; one person sits in one seat.</summary>
public sealed record RollCallStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary><c>do: record</c>: facts of the room that only people know (door log, video reference, serial numbers).</summary>
public sealed record RecordStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    ImmutableArray<RecordField> Fields)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <param name="Kind">text, number, serial, sha256 or utc.</param>
/// <param name="Optional">An empty answer is taken and recorded as such.</param>
public sealed record RecordField(string Id, string Ask, string Kind, bool Optional)
{
    /// <summary>The kind of what is printed on a device: no two devices have the same.</summary>
    public const string Serial = "serial";

    /// <summary>The field that asks for the number of an HSM: it is compared with what the HSM says.</summary>
    /// <param name="token">primary or drill.</param>
    public static string OfHsm(string token) => $"{token}-hsm";
}

/// <summary><c>do: confirm</c>: somebody types a phrase after it was read aloud.</summary>
public sealed record ConfirmStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    string Ask, string Type)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary><c>do: appliance-gate</c>: network, swap, core dumps, mounts, devices.</summary>
public sealed record GateStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary><c>do: clock</c>: the witness's UTC is typed; the offset is recorded.</summary>
/// <param name="ToleranceSeconds">Largest offset that is taken without an exception, 1 to 3600.</param>
public sealed record ClockStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    int ToleranceSeconds)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary>
/// <c>do: open-bags</c>: each listed content comes out of a bag whose number must be the one recorded when it was sealed.
/// </summary>
/// <param name="Optional">Contents whose bags may stay closed today, such as the cards of officers who are not needed.</param>
public sealed record OpenBagsStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    ImmutableArray<string> Contents, ImmutableArray<string> Optional)
    : Step(Id, Number, Title, Section, Prose, By, Line)
{
    public IEnumerable<string> All => Contents.Concat(Optional);
}

/// <summary>
/// <c>do: seal-bags</c>: each listed content goes into a new bag whose number is recorded; what stayed in its bag stays there.
/// </summary>
public sealed record SealBagsStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    ImmutableArray<string> Contents)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary><c>do: ledger</c>: both record sticks are read whole and compared; the head is read aloud.</summary>
public sealed record LedgerStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary><c>do: inspect-hsm</c>: the token profile probe.</summary>
/// <param name="Token">primary or drill.</param>
/// <param name="Expect">blank or commissioned.</param>
public sealed record InspectHsmStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    string Token, string Expect)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary>
/// <c>do: deal-shares</c>: a secret is mixed, split, dealt, read back by every custodian, and every threshold subset combined.
/// </summary>
/// <param name="Set">activation or backup.</param>
/// <param name="Quorum">The name of a quorum of the script.</param>
/// <param name="Bits">128 or 256.</param>
/// <param name="Dice">Whether dice are thrown into the mix.</param>
/// <param name="Cards">What the cards are called on their bags, before the number, e.g. <c>backup share card</c>.</param>
/// <param name="Sites">Where each card will lie, in the order of the cards; empty: the script does not say.</param>
public sealed record DealSharesStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    string Set, string Quorum, int Bits, bool Dice, string Cards, ImmutableArray<string> Sites)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary><c>do: commission-hsm</c>: the primary token is initialised under PINs derived from the activation set.</summary>
/// <param name="Label">Token label, 1 to 32 printable ASCII characters.</param>
public sealed record CommissionHsmStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    string Label)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary><c>do: unlock-hsm</c>: a quorum of officers presents activation shares.</summary>
public sealed record UnlockHsmStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary>
/// <c>do: preview-certificate</c>: the exact TBS is shown and linted under a throw-away key, before the real one exists or signs.
/// </summary>
/// <param name="Certificate">The certificate's name in this ceremony, e.g. <c>root</c>.</param>
/// <param name="Source">Where the certified key comes from.</param>
/// <param name="Key">The key, request or existing certificate whose key it certifies.</param>
/// <param name="Issuer">The name of the issuing certificate; equal to <paramref name="Certificate"/> when self-signed.</param>
/// <param name="Profile">A profile name, e.g. <c>root</c>, <c>matter-paa</c>, <c>transcript-signer</c>.</param>
/// <param name="Algorithm">A <see cref="Pki.KeyAlgorithm.ScriptName"/>.</param>
/// <param name="Subject">Attribute type and value, in the order they are encoded; empty when an existing certificate gives it.</param>
/// <param name="Days">notAfter minus notBefore in days; 0 means no end (99991231235959Z).</param>
/// <param name="PathLength">null: absent.</param>
/// <param name="Purposes">extKeyUsage as dotted OIDs; empty takes the profile's.</param>
/// <param name="Policies">Policy OIDs; empty: none.</param>
/// <param name="CrlAddresses">http URIs; empty: no CRL distribution point.</param>
public sealed record PreviewCertificateStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    string Certificate, KeySource Source, string Key, string Issuer, string Profile, string Algorithm,
    ImmutableArray<SubjectAttribute> Subject, int Days, int? PathLength,
    ImmutableArray<string> Purposes, ImmutableArray<string> Policies, ImmutableArray<string> CrlAddresses)
    : Step(Id, Number, Title, Section, Prose, By, Line)
{
    /// <summary>Why an ML-DSA key stands under a classical one; empty: it does not.</summary>
    public string UnderClassical { get; init; } = "";
}

/// <summary>Where the key that a certificate names comes from.</summary>
public enum KeySource
{
    /// <summary>It is generated in the primary HSM.</summary>
    Generated,

    /// <summary>A request brought it.</summary>
    Request,

    /// <summary>Another certificate of the same CA has it: a cross-certificate.</summary>
    Existing,
}

public sealed record SubjectAttribute(string Type, string Value);

/// <summary><c>do: generate-key</c>: made inside the primary token.</summary>
/// <param name="Purpose">One of <see cref="KeyPurposes"/>. A transcript or manifest key never signs certificates.</param>
/// <param name="Backup">Whether the key will be wrapped; a key without backup is locked non-extractable at once.</param>
public sealed record GenerateKeyStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    string Key, string Purpose, string Algorithm, bool Backup)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary><c>do: sign-certificate</c>: signs what was previewed, compares the TBS, verifies by two implementations.</summary>
public sealed record SignCertificateStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    string Certificate)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary>
/// <c>do: rewrap-key</c>: a quorum of the cards that are replaced brings the key out of its backup in the drill HSM, and it is wrapped
/// under the wrap key of the cards that were dealt; the new blob is public as the old one.
/// </summary>
/// <param name="Set">The new set; the old one is the ledger's.</param>
/// <param name="Foreign">The cards that give the wrap key of the backup before were made elsewhere.</param>
public sealed record RewrapKeyStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    string Key, string Set, bool Foreign = false)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary><c>do: backup-key</c>: the key is wrapped under the dealt wrap key; the blob is public.</summary>
public sealed record BackupKeyStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    string Key, string Set)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary><c>do: destroy-wrap-key</c>: the wrap key leaves the token and the memory.</summary>
public sealed record DestroyWrapKeyStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    string Set)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary>
/// <c>do: recovery-drill</c>: custodians present a quorum, the key comes back in the drill token, signs a challenge, and the token is
/// wiped.
/// </summary>
public sealed record RecoveryDrillStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    string Key, string Set)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary><c>do: lock-key</c>: the key becomes non-extractable for good.</summary>
public sealed record LockKeyStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    string Key)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary><c>do: link-roots</c>: both roots sign one statement that names both by their hashes.</summary>
/// <param name="Roots">Names of two self-signed certificates.</param>
public sealed record LinkRootsStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    ImmutableArray<string> Roots)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary>
/// <c>do: change-activation</c>: a quorum of the activation cards that are replaced opens the primary HSM once more, and its PINs become
/// those of the activation cards that were dealt in this ceremony.
/// </summary>
public sealed record ChangeActivationStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary><c>do: retire-hsm</c>: the old token is recorded as lost or destroyed.</summary>
public sealed record RetireHsmStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary><c>do: destroy-abandoned</c>: every key that an aborted ceremony left in the primary HSM is destroyed there.</summary>
public sealed record DestroyAbandonedStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary>
/// <c>do: destroy-key</c>: the key ends by the witness's word, and what of it lies in the primary HSM is destroyed there; the HSM is asked
/// afterwards.
/// </summary>
public sealed record DestroyKeyStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    string Key)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary>
/// <c>do: account-copies</c>: every copy of the key that the journals know is proven gone, or somebody says what became of it; the account
/// of all is stated.
/// </summary>
public sealed record AccountCopiesStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    string Key)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary>
/// <c>do: rest-key</c>: what lies of the key in the primary HSM is destroyed there; it exists as backup and cards alone, until it is
/// restored.
/// </summary>
/// <param name="Key">A root's key that was made, drilled and locked before.</param>
public sealed record RestKeyStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    string Key)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary><c>do: end-key</c>: the key ends by the witness's word, and nothing is destroyed yet.</summary>
public sealed record EndKeyStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    string Key)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary><c>do: withdraw-root</c>: the root that is next says that the one whose key ended is a root no more.</summary>
/// <param name="Root">A self-signed certificate whose key ended.</param>
/// <param name="Successor">One that was linked with it, whose key is in the primary HSM.</param>
public sealed record WithdrawRootStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    string Root, string Successor)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary><c>do: replace-hsm</c>: the HSM in use works and steps back; its keys move to the one that is commissioned next.</summary>
public sealed record ReplaceHsmStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary><c>do: empty-hsm</c>: what the HSM that was replaced holds is destroyed in it, or remains with a reason.</summary>
public sealed record EmptyHsmStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary><c>do: restore-key</c>: from the ledger's backup blob and a quorum of backup shares onto the fresh primary token.</summary>
/// <param name="Key">A key the ledger knows with a backup.</param>
/// <param name="Foreign">The cards that give the backup's wrap key were made elsewhere.</param>
public sealed record RestoreKeyStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    string Key, bool Foreign = false)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary>
/// <c>do: import-request</c>: a request comes from the import stick, is checked, and its hash is compared with what its owner sent by
/// another way.
/// </summary>
/// <param name="Request">The request's name in the ledger.</param>
public sealed record ImportRequestStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    string Request)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary><c>do: import-certificate</c>: a CA certificate from elsewhere comes from the import stick, to be cross-certified.</summary>
/// <param name="Certificate">Its name in the ledger.</param>
public sealed record ImportCertificateStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    string Certificate)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary>
/// <c>do: preview-crl</c>: revocations are read or typed, the exact TBS is written, and its difference to the last list is shown.
/// </summary>
/// <param name="Crl">The series' name; its numbers count up from 1.</param>
/// <param name="Issuer">The certificate whose key signs.</param>
/// <param name="Days">nextUpdate minus thisUpdate.</param>
/// <param name="Scope">full, ca-certificates or user-certificates.</param>
/// <param name="Address">The URI of the critical issuingDistributionPoint, or empty: the list then has none.</param>
/// <param name="Shard">Which serials it covers; null: all.</param>
/// <param name="DclLabel">Label of the Matter revocation point that is written beside the list, or empty.</param>
/// <param name="DclUrl">Where the list will be published, for that record.</param>
public sealed record PreviewCrlStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    string Crl, string Issuer, int Days, string Scope, string Address, Shard? Shard, string DclLabel, string DclUrl)
    : Step(Id, Number, Title, Section, Prose, By, Line)
{
    public const string Full = "full";
    public const string CaCertificates = "ca-certificates";
    public const string UserCertificates = "user-certificates";

    public static readonly string[] Scopes = [Full, CaCertificates, UserCertificates];

    /// <summary>Whether another list of the same issuer may stand beside it.</summary>
    public bool IsPartitioned => Scope != Full || Address.Length > 0 || Shard is not null;
}

/// <summary>Written <c>2 of 8</c>: the serials whose remainder by <paramref name="Count"/> is <paramref name="Index"/> - 1.</summary>
public sealed record Shard(int Index, int Count);

/// <summary><c>do: sign-crl</c>: signs the list that was previewed and verifies it by two implementations.</summary>
public sealed record SignCrlStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    string Crl)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary>
/// <c>do: preview-manifests</c>: one after another, batches of devices are read from the import stick, checked against all
/// that the ledger and the stick know, and shown in words.
/// </summary>
public sealed record PreviewManifestsStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary><c>do: sign-manifests</c>: signs the statement of every batch that was taken in this ceremony.</summary>
/// <param name="Signer">The certificate whose key signs.</param>
/// <param name="CoSigners">Certificates whose keys sign besides, such as the officers' own; may be empty.</param>
public sealed record SignManifestsStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    string Signer, ImmutableArray<string> CoSigners)
    : Step(Id, Number, Title, Section, Prose, By, Line)
{
    public IEnumerable<string> All => CoSigners.Prepend(Signer);
}

/// <summary><c>do: import-builder</c>: the public key of one who builds releases is read, and is that builder's from then on.</summary>
/// <param name="Builder">The builder's name in the ledger.</param>
public sealed record ImportBuilderStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    string Builder)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary>
/// <c>do: preview-release</c>: a release request is read from the import stick, judged with the ledger's builders, compared with all that
/// the ledger knows, and shown in words.
/// </summary>
/// <param name="Release">A name for one component of one product.</param>
/// <param name="Signer">The certificate of the key that signs it.</param>
public sealed record PreviewReleaseStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    string Release, string Signer, string Product, string Component)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary><c>do: sign-release</c>: signs the digest of every image of the release that was taken in this ceremony.</summary>
public sealed record SignReleaseStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    string Release)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary><c>do: withdraw-release</c>: a release of this ledger must not be shipped any more.</summary>
/// <param name="CounterFloor">The lowest security counter that may be signed for its component from then on.</param>
public sealed record WithdrawReleaseStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    string Release, string Version, long CounterFloor, string Reason)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary><c>do: show-results</c>: what was made so far may leave by QR code; the receiver reads words back.</summary>
public sealed record ShowResultsStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary>
/// <c>do: check-cards</c>: custodians come one after another; each card is typed against the digest in the journal, or it is said what
/// became of it. No quorum, no secret, no HSM.
/// </summary>
public sealed record CheckCardsStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary><c>do: close</c>: nothing may be open; report, transcript signature, head into the HSM, export.</summary>
/// <param name="Signed">False: no HSM is here. The ledger alone keeps what was done until the next ceremony signs it.</param>
public sealed record CloseStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line, bool Signed = true)
    : Step(Id, Number, Title, Section, Prose, By, Line);
