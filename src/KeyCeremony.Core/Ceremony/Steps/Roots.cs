using System.Collections.Immutable;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony.Steps;

/// <summary>Two roots side by side: each says that the other is ours.</summary>
internal static class Roots
{
    public static Move Link(CeremonyState s, LinkRootsStep step)
    {
        ImmutableArray<CertificateFact?> known = [.. step.Roots.Select(r => s.World.Certificates.GetValueOrDefault(r))];
        if (s.Latest<RootsLinked>() is not null)
            return Room.Seen(s, Roles.Witness, "Both roots have signed that they are ours. Whoever trusts one is led to the other.",
                [.. known.SelectMany(root => Lines(root!))]);
        for (int i = 0; i < known.Length; i++)
            if (Refuse(s, step.Roots[i], known[i]) is { } refusal)
                return Tokens.Stop(s, refusal.Rule, refusal.Message, refusal.Remedy);
        return new Perform(new LinkRoots(new Names(step.Roots),
            Convert.ToBase64String(RootLink.Statement(s.World.LedgerId, known.Select(k => k!)))));
    }

    private static IEnumerable<string> Lines(CertificateFact root) =>
    [
        $"{root.Parsed.ToBeSigned.Subject} has signed, and its signature holds.",
        .. Evidence.Hash("SHA-256 of the certificate", root.Signed.Sha256),
        "",
    ];

    public static Refusal? RefuseUnknown(string name, CertificateFact? known) => known is null || known.Preview.Issuer != name
        ? new(CeremonyRules.NoRoot, $"The ledger has no root certificate \"{name}\".",
            "Make the root first, or name it as the ledger does.")
        : null;

    public static Refusal? Refuse(CeremonyState s, string name, CertificateFact? known)
    {
        if (RefuseUnknown(name, known) is { } unknown)
            return unknown;
        if (Certificates.RefuseIssuer(s, name) is { } refusal)
            return refusal;
        return Signers.Refuse(s, name, KeyUsages.KeyCertSign);
    }
}
