using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Ceremony.Retelling;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Release;
using KeyCeremony.Core.Reading;
using KeyCeremony.Core.Script;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Verifier;

/// <param name="TrustedRoot">How the SHA-256 of the root certificate begins, from a source of the verifier's own: 4 to 32 bytes, or
/// null.</param>
/// <param name="Script">SHA-256 of the approved script of the last ceremony, lower-case hex, or null.</param>
public sealed record VerifyOptions(ReadOnlyMemory<byte>? TrustedRoot = null, string? Script = null)
{
    /// <summary>The words of a hash: fewer than 32 bits anybody finds a certificate for while the kettle boils.</summary>
    public const int FewestWords = 4;

    private const int HashBytes = 32;
    private const int Sha1Digits = 40;

    /// <summary>64 hex digits, blanks and colons between them allowed, as tools print a hash; null when it is not that.</summary>
    public static VerifyOptions? Trusting(string sha256) => Hash(sha256) is { } hash ? new VerifyOptions(hash) : null;

    /// <param name="trust">64 hex digits, or null.</param>
    /// <param name="words">The first words of the same hash, four or more, or null.</param>
    /// <param name="script">64 hex digits, or null.</param>
    public static bool TryRead(string? trust, string? words, string? script, [NotNullWhen(true)] out VerifyOptions? options,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        options = null;
        refusal = trust is not null && words is not null ? Refuse("The root was named twice.", "Give --trust or --words.")
            : trust is not null && Hash(trust) is null ? NoHash("--trust", trust)
            : script is not null && Hash(script) is null ? NoHash("--script", script)
            : null;
        byte[]? begin = trust is null ? null : Hash(trust);
        if (refusal is null && words is not null && PgpWords.TryParse(words, out begin, out refusal)
            && begin.Length is < FewestWords or > HashBytes)
            refusal = Refuse($"{begin!.Length} {(begin.Length == 1 ? "word was" : "words were")} given to --words.",
                $"Give the first {FewestWords} words of the root's SHA-256 or more, in quotation marks, as the binder has them.");
        if (refusal is not null)
            return false;
        options = new VerifyOptions(begin is null ? default(ReadOnlyMemory<byte>?) : begin,
            script is null ? null : Convert.ToHexStringLower(Hash(script)!));
        return true;
    }

    private static Refusal Refuse(string what, string remedy) => new("VERIFY-00", what, remedy);

    private static Refusal NoHash(string option, string given) => Refuse($"What was given to {option} is not a SHA-256."
        + (given.Length == Sha1Digits && given.All(char.IsAsciiHexDigit) ? " It is as long as a SHA-1."
            : given.AsSpan().IndexOfAny('/', '.', '\\') >= 0 ? " It reads like the name of a file." : ""),
        "Give 64 hexadecimal digits" + (option == "--trust" ? ", as you have them from elsewhere than the bundle: of a certificate in PEM "
            + "'openssl x509 -noout -fingerprint -sha256 -in FILE' prints them." : ", as sha256sum prints them for the approved script."));

