using System.Diagnostics.CodeAnalysis;

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
        if (!rows.TryNext(out ReadOnlySpan<byte> header) || !header.SequenceEqual("serial,cause,notAfter"u8))
            rows.Error(1, "The first line is not 'serial,cause,notAfter'.");
        var read = new List<Removal>();
        while (!rows.IsFull && read.Count <= MostRemovals && rows.TryNext(out ReadOnlySpan<byte> row))
            if (TryReadRow(rows, row, out Removal? removal))
                read.Add(removal);
        if (read.Count > MostRemovals)
            rows.Error(1, $"There are more than {MostRemovals} removals.");
        errors = rows.Errors;
        removals = errors.Count == 0 ? read : [];
        return errors.Count == 0;
    }

    private static bool TryReadRow(RowReader rows, ReadOnlySpan<byte> row, [NotNullWhen(true)] out Removal? removal)
    {
        removal = null;
        if (row.Count((byte)',') != 2)
            return rows.Error(1, "There are not three fields.");
        ReadOnlySpan<byte> rest = row;
        ReadOnlySpan<byte> serialText = RevocationFile.Field(ref rest, (byte)',');
        ReadOnlySpan<byte> cause = RevocationFile.Field(ref rest, (byte)',');
        if (!RevokedSerial.TryParseHex(serialText, out RevokedSerial serial))
            return rows.Error(1, $"'{RowReader.Shown(serialText)}' is no serial: a positive number of at most 20 bytes in hex.");
        (int causeColumn, int endColumn) = (serialText.Length + 2, serialText.Length + cause.Length + 3);
        if (cause.SequenceEqual("removeFromCRL"u8))
        {
            removal = new Removal(serial, RemovalCause.HoldReleased);
            return rest.IsEmpty || rows.Error(endColumn, "A released hold has no notAfter.");
        }
        if (!cause.SequenceEqual("expired"u8))
            return rows.Error(causeColumn, $"'{RowReader.Shown(cause)}' is neither removeFromCRL nor expired.");
        if (!RevocationFile.TryReadIsoTime(rest, out long notAfter))
            return rows.Error(endColumn, $"'{RowReader.Shown(rest)}' is no date like 2026-11-22T13:15:00Z.");
        removal = new Removal(serial, RemovalCause.Expired, Revocation.Time(notAfter));
        return true;
    }
}
