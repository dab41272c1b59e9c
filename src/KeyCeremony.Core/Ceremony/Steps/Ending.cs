using System.Collections.Immutable;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony.Steps;

/// <summary>
/// A key ends: the witness's word makes it dead, its objects are destroyed in the HSM, and every copy that the journals know is answered
/// for, one after another. docs/decisions/0034.
/// </summary>
internal static class Ending
{
    private const string WhyId = "ends/why";
    private const string AlthoughId = "ends/although";
    private const string WordId = "ends/word";
    private const string DestroyId = "destroy/";
    private const string CopyId = "copy/";
    private const string Each = "each";
    private const int MostNamed = 5;

    public static Move Destroy(CeremonyState s, DestroyKeyStep step)
    {
        if (Refuse(s, step.Key) is { } refusal)
            return Tokens.Stop(s, refusal.Rule, refusal.Message, refusal.Remedy);
        if (s.World.Primary is not { Commissioned.Serial: var here })
            return Tokens.UnlockFirst(s);
        if (!s.World.Ended.ContainsKey(step.Key))
            return End(s, step.Key, "It stands in the statement of destruction, which others read.");
        ImmutableArray<string> gone = [.. s.Facts<KeyDestroyed>().Select(d => $"destroyed {d.Key}, CKA_ID {d.CkaId}")];
        if (Here(s, step.Key) is not [var next, ..])
            return (gone.IsEmpty ? null : Eyes.Look(s, here)) ?? Room.Seen(s, Roles.Witness, gone.IsEmpty
                ? $"The ledger knows of nothing of the key \"{step.Key}\" in this HSM."
                : $"Nothing of the key \"{step.Key}\" is left in this HSM: it was asked for each and holds nothing of it.",
                [$"HSM {here}", .. gone, .. Eyes.Lines(s)]);
        string id = $"{DestroyId}{next.CkaId}";
        return s.Answer(id) is null
            ? new Ask(new Question(id, Roles.Witness, 1,
                $"The key \"{step.Key}\" is destroyed in this HSM for good. Type the first two words of its ID.", AnswerKind.Typed,
                "It is destroyed with the last word, and the HSM is asked whether it is gone. It cannot be taken back.",
                Evidence.FirstWords(next.CkaId),
                Evidence: [$"Key    {step.Key}", $"HSM    {here}", .. Evidence.Hash("CKA_ID", next.CkaId), .. gone]))
            : new Perform(new DestroyKey(step.Key, next.CkaId, here, Ended: true));
    }

    /// <summary>Nothing is destroyed: on the day a key falls there is no time for it, and what it was must be looked into.</summary>
    public static Move ByWord(CeremonyState s, EndKeyStep step)
    {
        if (Refuse(s, step.Key) is { } refusal)
            return Tokens.Stop(s, refusal.Rule, refusal.Message, refusal.Remedy);
        return s.World.Ended.GetValueOrDefault(step.Key) is not { } ended
            ? End(s, step.Key, "It stands in the statement that withdraws the root, which everybody reads.")
            : Room.Seen(s, Roles.Witness, $"The key \"{step.Key}\" is dead: nothing is signed with it any more.",
                [$"Ended  {ended.Utc:yyyy-MM-dd HH:mm:ss} UTC, in {ended.Ceremony}", $"Reason {ended.Body.Reason}",
                    .. Evidence.Hash("SHA-256 of the public key", ended.Body.SpkiSha256),
                    "What lies of it in HSMs and backups is destroyed on another day: key-destruction.md."]);
    }

    public static Move Account(CeremonyState s, AccountCopiesStep step)
    {
        if (!s.World.Ended.ContainsKey(step.Key))
            return Tokens.Stop(s, CeremonyRules.NotEnded, $"The key \"{step.Key}\" did not end.",
                "Use a script that destroys it before it gives account of its copies.");
        if (Here(s, step.Key) is [var there, ..])
            return Tokens.Stop(s, CeremonyRules.NotEnded, $"The key \"{step.Key}\" lies in this HSM still, CKA_ID {there.CkaId}.",
                "Use a script that destroys it there before it gives account of its copies.");
        var inventory = CopyInventory.Of(s.World, step.Key);
        if (Unsaid(s, inventory) is { } exception)
            return new Note(exception);
        if (s.Latest<DestructionStated>() is { } stated)
            return s.Answer("words") is null
                ? new Ask(new Question("words", Roles.Witness, 1,
                    "Read the whole statement, then type the first two words of its hash.", AnswerKind.Typed,
                    "It leaves the room with the bundle, and the signature over today's record covers it.",
                    Evidence.FirstWords(stated.Sha256),
                    Evidence: [.. stated.Lines, "", .. Evidence.Hash("SHA-256 of the statement", stated.Sha256)]))
                : Room.Done;
        if (inventory.Open(s.Id) is { IsEmpty: false } open)
            return Answer(s, step, Group(s, open));
        ImmutableArray<string> lines = inventory.Statement(s.World, s.Last.Utc, s.Id, s.NameOf(Roles.Witness));
        return new Note(new DestructionStated(step.Key, lines, CopyInventory.Sha256Of(lines)));
    }

