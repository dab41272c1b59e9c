using System.Collections.Immutable;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using static KeyCeremony.Verifier.Tests.Pen;

namespace KeyCeremony.Verifier.Tests;

/// <summary>What other eyes saw of an HSM.</summary>
public sealed partial class LiesTests
{
    private static IEnumerable<Lie> Looks()
    {
        foreach (string step in new[] { "commission", "generate-root", "generate-transcript", "destroy-wrap-key", "drill", "lock-root" })
            yield return Look($"never looked a second time in {step}",
                $"(answered, step \"{step}\") … an entry of this kind never answers look-again",
                Drop(e => e.Step == step && e.Body is TokenLookedAt));
        for (int i = 0; i < 3; i++)
        {
            int at = i;
            yield return Look($"EYES-0{i + 1} failed, and on they went",
                "(answered, step \"generate-root\") … due was an answer to \"eyes-again\"",
                Seen("generate-root", l =>
                    l with { Findings = l.Findings.SetItem(at, l.Findings[at] with { Result = "fail", Text = "The bindings differ." }) }));
            yield return Look($"EYES-0{i + 1} softened to a warning", $"the result \"warning\" is none that EYES-0{i + 1} can have",
                Seen("generate-root", l => l with { Findings = l.Findings.SetItem(at, l.Findings[at] with { Result = "warning" }) }));
            yield return Look($"EYES-0{i + 1} left out", $"the finding EYES-0{i + 1} is missing",
                Seen("generate-root", l => l with { Findings = l.Findings.RemoveAt(at) }));
            yield return Look($"EYES-0{i + 1} passed in other words", $"EYES-0{i + 1} passed in other words than the program's",
                Seen("generate-root", l => l with { Findings = l.Findings.SetItem(at, l.Findings[at] with { Text = "All is well." }) }));
        }
        yield return Look("a look without a finding", "the finding EYES-01 is missing", Seen("lock-root", l => l with { Findings = [] }));
        yield return Look("at another HSM", "it is about another HSM", Seen("lock-root", l => l with { Serial = "X9" }));
        yield return Look("at the drill HSM in place of the primary one", "it is about another HSM",
            Seen("lock-root", l => l with { Token = "drill", Serial = "D1" }));
        yield return Look("a key more than the ledger knows", "its keys are not those that the ledger says lie in this HSM",
            Seen("generate-root", l => WithKeys(l, [.. l.Keys, "ff00"])));
        yield return Look("a key that the ledger knows and nobody saw", "its keys are not those that the ledger says lie in this HSM",
            Seen("lock-root", l => WithKeys(l, l.Keys.RemoveAt(0))));
        yield return Look("the same key twice", "its keys are not those that the ledger says lie in this HSM",
            Seen("generate-root", l => WithKeys(l, [.. l.Keys, .. l.Keys])));
        yield return Look("another key than the ledger's", "its keys are not those that the ledger says lie in this HSM",
            Seen("generate-root", l => WithKeys(l, [new string('0', 32)])));
        yield return Look("a key that is left in the wiped drill HSM", "its keys are not those that the ledger says lie in this HSM",
            Seen("drill", l => WithKeys(l, [new string('0', 32)])));
        yield return Look("keys in another order", "its keys are not CKA_IDs in their order",
            Seen("lock-root", l => l with { Keys = [.. l.Keys.Reverse()] }));
        yield return Look("another number of keys in the words", "EYES-03 passed in other words than the program's",
            Seen("lock-root", l => l with
            {
                Findings = l.Findings.SetItem(2, l.Findings[2] with { Text = SecondLooks.AsTheLedgerSays(["00", "01", "02"]) }),
            }));
        yield return Look("an HSM that let itself be looked at says that it cannot be", "this HSM let itself be looked at before",
            Seen("lock-root", l => l with { Keys = [], Findings = [SecondLooks.Impossible("C_OpenSession CKR_SESSION_COUNT")!] }));
        yield return Look("not looked at for a reason of their own", "why it was not looked at is none of the program's reasons",
            Seen("commission", l => l with { Findings = [new Finding("EYES-04", "unknown", "There was no time.")] }));
        yield return Look("not looked at, and said to have passed", "why it was not looked at is none of the program's reasons",
            Seen("commission",
                l => l with { Findings = [SecondLooks.Impossible("C_OpenSession CKR_SESSION_COUNT")! with { Result = "pass" }] }));
        yield return Look("not looked at, and keys seen", "why it was not looked at is none of the program's reasons",
            Seen("commission", l => l with { Keys = ["00"], Findings = [SecondLooks.Impossible("C_OpenSession CKR_SESSION_COUNT")!] }));
    }

    private static Lie Look(string name, string says,
        Func<App.Tests.Bundle.SoftwareRoom, ImmutableArray<Entry>, IEnumerable<Entry>> tell) =>
        new("other eyes", name, r => r.Root, Replay, says, tell);

    private static Func<App.Tests.Bundle.SoftwareRoom, ImmutableArray<Entry>, IEnumerable<Entry>> Seen(string step,
        Func<TokenLookedAt, TokenLookedAt> change) =>
        Rewrite(e => e.Step == step && e.Body is TokenLookedAt look ? change(look) : e.Body);

    /// <summary>With the words that belong to them.</summary>
    private static TokenLookedAt WithKeys(TokenLookedAt look, ImmutableArray<string> keys)
    {
        ImmutableArray<string> sorted = [.. keys.Order(StringComparer.Ordinal)];
        return look with
        {
            Keys = sorted,
            Findings = look.Findings.SetItem(2, look.Findings[2] with { Text = SecondLooks.AsTheLedgerSays(sorted) }),
        };
    }
}