    // As openssl prints it, "sha256 Fingerprint=AB:CD…", and as others do, "sha256:abcd…".
    private static byte[]? Hash(string told)
    {
        string sha256 = told[(told.LastIndexOf('=') + 1)..];
        if (sha256.StartsWith("sha256:", StringComparison.OrdinalIgnoreCase))
            sha256 = sha256["sha256:".Length..];
        string hex = sha256.Replace(":", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);
        return hex.Length == 2 * HashBytes && hex.All(char.IsAsciiHexDigit) ? Convert.FromHexString(hex) : null;
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
            || !Passes(VerifyRules.Sums, Sums(content), means: BundlePlace.IsWhole(content) ? VerifyResult.Failed : VerifyResult.Incomplete)
            || !Passes(VerifyRules.Format, Newer(files), means: VerifyResult.Newer))
            return Verdict([]);
        var statement = CheckpointStatement.Read(files[BundleFiles.StatementPath].Span);
        if (!Passes(VerifyRules.Statement, StatementFiles(statement, content)))
            return Verdict([]);
        (ImmutableArray<Entry> entries, Refusal? broken) = JournalReader.ReadLines(files[BundleFiles.JournalPath]);
        if (!Passes(VerifyRules.Chain, broken is null ? [] : [$"{broken.Rule} {broken.Message}"]))
            return Verdict([]);
        if (!Passes(VerifyRules.Position, Position(statement!, entries, entries.Length))
            || !Passes(VerifyRules.FromJournal, Recomposed(content, entries)))
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
        Passes(VerifyRules.Recordings, Unplayable(recordings, content), recordings.IsEmpty ? "there is none" : "");
        // About what the first implementation accepts: beside its flaws the same ones would say nothing new.
        if (checks.All(c => c.Passed))
            Passes(VerifyRules.SecondOpinion, SecondChecks.Disagreements(journal, content, signedBytes,
                [(BundleFiles.CmsPath, cms, by), .. alsoBy is null ? [] : new[] { (BundleFiles.CosignaturePath, second!, alsoBy) }]));
        firmware = [.. FirmwareChecks.Of(journal)];
        warnings = [.. Warnings(journal), .. FirmwareChecks.Warnings(firmware)];
        spares = [.. world.Spares.Where(s => WhyNot(s, world) is null).Select(s => (Spare: s, Cards: s.Cards(world)))
            .Select(s => new SpareRoot(s.Spare.Name, s.Spare.Root.Signed.Sha256, s.Spare.Key.RestsSince!.Value, s.Cards.Set, s.Cards.Needed,
                s.Cards.Issued, s.Cards.Good))];
        return Verdict(entries, [.. Summary(journal, statement!, world, signatures, FirmwareChecks.AreAsked(journal) ? firmware : [])]);
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

    private static IEnumerable<string> Unplayable(ImmutableArray<BundleList> recordings, BundleContent content)
    {
        foreach (BundleList recording in recordings)
        {
            byte[] bytes = new byte[recording.Length];
            using (FileStream file = content.Open(recording))
                file.ReadExactly(bytes);
            if (!TerminalCast.TryRead(bytes, out TerminalCast? cast, out Refusal? refusal) || (refusal = cast.Strange()) is not null)
                yield return $"{recording.Path}: {refusal.Rule} {refusal.Message}";
        }
    }

    private static IEnumerable<string> Sums(BundleContent content)
    {
        ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> files = content.Files;
        string[] found = Encoding.UTF8.GetString(files[BundleFiles.SumsPath].Span).Split('\n');
        string[] right = Encoding.UTF8.GetString(BundleFiles.Sums(files.Remove(BundleFiles.SumsPath), content.Lists)).Split('\n');
        HashSet<string> there = [.. right.Select(Name).Where(name => name.Length > 0)], listed = [.. found.Select(Name)];
        string[] flaws =
        [
            .. right.Except(found).Select(Name).Where(name => name.Length > 0).Select(name => listed.Contains(name)
                ? $"{name} is not the file that is listed: it was changed, or its line was." : $"{name} is there and not listed."),
            .. found.Except(right).Where(line => !there.Contains(Name(line)))
                .Select(line => line.Length > NameAt ? $"{Name(line)} is listed and missing." : $"A line names no file: {line}"),
        ];
        return flaws.Length > 0 || found.SequenceEqual(right) ? flaws : ["The lines are not in order, or a file stands twice."];

        static string Name(string line) => line[Math.Min(NameAt, line.Length)..];
    }

    /// <summary>Where the name begins in a line of SHA256SUMS: behind the hash and two blanks.</summary>
    private const int NameAt = (2 * 32) + 2;

    private static IEnumerable<string> StatementFiles(CheckpointStatement? statement, BundleContent content)
    {
        if (statement is null)
            return ["It is not a statement in its exact form."];
        var covered = content.Files
            .RemoveRange([BundleFiles.SumsPath, BundleFiles.StatementPath, BundleFiles.CmsPath, BundleFiles.CosignaturePath])
            .ToDictionary(f => f.Key, f => BundleFiles.Sha256(f.Value));
        foreach (BundleList list in content.Lists)
            covered[list.Path] = list.Sha256;
        return covered.Where(f => statement.Files.GetValueOrDefault(f.Key) != f.Value)
            .Select(f => $"{f.Key} has another hash than was signed.")
            .Concat(statement.Files.Keys.Where(f => !covered.ContainsKey(f)).Select(f => $"{f} was signed and is missing."));
    }

