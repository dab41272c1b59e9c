using System.Collections.Immutable;
using System.Text.Json;
using KeyCeremony.Core;
using KeyCeremony.Core.Journal;
using KeyCeremony.Verifier;
using Microsoft.Data.Sqlite;

namespace KeyCeremony.App.Ledger;

/// <summary>The database file on one stick.</summary>
internal sealed class RecordStick : IDisposable
{
    public const string FileName = "keyceremony.ledger";
    private const string NewFileName = FileName + ".new";
    private readonly SqliteConnection _connection;
    private readonly FileIdentity _file;

    static RecordStick() => SQLitePCL.Batteries_V2.Init();

    private RecordStick(string directory, SqliteConnection connection, FileIdentity file)
    {
        Directory = directory;
        _connection = connection;
        _file = file;
    }

    public string Directory { get; }

    public static string PathIn(string directory) => Path.Combine(directory, FileName);

    /// <summary>Whether a ledger stands there: a file that is not empty.</summary>
    public static bool Holds(string directory) => Posix.Look(PathIn(directory)) is { Size: > 0 };

    /// <summary>Opens the file and takes its lock. A leftover hot journal is rolled back by SQLite here.</summary>
    public static (RecordStick? Stick, Refusal? Refusal) Open(string directory)
    {
        string path = PathIn(directory);
        if (Posix.Look(path) is not { Kind: FileKind.Regular } file)
            return (null, LedgerRules.Usable.Refuse($"{path} is not a regular file."));
        SqliteConnection connection = Connection(path, SqliteOpenMode.ReadWrite);
        try
        {
            connection.Open();
            Configure(connection);
            // Takes the lock for as long as the file is open, without writing anything.
            Run(connection, "BEGIN EXCLUSIVE; COMMIT");
            // SQLite opens what it may not write for reading, without a word.
            if (SQLitePCL.raw.sqlite3_db_readonly(connection.Handle, "main") == 1)
            {
                connection.Dispose();
                return (null, LedgerRules.Usable.Refuse($"{path} is read-only."));
            }
            if (Text(connection, "PRAGMA journal_mode") != "delete")
            {
                connection.Dispose();
                return (null, LedgerRules.Recognised.Refuse($"{path} is not in rollback-journal mode."));
            }
            return (new RecordStick(directory, connection, file), null);
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            LedgerRule rule = e.SqliteErrorCode is 11 or 26 ? LedgerRules.Recognised : LedgerRules.Usable;
            return (null, rule.Refuse(new RecordStickException(directory, e).Message));
        }
    }

    /// <summary>Reads every row and believes none: database, schema, columns, chain.</summary>
    public (ImmutableArray<Entry> Entries, Refusal? Refusal) ReadWhole()
    {
        try
        {
            if (FirstFlaw() is { } flaw)
                return ([], flaw);
            var rowsRead = new List<Row>();
            using (SqliteCommand query = Command(_connection,
                $"SELECT seq, ceremony, utc, step, kind, body, previous, hash FROM journal ORDER BY seq LIMIT {JournalReader.MaxEntries + 1}"))
            using (SqliteDataReader rows = query.ExecuteReader())
                while (rows.Read())
                    rowsRead.Add(new Row(rows.GetInt64(0), rows.GetString(1), rows.GetString(2), rows.GetString(3), rows.GetString(4),
                        rows.GetFieldValue<byte[]>(5), rows.GetFieldValue<byte[]>(6), rows.GetFieldValue<byte[]>(7)));
            (ImmutableArray<Entry> entries, Refusal? broken) = JournalReader.Read(rowsRead.Select(r => (ReadOnlyMemory<byte>)r.Body));
            if (broken is not null)
                return ([], LedgerRules.Chain.Refuse($"{PathIn(Directory)}: {broken.Rule} {broken.Message}"));
            for (int i = 0; i < entries.Length; i++)
                if (!rowsRead[i].Says(entries[i], i == 0 ? Entry.Genesis : entries[i - 1].Hash))
                    return ([], LedgerRules.Row.Refuse($"{PathIn(Directory)}: row {rowsRead[i].Seq} does not say what its entry says."));
            return (entries, null);
        }
        catch (Exception e) when (e is SqliteException or InvalidCastException or InvalidOperationException)
        {
            return ([], LedgerRules.Recognised.Refuse($"{PathIn(Directory)} cannot be read: {e.Message}"));
        }
    }

    /// <summary>Durable when it returns.</summary>
    public void Insert(Entry entry, ImmutableArray<byte> previous)
    {
        MustStillBeThere();
        try
        {
            InsertRow(_connection, Row.Of(entry, previous));
        }
        catch (SqliteException e)
        {
            throw new RecordStickException(Directory, e);
        }
        MustStillBeThere();
    }

    /// <summary>
    /// Makes the file with these entries under a temporary name, brings it to the medium and renames it.
    /// A temporary file is what an interrupted creation left: it never was a ledger and is replaced.
    /// </summary>
    public static void Create(string directory, ImmutableArray<Entry> entries)
    {
        string temporary = Path.Combine(directory, NewFileName);
        try
        {
            File.Delete(temporary);
            File.Delete(temporary + "-journal");
            using (SqliteConnection connection = Connection(temporary, SqliteOpenMode.ReadWriteCreate))
            {
                connection.Open();
                Configure(connection);
                Run(connection, $"PRAGMA page_size = 4096; PRAGMA application_id = {LedgerSchema.ApplicationId}; PRAGMA user_version = {LedgerSchema.Version}");
                Run(connection, "BEGIN; " + string.Join(";\n", LedgerSchema.Objects.Select(o => o.Sql)) + "; COMMIT");
                Run(connection, "BEGIN");
                for (int i = 0; i < entries.Length; i++)
                    InsertRow(connection, Row.Of(entries[i], i == 0 ? Entry.Genesis : entries[i - 1].Hash));
                Run(connection, "COMMIT");
            }
            File.Move(temporary, PathIn(directory), overwrite: false);
            Posix.SyncDirectory(directory);
        }
        catch (SqliteException e)
        {
            throw new RecordStickException(directory, e);
        }
        catch (Exception e) when (e is IOException and not RecordStickException or UnauthorizedAccessException)
        {
            throw new RecordStickException(directory, e.Message, e);
        }
    }

