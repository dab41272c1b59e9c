using System.Collections.Immutable;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Tests.Room;

/// <summary>A whole ceremony, disturbed at every place where it can be disturbed: it always closes, and rightly.</summary>
public class InterruptionTests
{
    private static readonly string Script = SoftwareRoom.Script("root-creation.md");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void PowerFailsAfterEveryEntry(bool inTheCall)
    {
        int places = Played(_ => { }).Entries.Length;
        for (int place = 2; place < places; place++)
        {
            int at = place, seen = 0;
            bool failed = false;
            Closes(Played(room => room.PowerFails = entry =>
            {
                bool now = inTheCall ? entry is null && ++seen == at - 1 : entry?.Seq == at;
                bool fails = now && !failed;
                failed |= fails;
                return fails;
            }), $"power fails {(inTheCall ? "inside call" : "after entry")} {place}");
            if (!failed)
                return;
        }
    }

    [Fact]
    public void PowerFailsAfterEveryEntryOfOneCeremony()
    {
        long last = 0;
        Closes(Played(room => room.PowerFails = entry =>
        {
            // Once for each place; what follows from a restart itself is left alone, or no share set would ever be dealt.
            bool fails = entry is
            {
                Body: Attempted or AttemptResolved or StepDone or KeyGenerated
                or CertificateSigned or KeyBackedUp or TokenCommissioned or CeremonyClosed or CheckpointSigned
            } && entry.Seq > last;
            if (fails)
                last = entry!.Seq + (entry.Body is Attempted { Try: > 1 } ? 60 : 0);
            return fails;
        }), "power fails again and again");
    }

    [Theory]
    [InlineData("C_Sign CKR_DEVICE_ERROR")]
    [InlineData("HSM-04")]
    public void EveryEffectBreaksOnce(string where)
    {
        for (int place = 1; ; place++)
        {
            int at = place, seen = 0;
            bool broke = false;
            Closes(Played(room => room.Instead = move =>
            {
                if (move is not Perform p || broke || ++seen != at)
                    return null;
                broke = true;
                return new Broke(p.Effect, where, "It broke.");
            }), $"effect {place} breaks with {where}");
            if (!broke)
                return;
        }
    }

    [Fact]
    public void NoEffectIsRepeatedUnlessSomebodySaysSo()
    {
        // From one effect on everything breaks for a while: between two tries a person has spoken.
        for (int place = 1; ; place++)
        {
            int at = place, seen = 0, broken = 0;
            SoftwareRoom room = Played(room => room.Instead = move =>
            {
                if (move is not Perform { Effect: not (RebuildSecret or ForgetSecret or CombineSubsets) } p || ++seen < at || broken == 12)
                    return null;
                broken++;
                return new Broke(p.Effect, "C_OpenSession CKR_TOKEN_NOT_PRESENT", "It broke.");
            });
            Closes(room, $"everything breaks from effect {place} on");
            Entry[] failures = [.. room.Entries.Where(e => e.Body is Failed)];
            foreach ((Entry one, Entry next) in failures.Zip(failures.Skip(1)))
                Assert.Contains(room.Entries, e => e.Seq > one.Seq && e.Seq < next.Seq && e.Body is Answered or SharePresented);
            if (broken == 0)
                return;
        }
    }

    /// <summary>Behind the close a quorum unlocks the HSM once more, with cards from sealed bags: they go into new ones.</summary>
    [Fact]
    public void CardsThatAreTakenOutBehindTheCloseAreSealedAgain()
    {
        bool failed = false;
        SoftwareRoom room = Played(room => room.PowerFails = entry =>
        {
            bool now = entry?.Body is CeremonyClosed && !failed;
            failed |= now;
            return now;
        });
        Closes(room, "power fails behind the close");
        Entry[] behind = [.. room.Entries.SkipWhile(e => e.Body is not CeremonyClosed)];
        string[] opened = [.. behind.Select(e => e.Body).OfType<BagOpened>().Select(b => b.Content)];
        Assert.Equal(2, opened.Length);
        Assert.Equal(opened.Order(), behind.Select(e => e.Body).OfType<BagSealed>().Select(b => b.Content).Order());
        Assert.True(behind.First(e => e.Body is BagSealed).Seq < behind.First(e => e.Body is CheckpointSigned).Seq);
        Assert.Empty(room.State.OutOfBag);
    }

    /// <summary>What was left cannot be taken over: the officers may still have it destroyed and made anew.</summary>
    [Fact]
    public void AKeyThatCannotBeTakenOverIsDestroyedAndMadeAgain()
    {
        bool failed = false;
        SoftwareRoom room = Played(room =>
        {
            room.PowerFails = entry =>
            {
                bool now = entry is null && !failed && room.State.Pending is { Effect: "generate-key" };
                failed |= now;
                return now;
            };
            room.Instead = move => move switch
            {
                Perform { Effect: AdoptKey adopt } => new Broke(adopt, "HSM-09", "The key is not sensitive."),
                Ask { Question: { Id: "again/adopt-key" } question } => new Answer(question.Id, "repeat"),
                _ => null,
            };
        });
        Closes(room, "what was left cannot be taken over");
        Assert.Equal(["adopt", "repeat"], room.Entries.Select(e => e.Body).OfType<AttemptResolved>().Select(r => r.Resolution));
        Assert.Equal(2, room.Entries.Count(e => e.Body is ExceptionRaised { Rule: CeremonyRules.Interrupted }));
    }

