using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using KeyCeremony.Core.Reading;

namespace KeyCeremony.Core.Pki.Requests;

/// <summary>
/// A PKCS #10 request (RFC 2986) after a strict read; only
/// <see cref="TryRead(ReadOnlyMemory{byte}, out SigningRequest, out Refusal, bool)"/> makes one.
/// </summary>
public sealed class SigningRequest : RequestFile
{
    private const string Again = "Make the request again with a current tool (openssl, certtool), and send the file as the tool wrote it.";

    private SigningRequest(ReadOnlyMemory<byte> file, CheckedKey key)
        : base(file, key)
    {
    }

    /// <summary>The DER, out of the PEM block where there is one.</summary>
    public required ReadOnlyMemory<byte> Der { get; init; }

    public required bool IsPem { get; init; }

    /// <summary>The name asked for: shown, checked, not taken.</summary>
    public required DistinguishedName Subject { get; init; }

    public required RequestedExtensions Asked { get; init; }

    /// <summary>E.g. <c>ecdsa-with-SHA384</c>.</summary>
    public required string SignatureAlgorithm { get; init; }

    /// <summary>OIDs of the attributes that are no extensionRequest: not looked at.</summary>
    public required IReadOnlyList<string> OtherAttributes { get; init; }

    /// <param name="file">DER, or one PEM block <c>CERTIFICATE REQUEST</c> or <c>NEW CERTIFICATE REQUEST</c>. Else refused: REQ-01 to
    /// REQ-13, PUBKEY, NAME.</param>
    /// <param name="readsMicrosofts">Whether Microsoft's own attribute asks for extensions, too: not before format 7.</param>
    public static bool TryRead(
        ReadOnlyMemory<byte> file,
        [NotNullWhen(true)] out SigningRequest? request,
        [NotNullWhen(false)] out Refusal? refusal,
        bool readsMicrosofts = true)
    {
        request = null;
        if ((refusal = CheckSize(file)) is not null)
            return false;
        ReadOnlyMemory<byte> kept = file.ToArray();
        return PemBlock.TryUnwrap(kept, ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"], out ReadOnlyMemory<byte> der, out refusal)
            && TryReadDer(kept, der, PemFile.IsOne(kept.Span), readsMicrosofts, out request, out refusal);
    }

    private static bool TryReadDer(ReadOnlyMemory<byte> file, ReadOnlyMemory<byte> der,
        bool isPem, bool readsMicrosofts, [NotNullWhen(true)] out SigningRequest? request, [NotNullWhen(false)] out Refusal? refusal)
    {
        request = null;
        string[] asking = readsMicrosofts ? [Oids.ExtensionRequest, Oids.MicrosoftExtensionRequest] : [Oids.ExtensionRequest];
        if (!Pkcs10.TryRead(der, out Pkcs10? outline, out refusal))
            return false;
        if ((refusal = CheckAttributes(outline)) is not null
            || !TryReadExtensions(outline, asking, out RequestedExtensions? asked, out refusal))
            return false;
        if (!TryReadSubject(outline, out DistinguishedName? subject, out refusal)
            || !PublicKeyChecks.TryCheck(outline.SubjectPublicKeyInfo, out CheckedKey? key, out refusal))
            return false;
        if (!TryProve(outline, key, out RequestSignature? algorithm, out refusal))
            return false;
        request = new SigningRequest(file, key)
        {
            Der = der,
            IsPem = isPem,
            Subject = subject,
            Asked = asked,
            SignatureAlgorithm = algorithm.Title,
            OtherAttributes = [.. outline.Attributes.Select(attribute => attribute.Oid).Where(oid => !asking.Contains(oid))],
        };
        return true;
    }

    private static Refusal? CheckAttributes(Pkcs10 outline)
    {
        if (outline.Version != 0)
            return RequestRules.Version.Refuse(
                $"The request's version is {(outline.Version.GetBitLength() > 64 ? "a very long number" : outline.Version.ToString())}.",
                Again);
        IGrouping<string, RequestAttribute>? twice = outline.Attributes.GroupBy(attribute => attribute.Oid)
            .FirstOrDefault(same => same.Count() > 1 || same.First().Values.Count != 1);
        if (twice is not null)
            return RequestRules.AttributeOnce.Refuse(
                $"The attribute {Oids.NameOf(twice.Key)} stands more than once or has not exactly one value.", Again);
        return outline.Attributes.Any(attribute => attribute.Oid == Oids.ChallengePassword)
            ? RequestRules.Password.Refuse("The request carries a challenge password, which anybody who gets the bundle could read.",
                "Leave the challenge password empty and make the request again. If that password is used elsewhere, change it.")
            : null;
    }

    private static bool TryReadExtensions(Pkcs10 outline, string[] asking, [NotNullWhen(true)] out RequestedExtensions? asked,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        asked = RequestedExtensions.None;
        refusal = null;
        RequestAttribute[] found = [.. outline.Attributes.Where(attribute => asking.Contains(attribute.Oid))];
        if (found is not [var attribute, ..])
            return true;
        if (found.Length > 1 && !found[1].Values[0].Span.SequenceEqual(attribute.Values[0].Span))
        {
            refusal = RequestRules.ExtensionOnce.Refuse("The request asks for extensions twice, in extensionRequest and in Microsoft's "
                + "attribute of the same purpose, and not for the same: nobody can say which is meant.",
                "Ask for each extension once, or for none: the script decides. Make the request again.");
            asked = null;
            return false;
        }
        try
        {
            List<CertificateExtension> list = RequestedExtensionReader.ReadList(attribute.Values[0]);
            refusal = CheckExtensions(list);
            asked = refusal is null ? RequestedExtensionReader.Decode(list) : null;
        }
        catch (UnreadableException e)
        {
            refusal = RequestRules.Extension.Refuse(e.IsOurLimit ? $"What the request asks for is not read by this program: {e.Sentence}"
                : $"An extension that the request asks for is not well-formed: {e.Sentence}", Again);
            asked = null;
        }
        catch (AsnContentException)
        {
            refusal = RequestRules.Extension.Refuse(
                "An extension that the request asks for is not well-formed: its value is not DER as X.690 and RFC 5280 write it.", Again);
            asked = null;
        }
        return asked is not null;
    }

    private static Refusal? CheckExtensions(List<CertificateExtension> list)
    {
        if (list.GroupBy(extension => extension.Oid).FirstOrDefault(same => same.Count() > 1) is { } twice)
            return RequestRules.ExtensionOnce.Refuse($"The extension {Oids.NameOf(twice.Key)} is asked for twice.",
                "Ask for each extension once, or for none: the script decides. Make the request again.");
        return list.Find(extension => extension.Critical && !RequestedExtensionReader.Knows(extension.Oid)) is { } unknown
            ? RequestRules.Critical.Refuse(
                $"The request asks for the critical extension {Oids.NameOf(unknown.Oid)}, which we do not grant.",
                "Make the request again without it. If it is needed, the script's profile must be discussed first.")
            : null;
    }

    private static bool TryReadSubject(Pkcs10 outline, [NotNullWhen(true)] out DistinguishedName? subject,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        if (DistinguishedName.TryDecode(outline.Subject, out subject, out Refusal? unreadable))
            refusal = NameHygiene.CheckRead(subject.Attributes) is { } unclean ? OfSubject(unclean, unclean.Remedy) : null;
        else
            refusal = OfSubject(unreadable, "Give each part of the name once, as UTF8String or PrintableString.");
        if (refusal is not null)
            subject = null;
        return subject is not null;
    }

    // The name is not granted, so it may be any that people can read: DC and e-mail, none at all. A request whose name deceives its
    // reader is not trusted with anything else.
    private static Refusal OfSubject(Refusal broken, string remedy) =>
        new(broken.Rule, $"The subject asked for: {broken.Message}", $"{remedy} Then make the request again.");

    private static bool TryProve(Pkcs10 outline, CheckedKey key, [NotNullWhen(true)] out RequestSignature? algorithm,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        algorithm = RequestSignature.ByIdentifier(outline.SignatureAlgorithm.Span);
        if (algorithm is null || !algorithm.Fits(key))
        {
            refusal = algorithm is null ? OfAlgorithm(outline) : RequestRules.SignatureAlgorithm.Refuse(
                $"An {key.Pure?.Title ?? (key.IsRsa ? "RSA" : "EC")} key cannot sign with {algorithm.Title}.", Again);
            return false;
        }
        refusal = algorithm.Verify(key, outline.Info.Span, outline.Signature.Span) ? null
            : algorithm.IsBare(key, outline.Info.Span, outline.Signature.Span) ? RequestRules.SignatureAlgorithm.Refuse(
                "The request's signature is its key's, and is written as r and s side by side; a request has it in DER.",
                $"{BareSignature.Remedy} Then make the request again.")
            : OddSignature.Of(key.SubjectPublicKeyInfo.Span, algorithm, outline.Info.Span, outline.Signature.Span) is { } odd
                ? RequestRules.SignatureAlgorithm.Refuse($"The request's signature is its key's, and {odd.How}.",
                    $"{odd.Remedy} Then make the request again.")
            : RequestRules.Possession.Refuse("The request's signature does not hold under the key in it: "
                + "it was changed, or whoever made it does not have the private key.",
                "Compare the file's hash with its owner. Make the request again where the private key lies.");
        return refusal is null;
    }

    // What is wrong is the hash, or what is said beside it; each has another remedy.
    private static Refusal OfAlgorithm(Pkcs10 outline) =>
        outline.SignatureAlgorithmOid == Oids.RsaPss
            ? RequestRules.SignatureAlgorithm.Refuse("The request is signed with RSASSA-PSS, with another hash than SHA-256, SHA-384 or "
                + "SHA-512 throughout or a salt that is not as long as that hash.",
                "Make the request again with a salt of the hash's length (openssl req -sha256 -sigopt rsa_padding_mode:pss "
                    + "-sigopt rsa_pss_saltlen:digest), or without RSASSA-PSS.")
        : RequestSignature.All.Any(one => Oids.NameOf(outline.SignatureAlgorithmOid) == one.Title)
            ? RequestRules.SignatureAlgorithm.Refuse($"The request is signed with {Oids.NameOf(outline.SignatureAlgorithmOid)}, and its "
                + "algorithm has other parameters than RFC 5758 and RFC 4055 give it.", Again)
        : RequestRules.SignatureAlgorithm.Refuse($"The request is signed with {Oids.NameOf(outline.SignatureAlgorithmOid)}.",
            "Make the request again with SHA-256 or better (openssl req -sha256).");

    private protected override IEnumerable<TextLine> DescribeOwn() =>
    [
        new("file", $"PKCS #10 request, {(IsPem ? "PEM" : "DER")}, {File.Length} bytes"),
        .. CertificateText.Name("asked subject", Subject),
        .. Asked.All.Select(extension => new TextLine($"asked {Oids.NameOf(extension.Oid)}",
            $"{(extension.Critical ? "critical; " : "")}{Value(extension)}")),
        .. OtherAttributes.Select(oid => new TextLine("attribute", $"{Oids.NameOf(oid)}, not looked at")),
        new("proof of possession", $"{SignatureAlgorithm}, holds"),
    ];

    private string Value(CertificateExtension extension) => extension.Oid switch
    {
        Oids.BasicConstraints => $"cA {(Asked.BasicConstraints!.IsCa ? "TRUE" : "FALSE")}, "
            + $"path length {Asked.BasicConstraints.PathLength?.ToString() ?? "not limited"}",
        Oids.KeyUsage => string.Join(", ", CertificateText.UsageNames(Asked.KeyUsage!.Value)),
        Oids.ExtendedKeyUsage => string.Join(", ", Asked.ExtendedKeyUsage!.Select(Oids.NameOf)),
        Oids.SubjectAlternativeName => string.Join(", ", Asked.SubjectAlternativeNames!),
        _ => Convert.ToHexStringLower(extension.Value.Span),
    };
}
