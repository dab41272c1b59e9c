using System.Collections.Immutable;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.App.Tests.Room;

/// <summary>What people stumbled over at the keyboard: gates, confirmations, whose hands it were, numbers and bags.</summary>
public sealed class KeyboardTests(SigningRooms rooms) : IClassFixture<SigningRooms>
{
    private static readonly string Root = SoftwareRoom.Script("root-creation.md");

    [Fact]
    public void Between_two_officers_stands_a_word_that_only_this_screen_shows()
    {
        SoftwareRoom room = Opened(Root);
        Question first = room.Until("deal-activation", "card/0001-activation-1/1/alone"),
            second = room.Until("deal-activation", "card/0001-activation-1/2/alone");
        Assert.Equal(CeremonyRules.Empty, room.Say("")?.Rule);
        foreach (string habit in (string[])["yes", first.Expected])
            Assert.Equal(CeremonyRules.NotThePhrase, room.Say(habit)?.Rule);
        Assert.True(PgpWords.TryParse(second.Expected, out byte[]? one, out _) && one.Length == 1);
        Assert.Null(room.Say(second.Expected));
        Assert.Equal(AnswerKind.ShowShare, room.Asked().Kind);
    }

    [Fact]
    public void The_first_format_asks_for_none_of_it()
    {
        var room = new SoftwareRoom { Format = JournalFormats.First };
        room.Open(Root);
        Assert.Equal(AnswerKind.Acknowledge, room.Until("deal-activation", "card/0001-activation-1/2/alone").Kind);
        room.GoOn();
        Assert.DoesNotContain(room.Entries, e => e.Body is Answered { Question: "begin" or "script" or "present/1/who" });
        Assert.All(room.Entries.Select(e => e.Body).OfType<SharePresented>(), p => Assert.Null(p.Presenter));
        Assert.All(room.Entries.Select(e => e.Body).OfType<KeyLocked>(), l => Assert.Null(l.Tried));
    }

    [Fact]
    public void Whoever_comes_with_a_card_is_marked_before_it_is_typed()
    {
        SoftwareRoom room = Opened(Root);
        Question who = room.Until("drill", "present/1/who");
        Assert.Equal((Roles.Witness, AnswerKind.Choice), (who.By, who.Kind));
        Assert.Equal(room.State.People.Length, who.Choices.Length);
        Assert.Null(room.Say("officer/2"));
        Assert.Equal(("present/1", Roles.Officer, 2), (room.Asked().Id, room.Asked().By, room.Asked().Seat));
        Question next = room.Until("drill", "present/2/who");
        Assert.StartsWith("1 of 2 cards is accepted.", next.Prompt, StringComparison.Ordinal);
    }

    [Fact]
    public void A_card_in_other_hands_is_an_exception_with_its_reason()
    {
        SoftwareRoom room = Opened(Root).Saying("present/1/who", "operator/1").Saying("present/1/why", "The officer cannot see well.");
        room.GoOn();
        SharePresented presented = room.Entries.Select(e => e.Body).OfType<SharePresented>().First();
        string custodian = room.State.NameOf(Roles.Officer), hands = room.State.NameOf(Roles.Operator);
        Assert.Equal((custodian, hands), (presented.Custodian, presented.Presenter));
        ExceptionRaised raised = Assert.Single(room.Entries.Select(e => e.Body).OfType<ExceptionRaised>());
        Assert.Equal((CeremonyRules.Stranger,
            $"Card 1 of {presented.Set} was dealt to {custodian}; {hands} presented it: The officer cannot see well."),
            (raised.Rule, raised.What));
    }

    [Theory]
    [InlineData("inspect-primary", "inspect", "probe-token")]
    [InlineData("deal-activation", "deal", "make-shares")]
    [InlineData("commission", "commission", "commission-token")]
    [InlineData("generate-root", "generate", "generate-key")]
    [InlineData("sign-root", "sign", "sign-certificate")]
    [InlineData("backup-root", "wrap", "back-up-key")]
    [InlineData("destroy-wrap-key", "destroy", "destroy-wrap-key")]
    [InlineData("drill", "drill", "drill-recovery")]
    [InlineData("lock-root", "lock", "lock-key")]
    public void What_changes_a_device_waits_for_its_word(string step, string word, string effect)
    {
        SoftwareRoom room = Opened(Root);
        Assert.Equal(word, room.Until(step, "begin").Expected);
        Assert.DoesNotContain(room.Entries, e => e.Step == step && e.Body is Attempted);
        Assert.Equal(CeremonyRules.Empty, room.Say("")?.Rule);
        room.Restart();
        if (room.Asked().Id == "resume/head")
            room.Step();
        room.Until(step, "begin");
        Assert.Null(room.Say(word));
        Assert.Contains(room.Entries, e => e.Step == step && e.Body is Attempted a && a.Effect == effect);
    }

    [Fact]
    public void Backup_cards_are_dealt_on_a_word_too() => Assert.Equal("deal", Opened(Root).Until("deal-backup", "begin").Expected);

