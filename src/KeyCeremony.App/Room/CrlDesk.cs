using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using KeyCeremony.App.Ground;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Crl;
using KeyCeremony.Core.Script;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Room;

/// <summary>The key that signs lists.</summary>
/// <param name="Hash">For every kind of key but ML-DSA: a hash.</param>
/// <param name="Message">For ML-DSA: the message itself, piece by piece.</param>
internal sealed record ListSigner(Func<ReadOnlyMemory<byte>, byte[]> Hash, Func<IEnumerable<ReadOnlyMemory<byte>>, byte[]> Message);

/// <summary>
/// Writes revocation lists: the list before and what was read and typed are merged into a spool file, shown, and signed as
/// they lie there. The same inputs give the same bytes, so a ceremony that was cut off writes them once more.
/// </summary>
internal sealed class CrlDesk(ImportStick imports, ListStore lists, string temporaryDirectory) : IDisposable
{
    private const int MaxErrors = 10;

    private Written? _last;
    private string? _spool;

    /// <summary>
    /// Reads a file whole and asks all that can be asked of it beside what was read and typed before: a bad row, another CA's list or a
    /// date to come is known while the file can still be mended and nothing that was typed is lost.
    /// </summary>
    public EntryBody Read(CeremonyState s, ReadRevocations effect)
    {
        PreviewCrlStep step = s.Script.Steps.OfType<PreviewCrlStep>().Last(p => p.Crl == effect.Crl);
        IssuedSerials? issued = s.Format < JournalFormats.Compared ? null : IssuedSerials.Of(s.World, step.Issuer);
        if (issued is not null && effect.Notation is null && Unclear(issued, effect) is { } unclear)
            return unclear;
        if (Unfit(s, step, issued, effect, out RevocationFileFacts? facts, out SerialCounts? counts, out ImmutableArray<Finding> findings)
            is { } refusal)
            return new ImportRefused(ImportWords.Revocations, effect.Crl, effect.File, refusal.Rule, refusal.Message, refusal.Remedy);
        return new RevocationsRead(effect.Crl, effect.File, Convert.ToHexStringLower(facts!.Sha256.Span),
            Name(facts.Format), facts.Revoked, facts.Ignored, findings, counts, effect.Notation);
    }

    /// <summary>What the serials of a CSV are in either notation, when they are digits only; null: they can be read.</summary>
    private SerialsUnclear? Unclear(IssuedSerials issued, ReadRevocations effect)
    {
        using var asDecimal = new RevocationSort(Scratch);
        if (!IsCsv(effect.File) || !TryRead(effect.File, SerialNotation.Decimal, asDecimal, out RevocationFileFacts? facts, out _)
            || facts.Unclear is not { } first || !asDecimal.TryFinish(out SortedRevocations? decimals, out _))
            return null;
        using (decimals)
        {
            using var asHex = new RevocationSort(Scratch);
            SerialCounts? hex = null;
            if (TryRead(effect.File, SerialNotation.Hex, asHex, out _, out _) && asHex.TryFinish(out SortedRevocations? hexes, out _))
                using (hexes)
                    hex = issued.Compare(hexes.Entries()).Counts;
            return new SerialsUnclear(effect.Crl, effect.File, Convert.ToHexStringLower(facts.Sha256.Span), first,
                issued.Compare(decimals.Entries()).Counts, hex);
        }
    }

    private bool IsCsv(string name)
    {
        if (!imports.TryOpenRevocations(name, out FileStream? opened, out _))
            return false;
        using FileStream file = opened;
        return FormatOf(file, stackalloc byte[RevocationFile.EnoughToTell], out _) == RevocationFormat.Csv;
    }

