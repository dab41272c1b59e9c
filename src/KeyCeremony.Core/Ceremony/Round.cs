using KeyCeremony.Core.Journal;

namespace KeyCeremony.Core.Ceremony;

/// <summary>What was said in a part of a step: <see cref="CeremonyState.Since"/> cuts it out.</summary>
internal static class Round
{
    /// <summary>The last value given to this question, or null.</summary>
    public static string? Answer(this IEnumerable<EntryBody> round, string question) =>
        round.OfType<Answered>().LastOrDefault(a => a.Question == question)?.Value;
}
