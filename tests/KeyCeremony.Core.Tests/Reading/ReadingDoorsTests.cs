using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.Core.Manifest.Devices;
using KeyCeremony.Core.Pki.Crl;
using KeyCeremony.Core.Pki.Requests;
using KeyCeremony.Core.Script;
using KeyCeremony.Core.Tests.Manifest.Devices;
using KeyCeremony.Core.Tests.Pki;
using KeyCeremony.Core.Tests.Pki.Crl;

namespace KeyCeremony.Core.Tests.Reading;

/// <summary>
/// The traits of files from other people's tools, at every door of the program where such a file comes in: one trait has one answer,
/// and a refusal names the line and the cause.
/// </summary>
public sealed class ReadingDoorsTests
{
    private const string Taken = "";

    private static readonly byte[] Mark = [0xEF, 0xBB, 0xBF];
    private static readonly byte[] RequestDer = Request();
    private static readonly byte[] CertificateDer = Samples.Certificate("root").Der.ToArray();
    private static readonly byte[] ListDer = CrlRoom.P256.Issue(CrlRoom.Entry("01"));

    /// <summary>What is done to a PEM file, and what must be said of it: nothing when it is taken.</summary>
    private static readonly Dictionary<string, (Func<string, byte[]> Change, string Said)> Pem = new()
    {
        ["as the tool wrote it"] = (pem => Bytes(pem), Taken),
        ["no line feed at the end"] = (pem => Bytes(pem.TrimEnd()), Taken),
        ["CR LF"] = (pem => Bytes(pem.ReplaceLineEndings("\r\n")), Taken),
        ["CR LF in the body, LF around (keytool)"] = (pem => Bytes(Mixed(pem)), Taken),
        ["byte-order mark"] = (pem => [.. Mark, .. Bytes(pem)], Taken),
        ["byte-order mark and CR LF"] = (pem => [.. Mark, .. Bytes(pem.ReplaceLineEndings("\r\n"))], Taken),
        ["blank lines around and inside"] = (pem => Bytes("\n\n" + pem.Replace("\n", "\n\n", StringComparison.Ordinal) + "\n\n"), Taken),
        ["blanks at the ends of lines"] = (pem => Bytes(pem.Replace("\n", " \t\n", StringComparison.Ordinal)), Taken),
        ["indented"] = (pem => Bytes("  " + pem.Replace("\n", "\n  ", StringComparison.Ordinal)), Taken),
        ["text above (openssl -text)"] = (pem => Bytes("Data:\n    Version: 1 (0x0)\n    Subject: O = Zürich\n" + pem), Taken),
        ["text below"] = (pem => Bytes(pem + "regards\n"), Taken),
        ["lines of 76"] = (pem => Bytes(Wrapped(pem, 76)), Taken),
        ["lines of 61"] = (pem => Bytes(Wrapped(pem, 61)), Taken),
        ["one long line"] = (pem => Bytes(Wrapped(pem, int.MaxValue)), Taken),
        ["UTF-16, little end first"] = (pem => [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(pem)], "Line 1 is UTF-16"),
        ["UTF-16, big end first"] = (pem => [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes(pem)], "Line 1 is UTF-16"),
        ["UTF-16 without a mark"] = (pem => Encoding.Unicode.GetBytes(pem), "Line 1 is UTF-16"),
        ["carriage returns alone"] = (pem => Bytes(pem.Replace('\n', '\r')), "Line 1 holds a carriage return that no line feed follows."),
        ["a carriage return too many"] = (pem => Bytes(pem.Replace("\n", "\r\r\n", StringComparison.Ordinal)),
            "Line 1 holds a carriage return that no line feed follows."),
        ["cut off"] = (pem => Bytes(pem[..pem.LastIndexOf("-----END", StringComparison.Ordinal)]),
            "The block that line 1 begins has no line -----END "),
        ["base64 alone"] = (pem => Bytes(string.Join('\n', pem.Trim().Split('\n')[1..^1])),
            "Line 1 is base64 without the line -----BEGIN "),
        ["a blank within base64"] = (pem => Bytes(pem[..(pem.IndexOf('\n', StringComparison.Ordinal) + 9)] + " "
            + pem[(pem.IndexOf('\n', StringComparison.Ordinal) + 9)..]), "Line 2 is not base64: a blank stands in column 9."),
        ["a quoted line (mail)"] = (pem => Bytes(pem.Replace("\nMII", "\n> MII", StringComparison.Ordinal)),
            "Line 2 is not base64: '>' stands in column 1."),
        ["headers within (RFC 1421)"] = (pem => Bytes(pem.Replace("\nMII", "\nComment: x\n\nMII", StringComparison.Ordinal)),
            "Line 2 is a header within the block, which is not read."),
        ["another label"] = (pem => Bytes(pem.Replace("-----BEGIN ", "-----BEGIN TRUSTED ", StringComparison.Ordinal)),
            "Line 1 begins a block 'TRUSTED "),
        ["labels that differ"] = (pem => Bytes(pem.Replace("-----END ", "-----END OLD ", StringComparison.Ordinal)), " is not -----END "),
        ["a private key beside it"] = (pem => Bytes(pem + "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n"),
            "private key."),
        ["twice"] = (pem => Bytes(pem + pem), " begins a second block; one is read."),
        ["quoted whole (mail)"] = (pem => Bytes("> " + pem.Replace("\n", "\n> ", StringComparison.Ordinal)),
            "In line 1 something stands in front of -----BEGIN"),
        ["copied from a page"] = (pem => Bytes($"Dear all,\n<pre>{pem}</pre>\n"), "In line 2 something stands in front of -----BEGIN"),
        ["a blank that is none in front"] = (pem => Bytes("\u00A0" + pem), "In line 1 something stands in front of -----BEGIN"),
        ["a value of JSON"] = (pem => Bytes($"{{\"pem\":\"{pem.Replace("\n", "\\n", StringComparison.Ordinal)}\"}}"),
            "Line 1 holds the PEM with \\n where its lines end"),
        ["line feeds spelt out"] = (pem => Bytes(pem.Replace("\n", "\\n", StringComparison.Ordinal)),
            "Line 1 holds the PEM with \\n where its lines end"),
        ["without line feeds"] = (pem => Bytes(pem.Replace("\n", "", StringComparison.Ordinal)), "Line 1 goes on behind -----BEGIN "),
        ["a bundle's label"] = (pem => Bytes(System.Text.RegularExpressions.Regex.Replace(pem, "(BEGIN|END) [A-Z0-9 ]+", "$1 PKCS7")),
            "begins a block 'PKCS7' where "),
    };

