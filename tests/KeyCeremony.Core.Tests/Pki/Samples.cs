using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Tests.Pki;

/// <summary>A good plan, key and certificate of every profile, under real (software) parents.</summary>
internal static class Samples
{
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private const string ThrowAway = "throw-away";

    private static readonly Dictionary<string, ThrowAwayKey> Keys = [];
    private static readonly Dictionary<string, ParsedCertificate> Certificates = [];
    private static readonly Lock Gate = new();

    public static TheoryData<string> ProfileNames => [.. CertificateProfile.All.Select(profile => profile.ScriptName)];

    public static CertificateProfile Profile(string name) =>
        CertificateProfile.TryParse(name, out CertificateProfile? profile) ? profile : throw new ArgumentException(name);

    public static DistinguishedName Name(params (string Type, string Value)[] attributes) =>
        DistinguishedName.TryCreate(attributes, out DistinguishedName? name, out Refusal? refusal)
            ? name
            : throw new ArgumentException(refusal.ToString());

    public static SerialNumber Serial(byte seed = 1) =>
        SerialNumber.FromRandom([.. Enumerable.Range(0, SerialNumber.RandomBytes).Select(i => (byte)((i * 7) + seed))]);

    /// <summary>The software key that plays the real one; the same for each name for the whole run.</summary>
    public static ThrowAwayKey Key(string name, KeyAlgorithm algorithm)
    {
        lock (Gate)
        {
            // RSA keys take seconds to make: all names share one, the previews another.
            string id = $"{(algorithm.IsRsa && name != ThrowAway ? "real" : name)}/{algorithm}";
            if (!Keys.TryGetValue(id, out ThrowAwayKey? key))
                Keys[id] = key = algorithm.CreateThrowAway();
            return key;
        }
    }

    public static CertificatePlan Plan(string profile) => profile switch
    {
        "root" => new CertificatePlan
        {
            Profile = CertificateProfiles.Root,
            Subject = Name(("C", "DE"), ("O", "Example Devices GmbH"), ("CN", "Example Root R1")),
            Key = KeyAlgorithm.EcP384,
            Serial = Serial(1),
            NotBefore = Start,
            NotAfter = Start.AddDays(9132).AddSeconds(-1),
        },
        "tls-intermediate" => Issued(profile, "root", KeyAlgorithm.EcP256) with
        {
            PathLength = 0,
            Policies = ["2.23.140.1.2.2"],
            CrlDistributionPoints = ["http://crl.example.com/root-r1.crl"],
        },
        "mtls-intermediate" => Issued(profile, "root", KeyAlgorithm.EcP256) with
        {
            PathLength = 0,
            CrlDistributionPoints = ["http://crl.example.com/root-r1.crl"],
            ExtendedKeyUsage = [Oids.ClientAuth, Oids.ServerAuth],
        },
        "matter-paa" => new CertificatePlan
        {
            Profile = CertificateProfiles.MatterPaa,
            Subject = Name(("CN", "Example Matter PAA"), ("vid", "FFF1")),
            Key = KeyAlgorithm.EcP256,
            Serial = Serial(2),
            NotBefore = Start,
            NotAfter = CertificatePlan.NoEnd,
            PathLength = 1,
        },
        "matter-pai" => Issued(profile, "matter-paa", KeyAlgorithm.EcP256) with
        {
            Subject = Name(("CN", "Example Matter PAI"), ("vid", "FFF1"), ("pid", "8000")),
            NotAfter = CertificatePlan.NoEnd,
            PathLength = 0,
        },
        "cross-certificate" => Issued(profile, "root",
            KeyAlgorithm.EcP384) with
        { CrlDistributionPoints = ["http://crl.example.com/root-r1.crl"] },
        "idevid-ca" => Issued(profile, "root", KeyAlgorithm.EcP256) with { PathLength = 0 },
        "firmware-signing-ca" => Issued(profile, "root", KeyAlgorithm.EcP384) with { PathLength = 0 },
        "code-signing-ca" or "timestamping-ca" => Issued(profile, "root", KeyAlgorithm.EcP384) with
        {
            Policies = ["2.23.140.1.4.1"],
            CrlDistributionPoints = ["http://crl.example.com/root-r1.crl"],
        },
        "crl-signer" => Issued(profile, "matter-paa",
            KeyAlgorithm.EcP256) with
        { Subject = Name(("CN", "Example CRL signer"), ("vid", "FFF1")) },
        "ocsp-responder" or "transcript-signer" or "manifest-signer" or "release-signer" => Issued(profile, "root", KeyAlgorithm.EcP256),
        _ => throw new ArgumentException(profile),
    };

