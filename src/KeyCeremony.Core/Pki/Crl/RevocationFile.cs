using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using KeyCeremony.Core.Reading;

namespace KeyCeremony.Core.Pki.Crl;

/// <summary>The files that revocations come in. <c>docs/formats/crl.md</c>.</summary>
public enum RevocationFormat
{
    /// <summary><c>serial,date,reason[,invalidity]</c></summary>
    Csv,

    /// <summary>OpenSSL's <c>index.txt</c>.</summary>
    OpenSslIndex,

    /// <summary>A CRL, DER or PEM, ours or another tool's.</summary>
    Crl,
}

/// <summary>A row that cannot be taken.</summary>
/// <param name="Line">From 1; 0 in a CRL, which has none.</param>
/// <param name="Column">In bytes, from 1; 0 for the whole row.</param>
public sealed record RowError(int Line, int Column, Refusal Refusal)
{
    public override string ToString() => $"line {Line}, column {Column}: {Refusal.Rule} {Refusal.Message}";
}

/// <summary>What was in a revocation file.</summary>
/// <param name="Rows">Rows, or entries of the CRL; without the header.</param>
/// <param name="Revoked">Of these, given to the sort.</param>
/// <param name="Ignored">Rows of an index.txt that are valid (V) or expired (E).</param>
/// <param name="Sha256">Of the file; of a PEM CRL, of the DER within.</param>
/// <param name="Crl">The CRL's facts; null for another format.</param>
public sealed record RevocationFileFacts(RevocationFormat Format, long Rows, long Revoked,
    long Ignored, ReadOnlyMemory<byte> Sha256, CrlFacts? Crl)
{
    /// <summary>
    /// The first serial of a CSV that would be another number in the other notation, when all its serials are digits only; else null.
    /// </summary>
    public string? Unclear { get; init; }
}

/// <summary>
/// Reads revocations from files of any size, strictly and in one pass. Refused: REVOKE-01, REVOKE-02, for a CRL its own rules.
/// </summary>
public static class RevocationFile
{
    /// <summary>More errors than these are not told: somebody has to see them on a screen.</summary>
    public const int MostErrors = 50;

    /// <summary>So many bytes are enough for <see cref="Detect"/>.</summary>
    public const int EnoughToTell = TextForm.EnoughToTell;

    // "X.509 " of certtool
    private const int MostBeforeTitle = 6;

    private const string CsvHeader = "serial,date,reason", CsvHeaderWithInvalidity = "serial,date,reason,invalidity";

    /// <summary>Tells the format by the first bytes; null when they are of none.</summary>
    public static RevocationFormat? Detect(ReadOnlySpan<byte> start)
    {
        start = start[TextForm.MarkLength(start)..];
        // Every CRL takes more than 127 bytes: its length is in the long form. OpenSSL and certtool write what a CRL says in front of it.
        if ((TextForm.IsDer(start) && start[1] is >= 0x81 and <= 0x84)
            || IsBareBase64(start) || (TextForm.IsText(start) && (start.IndexOf("-----BEGIN "u8) >= 0
                || FirstLine(start.TrimStart(" \t\r\n"u8)).IndexOf("Certificate Revocation List"u8) is >= 0 and <= MostBeforeTitle)))
            return RevocationFormat.Crl;
        if (start.Length > 1 && start[0] is (byte)'V' or (byte)'R' or (byte)'E' && start[1] == '\t')
            return RevocationFormat.OpenSslIndex;
        ReadOnlySpan<byte> header = FirstLine(start);
        return header.StartsWith("sep="u8) || (Delimited.Fields(header, Delimited.SeparatorOf(header)) is [{ Text: var first }, ..]
            && first.Equals("serial", StringComparison.OrdinalIgnoreCase))
            ? RevocationFormat.Csv
            : null;
    }

    /// <summary>Why a file is of no format, in a sentence with the line: REVOKE-01.</summary>
    /// <param name="start">Its first bytes.</param>
    public static Refusal Unknown(ReadOnlySpan<byte> start)
    {
        string found = TextForm.Unread(start)
            ?? (start.IsEmpty ? "The file is empty."
                : !TextForm.IsText(start) ? "The file is a binary one and no CRL in DER."
                : FirstLine(start[TextForm.MarkLength(start)..]) is { IsEmpty: false } line
                    ? (line.Contains((byte)'\r') ? TextForm.LoneReturn(1) : $"Line 1 is '{Delimited.Shown(line)}'.{Likeness(line)}")
                    : "Line 1 is empty.");
        return CrlRules.Rows.Refuse($"{found} A file of revocations is a CSV with the header serial,date,reason, "
            + "an index.txt of OpenSSL, or a CRL in DER or PEM.", "Have it exported in one of these forms, and bring it again.");
    }

