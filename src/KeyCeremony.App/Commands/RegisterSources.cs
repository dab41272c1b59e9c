using System.Collections.Immutable;
using KeyCeremony.App.Ground;
using KeyCeremony.App.Ledger;
using KeyCeremony.App.Register;
using KeyCeremony.Core;
using KeyCeremony.Core.Journal;
using KeyCeremony.Verifier;
using KeyCeremony.Verifier.Register;

namespace KeyCeremony.App.Commands;

/// <summary>
/// What <c>keyceremony register</c> is given: sticks, copies of their file, bundles. Each is only read, and believed as far as its journal
/// proves itself; sources of one ledger that tell one story are one ledger.
/// </summary>
/// <param name="Ledgers">In the order in which they were named first; empty when anything was refused.</param>
/// <param name="Refusals">With the exit code that each stands for.</param>
/// <param name="Notes">What a reader of the answer should know, line by line.</param>
internal sealed record RegisterSources(ImmutableArray<LedgerRegister> Ledgers, ImmutableArray<(int Code, Refusal Refusal)> Refusals,
    ImmutableArray<string> Notes)
{
    /// <summary>It says what it says and nothing proves who wrote it: an unsigned end, a chain that fits, entries that the engine
    /// writes.</summary>
    public const string Retold = "retold";

    /// <summary>A bundle whose journal passed, and nobody was named.</summary>
    public const string Signed = "signed";

    /// <summary>A bundle whose journal passed under the root that was named.</summary>
    public const string Verified = "verified";

    /// <summary>The weakest first: of several sources of a ledger the longest journal counts, and its best proof.</summary>
    private static readonly ImmutableArray<string> Proofs = [Retold, Signed, Verified];

    /// <summary>Files whose folders nothing is written to.</summary>
    public static readonly ImmutableArray<string> Marks = [RecordStick.FileName, RecordStick.OldFileName, BundleFiles.StatementPath];

    public static RegisterSources Read(IReadOnlyList<string> places, VerifyOptions options, CancellationToken stop)
    {
        var found = new List<Source>();
        ImmutableArray<(int, Refusal)>.Builder refusals = ImmutableArray.CreateBuilder<(int, Refusal)>();
        ImmutableArray<string>.Builder notes = ImmutableArray.CreateBuilder<string>();
        foreach (string place in places)
        {
            stop.ThrowIfCancellationRequested();
            (Source? source, (int, Refusal) refused) = ReadOne(place, options, notes);
            if (source is null)
                refusals.Add(refused);
            else
                found.Add(source);
        }
        ImmutableArray<LedgerRegister> ledgers = refusals.Count > 0 ? [] : Together(found, refusals);
        return refusals.Count > 0 ? new RegisterSources([], refusals.ToImmutable(), []) : new RegisterSources(ledgers, [],
            notes.ToImmutable());
    }

    private static (Source? Source, (int, Refusal) Refused) ReadOne(string place, VerifyOptions options,
        ImmutableArray<string>.Builder notes)
    {
        switch (Posix.Look(place, followLinks: true))
        {
            case { Kind: FileKind.Regular }:
                return ReadLedger(place, place, notes);
            case { Kind: FileKind.Directory } when RecordStick.HoldsOldOnly(place):
                return (null, (VerifyFailed,
                    LedgerRules.NewForm.Refuse($"{Path.Combine(place, RecordStick.OldFileName)} is the database of the first program.")));
            case { Kind: FileKind.Directory } when Posix.Look(RecordStick.PathIn(place)) is not null:
                return ReadLedger(place, RecordStick.PathIn(place), notes);
            case { Kind: FileKind.Directory }:
                return ReadBundle(place, options);
            default:
                return (null, (NoSource, RegisterRules.Source.Refuse($"There is nothing at {place}, or nothing of this kind.")));
        }
    }

    private static (Source?, (int, Refusal)) ReadLedger(string place, string path, ImmutableArray<string>.Builder notes)
    {
        StickJournal read;
        try
        {
            if (Posix.Look(path, followLinks: true) is not { Kind: FileKind.Regular, Size: > 0 })
                return (null, (NoSource, RegisterRules.Source.Refuse($"{path} is no file, or is empty.")));
            // An auditor's copy may be read-only, and who has the ledger open for writing locks it.
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            read = StickJournal.Read(stream);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, (VerifyFailed, RegisterRules.Readable.Refuse($"{path} cannot be read now.")));
        }
        if (read.Rest > 0 && TornLine.Refuse(place, read) is { } torn)
            return (null, (VerifyFailed, torn));
        if (KeyCeremony.Core.Ceremony.Retelling.Retold.Of(read.Entries) is { Refusal: { } untold })
            return (null, (VerifyFailed, RegisterRules.Replays.Refuse($"{path}: {untold.Rule} {untold.Message}")));
        if (read.Rest > 0)
            notes.Add($"{path}: {read.Rest} bytes of a line that was being written stand behind entry {read.Entries.Length}. "
                + "They are not counted.");
        return (new Source(place, read.Entries, Retold), default);
    }

    private static (Source?, (int, Refusal)) ReadBundle(string place, VerifyOptions options)
    {
        (BundleVerdict verdict, ImmutableArray<Entry> entries) = BundleVerify.Journal(place, options);
        if (verdict.Checks.FirstOrDefault(c => !c.Passed) is not { } failed)
            return (new Source(place, entries, options.TrustedRoot is null ? Signed : Verified), default);
        (int code, HouseRule rule) = failed.Means switch
        {
            VerifyResult.NotABundle => (NoSource, RegisterRules.Source),
            VerifyResult.Incomplete => (4, RegisterRules.Verifies),
            VerifyResult.Newer => (6, RegisterRules.Verifies),
            _ => (VerifyFailed, RegisterRules.Verifies),
        };
        return (null, (code,
            rule.Refuse(
                $"{place}: {failed.Rule.Id} {failed.Flaws[0]}{(failed.Flaws.Length > 1 ? $" And {failed.Flaws.Length - 1} more." : "")}")));
    }

    /// <summary>Bundles of one ledger, and its sticks, hold the same entries again and again: they are counted once.</summary>
    private static ImmutableArray<LedgerRegister> Together(List<Source> found, ImmutableArray<(int, Refusal)>.Builder refusals)
    {
        ImmutableArray<LedgerRegister>.Builder ledgers = ImmutableArray.CreateBuilder<LedgerRegister>();
        foreach (IGrouping<string, Source> ledger in found.GroupBy(s => s.LedgerId))
        {
            Source longest = ledger.MaxBy(s => s.Entries.Length)!;
            if (ledger.FirstOrDefault(s => !longest.Entries[s.Entries.Length - 1].Hash.SequenceEqual(s.Entries[^1].Hash)) is { } other)
            {
                int common = 0;
                while (longest.Entries[common].Hash.SequenceEqual(other.Entries[common].Hash))
                    common++;
                refusals.Add((VerifyFailed,
                    RegisterRules.OneStory.Refuse(
                        $"{other.Place} and {longest.Place} are of the ledger {longest.LedgerId} and differ from entry {common + 1} on.")));
                continue;
            }
            string proof = ledger.Where(s => s.Entries.Length == longest.Entries.Length).MaxBy(s => Proofs.IndexOf(s.Proof))!.Proof;
            ledgers.Add(LedgerRegister.Of(longest.Entries, proof, [.. ledger.Select(s => s.Place)]));
        }
        if (ledgers.GroupBy(l => l.Id).FirstOrDefault(g => g.Count() > 1) is { } same)
            refusals.Add((VerifyFailed,
                RegisterRules.Apart.Refuse($"The ledgers {string.Join(" and ", same.Select(l => l.LedgerId))} begin alike.")));
        return ledgers.ToImmutable();
    }

    private const int VerifyFailed = 1;
    private const int NoSource = 5;

    private sealed record Source(string Place, ImmutableArray<Entry> Entries, string Proof)
    {
        public string LedgerId => ((LedgerCreated)Entries[0].Body).LedgerId;
    }
}
