using System.Security.Cryptography;
using System.Text;
using KeyCeremony.Core.Pki.Crl;

namespace KeyCeremony.Core.Tests.Pki.Crl;

public sealed class RevocationFileTests
{
    [Theory]
    [InlineData("", 1, 1)]
    [InlineData("serial;date\n", 1, 1)]
    [InlineData("sep=;\nserial;date;reason\n", 1, 1)]
    [InlineData("serial,date,reason\n0,2026-01-01T00:00:00Z,superseded\n", 2, 1)]
    [InlineData("serial,date,reason\n0x,2026-01-01T00:00:00Z,superseded\n", 2, 1)]
    [InlineData("serial,date,reason\n1a,2026-01-01 00:00:00Z,superseded\n", 2, 4)]
    [InlineData("serial,date,reason\n1a,2026-02-30T00:00:00Z,superseded\n", 2, 4)]
    [InlineData("serial,date,reason\n1a,2026-01-01T00:00:00+01:00,superseded\n", 2, 4)]
    [InlineData("serial,date,reason\n1a,2026-01-01T24:00:00Z,superseded\n", 2, 4)]
    [InlineData("serial,date,reason\n1a,2026-01-01T00:00:00Z,stolen\n", 2, 25)]
    [InlineData("serial,date,reason\n1a,2026-01-01T00:00:00Z,removeFromCRL\n", 2, 25)]
    [InlineData("serial,date,reason\n1a,2026-01-01T00:00:00Z,\"superseded\n", 2, 1)]
    [InlineData("serial,date,reason\n\"1a\",2026-01-01T00:00:00Z,stolen\n", 2, 27)]
    [InlineData("serial,date,reason\n1a,2026-01-01T00:00:00Z\n", 2, 1)]
    [InlineData("serial,date,reason\n1a,2026-01-01T00:00:00Z,superseded,\n", 2, 1)]
    [InlineData("serial,date,reason\n\n", 2, 1)]
    [InlineData("serial,date,reason,invalidity\n1a,2026-01-01T00:00:00Z,superseded,yesterday\n", 2, 36)]
    public void A_CSV_row_out_of_shape_is_refused_with_its_place(string text, int line, int column)
    {
        RowError error = Assert.Single(Refused(text, RevocationFormat.Csv));
        Assert.Equal(("REVOKE-01", line, column), (error.Refusal.Rule, error.Line, error.Column));
    }

    [Theory]
    [InlineData("R\t261231000000Z\t260101000000Z\t1A\tunknown\n", 1)]
    [InlineData("X\t261231000000Z\t\t1A\tunknown\t/CN=a\n", 1)]
    [InlineData("V\t261231000000Z\t\tXY\tunknown\t/CN=a\n", 18)]
    [InlineData("R\t261231000000Z\t2601010000Z\t1A\tunknown\t/CN=a\n", 17)]
    [InlineData("R\t261231000000Z\t\t1A\tunknown\t/CN=a\n", 17)]
    [InlineData("R\t261231000000Z\t260101000000Z,stolen\t1A\tunknown\t/CN=a\n", 31)]
    [InlineData("R\t261231000000Z\t260101000000Z,keyTime\t1A\tunknown\t/CN=a\n", 17)]
    [InlineData("R\t261231000000Z\t260101000000Z,superseded,more\t1A\tunknown\t/CN=a\n", 17)]
    public void An_index_row_out_of_shape_is_refused_with_its_place(string text, int column)
    {
        RowError error = Assert.Single(Refused(text, RevocationFormat.OpenSslIndex));
        Assert.Equal(("REVOKE-01", 1, column), (error.Refusal.Rule, error.Line, error.Column));
    }

