using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace KeyCeremony.Core.Pki;

/// <summary>
/// A certificate the room has seen before the real key exists or signs. Only <see cref="CertificatePreview"/> makes one.
/// </summary>
public sealed class PreviewedCertificate
{
    internal PreviewedCertificate(CertificatePlan plan, ParsedTbs tbs, ParsedCertificate? throwAwaySigned)
    {
        Plan = plan;
        Tbs = tbs;
        ThrowAwaySigned = throwAwaySigned;
    }

    public CertificatePlan Plan { get; }

    /// <summary>Read back from the bytes written.</summary>
    public ParsedTbs Tbs { get; }

    /// <summary>The bytes to journal; <see cref="CertificatePreview.TryRestore"/> takes them.</summary>
    public ReadOnlyMemory<byte> ToBeSigned => Tbs.Der;

    /// <summary>
    /// The whole certificate, self-signed by the throw-away key, or closed with <see cref="ThrowAwayKey.StandInSignature"/>; null for a
    /// restored preview.
    /// </summary>
    public ParsedCertificate? ThrowAwaySigned { get; }

    /// <summary>SHA-256 of <see cref="ToBeSigned"/>.</summary>
    public byte[] Sha256() => SHA256.HashData(ToBeSigned.Span);

    public IReadOnlyList<TextLine> Describe() => CertificateText.Describe(Tbs);
}

/// <summary>Makes previews: the exact bytes, with a throw-away key where the real key does not exist yet.</summary>
public static class CertificatePreview
{
    /// <summary>
    /// Previews with one throw-away key as subject, and as signer too when self-signed. When issued, a throw-away key of
    /// the issuer's kind signs.
    /// </summary>
    /// <param name="key">Of the plan's kind; else refused: PLAN-06. A plan that cannot be written: PLAN-02 to PLAN-05.</param>
    public static bool TryMake(CertificatePlan plan, ThrowAwayKey key, [NotNullWhen(true)] out PreviewedCertificate? preview,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        if (plan.IsSelfSigned || plan.SignerKey is null)
            return TryMake(plan, key.SubjectPublicKeyInfo.Span, key, out preview, out refusal);
        using ThrowAwayKey signer = plan.SignerKey.CreateThrowAway();
        return TryMake(plan, key.SubjectPublicKeyInfo.Span, signer, out preview, out refusal);
    }

    /// <summary>Previews with a subject key that may exist already, as that of a request does.</summary>
    /// <param name="subjectPublicKeyInfo">DER, of the plan's kind; else refused: PLAN-06.</param>
    /// <param name="signer">Of the issuer's kind; when self-signed the subject's own key; else refused: PLAN-07.</param>
    public static bool TryMake(
        CertificatePlan plan,
        ReadOnlySpan<byte> subjectPublicKeyInfo,
        ThrowAwayKey signer,
        [NotNullWhen(true)] out PreviewedCertificate? preview,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        preview = null;
        refusal = PlanRules.Check(plan) ?? PlanRules.CheckKey(plan, subjectPublicKeyInfo)
            ?? CheckSigner(plan, subjectPublicKeyInfo, signer);
        if (refusal is not null)
            return false;
        byte[] tbs = ToBeSigned.Write(plan, subjectPublicKeyInfo);
        // An issuer's stand-in is known to nobody, so nobody can verify it: one signature of it will do for all.
        byte[] signature = plan.IsSelfSigned ? signer.Generator.SignData(tbs, signer.Algorithm.Hash) : signer.StandInSignature;
        // The strict reader is the first judge of our own writer.
        if (!CertificateReader.TryReadCertificate(ToBeSigned.Wrap(tbs, signer.Algorithm, signature),
            out ParsedCertificate? whole, out refusal))
            return false;
        preview = new PreviewedCertificate(plan, whole.ToBeSigned, whole);
        return true;
    }

    /// <summary>
    /// The preview again from the journal: the plan must write exactly these bytes around the key they hold.
    /// Else refused: CERT-01, PLAN-02 to PLAN-06, TBS-03.
    /// </summary>
    public static bool TryRestore(CertificatePlan plan, ReadOnlyMemory<byte> toBeSigned,
        [NotNullWhen(true)] out PreviewedCertificate? preview, [NotNullWhen(false)] out Refusal? refusal)
    {
        preview = null;
        if (!CertificateReader.TryReadToBeSigned(toBeSigned, out ParsedTbs? tbs, out refusal))
            return false;
        refusal = PlanRules.Check(plan) ?? PlanRules.CheckKey(plan, tbs.SubjectPublicKeyInfo.Span) ?? TbsComparison.CheckPlan(plan, tbs);
        preview = refusal is null ? new PreviewedCertificate(plan, tbs, throwAwaySigned: null) : null;
        return refusal is null;
    }

    /// <summary>
    /// A previewed certificate and its issuer's as others can verify them: what holds foreign bytes is shown to other implementations
    /// before the real key signs it. An issuer's stand-in has the issuer's name and extensions and the throw-away key; nobody keeps it.
    /// </summary>
    /// <param name="signer">As the preview was made with.</param>
    /// <returns>DER; the same one twice when it is self-signed.</returns>
    public static (ReadOnlyMemory<byte> Certificate, ReadOnlyMemory<byte> Issuer) TrialOf(PreviewedCertificate preview, ThrowAwayKey signer)
    {
        ArgumentNullException.ThrowIfNull(preview);
        ArgumentNullException.ThrowIfNull(signer);
        if (preview.Plan.Issuer is not { } issuer)
            return (preview.ThrowAwaySigned!.Der, preview.ThrowAwaySigned.Der);
        byte[] standIn = ToBeSigned.WriteStandIn(issuer.ToBeSigned, signer);
        return (Signed(preview.ToBeSigned.ToArray(), signer), Signed(standIn, signer));
    }

    private static byte[] Signed(byte[] tbs, ThrowAwayKey signer) =>
        ToBeSigned.Wrap(tbs, signer.Algorithm, signer.Generator.SignData(tbs, signer.Algorithm.Hash));

    private static Refusal? CheckSigner(CertificatePlan plan, ReadOnlySpan<byte> subjectPublicKeyInfo, ThrowAwayKey signer)
    {
        bool isOwnKey = signer.SubjectPublicKeyInfo.Span.SequenceEqual(subjectPublicKeyInfo);
        return signer.Algorithm == plan.SignerKey && (isOwnKey || !plan.IsSelfSigned) ? null
            : PlanRules.Signer.Refuse($"A throw-away key of the kind {signer.Algorithm.Title} cannot sign this.",
                "Use a key of the issuer's kind.");
    }
}
