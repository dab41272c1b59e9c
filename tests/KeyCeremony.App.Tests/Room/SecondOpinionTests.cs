using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KeyCeremony.App.Ground;
using KeyCeremony.App.Room;
using KeyCeremony.Core;
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

    /// <summary>Its words name its own source's lines, paths and what it read; a number is enough to look up.</summary>
    [Fact]
    public void What_openssl_writes_reaches_nobody()
    {
        byte[] unread = Strange(), root = Root();
        Refusal signed = Assert.Throws<CeremonyException>(() => _second.Ask(JournalFormats.Current, unread, unread)).Refusal;
        Assert.Equal("SIGN-01", signed.Rule);
        Assert.Matches("^openssl does not accept the certificate: its verify ends with [12] and names no error by its number, as for what "
            + "it cannot read\\.$", signed.Message);
        byte[] over = Ended();
        Assert.Equal("openssl does not accept the certificate: its verify finds the error 10 at depth 0.",
            Assert.Throws<CeremonyException>(() => _second.Ask(JournalFormats.Current, over, over)).Refusal.Message);

        Refusal? before = _second.AskBefore(unread, unread);
        Assert.Equal("SIGN-01", before?.Rule);
        Assert.StartsWith("Nothing was signed.", before!.Remedy, StringComparison.Ordinal);
        Assert.Equal("SIGN-02", _second.AskBefore(root, Root())?.Rule);
        Assert.Null(_second.AskBefore(root, root));
        // The clock is asked when it is signed, not before: a twin says what the file is.
        Assert.Null(_second.AskBefore(over, over));
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
        byte[] signature = key.SignData("pae"u8, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence),
            spki = key.ExportSubjectPublicKeyInfo();

        SecondOpinion.AskAboutSignature("this", "pae"u8.ToArray(), signature, spki);
        Assert.Throws<CeremonyException>(() => SecondOpinion.AskAboutSignature("this", "paf"u8.ToArray(), signature, spki));
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

    // A VisibleString in its name.
    private static byte[] Strange()
    {
        byte[] value = [0x1A, 0x02, 0x61, 0x62];
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return StrangeNames.With(Root(key, StrangeNames.Holder(value)), value, key, HashAlgorithmName.SHA256);
    }

    private static byte[] Ended()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Root(key, years: 1);
    }

    private static byte[] Root(ECDsa key, X500DistinguishedName? name = null, int years = 900)
    {
        var request = new CertificateRequest(name ?? new("CN=Root"), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        // openssl asks this machine's clock, which stands where it stands.
        using X509Certificate2 root = request.CreateSelfSigned(DateTimeOffset.UnixEpoch,
            DateTimeOffset.UnixEpoch.AddYears(years));
        return root.RawData;
    }
}
