using System.Collections.Immutable;
using System.Diagnostics;

namespace KeyCeremony.Core.Script;

/// <summary>
/// The model of the world. A step whose precondition fails is reported and still takes effect, so that one
/// mistake does not hide the next or drag others behind it.
/// </summary>
internal sealed partial class ScriptFold(CeremonyScript script, IReadOnlySet<string>? profiles)
{
    private readonly Dictionary<string, KeyState> _keys = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CertificateState> _certificates = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ShareSetState> _sets = new(StringComparer.Ordinal);
    private readonly HashSet<string> _inBags = new(StringComparer.Ordinal);
    private readonly HashSet<string> _outOfBags = new(StringComparer.Ordinal);
    private readonly HashSet<string> _openingMissing = new(StringComparer.Ordinal);

    private Step? _step;
    private bool _rollCalled;
    private bool _roomRecorded;
    private bool _gateChecked;
    private bool _clockSet;
    private bool _ledgerRead;
    private Hsm _primary = Hsm.Unknown;
    private bool _inspected;
    private bool _commissionedBefore;
    private bool _drillHsmBlank;
    private bool _drilled;
    private bool _approved = true;
    private bool _linked;
    private bool _retired;
    private bool _closed;
    private bool _unsigned;
    private bool _isOfToday = true;

    private enum Hsm
    {
        Unknown,
        Blank,
        Commissioned,
        Unlocked,
    }

    public List<ScriptFinding> Findings { get; } = [];

    public void Begin(bool witnessIsMandatory, bool askedAreSeated)
    {
        _isOfToday = witnessIsMandatory;
        if (script.Environments.IsEmpty)
            Error(CheckRules.Environment, "The script may run nowhere.", "List its environments in the front matter.");
        if (script.Steps is [not RollCallStep, ..])
            At(script.Steps[0]).Error(CheckRules.RollCall, "The roll call is not the first step.",
                "Begin with `do: roll-call`: until then nobody has a role.");
        foreach (Quorum quorum in script.Quorums) CheckQuorum(quorum);
        _step = null;
        if (script.SeatsFor(Roles.Witness) == 0)
            Find(CheckRules.Witness, witnessIsMandatory ? Severity.Error : Severity.Warning, "No witness is seated.",
                "Add `witness: 1` to `roles`: without somebody who only looks, nobody else can believe what was done.");
        CheckAsked(askedAreSeated ? Severity.Error : Severity.Warning);
        CheckCombined();
        if (script.CardCodes)
            Warn(CheckRules.CardCodes, "Cards may be shown and read as codes.", "Any camera in the room reads a code at once. "
                + "Allow it only where the room has none but the appliance's; else leave `card-codes` out.");
    }

