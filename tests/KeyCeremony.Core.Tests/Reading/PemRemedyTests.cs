using System.IO.Compression;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using KeyCeremony.Core.Pki.Requests;

namespace KeyCeremony.Core.Tests.Reading;

/// <summary>What a remedy says can be done with the file that was refused, and mends it.</summary>
public sealed class PemRemedyTests
{
    private static readonly string Pem = Request();
    private static readonly byte[] Der = PemEncoding.TryFind(Pem, out PemFields at) ? Convert.FromBase64String(Pem[at.Base64Data]) : [];
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private static readonly Dictionary<string, (byte[] File, string Remedy)> Files = new()
    {
        ["UTF-16"] = ([.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(Pem)], "Save it as UTF-8"),
        ["UTF-16 without a mark"] = (Encoding.BigEndianUnicode.GetBytes(Pem), "Save it as UTF-8"),
        ["carriage returns"] = (Ascii(Pem.Replace('\n', '\r')), "Save it with lines that end with LF or CR LF"),
        ["digits"] = (Ascii(Convert.ToHexString(Der)), "xxd -r -p"),
        ["base64 alone"] = (Ascii(string.Join('\n', Pem.Split('\n')[1..^1])), "the line -----BEGIN CERTIFICATE REQUEST----- above"),
        ["two"] = (Ascii(Pem + "\n" + Pem), "Send each CERTIFICATE REQUEST in a file of its own."),
        ["parameters"] = (Ascii("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + Pem), "-noout"),
        ["a public key"] = (Ascii(Pem.Replace("CERTIFICATE REQUEST", "PUBLIC KEY", StringComparison.Ordinal)),
            "makes a PKCS #10 request with it"),
        ["a bundle"] = (Ascii(Pem.Replace("CERTIFICATE REQUEST", "PKCS7", StringComparison.Ordinal)), "openssl cms -verify"),
        ["base64url alone"] = (Ascii("MIHlMIGNAgEAMCsxDTALBgNVBAoMBEFjbWUxGjAYBg-_VQQDDA"), "basenc --base64url"),
        ["base64 of the PEM"] = (Ascii(Convert.ToBase64String(Ascii(Pem))), "Have the PEM written back (base64 -d)"),
        ["a member of a cluster's file"] = (Ascii("kind: CertificateSigningRequest\nspec:\n  request: "
            + Convert.ToBase64String(Ascii(Pem))), "Have the value alone decoded"),
        ["a member of JSON"] = (Ascii(JsonSerializer.Serialize(new { csr = Pem, ott = "eyJh" })), "jq -r '..|.csr? // empty'"),
        ["a member within JSON"] = (Ascii(JsonSerializer.Serialize(new { data = new { csr = Pem } }, Indented)), "..|.csr? // empty"),
        ["JSON without one"] = (Ascii("{\"csr\":\"MIIBAA\"}"), "have that member alone written"),
        ["a variable"] = (Ascii(Pem.Replace("\n", "\\n", StringComparison.Ordinal)), "printf %b"),
        ["an address"] = (Ascii(Uri.EscapeDataString(Pem)), "before it was put into an address"),
        ["data in an address"] = (Ascii("data:application/pkcs10;base64," + Convert.ToBase64String(Der)), "base64 -d"),
        ["rich text"] = (Ascii("{\\rtf1\\ansi\n" + Pem.Replace("\n", "\\par\n", StringComparison.Ordinal) + "}"), "plain text"),
        ["other dashes"] = (Ascii(Pem.Replace("-----", "\u2014\u2014-", StringComparison.Ordinal)), "Send the file itself"),
        ["four dashes"] = (Ascii(Pem.Replace("-----", "----", StringComparison.Ordinal)), "Send the file itself"),
        ["digits with colons"] = (Ascii(BitConverter.ToString(Der).Replace('-', ':')), "xxd -r -p"),
        ["digits with blanks"] = (Ascii(BitConverter.ToString(Der).Replace('-', ' ')), "xxd -r -p"),
        ["a dump"] = (Ascii("00000000: 3081 e530 818d 0201 0030 2b31 0d30 0b06  0..0.....0+1.0..\n"), "the dump was made"),
        ["a dump of hexdump"] = (Ascii("00000000  30 81 e5 30 81 8d 02 01  00 30 2b 31 0d 30 0b 06  |0..0|\n"), "the dump was made"),
        ["a program's source"] = (Ascii("unsigned char ok_der[] = {\n  0x30, 0x81, 0xe5\n};\n"), "the source was made"),
        ["what openssl printed"] = (Ascii("Certificate Request:\n    Data:\n        Version: 1 (0x0)\n"), "not what a program printed"),
        ["what asn1parse printed"] = (Ascii("    0:d=0  hl=3 l= 229 cons: SEQUENCE          \n"), "not what a program printed"),
        ["a browser's"] = (Ascii("SPKAC=MIIBOTCBozCBnzANBgkqhkiG9w0BAQEFAAOBjQ\nCN=x\n"), "Have a PKCS #10 request made"),
        ["a key of SSH"] = (Ascii("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ me@host\n"), "whether it is the right file"),
        ["an empty medium"] = (new byte[4096], "Have it written again"),
        ["an erased chip"] = ([.. Enumerable.Repeat((byte)0xFF, 512)], "Have it written again"),
        ["a trusted certificate"] = (Ascii(Pem.Replace("CERTIFICATE REQUEST", "TRUSTED CERTIFICATE", StringComparison.Ordinal)),
            "openssl x509"),
        ["without its end"] = (Ascii(string.Join('\n', Pem.Split('\n')[..^1])), "send the whole file again"),
        ["without its beginning"] = (Ascii(string.Join('\n', Pem.Split('\n')[1..])), "send the whole file again"),
        ["quoted"] = (Ascii(string.Join('\n', Pem.Split('\n').Select(line => "> " + line))), "Send the file itself"),
        ["in one line"] = (Ascii(Pem.Replace('\n', ' ')), "a line of its own"),
        ["another letter"] = (Ascii(Pem.Insert(60, "\u00A0")), "Send the file itself"),
        ["UTF-32"] = ([.. Encoding.UTF32.Preamble, .. Encoding.UTF32.GetBytes(Pem)], "Save it as UTF-8"),
        ["gzip"] = (Packed(), "Have it unpacked"),
        ["a tar archive"] = ([.. Ascii("ca.csr"), .. new byte[251], .. "ustar"u8, .. new byte[250], .. Ascii(Pem)], "Have it unpacked"),
        ["lz4"] = ([0x04, 0x22, 0x4D, 0x18, 0x64, 0x40, 0xA7], "Have it unpacked"),
        ["compress"] = ([0x1F, 0x9D, 0x90, 0x2D, 0x5A], "Have it unpacked"),
        ["a cabinet"] = ([.. "MSCF"u8, 0, 0, 0, 0, 0x2C], "Have it unpacked"),
        ["a picture"] = ([0x89, .. "PNG\r\n\u001A\n"u8, 0, 0, 0, 13], "Send the file itself that the tool wrote"),
        ["a key store"] = ([0xFE, 0xED, 0xFE, 0xED, 0, 0, 0, 2], "Have what is public exported"),
        ["a saved mail"] = ([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], "Send the file that it was made from"),
        ["a page"] = (Ascii("<!DOCTYPE html><html><body>Sign in</body></html>"), "Look whether it is the right file"),
        ["a spreadsheet"] = ([.. "PK\u0003\u0004"u8, .. new byte[40]], "saved as CSV"),
        ["a text"] = (Ascii("Here is our request."), "Look whether it is the right file"),
    };

    public static TheoryData<string> Names => [.. Files.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_remedy_is_that_of_the_cause(string which)
    {
        (byte[] file, string remedy) = Files[which];
        Assert.False(RequestFile.TryRead(file, out _, out Refusal? refusal));
        Assert.Equal("REQ-02", refusal.Rule);
        Assert.Contains(remedy, refusal.Remedy, StringComparison.Ordinal);
    }

    /// <summary>RFC 7468 5.1: two labels that older tools wrote.</summary>
    [Theory]
    [InlineData("X509 CERTIFICATE")]
    [InlineData("X.509 CERTIFICATE")]
    public void An_old_label_of_a_certificate_is_told_what_it_is_called_today(string label)
    {
        string pem = PemEncoding.WriteString(label, Pki.Samples.Certificate("root").Der.Span);
        Assert.False(PemBlock.TryUnwrap(Ascii(pem), ["CERTIFICATE"], out _, out Refusal? refusal));
        Assert.Contains($"begins a block '{label}'", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("write CERTIFICATE in both lines", refusal.Remedy, StringComparison.Ordinal);
        Assert.True(PemBlock.TryUnwrap(Ascii(pem.Replace(label, "CERTIFICATE", StringComparison.Ordinal)), ["CERTIFICATE"], out _, out _));
    }

    /// <summary>What the remedies say is done, and the file is taken.</summary>
    [Fact]
    public void Whoever_follows_a_remedy_is_taken()
    {
        string utf16 = Encoding.Unicode.GetString(Files["UTF-16"].File);
        byte[][] mended =
        [
            Encoding.UTF8.GetBytes(utf16),
            [.. Files["carriage returns"].File.Select(b => b == '\r' ? (byte)'\n' : b)],
            Convert.FromHexString(Encoding.ASCII.GetString(Files["digits"].File)),
            Ascii($"-----BEGIN CERTIFICATE REQUEST-----\n{Encoding.ASCII.GetString(Files["base64 alone"].File)}\n"
                + "-----END CERTIFICATE REQUEST-----\n"),
            Ascii(Pem[Pem.IndexOf("-----BEGIN CERTIFICATE", StringComparison.Ordinal)..]),
        ];
        Assert.All(mended, file => Assert.True(RequestFile.TryRead(file, out _, out Refusal? refusal), $"{refusal}"));
    }

    /// <summary>What a file is that is no text is said, not where it is no DER.</summary>
    [Theory]
    [InlineData("UTF-32", "Line 1 is UTF-32")]
    [InlineData("gzip", "packed with gzip")]
    [InlineData("a tar archive", "a tar archive")]
    [InlineData("a saved mail", "a mail saved by one")]
    [InlineData("a page", "a web page")]
    [InlineData("base64url alone", "base64url")]
    [InlineData("a member of JSON", "Line 1 holds the PEM with \\n where its lines end")]
    [InlineData("JSON without one", "It is JSON.")]
    [InlineData("what openssl printed", "what a program printed of a request")]
    [InlineData("a key of SSH", "a public key as SSH has it")]
    [InlineData("four dashes", "Line 1 has other dashes than the five")]
    public void What_it_is_instead_is_said(string which, string said)
    {
        Assert.False(RequestFile.TryRead(Files[which].File, out _, out Refusal? refusal));
        Assert.Contains(said, refusal.Message, StringComparison.Ordinal);
    }

    private static byte[] Packed()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(Ascii(Pem));
        return packed.ToArray();
    }

    private static byte[] Ascii(string text) => Encoding.UTF8.GetBytes(text);

    private static string Request()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=Example", key, HashAlgorithmName.SHA256).CreateSigningRequestPem();
    }
}
