using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Ceremony.Retelling;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Verifier;

/// <summary>
/// Checks bundles anywhere: no HSM, no ledger, no trust in the appliance. Cheap checks come first, and a stage that
/// fails ends the verification: nothing is computed on what was not found to be whole.
/// </summary>
public static class BundleVerify
{
    /// <param name="bundles">Folders; several are checked for continuity besides.</param>
    public static VerifyReport Run(IReadOnlyList<string> bundles, VerifyOptions options)
    {
        ImmutableArray<BundleVerdict>.Builder verdicts = ImmutableArray.CreateBuilder<BundleVerdict>();
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
        ImmutableArray<VerifyCheck> together = bundles.Count > 1 && journals.Count == bundles.Count
            ? [LedgerContinuity.Check(journals, contents), ListContinuity.Check(journals, contents)]
            : [];
        return new VerifyReport(verdicts.ToImmutable(), together, options);
    }

    /// <summary>
    /// Every check of its journal: whole, chained, signed, under the root that was named, retold, and true in itself. Report and lists
    /// beside it, and the second implementation, are not asked: the verdict is never <see cref="BundleVerdict.Passed"/>, though each of
    /// its checks may be.
    /// </summary>
    internal static (BundleVerdict Verdict, ImmutableArray<Entry> Entries) Journal(string bundle, VerifyOptions options)
    {
        (BundleVerdict verdict, ImmutableArray<Entry> entries, _) = RunOne(bundle, options, journalOnly: true);
        return (verdict, entries);
    }

    private static (BundleVerdict Verdict, ImmutableArray<Entry> Entries, BundleContent? Content) RunOne(string bundle,
        VerifyOptions options, bool journalOnly = false)
    {
        if (BundlePlace.Flaw(bundle) is { } elsewhere)
            return (new BundleVerdict(bundle, [elsewhere], []), [], null);
        if (!BundleFolder.TryRead(bundle, out BundleContent? content, out string? flaw))
            return (new BundleVerdict(bundle, [new VerifyCheck(VerifyRules.Folder, [flaw], Means: VerifyResult.Incomplete)], []), [], null);
        (BundleVerdict verdict, ImmutableArray<Entry> entries) = Check(bundle, content, options, journalOnly);
        return (verdict, entries, content);
    }

    /// <summary>The verification of files that are already read, without revocation lists.</summary>
    internal static (BundleVerdict Verdict, ImmutableArray<Entry> Entries) Check(string bundle,
        ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> files, VerifyOptions options) =>
        Check(bundle, new BundleContent("", files, []), options);

