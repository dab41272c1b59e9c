using System.Collections.Immutable;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Script;

/// <summary>The model's part on certificates.</summary>
internal sealed partial class ScriptFold
{
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

    private bool CertifiesSigned(string key) => _certificates.Values.Any(c => c.Signed && c.KeyName == key);

    /// <summary>Without a preview: known from the ledger.</summary>
    private sealed class CertificateState(string name)
    {
        public string Name => name;
        public PreviewCertificateStep? Preview { get; init; }
        public bool Signed { get; set; }
        public string KeyName => Preview?.Key ?? name;
    }
}