    /// <summary>Whether the statement names the journal as it stood after its first <paramref name="count"/> entries.</summary>
    internal static IEnumerable<string> Position(CheckpointStatement statement, ImmutableArray<Entry> entries, int count)
    {
        Entry last = entries[count - 1];
        int at = count - 1;
        while (at > 0 && entries[at].Body is not CeremonyOpened)
            at--;
        if (entries[at] is not { Body: CeremonyOpened opened } opening)
            return ["The journal holds no ceremony."];
        var created = (LedgerCreated)entries[0].Body;
        return Differences(
            ("ledger", statement.LedgerId, created.LedgerId),
            ("environment", statement.Environment, created.Environment),
            ("ceremony", statement.Ceremony, opening.Ceremony),
            ("script's hash", statement.ScriptSha256, opened.ScriptSha256),
            ("last entry", $"{statement.Seq}", $"{last.Seq}"),
            ("head", statement.Head, last.HashHex),
            ("time", $"{statement.SignedAfter:O}", $"{last.Utc:O}"));
    }

    /// <summary>One flaw at the most: what follows an entry that nobody was to write means nothing any more.</summary>
    private static IEnumerable<string> Flaws(Retold retold) =>
        retold.Refusal is { } refusal ? [$"{refusal.Rule} {refusal.Message}"] : [];

