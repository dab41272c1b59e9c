namespace KeyCeremony.Core.Pki;

/// <summary>One field in which two TBS differ.</summary>
/// <param name="Field">As RFC 5280 names it; an extension by its name.</param>
/// <param name="Preview">Hex.</param>
/// <param name="Real">Hex.</param>
/// <param name="IsAllowed">The field carries the key, and may differ.</param>
public sealed record TbsDifference(string Field, string Preview, string Real, bool IsAllowed);

/// <summary>
/// The previewed TBS beside the real one. They may differ in the key's bits, subjectKeyIdentifier and, self-signed,
/// authorityKeyIdentifier, each at its length; all other bytes are identical.
/// </summary>
public sealed class TbsComparison
{
    public static readonly PkiRule OnlyTheKey = new("TBS-01", "The signed TBS differs "
        + "from the previewed one in nothing but the key, subjectKeyIdentifier and a self-signed authorityKeyIdentifier.", "house");
    public static readonly PkiRule SameBytes = new("TBS-02",
        "With the preview's key put back, the signed TBS is byte for byte the previewed one.", "house");
    public static readonly PkiRule FromPlan = new("TBS-03", "The plan writes exactly these bytes around their key.", "house");

    private TbsComparison(IReadOnlyList<TbsDifference> differences, bool sameBytesButForTheKey)
    {
        Differences = differences;
        IsSameBytesButForTheKey = sameBytesButForTheKey;
    }

    public static IReadOnlyList<PkiRule> Rules { get; } = [OnlyTheKey, SameBytes, FromPlan];

    public IReadOnlyList<TbsDifference> Differences { get; }

    /// <summary>The proof that no field was overlooked: the spliced bytes are equal.</summary>
    public bool IsSameBytesButForTheKey { get; }

    public static TbsComparison Compare(ParsedTbs preview, ParsedTbs real)
    {
        var differences = new List<TbsDifference>();
        foreach ((string? field, ReadOnlyMemory<byte> ours, ReadOnlyMemory<byte> theirs, bool allowed) in Fields(preview, real))
            if (!ours.Span.SequenceEqual(theirs.Span))
                differences.Add(new TbsDifference(field, Convert.ToHexStringLower(ours.Span),
                    Convert.ToHexStringLower(theirs.Span), allowed && ours.Length == theirs.Length));
        return new TbsComparison(differences, WithKeyOf(preview, real) is { } spliced && spliced.AsSpan().SequenceEqual(preview.Der.Span));
    }

    /// <summary>Null when only the key differs. Else TBS-01 with the fields' names, or TBS-02.</summary>
    public Refusal? Refuse()
    {
        var wrong = Differences.Where(difference => !difference.IsAllowed).Select(difference => difference.Field).ToList();
        const string remedy = "Do not use the certificate. Record an exception and call the security officer.";
        if (wrong.Count > 0)
            return OnlyTheKey.Refuse($"The certificate differs from its preview in {string.Join(", ", wrong)}.", remedy);
        return IsSameBytesButForTheKey
            ? null
            : SameBytes.Refuse("The certificate differs from its preview in bytes outside every field.", remedy);
    }

    /// <summary>TBS-03, or null.</summary>
    internal static Refusal? CheckPlan(CertificatePlan plan, ParsedTbs tbs) =>
        ToBeSigned.Write(plan, tbs.SubjectPublicKeyInfo.Span).AsSpan().SequenceEqual(tbs.Der.Span) ? null
            : FromPlan.Refuse("The plan does not write these bytes.",
                "Preview again. If it stays so, the ledger is of another version: nothing was signed.");

    private static IEnumerable<(string Field, ReadOnlyMemory<byte> Preview, ReadOnlyMemory<byte> Real, bool Allowed)> Fields(
        ParsedTbs preview, ParsedTbs real)
    {
        yield return ("version", new[] { (byte)preview.Version }, new[] { (byte)real.Version }, false);
        yield return ("serialNumber", preview.Serial, real.Serial, false);
        yield return ("signature", preview.SignatureAlgorithm, real.SignatureAlgorithm, false);
        yield return ("issuer", preview.Issuer.Der, real.Issuer.Der, false);
        yield return ("notBefore", Bytes(preview.NotBefore), Bytes(real.NotBefore), false);
        yield return ("notAfter", Bytes(preview.NotAfter), Bytes(real.NotAfter), false);
        yield return ("subject", preview.Subject.Der, real.Subject.Der, false);
        yield return ("subjectPublicKeyInfo.algorithm", KeyHeader(preview), KeyHeader(real), false);
        yield return ("subjectPublicKey", preview.PublicKeyBits, real.PublicKeyBits, true);
        yield return ("uniqueIdentifiers", new[] { Convert.ToByte(preview.HasUniqueIds) },
            new[] { Convert.ToByte(real.HasUniqueIds) }, false);
        yield return ("extensions", Order(preview), Order(real), false);
        foreach (string? oid in preview.Extensions.Concat(real.Extensions).Select(extension => extension.Oid).Distinct())
            yield return (Oids.NameOf(oid), Value(preview, oid), Value(real, oid), MayDiffer(preview, oid));
    }

    private static byte[] Bytes(EncodedTime time) => [(byte)time.Tag, .. System.Text.Encoding.ASCII.GetBytes(time.Text)];

    private static ReadOnlyMemory<byte> KeyHeader(ParsedTbs tbs) => tbs.SubjectPublicKeyInfo[..^tbs.PublicKeyBits.Length];

    // Which extensions stand there, in which order, with which criticality.
    private static byte[] Order(ParsedTbs tbs) =>
        System.Text.Encoding.ASCII.GetBytes(string.Join(' ',
            tbs.Extensions.Select(extension => extension.Oid + (extension.Critical ? "!" : ""))));

    private static ReadOnlyMemory<byte> Value(ParsedTbs tbs, string oid) => tbs.Extension(oid)?.Value ?? default;

    private static bool MayDiffer(ParsedTbs preview, string oid) =>
        oid == Oids.SubjectKeyIdentifier || (oid == Oids.AuthorityKeyIdentifier && IsSelfSigned(preview));

    // A self-issued name alone would let an issuer of the same name change: the preview's identifiers must agree too.
    private static bool IsSelfSigned(ParsedTbs preview) =>
        preview.IsSelfIssued && preview.SubjectKeyIdentifier is { } own
        && preview.AuthorityKeyIdentifier?.KeyIdentifier is { } authority && own.Span.SequenceEqual(authority.Span);

    // The real bytes with the preview's key, SKI and AKI copied over their places; null when a length differs.
    private static byte[]? WithKeyOf(ParsedTbs preview, ParsedTbs real)
    {
        byte[] bytes = real.Der.ToArray();
        return Splice(bytes, real, real.PublicKeyBits, preview.PublicKeyBits)
            && Splice(bytes, real, Value(real, Oids.SubjectKeyIdentifier), Value(preview, Oids.SubjectKeyIdentifier))
            && (!IsSelfSigned(preview)
                || Splice(bytes, real, Value(real, Oids.AuthorityKeyIdentifier), Value(preview, Oids.AuthorityKeyIdentifier)))
            ? bytes : null;
    }

    private static bool Splice(byte[] bytes, ParsedTbs real, ReadOnlyMemory<byte> place, ReadOnlyMemory<byte> replacement)
    {
        if (place.Length != replacement.Length)
            return false;
        if (place.Length > 0 && real.Der.Span.Overlaps(place.Span, out int offset))
            replacement.Span.CopyTo(bytes.AsSpan(offset));
        return true;
    }
}