    /// <summary>What openssl, certtool and Vault write around a serial says that it is hex; one reading of it at every door.</summary>
    [Theory]
    [InlineData("0x0A1B")]
    [InlineData("serial=0A1B")]
    [InlineData("serial=0x0a1b")]
    [InlineData("0a:1b")]
    [InlineData("0A-1B")]
    [InlineData("00:0a:1b")]
    [InlineData("\"a:1b\"")]
    public void A_serial_as_other_tools_print_it_is_read_as_hex(string printed)
    {
        (RevocationFileFacts facts, IEnumerable<Revocation> entries) = Read(
            $"serial,date,reason\n{printed},2026-01-01T00:00:00Z,superseded\n12,2026-01-01T00:00:00Z,superseded\n", RevocationFormat.Csv);
        Assert.Equal([CrlRoom.Serial("12"), CrlRoom.Serial("0a1b")], entries.Select(entry => entry.Serial));
        Assert.Null(facts.Unclear); // one that is marked says it for the column

        string typed = printed.Trim('"');
        Assert.True(RevokedSerial.TryParse(typed, out RevokedSerial serial));
        Assert.Equal(CrlRoom.Serial("0a1b"), serial);
        Assert.False(SerialNotation.IsUnclear(typed));
        Assert.True(RemovalFile.TryRead(Text($"serial,cause,notAfter\n{printed},removeFromCRL,\n"),
            out IReadOnlyList<Removal> removals, out _));
        Assert.Equal(CrlRoom.Serial("0a1b"), Assert.Single(removals).Serial);
    }

