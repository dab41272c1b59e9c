using System.Collections.Immutable;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony;

/// <summary>What the ceremony wants done outside: a value, so a test compares it. Its answer is an entry body.</summary>
/// <param name="Name">As it stands in the journal.</param>
/// <param name="Subject">What it acts on.</param>
/// <param name="ChangesDevice">An <c>attempted</c> entry must be on disk before it starts.</param>
/// <param name="NeedsHsm">The primary token must be unlocked.</param>
public abstract record Effect(string Name, string Subject, bool ChangesDevice, bool NeedsHsm)
{
    /// <summary>Lower-case hex CKA_ID of the object it makes, or empty.</summary>
    public virtual string CkaId => "";

    /// <summary>What the screen says while it runs.</summary>
    public abstract string Doing { get; }
}

public sealed record InspectAppliance() : Effect("inspect-appliance", "", false, false)
{
    public override string Doing => "Looking at this appliance: network, swap, core dumps, mounts, devices";
}

public sealed record InspectLedger() : Effect("inspect-ledger", "", false, false)
{
    public override string Doing => "Reading both record sticks whole and comparing them";
}

/// <param name="Blank">The token must be blank; it may be initialised with throw-away PINs for the probe.</param>
/// <param name="Algorithms">The kinds of keys this ceremony needs from it.</param>
public sealed record ProbeToken(string Token, bool Blank, Names Algorithms)
    : Effect("probe-token", Token, Blank, !Blank && Token == "primary")
{
    public override string Doing => $"Finding out with throw-away keys what the {Token} HSM really does";
}

/// <summary>Mixes a secret, splits it and keeps both in memory.</summary>
/// <param name="IsOpen">The primary token gives its randomness from behind its PIN; else it is blank.</param>
/// <param name="Groups">As <see cref="Journal.SharesMade.Groups"/>.</param>
public sealed record MakeShares(string Set, string SetName, int Bits, int Threshold, Names Custodians, bool Dice, bool IsOpen,
    string? Groups = null)
    : Effect("make-shares", Set, SetName == "activation", IsOpen)
{
    public override string Doing => $"Mixing {Bits} bits of randomness and splitting them into {Custodians.All.Length} shares";
}

/// <summary>Combines every threshold subset of the shares that were read back.</summary>
public sealed record CombineSubsets(string Set) : Effect("combine-subsets", Set, false, false)
{
    public override string Doing => "Combining every quorum that is possible";
}

/// <summary>Rebuilds a set's secret from the presented shares.</summary>
/// <param name="KeyCheck">What the ledger says the secret's key-check value is.</param>
public sealed record RebuildSecret(string Set, string KeyCheck) : Effect("rebuild-secret", Set, false, false)
{
    public override string Doing => "Combining the presented shares";
}

/// <summary>Rebuilds a set's secret from cards that were made elsewhere, and their passphrase.</summary>
/// <param name="KeyCheck">As in <see cref="RebuildSecret"/>.</param>
public sealed record RebuildForeign(string Set, string KeyCheck) : Effect(EffectName, Set, false, false)
{
    public const string EffectName = "rebuild-foreign";

    public override string Doing => "Combining the cards that were made elsewhere; a passphrase may take minutes";
}

public sealed record ForgetSecret(string Set) : Effect("forget-secret", Set, false, false)
{
    public override string Doing => "Wiping the secret from memory";
}

/// <summary>Initialises the primary token under PINs derived from the set's secret, then logs in.</summary>
/// <param name="Again">An earlier attempt was cut off: a half-commissioned token with this label is taken up again.</param>
/// <param name="Serial">The token that was inspected; another one is refused.</param>
public sealed record CommissionToken(string Label, string Set, string Serial, bool Again) : Effect("commission-token", Label, true, false)
{
    public override string Doing => "Initialising the HSM under PINs that nobody knows";
}

/// <summary>
/// The user's PIN is changed and then the security officer's, each where it is still that of the set before: so one that was cut off is
/// simply done again.
/// </summary>
/// <param name="From">The set whose PINs the token has, or had.</param>
/// <param name="Set">The set whose PINs it gets.</param>
public sealed record ChangePins(string Serial, string From, string Set) : Effect(EffectName, Set, true, false)
{
    public const string EffectName = "change-pins";

    public override string Doing => "Changing the PINs of the HSM to those of the new cards";
}

/// <summary>Logs in with the PIN derived from the set's secret and reads the stored ledger head.</summary>
public sealed record UnlockToken(string Serial, string Set) : Effect("unlock-token", Serial, false, false)
{
    public override string Doing => "Unlocking the HSM and reading the ledger head it keeps";
}

