using System.Collections.Immutable;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Requests;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony.Steps;

/// <summary>
/// What comes in on the import stick: a file is chosen, read strictly, and its hash compared with what its owner sent by
/// another way. A bad file is refused and another one chosen, or the ceremony goes on without it.
/// </summary>
internal static class Imports
{
    public const string FileId = "file";
    public const string Again = "again";
    private const string LeaveOut = "leave-out";
    public const string RefusedId = "refused";
    private const string TakeId = "take";
    private const string HowToldId = "told";
    private const string TypeIt = "type";

    private static readonly Option ByCamera = new(ImportWords.Camera, "Read it by camera");

    public static Move Request(CeremonyState s, ImportRequestStep step)
    {
        if (s.World.Requests.TryGetValue(step.Request, out RequestFact? used) && s.World.Certificates.ContainsKey(step.Request)
            && used.Ceremony != s.Id)
            return Tokens.Stop(s, CeremonyRules.ImportNameUsed, $"This ledger already has a request \"{step.Request}\".",
                "Use another name in the script.");
        if (RefuseKeyName(s, step.Request) is { } taken)
            return Tokens.Stop(s, taken.Rule, taken.Message, taken.Remedy);
        return Import(s, ImportWords.Request, step.Request, file => new ReadRequest(step.Request, file), body => body is RequestRead r
            ? new Found(r.Sha256, "SHA-256 of the request", Describe(s, r)) : null);
    }

    public static Move Certificate(CeremonyState s, ImportCertificateStep step)
    {
        if (s.World.Certificates.ContainsKey(step.Certificate))
            return Tokens.Stop(s, CeremonyRules.ImportNameUsed, $"This ledger already has a certificate \"{step.Certificate}\".",
                "Use another name in the script.");
        if (RefuseKeyName(s, step.Certificate) is { } taken)
            return Tokens.Stop(s, taken.Rule, taken.Message, taken.Remedy);
        return Import(s, ImportWords.Certificate, step.Certificate, file => new ReadCertificate(step.Certificate, file),
            body => body is CertificateImported c
            ? new Found(c.Sha256, "SHA-256 of the certificate",
                [.. Warned(s, c), .. Certificates.Describe(Convert.FromBase64String(c.Der), whole: true)])
            : null);
    }

    /// <summary>What is certified under the name of a key would be taken for that key's.</summary>
    private static Refusal? RefuseKeyName(CeremonyState s, string name) =>
        s.Format >= JournalFormats.Accounted && s.World.Keys.ContainsKey(name)
            ? new(CeremonyRules.ImportNameUsed, $"This ledger has a key \"{name}\".", "Use another name in the script.") : null;

    /// <summary>The key counts once the witness has compared its hash.</summary>
    public static Move Builder(CeremonyState s, ImportBuilderStep step)
    {
        if (s.Latest<BuilderKnown>() is not null)
            return Room.Done;
        Move move = Import(s, ImportWords.Builder, step.Builder, file => new ReadBuilder(step.Builder, file),
            body => body is BuilderRead b ? new Found(b.Sha256, "SHA-256 of the builder's key in DER", Known(s, b), "owner",
                "From now on a release needs no other word of this builder than one under this key.") : null);
        return move == Room.Done && !IsLeftOut(s, step.Builder) && s.Latest<BuilderRead>() is { } read
            ? new Note(new BuilderKnown(read.Builder, read.Sha256, read.Spki))
            : move;
    }

    private static ImmutableArray<string> Known(CeremonyState s, BuilderRead read) =>
        s.World.Builders.GetValueOrDefault(read.Builder) is { } before
            ? [$"\"{read.Builder}\" has had another key until now:", .. Evidence.Hex(before.Sha256)]
            : [$"\"{read.Builder}\" is new: this ledger knows {s.World.Builders.Count} other builders."];

