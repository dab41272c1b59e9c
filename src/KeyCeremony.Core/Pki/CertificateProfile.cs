using System.Diagnostics.CodeAnalysis;

namespace KeyCeremony.Core.Pki;

/// <summary>Who signs a certificate of a profile.</summary>
public enum Issuance
{
    SelfSigned,
    ByIssuer,
    Either,
}

/// <summary>
/// A kind of certificate as data: what the writer puts into it, and the rules it is linted against.
/// The rules say again, from the standard, what the fields say: lint does not believe the writer's table.
/// </summary>
public sealed record CertificateProfile
{
    internal CertificateProfile()
    {
    }

    /// <summary>The name in scripts and journals, e.g. <c>matter-paa</c>.</summary>
    public required string ScriptName { get; init; }

    public required string Title { get; init; }

    public required Issuance Issuance { get; init; }

    public required bool IsCa { get; init; }

    /// <summary>basicConstraints is written even for cA false.</summary>
    public bool WritesBasicConstraints { get; init; } = true;

    public required KeyUsages KeyUsage { get; init; }

    /// <summary>Written unless the plan gives its own list.</summary>
    public IReadOnlyList<string> ExtendedKeyUsage { get; init; } = [];

    public bool WritesOcspNoCheck { get; init; }

    public bool IsMatter { get; init; }

    /// <summary>Why no ML-DSA key stands in a certificate of this profile, as the end of a sentence; null where one may. PLAN-10.</summary>
    public string? WhyNoMlDsa { get; init; }

    /// <summary>The profile's own rules, beside <see cref="CertificateRules.General"/>.</summary>
    public required IReadOnlyList<LintRule> Rules { get; init; }

    public static IReadOnlyList<CertificateProfile> All => CertificateProfiles.All;

    public static bool TryParse(string scriptName, [NotNullWhen(true)] out CertificateProfile? profile) =>
        (profile = All.FirstOrDefault(one => one.ScriptName == scriptName)) is not null;

    public override string ToString() => ScriptName;
}
