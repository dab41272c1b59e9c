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
    // Limits of its own certificate, critical or not, that the script's cross-certificate has not.
    [InlineData("path length", "CROSS-23", "limits its path to 0 CAs below it, and the script grants its cross-certificate any number")]
    [InlineData("purposes", "CROSS-23", "is for serverAuth, and the script grants its cross-certificate every purpose")]
    [InlineData("constraints that are not critical", "CROSS-23", "limits the names below it (nameConstraints)")]
    // The value of a CN in DER: openssl reads none of these in a name, and so no certificate that carries it.
    [InlineData("CN 1A 07 52 45 48 45 41 52 53", "NAME-17", "the value of CN is a VisibleString")]
    [InlineData("CN 1B 07 52 45 48 45 41 52 53", "NAME-17", "of the ASN.1 type 1b")]
    [InlineData("CN 04 02 52 45", "NAME-17", "of the ASN.1 type 04")]
    [InlineData("CN 02 01 05", "NAME-17", "of the ASN.1 type 02")]
    [InlineData("CN 05 00", "NAME-17", "of the ASN.1 type 05")]
    [InlineData("CN 01 01 FF", "NAME-17", "of the ASN.1 type 01")]
    [InlineData("CN 06 02 2A 03", "NAME-17", "of the ASN.1 type 06")]
    [InlineData("CN 17 0D 32 36 30 31 30 31 30 30 30 30 30 30 5A", "NAME-17", "of the ASN.1 type 17")]
    [InlineData("CN A0 02 05 00", "NAME-17", "of the ASN.1 type a0")]
    // A BIT STRING without its first byte: no list of types tells that another program will not read it.
    [InlineData("CN 03 00", "SIGN-01", "openssl does not accept a certificate with this name and this key")]
    public void What_nobody_may_use_is_refused_when_it_is_read(string which, string rule, string says)
    {
        SoftwareRoom room = rooms.Rooted();
        room.Put("other-ca.pem", Made(which));
        room.Open(SoftwareRoom.Script("cross-signing.md"));
        room.Saying("refused", "leave-out").GoOn();

        ImportRefused refused = room.Entries.Select(e => e.Body).OfType<ImportRefused>().Last();
        Assert.StartsWith(rule, refused.Rule, StringComparison.Ordinal);
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("asn1", refused.Message + refused.Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain("error:", refused.Message + refused.Remedy, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(room.Entries, e => e.Body is CertificateSigned { Certificate: "other-ca-cross" });
        // Its owner is another CA: nobody in the room makes a request again.
        Assert.DoesNotContain("request", refused.Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain("other-ca-cross", room.State.World.Certificates.Keys);
        Assert.Contains(room.Entries, e => e.Body is ExceptionRaised { Rule: CeremonyRules.ImportLeftOut });
        Disturbed.Verifies(room, rooms.NewFolder());
    }

    [Theory]
    [InlineData("ends soon", "The CA's own certificate ends on 2027-")]
    [InlineData("signs no lists", "The CA's own certificate does not allow its key to sign revocation lists; its cross-certificate does.")]
    [InlineData("critical policies", "The CA's own certificate is under the policies 1.2.3.4; its cross-certificate is under none")]
    [InlineData("limits policies", "The CA's own certificate limits policies (policyConstraints, inhibitAnyPolicy); its cross-certificate")]
    [InlineData("", null)]
    public void What_a_cross_certificate_allows_beyond_is_told_to_whoever_takes_it(string which, string? said)
    {
        SoftwareRoom room = rooms.Rooted();
        room.Put("other-ca.pem", Made(which));
        room.Open(SoftwareRoom.Script("cross-signing.md"));
        string[] told = [.. room.Until("existing", "take").Evidence.Where(line => line.StartsWith("! ", StringComparison.Ordinal))];
        if (said is null)
            Assert.Empty(told);
        else
            Assert.StartsWith($"! CROSS-24: {said}", Assert.Single(told), StringComparison.Ordinal);
        room.GoOn();
        Assert.Contains("other-ca-cross", room.State.World.Certificates.Keys);
        // The journal says it too, and whoever replays it finds the same.
        Assert.Equal(told, room.Entries.Select(e => e.Body).OfType<CertificatePreviewed>().Last().Lint
            .Where(f => f is { Id: "CROSS-24", Result: FindingResults.Warning }).Select(f => $"! {f.Id}: {f.Text}"));
        Disturbed.Verifies(room, rooms.NewFolder());
    }

    /// <summary>The remedy of CROSS-23: the script has the limits of the certificate.</summary>
    [Theory]
    [InlineData("path length", "path-length: 0")]
    [InlineData("purposes", "purposes:\n  - 1.3.6.1.5.5.7.3.1")]
    public void A_script_with_the_same_limits_is_followed(string which, string line)
    {
        SoftwareRoom room = rooms.Rooted();
        room.Put("other-ca.pem", Made(which));
        room.Open(SoftwareRoom.Script("cross-signing.md").Replace("profile: cross-certificate", $"profile: cross-certificate\n{line}",
            StringComparison.Ordinal));
        room.GoOn();
        Assert.Contains("other-ca-cross", room.State.World.Certificates.Keys);
    }

    [Fact]
    public void A_name_that_others_read_is_carried()
    {
        SoftwareRoom room = rooms.Rooted();
        room.Put("other-ca.pem", Made("CN 16 09 52 45 48 45 41 52 53 41 4C"));
        room.Open(SoftwareRoom.Script("cross-signing.md"));
        room.GoOn();

        Assert.Contains("other-ca-cross", room.State.World.Certificates.Keys);
        Disturbed.Verifies(room, rooms.NewFolder());
    }

    private static byte[] Made(string which)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var shortKey = RSA.Create(1024);
        byte[]? value = which.StartsWith("CN ", StringComparison.Ordinal)
            ? Convert.FromHexString(which[3..].Replace(" ", "", StringComparison.Ordinal)) : null;
        X500DistinguishedName name = value is not null ? StrangeNames.Holder(value)
            : new(which == "no name" ? "" : "CN=REHEARSAL Partner Root, O=Partner, C=DE");
        CertificateRequest request = which == "a short key"
            ? new(name, shortKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) : new(name, key, HashAlgorithmName.SHA384);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, which == "path length", 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            X509KeyUsageFlags.KeyCertSign | (which == "signs no lists" ? 0 : X509KeyUsageFlags.CrlSign), true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        if (which == "name constraints")
            request.CertificateExtensions.Add(new X509Extension("2.5.29.30", [0x30, 0x00], true));
        (string Oid, string Value, bool Critical)? more = which switch
        {
            "constraints that are not critical" => ("2.5.29.30", "3000", false),
            "purposes" => ("2.5.29.37", "300A06082B06010505070301", false),
            "critical policies" => ("2.5.29.32", "3007300506032A0304", true),
            "limits policies" => ("2.5.29.36", "3003800100", false),
            _ => null,
        };
        if (more is { } extension)
            request.CertificateExtensions.Add(new X509Extension(extension.Oid, Convert.FromHexString(extension.Value), extension.Critical));
        DateTimeOffset begin = SoftwareRoom.Morning.AddYears(which == "begins next year" ? 1 : -1);
        using X509Certificate2 made = which == "a short key" ? request.CreateSelfSigned(begin, begin.AddYears(9))
            : request.Create(name, X509SignatureGenerator.CreateForECDsa(which == "another key signed it" ? other : key), begin,
                which == "ends soon" ? begin.AddYears(2) : begin.AddYears(9), [1, 2, 3]);
        return value is not null ? StrangeNames.With(made.RawData, value, key, HashAlgorithmName.SHA384)
            : Encoding.ASCII.GetBytes(made.ExportCertificatePem());
    }
}
