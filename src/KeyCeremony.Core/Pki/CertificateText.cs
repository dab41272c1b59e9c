using System.Formats.Asn1;
using System.Security.Cryptography;

namespace KeyCeremony.Core.Pki;

/// <summary>One line for people: a label and its value.</summary>
public sealed record TextLine(string Label, string Value)
{
    public override string ToString() => $"{Label}: {Value}";
}

/// <summary>A certificate in words, complete: every field written has its line.</summary>
public static class CertificateText
{
    private const int HexBytesPerLine = 16;

    /// <summary>The TBS, then the outer algorithm and the signature.</summary>
    /// <param name="tellsLikeness">Whether a name of letters that look like others is called so. Reports before format 7 lack the words,
    /// and are composed again.</param>
    public static IReadOnlyList<TextLine> Describe(ParsedCertificate certificate, bool tellsLikeness = true) =>
    [
        .. Describe(certificate.ToBeSigned, tellsLikeness),
        new("outer signature algorithm", Algorithm(certificate.SignatureAlgorithm)),
        PureSignature.ByIdentifier(certificate.SignatureAlgorithm.Span) is null ? new("signatureValue", Hex(certificate.Signature))
            : Hashed("signatureValue", certificate.Signature),
    ];

    /// <inheritdoc cref="Describe(ParsedCertificate, bool)"/>
    public static IReadOnlyList<TextLine> Describe(ParsedTbs tbs, bool tellsLikeness = true) =>
    [
        new("version", tbs.Version.ToString()),
        new("serialNumber", Hex(tbs.Serial)),
        new("signature algorithm", Algorithm(tbs.SignatureAlgorithm)),
        .. Name("issuer", tbs.Issuer, tellsLikeness),
        new("notBefore", Time(tbs.NotBefore)),
        new("notAfter", Time(tbs.NotAfter)),
        .. Name("subject", tbs.Subject, tellsLikeness),
        .. Key(tbs),
        .. tbs.HasUniqueIds ? [new TextLine("unique identifiers", "present")] : Array.Empty<TextLine>(),
        .. tbs.Extensions.Select(extension => Extension(tbs, extension)),
    ];

    /// <summary>
    /// 16 bytes a line: eight hex digits of offset, two spaces, the bytes in two groups of eight.
    /// <c>00000010  30 82 01 0a 02 82 01 01  00 c3 …</c>
    /// </summary>
    public static IReadOnlyList<string> HexDump(ReadOnlySpan<byte> bytes)
    {
        var lines = new List<string>();
        for (int offset = 0; offset < bytes.Length; offset += HexBytesPerLine)
        {
            ReadOnlySpan<byte> line = bytes.Slice(offset, Math.Min(HexBytesPerLine, bytes.Length - offset));
            IEnumerable<string> pairs = line.ToArray().Select(one => one.ToString("x2"));
            lines.Add($"{offset:x8}  {string.Join(' ', pairs.Take(8))}{(line.Length > 8 ? "  " : "")}{string.Join(' ', pairs.Skip(8))}");
        }
        return lines;
    }

