using System.Text;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Crl;
using KeyCeremony.Core.Pki.Requests;
using KeyCeremony.Core.Tests.Pki;
using KeyCeremony.Core.Tests.Pki.Crl;
using KeyCeremony.Core.Tests.Pki.Requests;

namespace KeyCeremony.Core.Tests.Reading;

/// <summary>What a transfer did to a file in DER is said, where its bytes show it; of one that is whole nothing is said.</summary>
public sealed class DerDamageTests
{
    private static readonly Dictionary<string, (Func<byte[], byte[]> Damage, string Said)> Damages = new()
    {
        ["a program's text"] = (der => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(der)), "cannot be had back"),
        ["a text of Latin letters"] = (der => Encoding.UTF8.GetBytes(Encoding.Latin1.GetString(der)), "written as UTF-8 on its way"),
        ["cut"] = (der => der[..^20], "it was cut off"),
    };

    public static TheoryData<string> Names => [.. Damages.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void It_is_said_at_every_door(string which)
    {
        (Func<byte[], byte[]> damage, string said) = Damages[which];
        Assert.False(RequestFile.TryRead(damage(new RequestWriter().Write()), out _, out Refusal? request));
        byte[] root = Samples.Certificate("root").Der.ToArray(), crl = CrlRoom.P256.Issue(CrlRoom.Entry("01"));
        Assert.False(CertificateReader.TryReadCertificate(damage(root), out _, out Refusal? certificate));
        Assert.False(CrlReader.TryRead(new MemoryStream(damage(crl)), each: null, out _, out Refusal? list));
        Assert.All([request, certificate, list], refusal => Assert.Contains(said, refusal!.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_transfer_as_text_is_told_by_its_line_feeds()
    {
        byte[] der;
        do
            der = new RequestWriter().Write();
        while (!der.AsSpan(4).Contains((byte)'\n'));
        byte[] sent = [.. der.SelectMany(b => b == '\n' ? new byte[] { (byte)'\r', (byte)'\n' } : [b])];
        Assert.False(RequestFile.TryRead(sent, out _, out Refusal? refusal));
        Assert.Contains("Each line feed in the file has a carriage return in front", refusal.Message, StringComparison.Ordinal);
        Assert.True(RequestFile.TryRead(der, out _, out refusal), $"{refusal}");
    }
}
