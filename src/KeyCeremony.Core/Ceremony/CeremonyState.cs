using System.Collections.Immutable;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony;

/// <summary>Where the running ceremony stands. Only <see cref="Replay"/> changes it.</summary>
/// <param name="StepIndex">0-based; equal to the number of steps when all are done.</param>
/// <param name="SoFar">The current step's entries without the withdrawn answers.</param>
/// <param name="Held">Share sets whose secret is in the program's memory.</param>
/// <param name="Unlocked">Whether the primary token is logged in.</param>
/// <param name="Pending">The device attempt that has no end yet.</param>
/// <param name="Interrupted">Whether the pending attempt was cut off: by a failure or because the program was started again.</param>
/// <param name="LedgerStoodAt">When the ledger's last entry before this ceremony was made.</param>
public sealed record CeremonyState(
    CeremonyScript Script,
    string Id,
    World World,
    Entry Last,
    int StepIndex,
    ImmutableArray<Entry> SoFar,
    ImmutableArray<Person> People,
    ImmutableHashSet<string> Held,
    bool Unlocked,
    Attempted? Pending,
    bool Interrupted,
    ImmutableArray<ExceptionRaised> OpenExceptions,
    int ExceptionCount,
    BreakBegan? Break,
    ImmutableDictionary<string, TokenProbed> Probes,
    bool ClosedEntry,
    bool Aborted,
    DateTimeOffset LedgerStoodAt)
{
    /// <summary>
    /// The head at which the program was stopped, while the witness has not yet compared it with what was written down then;
    /// lower-case hex. Null: there is nothing to compare.
    /// </summary>
    public string? StoppedAt { get; init; }

    /// <summary>The hash of the last entry before this ceremony, lower-case hex.</summary>
    public string StoodAt { get; init; } = "";

    /// <summary>What was said already about cards of people who are not here: once a card.</summary>
    public ImmutableHashSet<string> Strangers { get; init; } = [];

    /// <summary>Serial numbers as they were read from the devices, by the field that asked for them; of the steps that are done.</summary>
    public ImmutableDictionary<string, string> Printed { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Steps of which nothing was done because there was nothing to do, by their index.</summary>
    public ImmutableHashSet<int> Skipped { get; init; } = [];

    /// <summary>What was taken out of a sealed bag besides the steps that open bags, and lies in none yet.</summary>
    public ImmutableHashSet<string> OutOfBag { get; init; } = [];

    /// <summary>What was opened of which the ledger knew no bag.</summary>
    public ImmutableHashSet<string> Unbagged { get; init; } = [];

    /// <summary>The keyboard layout that people type with, of <see cref="Keyboards"/>; empty: nobody said.</summary>
    public string Keyboard { get; init; } = "";

    /// <summary>The rules that this ceremony is led by.</summary>
    public int Format => JournalFormats.Of(World.Ceremonies[^1].Opened);

    public Step? Step => StepIndex < Script.Steps.Length ? Script.Steps[StepIndex] : null;

    /// <summary>Every step is done, or the ceremony was aborted: nothing more will be asked.</summary>
    public bool Ended => Aborted || Step is null;

    public IEnumerable<T> Facts<T>() where T : EntryBody => SoFar.Select(e => e.Body).OfType<T>();

    /// <summary>The last value given to this question in the current step, or null.</summary>
    public string? Answer(string question)
    {
        for (int i = SoFar.Length - 1; i >= 0; i--)
            if (SoFar[i].Body is Answered a && a.Question == question)
                return a.Value;
        return null;
    }

    public string NameOf(string role, int index = 1) =>
        People.FirstOrDefault(p => p.Role == role && p.Index == index)?.Name ?? "";

    public ImmutableArray<Person> Officers => [.. People.Where(p => p.Role == Roles.Officer)];

    /// <summary>The set of this name that this ceremony made and did not void.</summary>
    public ShareSetFact? SetHere(string name) => World.Sets.Values
        .Where(s => s.Ceremony == Id && s.Made.Name == name && s.Voided is null)
        .MaxBy(s => s.Made.Set, StringComparer.Ordinal);

    /// <summary>The last fact of this kind in the current step.</summary>
    public T? Latest<T>() where T : EntryBody
    {
        for (int i = SoFar.Length - 1; i >= 0; i--)
            if (SoFar[i].Body is T fact)
                return fact;
        return null;
    }

    /// <summary>
    /// What the current step recorded after the last entry that <paramref name="end"/> is true for; everything when there is none.
    /// </summary>
    public ImmutableArray<EntryBody> Since(Func<EntryBody, bool> end)
    {
        int first = SoFar.Length;
        while (first > 0 && !end(SoFar[first - 1].Body))
            first--;
        return [.. SoFar.AsSpan()[first..].ToArray().Select(e => e.Body)];
    }
}
