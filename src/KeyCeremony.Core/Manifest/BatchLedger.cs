using System.Collections.Immutable;
using System.Security.Cryptography;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Manifest;

/// <summary>A manifest that stands before the one that is looked at.</summary>
/// <param name="Sha256">Of its statement as it is or will be signed, lower-case hex.</param>
public sealed record KnownBatch(BatchStatement Statement, string Sha256);

/// <param name="Name">In the ledger.</param>
/// <param name="CertSha256">Lower-case hex.</param>
/// <param name="SpkiSha256">Lower-case hex.</param>
/// <param name="IsRevoked">Itself; from the fourth format of the journal on also by what stands above it.</param>
public sealed record KnownCa(string Name, string CertSha256, string SpkiSha256, bool IsRevoked)
{
    /// <summary>Null: it is not known.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The aborted ceremony that made it or something above it; null: it is alive.</summary>
    public string? Dead { get; init; }
}

/// <summary>
/// What a ledger says to a batch: the rules that no statement can keep by itself. The ceremony asks them before it signs and
/// the verifier asks them again.
/// </summary>
/// <param name="Before">Every manifest before this one, in their order.</param>
public sealed record BatchLedger(string Environment, ImmutableArray<KnownCa> Cas, ImmutableArray<KnownBatch> Before)
{
    /// <summary>
    /// What the fourth format of the journal asks besides: whether a list was signed under another batch id, and whether the CA may still
    /// have certified devices when the batch was finished.
    /// </summary>
    public bool IsPrepared { get; init; }

    /// <param name="certificates">All that the ledger knows: those of CAs count.</param>
    /// <param name="dead">The aborted ceremony that killed it, by its name; null: none is dead.</param>
    public static BatchLedger Of(string environment, IEnumerable<(string Name, ParsedCertificate Certificate, bool IsRevoked)> certificates,
        IEnumerable<KnownBatch> before, Func<string, string?>? dead = null) => new(environment,
        [.. certificates.Where(c => c.Certificate.ToBeSigned.BasicConstraints is { IsCa: true })
            .Select(c => new KnownCa(c.Name, Convert.ToHexStringLower(c.Certificate.Sha256()),
            Convert.ToHexStringLower(SHA256.HashData(c.Certificate.ToBeSigned.SubjectPublicKeyInfo.Span)), c.IsRevoked)
            {
                Until = c.Certificate.ToBeSigned.NotAfter.Value,
                Dead = dead?.Invoke(c.Name),
            })],
        [.. before]);

    /// <summary>The name of the CA that issued the devices' certificates, or null when it is unknown.</summary>
    public string? NameOf(BatchIssuingCa ca) => Cas.FirstOrDefault(c => c.CertSha256 == ca.CertSha256)?.Name;

    /// <summary>SHA-256 of the statement before of the same product, or null for its first.</summary>
    public string? Predecessor(BatchStatement batch) => Of(batch.Product).LastOrDefault()?.Sha256;