    /// <summary>So that a verb that is added is not forgotten: nothing is announced in a step where nobody typed a word for it.</summary>
    [Theory]
    [InlineData("root-creation.md")]
    [InlineData("intermediate-signing.md")]
    [InlineData("crl-signing.md")]
    [InlineData("manifest-key.md")]
    public void Nothing_is_announced_that_nobody_began(string script)
    {
        SoftwareRoom room = script == "root-creation.md" ? Opened(Root) : rooms.Rooted();
        if (script != "root-creation.md")
            room.Open(SoftwareRoom.Script(script));
        room.GoOn();
        string ceremony = room.State.Id;
        foreach (Entry attempted in room.Entries.Where(e => e.Ceremony == ceremony && e.Body is Attempted))
            Assert.Contains(room.Entries, e => e.Ceremony == ceremony && e.Step == attempted.Step
                && e.Seq < attempted.Seq && e.Body is Answered { Question: "begin" or "close" });
    }

    [Fact]
    public void A_step_that_changes_a_device_has_a_text_to_read()
    {
        string script = Root.Replace("The root key in the primary HSM is locked: it cannot be wrapped again, by anybody,\n"
            + "ever. The appliance tries and must fail.\n", "", StringComparison.Ordinal);
        Assert.NotEqual(Root, script);
        ScriptFinding found = Assert.Single(ScriptCheck.Check(SoftwareRoom.Parse(script)), f => f.Rule == CheckRules.NothingToRead);
        Assert.Equal((Severity.Error, "lock-root"), (found.Severity, found.Step));
        Assert.Equal(Severity.Warning, ScriptCheck.Check(SoftwareRoom.Parse(script), witnessIsMandatory: false)
            .Single(f => f.Rule == CheckRules.NothingToRead).Severity);
    }

    [Fact]
    public void Two_devices_have_no_number_in_common()
    {
        SoftwareRoom room = Opened(Root);
        room.Until("equipment", "record-stick-b");
        Assert.Equal(CeremonyRules.SerialTwice, room.Say("s-RECORD-stick-a")?.Rule);
        room.Until("drill-equipment", "drill-hsm");
        Assert.Equal(CeremonyRules.SerialTwice, room.Say("P1")?.Rule);
        Assert.Null(room.Say("D1"));
    }

    [Fact]
    public void The_number_on_the_HSM_is_compared_with_what_it_says()
    {
        SoftwareRoom room = Opened(Root).Saying("primary-hsm", "P7");
        Question differs = room.Until("inspect-primary", "serial");
        Assert.Contains("read as P7, and the HSM says P1", differs.Prompt, StringComparison.Ordinal);
        Assert.Null(room.Say("again"));
        Assert.Equal("serial", room.Asked().Id);
        Assert.Null(room.Say("exception"));
        Assert.StartsWith("sign-off/", room.Asked().Id, StringComparison.Ordinal);
        room.GoOn();
        Assert.Equal("The number on the primary HSM was read as P7; the HSM says P1.",
            Assert.Single(room.Entries.Select(e => e.Body).OfType<ExceptionRaised>(), x => x.Rule == CeremonyRules.OtherSerial).What);
    }

