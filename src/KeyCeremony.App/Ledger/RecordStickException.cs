using Microsoft.Data.Sqlite;

namespace KeyCeremony.App.Ledger;

/// <summary>A record stick failed while it was written. Nothing was lost: reopening the ledger finds out what stands on each stick.</summary>
public sealed class RecordStickException : IOException
{
    public RecordStickException(string stick, SqliteException cause)
        : base($"The record stick {stick} cannot be written: {InWords(cause)} ({Name(cause)}).", cause)
    {
        Stick = stick;
        Code = Name(cause);
    }

    public RecordStickException(string stick, string what, Exception? cause = null)
        : base($"The record stick {stick} cannot be written: {what}.", cause)
    {
        Stick = stick;
        Code = "";
    }

    /// <summary>The stick's directory.</summary>
    public string Stick { get; }

    /// <summary>SQLite's name of the error, e.g. <c>SQLITE_FULL</c>; empty when SQLite was not asked.</summary>
    public string Code { get; }

    // https://www.sqlite.org/rescode.html: the primary result codes that a medium can cause.
    private static string Name(SqliteException e) => e.SqliteErrorCode switch
    {
        5 => "SQLITE_BUSY",
        8 => "SQLITE_READONLY",
        10 => $"SQLITE_IOERR {e.SqliteExtendedErrorCode}",
        11 => "SQLITE_CORRUPT",
        13 => "SQLITE_FULL",
        14 => "SQLITE_CANTOPEN",
        19 => "SQLITE_CONSTRAINT",
        26 => "SQLITE_NOTADB",
        _ => $"SQLite error {e.SqliteErrorCode}",
    };

    private static string InWords(SqliteException e) => e.SqliteErrorCode switch
    {
        5 => "another program has the ledger open",
        8 => "it is read-only",
        10 => "the device answers with an error, or it was pulled out",
        11 or 26 => "the file is damaged",
        13 => "it is full",
        14 => "a file cannot be created on it: it is read-only, full or was pulled out",
        19 => "another program has written to the ledger",
        _ => e.Message,
    };
}
