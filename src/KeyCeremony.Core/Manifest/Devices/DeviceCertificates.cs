using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using KeyCeremony.Core.Pki;
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
        if (tbs.BasicConstraints is not { IsCa: true } || tbs.KeyUsage is not { } usage || !usage.HasFlag(KeyUsages.KeyCertSign))
            refusal = BuildRules.IssuingCa.Refuse("The issuing CA's certificate is not a CA's: it must say cA and keyCertSign.",
                "Give the certificate of the CA that issues the devices' certificates.");
        else if (tbs.KeyAlgorithm is not { } algorithm)
            refusal = BuildRules.IssuingCa.Refuse("The issuing CA's key is of a kind we do not use.",
                "P-256, P-384, RSA 3072 and RSA 4096 are known.");
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
    private readonly byte[] _signatureAlgorithm = issuer?.Algorithm.SignatureAlgorithmIdentifier() ?? [];
    private readonly byte[] _der = new byte[DeviceListReader.MaxRow];

    /// <summary>Of the certificate read last.</summary>
    public byte[] CertSha256 { get; } = new byte[TreeHash.Length];

    /// <summary>Of its subjectPublicKeyInfo.</summary>
    public byte[] SpkiSha256 { get; } = new byte[TreeHash.Length];

    private static ReadOnlySpan<byte> Dashes => "-----"u8;

    /// <summary>What is wrong, or null.</summary>
    public Refusal? Read(ReadOnlySpan<byte> text)
    {
        if (Decode(text, out string? wrong) is not { IsEmpty: false } der)
            return DeviceRules.Certificate.Refuse(wrong ?? "This is neither a certificate in base64 nor one PEM block with a certificate.",
                "Write the certificate's DER in base64 into the field.");
        if (!CertificateReader.TryReadCertificate(der, out ParsedCertificate? certificate, out Refusal? refusal))
            return DeviceRules.Certificate.Refuse(refusal.Message, refusal.Remedy);
        SHA256.HashData(der.Span, CertSha256);
        SHA256.HashData(certificate.ToBeSigned.SubjectPublicKeyInfo.Span, SpkiSha256);
        return issuer is null ? null : CheckUse(certificate.ToBeSigned) ?? CheckIssuer(certificate);
    }

    public void Dispose() => _issuerKey?.Dispose();

    // Empty when it is no base64. In PEM the lines may also be joined by blanks: a CSV has no line feed inside a field.
    private ReadOnlyMemory<byte> Decode(ReadOnlySpan<byte> text, out string? wrong)
    {
        wrong = null;
        if (text.IndexOf(Dashes) < 0)
            return !text.ContainsAny(" \r\n"u8) && Base64.DecodeFromUtf8(text, _der, out _, out int length) == OperationStatus.Done
                ? _der.AsMemory(0, length)
                : default;
        var pem = PemFile.Read(Lines(text), ["CERTIFICATE"]);
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
        if (!certificate.ToBeSigned.Issuer.Equals(issuer!.Certificate.ToBeSigned.Subject))
            return DeviceRules.Issuer.Refuse("The certificate names another issuer than the batch's issuing CA.",
                "A batch has one issuing CA: split the batch, or correct the list.");
        bool signed = certificate.SignatureAlgorithm.Span.SequenceEqual(_signatureAlgorithm)
            && certificate.ToBeSigned.SignatureAlgorithm.Span.SequenceEqual(_signatureAlgorithm)
            && _issuerKey!.Verify(certificate.ToBeSigned.Der.Span, certificate.Signature.Span);
        return signed ? null : DeviceRules.Issuer.Refuse("The issuing CA did not sign this certificate.",
            "Do not ship the device. Find out where the certificate comes from.");
    }
}
