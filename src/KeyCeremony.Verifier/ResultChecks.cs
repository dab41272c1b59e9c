using System.Collections.Immutable;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.Verifier;

/// <summary>Whether what was offered as QR codes is what the ceremony had made: VERIFY-42.</summary>
internal static class ResultChecks
{
    public static IEnumerable<string> Found(JournalFacts journal)
    {
        foreach ((Entry entry, ResultsFound found) in journal.All<ResultsFound>())
        {
            // Composed anew as far as the journal stood then; that the last bundle holds the same, VERIFY-06 says.
            ImmutableArray<ResultFile> files = ResultFile.Of(journal.Entries[..(int)(entry.Seq - 1)]);
            HashSet<Result> due = [.. files.Select(f => new Result(f.Path, MediaTypes.Of(f.Path), f.Length, f.Sha256))];
            if (!found.Results.Select(r => r.Path)
                .SequenceEqual(files.Select(f => f.Path).Where(path => found.Results.Any(r => r.Path == path))))
                yield return $"{entry.Ceremony}: the results of entry {entry.Seq} are not in the bundle's order, or stand twice.";
            foreach (Result strange in found.Results.Where(r => !due.Contains(r)))
                yield return $"{entry.Ceremony}: {strange.Path} was offered and is no file that this ceremony made.";
            foreach (string path in files.Select(f => f.Path).Except(found.Results.Select(r => r.Path).Concat(found.Others))
                .Concat(found.Others.Except(files.Select(f => f.Path))))
                yield return $"{entry.Ceremony}: {path} was made and not named among the results, or named and not made.";
        }
    }
}
