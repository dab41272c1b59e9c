using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony.Retelling;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.Verifier;

/// <param name="TrustedRoot">SHA-256 of the root certificate from a source of the verifier's own, or null.</param>
public sealed record VerifyOptions(ReadOnlyMemory<byte>? TrustedRoot = null)
{
    /// <summary>64 hex digits, blanks and colons between them allowed; null when it is not that.</summary>
    public static VerifyOptions? Trusting(string sha256)
    {
        string hex = sha256.Replace(":", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);
        return hex.Length == 64 && hex.All(char.IsAsciiHexDigit) ? new VerifyOptions(Convert.FromHexString(hex)) : null;
    }
}

/// <summary>
/// Checks bundles anywhere: no HSM, no ledger, no trust in the appliance. Cheap checks come first, and a stage that
/// fails ends the verification: nothing is computed on what was not found to be whole.
/// </summary>
public static class BundleVerify
{
    /// <param name="bundles">Folders; several are checked for continuity besides.</param>
    public static VerifyReport Run(IReadOnlyList<string> bundles, VerifyOptions options)
    {
        var verdicts = ImmutableArray.CreateBuilder<BundleVerdict>();
        var journals = new List<(string Bundle, ImmutableArray<Entry> Entries)>();
        var contents = new List<BundleContent>();
        foreach (string bundle in bundles)
        {
            (BundleVerdict verdict, ImmutableArray<Entry> entries, BundleContent? content) = RunOne(bundle, options);
            verdicts.Add(verdict);
            if (!verdict.Passed)
                continue;
            journals.Add((bundle, entries));
            contents.Add(content!);
        }
        ImmutableArray<VerifyCheck> together = bundles.Count > 1 && journals.Count == bundles.Count ? [LedgerContinuity.Check(journals), ListContinuity.Check(journals, contents)] : [];
        return new VerifyReport(verdicts.ToImmutable(), together);
    }

    private static (BundleVerdict Verdict, ImmutableArray<Entry> Entries, BundleContent? Content) RunOne(string bundle, VerifyOptions options)
    {
        if (!BundleFolder.TryRead(bundle, out BundleContent? content, out string? flaw))
            return (new BundleVerdict(bundle, [new VerifyCheck(VerifyRules.Folder, [flaw])], []), [], null);
        (BundleVerdict verdict, ImmutableArray<Entry> entries) = Check(bundle, content, options);
        return (verdict, entries, content);
    }

    /// <summary>The verification of files that are already read, without revocation lists.</summary>
    internal static (BundleVerdict Verdict, ImmutableArray<Entry> Entries) Check(string bundle,
        ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> files, VerifyOptions options) => Check(bundle, new BundleContent("", files, []), options);

    /// <summary>Each check says what is wrong with what it reads. If one breaks over it instead, that is a flaw too, and the verification ends there.</summary>
    internal static (BundleVerdict Verdict, ImmutableArray<Entry> Entries) Check(string bundle, BundleContent content, VerifyOptions options)
    {
        var checks = ImmutableArray.CreateBuilder<VerifyCheck>();
        try
        {
            return Check(bundle, content, options, checks);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            checks.Add(new VerifyCheck(VerifyRules.All.First(r => checks.All(c => c.Rule != r)), [$"{Broke} ({e.GetType().Name})"]));
            return (new BundleVerdict(bundle, checks.ToImmutable(), []), []);
        }
    }

    /// <summary>Of one check: a journal of nothing but nonsense is not searched for the last of it.</summary>
    internal const int MaxFlaws = 1000;

    internal const string Broke = "The check broke over what it read: the bundle holds something in a form that no ceremony writes.";

