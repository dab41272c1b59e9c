using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Ceremony.Retelling;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.App.Tests.Room;

/// <summary>One person sits in one seat, whatever characters the name is written in.</summary>
public class SeatTests(SigningRooms rooms) : IClassFixture<SigningRooms>
{
    [Theory]
    [InlineData("Ada Adams", "ada adams", CeremonyRules.PersonTwice)]
    [InlineData("Ada Adams", "Ada\u00A0Adams", CeremonyRules.NameUnclear)]
    [InlineData("Ada Adams", "Ada\u3000Adams", CeremonyRules.NameUnclear)]
    [InlineData("Ada Adams", "Ada \u3164Adams", CeremonyRules.NameUnclear)]
    [InlineData("Ada Adams", "Ada\u200D Adams", CeremonyRules.NameUnclear)]
    [InlineData("Ada Adams", "\u0410da Adams", CeremonyRules.NameUnclear)]
    [InlineData("Ada Adams", "Ada Ad\u0430ms", CeremonyRules.NameUnclear)]
    [InlineData("Ada Adams", "\uFF21\uFF44\uFF41 Adams", CeremonyRules.NameUnclear)]
    [InlineData("Ada Adams", "Ada Adams.", CeremonyRules.NameUnclear)]
    [InlineData("Ada Adams", "Ada A\u0301dams", CeremonyRules.NameUnclear)]
    [InlineData("Ada Adams", "\U0001D400da Adams", CeremonyRules.NameUnclear)]
    [InlineData("Otto Olsen", "0tt0 0lsen", CeremonyRules.NameUnclear)]
    [InlineData("Bill Bell", "BiII BeII", CeremonyRules.NameUnclear)]
    [InlineData("Bill Bell", "Bi11 Be11", CeremonyRules.NameUnclear)]
    [InlineData("Coco Cope", "\u0441\u043E\u0441\u043E \u0441\u043E\u0440\u0435", CeremonyRules.NameUnclear)]
    [InlineData("Müller", "Mu\u0308ller", CeremonyRules.NameUnclear)]
    [InlineData("Barney", "Bamey", CeremonyRules.NameUnclear)]
    [InlineData("Ada Adams", "...", CeremonyRules.NameUnclear)]
    [InlineData("Ada Adams", "Ada Adamas", null)]
    [InlineData("Ada Adams", "Müller", null)]
    [InlineData("Müller", "Żółć", null)]
    [InlineData("Żółć", "O'Brien-Smith", null)]
    [InlineData("O'Brien-Smith", "Иванова", null)]
    [InlineData("Иванова", "李雷", null)]
    [InlineData("李雷", "韩梅梅", null)]
    [InlineData("राम कुमार", "रीमा कुमार", null)]
    [InlineData("محمد علي", "Əliyev Ali", null)]
    [InlineData("Νίκος Παππάς", "Anna Иванова 李", null)]
    public void Two_seats_are_two_names_to_the_eye(string seated, string name, string? rule) =>
        Assert.Equal(rule, PeopleNames.Refuse(name, [seated])?.Rule);

    [Fact]
    public void The_roll_call_asks_it()
    {
        var room = new SoftwareRoom();
        room.Open(SoftwareRoom.Script("root-creation.md"));
        Assert.Null(room.Say("Ada Adams"));
        Assert.Equal(CeremonyRules.NameUnclear, room.Say("Ad\u0430 Adams")?.Rule);
        Assert.Equal(CeremonyRules.PersonTwice, room.Say("ADA ADAMS")?.Rule);
        Assert.Null(room.Say("Otto Olsen"));

        var before = new SoftwareRoom { Format = JournalFormats.First };
        before.Open(SoftwareRoom.Script("root-creation.md"));
        Assert.Null(before.Say("Ada Adams"));
        Assert.Null(before.Say("Ad\u0430 Adams"));
    }

