using System.Collections.Immutable;
using System.Numerics;
using System.Text;

namespace KeyCeremony.Core.Pki.Crl;

/// <summary>What a plan keeps before anything is written.</summary>
public static class CrlPlanRules
{
    /// <summary>BR 4.9.7: twelve months; a leap year has 366 days.</summary>
    public static readonly TimeSpan LongestLifetime = TimeSpan.FromDays(366);

    // The Matter ledger's dataURL takes 256 characters.
    internal const int MaxUriLength = 256;

    // The first year UTCTime can write.
    private const int EarliestYear = 1950;

    private static readonly BigInteger NumberLimit = BigInteger.One << ((8 * RevokedSerial.MaxContentBytes) - 1);

    /// <summary>The first broken rule of CRL-09, CRL-06, CRL-07, CRL-03, CRL-08, CRL-20 and CRL-21, or null.</summary>
    public static Refusal? Check(CrlPlan plan) =>
        CheckSigner(plan) ?? CheckDates(plan) ?? CheckWithinIssuer(plan) ?? CheckNumber(plan) ?? CheckPartition(plan);

    internal static bool MaySign(ParsedTbs issuer) =>
        issuer.KeyAlgorithm is not null && issuer.SubjectKeyIdentifier is not null
            && issuer.KeyUsage is { } usage && usage.HasFlag(KeyUsages.CrlSign);

    internal static bool IsNumber(BigInteger number) => number.Sign > 0 && number < NumberLimit;

    internal static bool IsWebAddress(string uri) =>
        uri.Length <= MaxUriLength && Ascii.IsValid(uri) && !uri.Any(c => c <= ' ' || c == '\x7F')
        && Uri.TryCreate(uri, UriKind.Absolute, out Uri? parsed) && parsed.Scheme is "http" or "https"
        && parsed.Host.Length > 0 && parsed.Fragment.Length == 0 && parsed.UserInfo.Length == 0;

    private static Refusal? CheckSigner(CrlPlan plan) => MaySign(plan.Issuer.ToBeSigned) ? null
        : CrlRules.Signer.Refuse("The issuer's certificate does not allow cRLSign, or its key or identifier is none we use.",
            "Choose the certificate of the CA, or of its CRL signer.");

    private static Refusal? CheckDates(CrlPlan plan)
    {
        foreach ((string? name, DateTimeOffset time) in new[] { ("thisUpdate", plan.ThisUpdate), ("nextUpdate", plan.NextUpdate) })
            if (time.Offset != TimeSpan.Zero || time.Ticks % TimeSpan.TicksPerSecond != 0 || time.Year < EarliestYear)
                return CrlRules.Dates.Refuse($"{name} {time:O} is not a UTC time of whole seconds from {EarliestYear}.",
                    "Correct the date.");
        if (plan.NextUpdate <= plan.ThisUpdate)
            return CrlRules.Dates.Refuse("nextUpdate does not lie after thisUpdate.", "Correct the dates.");
        return plan.NextUpdate - plan.ThisUpdate <= LongestLifetime ? null
            : CrlRules.Lifetime.Refuse($"nextUpdate lies {(plan.NextUpdate - plan.ThisUpdate).TotalDays:0.#} days after thisUpdate.",
                $"Choose a nextUpdate within {LongestLifetime.Days} days.");
    }

    private static Refusal? CheckWithinIssuer(CrlPlan plan)
    {
        ParsedTbs issuer = plan.Issuer.ToBeSigned;
        if (plan.ThisUpdate < issuer.NotBefore.Value)
            return CrlRules.WithinIssuer.Refuse($"thisUpdate lies before the issuer's certificate begins ({issuer.NotBefore.Text}).",
                "Check the clock and the certificate.");
        return plan.NextUpdate <= issuer.NotAfter.Value ? null
            : CrlRules.WithinIssuer.Refuse($"nextUpdate lies after the issuer's certificate ends ({issuer.NotAfter.Text}).",
                "Choose an earlier nextUpdate.");
    }

    private static Refusal? CheckNumber(CrlPlan plan) => IsNumber(plan.Number) ? null
        : CrlRules.Number.Refuse("The CRL number is not positive or has more than 20 bytes.", "Take the previous number plus 1.");

