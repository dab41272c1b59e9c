using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Crl;
using KeyCeremony.Core.Reading;

namespace KeyCeremony.Core.Manifest.Devices;

/// <summary>The CA that issued the certificates of a batch, and when the batch was finished.</summary>
public sealed class DeviceIssuer
{
    private DeviceIssuer(ParsedCertificate certificate, KeyAlgorithm algorithm, DateTimeOffset finishedOn) =>
        (Certificate, Algorithm, FinishedOn) = (certificate, algorithm, finishedOn);

    public ParsedCertificate Certificate { get; }

    /// <summary>Every certificate is valid then.</summary>
    public DateTimeOffset FinishedOn { get; }

    internal KeyAlgorithm Algorithm { get; }

    /// <summary>A CA that may sign certificates, with a key of a kind we use. Else refused: BUILD-05.</summary>
    public static bool TryMake(ParsedCertificate certificate, DateTimeOffset finishedOn,
        [NotNullWhen(true)] out DeviceIssuer? issuer, [NotNullWhen(false)] out Refusal? refusal)
    {
        (issuer, refusal) = (null, null);
        ParsedTbs tbs = certificate.ToBeSigned;
        if (CaStanding.WhyNot(tbs) is { } why)
            refusal = BuildRules.IssuingCa.Refuse($"The issuing CA: {why}",
                "Give the certificate of the CA that issues the devices' certificates.");
        else if (tbs.KeyAlgorithm is not { } algorithm)
            refusal = BuildRules.IssuingCa.Refuse("The issuing CA's key is of a kind that is not verified here: what it signed "
                + "cannot be judged.", "P-256, P-384, RSA 3072, RSA 4096 and ML-DSA are known.");
        else if (finishedOn > tbs.NotAfter.Value)
            refusal = BuildRules.IssuingCa.Refuse($"The issuing CA ran out on {tbs.NotAfter.Value:yyyy-MM-dd HH:mm:ss} UTC, before the "
                + $"batch was finished, {finishedOn:yyyy-MM-dd HH:mm:ss}.",
                "Look at finishedOn and the clock of the line; or give the certificate that the CA had then.");
        else
            issuer = new DeviceIssuer(certificate, algorithm, finishedOn);
        return issuer is not null;
    }

    /// <summary>SHA-256 of the certificate, and the time: what the answer of a verification depends on.</summary>
    public override string ToString() => $"{Convert.ToHexStringLower(Certificate.Sha256())} {BatchJson.Time(FinishedOn)}";
}

/// <summary>Reads devices' certificates out of a list and, where the issuer is known, verifies them. One thread has it.</summary>
internal sealed class DeviceCertificates(DeviceIssuer? issuer) : IDisposable
{
    private readonly ImportedKey? _issuerKey = issuer is null
        ? null
        : new ImportedKey(issuer.Algorithm, issuer.Certificate.ToBeSigned.SubjectPublicKeyInfo.Span);
    private readonly byte[] _issuerSpki = issuer is null ? [] : SHA256.HashData(issuer.Certificate.ToBeSigned.SubjectPublicKeyInfo.Span);
    private readonly byte[] _issuerSha256 = issuer is null ? [] : issuer.Certificate.Sha256();
    private readonly byte[] _signatureAlgorithm = issuer?.Algorithm.SignatureAlgorithmIdentifier() ?? [];
    private const int MostOnStack = 1024;

    private readonly byte[] _der = new byte[DeviceListReader.MaxRow];
    private int _odd; // signatures that were looked at for what else the CA may have signed

    /// <summary>Of the certificate read last.</summary>
    public byte[] CertSha256 { get; } = new byte[TreeHash.Length];

    /// <summary>Of its subjectPublicKeyInfo.</summary>
    public byte[] SpkiSha256 { get; } = new byte[TreeHash.Length];

    /// <summary>The same of its usual form: <see cref="KeyForm"/>. What tells keys apart.</summary>
    public byte[] KeySha256 { get; } = new byte[TreeHash.Length];

    /// <summary>SHA-256 of issuer and serial number: by them a CA takes a certificate back, and by nothing else.</summary>
    public byte[] IssuerAndSerial { get; } = new byte[TreeHash.Length];

    /// <summary>Its serial number, for a sentence.</summary>
    public ReadOnlyMemory<byte> Serial { get; private set; }

    private static ReadOnlySpan<byte> Dashes => "-----"u8;