    private Refusal? Unfit(CeremonyState s, PreviewCrlStep step, IssuedSerials? issued, ReadRevocations effect,
        out RevocationFileFacts? facts, out SerialCounts? counts, out ImmutableArray<Finding> findings)
    {
        (counts, findings) = (null, []);
        CrlFact? last = s.World.Crls.GetValueOrDefault(effect.Crl);
        var now = DateTimeOffset.FromUnixTimeSeconds(s.Last.Utc.ToUnixTimeSeconds());
        // The number plays no part yet.
        CrlPlan plan = CrlPlanning.Plan(s.World, step, "1", now);
        using var alone = new RevocationSort(Scratch);
        ParsedCertificate? delegator = CrlPlanning.Delegator(s.World, step);
        if (!TryRead(effect.File, effect.Notation, alone, out facts, out Refusal? refusal, Signers(plan, delegator)))
            return refusal;
        if (facts.Crl is { } list && CrlChain.CheckSource(plan, delegator, list) is { } foreign)
            return foreign;
        if (!alone.TryFinish(out SortedRevocations? its, out refusal))
            return refusal;
        using (its)
        {
            if (its.Entries().Select(r => issued?.CheckOwn(r.Serial) ?? CrlChain.CheckOwn(plan.Issuer, r.Serial))
                .FirstOrDefault(r => r is not null) is { } own)
                return own;
            if (issued is not null)
                (counts, findings) = issued.Compare(its.Entries());
        }
        (ImmutableArray<RevocationSource> files, ImmutableArray<TypedRevocation> typed) = CrlPlanning.Inputs(s);
        SortedRevocations? before = null, additions = null;
        try
        {
            var source = new RevocationSource(effect.File, Convert.ToHexStringLower(facts.Sha256.Span), effect.Notation);
            if (!TryAdditions([.. files, source], typed, out additions, out refusal))
                return refusal;
            return !TryPrevious(last, plan, out before, out refusal)
                || !CrlMerge.TryMerge(before, last?.Preview.ThisUpdate, additions, Releases(typed), plan.Partition?.Shard,
                    out MergedRevocations? merged, out refusal)
                ? refusal
                : CrlWriter.CheckEntries(plan, merged);
        }
        finally
        {
            before?.Dispose();
            additions?.Dispose();
        }
    }

    public EntryBody Preview(CeremonyState s, PreviewCrl effect, Action<double> progress)
    {
        (ImmutableArray<RevocationSource> files, ImmutableArray<TypedRevocation> typed) = CrlPlanning.Inputs(s);
        CrlPlan plan = CrlPlanning.Plan(s.World, effect.Step, effect.Number, effect.ThisUpdate);
        if (!TryWrite(s, effect.Step.Crl, plan, files, typed, progress, out Written? written, out Refusal? refusal))
            return new ImportRefused(ImportWords.Revocations, effect.Step.Crl, "", refusal.Rule, refusal.Message, refusal.Remedy);
        CrlFact? last = s.World.Crls.GetValueOrDefault(effect.Step.Crl);
        CrlDifference difference = written.Prepared.Difference;
        return new CrlPreviewed(effect.Step.Crl, effect.Step.Issuer, effect.Number,
            plan.ThisUpdate, plan.NextUpdate, effect.Step.IsPartitioned,
            Convert.ToHexStringLower(written.Prepared.TbsSha256.Span), written.Prepared.TbsLength,
            written.Prepared.Count, difference.Added, difference.Changed, difference.Removed,
            last?.Signed.Sha256 ?? "", files, typed, written.Known, [.. difference.Describe().Select(l => $"{l.Label}: {l.Value}")],
            DclRecord(s, effect.Step),
            [.. CrlPlanning.LintBegins(s.Format, written.Prepared.Count, written.Known),
                .. written.Lint.Findings.Select(f => new Finding(f.Rule.Id, FindingResults.Fail, f.Message))]);
    }

    public CrlSigned Sign(CeremonyState s, SignCrl effect, ListSigner signer, SecondOpinion second, Action<double> progress)
    {
        CrlPreviewed preview = s.World.CrlPreviews[effect.Crl].Previewed;
        Written written = WrittenAgain(s, preview, progress);
        if (!written.Lint.TryAccept(out LintedCrl? linted, out Refusal? refusal))
            throw new CeremonyException(refusal);
        SignedCrl signed = Signed(linted, written, signer);
        string path = Assembled(signed, written);
        try
        {
            CrlFile file = ReadBack(signed, path);
            string verdict = second.AskAboutList(s.Format, path, s.World.Certificates[preview.Issuer].Signed.Der);
            string sha256 = Convert.ToHexStringLower(file.Sha256.Span);
            lists.Keep(path, sha256);
            return new CrlSigned(effect.Crl, preview.Issuer, preview.Number, sha256, file.Length, verdict);
        }
        finally
        {
            // The spool holds a signature now: whoever signs again writes it again.
            Forget();
            File.Delete(path);
        }
    }

