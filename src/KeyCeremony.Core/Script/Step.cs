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
public sealed record RecordField(string Id, string Ask, string Kind, bool Optional);

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

/// <summary><c>do: open-bags</c>: each listed content comes out of a bag whose number must be the one recorded when it was sealed.</summary>
public sealed record OpenBagsStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    ImmutableArray<string> Contents)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary><c>do: seal-bags</c>: each listed content goes into a new bag whose number is recorded.</summary>
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

/// <summary><c>do: deal-shares</c>: a secret is mixed, split, dealt, read back by every custodian, and every threshold subset combined.</summary>
/// <param name="Set">activation or backup.</param>
/// <param name="Quorum">The name of a quorum of the script.</param>
/// <param name="Bits">128 or 256.</param>
/// <param name="Dice">Whether dice are thrown into the mix.</param>
public sealed record DealSharesStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    string Set, string Quorum, int Bits, bool Dice)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary><c>do: commission-hsm</c>: the primary token is initialised under PINs derived from the activation set.</summary>
/// <param name="Label">Token label, 1 to 32 printable ASCII characters.</param>
public sealed record CommissionHsmStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    string Label)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary><c>do: unlock-hsm</c>: a quorum of officers presents activation shares.</summary>
public sealed record UnlockHsmStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary><c>do: preview-certificate</c>: the exact TBS is shown and linted under a throw-away key, before the real one exists.</summary>
/// <param name="Certificate">The certificate's name in this ceremony, e.g. <c>root</c>.</param>
/// <param name="Key">The key it certifies.</param>
/// <param name="Issuer">The name of the issuing certificate; equal to <paramref name="Certificate"/> when self-signed.</param>
/// <param name="Profile">A profile name, e.g. <c>root</c>, <c>matter-paa</c>, <c>transcript-signer</c>.</param>
/// <param name="Algorithm">ec-p256, ec-p384, rsa-3072 or rsa-4096.</param>
/// <param name="Subject">Attribute type and value, in the order they are encoded.</param>
/// <param name="Days">notAfter minus notBefore in days; 0 means no end (99991231235959Z).</param>
/// <param name="PathLength">null: absent.</param>
public sealed record PreviewCertificateStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    string Certificate, string Key, string Issuer, string Profile, string Algorithm,
    ImmutableArray<SubjectAttribute> Subject, int Days, int? PathLength)
    : Step(Id, Number, Title, Section, Prose, By, Line);

public sealed record SubjectAttribute(string Type, string Value);

/// <summary><c>do: generate-key</c>: made inside the primary token.</summary>
/// <param name="Purpose">ca or transcript. A transcript key never signs certificates.</param>
/// <param name="Backup">Whether the key will be wrapped; a key without backup is locked non-extractable at once.</param>
public sealed record GenerateKeyStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    string Key, string Purpose, string Algorithm, bool Backup)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary><c>do: sign-certificate</c>: signs what was previewed, compares the TBS, verifies by two implementations.</summary>
public sealed record SignCertificateStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    string Certificate)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary><c>do: backup-key</c>: the key is wrapped under the dealt wrap key; the blob is public.</summary>
public sealed record BackupKeyStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    string Key, string Set)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary><c>do: destroy-wrap-key</c>: the wrap key leaves the token and the memory.</summary>
public sealed record DestroyWrapKeyStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    string Set)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary><c>do: recovery-drill</c>: custodians present a quorum, the key comes back in the drill token, signs a challenge, and the token is wiped.</summary>
public sealed record RecoveryDrillStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    string Key, string Set)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary><c>do: lock-key</c>: the key becomes non-extractable for good.</summary>
public sealed record LockKeyStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    string Key)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary><c>do: retire-hsm</c>: the old token is recorded as lost or destroyed.</summary>
public sealed record RetireHsmStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary><c>do: restore-key</c>: from the ledger's backup blob and a quorum of backup shares onto the fresh primary token.</summary>
/// <param name="Key">A key the ledger knows with a backup.</param>
public sealed record RestoreKeyStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line,
    string Key)
    : Step(Id, Number, Title, Section, Prose, By, Line);

/// <summary><c>do: close</c>: nothing may be open; report, transcript signature, head into the HSM, export.</summary>
public sealed record CloseStep(string Id, int Number, string Title, string Section, string Prose, string By, int Line)
    : Step(Id, Number, Title, Section, Prose, By, Line);
