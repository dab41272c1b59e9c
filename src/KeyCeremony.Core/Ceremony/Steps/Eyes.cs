using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony.Steps;

/// <summary>Where the HSM has changed, it is looked at a second time: through somebody else's binding, in a process of its own.</summary>
internal static class Eyes
{
    private const string AgainId = "eyes-again";

    /// <summary>The look, or the stop where it differs; null when nothing differs, and in ceremonies of the first format.</summary>
    public static Move? Look(CeremonyState s, string serial, string token = "primary")
    {
        if (s.Format < JournalFormats.Replayed)
            return null;
        var look = new Perform(Effect(s, token, serial));
        if (s.Latest<TokenLookedAt>() is not { } seen)
            return look;
        if (seen.Findings.FirstOrDefault(f => f.Result == FindingResults.Fail) is not { } wrong)
            return null;
        return s.Since(b => b is TokenLookedAt).Answer(AgainId) is not null ? look
            : new Ask(new Question(AgainId, Roles.Witness, 1,
                "This HSM shows two bindings two different things. The ceremony cannot go on from here.", AnswerKind.Choice,
                "Look again once. If it differs again, do not use this HSM: abort (F9), and keep it and its module as evidence.",
                Options: [new Option("again", "Look again")], Evidence: Appliance.Lines(seen.Findings),
                Blocked: new Refusal(wrong.Id, wrong.Text, "Look again; if it stays so, abort the ceremony and do not use this HSM.")));
    }

    /// <summary>What the witness reads of it under the step's own result.</summary>
    public static string[] Lines(CeremonyState s) => s.Latest<TokenLookedAt>() is { } look ? [SecondLooks.Line(look)] : [];

    private static LookAgain Effect(CeremonyState s, string token, string serial)
    {
        KeyFact[] keys = [.. s.World.Keys.Values.Where(k => k.Serial == serial)];
        Names Ids(IEnumerable<string> ids) => new([.. ids.Order(StringComparer.Ordinal)]);
        return new LookAgain(token, serial, Ids(keys.Where(k => k.Locked).Select(k => k.CkaId)),
            Ids(keys.Where(k => !k.Locked).Select(k => k.CkaId)),
            Ids(s.World.Begun.Values.Where(b => b.Serial == serial).Select(b => b.CkaId)), s.World.LookedAt.Contains(serial));
    }
}
