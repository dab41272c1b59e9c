namespace KeyCeremony.Core.Script;

/// <summary>The model's part that signs what others ask for: requests, cross-certificates, revocation lists.</summary>
internal sealed partial class ScriptFold
{
    private readonly Dictionary<string, ImportState> _imports = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CrlState> _crls = new(StringComparer.Ordinal);

    private void TakeImport(string name, KeySource kind)
    {
        NeedOpening();
        if (!_imports.TryAdd(name, new ImportState(name, kind)))
            Error(CheckRules.Request, $"`{name}` is imported twice.", "Give each import its own name.");
    }

    /// <summary>A request belongs to the ceremony that signs it; an existing certificate may be the ledger's own.</summary>
    private void NeedImported(PreviewCertificateStep preview)
    {
        if (_imports.TryGetValue(preview.Key, out ImportState? import) && import.Kind == preview.Source)
            import.Used = true;
        else if (preview.Source == KeySource.Request)
            Error(CheckRules.Request, $"No request `{preview.Key}` was imported.", "Put `do: import-request` before.");
        else if (!_commissionedBefore)
            Error(CheckRules.Request, $"Nothing is known of the certificate `{preview.Key}`.", "Put `do: import-certificate` before.");
        if (preview.Issuer == preview.Certificate)
            Error(CheckRules.Issuer, $"The certificate `{preview.Certificate}` cannot be self-signed: its key is elsewhere.",
                "Name the issuer.");
    }

    private void TakePreviewCrl(PreviewCrlStep list)
    {
        NeedOpening();
        if (!_crls.TryAdd(list.Crl, new CrlState(list.Crl)))
            Error(CheckRules.Crl, $"The revocation list `{list.Crl}` is previewed twice.", "Preview each list once.");
        if (list.Shard is not null && list.Address.Length == 0)
            Error(CheckRules.Crl, "A part of a list has no address.",
                "Write `address:`, the URI that stands in its critical distribution point.");
        if (list.DclLabel.Length == 0 != (list.DclUrl.Length == 0))
            Error(CheckRules.Crl, "A Matter revocation point needs both a label and a URL.",
                "Write `dcl-label:` and `dcl-url:`, or neither.");
        if (_certificates.TryGetValue(list.Issuer, out CertificateState? issuer) ? !issuer.Signed : !_commissionedBefore)
            Error(CheckRules.Issuer, $"The issuer `{list.Issuer}` has no certificate at this step.", "Sign it first.");
        else if (issuer is not null && _keys.TryGetValue(issuer.KeyName, out KeyState? key) && key.Purpose != KeyPurposes.Ca)
            Error(CheckRules.WrongPurpose, $"The {key.Purpose} key `{key.Name}` would sign the list `{list.Crl}`.",
                "Let a key with `purpose: ca` sign it.");
        _approved = false;
    }

    private void TakeSignCrl(SignCrlStep list)
    {
        NeedUnlocked();
        if (!_crls.TryGetValue(list.Crl, out CrlState? state))
        {
            Error(CheckRules.Unpreviewed, $"The revocation list `{list.Crl}` is signed and was not previewed.",
                "Put `do: preview-crl` before.");
            return;
        }
        if (!_approved) Warn(CheckRules.Approval, "A revocation list is signed and nobody has approved the preview.",
            "Put a `do: confirm` step between.");
        if (state.Signed) Error(CheckRules.Twice, $"The revocation list `{list.Crl}` is signed already.",
            "Sign it once: two lists would carry one number.");
        state.Signed = true;
    }

    private void EndSigning()
    {
        foreach (ImportState? import in _imports.Values.Where(i => !i.Used))
            Error(CheckRules.Unfinished, $"`{import.Name}` is imported and never used.",
                "Preview a certificate for it, or leave the import out.");
        foreach (CrlState? list in _crls.Values.Where(c => !c.Signed))
            Error(CheckRules.Unfinished, $"The revocation list `{list.Name}` is previewed and never signed.",
                "Add `do: sign-crl`, or leave the preview out.");
    }

    private sealed class ImportState(string name, KeySource kind)
    {
        public string Name => name;
        public KeySource Kind => kind;
        public bool Used { get; set; }
    }

    private sealed class CrlState(string name)
    {
        public string Name => name;
        public bool Signed { get; set; }
    }
}
