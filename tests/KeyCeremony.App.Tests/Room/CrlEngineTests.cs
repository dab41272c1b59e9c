using KeyCeremony.App.Room;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki.Crl;
using static KeyCeremony.App.Tests.Room.ListDesk;

namespace KeyCeremony.App.Tests.Room;

/// <summary>A revocation list: what is typed and read, taken back, started over; what no list may do.</summary>
public class CrlEngineTests(SigningRooms rooms) : IClassFixture<SigningRooms>
{
    private const string Preview = "preview-list";
    private const string Serial = "1f2e3d4c5b6a";

    private static readonly string Script = SoftwareRoom.Script("crl-signing.md");

    [Fact]
    public void A_typed_revocation_stands_on_the_list_as_it_was_typed()
    {
        SoftwareRoom room = Typing();
        Assert.Null(room.Say("1F:2E:3D:4C:5B:6A"));
        Assert.Null(room.Say("keyCompromise"));
        Assert.Null(room.Say("2026-11-20 08:00:00"));
        Assert.Null(room.Say("2026-11-01 00:00:00"));
        Assert.Null(room.Say("enter"));
        Assert.Equal("more", room.Asked().Id);
        room.GoOn();

        Revocation listed = Assert.Single(Listed(room));
        Assert.Equal((Serial, RevocationReason.KeyCompromise), (listed.Serial.ToString(), listed.Reason));
        Assert.Equal(new DateTimeOffset(2026, 11, 20, 8, 0, 0, TimeSpan.Zero), listed.Date);
        Assert.Equal(new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero), listed.Invalidity);
        Verifies(room);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("no serial")]
    [InlineData("0x1g")]
    [InlineData("1234567890123456789012345678901234567890123456789")]
    public void What_is_no_serial_is_refused(string typed)
    {
        SoftwareRoom room = Typing();

        Assert.Equal(CeremonyRules.NotASerial, room.Say(typed)?.Rule);
        Assert.Equal("serial", room.Asked().Id);
    }

    /// <summary>As in a file and at `crl inspect`: what is written around a serial says that it is hex, and nobody is asked.</summary>
    [Theory]
    [InlineData("0x12")]
    [InlineData("serial=0012")]
    [InlineData("12:34")]
    [InlineData("12-34")]
    public void A_serial_as_other_tools_print_it_is_taken(string typed)
    {
        SoftwareRoom room = Typing();

        Assert.Null(room.Say(typed));
        Assert.Equal("reason", room.Asked().Id);
    }

    [Theory]
    [InlineData("revoked", "2031-01-01 00:00:00", CeremonyRules.InTheFuture)]
    [InlineData("revoked", "yesterday", CeremonyRules.NotInForm)]
    [InlineData("invalidity", "2031-01-01 00:00:00", CeremonyRules.InTheFuture)]
    [InlineData("invalidity", "01.11.2026", CeremonyRules.NotInForm)]
    public void A_date_that_lies_ahead_or_is_none_is_refused(string question, string typed, string rule)
    {
        SoftwareRoom room = Typing();
        Assert.Null(room.Say(Serial));
        Assert.Null(room.Say("superseded"));
        if (question == "invalidity")
            Assert.Null(room.Say(""));
        Assert.Equal(question, room.Asked().Id);

        Assert.Equal(rule, room.Say(typed)?.Rule);
        Assert.Equal(question, room.Asked().Id);
    }

    /// <summary>As the clock is typed; in the journal it stands as every other time.</summary>
    [Fact]
    public void A_time_may_be_typed_as_its_digits_alone()
    {
        SoftwareRoom room = Typing();
        Assert.Null(room.Say("1F:2E:3D:4C:5B:6A"));
        Assert.Null(room.Say("keyCompromise"));
        foreach ((string typed, string rule) in new[] { ("20261320080000", CeremonyRules.NotInForm),
            ("2026112008000", CeremonyRules.NotInForm), ("20310101000000", CeremonyRules.InTheFuture) })
            Assert.Equal(rule, room.Say(typed)?.Rule);
        Assert.Null(room.Say("20261120080000"));
        Assert.Null(room.Say("20261101000000"));
        Assert.Null(room.Say("enter"));
        Assert.Equal("more", room.Asked().Id);
        room.GoOn();

        Assert.Equal(["2026-11-20 08:00:00", "2026-11-01 00:00:00"],
            Here<Answered>(room).Where(a => a.Question is "revoked" or "invalidity").Select(a => a.Value));
        Revocation listed = Assert.Single(Listed(room));
        Assert.Equal(new DateTimeOffset(2026, 11, 20, 8, 0, 0, TimeSpan.Zero), listed.Date);
        Assert.Equal(new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero), listed.Invalidity);
        Verifies(room);
    }

    [Fact]
    public void Each_answer_about_a_revocation_can_be_taken_back()
    {
        SoftwareRoom room = Typing();
        string[] questions = ["serial", "reason", "revoked", "invalidity"], answers = [Serial, "superseded", "", ""];
        foreach ((string question, string answer) in questions.Zip(answers))
        {
            Assert.Equal(question, room.Asked().Id);
            Assert.Null(room.Say(answer));
            Assert.Null(room.Tell(new Undo()));
            Assert.Equal(question, room.Asked().Id);
            Assert.Null(room.Say(answer));
        }
        Assert.Equal("enter", room.Asked().Id);
        for (int back = 0; back < 5; back++)
            Assert.Null(room.Tell(new Undo()));
        Assert.Equal("more", room.Asked().Id);
        Assert.Equal(CeremonyRules.NothingToUndo, room.Tell(new Undo())?.Rule);
        room.GoOn();

        Assert.Empty(Listed(room));
        Verifies(room);
    }

    [Fact]
    public void What_was_entered_is_not_taken_back_but_may_be_left_out_before()
    {
        SoftwareRoom room = Typing();
        Enter(room, Serial, "superseded", "drop");
        Assert.Equal("more", room.Asked().Id);
        Assert.Empty(Here<RevocationEntered>(room));
        Assert.Null(room.Say("serial"));
        // Left out, it may be typed again.
        Enter(room, Serial, "superseded", "enter");
        Assert.Equal(CeremonyRules.NothingToUndo, room.Tell(new Undo())?.Rule);
        room.GoOn();

        Assert.Equal(Serial, Assert.Single(Listed(room)).Serial.ToString());
    }

    [Fact]
    public void The_same_serial_twice_is_refused()
    {
        SoftwareRoom room = Typing();
        Enter(room, Serial, "superseded", "enter");
        Assert.Null(room.Say("serial"));

        Assert.Equal(CeremonyRules.TypedTwice, room.Say("00" + Serial)?.Rule);
    }

    [Fact]
    public void A_certificate_of_the_ledger_is_offered_until_it_is_on_the_list()
    {
        SoftwareRoom room = rooms.Rooted().Through("intermediate-signing.md");
        room.Open(Script);
        _ = room.Until(Preview, "more");
        Assert.Equal(["certificate/mtls-m1", "certificate/tls-t1", "certificate/transcript"],
            room.Asked().Choices.Select(o => o.Key).Where(k => k.StartsWith("certificate/", StringComparison.Ordinal)).Order());

        Assert.Null(room.Say("certificate/tls-t1"));
        Assert.Null(room.Say("keyCompromise"));
        Assert.Null(room.Say(""));
        Assert.Null(room.Say(""));
        Assert.Null(room.Say("enter"));
        Assert.DoesNotContain(room.Asked().Choices, o => o.Key == "certificate/tls-t1");
        room.GoOn();

        Assert.True(room.State.World.IsRevoked("tls-t1"));
        Assert.False(room.State.World.IsRevoked("mtls-m1"));
        room.Open(Script);
        _ = room.Until(Preview, "more");
        Assert.DoesNotContain(room.Asked().Choices, o => o.Key == "certificate/tls-t1");
    }

    /// <summary>Typed by its number it is the same revocation: offered once more it would contradict itself.</summary>
    [Fact]
    public void A_certificate_whose_serial_was_typed_is_not_offered()
    {
        SoftwareRoom room = rooms.Rooted().Through("intermediate-signing.md");
        room.Open(Script);
        _ = room.Until(Preview, "more");
        Assert.Null(room.Say("certificate/tls-t1"));
        string serial = room.Asked().EvidenceLines.Single(l => l.StartsWith("Serial  ", StringComparison.Ordinal))[8..];
        Assert.Null(room.Tell(new Undo()));
        Assert.Null(room.Say("serial"));
        Enter(room, serial, "keyCompromise", "enter");

        Assert.DoesNotContain(room.Asked().Choices, o => o.Key == "certificate/tls-t1");
        room.GoOn();
        Assert.True(room.State.World.IsRevoked("tls-t1"));
    }

    [Fact]
    public void Starting_over_forgets_what_was_read_and_typed()
    {
        SoftwareRoom room = Typing(r => r.Put("revoked.csv", Csv("0a0b", "0c0d")));
        Enter(room, Serial, "superseded", "enter");
        Assert.Null(room.Say("file"));
        Assert.Null(room.Say("revoked.csv"));
        Assert.Null(room.Say("done"));
        Assert.Equal(("list", 3L), (room.Asked().Id, Here<CrlPreviewed>(room).Last().Entries));
        Assert.Null(room.Say("again"));
        Assert.Equal("more", room.Asked().Id);
        Assert.DoesNotContain(room.Asked().EvidenceLines, l => l.Contains(Serial, StringComparison.Ordinal));
        Assert.Null(room.Say("serial"));
        // Forgotten, so it is not typed twice.
        Enter(room, Serial, "superseded", "enter");
        room.GoOn();

        Assert.Equal(Serial, Assert.Single(Listed(room)).Serial.ToString());
        Verifies(room);
    }

    [Fact]
    public void A_file_with_a_bad_row_is_refused_and_what_was_typed_stays()
    {
        SoftwareRoom room = Typing(r =>
        {
            r.Put("bad.csv", "serial,date,reason\n0a0b,22.11.2026,superseded\n"u8.ToArray());
            r.Put("good.csv", Csv("0a0b"));
        });
        Enter(room, Serial, "superseded", "enter");
        Assert.Null(room.Say("file"));
        Assert.Null(room.Say("bad.csv"));
        Assert.Equal("refused", room.Asked().Id);
        Assert.Contains(room.Asked().EvidenceLines, l => l.StartsWith("REVOKE-01 Line 2, column", StringComparison.Ordinal));
        Assert.Null(room.Say(""));
        Assert.Equal("more", room.Asked().Id);
        Assert.Null(room.Say("file"));
        Assert.Null(room.Say("again"));
        Assert.Equal("file", room.Asked().Id);
        Assert.Null(room.Say("back"));
        Assert.Equal("more", room.Asked().Id);
        Assert.Null(room.Say("file"));
        Assert.Null(room.Say("good.csv"));
        room.GoOn();

        Assert.Equal(["0a0b", Serial], Listed(room).Select(r => r.Serial.ToString()));
        Verifies(room);
    }

    [Theory]
    [InlineData(true, "IN-04")]
    [InlineData(false, "IN-02")]
    public void A_file_that_changed_or_went_before_the_list_was_written_stops_it(bool changed, string rule)
    {
        SoftwareRoom room = Typing(r => r.Put("revoked.csv", Csv("0a0b")));
        Assert.Null(room.Tell(new Undo()));
        Assert.Null(room.Say("file"));
        Assert.Null(room.Say("revoked.csv"));
        File.Delete(Path.Combine(room.Stick, "revoked.csv"));
        if (changed)
            room.Put("revoked.csv", Csv("0a0c"));

        Assert.Null(room.Say("done"));
        Assert.Equal(("list", rule), (room.Asked().Id, room.Asked().Blocked?.Rule));
        Assert.Null(room.Say("again"));
        Assert.Equal("more", room.Asked().Id);
        room.GoOn();
        Assert.Empty(Listed(room));
    }

    [Fact]
    public void A_hold_is_released_and_nothing_else_leaves_a_list()
    {
        SoftwareRoom room = Typing();
        Enter(room, Serial, "certificateHold", "enter");
        Assert.Null(room.Say("serial"));
        Enter(room, "0a0b", "superseded", "enter");
        room.GoOn();
        room.Open(Script);
        _ = room.Until(Preview, "more");
        Assert.Null(room.Say("serial"));
        Enter(room, "0a0b", "removeFromCRL", "enter");
        Assert.Null(room.Say("done"));
        Assert.Equal(("list", "REVOKE-05"), (room.Asked().Id, room.Asked().Blocked?.Rule));
        Assert.Null(room.Say("again"));
        Assert.Null(room.Say("serial"));
        Enter(room, Serial, "removeFromCRL", "enter");
        room.GoOn();

        Assert.Equal("0a0b", Assert.Single(Listed(room)).Serial.ToString());
        Assert.Equal(1, Here<CrlPreviewed>(room).Last().Removed);
        Verifies(room);
    }

    [Fact]
    public void A_list_after_a_hole_is_an_exception()
    {
        SoftwareRoom room = rooms.Rooted().Through("crl-signing.md");
        room.Rested += TimeSpan.FromDays(191);
        room.Through("crl-signing.md");

        ExceptionRaised hole = Assert.Single(Here<ExceptionRaised>(room));
        Assert.Equal(CrlRules.Hole.Id, hole.Rule);
        Assert.Equal("2", room.State.World.Crls["root"].Signed.Number);
        Verifies(room);
    }

    [Fact]
    public void A_list_in_time_is_none()
    {
        SoftwareRoom room = rooms.Rooted().Through("crl-signing.md");
        room.Rested += TimeSpan.FromDays(180);
        room.Through("crl-signing.md");

        Assert.Empty(Here<ExceptionRaised>(room));
    }

    [Fact]
    public void An_issuer_has_one_list()
    {
        SoftwareRoom room = rooms.Rooted().Through("crl-signing.md");
        Stopped(room, Script.Replace("crl: ${issuer}", "crl: second", StringComparison.Ordinal), CeremonyRules.SeriesTaken);
    }

    [Fact]
    public void A_list_belongs_to_its_issuer()
    {
        SoftwareRoom room = rooms.Rooted().Through("crl-signing.md").Through("intermediate-creation.md");
        Stopped(room, Script.Replace("crl: ${issuer}", "crl: root", StringComparison.Ordinal)
            .Replace("  issuer: root", "  issuer: device-ca-i1", StringComparison.Ordinal), CeremonyRules.SeriesTaken);
    }

    /// <summary>A CA that is taken back issues nothing, but still says what else it takes back.</summary>
    [Fact]
    public void A_revoked_issuer_signs_its_list_and_no_certificate()
    {
        SoftwareRoom room = rooms.Rooted().Through("intermediate-creation.md");
        room.Saying("more", "certificate/device-ca-i1").Saying("reason", "cACompromise").Through("emergency-revocation.md");
        Assert.True(room.State.World.IsRevoked("device-ca-i1"));
        room.Open(Script.Replace("  issuer: root", "  issuer: device-ca-i1", StringComparison.Ordinal));
        room.GoOn();
        Assert.Equal("device-ca-i1", room.State.World.Crls["device-ca-i1"].Signed.Issuer);
        Verifies(room);

        Stopped(room,
            SoftwareRoom.Script("intermediate-signing.md").Replace("issuer: root", "issuer: device-ca-i1", StringComparison.Ordinal),
            CeremonyRules.IssuerRevoked, "preview-tls");
    }

    [Theory]
    [InlineData("crl-signing.md", Preview)]
    [InlineData("cross-signing.md", "preview-cross")]
    public void An_issuer_whose_key_is_elsewhere_signs_nothing(string script, string step)
    {
        SoftwareRoom room = rooms.Rooted().Through("intermediate-signing.md");
        Stopped(room, SoftwareRoom.Script(script).Replace("issuer: root", "issuer: tls-t1", StringComparison.Ordinal),
            CeremonyRules.IssuerElsewhere, step);
    }

    [Fact]
    public void An_unknown_issuer_signs_nothing() =>
        Stopped(rooms.Rooted(), Script.Replace("issuer: root", "issuer: nobody", StringComparison.Ordinal), CeremonyRules.PreviewMissing);

    [Fact]
    public void Without_the_last_list_none_is_written_until_it_is_brought()
    {
        SoftwareRoom room = Typing();
        Enter(room, Serial, "superseded", "enter");
        room.GoOn();
        string last = room.State.World.Crls["root"].Signed.Sha256, kept = Path.Combine(room.RecordSticks[0], ListStore.FolderName, last),
            bundle = Path.Combine(rooms.NewFolder(), "root-1.crl");
        File.Move(kept, bundle);
        File.Delete(Path.Combine(room.RecordSticks[1], ListStore.FolderName, last));
        room.Open(Script);
        _ = room.Until(Preview, "more");
        Assert.Null(room.Say("done"));
        Assert.Equal(("list", "IN-03"), (room.Asked().Id, room.Asked().Blocked?.Rule));
        File.Copy(bundle, Path.Combine(room.Stick, "root-1.crl"));
        Assert.Null(room.Say("again"));
        room.GoOn();

        Assert.Equal(Serial, Assert.Single(Listed(room)).Serial.ToString());
    }

    [Fact]
    public void Restarted_and_undone_at_every_question_it_goes_on()
    {
        SoftwareRoom room = rooms.Rooted();
        room.Put("revoked.csv", Csv("0a0b", "0c0d"));
        room.Open(Script);
        room.Knows = (s, q) => (s.Step?.Id, q.Id) switch
        {
            (Preview, "more") => !s.Facts<RevocationEntered>().Any() ? "serial" : !s.Facts<RevocationsRead>().Any() ? "file" : "done",
            (Preview, "serial") => Serial,
            (Preview, "reason") => "keyCompromise",
            (Preview, "revoked") => "2026-11-20 08:00:00",
            (Preview, "file") => "revoked.csv",
            _ => null,
        };
        int undone = Disturbed.AtEveryQuestion(room);

        Assert.True(undone > 6, $"{undone} answers were taken back");
        Assert.Equal(["0a0b", "0c0d", Serial], Listed(room).Select(r => r.Serial.ToString()));
        Verifies(room);
    }

    [Fact]
    public void The_power_fails_after_every_entry_of_a_list()
    {
        SoftwareRoom room = rooms.Rooted();
        room.Put("revoked.csv", Csv("0a0b", "0c0d"));
        room.Open(Script);
        long last = 0;
        room.Knows = (s, q) => (s.Step?.Id, q.Id) switch
        {
            (Preview, "more") => s.Facts<RevocationsRead>().Any() ? "done" : "file",
            (Preview, "file") => "revoked.csv",
            _ => null,
        };
        room.PowerFails = entry =>
        {
            bool fails = entry is
            {
                Body: ImportsFound or RevocationsRead or CrlPreviewed or CrlSigned
                or Attempted { Effect: "sign-crl", Try: 1 } or Answered { Question: "more" or "file" or "list" }
            } && entry.Seq > last;
            if (fails)
                last = entry!.Seq;
            return fails;
        };
        room.GoOn();

        Assert.Equal(["0a0b", "0c0d"], Listed(room).Select(r => r.Serial.ToString()));
        Assert.Equal("1", Assert.Single(Here<CrlSigned>(room)).Number);
        Verifies(room);
    }

    private SoftwareRoom Typing(Action<SoftwareRoom>? prepare = null)
    {
        SoftwareRoom room = rooms.Rooted();
        prepare?.Invoke(room);
        room.Open(Script);
        _ = room.Until(Preview, "more");
        Assert.Null(room.Say("serial"));
        return room;
    }

    private static void Enter(SoftwareRoom room, string serial, string reason, string decision)
    {
        Assert.Null(room.Say(serial));
        Assert.Null(room.Say(reason));
        if (reason != "removeFromCRL")
        {
            Assert.Null(room.Say(""));
            Assert.Null(room.Say(""));
        }
        Assert.Equal("enter", room.Asked().Id);
        Assert.Null(room.Say(decision));
    }

    private static void Stopped(SoftwareRoom room, string script, string rule, string step = Preview)
    {
        room.Open(script);
        Assert.Equal(rule, room.Until(step, "stopped").Blocked?.Rule);
    }

    private static IEnumerable<T> Here<T>(SoftwareRoom room)
        where T : EntryBody => room.Entries.Where(e => e.Ceremony == room.State.Id).Select(e => e.Body).OfType<T>();

    private void Verifies(SoftwareRoom room) => Disturbed.Verifies(room, rooms.NewFolder());
}