    [Fact]
    public void NobodyLeavesWhileASecretIsHeld()
    {
        int refused = 0, begun = 0;
        Closes(Played(room => room.Instead = move =>
        {
            if (move is not Ask || room.State.Break is not null)
                return null;
            Decision decision = Director.Decide(room.State, new TakeBreak([.. room.State.People.Select(p => p.Name)]), room.State.Last.Utc);
            refused += decision.Refusal?.Rule == CeremonyRules.SecretHeld ? 1 : 0;
            begun += decision.Refusal is null ? 1 : 0;
            Assert.True(decision.Refusal is not null || room.State.Held.IsEmpty, room.State.Step!.Id);
            return null;
        }), "breaks are asked for");
        Assert.True(refused > 5 && begun > 5, $"{refused} refused, {begun} begun");
    }

    /// <summary>Between two cards of a quorum the witness marks who comes, and the first card is in memory.</summary>
    [Theory]
    [InlineData(JournalFormats.Renewed, true)]
    [InlineData(JournalFormats.Accounted, false)]
    public void NobodyLeavesWhileACardWaitsForTheRestOfItsQuorum(int format, bool mayLeave)
    {
        int waiting = 0, allowed = 0;
        Closes(Played(room =>
        {
            room.Format = format;
            room.Instead = move =>
            {
                if (move is not Ask { Question.Kind: AnswerKind.Choice } || room.State.Break is not null
                    || room.State.SoFar is not [.., { Body: SharePresented card }])
                    return null;
                Decision decision =
                    Director.Decide(room.State, new TakeBreak([.. room.State.People.Select(p => p.Name)]), room.State.Last.Utc);
                if (decision.Refusal is { Rule: CeremonyRules.SecretHeld } refusal)
                    Assert.Contains($"of {card.Set} ", refusal.Message, StringComparison.Ordinal);
                waiting++;
                allowed += decision.Refusal is null ? 1 : 0;
                return null;
            };
        }), "breaks between cards are asked for");
        Assert.Equal((true, mayLeave ? waiting : 0), (waiting > 0, allowed));
    }

    [Fact]
    public void EveryQuestionIsDisturbed()
    {
        Func<CeremonyState, Message>[] disturbances =
        [
            _ => new Report("Somebody coughed."),
            _ => new Undo(),
            s => new TakeBreak([.. s.People.Select(p => p.Name)]),
            s => new Abort("It ends here.", "nobody"),
        ];
        foreach (Func<CeremonyState, Message> disturb in disturbances)
        {
            int before = -1;
            HashSet<(string?, string)> disturbed = []; // A break locks the HSM: people who rest after each unlocking never end.
            Closes(Played(room => room.Instead = move =>
            {
                if (move is not Ask { Question: { } question } || room.Entries.Length < before + 6
                    || room.Entries[^1].Body is Failed or Withdrawn)
                    return null;
                Message message = disturb(room.State);
                if (Director.Decide(room.State, message, room.State.Last.Utc).Refusal is not null
                    || !disturbed.Add((room.State.Step?.Id, question.Id)))
                    return null;
                before = room.Entries.Length;
                return message;
            }), "disturbed");
        }
    }

    private static SoftwareRoom Played(Action<SoftwareRoom> prepare)
    {
        var room = new SoftwareRoom();
        prepare(room);
        room.Open(Script);
        room.GoOn();
        return room;
    }

    private static void Closes(SoftwareRoom room, string how)
    {
        Assert.True(room.State is { Ended: true, Aborted: false, Held.IsEmpty: true, Pending: null }, how);
        Assert.True(room.State.OpenExceptions.IsEmpty, how);
        (BundleVerdict verdict, _) = BundleVerify.Check(how, room.Bundle(), new VerifyOptions());
        Assert.True(verdict.Passed, $"{how}: {string.Join("\n", verdict.Checks.SelectMany(c => c.Flaws))}");
        NothingTwice(room.Entries, how);
    }

    /// <summary>Between two attempts at the same thing somebody has resolved the first.</summary>
    private static void NothingTwice(ImmutableArray<Entry> entries, string how)
    {
        Attempted? open = null;
        foreach (Entry entry in entries)
        {
            if (entry.Body is Attempted attempt)
            {
                Assert.True(open is null, $"{how}: entry {entry.Seq}");
                open = attempt;
            }
            if (entry.Body is AttemptResolved or TokenProbed or SharesMade or TokenCommissioned
                or KeyGenerated or CertificateSigned or KeyBackedUp or WrapKeyDestroyed
                or BackupDrilled or KeyLocked or KeyRestored or CheckpointSigned or HeadStored)
                open = null;
        }
    }
}
