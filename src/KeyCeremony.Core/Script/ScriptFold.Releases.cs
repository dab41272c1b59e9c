namespace KeyCeremony.Core.Script;

/// <summary>The model's part that signs and withdraws releases.</summary>
internal sealed partial class ScriptFold
{
    private readonly HashSet<string> _builders = new(StringComparer.Ordinal), _released = new(StringComparer.Ordinal),
        _withdrawn = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PreviewReleaseStep> _releases = new(StringComparer.Ordinal);

    private void TakeImportBuilder(ImportBuilderStep builder)
    {
        NeedOpening();
        if (!_builders.Add(builder.Builder))
            Error(CheckRules.Release, $"The builder `{builder.Builder}` is imported twice.", "Give each builder its own name.");
    }

    private void TakePreviewRelease(PreviewReleaseStep preview)
    {
        NeedOpening();
        if (!_releases.TryAdd(preview.Release, preview))
            Error(CheckRules.Release, $"The release `{preview.Release}` is previewed twice.", "Preview it once, and sign it.");
        if (_releases.Values.Any(other => other != preview && IsSameComponent(other, preview)))
            Error(CheckRules.Release, $"Two releases of {preview.Component} of {preview.Product} are previewed.",
                "Sign one release of a component a day: which of two is the newer one would be nobody's word.");
        NeedReleaseSigner(preview.Signer);
        _approved = false;
    }

    private void TakeSignRelease(SignReleaseStep sign)
    {
        NeedUnlocked();
        if (!_releases.ContainsKey(sign.Release))
            Error(CheckRules.Release, $"The release `{sign.Release}` is signed and was not previewed.",
                "Put `do: preview-release` before.");
        if (!_approved) Warn(CheckRules.Approval, "A release is signed and nobody has approved the preview.",
            "Put a `do: confirm` step between.");
        if (!_released.Add(sign.Release)) Error(CheckRules.Twice, $"The release `{sign.Release}` is signed already.", "Sign it once.");
    }

    private void TakeWithdrawRelease(WithdrawReleaseStep withdraw)
    {
        NeedUnlocked();
        if (!_confirmed) Warn(CheckRules.Approval, "A release is withdrawn and nobody has confirmed that it must be.",
            "Put a `do: confirm` step before.");
        if (!_withdrawn.Add(withdraw.Release))
            Error(CheckRules.Release, $"The release `{withdraw.Release}` is withdrawn twice.", "Withdraw it once.");
        if (_releases.ContainsKey(withdraw.Release))
            Error(CheckRules.Release, $"The release `{withdraw.Release}` is signed and withdrawn in one ceremony.",
                "Withdraw on a day of its own, and sign the next release on another.");
    }

    private void NeedReleaseSigner(string signer)
    {
        if (_certificates.TryGetValue(signer, out CertificateState? certificate) ? !certificate.Signed : !_commissionedBefore)
            Error(CheckRules.Release, $"The signer `{signer}` has no certificate at this step.", "Sign it first.");
        else if (certificate is not null && _keys.TryGetValue(certificate.KeyName, out KeyState? key) && key.Purpose != KeyPurposes.Release)
            Error(CheckRules.Release, $"The key `{key.Name}` is no release key and would sign a release.",
                "Let a key with `purpose: release` sign it.");
    }

    private void EndReleases()
    {
        foreach (string release in _releases.Keys.Except(_released))
            Error(CheckRules.Unfinished, $"The release `{release}` is previewed and never signed.",
                "Add `do: sign-release`, or leave the preview out.");
    }

    private static bool IsSameComponent(PreviewReleaseStep one, PreviewReleaseStep other) =>
        (one.Product, one.Component) == (other.Product, other.Component);
}
