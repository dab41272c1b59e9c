using System.Collections.Immutable;
using System.Diagnostics;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Release;
using KeyCeremony.Core.Release.Images;
using KeyCeremony.Core.Script;

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
    ImmutableDictionary<string, RequestFact> Requests,
    ImmutableDictionary<string, CertificateImported> Imported,
    ImmutableDictionary<string, CrlPreviewFact> CrlPreviews,
    ImmutableDictionary<string, CrlFact> Crls,
    ImmutableDictionary<string, BatchFact> Batches,
    ImmutableHashSet<(string Ceremony, string Subject)> LeftOut,
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
        ImmutableDictionary<string, CertificateFact>.Empty, ImmutableDictionary<string, RequestFact>.Empty,
        ImmutableDictionary<string, CertificateImported>.Empty, ImmutableDictionary<string, CrlPreviewFact>.Empty,
        ImmutableDictionary<string, CrlFact>.Empty, ImmutableDictionary<string, BatchFact>.Empty,
        [], ImmutableDictionary<string, string>.Empty,
        [], null, [], null, null, DateTimeOffset.MinValue);

    /// <summary>
    /// Ceremonies that were aborted before they were closed. One whose HSM died between the close and the transcript's signature
    /// is none: its backups count.
    /// </summary>
    public ImmutableHashSet<string> Dead { get; init; } = [];

    /// <summary>The token that a dead ceremony commissioned last; nothing may be done with it but to erase it.</summary>
    public TokenFact? DeadToken { get; init; }

    /// <summary>Objects that a device was told to make and that nobody recorded as made, by their CKA_ID: the HSM may hold them.</summary>
    public ImmutableDictionary<string, BegunKey> Begun { get; init; } = ImmutableDictionary<string, BegunKey>.Empty;

    /// <summary>The token whose keys moved to another one last; null: none did.</summary>
    public FormerToken? Former { get; init; }

    /// <summary>Whether it was said that keys remain in the former token.</summary>
    public bool FormerRemains { get; init; }

    /// <summary>Every object of a key that a token held or may hold, in the order in which they came.</summary>
    public ImmutableArray<KeyObject> Objects { get; init; } = [];

    /// <summary>The token that was inspected last for a drill.</summary>
    public string DrillSerial { get; init; } = "";

    /// <summary>Keys that ended, by their names.</summary>
    public ImmutableDictionary<string, EndedKey> Ended { get; init; } = ImmutableDictionary<string, EndedKey>.Empty;

    /// <summary>Which roots have signed that they are each other's, in their order.</summary>
    public ImmutableArray<RootsLink> Links { get; init; } = [];

    /// <summary>Roots that are none any more, by the names of their certificates.</summary>
    public ImmutableDictionary<string, WithdrawnRoot> Withdrawn { get; init; } = ImmutableDictionary<string, WithdrawnRoot>.Empty;

    /// <summary>
    /// Roots that take over when the one that serves falls, in the order in which they were made: the key rests in its backup, did not end,
    /// and another root has signed that it is ours.
    /// </summary>
    public ImmutableArray<Spare> Spares =>
    [
        .. from key in Keys.Values
           where key is { RestsSince: not null, Serial: "", Backup: not null } && !IsDead(key.Ceremony)
               && !Ended.ContainsKey(key.Generated.Key)
           let root = CertificateOf(key.Generated.Key)
           where root is not null && root.Preview.Issuer == root.Signed.Certificate && AreLinked(root.Signed.Certificate)
           orderby key.Seq
           select new Spare(key, root),
    ];

    /// <summary>Whether these two, or this one and any other, have signed that they are each other's in a ceremony that counts.</summary>
    public bool AreLinked(string root, string? other = null) =>
        Links.Any(l => !IsDead(l.Ceremony) && l.Roots.Contains(root) && (other is null || l.Roots.Contains(other)));

    /// <summary>
    /// Tokens that were retired, and those of which people said that they are destroyed when they gave account of a key: one that is back
    /// is not what the record says of it.
    /// </summary>
    public ImmutableArray<TokenRetired> Departed =>
    [
        .. Retired,
        .. from ended in Ended.Values
           where ended.Answers.Values.Any(a => a.Body.Result == CopyAnswered.Destroyed)
           from line in CopyInventory.Of(this, ended.Body.Key).Lines
           where line.Serial.Length > 0 && ended.Answers.GetValueOrDefault(line.Id)?.Body is { Result: CopyAnswered.Destroyed }
           select new TokenRetired(line.Serial, TokenRetired.Destroyed, ended.Answers[line.Id].Body.Words),
    ];

    /// <summary>Serial numbers of the tokens that another binding has read, too.</summary>
    public ImmutableHashSet<string> LookedAt { get; init; } = [];

    /// <summary>Whose statements about releases count, by the builder's name.</summary>
    public ImmutableDictionary<string, BuilderKnown> Builders { get; init; } = ImmutableDictionary<string, BuilderKnown>.Empty;

    /// <summary>The same with those who have another key by now.</summary>
    public ImmutableArray<BuilderKnown> EveryBuilder { get; init; } = [];

    /// <summary>The builder whose key this is or was, Base64 SubjectPublicKeyInfo; null: nobody's.</summary>
    public BuilderKnown? BuilderOf(string spki) => EveryBuilder.FirstOrDefault(b => b.Spki == spki);

    /// <summary>Release requests that were judged, in their order.</summary>
    public ImmutableArray<ReleaseFact> Releases { get; init; } = [];

    /// <summary>Of the last entry.</summary>
    public ImmutableArray<byte> LastHash { get; init; } = [];

    /// <summary>The ceremony that stored the head, or that was running in the bundle the ledger was restored from; empty: none.</summary>
    public string HeadIn { get; init; } = "";

    /// <summary>Of each ceremony but the last, the hash of the last entry before the next was opened; lower-case hex.</summary>
    public ImmutableDictionary<string, string> Ends { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Entries that say that a bundle was written.</summary>
    public ImmutableArray<long> Exports { get; init; } = [];

    /// <summary>Entries that say that the ledger was restored from a bundle, which is there, and whose record sticks may be.</summary>
    public ImmutableArray<long> Restorations { get; init; } = [];

    /// <summary>
    /// Whose card a bag's name means, by the name: that of the newest set a card of which was sealed under it.
    /// </summary>
    public ImmutableDictionary<string, string> Holders { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>The number of the sealed bag in which this card lies, as far as the ledger knows; null: it knows none.</summary>
    /// <param name="share">1-based.</param>
    public string? BagOf(ShareSetFact set, int share) => Steps.Bags.HolderOf(this, set, share) is { } content
        ? Bags.GetValueOrDefault(content) : null;

    /// <summary>What left a room as QR codes.</summary>
    public ImmutableArray<(long Seq, ResultsShown Shown)> Shown { get; init; } = [];

    /// <summary>The key that signs transcripts now: the newest classical one in the token that is in use.</summary>
    public KeyFact? TranscriptKey => NewestTranscriptKey(isMlDsa: false);

    /// <summary>The key of ML-DSA that signs them, too; null: the token has none.</summary>
    public KeyFact? TranscriptCosigner => NewestTranscriptKey(isMlDsa: true);

    /// <summary>Both, as far as the token holds them.</summary>
    public IEnumerable<KeyFact> TranscriptKeys => new[] { TranscriptKey, TranscriptCosigner }.OfType<KeyFact>();

    private KeyFact? NewestTranscriptKey(bool isMlDsa) => Keys.Values
        .Where(k => k.Generated.Purpose == KeyPurposes.Transcript && k.Serial == Primary?.Commissioned.Serial && !IsDead(k.Ceremony)
            && KeyAlgorithm.IsNameOfMlDsa(k.Generated.Algorithm) == isMlDsa)
        .MaxBy(k => k.Seq);

    /// <summary>
    /// The newest certificate of a key that was generated or requested; a cross-certificate is another CA's word about it.
    /// </summary>
    public CertificateFact? CertificateOf(string key) =>
        Certificates.Values.Where(c => c.Signed.Key == key && c.Preview.Source != KeySources.Existing && !IsDead(c.Ceremony)
            && (!Keys.ContainsKey(key) || KeyIn(c) is not null)).MaxBy(c => c.Seq);

    /// <summary>
    /// The key that this certificate holds; null: it is not of this ledger. Requests have names as keys have; that one of them could bear
    /// the name of a key was not seen before format 7.
    /// </summary>
    public KeyFact? KeyIn(CertificateFact certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return Keys.GetValueOrDefault(certificate.Signed.Key) is { } key && (Format < JournalFormats.Accounted
            || Convert.ToBase64String(certificate.Parsed.ToBeSigned.SubjectPublicKeyInfo.Span) == key.Generated.Spki) ? key : null;
    }

    /// <summary>
    /// Whether what this ceremony made is dead: it was aborted before it was closed. Its keys, share sets, certificates and
    /// the token that it commissioned are of no use any more. Not asked in ceremonies of the first format.
    /// </summary>
    public bool IsDead(string ceremony) => Format >= JournalFormats.Replayed && Dead.Contains(ceremony);

    /// <summary>
    /// Whether the ceremony that dealt these cards was aborted, and they open nothing. An HSM whose PINs were changed does not change them
    /// back because people abort: cards that open it, or may, live.
    /// </summary>
    public bool IsDead(ShareSetFact set)
    {
        ArgumentNullException.ThrowIfNull(set);
        return Dead.Contains(set.Ceremony) && set.Entered.IsEmpty && Primary?.Perhaps != set.Made.Set;
    }

    /// <summary>The ceremony whose abort killed this certificate, its key or one above it; null: it is alive.</summary>
    public string? DeadIn(CertificateFact certificate)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (CertificateFact? at = certificate; at is not null && seen.Add(at.Signed.Certificate);
            at = Certificates.GetValueOrDefault(at.Preview.Issuer))
        {
            if (IsDead(at.Ceremony))
                return at.Ceremony;
            if (Keys.TryGetValue(at.Signed.Key, out KeyFact? key) && IsDead(key.Ceremony))
                return key.Ceremony;
        }
        return null;
    }

    /// <summary>The end of this key, Base64 SubjectPublicKeyInfo; null: it did not end.</summary>
    public EndedKey? EndOf(string spki) =>
        Ended.IsEmpty ? null : Ended.Values.FirstOrDefault(e => Keys.GetValueOrDefault(e.Body.Key)?.Generated.Spki == spki);

    /// <summary>What dead ceremonies left in the HSM that is in use, the oldest first.</summary>
    public ImmutableArray<DeadKey> DeadKeys => Primary is not { Commissioned.Serial: var here } ? [] :
    [
        .. Keys.Values.Select(k => new BegunKey(k.Generated.Key, k.CkaId, k.Serial, k.Ceremony, k.Seq)).Concat(Begun.Values)
            .Where(k => k.Serial == here && IsDead(k.Ceremony)).OrderBy(k => k.Seq).Select(k => new DeadKey(k.Key, k.CkaId, k.Ceremony)),
    ];

    /// <summary>The rules of the ceremony that was opened last.</summary>
    internal int Format => Ceremonies.IsEmpty ? JournalFormats.Current : JournalFormats.Of(Ceremonies[^1].Opened);

    /// <summary>The dead ceremony that generated this key, Base64 SubjectPublicKeyInfo; null: none did.</summary>
    public string? DeadKey(string spki) => Keys.Values.FirstOrDefault(k => k.Generated.Spki == spki && IsDead(k.Ceremony))?.Ceremony;

    /// <summary>
    /// The name of the certificate, or of the nearest one above it, that a signed list names; null: none. In the first format only itself
    /// was asked.
    /// </summary>
    public string? RevokedIn(CertificateFact certificate)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (CertificateFact? at = certificate; at is not null && seen.Add(at.Signed.Certificate);
            at = Format < JournalFormats.Replayed ? null : Certificates.GetValueOrDefault(at.Preview.Issuer))
            if (IsRevoked(at.Signed.Certificate))
                return at.Signed.Certificate;
        return null;
    }

    /// <summary>The withdrawal of this root certificate, or of the one that it hangs under; null: that one was not withdrawn.</summary>
    internal WithdrawnRoot? WithdrawnAbove(CertificateFact certificate)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (CertificateFact? at = certificate; at is not null && seen.Add(at.Signed.Certificate);
            at = Certificates.GetValueOrDefault(at.Preview.Issuer))
            if (Withdrawn.GetValueOrDefault(at.Signed.Certificate) is { } withdrawn && !IsDead(withdrawn.Ceremony))
                return withdrawn;
        return null;
    }

    /// <summary>Whether a signed list names this certificate of the ledger.</summary>
    public bool IsRevoked(string certificate) => Crls.Values.Any(c => c.Preview.Certificates.Contains(certificate));
}