    public static byte[] Tbs(CertificatePlan plan) =>
        ToBeSigned.Write(plan, Key(plan.Profile.ScriptName, plan.Key).SubjectPublicKeyInfo.Span);

    public static ParsedTbs Parsed(byte[] tbs) =>
        CertificateReader.TryReadToBeSigned(tbs, out ParsedTbs? parsed, out Refusal? refusal)
            ? parsed
            : throw new ArgumentException(refusal.ToString());

    /// <summary>Signed the way the ceremony does: preview, lint, sign.</summary>
    public static ParsedCertificate Certificate(string profile)
    {
        lock (Gate)
        {
            if (!Certificates.TryGetValue(profile, out ParsedCertificate? certificate))
                Certificates[profile] = certificate = Sign(Plan(profile));
            return certificate;
        }
    }

    public static ParsedCertificate Sign(CertificatePlan plan)
    {
        ThrowAwayKey key = Key(plan.Profile.ScriptName, plan.Key);
        return CertificateSigning.TrySign(Linted(plan), key.SubjectPublicKeyInfo.Span,
            SignerOf(plan).Generator, out ParsedCertificate? certificate, out Refusal? refusal)
            ? certificate : throw new ArgumentException(refusal.ToString());
    }

    /// <summary>A certificate that lint would refuse, for tests that need a bad parent.</summary>
    public static ParsedCertificate SignWithoutLint(CertificatePlan plan)
    {
        byte[] tbs = Tbs(plan);
        ThrowAwayKey signer = SignerOf(plan);
        byte[] der = DerNode.Sequence(
            DerNode.Parse(tbs),
            DerNode.Parse(signer.Algorithm.SignatureAlgorithmIdentifier()),
            DerNode.Primitive(0x03, [0, .. signer.Generator.SignData(tbs, signer.Algorithm.Hash)])).Encode();
        return CertificateReader.TryReadCertificate(der, out ParsedCertificate? certificate, out Refusal? refusal)
            ? certificate
            : throw new ArgumentException(refusal.ToString());
    }

    public static PreviewedCertificate Preview(CertificatePlan plan) =>
        CertificatePreview.TryMake(plan, Key(ThrowAway, plan.Key), out PreviewedCertificate? preview, out Refusal? refusal)
            ? preview
            : throw new ArgumentException(refusal.ToString());

    public static LintedCertificate Linted(CertificatePlan plan) =>
        CertificateLint.Check(Preview(plan)).TryAccept(out LintedCertificate? linted, out Refusal? refusal)
            ? linted
            : throw new ArgumentException(refusal.ToString());

    public static ThrowAwayKey SignerOf(CertificatePlan plan) =>
        plan.Issuer is null ? Key(plan.Profile.ScriptName, plan.Key)
            : Keys.Values.Single(key => key.SubjectPublicKeyInfo.Span.SequenceEqual(plan.Issuer.ToBeSigned.SubjectPublicKeyInfo.Span));

    private static CertificatePlan Issued(string profile, string parent, KeyAlgorithm key) => new()
    {
        Profile = Profile(profile),
        Subject = Name(("C", "DE"), ("O", "Example Devices GmbH"), ("CN", "Example " + profile)),
        Issuer = Certificate(parent),
        Key = key,
        Serial = Serial((byte)(3 + profile.Length)),
        NotBefore = Start,
        NotAfter = Start.AddYears(10),
    };
}
