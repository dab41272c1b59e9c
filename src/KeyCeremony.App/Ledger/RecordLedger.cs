using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using KeyCeremony.App.Ground;
using KeyCeremony.Core;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Ledger;

/// <summary>
/// The ledger: the same chain of entries on two record sticks, each written durably before anything else happens.
/// One thread; one program at a time.
/// </summary>
public sealed class RecordLedger : IDisposable
{
    private ImmutableArray<RecordStick> _sticks;

    /// <summary>Where the files are made by the first write; empty: they are there.</summary>
    private ImmutableArray<string> _unmade = [];

    /// <summary>So many entries are on the sticks; those behind them are held.</summary>
    private int _written;

    private bool _broken;

    private RecordLedger(ImmutableArray<RecordStick> sticks, ImmutableArray<Entry> entries, ImmutableArray<Finding> findings)
    {
        _sticks = sticks;
        Entries = entries;
        Findings = findings;
        _written = entries.Length;
    }

    /// <summary>Every entry, first to last.</summary>
    public ImmutableArray<Entry> Entries { get; private set; }

    public Entry Last => Entries[^1];

    /// <summary>Entries are kept in memory until <see cref="WriteHeld"/>: who leaves before has changed nothing on the sticks.</summary>
    public bool IsHeld { get; private set; }

    public string LedgerId => Created.LedgerId;

    public string Environment => Created.Environment;

    /// <summary>
    /// What opening had to put right: a stick that was behind. A result of "fail" must become an exception of the ceremony.
    /// </summary>
    public ImmutableArray<Finding> Findings { get; }

    private LedgerCreated Created => (LedgerCreated)Entries[0].Body;

    /// <summary>Whether no stick holds a ledger, of this form or of the old one.</summary>
    public static bool NoneOn(IReadOnlyList<string> sticks) =>
        sticks.All(s => Posix.Look(RecordStick.PathIn(s)) is null && !RecordStick.HoldsOldOnly(s));

    /// <summary>Creates a ledger on two sticks that hold none.</summary>
    /// <param name="sticks">Two directories.</param>
    public static bool TryCreate(IReadOnlyList<string> sticks, DateTimeOffset utc, LedgerCreated created,
        [NotNullWhen(true)] out RecordLedger? ledger, [NotNullWhen(false)] out Refusal? refusal) =>
        TryBegin(sticks, created.Environment, [Entry.Following(null, "", utc, "", created)], out ledger, out refusal);

    /// <summary>As <see cref="TryCreate"/>, but held: the sticks stay empty until <see cref="WriteHeld"/>.</summary>
    public static bool TryPrepare(IReadOnlyList<string> sticks, DateTimeOffset utc, LedgerCreated created,
        [NotNullWhen(true)] out RecordLedger? ledger, [NotNullWhen(false)] out Refusal? refusal)
    {
        refusal = RefuseBeginning(sticks, created.Environment);
        ledger = refusal is not null ? null
            : new RecordLedger([], [Entry.Following(null, "", utc, "", created)], [])
            {
                IsHeld = true,
                _unmade = [.. sticks],
                _written = 0,
            };
        return refusal is null;
    }

    /// <summary>Reads the ledger on both sticks as <see cref="TryOpen"/> does, and writes nothing: what it would put right stays.</summary>
    public static bool TryLook(IReadOnlyList<string> sticks, string? environment, bool allowCatchUp, out ImmutableArray<Entry> entries,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        entries = [];
        refusal = RefusePlaces(sticks) ?? RefuseOldForm(sticks);
        if (refusal is not null)
            return false;
        string[] holding = [.. sticks.Where(RecordStick.Holds)];
        var opened = new List<RecordStick>();
        try
        {
            var read = new List<StickJournal>();
            // What one stick alone holds is taken only where it is the first entry: then the other one was not made yet.
            refusal = holding.Length == 0 ? LedgerRules.Found.Refuse($"Neither {sticks[0]} nor {sticks[1]} holds a ledger.")
                : OpenBoth(holding, opened, read);
            if (refusal is null && holding.Length == 1)
                refusal = read is [{ Entries: [_], Rest: 0 }] ? null : LedgerRules.BothFound.Refuse(
                    $"{holding[0]} holds a ledger, {sticks.First(s => !holding.Contains(s))} holds none.");
            else if (refusal is null)
                refusal = TornLine.Refuse(sticks, read, allowCatchUp)
                    ?? RefusePair(sticks, [.. read.Select(j => j.Entries)], environment, allowCatchUp || read.Any(j => j.Rest > 0));
            if (refusal is null)
                entries = read.Select(j => j.Entries).MaxBy(j => j.Length);
            return refusal is null;
        }
        finally
        {
            opened.ForEach(s => s.Dispose());
        }
    }

