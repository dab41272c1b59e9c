using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony;

/// <summary>
/// What a cross-certificate would allow beyond the other CA's own certificate: it carries that CA's name and key, and every limit is the
/// script's. A limit counts whether it is critical or not: whoever set it meant it.
/// </summary>
public static class CrossScope
{
    private const int MostNamed = 8; // policies in a sentence

    private const string AnyPurpose = "2.5.29.37.0", AnyPolicy = "2.5.29.32.0";
    private const string NameConstraints = "2.5.29.30", PolicyConstraints = "2.5.29.36", InhibitAnyPolicy = "2.5.29.54";

    /// <summary>Which limit the script does not repeat, or no cross-certificate has, in a sentence; null: it is no wider.</summary>
    /// <param name="own">Of the other CA's certificate.</param>
    public static string? WhyNot(ParsedTbs own, PreviewCertificateStep step)
    {
        ArgumentNullException.ThrowIfNull(own);
        ArgumentNullException.ThrowIfNull(step);
        if (own.BasicConstraints?.PathLength is { } length && !(step.PathLength <= length))
            return $"The certificate limits its path to {length} CAs below it, and the script grants its cross-certificate "
                + $"{(step.PathLength is { } granted ? $"{granted}" : "any number")}.";
        if (own.ExtendedKeyUsage is { } purposes && !purposes.Contains(AnyPurpose)
            && (step.Purposes.IsEmpty || step.Purposes.Any(p => !purposes.Contains(p))))
            return $"The certificate is for {string.Join(", ", purposes.Select(Oids.NameOf))}, and the script grants its cross-certificate "
                + $"{(step.Purposes.IsEmpty ? "every purpose" : string.Join(", ", step.Purposes.Select(Oids.NameOf)))}.";
        return own.Extension(NameConstraints) is null ? null
            : "The certificate limits the names below it (nameConstraints), which no cross-certificate of this program does.";
    }

    /// <summary>What is no reason to refuse it and must be known to whoever takes it; a sentence each.</summary>
    /// <param name="end">Of the cross-certificate.</param>
    public static IEnumerable<string> Warnings(ParsedTbs own, PreviewCertificateStep step, DateTimeOffset? end)
    {
        ArgumentNullException.ThrowIfNull(own);
        ArgumentNullException.ThrowIfNull(step);
        if (own.NotAfter.Value is var last && end > last)
            yield return $"The CA's own certificate ends on {last:yyyy-MM-dd}; its cross-certificate ends later, on {end:yyyy-MM-dd}.";
        if (own.KeyUsage is { } usage && !usage.HasFlag(KeyUsages.CrlSign))
            yield return "The CA's own certificate does not allow its key to sign revocation lists; its cross-certificate does.";
        if (own.Policies is { } policies && policies.All(p => p.Oid != AnyPolicy)
            && (step.Policies.Any(asked => policies.All(p => p.Oid != asked))
                || step.Policies.IsEmpty && own.Extension(Oids.CertificatePolicies) is { Critical: true }))
            yield return $"The CA's own certificate is under the policies {Named(policies.Select(p => p.Oid))}; its "
                + $"cross-certificate is under {(step.Policies.IsEmpty ? "none that it names" : Named(step.Policies))}.";
        if (own.Extension(PolicyConstraints) is not null || own.Extension(InhibitAnyPolicy) is not null)
            yield return "The CA's own certificate limits policies (policyConstraints, inhibitAnyPolicy); its cross-certificate does not.";
    }

    /// <summary>
    /// What no script can mend, and no journal holds: the other CA names itself in its certificates by a name and a serial number that no
    /// cross-certificate can have. In a sentence; null: nothing says so.
    /// </summary>
    public static string? NoPath(ParsedTbs own)
    {
        ArgumentNullException.ThrowIfNull(own);
        return own.AuthorityKeyIdentifier is { HasIssuerAndSerial: true }
            ? "The CA's own certificate names the one above it by issuer and serial number too (authorityKeyIdentifier). Where the "
                + "certificates that it issues do so, openssl finds no path from them through a cross-certificate: that has another issuer "
                + "and another serial number. Look at one of them before the cross-certificate is relied on."
            : null;
    }

    private static string Named(IEnumerable<string> policies) => policies.Count() is var count && count > MostNamed
        ? $"{string.Join(", ", policies.Take(MostNamed))} and {count - MostNamed} more"
        : string.Join(", ", policies);
}
