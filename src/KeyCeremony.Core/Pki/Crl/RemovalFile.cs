using System.Diagnostics.CodeAnalysis;
using System.Text;
using KeyCeremony.Core.Reading;

namespace KeyCeremony.Core.Pki.Crl;

/// <summary>Why an entry may leave a CRL.</summary>
public enum RemovalCause
{
    /// <summary>removeFromCRL: a hold is released. RFC 5280 5.3.1.</summary>
    HoldReleased,

    /// <summary>The certificate has expired, and a CRL after its end has shown it. RFC 5280 3.3.</summary>
    Expired,
}

/// <summary>An entry that shall leave the CRL.</summary>
/// <param name="NotAfter">The certificate's end; with <see cref="RemovalCause.Expired"/> only.</param>
public sealed record Removal(RevokedSerial Serial, RemovalCause Cause, DateTimeOffset? NotAfter = null);

/// <summary>
/// Reads the list of removals: <c>serial,cause,notAfter</c>; cause is <c>removeFromCRL</c> (then notAfter is empty) or
/// <c>expired</c>. Refused: REVOKE-01, REVOKE-02.
/// </summary>
public static class RemovalFile
{
    internal const int MostRemovals = 250_000;

    public static bool TryRead(Stream file, out IReadOnlyList<Removal> removals, out IReadOnlyList<RowError> errors)
    {
        var rows = new RowReader(file);
        bool begun = rows.TryReadHeader(out byte separator, out _, "serial,cause,notAfter");
        var read = new List<Removal>();
        while (begun && !rows.IsFull && read.Count <= MostRemovals && rows.TryNext(out ReadOnlySpan<byte> row))
            if (TryReadRow(rows, row, separator, out Removal? removal))
                read.Add(removal);
        if (read.Count > MostRemovals)
            rows.Error(1, $"There are more than {MostRemovals} removals.");
        errors = rows.Errors;
        removals = errors.Count == 0 ? read : [];
        return errors.Count == 0;
    }

    private static bool TryReadRow(RowReader rows, ReadOnlySpan<byte> row, byte separator, [NotNullWhen(true)] out Removal? removal)
    {
        removal = null;
        if (Delimited.Fields(row, separator) is not { } fields)
            return rows.Error(1, row, Delimited.WrongQuotes);
        if (fields is not [var (serialText, _), var (cause, causeColumn), var (end, endColumn)])
            return rows.Error(1, row, "There are not three fields.");
        byte[] digits = Encoding.Latin1.GetBytes(serialText);
        if (!RevokedSerial.TryParseHex(digits, out RevokedSerial serial) && !SerialNotation.TryReadMarked(serialText, out serial))
            return rows.Error(1, row, $"'{Shown(serialText)}' is no serial: a positive number of at most 20 bytes in hex."
                + SerialNotation.Cause(digits, isDecimal: false));
        if (cause == "removeFromCRL")
        {
            removal = new Removal(serial, RemovalCause.HoldReleased);
            return end.Length == 0 || rows.Error(endColumn, "A released hold has no notAfter.");
        }
        if (cause != "expired")
            return rows.Error(causeColumn, row, $"'{Shown(cause)}' is neither removeFromCRL nor expired.");
        if (!RevocationFile.TryReadIsoTime(Encoding.Latin1.GetBytes(end), out long notAfter))
            return rows.Error(endColumn, row, $"'{Shown(end)}' is no date like 2026-11-22T13:15:00Z.");
        removal = new Removal(serial, RemovalCause.Expired, Revocation.Time(notAfter));
        return true;
    }

    private static string Shown(string field) => RowReader.Shown(Encoding.Latin1.GetBytes(field));
}