    private static (BundleVerdict Verdict, ImmutableArray<Entry> Entries) Check(string bundle, BundleContent content, VerifyOptions options,
        ImmutableArray<VerifyCheck>.Builder checks)
    {
        ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> files = content.Files;
        bool Passes(VerifyRule rule, IEnumerable<string> flaws, string note = "", bool asked = true)
        {
            checks.Add(new VerifyCheck(rule, [.. flaws.Take(MaxFlaws)], note, asked));
            return checks[^1].Passed;
        }
        (BundleVerdict, ImmutableArray<Entry>) Verdict(ImmutableArray<Entry> entries, params ImmutableArray<string> summary) =>
            (new BundleVerdict(bundle, checks.ToImmutable(), summary), entries);

        if (!Passes(VerifyRules.Folder, Names(files)) || !Passes(VerifyRules.Sums, Sums(content)))
            return Verdict([]);
        CheckpointStatement? statement = CheckpointStatement.Read(files[BundleFiles.StatementPath].Span);
        if (!Passes(VerifyRules.Statement, StatementFiles(statement, content)))
            return Verdict([]);
        (ImmutableArray<Entry> entries, Refusal? broken) = JournalReader.ReadLines(files[BundleFiles.JournalPath]);
        if (!Passes(VerifyRules.Chain, broken is null ? [] : [$"{broken.Rule} {broken.Message}"]))
            return Verdict([]);
        if (!Passes(VerifyRules.Position, Position(statement!, entries)) || !Passes(VerifyRules.Replay, Replayed(entries))
            || !Passes(VerifyRules.FromJournal, Recomposed(content, entries)))
            return Verdict(entries);

        byte[] cms = files[BundleFiles.CmsPath].ToArray();
        bool signed = DetachedCms.TryVerify(files[BundleFiles.StatementPath].ToArray(), cms, out X509Certificate2? signer);
        if (!Passes(VerifyRules.Signature, signed ? [] : ["The signature does not hold."]))
            return Verdict(entries);
        var journal = new JournalFacts(entries);
        using (signer)
        {
            if (!Passes(VerifyRules.Signer, TranscriptSignature.Signer(journal, signer!.RawData))
                || !Passes(VerifyRules.SignerChain, TranscriptSignature.Chain(journal, signer.RawData, entries[^1].Utc))
                || !Passes(VerifyRules.Trust, TranscriptSignature.Trust(journal, signer.RawData, options), options.TrustedRoot is null ? "no root was given, so none was compared" : "", options.TrustedRoot is not null)
                || !Passes(VerifyRules.Checkpoints, TranscriptSignature.Earlier(journal)))
                return Verdict(entries);
        }

        // From here on the journal is what the transcript key signed; every remaining check is made, so that all flaws are seen.
        foreach ((VerifyRule rule, Func<JournalFacts, IEnumerable<string>> check) in CeremonyChecks.All.Concat(KeyChecks.All).Concat(ManifestChecks.All).Append((VerifyRules.Results, ResultChecks.Found)))
            Passes(rule, check(journal));
        Passes(VerifyRules.Report, ReportChecks.Composed(entries, files[BundleFiles.ReportPath]));
        Passes(VerifyRules.ListFiles, CrlChecks.Files(journal, content));
        return Verdict(entries, [.. Summary(journal, statement!)]);
    }

    private static IEnumerable<string> Names(ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> files)
    {
        foreach (string name in files.Keys)
            if (BundleNames.MaxOf(name) is null)
                yield return $"{name} does not belong into a bundle.";
        foreach (string needed in new[] { BundleFiles.SumsPath, BundleFiles.StatementPath, BundleFiles.CmsPath, BundleFiles.JournalPath, BundleFiles.ScriptPath, BundleFiles.ReportPath })
            if (!files.ContainsKey(needed))
                yield return $"{needed} is missing.";
    }

    private static IEnumerable<string> Sums(BundleContent content)
    {
        ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> files = content.Files;
        string[] found = Encoding.UTF8.GetString(files[BundleFiles.SumsPath].Span).Split('\n');
        string[] right = Encoding.UTF8.GetString(BundleFiles.Sums(files.Remove(BundleFiles.SumsPath), content.Lists)).Split('\n');
        foreach (string line in right.Except(found))
            yield return $"Not listed with this hash: {line[Math.Min(66, line.Length)..]}";
        foreach (string line in found.Except(right))
            yield return $"Listed, but not so: {line}";
        if (!found.SequenceEqual(right) && found.ToHashSet().SetEquals(right))
            yield return "The lines are not in order or stand twice.";
    }

    private static IEnumerable<string> StatementFiles(CheckpointStatement? statement, BundleContent content)
    {
        if (statement is null)
            return ["It is not a statement in its exact form."];
        var covered = content.Files.RemoveRange([BundleFiles.SumsPath, BundleFiles.StatementPath, BundleFiles.CmsPath]).ToDictionary(f => f.Key, f => BundleFiles.Sha256(f.Value));
        foreach (BundleList list in content.Lists)
            covered[list.Path] = list.Sha256;
        return covered.Where(f => statement.Files.GetValueOrDefault(f.Key) != f.Value).Select(f => $"{f.Key} has another hash than was signed.")
            .Concat(statement.Files.Keys.Where(f => !covered.ContainsKey(f)).Select(f => $"{f} was signed and is missing."));
    }

    private static IEnumerable<string> Position(CheckpointStatement statement, ImmutableArray<Entry> entries)
    {
        if (entries.LastOrDefault(e => e.Body is CeremonyOpened) is not { Body: CeremonyOpened opened } opening)
            return ["The journal holds no ceremony."];
        var created = (LedgerCreated)entries[0].Body;
        return Differences(
            ("ledger", statement.LedgerId, created.LedgerId),
            ("environment", statement.Environment, created.Environment),
            ("ceremony", statement.Ceremony, opening.Ceremony),
            ("script's hash", statement.ScriptSha256, opened.ScriptSha256),
            ("last entry", $"{statement.Seq}", $"{entries[^1].Seq}"),
            ("head", statement.Head, entries[^1].HashHex),
            ("time", $"{statement.SignedAfter:O}", $"{entries[^1].Utc:O}"));
    }