    /// <summary>What is wrong, or null.</summary>
    public Refusal? Read(ReadOnlySpan<byte> text)
    {
        if (Decode(text, out string? wrong, out bool isKey) is not { IsEmpty: false } der)
            return isKey || PrivateKeyTraces.AreIn(text) ? HoldsKey() : DeviceRules.Certificate.Refuse(
                wrong ?? "This is neither a certificate in base64 nor one PEM block with a certificate.",
                "Write the certificate's DER in base64 into the field.");
        if (DerKind.IsAnother(der.Span, DerKind.Certificate, out wrong, out isKey))
            return isKey ? HoldsKey() : DeviceRules.Certificate.Refuse(wrong, "Write the certificate's DER in base64 into the field.");
        if (!CertificateReader.TryReadCertificate(der, out ParsedCertificate? certificate, out Refusal? refusal))
            return DeviceRules.Certificate.Refuse(refusal.Message, refusal.Remedy);
        SHA256.HashData(der.Span, CertSha256);
        SHA256.HashData(certificate.ToBeSigned.SubjectPublicKeyInfo.Span, SpkiSha256);
        ReadOnlyMemory<byte> usual = KeyForm.Usual(certificate.ToBeSigned.SubjectPublicKeyInfo, certificate.ToBeSigned.PublicKeyBits);
        if (usual.Equals(certificate.ToBeSigned.SubjectPublicKeyInfo))
            SpkiSha256.CopyTo(KeySha256, 0);
        else
            SHA256.HashData(usual.Span, KeySha256);
        Name(certificate.ToBeSigned);
        return issuer is null ? null : CheckSerial(certificate.ToBeSigned) ?? CheckUse(certificate.ToBeSigned) ?? CheckIssuer(certificate);
    }

    /// <summary>Whether a device's key is the issuing CA's own.</summary>
    public bool IsIssuerKey(ReadOnlySpan<byte> spkiSha256) => spkiSha256.SequenceEqual(_issuerSpki);

    /// <summary>What of the issuing CA has this hash, in words; null: nothing.</summary>
    public string? WhoseHash(ReadOnlySpan<byte> sha256) => sha256.SequenceEqual(_issuerSha256) ? "that of the issuing CA's certificate"
        : IsIssuerKey(sha256) ? "that of the issuing CA's key" : null;

    public void Dispose() => _issuerKey?.Dispose();

    // What no revocation list can name could never be taken back.
    private static Refusal? CheckSerial(ParsedTbs tbs) => RevokedSerial.TryFromContent(tbs.Serial.Span, out _) ? null
        : DeviceRules.CertificateSerial.Refuse($"The certificate's serial number {Convert.ToHexStringLower(tbs.Serial.Span)} is "
            + (tbs.Serial.Span is [0] ? "zero" : (tbs.Serial.Span[0] & 0x80) != 0 ? "negative" : "longer than 20 bytes")
            + ": no revocation list could name it.",
            "Have the device certified anew, with a positive serial number of at most 20 bytes (RFC 5280 4.1.2.2).");

    private static Refusal HoldsKey() => DeviceRules.Certificate.Refuse("The field holds a private key.",
        "Whoever saw this list can use the key: destroy every copy of the list, and certify the device anew with a new key.");

    private void Name(ParsedTbs tbs)
    {
        ReadOnlySpan<byte> issuerName = tbs.Issuer.Der.Span, serial = tbs.Serial.Span;
        Span<byte> both = issuerName.Length + serial.Length <= MostOnStack
            ? stackalloc byte[issuerName.Length + serial.Length]
            : new byte[issuerName.Length + serial.Length];
        issuerName.CopyTo(both);
        serial.CopyTo(both[issuerName.Length..]);
        SHA256.HashData(both, IssuerAndSerial);
        Serial = tbs.Serial;
    }

    // Empty when it is no base64. In PEM the lines may also be joined by blanks: a CSV has no line feed inside a field.
    private ReadOnlyMemory<byte> Decode(ReadOnlySpan<byte> text, out string? wrong, out bool isKey)
    {
        (wrong, isKey) = (null, false);
        if (text.IndexOf(Dashes) < 0)
            return !text.ContainsAny(" \r\n"u8) && Base64.DecodeFromUtf8(text, _der, out _, out int length) == OperationStatus.Done
                ? _der.AsMemory(0, length)
                : default;
        var pem = PemFile.Read(Lines(text), ["CERTIFICATE"]);
        isKey = pem.IsPrivateKey;
        wrong = pem.Wrong is { } found ? $"The PEM in the field, with a line's end for each blank: {found}" : null;
        return wrong is null ? pem.Blocks[0] : default;
    }

    // A line for each run of base64 and for each boundary, whose blanks are its own.
    private static byte[] Lines(ReadOnlySpan<byte> text)
    {
        var lines = new List<byte>(text.Length + 16);
        while (!text.IsEmpty)
        {
            int at = text.IndexOf(Dashes), end = at < 0 ? -1 : text[(at + Dashes.Length)..].IndexOf(Dashes);
            int body = end < 0 ? text.Length : at;
            foreach (byte b in text[..body])
                lines.Add(b == ' ' ? (byte)'\n' : b);
            int boundary = end < 0 ? 0 : end + (2 * Dashes.Length);
            if (boundary > 0)
            {
                if (lines.Count > 0 && lines[^1] != '\n')
                    lines.Add((byte)'\n');
                lines.AddRange(text.Slice(body, boundary));
                lines.Add((byte)'\n');
            }
            text = text[(body + boundary)..];
            if (boundary > 0)
                text = text.TrimStart((byte)' ');
        }
        return [.. lines];
    }

