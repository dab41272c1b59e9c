using KeyCeremony.Core.Journal;
using static KeyCeremony.Verifier.Tests.Pen;

namespace KeyCeremony.Verifier.Tests;

/// <summary>PINs that were not changed so.</summary>
public sealed partial class LiesTests
{
    private static IEnumerable<Lie> Activation()
    {
        const string kind = "activation", old = "0001-activation-1", fresh = "0002-activation-1";
        const string changed = "(activation-changed, step \"change-pins\")";
        yield return new Lie(kind, "a change to the old cards", r => r.Activated, Replay, $"{changed} … set is",
            Change<ActivationChanged>(c => c with { Set = old }));
        yield return new Lie(kind, "a change from cards that never opened it", r => r.Activated, Replay, $"{changed} … from is",
            Change<ActivationChanged>(c => c with { From = fresh }));
        yield return new Lie(kind, "a change in another HSM", r => r.Activated, Replay, $"{changed} … serial is",
            Change<ActivationChanged>(c => c with { Serial = "P9" }));
        yield return new Lie(kind, "an old PIN that opened", r => r.Activated, Replay, $"{changed} … neither of both",
            Change<ActivationChanged>(c => c with { Old = "accepted" }));
        yield return new Lie(kind, "a change that nobody announced", r => r.Activated, Replay, "change-pins",
            Drop(e => e.Body is Attempted { Effect: "change-pins" }));
        yield return new Lie(kind, "a change announced for the old cards", r => r.Activated, Replay, "(attempted, step \"change-pins\")",
            Change<Attempted>(a => a with { Subject = old }, a => a.Effect == "change-pins"));
        yield return new Lie(kind, "a change that was left out", r => r.Activated, Replay, "step \"change-pins\"",
            Drop(e => e.Body is ActivationChanged));
        yield return new Lie(kind, "a change that happened twice", r => r.Activated, Replay, changed,
            (_, entries) => After(e => e.Body is ActivationChanged,
                _ => [entries.Select(e => e.Body).OfType<ActivationChanged>().Single()])(null!, entries));
        yield return new Lie(kind, "old cards that nobody typed for it", r => r.Activated, Replay, "due was an answer to \"present/1\"",
            Drop(e => e.Step == "change-pins" && e.Body is SharePresented or SecretRebuilt));
        yield return new Lie(kind, "an HSM that was open while its PINs changed", r => r.Activated, Replay, "never answers lock-token",
            Drop(e => e.Step == "change-pins" && e.Body is TokenLocked));
        yield return new Lie(kind, "a new PIN that opened nothing afterwards", r => r.Activated, Replay, "unlock-token",
            Drop(e => e.Step == "change-pins" && e.Body is TokenUnlocked));
        yield return new Lie(kind, "an HSM that the old cards opened afterwards", r => r.Activated, Replay,
            "(token-unlocked, step \"change-pins\") … set is",
            Rewrite(e => e is { Step: "change-pins", Body: TokenUnlocked u } ? u with { Set = old } : e.Body));
        yield return new Lie(kind, "an old secret that stayed in memory", r => r.Activated, Replay, "forget-secret",
            Drop(e => e.Step == "change-pins" && e.Body is SecretForgotten { Set: old }));
        yield return new Lie(kind, "new cards that were never combined", r => r.Activated, Replay, "combine",
            Drop(e => e.Body is SubsetsCombined { Set: fresh }));
        yield return new Lie(kind, "the old secret on new cards", r => r.Activated, Replay, "it has the secret or a card of",
            (_, entries) => Change<SharesMade>(m => m with { KeyCheck = entries.Select(e => e.Body).OfType<SharesMade>().First().KeyCheck },
                m => m.Set == fresh)(null!, entries));
        yield return new Lie(kind, "an old card that burnt before the change", r => r.Activated, Replay,
            "(answered, step \"burn-activation\")", Drop(e => e.Step == "change-pins"));
        yield return new Lie(kind, "a change in a format that knew none", r => r.Activated, Replay,
            "what its script asks for came with format 7", Change<CeremonyOpened>(o => o with { Format = JournalFormats.Renewed }));
    }
}
