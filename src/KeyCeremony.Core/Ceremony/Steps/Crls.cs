using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
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
    private const string TimeDigits = "yyyyMMddHHmmss";
    private const string EnterId = "enter";
    private const string RefusedId = "refused";
    private const string NotationId = "notation";
    private const string Back = "back";
    private const string Drop = "drop";
    private const string Keep = "keep";

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
        ImmutableArray<EntryBody> round = s.Since(EndsInput);
        if (round.OfType<CrlPreviewed>().LastOrDefault() is { } preview)
            return Look(s, step, preview);
        return round.Answer(MoreId) switch
        {
            null => new Ask(More(s, step, since)),
            Done when round.OfType<ImportRefused>().LastOrDefault() is { } refused => Decide("The list cannot be written.", Ways(s),
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
        // What was previewed weeks ago may be signed by nobody any more. An attempt that is open has signed already.
        if (s.Pending is null && RefuseSigner(s, preview.Previewed.Issuer) is { } unfit)
            return Tokens.Stop(s, unfit.Rule, unfit.Message, unfit.Remedy);
        KeyFact signer = s.World.Keys[s.World.Certificates[preview.Previewed.Issuer].Signed.Key];
        return new Perform(new SignCrl(step.Crl, signer.CkaId, signer.Generated.Algorithm, preview.Previewed.TbsSha256));
    }

    /// <summary>A time of digits alone, as the clock is typed, is written as every other one; anything else stays as it is.</summary>
    public static string Spelled(CeremonyState s, Question q, string value) =>
        s.Step is PreviewCrlStep && q.Id is RevokedId or InvalidityId && value.Length == TimeDigits.Length && value.All(char.IsAsciiDigit)
            && DateTime.TryParseExact(value, TimeDigits, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime time)
                ? time.ToString(Answers.UtcForm, CultureInfo.InvariantCulture) : value;

    public static Refusal? Check(CeremonyState s, Question q, string value, DateTimeOffset utc)
    {
        if (s.Step is not PreviewCrlStep)
            return null;
        // Digits only are refused when people have said what they are.
        if (q.Id == SerialId && IsUnclear(s, value) && SerialNotation.TryRead(value, SerialNotation.Decimal, out _))
            return null;
        if (q.Id == NotationId && s.Answer(MoreId) == ByHand && value != Back)
            return SerialNotation.TryRead(s.Answer(SerialId) ?? "", value, out RevokedSerial said)
                ? AlreadyTyped(s, said.ToString()) ?? Own(s, said) : null;
        if (q.Id == SerialId)
            return !RevokedSerial.TryParse(value, out RevokedSerial serial)
                ? new(CeremonyRules.NotASerial, "That is no serial number.",
                    "Type it in hex, as certificates show it: at most 20 bytes, not zero.")
                : AlreadyTyped(s, serial.ToString()) ?? Own(s, serial);
        if (q.Id == ReasonId)
            return NothingToRelease(s, value);
        if (q.Id is not (RevokedId or InvalidityId) || value.Length == 0)
            return null;
        if (!Answers.TryUtc(value, out DateTimeOffset time))
            return new(CeremonyRules.NotInForm, $"\"{value}\" is not a time.",
                $"Type it as {Answers.UtcForm}, for example 2026-11-22 18:30:00; its digits alone will do.");
        return time > utc
            ? new(CeremonyRules.InTheFuture, $"{value} UTC lies in the future.", "A list says what happened: type a time that has passed.")
            : q.Id == RevokedId ? TooEarly(s, time) : null;
    }

    private static Refusal? AlreadyTyped(CeremonyState s, string serial) => CrlPlanning.Inputs(s).Typed.Any(t => t.Serial == serial)
        ? new(CeremonyRules.TypedTwice, $"The serial {serial} was typed before.",
            "Type another one. If the first was wrong, finish the list and choose to start over.")
        : null;

    private static Refusal? Own(CeremonyState s, RevokedSerial serial) =>
        s.Format >= JournalFormats.Compared && s.Step is PreviewCrlStep step
            ? IssuedSerials.Of(s.World, step.Issuer).CheckOwn(serial)
            : null;

    private static Refusal? TooEarly(CeremonyState s, DateTimeOffset revoked) =>
        s.Format >= JournalFormats.Compared && s.Step is PreviewCrlStep step && Chosen(s, s.Since(EndsInput)) is { } serial
            ? IssuedSerials.Of(s.World, step.Issuer).CheckDate(serial, revoked)
            : null;

    /// <summary>REVOKE-05, as far as the journal knows it: what stands on no list cannot be taken off.</summary>
    private static Refusal? NothingToRelease(CeremonyState s, string reason)
    {
        if (s.Format < JournalFormats.Compared || reason != RevocationReasons.NameOf(RevocationReason.RemoveFromCrl)
            || s.Step is not PreviewCrlStep step || Chosen(s, s.Since(EndsInput)) is not { } serial)
            return null;
        CrlFact? last = s.World.Crls.GetValueOrDefault(step.Crl);
        string? name = IssuedSerials.Of(s.World, step.Issuer).NameOf(serial);
        return last is null or { Preview.Entries: 0 } || name is not null && !last.Preview.Certificates.Contains(name)
            ? CrlRules.Removal.Refuse($"{serial} is not on the last list: it cannot be taken off.",
                "Choose the reason for which it is revoked; or take the serial back (F2) and type the one that is on hold.")
            : null;
    }

    /// <summary>The serial that is being entered; null while it is not known.</summary>
    private static RevokedSerial? Chosen(CeremonyState s, ImmutableArray<EntryBody> round)
    {
        string? which = round.Answer(MoreId);
        if (which is null or Done or FromFile)
            return null;
        string? text = which.StartsWith(CertificatePrefix, StringComparison.Ordinal)
            ? SerialOf(s.World.Certificates[which[CertificatePrefix.Length..]]) : round.Answer(SerialId);
        string notation = which == ByHand && text is not null && IsUnclear(s, text)
            ? round.Answer(NotationId) ?? "" : SerialNotation.Hex;
        return text is not null && notation.Length > 0 && SerialNotation.TryRead(text, notation, out RevokedSerial serial) ? serial : null;
    }

    private static bool IsUnclear(CeremonyState s, string typed) => s.Format >= JournalFormats.Compared && SerialNotation.IsUnclear(typed);

    public static Refusal? Refuse(CeremonyState s, PreviewCrlStep step)
    {
        // A revoked CA still says what else it takes back.
        if (Certificates.RefuseIssuer(s, step.Issuer) is { } issuer && issuer.Rule != CeremonyRules.IssuerRevoked)
            return issuer;
        // Before anything is read or typed for a list that could not be signed.
        if ((RefuseSigner(s, step.Issuer) ?? RefusePlan(s, step)) is { } unfit)
            return unfit;
        if (s.World.Crls.Values.FirstOrDefault(c => c.Signed.Crl == step.Crl && c.Signed.Issuer != step.Issuer) is { } other)
            return new(CeremonyRules.SeriesTaken, $"The list \"{step.Crl}\" belongs to the issuer \"{other.Signed.Issuer}\".",
                "Use another name in the script.");
        CrlFact? beside = s.World.Crls.Values.FirstOrDefault(c => c.Signed.Issuer == step.Issuer
            && c.Signed.Crl != step.Crl && (!step.IsPartitioned || !c.Preview.IsPartitioned));
        return beside is null ? null : new(CeremonyRules.SeriesTaken,
            $"The issuer \"{step.Issuer}\" already has the list \"{beside.Signed.Crl}\", which covers every certificate "
                + "or would be covered by this one.", "Go on with that list: two that overlap hide revocations from some software.");
    }

    /// <summary>Whether the list's signer may sign today: a CA also when it is revoked, its delegate not.</summary>
    private static Refusal? RefuseSigner(CeremonyState s, string signer) =>
        s.Format >= JournalFormats.Compared && s.World.Certificates[signer] is { Parsed.ToBeSigned.BasicConstraints: not { IsCa: true } }
            && s.World.IsRevoked(signer)
            ? new(CeremonyRules.IssuerRevoked, $"The signer \"{signer}\" is revoked.",
                "Its CA signs the list itself, or certifies a new signer for it.")
            : Signers.Refuse(s, signer, KeyUsages.CrlSign);

    /// <summary>What the script's days and parts can break alone: the rules of a plan, and the dates of the chain.</summary>
    private static Refusal? RefusePlan(CeremonyState s, PreviewCrlStep step)
    {
        if (s.Format < JournalFormats.Compared)
            return null;
        CrlPlan plan = CrlPlanning.Plan(s.World, step, Number(s, step.Crl).ToString(CultureInfo.InvariantCulture),
            WholeSeconds(s.Last.Utc));
        return CrlPlanRules.Check(plan)
            ?? CrlChain.Check(plan, CrlPlanning.Link(s.World, step.Crl)).FirstOrDefault(r => r.Rule != CrlRules.Hole.Id);
    }

    /// <summary>A revocation or a file was taken or dropped, or everything was: what else is to be revoked is asked anew.</summary>
    private static bool EndsInput(EntryBody body) => body is RevocationEntered or RevocationsRead
        or Answered { Question: CrlPlanning.ListId, Value: CrlPlanning.StartOver or Keep }
        or Answered { Question: RefusedId } or Answered { Question: EnterId, Value: Drop }
        or Answered { Question: Imports.FileId or NotationId, Value: Back }
        || body is Answered { Question: CrlPlanning.ListId } a && a.Value.StartsWith(CrlPlanning.WithoutPrefix, StringComparison.Ordinal);

    private static Question More(CeremonyState s, PreviewCrlStep step, ImmutableArray<EntryBody> since)
    {
        CrlFact? last = s.World.Crls.GetValueOrDefault(step.Crl);
        ImmutableArray<EntryBody> given = CrlPlanning.Given(s);
        IssuedSerials? issued = s.Format < JournalFormats.Compared ? null : IssuedSerials.Of(s.World, step.Issuer);
        ImmutableArray<string> gathered =
        [
            .. given.OfType<RevocationsRead>().Select(Describe),
            .. given.OfType<RevocationEntered>().Select(r => Describe(r, issued)),
        ];
        ImmutableArray<string> refused = s.Format < JournalFormats.Compared ? [] : PassedOver(since);
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
                .. Revocable(s, step, given).Select(name => new Option(CertificatePrefix + name, $"Revoke the certificate \"{name}\"")),
            ],
            Evidence: [.. gathered.IsEmpty ? gathered : gathered.Insert(0, "To be added:"),
                .. refused.Select(file => $"Refused, and nothing of it is here: {file}"),
                last is null ? "This is the first list." : $"Last list: number {last.Signed.Number}, "
                    + $"{last.Preview.Entries:N0} entries, until {last.Preview.NextUpdate:yyyy-MM-dd HH:mm:ss} UTC",
                $"Number of the new one: {Number(s, step.Crl)}",
                .. given.OfType<RevocationsRead>().Where(r => !r.Findings.IsEmpty)
                    .SelectMany(r => Appliance.Lines(r.Findings).Insert(0, r.File).Insert(0, ""))]);
    }

    private static string Describe(RevocationsRead r) => $"{r.Revocations:N0} from {r.File} ({r.Format}"
        + $"{(r.Notation is null ? "" : $", serials in {r.Notation}")})"
        + (r.Serials is { } c ? $": {c.Known:N0} known to this ledger, {c.Serials - c.Known:N0} unknown" : "");

    private static string Describe(RevocationEntered r, IssuedSerials? issued) =>
        $"{r.Serial} {r.Reason}{(r.Certificate.Length == 0 ? Whose(r.Serial, issued) : $" ({r.Certificate})")}";

    private static string Whose(string serial, IssuedSerials? issued) =>
        issued is null || !RevokedSerial.TryParse(serial, out RevokedSerial parsed) ? ""
            : $" ({(issued.NameOf(parsed) is { } name ? $"certificate {name}" : "unknown to this ledger")})";

    /// <summary>Files that were refused, or whose notation nobody could say, and that were not read afterwards.</summary>
    private static ImmutableArray<string> PassedOver(ImmutableArray<EntryBody> since)
    {
        ImmutableArray<string> open = [];
        foreach (EntryBody body in since)
            open = body switch
            {
                // What the camera could not see is no file; a list that cannot be written names none.
                ImportRefused { File: not ("" or ImportWords.Camera) } r => open.Remove(r.File).Add(r.File),
                SerialsUnclear u => open.Remove(u.File).Add(u.File),
                RevocationsRead r => open.Remove(r.File),
                _ => open,
            };
        return open;
    }

    /// <summary>What can be done about a list that cannot be written, without typing all of it anew.</summary>
    private static ImmutableArray<Option> Ways(CeremonyState s) => s.Format < JournalFormats.Compared ? [OnlyStartOver] :
    [
        new Option(Keep, "Go back to what was read and typed"),
        .. CrlPlanning.Numbered(s).Select(g => new Option(CrlPlanning.Without(g.Place), $"Take out {(g.Body is RevocationsRead file
            ? $"what {file.File} brought" : $"{((RevocationEntered)g.Body).Serial} {((RevocationEntered)g.Body).Reason}")}")),
        OnlyStartOver,
    ];

    /// <summary>
    /// What the witness signs off when the list is approved: a file that was brought for it and is not on it, as a request that is not
    /// signed; what is revoked and was never issued, or as of a time before it began.
    /// </summary>
    private static Note? Exceptional(CeremonyState s, PreviewCrlStep step)
    {
        if (s.Format < JournalFormats.Compared)
            return null;
        ImmutableArray<EntryBody> given = CrlPlanning.Given(s);
        ImmutableArray<RevocationsRead> read = [.. given.OfType<RevocationsRead>()];
        ImmutableArray<RevokedSerial> typed = [.. given.OfType<RevocationEntered>()
            .Where(r => r.Reason != RevocationReasons.NameOf(RevocationReason.RemoveFromCrl))
            .Select(r => RevokedSerial.TryParse(r.Serial, out RevokedSerial serial) ? serial : default)];
        ImmutableArray<string> files = PassedOver(CrlPlanning.SinceStart(s));
        foreach ((string rule, string? what) in new[]
        {
            (CeremonyRules.ImportLeftOut, files.IsEmpty ? null
                : $"The list \"{step.Crl}\" is signed without what was to come from {string.Join(", ", files)}: it was refused."),
            (CrlRules.Unknown.Id, IssuedSerials.Of(s.World, step.Issuer).Unknown(read, typed)),
            (CrlRules.BeforeItBegan.Id, IssuedSerials.Early(read)),
        })
            if (what is not null && !IsRaised(s, rule, what))
                return new Note(Room.Exception(s, rule, what));
        return null;
    }

    private static bool IsRaised(CeremonyState s, string rule, string what) =>
        s.Facts<ExceptionRaised>().Any(x => x.Rule == rule && x.What == what);

    private static IEnumerable<string> Revocable(CeremonyState s, PreviewCrlStep step,
        ImmutableArray<EntryBody> since) => s.World.Certificates.Values
        .Where(c => (c.Preview.Issuer == step.Issuer || IsDelegators(s, step, c)) && c.Signed.Certificate != step.Issuer
            && !s.World.IsRevoked(c.Signed.Certificate) && since.OfType<RevocationEntered>().All(r => r.Serial != SerialOf(c)))
        .Select(c => c.Signed.Certificate).Order(StringComparer.Ordinal);

    /// <summary>A delegated signer takes back what its CA has issued.</summary>
    private static bool IsDelegators(CeremonyState s, PreviewCrlStep step, CertificateFact c) =>
        s.Format >= JournalFormats.Compared && CrlPlanning.Delegator(s.World, step) is not null
            && c.Preview.Issuer == s.World.Certificates[step.Issuer].Preview.Issuer && c.Signed.Certificate != c.Preview.Issuer;

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
        if (round.OfType<SerialsUnclear>().LastOrDefault() is { } unclear && round.Answer(NotationId) is null)
            return new Ask(HowWritten(step, unclear));
        return new Perform(Imports.Chosen(round, answer) is { } file
            ? new ReadRevocations(step.Crl, file, round.Answer(NotationId))
            : new ReadByCamera(ImportWords.Revocations, step.Crl));
    }

    private static Question HowWritten(PreviewCrlStep step, SerialsUnclear unclear) => Notation(step,
        $"All serials of {unclear.File} are digits only. How are they written?", "Ask whoever made the file.",
        unclear.First, unclear.AsHex is null ? "not all of them are serials" : Counts(unclear.AsHex), Counts(unclear.AsDecimal));

    private static string Counts(SerialCounts counts) =>
        $"{counts.Known:N0} of {counts.Serials:N0} are certificates that this ledger knows";

    /// <summary>Asks which of two numbers is meant, and shows both.</summary>
    private static Question Notation(PreviewCrlStep step, string prompt, string help, string digits, string asHex, string asDecimal)
    {
        bool isHex = SerialNotation.TryRead(digits, SerialNotation.Hex, out RevokedSerial hex);
        bool isDecimal = SerialNotation.TryRead(digits, SerialNotation.Decimal, out RevokedSerial number);
        return new Question(NotationId, step.By, 1, prompt, AnswerKind.Choice,
            $"Certificates and OpenSSL show hex; Go, Java and step-ca print decimal. Each reading is another certificate. {help}",
            Options: [.. isDecimal ? [new Option(SerialNotation.Decimal, "In decimal")] : ImmutableArray<Option>.Empty,
                .. isHex ? [new Option(SerialNotation.Hex, "In hex")] : ImmutableArray<Option>.Empty,
                new Option(Back, "Go back: nobody knows")],
            Evidence: [$"As it stands there  {digits}", $"Read as decimal     {(isDecimal ? number : "no serial")}", $"  {asDecimal}",
                $"Read as hex         {(isHex ? hex : "no serial")}", $"  {asHex}"]);
    }

    private static Move Type(CeremonyState s, PreviewCrlStep step, ImmutableArray<EntryBody> round, string certificate)
    {
        string? serial = certificate.Length == 0 ? round.Answer(SerialId) : SerialOf(s.World.Certificates[certificate]);
        IssuedSerials? issued = s.Format < JournalFormats.Compared ? null : IssuedSerials.Of(s.World, step.Issuer);
        if (serial is null)
            return new Ask(new Question(SerialId, step.By, 1, "Which serial number, in hex?",
                AnswerKind.Text, issued is null ? "As certificates show it; colons and blanks do not count."
                    : "As certificates show it; colons and blanks do not count. Digits alone may be decimal: that is asked."));
        string notation = SerialNotation.Hex;
        if (certificate.Length == 0 && IsUnclear(s, serial))
        {
            if (round.Answer(NotationId) is not { } said)
                return new Ask(Notation(step, $"{serial} is digits only. How is it written?", "", serial,
                    WhoseIs(serial, SerialNotation.Hex, issued), WhoseIs(serial, SerialNotation.Decimal, issued)));
            notation = said;
            serial = SerialNotation.TryRead(serial, notation, out RevokedSerial read) ? read.ToString() : serial;
        }
        ImmutableArray<string> lines =
        [
            .. certificate.Length == 0 ? [] : new[] { $"Certificate {certificate}" }, $"Serial  {serial}",
            .. certificate.Length > 0 || issued is null ? ImmutableArray<string>.Empty
                : [$"Read    in {notation}", $"Whose  {Whose(serial, issued)}"],
        ];
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

    private static string WhoseIs(string typed, string notation, IssuedSerials? issued) =>
        SerialNotation.TryRead(typed, notation, out RevokedSerial serial)
            ? Whose(serial.ToString(), issued).TrimStart()
            : "no serial number";

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

    private static Move Look(CeremonyState s, PreviewCrlStep step, CrlPreviewed preview)
    {
        // A small screen shows the first lines only: what is decided stands there, be it the difference or the hash.
        ImmutableArray<string> hash = [.. Evidence.Hash("SHA-256 of the to-be-signed bytes", preview.TbsSha256)];
        ImmutableArray<string> lines =
        [
            $"List {preview.Crl}, number {preview.Number}: what is different", .. preview.Difference,
            .. preview.Certificates.Select(c => $"On it, of this ledger: {c}"),
            .. s.Format < JournalFormats.Compared || preview.Entries == preview.Certificates.Length ? ImmutableArray<string>.Empty
                : [$"On it, unknown to this ledger: {preview.Entries - preview.Certificates.Length:N0} serials"],
            .. s.Format < JournalFormats.Compared ? [] : PassedOver(CrlPlanning.SinceStart(s)).Select(f => $"Not on it, refused: {f}"), "",
            $"This update {preview.ThisUpdate:yyyy-MM-dd HH:mm:ss} UTC", $"Next update {preview.NextUpdate:yyyy-MM-dd HH:mm:ss} UTC",
            .. Appliance.Lines(preview.Lint),
        ];
        if (preview.Lint.FirstOrDefault(f => f.Result == "fail") is { } failed)
            return Decide("The list does not pass its rules.", Ways(s), [.. lines, "", .. hash],
                new Refusal(failed.Id, failed.Text, "Start over, and give what it asks for."));
        ImmutableArray<EntryBody> shown = s.Since(b => b is CrlPreviewed);
        if (shown.Answer(CrlPlanning.ListId) is null)
            return Decide("Is this what is to be revoked, and nothing else?",
                [new Option("as-shown", "Yes, as shown"), .. s.Format < JournalFormats.Compared
                    ? [new Option(CrlPlanning.StartOver, "No: start over")] : Ways(s)], [.. lines, "", .. hash]);
        return shown.Answer("words") is null
            ? new Ask(new Question("words", Roles.Witness, 1,
                "Read the whole list's difference, then type the first two words of its hash.", AnswerKind.Typed,
                "These are the bytes that will be signed.", Evidence.FirstWords(preview.TbsSha256), Evidence: [.. hash, "", .. lines]))
            : Exceptional(s, step) ?? Room.Done;
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
