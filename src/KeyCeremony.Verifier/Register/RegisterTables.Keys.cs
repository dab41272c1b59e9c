using System.Security.Cryptography;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.Verifier.Register;

/// <summary>Keys, sets and their cards.</summary>
internal static partial class RegisterTables
{
    public static RegisterTable Keys { get; } = new("keys", "Keys", "key purpose algorithm state hsm set drilled",
    [
        Text("key", "Key"),
        Text("purpose", "Purpose"),
        Text("algorithm", "Algorithm"),
        Text("state", "State"),
        Text("hsm", "HSM"),
        Text("ckaId", "CKA_ID"),
        Text("set", "Backup set"),
        Flag("drilled", "Drilled"),
        Text("certificate", "Certificate"),
        Text("backupSha256", "SHA-256 of the backup"),
        Text("spkiSha256", "SHA-256 of the key"),
    ], FindKeys);

    public static RegisterTable Sets { get; } = new("sets", "Card sets", "set threshold cards good goodSince account",
    [
        Text("set", "Set"),
        Text("name", "Purpose"),
        Number("threshold", "Quorum"),
        Number("cards", "Cards"),
        Number("readBack", "Read back"),
        Flag("combined", "Combined"),
        Text("state", "State"),
        Text("reason", "Reason"),
        Number("bits", "Bits"),
        Number("identifier", "Identifier"),
        Text("keyCheck", "Key check value"),
        Text("sources", "Randomness"),
        Text("account", "Account"),
        Text("because", "Because"),
        Number("good", "Good"),
        Time("goodSince", "Seen since (UTC)"),
        Number("destroyed", "Destroyed"),
        Number("lost", "Lost"),
        Text("sites", "Places"),
        Text("warnings", "Warnings"),
        Number("destroyedUnread", "Destroyed unread"),
        Text("groups", "Groups"),
    ],
    ledger => ledger.Journal.All<SharesMade>().Select(made =>
    {
        ShareSetFact set = ledger.World.Sets[made.Body.Set];
        var account = CardAccount.Of(ledger.World, set);
        return new Found(made.Entry, made.Body.Set, made.Body.Name, (long)made.Body.Plan.Fewest, (long)made.Body.Custodians.Length,
            (long)set.ReadBack.Count, set.Combined,
            StateOf(ledger, set), set.Voided, (long)made.Body.Bits, (long)made.Body.Identifier, made.Body.KeyCheck, string.Join(", ",
                made.Body.Sources), account.State, account.Because.Length == 0 ? null : account.Because, (long)account.Good,
            account.GoodSince, (long)account.Destroyed, (long)account.Lost,
            string.Join("; ", account.Sites.Select(s => $"{s.Site}: {s.Cards.Length}")), string.Join(" ", account.Warnings),
            (long)account.DestroyedUnread, made.Body.Plan is { HasGroups: true } plan ? plan.InWords : null);
    }));

    public static RegisterTable Cards { get; } = new("cards", "Cards", "set card custodian account seen goodOn site",
    [
        Text("set", "Set"),
        Number("card", "Card"),
        Text("custodian", "Custodian"),
        Text("state", "State"),
        Flag("readBack", "Read back"),
        Number("presented", "Presented"),
        Time("lastPresented", "Last presented (UTC)"),
        Text("bag", "Bag"),
        Text("digest", "SHA-256 of the card"),
        Text("seen", "Seen last"),
        Time("seenOn", "On (UTC)"),
        Time("goodOn", "Good on (UTC)"),
        Text("site", "Lies in"),
        Text("account", "Its set is"),
    ],
    ledger => ledger.Journal.All<SharesMade>().SelectMany(made => made.Body.Custodians.Select((custodian, i) =>
    {
        ShareSetFact set = ledger.World.Sets[made.Body.Set];
        IEnumerable<Entry> presented = ledger.Presented(made.Body.Set, i + 1);
        return new Found(made.Entry, made.Body.Set, (long)i + 1, custodian, StateOf(ledger, set), set.ReadBack.Contains(i + 1),
            (long)presented.Count(), presented.LastOrDefault()?.Utc,
            ledger.BagOf(made.Body.Set, i + 1), made.Body.Digests[i], set.Card(i + 1).State, set.Card(i + 1).Utc, set.Card(i + 1).GoodUtc,
            set.Card(i + 1).Site, CardAccount.Of(ledger.World, set).State);
    })));

    /// <summary>Of keys that ended.</summary>
    public static RegisterTable Copies { get; } = new("copies", "Copies of keys", "key copy state how",
    [
        Text("key", "Key"),
        Text("copy", "Copy"),
        Text("state", "State"),
        Text("how", "What became of it"),
        Text("line", "Line"),
        Text("answeredIn", "Answered in"),
    ],
    ledger => ledger.Journal.All<KeyEnded>().SelectMany(ended => CopyInventory.Of(ledger.World, ended.Body.Key).Lines.Select(line =>
        new Found(ended.Entry, ended.Body.Key, line.What, line.State switch
        {
            CopyState.Gone => "gone",
            CopyState.Remains => "remains",
            _ => "open",
        }, line.How.Length == 0 ? null : line.How, line.Id, line.AnsweredIn.Length == 0 ? null : line.AnsweredIn))));

    /// <summary>A name is used again after what it named is dead; the ledger's world knows the last one.</summary>
    private static IEnumerable<Found> FindKeys(LedgerFacts ledger)
    {
        HashSet<string> retired = [.. ledger.World.Retired.Select(r => r.Serial)];
        HashSet<string> destroyed = [.. ledger.Journal.All<KeyDestroyed>().Select(d => d.Body.CkaId)];
        foreach ((Entry entry, KeyGenerated made) in ledger.Journal.All<KeyGenerated>())
        {
            KeyFact? key = ledger.World.Keys.GetValueOrDefault(made.Key) is { } last && last.Seq == entry.Seq ? last : null;
            bool isGone = key is null || key.Serial.Length == 0 || retired.Contains(key.Serial) || destroyed.Contains(key.CkaId);
            string state = ledger.World.Spares.Any(s => s.Key == key) ? "rests" : destroyed.Contains(key?.CkaId ?? made.CkaId) ? "destroyed"
                : ledger.Dead.Contains(entry.Ceremony) ? DeadWord
                : ledger.World.Ended.ContainsKey(made.Key) ? "ended"
                : isGone ? "lost"
                : key!.Locked ? "locked" : "extractable";
            yield return new Found(entry, made.Key, made.Purpose, made.Algorithm, state, isGone ? null : key!.Serial,
                key?.CkaId ?? made.CkaId, key?.Backup?.Set, key?.Drilled ?? false,
                key is null || ledger.Dead.Contains(entry.Ceremony) ? null : ledger.World.CertificateOf(made.Key)?.Signed.Certificate,
                    key?.Backup?.Sha256,
                Convert.ToHexStringLower(SHA256.HashData(Convert.FromBase64String(made.Spki))));
        }
    }

    private static string StateOf(LedgerFacts ledger, ShareSetFact set) => set.Voided is not null ? Void
        : ledger.World.IsDead(set) ? DeadWord : Good;
}