    private Refusal? CheckUse(ParsedTbs tbs)
    {
        if (tbs.BasicConstraints is { IsCa: true })
            return DeviceRules.EndEntity.Refuse("The certificate is a CA's.", "Give the device's own certificate, not its issuer's.");
        if (tbs.NotBefore.Value <= issuer!.FinishedOn && issuer.FinishedOn <= tbs.NotAfter.Value)
            return null;
        return DeviceRules.EndEntity.Refuse(
            $"The certificate is valid from {tbs.NotBefore.Value:yyyy-MM-dd HH:mm:ss} "
                + $"to {tbs.NotAfter.Value:yyyy-MM-dd HH:mm:ss} UTC and not when the batch was finished.",
            "Look at the clock of the line and at finishedOn.");
    }

    private Refusal? CheckIssuer(ParsedCertificate certificate)
    {
        DistinguishedName named = certificate.ToBeSigned.Issuer, own = issuer!.Certificate.ToBeSigned.Subject;
        if (!named.Equals(own))
            return named.ReadsLike(own) ? DeviceRules.Issuer.Refuse("The certificate's issuer reads like the batch's issuing CA and is "
                + (named.ToString() == own.ToString() ? "encoded in another way" : "written with other capitals or blanks")
                + ": some programs find no path.",
                "Have the issuing CA write its name byte for byte as its own certificate has it (RFC 5280 4.1.2.4).")
            : DeviceRules.Issuer.Refuse("The certificate names another issuer than the batch's issuing CA.",
                "A batch has one issuing CA: split the batch, or correct the list.");
        if (!certificate.SignatureAlgorithm.Span.SequenceEqual(certificate.ToBeSigned.SignatureAlgorithm.Span))
            return DeviceRules.Issuer.Refuse("The certificate names one signature algorithm inside and another outside.",
                "No CA writes it so: find out what the line's program did with it.");
        return Judge(certificate) switch
        {
            SignatureVerdict.Holds => null,
            SignatureVerdict.CannotBeJudged => DeviceRules.Issuer.Refuse(
                "Whether the issuing CA signed this certificate cannot be judged: "
                    + $"{ForeignSignature.NameOf(certificate.SignatureAlgorithm)} is not verified here.",
                "Nothing is said against the device. Have its certificate signed with SHA-256, SHA-384 or SHA-512."),
            SignatureVerdict.OtherKind => DeviceRules.Issuer.Refuse(
                $"The certificate does not fit the issuing CA that is given: its signature algorithm "
                    + ForeignSignature.OfOtherKind(certificate.SignatureAlgorithm),
                "Give the certificate of the CA that issued it: a CA that was renewed with a new key has a new certificate."),
            _ when certificate.ToBeSigned.AuthorityKeyIdentifier?.IsOfAnotherKey(issuer!.Certificate.ToBeSigned) is true =>
                DeviceRules.Issuer.Refuse(
                "The certificate does not fit the issuing CA that is given: it names another key of a CA with the same name.",
                "Give the certificate of the CA that issued it: a CA that was renewed with a new key has a new certificate."),
            _ when Odd(certificate) is { } odd => DeviceRules.Issuer.Refuse(
                $"The signature on this certificate is the issuing CA's, and {odd.How}: other programs do not take it.",
                $"{odd.Remedy} Then have the device certified anew."),
            _ => DeviceRules.Issuer.Refuse("The signature on this certificate does not verify under the issuing CA's key.",
                "Do not ship the device before it is known where the certificate comes from: it was changed, or another CA made it."),
        };
    }

    // Nearly all are signed as the issuer's own key kind has it: its key is imported once.
    private SignatureVerdict Judge(ParsedCertificate certificate) =>
        certificate.SignatureAlgorithm.Span.SequenceEqual(_signatureAlgorithm)
            ? _issuerKey!.Verify(certificate.ToBeSigned.Der.Span, certificate.Signature.Span)
                ? SignatureVerdict.Holds
                : SignatureVerdict.DoesNotHold
            : ForeignSignature.Judge(issuer!.Certificate.ToBeSigned.SubjectPublicKeyInfo.Span, certificate.SignatureAlgorithm,
                certificate.ToBeSigned.Der.Span, certificate.Signature.Span);

    // Some twenty verifications, for each certificate that is told and not for a million that are not.
    private OddSignature? Odd(ParsedCertificate certificate) => _odd++ < DeviceListProblems.MostTold
        && ForeignSignature.Of(certificate.SignatureAlgorithm) is { } named
        ? OddSignature.Of(issuer!.Certificate.ToBeSigned.SubjectPublicKeyInfo.Span, named, certificate.ToBeSigned.Der.Span,
            certificate.Signature.Span) : null;
}