    private static string Likeness(ReadOnlySpan<byte> line) =>
        line[0] is (byte)'{' or (byte)'[' ? " It is JSON."
        : line[0] == '<' ? " It is a web page or XML."
        : RevokedSerial.TryParseHex(line, out _) ? " It is a serial alone, without header, date and reason."
        : line.Length > 1 && line[0] is (byte)'R' or (byte)'V' or (byte)'E' && line[1] == ' '
            ? " It looks like an index.txt whose tabs have become blanks."
        : Encoding.Latin1.GetString(line).Contains("serial", StringComparison.OrdinalIgnoreCase)
            ? " Its columns have other names or another order." : "";

    /// <summary>Puts every revocation into the sort. With a single error nothing of the sort may be used.</summary>
    /// <param name="errors">The first <see cref="MostErrors"/>, in the order of the file; empty exactly when there are facts.</param>
    /// <param name="notation">Of a CSV's serials (<see cref="SerialNotation"/>). The other formats are hex.</param>
    /// <param name="signers">Who may have signed a CRL; see <see cref="CrlReader"/>.</param>
    public static bool TryRead(Stream file, RevocationFormat format, RevocationSort sort,
        [NotNullWhen(true)] out RevocationFileFacts? facts, out IReadOnlyList<RowError> errors, string notation = SerialNotation.Hex,
        IReadOnlyList<ParsedCertificate>? signers = null)
    {
        if (format == RevocationFormat.Crl)
            return TryReadCrl(file, sort, signers ?? [], out facts, out errors);
        using var rows = new RowBlocks(file);
        facts = format == RevocationFormat.Csv ? ReadCsv(rows, sort, notation) : ReadIndex(rows, sort);
        errors = rows.Errors;
        if (errors.Count > 0)
            facts = null;
        return facts is not null;
    }

    private static bool TryReadCrl(Stream file, RevocationSort sort, IReadOnlyList<ParsedCertificate> signers,
        [NotNullWhen(true)] out RevocationFileFacts? facts,
        out IReadOnlyList<RowError> errors)
    {
        bool read = CrlReader.TryRead(file, sort.Add, signers, out CrlFacts? crl, out Refusal? refusal);
        facts = read ? new RevocationFileFacts(RevocationFormat.Crl, crl!.Count, crl.Count, 0, crl.Sha256, crl) : null;
        errors = read ? [] : [new RowError(0, 0, refusal!)];
        return read;
    }

    private static RevocationFileFacts ReadCsv(RowBlocks rows, RevocationSort sort, string notation)
    {
        if (!rows.TakeHeader(out byte separator, out int fields, CsvHeader, CsvHeaderWithInvalidity))
            return new RevocationFileFacts(RevocationFormat.Csv, 0, 0, 0, default, Crl: null);
        rows.Read((RowReader at, ReadOnlySpan<byte> row, out bool isRevoked, out Revocation revocation) =>
            isRevoked = TryReadCsvRow(at, row, separator, fields, notation == SerialNotation.Decimal, out revocation), sort);
        rows.RefuseRounded();
        return new RevocationFileFacts(RevocationFormat.Csv, rows.Revoked, rows.Revoked, 0, rows.Sha256(), Crl: null)
        {
            Unclear = rows.AreDigitsOnly ? rows.Unclear : null,
        };
    }

