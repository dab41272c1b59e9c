using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KeyCeremony.App.Ground;
using KeyCeremony.App.Room;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.App.Tests.Room;

/// <summary>What was signed is shown to BouncyCastle first; its refusal ends the ceremony.</summary>
public sealed class SecondOpinionTests
{
    private readonly SecondOpinion _second = new(Path.GetTempPath());

    [Fact]
    public void A_certificate_with_another_signature_is_refused()
    {
        byte[] good = Root(), other = [.. good];
        other[^1] ^= 1;

        Assert.Equal("SIGN-02", Assert.Throws<CeremonyException>(() => _second.Ask(JournalFormats.Current, other, other)).Refusal.Rule);
        Assert.Equal("SIGN-02", Assert.Throws<CeremonyException>(() => _second.Ask(JournalFormats.Current, good, Root())).Refusal.Rule);
    }

    [Fact]
    public void Each_format_has_its_words()
    {
        byte[] root = Root();

        Assert.Equal("BouncyCastle: OK; openssl verify -x509_strict -check_ss_sig: OK", _second.Ask(JournalFormats.Replayed, root, root));
        Assert.Equal("openssl verify -x509_strict -check_ss_sig: OK", _second.Ask(JournalFormats.First, root, root));
    }

    [Fact]
    public void A_signature_of_an_envelope_is_asked()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] signature = key.SignData("pae"u8, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence), certificate = Root(key);

        SecondOpinion.AskAboutSignature("pae"u8.ToArray(), signature, certificate);
        Assert.Throws<CeremonyException>(() => SecondOpinion.AskAboutSignature("paf"u8.ToArray(), signature, certificate));
    }

    [Fact]
    public void A_list_that_is_none_is_refused()
    {
        string list = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(list, [0x30, 0x03, 0x30, 0x01, 0x00]);
            string issuer = Convert.ToBase64String(Root());
            Assert.Equal("SIGN-02",
                Assert.Throws<CeremonyException>(() => _second.AskAboutList(JournalFormats.Current, list, issuer)).Refusal.Rule);
        }
        finally
        {
            File.Delete(list);
        }
    }

    private static byte[] Root()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Root(key);
    }

    private static byte[] Root(ECDsa key)
    {
        var request = new CertificateRequest("CN=Root", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        // openssl asks this machine's clock, which stands where it stands.
        using X509Certificate2 root = request.CreateSelfSigned(DateTimeOffset.UnixEpoch,
            new DateTimeOffset(2999, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return root.RawData;
    }
}
