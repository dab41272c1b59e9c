using System.Collections.Immutable;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using static KeyCeremony.Verifier.Tests.Pen;

namespace KeyCeremony.Verifier.Tests;

/// <summary>Keys that did not end so.</summary>
public sealed partial class LiesTests
{
    private static IEnumerable<Lie> Ends()
    {
        const string kind = "ends";
        const string stated = "(destruction-stated, step \"account\")";
        yield return new Lie(kind, "a key that is still in the HSM", r => r.Ended, Replay, "(token-looked-at, step \"destroy-root\")",
            Drop(e => e.Step == "destroy-root" && e.Body is KeyDestroyed or Attempted));
        yield return new Lie(kind, "another object that was destroyed", r => r.Ended, Replay, "(key-destroyed, step \"destroy-root\")",
            Change<KeyDestroyed>(d => d with { CkaId = new string('0', 32) }));
        yield return new Lie(kind, "a key that was destroyed in another HSM", r => r.Ended, Replay,
            "(key-destroyed, step \"destroy-root\")",
            Change<KeyDestroyed>(d => d with { Serial = "P2" }));
        yield return new Lie(kind, "an HSM that nobody asked afterwards", r => r.Ended, Replay, "step \"destroy-root\"",
            Drop(e => e is { Step: "destroy-root", Body: TokenLookedAt }));
        yield return new Lie(kind, "an HSM that still lists it", r => r.Ended, Replay, "(token-looked-at, step \"destroy-root\")",
            (_, entries) => Rewrite(e => e is { Step: "destroy-root", Body: TokenLookedAt look }
                ? look with { Keys = look.Keys.Add(Gone(entries).CkaId) } : e.Body)(null!, entries));
        yield return new Lie(kind, "an end that the witness never spoke", r => r.Ended, Replay, "(key-ended, step \"destroy-root\")",
            Drop(e => IsAnswer(e, "destroy-root", "ends/word")));
        yield return new Lie(kind, "another reason", r => r.Ended, Replay, "(key-ended, step \"destroy-root\")",
            Change<KeyEnded>(e => e with { Reason = "It was time." }));
        yield return new Lie(kind, "an end that nothing depends on", r => r.Ended, Replay, "step \"destroy-root\"",
            Drop(e => e.Step == "destroy-root" && e.Body is ExceptionRaised or ExceptionSignedOff));
        yield return new Lie(kind, "a card less that was burnt than there are", r => r.Ended, Replay, "(answered, step \"account\")",
            Both(Drop(e => e.Step == "burn-cards" && e.Body is CardChecked { Share: 3 } or BagOpened { Content: "backup share card 3" }
                or Answered { Question: "opened/backup share card 3" }
                || e.Step == "burn-cards" && e.Body is Answered a && a.Question.StartsWith("check/5/", Ordinal)),
                Rewrite(e => e.Body is Answered { Question: "check/7/set" } a ? a with { Question = "check/5/set" } : e.Body)));
        yield return new Lie(kind, "cards that are forgotten", r => r.Remains, Replay, "step \"account\"",
            Drop(e => e.Step == "account" && e.Body is CopyAnswered { Copies: [var first, ..] } && first.StartsWith("card/", Ordinal)));
        yield return new Lie(kind, "one of the cards that is forgotten", r => r.Remains, Replay, "(copy-answered, step \"account\")",
            Change<CopyAnswered>(a => a with { Copies = a.Copies[..1] }, a => a.Copies.Length > 1));
        yield return new Lie(kind, "cards that were destroyed in words alone", r => r.Remains, Replay, "step \"account\"",
            Change<CopyAnswered>(a => a with { Result = CopyAnswered.Destroyed }, a => a.Copies[0].StartsWith("card/", Ordinal)));
        yield return new Lie(kind, "a record that was purged", r => r.Remains, Replay, "step \"account\"",
            Rewrite(e => e.Body is Answered { Question: "copy/sticks/what" } a ? a with { Value = CopyAnswered.Purged }
                : e.Body is CopyAnswered { Copies: [CopyInventory.RecordSticks] } c ? c with { Result = CopyAnswered.Purged } : e.Body));
        yield return new Lie(kind, "copies that remain and nobody signed off", r => r.Remains, Replay, "step \"account\"",
            Drop(e => e.Step == "account" && e.Body is ExceptionRaised or ExceptionSignedOff));
        yield return new Lie(kind, "a statement that no copy is left", r => r.Remains, Replay, stated,
            Change<DestructionStated>(d =>
            {
                ImmutableArray<string> lines = [.. d.Lines.Select(l => l.Replace("copies remain", "no copy known", Ordinal))];
                return new DestructionStated(d.Key, lines, CopyInventory.Sha256Of(lines));
            }));
        yield return new Lie(kind, "no statement", r => r.Ended, Replay, "step \"account\"", Drop(e => e.Body is DestructionStated));
        yield return new Lie(kind, "a former HSM that nobody emptied", r => r.Moved, Replay, "step \"empty\"",
            Drop(e => e.Step == "empty" && e.Body is KeyDestroyed or Attempted or Answered { Question: not "former/here" }));
        yield return new Lie(kind, "a key that was destroyed in the new HSM", r => r.Moved, Replay, "(key-destroyed, step \"empty\")",
            Change<KeyDestroyed>(d => d with { Serial = "P2" }));
        yield return new Lie(kind, "a former HSM that nobody asked", r => r.Moved, Replay, "step \"empty\"",
            Drop(e => e is { Step: "empty", Body: TokenLookedAt }));
        yield return new Lie(kind, "an HSM that is lost and was replaced", r => r.Moved, Replay, "(token-retired, step \"replace\")",
            Change<TokenRetired>(t => t with { How = TokenRetired.Lost }));
        yield return new Lie(kind, "a move in a format that knew none", r => r.Moved, Replay, "what its script asks for came with format 7",
            Change<CeremonyOpened>(o => o with { Format = JournalFormats.Renewed }));
        yield return new Lie(kind, "an end in a format that knew none", r => r.Ended, Replay, "what its script asks for came with format 7",
            Change<CeremonyOpened>(o => o with { Format = JournalFormats.Renewed }));
    }

    [Fact]
    public void Verify_says_which_key_ended_and_what_is_left_of_it()
    {
        Assert.Contains("key root ended 2026-11-22: no copy known, read destroyed/root.txt",
            Judged(rooms.Ended, rooms.Ended.ForgeAll(e => e)).Summary);
        Assert.Contains("key root ended 2026-11-22: copies remain, read destroyed/root.txt",
            Judged(rooms.Remains, rooms.Remains.ForgeAll(e => e)).Summary);
    }

    private const StringComparison Ordinal = StringComparison.Ordinal;

    private static KeyDestroyed Gone(IEnumerable<Entry> entries) => entries.Select(e => e.Body).OfType<KeyDestroyed>().Last();
}