    private static bool TryReadCsvRow(RowReader rows, ReadOnlySpan<byte> row, byte separator, int fields, bool isDecimal,
        out Revocation revocation)
    {
        revocation = default;
        int found = Delimited.Count(row, separator);
        if (found != fields)
            return rows.Error(1, row, found == 0 ? Delimited.WrongQuotes : $"There are {found} fields, the header has {fields}.");
        ReadOnlySpan<byte> rest = row;
        byte[] unquoted = rows.Unquoted;
        int column = 1;
        _ = Delimited.TryTake(ref rest, separator, unquoted, out ReadOnlySpan<byte> field, out _);
        bool isSerial = isDecimal ? RevokedSerial.TryParseDecimal(field, out RevokedSerial serial)
            : RevokedSerial.TryParseHex(field, out serial) || SerialNotation.TryReadMarked(Encoding.Latin1.GetString(field), out serial);
        if (!isSerial)
            return rows.Error(column, row, $"'{RowReader.Shown(field)}' is no serial: a positive number of at most 20 bytes in "
                + (isDecimal ? "decimal." : "hex.")
                + (Delimited.IsRewritten(field) ? " A spreadsheet has rewritten it: format the column as text."
                    : Delimited.IsFormula(field) ? " It is a spreadsheet's formula: have the value alone exported, as text."
                    : SerialNotation.Cause(field, isDecimal)));
        rows.Saw(field);
        column = row.Length - rest.Length + 1;
        _ = Delimited.TryTake(ref rest, separator, unquoted, out field, out _);
        if (!TryReadIsoTime(field, out long seconds))
            return rows.Error(column, row, $"'{RowReader.Shown(field)}' is no date like 2026-11-22T13:15:00Z.{WrittenTime.Cause(field)}");
        column = row.Length - rest.Length + 1;
        _ = Delimited.TryTake(ref rest, separator, unquoted, out field, out bool more);
        if (!TryReadReason(field, out byte reason))
            return rows.Error(column, row, NoReason(field));
        column = row.Length - rest.Length + 1;
        long invalidity = 0L;
        if (more && Delimited.TryTake(ref rest, separator, unquoted, out field, out _)
            && !field.IsEmpty && !TryReadIsoTime(field, out invalidity))
            return rows.Error(column, row, $"'{RowReader.Shown(field)}' is no date like 2026-11-22T13:15:00Z.{WrittenTime.Cause(field)}");
        revocation = new Revocation(serial, seconds, reason, invalidity);
        return true;
    }

    private static RevocationFileFacts ReadIndex(RowBlocks rows, RevocationSort sort)
    {
        rows.Read(TryReadIndexRow, sort);
        return new RevocationFileFacts(RevocationFormat.OpenSslIndex, rows.Rows, rows.Revoked, rows.Rows - rows.Revoked, rows.Sha256(),
            Crl: null);
    }

    // Status, expiry, revocation[,reason[,more]], serial, file name, subject; separated by tabs.
    private static bool TryReadIndexRow(RowReader rows, ReadOnlySpan<byte> row, out bool isRevoked, out Revocation revocation)
    {
        (isRevoked, revocation) = (false, default);
        if (row.Count((byte)'\t') < 5)
            return rows.Error(1, row, "There are fewer than six fields separated by tabs.");
        ReadOnlySpan<byte> rest = row;
        ReadOnlySpan<byte> status = Field(ref rest, (byte)'\t');
        ReadOnlySpan<byte> expiry = Field(ref rest, (byte)'\t');
        ReadOnlySpan<byte> revoked = Field(ref rest, (byte)'\t');
        ReadOnlySpan<byte> serialText = Field(ref rest, (byte)'\t');
        int revokedColumn = status.Length + expiry.Length + 3;
        if (!RevokedSerial.TryParseHex(serialText, out RevokedSerial serial))
            return rows.Error(revokedColumn + revoked.Length + 1,
                $"'{RowReader.Shown(serialText)}' is no serial: a positive number of at most 20 bytes in hex."
                    + SerialNotation.Cause(serialText, isDecimal: false));
        if (status.SequenceEqual("V"u8) || status.SequenceEqual("E"u8))
            return true;
        if (!status.SequenceEqual("R"u8))
            return rows.Error(1, $"'{RowReader.Shown(status)}' is none of V, R and E.");
        isRevoked = true;
        return TryReadIndexRevocation(rows, revoked, revokedColumn, serial, out revocation);
    }

