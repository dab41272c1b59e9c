namespace KeyCeremony.Core.Pki;

/// <summary>Every rule of this folder, in the order of <c>docs/formats/certificate-profiles.md</c>.</summary>
public static class PkiRules
{
    public static IReadOnlyList<PkiRule> All { get; } =
    [
        .. NameRules.All,
        .. PlanRules.All,
        .. CertificateRules.All,
        .. CertificateProfile.All.SelectMany(profile => profile.Rules).Select(rule => rule.Rule),
        .. TbsComparison.Rules,
    ];

    public static bool Knows(string id) => All.Any(rule => rule.Id == id);

    /// <exception cref="InvalidOperationException">No such rule.</exception>
    public static PkiRule ById(string id) => All.First(rule => rule.Id == id);
}
