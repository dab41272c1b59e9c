using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki.Crl;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony.Steps;

/// <summary>
/// A revocation list: what is to be revoked is read or typed, one by one; the list is written and shown with its
/// difference to the one before; only then is it signed.
/// </summary>
internal static class Crls
{
    private const string MoreId = "more";
    private const string Done = "done";
    private const string FromFile = "file";
    private const string ByHand = "serial";
    private const string CertificatePrefix = "certificate/";
    private const string SerialId = "serial";
    private const string ReasonId = "reason";
    private const string RevokedId = "revoked";
    private const string InvalidityId = "invalidity";
    private const string EnterId = "enter";
    private const string RefusedId = "refused";
    private const string Back = "back";
    private const string Drop = "drop";

    private static readonly Option OnlyStartOver = new(CrlPlanning.StartOver, "Start over with this list");

    private static readonly ImmutableArray<Option> Reasons =
    [
        new("keyCompromise", "keyCompromise: the key may be in other hands"),
        new("cACompromise", "cACompromise: a CA's key may be in other hands"),
        new("affiliationChanged", "affiliationChanged: its name is no longer right"),
        new("superseded", "superseded: another certificate takes its place"),
        new("cessationOfOperation", "cessationOfOperation: it is no longer used"),
        new("certificateHold", "certificateHold: until it is released again"),
        new("privilegeWithdrawn", "privilegeWithdrawn: its owner may not use it"),
        new("removeFromCRL", "removeFromCRL: release a hold, off the list"),
    ];

    public static Move Preview(CeremonyState s, PreviewCrlStep step)
    {
        if (Refuse(s, step) is { } refusal)
            return Tokens.Stop(s, refusal.Rule, refusal.Message, refusal.Remedy);
        ImmutableArray<EntryBody> since = CrlPlanning.SinceStart(s);
        if (since.OfType<CrlPreviewed>().LastOrDefault() is { } preview)
            return Look(s, preview);
        ImmutableArray<EntryBody> round = s.Since(EndsInput);
        return round.Answer(MoreId) switch
        {
            null => new Ask(More(s, step, since)),
            Done when round.OfType<ImportRefused>().LastOrDefault() is { } refused => Decide("The list cannot be written.", [OnlyStartOver],
                [$"{refused.Rule} {refused.Message}", refused.Remedy], new Refusal(refused.Rule, refused.Message, refused.Remedy)),
            Done => Late(s, step)
                ?? new Perform(new PreviewCrl(step, Number(s, step.Crl).ToString(CultureInfo.InvariantCulture), WholeSeconds(s.Last.Utc))),
            FromFile => ReadFile(s, step),
            var which => Type(s, step, round,
                which.StartsWith(CertificatePrefix, StringComparison.Ordinal) ? which[CertificatePrefix.Length..] : ""),
        };
    }

    public static Move Sign(CeremonyState s, SignCrlStep step)
    {
        if (s.Latest<CrlSigned>() is { } signed)
            return Room.Seen(s, Roles.Witness, "The list is signed and was verified. Write the first words of its hash into the binder.",
                [$"List   {signed.Crl}, number {signed.Number}", $"Length {signed.Length:N0} bytes",
                    .. Evidence.Hash("SHA-256 of the list", signed.Sha256), $"Second opinion: {signed.Second}"]);
        if (s.World.CrlPreviews.GetValueOrDefault(step.Crl) is not { } preview || preview.Ceremony != s.Id)
            return Tokens.Stop(s, CeremonyRules.PreviewMissing, $"The list \"{step.Crl}\" was not previewed in this ceremony.",
                "Nothing is signed that was not previewed and linted.");
        if (Certificates.RefuseIssuer(s, preview.Previewed.Issuer) is { } refusal && refusal.Rule != CeremonyRules.IssuerRevoked)
            return Tokens.Stop(s, refusal.Rule, refusal.Message, refusal.Remedy);
        KeyFact signer = s.World.Keys[s.World.Certificates[preview.Previewed.Issuer].Signed.Key];
        return new Perform(new SignCrl(step.Crl, signer.CkaId, signer.Generated.Algorithm, preview.Previewed.TbsSha256));
    }

