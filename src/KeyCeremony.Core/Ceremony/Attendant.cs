using System.Collections.Immutable;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.Core.Ceremony;

/// <summary>Somebody in the room, with every seat that is theirs.</summary>
/// <param name="Seats">In the order of the roll call; one, where the script combines none.</param>
public sealed record Attendant(string Name, ImmutableArray<Person> Seats)
{
    /// <summary>Each person once, in the order of the roll call.</summary>
    public static ImmutableArray<Attendant> Of(IEnumerable<Person> people) =>
        [.. people.GroupBy(p => p.Name, StringComparer.Ordinal).Select(g => new Attendant(g.Key, [.. g]))];

    /// <summary>"officer", or "witness, officer": where each person has one seat, people know its number themselves.</summary>
    public string Roles => string.Join(", ", Seats.Select(s => s.Role));
}