    /// <summary>Opens the ledger, reads it whole on both sticks and compares them.</summary>
    /// <param name="environment">The environment this program runs for; null takes any.</param>
    /// <param name="allowCatchUp">Brings a stick up to date that is behind by more than one entry; <see cref="Findings"/> says so.</param>
    public static bool TryOpen(IReadOnlyList<string> sticks, string? environment, bool allowCatchUp,
        [NotNullWhen(true)] out RecordLedger? ledger, [NotNullWhen(false)] out Refusal? refusal)
    {
        ledger = null;
        refusal = RefusePlaces(sticks) ?? RefuseOldForm(sticks);
        if (refusal is not null)
            return false;
        ImmutableArray<Finding>.Builder findings = ImmutableArray.CreateBuilder<Finding>();
        var opened = new List<RecordStick>();
        try
        {
            var read = new List<StickJournal>();
            refusal = FinishCreation(sticks, findings) ?? OpenBoth(sticks, opened, read) ?? TornLine.Refuse(sticks, read, allowCatchUp);
            List<ImmutableArray<Entry>> journals = [.. read.Select(j => j.Entries)];
            // A torn append may have cost the ends of the lines before it.
            refusal ??= RefusePair(sticks, journals, environment, allowCatchUp || read.Any(j => j.Rest > 0));
            if (refusal is not null)
                return false;
            findings.AddRange(PutRight(opened, read));
            ledger = new RecordLedger([.. opened], journals.MaxBy(j => j.Length), findings.ToImmutable());
            return true;
        }
        catch (RecordStickException e)
        {
            refusal = LedgerRules.Usable.Refuse(e.Sentence);
            return false;
        }
        finally
        {
            if (ledger is null)
                opened.ForEach(s => s.Dispose());
        }
    }

    /// <summary>Puts the ledger of one good stick onto a stick that holds none: a lost or damaged stick is replaced.</summary>
    /// <param name="before">Puts there what lies beside the ledger: where the ledger is, the copy is whole.</param>
    /// <returns>Null when it is done.</returns>
    public static Refusal? Copy(string from, string to, Action? before = null)
    {
        if ((RefusePlaces([from, to]) ?? RefuseOldForm([from, to]) ?? RefuseTaken([to])) is { } place)
            return place;
        if (!RecordStick.Holds(from))
            return LedgerRules.Found.Refuse($"{from} holds no ledger.");
        (RecordStick? source, Refusal? refusal) = RecordStick.Open(from);
        if (source is null)
            return refusal;
        using (source)
        {
            (StickJournal? read, refusal) = source.ReadWhole();
            refusal ??= TornLine.Refuse(from, read!);
            if (refusal is not null)
                return refusal;
            // A torn line stays behind: nothing was done on its strength.
            ImmutableArray<Entry> entries = read!.Entries;
            if (RefuseDevices([from, to], ((LedgerCreated)entries[0].Body).Environment) is { } devices)
                return devices;
            before?.Invoke();
            RecordStick.Create(to, entries);
            return null;
        }
    }

    /// <summary>Begins two new sticks with the journal of a bundle that was verified, and records that it was restored.</summary>
    /// <param name="entries">The bundle's entries, as its verification read them.</param>
    /// <param name="before">Puts there what lies beside the ledger: where the ledger is, it is whole.</param>
    internal static bool TryRestore(IReadOnlyList<string> sticks, DateTimeOffset utc,
        ImmutableArray<Entry> entries, LedgerRestored restored, Action before,
        [NotNullWhen(true)] out RecordLedger? ledger, [NotNullWhen(false)] out Refusal? refusal)
    {
        ledger = null;
        string environment = ((LedgerCreated)entries[0].Body).Environment;
        refusal = RefuseClock(entries[^1], utc) ?? RefuseBeginning(sticks, environment);
        if (refusal is not null)
            return false;
        before();
        return TryBegin(sticks, environment, entries.Add(Entry.Following(entries[^1], "", utc, "", restored)), out ledger, out refusal);
    }