    private static readonly Dictionary<string, Func<Func<string, byte[]>, string>> PemDoors = new()
    {
        ["request inspect; the room's request"] = change => Said(RequestFile.TryRead(
            change(Armoured("CERTIFICATE REQUEST", RequestDer)), out _, out Refusal? refusal), refusal),
        ["the same as AD CS, keytool and certtool write it"] = change => Said(RequestFile.TryRead(
            change(Armoured("NEW CERTIFICATE REQUEST", RequestDer)), out _, out Refusal? refusal), refusal),
        ["the room's certificate; issuingCA of a batch"] = change => Said(PemBlock.TryUnwrap(
            change(Armoured("CERTIFICATE", CertificateDer)), ["CERTIFICATE"], out ReadOnlyMemory<byte> der, out Refusal? refusal)
                && der.Span.SequenceEqual(CertificateDer), refusal),
        ["crl inspect; the last list"] = change => Said(CrlReader.TryRead(
            new MemoryStream(change(Armoured("X509 CRL", ListDer))), each: null, out _, out Refusal? refusal), refusal),
        ["a source of revocations"] = change => Source(change(Armoured("X509 CRL", ListDer))),
    };

    /// <summary>The same for a table; the text is a header and rows, with commas.</summary>
    private static readonly Dictionary<string, (Func<string, byte[]> Change, string Said)> Tables = new()
    {
        ["as it is written"] = (text => Bytes(text), Taken),
        ["CR LF"] = (text => Bytes(text.ReplaceLineEndings("\r\n")), Taken),
        ["CR LF and LF"] = (text => Bytes(Mixed(text)), Taken),
        ["byte-order mark and CR LF (Excel, CSV UTF-8)"] = (text => [.. Mark, .. Bytes(text.ReplaceLineEndings("\r\n"))], Taken),
        ["semicolons (Excel in most of Europe)"] = (text => Bytes(text.Replace(',', ';').ReplaceLineEndings("\r\n")), Taken),
        ["tabs (Excel, text)"] = (text => Bytes(text.Replace(',', '\t')), Taken),
        ["quotes around every field"] = (text => Bytes(string.Concat(text.Trim().Split('\n')
            .Select(line => string.Join(',', line.Split(',').Select(field => $"\"{field}\"")) + "\n"))), Taken),
        ["a header in capitals"] = (text => Bytes(text[..text.IndexOf('\n', StringComparison.Ordinal)].ToUpperInvariant()
            + text[text.IndexOf('\n', StringComparison.Ordinal)..]), Taken),
        ["UTF-16 (Excel, Unicode text)"] = (text => [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(text)], "Line 1 is UTF-16"),
        ["UTF-16, big end first"] = (text => [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes(text)], "Line 1 is UTF-16"),
        ["carriage returns alone (Excel, Macintosh)"] = (text => Bytes(text.Replace('\n', '\r')),
            "Line 1 holds a carriage return that no line feed follows."),
        ["a blank line at the end"] = (text => Bytes(text + "\n"), "Line 3 is empty."),
        ["a blank line in between"] = (text => Bytes(text.Replace("\n", "\n\n", StringComparison.Ordinal)), "Line 2 is empty."),
        ["a row of separators (Excel)"] = (text => Bytes(text + ",,\n"), "Line 3 has no values."),
        ["a blank at the end of a row"] = (text => Bytes(text[..^1] + " \n"), "Line 2 ends with a blank."),
        ["a quote that is not closed"] = (text => Bytes(text.Replace("\n", "\n\"", StringComparison.Ordinal)),
            "The quotes are not those of RFC 4180"),
        ["sep= above"] = (text => Bytes("sep=,\n" + text), "Line 1 is 'sep='"),
    };

