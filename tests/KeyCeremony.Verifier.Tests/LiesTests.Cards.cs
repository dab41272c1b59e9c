using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;
using static KeyCeremony.Verifier.Tests.Pen;

namespace KeyCeremony.Verifier.Tests;

/// <summary>Cards that were not checked so, on a day of which no bundle of its own tells.</summary>
public sealed partial class LiesTests
{
    private static IEnumerable<Lie> Cards()
    {
        const string kind = "cards";
        const string found = "(card-checked, step \"cards\")";
        yield return new Lie(kind, "a lost card that was good", r => r.Checked, Replay, $"{found} … result is",
            Change<CardChecked>(c => c with { Result = CardChecked.Good }, c => c.Result == CardChecked.Lost));
        yield return new Lie(kind, "a good card with another digest", r => r.Checked, Replay, $"{found} … result is",
            Change<CardChecked>(c => c with { Digest = new string('a', 64) }, c => c is { Result: CardChecked.Good, Share: 1 }));
        yield return new Lie(kind, "a good card with the digest of its neighbour", r => r.Checked, Replay, $"{found} … CARDS-03",
            (_, entries) => Change<CardChecked>(
                c => c with { Digest = entries.Select(e => e.Body).OfType<SharesMade>().Single(m => m.Set == c.Set).Digests[1] },
                c => c is { Result: CardChecked.Good, Share: 1 })(null!, entries));
        yield return new Lie(kind, "a digest that is none", r => r.Checked, Replay, $"{found} … due was an answer to \"check/1/typed\"",
            Change<CardChecked>(c => c with { Digest = "yes" }, c => c is { Result: CardChecked.Good, Share: 1 }));
        yield return new Lie(kind, "a card of another custodian", r => r.Checked, Replay, $"{found} … custodian is",
            Change<CardChecked>(c => c with { Custodian = "Max Other" }, c => c.Share == 1));
        yield return new Lie(kind, "another card than was asked for", r => r.Checked, Replay, found,
            Change<CardChecked>(c => c with { Share = 2 }, c => c is { Result: CardChecked.Good, Share: 1 }));
        yield return new Lie(kind, "a card that lies elsewhere", r => r.Checked, Replay, $"{found} … site is",
            Change<CardChecked>(c => c with { Site = "Bern" }, c => c.Share == 1));
        yield return new Lie(kind, "other hands that are not named", r => r.Checked, Replay, $"{found} … presenter",
            Change<CardChecked>(c => c with { Presenter = null }, c => c.Presenter is not null));
        yield return new Lie(kind, "a card that nobody brought", r => r.Checked, Replay,
            $"{found} … due was an answer to \"bag/backup share card 1\"",
            (_, entries) => After(e => e.Body is CardChecked, _ =>
                [entries.Select(e => e.Body).OfType<CardChecked>().First() with { Share = 2 }])(null!, entries));
        yield return new Lie(kind, "a card of a set that serves, destroyed", r => r.Checked, Replay,
            "(answered, step \"cards\") … ASK-05",
            Rewrite(e => IsAnswer(e, "cards", "check/1/state") ? (Answered)e.Body with { Value = CardChecked.Destroyed } : e.Body));
        yield return new Lie(kind, "a loss without an exception", r => r.Checked, Replay, "due was exception-raised",
            Drop(e => e.Body is ExceptionRaised { Rule: "CARDS-01" }));
        yield return new Lie(kind, "other hands without an exception", r => r.Checked, Replay, "due was exception-raised",
            Drop(e => e.Body is ExceptionRaised { Rule: "CARDS-02" }));
        yield return new Lie(kind, "a loss that nobody typed", r => r.Checked, Replay,
            $"{found} … due was an answer to \"check/2/sure\" by witness", Drop(e => IsAnswer(e, "cards", "check/2/sure")));
        yield return new Lie(kind, "a check in a format that knew none", r => r.Checked, Replay,
            "what its script asks for came with format 5",
            Change<CeremonyOpened>(o => o with { Format = JournalFormats.Prepared }));
        yield return new Lie(kind, "places in a format that knew none", r => r.Sited, Replay,
            "what its script asks for came with format 5",
            Change<CeremonyOpened>(o => o with { Format = JournalFormats.Prepared }));
        yield return new Lie(kind, "an owner who brings the own card as somebody else", r => r.Checked, Replay, $"{found} … presenter",
            Change<CardChecked>(c => c with { Presenter = c.Custodian }, c => c is { Result: CardChecked.Good, Share: 1 }));
        yield return new Lie(kind, "a card that was here, lost without a word", r => r.Checked, Replay, found,
            Change<CardChecked>(c => c with { Result = CardChecked.Lost, Digest = "" }, c => c is { Result: CardChecked.Good, Share: 1 }));
        yield return new Lie(kind, "a day without a signature whose end nobody typed", r => r.Checked, Replay,
            "due was an answer to \"end/0002-card-check\" by witness", Drop(e => IsAnswer(e, "ledger", "end/0002-card-check")));
        yield return new Lie(kind, "a day without a signature that ended otherwise", r => r.Checked, Replay,
            "(answered, step \"ledger\") … UNSIGNED-02", Rewrite(e => IsAnswer(e, "ledger", "end/0002-card-check")
                ? (Answered)e.Body with { Value = Core.Ceremony.StopWords.Of(new byte[32]) } : e.Body));
        yield return new Lie(kind, "a day that was closed by somebody else", r => r.Checked, Replay, "(answered, step \"close\") … by is",
            In("card-check", body => body is Answered { Question: "close" } a ? a with { By = Roles.Operator } : body));
    }
}