    private static IEnumerable<string> Differences(params (string What, string Statement, string Journal)[] pairs) =>
        pairs.Where(p => p.Statement != p.Journal)
            .Select(p => $"The {p.What} is {p.Statement} in the statement and {p.Journal} in the journal.");

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
            // Its images are counted in the names of its files.
            ReleaseSigned r => $"{r.Release}-{ReleaseRequest.MaxImages}",
            ReleaseWithdrawn r => r.Release,
            RootWithdrawn r => r.Root,
            _ => null,
        }).FirstOrDefault(n => n is not null && !BundleFiles.IsPlain(n));
        if (unnamed is not null)
            return [$"\"{unnamed}\" is no name of a script."];
        if (entries.Any(e => e.Body switch
        {
            CertificateSigned c => JournalFacts.Certificate(c.Der) is null,
            CertificateImported c => JournalFacts.Certificate(c.Der) is null,
            KeyBackedUp b => ExactBase64.Read(b.Blob) is null,
            RootsLinked l => ExactBase64.Read(l.Statement) is null || l.Signatures.Any(s => ExactBase64.Read(s.Signature) is null),
            RootWithdrawn w => ExactBase64.Read(w.Statement) is null || ExactBase64.Read(w.Signature.Signature) is null,
            KeyGenerated k => ExactBase64.Read(k.Spki) is null,
            RequestRead r => ExactBase64.Read(r.Content) is null || ExactBase64.Read(r.Spki) is null,
            _ => false,
        }))
            return ["The journal holds a text that is not Base64, or a certificate that cannot be read."];
        var journal = new JournalFacts(entries);
        if (BundleFiles.Manifests(journal).FirstOrDefault(m => ManifestFiles.Of(journal, m) is null) is { } incomplete)
            return [$"The journal has no statement, no Base64 or no path to a root for the manifest of \"{incomplete.BatchId}\"."];
        if (ReleaseFiles.All(journal) is null)
            return ["The journal has no request, no Base64 or no path to a root for a release that it says was signed or withdrawn."];
        ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> right = BundleFiles.FromJournal(entries);
        return right.Where(f => !files.TryGetValue(f.Key, out ReadOnlyMemory<byte> found) || !found.Span.SequenceEqual(f.Value.Span))
            .Select(f => $"{f.Key} is not what the journal holds.")
            .Concat(files.Keys.Where(f => f.Contains('/') && !right.ContainsKey(f)).Select(f => $"{f} is not in the journal."))
            .Concat(BundleList.Of(entries).Except(content.Lists)
                .Select(l => $"{l.Path} is missing, or is not the list that the journal names."))
            .Concat(content.Lists.Except(BundleList.Of(entries))
                .Select(l => $"{l.Path} is not in the journal, or is not its newest list."));
    }

    /// <summary>
    /// Told by what can be read of a journal that perhaps cannot be read: a later program's is not a forgery, and this one
    /// says nothing about it.
    /// </summary>
    private static IEnumerable<string> Newer(ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> files)
    {
        if (NewerThan(files[BundleFiles.StatementPath].Span, json => json.GetProperty("type").GetString() is { } type
            && type != CheckpointStatement.Type && type.StartsWith(StatementTypes, StringComparison.Ordinal) ? type : null) is { } other)
            yield return $"checkpoint.json is a {Clipped(other)}; this program knows {CheckpointStatement.Type}.";
        ReadOnlyMemory<byte> rest = files[BundleFiles.JournalPath];
        for (int line = 1; !rest.IsEmpty; line++)
        {
            int end = rest.Span.IndexOf((byte)'\n');
            ReadOnlyMemory<byte> entry = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            if (entry.Length <= Entry.MaxBytes && entry.Span.IndexOf("\"ceremony-opened\""u8) >= 0
                && NewerThan(entry.Span, json => json.GetProperty("body").GetProperty("format").GetInt32() is var format
                    && format > JournalFormats.Current ? $"{format}" : null) is { } found)
            {
                yield return $"Line {line} of the journal opens a ceremony of format {found}; "
                    + $"this program knows formats up to {JournalFormats.Current}.";
                yield break;
            }
        }
    }

    private const string StatementTypes = "keyceremony-checkpoint-v";

    private static string? NewerThan(ReadOnlySpan<byte> bytes, Func<JsonElement, string?> ask)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes.ToArray());
            return ask(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return null;
        }
    }

    private static string Clipped(string text) => text[..Math.Min(text.Length, 40)];

    /// <summary>What the checker warned of when the script was accepted: a verifier decides whether that room was good enough.</summary>
    private static IEnumerable<string> Warnings(JournalFacts journal)
    {
        var said = new HashSet<string>();
        foreach (CeremonyRun run in journal.Ceremonies)
            if (journal.ScriptOf(run) is { } script && said.Add(run.Opened.ScriptSha256))
                foreach (ScriptFinding finding in ScriptCheck.Check(script, Profiles, CeremonyChecks.NeedsAWitness(run),
                    CeremonyChecks.SeatsWhoIsAsked(run)).Where(f => f.Severity == Severity.Warning))
                    yield return $"{run.Id}: line {finding.Line}: {finding.Rule} {finding.Message}";
        foreach (string told in Back(journal).Concat(Forgotten(journal)))
            yield return told;
        if (journal.Environment != Environments.Production)
            yield break;
        foreach ((Entry entry, TokenProbed probe) in journal.All<TokenProbed>()
            .Where(p => SoftwareTokens.Is(p.Body.Manufacturer, p.Body.Model)))
            yield return $"{entry.Ceremony}: the {probe.Token} HSM {probe.Serial} "
                + $"says that it is software ({probe.Manufacturer} {probe.Model}): whoever copies its files has the keys.";
    }

    /// <summary>HSMs that are not what the record said of them. From format 7 on replay refuses it.</summary>
    internal static IEnumerable<string> Back(JournalFacts journal) =>
        from inspected in journal.All<TokenProbed>().GroupBy(p => p.Body.Serial)
        let gone = journal.All<TokenRetired>().FirstOrDefault(r => r.Body.Serial == inspected.Key && r.Body.How != TokenRetired.Replaced)
        where gone.Entry is not null && !HsmNumber.IsNone(inspected.Key)
        let back = inspected.FirstOrDefault(p => p.Entry.Seq > gone.Entry.Seq)
        where back.Entry is not null
        select $"{back.Entry.Ceremony}: the {back.Body.Token} HSM {inspected.Key} is one that {gone.Entry.Ceremony} had retired as "
            + $"{gone.Body.How}: what the record says of it is not so.";

    /// <summary>Whoever restores a ledger leaves out what came after the bundle; only a later bundle shows it.</summary>
    private static IEnumerable<string> Forgotten(JournalFacts journal) => journal.All<LedgerRestored>().Select(restored =>
        $"entry {restored.Entry.Seq}: the ledger was restored from a bundle. What its record sticks held behind entry {restored.Body.Seq} "
            + "is in no journal: verify a bundle of that time with this one, if there is any.");

    private static IReadOnlySet<string> Profiles { get; } = CertificateProfile.All.Select(p => p.ScriptName).ToHashSet();

    private static IEnumerable<string> Summary(JournalFacts journal, CheckpointStatement statement, World world,
        ImmutableArray<RecordSignature> signatures, ImmutableArray<BatchFirmwareFact> firmware)
    {
        yield return $"{statement.Environment} ledger {statement.LedgerId}";
        yield return $"ceremony {statement.Ceremony}, {statement.Seq} entries, until {statement.SignedAfter:yyyy-MM-dd HH:mm:ss} UTC";
        yield return $"head {statement.Head}";
        yield return $"script SHA-256 {statement.ScriptSha256}";
        foreach (RecordSignature signature in signatures)
            yield return signature.InWords;
        foreach (string person in Together(journal, statement))
            yield return person;
        // VERIFY-52 says that nothing of a later ceremony hangs under them.
        HashSet<string> dead =
            [.. journal.All<CeremonyAborted>().Select(a => a.Entry.Ceremony)
                .Except(journal.All<CeremonyClosed>().Select(c => c.Entry.Ceremony))];
        foreach ((Entry entry, CertificateSigned c) in journal.All<CertificateSigned>())
        {
            yield return $"certificate {c.Certificate}";
            if (dead.Contains(entry.Ceremony))
                yield return $"DEAD: {entry.Ceremony} was aborted. Do not use it";
            yield return $"SHA-256 {c.Sha256}";
            if (JournalFacts.Certificate(c.Der) is { } certificate)
                yield return $"{certificate.ToBeSigned.Subject}";
        }
        foreach ((_, RootsLinked linked) in journal.All<RootsLinked>())
            yield return $"the roots {string.Join(" and ", linked.Signatures.Select(s => $"{s.Certificate} (key {s.KeyId})"))} "
                + "vouch for each other";
        foreach (string line in PlanB(world))
            yield return line;
        foreach ((Entry entry, KeyEnded ended) in journal.All<KeyEnded>())
            yield return $"key {ended.Key} ended {entry.Utc:yyyy-MM-dd}: {Account(journal, world, ended.Key, dead)}";
        foreach (CrlSigned list in BundleList.Newest(journal.Entries))
            yield return $"revocation list {list.Crl}, number {list.Number}, SHA-256 {list.Sha256}";
        foreach (ManifestSigned manifest in BundleFiles.Manifests(journal))
        {
            yield return $"batch manifest {manifest.BatchId}, SHA-256 of its statement {manifest.StatementSha256}";
            foreach (BatchFirmwareFact image in firmware.Where(f => f.Batch == manifest.BatchId))
                yield return $"firmware of {manifest.BatchId}: {image.InWords()}";
        }
        foreach ((_, ReleaseSigned release) in ReleaseFiles.Signed(journal))
            yield return $"release {release.Release}, SHA-256 of its release.yaml {release.RequestSha256}";
        foreach ((_, ReleaseWithdrawn release) in ReleaseFiles.Withdrawn(journal))
            yield return $"WITHDRAWN: release {release.Release} {release.Version}, SHA-256 of its release.yaml {release.RequestSha256}";
        // The report tells this ceremony, and those before it that no HSM signed; what other earlier ones went through stands in theirs.
        foreach (CeremonyRun run in SignedLater(journal, statement))
            yield return $"signed with it: {run.Id}, closed without an HSM; {Exceptions(journal, run.Id)}";
        yield return Exceptions(journal, statement.Ceremony);
    }

    /// <summary>How many roots are left to take over; nothing is said where none ever rested.</summary>
    private static IEnumerable<string> PlanB(World world)
    {
        foreach (WithdrawnRoot withdrawn in world.Withdrawn.Values.OrderBy(w => w.Utc))
            yield return $"WITHDRAWN: the root {withdrawn.Body.Root}, on {withdrawn.Utc:yyyy-MM-dd}, by "
                + $"{withdrawn.Body.Signature.Certificate}. Name that one to --trust from now on, SHA-256 "
                + world.Certificates[withdrawn.Body.Signature.Certificate].Signed.Sha256;
        if (world.Keys.Values.Any(k => k.RestsSince is not null))
            yield return world.Spares.Count(spare => WhyNot(spare, world) is null) switch
            {
                0 => "plan B: no spare root is left",
                1 => "plan B: 1 spare root",
                var n => $"plan B: {n} spare roots",
            };
        foreach (Spare spare in world.Spares)
            yield return $"{spare.InWords(world)}{(WhyNot(spare, world) is { } why ? $", {why}: it is not counted" : "")}; "
                + $"SHA-256 {spare.Root.Signed.Sha256}";
    }

    /// <summary>Why a spare is none to count on; null: it is one.</summary>
    private static string? WhyNot(Spare spare, World world) =>
        world.Objects.Any(o => o.Key == spare.Key.Generated.Key && o.Came != KeyObject.Drill && o.Gone.Length == 0)
            ? "AND THE KEY LIES IN AN HSM, where an aborted ceremony brought it"
        : spare.Root.Parsed.ToBeSigned.NotAfter.Value < world.LastUtc ? "AND ITS CERTIFICATE RAN OUT"
        : spare.Cards(world).IsShort ? "TOO FEW TO BE SURE"
        : null;

    /// <summary>What the last statement says of the copies of a key that ended.</summary>
    private static string Account(JournalFacts journal, World world, string key, HashSet<string> dead)
    {
        const string result = "result ";
        return journal.All<DestructionStated>().LastOrDefault(s => s.Body.Key == key && !dead.Contains(s.Entry.Ceremony)) is
        { Entry: not null, Body: { } stated }
            ? $"{stated.Lines.FirstOrDefault(l => l.StartsWith(result, StringComparison.Ordinal))?[result.Length..].Trim()}, "
                + $"read {BundleFiles.StatementsFolder}/{key}.txt"
                + (stated.Lines.Contains(CopyInventory.NoCopyKnown) && CopyInventory.Of(world, key).CanReturn
                    ? "; SINCE THEN A COPY CAME TO LIGHT" : "")
            : "nobody gave account of its copies yet";
    }

    /// <summary>Who sat in more than one seat in the ceremony that was signed; what is lost by it is among the warnings.</summary>
    private static IEnumerable<string> Together(JournalFacts journal, CheckpointStatement statement)
    {
        foreach (CeremonyRun run in journal.Ceremonies.Where(r => r.Id == statement.Ceremony))
            if (journal.ScriptOf(run) is { } script && run.Of<RoomOpened>().LastOrDefault() is { } room)
                foreach (ImmutableArray<SeatRef> seats in CombinedSeats.People(script).Where(p => p.Length > 1))
                    yield return $"one person, {room.People.First(p => (p.Role, p.Index) == (seats[0].Role, seats[0].Index)).Name}, "
                        + $"was {CombinedSeats.InWords(script, seats)}";
    }

    private static IEnumerable<CeremonyRun> SignedLater(JournalFacts journal, CheckpointStatement statement)
    {
        long signed = journal.All<CheckpointSigned>().Where(c => c.Entry.Ceremony != statement.Ceremony)
            .Select(c => c.Body.Seq).DefaultIfEmpty(0).Max();
        HashSet<string> closed = [.. journal.All<CeremonyClosed>().Where(c => c.Entry.Seq > signed).Select(c => c.Entry.Ceremony)];
        return journal.Ceremonies.Where(r => r.Id != statement.Ceremony && closed.Contains(r.Id));
    }

    private static string Exceptions(JournalFacts journal, string ceremony) =>
        journal.All<ExceptionRaised>().Count(x => x.Entry.Ceremony == ceremony) switch
        {
            0 => "no exceptions",
            1 => "1 exception: read it in report.pdf",
            var n => $"{n} exceptions: read them in report.pdf",
        };
}
