using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.App.Tests.Room;

/// <summary>Certificates of a partner's CA that nobody may use: each is refused when it is read, and left out.</summary>
public sealed class PartnerCaTests(SigningRooms rooms) : IClassFixture<SigningRooms>
{
    [Theory]
    [InlineData("another key signed it", "CROSS-23", "does not hold under its own key")]
    [InlineData("name constraints", "CROSS-23", "critical extension nameConstraints")]
    [InlineData("no name", "CROSS-23", "subject is empty")]
    [InlineData("begins next year", "CROSS-22", "is not valid before")]
    [InlineData("a short key", "PUBKEY-", "1024")]
    public void What_nobody_may_use_is_refused_when_it_is_read(string which, string rule, string says)
    {
        SoftwareRoom room = rooms.Rooted();
        room.Put("other-ca.pem", Made(which));
        room.Open(SoftwareRoom.Script("cross-signing.md"));
        room.Saying("refused", "leave-out").GoOn();

        ImportRefused refused = room.Entries.Select(e => e.Body).OfType<ImportRefused>().Last();
        Assert.StartsWith(rule, refused.Rule, StringComparison.Ordinal);
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
        // Its owner is another CA: nobody in the room makes a request again.
        Assert.DoesNotContain("request", refused.Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain("other-ca-cross", room.State.World.Certificates.Keys);
        Assert.Contains(room.Entries, e => e.Body is ExceptionRaised { Rule: CeremonyRules.ImportLeftOut });
        Disturbed.Verifies(room, rooms.NewFolder());
    }

    private static byte[] Made(string which)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var shortKey = RSA.Create(1024);
        var name = new X500DistinguishedName(which == "no name" ? "" : "CN=REHEARSAL Partner Root, O=Partner, C=DE");
        CertificateRequest request = which == "a short key"
            ? new(name, shortKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) : new(name, key, HashAlgorithmName.SHA384);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        if (which == "name constraints")
            request.CertificateExtensions.Add(new X509Extension("2.5.29.30", [0x30, 0x00], true));
        DateTimeOffset begin = SoftwareRoom.Morning.AddYears(which == "begins next year" ? 1 : -1);
        using X509Certificate2 made = which == "a short key" ? request.CreateSelfSigned(begin, begin.AddYears(9))
            : request.Create(name, X509SignatureGenerator.CreateForECDsa(which == "another key signed it" ? other : key), begin,
                begin.AddYears(9), [1, 2, 3]);
        return Encoding.ASCII.GetBytes(made.ExportCertificatePem());
    }
}
