using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony.Steps;

/// <summary>
/// Where a script combines seats, the witness may hold a card. Nobody confirms what they typed themselves, so an officer who holds nothing
/// else looks where it is the witness who types: officers witness each other. Scripts whose people have one seat each know nothing of it.
/// </summary>
internal static class SecondWitness
{
    public const string Word = "seen";

    /// <summary>Who looks in the place of the witness, when it is this person who types; null: the witness does.</summary>
    public static Person? For(CeremonyState s, string person) =>
        s.Script.Combined.IsEmpty || !IsSame(person, s.NameOf(Roles.Witness)) ? null
            : s.People.FirstOrDefault(p => p.Role == Roles.Officer && s.People.Count(other => IsSame(other.Name, p.Name)) == 1);

    /// <summary>Who says why the witness brings the card of somebody else, and signs that off; null: the witness does.</summary>
    public static Person? For(CeremonyState s, ExceptionRaised raised) => raised.Rule == CeremonyRules.Stranger
        && raised.What.Contains(Shares.PresentedBy(s.NameOf(Roles.Witness)), StringComparison.Ordinal)
        ? For(s, s.NameOf(Roles.Witness)) : null;

    /// <summary>The word of that officer about a card in the witness's hands.</summary>
    public static Question Look(string id, Person second, string witness, string card) => new(id, second.Role, second.Index,
        $"{second.Name}, in the witness's place: was {witness} alone at the screen, with {card} and no other?",
        AnswerKind.Typed, $"Type {Word} when it was so and nobody else saw the card. {witness} is the witness, and nobody confirms what "
            + "they typed themselves. If it was not so, report a deviation (F4).", Word);

    private static bool IsSame(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
