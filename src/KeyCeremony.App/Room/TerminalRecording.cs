using System.Collections.Immutable;
using System.Security.Cryptography;
using KeyCeremony.App.Ground;
using KeyCeremony.App.Terminal;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Reading;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Room;

/// <summary>
/// A ceremony's recordings on both record sticks, a file for each time that the program ran: docs/formats/recording.md. A stick that fails
/// here does not disturb the ceremony: the ledger on it will, and better.
/// </summary>
/// <param name="isHeld">Whether nothing may be on the sticks yet: people who leave before the roll call leave them as they were.</param>
internal sealed class TerminalRecording(IReadOnlyList<string> sticks, string ceremony, TimeProvider clock, Func<bool> isHeld) : IDisposable
{
    public const string FolderName = "recordings";

    /// <summary>A power cut takes no more than this, and a slow stick is not asked more often.</summary>
    private static readonly TimeSpan Sync = TimeSpan.FromSeconds(2);

    /// <summary>The screen goes on while the recording is kept on the HSM's thread.</summary>
    private readonly Lock _gate = new();
    private readonly List<FileStream> _files = [];
    private readonly MemoryStream _waiting = new();
    private Recorder? _recorder;
    private long _synced;
    private long _length;
    private bool _ended;

    /// <summary>Of this run of the program.</summary>
    public Recorder Recorder => _recorder ??= new Recorder(ceremony, clock, Write);

    /// <summary>Ends the recording and keeps every session of this ceremony on both sticks under its SHA-256, whole lines only.</summary>
    /// <exception cref="IOException">A stick failed, or did not give back what was written.</exception>
    public TerminalRecorded Keep()
    {
        Close();
        var store = new ListStore(sticks);
        ImmutableArray<RecordedSession>.Builder kept = ImmutableArray.CreateBuilder<RecordedSession>();
        for (int session = 1; session <= TerminalCast.MaxSessions; session++)
        {
            byte[] longest = sticks.Select(s => WholeLines(PathOf(s, session))).MaxBy(bytes => bytes.Length) ?? [];
            // A session without a moment tells nothing, and one that somebody changed on a stick is none of ours.
            if (!TerminalCast.TryRead(longest, out TerminalCast? cast, out _) || cast.Events.IsEmpty || cast.Strange() is not null)
                continue;
            string sha256 = Convert.ToHexStringLower(SHA256.HashData(longest));
            if (kept.Any(k => k.Sha256 == sha256))
                continue;
            store.Keep(longest, sha256);
            kept.Add(new RecordedSession(session, longest.Length, sha256));
        }
        return new TerminalRecorded(kept.ToImmutable());
    }

    public void Dispose()
    {
        Close();
        _waiting.Dispose();
    }

    private void Write(byte[] line)
    {
        lock (_gate)
        {
            _ended |= _length + line.Length > TerminalCast.MaxBytes;
            if (_ended)
                return;
            _length += line.Length;
            if (isHeld())
                _waiting.Write(line);
            else
                Append(line);
        }
    }

    private void Append(byte[] line)
    {
        if (_files.Count == 0)
        {
            Open();
            line = [.. _waiting.ToArray(), .. line];
            _waiting.SetLength(0);
        }
        bool sync = clock.GetElapsedTime(_synced) >= Sync;
        foreach (FileStream file in _files.ToArray())
            try
            {
                file.Write(line);
                if (sync)
                    file.Flush(flushToDisk: true);
            }
            catch (IOException)
            {
                _files.Remove(file);
                Abandon(file);
            }
        if (sync)
            _synced = clock.GetTimestamp();
        _ended |= _files.Count == 0;
    }

    /// <summary>A new file on each stick; the number is the first that is free on all.</summary>
    private void Open()
    {
        int session = 1;
        while (session <= TerminalCast.MaxSessions && sticks.Any(s => Posix.Look(PathOf(s, session)) is not null))
            session++;
        _synced = clock.GetTimestamp();
        foreach (string stick in session > TerminalCast.MaxSessions ? [] : sticks)
            try
            {
                Directory.CreateDirectory(Path.Combine(stick, FolderName));
                _files.Add(new FileStream(PathOf(stick, session), FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                continue;
            }
    }

    private void Close()
    {
        lock (_gate)
        {
            _ended = true;
            foreach (FileStream file in _files)
                try
                {
                    file.Flush(flushToDisk: true);
                    file.Dispose();
                }
                catch (IOException)
                {
                    Abandon(file);
                }
            _files.Clear();
        }
    }

    private static void Abandon(FileStream file)
    {
        try
        {
            file.Dispose();
        }
        catch (IOException)
        {
            return;
        }
    }

    private string PathOf(string stick, int session) => Path.Combine(stick, FolderName, $"{ceremony}-{session}{TerminalCast.Extension}");

    /// <summary>Up to the last line end: behind it the power went.</summary>
    private static byte[] WholeLines(string path)
    {
        if (Posix.Look(path) is not { Kind: FileKind.Regular } || new FileInfo(path).Length > TerminalCast.MaxBytes)
            return [];
        byte[] all = File.ReadAllBytes(path);
        return all[..(Array.LastIndexOf(all, (byte)'\n') + 1)];
    }
}
