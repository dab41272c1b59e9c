namespace KeyCeremony.Core.Script;

/// <summary>The model's part on the HSM itself: looked at, commissioned, opened, and opened otherwise.</summary>
internal sealed partial class ScriptFold
{
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
}
