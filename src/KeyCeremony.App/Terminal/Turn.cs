using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.App.Terminal;

/// <summary>Whose turn it is, in words.</summary>
internal static class Turn
{
    /// <summary>A name with its role, the name of somebody who has no seat, or the role while nobody is named.</summary>
    public static string Of(CeremonyState state, Question question)
    {
        string name = state.NameOf(question.By, question.Seat);
        // In the first format nobody was asked who comes with a card.
        bool anybody = question.Share is { Share: 0 } && state.Format < JournalFormats.Replayed;
        string role = state.Script.SeatsFor(question.By) > 1 && !anybody ? $"{question.By} {question.Seat}" : question.By;
        return question.Guest.Length > 0 ? question.Guest
            : anybody ? $"an {Roles.Officer}" : name.Length > 0 ? $"{name} ({role})" : $"the {role}";
    }
}
