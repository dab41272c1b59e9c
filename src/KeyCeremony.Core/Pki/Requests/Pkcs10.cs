using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Numerics;

namespace KeyCeremony.Core.Pki.Requests;

/// <summary>One attribute of a request. RFC 2986 4.1.</summary>
internal sealed record RequestAttribute(string Oid, IReadOnlyList<ReadOnlyMemory<byte>> Values);

/// <summary>The fields of a CertificationRequest (RFC 2986 4), cut out of its DER and not judged yet.</summary>
internal sealed record Pkcs10
{
    private const string Again =
        "Check that the right file was sent, or make the request again with a current tool (openssl, certtool). Nothing was taken from it.";

    private const int MaxAttributes = 16;

    // Names, extensions and attributes nest seven deep; other tools' attributes a little more.
    private const int MaxDepth = 16;

    /// <summary>DER of the certificationRequestInfo: what the signature is over.</summary>
    public required ReadOnlyMemory<byte> Info { get; init; }

    public required BigInteger Version { get; init; }

    public required ReadOnlyMemory<byte> Subject { get; init; }

    public required ReadOnlyMemory<byte> SubjectPublicKeyInfo { get; init; }

    public required IReadOnlyList<RequestAttribute> Attributes { get; init; }

    /// <summary>DER of the AlgorithmIdentifier.</summary>
    public required ReadOnlyMemory<byte> SignatureAlgorithm { get; init; }

    public required string SignatureAlgorithmOid { get; init; }

    public required ReadOnlyMemory<byte> Signature { get; init; }

    /// <summary>Else refused: REQ-03, REQ-04.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> der, [NotNullWhen(true)] out Pkcs10? request, [NotNullWhen(false)] out Refusal? refusal)
    {
        (request, refusal) = (null, null);
        string field = "the file";
        try
        {
            var whole = new AsnReader(der, AsnEncodingRules.DER);
            ReadOnlyMemory<byte> encoded = whole.ReadEncodedValue();
            if (whole.HasData)
                refusal = RequestRules.WholeFile.RefuseDamage(der.Span)
                    ?? RequestRules.WholeFile.Refuse(der.Length - encoded.Length is var more && more == 1
                    ? "A byte follows the request." : $"{more} bytes follow the request.",
                    "Send the request alone, as the tool wrote it.");
            else
                request = Read(encoded, ref field);
        }
        catch (UnreadableException e)
        {
            refusal = e.IsOurLimit
                ? RequestRules.Encoding.Refuse($"The request is not read by this program: {e.Sentence}",
                    "It may be valid elsewhere. Make a smaller request with a current tool (openssl, certtool).")
                : RequestRules.Encoding.RefuseDamage(der.Span)
                    ?? RequestRules.Encoding.Refuse($"The file is not a PKCS #10 request as it must be: {e.Sentence}", Again);
        }
        catch (AsnContentException)
        {
            refusal = RequestRules.Encoding.RefuseDamage(der.Span) ?? RequestRules.Encoding.Refuse(
                $"The file is not a PKCS #10 request in DER or PEM: {field} is not DER as X.690 and RFC 2986 write it, or is cut off.",
                Again);
        }
        return request is not null;
    }

    private static Pkcs10 Read(ReadOnlyMemory<byte> der, ref string field)
    {
        Walk(der, depth: 0);
        AsnReader request = CertificateReader.OnlySequence(der);
        field = "certificationRequestInfo";
        ReadOnlyMemory<byte> info = request.ReadEncodedValue();
        AsnReader fields = CertificateReader.OnlySequence(info);
        field = "version";
        BigInteger version = fields.ReadInteger();
        field = "subject";
        ReadOnlyMemory<byte> subject = fields.ReadEncodedValue();
        field = "subjectPKInfo";
        ReadOnlyMemory<byte> key = fields.ReadEncodedValue();
        field = "attributes";
        List<RequestAttribute> attributes = ReadAttributes(fields);
        field = "signatureAlgorithm";
        ReadOnlyMemory<byte> algorithm = request.ReadEncodedValue();
        string oid = CertificateReader.OnlySequence(algorithm).ReadObjectIdentifier();
        field = "signature";
        ReadOnlyMemory<byte> signature = ReadBits(request);
        request.ThrowIfNotEmpty();
        return new Pkcs10
        {
            Info = info,
            Version = version,
            Subject = subject,
            SubjectPublicKeyInfo = key,
            Attributes = attributes,
            SignatureAlgorithm = algorithm,
            SignatureAlgorithmOid = oid,
            Signature = signature,
        };
    }

    // AsnReader checks a value's header when it is read. Fields that we only pass on are opened here, so that no part
    // of the file has a length that is not minimal.
    private static void Walk(ReadOnlyMemory<byte> der, int depth)
    {
        if (depth > MaxDepth)
            throw UnreadableException.NotReadHere($"it nests more than {MaxDepth} deep.");
        var reader = new AsnReader(der, AsnEncodingRules.DER);
        while (reader.HasData)
        {
            bool isConstructed = reader.PeekTag().IsConstructed;
            ReadOnlyMemory<byte> content = reader.PeekContentBytes();
            reader.ReadEncodedValue();
            if (isConstructed)
                Walk(content, depth + 1);
        }
    }

    private static ReadOnlyMemory<byte> ReadBits(AsnReader reader) =>
        reader.TryReadPrimitiveBitString(out int unusedBits, out ReadOnlyMemory<byte> bits) && unusedBits == 0 ? bits
            : throw new UnreadableException("the signature is not whole bytes.");

    // attributes [0] IMPLICIT SET OF Attribute: never absent, at least empty.
    private static List<RequestAttribute> ReadAttributes(AsnReader fields)
    {
        if (!fields.HasData)
            throw new UnreadableException(
                "the field of its attributes is left out; without attributes it is there and empty (RFC 2986 4.1).");
        AsnReader set = DerSet.Read(fields, "its attributes", new Asn1Tag(TagClass.ContextSpecific, 0));
        fields.ThrowIfNotEmpty();
        var attributes = new List<RequestAttribute>();
        while (set.HasData)
        {
            attributes.Add(ReadAttribute(set.ReadSequence()));
            if (attributes.Count > MaxAttributes)
                throw UnreadableException.NotReadHere($"there are more than {MaxAttributes} attributes.");
        }
        return attributes;
    }

    private static RequestAttribute ReadAttribute(AsnReader attribute)
    {
        string oid = attribute.ReadObjectIdentifier();
        AsnReader set = DerSet.Read(attribute, "the values of an attribute");
        attribute.ThrowIfNotEmpty();
        var values = new List<ReadOnlyMemory<byte>>();
        while (set.HasData)
            values.Add(set.ReadEncodedValue());
        return new RequestAttribute(oid, values);
    }
}