    private static bool TryReadIndexRevocation(RowReader rows, ReadOnlySpan<byte> field,
        int column, RevokedSerial serial, out Revocation revocation)
    {
        revocation = default;
        ReadOnlySpan<byte> rest = field;
        ReadOnlySpan<byte> date = Field(ref rest, (byte)',');
        ReadOnlySpan<byte> reasonText = Field(ref rest, (byte)',');
        if (!TryReadAsnTime(date, out long seconds))
            return rows.Error(column, $"'{RowReader.Shown(date)}' is no date like 261122131500Z.");
        // keyTime and CAkeyTime are OpenSSL's ways to give a compromise its invalidity date.
        long since = 0L;
        ReadOnlySpan<byte> name = reasonText;
        if (reasonText.SequenceEqual("keyTime"u8) || reasonText.SequenceEqual("CAkeyTime"u8))
        {
            if (!TryReadAsnTime(rest, out since))
                return rows.Error(column, $"'{RowReader.Shown(rest)}' is no date like 20261122131500Z.");
            name = reasonText[0] == (byte)'C' ? "CACompromise"u8 : "keyCompromise"u8;
        }
        // What to do on hold is history (RFC 5280 has dropped it); that it is a hold is kept.
        else if (reasonText.SequenceEqual("holdInstruction"u8))
            name = "certificateHold"u8;
        else if (!rest.IsEmpty)
            return rows.Error(column, $"'{RowReader.Shown(rest)}' stands behind the reason.");
        if (!TryReadReason(name, out byte reason))
            return rows.Error(column + date.Length + 1, NoReason(reasonText));
        revocation = new Revocation(serial, seconds, reason, since);
        return true;
    }

    // The reasons of a complete CRL; none and unspecified are the same.
    private static bool TryReadReason(ReadOnlySpan<byte> text, out byte code)
    {
        code = 0;
        if (text.IsEmpty || Ascii.EqualsIgnoreCase(text, "unspecified"u8))
            return true;
        if (Ascii.EqualsIgnoreCase(text, "keyCompromise"u8))
            code = (byte)RevocationReason.KeyCompromise;
        else if (RevocationReasons.TryParse(Encoding.Latin1.GetString(text), out RevocationReason? reason)
            && reason != RevocationReason.RemoveFromCrl)
            code = (byte)reason;
        return code != 0;
    }

    private static string NoReason(ReadOnlySpan<byte> text) => Ascii.EqualsIgnoreCase(text, "removeFromCRL"u8)
        ? $"'{RowReader.Shown(text)}' takes an entry off, and is no reason for a complete CRL."
        : Meant(Encoding.Latin1.GetString(text)) is { } meant
        ? $"'{RowReader.Shown(text)}' is no reason as it is written here; {meant} may be meant (RFC 5280 5.3.1)."
        : $"'{RowReader.Shown(text)}' is no reason for a complete CRL as it is written here: keyCompromise, cACompromise, "
            + "affiliationChanged, superseded, cessationOfOperation, certificateHold, privilegeWithdrawn, aACompromise, or nothing.";

    // As its number, which databases and AD CS have, or its words in other letters.
    private static string? Meant(string text)
    {
        string number = text.Split(' ')[0], letters = string.Concat(text.Where(char.IsAsciiLetter));
        return byte.TryParse(number.StartsWith("0x", StringComparison.Ordinal) ? number[2..] : number, NumberStyles.HexNumber,
                CultureInfo.InvariantCulture, out byte code) && (code == 0 || RevocationReasons.IsCode(code))
                ? RevocationReasons.NameOf(code == 0 ? null : (RevocationReason)code)
            : RevocationReasons.TryParse(letters, out RevocationReason? reason) ? RevocationReasons.NameOf(reason)
            : letters.Equals(RevocationReasons.Unspecified, StringComparison.OrdinalIgnoreCase) ? RevocationReasons.Unspecified : null;
    }

    internal static bool TryReadIsoTime(ReadOnlySpan<byte> text, out long seconds)
    {
        seconds = 0;
        if (text.Length != "2026-11-22T13:15:00Z".Length || text[4] != '-' || text[7] != '-'
            || text[10] != 'T' || text[13] != ':' || text[16] != ':')
            return false;
        Span<byte> compact = stackalloc byte[DerTime.GeneralizedLength];
        text[..4].CopyTo(compact);
        text.Slice(5, 2).CopyTo(compact[4..]);
        text.Slice(8, 2).CopyTo(compact[6..]);
        text.Slice(11, 2).CopyTo(compact[8..]);
        text.Slice(14, 2).CopyTo(compact[10..]);
        text[17..].CopyTo(compact[12..]);
        return DerTime.TryRead(DerTime.GeneralizedTag, compact, out seconds);
    }

    // No CRL yet, but whoever sends it meant one: its reader says what is missing.
    private static bool IsBareBase64(ReadOnlySpan<byte> start) => FirstLine(start) is { Length: >= 16 } line
        && line.StartsWith("MI"u8) && System.Buffers.Text.Base64.IsValid(line[..(line.Length / 4 * 4)]);

