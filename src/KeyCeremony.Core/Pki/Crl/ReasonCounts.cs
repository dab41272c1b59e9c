using System.Collections.Immutable;

namespace KeyCeremony.Core.Pki.Crl;

/// <summary>How many entries have this reason.</summary>
/// <param name="Reason">Null: unspecified.</param>
public sealed record ReasonCount(RevocationReason? Reason, long Count)
{
    public override string ToString() => $"{RevocationReasons.NameOf(Reason)} {Count}";
}

/// <summary>Counts entries by their reason, in one pass.</summary>
internal sealed class ReasonTally
{
    private readonly long[] _counts = new long[RevocationReasons.HighestCode + 1];

    public long WithoutReason => _counts[0];

    public long Of(RevocationReason reason) => _counts[(int)reason];

    public void Add(in Revocation entry) => _counts[entry.ReasonCode]++;

    /// <summary>Only reasons that occur, in the order of their codes.</summary>
    public ImmutableArray<ReasonCount> ToCounts() =>
        [.. _counts.Select((count, code) => new ReasonCount(code == 0 ? null : (RevocationReason)code, count)).Where(one => one.Count > 0)];
}
