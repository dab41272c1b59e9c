using System.Text;
using KeyCeremony.App.Camera;

namespace KeyCeremony.App.Tests.Camera;

/// <summary>What zbar says, cut anywhere, becomes texts; what is no QR code or no text becomes none.</summary>
public sealed class ZbarTextTests
{
    private const string Said = """
        <barcodes xmlns='http://zbar.sourceforge.net/2008/barcode'>
        <source device='/dev/video0'>
        <index num='17'>
        <symbol type='QR-Code' quality='1' orientation='UP'><polygon points='+1,2 +3,4'/><data><![CDATA[first ] and ]] and >
        line]]></data></symbol>
        <symbol type='EAN-13' quality='9'><data><![CDATA[4006381333931]]></data></symbol>
        <symbol type='QR-Code' quality='1'><data format='base64' length='3'><![CDATA[AAEC]]></data></symbol>
        <symbol type='QR-Code' quality='1'><data><![CDATA[]]]></data></symbol>
        </index>
        """;

    private static readonly string[] Texts = ["first ] and ]] and >\nline", "", "]"];

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(4096)]
    public void Texts_are_found_however_the_pipe_cuts_them(int piece)
    {
        var texts = new List<string>();
        using var reader = new ZbarText();
        foreach (byte[] bytes in Encoding.ASCII.GetBytes(Said).Chunk(piece))
            reader.Take(bytes, text => texts.Add(Encoding.ASCII.GetString(text)));
        Assert.Equal(Texts, texts);
    }

    [Fact]
    public void A_text_longer_than_any_code_is_none_and_the_next_one_is_read()
    {
        var lengths = new List<int>();
        using var reader = new ZbarText();
        foreach (int length in new[] { 7089, 7090, 100_000, 5 })
            reader.Take(Encoding.ASCII.GetBytes($"<symbol type='QR-Code'><data><![CDATA[{new string('7', length)}]]></data></symbol>"),
                text => lengths.Add(text.Length));
        Assert.Equal([7089, 0, 0, 5], lengths);
    }

    [Fact]
    public void A_text_is_wiped_when_it_was_taken()
    {
        ReadOnlySpan<byte> said = "<symbol type='QR-Code'><data><![CDATA[0000000110230000]]></data></symbol>"u8;
        using var reader = new ZbarText();
        string seen = "";
        reader.Take(said, text =>
        {
            seen = Encoding.ASCII.GetString(text);
            Assert.False(reader.IsWiped);
        });
        Assert.Equal("0000000110230000", seen);
        Assert.True(reader.IsWiped);
    }
}
