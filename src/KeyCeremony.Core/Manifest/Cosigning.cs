using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Manifest;

/// <summary>A further signature on an envelope, by an officer with a key of their own.</summary>
public static class Cosigning
{
    /// <summary>
    /// DSSE-07 for a certificate that has not begun: nobody has signed with it yet. One that ran out may have signed before.
    /// </summary>
    /// <param name="utc">When the signature is added.</param>
    public static Refusal? CheckToday(ParsedCertificate certificate, DateTimeOffset utc)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return certificate.ToBeSigned.NotBefore.Value is var begin && begin > utc
            ? BatchRules.Moment.Refuse($"The co-signer's certificate is not valid before {begin:yyyy-MM-dd HH:mm:ss} UTC.",
                "Look at the clock of this machine. If it is right, give the certificate that is valid today.")
            : null;
    }

    /// <summary>
    /// The same payload and signatures with one more behind them. Else refused: BATCH rules, DSSE-04, DSSE-05, DSSE-07, DSSE-10, DSSE-11.
    /// </summary>
    /// <param name="signature">Over <see cref="Dsse.Pae"/>: ECDSA in DER, or ML-DSA.</param>
    public static bool TryAdd(DsseEnvelope envelope, ParsedCertificate certificate,
        ReadOnlySpan<byte> signature, [NotNullWhen(true)] out DsseEnvelope? cosigned, [NotNullWhen(false)] out Refusal? refusal)
    {
        cosigned = null;
        if (BatchStatement.TryRead(envelope.Payload.AsSpan(), out BatchStatement? statement, out refusal))
            refusal = BatchVerification.CheckFinal(statement) ?? SignerChecks.CheckKey(certificate)
                ?? SignerChecks.CheckMoment(statement.FinishedOn, certificate)
                ?? Check(envelope, certificate, signature);
        if (refusal is null)
        {
            cosigned = envelope with { Signatures = envelope.Signatures.Add(new DsseSignature(Dsse.KeyId(certificate), [.. signature])) };
            if (cosigned.Write().Length > DsseEnvelope.MaxBytes)
            {
                refusal = BatchRules.Signatures.Refuse($"With this signature the envelope would pass {DsseEnvelope.MaxBytes / 1024} KiB.",
                    "It takes no more.");
                cosigned = null;
            }
        }
        return cosigned is not null;
    }

    private static Refusal? Check(DsseEnvelope envelope, ParsedCertificate certificate, ReadOnlySpan<byte> signature)
    {
        if (envelope.Signatures.Length >= DsseEnvelope.MaxSignatures)
            return BatchRules.Signatures.Refuse($"The envelope has {envelope.Signatures.Length} signatures.", "It takes no more.");
        byte[] pae = Dsse.Pae(envelope.Payload.AsSpan());
        if (signature.Length > DsseEnvelope.MaxSignature || !Dsse.Holds(certificate, pae, signature))
            return WrittenOtherwise(certificate, pae, signature)
                ?? MadeOtherwise(certificate, envelope, signature) ?? BatchRules.Added.Refuse(
                "The signature does not hold under the certificate's key.",
                "Sign the bytes that 'keyceremony manifest pae' writes: with SHA-256 on P-256 and SHA-384 on P-384, in DER, "
                    + "or with ML-DSA as they are.");
        string keyId = Dsse.KeyId(certificate);
        return envelope.Signatures.Any(one => one.KeyId == keyId || Dsse.Holds(certificate, pae, one.Sig.AsSpan()))
            ? BatchRules.Once.Refuse("This key has signed already.", "One signature a key is enough; nothing was added.") : null;
    }

    private static Refusal? MadeOtherwise(ParsedCertificate certificate, DsseEnvelope envelope, ReadOnlySpan<byte> signature) =>
        signature.Length <= DsseEnvelope.MaxSignature && Dsse.MadeOtherwise(certificate.ToBeSigned.SubjectPublicKeyInfo.Span,
            envelope.Payload.AsSpan(), signature) is { } odd
            ? BatchRules.Added.Refuse($"The signature is the certificate's key's, and {odd.How}.",
                $"{odd.Remedy} 'keyceremony manifest pae' writes the bytes that are signed.")
            : null;

    /// <summary>The key signed these bytes, and the file has the signature in another form: nothing was changed.</summary>
    private static Refusal? WrittenOtherwise(ParsedCertificate certificate, byte[] pae, ReadOnlySpan<byte> signature)
    {
        ReadOnlySpan<byte> key = certificate.ToBeSigned.SubjectPublicKeyInfo.Span;
        if (Dsse.IsBare(key, pae, signature))
            return BatchRules.Added.Refuse("The signature is the certificate's key's, and is written as r and s side by side; "
                + "an envelope has it in DER.", BareSignature.Remedy);
        byte[] decoded = new byte[signature.Length];
        return Base64.DecodeFromUtf8(signature.Trim(" \t\r\n"u8), decoded, out _, out int length) == OperationStatus.Done
            && (Dsse.Holds(key, pae, decoded.AsSpan(0, length)) || Dsse.IsBare(key, pae, decoded.AsSpan(0, length)))
            ? BatchRules.Added.Refuse("The signature is the certificate's key's, and the file has it in base64, as clouds print it.",
                "Have its bytes written back (base64 -d), and give that file.")
            : null;
    }
}