    public static Refusal? Check(CeremonyState s, Question q, string value, DateTimeOffset utc)
    {
        if (s.Step is not PreviewCrlStep)
            return null;
        if (q.Id == SerialId)
            return !RevokedSerial.TryParse(value, out RevokedSerial serial)
                ? new(CeremonyRules.NotASerial, "That is no serial number.",
                    "Type it in hex, as certificates show it: at most 20 bytes, not zero.")
                : AlreadyTyped(s, serial.ToString()) ?? Own(s, serial);
        if (q.Id is not (RevokedId or InvalidityId) || value.Length == 0)
            return null;
        if (!Answers.TryUtc(value, out DateTimeOffset time))
            return new(CeremonyRules.NotInForm, $"\"{value}\" is not a time.",
                $"Type it as {Answers.UtcForm}, for example 2026-11-22 18:30:00.");
        return time > utc
            ? new(CeremonyRules.InTheFuture, $"{value} UTC lies in the future.", "A list says what happened: type a time that has passed.")
            : null;
    }

    private static Refusal? AlreadyTyped(CeremonyState s, string serial) => CrlPlanning.Inputs(s).Typed.Any(t => t.Serial == serial)
        ? new(CeremonyRules.TypedTwice, $"The serial {serial} was typed before.",
            "Type another one. If the first was wrong, finish the list and choose to start over.")
        : null;

    private static Refusal? Own(CeremonyState s, RevokedSerial serial) =>
        s.Format >= JournalFormats.Compared && s.Step is PreviewCrlStep step
            ? CrlChain.CheckOwn(s.World.Certificates[step.Issuer].Parsed, serial)
            : null;

    public static Refusal? Refuse(CeremonyState s, PreviewCrlStep step)
    {
        // A revoked CA still says what else it takes back.
        if (Certificates.RefuseIssuer(s, step.Issuer) is { } issuer && issuer.Rule != CeremonyRules.IssuerRevoked)
            return issuer;
        if (s.World.Crls.Values.FirstOrDefault(c => c.Signed.Crl == step.Crl && c.Signed.Issuer != step.Issuer) is { } other)
            return new(CeremonyRules.SeriesTaken, $"The list \"{step.Crl}\" belongs to the issuer \"{other.Signed.Issuer}\".",
                "Use another name in the script.");
        CrlFact? beside = s.World.Crls.Values.FirstOrDefault(c => c.Signed.Issuer == step.Issuer
            && c.Signed.Crl != step.Crl && (!step.IsPartitioned || !c.Preview.IsPartitioned));
        return beside is null ? null : new(CeremonyRules.SeriesTaken,
            $"The issuer \"{step.Issuer}\" already has the list \"{beside.Signed.Crl}\", which covers every certificate "
                + "or would be covered by this one.", "Go on with that list: two that overlap hide revocations from some software.");
    }

    /// <summary>A revocation or a file was taken or dropped, or everything was: what else is to be revoked is asked anew.</summary>
    private static bool EndsInput(EntryBody body) => body is RevocationEntered or RevocationsRead
        or Answered { Question: CrlPlanning.ListId, Value: CrlPlanning.StartOver }
        or Answered { Question: RefusedId } or Answered { Question: EnterId, Value: Drop }
        or Answered { Question: Imports.FileId, Value: Back };

    private static Question More(CeremonyState s, PreviewCrlStep step, ImmutableArray<EntryBody> since)
    {
        CrlFact? last = s.World.Crls.GetValueOrDefault(step.Crl);
        ImmutableArray<string> gathered =
        [
            .. since.OfType<RevocationsRead>().Select(r => $"{r.Revocations:N0} from {r.File} ({r.Format})"),
            .. since.OfType<RevocationEntered>()
                .Select(r => $"{r.Serial} {r.Reason}{(r.Certificate.Length == 0 ? "" : $" ({r.Certificate})")}"),
        ];
        return new Question(MoreId, step.By, 1,
            gathered.IsEmpty ? "What is to be revoked?" : $"What else is to be revoked? {gathered.Length} entered so far.",
            AnswerKind.Choice,
            "What the last list holds stays on the next one; only a hold can be released. "
                + "Nothing is written before you say that it is all.",
            Options:
            [
                new Option(Done, gathered.IsEmpty ? "Nothing new: write the list" : "That is all: write the list"),
                new Option(FromFile, "Read a file: CSV, index.txt, or another list"),
                new Option(ByHand, "Type one serial number"),
                .. Revocable(s, step, since).Select(name => new Option(CertificatePrefix + name, $"Revoke the certificate \"{name}\"")),
            ],
            Evidence: [.. gathered.IsEmpty ? gathered : gathered.Insert(0, "To be added:"),
                last is null ? "This is the first list." : $"Last list: number {last.Signed.Number}, "
                    + $"{last.Preview.Entries:N0} entries, until {last.Preview.NextUpdate:yyyy-MM-dd HH:mm:ss} UTC",
                $"Number of the new one: {Number(s, step.Crl)}"]);
    }

