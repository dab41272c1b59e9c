using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Crl;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony;

/// <summary>What a revocation list is made of, as a function of the journal and the script.</summary>
public static class CrlPlanning
{
    internal const string ListId = "list";
    internal const string StartOver = "again";

    /// <summary>So many there were in the first two formats, and their journals say so.</summary>
    private const int RulesOfReplayed = 34;

    /// <summary>The answer that takes one thing out of what was read and typed, by its place from 1: <c>without/2</c>.</summary>
    internal const string WithoutPrefix = "without/";

    /// <summary>What was read and typed since the officers last started over: what the list is made of.</summary>
    public static (ImmutableArray<RevocationSource> Files, ImmutableArray<TypedRevocation> Typed) Inputs(CeremonyState s)
    {
        ImmutableArray<EntryBody> since = Given(s);
        return ([.. since.OfType<RevocationsRead>().Select(r => new RevocationSource(r.File, r.Sha256, r.Notation))],
            [.. since.OfType<RevocationEntered>().Select(r => new TypedRevocation(r.Serial, r.Revoked, r.Reason, r.Invalidity))]);
    }

    /// <summary>What was read and typed since the officers last started over, without what they took out again.</summary>
    internal static ImmutableArray<EntryBody> Given(CeremonyState s) => [.. Numbered(s).Select(given => given.Body)];

    /// <summary>The same, each with its place in all that was read and typed, from 1.</summary>
    internal static ImmutableArray<(int Place, EntryBody Body)> Numbered(CeremonyState s)
    {
        ImmutableArray<EntryBody> since = SinceStart(s);
        HashSet<string> without = [.. since.OfType<Answered>().Where(a => a.Question == ListId).Select(a => a.Value)];
        return [.. since.Where(b => b is RevocationsRead or RevocationEntered).Select((body, i) => (Place: i + 1, Body: body))
            .Where(given => !without.Contains(Without(given.Place)))];
    }

    internal static string Without(int place) => string.Create(CultureInfo.InvariantCulture, $"{WithoutPrefix}{place}");

    /// <summary>The list's plan. Pure: the same step, number and time give the same list.</summary>
    public static CrlPlan Plan(World world, PreviewCrlStep step, string number, DateTimeOffset thisUpdate)
    {
        CertificateFact issuer = world.Certificates[step.Issuer];
        bool matter = PlanJson.TryRead(System.Text.Encoding.UTF8.GetBytes(issuer.Preview.Plan), out CertificatePlan? plan, out _)
            && plan.Profile.IsMatter;
        return new CrlPlan
        {
            Issuer = issuer.Parsed,
            Number = BigInteger.Parse(number, CultureInfo.InvariantCulture),
            ThisUpdate = thisUpdate,
            // Past the year 9999 no date can be written: the plan's rules refuse this one (CRL-06).
            NextUpdate = step.Days <= (DateTimeOffset.MaxValue - thisUpdate).Days ? thisUpdate.AddDays(step.Days) : DateTimeOffset.MaxValue,
            CoversCaCertificates = step.Scope != PreviewCrlStep.UserCertificates && CoversCaCertificates(issuer.Parsed),
            Partition = !step.IsPartitioned ? null : new CrlPartition(
                step.Scope switch
                {
                    PreviewCrlStep.CaCertificates => CrlCoverage.CaCertificates,
                    PreviewCrlStep.UserCertificates => CrlCoverage.UserCertificates,
                    _ => CrlCoverage.Any,
                },
                step.Address.Length == 0 ? null : step.Address,
                step.Shard is { } shard ? new SerialShard(shard.Index - 1, shard.Count) : null,
                matter),
        };
    }

    /// <summary>
    /// What the lint of a list begins with: that its rules were asked and, from the third format on, how many of its serials this ledger
    /// knows. Their names stand in <see cref="CrlPreviewed.Certificates"/>, so that the number is theirs.
    /// </summary>
    public static ImmutableArray<Finding> LintBegins(int format, long entries, ImmutableArray<string> certificates) =>
        format < JournalFormats.Compared
            ? [RulesAsked(RulesOfReplayed)]
            : [RulesAsked(CrlRules.All.Count), IssuedSerials.Counted(entries, certificates.Length)];

    private static Finding RulesAsked(int rules) => new(CeremonyRules.LintFailed, FindingResults.Pass, $"{rules} rules of lists asked");

    /// <summary>The Matter revocation point as JSON; empty when the script asks for none.</summary>
    public static bool TryDclRecord(World world, PreviewCrlStep step, out string record, [NotNullWhen(false)] out Refusal? refusal)
    {
        (record, refusal) = ("", null);
        if (step.DclUrl.Length == 0)
            return true;
        if (!MatterRevocationPoint.TryCreate(world.Certificates[step.Issuer].Parsed, Delegator(world, step), null, step.DclLabel,
            step.DclUrl, out MatterRevocationPoint? point, out refusal))
            return false;
        record = System.Text.Encoding.UTF8.GetString(point.ToJson());
        return true;
    }

    /// <summary>The CA for which a delegated signer signs this list; null where the CA signs itself.</summary>
    public static ParsedCertificate? Delegator(World world, PreviewCrlStep step)
    {
        CertificateFact signer = world.Certificates[step.Issuer];
        return signer.Parsed.ToBeSigned.BasicConstraints is { IsCa: true } ? null : world.Certificates[signer.Preview.Issuer].Parsed;
    }

    /// <summary>Whether this issuer can have issued CA certificates at all; then every entry needs a reason.</summary>
    public static bool CoversCaCertificates(ParsedCertificate issuer) =>
        issuer.ToBeSigned.BasicConstraints is { IsCa: true, PathLength: not 0 };

    public static CrlLink? Link(World world, string crl) => world.Crls.GetValueOrDefault(crl) is not { } last ? null
        : new CrlLink(BigInteger.Parse(last.Signed.Number, CultureInfo.InvariantCulture), last.Preview.ThisUpdate, last.Preview.NextUpdate);

    /// <summary>The current step's entries since the officers last started over.</summary>
    internal static ImmutableArray<EntryBody> SinceStart(CeremonyState s) =>
        s.Since(b => b is Answered { Question: ListId, Value: StartOver });
}