    /// <summary>
    /// Each check says what is wrong with what it reads. If one breaks over it instead, that is a flaw too, and the verification ends
    /// there.
    /// </summary>
    internal static (BundleVerdict Verdict, ImmutableArray<Entry> Entries) Check(string bundle,
        BundleContent content, VerifyOptions options, bool journalOnly = false)
    {
        ImmutableArray<VerifyCheck>.Builder checks = ImmutableArray.CreateBuilder<VerifyCheck>();
        try
        {
            return Check(bundle, content, options, checks, journalOnly);
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
        ImmutableArray<VerifyCheck>.Builder checks, bool journalOnly)
    {
        ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> files = content.Files;
        bool Passes(VerifyRule rule, IEnumerable<string> flaws, string note = "",
            bool asked = true, VerifyResult means = VerifyResult.Failed)
        {
            checks.Add(new VerifyCheck(rule, [.. flaws.Take(MaxFlaws)], note, asked, means));
            return checks[^1].Passed;
        }
        ImmutableArray<string> warnings = [];
        ImmutableArray<SpareRoot> spares = [];
        ImmutableArray<BatchFirmwareFact> firmware = [];
        ImmutableArray<RecordSignature> signatures = [];
        World world = World.Empty;
        (BundleVerdict, ImmutableArray<Entry>) Verdict(ImmutableArray<Entry> entries, params ImmutableArray<string> summary) =>
            (new BundleVerdict(bundle, checks.ToImmutable(), summary)
            {
                Warnings = warnings,
                Spares = spares,
                Firmware = firmware,
                Signatures = signatures,
            }, entries);

        if (!Passes(VerifyRules.Folder, BundlePlace.Names(files), means: VerifyResult.Incomplete)
            || !Passes(VerifyRules.Sums, BundleChecks.Sums(content),
                means: BundlePlace.IsWhole(content) ? VerifyResult.Failed : VerifyResult.Incomplete)
            || !Passes(VerifyRules.Format, BundleChecks.Newer(files), means: VerifyResult.Newer))
            return Verdict([]);
        var statement = CheckpointStatement.Read(files[BundleFiles.StatementPath].Span);
        if (!Passes(VerifyRules.Statement, BundleChecks.StatementFiles(statement, content)))
            return Verdict([]);
        (ImmutableArray<Entry> entries, Refusal? broken) = JournalReader.ReadLines(files[BundleFiles.JournalPath]);
        if (!Passes(VerifyRules.Chain, broken is null ? [] : [$"{broken.Rule} {broken.Message}"]))
            return Verdict([]);
        if (!Passes(VerifyRules.Position, BundleChecks.Position(statement!, entries, entries.Length))
            || !Passes(VerifyRules.FromJournal, BundleChecks.Recomposed(content, entries)))
            return Verdict(entries);

        byte[] signedBytes = files[BundleFiles.StatementPath].ToArray(), cms = files[BundleFiles.CmsPath].ToArray();
        var journal = new JournalFacts(entries);
        byte[]? second = files.TryGetValue(BundleFiles.CosignaturePath, out ReadOnlyMemory<byte> other) ? other.ToArray() : null;
        bool signed = DetachedCms.TryVerify(signedBytes, cms, out X509Certificate2? signer);
        byte[] by = signer?.RawData ?? [];
        byte[]? alsoBy = second is null ? null : TranscriptSignature.Cosigner(journal, second)?.Der.ToArray();
        ImmutableArray<RecordSignature> signers = signed ? [.. TranscriptSignature.Signatures(journal, by, alsoBy, options)] : [];
        // Whether a second signature is due, the ledger retold says; one that never had such a key need not be retold before VERIFY-10.
        Retold? early = TranscriptSignature.MayBeCosigned(journal) ? Retold.Of(entries) : null;
        bool? due = early is null ? false : early.Refusal is null ? early.World.TranscriptCosigner is not null : null;
        string[] anothers = [.. TranscriptSignature.Trust(journal, by, alsoBy, options)];
        using (signer)
        {
            if (!Passes(VerifyRules.CertificateNames, TranscriptSignature.Names(journal))
                || !Passes(VerifyRules.Signature, signed
                    ? TranscriptSignature.Form(journal, signedBytes, cms, by, statement!.SignedAfter, entries[^1].Seq)
                    : ["The signature does not hold."])
                || !Passes(VerifyRules.Signer, TranscriptSignature.Signer(journal, by, entries[^1].Seq))
                || !Passes(VerifyRules.SignerChain, TranscriptSignature.Chain(journal, by, entries[^1].Utc, entries[^1].Seq))
                || !Passes(VerifyRules.Cosignature, TranscriptSignature.Cosigned(journal, signedBytes, second, due, statement!.SignedAfter,
                    entries[^1].Seq), TranscriptSignature.Before(journal, due ?? false))
                || !Passes(VerifyRules.Trust, anothers,
                    string.Join(" ", [Compared(options), .. anothers.Length > 0 ? [] : NotJudged(signers)]).TrimStart(),
                    options.TrustedRoot is not null)
                || !Passes(VerifyRules.PinnedScript, options.Script is null || options.Script == statement!.ScriptSha256
                    ? []
                    : [$"The script has the SHA-256 {statement.ScriptSha256}."],
                    options.Script is null ? "no script was named" : "", options.Script is not null))
                return Verdict(entries);
            // Whose word it is comes first: what an outsider tells need not be retold.
            Retold retold = early ?? Retold.Of(entries);
            world = retold.World;
            if (!Passes(VerifyRules.Replay, Flaws(retold), FirstFormatChecks.NotAsked(entries)))
                return Verdict(entries);
            (ImmutableArray<string> earlier, ImmutableArray<string> line, string note) = TranscriptSignature.Line(journal, by, alsoBy);
            if (!Passes(VerifyRules.Checkpoints, earlier, note) | !Passes(VerifyRules.SignerLine, line))
                return Verdict(entries);
            signatures = signers;
        }

        // From here on the journal is what the transcript key signed; every remaining check is made, so that all flaws are seen.
        foreach ((VerifyRule rule, Func<JournalFacts, IEnumerable<string>> check) in CeremonyChecks.All.Concat(FirstFormatChecks.All)
            .Concat(KeyChecks.All).Concat(ManifestChecks.All).Concat(ReleaseChecks.All).Append((VerifyRules.Results, ResultChecks.Found)))
            Passes(rule, check(journal));
        if (journalOnly)
            return Verdict(entries);
        Passes(VerifyRules.Report, ReportChecks.Composed(entries, files[BundleFiles.ReportPath]));
        Passes(VerifyRules.ListFiles, CrlChecks.Files(journal, content));
        ImmutableArray<BundleList> recordings = [.. BundleList.Recordings(entries)];
        Passes(VerifyRules.Recordings, BundleChecks.Unplayable(recordings, content), recordings.IsEmpty ? "there is none" : "");
        // About what the first implementation accepts: beside its flaws the same ones would say nothing new.
        if (checks.All(c => c.Passed))
            Passes(VerifyRules.SecondOpinion, SecondChecks.Disagreements(journal, content, signedBytes,
                [(BundleFiles.CmsPath, cms, by), .. alsoBy is null ? [] : new[] { (BundleFiles.CosignaturePath, second!, alsoBy) }]));
        firmware = [.. FirmwareChecks.Of(journal)];
        warnings = [.. BundleWarnings.Of(journal), .. FirmwareChecks.Warnings(firmware)];
        spares = [.. BundleSummary.Spares(world)];
        return Verdict(entries,
            [.. BundleSummary.Of(journal, statement!, world, signatures, FirmwareChecks.AreAsked(journal) ? firmware : [])]);
    }

    /// <summary>How much of a hash was compared.</summary>
    private static string Compared(VerifyOptions options) => options.TrustedRoot switch
    {
        null => "nobody was named, so whose word this is was not asked",
        { Length: < 32 } begin => $"{begin.Length} words were compared, {8 * begin.Length} bits: "
            + "somebody with time makes another root whose hash begins so. All 32 words, or --trust, leave no room.",
        _ => "",
    };

    /// <summary>What does not stand under the root that was named, where it is their word.</summary>
    private static IEnumerable<string> NotJudged(ImmutableArray<RecordSignature> signatures) =>
        signatures.Where(s => s.Named == false).Select(s => signatures.Any(other => other.Named == true)
            ? $"{s.File} was not judged under the root that was named: its signer, {s.Certificate}, stands under {s.Root}."
            : $"{s.File}: its signer, {s.Certificate}, stands under {s.Root}; the root that was named signed that {s.Root} is ours.");

    /// <summary>One flaw at the most: what follows an entry that nobody was to write means nothing any more.</summary>
    private static IEnumerable<string> Flaws(Retold retold) =>
        retold.Refusal is { } refusal ? [$"{refusal.Rule} {refusal.Message}"] : [];

}