    [Fact]
    public void A_number_that_is_to_be_typed_stands_nowhere_before()
    {
        SoftwareRoom room = rooms.Rooted();
        string recorded = Replay.WorldAfter(room.Entries).Bags["primary HSM"];
        room.Open(SoftwareRoom.Script("crl-signing.md"));
        Assert.Contains("came out of", room.Until("open-bags", "bag/record stick A").Prompt, StringComparison.Ordinal);
        Question bag = room.Until("open-bags", "bag/primary HSM");
        Assert.DoesNotContain(recorded, string.Join('\n', bag.EvidenceLines) + bag.Prompt + bag.Help, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_in_use_to_the_end_is_not_said_to_be_sealed()
    {
        SoftwareRoom room = Opened(Root);
        Assert.Contains("leave it open", room.Until("seal-equipment", "bag/primary HSM").Prompt, StringComparison.Ordinal);
        Assert.Contains("seal it", Opened(Root).Until("seal-cards", "bag/backup share card 1").Prompt, StringComparison.Ordinal);
    }

    [Fact]
    public void A_card_that_was_sealed_is_taken_out_of_its_bag_and_gets_a_new_one()
    {
        SoftwareRoom room = Opened(Root);
        room.Until("close", "close");
        string before = room.State.World.Bags["activation share card 1"];
        room.ComeBack();
        Assert.Null(room.Say("CLOSE"));
        room.GoOn();
        Assert.Contains(room.Entries,
            e => e.Step == "close" && e.Body is BagOpened { Content: "activation share card 1", Number: var number } && number == before);
        // Closed already, and what was opened for the signature lies in a new bag before the record is signed.
        Assert.NotEqual(before, room.State.World.Bags["activation share card 1"]);
    }

    [Fact]
    public void A_break_locks_the_HSM()
    {
        SoftwareRoom room = Opened(Root);
        room.Until("approve", "confirm");
        Assert.True(room.State.Unlocked);
        Assert.Null(room.Tell(new TakeBreak([room.State.NameOf(Roles.Witness), room.State.NameOf(Roles.Operator)])));
        Assert.False(room.State.Unlocked);
        Assert.Contains(room.Entries, e => e.Body is TokenLocked { Serial: "P1" });
        Assert.Equal("break/end", room.Asked().Id);
        room.GoOn();
        Assert.Contains(room.Entries, e => e.Step == "generate-root" && e.Body is TokenUnlocked);
    }

    [Fact]
    public void A_lost_HSM_says_so_where_its_cards_are_asked_for()
    {
        SoftwareRoom room = Opened(Root);
        room.Until("sign-root", "begin");
        room.Instead = move =>
            move is Perform { Effect: SignCertificate e } ? new Broke(e, "C_Sign CKR_DEVICE_REMOVED", "It is gone.") : null;
        Assert.Null(room.Say("sign"));
        Assert.Contains(room.Asked().EvidenceLines, line => line.Contains("CKR_DEVICE_REMOVED", StringComparison.Ordinal));
        room.Instead = null;
        Assert.Contains(room.Until("sign-root", "present/1/who").EvidenceLines,
            line => line.Contains("CKR_DEVICE_REMOVED", StringComparison.Ordinal));
        room.GoOn();
    }

    [Fact]
    public void A_step_with_nothing_to_do_is_not_done()
    {
        SoftwareRoom room = rooms.Rooted().Saying("file", "leave-out");
        room.Open(SoftwareRoom.Script("intermediate-signing.md"));
        room.GoOn();
        ImmutableArray<Step> steps = room.State.Script.Steps;
        Assert.NotEmpty(room.State.Skipped);
        Assert.All(room.State.Skipped,
            at => Assert.True(steps[at] is ImportRequestStep or PreviewCertificateStep or SignCertificateStep, steps[at].Id));
    }

    [Fact]
    public void The_script_is_compared_with_the_binder()
    {
        SoftwareRoom room = Opened(Root);
        Question script = room.Until("roll-call", "script");
        Assert.Equal((Roles.Witness, PgpWords.Of(Convert.FromHexString(room.State.Script.Sha256).AsSpan(0, 2))),
            (script.By, script.Expected));
        Assert.StartsWith("Today we create the root key", room.State.Script.Introduction, StringComparison.Ordinal);
        Assert.EndsWith("read to its end.", room.State.Script.Introduction, StringComparison.Ordinal);
    }

    [Fact]
    public void Bags_that_the_ledger_forgot_are_one_exception()
    {
        SoftwareRoom room = rooms.Rooted();
        room.Open(SoftwareRoom.Script("crl-signing.md"));
        room.Until("preview-list", "more");
        room.GiveUp();
        room.Open(SoftwareRoom.Script("crl-signing.md"));
        room.GoOn();
        ExceptionRaised raised = Assert.Single(room.Entries.Where(e => e.Ceremony == room.State.Id)
            .Select(e => e.Body).OfType<ExceptionRaised>());
        Assert.Equal(CeremonyRules.BagUnknown, raised.Rule);
        foreach (string content in (string[])["record stick A", "record stick B", "primary HSM", "activation share card 1"])
            Assert.Contains($"\"{content}\"", raised.What, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_an_aborted_ceremony_restored_is_only_in_its_backup()
    {
        SoftwareRoom room = rooms.Rooted();
        room.Open(SoftwareRoom.Script("disaster-recovery.md"));
        room.Until("preview-transcript", "words");
        Assert.NotEqual("", room.State.World.Keys["root"].Serial);
        string id = room.State.World.Keys["root"].CkaId;
        room.GiveUp();
        World after = room.State.World;
        Assert.Equal("", after.Keys["root"].Serial);
        Assert.NotNull(after.Keys["root"].Backup);
        Assert.Contains(id, after.Begun.Keys);
        room.Through("disaster-recovery.md");
        Assert.NotEqual(id, room.State.World.Keys["root"].CkaId);
    }

    [Fact]
    public void A_challenge_names_its_ledger_ceremony_set_and_key()
    {
        SoftwareRoom room = Opened(Root);
        byte[] here = Challenges.Beginning(room.State, Challenges.Drill, "0001-backup-1", "root");
        Assert.All(new[]
        {
            Challenges.Beginning(room.State, Challenges.Restore, "0001-backup-1", "root"),
            Challenges.Beginning(room.State, Challenges.Drill, "0001-backup-2", "root"),
            Challenges.Beginning(room.State, Challenges.Drill, "0001-backup-1", "paa"),
            Challenges.Beginning(room.State with { World = room.State.World with { LedgerId = new string('0', 32) } },
                Challenges.Drill, "0001-backup-1", "root"),
            Challenges.Beginning(room.State with { Id = "0002-root-creation" }, Challenges.Drill, "0001-backup-1", "root"),
        }, other => Assert.NotEqual(here, other));
    }

    private static SoftwareRoom Opened(string script)
    {
        var room = new SoftwareRoom();
        room.Open(script);
        return room;
    }
}