/// <summary>Reads the token through another binding in a process of its own, and compares.</summary>
/// <param name="Token">primary, which is logged in to; drill, which is wiped and has no PIN; former, which is logged in to for
/// this.</param>
/// <param name="Locked">CKA_IDs of the keys that the ledger says lie in it and never leave it again.</param>
/// <param name="Open">CKA_IDs of the others that the ledger says lie in it.</param>
/// <param name="Perhaps">CKA_IDs of what an interrupted attempt may have left in it.</param>
/// <param name="MustShow">It let itself be looked at once: that it cannot be is no answer any more.</param>
public sealed record LookAgain(string Token, string Serial, Names Locked, Names Open, Names Perhaps, bool MustShow)
    : Effect("look-again", Token, false, Token == "primary")
{
    public override string Doing => $"Looking at the {Token} HSM with other eyes: another binding, in a process of its own";
}

/// <summary>Logs out while people rest, or so that a quorum comes anew.</summary>
public sealed record LockToken(string Serial, bool Rests = true) : Effect("lock-token", Serial, false, false)
{
    public override string Doing => Rests ? "Locking the HSM for the break" : "Locking the HSM";
}

/// <summary>Makes the exact TBS, where the real key does not exist yet under a throw-away one, and lints it.</summary>
/// <param name="NotBefore">Whole seconds; the environment is forced into the subject.</param>
/// <param name="SubjectFile">Base64 of what gives the key: the request's file or the existing certificate; empty: the key is yet to be
/// generated.</param>
/// <param name="CarriesIdentifier">By the rules of format 3: an existing certificate's subjectKeyIdentifier and name are carried over, and
/// a request may ask for more key usage than is granted.</param>
/// <param name="ShowsDifferences">By the rules of format 5: a request's subjectKeyIdentifier is compared with the one that is written, and
/// a cross-certificate with the other CA's own certificate.</param>
/// <param name="ReadsMicrosofts">By the rules of format 7: Microsoft's own attribute asks for extensions, too.</param>
public sealed record PreviewCertificate(PreviewCertificateStep Step, DateTimeOffset NotBefore,
    string Environment, string IssuerDer, string SubjectFile, bool CarriesIdentifier, bool ShowsDifferences = false,
    bool ReadsMicrosofts = false)
    : Effect("preview-certificate", Step.Certificate, false, false)
{
    public override string Doing => "Writing the certificate exactly as it will be signed, and linting it";
}

/// <param name="Kind">request, certificate, revocations, batch, builder or release.</param>
public sealed record LookForImports(string Kind) : Effect("look-for-imports", Kind, false, false)
{
    public override string Doing => "Looking at the import stick";
}

/// <summary>People hold codes before the camera until one file came in.</summary>
public sealed record ReadByCamera(string Kind, string Subject) : Effect("read-by-camera", Subject, false, false)
{
    public override string Doing => "Reading codes";
}

public sealed record ReadRequest(string Request, string File) : Effect("read-request", Request, false, false)
{
    public override string Doing => $"Reading {File} and checking the key";
}

public sealed record ReadCertificate(string Certificate, string File) : Effect("read-certificate", Certificate, false, false)
{
    public override string Doing => $"Reading {File} and checking the key";
}

/// <param name="Notation">How its serials are written, where people were asked; else null.</param>
public sealed record ReadRevocations(string Crl, string File, string? Notation = null) : Effect("read-revocations", Crl, false, false)
{
    public override string Doing => $"Reading every row of {File}";
}

/// <summary>Merges the list before with what was read and typed in this step, and writes the exact TBS.</summary>
/// <param name="Number">Decimal.</param>
/// <param name="ThisUpdate">Whole seconds.</param>
public sealed record PreviewCrl(PreviewCrlStep Step, string Number, DateTimeOffset ThisUpdate)
    : Effect("preview-crl", Step.Crl, false, false)
{
    public override string Doing => "Sorting the revocations and writing the list exactly as it will be signed";
}

/// <param name="TbsSha256">Of the previewed TBS: what is written again must be these bytes.</param>
public sealed record SignCrl(string Crl, string SignerCkaId, string SignerAlgorithm, string TbsSha256) : Effect("sign-crl", Crl, true, true)
{
    public override string Doing => $"Signing the revocation list \"{Crl}\" and checking it twice";
}

/// <summary>Reads the factory's draft, compares it with all that ledger and stick know, and writes the exact statement.</summary>
/// <param name="TranscriptHash">The journal's head that the statement names, lower-case hex.</param>
public sealed record ReadBatch(string File, string TranscriptHash) : Effect("read-batch", File, false, false)
{
    public override string Doing => $"Reading {File} and counting and hashing every device of its list";
}

/// <param name="StatementSha256">Of the previewed statement: these bytes are signed.</param>
/// <param name="Signers">Names of certificates; the first one signs the CMS besides.</param>
public sealed record SignManifest(string BatchId, string StatementSha256, Names Signers) : Effect("sign-manifest", BatchId, true, true)
{
    public override string Doing => $"Signing the manifest of batch \"{BatchId}\" and checking it";
}