    /// <summary>From now on entries are held in memory. No device may be asked for anything before <see cref="WriteHeld"/>.</summary>
    public void Hold() => IsHeld = true;

    /// <summary>Writes what was held, an entry after the other, as if each had been written when it was appended.</summary>
    /// <exception cref="RecordStickException">A stick failed. This object appends no more: open the ledger again.</exception>
    public void WriteHeld()
    {
        if (!IsHeld)
            return;
        _broken = true;
        if (!_unmade.IsEmpty)
        {
            foreach (string directory in _unmade)
                RecordStick.Create(directory, Entries[..1]);
            var opened = new List<RecordStick>();
            if (OpenBoth(_unmade, opened, []) is { } refusal)
                throw new CeremonyException(refusal);
            (_sticks, _unmade, _written) = ([.. opened], [], 1);
        }
        foreach (Entry entry in Entries.Skip(_written))
            foreach (RecordStick stick in _sticks)
                stick.Append(entry);
        (_written, _broken, IsHeld) = (Entries.Length, false, false);
    }

    /// <summary>Appends one entry: durable on the first stick, then on the second, when it returns; or held.</summary>
    /// <exception cref="RecordStickException">A stick failed. This object appends no more: open the ledger again.</exception>
    /// <exception cref="ClockWentBackException">The clock is before the last entry; nothing was written. LEDGER-18.</exception>
    public Entry Append(string ceremony, DateTimeOffset utc, string step, EntryBody body)
    {
        if (_broken)
            throw new InvalidOperationException("A record stick failed before: open the ledger again.");
        if (RefuseClock(utc) is { } back)
            throw new ClockWentBackException(back);
        var entry = Entry.Following(Last, ceremony, utc, step, body);
        // An entry that cannot be read back would make the ledger unreadable for good.
        if (Entry.Read(entry.Bytes.AsSpan(), Last.Hash) is null)
            throw new ArgumentException($"A {body.GetType().Name} entry of {entry.Bytes.Length} bytes would not read back.", nameof(body));
        if (!IsHeld)
        {
            _broken = true;
            foreach (RecordStick stick in _sticks)
                stick.Append(entry);
            (_written, _broken) = (_written + 1, false);
        }
        Entries = Entries.Add(entry);
        return entry;
    }

    /// <summary>Whether an entry of this time could follow. LEDGER-18.</summary>
    public Refusal? RefuseClock(DateTimeOffset utc) => RefuseClock(Last, utc);

    /// <summary>Compares the ledger with the position that the HSM keeps. LEDGER-15: rolled back. LEDGER-16: foreign.</summary>
    /// <param name="seq">0: the HSM keeps none yet.</param>
    /// <param name="head">Lower-case hex of the entry's hash.</param>
    public Refusal? CheckAgainstHead(long seq, string head)
    {
        if (seq == 0)
            return null;
        if (seq > Entries.Length)
            return LedgerRules.NotRolledBack.Refuse($"The HSM remembers entry {seq}, but the sticks end at entry {Entries.Length}.");
        return seq > 0 && Entries[(int)seq - 1].HashHex == head
            ? null
            : LedgerRules.HeadMatches.Refuse($"The HSM keeps another hash for entry {seq} than the sticks.");
    }

    /// <summary>Reads both sticks whole again and compares them with what this program holds: the step <c>ledger</c>.</summary>
    public LedgerInspected Inspect()
    {
        ImmutableArray<Finding>.Builder findings = ImmutableArray.CreateBuilder<Finding>();
        findings.AddRange(Findings);
        foreach (RecordStick stick in _sticks)
        {
            (StickJournal? read, Refusal? refusal) = stick.ReadWhole();
            if (read is not null && !(read.Rest == 0 && read.Entries.Length == Entries.Length && read.Entries[^1].HashHex == Last.HashHex))
                refusal = LedgerRules.OneStory.Refuse($"{stick.Directory} does not hold what this program has written.");
            findings.Add(refusal is null
                ? new Finding(LedgerRules.Chain.Id, "pass", $"{stick.Directory}: {Entries.Length} entries, unbroken, head {Last.HashHex}")
                : new Finding(refusal.Rule, "fail", refusal.Message));
        }
        return new LedgerInspected(LedgerId, Last.Seq, Last.HashHex, findings.ToImmutable());
    }