    /// <summary>An ML-DSA key signs the list itself, which passes by it; every other one a hash.</summary>
    private static SignedCrl Signed(LintedCrl linted, Written written, ListSigner signer)
    {
        if (!linted.Prepared.Plan.SignatureAlgorithm!.IsMlDsa)
            return CrlSigning.Sign(linted, signer.Hash);
        using var spool = new FileStream(written.Spool, FileMode.Open, FileAccess.Read) { Position = written.Room };
        return CrlSigning.SignWhole(linted, spool, signer.Message);
    }

    /// <summary>A list that was signed before: from a record stick, else from the import stick; null when it is on none.</summary>
    public FileStream? Find(string sha256, long length) => lists.Find(sha256) ?? imports.Find(sha256, length);

    /// <exception cref="CeremonyException">It is nowhere.</exception>
    public FileStream Open(BundleList list) => Find(list.Sha256, list.Length)
        ?? throw new CeremonyException(new Refusal(ImportRules.ListMissing, $"The list {list.Path} is on no record stick.",
            "Bring the record sticks that were used when it was signed, or put the list from its own bundle on the import stick."));

    /// <summary>The spool becomes the file; where the lengths do not fit, it is copied.</summary>
    private string Assembled(SignedCrl signed, Written written)
    {
        using (var spool = new FileStream(written.Spool, FileMode.Open, FileAccess.ReadWrite))
        {
            if (signed.Complete(spool, written.Room))
                return written.Spool;
            spool.Position = written.Room;
            string path = NewName("crl");
            using var output = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
            _ = signed.Assemble(spool, output);
            return path;
        }
    }

    private static CrlFile ReadBack(SignedCrl signed, string path)
    {
        using FileStream finished = File.OpenRead(path);
        CrlLintReport report = CrlLint.Check(signed, finished);
        return report is { Findings: [], File: { } file } ? file
            : throw new CeremonyException(report.Findings[0].Rule.Refuse(report.Findings[0].Message,
                "Do not use this list. Sign it again; if it stays so, abort."));
    }

    public void Dispose() => Forget();

    /// <summary>The very list that was shown: still there, or written again from its inputs.</summary>
    private Written WrittenAgain(CeremonyState s, CrlPreviewed preview, Action<double> progress)
    {
        if (_last is { } there && Convert.ToHexStringLower(there.Prepared.TbsSha256.Span) == preview.TbsSha256)
            return there;
        PreviewCrlStep step = s.Script.Steps.OfType<PreviewCrlStep>().Last(p => p.Crl == preview.Crl);
        CrlPlan plan = CrlPlanning.Plan(s.World, step, preview.Number, preview.ThisUpdate);
        if (!TryWrite(s, preview.Crl, plan, preview.Files, preview.Typed, progress, out Written? written, out Refusal? refusal))
            throw new CeremonyException(refusal);
        return Convert.ToHexStringLower(written.Prepared.TbsSha256.Span) == preview.TbsSha256 ? written
            : throw new CeremonyException(CrlRules.SameAsPlan.Refuse("What was written now is not what was previewed.",
                "Do not sign it. Abort, and find out which input changed."));
    }

    private bool TryWrite(CeremonyState s, string crl, CrlPlan plan, ImmutableArray<RevocationSource> files,
        ImmutableArray<TypedRevocation> typed,
        Action<double> progress, [NotNullWhen(true)] out Written? written, [NotNullWhen(false)] out Refusal? refusal)
    {
        Forget();
        written = null;
        CrlFact? last = s.World.Crls.GetValueOrDefault(crl);
        refusal = CrlPlanRules.Check(plan)
            ?? CrlChain.Check(plan, CrlPlanning.Link(s.World, crl)).FirstOrDefault(r => r.Rule != CrlRules.Hole.Id);
        if (refusal is not null)
            return false;
        SortedRevocations? before = null, additions = null;
        try
        {
            if (!TryPrevious(last, plan, out before, out refusal) || !TryAdditions(files, typed, out additions, out refusal))
                return false;
            if (!CrlMerge.TryMerge(before, last?.Preview.ThisUpdate, additions, Releases(typed),
                plan.Partition?.Shard, out MergedRevocations? merged, out refusal))
                return false;
            _spool = NewName("tbs");
            long all = Math.Max(1, merged.Count);
            PreparedCrl? prepared;
            int room = CrlWriter.RoomInFront(plan, merged);
            using (var spool = new FileStream(_spool, FileMode.CreateNew, FileAccess.Write) { Position = room })
                if (!CrlWriter.TryPrepare(plan, merged, spool, new Telling(n => progress((double)n / all)), out prepared, out refusal))
                    return false;
            using var back = new FileStream(_spool, FileMode.Open, FileAccess.Read) { Position = room };
            written = _last = new Written(prepared, _spool, room, CrlLint.Check(prepared, back),
                Known(s, crl, plan.Issuer, before, additions, typed));
            return true;
        }
        finally
        {
            before?.Dispose();
            additions?.Dispose();
        }
    }

