using System.Globalization;
using System.Numerics;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using static KeyCeremony.App.Tests.Room.ListDesk;

namespace KeyCeremony.App.Tests.Room;

/// <summary>What is to be revoked is compared with what its CA has issued, and read in the notation that people name.</summary>
public class KnownSerialsTests(SigningRooms rooms) : IClassFixture<SigningRooms>
{
    private const string Digits = "177860565322912551485094850643435652321";

    [Theory]
    [InlineData("decimal")]
    [InlineData("hex")]
    public void A_column_of_digits_is_read_as_people_say(string notation)
    {
        SoftwareRoom room = rooms.Rooted();
        room.Put("digits.csv", Csv(Digits));
        At(room);
        Take(room, "digits.csv");
        Question asked = room.Asked();
        Assert.Equal("notation", asked.Id);
        Assert.Equal(["decimal", "hex", "back"], asked.Choices.Select(o => o.Key));
        Assert.Contains(asked.EvidenceLines, l => l.EndsWith(Decimal(Digits), StringComparison.Ordinal));
        Assert.Contains(asked.EvidenceLines, l => l.EndsWith("0" + Digits, StringComparison.Ordinal));
        Assert.Null(room.Say(notation));
        Assert.Equal("more", room.Asked().Id);
        room.GoOn();

        Assert.Equal(notation == "hex" ? "0" + Digits : Decimal(Digits), Assert.Single(Listed(room)).Serial.ToString());
        Assert.Equal(notation, Here<RevocationsRead>(room).Single().Notation);
        Verifies(room);
    }