    /// <summary>What the script ends and did not give account of.</summary>
    public static IEnumerable<string> Unfinished(CeremonyState s)
    {
        foreach (string key in s.Script.Steps.OfType<DestroyKeyStep>().Select(d => d.Key).Distinct())
            if (s.World.Ended.GetValueOrDefault(key)?.StatedIn != s.Id)
                yield return $"No account was given of the copies of the key \"{key}\".";
            else
                foreach (CopyLine open in CopyInventory.Of(s.World, key).Open(s.Id))
                    yield return $"Nobody said what became of a copy of the key \"{key}\": {open.What}.";
    }

    /// <summary>What the ledger knows to be unfinished.</summary>
    public static IEnumerable<string> Lines(CeremonyState s) => s.World.Ended.Values
        .Where(e => e.StatedIn.Length == 0).Select(e => e.Body.Key).Order(StringComparer.Ordinal)
        .Select(key => $"ENDED   the key \"{key}\" is dead, and its copies are not accounted for: key-destruction.md goes on with it");

    /// <summary>END-01 for whatever would use it.</summary>
    /// <param name="what">Begins the sentence, e.g. <c>The key "root"</c>.</param>
    public static Refusal Refuse(string what, EndedKey ended) => new(CeremonyRules.KeyEnded,
        $"{what} ended on {ended.Utc:yyyy-MM-dd}, in the ceremony {ended.Ceremony}: it is dead.",
        "Nothing is signed, backed up or restored with it any more. Use another key.");

    /// <summary>Whether the key of a certificate ended.</summary>
    public static Refusal? RefuseCertificate(CeremonyState s, string what, ParsedCertificate certificate) =>
        s.World.EndOf(Convert.ToBase64String(certificate.ToBeSigned.SubjectPublicKeyInfo.Span)) is { } ended ? Refuse(what, ended) : null;

    /// <summary>Why this key cannot be ended today; null: it can.</summary>
    public static Refusal? Refuse(CeremonyState s, string name)
    {
        if (s.World.Keys.GetValueOrDefault(name) is not { } key)
            return new(CeremonyRules.KeyUnknown, $"The ledger knows no key \"{name}\".", "Name the key as the ledger does.");
        if (s.World.IsDead(key.Ceremony))
            return Dying.Refuse($"The key \"{name}\"", key.Ceremony);
        return RefuseSigner(s, name);
    }

    /// <summary>END-03: a key that signs the record of today neither ends nor rests; null: it does not sign it.</summary>
    public static Refusal? RefuseSigner(CeremonyState s, string name) => s.World.TranscriptKeys.Any(k => k.Generated.Key == name)
        ? new(CeremonyRules.SignsTheRecord, $"The key \"{name}\" signs the record of today: its own end could be signed by nobody.",
            "Run service-certificates.md first: it makes a new transcript key, and this one can end afterwards.")
        : null;

    private static Move End(CeremonyState s, string key, string whoReads)
    {
        ImmutableArray<string> needed = [.. StillNeeded(s, key)];
        ImmutableArray<string> evidence =
        [
            $"Key    {key}", .. needed.Select(line => $"WARNING {line}"),
            .. Evidence.Hash("SHA-256 of the public key", Evidence.Sha256(s.World.Keys[key].Generated.Spki)),
        ];
        if (s.Answer(WhyId) is not { } why)
            return new Ask(new Question(WhyId, Roles.Witness, 1, $"Why does the key \"{key}\" end? The witness says it in a sentence.",
                AnswerKind.Text, whoReads, Evidence: evidence));
        if (!needed.IsEmpty && s.Answer(AlthoughId) is null)
            return new Ask(new Question(AlthoughId, Roles.Witness, 1,
                "Something still depends on this key. Why does it end nevertheless? One sentence.", AnswerKind.Text,
                "It is recorded as an exception with these words. If that must not be, abort (F9): nothing was destroyed yet.",
                Evidence: evidence));
        if (!needed.IsEmpty && !s.Facts<ExceptionRaised>().Any(x => x.Rule == CeremonyRules.StillNeeded))
            return new Note(Room.Exception(s, CeremonyRules.StillNeeded,
                $"The key \"{key}\" ends although it is needed. {string.Join(" ", needed)} {s.Answer(AlthoughId)}"));
        return s.Answer(WordId) is null
            ? new Ask(new Question(WordId, Roles.Witness, 1,
                $"From this word on the key \"{key}\" is dead: nobody signs with it or brings it back. Type: end {key}",
                AnswerKind.Typed, "It cannot be taken back, and an abort afterwards does not bring the key back.", $"end {key}",
                Evidence: [$"Reason {why}", .. evidence]))
            : new Note(new KeyEnded(key, Evidence.Sha256(s.World.Keys[key].Generated.Spki), why));
    }

