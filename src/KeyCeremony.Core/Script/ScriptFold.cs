using System.Collections.Immutable;
using System.Diagnostics;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Sharing;

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

    private void CheckQuorum(Quorum quorum)
    {
        int officers = script.SeatsFor(Roles.Officer);
        foreach (Group group in quorum.Plan.Groups.Where(g => g.Threshold > g.Count))
            Error(CheckRules.Quorum, $"The quorum `{quorum.Name}` needs {group} shares.", "Lower the threshold or deal more shares.");
        if (quorum.Plan.GroupThreshold > quorum.Plan.Groups.Length)
            Error(CheckRules.Quorum, $"The quorum `{quorum.Name}` needs {quorum.Plan.InWords}.",
                "Lower the threshold or deal more groups.");
        if (quorum.Count > officers)
            Error(CheckRules.Quorum, $"The quorum `{quorum.Name}` deals {quorum.Count} shares to {officers} officers.",
                "Seat more officers: one person never holds two shares of a set.");
        if (quorum.Plan.HasGroups && !script.Combined.IsEmpty)
            Error(CheckRules.Quorum, $"Seats are combined, and the quorum `{quorum.Name}` has groups.",
                "So few people are one group: write `2 of 3`.");
        if (quorum.Plan.HasGroups && quorum.Plan.Groups.Any(g => g is { Threshold: 1, Count: > 1 }))
            Error(CheckRules.Quorum, $"In the quorum `{quorum.Name}` each share of a group alone opens the group.",
                "Raise the group's threshold to at least 2, or deal it 1 of 1; SLIP-39 does not allow 1 of many.");
        else if (quorum is { Threshold: 1, Count: > 1 })
            Error(CheckRules.Quorum, $"In the quorum `{quorum.Name}` each share alone opens everything.",
                "Raise the threshold to at least 2; SLIP-39 does not allow 1 of many.");
        else if (quorum.Threshold < 2 && script.Environments.Contains(Environments.Production))
            Error(CheckRules.Quorum, $"In production the quorum `{quorum.Name}` would be one person.",
                "Raise the threshold to at least 2, or take production out of `environments`.");
        else if (quorum.Threshold < 2 && !script.Combined.IsEmpty)
            Error(CheckRules.Quorum, $"Seats are combined, and the quorum `{quorum.Name}` would be one person.",
                "Raise the threshold to at least 2: whoever leads would open everything alone.");
        if (!script.Steps.OfType<DealSharesStep>().Any(d => d.Quorum == quorum.Name))
            Warn(CheckRules.Quorum, $"No shares are dealt by the quorum `{quorum.Name}`.", "Remove it from the front matter.");
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

    private void TakeOpenBags(OpenBagsStep open)
    {
        NeedBefore(_ledgerRead, "ledger", "bags are opened, because their numbers stand in it");
        foreach (string content in open.All)
        {
            if (!_outOfBags.Add(content)) Error(CheckRules.Bag, $"\"{content}\" is out of its bag already.", "List it once.");
            _inBags.Remove(content);
        }
    }

    private void TakeSealBags(SealBagsStep seal)
    {
        NeedBefore(_ledgerRead, "ledger", "bags are sealed, because their numbers go into it");
        foreach (string content in seal.Contents)
        {
            if (!_inBags.Add(content)) Error(CheckRules.Bag, $"\"{content}\" is in a bag already.", "List it once.");
            _outOfBags.Remove(content);
        }
    }

    private void TakeInspect(InspectHsmStep inspect)
    {
        NeedOpening();
        if (inspect.Token == "drill")
        {
            if (inspect.Expect != "blank")
                Error(CheckRules.Inspection, "The drill HSM is expected to hold something.", "Write `expect: blank`: the drill wipes it.");
            _drillHsmBlank = true;
            return;
        }
        if (_inspected)
            Error(CheckRules.Inspection, "The primary HSM is inspected a second time.", "Inspect it once, before a key in it is used.");
        if (_primary == Hsm.Unlocked && inspect.Expect == "blank")
            Error(CheckRules.Inspection, "The HSM that is open is expected to be blank.", "Write `expect: commissioned`.");
        _inspected = true;
        _primary = inspect.Expect == "blank" ? Hsm.Blank : _primary == Hsm.Unlocked ? Hsm.Unlocked : Hsm.Commissioned;
        _commissionedBefore |= inspect.Expect == "commissioned";
    }

    private void TakeDeal(DealSharesStep deal)
    {
        NeedOpening();
        if (!_inspected) Error(CheckRules.Inspection, "Shares are dealt before the primary HSM was inspected.",
            "Inspect it first: its random numbers go into the secret.");
        if (_sets.ContainsKey(deal.Set)) Error(CheckRules.ShareSet, $"The {deal.Set} shares are dealt twice.", "Deal them once.");
        (int bits, string? why) = deal.Set == "activation" ? (128, "20 words") : (256, "33 words, the length of the wrap key");
        if (deal.Bits != bits) Error(CheckRules.ShareSet, $"The {deal.Set} secret has {deal.Bits} bits.", $"Write `bits: {bits}` ({why}).");
        if (deal.Set == "backup" || _changesActivation) NeedUnlocked();
        CheckSites(deal);
        _sets[deal.Set] = new ShareSetState(deal.Set, deal.Quorum, deal.Cards);
    }

    /// <summary>One place with a threshold is one burglary; one place with too many cards is one fire.</summary>
    private void CheckSites(DealSharesStep deal)
    {
        if (deal.Sites.IsEmpty || script.Quorums.FirstOrDefault(q => q.Name == deal.Quorum) is not { } quorum)
            return;
        if (deal.Sites.Length != quorum.Count)
            Error(CheckRules.Sites, $"{quorum.Count} cards are dealt and {deal.Sites.Length} places are named.",
                "Name the place of each card, in the order of the officers.");
        foreach (string nowhere in deal.Sites.Where(s => SiteNames.Said(s).Length == 0).Distinct())
            Error(CheckRules.Sites, $"\"{nowhere}\" is no place.", "Name the town and the building, or leave `sites` out.");
        if (quorum.Threshold < 2)
            return;
        var cards = Enumerable.Range(1, quorum.Count).ToImmutableArray();
        foreach (IGrouping<string, (int Number, string Site)> site in deal.Sites.Select((site, i) => (Number: i + 1, Site: site))
            .Where(card => SiteNames.Said(card.Site).Length > 0).GroupBy(card => SiteNames.Bare(card.Site), StringComparer.Ordinal))
            if (quorum.Plan.Opens(site.Select(card => card.Number)))
                Warn(CheckRules.Sites,
                    $"{site.Count()} {deal.Set} cards will lie in {Place(site)}, and {quorum.Plan.InWords} open the set.",
                    "Let fewer lie there: whoever enters has the set.");
            else if (!quorum.Plan.Opens(cards.Except(site.Select(card => card.Number))))
                Warn(CheckRules.Sites, $"{site.Count()} of {quorum.Count} {deal.Set} cards will lie in {Place(site)}.",
                    $"A fire there leaves fewer than the {quorum.Plan.InWords} that open the set. Let fewer lie there.");

        static string Place(IEnumerable<(int Number, string Site)> site) => site.First().Site;
    }

    private void TakeCommission()
    {
        NeedOpening();
        if (_primary != Hsm.Blank) Error(CheckRules.Inspection, "An HSM is commissioned that was not inspected and found blank.",
            "Put `do: inspect-hsm` with `token: primary`, `expect: blank` before it.");
        Use("activation", "its PINs are computed from them");
        _primary = Hsm.Unlocked;
    }

    private void TakeUnlock()
    {
        NeedOpening();
        NeedOfficers();
        if (_primary is Hsm.Blank or Hsm.Unlocked) Error(CheckRules.Inspection, "An HSM is unlocked that is blank or open already.",
            "Unlock the HSM that an earlier ceremony commissioned, once.");
        if (!_outOfBags.Contains(BagContents.PrimaryHsm)) Warn(CheckRules.Bag, "The HSM that is unlocked comes out of no bag.",
            "Open its bag with `do: open-bags`, so that its number is compared.");
        _commissionedBefore = true;
        _primary = Hsm.Unlocked;
    }

    private bool _changed;

    /// <summary>Cards that are dealt for it take their randomness from the HSM that is open.</summary>
    private readonly bool _changesActivation = script.Steps.Any(s => s is ChangeActivationStep);

    private void TakeChangeActivation()
    {
        NeedUnlocked();
        NeedOfficers();
        if (_changed)
            Error(CheckRules.Activation, "The PINs of the HSM are changed twice.", "Change them once.");
        if (script.Steps.Any(s => s is CommissionHsmStep))
            Error(CheckRules.Activation, "An HSM is commissioned and its PINs are changed.",
                "Leave one of both out: an HSM that is commissioned has new cards already.");
        if (!_inspected)
            Error(CheckRules.Activation, "The PINs of an HSM are changed that was not inspected.",
                "Put `do: inspect-hsm` with `token: primary`, `expect: commissioned` before: it is to be the one that the ledger knows.");
        Use("activation", "the new PINs are computed from them");
        _changed = true;
        _cardsChecked = false;
    }

    /// <summary>From the change on the old cards open nothing, and nobody wants to be asked for them in ten years.</summary>
    private void EndChanging()
    {
        if (_changed && !_cardsChecked)
            Warn(CheckRules.Activation, "The old activation cards are not destroyed after the PINs were changed.",
                "Put `do: check-cards` behind `do: change-activation`, where they are typed and destroyed.");
    }

    private void TakePreview(PreviewCertificateStep preview)
    {
        if (profiles is not null && !profiles.Contains(preview.Profile))
            Error(CheckRules.Profile, $"There is no certificate profile `{preview.Profile}`.",
                $"The profiles are {string.Join(", ", profiles.Order(StringComparer.Ordinal))}.");
        if (_certificates.ContainsKey(preview.Certificate))
            Error(CheckRules.Twice, $"The name `{preview.Certificate}` is taken by another certificate.",
                "Give each certificate its own name.");
        if (preview.Source != KeySource.Generated) NeedImported(preview);
        else if (_keys.TryGetValue(preview.Key, out KeyState? key) && !key.Restored)
            Error(CheckRules.PreviewFirst, $"The certificate is previewed after its key `{preview.Key}` was generated.",
                "Preview it before: a mistake found then leaves no orphaned key behind.");
        CheckSubject(preview);
        CheckIssuer(preview);
        CheckMlDsa(preview);
        _certificates[preview.Certificate] = new CertificateState(preview.Certificate) { Preview = preview };
        _approved = false;
    }

    /// <summary>The name as it will stand in the certificate, in the environment whose prefix is the longest.</summary>
    private void CheckSubject(PreviewCertificateStep preview)
    {
        if (preview.Source == KeySource.Existing) return;
        if (DistinguishedName.TryCreate([.. preview.Subject.Select(a => (a.Type, a.Value))],
            out DistinguishedName? name, out Refusal? refusal))
            foreach (string environment in script.Environments)
                if (!name.TryWithEnvironment(environment, out _, out Refusal? longer))
                    refusal = longer;
        if (refusal is not null)
            Error(CheckRules.Subject, $"The subject cannot be written: {refusal.Rule} {refusal.Message}", refusal.Remedy);
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

    /// <summary>What is previewed names the issuer's key, so the issuer is finished by then.</summary>
    private void CheckIssuer(PreviewCertificateStep preview)
    {
        if (preview.Issuer == preview.Certificate) return;
        if (!_certificates.TryGetValue(preview.Issuer, out CertificateState? issuer))
        {
            if (!_commissionedBefore) Error(CheckRules.Issuer, $"Nothing before this step is called `{preview.Issuer}`.",
                "Sign the issuer's certificate first, or restore its key.");
        }
        else if (!issuer.Signed)
        {
            Error(CheckRules.Issuer, $"The issuer `{preview.Issuer}` has not been signed itself.",
                "Finish the issuer before what it issues is previewed.");
        }
    }

    private void TakeSign(SignCertificateStep sign)
    {
        NeedUnlocked();
        if (!_certificates.TryGetValue(sign.Certificate, out CertificateState? certificate))
        {
            Error(CheckRules.Unpreviewed, $"The certificate `{sign.Certificate}` is signed and was not previewed.",
                "Preview it before its key is generated.");
            return;
        }
        if (certificate.Signed) Error(CheckRules.Twice, $"The certificate `{sign.Certificate}` is signed already.",
            "Sign it once: two signatures mean two certificates.");
        if (certificate.Preview is { } preview) CheckSigner(preview);
        certificate.Signed = true;
    }

    private void CheckSigner(PreviewCertificateStep preview)
    {
        bool selfSigned = preview.Issuer == preview.Certificate;
        if (preview.Source != KeySource.Generated && !_approved)
            Warn(CheckRules.Approval, "A certificate is signed and nobody has approved the preview.", "Put a `do: confirm` step between.");
        if (preview.Source == KeySource.Generated && !_keys.ContainsKey(preview.Key) && !_commissionedBefore)
            Error(CheckRules.Key, $"The key `{preview.Key}` does not exist yet.", "Generate it before its certificate is signed.");
        if (_certificates.GetValueOrDefault(preview.Issuer) is { } by) NeedAwake(by.KeyName, $"the certificate `{preview.Certificate}`");
        if (selfSigned || !_certificates.TryGetValue(preview.Issuer, out CertificateState? issuer)) return;
        if (_keys.TryGetValue(issuer.KeyName, out KeyState? key) && key.Purpose != KeyPurposes.Ca)
            Error(CheckRules.WrongPurpose, $"The {key.Purpose} key `{key.Name}` would sign the certificate `{preview.Certificate}`.",
                "Let a key with `purpose: ca` sign it.");
    }

    private void EndBags()
    {
        var wanted = new List<string>(_outOfBags);
        foreach (ShareSetState set in _sets.Values)
        {
            int count = script.Quorums.FirstOrDefault(q => q.Name == set.Quorum)?.Count ?? 0;
            wanted.AddRange(Enumerable.Range(1, count).Select(number => BagContents.ShareCard(set.Cards, number)));
        }
        if (_drilled) wanted.Add(BagContents.DrillHsm);
        if (_closed) wanted.AddRange([.. _unsigned ? [] : new[] { BagContents.PrimaryHsm }, BagContents.RecordStickA,
            BagContents.RecordStickB]);
        foreach (string? content in wanted.Distinct().Where(c => !_inBags.Contains(c)).Order(StringComparer.Ordinal))
            Warn(CheckRules.Bag, $"\"{content}\" ends in no bag.", "List it in a `do: seal-bags` step, under exactly this name.");
    }

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

    private bool CertifiesSigned(string key) => _certificates.Values.Any(c => c.Signed && c.KeyName == key);

    private ScriptFold At(Step step)
    {
        _step = step;
        return this;
    }

    private void Error(string rule, string message, string remedy) => Find(rule, Severity.Error, message, remedy);

    private void Warn(string rule, string message, string remedy) => Find(rule, Severity.Warning, message, remedy);

    private void Find(string rule, Severity severity, string message, string remedy) =>
        Findings.Add(new ScriptFinding(rule, severity, _step?.Line ?? 1, _step?.Id ?? "", message, remedy));

    /// <summary>Without a preview: known from the ledger.</summary>
    private sealed class CertificateState(string name)
    {
        public string Name => name;
        public PreviewCertificateStep? Preview { get; init; }
        public bool Signed { get; set; }
        public string KeyName => Preview?.Key ?? name;
    }

    private sealed class ShareSetState(string name, string quorum, string cards)
    {
        public string Name => name;
        public string Cards => cards;
        public string Quorum => quorum;
        public bool Used { get; set; }
        public bool WrapKeyDestroyed { get; set; }
    }
}