    internal static IEnumerable<TextLine> Name(string field, DistinguishedName name, bool tellsLikeness = true) =>
        name.Attributes.Count == 0 ? [new TextLine(field, "(empty)")]
            : name.Attributes.Select(attribute => new TextLine($"{field} {attribute.Label}",
                $"{Visible(attribute.Value)} ({attribute.StringLabel}"
                + $"{(attribute.JoinsPrevious ? ", in one part with the one before" : "")}"
                + $"{(tellsLikeness && NameHygiene.LooksLatin(attribute.Value) is { } script
                    ? $", {script} letters that all look like Latin ones" : "")})"));

    private static string Time(EncodedTime time)
    {
        string words = time.Text == "99991231235959Z" ? "no end" : time.Value.ToString("yyyy-MM-dd HH:mm:ss 'UTC'");
        return $"{words} ({(time.Tag == UniversalTagNumber.UtcTime ? "UTCTime" : "GeneralizedTime")} {time.Text})";
    }

    private static IEnumerable<TextLine> Key(ParsedTbs tbs)
    {
        if (tbs.KeyAlgorithm is not { } algorithm)
            return [new("key", "of a kind we do not use"), new("key info", Hex(tbs.SubjectPublicKeyInfo))];
        if (algorithm.IsMlDsa)
            return [new("key", algorithm.Title), Hashed("key value", tbs.PublicKeyBits)];
        if (!algorithm.IsRsa)
            return [new("key", algorithm.Title), new("key point", Hex(tbs.PublicKeyBits))];
        AsnReader rsa = new AsnReader(tbs.PublicKeyBits, AsnEncodingRules.DER).ReadSequence();
        return [new("key", algorithm.Title), new("key modulus", Hex(rsa.ReadIntegerBytes())),
            new("key exponent", rsa.ReadInteger().ToString())];
    }

    private static TextLine Extension(ParsedTbs tbs, CertificateExtension extension)
    {
        // A repeated extension is shown raw: the parsed value belongs to the first.
        bool isFirst = ReferenceEquals(tbs.Extension(extension.Oid), extension);
        string value = (isFirst ? Known(tbs, extension) : null) ?? Hex(extension.Value);
        return new TextLine(Oids.NameOfExtension(extension.Oid), $"{(extension.Critical ? "critical; " : "")}{value}");
    }

    private static string? Known(ParsedTbs tbs, CertificateExtension extension) => extension.Oid switch
    {
        Oids.BasicConstraints => $"cA {(tbs.BasicConstraints!.IsCa ? "TRUE" : "FALSE")}, "
            + $"path length {tbs.BasicConstraints.PathLength?.ToString() ?? "not limited"}",
        Oids.KeyUsage => string.Join(", ", UsageNames(tbs.KeyUsage!.Value)),
        Oids.ExtendedKeyUsage => string.Join(", ", tbs.ExtendedKeyUsage!.Select(Oids.NameOf)),
        Oids.SubjectKeyIdentifier => Hex(tbs.SubjectKeyIdentifier!.Value),
        Oids.AuthorityKeyIdentifier when tbs.AuthorityKeyIdentifier is { HasIssuerAndSerial: false, KeyIdentifier: { } identifier } =>
            Hex(identifier),
        Oids.CertificatePolicies => string.Join(", ", tbs.Policies!),
        Oids.CrlDistributionPoints =>
            string.Join(", ", tbs.CrlDistributionPoints!.Uris.Select(Visible).Concat(tbs.CrlDistributionPoints.Others)),
        Oids.OcspNoCheck when extension.Value.Span.SequenceEqual("\u0005\0"u8) => "NULL",
        _ => null,
    };

    internal static IEnumerable<string> UsageNames(KeyUsages usage) =>
        Enum.GetValues<KeyUsages>().Where(one => one != KeyUsages.None && usage.HasFlag(one))
            .Select(one => one == KeyUsages.CrlSign ? "cRLSign" : char.ToLowerInvariant(one.ToString()[0]) + one.ToString()[1..]);

    private static string Algorithm(ReadOnlyMemory<byte> identifier)
    {
        AsnReader sequence = new AsnReader(identifier, AsnEncodingRules.DER).ReadSequence();
        string oid = sequence.ReadObjectIdentifier();
        return sequence.HasData ? $"{Oids.NameOf(oid)}, parameters {Hex(sequence.ReadEncodedValue())}" : Oids.NameOf(oid);
    }

    // What cannot be seen is shown as its code: a foreign certificate may hold anything.
    internal static string Visible(string value) => string.Concat(value.EnumerateRunes().Select(rune =>
        WritingScript.Of(rune.Value) == WritingScript.None ? $"<U+{rune.Value:X4}>" : rune.ToString()));

    /// <summary>What nobody compares digit by digit: a post-quantum key would fill three screens, its signature five.</summary>
    private static TextLine Hashed(string label, ReadOnlyMemory<byte> bytes) =>
        new($"{label}, {bytes.Length} bytes, SHA-256", Convert.ToHexStringLower(SHA256.HashData(bytes.Span)));

    private static string Hex(ReadOnlyMemory<byte> bytes) => Convert.ToHexStringLower(bytes.Span);
}
