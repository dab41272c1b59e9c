using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KeyCeremony.App.Ground;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony.Retelling;
using KeyCeremony.Core.Journal;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Ledger.FirstProgram;

/// <summary>
/// The ledger as the first program kept it, a SQLite database. It is read once, to be written in today's form; docs/formats/journal.md
/// shows its table.
/// </summary>
internal static class FirstLedger
{
    /// <summary>As refusals name it: the last one that wrote such ledgers.</summary>
    public const string Program = "KeyCeremony 1.0.0, commit 3c12c26";

    private const int ApplicationId = 0x4B434C47; // "KCLG"
    private const int UserVersion = 1;

    /// <summary>Of type, name and SQL of the table, three triggers and seven views, each with a zero byte behind it.</summary>
    private const string SchemaSha256 = "57dbbbd1427e467d6324afd18b127a3f0fff6829db9291e146a7bf6e4a6d9e67";

    private const int SchemaObjects = 11;
    private const string OtherSchema = "its schema is not that of the first program";

    /// <summary>An entry, and columns that repeat a little of it.</summary>
    private const int MaxRow = Entry.MaxBytes + 4096;

    /// <summary>
    /// Writes the old stick's ledger onto the new one, after its chain was proved and every entry replayed. Both may be one stick:
    /// the old file stays as it is. LEDGER-03, -04, -10, -19 to -21.
    /// </summary>
    /// <exception cref="RecordStickException">The new stick failed; there is no ledger on it then.</exception>
    public static (ImmutableArray<Entry> Entries, Refusal? Refusal) Convert(string oldStick, string newStick)
    {
        if (RefusePlace(oldStick, newStick) is { } place)
            return ([], place);
        (ImmutableArray<Entry> entries, Refusal? refusal) = Read(oldStick);
        if (refusal is null && Retold.Of(entries).Refusal is { } contradiction)
            refusal = LedgerRules.OldReplays.Refuse(
                $"{Path.Combine(oldStick, RecordStick.OldFileName)}: {contradiction.Rule} {contradiction.Message}");
        if (refusal is not null)
            return ([], refusal);
        RecordStick.Create(newStick, entries);
        return (entries, null);
    }

    /// <summary>Opens the database for reading only. LEDGER-04, -10, -19, -20.</summary>
    public static (ImmutableArray<Entry> Entries, Refusal? Refusal) Read(string stick)
    {
        string path = Path.Combine(stick, RecordStick.OldFileName);
        if (Posix.Look(path) is not { Kind: FileKind.Regular })
            return ([], LedgerRules.Found.Refuse($"{path} is not there, or not a regular file."));
        try
        {
            if (IsHot(path + "-journal"))
                return ([], LedgerRules.OldFinished.Refuse($"{path}-journal holds a write that did not come to its end."));
            using Microsoft.Win32.SafeHandles.SafeFileHandle file = File.OpenHandle(path);
            var database = new SqliteFile(file, ApplicationId, UserVersion, MaxRow);
            return Entries(path, database.Table(Root(database)));
        }
        catch (OldFileException e)
        {
            return ([], LedgerRules.OldWhole.Refuse($"{path} is not taken: {e.Sentence}."));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ([], LedgerRules.Readable.Refuse($"{path} cannot be read: {FileFaults.InWords(e)}."));
        }
    }

    private static Refusal? RefusePlace(string oldStick, string newStick)
    {
        if (Posix.Look(newStick, followLinks: true) is not { Kind: FileKind.Directory } place)
            return LedgerRules.NothingThere.Refuse($"{newStick} is not a directory.");
        bool same = Posix.Look(oldStick, followLinks: true)?.IsSameFileAs(place) == true;
        string[] never = same ? [RecordStick.FileName] : [RecordStick.FileName, RecordStick.OldFileName];
        return never.Select(name => Path.Combine(newStick, name)).FirstOrDefault(path => Posix.Look(path) is not null) is { } taken
            ? LedgerRules.NothingThere.Refuse($"{taken} is already there.")
            : null;
    }

    /// <summary>SQLite undoes what such a file holds when it next opens the database; one that begins with a zero is spent.</summary>
    private static bool IsHot(string journal)
    {
        if (Posix.Look(journal) is not { Size: > 0 })
            return false;
        using FileStream file = File.OpenRead(journal);
        return file.ReadByte() > 0;
    }

    private static long Root(SqliteFile database)
    {
        var said = new StringBuilder();
        long? root = null;
        int objects = 0;
        foreach (SqliteRow row in database.Schema())
        {
            SqliteFile.Check(++objects <= SchemaObjects && row.Columns is [string, string, string, long, string], OtherSchema);
            root ??= (long)row.Columns[3]!;
            said.Append($"{row.Columns[0]}\0{row.Columns[1]}\0{row.Columns[4]}\0");
        }
        byte[] schema = Encoding.UTF8.GetBytes(said.ToString());
        SqliteFile.Check(System.Convert.ToHexStringLower(SHA256.HashData(schema)) == SchemaSha256, OtherSchema);
        return root!.Value;
    }

    private static (ImmutableArray<Entry> Entries, Refusal? Refusal) Entries(string path, IEnumerable<SqliteRow> rows)
    {
        var chain = new ChainReader();
        ImmutableArray<byte> head = Entry.Genesis;
        foreach (SqliteRow row in rows)
        {
            if (row.Columns is not [null, string, string, string, string, byte[] body, byte[] previous, byte[] hash])
                return ([], LedgerRules.OldWhole.Refuse($"{path}: row {row.Number} has other columns than the first program's."));
            if (!chain.TryRead(body, out Entry? entry, out Refusal? refusal))
                return ([], LedgerRules.Chain.Refuse($"{path}: {refusal.Rule} {refusal.Message}"));
            if (!Says(row, entry) || !previous.AsSpan().SequenceEqual(head.AsSpan()) || !hash.AsSpan().SequenceEqual(entry.Hash.AsSpan()))
                return ([], LedgerRules.OldWhole.Refuse($"{path}: row {row.Number} does not say what its entry says."));
            chain.Add(entry);
            head = entry.Hash;
        }
        return chain.Count > 0 ? (chain.Entries, null) : ([], LedgerRules.Chain.Refuse($"{path} holds no entry."));
    }

    /// <summary>The other columns repeat what the bytes say.</summary>
    private static bool Says(SqliteRow row, Entry entry)
    {
        using var line = JsonDocument.Parse(entry.Bytes.AsMemory());
        return row.Number == entry.Seq && (string)row.Columns[1]! == entry.Ceremony && (string)row.Columns[3]! == entry.Step
            && (string)row.Columns[2]! == line.RootElement.GetProperty("utc").GetString()
            && (string)row.Columns[4]! == line.RootElement.GetProperty("body").GetProperty("kind").GetString();
    }
}