    // No entry: what the certificate and the script say is in the journal, and nothing is refused for it.
    private static IEnumerable<string> Warned(CeremonyState s, CertificateImported imported)
    {
        if (!CertificateReader.TryReadCertificate(Convert.FromBase64String(imported.Der), out ParsedCertificate? certificate, out _))
            return [];
        IEnumerable<string> wider = s.Script.Steps.OfType<PreviewCertificateStep>()
            .Where(p => p.Source == KeySource.Existing && p.Key == imported.Certificate)
            .SelectMany(p => CrossScope.Warnings(certificate.ToBeSigned, p, CertificatePlan.EndAfter(s.Last.Utc, p.Days))
                .Concat(CrossScope.NoPath(certificate.ToBeSigned) is { } none ? [none] : []))
            .Select(said => $"! {CeremonyRules.CrossIsWider}: {said}");
        string? twin = CaNames.RolledOver(s, imported.Certificate, certificate);
        return wider.Concat(twin is null ? [] : [$"! {CeremonyRules.NameOfAnotherKey}: {twin}"]).Distinct();
    }

    public static bool IsLeftOut(CeremonyState s, string subject) => s.World.LeftOut.Contains((s.Id, subject));

    /// <summary>The files of the stick as options, and what else can be done.</summary>
    public static Question WhichFile(CeremonyState s, ImportsFound found, string prompt, params ImmutableArray<Option> others)
    {
        ImmutableArray<Option> ways = [new Option(Again, "Look at the stick again"),
            .. found.Cameras > 0 ? [ByCamera] : ImmutableArray<Option>.Empty, .. others];
        // A file with the name of another choice would be chosen in its place.
        ImmutableArray<FoundFile> files = [.. found.Files.Where(f => ways.All(w => w.Key != f.Name))];
        int ignored = found.Ignored + found.Files.Length - files.Length;
        bool isFolder = found.Wanted == ImportWords.Release;
        string what = isFolder ? "folder" : "file";
        return new Question(FileId, s.Step!.By, 1, prompt, AnswerKind.Choice,
            "Only regular files of a fitting size and with plain names are shown. Nothing is changed on the stick.",
            Options: [.. files.Select(f => new Option(f.Name,
                $"{f.Name}  ({(isFolder ? "its release.yaml: " : "")}{f.Length:N0} bytes)")), .. ways],
            Evidence: [files.Length switch { 0 => $"No {what} in the root of the import stick could be it.",
                1 => $"1 {what} on the stick could be it.", var n => $"{n} {what}s on the stick could be it." },
                .. ignored switch { 0 => ImmutableArray<string>.Empty, 1 => ["1 other thing is not shown and not touched."], _ =>
                    [$"{ignored} other things are not shown and not touched."] }]);
    }

    /// <summary>The file that was chosen, or that the camera brought; null while codes have to be read.</summary>
    public static string? Chosen(ImmutableArray<EntryBody> round, string answer) =>
        answer == ImportWords.Camera ? round.OfType<FileReceived>().LastOrDefault()?.File : answer;

    /// <param name="fact">What the screen shows of the fact that the reading left, or null for another entry.</param>
    public static Move Import(CeremonyState s, string kind, string subject, Func<string, Effect> read, Func<EntryBody, Found?> fact)
    {
        if (s.Latest<LeftOut>() is not null)
            return Room.Done;
        ImmutableArray<EntryBody> round = s.Since(EndsRound);
        if (round.OfType<ImportsFound>().LastOrDefault() is not { } stick)
            return new Perform(new LookForImports(kind));
        if (round.Answer(RefusedId) == LeaveOut || round.Answer(FileId) == LeaveOut)
            return GoOnWithout(s, kind, subject);
        if (round.Answer(FileId) is not { } answer)
            return new Ask(WhichFile(s, stick, $"Which file is the {kind} \"{subject}\"?", Without(kind)));
        if (round.OfType<ImportRefused>().LastOrDefault() is { } refused)
            return new Ask(Refused(s, refused, new Option(Again, "Choose another file"), Without(kind)));
        if (Chosen(round, answer) is not { } file)
            return new Perform(new ReadByCamera(kind, subject));
        if (round.Select(fact).OfType<Found>().LastOrDefault() is not { } found)
            return new Perform(read(file));
        if (Told(round, subject, file, found) is { } told)
            return new Ask(told);
        return round.Answer(TakeId) is null
            ? new Ask(new Question(TakeId, Roles.Witness, 1, $"The hash is the one its owner sent. Is this the {kind} \"{subject}\"?",
                AnswerKind.Choice,
                found.Help ?? "Nothing is signed yet. The certificate is previewed with names from the script, never from the request.",
                Options: [new Option("take", "Take it"), new Option(Again, "Choose another file")],
                Evidence: [$"File {file}", .. Evidence.Hash(found.HashTitle, found.Sha256), "", .. found.Lines]))
            : Room.Done;
    }

