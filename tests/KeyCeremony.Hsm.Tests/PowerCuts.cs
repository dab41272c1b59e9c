using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.App.Ledger;
using KeyCeremony.App.Room;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Pkcs11.Tests;

namespace KeyCeremony.Hsm.Tests;

/// <summary>
/// All moments of one ceremony in which the power may fail: before every flush to disk, before and after every HSM call.
/// <para>
/// The program is not killed but stopped by SIGSTOP in each of them, and its files are copied: SIGKILL would leave the
/// same files, because it takes away nothing but the process. So one run shows every moment. What follows from a moment
/// depends on nothing but what lies on the table; of moments that leave the same entries on both sticks and the same
/// files in all other places, the first is handed out. Whatever else lies on the sticks, a half-written file beside, they
/// must open.
/// </para>
/// </summary>
/// <param name="hsms">What kind of HSMs lie on the table, plugged in.</param>
internal sealed partial class PowerCuts(Table table, Script script, HsmsOfTable hsms)
{
    private const int SigCont = 18;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Copies are made by the hundred: in memory, where there is such a file system.</summary>
    private readonly string? _memory = hsms.SeesSharedMemory && Directory.Exists("/dev/shm") ? "/dev/shm" : null;

    private readonly Dictionary<string, string> _variables = new()
    {
        ["STUB_FORWARD"] = hsms.Module,
        ["STUB_FREEZE"] = "1",
        ["STUB_LOG"] = table.Part("moments"),
        ["LD_PRELOAD"] = StubModule.BuildKiller(AppContext.BaseDirectory),
        ["KILLER_FREEZE"] = "1",
        ["KILLER_LOG"] = table.Part("moments"),
        ["KILLER_SUFFIX"] = "*",
        // What the program writes is copied while it has it open.
        ["DOTNET_SYSTEM_IO_DISABLEFILELOCKING"] = "1",
    };

    private readonly HashSet<string> _contents = [];

    /// <summary>The last entries of both sticks, by the bytes that lie on them: in most moments nothing is written to a stick.</summary>
    private readonly Dictionary<string, string> _opened = [];

    /// <summary>How many moments there were.</summary>
    public int Moments { get; private set; }

    /// <summary>How many of them left something else than any before.</summary>
    public int Different => _contents.Count;

    /// <summary>Where each different moment is, the flush or the HSM call, in their order. The program stands still at it.</summary>
    public IEnumerable<string> All()
    {
        table.Module = StubModule.Build(AppContext.BaseDirectory);
        foreach ((string name, string value) in _variables)
            table.Variables[name] = value;
        using Process program = table.Start(script);
        program.StandardInput.Close();
        Task<string> output = program.StandardOutput.ReadToEndAsync(), errors = program.StandardError.ReadToEndAsync();
        try
        {
            using var lines = new StreamReader(new FileStream(table.Part("moments"),
                FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite));
            while (NextMoment(program, lines) is { } where)
            {
                Moments++;
                if (_contents.Add(OnSticks() + Hash([table.Hsm, table.Out, table.Envelopes])))
                    yield return where;
                Check(kill(program.Id, SigCont) == 0, "SIGCONT");
            }
            new Ran(program.ExitCode, output.GetAwaiter().GetResult(), errors.GetAwaiter().GetResult()).Expect(0);
        }
        finally
        {
            if (!program.HasExited)
                program.Kill();
            Unwatched(table);
        }
    }

    /// <summary>The line that the program wrote before it stopped, the last of several; null when it has ended.</summary>
    private static string? NextMoment(Process program, StreamReader lines)
    {
        string? last = null;
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < Patience; Thread.Sleep(1))
        {
            if (program.HasExited)
                return null;
            if (ProcessState.Of(program.Id) != "T")
                continue;
            // On a busy machine one stop may have been over before it was seen.
            while (lines.ReadLine() is { } line)
                last = line;
            if (last is not null)
                return last;
        }
        throw new InvalidOperationException("The program neither stops nor ends.");
    }

    /// <summary>The table as it lies there now.</summary>
    public Table Left()
    {
        Table left = table.Copy(@in: _memory);
        Unwatched(left);
        return left;
    }

    /// <summary>The ceremony is already at its end.</summary>
    public bool IsOver(Table left)
    {
        using Table opened = left.CopyOfSticks(_memory);
        if (!IsThere(opened))
            return false;
        Check(Opening.TryReplay(opened.Entries(), out CeremonyState? state, out Refusal? refusal), $"{refusal}");
        return state is { Ended: true } && state.Script.Name == script.Name;
    }

    /// <summary>Each stick is read alone, and both are opened together as the program opens them.</summary>
    private string OnSticks()
    {
        string bytes = Hash([table.StickA, table.StickB]);
        if (_opened.TryGetValue(bytes, out string? entries))
            return entries;
        using Table opened = table.CopyOfSticks(_memory);
        entries = string.Join(' ', new[] { opened.StickA, opened.StickB }.Select(stick => EntriesOn(stick).LastOrDefault()?.HashHex));
        if (IsThere(opened))
            _ = opened.Entries();
        _opened.Add(bytes, entries);
        return entries;
    }

    /// <summary>False before there is a ledger.</summary>
    private static bool IsThere(Table opened) => RecordStick.Holds(opened.StickA) || RecordStick.Holds(opened.StickB);

    /// <summary>Its programs are not stopped any more.</summary>
    private void Unwatched(Table watched)
    {
        watched.Module = null;
        foreach (string name in _variables.Keys)
            watched.Variables.Remove(name);
    }

    /// <summary>What can be read from this stick alone.</summary>
    public static ImmutableArray<Entry> EntriesOn(string stick)
    {
        if (!RecordStick.Holds(stick))
            return [];
        (RecordStick? opened, Refusal? refusal) = RecordStick.Open(stick);
        using (opened)
        {
            Check(opened is not null, $"{refusal}");
            (StickJournal? read, refusal) = opened!.ReadWhole();
            Check(read is { Rest: 0 }, $"{refusal}{read?.Flaw}");
            return read!.Entries;
        }
    }

    private string Hash(string[] folders)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in folders.Where(Directory.Exists)
            .SelectMany(f => Directory.EnumerateFiles(f, "*", SearchOption.AllDirectories)).Order(StringComparer.Ordinal))
        {
            // It names the folder it is in.
            if (Path.GetFileName(file) == "softhsm2.conf")
                continue;
            byte[] bytes = File.ReadAllBytes(file);
            hash.AppendData(Encoding.UTF8.GetBytes($"{Path.GetRelativePath(table.Folder, file)}\n{bytes.Length}\n"));
            hash.AppendData(bytes);
        }
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static void Check(bool good, string what)
    {
        if (!good)
            throw new InvalidOperationException(what);
    }

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);
}