    /// <summary>12:34 and 0x12 are other certificates than the decimals of their digits.</summary>
    [Theory]
    [InlineData("12:34", "1234")]
    [InlineData("12-34", "1234")]
    [InlineData("0x12", "12")]
    public void Digits_that_are_marked_are_no_decimals(string printed, string hex)
    {
        string text = $"serial,date,reason\n{printed},2026-01-01T00:00:00Z,superseded\n";
        Assert.Equal(CrlRoom.Serial(hex), Assert.Single(Read(text, RevocationFormat.Csv).Entries).Serial);
        using var sort = new RevocationSort(() => new MemoryStream());
        Assert.False(RevocationFile.TryRead(Text(text), RevocationFormat.Csv, sort, out _, out IReadOnlyList<RowError> errors,
            SerialNotation.Decimal));
        Assert.EndsWith("in decimal. It is written in hex.", Assert.Single(errors).Refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-1a", "It is negative")]
    [InlineData("0000", "It is zero.")]
    [InlineData("ff112233445566778899aabbccddeeff00112233", "It is longer.")]
    [InlineData("1 a", "It holds a blank.")]
    [InlineData("1:2:3", "")]
    [InlineData("1-234", "")]
    [InlineData("0x", "")]
    [InlineData("-", "")]
    public void What_is_wrong_with_a_serial_is_named(string serial, string cause)
    {
        RowError error = Assert.Single(Refused($"serial,date,reason\n{serial},2026-01-01T00:00:00Z,superseded\n", RevocationFormat.Csv));
        string sentence = $"'{serial}' is no serial: a positive number of at most 20 bytes in hex.";
        Assert.StartsWith(cause.Length == 0 ? sentence : $"{sentence} {cause}", error.Refusal.Message, StringComparison.Ordinal);
        Assert.Equal(cause.Length == 0, error.Refusal.Message == sentence);
    }

    [Theory]
    [InlineData("Key Compromise", "keyCompromise may be meant")]
    [InlineData("key_compromise", "keyCompromise may be meant")]
    [InlineData("1", "keyCompromise may be meant")]
    [InlineData("0x1 -- Key compromise", "keyCompromise may be meant")]
    [InlineData("10", "as it is written here: keyCompromise,")]
    [InlineData("7", "as it is written here: keyCompromise,")]
    [InlineData("lost", "as it is written here: keyCompromise,")]
    [InlineData("removeFromCRL", "takes an entry off")]
    public void What_is_wrong_with_a_reason_is_named(string reason, string cause)
    {
        RowError error = Assert.Single(Refused($"serial,date,reason\n1a,2026-01-01T00:00:00Z,{reason}\n", RevocationFormat.Csv));
        Assert.Contains(cause, error.Refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>Day and month, a zone, a count: what another program writes for a time is never taken for one, and named.</summary>
    [Theory]
    [InlineData("05/11/2026", "Which of its numbers is the day")]
    [InlineData("20.11.2026 08:00", "Which of its numbers is the day")]
    [InlineData("2026-11-20", "It has no time of day")]
    [InlineData("2026-11-20 08:00:00", "It has a blank in place of T")]
    [InlineData("2026-11-20T08:00:00", "It does not say its zone")]
    [InlineData("2026-11-20T08:00:00+01:00", "It is of another zone")]
    [InlineData("2026-11-20T08:00:00.123Z", "It has fractions of a second")]
    [InlineData("2026-02-30T08:00:00Z", "There is no such day or time")]
    [InlineData("1763625600", "a count of seconds since 1970, and would be 2025-11-20 08:00:00 UTC")]
    [InlineData("1763625600000", "a count of milliseconds since 1970, and would be 2025-11-20 08:00:00 UTC")]
    [InlineData("45981.33", "a spreadsheet's number of a day")]
    [InlineData("", "It is empty")]
    public void What_is_wrong_with_a_date_is_named(string date, string cause)
    {
        RowError error = Assert.Single(Refused($"serial,date,reason\n1a,{date},superseded\n", RevocationFormat.Csv));
        Assert.Contains(cause, error.Refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("3f\u0430", "It holds U+0430, a Cyrillic letter")]
    [InlineData("3fa9\u200b", "It holds U+200B, which cannot be seen")]
    public void A_letter_that_only_looks_like_a_digit_is_named(string serial, string cause)
    {
        RowError error = Assert.Single(Refused($"serial,date,reason\n{serial},2026-01-01T00:00:00Z,superseded\n", RevocationFormat.Csv));
        Assert.Contains(cause, error.Refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"keys\":[\"39:dd\"]}", "It is JSON.")]
    [InlineData("3FA9C1D2E4B57706", "It is a serial alone")]
    [InlineData("R   270101000000Z  261120080000Z  02  unknown  /CN=b", "whose tabs have become blanks")]
    [InlineData("\"Serial Number\",\"Revocation Date\"", "Its columns have other names or another order.")]
    public void A_file_of_no_format_is_told_what_it_looks_like(string line, string said) =>
        Assert.Contains(said, RevocationFile.Unknown(Encoding.UTF8.GetBytes(line + "\n")).Message, StringComparison.Ordinal);

    /// <summary>A spreadsheet keeps fifteen digits of a number: the serials it gives back are of other certificates.</summary>
    [Fact]
    public void Serials_that_a_spreadsheet_rounded_are_refused_in_either_notation()
    {
        string text = "serial;date;reason\n11;2026-01-01T00:00:00Z;\n" + string.Concat(new[]
        {
            "98765432109876500000", "123456789012345000000", "5000000000000000000",
        }.Select(serial => $"{serial};2026-01-01T00:00:00Z;superseded\n"));
        foreach (string notation in new[] { SerialNotation.Hex, SerialNotation.Decimal })
        {
            using var sort = new RevocationSort(() => new MemoryStream());
            Assert.False(RevocationFile.TryRead(Text(text), RevocationFormat.Csv, sort, out _, out IReadOnlyList<RowError> errors,
                notation));
            RowError error = Assert.Single(errors);
            Assert.Equal(("REVOKE-01", 3), (error.Refusal.Rule, error.Line));
            Assert.Contains("a spreadsheet has rounded them", error.Refusal.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("1234567890123456\n", 1)]                                       // sixteen digits, exact
    [InlineData("12345678901234500000\n98765432109876543210\n", 2)]            // another one is exact
    [InlineData("1764536400123450000\n", 1)]                                    // nanoseconds of a clock of microseconds
    [InlineData("123456789012345\n", 1)]                                        // no longer than is kept
    [InlineData("a0000000000000000000\n", 1)]                                   // no number
    public void Serials_that_nobody_rounded_are_taken(string serials, int count)
    {
        (RevocationFileFacts facts, _) = Read("serial,date,reason\n"
            + serials.Replace("\n", ",2026-01-01T00:00:00Z,superseded\n", StringComparison.Ordinal), RevocationFormat.Csv);
        Assert.Equal(count, facts.Revoked);
    }

    /// <summary>The parts of a long text are read side by side.</summary>
    [Fact]
    public void A_long_text_of_rounded_serials_is_told_at_its_first()
    {
        string rows = string.Concat(Enumerable.Range(1, LongRows)
            .Select(i => $"{100_000_000_000_000 + i}00000,2026-01-01T00:00:00Z,superseded\n"));
        RowError error = Assert.Single(Refused("serial,date,reason\n" + rows, RevocationFormat.Csv));
        Assert.Contains("rounded", error.Refusal.Message, StringComparison.Ordinal);
        (RevocationFileFacts facts, _) = Read("serial,date,reason\n" + rows + "12345678901234567890,2026-01-01T00:00:00Z,superseded\n",
            RevocationFormat.Csv);
        Assert.Equal(LongRows + 1, facts.Revoked);
    }

    [Fact]
    public void Every_bad_row_is_told_up_to_a_limit()
    {
        var text = new StringBuilder("serial,date,reason\n");
        for (int i = 0; i < 200; i++)
            text.Append("01,2026-01-01T00:00:00Z,superseded\nbad\n");
        IReadOnlyList<RowError> errors = Refused(text.ToString(), RevocationFormat.Csv);
        Assert.Equal(RevocationFile.MostErrors, errors.Count);
        Assert.Equal(Enumerable.Range(1, RevocationFile.MostErrors).Select(i => (2 * i) + 1), errors.Select(error => error.Line));
    }

    [Fact]
    public void A_line_without_end_is_refused()
    {
        RowError error = Assert.Single(Refused("serial,date,reason\n" + new string('1', 1_000_000), RevocationFormat.Csv));
        Assert.Equal("REVOKE-02", error.Refusal.Rule);
    }

    [Fact]
    public void A_CSV_is_read()
    {
        string text =
            "serial,date,reason,invalidity\r\n0A1b,2026-01-02T03:04:05Z,keyCompromise,2025-12-31T23:59:59Z\r\n01,2049-12-31T00:00:00Z,,\r\n"
            + "02,2050-01-01T00:00:00Z,UNSPECIFIED,\r\n03,2026-01-01T00:00:00Z,CACompromise,";
        (RevocationFileFacts? facts, IEnumerable<Revocation>? entries) = Read(text, RevocationFormat.Csv);
        Assert.Equal(
        [
            new(CrlRoom.Serial("01"), new DateTimeOffset(2049, 12, 31, 0, 0, 0, TimeSpan.Zero)),
            new(CrlRoom.Serial("02"), new DateTimeOffset(2050, 1, 1, 0, 0, 0, TimeSpan.Zero)),
            CrlRoom.Entry("03", RevocationReason.CaCompromise),
            new(CrlRoom.Serial("0a1b"), new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
                RevocationReason.KeyCompromise, new DateTimeOffset(2025, 12, 31, 23, 59, 59, TimeSpan.Zero)),
        ], entries);
        Assert.Equal((4L, 4L, 0L), (facts.Rows, facts.Revoked, facts.Ignored));
        Assert.Equal(SHA256.HashData(Encoding.UTF8.GetBytes(text)), facts.Sha256.ToArray());
    }

    [Fact]
    public void An_index_is_read()
    {
        (RevocationFileFacts? facts, IEnumerable<Revocation>? entries) = Read(
            "V\t271231000000Z\t\t10\tunknown\t/C=DE/CN=a\n"
            + "E\t241231000000Z\t\t11\tunknown\t/CN=b\n"
            + "R\t271231000000Z\t260101000000Z\t12\tunknown\t/CN=c\n"
            + "R\t271231000000Z\t260101000000Z,keyCompromise\t13\tunknown\t/CN=d\n"
            + "R\t20511231000000Z\t20500101000000Z,CAkeyTime,20251231235959Z\t14\tunknown\t/CN=e\n"
            + "R\t271231000000Z\t260101000000Z,holdInstruction,1.2.840.10040.2.2\t15\tunknown\t/CN=f\n", RevocationFormat.OpenSslIndex);
        Assert.Equal(
        [
            CrlRoom.Entry("12", reason: null),
            CrlRoom.Entry("13", RevocationReason.KeyCompromise),
            new(CrlRoom.Serial("14"), new DateTimeOffset(2050, 1, 1, 0, 0, 0, TimeSpan.Zero),
                RevocationReason.CaCompromise, new DateTimeOffset(2025, 12, 31, 23, 59, 59, TimeSpan.Zero)),
            CrlRoom.Entry("15", RevocationReason.CertificateHold),
        ], entries);
        Assert.Equal((6L, 4L, 2L), (facts.Rows, facts.Revoked, facts.Ignored));
    }

    /// <summary>Many times the reader's buffer, whatever a read of the stream brings.</summary>
    [Theory]
    [InlineData("\n", int.MaxValue)]
    [InlineData("\r\n", 4099)]
    public void A_long_index_is_read_in_the_order_of_its_lines(string lineEnd, int mostRead)
    {
        byte[] text = Encoding.ASCII.GetBytes(string.Join(lineEnd, LongIndex()));
        using var sort = new RevocationSort(() => new MemoryStream());

        Assert.True(RevocationFile.TryRead(new Reluctant(text, mostRead), RevocationFormat.OpenSslIndex,
            sort, out RevocationFileFacts? facts, out _));

        Assert.Equal((LongRows, LongRows / 3L, LongRows - (LongRows / 3L)), (facts.Rows, facts.Revoked, facts.Ignored));
        Assert.Equal(SHA256.HashData(text), facts.Sha256.ToArray());
        Assert.True(sort.TryFinish(out SortedRevocations? sorted, out _));
        IEnumerable<RevokedSerial> revoked = Enumerable.Range(1, LongRows).Where(IsRevoked).Select(i => CrlRoom.Serial($"{i:x8}"));
        Assert.Equal(revoked, sorted.Entries().Select(entry => entry.Serial));
    }

    [Fact]
    public void A_bad_row_anywhere_in_a_long_index_is_told_with_its_line()
    {
        int[] bad = [2, 9_000, 20_001, LongRows];
        string[] rows = LongIndex();
        foreach (int line in bad)
            rows[line - 1] = rows[line - 1].Replace("unknown", "no\ttabs\tare missing\there", StringComparison.Ordinal)[2..];

        IReadOnlyList<RowError> errors = Refused(string.Join('\n', rows), RevocationFormat.OpenSslIndex);

        Assert.Equal(bad, errors.Select(error => error.Line));
        Assert.All(errors, error => Assert.Equal("REVOKE-01", error.Refusal.Rule));
    }

    [Fact]
    public void A_long_index_is_read_no_further_than_the_limit_of_errors()
    {
        string[] rows = LongIndex();
        for (int line = 10; line <= LongRows; line += 500)
            rows[line - 1] = "bad";

        IReadOnlyList<RowError> errors = Refused(string.Join('\n', rows), RevocationFormat.OpenSslIndex);

        Assert.Equal(Enumerable.Range(0, RevocationFile.MostErrors).Select(i => 10 + (500 * i)), errors.Select(error => error.Line));
    }

    [Theory]
    [InlineData(4_097)]
    [InlineData(600_000)]
    [InlineData(2_000_000)]
    public void A_long_line_in_an_index_is_refused_behind_what_was_wrong_before_it(int length)
    {
        string[] rows = LongIndex();
        rows[8_000] = "bad";
        rows[25_000] = new string('R', length);
        rows[25_001] = "bad, and not looked at";

        IReadOnlyList<RowError> errors = Refused(string.Join('\n', rows), RevocationFormat.OpenSslIndex);

        Assert.Equal([("REVOKE-01", 8_001), ("REVOKE-02", 25_001)], errors.Select(error => (error.Refusal.Rule, error.Line)));
        Assert.Equal("Line 25001 has more than 4096 bytes.", errors[1].Refusal.Message);
    }

    [Fact]
    public void A_CRL_is_read_and_a_broken_one_is_refused_with_its_own_rule()
    {
        byte[] crl = CrlRoom.P256.Issue(CrlRoom.Entry("02"), CrlRoom.Entry("01"));
        using var sort = new RevocationSort(() => new MemoryStream());
        Assert.True(RevocationFile.TryRead(new MemoryStream(crl), RevocationFormat.Crl, sort, out RevocationFileFacts? facts, out _));
        Assert.Equal((2L, 2L), (facts.Revoked, facts.Crl!.Count));
        Assert.False(RevocationFile.TryRead(new MemoryStream([.. crl, 0]), RevocationFormat.Crl,
            sort, out facts, out IReadOnlyList<RowError>? errors));
        Assert.Null(facts);
        Assert.Equal("CRL-01", Assert.Single(errors).Refusal.Rule);
    }

    [Fact]
    public void The_format_is_told_by_the_first_bytes()
    {
        Assert.Equal(RevocationFormat.Crl, RevocationFile.Detect(CrlRoom.P256.Issue()));
        Assert.Equal(RevocationFormat.Crl, RevocationFile.Detect("-----BEGIN X509 CRL-----\n"u8));
        // openssl crl -text and certtool --crl-info: the list itself may begin far behind.
        Assert.Equal(RevocationFormat.Crl, RevocationFile.Detect("Certificate Revocation List (CRL):\n        Version 2 (0x1)\n"u8));
        Assert.Equal(RevocationFormat.Crl, RevocationFile.Detect("X.509 Certificate Revocation List Information:\n\tVersion: 2\n"u8));
        Assert.Equal(RevocationFormat.Csv, RevocationFile.Detect("serial,date,reason\n"u8));
        Assert.Equal(RevocationFormat.OpenSslIndex, RevocationFile.Detect("R\t2612"u8));
        Assert.Null(RevocationFile.Detect("0123,2026"u8));
        Assert.Null(RevocationFile.Detect([]));
    }

    [Fact]
    public void Removals_are_read()
    {
        Assert.True(RemovalFile.TryRead(Text("serial,cause,notAfter\n1a,removeFromCRL,\n1b,expired,2026-01-01T00:00:00Z\n"),
            out IReadOnlyList<Removal>? removals, out _));
        Assert.Equal([new(CrlRoom.Serial("1a"), RemovalCause.HoldReleased), new(CrlRoom.Serial("1b"), RemovalCause.Expired, CrlRoom.Start)],
            removals);
    }

    [Theory]
    [InlineData("serial,cause\n", 1, 1)]
    [InlineData("serial,cause,notAfter\n1a,because,\n", 2, 4)]
    [InlineData("serial,cause,notAfter\n1a,removeFromCRL,2026-01-01T00:00:00Z\n", 2, 18)]
    [InlineData("serial,cause,notAfter\n1a,expired,\n", 2, 12)]
    [InlineData("serial,cause,notAfter\n,expired,2026-01-01T00:00:00Z\n", 2, 1)]
    [InlineData("serial,cause,notAfter\n1a\n", 2, 1)]
    public void A_removal_out_of_shape_is_refused_with_its_place(string text, int line, int column)
    {
        Assert.False(RemovalFile.TryRead(Text(text), out IReadOnlyList<Removal>? removals, out IReadOnlyList<RowError>? errors));
        Assert.Empty(removals);
        RowError error = Assert.Single(errors);
        Assert.Equal(("REVOKE-01", line, column), (error.Refusal.Rule, error.Line, error.Column));
    }

    private const int LongRows = 40_002;

    private static bool IsRevoked(int line) => line % 3 == 0;

    private static string[] LongIndex() => [.. Enumerable.Range(1, LongRows).Select(IndexRow)];

    private static string IndexRow(int line)
    {
        (string? status, string? date) = IsRevoked(line) ? ("R", "260101000000Z,superseded") : ("V", "");
        return $"{status}\t271231000000Z\t{date}\t{line:X8}\tunknown\t/CN=device-{line}";
    }

    private static MemoryStream Text(string text) => new(Encoding.UTF8.GetBytes(text));

    private static IReadOnlyList<RowError> Refused(string text, RevocationFormat format)
    {
        using var sort = new RevocationSort(() => new MemoryStream());
        Assert.False(RevocationFile.TryRead(Text(text), format, sort, out RevocationFileFacts? facts, out IReadOnlyList<RowError>? errors));
        Assert.Null(facts);
        return errors;
    }

    private static (RevocationFileFacts Facts, IEnumerable<Revocation> Entries) Read(string text, RevocationFormat format)
    {
        using var sort = new RevocationSort(() => new MemoryStream());
        Assert.True(RevocationFile.TryRead(Text(text), format, sort, out RevocationFileFacts? facts, out IReadOnlyList<RowError>? errors),
            string.Join('\n', errors));
        Assert.True(sort.TryFinish(out SortedRevocations? sorted, out _));
        return (facts, sorted.Entries());
    }

    /// <summary>Gives so many bytes at a time and no more.</summary>
    private sealed class Reluctant(byte[] bytes, int mostRead) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, mostRead));
    }
}