/// <param name="Id">Ordinal in the ledger and the script's name, e.g. <c>0001-root-creation</c>.</param>
/// <param name="OpenedUtc">When it was opened.</param>
/// <param name="End">closed, aborted or empty while it runs.</param>
public sealed record CeremonyFact(string Id, CeremonyOpened Opened, DateTimeOffset OpenedUtc, string End);

/// <param name="ReadBack">Shares that came back right, 1-based.</param>
/// <param name="Combined">Every threshold subset gave the same secret.</param>
public sealed record ShareSetFact(SharesMade Made, string Ceremony, ImmutableHashSet<int> ReadBack, bool Combined, string? Voided)
{
    /// <summary>What became of its cards, by their number; of those of which an entry says something.</summary>
    public ImmutableDictionary<int, CardFact> Cards { get; init; } = ImmutableDictionary<int, CardFact>.Empty;

    /// <summary>Of the entry that dealt it.</summary>
    public long Seq { get; init; }

    /// <summary>What its cards are called on their bags, before the number; null: its script does not say.</summary>
    public string? Called { get; init; }

    /// <summary>Every key that was ever wrapped under it.</summary>
    public ImmutableArray<BackedUp> Opens { get; init; } = [];

    /// <summary>When cards that were made elsewhere gave its secret first; null: they never did.</summary>
    public DateTimeOffset? ForeignUtc { get; init; }

