using System.Collections.Immutable;
using System.Globalization;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony.Steps;

/// <summary>
/// Batches of devices, as many as there are: each is read, compared with all that the ledger and the stick know, shown in
/// words and taken; then all of them are signed.
/// </summary>
internal static class Manifests
{
    private const string TakeId = "take";
    private const string MoreId = "more";
    private const string Another = "another";
    private const string Done = "done";

    public static Move Preview(CeremonyState s, PreviewManifestsStep step)
    {
        if (RefuseSigners(s) is { } refusal)
            return Tokens.Stop(s, refusal.Rule, refusal.Message, refusal.Remedy);
        int taken = s.Facts<BatchTaken>().Count();
        if (taken > 0 && s.Answer(Numbered(MoreId, taken)) is not Another)
            return s.Answer(Numbered(MoreId, taken)) is null ? new Ask(More(s, step, taken)) : Finished(s);
        // Whoever said that there is another batch and finds none goes on with those that are taken.
        ImmutableArray<Option> goOn = taken == 0 ? [] : [new Option(Done, "There is no other batch: go on")];
        string fileId = Numbered(Imports.FileId, taken + 1);
        ImmutableArray<EntryBody> round = s.Since(b => b is BatchTaken or Answered { Value: Imports.Again });
        if (round.OfType<ImportsFound>().LastOrDefault() is not { } stick)
            return new Perform(new LookForImports(ImportWords.Batch));
        if (round.Answer(fileId) is not { } file)
            return new Ask(WhichFile(s, stick, goOn) with { Id = fileId });
        if (file == Done || round.OfType<Answered>().Any(a => a is { Question: Imports.RefusedId, Value: Done }))
            return Finished(s);
        if (round.OfType<ImportRefused>().LastOrDefault() is { } refused)
            return new Ask(Imports.Refused(s, refused, [new Option(Imports.Again, "Choose another file"), .. goOn]));
        return round.OfType<BatchPreviewed>().LastOrDefault() is { } preview
            ? Look(s, round, preview)
            : new Perform(
                Imports.Chosen(round, file) is { } draft ? new ReadBatch(draft, s.Last.HashHex) : new ReadByCamera(ImportWords.Batch, ""));
    }

    public static Move Sign(CeremonyState s, SignManifestsStep step)
    {
        ImmutableArray<BatchFact> taken = Taken(s);
        if (taken.IsEmpty)
            return Tokens.Stop(s, CeremonyRules.NothingTaken, "No batch was taken in this ceremony.",
                "Nothing is signed that was not previewed and read.");
        if (taken.FirstOrDefault(b => b.Signed is null) is not { } next)
            return Room.Seen(s, Roles.Witness,
                "Every manifest is signed and was verified. Write the first words of each hash into the binder.",
                [.. TakenLines(taken), .. taken.SelectMany(
                    b => Evidence.Hash($"{b.Preview.BatchId}: SHA-256 of what is signed", b.Preview.StatementSha256).Insert(0, "")
                    .AddRange(b.Signed!.Signatures.Select(x => $"Signed by {x.Certificate}")).Add($"Second opinion: {b.Signed.Second}"))]);
        if (step.All.Select(signer => RefuseSigner(s, signer)).FirstOrDefault(r => r is not null) is { } refusal)
            return Tokens.Stop(s, refusal.Rule, refusal.Message, refusal.Remedy);
        return s.Pending is null && UnlikeByNow(s, next).FirstOrDefault() is { } what
            ? new Note(Room.Exception(s, CeremonyRules.FirmwareReleased, what))
            : new Perform(new SignManifest(next.Preview.BatchId, next.Preview.StatementSha256, new Names([.. step.All])));
    }

    /// <summary>What was brought and is not signed is told to the witness, as a request is. Not in the first three formats.</summary>
    private static Move Finished(CeremonyState s)
    {
        ImmutableArray<string> open = [];
        foreach (Entry entry in s.SoFar)
            open = entry.Body switch
            {
                ImportRefused { File: not ("" or ImportWords.Camera) } refused => open.Remove(refused.File).Add(refused.File),
                BatchPreviewed read => open.Remove(read.File),
                _ => open,
            };
        return s.Format < JournalFormats.Prepared || open.IsEmpty
            || s.Facts<ExceptionRaised>().Any(x => x.Rule == CeremonyRules.ImportLeftOut)
            ? Room.Done
            : new Note(Room.Exception(s, CeremonyRules.ImportLeftOut,
                $"No manifest is signed today of what was to come from {string.Join(", ", open)}: it was refused."));
    }