    private static readonly Dictionary<string, (string Text, Func<byte[], string> Read)> TableDoors = new()
    {
        ["revocations"] = ("serial,date,reason\n1a,2026-01-01T00:00:00Z,superseded\n", Source),
        ["removals"] = ("serial,cause,notAfter\n1a,expired,2026-01-01T00:00:00Z\n", file =>
            Said(RemovalFile.TryRead(new MemoryStream(file), out _, out IReadOnlyList<RowError> errors),
                errors is [var first, ..] ? first.Refusal : null)),
        ["known keys"] = ($"spkiSha256,environment,note\n{new string('a', 64)},staging,first\n", file =>
            Said(KnownKeysFile.TryRead(file, out _, out Refusal? refusal), refusal)),
        ["device list"] = ($"serialNo,certSha256,spkiSha256\nA,{new string('a', 64)},{new string('b', 64)}\n", file =>
            Said(DeviceTree.TryCompute(DeviceLists.Input(file), out _, out DeviceListProblems? problems), problems?.First[0].Refusal)),
    };

    public static TheoryData<string, string> PemCases => Each(Pem.Keys, PemDoors.Keys);

    public static TheoryData<string, string> TableCases => Each(Tables.Keys, TableDoors.Keys);

    [Theory]
    [MemberData(nameof(PemCases))]
    public void A_trait_of_PEM_has_the_same_answer_at_every_door(string trait, string door) =>
        Answer(Pem[trait].Said, PemDoors[door](Pem[trait].Change));

    [Theory]
    [MemberData(nameof(TableCases))]
    public void A_trait_of_a_table_has_the_same_answer_at_every_door(string trait, string door) =>
        // A note is free text: a blank at its end is its own.
        Answer(door == "known keys" && trait == "a blank at the end of a row" ? Taken : Tables[trait].Said,
            TableDoors[door].Read(Tables[trait].Change(TableDoors[door].Text)));