public sealed record ReadBuilder(string Builder, string File) : Effect("read-builder", Builder, false, false)
{
    public override string Doing => $"Reading {File} and checking the key";
}

/// <summary>Reads a folder of the import stick, and judges it with the ledger's builders and by all that the ledger knows.</summary>
public sealed record ReadRelease(PreviewReleaseStep Step, string Folder) : Effect("read-release", Step.Release, false, false)
{
    public override string Doing => $"Reading {Folder}, and every byte of its images";
}

/// <summary>Reads the folder again: it must be what was previewed.</summary>
public sealed record CompareRelease(string Release, string Folder, string RequestSha256) : Effect("compare-release", Release, false, false)
{
    public override string Doing => $"Reading {Folder} again, and every byte of its images";
}

/// <param name="RequestSha256">Of the previewed request: the digests of its images are signed.</param>
/// <param name="Signer">Name of the certificate.</param>
public sealed record SignRelease(string Release, string RequestSha256, string Signer) : Effect("sign-release", Release, true, true)
{
    public override string Doing => $"Signing the release \"{Release}\" and checking every signature";
}

/// <param name="Clean">Destroy what an earlier attempt left under the same CKA_ID first.</param>
public sealed record GenerateKey(string Key, string Purpose, string Algorithm, string Id, bool Extractable, bool Clean)
    : Effect(EffectName, Key, true, true)
{
    public const string EffectName = "generate-key";

    public override string CkaId => Id;

    public override string Doing =>
        $"Generating the {(KeyAlgorithm.TryParse(Algorithm, out KeyAlgorithm? one) ? one.Title : Algorithm)} key \"{Key}\" inside the HSM";
}

/// <summary>Takes over a complete key pair that an interrupted attempt left.</summary>
public sealed record AdoptKey(string Key, string Purpose, string Algorithm, string Id, bool Extractable)
    : Effect(EffectName, Key, false, true)
{
    public const string EffectName = "adopt-key";

    public override string CkaId => Id;

    public override string Doing => $"Checking the key \"{Key}\" that the interrupted attempt left";
}

/// <param name="SignerCkaId">The issuing key.</param>
/// <param name="Spki">Base64 of the certified public key.</param>
/// <param name="IssuerDer">Base64 of the issuer's certificate, empty when self-signed.</param>
public sealed record SignCertificate(string Certificate, string Key, string SignerCkaId,
    string SignerAlgorithm, string Spki, string SignerSpki,
    string Plan, string Tbs, string IssuerDer)
    : Effect("sign-certificate", Certificate, true, true)
{
    public override string Doing => $"Signing the certificate \"{Certificate}\" and checking it twice";
}

/// <param name="Wrap">The format that the mechanism was proven to make.</param>
public sealed record BackUpKey(string Key, string KeyCkaId, string Algorithm, string Spki, string Set, string Mechanism, string Wrap)
    : Effect("back-up-key", Key, true, true)
{
    public override string Doing => $"Wrapping the key \"{Key}\"";
}

/// <summary>On the drill token, from blank to wiped in one go: out of the backup, and wrapped under another wrap key.</summary>
/// <param name="From">The set whose wrap key the blob is under.</param>
/// <param name="Blob">Base64 of the backup blob that there is.</param>
/// <param name="Set">The set under whose wrap key it comes.</param>
/// <param name="Wrap">The format that the mechanism was proven to make.</param>
/// <param name="Serial">The drill token that was inspected; another one is refused.</param>
public sealed record RewrapKey(string Key, string Algorithm, string Spki, string From, string Blob, string Set, string Mechanism,
    string Wrap, string Serial)
    : Effect(EffectName, Key, true, false)
{
    public const string EffectName = "rewrap-key";

    public override string Doing => $"Bringing the key \"{Key}\" out of its backup in the drill HSM and wrapping it anew";
}

public sealed record DestroyWrapKey(string Set) : Effect("destroy-wrap-key", Set, true, true)
{
    public override string Doing => "Destroying the wrap key in the HSM and in memory";
}

/// <param name="CertificateDer">Base64; the challenge must verify under it.</param>
/// <param name="Blob">Base64 backup blob.</param>
/// <param name="Serial">The drill token that was inspected; another one is refused.</param>
public sealed record DrillRecovery(string Key, string Algorithm, string Set, string Blob,
    string CertificateDer, string Mechanism, string Serial)
    : Effect(EffectName, Key, true, false)
{
    public const string EffectName = "drill-recovery";

    public override string Doing => $"Bringing the key \"{Key}\" back in the drill HSM";
}