    private static Move Look(CeremonyState s, ImmutableArray<EntryBody> round, BatchPreviewed preview)
    {
        if (Imports.Told(round, preview.BatchId, preview.File,
            new Imports.Found(preview.DraftSha256, "SHA-256 of the factory's statement", [], "factory")) is { } told)
            return new Ask(told);
        BatchStatement batch = BatchPlanning.Statement(preview);
        if (round.Answer(TakeId) is null)
            return new Ask(new Question(TakeId, Roles.Witness, 1,
                $"Is this batch \"{preview.BatchId}\", with {BatchWords.Devices(batch)} as on the delivery note?", AnswerKind.Choice,
                "Nothing is signed yet. Read all of it (F5), what is UNKNOWN and what is SUBSTITUTED before the rest.",
                Options: [new Option("take", "Yes, as shown"), new Option(Imports.Again, "No: choose another file")],
                Evidence: BatchWords.Lines(batch, preview)));
        if (round.Answer(ImportWords.ReadWhole) is null)
            return new Ask(new Question(ImportWords.ReadWhole, Roles.Witness, 1,
                "Read the whole statement, then type the first two words of its hash.", AnswerKind.Typed,
                "These are the bytes that will be signed: the factory's statement, and this ceremony's mark in it. "
                    + "So their hash is not the one that the factory sent.", Evidence.FirstWords(preview.StatementSha256),
                Evidence: [BatchWords.Title(batch), .. Evidence.Hash("SHA-256 of what is signed", preview.StatementSha256),
                    "", .. BatchWords.Lines(batch, preview)]));
        return Unlike(s, preview).FirstOrDefault() is { } what
            ? new Note(Room.Exception(s, CeremonyRules.FirmwareReleased, what))
            : new Note(new BatchTaken(preview.BatchId, preview.StatementSha256));
    }

    /// <summary>Images that are withdrawn, or of which the batch says something else than their release: each is an exception.</summary>
    private static IEnumerable<string> Unlike(CeremonyState s, BatchPreviewed preview) => BatchFindings.Unlike(preview)
        .Where(what => !s.Facts<ExceptionRaised>().Any(x => x.Rule == CeremonyRules.FirmwareReleased && x.What == what));

    /// <summary>What was withdrawn, or signed with a higher counter, since the batch was taken in this ceremony.</summary>
    private static IEnumerable<string> UnlikeByNow(CeremonyState s, BatchFact batch) => s.Format < JournalFormats.Accounted ? []
        : BatchFindings.Unlike(ReleasePlanning.Ledger(s.World), batch.Statement).Except(BatchFindings.Unlike(batch.Preview))
            .Where(what => !s.Facts<ExceptionRaised>().Any(x => x.Rule == CeremonyRules.FirmwareReleased && x.What == what));

    /// <summary>The next batch is asked for under another name, so that answers which were written down before fit each.</summary>
    private static string Numbered(string question, int number) =>
        number == 1 ? question : string.Create(CultureInfo.InvariantCulture, $"{question}/{number}");

    /// <summary>The batches that are to be signed in this ceremony, in the order in which they were taken.</summary>
    private static ImmutableArray<BatchFact> Taken(CeremonyState s) =>
        [.. s.World.Batches.Values.Where(b => b.IsTaken && b.Ceremony == s.Id).OrderBy(b => b.Seq)];

    private static IEnumerable<string> TakenLines(IEnumerable<BatchFact> taken) =>
        taken.Select(b => $"{BatchWords.Title(BatchPlanning.Statement(b.Preview))}, {Evidence.FirstWords(b.Preview.StatementSha256)}");

