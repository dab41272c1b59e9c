using System.Formats.Asn1;
using System.Numerics;

namespace KeyCeremony.Core.Pki.Crl;

/// <summary>The extensions of a CRL and of its entries, read strictly and written. RFC 5280 5.2, 5.3.</summary>
internal static class CrlExtensions
{
    public const string Number = "2.5.29.20";
    public const string ReasonCode = "2.5.29.21";
    public const string InvalidityDate = "2.5.29.24";
    public const string DistributionPoint = "2.5.29.28";

    private const string DeltaIndicator = "2.5.29.27";
    private const string CertificateIssuer = "2.5.29.29";

    private static readonly Asn1Tag Zero = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag UriTag = new(TagClass.ContextSpecific, 6);

    /// <summary>What people call it.</summary>
    public static string NameOf(string oid) => oid switch
    {
        Number => "cRLNumber",
        ReasonCode => "reasonCode",
        InvalidityDate => "invalidityDate",
        DistributionPoint => "issuingDistributionPoint",
        DeltaIndicator => "deltaCRLIndicator",
        CertificateIssuer => "certificateIssuer",
        "2.5.29.23" => "holdInstructionCode",
        _ => Oids.NameOfExtension(oid),
    };

    /// <summary>crlExtensions: [0] EXPLICIT Extensions. Refused: CRL-01, CRL-11, CRL-12, CRL-13.</summary>
    public static IReadOnlyList<CertificateExtension> Read(ReadOnlyMemory<byte> encoded, int limit)
    {
        var whole = new AsnReader(encoded, AsnEncodingRules.DER);
        AsnReader wrapper = whole.ReadSequence(Zero);
        whole.ThrowIfNotEmpty();
        List<CertificateExtension> extensions = ReadList(wrapper, limit);
        if (extensions.Exists(extension => extension.Oid == DeltaIndicator))
            throw new CrlSyntaxException(CrlRules.Complete, "It is a delta CRL: it says only what changed since another one.");
        CheckCriticality(extensions, DistributionPoint);
        return extensions;
    }

    /// <summary>crlEntryExtensions. Refused: CRL-01, CRL-11, CRL-12, CRL-13.</summary>
    public static IReadOnlyList<CertificateExtension> ReadOfEntry(ReadOnlyMemory<byte> encoded, int limit)
    {
        List<CertificateExtension> extensions = ReadList(new AsnReader(encoded, AsnEncodingRules.DER), limit);
        if (extensions.Exists(extension => extension.Oid == CertificateIssuer))
            throw new CrlSyntaxException(CrlRules.Complete, "An entry names the issuer of its certificate (certificateIssuer): "
                + "the list is indirect, its serials are of several CAs.");
        CheckCriticality(extensions, mustBeCritical: null);
        return extensions;
    }

    public static int ReadReason(ReadOnlyMemory<byte> value)
    {
        var reader = new AsnReader(value, AsnEncodingRules.DER);
        ReadOnlyMemory<byte> code = reader.ReadEnumeratedBytes();
        reader.ThrowIfNotEmpty();
        return code.Length == 1 ? code.Span[0] : throw new CrlSyntaxException("A reason code does not exist.");
    }

    /// <summary>GeneralizedTime, whole seconds. RFC 5280 5.3.2.</summary>
    public static long ReadInvalidity(ReadOnlyMemory<byte> value)
    {
        ReadOnlySpan<byte> bytes = value.Span;
        return bytes.Length == 2 + DerTime.GeneralizedLength && bytes[0] == DerTime.GeneralizedTag && bytes[1] == DerTime.GeneralizedLength
            && DerTime.TryRead(DerTime.GeneralizedTag, bytes[2..], out long seconds) ? seconds
            : throw new CrlSyntaxException("An invalidity date is no GeneralizedTime of whole seconds.");
    }

    public static BigInteger? NumberIn(IReadOnlyList<CertificateExtension> extensions)
    {
        if (Find(extensions, Number) is not { } extension)
            return null;
        var reader = new AsnReader(extension.Value, AsnEncodingRules.DER);
        BigInteger number = reader.ReadInteger();
        reader.ThrowIfNotEmpty();
        return number.Sign >= 0 ? number : throw new CrlSyntaxException(CrlRules.Number, "The CRL number is negative.");
    }

    public static AuthorityKeyIdentifier? KeyIdentifierIn(IReadOnlyList<CertificateExtension> extensions) =>
        Find(extensions, Oids.AuthorityKeyIdentifier) is { } extension
            ? CertificateReader.ReadAuthorityKeyIdentifier(extension.Value)
            : null;

    /// <summary>Refused when it is a part by reasons or indirect: CRL-13.</summary>
    public static IssuingDistributionPoint? DistributionPointIn(IReadOnlyList<CertificateExtension> extensions)
    {
        if (Find(extensions, DistributionPoint) is not { } extension)
            return null;
        var whole = new AsnReader(extension.Value, AsnEncodingRules.DER);
        AsnReader point = whole.ReadSequence();
        whole.ThrowIfNotEmpty();
        // distributionPoint [0]
        (List<string> uris, List<string> others) = ([], []);
        if (Has(point, 0))
            CertificateReader.ReadDistributionPointName(point.ReadSequence(Zero), uris, others);
        // onlyContainsUserCerts [1], onlyContainsCACerts [2] DEFAULT FALSE
        (bool users, bool authorities) = (ReadFlag(point, 1), ReadFlag(point, 2));
        // onlySomeReasons [3], indirectCRL [4], onlyContainsAttributeCerts [5]
        if (Has(point, 3))
            throw new CrlSyntaxException(CrlRules.Complete, "It holds only what was revoked for some of the reasons.");
        if (ReadFlag(point, 4))
            throw new CrlSyntaxException(CrlRules.Complete, "It is indirect: its serials are of several CAs.");
        if (ReadFlag(point, 5))
            throw new CrlSyntaxException(CrlRules.Complete, "It is of attribute certificates.");
        point.ThrowIfNotEmpty();
        return new IssuingDistributionPoint([.. uris], users, authorities, [.. others]);
    }

