using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using static KeyCeremony.App.Tests.Room.ListDesk;

namespace KeyCeremony.App.Tests.Room;

/// <summary>
/// What a file of revocations may hold, asked when it is read: nothing that was typed is lost, and the file can be mended.
/// </summary>
public class CrlSourceTests(SigningRooms rooms) : IClassFixture<SigningRooms>
{
    private static readonly DateTimeOffset Begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_list_of_another_CA_is_not_taken_over()
    {
        using var key = RSA.Create(2048);
        SoftwareRoom room = At("other.crl", List(new X500DistinguishedName("CN=Somebody Else"), key));

        Refused(room, "other.crl", "REVOKE-07", "The list is of 'CN=Somebody Else'");
    }

    [Fact]
    public void A_list_in_the_name_of_this_CA_is_not_taken_over_from_another_key()
    {
        SoftwareRoom room = ListDesk.At(rooms.Rooted());
        var name = new X500DistinguishedName(room.State.World.Certificates["root"].Parsed.ToBeSigned.Subject.Der.Span);
        using var key = RSA.Create(2048);
        room.Put("other.crl", List(name, key));

        Refused(room, "other.crl", "REVOKE-07", "does not belong to the issuer's key, which is of another kind");
    }

    [Fact]
    public void The_roots_own_serial_is_refused_in_a_file_and_typed()
    {
        SoftwareRoom room = ListDesk.At(rooms.Rooted());
        string own = Convert.ToHexStringLower(room.State.World.Certificates["root"].Parsed.ToBeSigned.Serial.Span);
        room.Put("own.csv", Encoding.ASCII.GetBytes($"serial,date,reason\n{own},2026-11-02T08:00:00Z,keyCompromise\n"));
        Refused(room, "own.csv", "REVOKE-08", "the serial of this list's issuer itself");

        Assert.Null(room.Say("serial"));
        Assert.Equal("REVOKE-08", room.Say(own)?.Rule);
        Assert.Equal("serial", room.Asked().Id);
    }

    [Theory]
    [InlineData("0a0b,2031-01-01T00:00:00Z,superseded\n", "CRL-17")]
    [InlineData("0a0b,2026-11-02T08:00:00Z,superseded,2031-01-01T00:00:00Z\n", "CRL-17")]
    [InlineData("0a0b,2026-11-02T08:00:00Z,\n", "CRL-16")]
    [InlineData("0a0b,2026-11-02T08:00:00Z,superseded\n0a0b,2026-11-03T08:00:00Z,superseded\n", "REVOKE-03")]
    [InlineData("0a0b,2026-11-02T08:00:00Z,removeFromCRL\n", "REVOKE-01")]
    public void What_no_list_can_say_is_refused_at_reading(string rows, string rule)
    {
        string header = rows.Count(',') == 3 && !rows.Contains("\n0a", StringComparison.Ordinal)
            ? "serial,date,reason,invalidity\n"
            : "serial,date,reason\n";
        SoftwareRoom room = At("bad.csv", Encoding.ASCII.GetBytes(header + rows));

        Refused(room, "bad.csv", rule, "");
    }

    [Fact]
    public void A_file_that_contradicts_the_last_list_or_an_earlier_file_is_refused_and_the_rest_stays()
    {
        SoftwareRoom first = rooms.Rooted();
        first.Put("one.csv", "serial,date,reason\n0a0b,2026-11-02T08:00:00Z,superseded\n"u8.ToArray());
        first.Put("two.csv", "serial,date,reason\n0a0b,2026-11-03T08:00:00Z,superseded\n"u8.ToArray());
        SoftwareRoom room = ListDesk.At(first);
        Take(room, "one.csv");
        Assert.Equal("more", room.Asked().Id);
        Refused(room, "two.csv", "REVOKE-03", "");
        room.GoOn();
        Assert.Equal(1, room.Entries.Select(e => e.Body).OfType<CrlPreviewed>().Last().Entries);

        room = ListDesk.At(room);
        Refused(room, "two.csv", "REVOKE-04", "");
    }

    /// <summary>A list has no lines, and a text's own sentence names its line.</summary>
    [Theory]
    [InlineData("text.crl", "Certificate Revocation List (CRL):\n        Version 2 (0x1)\n", "CRL-01 The file cannot be taken: No line is")]
    [InlineData("mac.csv", "serial,date,reason\r0a0b,2026-11-02T08:00:00Z,superseded\r", "REVOKE-01 Line 1 holds a carriage return")]
    [InlineData("row.csv", "serial,date,reason\n0x0g,2026-11-02T08:00:00Z,superseded\n", "REVOKE-01 Line 2, column 1: '0x0g' is no serial")]
    public void Line_and_column_are_named_where_there_are_some(string name, string text, string says)
    {
        SoftwareRoom room = At(name, Encoding.ASCII.GetBytes(text));
        Take(room, name);
        Assert.StartsWith(says, room.Asked().EvidenceLines[0], StringComparison.Ordinal);
    }

    private SoftwareRoom At(string name, byte[] file)
    {
        SoftwareRoom room = rooms.Rooted();
        room.Put(name, file);
        return ListDesk.At(room);
    }

    private static void Refused(SoftwareRoom room, string file, string rule, string says)
    {
        Take(room, file);
        Question refused = room.Asked();
        Assert.Equal("refused", refused.Id);
        Assert.StartsWith(rule, refused.EvidenceLines[0], StringComparison.Ordinal);
        Assert.Contains(says, refused.EvidenceLines[0], StringComparison.Ordinal);
        Assert.Null(room.Say(""));
        Assert.Equal("more", room.Asked().Id);
    }

    private static byte[] List(X500DistinguishedName issuer, RSA key)
    {
        var builder = new CertificateRevocationListBuilder();
        builder.AddEntry([0x0A, 0x0B], Begin, X509RevocationReason.KeyCompromise);
        var request = new CertificateRequest(issuer, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var identifier = new X509SubjectKeyIdentifierExtension(request.PublicKey, false);
        return builder.Build(issuer, X509SignatureGenerator.CreateForRSA(key, RSASignaturePadding.Pkcs1), 1, Begin.AddDays(30),
            HashAlgorithmName.SHA256, X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(identifier), Begin);
    }
}