    public void Take(Step step)
    {
        _step = step;
        if (_closed) Error(CheckRules.Close, "This step comes after the ceremony was closed.", "Move it above `do: close`.");
        if (script.SeatsFor(step.By) == 0) Error(CheckRules.Seat, $"Nobody can do this step: no {step.By} is seated.",
            $"Add {step.By} to `roles`, or give the step to another role.");
        WarnBehindResults(step);
        if (ChangesADevice(step) && !step.Prose.Split('\n').Any(line => line.Trim() is [not '>', ..]))
            Find(CheckRules.NothingToRead, _isOfToday ? Severity.Error : Severity.Warning,
                "This step cannot be undone, and there is nothing to read before it begins.",
                "Write a paragraph between the heading and the block: it is read aloud, then somebody types the word that begins it.");
        switch (step)
        {
            case RollCallStep: TakeRollCall(); break;
            case RecordStep: _roomRecorded = true; break;
            case ConfirmStep: _approved = _confirmed = true; break;
            case GateStep: _gateChecked = true; break;
            case ClockStep: _clockSet = true; break;
            case LedgerStep: TakeLedger(); break;
            case OpenBagsStep open: TakeOpenBags(open); break;
            case SealBagsStep seal: TakeSealBags(seal); break;
            case InspectHsmStep inspect: TakeInspect(inspect); break;
            case DealSharesStep deal: TakeDeal(deal); break;
            case CommissionHsmStep: TakeCommission(); break;
            case UnlockHsmStep: TakeUnlock(); break;
            case ChangeActivationStep: TakeChangeActivation(); break;
            case PreviewCertificateStep preview: TakePreview(preview); break;
            case GenerateKeyStep generate: TakeGenerate(generate); break;
            case SignCertificateStep sign: TakeSign(sign); break;
            case BackupKeyStep backup: TakeBackup(backup); break;
            case RewrapKeyStep rewrap: TakeRewrap(rewrap); break;
            case DestroyWrapKeyStep destroy: TakeDestroyWrapKey(destroy); break;
            case RecoveryDrillStep drill: TakeDrill(drill); break;
            case LockKeyStep locking: TakeLock(locking); break;
            case LinkRootsStep link: TakeLink(link); break;
            case RetireHsmStep: TakeRetire(); break;
            case DestroyAbandonedStep: NeedUnlocked(); break;
            case ReplaceHsmStep: TakeReplace(); break;
            case EmptyHsmStep: TakeEmpty(); break;
            case DestroyKeyStep destroy: TakeDestroyKey(destroy); break;
            case RestKeyStep rest: TakeRest(rest); break;
            case EndKeyStep end: TakeEndKey(end); break;
            case WithdrawRootStep withdraw: TakeWithdrawRoot(withdraw); break;
            case AccountCopiesStep account: TakeAccountCopies(account); break;
            case RestoreKeyStep restore: TakeRestore(restore); break;
            case ImportRequestStep request: TakeImport(request.Request, KeySource.Request); break;
            case ImportCertificateStep existing: TakeImport(existing.Certificate, KeySource.Existing); break;
            case PreviewCrlStep list: TakePreviewCrl(list); break;
            case SignCrlStep list: TakeSignCrl(list); break;
            case PreviewManifestsStep: TakePreviewManifests(); break;
            case SignManifestsStep sign: TakeSignManifests(sign); break;
            case ImportBuilderStep builder: TakeImportBuilder(builder); break;
            case PreviewReleaseStep preview: TakePreviewRelease(preview); break;
            case SignReleaseStep sign: TakeSignRelease(sign); break;
            case WithdrawReleaseStep withdraw: TakeWithdrawRelease(withdraw); break;
            case ShowResultsStep: TakeShowResults(); break;
            case CheckCardsStep: TakeCheckCards(); break;
            case CloseStep close: TakeClose(close); break;
            default: throw new UnreachableException($"The checker does not know {step.GetType().Name}.");
        }
    }

    /// <summary>What may not be left open; reported at the last step.</summary>
    public void End()
    {
        _step = script.Steps.LastOrDefault();
        if (!_closed) Error(CheckRules.Close, "The ceremony is never closed.",
            "End with `do: close`: it writes the report, the signature and the export.");
        foreach (KeyState key in _keys.Values) EndKey(key);
        foreach (CertificateState? certificate in _certificates.Values.Where(c => !c.Signed))
            Error(CheckRules.Unfinished, $"The certificate `{certificate.Name}` is previewed and never signed.",
                "Add `do: sign-certificate`, or leave the preview out.");
        foreach (ShareSetState set in _sets.Values) EndSet(set);
        EndSigning();
        EndManifests();
        EndReleases();
        EndLinking();
        EndResting();
        EndEnding();
        EndMoving();
        EndChanging();
        if (!_unsigned && !_commissionedBefore
            && !_keys.Values.Any(k => k is { Purpose: KeyPurposes.Transcript, IsMlDsa: false } && CertifiesSigned(k.Name)))
            EndTranscript();
        EndBags();
    }

    private void EndTranscript()
    {
        if (_keys.Values.Any(k => k is { Purpose: KeyPurposes.Transcript, IsMlDsa: true }))
            Error(CheckRules.MlDsa, "The one transcript key at the close is of ML-DSA: it signs the record beside a classical one.",
                "Generate a classical one, too: everybody's tools read what it signs.");
        else
            Error(CheckRules.Unfinished, "No transcript key with a signed certificate exists at the close.",
                "Generate one with `purpose: transcript` and sign its certificate; it signs the record.");
    }

    /// <summary>Somebody types a word before these begin (docs/formats/replay.md, "Beginning").</summary>
    private static bool ChangesADevice(Step step) => step is InspectHsmStep { Expect: "blank" }
        or DealSharesStep or CommissionHsmStep or GenerateKeyStep or SignCertificateStep
        or SignCrlStep or SignManifestsStep or SignReleaseStep or BackupKeyStep or RewrapKeyStep or DestroyWrapKeyStep
        or RecoveryDrillStep or LockKeyStep or LinkRootsStep or RestoreKeyStep or DestroyAbandonedStep or DestroyKeyStep or RestKeyStep
        or WithdrawRootStep or ChangeActivationStep or EmptyHsmStep or CloseStep;

