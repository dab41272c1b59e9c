using System.Collections.Immutable;
using System.Diagnostics;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Manifest;

namespace KeyCeremony.Core.Ceremony;

/// <summary>What a batch manifest is compared with and made of, as a function of the journal.</summary>
public static class BatchPlanning
{
    /// <summary>The ledger as the next batch of this ceremony finds it: what is signed, and what was taken before it today.</summary>
    public static BatchLedger Ledger(World world, string ceremony)
    {
        bool prepared = world.Format >= JournalFormats.Prepared;
        return BatchLedger.Of(world.Environment, world.Certificates.Values.Select(c => (c.Signed.Certificate, c.Parsed,
                prepared ? world.RevokedIn(c) is not null : world.IsRevoked(c.Signed.Certificate))),
            Earlier(world, ceremony).OrderBy(b => b.Seq).Select(b => new KnownBatch(b.Statement, b.Preview.StatementSha256)),
            name => world.DeadIn(world.Certificates[name])) with
        {
            IsPrepared = prepared,
        };
    }

    /// <summary>What was asked of the ledger; of the releases in it from format 7 on.</summary>
    public static ImmutableArray<Finding> Asked(World world, BatchLedger ledger, BatchStatement batch) =>
    [
        .. BatchFindings.Asked(ledger, batch),
        .. world.Format < JournalFormats.Accounted ? [] : BatchFindings.Released(ReleasePlanning.Ledger(world), batch),
    ];

    /// <summary>A certificate of the ledger and those above it, up to the self-signed one.</summary>
    public static IEnumerable<CertificateFact> Path(World world, string certificate)
    {
        for (CertificateFact at = world.Certificates[certificate]; ; at = world.Certificates[at.Preview.Issuer])
        {
            yield return at;
            if (at.Preview.Issuer == at.Signed.Certificate)
                yield break;
        }
    }

    /// <summary>The statement as it is or will be signed.</summary>
    public static BatchStatement Statement(BatchPreviewed preview) =>
        BatchStatement.TryRead(Convert.FromBase64String(preview.Statement), out BatchStatement? statement, out _)
        ? statement : throw new UnreachableException($"the ledger's batch {preview.BatchId} cannot be read");

    private static IEnumerable<BatchFact> Earlier(World world, string ceremony) =>
        world.Batches.Values.Where(b => b.Signed is not null || b.IsTaken && b.Ceremony == ceremony);
}