    private bool TryPrevious(CrlFact? last, CrlPlan plan, [NotNullWhen(true)] out SortedRevocations? sorted,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        (sorted, refusal) = (SortedRevocations.Empty, null);
        if (last is null)
            return true;
        using FileStream? file = Find(last.Signed.Sha256, last.Signed.Length);
        if (file is null)
        {
            refusal = new Refusal(ImportRules.LastListMissing,
                $"The last list \"{last.Signed.Crl}\", number {last.Signed.Number}, is on no record stick.",
                $"Copy it from the bundle of its ceremony (crls/{last.Signed.Crl}-{last.Signed.Number}.crl) to the import stick. "
                    + "Without it nobody knows what must stay on the next one.");
            return false;
        }
        using var sort = new RevocationSort(Scratch);
        if (!RevocationFile.TryRead(file, RevocationFormat.Crl, sort, out RevocationFileFacts? facts, out IReadOnlyList<RowError> errors,
            signers: Signers(plan, delegator: null)))
        {
            refusal = errors[0].Refusal;
            return false;
        }
        refusal = CrlChain.CheckIssuer(plan, facts.Crl!);
        return refusal is null && sort.TryFinish(out sorted, out refusal);
    }

    private bool TryAdditions(ImmutableArray<RevocationSource> files, ImmutableArray<TypedRevocation> typed,
        [NotNullWhen(true)] out SortedRevocations? sorted, [NotNullWhen(false)] out Refusal? refusal)
    {
        sorted = null;
        using var sort = new RevocationSort(Scratch);
        foreach (RevocationSource wanted in files)
        {
            if (!TryRead(wanted.Name, wanted.Notation, sort, out RevocationFileFacts? facts, out refusal))
                return false;
            if (Convert.ToHexStringLower(facts.Sha256.Span) != wanted.Sha256)
            {
                refusal = new Refusal(ImportRules.OtherFile, $"\"{wanted.Name}\" is not the file that was read before.",
                    "Bring the stick with the right one, or start over with this list.");
                return false;
            }
        }
        foreach (TypedRevocation t in typed.Where(t => !IsRelease(t)))
            sort.Add(new Revocation(Serial(t), t.Revoked,
                RevocationReasons.TryParse(t.Reason, out RevocationReason? reason) ? reason : null, t.Invalidity));
        return sort.TryFinish(out sorted, out refusal);
    }

    /// <summary>Under whose keys a list that ML-DSA signs is judged: it passes by once, and nobody can ask afterwards.</summary>
    private static ImmutableArray<ParsedCertificate> Signers(CrlPlan plan, ParsedCertificate? delegator) =>
        delegator is null ? [plan.Issuer] : [plan.Issuer, delegator];