    /// <summary>A certificate in a list is the same whatever its field looks like, and what is wrong is said as elsewhere.</summary>
    [Theory]
    [InlineData("a label of OpenSSL's own", "Line 1 begins a block 'TRUSTED CERTIFICATE'")]
    [InlineData("cut off", "has no line -----END CERTIFICATE-----.")]
    [InlineData("quoted", "is not base64: '>' stands in column 1.")]
    [InlineData("twice", "begins a second block; one is read.")]
    [InlineData("a private key", "holds a private key.")]
    public void A_certificate_in_a_field_is_refused_with_its_cause(string what, string said)
    {
        string pem = Armoured("CERTIFICATE", CertificateDer).Replace('\n', ' ').Trim();
        string field = what switch
        {
            "cut off" => pem[..^40],
            "quoted" => pem.Replace(" MII", " >MII", StringComparison.Ordinal),
            "twice" => pem + " " + pem,
            "a private key" => pem + " -----BEGIN PRIVATE KEY-----",
            _ => pem.Replace("CERTIFICATE", "TRUSTED CERTIFICATE", StringComparison.Ordinal),
        };
        DeviceListProblem problem = DeviceLists.Problems(Bytes($"serialNo,certificate\nA,{field}\n")).First[0];
        Assert.Equal(("DEVICE-06", 2L), (problem.Refusal.Rule, problem.Line));
        Assert.Contains(said, problem.Refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>What an editor does to a file is taken; what is refused is told for whoever keeps the file, not for a room.</summary>
    [Theory]
    [InlineData("byte-order mark", null)]
    [InlineData("CR LF", null)]
    [InlineData("UTF-16", "Line 1 is UTF-16")]
    [InlineData("carriage returns alone", "Line 1 holds a carriage return that no line feed follows.")]
    [InlineData("a comment", "The file holds a comment.")]
    [InlineData("a tab", "The line holds a tab.")]
    [InlineData("a zero-width space", "The line holds the forbidden character U+200B.")]
    [InlineData("Latin-1", "The line is not UTF-8.")]
    public void The_batch_of_a_factory_is_read_for_a_factory(string what, string? said)
    {
        string yaml = File.ReadAllText(Path.Combine(Repository.PathOf("docs", "examples", "batch"), "batch.yaml"));
        byte[] file = what switch
        {
            "byte-order mark" => [.. Mark, .. Bytes(yaml)],
            "CR LF" => Bytes(yaml.ReplaceLineEndings("\r\n")),
            "UTF-16" => [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(yaml)],
            "carriage returns alone" => Bytes(yaml.Replace('\n', '\r')),
            "a comment" => Bytes("# batch of May\n" + yaml),
            "a tab" => Bytes(yaml.Replace("  vid", "\tvid", StringComparison.Ordinal)),
            "a zero-width space" => Bytes(yaml.Replace("Nord", "Nord\u200B", StringComparison.Ordinal)),
            _ => Encoding.Latin1.GetBytes(yaml),
        };
        bool read = BatchFile.TryRead(file, "batch.yaml", out _, out ImmutableArray<ScriptError> errors);
        Assert.Equal(said is null, read);
        Assert.All(errors, error => Assert.DoesNotContain("aloud", error.Remedy, StringComparison.Ordinal));
        Assert.All(errors, error => Assert.DoesNotContain("script", error.Remedy, StringComparison.Ordinal));
        if (said is not null)
            Assert.Contains(said, errors[0].Message, StringComparison.Ordinal);
    }

    /// <summary>A key proof is signed as it stands: what a mail program does to it is named, and refused.</summary>
    [Theory]
    [InlineData("byte-order mark", "REQ-30", "Line 1 begins with a byte-order mark.")]
    [InlineData("CR LF", "REQ-30", "Line 1 holds a carriage return.")]
    [InlineData("UTF-16", "REQ-02", "Line 1 is UTF-16")]
    [InlineData("text below", "REQ-02", "stands outside the block.")]
    public void A_key_proof_keeps_its_bytes(string what, string rule, string said)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string proof = Encoding.ASCII.GetString(Pki.Requests.KeyProofs.Make(key));
        byte[] file = what switch
        {
            "byte-order mark" => [.. Mark, .. Bytes(proof)],
            "CR LF" => Bytes(proof.ReplaceLineEndings("\r\n")),
            "UTF-16" => [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(proof)],
            _ => Bytes(proof + "regards\n"),
        };
        Assert.False(RequestFile.TryRead(file, out _, out Refusal? refusal));
        Assert.Equal(rule, refusal.Rule);
        Assert.Contains(said, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("byte-order mark", null)]
    [InlineData("UTF-16", "line 1 is UTF-16")]
    [InlineData("no JSON", "it is not JSON (line 2, byte 1)")]
    public void A_hardware_BOM_is_read_as_an_editor_saves_it(string what, string? said)
    {
        string json = "{ \"bomFormat\": \"CycloneDX\",\n\"specVersion\": \"1.6\" }";
        byte[] file = what switch
        {
            "byte-order mark" => [.. Mark, .. Bytes(json)],
            "UTF-16" => [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(json)],
            _ => Bytes(json.Replace("\n", "\n=", StringComparison.Ordinal)),
        };
        Refusal? refusal = HardwareBom.Check(file, []);
        if (said is null)
            Assert.Null(refusal);
        else
            Assert.Equal($"The hardware BOM is not CycloneDX in JSON: {said}", refusal!.Message[..Math.Min(refusal.Message.Length,
                said.Length + "The hardware BOM is not CycloneDX in JSON: ".Length)]);
    }

    [Theory]
    [InlineData("Serial Number;Date\n", "Line 1 is 'Serial Number;Date'.")]
    [InlineData("", "The file is empty.")]
    [InlineData("\n", "Line 1 is empty.")]
    public void A_file_of_no_format_is_told_what_it_begins_with(string text, string said)
    {
        Refusal refusal = RevocationFile.Unknown(Bytes(text));
        Assert.Equal("REVOKE-01", refusal.Rule);
        Assert.StartsWith(said, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_serial_that_a_spreadsheet_rewrote_is_told_so() =>
        Assert.Contains("A spreadsheet has rewritten it", Source(Bytes(
            "serial;date;reason\n1,77861E+38;2026-01-01T00:00:00Z;superseded\n")), StringComparison.Ordinal);

    private static TheoryData<string, string> Each(IEnumerable<string> traits, IReadOnlyCollection<string> doors)
    {
        var all = new TheoryData<string, string>();
        foreach (string trait in traits)
            foreach (string door in doors)
                all.Add(trait, door);
        return all;
    }

    private static void Answer(string expected, string said)
    {
        if (expected.Length == 0)
            Assert.Equal(Taken, said);
        else
            Assert.Contains(expected, said, StringComparison.Ordinal);
    }

    private static string Said(bool isTaken, Refusal? refusal) => isTaken ? Taken : refusal!.Message;

    // As the desk of the revocation lists does it.
    private static string Source(byte[] file)
    {
        byte[] first = file[..Math.Min(file.Length, RevocationFile.EnoughToTell)];
        if (RevocationFile.Detect(first) is not { } format)
            return RevocationFile.Unknown(first).Message;
        using var sort = new RevocationSort(() => new MemoryStream());
        return Said(RevocationFile.TryRead(new MemoryStream(file), format, sort, out _, out IReadOnlyList<RowError> errors),
            errors is [var worst, ..] ? worst.Refusal : null);
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Armoured(string label, byte[] der) => PemEncoding.WriteString(label, der) + "\n";

    // The first and the last line end with LF, those between with CR LF.
    private static string Mixed(string text)
    {
        string[] lines = text.Trim().Split('\n');
        return lines[0] + "\n" + string.Concat(lines[1..^1].Select(line => line + "\r\n")) + lines[^1] + (lines.Length < 4 ? "\r\n" : "\n");
    }

    private static string Wrapped(string pem, int length)
    {
        string[] lines = pem.Trim().Split('\n');
        IEnumerable<string> body = string.Concat(lines[1..^1]).Chunk(length).Select(part => new string(part));
        return $"{lines[0]}\n{string.Join('\n', body)}\n{lines[^1]}\n";
    }

    private static byte[] Request()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        return new System.Security.Cryptography.X509Certificates.CertificateRequest(
            "C=DE, O=Example Devices GmbH, CN=Example Factory CA 1", key, HashAlgorithmName.SHA384).CreateSigningRequest();
    }
}