    /// <summary>Serial numbers of the HSMs that were commissioned with it.</summary>
    public ImmutableArray<string> Commissioned { get; init; } = [];

    /// <summary>Serial numbers of the HSMs whose PINs were changed to those of this set.</summary>
    public ImmutableArray<string> Entered { get; init; } = [];

    /// <summary>HSMs that it opened until their PINs were changed, by their serial numbers; and when.</summary>
    public ImmutableDictionary<string, DateTimeOffset> Left { get; init; } = ImmutableDictionary<string, DateTimeOffset>.Empty;

    internal ShareSetFact Proved(string key) =>
        this with { Opens = [.. Opens.Select(o => o.Body.Key == key ? o with { Drilled = true } : o)] };

    /// <param name="share">1-based.</param>
    public CardFact Card(int share) => Cards.GetValueOrDefault(share) ?? new CardFact(share, CardFact.Unread, null, null, "");

    /// <summary>The numbers of the cards of which none of this is known.</summary>
    public IEnumerable<int> NotIn(params ImmutableArray<string> states) =>
        Enumerable.Range(1, Made.Custodians.Length).Where(n => !states.Contains(Card(n).State));

    /// <summary>What is known of a card, in a few words.</summary>
    public string CardInWords(int share) => Card(share) switch
    {
        { State: CardFact.Unread } => "not read back",
        { State: CardChecked.Good, Utc: var utc } => $"good on {utc:yyyy-MM-dd}",
        { GoodUtc: { } good } card => $"{card.State} on {card.Utc:yyyy-MM-dd}, good on {good:yyyy-MM-dd}",
        var card => $"{card.State} on {card.Utc:yyyy-MM-dd}",
    };

