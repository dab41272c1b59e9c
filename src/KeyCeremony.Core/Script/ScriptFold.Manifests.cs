using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Script;

/// <summary>The model's part that signs batch manifests.</summary>
internal sealed partial class ScriptFold
{
    private bool _manifestsPreviewed;
    private bool _manifestsSigned;

    private void TakePreviewManifests()
    {
        NeedOpening();
        if (_manifestsPreviewed)
            Error(CheckRules.Manifest, "Batch manifests are previewed twice.",
                "Preview once: one step takes as many batches as there are.");
        _manifestsPreviewed = true;
        _approved = false;
    }

    private void TakeSignManifests(SignManifestsStep sign)
    {
        NeedUnlocked();
        if (!_manifestsPreviewed)
            Error(CheckRules.Manifest, "Batch manifests are signed and none was previewed.", "Put `do: preview-manifests` before.");
        if (!_approved) Warn(CheckRules.Approval, "Batch manifests are signed and nobody has approved the preview.",
            "Put a `do: confirm` step between.");
        if (_manifestsSigned) Error(CheckRules.Twice, "Batch manifests are signed already.", "Sign them once.");
        if (sign.All.Distinct().Count() != 1 + sign.CoSigners.Length)
            Error(CheckRules.Manifest, "One signer signs twice.", "Name each signer once.");
        if (_certificates.GetValueOrDefault(sign.Signer)?.Preview is { } first && KeyAlgorithm.IsNameOfMlDsa(first.Algorithm))
            Error(CheckRules.MlDsa, $"The first signer, `{sign.Signer}`, is of ML-DSA, and it also signs the CMS that openssl reads.",
                "Name the classical one in `signer`, and this one in `co-signers`.");
        foreach (string signer in sign.All) NeedManifestSigner(signer);
        _manifestsSigned = true;
    }

    private void NeedManifestSigner(string signer)
    {
        if (_certificates.TryGetValue(signer, out CertificateState? certificate) ? !certificate.Signed : !_commissionedBefore)
            Error(CheckRules.Manifest, $"The signer `{signer}` has no certificate at this step.", "Sign it first.");
        else if (certificate is not null && _keys.TryGetValue(certificate.KeyName, out KeyState? key)
            && key.Purpose != KeyPurposes.Manifest)
            Error(CheckRules.Manifest, $"The key `{key.Name}` is no manifest key and would sign batch manifests.",
                "Let a key with `purpose: manifest` sign them.");
    }

    private void EndManifests()
    {
        if (_manifestsPreviewed && !_manifestsSigned)
            Error(CheckRules.Unfinished, "Batch manifests are previewed and never signed.",
                "Add `do: sign-manifests`, or leave the preview out.");
    }
}