    public void Dispose()
    {
        foreach (RecordStick stick in _sticks)
            stick.Dispose();
    }

    private static bool TryBegin(IReadOnlyList<string> sticks, string environment, ImmutableArray<Entry> entries,
        [NotNullWhen(true)] out RecordLedger? ledger, [NotNullWhen(false)] out Refusal? refusal)
    {
        ledger = null;
        refusal = RefuseBeginning(sticks, environment);
        if (refusal is not null)
            return false;
        foreach (string directory in sticks)
            RecordStick.Create(directory, entries);
        return TryOpen(sticks, environment, allowCatchUp: false, out ledger, out refusal);
    }

    private static Refusal? RefuseBeginning(IReadOnlyList<string> sticks, string environment) =>
        RefusePlaces(sticks) ?? RefuseDevices(sticks, environment) ?? RefuseOldForm(sticks) ?? RefuseTaken(sticks);

    private static Refusal? RefusePlaces(IReadOnlyList<string> sticks)
    {
        if (sticks.Count != 2)
            return LedgerRules.TwoSticks.Refuse($"{sticks.Count} record sticks are named.");
        FileIdentity?[] places = [.. sticks.Select(d => Posix.Look(d, followLinks: true))];
        for (int i = 0; i < 2; i++)
            if (places[i] is not { Kind: FileKind.Directory })
                return LedgerRules.TwoSticks.Refuse($"{sticks[i]} is not a directory.");
        return places[0]!.IsSameFileAs(places[1]!)
            ? LedgerRules.TwoSticks.Refuse($"{sticks[0]} and {sticks[1]} are the same directory.")
            : null;
    }

    private static Refusal? RefuseOldForm(IReadOnlyList<string> sticks) => sticks.FirstOrDefault(RecordStick.HoldsOldOnly) is { } old
        ? LedgerRules.NewForm.Refuse($"{Path.Combine(old, RecordStick.OldFileName)} is the database of the first program.")
        : null;

    private static Refusal? RefuseTaken(IReadOnlyList<string> sticks) =>
        sticks.FirstOrDefault(d => Posix.Look(RecordStick.PathIn(d)) is not null) is { } taken
        ? LedgerRules.NothingThere.Refuse($"{RecordStick.PathIn(taken)} is already there.")
        : null;

    private static Refusal? RefuseDevices(IReadOnlyList<string> sticks, string environment)
    {
        if (environment != Environments.Production)
            return null;
        string[] devices = [.. sticks.Select(d => BlockDevice.Of(Posix.Look(d, followLinks: true)!.Device))];
        return devices[0] == devices[1]
            ? LedgerRules.TwoDevices.Refuse($"{sticks[0]} and {sticks[1]} are on one device ({devices[0]}).")
            : null;
    }

    /// <summary>One stick with the first entry only and one without a file: the power went while the ledger was created.</summary>
    private static Refusal? FinishCreation(IReadOnlyList<string> sticks, ImmutableArray<Finding>.Builder findings)
    {
        bool[] holds = [.. sticks.Select(RecordStick.Holds)];
        if (holds[0] && holds[1])
            return null;
        if (!holds[0] && !holds[1])
            return LedgerRules.Found.Refuse($"Neither {sticks[0]} nor {sticks[1]} holds a ledger.");
        (string with, string without) = holds[0] ? (sticks[0], sticks[1]) : (sticks[1], sticks[0]);
        Refusal missing = LedgerRules.BothFound.Refuse($"{with} holds a ledger, {without} holds none.");
        if (Posix.Look(RecordStick.PathIn(without)) is not null)
            return missing;
        (RecordStick? stick, Refusal? refusal) = RecordStick.Open(with);
        if (stick is null)
            return refusal;
        using (stick)
        {
            (StickJournal? read, refusal) = stick.ReadWhole();
            if (refusal is not null)
                return refusal;
            if (read is not { Entries: [var first], Rest: 0 })
                return missing;
            RecordStick.Create(without, [first]);
            findings.Add(CaughtUp(without, 1, first, isOld: false));
            return null;
        }
    }

