using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace KeyCeremony.Core.Pki.Crl;

/// <summary>
/// The record by which a vendor tells the Distributed Compliance Ledger where the CRL of a PAA or PAI is. Matter
/// 11.23.9, cited second-hand. Revocation type 1 (CRL) has neither digest nor size: the CRL changes, the record stays.
/// </summary>
public sealed class MatterRevocationPoint
{
    private const int MaxLabel = 64;
    private const int CrlType = 1;
    private const int SchemaVersion = 0;

    private static readonly JsonWriterOptions Json = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ParsedCertificate _signer;
    private readonly ParsedCertificate? _delegator;
    private readonly string _vendor;

    private MatterRevocationPoint(ParsedCertificate signer, ParsedCertificate? delegator, string vendor, string label, string dataUrl)
    {
        _signer = signer;
        _delegator = delegator;
        _vendor = vendor;
        Label = label;
        DataUrl = dataUrl;
    }

    public string Label { get; }

    public string DataUrl { get; }

    /// <param name="signer">Of the key that signs the CRL: the PAA or PAI itself, or its delegated CRL signer.</param>
    /// <param name="delegator">The PAA or PAI that issued a delegated signer; null when the signer is no delegate.</param>
    /// <param name="vendor">Four upper-case hex digits; needed only when the certificates carry no vid.</param>
    /// <param name="label">Unique within the vendor, 1 to 64 characters; else DCL-01.</param>
    /// <param name="dataUrl">http or https, at most 256 characters; else DCL-01.</param>
    public static bool TryCreate(
        ParsedCertificate signer,
        ParsedCertificate? delegator,
        string? vendor,
        string label,
        string dataUrl,
        [NotNullWhen(true)] out MatterRevocationPoint? point,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        ParsedTbs issuer = (delegator ?? signer).ToBeSigned;
        string? ofCertificate = MatterIds.VendorOf(issuer.Subject);
        refusal = CheckSigner(signer, delegator) ?? CheckVendor(ofCertificate, vendor) ?? CheckTexts(label, dataUrl);
        point = refusal is null ? new MatterRevocationPoint(signer, delegator, ofCertificate ?? vendor!, label, dataUrl) : null;
        return refusal is null;
    }

    /// <summary>UTF-8, the field names of the ledger's AddPkiRevocationDistributionPoint; numbers as the ledger takes them.</summary>
    public byte[] ToJson()
    {
        ParsedTbs issuer = (_delegator ?? _signer).ToBeSigned;
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Json))
        {
            json.WriteStartObject();
            json.WriteNumber("vid", Number(_vendor));
            json.WriteNumber("pid", MatterIds.ProductOf(issuer.Subject) is { } product ? Number(product) : 0);
            json.WriteBoolean("isPAA", issuer.IsSelfIssued);
            json.WriteString("label", Label);
            json.WriteString("crlSignerCertificate", Pem(_signer));
            json.WriteString("crlSignerDelegator", _delegator is null ? "" : Pem(_delegator));
            json.WriteString("issuerSubjectKeyID", Convert.ToHexString(issuer.SubjectKeyIdentifier!.Value.Span));
            json.WriteString("dataURL", DataUrl);
            json.WriteNumber("revocationType", CrlType);
            json.WriteNumber("schemaVersion", SchemaVersion);
            json.WriteEndObject();
        }
        return bytes.ToArray();
    }

    private static Refusal? CheckSigner(ParsedCertificate signer, ParsedCertificate? delegator)
    {
        if ((delegator ?? signer).ToBeSigned.SubjectKeyIdentifier is null || !CrlPlanRules.MaySign(signer.ToBeSigned))
            return CrlRules.DclRecord.Refuse("The signer may not sign CRLs, or a certificate has no subjectKeyIdentifier.",
                "Choose the certificate whose key signs the CRL.");
        if (delegator is null && signer.ToBeSigned.BasicConstraints is not { IsCa: true })
            return CrlRules.DclRecord.Refuse("The signer is a delegate, and who delegated is not said.",
                "Give the certificate of the PAA or PAI as well.");
        return delegator is null || signer.IsSignedBy(delegator.ToBeSigned.SubjectPublicKeyInfo.Span) ? null
            : CrlRules.DclRecord.Refuse("The delegate's certificate is not signed by this PAA or PAI.",
                "Give the certificate that issued it.");
    }

    private static Refusal? CheckVendor(string? ofCertificate, string? given)
    {
        if (given is not null && !(given.Length == 4 && given.All(char.IsAsciiHexDigitUpper)))
            return CrlRules.DclRecord.Refuse($"'{given}' is no vendor.", "Give four upper-case hex digits.");
        if (ofCertificate is null && given is null)
            return CrlRules.DclRecord.Refuse("The certificates carry no vendor.", "Say whose revocation point it is.");
        return ofCertificate is null || given is null || ofCertificate == given ? null
            : CrlRules.DclRecord.Refuse($"The certificate is of vendor {ofCertificate}, given is {given}.", "Leave the vendor out.");
    }

    private static Refusal? CheckTexts(string label, string dataUrl)
    {
        if (label.Length is 0 or > MaxLabel || !Ascii.IsValid(label) || label.Any(char.IsControl))
            return CrlRules.DclRecord.Refuse($"The label has {label.Length} characters, or others than ASCII.", $"Give 1 to {MaxLabel}.");
        return CrlPlanRules.IsWebAddress(dataUrl) ? null
            : CrlRules.DclRecord.Refuse($"'{dataUrl}' is no plain http or https address.",
                $"Give an address in ASCII of at most {CrlPlanRules.MaxUriLength} characters.");
    }

    private static int Number(string hex) => int.Parse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static string Pem(ParsedCertificate certificate) => PemEncoding.WriteString("CERTIFICATE", certificate.Der.Span) + "\n";
}
