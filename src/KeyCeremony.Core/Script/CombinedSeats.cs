using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace KeyCeremony.Core.Script;

/// <summary>A seat of the roll call.</summary>
/// <param name="Index">1-based within the role.</param>
public sealed record SeatRef(string Role, int Index);

/// <summary>
/// Seats that one person holds together, for teams that are three. What the script says stands in <see cref="CeremonyScript.Combined"/>;
/// whether it is safe, the checker says (CHECK-39 to CHECK-42). docs/formats/script.md, "Combined seats".
/// </summary>
public static partial class CombinedSeats
{
    /// <summary>A person for each line, in the order of the roll call, with every seat that is theirs.</summary>
    public static ImmutableArray<ImmutableArray<SeatRef>> People(CeremonyScript script)
    {
        ArgumentNullException.ThrowIfNull(script);
        ImmutableArray<SeatRef> all =
            [.. script.Seats.SelectMany(seat => Enumerable.Range(1, seat.Count).Select(i => new SeatRef(seat.Role, i)))];
        return [.. all.GroupBy(seat => script.Combined.FirstOrDefault(c => c.Contains(seat), [seat])[0])
            .Select(person => person.ToImmutableArray())];
    }

    /// <summary>"administrator, operator and officer 1".</summary>
    public static string InWords(CeremonyScript script, ImmutableArray<SeatRef> seats)
    {
        ArgumentNullException.ThrowIfNull(script);
        string[] words = [.. seats.Select(seat => InWords(seat, script.SeatsFor(seat.Role)))];
        return words.Length < 2 ? words[0] : $"{string.Join(", ", words[..^1])} and {words[^1]}";
    }

    /// <summary>Who must come, without a full stop: "1 witness, 2 officers", or "3 people: one is witness and officer 2, …".</summary>
    public static string Needed(CeremonyScript script)
    {
        ArgumentNullException.ThrowIfNull(script);
        ImmutableArray<ImmutableArray<SeatRef>> people = People(script);
        return script.Combined.IsEmpty
            ? string.Join(", ", script.Seats.Select(s => $"{s.Count} {s.Role}{(s.Count == 1 ? "" : "s")}"))
            : $"{people.Length} people: {string.Join("; ", people.Select(p => $"one is {InWords(script, p)}"))}";
    }

    /// <summary>What a room loses where these seats are one person's, a sentence for each; empty: nothing is combined.</summary>
    public static ImmutableArray<string> Losses(CeremonyScript script)
    {
        ArgumentNullException.ThrowIfNull(script);
        bool InOne(string a, string b) => script.Combined.Any(c => c.Any(s => s.Role == a) && c.Any(s => s.Role == b));
        return
        [
            .. InOne(Roles.Witness, Roles.Officer)
                ? ["The witness holds a card: nobody in the room is independent of the keys. Where the witness's own card is typed, an "
                    + "officer who holds nothing else looks."]
                : Array.Empty<string>(),
            .. InOne(Roles.Operator, Roles.Officer) || InOne(Roles.Administrator, Roles.Officer)
                ? ["Who leads holds a card, and needs one custodian less to open the HSM."]
                : Array.Empty<string>(),
            .. InOne(Roles.Administrator, Roles.Operator)
                ? ["Who reads aloud also types: that something else is typed than was read, the witness alone can notice."]
                : Array.Empty<string>(),
        ];
    }

    /// <summary>Null: these are not two seats or more that the script has.</summary>
    /// <param name="text">Seats with a comma and a blank between: <c>administrator, operator, officer 1</c>.</param>
    internal static ImmutableArray<SeatRef>? Read(string text, ImmutableArray<Seat> seats)
    {
        ImmutableArray<SeatRef>.Builder read = ImmutableArray.CreateBuilder<SeatRef>();
        foreach (string part in text.Split(", "))
        {
            Match match = SeatPattern().Match(part);
            int count = seats.FirstOrDefault(s => s.Role == match.Groups["role"].Value)?.Count ?? 0;
            bool isNumbered = match.Groups["number"].Success;
            int index = isNumbered ? int.Parse(match.Groups["number"].ValueSpan, CultureInfo.InvariantCulture) : 1;
            if (!match.Success || index > count || isNumbered != count > 1)
                return null;
            read.Add(new SeatRef(match.Groups["role"].Value, index));
        }
        return read.Count < 2 ? null : read.ToImmutable();
    }

    private static string InWords(SeatRef seat, int count) =>
        count == 1 ? seat.Role : string.Create(CultureInfo.InvariantCulture, $"{seat.Role} {seat.Index}");

    [GeneratedRegex(@"^(?<role>[a-z]+)(?: (?<number>[1-9]|1[0-6]))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex SeatPattern();
}