    private static Refusal? CheckPartition(CrlPlan plan)
    {
        if (plan.Partition is not { } partition)
            return null;
        if (partition.Uri is { } uri && !IsWebAddress(uri))
            return CrlRules.Partition.Refuse($"'{uri}' is no plain http or https address.",
                $"Give an address in ASCII of at most {MaxUriLength} characters.");
        if (partition.Shard is { } shard && (shard.Count is < 2 or > SerialShard.MaxCount || shard.Index < 0 || shard.Index >= shard.Count))
            return CrlRules.Partition.Refuse($"Shard {shard.Index} of {shard.Count} does not exist.",
                $"Give 2 to {SerialShard.MaxCount} shards, counted from 0.");
        if (partition.Shard is not null && partition.Uri is null)
            return CrlRules.Partition.Refuse("A shard without an address cannot be told from another shard.",
                "Give the address that stands in the certificates.");
        if (partition is { IsMatter: false, Uri: null, Covers: CrlCoverage.Any })
            return CrlRules.Partition.Refuse("The partition says nothing.", "Leave it out, or say what it covers.");
        return partition.IsMatter ? CheckMatter(plan, partition) : null;
    }

    private static Refusal? CheckMatter(CrlPlan plan, CrlPartition partition)
    {
        if (plan.SignatureAlgorithm != KeyAlgorithm.EcP256)
            return CrlRules.Matter.Refuse($"The signer's key is {plan.SignatureAlgorithm?.Title}.", "Choose a P-256 signer.");
        return partition is { Uri: not null, Covers: CrlCoverage.Any } ? null
            : CrlRules.Matter.Refuse("The distribution point has no address, or says more than an address.",
                "Give exactly the address of the revocation point.");
    }
}

/// <summary>How a CRL hangs on the one before.</summary>
public static class CrlChain
{
    /// <summary>
    /// Every broken rule of CRL-30 to CRL-33, in this order. CRL-33, the hole, is the only one that a witness may
    /// except: relying parties had no valid CRL for a while, and that cannot be undone.
    /// </summary>
    /// <param name="previous">Null for an issuer's first CRL.</param>
    public static IReadOnlyList<Refusal> Check(CrlPlan plan, CrlLink? previous) =>
        Check(new CrlLink(plan.Number, plan.ThisUpdate, plan.NextUpdate), previous);

    /// <summary>CRL-34: whether a CRL read from a file is the planned one's predecessor at all.</summary>
    public static Refusal? CheckIssuer(CrlPlan plan, CrlFacts previous)
    {
        if (!previous.Issuer.Equals(plan.Issuer.ToBeSigned.Subject))
        {
            (string found, string wanted) = DistinguishedName.Apart(previous.Issuer, plan.Issuer.ToBeSigned.Subject);
            return CrlRules.SameIssuer.Refuse($"The previous CRL is of {found}, not of {wanted}.", "Give the last CRL of this issuer.");
        }
        if (previous.AuthorityKeyIdentifier?.KeyIdentifier is { } key
            && !key.Span.SequenceEqual(plan.Issuer.ToBeSigned.SubjectKeyIdentifier.GetValueOrDefault().Span))
            return CrlRules.SameIssuer.Refuse("The previous CRL is of another key of this issuer.", "Give the last CRL of this key.");
        if (!previous.IsSignedBy(plan.Issuer))
            return CrlRules.SameIssuer.Refuse("The previous CRL is not signed by this issuer's key.", "Give the CRL as it was published.");
        return IsSame(plan.Partition, previous.DistributionPoint) ? null
            : CrlRules.SameIssuer.Refuse("The previous CRL covers another part of the issuer's certificates.",
                "Give the last CRL of the same partition.");
    }

