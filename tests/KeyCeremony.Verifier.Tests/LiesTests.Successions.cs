using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using static KeyCeremony.Verifier.Tests.Pen;

namespace KeyCeremony.Verifier.Tests;

/// <summary>Roots that did not rest, fall or take over so.</summary>
public sealed partial class LiesTests
{
    private static IEnumerable<Lie> Successions()
    {
        const string kind = "successions";
        const string rest = "step \"rest-next-root\"";
        yield return new Lie(kind, "a root that rests and is still in the HSM", r => r.Spared, Replay, rest,
            Drop(e => e.Step == "rest-next-root" && e.Body is KeyDestroyed or Attempted));
        yield return new Lie(kind, "a root that rests in another HSM", r => r.Spared, Replay, $"(key-destroyed, {rest})",
            Change<KeyDestroyed>(d => d with { Serial = "P2" }));
        yield return new Lie(kind, "the first root in place of the next", r => r.Spared, Replay, $"(key-destroyed, {rest})",
            Change<KeyDestroyed>(d => d with { Key = "root" }));
        yield return new Lie(kind, "an HSM that nobody asked for the root that rests", r => r.Spared, Replay, rest,
            Drop(e => e is { Step: "rest-next-root", Body: TokenLookedAt }));
        yield return new Lie(kind, "custodians of both roots whom nobody names", r => r.Spared, Replay, rest,
            Drop(e => e.Step == "rest-next-root" && e.Body is ExceptionRaised or ExceptionSignedOff));
        yield return new Lie(kind, "fewer custodians of both roots", r => r.Spared, Replay, $"(exception-raised, {rest})",
            Change<ExceptionRaised>(x => x with { What = x.What.Replace("\"root\"", "\"other\"", Ordinal) },
                x => x.Rule == CeremonyRules.SamePeople));
        yield return new Lie(kind, "a root that fell and nobody ended", r => r.Fallen, Replay, "step \"end-root\"",
            Drop(e => e.Body is KeyEnded));
        yield return new Lie(kind, "an end without the witness's word", r => r.Fallen, Replay, "(key-ended, step \"end-root\")",
            Drop(e => IsAnswer(e, "end-root", "ends/word")));
        yield return new Lie(kind, "a root that nobody withdrew", r => r.Fallen, Replay, "step \"withdraw-root\"",
            Drop(e => e.Body is RootWithdrawn || e is { Step: "withdraw-root", Body: Attempted }));
        yield return new Lie(kind, "the withdrawal of another root", r => r.Fallen, Replay, "(root-withdrawn, step \"withdraw-root\")",
            Change<RootWithdrawn>(w => w with { Root = "root-next" }));
        yield return new Lie(kind, "a withdrawal for another reason", r => r.Fallen, Replay, "(root-withdrawn, step \"withdraw-root\")",
            Change<RootWithdrawn>(w => w with
            {
                Statement = Convert.ToBase64String(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Convert.FromBase64String(w.Statement))
                    .Replace("A copy was sold.", "It was time.", Ordinal))),
            }));
        yield return new Lie(kind, "a withdrawal that was not signed", r => r.Fallen, Replay,
            "the signature of \"root-next\" does not hold", Change<RootWithdrawn>(w => w with
            {
                Signature = w.Signature with { Signature = Convert.ToBase64String(new byte[70]) },
            }));
        yield return new Lie(kind, "a withdrawal by the root that fell", r => r.Fallen, Replay, "it was not signed by \"root-next\"",
            Change<RootWithdrawn>(w => w with { Signature = w.Signature with { Certificate = "root" } }));
        yield return new Lie(kind, "a withdrawal by another key", r => r.Fallen, Replay, "it was not signed by \"root-next\"",
            Change<RootWithdrawn>(w => w with { Signature = w.Signature with { KeyId = new string('0', 64) } }));
        yield return new Lie(kind, "a spare in a format that knew none", r => r.Spared, Replay,
            "what its script asks for came with format 7", Change<CeremonyOpened>(o => o with { Format = JournalFormats.Renewed }));
    }

    [Fact]
    public void Verify_says_how_many_spares_are_left()
    {
        SoftwareRoom room = rooms.Spared;
        BundleVerdict verdict = Judged(room, room.ForgeAll(e => e));
        Assert.Contains("plan B: 1 spare root", verdict.Summary);
        SpareRoot spare = Assert.Single(verdict.Spares);
        Assert.Equal(("root-next", "0002-backup-1", 2, 3, 3), (spare.Certificate, spare.Set, spare.Needed, spare.Issued, spare.Good));
        Assert.Contains("the root \"root-next\" rests since 2026-11-22: 2 of 3 cards of 0002-backup-1 bring it back, 3 good when last "
            + $"seen; SHA-256 {spare.Sha256}", verdict.Summary);
    }

    /// <summary>The record of the worst day is signed under the next root: whoever knows the first one is led to it, and told.</summary>
    [Fact]
    public void Verify_leads_from_the_root_that_fell_to_the_next()
    {
        ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> bundle = rooms.Fallen.Bundle();
        string next = Convert.ToHexStringLower(SHA256.HashData(bundle["certificates/root-next.der"].Span));
        foreach (string root in new[] { "root", "root-next" })
        {
            BundleVerdict verdict = BundleVerify.Check("b", bundle,
                new VerifyOptions(SHA256.HashData(bundle[$"certificates/{root}.der"].Span))).Verdict;
            Assert.DoesNotContain("VERIFY-10", verdict.Rules());
        }
        BundleVerdict judged = Judged(rooms.Fallen, rooms.Fallen.ForgeAll(e => e));
        Assert.Contains("WITHDRAWN: the root root, on 2026-11-22, by root-next. Name that one to --trust from now on, SHA-256 " + next,
            judged.Summary);
        Assert.Contains("plan B: no spare root is left", judged.Summary);
        Assert.Empty(judged.Spares);
    }
}
