using System.Security.Cryptography;
using System.Text;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.Core.Tests.Transfer;

public sealed class ArtefactPemTests
{
    [Theory]
    [InlineData("root.der", "CERTIFICATE")]
    [InlineData("root-1.crl", "X509 CRL")]
    [InlineData("device.csr", "CERTIFICATE REQUEST")]
    [InlineData("checkpoint.cms", "CMS")]
    [InlineData("root.kcb", "KEYCEREMONY ARTEFACT")]
    public void An_artefact_stands_under_its_label_with_name_size_and_hash(string name, string label)
    {
        Artefact artefact = Samples.Artefact(name, MediaTypes.Of(name), Samples.Noise(300, 4));
        string text = ArtefactPem.Write(artefact);

        PemFields fields = PemEncoding.Find(text);
        Assert.Equal(label, text[fields.Label]);
        Assert.Equal(artefact.Bytes.ToArray(), Convert.FromBase64String(text[fields.Base64Data]));
        Assert.StartsWith($"Name:    {name}\nType:    {artefact.Type}\nBytes:   300\nSHA-256: {artefact.Sha256}\n",
            text, StringComparison.Ordinal);
        Assert.Equal(artefact.Words.Split(' '), text[..text.IndexOf('-', text.IndexOf(artefact.Sha256, StringComparison.Ordinal))]
            .Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries)[^32..]);
        Assert.EndsWith("-----\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_PEM_already_stands_as_it_is()
    {
        const string Pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        Assert.EndsWith(Pem + "\n", ArtefactPem.Write(Samples.Artefact("root.pem", MediaTypes.Pem, Encoding.ASCII.GetBytes(Pem))),
            StringComparison.Ordinal);
    }
}
