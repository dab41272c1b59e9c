using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace KeyCeremony.Core.Pki.Crl;

/// <summary>
/// The entries of the next CRL: those of the previous one and the additions, without the removals. Can be gone through
/// again and again, as long as the lists it was made of are not disposed. Only <see cref="CrlMerge"/> makes one.
/// </summary>
public sealed class MergedRevocations
{
    private readonly CrlMerge _merge;

    internal MergedRevocations(CrlMerge merge, long encodedLength)
    {
        _merge = merge;
        EncodedLength = encodedLength;
    }

    public required CrlDifference Difference { get; init; }

    public required SerialShard? Shard { get; init; }

    public long Count => Difference.Count;

    /// <summary>The first entry without a reason, or null.</summary>
    public required Revocation? WithoutReason { get; init; }

    /// <summary>The entry with the latest date of either kind; null without entries.</summary>
    public required Revocation? Latest { get; init; }

    /// <summary>Bytes of all entries in DER.</summary>
    internal long EncodedLength { get; }

    internal IEnumerable<ArraySegment<Revocation>> Batches() => _merge.Batches();
}

/// <summary>
/// Puts the previous CRL and what is new together. Nothing leaves a CRL but by an explicit removal, and nothing on it
/// changes but a hold that becomes a revocation.
/// </summary>
public sealed class CrlMerge
{
    private readonly SortedRevocations _previous;
    private readonly SortedRevocations _additions;
    private readonly SerialShard? _shard;
    private readonly Dictionary<RevokedSerial, Removal> _removals;

    private CrlMerge(SortedRevocations previous, SortedRevocations additions, Dictionary<RevokedSerial, Removal> removals,
        SerialShard? shard)
    {
        _previous = previous;
        _additions = additions;
        _removals = removals;
        _shard = shard;
    }

    /// <summary>Goes through both lists once. Refused: REVOKE-02, REVOKE-04, REVOKE-05, REVOKE-06.</summary>
    /// <param name="previous"><see cref="SortedRevocations.Empty"/> for an issuer's first CRL.</param>
    /// <param name="previousThisUpdate">Of the previous CRL; without it nothing can be removed as expired.</param>
    /// <param name="shard">That of the plan: additions outside are left out and counted.</param>
    public static bool TryMerge(
        SortedRevocations previous,
        DateTimeOffset? previousThisUpdate,
        SortedRevocations additions,
        IReadOnlyList<Removal> removals,
        SerialShard? shard,
        [NotNullWhen(true)] out MergedRevocations? merged,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        merged = null;
        refusal = CheckRemovals(removals, previousThisUpdate, out Dictionary<RevokedSerial, Removal>? bySerial);
        if (refusal is not null)
            return false;
        var survey = new Survey(new CrlMerge(previous, additions, bySerial, shard));
        refusal = survey.Run();
        merged = refusal is null ? survey.ToMerged() : null;
        return refusal is null;
    }

    internal IEnumerable<ArraySegment<Revocation>> Batches()
    {
        if (IsCopyOf(_previous, _additions))
            return _previous.Batches();
        return IsCopyOf(_additions, _previous) && _shard is null ? _additions.Batches() : Joined();
    }

    private bool IsCopyOf(SortedRevocations one, SortedRevocations other) => other.Count == 0 && one.Count > 0 && _removals.Count == 0;

    private IEnumerable<ArraySegment<Revocation>> Joined()
    {
        var output = new RevocationBatch();
        foreach (RevocationPair pair in Pairs())
        {
            // Refused pairs never come here: the survey saw every one of them.
            if (pair.IsAddition ? !IsOutsideShard(pair.New) : !_removals.ContainsKey(pair.Old.Serial))
                output.Add(pair.HasNew ? pair.New : pair.Old);
            if (output.IsFull)
                yield return output.Take();
        }
        yield return output.Take();
    }

    private IEnumerable<RevocationPair> Pairs() => SideBySide.Pairs(_previous, _additions);

    private bool IsOutsideShard(in Revocation entry) => _shard is not null && !_shard.Contains(entry.Serial);

    private static Refusal? CheckRemovals(IReadOnlyList<Removal> removals, DateTimeOffset? previousThisUpdate,
        out Dictionary<RevokedSerial, Removal> bySerial)
    {
        bySerial = new Dictionary<RevokedSerial, Removal>(Math.Min(removals.Count, RemovalFile.MostRemovals));
        if (removals.Count > RemovalFile.MostRemovals)
            return CrlRules.Limits.Refuse($"There are {removals.Count} removals, more than {RemovalFile.MostRemovals}.",
                "Take them off with several CRLs.");
        foreach (Removal removal in removals)
        {
            if (!bySerial.TryAdd(removal.Serial, removal))
                return CrlRules.Removal.Refuse($"The removal of {removal.Serial} is given twice.", "Give it once.");
            if (removal.Cause == RemovalCause.Expired && !(removal.NotAfter < previousThisUpdate))
                return CrlRules.Removal.Refuse($"The certificate {removal.Serial} did not expire before the previous CRL was made.",
                    "Leave it on: an expired certificate is shown on one more CRL after its end.");
        }
        return null;
    }

