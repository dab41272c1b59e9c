using System.Collections.Immutable;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Manifest.Devices;

/// <summary>A row that cannot be taken.</summary>
/// <param name="Line">From 1; the header of a CSV is line 1.</param>
/// <param name="Column">In bytes, from 1; of the field that is wrong.</param>
public sealed record DeviceListProblem(long Line, int Column, Refusal Refusal)
{
    public override string ToString() => $"line {Line}, column {Column}: {Refusal.Rule} {Refusal.Message}";
}

/// <summary>Why a device list cannot be taken.</summary>
/// <param name="First">In the order of the list, at most <see cref="MostTold"/>; at least one.</param>
/// <param name="More">How many rows more are wrong.</param>
public sealed record DeviceListProblems(ImmutableArray<DeviceListProblem> First, long More)
{
    /// <summary>Somebody has to read them; the next run tells the next.</summary>
    public const int MostTold = 100;

    /// <summary>All in one: the first problem, and how many more there are.</summary>
    public Refusal Refusal
    {
        get
        {
            (DeviceListProblem? first, long others) = (First[0], First.Length - 1 + More);
            return first.Refusal with
            {
                Message = $"Line {first.Line}, column {first.Column}: "
                    + $"{first.Refusal.Message}{(others > 0 ? $" {others} more rows are wrong." : "")}",
            };
        }
    }

    internal static DeviceListProblems Of(long line, PkiRule rule, string message, string remedy) =>
        new([new DeviceListProblem(line, 1, rule.Refuse(message, remedy))], 0);
}

/// <summary>Gathers problems in the order of the list and forgets what nobody would read.</summary>
internal sealed class ProblemList
{
    private readonly List<DeviceListProblem> _first = [];

    public long Count { get; private set; }

    public void Add(DeviceListProblem problem)
    {
        Count++;
        if (_first.Count < DeviceListProblems.MostTold)
            _first.Add(problem);
    }

    public void Add(ProblemList later)
    {
        foreach (DeviceListProblem problem in later._first)
            Add(problem);
        Count += later.Count - later._first.Count;
    }

    public void Clear()
    {
        _first.Clear();
        Count = 0;
    }

    /// <summary>Null when there is none.</summary>
    public DeviceListProblems? Problems() => Count == 0 ? null : new([.. _first], Count - _first.Count);
}
