using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Manifest;

/// <summary>What an envelope is verified against.</summary>
/// <param name="Trusted">The manifest signer's certificate itself, or the authority that issued it.</param>
/// <param name="Chain">The signer's certificate first; may be empty when it is the trusted one.</param>
/// <param name="Cosigners">Certificates of officers with keys of their own, trusted as they are given.</param>
/// <param name="Required">How many co-signers must have signed.</param>
public sealed record BatchTrust(ParsedCertificate Trusted, ImmutableArray<ParsedCertificate> Chain,
    ImmutableArray<ParsedCertificate> Cosigners, int Required = 0);

/// <summary>What a signature of an envelope is worth.</summary>
public enum SignatureStanding
{
    /// <summary>The manifest signer's, and it holds.</summary>
    Manifest,

    /// <summary>A co-signer's, and it holds.</summary>
    Cosigner,

    /// <summary>It names a key that was given, and does not hold under it.</summary>
    Broken,

    /// <summary>Of a key that was not given: nothing is known about it.</summary>
    Unknown,
}

/// <param name="KeyId">As the envelope says; anything, when the standing is unknown.</param>
/// <param name="By">Under whose key it holds, or whose key it names; null when unknown.</param>
public sealed record SignatureFinding(string KeyId, SignatureStanding Standing, ParsedCertificate? By);

/// <summary>
/// A statement whose signature was verified; only <see cref="TryVerify"/> makes one. It was read from the very bytes
/// that are signed. Not checked: revocation, which no statement and no clock can tell years later.
/// </summary>
public sealed class BatchVerification
{
    private BatchVerification(BatchStatement statement, ParsedCertificate signer,
        ParsedCertificate trusted, ImmutableArray<SignatureFinding> signatures) =>
        (Statement, Signer, Trusted, Signatures) = (statement, signer, trusted, signatures);

    public BatchStatement Statement { get; }

    /// <summary>Whose signature holds.</summary>
    public ParsedCertificate Signer { get; }

    public ParsedCertificate Trusted { get; }

    /// <summary>One finding a signature, in the order of the envelope.</summary>
    public ImmutableArray<SignatureFinding> Signatures { get; }

    /// <summary>Else refused: the BATCH rules of the statement, DSSE-05 to DSSE-09.</summary>
    public static bool TryVerify(DsseEnvelope envelope, BatchTrust trust, [NotNullWhen(true)] out BatchVerification? verified,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        verified = null;
        if (!BatchStatement.TryRead(envelope.Payload.AsSpan(), out BatchStatement? statement, out refusal)
            || (refusal = CheckFinal(statement)) is not null
            || (refusal = SignerChecks.Find(trust, statement.FinishedOn, out ParsedCertificate? signer)) is not null)
            return false;
        ImmutableArray<SignatureFinding> findings =
            [.. envelope.Signatures.Select(signature => Find(envelope, signature, signer!, trust.Cosigners))];
        refusal = CheckSigned(findings) ?? CheckCosigned(findings, trust.Required);
        verified = refusal is null ? new BatchVerification(statement, signer!, trust.Trusted, findings) : null;
        return verified is not null;
    }

    /// <summary>What was verified, in words; the statement's own words are not among them.</summary>
    public IReadOnlyList<TextLine> Describe() =>
    [
        new("statement SHA-256", Statement.Sha256()),
        new("trusted", $"{Subject(Trusted)}, SHA-256 {Convert.ToHexStringLower(Trusted.Sha256())}"),
        new("manifest signer", Signer.Der.Span.SequenceEqual(Trusted.Der.Span)
            ? "the trusted certificate itself"
            : $"{Subject(Signer)}, issued by the trusted certificate's key"),
        .. Signatures.Select((finding, i) => new TextLine($"signature {i + 1}", Words(finding))),
    ];

    /// <summary>BATCH-15 for a draft, which nobody signs.</summary>
    public static Refusal? CheckFinal(BatchStatement statement) => statement.IsDraft
        ? BatchRules.Final.Refuse("The statement is a draft of the factory.", "Take the statement that the ceremony wrote.") : null;

    private static SignatureFinding Find(DsseEnvelope envelope, DsseSignature signature,
        ParsedCertificate signer, ImmutableArray<ParsedCertificate> cosigners)
    {
        byte[] pae = Dsse.Pae(envelope.Payload.AsSpan());
        // DSSE 1.0: a key id is a hint. Without one, every key is tried.
        ParsedCertificate[] named = [.. new[] { signer }.Concat(cosigners)
            .Where(one => signature.KeyId.Length == 0 || signature.KeyId == Dsse.KeyId(one))];
        if (Array.Find(named, one => Dsse.Holds(one, pae, signature.Sig.AsSpan())) is { } by)
            return new SignatureFinding(signature.KeyId,
                ReferenceEquals(by, signer) ? SignatureStanding.Manifest : SignatureStanding.Cosigner, by);
        return signature.KeyId.Length > 0 && named.Length > 0
            ? new SignatureFinding(signature.KeyId, SignatureStanding.Broken, named[0])
            : new SignatureFinding(signature.KeyId, SignatureStanding.Unknown, null);
    }

    private static Refusal? CheckSigned(ImmutableArray<SignatureFinding> findings) =>
        findings.Any(finding => finding.Standing == SignatureStanding.Manifest) ? null
        : findings.Any(finding => finding.Standing == SignatureStanding.Broken)
            ? BatchRules.Signed.Refuse("A signature that names a key given here does not hold over these bytes.",
                "The statement is not the one that was signed: do not use it. "
                    + "Take the envelope again from where the ceremony's bundle lies.")
            : BatchRules.Signed.Refuse("The envelope does not fit the signer that is given: none of its signatures is by that key.",
                "Nothing says that the statement was changed. Give the certificate of the key that signed, or this signer's envelope.");

    private static Refusal? CheckCosigned(ImmutableArray<SignatureFinding> findings, int required)
    {
        int held = findings.Where(finding => finding.Standing == SignatureStanding.Cosigner)
            .Select(finding => Dsse.KeyId(finding.By!)).Distinct().Count();
        return held >= required ? null
            : BatchRules.Cosigned.Refuse($"{held} co-signers have signed, {required} are required.",
                "Give the certificates of all co-signers, or ask for the envelope that they signed.");
    }

    private static string Words(SignatureFinding finding) => finding.Standing switch
    {
        SignatureStanding.Manifest => $"holds: the manifest signer, key {Dsse.KeyId(finding.By!)}",
        SignatureStanding.Cosigner => $"holds: co-signer {Subject(finding.By!)}, key {Dsse.KeyId(finding.By!)}",
        SignatureStanding.Broken => $"DOES NOT HOLD under the key it names, {Dsse.KeyId(finding.By!)} of {Subject(finding.By!)}",
        _ => $"of an unknown key, not trusted: {(finding.KeyId.Length == 0 ? "it names none" : CertificateText.Visible(finding.KeyId))}",
    };

    private static string Subject(ParsedCertificate certificate) => CertificateText.Visible(certificate.ToBeSigned.Subject.ToString());
}