    /// <summary>
    /// Whom the program itself asks, whatever the steps say: a seat without a person answers in nobody's name. The operator types what the
    /// witness looks at, so these two are always two people.
    /// </summary>
    private void CheckAsked(Severity severity)
    {
        if (script.SeatsFor(Roles.Operator) == 0)
            Find(CheckRules.Asked, severity, "No operator is seated, and the program asks one for the clock and for the bags.",
                "Add `operator: 1` to `roles`: whoever looks does not type.");
        if (script.IsSigned && script.SeatsFor(Roles.Administrator) == 0)
            Find(CheckRules.Asked, severity, "No administrator is seated, and the program asks one to close the ceremony.",
                "Add `administrator: 1` to `roles`.");
    }

    private void TakeRollCall()
    {
        if (_rollCalled) Error(CheckRules.RollCall, "The roll is called a second time.", "Call it once, at the beginning.");
        _rollCalled = true;
    }

    private void TakeLedger()
    {
        NeedBefore(_clockSet, "clock", "the ledger is read");
        _ledgerRead = true;
    }

    private void TakeCheckCards()
    {
        _cardsChecked = true;
        NeedBefore(_clockSet, "clock", "cards are checked, because the day counts");
        NeedBefore(_ledgerRead, "ledger", "cards are checked, because their digests stand in it");
    }

    /// <summary>Without a signature a ceremony may do only what needs none: what is made or opened is told in a bundle.</summary>
    private void TakeClose(CloseStep close)
    {
        NeedOpening();
        (_closed, _unsigned) = (true, !close.Signed);
        if (close.Signed)
            return;
        if (script.Steps.FirstOrDefault(s => !NeedsNoSignature(s)) is { } more)
            Error(CheckRules.Unsigned, $"The ceremony closes without a signature, and the step `{more.Id}` does what must be signed.",
                "Leave `signed: false` out. Without it a ceremony records, moves bags and checks cards, and nothing else.");
        if (!script.Steps.Any(s => s is CheckCardsStep))
            Error(CheckRules.Unsigned, "The ceremony closes without a signature and checks no cards.",
                "Leave `signed: false` out, or add `do: check-cards`.");
        if (!script.Steps.OfType<OpenBagsStep>().Any(o => o.All.Contains(BagContents.RecordStickA)))
            Warn(CheckRules.Bag, "The record sticks come out of no bag.",
                "Open their bags with `do: open-bags`, so that their numbers are compared.");
        if (script.Recording)
            Error(CheckRules.Unsigned, "What the terminal shows is to be kept, and no bundle is written that could hold it.",
                "Leave `recording` out.");
    }

    private static bool NeedsNoSignature(Step step) => step is RollCallStep or RecordStep or ConfirmStep or GateStep or ClockStep
        or LedgerStep or OpenBagsStep or SealBagsStep or CheckCardsStep or CloseStep;

    private void NeedOpening()
    {
        NeedBefore(_gateChecked, "appliance-gate", "a device is used");
        NeedBefore(_clockSet, "clock", "a device is used");
        NeedBefore(_ledgerRead, "ledger", "a device is used");
        if (!_roomRecorded && _openingMissing.Add("record"))
            Warn(CheckRules.Room, "Nothing about the room was recorded before a device is used.",
                "Put a `do: record` step with door log and video reference at the beginning.");
    }

    /// <summary>Reports each missing opening step once, at the first step that needs it.</summary>
    private void NeedBefore(bool done, string verb, string what)
    {
        if (!done && _openingMissing.Add(verb)) Error(CheckRules.Opening, $"`{verb}` must come before {what}.", $"Move `do: {verb}` up.");
    }

    private void NeedUnlocked()
    {
        NeedOpening();
        if (_primary != Hsm.Unlocked) Error(CheckRules.Locked, "The primary HSM is not open at this step.",
            "Put `do: commission-hsm` or `do: unlock-hsm` before it.");
    }

    private void NeedOfficers()
    {
        if (script.SeatsFor(Roles.Officer) == 0)
            Error(CheckRules.Seat, "Nobody can present shares: no officer is seated.", "Add officer to `roles`.");
    }

    private void Use(string name, string why)
    {
        if (_sets.TryGetValue(name, out ShareSetState? set)) set.Used = true;
        else Error(CheckRules.ShareSet, $"The {name} shares were not dealt.", $"Put `do: deal-shares` with `set: {name}` before: {why}.");
    }

    private ScriptFold At(Step step)
    {
        _step = step;
        return this;
    }

    private void Error(string rule, string message, string remedy) => Find(rule, Severity.Error, message, remedy);

    private void Warn(string rule, string message, string remedy) => Find(rule, Severity.Warning, message, remedy);

    private void Find(string rule, Severity severity, string message, string remedy) =>
        Findings.Add(new ScriptFinding(rule, severity, _step?.Line ?? 1, _step?.Id ?? "", message, remedy));
}
