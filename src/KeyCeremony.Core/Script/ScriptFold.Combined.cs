using System.Collections.Immutable;

namespace KeyCeremony.Core.Script;

/// <summary>What one person may be at once.</summary>
internal sealed partial class ScriptFold
{
    /// <summary>
    /// Nobody confirms what they typed themselves, nobody sees two cards, and somebody looks where the witness types. What is lost even so
    /// is a warning, for the reviewer and for whoever verifies the bundle.
    /// </summary>
    private void CheckCombined()
    {
        foreach (ImmutableArray<SeatRef> person in script.Combined)
        {
            bool Is(string role) => person.Any(seat => seat.Role == role);
            string who = $"One person would be {CombinedSeats.InWords(script, person)}";
            if (Is(Roles.Witness) && (Is(Roles.Administrator) || Is(Roles.Operator)))
                Error(CheckRules.TypesAndConfirms, $"{who}: the witness would confirm what the same person typed.",
                    "Combine the witness with an officer, or with nobody.");
            if (Is(Roles.Witness) && person.Any(seat => seat is { Role: Roles.Officer, Index: 1 }))
                Error(CheckRules.TypesAndConfirms, $"{who}: the first officer answers for the officers, and the witness confirms it.",
                    "Combine the witness with another officer.");
            if (Is(Roles.Auditor))
                Error(CheckRules.TypesAndConfirms, $"{who}: the auditor would judge what the same person did.",
                    "Leave the auditor out of `combined`: whoever was not in the room verifies.");
            if (person.Count(seat => seat.Role == Roles.Officer) > 1)
                Error(CheckRules.TwoCards, $"{who}: two cards of a set would be in one hand.",
                    "Let each officer be another person, or seat fewer officers.");
            if (Is(Roles.Witness) && Is(Roles.Officer) && !CombinedSeats.People(script).Any(other => other is [{ Role: Roles.Officer }]))
                Error(CheckRules.WitnessAlone, $"{who}, and nobody is left to look where that person's own card is typed.",
                    "Seat an officer who is nothing else.");
        }
        foreach (string lost in CombinedSeats.Losses(script))
            Warn(CheckRules.Combined, lost, "Where enough people are there, leave `combined` out.");
    }
}