    /// <summary>As it is known now, after something was seen of a card. Where it lies is known until somebody says otherwise.</summary>
    internal ShareSetFact Saw(int share, string state, DateTimeOffset utc, string? site = null)
    {
        CardFact before = Card(share);
        return this with
        {
            Cards = Cards.SetItem(share, new CardFact(share, state, utc, state == CardChecked.Good ? utc : before.GoodUtc,
                state is CardChecked.Lost or CardChecked.Destroyed or CardChecked.DestroyedUnread or CardChecked.Other
                    ? "" : site ?? before.Site)
            {
                DestroyedUtc = state is CardChecked.Destroyed or CardChecked.DestroyedUnread ? utc : before.DestroyedUtc,
            }),
        };
    }
}

/// <summary>What was seen last of a card.</summary>
/// <param name="State">A result of <see cref="CardChecked"/>, or <see cref="Unread"/>.</param>
/// <param name="Utc">When; null: nothing was.</param>
/// <param name="GoodUtc">When it was typed last, and was right; null: never.</param>
/// <param name="Site">Where it lies; empty: nobody said.</param>
public sealed record CardFact(int Share, string State, DateTimeOffset? Utc, DateTimeOffset? GoodUtc, string Site)
{
    /// <summary>It was dealt and not typed back yet.</summary>
    public const string Unread = "unread";

