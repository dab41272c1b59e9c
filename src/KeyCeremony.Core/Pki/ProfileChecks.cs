namespace KeyCeremony.Core.Pki;

/// <summary>The questions profile rules ask. Each answers with what was found, or null when all is well.</summary>
internal static class ProfileChecks
{
    public static string? MustBeSelfSigned(LintSubject subject) => subject.IsSelfSigned ? null : "It is issued by another certificate.";

    public static string? MustBeIssued(LintSubject subject) => subject.IsSelfSigned ? "It is self-signed." : null;

    public static string? MustBeCa(LintSubject subject) =>
        subject.Tbs.BasicConstraints is { IsCa: true } ? null : "basicConstraints is absent or says not cA.";

    public static string? MustNotBeCa(LintSubject subject) =>
        subject.Tbs.BasicConstraints is null or { IsCa: false, PathLength: null } ? null : "basicConstraints says cA or has a path length.";

    public static string? PresentAndNotCa(LintSubject subject) =>
        subject.Tbs.BasicConstraints is { IsCa: false, PathLength: null }
            ? null
            : "basicConstraints is absent, says cA or has a path length.";

    public static Func<LintSubject, string?> PathLengthIs(params int?[] allowed) => subject =>
        // A missing basicConstraints is the cA rule's finding.
        subject.Tbs.BasicConstraints is not { } constraints || allowed.Contains(constraints.PathLength) ? null
            : $"The path length is {constraints.PathLength?.ToString() ?? "absent"}.";

    public static Func<LintSubject, string?> KeyUsageIs(KeyUsages expected) => subject =>
        subject.Tbs.KeyUsage == expected ? null : $"keyUsage is {subject.Tbs.KeyUsage?.ToString() ?? "absent"}.";

    public static Func<LintSubject, string?> ExtendedKeyUsageIs(string[] required, string[] optional) => subject =>
    {
        IReadOnlyList<string> found = subject.Tbs.ExtendedKeyUsage ?? [];
        bool complete = required.All(found.Contains) && found.All(oid => required.Contains(oid) || optional.Contains(oid))
            && found.Distinct().Count() == found.Count;
        return complete ? null : $"extKeyUsage is {(found.Count == 0 ? "absent" : string.Join(", ", found.Select(Oids.NameOf)))}.";
    };

    public static Func<LintSubject, string?> Has(string oid) => subject =>
        subject.Tbs.Extension(oid) is not null ? null : $"{Oids.NameOf(oid)} is absent.";

    public static Func<LintSubject, string?> HasNone(params string[] oids) => subject =>
        oids.FirstOrDefault(oid => subject.Tbs.Extension(oid) is not null) is { } found ? $"{Oids.NameOf(found)} is present." : null;

    public static Func<LintSubject, string?> CrlAddresses(int fewest, int most) => subject =>
    {
        int count = subject.Tbs.CrlDistributionPoints?.Uris.Count ?? 0;
        return count >= fewest && count <= most ? null : $"There are {count} CRL addresses.";
    };

    public static Func<LintSubject, string?> SubjectHas(params string[] oids) => subject =>
        oids.FirstOrDefault(oid => subject.Tbs.Subject.ValueOf(oid) is null) is { } missing
            ? $"The subject has no {Oids.NameOf(missing)}."
            : null;

    public static Func<LintSubject, string?> SubjectHasNo(string oid) => subject =>
        subject.Tbs.Subject.ValueOf(oid) is null ? null : $"The subject has {Oids.NameOf(oid)}.";

    public static string? SubjectInOrder(LintSubject subject)
    {
        string[] order = [Oids.Country, Oids.StateOrProvince, Oids.Locality, Oids.Organization, Oids.OrganizationalUnit, Oids.CommonName];
        var found = subject.Tbs.Subject.Attributes.Select(attribute => Array.IndexOf(order, attribute.Oid))
            .Where(place => place >= 0).ToList();
        return found.SequenceEqual(found.Order()) ? null : $"The order is {subject.Tbs.Subject}.";
    }

    public static Func<LintSubject, string?> KeyIs(params KeyAlgorithm[] allowed) => subject =>
        // A key that is none of ours is CERT-15's finding.
        subject.Tbs.KeyAlgorithm is not { } found || allowed.Contains(found) ? null : $"The key is {found.Title}.";

    // BR 1.6.1: from notBefore through notAfter, both seconds included.
    public static Func<LintSubject, string?> ValidityDays(int fewest, int most) => subject =>
    {
        TimeSpan lasts = subject.Tbs.NotAfter.Value - subject.Tbs.NotBefore.Value + TimeSpan.FromSeconds(1);
        return lasts >= TimeSpan.FromDays(fewest) && lasts <= TimeSpan.FromDays(most)
            ? null
            : $"The validity is {lasts.TotalDays:0.##} days.";
    };

    // ECDSA signatures vary in length, so the real certificate may be longer than the previewed one: the worst case counts.
    public static Func<LintSubject, string?> AtMostBytes(int most) => subject =>
    {
        if (subject.IssuerKey is not { } signer)
            return null;
        int longest = ToBeSigned.LengthWithLongestSignature(subject.Tbs.Der.Length, signer);
        return longest <= most ? null : $"The certificate may take {longest} bytes.";
    };

    public static string? NoProductId(LintSubject subject) =>
        MatterIds.ProductOf(subject.Tbs.Subject) is { } product ? $"The subject has the pid {product}." : null;

    public static string? MatterIdsAgree(LintSubject subject)
    {
        if (subject.Issuer is not { } issuer)
            return null;
        return Differs("vid", MatterIds.VendorOf(issuer.ToBeSigned.Subject), MatterIds.VendorOf(subject.Tbs.Subject))
            ?? Differs("pid", MatterIds.ProductOf(issuer.ToBeSigned.Subject), MatterIds.ProductOf(subject.Tbs.Subject));
    }

    public static string? OcspNoCheckIsNull(LintSubject subject) =>
        subject.Tbs.Extension(Oids.OcspNoCheck) is { } extension && extension.Value.Span.SequenceEqual("\u0005\0"u8) ? null
            : "ocsp-nocheck is absent or not NULL.";

    public static Func<LintSubject, string?> Both(Func<LintSubject, string?> first, Func<LintSubject, string?> second) =>
        subject => first(subject) ?? second(subject);

    private static string? Differs(string label, string? parent, string? own) =>
        parent is null || parent == own ? null : $"The {label} is {own ?? "absent"}, the issuer's is {parent}.";
}
