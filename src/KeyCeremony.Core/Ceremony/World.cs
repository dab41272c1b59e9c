using System.Collections.Immutable;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.Core.Ceremony;

/// <summary>Everything the ledger knows, folded from its entries and from nothing else.</summary>
public sealed record World(
    string LedgerId,
    string Environment,
    ImmutableArray<CeremonyFact> Ceremonies,
    ImmutableDictionary<string, ShareSetFact> Sets,
    ImmutableDictionary<string, KeyFact> Keys,
    ImmutableDictionary<string, PreviewFact> Previews,
    ImmutableDictionary<string, CertificateFact> Certificates,
    ImmutableDictionary<string, string> Bags,
    ImmutableHashSet<string> UsedBagNumbers,
    TokenFact? Primary,
    ImmutableArray<TokenRetired> Retired,
    HeadStored? Head,
    CheckpointSigned? Checkpoint,
    DateTimeOffset LastUtc)
{
    public static readonly World Empty = new("", "", [], ImmutableDictionary<string, ShareSetFact>.Empty,
        ImmutableDictionary<string, KeyFact>.Empty, ImmutableDictionary<string, PreviewFact>.Empty,
        ImmutableDictionary<string, CertificateFact>.Empty, ImmutableDictionary<string, string>.Empty,
        [], null, [], null, null, DateTimeOffset.MinValue);

    /// <summary>The key that signs transcripts now: the newest one in the token that is in use.</summary>
    public KeyFact? TranscriptKey => Keys.Values
        .Where(k => k.Generated.Purpose == "transcript" && k.Serial == Primary?.Commissioned.Serial)
        .MaxBy(k => k.Seq);

    public CertificateFact? CertificateOf(string key) =>
        Certificates.Values.Where(c => c.Signed.Key == key).MaxBy(c => c.Seq);
}

/// <param name="Id">Ordinal in the ledger and the script's name, e.g. <c>0001-root-creation</c>.</param>
/// <param name="OpenedUtc">When it was opened.</param>
/// <param name="End">closed, aborted or empty while it runs.</param>
public sealed record CeremonyFact(string Id, CeremonyOpened Opened, DateTimeOffset OpenedUtc, string End);

/// <param name="ReadBack">Shares that came back right, 1-based.</param>
/// <param name="Combined">Every threshold subset gave the same secret.</param>
public sealed record ShareSetFact(SharesMade Made, string Ceremony, ImmutableHashSet<int> ReadBack, bool Combined, string? Voided);

/// <param name="Ceremony">The ceremony that generated it.</param>
/// <param name="Serial">The token that holds it now.</param>
/// <param name="CkaId">Lower-case hex, in that token.</param>
public sealed record KeyFact(KeyGenerated Generated, string Ceremony, long Seq, string Serial, string CkaId, bool Locked,
    KeyBackedUp? Backup, bool Drilled);

public sealed record PreviewFact(CertificatePreviewed Previewed, string Ceremony, long Seq);

public sealed record CertificateFact(CertificateSigned Signed, CertificatePreviewed Preview, long Seq);

/// <param name="Probe">What the token was measured to be when it was commissioned.</param>
public sealed record TokenFact(TokenCommissioned Commissioned, TokenProbed? Probe);
