using System.Security.Cryptography;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.Verifier;

/// <summary>Whether what left by QR code is what the ceremony made, and was acknowledged: VERIFY-42.</summary>
internal static class ResultChecks
{
    public static IEnumerable<string> Shown(JournalFacts journal)
    {
        foreach ((Entry entry, ResultsShown shown) in journal.All<ResultsShown>())
        {
            // Composed anew as far as the journal stood when they were shown; that the last bundle holds the same, VERIFY-06 says.
            if (shown.Results.IsEmpty)
                continue;
            Dictionary<string, ResultFile> files = ResultFile.Of(journal.Entries[..(int)(entry.Seq - 1)]).ToDictionary(f => f.Path);
            HashSet<string> typed = Typed(journal, entry);
            foreach (ShownResult result in shown.Results)
                if (Flaw(files.GetValueOrDefault(result.Path), result, typed) is { } flaw)
                    yield return $"{entry.Ceremony}: {result.Path} {flaw}";
            if (shown.Results.Select(r => r.Path).Distinct().Count() != shown.Results.Length)
                yield return $"{entry.Ceremony}: a result was shown twice.";
        }
    }

    private static string? Flaw(ResultFile? file, ShownResult result, HashSet<string> typed)
    {
        if (file is null || file.Sha256 != result.Sha256 || file.Length != result.Length || !IsHash(file.Sha256))
            return "was shown and is no file that this ceremony made.";
        if (result.Words.Length == 0)
            return null;
        return Acknowledgement.Compare(result.Path, Convert.FromHexString(file.Sha256), result.Words) is { } refusal ? $"was acknowledged by other words: {refusal.Rule}"
            : typed.Contains(Key(result.Path, result.Words)) ? null
            : "was acknowledged by words that nobody typed.";
    }

    /// <summary>Of a revocation list the journal alone says it.</summary>
    private static bool IsHash(string text) => text.Length == 2 * SHA256.HashSizeInBytes && text.All(char.IsAsciiHexDigitLower);

    /// <summary>What was answered in this step before this entry and not taken back.</summary>
    private static HashSet<string> Typed(JournalFacts journal, Entry shown)
    {
        Entry[] here = [.. journal.Entries.Where(e => e.Ceremony == shown.Ceremony && e.Step == shown.Step && e.Seq < shown.Seq)];
        HashSet<long> withdrawn = [.. here.Select(e => e.Body).OfType<Withdrawn>().Select(w => w.Seq)];
        return [.. here.Where(e => !withdrawn.Contains(e.Seq)).Select(e => e.Body).OfType<Answered>().Select(a => $"{a.Question} {a.Value}")];
    }

    private static string Key(string path, string words) => $"{ResultWords.Received}{path} {words}";
}