    private static IEnumerable<string> Revocable(CeremonyState s, PreviewCrlStep step,
        ImmutableArray<EntryBody> since) => s.World.Certificates.Values
        .Where(c => c.Preview.Issuer == step.Issuer && c.Signed.Certificate != step.Issuer
            && !s.World.IsRevoked(c.Signed.Certificate) && since.OfType<RevocationEntered>().All(r => r.Serial != SerialOf(c)))
        .Select(c => c.Signed.Certificate).Order(StringComparer.Ordinal);

    private static Move ReadFile(CeremonyState s, PreviewCrlStep step)
    {
        ImmutableArray<EntryBody> round = s.Since(b => EndsInput(b) || b is Answered { Question: Imports.FileId, Value: Imports.Again });
        if (round.OfType<ImportsFound>().LastOrDefault() is not { } stick)
            return new Perform(new LookForImports(ImportWords.Revocations));
        if (round.Answer(Imports.FileId) is not { } answer)
            return new Ask(Imports.WhichFile(s, stick, "Which file lists the revocations?", new Option(Back, "Go back")));
        if (round.OfType<ImportRefused>().LastOrDefault() is { } refused)
            return new Ask(new Question(RefusedId, step.By, 1, Imports.NothingOf(refused), AnswerKind.Acknowledge,
                "Have the file mended, or choose another one. What was read or typed before stays.",
                Evidence: [$"{refused.Rule} {refused.Message}", refused.Remedy]));
        return new Perform(Imports.Chosen(round, answer) is { } file
            ? new ReadRevocations(step.Crl, file)
            : new ReadByCamera(ImportWords.Revocations, step.Crl));
    }

    private static Move Type(CeremonyState s, PreviewCrlStep step, ImmutableArray<EntryBody> round, string certificate)
    {
        string? serial = certificate.Length == 0 ? round.Answer(SerialId) : SerialOf(s.World.Certificates[certificate]);
        ImmutableArray<string> lines = [.. certificate.Length == 0 ? [] : new[] { $"Certificate {certificate}" }, $"Serial  {serial}"];
        if (serial is null)
            return new Ask(new Question(SerialId, step.By, 1, "Which serial number, in hex?",
                AnswerKind.Text, "As certificates show it; colons and blanks do not count."));
        if (round.Answer(ReasonId) is not { } reason)
            return new Ask(new Question(ReasonId, step.By, 1, "Why is it revoked?",
                AnswerKind.Choice, "The reason stands on the list for everybody.", Options: Reasons, Evidence: lines));
        if (reason != RevocationReasons.NameOf(RevocationReason.RemoveFromCrl))
        {
            if (round.Answer(RevokedId) is null)
                return new Ask(new Question(RevokedId, step.By, 1, $"When was it revoked? UTC, as {Answers.UtcForm}. Enter alone: now.",
                    AnswerKind.OptionalText, "The time of the order, not of this list.", Evidence: lines));
            if (round.Answer(InvalidityId) is null)
                return new Ask(new Question(InvalidityId, step.By, 1,
                    $"Since when is it not to be believed? UTC, as {Answers.UtcForm}. Enter alone: not known.", AnswerKind.OptionalText,
                    "The invalidity date: when the key was or may have been stolen. Signatures after it are worth nothing.",
                    Evidence: lines));
        }
        RevocationEntered entered = Entered(s, step, round, certificate, serial, reason);
        return round.Answer(EnterId) is null
            ? new Ask(new Question(EnterId, Roles.Witness, 1, "Is this right?", AnswerKind.Choice, "Undo takes the last answer back.",
                Options: [new Option("enter", "Put it on the list"), new Option(Drop, "Leave it out")],
                Evidence: [.. lines, $"Reason  {entered.Reason}", $"Revoked {entered.Revoked:yyyy-MM-dd HH:mm:ss} UTC",
                    $"Invalid since {(entered.Invalidity is { } since ? $"{since:yyyy-MM-dd HH:mm:ss} UTC" : "not known")}"]))
            : new Note(entered);
    }