    /// <param name="signers">Left out: who signed a list was asked when it was chosen.</param>
    private bool TryRead(string name, string? notation, RevocationSort sort, [NotNullWhen(true)] out RevocationFileFacts? facts,
        [NotNullWhen(false)] out Refusal? refusal, IReadOnlyList<ParsedCertificate>? signers = null)
    {
        facts = null;
        if (!imports.TryOpenRevocations(name, out FileStream? opened, out refusal))
            return false;
        using FileStream file = opened;
        Span<byte> first = stackalloc byte[RevocationFile.EnoughToTell];
        if (FormatOf(file, first, out int read) is not { } format)
        {
            refusal = RevocationFile.Unknown(first[..read]);
            return false;
        }
        if (RevocationFile.TryRead(file, format, sort, out facts, out IReadOnlyList<RowError> errors,
            notation ?? SerialNotation.Hex, signers))
        {
            refusal = null;
            return true;
        }
        refusal = errors[0].Refusal with
        {
            // A list has no lines; of a whole row, or of the text, the sentence itself says which line it is.
            Message = string.Join(' ', errors.Take(MaxErrors).Select(e => e.Line == 0 || e.Column == 0 ? e.Refusal.Message
                    : string.Create(CultureInfo.InvariantCulture, $"Line {e.Line}, column {e.Column}: {e.Refusal.Message}")))
                + (errors.Count > MaxErrors ? $" And {errors.Count - MaxErrors} more." : ""),
        };
        return false;
    }

    private static RevocationFormat? FormatOf(FileStream file, Span<byte> first, out int read)
    {
        read = file.ReadAtLeast(first, first.Length, throwOnEndOfStream: false);
        file.Position = 0;
        return RevocationFile.Detect(first[..read]);
    }

    private static List<Removal> Releases(ImmutableArray<TypedRevocation> typed) =>
        [.. typed.Where(IsRelease).Select(t => new Removal(Serial(t), RemovalCause.HoldReleased))];

    private static bool IsRelease(TypedRevocation t) => t.Reason == RevocationReasons.NameOf(RevocationReason.RemoveFromCrl);

    private static RevokedSerial Serial(TypedRevocation t) => RevokedSerial.TryParse(t.Serial, out RevokedSerial serial) ? serial
        : throw new System.Diagnostics.UnreachableException($"the journal holds the serial {t.Serial}");

    /// <summary>The names of this ledger's certificates that the list takes back.</summary>
    private static ImmutableArray<string> Known(CeremonyState s, string crl, ParsedCertificate issuer,
        SortedRevocations before, SortedRevocations additions, ImmutableArray<TypedRevocation> typed)
    {
        var issued = new Dictionary<RevokedSerial, string>();
        // In the first two formats what a delegated signer takes back was not known.
        if (s.Format >= JournalFormats.Compared)
            issued = new(IssuedSerials.Of(s.World, s.Script.Steps.OfType<PreviewCrlStep>().Last(p => p.Crl == crl).Issuer).Names);
        else
            foreach (CertificateFact c in s.World.Certificates.Values)
                if (c.Parsed.ToBeSigned.Issuer.Equals(issuer.ToBeSigned.Subject)
                    && RevokedSerial.TryFromContent(c.Parsed.ToBeSigned.Serial.Span, out RevokedSerial serial))
                    issued[serial] = c.Signed.Certificate;
        foreach (TypedRevocation released in typed.Where(IsRelease))
            issued.Remove(Serial(released));
        return issued.Count == 0 ? []
            : [.. before.Entries().Concat(additions.Entries()).Where(r => issued.ContainsKey(r.Serial))
                .Select(r => issued[r.Serial]).Distinct().Order(StringComparer.Ordinal)];
    }

    private static string DclRecord(CeremonyState s, PreviewCrlStep step) =>
        CrlPlanning.TryDclRecord(s.World, step, out string record, out Refusal? refusal) ? record : throw new CeremonyException(refusal);

    private static string Name(RevocationFormat format) => format switch
    {
        RevocationFormat.Csv => "csv",
        RevocationFormat.OpenSslIndex => "index.txt",
        RevocationFormat.Crl => "crl",
        _ => throw new System.Diagnostics.UnreachableException($"{format}"),
    };

    private Stream Scratch() => ScratchFiles.NewIn(temporaryDirectory);

    private string NewName(string what) =>
        Path.Combine(temporaryDirectory, $"keyceremony-{what}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}");

    private void Forget()
    {
        if (_spool is not null)
            File.Delete(_spool);
        (_last, _spool) = (null, null);
    }

    private sealed record Written(PreparedCrl Prepared, string Spool, int Room, CrlLintReport Lint, ImmutableArray<string> Known);

    private sealed class Telling(Action<long> tell) : IProgress<long>
    {
        public void Report(long value) => tell(value);
    }
}
