using System.Collections.Immutable;

namespace KeyCeremony.Core.Script;

/// <summary>
/// Plays a script in the mind: every step is folded over a model of the room, the ledger and the HSM, and what
/// could not be done in that order, or is left open at the end, is found before anybody enters the room.
/// </summary>
public static class ScriptCheck
{
    /// <param name="profiles">The certificate profiles that exist; null: names are not compared.</param>
    /// <param name="witnessIsMandatory">False for a script that was recorded before a witness and a text before each device were: then
    /// their lack is a warning.</param>
    /// <param name="askedAreSeated">False for a script that was recorded before format 5: that nobody sits where the program itself asks
    /// is a warning there.</param>
    /// <returns>In the order of the steps; empty when nothing was found. Lines are of the composed text.</returns>
    public static ImmutableArray<ScriptFinding> Check(CeremonyScript script, IReadOnlySet<string>? profiles = null,
        bool witnessIsMandatory = true, bool askedAreSeated = true)
    {
        var fold = new ScriptFold(script, profiles);
        fold.Begin(witnessIsMandatory, askedAreSeated);
        foreach (Step step in script.Steps) fold.Take(step);
        fold.End();
        return [.. fold.Findings];
    }
}
