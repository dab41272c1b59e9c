using System.Reflection;
using System.Text.Json.Serialization;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.Core.Ceremony.Retelling;

/// <summary>
/// How a journal is refused that the engine would not have written. Each names the entry, what was due and what stands there.
/// </summary>
public static class ReplayRules
{
    public const string WrongPlace = "REPLAY-01";
    public const string NotDue = "REPLAY-02";
    public const string NotTheFact = "REPLAY-03";
    public const string WrongOpening = "REPLAY-04";
    public const string WrongLedger = "REPLAY-05";
    public const string Contradiction = "REPLAY-06";

    private const string Remedy = "Another program wrote this, or somebody changed it: "
        + "use the other record sticks or another copy of the bundle, and keep this as evidence.";

    private static readonly Dictionary<Type, string> Kinds = typeof(EntryBody).GetCustomAttributes<JsonDerivedTypeAttribute>()
        .ToDictionary(a => a.DerivedType, a => (string)a.TypeDiscriminator!);

    /// <summary>As the journal spells it, e.g. <c>step-done</c>.</summary>
    public static string KindOf(EntryBody body) => Kinds[body.GetType()];

    internal static Refusal Elsewhere(Entry entry, string due, string found) =>
        Refuse(WrongPlace, entry, $"it is written for {found}, where the ledger stands at {due}.");

    internal static Refusal Other(Entry entry, string due, string why = "") =>
        Refuse(NotDue, entry, $"due was {due}.{(why.Length > 0 ? $" {Sentence(why)}" : "")}");

    internal static Refusal Untrue(Entry entry, string effect, string why) =>
        Refuse(NotTheFact, entry, $"it cannot be what {effect} brought: {why}");

    internal static Refusal Opening(Entry entry, string why) => Refuse(WrongOpening, entry, why);

    internal static Refusal Ledger(Entry entry, string why) => Refuse(WrongLedger, entry, why);

    internal static Refusal Impossible(Entry entry) => Refuse(Contradiction, entry, "it contradicts what the journal says before.");

    private static Refusal Refuse(string rule, Entry entry, string why) =>
        new(rule, $"Entry {entry.Seq} ({KindOf(entry.Body)}{(entry.Step.Length > 0 ? $", step \"{PlainText.Of(entry.Step, 64)}\"" : "")}): "
            + $"{PlainText.Of(why, 1000)}", Remedy);

    private static string Sentence(string text) => text.EndsWith('.') ? text : text + ".";
}