    /// <summary>When a witness said last that it was destroyed, whatever was seen of it since; null: nobody did.</summary>
    public DateTimeOffset? DestroyedUtc { get; init; }

    /// <summary>
    /// What is wrong with a good card that was destroyed; null: it was not. It stands in exceptions: other words are another format.
    /// </summary>
    internal string? Back(SharesMade made) => State == CardChecked.Good && DestroyedUtc is { } gone
        ? $"Card {Share} of {made.Set}, dealt to {made.Custodians[Share - 1]}, was destroyed before the witness on {gone:yyyy-MM-dd}, and "
            + "was typed today."
        : null;
}

/// <param name="Seq">Of the entry.</param>
/// <param name="Drilled">The key came back from it once.</param>
public sealed record BackedUp(KeyBackedUp Body, long Seq, bool Drilled);

/// <param name="Ceremony">The ceremony that generated it.</param>
/// <param name="Serial">The token that holds it now.</param>
/// <param name="CkaId">Lower-case hex, in that token.</param>
public sealed record KeyFact(KeyGenerated Generated, string Ceremony, long Seq, string Serial, string CkaId, bool Locked,
    KeyBackedUp? Backup, bool Drilled)
{
    /// <summary>The ceremony that brought it back into the token that holds it, or empty.</summary>
    public string RestoredIn { get; init; } = "";

    /// <summary>When what lay of it in a token was destroyed, so that it lives on in its backup; null: that never was.</summary>
    public DateTimeOffset? RestsSince { get; init; }
}

/// <param name="Ceremony">In which they did.</param>
public sealed record RootsLink(string Ceremony, ImmutableArray<string> Roots);

public sealed record WithdrawnRoot(RootWithdrawn Body, string Ceremony, DateTimeOffset Utc);

/// <summary>A root whose key rests.</summary>
public sealed record Spare(KeyFact Key, CertificateFact Root)
{
    public string Name => Root.Signed.Certificate;

    /// <summary>The cards that bring it back.</summary>
    public CardAccount Cards(World world)
    {
        ArgumentNullException.ThrowIfNull(world);
        return CardAccount.Of(world, world.Sets[Key.Backup!.Set]);
    }

    /// <summary>It stands in reports, which are composed again: other words are another format.</summary>
    public string InWords(World world)
    {
        CardAccount cards = Cards(world);
        return $"the root \"{Name}\" rests since {Key.RestsSince:yyyy-MM-dd}: {cards.Bring} of {cards.Set} bring "
            + $"it back, {cards.Good} good when last seen";
    }
}

/// <param name="Ceremony">The ceremony that replaced it.</param>
/// <param name="Keys">The keys as they were in it.</param>
public sealed record FormerToken(TokenFact Token, string Ceremony, ImmutableArray<KeyFact> Keys)
{
    public string Serial => Token.Commissioned.Serial;
}

/// <summary>A key in a token, as a journal tells of it.</summary>
/// <param name="CkaId">Lower-case hex; empty in a drill token, which was initialised for the drill and is wiped after it.</param>
/// <param name="Came">How it came there, e.g. <c>generated</c>.</param>
/// <param name="Gone">How it went; empty while it may be there.</param>
public sealed record KeyObject(string Key, string CkaId, string Serial, DateTimeOffset Utc, string Came, string Gone)
{
    public const string Generated = "generated";
    public const string Restored = "restored";
    public const string Drill = "drill";
}

/// <param name="Answers">What was said of its copies, by the lines of its inventory.</param>
/// <param name="StatedIn">The ceremony that gave account of all of them last; empty: none did.</param>
public sealed record EndedKey(KeyEnded Body, string Ceremony, DateTimeOffset Utc, ImmutableDictionary<string, CopyAnswer> Answers,
    string StatedIn);

