using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;
using static KeyCeremony.Verifier.Tests.Pen;

namespace KeyCeremony.Verifier.Tests;

/// <summary>Gates that nobody passed, hands that were others, and an HSM that was never asked.</summary>
public sealed partial class LiesTests
{
    private const string Refused =
        "Wrapping the locked key was tried and refused: 0x210A with CKR_KEY_UNEXTRACTABLE, 0x210B with CKR_MECHANISM_INVALID.";

    private static IEnumerable<Lie> Keyboard()
    {
        const string kind = "keyboard";
        yield return new Lie(kind, "a card shown without a gate", r => r.Root, Replay,
            "(answered, step \"deal-activation\") … due was an answer to \"card/0001-activation-1/2/alone\"",
            Drop(e => IsAnswer(e, "deal-activation", "card/0001-activation-1/2/alone")));
        yield return new Lie(kind, "a gate passed with the word of another one", r => r.Root, Replay,
            "(answered, step \"deal-activation\") … due was an answer to \"card/0001-activation-1/2/alone\" … ASK-04",
            Rewrite(
                e => IsAnswer(e, "deal-activation", "card/0001-activation-1/2/alone") ? (Answered)e.Body with { Value = "yes" } : e.Body));
        foreach ((string step, string effect) in new[] { ("generate-root", "generate-key"),
            ("sign-root", "sign-certificate"), ("lock-root", "lock-key"),
            ("drill", "drill-recovery"), ("destroy-wrap-key", "destroy-wrap-key"),
            ("commission", "commission-token"), ("deal-activation", "make-shares") })
            yield return new Lie(kind, $"{effect} that nobody began", r => r.Root,
                Replay, $"(attempted, step \"{step}\") … due was an answer to \"begin\" by operator",
                Drop(e => IsAnswer(e, step, "begin")));
        yield return new Lie(kind, "begun by somebody else", r => r.Root, Replay,
            "(answered, step \"generate-root\") … due was an answer to \"begin\" … by is \"officer\"",
            Rewrite(e => IsAnswer(e, "generate-root", "begin") ? (Answered)e.Body with { By = Roles.Officer } : e.Body));
        yield return new Lie(kind, "a script that nobody compared", r => r.Root,
            Replay, "(step-done, step \"roll-call\") … due was an answer to \"script\" by witness",
            Drop(e => IsAnswer(e, "roll-call", "script")));

        yield return new Lie(kind, "a card that nobody was marked for", r => r.Authority,
            Replay, "(share-presented, step \"unlock\") … due was an answer to \"present/1/who\" by witness",
            Drop(e => IsAnswer(e, "unlock", "present/1/who")));
        yield return new Lie(kind, "a card in other hands than were marked", r => r.Authority,
            Replay, "(share-presented, step \"unlock\") … presenter is",
            (_, entries) => In("intermediate-signing", body => body is SharePresented p
                ? p with
                {
                    Presenter = Seated(entries.Select(e => e.Body).OfType<RoomOpened>().First().People, Roles.Operator),
                } : body)(null!, entries));
        yield return new Lie(kind, "a card in nobody's hands", r => r.Authority,
            Replay, "(share-presented … presenter", Change<SharePresented>(p => p with { Presenter = null }));
        yield return new Lie(kind, "somebody else's card without an exception", r => r.Authority,
            Replay, "due was an answer to \"present/1/why\" by witness",
            (_, entries) => Both(
                Rewrite(e => IsAnswer(e, "unlock", "present/1/who") ? (Answered)e.Body with { Value = "operator/1" } : e.Body),
                Change<SharePresented>(
                    p => p with { Presenter = Seated(entries.Select(e => e.Body).OfType<RoomOpened>().First().People, Roles.Operator) },
                    p => p.Share == 1 && p.Set.Contains("activation", StringComparison.Ordinal)))(null!, entries));

        foreach ((string name, Finding? tried, string says) in new (string, Finding?, string)[]
        {
            ("never asked", null, "nobody tried to wrap the locked key"),
            ("that wrapped it", new Finding("HSM-20", "fail", Refused), "is not as the program records it"),
            ("that was asked something else", new Finding("PROBE-11", "pass", Refused), "is not as the program records it"),
            ("asked in one way", new Finding("HSM-20", "pass",
                "Wrapping the locked key was tried and refused: 0x210A with CKR_KEY_UNEXTRACTABLE."), "is not as the program records it"),
            ("asked in the ways of an earlier program", new Finding("HSM-20", "pass", Refused), "is not as the program records it"),
            ("that said nothing", new Finding("HSM-20", "pass", ""), "is not as the program records it"),
        })
        {
            yield return new Lie(kind, $"a locked key and an HSM {name}", r => r.Root,
                Replay, $"(key-locked, step \"lock-root\") … {says}", Change<KeyLocked>(l => l with { Tried = tried }));
            yield return new Lie(kind, $"a transcript key and an HSM {name}", r => r.Root,
                Replay, $"(key-generated, step \"generate-transcript\") … {says}",
                Change<KeyGenerated>(k => k with { Tried = tried }, k => !k.Extractable));
        }
        yield return new Lie(kind, "a key that is not locked and was tried", r => r.Root,
            Replay, "(key-generated, step \"generate-root\") … a try that the program does not make here",
            Change<KeyGenerated>(k => k with { Tried = new Finding("HSM-20", "pass", Refused) }, k => k.Extractable));

        yield return new Lie(kind, "an HSM that stayed open in a break", r => r.Interrupted, Replay, "(break-ended … lock-token",
            Drop(e => e.Body is TokenLocked));
        yield return new Lie(kind, "another HSM locked for the break", r => r.Interrupted,
            Replay, "(token-locked … serial is \"P9\"", Change<TokenLocked>(l => l with { Serial = "P9" }));
        yield return new Lie(kind, "a stick that has the number of the HSM", r => r.Root,
            Replay, "(answered, step \"equipment\") … TYPED-04",
            Rewrite(e => IsAnswer(e, "equipment", "record-stick-a") ? (Answered)e.Body with { Value = "P1" } : e.Body));
        yield return new Lie(kind, "an HSM of another number than was read", r => r.Root,
            Replay, "(answered, step \"inspect-primary\") … due was an answer to \"serial\" by witness",
            Rewrite(e => IsAnswer(e, "equipment", "primary-hsm") ? (Answered)e.Body with { Value = "P7" } : e.Body));
    }
}
