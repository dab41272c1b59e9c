using KeyCeremony.Core;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Release;

namespace KeyCeremony.Verifier;

/// <summary>What a second implementation says of an envelope whose signatures the first one accepted.</summary>
public static class SecondSignatures
{
    /// <summary>DSSE-10 when it does not agree about one signature that counts, or about who issued the signer's certificate.</summary>
    public static Refusal? Refuse(DsseEnvelope envelope, BatchVerification verified)
    {
        byte[] pae = Dsse.Pae(envelope.Payload.AsSpan());
        string? flaw = envelope.Signatures.Zip(verified.Signatures)
            .Where(one => one.Second.Standing is SignatureStanding.Manifest or SignatureStanding.Cosigner)
            .Select(one => BouncyCastleOpinion.OfSignature(pae, one.First.Sig.ToArray(), one.Second.By!.ToBeSigned.SubjectPublicKeyInfo))
            .FirstOrDefault(found => found is not null);
        if (flaw is null && !verified.Signer.Der.Span.SequenceEqual(verified.Trusted.Der.Span))
            flaw = BouncyCastleOpinion.OfCertificate(verified.Signer, verified.Trusted.ToBeSigned.SubjectPublicKeyInfo);
        return flaw is null ? null
            : BatchRules.Second.Refuse($"A second implementation, BouncyCastle, does not agree: {flaw}.",
                "Do not use it, and find out which of the two implementations is wrong.");
    }

    /// <summary>BUILDER-09 when it does not agree about one builder's signature.</summary>
    public static Refusal? Refuse(ReleaseJudgement judgement)
    {
        ArgumentNullException.ThrowIfNull(judgement);
        foreach (BuilderEvidence evidence in judgement.Builders)
            if (BouncyCastleOpinion.OfSignature(evidence.Signed, evidence.Signature, evidence.Key.SubjectPublicKeyInfo) is { } flaw)
                return ReleaseRules.Second.Refuse(
                    $"'{evidence.Builder.Statement}': a second implementation, BouncyCastle, does not agree: {flaw}.",
                    "Do not use it, and find out which of the two implementations is wrong.");
        return null;
    }
}
