using System.Collections.Immutable;
using System.Security.Cryptography;
using KeyCeremony.App.Ground;
using KeyCeremony.Core;
using KeyCeremony.Core.Journal;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Ledger;

/// <summary>The ledger file on one stick: lines that are only ever appended, each on the medium before anything else happens.</summary>
internal sealed class RecordStick : IDisposable
{
    public const string FileName = "keyceremony.journal";

    /// <summary>The SQLite database of the first program; <c>keyceremony ledger convert</c> reads it.</summary>
    public const string OldFileName = "keyceremony.ledger";

    private readonly FileStream _stream;
    private readonly FileIdentity _file;

    /// <summary>Where the next line begins; null until the file was read and ended with an entry.</summary>
    private long? _end;

    private RecordStick(string directory, FileStream stream, FileIdentity file)
    {
        Directory = directory;
        _stream = stream;
        _file = file;
    }

    public string Directory { get; }

    public static string PathIn(string directory) => Path.Combine(directory, FileName);

    /// <summary>Whether a ledger stands there: a file that is not empty.</summary>
    public static bool Holds(string directory) => Posix.Look(PathIn(directory)) is { Size: > 0 };

    /// <summary>Whether only the first program's ledger stands there.</summary>
    public static bool HoldsOldOnly(string directory) =>
        Posix.Look(PathIn(directory)) is null && Posix.Look(Path.Combine(directory, OldFileName)) is not null;

    /// <summary>Opens the file and takes its lock; writes nothing.</summary>
    public static (RecordStick? Stick, Refusal? Refusal) Open(string directory)
    {
        string path = PathIn(directory);
        if (Posix.Look(path) is not { Kind: FileKind.Regular } file)
            return (null, LedgerRules.Usable.Refuse($"{path} is not a regular file."));
        try
        {
            // FileShare.None locks the whole file (flock), for as long as it is open.
            var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            return (new RecordStick(directory, stream, file), null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, LedgerRules.Usable.Refuse($"{path} cannot be opened for writing: {FileFaults.InWords(e)}."));
        }
    }

    /// <summary>Reads the file from the medium, to its end.</summary>
    public (StickJournal? Journal, Refusal? Refusal) ReadWhole()
    {
        try
        {
            // After a failed sync the kernel may still show bytes that the medium does not have.
            Posix.DropCache(_stream.SafeFileHandle);
            _stream.Position = 0;
            var journal = StickJournal.Read(_stream);
            _end = journal.Rest == 0 ? journal.Length : null;
            return (journal, null);
        }
        catch (IOException e)
        {
            return (null, LedgerRules.Readable.Refuse($"{PathIn(Directory)} cannot be read: {FileFaults.InWords(e)}."));
        }
    }

    /// <summary>Durable, and read back from the medium, when it returns.</summary>
    public void Append(Entry entry)
    {
        long end = _end ?? throw new InvalidOperationException("What stands at the end of this stick is not known.");
        byte[] line = RecordLine.Of(entry);
        MustStillBeThere();
        Write(() =>
        {
            if (RandomAccess.GetLength(_stream.SafeFileHandle) != end)
                throw new FileFaultException("another program has written to the ledger");
            RandomAccess.Write(_stream.SafeFileHandle, line, end);
            RandomAccess.FlushToDisk(_stream.SafeFileHandle);
            ReadBack(line, end);
        });
        _end = end + line.Length;
        MustStillBeThere();
    }

    /// <summary>
    /// Brings the stick up to these entries: what is missing is written behind what it holds, and of what stands there only what
    /// differs. So power may fail here too: the block that a torn append has cost is the first that is written again.
    /// </summary>
    /// <param name="read">As <see cref="ReadWhole"/> found it; its entries are the first of <paramref name="entries"/>.</param>
    /// <returns>The file beside the ledger that keeps what stood behind the last entry, and its SHA-256; null where nothing did.</returns>
    public (string Name, string Sha256)? BringUpTo(ImmutableArray<Entry> entries, StickJournal read)
    {
        byte[] rest = new byte[checked((int)read.Rest)];
        byte[] missing = [.. entries.Skip(read.Entries.Length).SelectMany(RecordLine.Of)];
        (string, string)? kept = null;
        Write(() =>
        {
            ReadAll(rest, read.Length);
            kept = rest.Length == 0 ? null : Keep(rest);
            int same = rest.AsSpan().CommonPrefixLength(missing);
            RandomAccess.Write(_stream.SafeFileHandle, missing.AsSpan(same), read.Length + same);
            if (rest.Length > missing.Length)
                RandomAccess.SetLength(_stream.SafeFileHandle, read.Length + missing.Length);
            RandomAccess.FlushToDisk(_stream.SafeFileHandle);
            ReadBack(missing, read.Length);
        });
        _end = read.Length + missing.Length;
        return kept;
    }

    /// <summary>Makes the file with these entries.</summary>
    /// <exception cref="RecordStickException">The stick failed; there is no file of this name then.</exception>
    public static void Create(string directory, ImmutableArray<Entry> entries)
    {
        try
        {
            DurableFile.Create(PathIn(directory), file =>
            {
                foreach (Entry entry in entries)
                    file.Write(RecordLine.Of(entry));
            }, file => MustHold(file, entries));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RecordStickException(directory, e);
        }
    }

    public void Dispose() => _stream.Dispose();

    /// <summary>Nothing is lost for who looks later.</summary>
    private (string Name, string Sha256) Keep(byte[] rest)
    {
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(rest)), name = $"{FileName}.torn-{sha256[..16]}";
        if (Posix.Look(Path.Combine(Directory, name)) is null)
            DurableFile.Create(Path.Combine(Directory, name), file => file.Write(rest), file => MustHold(file, rest));
        return (name, sha256);
    }

    private static void MustHold(FileStream file, ImmutableArray<Entry> entries)
    {
        var read = StickJournal.Read(file);
        if (read.Rest > 0 || read.Entries.Length != entries.Length || read.Entries[^1].HashHex != entries[^1].HashHex)
            throw new FileFaultException(NotAsWritten);
    }

    private static void MustHold(FileStream file, byte[] bytes)
    {
        byte[] read = new byte[bytes.Length];
        int length = file.ReadAtLeast(read, read.Length, throwOnEndOfStream: false);
        if (length != file.Length || !read.AsSpan(0, length).SequenceEqual(bytes))
            throw new FileFaultException(NotAsWritten);
    }

    private const string NotAsWritten = "it does not give back what was written to it";

    private void ReadBack(byte[] line, long from)
    {
        Posix.DropCache(_stream.SafeFileHandle);
        byte[] read = new byte[line.Length];
        ReadAll(read, from);
        if (!read.AsSpan().SequenceEqual(line) || RandomAccess.GetLength(_stream.SafeFileHandle) != from + line.Length)
            throw new FileFaultException(NotAsWritten);
    }

    /// <summary>Bytes behind the file's end stay zero.</summary>
    private void ReadAll(byte[] into, long from)
    {
        for (int at = 0, read = 1; at < into.Length && read > 0; at += read)
            read = RandomAccess.Read(_stream.SafeFileHandle, into.AsSpan(at), from + at);
    }

    private void Write(Action write)
    {
        // After an error nobody knows where the file ends.
        _end = null;
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RecordStickException(Directory, e);
        }
    }

    private void MustStillBeThere()
    {
        // The kernel goes on writing into a file that was unlinked or whose stick was unmounted.
        if (Posix.Look(PathIn(Directory)) is not { } now || !now.IsSameFileAs(_file))
            throw new RecordStickException(Directory, "the ledger file is not there any more; was the stick pulled out?");
    }
}