    /// <summary>One flaw at the most: what follows an entry that nobody was to write means nothing any more.</summary>
    private static IEnumerable<string> Replayed(ImmutableArray<Entry> entries) =>
        Retold.Of(entries).Refusal is { } refusal ? [$"{refusal.Rule} {refusal.Message}"] : [];

    private static IEnumerable<string> Differences(params (string What, string Statement, string Journal)[] pairs) =>
        pairs.Where(p => p.Statement != p.Journal).Select(p => $"The {p.What} is {p.Statement} in the statement and {p.Journal} in the journal.");

    private static IEnumerable<string> Recomposed(BundleContent content, ImmutableArray<Entry> entries)
    {
        ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> files = content.Files;
        string? unnamed = entries.Select(e => e.Body switch
        {
            CeremonyOpened => e.Ceremony,
            CertificateSigned c => c.Certificate,
            KeyBackedUp b => b.Key,
            RequestRead r => r.Request,
            CertificateImported c => c.Certificate,
            CrlPreviewed c => c.Crl,
            CrlSigned c => c.Crl,
            ManifestSigned m => m.BatchId,
            _ => null,
        }).FirstOrDefault(n => n is not null && !BundleFiles.IsPlain(n));
        if (unnamed is not null)
            return [$"\"{unnamed}\" is no name of a script."];
        if (entries.Any(e => e.Body switch
        {
            CertificateSigned c => JournalFacts.Certificate(c.Der) is null,
            CertificateImported c => JournalFacts.Certificate(c.Der) is null,
            KeyBackedUp b => JournalFacts.Bytes(b.Blob) is null,
            KeyGenerated k => JournalFacts.Bytes(k.Spki) is null,
            RequestRead r => JournalFacts.Bytes(r.Content) is null || JournalFacts.Bytes(r.Spki) is null,
            _ => false,
        }))
            return ["The journal holds a text that is not Base64, or a certificate that cannot be read."];
        var journal = new JournalFacts(entries);
        if (BundleFiles.Manifests(journal).FirstOrDefault(m => ManifestFiles.Of(journal, m) is null) is { } incomplete)
            return [$"The journal has no statement, no Base64 or no path to a root for the manifest of \"{incomplete.BatchId}\"."];
        ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> right = BundleFiles.FromJournal(entries);
        return right.Where(f => !files.TryGetValue(f.Key, out ReadOnlyMemory<byte> found) || !found.Span.SequenceEqual(f.Value.Span)).Select(f => $"{f.Key} is not what the journal holds.")
            .Concat(files.Keys.Where(f => f.Contains('/') && !right.ContainsKey(f)).Select(f => $"{f} is not in the journal."))
            .Concat(BundleList.Of(entries).Except(content.Lists).Select(l => $"{l.Path} is missing, or is not the list that the journal names."))
            .Concat(content.Lists.Except(BundleList.Of(entries)).Select(l => $"{l.Path} is not in the journal, or is not its newest list."));
    }

    private static IEnumerable<string> Summary(JournalFacts journal, CheckpointStatement statement)
    {
        yield return $"{statement.Environment} ledger {statement.LedgerId}";
        yield return $"ceremony {statement.Ceremony}, {statement.Seq} entries, until {statement.SignedAfter:yyyy-MM-dd HH:mm:ss} UTC";
        yield return $"head {statement.Head}";
        yield return $"script SHA-256 {statement.ScriptSha256}";
        foreach ((Entry _, CertificateSigned c) in journal.All<CertificateSigned>())
        {
            yield return $"certificate {c.Certificate}";
            yield return $"SHA-256 {c.Sha256}";
            if (JournalFacts.Certificate(c.Der) is { } certificate)
                yield return $"{certificate.ToBeSigned.Subject}";
        }
        foreach (CrlSigned list in BundleList.Newest(journal.Entries))
            yield return $"revocation list {list.Crl}, number {list.Number}, SHA-256 {list.Sha256}";
        foreach (ManifestSigned manifest in BundleFiles.Manifests(journal))
            yield return $"batch manifest {manifest.BatchId}, SHA-256 of its statement {manifest.StatementSha256}";
        int exceptions = journal.All<ExceptionRaised>().Count();
        yield return exceptions == 0 ? "no exceptions" : $"{exceptions} exceptions: read them in report.pdf";
    }
}
