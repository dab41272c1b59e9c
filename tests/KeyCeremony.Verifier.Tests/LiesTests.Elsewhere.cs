using KeyCeremony.Core.Journal;
using static KeyCeremony.Verifier.Tests.Pen;

namespace KeyCeremony.Verifier.Tests;

/// <summary>Cards that were made elsewhere, and were others than it says.</summary>
public sealed partial class LiesTests
{
    private static IEnumerable<Lie> Elsewhere()
    {
        const string kind = "made elsewhere", step = "step \"rewrap-root\"";
        yield return new Lie(kind, "cards that nobody signed off", r => r.Foreign, Replay, "due was exception-raised",
            Drop(e => e.Step == "rewrap-root" && e.Body is ExceptionRaised or ExceptionSignedOff));
        yield return new Lie(kind, "one card where two are needed", r => r.Foreign, Replay, "due was an answer to \"foreign/2\"",
            Drop(e => e.Body is ForeignCardPresented { Member: 1 }));
        yield return new Lie(kind, "a card of another set", r => r.Foreign, Replay, $"(foreign-card-presented, {step}) … PRESENT-08",
            Change<ForeignCardPresented>(c => c.Member == 1 ? c with { Identifier = 1 } : c));
        yield return new Lie(kind, "the same card twice", r => r.Foreign, Replay, $"(foreign-card-presented, {step})",
            Change<ForeignCardPresented>(c => c with { Member = 0 }));
        yield return new Lie(kind, "a card that no program deals", r => r.Foreign, Replay, $"(foreign-card-presented, {step})",
            Change<ForeignCardPresented>(c => c with { IterationExponent = 16 }));
        yield return new Lie(kind, "a card in the hands of nobody at the roll call", r => r.Foreign, Replay, "presenter",
            Change<ForeignCardPresented>(c => c with { Presenter = "Max Other" }));
        yield return new Lie(kind, "a card of this ledger", r => r.Foreign, Replay, $"(foreign-card-presented, {step}) … PRESENT-09",
            (_, entries) => Change<ForeignCardPresented>(c => c with
            {
                Digest = entries.Select(e => e.Body).OfType<SharesMade>().First(m => m.Name == "backup").Digests[0],
            }, c => c.Member == 0)(null!, entries));
        yield return new Lie(kind, "cards of our own in their place", r => r.Foreign, Replay, "foreign",
            Change<SecretRebuilt>(x => x with { Foreign = false }, x => x.Foreign));
        yield return new Lie(kind, "cards made elsewhere where our own were typed", r => r.Foreign, Replay, "foreign",
            Change<SecretRebuilt>(x => x with { Foreign = true }, x => !x.Foreign));
        yield return new Lie(kind, "another secret, and no misfit", r => r.Foreign, Replay, $"(secret-rebuilt, {step}) … keyCheck",
            Change<SecretRebuilt>(x => x with { KeyCheck = "0123456789abcdef" }, x => x.Foreign));
        yield return new Lie(kind, "a misfit of no rule", r => r.Foreign, Replay, $"(foreign-misfit, {step})",
            Change<ForeignMisfit>(x => x with { Rule = "SHARE-05" }));
        yield return new Lie(kind, "a passphrase in the journal", r => r.Foreign, Replay,
            "due was an answer to \"foreign/try-1/passphrase\"",
            Change<Answered>(a => a with { Value = "correct horse" }, a => a.Question == "foreign/try-1/passphrase"));
        yield return new Lie(kind, "cards made elsewhere in a format that knew none", r => r.Foreign, Replay,
            "what its script asks for came with format 7",
            Change<CeremonyOpened>(o => o with { Format = JournalFormats.Renewed }));
    }
}