    [Fact]
    public void Each_reading_says_how_many_this_ledger_knows()
    {
        SoftwareRoom room = rooms.Rooted();
        string known = BigInteger.Parse("0" + SerialOf(room, "transcript"), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
            .ToString(CultureInfo.InvariantCulture);
        room.Put("digits.csv", Csv(known));
        At(room);
        Take(room, "digits.csv");
        Assert.Contains(room.Asked().EvidenceLines,
            l => l.Contains("1 of 1 are certificates that this ledger knows", StringComparison.Ordinal));
        Assert.Null(room.Say("decimal"));
        Assert.Contains(room.Asked().EvidenceLines, l => l.Contains("certificate \"transcript\"", StringComparison.Ordinal));
        SerialsUnclear unclear = Here<SerialsUnclear>(room).Single();
        Assert.Equal(1, unclear.AsDecimal.Known);
        Assert.Null(unclear.AsHex);
    }

    [Fact]
    public void Typed_digits_are_asked_about_and_the_own_serial_is_refused_in_either_notation()
    {
        SoftwareRoom room = At(rooms.Rooted());
        Assert.Null(room.Say("serial"));
        string own = BigInteger.Parse("0" + SerialOf(room, "root"), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
            .ToString(CultureInfo.InvariantCulture);
        Assert.Null(room.Say(own));
        Assert.Equal("notation", room.Asked().Id);
        Assert.Equal("REVOKE-08", room.Say("decimal")?.Rule);
        Assert.Null(room.Tell(new Undo()));
        Assert.Null(room.Say("1234"));
        Assert.Equal("notation", room.Asked().Id);
        Assert.Null(room.Say("decimal"));
        Assert.Contains("Serial  04d2", room.Asked().EvidenceLines);
        Assert.Contains("Read    in decimal", room.Asked().EvidenceLines);
        foreach (string answer in new[] { "superseded", "", "", "enter" })
            Assert.Null(room.Say(answer));
        room.GoOn();

        Assert.Equal("04d2", Assert.Single(Listed(room)).Serial.ToString());
        Verifies(room);
    }

    [Fact]
    public void An_unknown_serial_of_a_CA_that_is_known_whole_is_an_exception_and_a_known_one_is_none()
    {
        SoftwareRoom room = rooms.Rooted().Through("intermediate-signing.md");
        room.Put("known.csv", Csv(Today(room), SerialOf(room, "tls-t1")));
        room.Put("both.csv", Csv(Today(room), SerialOf(room, "mtls-m1"), "0a0b"));
        At(room);
        Take(room, "known.csv");
        room.GoOn();
        Assert.Empty(Here<ExceptionRaised>(room));

        At(room);
        Take(room, "both.csv");
        Assert.Contains(room.Asked().EvidenceLines, l => l.Contains("1 known to this ledger, 1 unknown", StringComparison.Ordinal));
        room.GoOn();
        ExceptionRaised raised = Assert.Single(Here<ExceptionRaised>(room));
        Assert.Equal("REVOKE-09", raised.Rule);
        Assert.Contains("0a0b", raised.What, StringComparison.Ordinal);
        Assert.Contains("3 serials: 2 of certificates that this ledger knows, 1 unknown to it",
            Here<CrlPreviewed>(room).Last().Lint.Select(f => f.Text));
        Verifies(room);
    }

    [Fact]
    public void A_file_that_was_refused_and_passed_over_is_an_exception_and_a_mended_one_is_none()
    {
        SoftwareRoom room = rooms.Rooted();
        room.Put("bad.csv", "serial,date,reason\nxyz,2026-11-02T08:00:00Z,superseded\n"u8.ToArray());
        At(room);
        Take(room, "bad.csv");
        Assert.Null(room.Say(""));
        Assert.Contains("Refused, and nothing of it is here: bad.csv", room.Asked().EvidenceLines);
        room.GoOn();
        ExceptionRaised raised = Assert.Single(Here<ExceptionRaised>(room));
        Assert.Equal("IMPORT-02", raised.Rule);
        Assert.Contains("bad.csv", raised.What, StringComparison.Ordinal);
        Verifies(room);

        At(room);
        Take(room, "bad.csv");
        Assert.Null(room.Say(""));
        File.Delete(Path.Combine(room.Stick, "bad.csv"));
        room.Put("bad.csv", "serial,date,reason\n"u8.ToArray());
        Take(room, "bad.csv");
        room.GoOn();
        Assert.Empty(Here<ExceptionRaised>(room));
    }

    [Fact]
    public void What_cannot_be_written_is_taken_out_and_the_rest_stays()
    {
        SoftwareRoom room = At(rooms.Rooted());
        Type(room, "0a0b", "superseded");
        Type(room, "0c0d", "certificateHold");
        room.GoOn();
        At(room);
        Type(room, "0a0b", "removeFromCRL");
        Type(room, "0e0f", "keyCompromise");
        Assert.Null(room.Say("done"));
        Assert.Equal(("list", "REVOKE-05"), (room.Asked().Id, room.Asked().Blocked?.Rule));
        Assert.Contains(room.Asked().Choices, o => o.Key == "keep");
        Assert.Null(room.Say("without/1"));
        Assert.Equal("more", room.Asked().Id);
        room.GoOn();

        Assert.Equal(["0a0b", "0c0d", "0e0f"], Listed(room).Select(r => r.Serial.ToString()));
        Verifies(room);
    }

    [Fact]
    public void Nothing_is_taken_off_a_first_list()
    {
        SoftwareRoom room = At(rooms.Rooted());
        Assert.Null(room.Say("serial"));
        Assert.Null(room.Say("0a0b"));
        Assert.Equal("REVOKE-05", room.Say("removeFromCRL")?.Rule);
    }

    [Fact]
    public void A_certificate_is_not_revoked_before_it_began()
    {
        SoftwareRoom room = rooms.Rooted();
        room.Put("early.csv", Csv(SerialOf(room, "transcript")));
        At(room);
        Assert.Null(room.Say("certificate/transcript"));
        Assert.Null(room.Say("superseded"));
        Assert.Equal("REVOKE-11", room.Say("2026-11-02 08:00:00")?.Rule);
        Assert.Null(room.Tell(new Undo()));
        Assert.Null(room.Tell(new Undo()));
        Take(room, "early.csv");
        Assert.Contains(room.Asked().EvidenceLines, l => l.Contains("revoked before it began", StringComparison.Ordinal));
    }

    [Fact]
    public void A_list_that_would_end_before_the_last_one_stops_before_anything_is_typed()
    {
        SoftwareRoom room = rooms.Rooted().Through("crl-signing.md");

        room.Open(SoftwareRoom.Script("crl-signing.md").Replace("days: 190", "days: 30", StringComparison.Ordinal));
        Assert.Equal("CRL-32", room.Until("preview-list", "stopped").Blocked?.Rule);
    }

    [Fact]
    public void A_signer_that_may_sign_no_list_stops_before_anything_is_typed()
    {
        SoftwareRoom room = rooms.Rooted();
        room.Open(SoftwareRoom.Script("crl-signing.md").Replace("  issuer: root", "  issuer: transcript", StringComparison.Ordinal));
        Assert.Equal("ISSUE-04", room.Until("preview-list", "stopped").Blocked?.Rule);
    }

    private static void Type(SoftwareRoom room, string serial, string reason)
    {
        Assert.Null(room.Say("serial"));
        Assert.Null(room.Say(serial));
        Assert.Null(room.Say(reason));
        for (int i = 0; reason != "removeFromCRL" && i < 2; i++)
            Assert.Null(room.Say(""));
        Assert.Null(room.Say("enter"));
    }

    private static string SerialOf(SoftwareRoom room, string certificate)
    {
        CertificateSigned signed = room.Entries.Select(e => e.Body).OfType<CertificateSigned>().Single(c => c.Certificate == certificate);
        Assert.True(CertificateReader.TryReadCertificate(Convert.FromBase64String(signed.Der), out ParsedCertificate? parsed, out _));
        return Convert.ToHexStringLower(parsed.ToBeSigned.Serial.Span);
    }

    private static string Decimal(string digits) =>
        Convert.ToHexStringLower(BigInteger.Parse(digits, CultureInfo.InvariantCulture).ToByteArray(isBigEndian: true));

    private static DateTimeOffset Today(SoftwareRoom room) => room.Entries[^1].Utc;

    private static IEnumerable<T> Here<T>(SoftwareRoom room)
        where T : EntryBody => room.Entries.Where(e => e.Ceremony == room.State.Id).Select(e => e.Body).OfType<T>();

    private void Verifies(SoftwareRoom room) => Disturbed.Verifies(room, rooms.NewFolder());
}
