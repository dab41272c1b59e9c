using System.Collections.Immutable;

namespace KeyCeremony.Core.Pki.Requests;

/// <summary>How what was asked stands to what is granted.</summary>
public enum Agreement
{
    Same,

    /// <summary>The request says nothing on it; the script grants it.</summary>
    NotAsked,

    /// <summary>Another value or nothing is granted; the room sees it and goes on.</summary>
    Differs,

    /// <summary>The request and the script cannot both be meant; refused.</summary>
    Contradiction,
}

/// <summary>One line of the table that the room looks at.</summary>
/// <param name="Asked">Empty when nothing was asked.</param>
/// <param name="Granted">Empty when nothing is granted.</param>
/// <param name="Refusal">Of a contradiction: REQ-20 to REQ-25.</param>
public sealed record DifferenceRow(string Field, string Asked, string Granted, Agreement Agreement, Refusal? Refusal = null)
{
    public override string ToString() => $"{Field}: asked {Or(Asked, "nothing")}; granted {Or(Granted, "nothing")}{Ending}";

    private string Ending => Agreement switch
    {
        Agreement.Same or Agreement.NotAsked => "",
        Agreement.Differs => " (differs)",
        _ => " (CONTRADICTION)",
    };

    private static string Or(string value, string empty) => value.Length > 0 ? value : empty;
}

/// <summary>The whole table.</summary>
public sealed record RequestComparison(ImmutableArray<DifferenceRow> Rows)
{
    /// <summary>The first contradiction, or null: then the request can be granted as the script says.</summary>
    public Refusal? Contradiction => Rows.FirstOrDefault(row => row.Agreement == Agreement.Contradiction)?.Refusal;
}

/// <summary>What a request asks for, beside what the script grants. Only the key is ever taken from a request.</summary>
public static class RequestDifference
{
    private const string AskAgain = "Make the request again as the script says, or with no extensions at all; "
        + "if the request is right, correct the script and have it approved again.";

    private const int MostOfIdentifier = 32; // bytes: no hash that names keys is longer

    /// <param name="environment">Of the ledger: rehearsal, development, staging or production.</param>
    /// <param name="exactUsage">As in formats 1 and 2: a key usage beyond what is granted is a contradiction already.</param>
    /// <param name="identifier">Since format 5: another subjectKeyIdentifier than the one that is written is shown.</param>
    public static RequestComparison Between(RequestFile request, CertificatePlan plan, string environment, bool exactUsage = false,
        bool identifier = true) => new(
    [
        KeyRow(request.Key, plan),
        .. request switch
        {
            SigningRequest signing => OfRequest(signing, plan, environment, exactUsage, identifier),
            KeyProof proof => OfProof(proof, plan, environment),
            _ => [],
        },
    ]);

    private static DifferenceRow KeyRow(CheckedKey key, CertificatePlan plan) =>
        Strict("key", key.Title, plan.Key.Title, key.Algorithm == plan.Key, RequestRules.AsksWithKey,
            "Make a key of the kind the script grants and a new request, or correct the script and have it approved again.");

    private static IEnumerable<DifferenceRow> OfProof(KeyProof proof, CertificatePlan plan, string environment) =>
    [
        EnvironmentRow(proof.Environment, environment),
        Strict("purpose", proof.Purpose, plan.Profile.ScriptName, proof.Purpose == plan.Profile.ScriptName,
            RequestRules.ProofPurpose, "Make the key proof again for the purpose that the script grants."),
        Free("subject", "", plan.Subject.ToString()),
        .. Granted(plan),
    ];

    private static IEnumerable<DifferenceRow> OfRequest(SigningRequest request, CertificatePlan plan, string environment,
        bool exactUsage, bool identifier) =>
    [
        .. EnvironmentPrefix.In(request.Subject.CommonName) is { } named
            ? [EnvironmentRow(named, environment)]
            : Array.Empty<DifferenceRow>(),
        SubjectRow(request.Subject, plan.Subject),
        CaRow(request.Asked.BasicConstraints, plan),
        PathLengthRow(request.Asked.BasicConstraints, plan),
        KeyUsageRow(request.Asked.KeyUsage, plan.Profile.KeyUsage, exactUsage),
        PurposesRow(request.Asked.ExtendedKeyUsage ?? [], plan.ExtendedKeyUsage ?? plan.Profile.ExtendedKeyUsage),
        .. identifier ? IdentifierRows(request, plan) : [],
        .. request.Asked.SubjectAlternativeNames is { } names
            ? [Free(Oids.NameOf(Oids.SubjectAlternativeName), string.Join(", ", names), "")]
            : Array.Empty<DifferenceRow>(),
        .. request.Asked.Others.Where(other => !GrantsItself(other.Oid))
            .Select(other => Free(Oids.NameOf(other.Oid), "something we do not read", "")),
        .. Granted(plan).Select(row => request.Asked.All.Any(asked => Oids.NameOf(asked.Oid) == row.Field) ? row with
        {
            Asked = "something we do not read",
            Agreement = Agreement.Differs,
        } : row),
    ];

    private static bool GrantsItself(string oid) => oid is Oids.CertificatePolicies or Oids.CrlDistributionPoints;

