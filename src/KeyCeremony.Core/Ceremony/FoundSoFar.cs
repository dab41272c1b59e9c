using System.Collections.Immutable;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony;

/// <summary>What people were shown in the steps that are done: the last list of findings of each, as it stood on the screen.</summary>
/// <param name="Lines">No secret: what was found stands in the journal.</param>
public sealed record FoundSoFar(Step Step, ImmutableArray<string> Lines)
{
    /// <summary>The ceremony is led once more, from its own entries. In the order of the steps; the present step is left out.</summary>
    /// <param name="journal">The ledger with the running ceremony.</param>
    public static ImmutableArray<FoundSoFar> Of(ImmutableArray<Entry> journal, CeremonyState now)
    {
        ArgumentNullException.ThrowIfNull(now);
        int opening = journal.Select((entry, at) => (entry, at))
            .Where(e => e.entry.Body is CeremonyOpened && e.entry.Ceremony == now.Id).Select(e => e.at).LastOrDefault(-1);
        if (opening < 0)
            return [];
        var found = new SortedDictionary<int, FoundSoFar>();
        CeremonyState state = Replay.Open(now.Script, Replay.WorldAfter(journal.Take(opening)), journal[opening]);
        foreach (Entry entry in journal.Skip(opening + 1))
        {
            if (entry.Body is Answered answered && state.Step is { } step
                && Director.Next(state) is Ask { Question: { EvidenceLines: { Length: > 0 } lines } question }
                && question.Id == answered.Question)
                found[state.StepIndex] = new FoundSoFar(step, lines);
            state = Replay.Apply(state, entry);
        }
        return [.. found.Where(f => f.Key < now.StepIndex).Select(f => f.Value)];
    }
}