    public void Dispose() => _connection.Dispose();

    private static SqliteConnection Connection(string path, SqliteOpenMode mode) => new(new SqliteConnectionStringBuilder
    {
        DataSource = path,
        Mode = mode,
        Pooling = false,
        DefaultTimeout = 1,
    }.ToString());

    /// <summary>
    /// EXTRA: FULL alone does not sync the directory after the rollback journal is removed, and a commit could be undone by a
    /// power loss. EXCLUSIVE: one program at a time. No WAL: it needs shared memory, and a stick may be FAT.
    /// </summary>
    private static void Configure(SqliteConnection connection) => Run(connection, """
        PRAGMA locking_mode = EXCLUSIVE;
        PRAGMA synchronous = EXTRA;
        PRAGMA trusted_schema = OFF;
        PRAGMA cell_size_check = ON;
        PRAGMA mmap_size = 0;
        PRAGMA recursive_triggers = ON
        """);

    private Refusal? FirstFlaw()
    {
        string path = PathIn(Directory);
        if (Text(_connection, "PRAGMA application_id") != $"{LedgerSchema.ApplicationId}" || Text(_connection, "PRAGMA user_version") != $"{LedgerSchema.Version}")
            return LedgerRules.Recognised.Refuse($"{path} is not a KeyCeremony ledger of version {LedgerSchema.Version}.");
        string integrity = Text(_connection, "PRAGMA integrity_check(1)");
        if (integrity != "ok")
            return LedgerRules.Recognised.Refuse($"{path} is damaged: {integrity}");
        if (!Schema().SequenceEqual(LedgerSchema.Objects))
            return LedgerRules.Schema.Refuse($"{path} does not have the tables, triggers and views of this version.");
        long tooLong = long.Parse(Text(_connection, $"SELECT ifnull(min(seq), 0) FROM journal WHERE length(body) > {Entry.MaxBytes}"));
        return tooLong == 0 ? null : LedgerRules.Row.Refuse($"{path}: row {tooLong} is longer than {Entry.MaxBytes} bytes.");
    }

    private List<(string, string, string)> Schema()
    {
        var found = new List<(string, string, string)>();
        using SqliteCommand query = Command(_connection, $"SELECT type, name, sql FROM sqlite_schema ORDER BY rowid LIMIT {LedgerSchema.Objects.Count + 1}");
        using SqliteDataReader rows = query.ExecuteReader();
        while (rows.Read())
            found.Add((rows.GetString(0), rows.GetString(1), rows.GetString(2)));
        return found;
    }

    private void MustStillBeThere()
    {
        // SQLite would go on writing into a file that was unlinked or whose stick was unmounted.
        if (Posix.Look(PathIn(Directory)) is not { } now || !now.IsSameFileAs(_file))
            throw new RecordStickException(Directory, "the ledger file is not there any more; was the stick pulled out?");
    }

    private static void InsertRow(SqliteConnection connection, Row row)
    {
        using SqliteCommand insert = Command(connection,
            "INSERT INTO journal VALUES ($seq, $ceremony, $utc, $step, $kind, $body, $previous, $hash)");
        insert.Parameters.AddWithValue("$seq", row.Seq);
        insert.Parameters.AddWithValue("$ceremony", row.Ceremony);
        insert.Parameters.AddWithValue("$utc", row.Utc);
        insert.Parameters.AddWithValue("$step", row.Step);
        insert.Parameters.AddWithValue("$kind", row.Kind);
        insert.Parameters.AddWithValue("$body", row.Body);
        insert.Parameters.AddWithValue("$previous", row.Previous);
        insert.Parameters.AddWithValue("$hash", row.Hash);
        insert.ExecuteNonQuery();
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = Command(connection, sql);
        command.ExecuteNonQuery();
    }

    private static string Text(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = Command(connection, sql);
        return Convert.ToString(command.ExecuteScalar()) ?? "";
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql)
    {
        SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Every text is ours; values are parameters.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command;
    }

    /// <summary>The columns repeat what the bytes say, so that <c>sqlite3</c> can ask for it.</summary>
    private sealed record Row(long Seq, string Ceremony, string Utc, string Step, string Kind, byte[] Body, byte[] Previous, byte[] Hash)
    {
        public static Row Of(Entry entry, ImmutableArray<byte> previous)
        {
            using JsonDocument line = JsonDocument.Parse(entry.Bytes.AsMemory());
            JsonElement root = line.RootElement;
            return new Row(entry.Seq, entry.Ceremony, root.GetProperty("utc").GetString()!, entry.Step,
                root.GetProperty("body").GetProperty("kind").GetString()!, [.. entry.Bytes], [.. previous], [.. entry.Hash]);
        }

        public bool Says(Entry entry, ImmutableArray<byte> previous)
        {
            Row told = Of(entry, previous);
            return (Seq, Ceremony, Utc, Step, Kind) == (told.Seq, told.Ceremony, told.Utc, told.Step, told.Kind)
                && Body.AsSpan().SequenceEqual(told.Body) && Previous.AsSpan().SequenceEqual(told.Previous)
                && Hash.AsSpan().SequenceEqual(told.Hash);
        }
    }
}
