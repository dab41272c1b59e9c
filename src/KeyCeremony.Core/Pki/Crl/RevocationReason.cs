using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace KeyCeremony.Core.Pki.Crl;

/// <summary>
/// CRLReason, RFC 5280 5.3.1. There is no member for unspecified (0): it is written by leaving the reason out, and
/// that is a null here.
/// </summary>
public enum RevocationReason : byte
{
    KeyCompromise = 1,
    CaCompromise = 2,
    AffiliationChanged = 3,
    Superseded = 4,
    CessationOfOperation = 5,
    CertificateHold = 6,
    RemoveFromCrl = 8,
    PrivilegeWithdrawn = 9,
    AaCompromise = 10,
}

/// <summary>The reasons' names as RFC 5280 writes them.</summary>
public static class RevocationReasons
{
    /// <summary>What a missing reason is called.</summary>
    public const string Unspecified = "unspecified";

    internal const int HighestCode = (int)RevocationReason.AaCompromise;

    private static readonly ImmutableArray<(RevocationReason Reason, string Name)> Names =
    [
        (RevocationReason.KeyCompromise, "keyCompromise"),
        (RevocationReason.CaCompromise, "cACompromise"),
        (RevocationReason.AffiliationChanged, "affiliationChanged"),
        (RevocationReason.Superseded, "superseded"),
        (RevocationReason.CessationOfOperation, "cessationOfOperation"),
        (RevocationReason.CertificateHold, "certificateHold"),
        (RevocationReason.RemoveFromCrl, "removeFromCRL"),
        (RevocationReason.PrivilegeWithdrawn, "privilegeWithdrawn"),
        (RevocationReason.AaCompromise, "aACompromise"),
    ];

    /// <summary><c>keyCompromise</c>; <c>unspecified</c> for null.</summary>
    public static string NameOf(RevocationReason? reason) =>
        reason is null ? Unspecified : Names.First(one => one.Reason == reason).Name;

    /// <summary>In any case, as tools differ in it. Neither the empty text nor <c>unspecified</c> is a reason.</summary>
    public static bool TryParse(string name, [NotNullWhen(true)] out RevocationReason? reason)
    {
        reason = null;
        foreach ((RevocationReason Reason, string Name) one in Names)
            if (name.Equals(one.Name, StringComparison.OrdinalIgnoreCase))
                reason = one.Reason;
        return reason is not null;
    }

    internal static bool IsCode(int code) => code is >= 1 and <= HighestCode and not 7;
}
