using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KeyCeremony.App.Room;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.App.Tests.Room;

/// <summary>One name of a CA, one key: for other people's CAs, for requests and for those that the script makes itself.</summary>
public sealed class CaNamesTests(SigningRooms rooms) : IClassFixture<SigningRooms>
{
    private const string Partner = "C=DE, O=Example Partner, CN=REHEARSAL Example Partner Root";

    /// <summary>Other people's CAs roll their keys over and keep their names, as AD CS does: whoever takes one is told.</summary>
    [Theory]
    [InlineData(Partner)]
    [InlineData("C=DE, O=Example Partner, CN=REHEARSAL example partner ROOT")]
    [InlineData("C=DE, O=Example  Partner, CN=REHEARSAL  Example Partner   Root")]
    public void A_partner_s_CA_with_a_new_key_under_its_old_name_is_told_and_certified(string name)
    {
        SoftwareRoom room = rooms.Rooted().Through("cross-signing.md");
        room.Put("second-ca.pem", Ca(name));
        room.Open(Again());
        Assert.Contains(room.Until("existing", "take").Evidence, line => line.StartsWith(
            "! ISSUE-05: \"other-ca-cross\" has this name and another key.", StringComparison.Ordinal));
        room.GoOn();

        Assert.Contains("second-ca-cross", room.State.World.Certificates.Keys);
        Disturbed.Verifies(room, rooms.NewFolder());
    }

    [Fact]
    public void A_name_of_ours_is_taken_however_its_blanks_stand()
    {
        SoftwareRoom room = rooms.Rooted();
        IEnumerable<string> wider = Replay.WorldAfter(room.Entries).Certificates["root"].Parsed.ToBeSigned.Subject.Attributes.Select(
            a => $"{a.Label}=\"{a.Value.Replace(" ", "  ", StringComparison.Ordinal)}{(a.Label == "C" ? "" : "  ")}\"");
        room.Put("other-ca.pem", Ca(new X500DistinguishedName(string.Join(", ", wider), X500DistinguishedNameFlags.None)));
        room.Open(SoftwareRoom.Script("cross-signing.md"));
        room.Saying("refused", "leave-out").GoOn();

        ImportRefused refused = room.Entries.Select(e => e.Body).OfType<ImportRefused>().Last();
        Assert.Equal("ISSUE-05", refused.Rule);
        Assert.Contains("\"root\" with another key", refused.Message, StringComparison.Ordinal);
        Assert.Contains(room.Entries, e => e.Body is ExceptionRaised { Rule: CeremonyRules.ImportLeftOut });
        Disturbed.Verifies(room, rooms.NewFolder());
    }

    [Fact]
    public void Our_own_root_s_name_with_another_key_is_no_partner_s()
    {
        SoftwareRoom room = rooms.Rooted();
        room.Put("other-ca.pem", Ca(new X500DistinguishedName(
            Replay.WorldAfter(room.Entries).Certificates["root"].Parsed.ToBeSigned.Subject.Der.Span)));
        room.Open(SoftwareRoom.Script("cross-signing.md"));
        room.Saying("refused", "leave-out").GoOn();

        Assert.Equal("ISSUE-05", room.Entries.Select(e => e.Body).OfType<ImportRefused>().Last().Rule);
        Assert.DoesNotContain("other-ca-cross", room.State.World.Certificates.Keys);
    }

    [Fact]
    public void The_same_key_is_certified_again_under_its_name()
    {
        SoftwareRoom room = rooms.Rooted().Through("cross-signing.md");
        room.Put("second-ca.pem", File.ReadAllBytes(Path.Combine(room.Stick, "other-ca.pem")));
        room.Open(Again());
        room.GoOn();

        Assert.Contains("second-ca-cross", room.State.World.Certificates.Keys);
        Disturbed.Verifies(room, rooms.NewFolder());
    }

