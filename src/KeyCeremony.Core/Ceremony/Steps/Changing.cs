using System.Collections.Immutable;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony.Steps;

/// <summary>
/// The PINs of the HSM change from those of one set of cards to those of another. Which of both opens is unknown from the announcement to
/// the answer: until then both sets serve, and whoever opens the HSM next finds out. docs/decisions/0036.
/// </summary>
internal static class Changing
{
    private const string WhichId = "activation/which";
    private const string Old = "old";

    public static Move Change(CeremonyState s, ChangeActivationStep step)
    {
        if (s.World.Primary is not { } token)
            return Tokens.NoToken(s);
        if (s.Latest<ActivationChanged>() is { } done)
            return s.Unlocked
                ? Tokens.Seen(s, token.Commissioned.Serial, "The HSM opens with the new cards, and with no old one.",
                [$"Label  {token.Commissioned.Label}", $"Serial {done.Serial}", $"Opens with cards of {done.Set}",
                    $"Cards of {done.From}: {InWords(done)}"])
                : Tokens.UnlockFirst(s);
        if (Refuse(s) is { } refusal)
            return Tokens.Stop(s, refusal.Rule, refusal.Message, refusal.Remedy);
        if (s.SetHere("activation") is not { Combined: true } set || set.Made.Set == token.Commissioned.Set)
            return Tokens.Stop(s, CeremonyRules.KeyUnknown, "No new activation cards were dealt for this HSM.", "Deal them first.");
        // The old quorum opens it once more, for the change alone.
        return s.Unlocked ? new Perform(new LockToken(token.Commissioned.Serial, Rests: false)) : Finish(s, token, set);
    }

    /// <summary>Why the PINs of the HSM in use cannot be changed in it; null: they can, as far as the ledger knows.</summary>
    public static Refusal? Refuse(CeremonyState s) =>
        (s.Probes.GetValueOrDefault("primary") ?? s.World.Primary?.Probe) is { WrapFormat: BackupBlob.YubiHsm }
            ? new(CeremonyRules.PinsStay, "The PINs of this HSM cannot be changed: its maker's module changes none for a user.",
                "Nothing was changed. Move its keys to another HSM instead, with hsm-migration.md: that has new cards.")
            : null;

    /// <summary>
    /// A change was announced in a ceremony that was broken off. The user's PIN is changed first: where the old one opens, nothing was
    /// changed. Where it does not, the change is brought to its end, with cards of both sets.
    /// </summary>
    public static Move Settle(CeremonyState s, TokenFact token)
    {
        string from = token.Commissioned.Set, set = token.Perhaps;
        if (s.Since(b => b is Reopened or Failed { Effect: "unlock-token" or ChangePins.EffectName }).Answer(WhichId) is not { } which)
            return new Ask(new Question(WhichId, Roles.Officer, 1,
                "The change of this HSM's PINs was broken off: nobody knows which cards open it. Which are tried?", AnswerKind.Choice,
                "A wrong one is told, and the other is tried then. Both sets are kept until the HSM is open.",
                Options: [new Option(Old, $"The old cards, {from}: as if nothing had been changed"),
                    new Option("both", $"Both, {from} and {set}: the change is brought to its end")],
                Evidence: [$"Label  {token.Commissioned.Label}", $"Serial {token.Commissioned.Serial}"]));
        return which == Old
            ? s.Held.Contains(from) ? new Perform(new UnlockToken(token.Commissioned.Serial, from)) : Shares.Present(s, s.World.Sets[from])
            : Finish(s, token, s.World.Sets[set]);
    }

    /// <summary>A secret that opened the HSM before its PINs were changed, and waits in memory for nothing; null: none does.</summary>
    public static string? Outdated(CeremonyState s) => s.World.Primary is not { } token ? null
        : s.Held.Order(StringComparer.Ordinal).FirstOrDefault(held => held != token.Commissioned.Set
            && s.World.Sets.GetValueOrDefault(held) is { } set && set.Left.ContainsKey(token.Commissioned.Serial));

    /// <summary>What an abort does not take back, as sentences with a blank behind each; empty: nothing.</summary>
    public static string StaysSo(CeremonyState s) => s.World.Primary is { Perhaps.Length: > 0 }
        ? "Nobody knows which activation cards open the HSM: the old and the new ones are kept. "
        : s.World.Sets.Values.Any(set => set.Ceremony == s.Id && !set.Entered.IsEmpty)
        ? "But the PINs of the HSM stay changed, and its new cards live. " : "";

    /// <summary>What became of the cards before, behind their name.</summary>
    public static string InWords(ActivationChanged done) => done.Old == ActivationChanged.Refused
        ? "their PIN was tried once more, and the HSM refused it"
        : "their PIN was not tried again, because a wrong one may cost this kind of HSM";

    private static Move Finish(CeremonyState s, TokenFact token, ShareSetFact set)
    {
        ShareSetFact from = s.World.Sets[token.Commissioned.Set];
        foreach ((ShareSetFact needed, string why) in new[]
        {
            (from, "The old cards open the HSM for the change, and once only."),
            (set, "The secret of the new cards was wiped when the program stopped: they are typed once more."),
        })
            if (!s.Held.Contains(needed.Made.Set))
                return Shares.Present(s, needed, [why]);
        return new Perform(new ChangePins(token.Commissioned.Serial, from.Made.Set, set.Made.Set));
    }
}
