using System.Collections.Immutable;
using KeyCeremony.App.Room;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Script;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Tests.Room;

/// <summary>Rules of the engine that a hostile or unlucky room would get around.</summary>
public class EngineTests
{
    private static readonly string Script = SoftwareRoom.Script("root-creation.md");

    [Theory]
    [InlineData("room", 30)]
    [InlineData("approve", 30)]
    [InlineData("generate-root", 72)]
    [InlineData("approve-transcript", 30)]
    public void NothingIsSignedWhosePreviewIsOlderThanADay(string step, int hours)
    {
        var room = new SoftwareRoom();
        room.Open(Script);
        room.Instead = move =>
        {
            if (move is Ask && room.State.Step?.Id == step)
                room.Rested = TimeSpan.FromHours(hours);
            return null;
        };
        room.GoOn();
        Assert.True(BundleVerify.Check("", room.Bundle(), new VerifyOptions()).Verdict.Passed);
        foreach (Entry entry in room.Entries.Where(e => e.Body is CertificateSigned))
        {
            Assert.True(CertificateReader.TryReadCertificate(Convert.FromBase64String(((CertificateSigned)entry.Body).Der),
                out ParsedCertificate? certificate, out _));
            DateTimeOffset begins = certificate.ToBeSigned.NotBefore.Value;
            Assert.InRange(entry.Utc - begins, TimeSpan.Zero, TimeSpan.FromHours(24));
        }
        bool again = step != "room";
        Assert.Equal(again, room.Entries.Any(e => e.Body is ExceptionRaised { Rule: CeremonyRules.PreviewTooOld }));
    }

    [Fact]
    public void AReportAboutABagDoesNotHideAWrongBagNumber()
    {
        var room = new SoftwareRoom();
        _ = room.Play(Script);
        CeremonyScript recovery = SoftwareRoom.Parse(SoftwareRoom.Script("disaster-recovery.md"));
        room.Open(recovery.Text);
        bool reported = false;
        room.Instead = move =>
        {
            if (room.State.Step is RetireHsmStep)
                throw new PowerFailure();
            if (room.State.Step is not OpenBagsStep || move is not Ask ask || ask.Question.Id != "bag/record stick A")
                return null;
            if (reported)
                return new Answer(ask.Question.Id, "WRONG-1");
            reported = true;
            return new Report("The bag with \"record stick A\" is dusty.");
        };
        _ = Assert.ThrowsAny<Exception>(room.GoOn);
        Assert.Contains(room.Entries, e => e.Body is ExceptionRaised { Rule: CeremonyRules.BagDiffers });
    }

    [Fact]
    public void AClosedCeremonyWhoseHsmDiedCanBeAborted()
    {
        var room = new SoftwareRoom();
        room.Open(Script);
        room.Instead = move => move switch
        {
            Perform { Effect: SignCheckpoint e } => new Broke(e, "C_Sign CKR_DEVICE_REMOVED", "It is gone."),
            Ask { Question: { Id: "abort/decide" } decide } => new Answer(decide.Id, "abort"),
            Ask { Question.Id: not "abort/word" } when room.State.ClosedEntry => new Abort("The HSM is dead."),
            _ => null,
        };
        room.GoOn();
        Assert.True(room.State.Aborted);
        Assert.Null(Director.MayOpen(room.State.World, SoftwareRoom.Parse(SoftwareRoom.Script("disaster-recovery.md")),
            room.State.Last.Utc));
    }

    [Fact]
    public void ALedgerOfNonsenseIsRefusedAndNeverThrows()
    {
        var room = new SoftwareRoom();
        _ = room.Play(Script);
        var random = new Random(4711);
        int refused = 0;
        for (int i = 0; i < 300; i++)
        {
            List<Entry> shuffled = [.. room.Entries.Skip(1)];
            for (int change = random.Next(1, 6); change > 0; change--)
            {
                Entry moved = shuffled[random.Next(shuffled.Count)];
                shuffled.Remove(moved);
                if (random.Next(2) == 0)
                    shuffled.Insert(random.Next(shuffled.Count), moved);
            }
            if (i % 10 == 0)
                shuffled = [.. shuffled.Where(_ => random.Next(4) != 0)];
            ImmutableArray<Entry> chain = [room.Entries[0]];
            foreach (Entry e in shuffled)
                chain = chain.Add(Entry.Following(chain[^1], e.Ceremony, e.Utc, e.Step, e.Body));
            chain = chain[..random.Next(1, chain.Length + 1)];
            if (!Opening.TryReplay(chain, out _, out Refusal? refusal))
            {
                Assert.Equal("OPEN-05", refusal.Rule);
                refused++;
            }
        }
        Assert.InRange(refused, 1, 299);
    }

    [Theory]
    [InlineData("Ada \u202Esmada", false)]
    [InlineData("Ada\u200B Adams", false)]
    [InlineData("Ada \u001b[2J", false)]
    [InlineData("Ada \u2028Adams", false)]
    [InlineData("Żółć Иванова 李", true)]
    public void WhatNobodySeesIsNoAnswer(string name, bool taken)
    {
        var room = new SoftwareRoom();
        room.Open(Script);
        Ask ask = Assert.IsType<Ask>(Director.Next(room.State));
        Assert.Equal(taken, Director.Decide(room.State, new Answer(ask.Question.Id, name), room.State.Last.Utc).Refusal is null);
    }

    [Fact]
    public void ALongReportIsCutBetweenCharacters()
    {
        var room = new SoftwareRoom();
        room.Open(Script);
        var raised = (ExceptionRaised)Director.Decide(room.State, new Report(new string('a', 199) + "\U0001F511 \u202E"),
            room.State.Last.Utc).Entries[0];
        Assert.True(PlainText.Is(raised.What));
    }
}