public sealed record CopyAnswer(CopyAnswered Body, string Ceremony, DateTimeOffset Utc);

/// <param name="Serial">The token that was told to make it.</param>
public sealed record BegunKey(string Key, string CkaId, string Serial, string Ceremony, long Seq);

/// <summary>A dead key, or what an interrupted attempt of a dead ceremony may have left of one.</summary>
/// <param name="Ceremony">The one that was aborted.</param>
public sealed record DeadKey(string Key, string CkaId, string Ceremony);

public sealed record PreviewFact(CertificatePreviewed Previewed, string Ceremony, long Seq);

/// <param name="Ceremony">The ceremony that signed it.</param>
public sealed record CertificateFact(CertificateSigned Signed, CertificatePreviewed Preview, string Ceremony, long Seq)
{
    // A ledger of many certificates is asked about all of them at each list and each batch.
    private readonly Lazy<ParsedCertificate> _parsed =
        new(() => CertificateReader.TryReadCertificate(Convert.FromBase64String(Signed.Der), out ParsedCertificate? certificate, out _)
        ? certificate : throw new UnreachableException($"the ledger's certificate {Signed.Certificate} cannot be read"));

    public ParsedCertificate Parsed => _parsed.Value;
}

public sealed record RequestFact(RequestRead Read, string Ceremony, long Seq);

public sealed record CrlPreviewFact(CrlPreviewed Previewed, string Ceremony, long Seq);

/// <summary>The last list of a series.</summary>
public sealed record CrlFact(CrlSigned Signed, CrlPreviewed Preview, long Seq);

/// <param name="Ceremony">The ceremony that previewed it.</param>
/// <param name="Seq">Of the preview: batches follow one another in this order.</param>
/// <param name="IsTaken">Whether it is to be signed.</param>
public sealed record BatchFact(BatchPreviewed Preview, string Ceremony, long Seq, bool IsTaken, ManifestSigned? Signed)
{
    // Each batch is compared with all before it.
    private readonly Lazy<BatchStatement> _statement = new(() => BatchPlanning.Statement(Preview));

    public BatchStatement Statement => _statement.Value;
}

/// <param name="Ceremony">The ceremony that previewed it.</param>
/// <param name="IsTaken">Whether it is to be signed.</param>
public sealed record ReleaseFact(ReleasePreviewed Preview, string Ceremony, bool IsTaken, ReleaseSigned? Signed,
    ReleaseWithdrawn? Withdrawn)
{
    private readonly Lazy<ReleaseRequest> _request = new(() => ReleasePlanning.Request(Preview));

    private readonly Lazy<ImmutableArray<EfiUpdate>> _updates =
        new(() => [.. ReleasePlanning.Updates(ReleasePlanning.Request(Preview), Preview.Images)]);

    public ReleaseRequest Request => _request.Value;

    /// <summary>Of Secure Boot variables.</summary>
    public ImmutableArray<EfiUpdate> Updates => _updates.Value;

    public bool Is(string release, string requestSha256) => Preview.Release == release && Preview.RequestSha256 == requestSha256;
}

/// <summary>How the journal spells <see cref="KeySource"/>.</summary>
public static class KeySources
{
    public const string Generated = "generated";
    public const string Request = "request";
    public const string Existing = "existing";

    public static string Of(KeySource source) => source switch
    {
        KeySource.Generated => Generated,
        KeySource.Request => Request,
        KeySource.Existing => Existing,
        _ => throw new UnreachableException($"{source}"),
    };
}

/// <param name="Probe">What the token was measured to be when it was commissioned.</param>
/// <param name="Ceremony">The ceremony that commissioned it.</param>
/// <param name="Seq">Of the entry that says so.</param>
public sealed record TokenFact(TokenCommissioned Commissioned, TokenProbed? Probe, string Ceremony, long Seq)
{
    /// <summary>
    /// The set to whose PINs it was told to change, and did not answer; empty: it is known which set opens it,
    /// <see cref="TokenCommissioned.Set"/>.
    /// </summary>
    public string Perhaps { get; init; } = "";
}