    /// <summary>The hash that came by another way is typed, or compared by the witness.</summary>
    public static Question? Told(ImmutableArray<EntryBody> round, string subject,
        string file, Found found) => round.Answer(HowToldId) switch
        {
            null => new Question(HowToldId, Roles.Witness, 1,
                $"The {found.Owner} of \"{subject}\" sent the {found.HashTitle} by another way: on paper or by telephone. "
                    + "How is it compared?",
                AnswerKind.Choice,
                "A stick that was exchanged brings its own hash along: only what came by another way proves anything.",
                Options: [new Option(TypeIt, "We type it; the appliance compares"),
                new Option("compare", "The witness compares it with the screen"),
                new Option(Again, "It is another file: choose again")],
                Evidence: [$"File {file}"]),
            TypeIt when round.Answer(ImportWords.ToldHash) is null => new Question(ImportWords.ToldHash,
                Roles.Witness, 1, $"Type the {found.HashTitle} that its {found.Owner} sent, in words or in hex.", AnswerKind.ToldHash,
                "The screen does not show it before. Blanks, colons and capitals do not count. "
                    + "If it stays another one, undo (F2) and choose another file.", found.Sha256, Evidence: [$"File {file}"]),
            not TypeIt when round.Answer(ImportWords.Compared) is null => new Question(ImportWords.Compared, Roles.Witness,
                1, $"Compare every word (F5 shows all) with what its {found.Owner} sent, then type the first two words.", AnswerKind.Typed,
                $"If one word differs, the file is not its {found.Owner}'s: undo (F2), choose another file, and report it (F4).",
                Evidence.FirstWords(found.Sha256), Evidence: [$"File {file}", .. Evidence.Hash(found.HashTitle, found.Sha256)]),
            _ => null,
        };

    public static Question Refused(CeremonyState s, ImportRefused refused, params ImmutableArray<Option> ways) => new(RefusedId,
        s.Step!.By, 1,
        NothingOf(refused), AnswerKind.Choice, "Tell its owner the rule and the remedy: the handbook explains each under its ID.",
        Options: ways,
        Evidence: [$"{refused.Rule} {refused.Message}", refused.Remedy],
        Blocked: new Refusal(refused.Rule, refused.Message, refused.Remedy));

    public static string NothingOf(ImportRefused refused) =>
        refused.File == ImportWords.Camera ? "Nothing came by camera." : $"{refused.File} is refused. Nothing of it was taken.";

    private static Option Without(string kind) => new(LeaveOut, $"Go on without this {kind}: an exception");

    private static Move GoOnWithout(CeremonyState s, string kind, string subject) =>
        s.Facts<ExceptionRaised>().Any(x => x.Rule == CeremonyRules.ImportLeftOut)
            ? new Note(new LeftOut(kind, subject))
            : new Note(Room.Exception(s, CeremonyRules.ImportLeftOut,
                $"The {kind} \"{subject}\" is not signed today: no file that could be taken was brought."));

    /// <summary>A person chose to start over.</summary>
    private static bool EndsRound(EntryBody body) =>
        body is Answered { Question: FileId or RefusedId or HowToldId or TakeId, Value: Again };

    private static ImmutableArray<string> Describe(CeremonyState s, RequestRead r) =>
        RequestFile.TryRead(Convert.FromBase64String(r.Content), out RequestFile? request, out _, s.Format >= JournalFormats.Accounted)
        ? [.. Appliance.Lines(r.Findings), "", .. request.Describe().SelectMany(l => new[] { l.Label, $"  {l.Value}" })]
        : Appliance.Lines(r.Findings);

    /// <param name="Owner">Who sent the hash by another way.</param>
    /// <param name="Help">What taking it means; null: what it means for a certificate.</param>
    public sealed record Found(string Sha256, string HashTitle, ImmutableArray<string> Lines, string Owner = "owner", string? Help = null);
}