    /// <summary>Everything that forbids the batch; empty when it may be signed.</summary>
    /// <param name="utc">When it is to be signed.</param>
    public IEnumerable<Refusal> Check(BatchStatement batch, DateTimeOffset utc)
    {
        if (batch.Environment != Environment)
            yield return new(CeremonyRules.OtherEnvironment, $"The batch belongs to {batch.Environment}, this ledger to {Environment}.",
                $"Sign it with the ledger of {batch.Environment}: nothing crosses from one environment to another.");
        if (Before.Any(b => b.Statement.BatchId == batch.BatchId))
            yield return new(CeremonyRules.BatchUsed, $"A manifest of the batch \"{batch.BatchId}\" is there already.",
                "Nobody can add a device afterwards: give what was built later a batch of its own.");
        else if (IsPrepared && Twin(batch) is { } twin)
            yield return new(CeremonyRules.DevicesUsed, $"The batch \"{twin.BatchId}\", for which a manifest is there already, has "
                + (twin.Devices.Root == batch.Devices.Root ? "the same devices: their tree is one." : "the same device list."),
                "A device belongs to one batch. Find out which of the two names is right; the list of this batch is another one.");
        if (CheckIssuer(batch) is { } issuer)
            yield return issuer;
        if (batch.PrevManifest != Predecessor(batch))
            yield return new(CeremonyRules.OtherPredecessor,
                $"The last manifest of this product is {Predecessor(batch) ?? "none"}; the batch names {batch.PrevManifest ?? "none"}.",
                "Leave prevManifest out: the ceremony fills it in. Where the batch means another one, find out which is missing here.");
        foreach (Refusal back in Counters(batch))
            yield return back;
        if (batch.FinishedOn > utc)
            yield return new(CeremonyRules.FinishedLater,
                $"The batch was finished on {batch.FinishedOn:yyyy-MM-dd HH:mm:ss} UTC, which has not come yet.",
                "Correct finishedOn, or look at the clocks.");
    }

    // All that a manifest tells of its devices are the list's hash and the tree's root; which devices those are only the lists say.
    private BatchStatement? Twin(BatchStatement batch) => Before.Select(b => b.Statement)
        .FirstOrDefault(b => b.Devices.Root == batch.Devices.Root || b.Subjects[0].Sha256 == batch.Subjects[0].Sha256);

    private Refusal? CheckIssuer(BatchStatement batch)
    {
        if (Cas.FirstOrDefault(c => c.CertSha256 == batch.IssuingCa.CertSha256) is not { } known)
            return new(CeremonyRules.UnknownIssuingCa, $"No CA of this ledger has the certificate {batch.IssuingCa.CertSha256}.",
                "The devices' certificates must come from a CA that this ledger certified: correct issuingCA.");
        if (known.SpkiSha256 != batch.IssuingCa.SpkiSha256)
            return new(CeremonyRules.UnknownIssuingCa, $"The CA \"{known.Name}\" has another key than the batch names.",
                "Correct issuingCA: both hashes are of one certificate.");
        if (IsPrepared && known.Dead is { } ceremony)
            return new(CeremonyRules.Dead, $"The issuing CA \"{known.Name}\" hangs under what the aborted ceremony {ceremony} made.",
                "Devices of a dead CA are not vouched for: have them certified by one that this ledger closed a ceremony on.");
        if (IsPrepared && known.Until < batch.FinishedOn)
            return new(CeremonyRules.SignerRanOut, $"The issuing CA \"{known.Name}\" ran out on {known.Until:yyyy-MM-dd HH:mm:ss} UTC, "
                + "before the batch was finished.",
                "Its certificates are worth nothing since: have the devices certified anew, or correct finishedOn.");
        return known.IsRevoked
            ? new(CeremonyRules.IssuerRevoked, $"The issuing CA \"{known.Name}\" is revoked.",
                "Devices of a revoked CA are not vouched for: have them certified again.")
            : null;
    }

    private IEnumerable<Refusal> Counters(BatchStatement batch) =>
        from now in batch.Firmware
        let highest = Of(batch.Product).SelectMany(b => b.Statement.Firmware).Where(f => f.Component == now.Component)
            .Select(f => (long?)f.SecurityCounter).Max()
        where highest > now.SecurityCounter
        select new Refusal(CeremonyRules.CounterWentBack,
            $"The security counter of {now.Component} is {now.SecurityCounter}; an earlier batch of this product has {highest}.",
            "A device with this firmware could be rolled back to a version with known faults. "
                + "Build with the right firmware, or correct the counter.");

    /// <summary>A product is its vendor, product and stock-keeping number; a new revision of its hardware goes on with its chain.</summary>
    private IEnumerable<KnownBatch> Of(BatchProduct product) => Before.Where(b =>
        b.Statement.Product.Vid == product.Vid && b.Statement.Product.Pid == product.Pid && b.Statement.Product.Sku == product.Sku);
}