    private static Refusal? OpenBoth(IReadOnlyList<string> sticks, List<RecordStick> opened, List<StickJournal> read)
    {
        foreach (string directory in sticks)
        {
            (RecordStick? stick, Refusal? refusal) = RecordStick.Open(directory);
            if (stick is null)
                return refusal;
            opened.Add(stick);
            (StickJournal? journal, refusal) = stick.ReadWhole();
            if (journal is null)
                return refusal;
            read.Add(journal);
        }
        return null;
    }

    private static Refusal? RefusePair(IReadOnlyList<string> sticks, List<ImmutableArray<Entry>> journals,
        string? environment, bool allowCatchUp)
    {
        // Of a stick whose first block is torn the other one says what it was.
        LedgerCreated[] created = [.. journals.Select(j => (LedgerCreated)(j.IsEmpty ? journals.MaxBy(o => o.Length) : j)[0].Body)];
        if (created[0].LedgerId != created[1].LedgerId)
            return LedgerRules.SameLedger.Refuse(
                $"{sticks[0]} holds ledger {created[0].LedgerId}, {sticks[1]} holds ledger {created[1].LedgerId}.");
        int common = Math.Min(journals[0].Length, journals[1].Length);
        for (int i = 0; i < common; i++)
            if (!journals[0][i].Hash.SequenceEqual(journals[1][i].Hash))
                return LedgerRules.OneStory.Refuse($"The two sticks differ from entry {i + 1} on.");
        if (environment is not null && created[0].Environment != environment)
            return LedgerRules.Environment.Refuse(
                $"This is a ledger of the environment \"{created[0].Environment}\", not \"{environment}\".");
        if (RefuseDevices(sticks, created[0].Environment) is { } devices)
            return devices;
        int behind = Math.Abs(journals[0].Length - journals[1].Length);
        return behind > 1 && !allowCatchUp
            ? LedgerRules.InStep.Refuse(
                $"{sticks[journals[0].Length < journals[1].Length ? 0 : 1]} is {behind} entries behind the other stick.")
            : null;
    }

    private static IEnumerable<Finding> PutRight(List<RecordStick> sticks, List<StickJournal> read)
    {
        ImmutableArray<Entry> longest = read.MaxBy(j => j.Entries.Length)!.Entries;
        for (int s = 0; s < sticks.Count; s++)
        {
            int behind = longest.Length - read[s].Entries.Length;
            if (behind == 0 && read[s].Rest == 0)
                continue;
            if (sticks[s].BringUpTo(longest, read[s]) is var (name, sha256))
                yield return new Finding(LedgerRules.Torn.Id, FindingResults.Warning,
                    $"{sticks[s].Directory}: {read[s].Rest} bytes of a line that was being written stood behind entry "
                    + $"{read[s].Entries.Length}. They were taken away and kept as {name}, SHA-256 {sha256}.");
            // What a torn append has cost is no sign of an old stick.
            bool isOld = behind > 1 && !(read[s].Rest > 0 && TornLine.IsOneAppend(read[s], read[1 - s]));
            if (behind > 0)
                yield return CaughtUp(sticks[s].Directory, behind, longest[^1], isOld);
        }
    }

    private static Finding CaughtUp(string directory, int behind, Entry last, bool isOld) => new(
        LedgerRules.InStep.Id, isOld ? FindingResults.Fail : FindingResults.Warning,
        $"{directory} was {behind} {(behind == 1 ? "entry" : "entries")} behind and was brought up to entry {last.Seq}.");

    private static Refusal? RefuseClock(Entry last, DateTimeOffset utc) => utc.ToUnixTimeMilliseconds() < last.Utc.ToUnixTimeMilliseconds()
        ? LedgerRules.Clock.Refuse(
            $"The clock says {utc:yyyy-MM-dd HH:mm:ss} UTC, entry {last.Seq} was written at {last.Utc:yyyy-MM-dd HH:mm:ss} UTC.")
        : null;
}