    /// <summary>
    /// [0] EXPLICIT Extensions of a CRL of ours: authorityKeyIdentifier, cRLNumber, issuingDistributionPoint where planned.
    /// </summary>
    public static byte[] Write(CrlPlan plan)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence(Zero))
        using (writer.PushSequence())
        {
            ToBeSigned.WriteExtension(writer, Oids.AuthorityKeyIdentifier, critical: false,
                value => WriteKeyIdentifier(value, plan.Issuer.ToBeSigned.SubjectKeyIdentifier!.Value.Span));
            ToBeSigned.WriteExtension(writer, Number, critical: false, value => value.WriteInteger(plan.Number));
            if (plan.Partition is { } partition)
                ToBeSigned.WriteExtension(writer, DistributionPoint, critical: true, value => WriteDistributionPoint(value, partition));
        }
        return writer.Encode();
    }

    private static List<CertificateExtension> ReadList(AsnReader holder, int limit)
    {
        AsnReader list = holder.ReadSequence();
        holder.ThrowIfNotEmpty();
        var extensions = new List<CertificateExtension>();
        while (list.HasData)
        {
            extensions.Add(CertificateReader.ReadExtension(list.ReadSequence()));
            if (extensions.Count > limit)
                throw new CrlSyntaxException($"There are more than {limit} extensions.");
        }
        if (extensions.Count == 0)
            throw new CrlSyntaxException("A list of extensions is empty.");
        if (extensions.GroupBy(extension => extension.Oid).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new CrlSyntaxException(CrlRules.ExtensionTwice, $"{NameOf(twice.Key)} stands twice.");
        return extensions;
    }

    private static void CheckCriticality(List<CertificateExtension> extensions, string? mustBeCritical)
    {
        // One that nobody here understands tells more than one that is marked in another way.
        CertificateExtension[] wrong = [.. extensions.Where(extension => extension.Critical != (extension.Oid == mustBeCritical))
            .OrderBy(extension => IsUnderstood(extension.Oid))];
        if (wrong is not [{ } one, ..])
            return;
        bool isUnderstood = IsUnderstood(one.Oid);
        throw new CrlSyntaxException(CrlRules.Criticality, isUnderstood
            ? $"{NameOf(one.Oid)} is {(one.Critical ? "marked as critical, and is never so" : "not marked as critical, and always is")} "
                + "(RFC 5280 5.2, 5.3)."
            : $"the extension {NameOf(one.Oid)} is critical.")
        {
            IsUnderstood = isUnderstood,
        };
    }

    private static bool IsUnderstood(string oid) =>
        oid is Number or ReasonCode or InvalidityDate or DistributionPoint or Oids.AuthorityKeyIdentifier;

    private static CertificateExtension? Find(IReadOnlyList<CertificateExtension> extensions, string oid) =>
        extensions.FirstOrDefault(extension => extension.Oid == oid);

    private static bool ReadFlag(AsnReader point, int number)
    {
        if (!Has(point, number))
            return false;
        return point.ReadBoolean(new Asn1Tag(TagClass.ContextSpecific, number))
            ? true
            : throw new CrlSyntaxException("A default FALSE is written out (X.690 11.5).");
    }

    private static bool Has(AsnReader reader, int number) =>
        reader.HasData && reader.PeekTag().HasSameClassAndValue(new Asn1Tag(TagClass.ContextSpecific, number));

    // RFC 5280 5.2.1
    private static void WriteKeyIdentifier(AsnWriter writer, ReadOnlySpan<byte> identifier)
    {
        using (writer.PushSequence())
        {
            // keyIdentifier [0]
            writer.WriteOctetString(identifier, Zero);
        }
    }

    // RFC 5280 5.2.5
    private static void WriteDistributionPoint(AsnWriter writer, CrlPartition partition)
    {
        using (writer.PushSequence())
        {
            // distributionPoint [0], fullName [0]
            if (partition.Uri is { } uri)
            {
                using (writer.PushSequence(Zero))
                using (writer.PushSequence(Zero))
                {
                    // uniformResourceIdentifier [6]
                    writer.WriteCharacterString(UniversalTagNumber.IA5String, uri, UriTag);
                }
            }
            // onlyContainsUserCerts [1] DEFAULT FALSE
            if (partition.Covers == CrlCoverage.UserCertificates)
                writer.WriteBoolean(true, new Asn1Tag(TagClass.ContextSpecific, 1));
            // onlyContainsCACerts [2] DEFAULT FALSE
            if (partition.Covers == CrlCoverage.CaCertificates)
                writer.WriteBoolean(true, new Asn1Tag(TagClass.ContextSpecific, 2));
        }
    }
}