    /// <summary>Found before the first batch is read, unless this script makes the signer itself.</summary>
    public static Refusal? RefuseSigners(CeremonyState s) =>
        s.Script.Steps.OfType<SignManifestsStep>()
            .SelectMany(sign => sign.All.Select(signer => (Signer: signer, IsFirst: signer == sign.Signer)))
            .ExceptBy(s.Script.Steps.OfType<SignCertificateStep>().Select(c => c.Certificate), named => named.Signer)
            .Select(named => RefuseSigner(s, named.Signer) ?? (named.IsFirst ? RefuseFirst(s, named.Signer) : null))
            .FirstOrDefault(r => r is not null);

    /// <summary>The first signer also signs the CMS, which is for who has nothing but an openssl of today.</summary>
    private static Refusal? RefuseFirst(CeremonyState s, string signer) =>
        KeyAlgorithm.Of(s.World.Certificates[signer].Parsed.ToBeSigned.SubjectPublicKeyInfo.Span) is { IsMlDsa: true }
            ? new(CeremonyRules.NoManifestSigner, $"The first signer, \"{signer}\", is of ML-DSA, and the first signs the CMS as well.",
                "Name the classical signer in signer, and this one in co-signers.")
            : null;

    private static Refusal? RefuseSigner(CeremonyState s, string signer)
    {
        if (s.World.Certificates.GetValueOrDefault(signer) is not { } known
            || s.World.KeyIn(known) is not { Generated.Purpose: KeyPurposes.Manifest } key)
            return new(CeremonyRules.NoManifestSigner, $"The ledger has no manifest key with a certificate \"{signer}\".",
                "Make one with the script manifest-key.md.");
        if (Signers.RefuseGone(s, signer, known, "Make a new manifest key, and name its certificate in the script.") is { } gone)
            return gone;
        if (known.Parsed.ToBeSigned.NotAfter.Value is var end && end < s.Last.Utc)
            return new(CeremonyRules.NoManifestSigner, $"The certificate \"{signer}\" ran out on {end:yyyy-MM-dd HH:mm:ss} UTC.",
                "Make a new manifest key, and name its certificate in the script.");
        // Not yet valid, or of another purpose: before the third format that was found by whoever verified the batch.
        if (s.Format >= JournalFormats.Compared && Unfit(s, known) is { } why)
            return new(CeremonyRules.NoManifestSigner, $"The certificate \"{signer}\" {why}.",
                "Look at the clock, or name the certificate of the manifest key in the script.");
        return key.Serial == s.World.Primary?.Commissioned.Serial ? null
            : new(CeremonyRules.IssuerElsewhere, $"The key of \"{signer}\" is not in this HSM.",
                "Make a new manifest key here: it has no backup.");
    }

    private static string? Unfit(CeremonyState s, CertificateFact known) =>
        Signers.Why(known.Parsed, KeyUsages.DigitalSignature, s.Last.Utc)
            ?? (known.Parsed.ToBeSigned.BasicConstraints is { IsCa: true } ? "is an authority's"
            : known.Parsed.ToBeSigned.ExtendedKeyUsage is not null ? "is for another purpose: it has an extKeyUsage" : null);

    private static Question WhichFile(CeremonyState s, ImportsFound stick, ImmutableArray<Option> goOn)
    {
        Question which = Imports.WhichFile(s, stick, "Which file is the statement of the batch?", goOn);
        return which with
        {
            Help = "It is what `keyceremony manifest build` wrote. Nothing is changed on the stick.",
            Evidence =
            [
                .. Taken(s) is { IsEmpty: false } taken ? TakenLines(taken).Prepend("Taken already:").Append("") : [], which.Evidence[0],
                "Its name ends in .statement.json. The files that it names are read where they lie beside it.",
            ],
        };
    }

    private static Question More(CeremonyState s, PreviewManifestsStep step, int taken) => new(Numbered(MoreId, taken), step.By, 1,
        taken == 1 ? "One batch is taken. Is there another one?" : $"{taken} batches are taken. Is there another one?", AnswerKind.Choice,
        "Each gets a statement and signatures of its own.",
        Options: [new Option(Done, "No: go on"), new Option(Another, "Yes: read the next batch")], Evidence: [.. TakenLines(Taken(s))]);
}
