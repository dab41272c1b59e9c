using System.Collections.Immutable;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.Core.Ceremony;

/// <summary>
/// How long this ceremony has been going on, and how long it will go on when it goes as the last ones of the same script went. Breaks, and
/// the time during which the program was stopped, are not counted. Everything comes from the journal and the clock.
/// </summary>
public sealed class Pace
{
    /// <summary>More would compare with people and devices of years ago.</summary>
    private const int MostRemembered = 3;

    private readonly TimeSpan _spent;
    private readonly TimeSpan _spentHere;
    private readonly TimeSpan _typicalHere;
    private readonly TimeSpan _typicalBehind;
    private readonly DateTimeOffset _last;
    private readonly bool _rests;

    private Pace(CeremonyState s, Run here, ImmutableArray<Run> before)
    {
        Compared = before.Length;
        _last = s.Last.Utc;
        _rests = here.Rests || s.Ended;
        _spent = here.Total;
        if (s.Step is { } step)
            (_spentHere, _typicalHere) = (here.Of(step.Id), Typical(before, step.Id));
        _typicalBehind = s.Script.Steps.Skip(s.StepIndex + 1).Aggregate(TimeSpan.Zero, (sum, later) => sum + Typical(before, later.Id));
    }

    /// <summary>With how many earlier ceremonies the time that is left was reckoned.</summary>
    public int Compared { get; }

    /// <param name="journal">The ledger with the running ceremony.</param>
    public static Pace Of(ImmutableArray<Entry> journal, CeremonyState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        string name = state.Script.Name;
        HashSet<string> closed = [.. state.World.Ceremonies.Where(c => c.End == "closed" && c.Id != state.Id && c.Opened.Name == name)
            .TakeLast(MostRemembered).Select(c => c.Id)];
        var runs = new Dictionary<string, Run>();
        foreach (Entry entry in journal)
            if (entry.Ceremony == state.Id || closed.Contains(entry.Ceremony))
            {
                if (!runs.TryGetValue(entry.Ceremony, out Run? run))
                    runs[entry.Ceremony] = run = new Run();
                run.Add(entry);
            }
        Run here = runs.GetValueOrDefault(state.Id) ?? new Run();
        return new Pace(state, here, [.. runs.Where(r => r.Key != state.Id).Select(r => r.Value)]);
    }

    /// <summary>Since it was opened.</summary>
    public TimeSpan Elapsed(DateTimeOffset utc) => _spent + Open(utc);

    /// <summary>Null when no ceremony of this script was closed in this ledger.</summary>
    public TimeSpan? Left(DateTimeOffset utc)
    {
        if (Compared == 0)
            return null;
        TimeSpan here = _typicalHere - _spentHere - Open(utc);
        return _typicalBehind + (here > TimeSpan.Zero ? here : TimeSpan.Zero);
    }

    /// <summary>Since the last entry.</summary>
    private TimeSpan Open(DateTimeOffset utc) => _rests || utc < _last ? TimeSpan.Zero : utc - _last;

    /// <summary>The middle of the last ones; of two the shorter. A step that none of them had takes no time that is known.</summary>
    private static TimeSpan Typical(ImmutableArray<Run> before, string step)
    {
        TimeSpan[] took = [.. before.Where(run => run.Has(step)).Select(run => run.Of(step)).Order()];
        return took.Length == 0 ? TimeSpan.Zero : took[(took.Length - 1) / 2];
    }

    /// <summary>One ceremony: what each of its steps took.</summary>
    private sealed class Run
    {
        private readonly Dictionary<string, TimeSpan> _steps = [];
        private DateTimeOffset? _before;

        public bool Rests { get; private set; }

        public TimeSpan Total => _steps.Values.Aggregate(TimeSpan.Zero, (sum, step) => sum + step);

        public bool Has(string step) => _steps.ContainsKey(step);

        public TimeSpan Of(string step) => _steps.GetValueOrDefault(step);

        public void Add(Entry entry)
        {
            if (_before is { } before && !Rests && entry.Body is not Reopened)
                _steps[entry.Step] = Of(entry.Step) + (entry.Utc - before);
            Rests = entry.Body switch
            {
                BreakBegan => true,
                BreakEnded => false,
                _ => Rests,
            };
            _before = entry.Utc;
        }
    }
}