    /// <summary>What others will miss: what it issued and lives, and the lists that nobody else can sign.</summary>
    private static IEnumerable<string> StillNeeded(CeremonyState s, string key)
    {
        string spki = s.World.Keys[key].Generated.Spki;
        CertificateFact[] living = [.. s.World.Certificates.Values.Where(c => s.World.DeadIn(c) is null
            && s.World.RevokedIn(c) is null && c.Parsed.ToBeSigned.NotAfter.Value >= s.Last.Utc).OrderBy(c => c.Seq)];
        CertificateFact[] own = [.. living.Where(c => Spki(c) == spki)];
        CertificateFact[] below = [.. living.Where(c => Spki(c) != spki && own.Any(o => o.Signed.Certificate == c.Preview.Issuer))];
        foreach (CertificateFact certificate in own.Take(MostNamed))
            yield return $"Its certificate \"{certificate.Signed.Certificate}\" is valid {Until(certificate)}.";
        if (below.Length > 0)
            yield return $"It issued {below.Length} {(below.Length == 1 ? "certificate that is" : "certificates that are")} valid: "
                + $"{string.Join(", ", below.Take(MostNamed).Select(c => $"\"{c.Signed.Certificate}\" {Until(c)}"))}"
                + $"{(below.Length > MostNamed ? ", and more" : "")}.";
        CrlFact[] lists = [.. s.World.Crls.Values.Where(l => own.Any(o => o.Signed.Certificate == l.Signed.Issuer))
            .OrderBy(l => l.Signed.Crl, StringComparer.Ordinal)];
        DateTimeOffset last = below.Select(c => c.Parsed.ToBeSigned.NotAfter.Value).DefaultIfEmpty(DateTimeOffset.MinValue).Max();
        foreach (CrlFact list in lists.Where(l => l.Preview.NextUpdate < last).Take(MostNamed))
            yield return $"The list \"{list.Signed.Crl}\" runs out on {list.Preview.NextUpdate:yyyy-MM-dd}, before what it is about, and "
                + "nobody else can sign the next one.";
        if (below.Length > 0 && lists.Length == 0)
            yield return "It never signed a revocation list: none of these can be revoked.";
    }

    private static string Until(CertificateFact certificate) => certificate.Parsed.ToBeSigned.NotAfter.Value is { Year: 9999 }
        ? "without an end" : $"until {certificate.Parsed.ToBeSigned.NotAfter.Value:yyyy-MM-dd}";

    private static string Spki(CertificateFact certificate) =>
        Convert.ToBase64String(certificate.Parsed.ToBeSigned.SubjectPublicKeyInfo.Span);

    /// <summary>What of the key lies in the HSM that is in use, as far as the ledger knows.</summary>
    private static ImmutableArray<CopyLine> Here(CeremonyState s, string key) =>
        s.World.Primary is not { Commissioned.Serial: var here } ? [] :
        [
            .. CopyInventory.Of(s.World, key).Lines
                .Where(l => l is { Kind: CopyKind.Token, State: not CopyState.Gone } && l.Serial == here),
        ];

    /// <summary>What is answered together: the cards of a set, the bundles; everything else alone.</summary>
    private static (string Id, ImmutableArray<CopyLine> Lines) Group(CeremonyState s, ImmutableArray<CopyLine> open)
    {
        CopyLine first = open[0];
        if (first.Kind == CopyKind.Card)
            return ($"cards/{first.Set}", [.. open.Where(l => l.Kind == CopyKind.Card && l.Set == first.Set)]);
        ImmutableArray<CopyLine> bundles = [.. open.Where(IsBundle)];
        return IsBundle(first) && bundles.Length > 1 && s.Answer($"{CopyId}bundles/what") != Each ? ("bundles", bundles)
            : (first.Id, [first]);
    }

    private static bool IsBundle(CopyLine line) => line.Id.StartsWith("bundle/", StringComparison.Ordinal);

    private static Move Answer(CeremonyState s, AccountCopiesStep step, (string Id, ImmutableArray<CopyLine> Lines) group)
    {
        string id = $"{CopyId}{group.Id}";
        ImmutableArray<string> evidence = [.. group.Lines.Select(l => l.InWords)];
        if (s.Answer($"{id}/what") is not { } what)
            return new Ask(new Question($"{id}/what", Roles.Witness, 1, $"What became of {Title(group.Lines)}?", AnswerKind.Choice,
                Help(group.Lines[0]), Options: Options(group), Evidence: evidence));
        if (what == CopyAnswered.None)
            return new Note(new CopyAnswered(step.Key, [.. group.Lines.Select(l => l.Id)], what, ""));
        return s.Answer($"{id}/words") is not { } words
            ? new Ask(new Question($"{id}/words", Roles.Witness, 1, what == CopyAnswered.Remains
                ? "Why does it remain, and who has it? The witness says it in a sentence."
                : "Who did it, when, and how? The witness says it in a sentence.", AnswerKind.Text,
                what == CopyAnswered.Remains ? "It is recorded as an exception with these words, and stands in the statement."
                    : "It stands in the statement.", Evidence: evidence))
            : new Note(new CopyAnswered(step.Key, [.. group.Lines.Select(l => l.Id)], what, words));
    }

    private static string Help(CopyLine line) => line.Kind switch
    {
        CopyKind.Card => "A card is destroyed in the step that checks cards, typed and one by one. What is left now remains.",
        CopyKind.Elsewhere => "How many there are no journal knows: they are destroyed when the witness saw each of them destroyed.",
        CopyKind.Blob when line.Id == CopyInventory.RecordSticks =>
            "The record is never changed, so the backup in it remains: it opens with the cards that were not destroyed.",
        CopyKind.Unrecorded => "Everybody in the room is asked. Nobody can prove that there is none.",
        _ => "Cleared, purged and destroyed are the words of NIST SP 800-88. What nobody saw destroyed remains.",
    };

    private static ImmutableArray<Option> Options((string Id, ImmutableArray<CopyLine> Lines) group) => group.Lines[0].Kind switch
    {
        CopyKind.Card => [Remains],
        CopyKind.Elsewhere => [Destroyed, Remains],
        CopyKind.Blob when group.Id == CopyInventory.RecordSticks => [Remains],
        CopyKind.Unrecorded => [new(CopyAnswered.None, "Nobody knows of one"), new(CopyAnswered.Remains, "There is one, and it remains")],
        CopyKind.Token => [Purged, Destroyed, Remains],
        _ when group.Lines.Length > 1 => [new(Each, "Each is answered on its own"), Cleared, Purged, Destroyed, Remains],
        _ => [Cleared, Purged, Destroyed, Remains],
    };

    private static readonly Option Cleared = new(CopyAnswered.Cleared, "Cleared: overwritten by ordinary means");
    private static readonly Option Purged = new(CopyAnswered.Purged, "Purged: erased so that no laboratory brings it back");
    private static readonly Option Destroyed = new(CopyAnswered.Destroyed, "Destroyed: the device or the medium itself is gone");
    private static readonly Option Remains = new(CopyAnswered.Remains, "It remains");

    private static string Title(ImmutableArray<CopyLine> lines) => lines switch
    {
        [{ Kind: CopyKind.Card, Set: var set }, ..] => $"{(lines.Length == 1 ? "card" : "cards")} "
            + $"{string.Join(", ", lines.Select(l => l.Id[(l.Id.LastIndexOf('/') + 1)..]))} of {set}",
        [var line] => line.What,
        _ => $"the {lines.Length} bundles with the backup in them",
    };

    /// <summary>What the witness signs off about the copies that were answered last.</summary>
    private static ExceptionRaised? Unsaid(CeremonyState s, CopyInventory inventory) =>
        s.Latest<CopyAnswered>() is { Result: CopyAnswered.Remains } last
            && !s.Since(b => b is CopyAnswered).Any(b => b is ExceptionRaised { Rule: CeremonyRules.CopyRemains })
            ? Room.Exception(s, CeremonyRules.CopyRemains, $"Of the key \"{last.Key}\" "
                + $"{Title([.. inventory.Lines.Where(l => last.Copies.Contains(l.Id))])} remains: {last.Words}")
            : null;
}