    private static ReadOnlySpan<byte> FirstLine(ReadOnlySpan<byte> start)
    {
        int end = start.IndexOf((byte)'\n');
        ReadOnlySpan<byte> line = end < 0 ? start : start[..end];
        return line.EndsWith("\r"u8) ? line[..^1] : line;
    }

    private static bool TryReadAsnTime(ReadOnlySpan<byte> text, out long seconds) =>
        DerTime.TryRead(text.Length == DerTime.UtcLength ? DerTime.UtcTag : DerTime.GeneralizedTag, text, out seconds);

    private static ReadOnlySpan<byte> Field(ref ReadOnlySpan<byte> rest, byte separator)
    {
        int end = rest.IndexOf(separator);
        ReadOnlySpan<byte> field = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[(end + 1)..];
        return field;
    }
}

/// <summary>Rows of a text and the errors found in them.</summary>
internal sealed class RowReader
{
    private const int ShownBytes = 60;

    private readonly TextLines _lines;
    private readonly List<RowError> _errors = [];
    private byte[]? _unquoted;

    public RowReader(Stream text) => _lines = new TextLines(text);

    public RowReader(TextBlock block) => _lines = new TextLines(block);

    public IReadOnlyList<RowError> Errors => _errors;

    public bool IsFull => _errors.Count >= RevocationFile.MostErrors;

    /// <summary>For the fields of a row that were quoted.</summary>
    public byte[] Unquoted => _unquoted ??= new byte[TextLines.MaxLine];

    /// <summary>Where the next row begins in a block.</summary>
    public int At => _lines.At;

    public int Number => _lines.Number;

    /// <summary>A line is too long: nothing behind it is looked at.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>No serial that was seen holds anything but decimal digits.</summary>
    public bool AreDigitsOnly { get; private set; } = true;

    /// <summary>The first serial seen that would be another number in the other notation.</summary>
    public string? Unclear { get; private set; }

    /// <summary>Of the long numbers that were seen.</summary>
    public RoundedNumbers Rounded { get; private set; }

    /// <summary>A serial whose notation the file does not say.</summary>
    public void Saw(ReadOnlySpan<byte> serial)
    {
        Rounded = Rounded.With(serial, Math.Max(1, _lines.Number));
        AreDigitsOnly = AreDigitsOnly && !serial.ContainsAnyExceptInRange((byte)'0', (byte)'9');
        if (AreDigitsOnly && Unclear is null && SerialNotation.IsUnclear(serial))
            Unclear = Shown(serial);
    }

    public bool TryNext(out ReadOnlySpan<byte> row)
    {
        try
        {
            return _lines.TryNext(out row);
        }
        catch (TextFault fault)
        {
            _errors.Add(new RowError(_lines.Number, 0, (fault.IsTooLong ? CrlRules.Limits : CrlRules.Rows)
                .Refuse(fault.Sentence, "Save it as UTF-8 with lines that end with LF or CR LF, or send it as it was exported.")));
            IsBroken = true;
            row = default;
            return false;
        }
    }

    /// <summary>The first line, with one of these headers in any case; else an error.</summary>
    public bool TryReadHeader(out byte separator, out int fields, params string[] forms)
    {
        separator = (byte)',';
        fields = 0;
        if (!TryNext(out ReadOnlySpan<byte> header))
            return _errors.Count == 0 && Error(1, $"The file is empty; its first line would be '{forms[0]}'.");
        separator = Delimited.SeparatorOf(header);
        fields = Delimited.Count(header, separator);
        return Delimited.CheckHeader(header, forms) is not { } wrong || Error(1, wrong);
    }

    /// <summary>The same with the row's own cause in place of the message, where it has one.</summary>
    public bool Error(int column, ReadOnlySpan<byte> row, string message) =>
        Error(column, Delimited.Cause(row, Math.Max(1, _lines.Number)) ?? message);

    /// <summary>False, so that a row can be left with it.</summary>
    public bool Error(int column, string message)
    {
        _errors.Add(new RowError(Math.Max(1, _lines.Number), column,
            CrlRules.Rows.Refuse(message, "Correct the file where it was made and bring it again.")));
        return false;
    }

    /// <summary>What of a field can be shown on a screen.</summary>
    public static string Shown(ReadOnlySpan<byte> field) =>
        string.Concat(Encoding.Latin1.GetString(field[..Math.Min(field.Length, ShownBytes)])
            .Select(c => c is > '\x1F' and < '\x7F' ? c : '?'));
}