    // What requests seldom ask for and every plan decides.
    private static IEnumerable<DifferenceRow> Granted(CertificatePlan plan) =>
    [
        Free(Oids.NameOf(Oids.CertificatePolicies), "", string.Join(", ", plan.Policies)),
        Free(Oids.NameOf(Oids.CrlDistributionPoints), "", string.Join(", ", plan.CrlDistributionPoints)),
    ];

    private static DifferenceRow EnvironmentRow(string asked, string environment) =>
        Strict("environment", asked, environment, asked == environment, RequestRules.ProofEnvironment,
            "Bring the request to the ceremony of its own environment. Environments never share keys: a key for this one is made new.");

    private static DifferenceRow SubjectRow(DistinguishedName asked, DistinguishedName granted)
    {
        bool sameWords = asked.ToString() == granted.ToString();
        return asked.Equals(granted) ? new DifferenceRow("subject", asked.ToString(), granted.ToString(), Agreement.Same)
            : new DifferenceRow("subject", asked + (sameWords ? " (encoded in another way)" : ""), granted.ToString(), Agreement.Differs);
    }

    private static DifferenceRow CaRow(BasicConstraints? asked, CertificatePlan plan) => asked is null
        ? Free("CA", "", YesNo(plan.Profile.IsCa))
        : Strict("CA", YesNo(asked.IsCa), YesNo(plan.Profile.IsCa), asked.IsCa == plan.Profile.IsCa, RequestRules.AsksForCa, AskAgain);

    // cA without a path length is what tools write who were not asked for one: it asks for nothing.
    private static DifferenceRow PathLengthRow(BasicConstraints? asked, CertificatePlan plan)
    {
        string granted = plan.PathLength is { } length ? $"{length}" : plan.Profile.IsCa ? "not limited" : "";
        return asked?.PathLength is not { } wanted ? Free("path length", "", granted)
            : Strict("path length", $"{wanted}", granted, wanted == plan.PathLength, RequestRules.AsksForPathLength, AskAgain);
    }

    /// <summary>
    /// certtool and AD CS ask for digitalSignature beside what a CA needs, whatever they are told: it is shown and not granted. Who does
    /// not ask for what is granted means another certificate.
    /// </summary>
    private static DifferenceRow KeyUsageRow(KeyUsages? asked, KeyUsages granted, bool exactly) => asked is not { } usage
        ? Free(Oids.NameOf(Oids.KeyUsage), "", Names(granted))
        : !exactly && usage.HasFlag(granted) ? Free(Oids.NameOf(Oids.KeyUsage), Names(usage), Names(granted))
        : Strict(Oids.NameOf(Oids.KeyUsage), Names(usage), Names(granted), usage == granted, RequestRules.AsksForKeyUsage, AskAgain);

    private static DifferenceRow PurposesRow(IReadOnlyList<string> asked, IReadOnlyList<string> granted)
    {
        DifferenceRow row = Free(Oids.NameOf(Oids.ExtendedKeyUsage), string.Join(", ", asked.Select(Oids.NameOf)),
            string.Join(", ", granted.Select(Oids.NameOf)));
        return asked.ToHashSet().SetEquals(granted) ? row with { Agreement = Agreement.Same } : row;
    }

    /// <summary>
    /// Tools that name a key by another hash (RFC 7093) look for it under that name: whoever asked must know that the certificate has
    /// another. One that is the same, or not asked for, takes no row.
    /// </summary>
    private static IEnumerable<DifferenceRow> IdentifierRows(SigningRequest request, CertificatePlan plan)
    {
        if (request.Asked.All.FirstOrDefault(e => e.Oid == Oids.SubjectKeyIdentifier) is not { } extension)
            return [];
        ReadOnlySpan<byte> wanted = RequestedExtensionReader.ReadKeyIdentifier(extension.Value).Span;
        string asked = wanted.IsEmpty ? "an empty one"
            : wanted.Length > MostOfIdentifier ? $"{Convert.ToHexStringLower(wanted[..MostOfIdentifier])}… ({wanted.Length} bytes)"
            : Convert.ToHexStringLower(wanted);
        string granted = plan.SubjectKeyIdentifier
            ?? Convert.ToHexStringLower(ToBeSigned.KeyIdentifier(request.Key.SubjectPublicKeyInfo.Span));
        return asked == granted ? []
            : [new DifferenceRow(Oids.NameOf(Oids.SubjectKeyIdentifier), asked, granted, Agreement.Differs)];
    }

    private static DifferenceRow Free(string field, string asked, string granted) =>
        new(field, asked, granted, asked == granted ? Agreement.Same : asked.Length == 0 ? Agreement.NotAsked : Agreement.Differs);

    private static DifferenceRow Strict(string field, string asked, string granted, bool agrees, PkiRule rule, string remedy) => agrees
        ? new DifferenceRow(field, asked, granted, Agreement.Same)
        : new DifferenceRow(field, asked, granted, Agreement.Contradiction,
            rule.Refuse($"{field}: the request says {asked}, the script grants {(granted.Length > 0 ? granted : "none")}.", remedy));

    private static string Names(KeyUsages usage) => string.Join(", ", CertificateText.UsageNames(usage));

    private static string YesNo(bool value) => value ? "yes" : "no";
}