public sealed record LockKey(string Key, string KeyCkaId) : Effect("lock-key", Key, true, true)
{
    public override string Doing => $"Locking the key \"{Key}\": it can never be wrapped again";
}

/// <param name="Roots">Names of the two certificates.</param>
/// <param name="Statement">Base64 of what both sign.</param>
public sealed record LinkRoots(Names Roots, string Statement)
    : Effect(EffectName, string.Join(" and ", Roots.All), true, true)
{
    public const string EffectName = "link-roots";

    public override string Doing => "Signing with both roots that both are ours, and checking it twice";
}

/// <param name="Root">The certificate that is withdrawn.</param>
/// <param name="Successor">The certificate whose key signs.</param>
/// <param name="Statement">Base64 of what it signs.</param>
public sealed record WithdrawRoot(string Root, string Successor, string Statement) : Effect(EffectName, Root, true, true)
{
    public const string EffectName = "withdraw-root";

    public override string Doing => $"Signing with \"{Successor}\" that \"{Root}\" is withdrawn, and checking it twice";
}

/// <param name="Clean">Destroy what an earlier attempt left under the same CKA_ID first.</param>
public sealed record RestoreKey(string Key, string Algorithm, string Id, string Set,
    string Blob, string CertificateDer, string Mechanism, bool Clean)
    : Effect(EffectName, Key, true, true)
{
    public const string EffectName = "restore-key";

    public override string CkaId => Id;

    public override string Doing => $"Restoring the key \"{Key}\" and proving it with a challenge";
}

/// <summary>Destroys whatever the token holds under this ID, and asks it again.</summary>
/// <param name="Serial">The token that the ledger says it lies in; another one is refused.</param>
/// <param name="Ended">It is no key that was given up: it served, and ends.</param>
/// <param name="Rests">It is neither: it lives on in its backup.</param>
public sealed record DestroyKey(string Key, string Id, string Serial, bool Ended = false, bool Rests = false)
    : Effect(Ended ? EndName : Rests ? RestName : "destroy-key", Key, true, true)
{
    public const string EndName = "end-key";
    public const string RestName = "rest-key";

    public override string CkaId => Id;

    public override string Doing => $"Destroying the {(Ended || Rests ? "" : "dead ")}key \"{Key}\" in the HSM";
}

/// <summary>
/// The same in the token whose keys moved, from login to logout in one go, so that one that was cut off simply starts over.
/// </summary>
/// <param name="Set">What its PINs are derived from.</param>
public sealed record DestroyInFormer(string Key, string Id, string Serial, string Set) : Effect(EffectName, Key, true, false)
{
    public const string EffectName = "destroy-in-former";

    public override string Doing => $"Destroying the key \"{Key}\" in the former HSM";
}

/// <summary>Looks at what an interrupted attempt left in the primary token.</summary>
public sealed record LookForLeftovers(string Attempt, string AttemptSubject, string Id)
    : Effect("look-for-leftovers", AttemptSubject, false, Id.Length > 0)
{
    public override string Doing => "Looking at what the interrupted attempt left in the HSM";
}

/// <summary>Composes what this ceremony made so far, as the bundle will hold it, and packs it for QR codes.</summary>
public sealed record GatherResults() : Effect("gather-results", "", false, false)
{
    public override string Doing => "Composing the results and packing them for QR codes";
}

/// <param name="Certificate">Base64 of its certificate in DER.</param>
public sealed record TranscriptSigner(string CkaId, string Algorithm, string Certificate);

/// <summary>Writes the report and the statement over everything so far and signs it with the transcript key.</summary>
/// <param name="Cosigner">The transcript key of ML-DSA; null: the HSM holds none.</param>
public sealed record SignCheckpoint(TranscriptSigner Signer, TranscriptSigner? Cosigner)
    : Effect(EffectName, "", true, true)
{
    public const string EffectName = "sign-checkpoint";

    public override string Doing => "Writing the report and signing the transcript";
}

public sealed record StoreHead(long Seq, string Head) : Effect("store-head", "", true, true)
{
    public override string Doing => "Storing the ledger head in the HSM";
}

/// <summary>Ends the recording of the terminal and keeps it beside the ledger.</summary>
public sealed record KeepRecording() : Effect("keep-recording", "", false, false)
{
    public override string Doing => "Keeping the recording of the terminal on both record sticks";
}

public sealed record ExportBundle(long Seq) : Effect("export-bundle", "", false, false)
{
    public override string Doing => "Writing the bundle and reading it back";
}

/// <summary>An ordered list of people that compares by what is in it: effects are compared.</summary>
public sealed record Names(ImmutableArray<string> All)
{
    public bool Equals(Names? other) => other is not null && All.SequenceEqual(other.All);

    public override int GetHashCode() => All.Aggregate(0, HashCode.Combine);
}