    /// <summary>
    /// REVOKE-07: whether a CRL whose entries are to be taken over is of the planned one's CA. What another CA took back says nothing
    /// about this one's certificates, and would stand on its lists for ever.
    /// </summary>
    /// <param name="delegator">The CA of a delegated signer: its own lists are taken over too. Null for a CA that signs itself.</param>
    public static Refusal? CheckSource(CrlPlan plan, ParsedCertificate? delegator, CrlFacts source)
    {
        ParsedCertificate? issuer = new[] { plan.Issuer, delegator }
            .FirstOrDefault(c => c is not null && source.Issuer.Equals(c.ToBeSigned.Subject));
        if (issuer is null)
        {
            (string found, string wanted) = DistinguishedName.Apart(source.Issuer, (delegator ?? plan.Issuer).ToBeSigned.Subject);
            return CrlRules.Source.Refuse($"The list is of {found}, not of {wanted}.",
                "Bring a list of this CA. What another CA revoked is on that CA's list.");
        }
        if (source.SignatureHash is null && source.Judge(issuer) == SignatureVerdict.CannotBeJudged)
            return CrlRules.Source.Refuse("The list is signed by an algorithm that is not known here: its signature cannot be judged.",
                "Bring its serials as a CSV, so that the room sees each of them, or a list signed with SHA-256 or longer.");
        if (source.Judge(issuer) == SignatureVerdict.OtherKind)
            return CrlRules.Source.Refuse($"The list's signature algorithm {ForeignSignature.OfOtherKind(source.SignatureAlgorithm)}",
                "Bring the list as the CA published it, or a list of the key that this certificate has.");
        return source.IsSignedBy(issuer) ? null
            : CrlRules.Source.Refuse("The list is not signed by the key of this CA.",
                "Bring the list as the CA published it. A list of an earlier key of the same name is brought as a CSV.");
    }

    /// <summary>REVOKE-08, for a serial that is to be put on the list.</summary>
    public static Refusal? CheckOwn(ParsedCertificate issuer, RevokedSerial serial) =>
        !RevokedSerial.TryFromContent(issuer.ToBeSigned.Serial.Span, out RevokedSerial own) || own != serial ? null
        : issuer.ToBeSigned.Subject.Equals(issuer.ToBeSigned.Issuer)
            ? CrlRules.OwnSerial.Refuse($"{serial} is the serial of this list's issuer itself: with it nothing could be issued any more.",
                "A root is not taken back by its own list. Tell those who trust it; disaster recovery says how a new one begins.")
            : CrlRules.OwnSerial.Refuse($"{serial} is the serial of this list's issuer itself.",
                "It stands on the list of the CA that issued it: write that one.");

    internal static IReadOnlyList<Refusal> Check(CrlLink next, CrlLink? previous)
    {
        ImmutableArray<Refusal>.Builder refusals = ImmutableArray.CreateBuilder<Refusal>();
        BigInteger expected = (previous?.Number ?? 0) + 1;
        if (next.Number != expected)
            refusals.Add(CrlRules.NextNumber.Refuse($"The number is {next.Number}, expected is {expected}.",
                $"Take {expected}; a CRL that is missing in between must be found first."));
        if (previous is null)
            return refusals.ToImmutable();
        if (next.ThisUpdate < previous.ThisUpdate)
            refusals.Add(CrlRules.ThisUpdateBack.Refuse(
                $"thisUpdate {Text(next.ThisUpdate)} lies before the previous one, {Text(previous.ThisUpdate)}.", "Check the clock."));
        if (next.NextUpdate < previous.NextUpdate)
            refusals.Add(CrlRules.NextUpdateBack.Refuse(
                $"nextUpdate {Text(next.NextUpdate)} lies before the previous one, {Text(previous.NextUpdate)}.",
                "Choose a nextUpdate that is not earlier."));
        if (next.ThisUpdate > previous.NextUpdate)
            refusals.Add(CrlRules.Hole.Refuse(
                $"The previous CRL ended at {Text(previous.NextUpdate)}; from then to {Text(next.ThisUpdate)} no CRL was valid.",
                "Record the hole as an exception and have the witness sign it off."));
        return refusals.ToImmutable();
    }

    internal static bool IsSame(CrlPartition? planned, IssuingDistributionPoint? found)
    {
        if (planned is null || found is null)
            return planned is null && found is null;
        return found.OtherNames.IsEmpty && found.Uris.SequenceEqual(planned.Uri is null ? [] : [planned.Uri])
            && found.OnlyUserCertificates == (planned.Covers == CrlCoverage.UserCertificates)
            && found.OnlyCaCertificates == (planned.Covers == CrlCoverage.CaCertificates);
    }

    private static string Text(DateTimeOffset time) => $"{time:yyyy-MM-dd HH:mm:ss} UTC";
}