    /// <summary>The script gives the name: it is known when the request is read, and before anything is begun.</summary>
    [Fact]
    public void A_request_s_CA_under_the_name_of_an_earlier_one_is_refused_when_it_is_read_and_before()
    {
        SoftwareRoom room = rooms.Rooted().Through("intermediate-signing.md");
        string script = SoftwareRoom.Script("intermediate-signing.md")
            .Replace("tls-t1", "tls-t2", StringComparison.Ordinal).Replace("mtls-m1", "mtls-m2", StringComparison.Ordinal);
        CeremonyScript parsed = SoftwareRoom.Parse(script);
        Finding[] looked = [.. new NeedsLook(ScriptNeeds.Of(parsed), room.State.World,
            new NeedPlaces(null, [], null, null, null, "", false), SoftwareRoom.Morning.AddYears(1)).Look()
            .Where(f => f.Id == NeedRules.Names.Id && f.Result == FindingResults.Fail)];
        Assert.Equal(["NEED-18", "NEED-18"], looked.Select(f => f.Id));
        Assert.Contains("is that of \"tls-t1\" with another key", looked[0].Text, StringComparison.Ordinal);

        room.Put("tls-t2.csr", SoftwareRoom.Request());
        room.Open(script);
        _ = room.Saying("file", "tls-t2.csr").Until("request-tls", "refused");
        Assert.Equal("ISSUE-05", room.Asked().Blocked!.Rule);
    }

    [Fact]
    public void A_name_is_free_again_when_its_certificate_ran_out()
    {
        SoftwareRoom room = rooms.Rooted().Through("cross-signing.md");
        CertificateFact cross = room.State.World.Certificates["other-ca-cross"];
        Assert.NotNull(CaNames.Refuse(room.State.World, cross.Parsed.ToBeSigned.Subject, null, cross.Parsed.ToBeSigned.NotAfter.Value));
        Assert.Null(CaNames.Refuse(room.State.World, cross.Parsed.ToBeSigned.Subject, null,
            cross.Parsed.ToBeSigned.NotAfter.Value.AddSeconds(1)));
    }

    /// <summary>A cross-certificate that was taken back is not made anew by bringing the same certificate again.</summary>
    [Fact]
    public void A_partner_s_key_that_was_taken_back_is_not_certified_again()
    {
        SoftwareRoom room = rooms.Rooted().Through("cross-signing.md");
        room.Open(SoftwareRoom.Script("crl-signing.md"));
        room.Saying("more", "certificate/other-ca-cross", "done").GoOn();
        Assert.True(room.State.World.IsRevoked("other-ca-cross"));
        room.Put("second-ca.pem", File.ReadAllBytes(Path.Combine(room.Stick, "other-ca.pem")));
        room.Open(Again());
        room.Saying("refused", "leave-out").GoOn();

        ImportRefused refused = room.Entries.Select(e => e.Body).OfType<ImportRefused>().Last();
        Assert.Equal("ISSUE-06", refused.Rule);
        Assert.Contains("the key of \"other-ca-cross\", which a revocation list of this ledger took back", refused.Message,
            StringComparison.Ordinal);
        Assert.DoesNotContain("second-ca-cross", room.State.World.Certificates.Keys);
        Disturbed.Verifies(room, rooms.NewFolder());
    }

    /// <summary>Superseded: the new one came first.</summary>
    [Fact]
    public void A_partner_s_key_that_another_certificate_still_certifies_may_be_certified_again()
    {
        SoftwareRoom room = rooms.Rooted().Through("cross-signing.md");
        byte[] other = File.ReadAllBytes(Path.Combine(room.Stick, "other-ca.pem"));
        room.Put("second-ca.pem", other);
        room.Open(Again());
        room.GoOn();
        room.Open(SoftwareRoom.Script("crl-signing.md"));
        room.Saying("more", "certificate/other-ca-cross", "done").GoOn();
        room.Put("third-ca.pem", other);
        room.Open(SoftwareRoom.Script("cross-signing.md").Replace("other-ca", "third-ca", StringComparison.Ordinal));
        room.GoOn();

        Assert.Contains("third-ca-cross", room.State.World.Certificates.Keys);
    }

    private static string Again() => SoftwareRoom.Script("cross-signing.md").Replace("other-ca", "second-ca", StringComparison.Ordinal);

    private static byte[] Ca(string name) => Ca(new X500DistinguishedName(name));

    private static byte[] Ca(X500DistinguishedName name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA384);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using X509Certificate2 certificate = request.CreateSelfSigned(SoftwareRoom.Morning.AddYears(-1), SoftwareRoom.Morning.AddYears(9));
        return Encoding.ASCII.GetBytes(certificate.ExportCertificatePem());
    }
}