    private static RevocationEntered Entered(CeremonyState s, PreviewCrlStep step,
        ImmutableArray<EntryBody> round, string certificate, string serial, string reason)
    {
        DateTimeOffset revoked = Answers.TryUtc(round.Answer(RevokedId) ?? "", out DateTimeOffset typed) ? typed
            : WholeSeconds(s.SoFar.Last(e => e.Body is Answered { Question: ReasonId or RevokedId }).Utc);
        _ = RevokedSerial.TryParse(serial, out RevokedSerial parsed);
        return new RevocationEntered(step.Crl, parsed.ToString(), revoked, reason,
            Answers.TryUtc(round.Answer(InvalidityId) ?? "", out DateTimeOffset since) ? since : null, certificate);
    }

    /// <summary>A list that comes after the last one ran out leaves a hole that cannot be closed afterwards, only owned up to.</summary>
    private static Move? Late(CeremonyState s, PreviewCrlStep step) =>
        s.World.Crls.GetValueOrDefault(step.Crl) is { } last && s.Last.Utc > last.Preview.NextUpdate
            && !s.Facts<ExceptionRaised>().Any(x => x.Rule == CrlRules.Hole.Id)
            ? new Note(Room.Exception(s, CrlRules.Hole.Id, $"The last list \"{step.Crl}\" "
                + $"ran out on {last.Preview.NextUpdate:yyyy-MM-dd HH:mm:ss} UTC. Since then no valid one exists."))
            : null;

    private static Move Look(CeremonyState s, CrlPreviewed preview)
    {
        // A small screen shows the first lines only: what is decided stands there, be it the difference or the hash.
        ImmutableArray<string> hash = [.. Evidence.Hash("SHA-256 of the to-be-signed bytes", preview.TbsSha256)];
        ImmutableArray<string> lines =
        [
            $"List {preview.Crl}, number {preview.Number}: what is different", .. preview.Difference,
            .. preview.Certificates.Select(c => $"On it, of this ledger: {c}"), "",
            $"This update {preview.ThisUpdate:yyyy-MM-dd HH:mm:ss} UTC", $"Next update {preview.NextUpdate:yyyy-MM-dd HH:mm:ss} UTC",
            .. Appliance.Lines(preview.Lint),
        ];
        if (preview.Lint.FirstOrDefault(f => f.Result == "fail") is { } failed)
            return Decide("The list does not pass its rules.", [OnlyStartOver], [.. lines, "", .. hash],
                new Refusal(failed.Id, failed.Text, "Start over, and give what it asks for."));
        ImmutableArray<EntryBody> shown = s.Since(b => b is CrlPreviewed);
        if (shown.Answer(CrlPlanning.ListId) is null)
            return Decide("Is this what is to be revoked, and nothing else?",
                [new Option("as-shown", "Yes, as shown"), new Option(CrlPlanning.StartOver, "No: start over")], [.. lines, "", .. hash]);
        return shown.Answer("words") is null
            ? new Ask(new Question("words", Roles.Witness, 1,
                "Read the whole list's difference, then type the first two words of its hash.", AnswerKind.Typed,
                "These are the bytes that will be signed.", Evidence.FirstWords(preview.TbsSha256), Evidence: [.. hash, "", .. lines]))
            : Room.Done;
    }

    private static Ask Decide(string prompt, ImmutableArray<Option> options, ImmutableArray<string> evidence,
        Refusal? blocked = null) => new(new Question(CrlPlanning.ListId, Roles.Witness, 1, prompt, AnswerKind.Choice,
        "Nothing is signed yet. Whoever starts over reads and types everything anew.",
        Options: options, Evidence: evidence, Blocked: blocked));

    private static BigInteger Number(CeremonyState s, string crl) => (CrlPlanning.Link(s.World, crl)?.Number ?? 0) + 1;

    /// <summary>As it is written when it is typed.</summary>
    private static string? SerialOf(CertificateFact known) =>
        RevokedSerial.TryFromContent(known.Parsed.ToBeSigned.Serial.Span, out RevokedSerial serial) ? serial.ToString() : null;

    private static DateTimeOffset WholeSeconds(DateTimeOffset utc) => DateTimeOffset.FromUnixTimeSeconds(utc.ToUnixTimeSeconds());
}
