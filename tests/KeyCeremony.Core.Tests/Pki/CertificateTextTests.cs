using System.Globalization;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Tests.Pki;

public sealed class CertificateTextTests
{
    // A P-384 public key whose private key was thrown away; the golden file shows it.
    private const string FixedKey =
        "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEwemBtf1LJ0umhfrW6lqD+KkBEp6+JNPl4SPmf2fVbSatvgZrJfD6nil3cbU7NygSxznGXnMYfOUc9tE8ru3zTJ+HeyIO/eDAsr/G69gTZsBzyFi2TkMzw/K5UJOXw65y";

    public static TheoryData<string> Profiles => Samples.ProfileNames;

    [Fact]
    public void A_root_reads_like_the_golden_file()
    {
        CertificatePlan plan = Samples.Plan("root") with
        {
            Subject = Samples.Name(("C", "DE"), ("O", "Example Ger\u00E4te GmbH"), ("CN", "REHEARSAL Example Root R1")),
        };
        ParsedTbs tbs = Samples.Parsed(ToBeSigned.Write(plan, Convert.FromBase64String(FixedKey)));
        string[] lines = [.. CertificateText.Describe(tbs).Select(line => line.ToString()),
            "", .. CertificateText.HexDump(tbs.Der.Span), ""];
        string golden = Repository.PathOf("tests", "KeyCeremony.Core.Tests", "Pki", "Golden", "root.txt");
        Assert.Equal(File.ReadAllText(golden), string.Join('\n', lines));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Every_extension_has_its_line_with_its_criticality(string profile)
    {
        ParsedCertificate certificate = Samples.Certificate(profile);
        IReadOnlyList<TextLine> lines = CertificateText.Describe(certificate);
        Assert.All(certificate.ToBeSigned.Extensions, extension =>
        {
            TextLine line = Assert.Single(lines, line => line.Label == Oids.NameOf(extension.Oid));
            Assert.Equal(extension.Critical, line.Value.StartsWith("critical; ", StringComparison.Ordinal));
        });
        Assert.Equal("signatureValue", lines[^1].Label);
    }

    [Fact]
    public void An_unknown_extension_is_shown_by_OID_and_hex()
    {
        var edit = new TbsEdit(Samples.Tbs(Samples.Plan("root")));
        edit.Add("1.3.6.1.4.1.99999.1", critical: true, 0x05, 0x00);
        Assert.Equal("1.3.6.1.4.1.99999.1: critical; 0500", CertificateText.Describe(Samples.Parsed(edit.Encode()))[^1].ToString());
    }

    [Fact]
    public void A_repeated_extension_is_shown_raw()
    {
        var edit = new TbsEdit(Samples.Tbs(Samples.Plan("root")));
        edit.Add(Oids.KeyUsage, critical: true, 0x03, 0x02, 0x07, 0x80);
        Assert.Equal("keyUsage: critical; 03020780", CertificateText.Describe(Samples.Parsed(edit.Encode()))[^1].ToString());
    }

    [Fact]
    public void What_cannot_be_seen_in_a_foreign_name_is_shown_as_its_code()
    {
        var edit = new TbsEdit(Samples.Tbs(Samples.Plan("root")));
        edit.Subject[2][0][1].Value = "Root\u202E\u200B\u0007"u8.ToArray();
        TextLine line = Assert.Single(CertificateText.Describe(Samples.Parsed(edit.Encode())), line => line.Label == "subject CN");
        Assert.Equal("Root<U+202E><U+200B><U+0007> (UTF8String)", line.Value);
    }

    [Theory]
    [InlineData("\u0410\u0421\u041C\u0415", "Cyrillic")] // reads ACME
    [InlineData("\u0391\u0392\u0395 1", "Greek")] // reads ABE 1
    [InlineData("\u0420\u043E\u0441\u0441\u0438\u044F", null)]
    [InlineData("\u041E\u0410", null)]
    [InlineData("ACME", null)]
    public void A_word_of_look_alikes_is_told_where_a_name_is_shown(string value, string? script)
    {
        Assert.True(DistinguishedName.TryCreate([("CN", value)], out DistinguishedName? name, out Refusal? refusal), $"{refusal}");
        string shown = Assert.Single(CertificateText.Name("subject", name)).Value;
        Assert.Equal(script is not null, shown.Contains("letters that all look like Latin ones", StringComparison.Ordinal));
        Assert.Contains(script ?? "String)", shown, StringComparison.Ordinal);
        // Reports of earlier formats are composed again and compared: their words stay.
        string before = Assert.Single(CertificateText.Name("subject", name, tellsLikeness: false)).Value;
        Assert.EndsWith("String)", before, StringComparison.Ordinal);
    }

    [Fact]
    public void No_end_and_both_time_types_are_said()
    {
        IReadOnlyList<TextLine> lines = CertificateText.Describe(Samples.Certificate("matter-paa"));
        Assert.Equal("2026-01-01 00:00:00 UTC (UTCTime 260101000000Z)", lines.Single(line => line.Label == "notBefore").Value);
        Assert.Equal("no end (GeneralizedTime 99991231235959Z)", lines.Single(line => line.Label == "notAfter").Value);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(16)]
    [InlineData(17)]
    public void A_hex_dump_holds_every_byte_sixteen_a_line(int count)
    {
        byte[] bytes = Enumerable.Range(0, count).Select(i => (byte)(i * 13)).ToArray();
        IReadOnlyList<string> lines = CertificateText.HexDump(bytes);
        Assert.Equal((count + 15) / 16, lines.Count);
        Assert.Equal(bytes, lines.SelectMany(line => line[10..].Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(pair => byte.Parse(pair, NumberStyles.HexNumber)));
        Assert.All(lines, line => Assert.True(line.Length <= 80 && line == line.TrimEnd()));
    }
}