    private sealed class Survey(CrlMerge merge)
    {
        private readonly ReasonTally _reasons = new();
        private readonly ImmutableArray<Revocation>.Builder _addedSamples = ImmutableArray.CreateBuilder<Revocation>();
        private readonly ImmutableArray<ChangedRevocation>.Builder _changedSamples = ImmutableArray.CreateBuilder<ChangedRevocation>();
        private readonly ImmutableArray<RemovedRevocation>.Builder _removedSamples = ImmutableArray.CreateBuilder<RemovedRevocation>();
        private long _added;
        private long _changed;
        private long _removed;
        private long _unchanged;
        private long _alreadyThere;
        private long _outsideShard;
        private long _length;
        private long _latestSeconds;
        private Revocation? _latest;
        private Revocation? _withoutReason;

        public Refusal? Run()
        {
            if (merge._previous.Count == 0 && merge._shard is null && merge._removals.Count == 0)
                return OnlyAdditions();
            foreach (RevocationPair pair in merge.Pairs())
                if (Look(pair) is { } refusal)
                    return refusal;
            return _removed == merge._removals.Count ? null : NotOnTheList();
        }

        public MergedRevocations ToMerged() => new(merge, _length)
        {
            Difference = new CrlDifference(_added, _changed, _removed, _unchanged, _alreadyThere, _outsideShard, _reasons.ToCounts(),
                _addedSamples.ToImmutable(), _changedSamples.ToImmutable(), _removedSamples.ToImmutable()),
            Shard = merge._shard,
            WithoutReason = _withoutReason,
            Latest = _latest,
        };

        // The first CRL of a large set: nothing to compare with.
        private Refusal? OnlyAdditions()
        {
            foreach (ArraySegment<Revocation> batch in merge._additions.Batches())
            {
                foreach (ref readonly Revocation entry in batch.AsSpan())
                {
                    Add(entry);
                    Keep(entry);
                }
            }
            return null;
        }

        private Refusal? Look(in RevocationPair pair)
        {
            if (pair.IsAddition)
                return LookAtAddition(pair.New);
            if (merge.IsOutsideShard(pair.Old))
                return CrlRules.Shard.Refuse($"The previous CRL holds {pair.Old.Serial}, which is not of this shard.",
                    "Check the number of shards; it is never changed.");
            if (merge._removals.TryGetValue(pair.Old.Serial, out Removal? removal))
                return LookAtRemoval(pair, removal);
            if (!pair.HasNew || pair.New.HasFactsOf(pair.Old))
                return KeepOld(pair);
            return LookAtChange(pair.Old, pair.New);
        }

        private Refusal? LookAtAddition(in Revocation entry)
        {
            if (merge.IsOutsideShard(entry))
            {
                _outsideShard++;
                return null;
            }
            if (merge._removals.ContainsKey(entry.Serial))
                return CrlRules.Removal.Refuse($"{entry.Serial} is to be added and to be removed.", "Decide which.");
            Add(entry);
            Keep(entry);
            return null;
        }

        private Refusal? LookAtRemoval(in RevocationPair pair, Removal removal)
        {
            if (pair.HasNew)
                return CrlRules.Removal.Refuse($"{pair.Old.Serial} is to be revoked and to be removed.", "Decide which.");
            if (removal.Cause == RemovalCause.HoldReleased && pair.Old.Reason != RevocationReason.CertificateHold)
                return CrlRules.Removal.Refuse(
                    $"{pair.Old.Serial} is revoked for {RevocationReasons.NameOf(pair.Old.Reason)}, not on hold.",
                    "Leave it on: a revocation is never taken back.");
            _removed++;
            if (_removedSamples.Count < CrlDifference.MostSamples)
                _removedSamples.Add(new RemovedRevocation(pair.Old, removal));
            return null;
        }

        private Refusal? KeepOld(in RevocationPair pair)
        {
            _unchanged++;
            _alreadyThere += pair.HasNew ? 1 : 0;
            Keep(pair.Old);
            return null;
        }

        private Refusal? LookAtChange(in Revocation old, in Revocation now)
        {
            if (old.Reason != RevocationReason.CertificateHold || now.Reason == RevocationReason.CertificateHold)
                return CrlRules.Changed.Refuse($"The previous CRL says '{old}', now given is '{now}'.",
                    "Leave the entry as it was published.");
            _changed++;
            if (_changedSamples.Count < CrlDifference.MostSamples)
                _changedSamples.Add(new ChangedRevocation(old, now));
            Keep(now);
            return null;
        }

        private void Add(in Revocation entry)
        {
            _added++;
            if (_addedSamples.Count < CrlDifference.MostSamples)
                _addedSamples.Add(entry);
        }

        private void Keep(in Revocation entry)
        {
            _reasons.Add(entry);
            _length += EntryCode.Length(entry);
            if (entry.ReasonCode == 0)
                _withoutReason ??= entry;
            if (Math.Max(entry.DateSeconds, entry.InvaliditySeconds) <= _latestSeconds)
                return;
            _latestSeconds = Math.Max(entry.DateSeconds, entry.InvaliditySeconds);
            _latest = entry;
        }

        private Refusal NotOnTheList()
        {
            var there = new HashSet<RevokedSerial>();
            foreach (RevocationPair pair in merge.Pairs())
                if (pair.HasOld && merge._removals.ContainsKey(pair.Old.Serial))
                    there.Add(pair.Old.Serial);
            RevokedSerial missing = merge._removals.Keys.First(serial => !there.Contains(serial));
            return CrlRules.Removal.Refuse($"{missing} is to be removed and is not on the previous CRL.", "Check the serial.");
        }
    }
}