    [Fact]
    public void A_card_of_somebody_who_is_not_here_is_an_exception_once()
    {
        SoftwareRoom room = rooms.Rooted();
        string custodian = room.Entries.Select(e => e.Body).OfType<SharesMade>().First(m => m.Name == "activation").Custodians[0];
        room.Saying("name/officer/1", "Somebody Else");
        room.Open(SoftwareRoom.Script("crl-signing.md"));
        room.GoOn();
        ExceptionRaised raised = Assert.Single(room.Entries.Skip((int)room.Entries.Last(e => e.Body is CeremonyOpened).Seq)
            .Select(e => e.Body).OfType<ExceptionRaised>());
        Assert.Equal(CeremonyRules.Stranger, raised.Rule);
        Assert.Contains(custodian, raised.What, StringComparison.Ordinal);
        long at = room.Entries.Last(e => e.Body is ExceptionRaised).Seq;
        Assert.DoesNotContain(room.Entries.Take((int)at).Skip((int)room.Entries.Last(e => e.Body is CeremonyOpened).Seq),
            e => e.Body is SecretRebuilt);
    }

    [Theory]
    [InlineData("99", false)]
    [InlineData("98 throws", false)]
    [InlineData("099 throws", false)]
    [InlineData("many throws", false)]
    [InlineData("99 throws", true)]
    [InlineData("120 throws", true)]
    public void Dice_are_counted_by_the_engine_too(string answer, bool taken)
    {
        var room = new SoftwareRoom();
        room.Open(SoftwareRoom.Script("root-creation.md").Replace("dice: false", "dice: true", StringComparison.Ordinal));
        room.Until("deal-activation", "dice");
        Assert.Equal(taken ? null : CeremonyRules.NoDice,
            Director.Decide(room.State, new Answer("dice", answer), room.State.Last.Utc).Refusal?.Rule);
    }

    [Theory]
    [InlineData("SoftHSM v2", "production", true)]
    [InlineData("Soft", "production", true)]
    [InlineData("NSS 3", "production", true)]
    [InlineData("Model 7", "production", false)]
    [InlineData("SoftHSM v2", "development", false)]
    public void A_program_is_no_HSM_in_production(string model, string environment, bool stopped)
    {
        var room = new SoftwareRoom(environment) { Model = model };
        room.Open(SoftwareRoom.Script("root-creation.md"));
        Question asked = room.Until("inspect-primary", stopped ? "probe-again" : "seen");
        Assert.Equal(stopped ? CeremonyRules.Software : null, asked.Blocked?.Rule);
    }

    [Fact]
    public void A_script_without_a_witness_is_an_error_and_was_a_warning()
    {
        CeremonyScript script = SoftwareRoom.Parse(SoftwareRoom.Script("crl-signing.md"));
        script = script with { Seats = script.Seats.RemoveAll(s => s.Role == Roles.Witness) };
        Assert.Equal(Severity.Error, ScriptCheck.Check(script).Single(f => f.Rule == CheckRules.Witness).Severity);
        Assert.Equal(Severity.Warning,
            ScriptCheck.Check(script, witnessIsMandatory: false).Single(f => f.Rule == CheckRules.Witness).Severity);
    }

    /// <summary>One person alone, in the one seat that there is: also a journal that another program wrote is none.</summary>
    [Fact]
    public void Nobody_answers_for_a_seat_in_which_nobody_sits()
    {
        SoftwareRoom room = rooms.Rooted();
        room.Open(SoftwareRoom.Script(CardRoom.Script).Replace("  operator: 1\n", "", StringComparison.Ordinal)
            .Replace("by: operator", "by: witness", StringComparison.Ordinal));
        Question asked = room.Until("clock", "utc");
        string now = $"{room.Entries[^1].Utc:yyyy-MM-dd HH:mm:ss}";
        Assert.Equal(("SEAT-01", Roles.Operator), (room.Say(now)?.Rule, asked.By));
        Entry last = room.Entries[^1];
        var forged = Entry.Following(last, last.Ceremony, last.Utc, "clock", new Answered("utc", Roles.Operator, "", now));
        Assert.Contains("SEAT-01", $"{Retold.Of(room.Entries.Add(forged)).Refusal}", StringComparison.Ordinal);
        Assert.Null(room.Tell(new Abort("Nobody types here.", room.State.NameOf(Roles.Witness))));
    }

    [Fact]
    public void Where_there_is_no_way_on_somebody_is_asked_who_is_here()
    {
        var room = new SoftwareRoom();
        room.Open(SoftwareRoom.Script(CardRoom.Script));
        Question stopped = room.Until("cards", "stopped");
        Assert.Equal((CeremonyRules.NoCards, Roles.Operator), (stopped.Blocked?.Rule, stopped.By));
        Assert.NotEqual("", room.State.NameOf(stopped.By, stopped.Seat));
    }
}
