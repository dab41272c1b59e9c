using System.Collections.Immutable;
using System.Text.RegularExpressions;
using KeyCeremony.App.Terminal;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Script;

namespace KeyCeremony.App.Commands;

/// <summary>The lines of the first menu: what goes on, then the ceremonies by their occasions.</summary>
internal static partial class StartMenu
{
    public const string GoingOn = "To go on";
    public const string Looking = "To look and to mend";

    /// <summary>What is unfinished: it stands first, and whoever presses Enter at once goes on with it.</summary>
    public static MenuEntry Resume(CeremonyState running) => new(GoingOn, $"Resume: {running.Script.Title}",
    [
        $"{running.Id} was opened on {running.World.Ceremonies[^1].OpenedUtc:yyyy-MM-dd HH:mm} UTC and rests since "
            + $"{running.Last.Utc:yyyy-MM-dd HH:mm} UTC, at entry {running.Last.Seq}.",
        running.Step is { } step ? $"Next: step {step.Number} of {running.Script.Steps.Length}, {step.Title}." : "All steps are done.",
        running.People.IsEmpty ? Present(running.Script)
            : $"Must be present: {string.Join(", ", Attendant.Of(running.People).Select(p => $"{p.Name} ({p.Roles})"))}.",
    ]);

    /// <param name="beside">In its place: an earlier ledger is put aside, so the ledger has no say.</param>
    public static MenuEntry Begin(CeremonyScript script, World world, DateTimeOffset utc, string? beside = null) => new(
        Occasion.Of(script).Title, script.Title,
        beside is null ? About(script) : About(script).Add(beside), beside is null ? Occasion.WhyNot(world, script, utc) : null);

    /// <summary>By occasion; within one what makes a CA's key stands first, then by the scripts' names.</summary>
    public static ImmutableArray<T> ByOccasion<T>(IEnumerable<T> scripts, Func<T, CeremonyScript> script) =>
        [.. scripts.OrderBy(s => Occasion.All.IndexOf(Occasion.Of(script(s))))
            .ThenBy(s => !script(s).Steps.Any(step => step is GenerateKeyStep { Purpose: KeyPurposes.Ca }))
            .ThenBy(s => script(s).Name, StringComparer.Ordinal)];

    /// <summary>What it does, who must be there, how long it takes.</summary>
    public static ImmutableArray<string> About(CeremonyScript script)
    {
        string first = script.Introduction.Split("\n\n")[0].Replace('\n', ' ');
        Match time = Duration().Match(first);
        return [Duration().Replace(first, "").Trim(), Present(script),
            $"Time: {(time.Success ? time.Groups["time"].Value : "the script does not say")}. "
                + $"Script: {script.Name}.md, version {script.Version}, {script.Steps.Length} steps."];
    }

    private static string Present(CeremonyScript script) => script.Combined.IsEmpty
        ? $"Must be present: {CombinedSeats.Needed(script)}."
        : $"Must be present: {CombinedSeats.People(script).Length} people, in {script.Seats.Sum(s => s.Count)} seats.";

    /// <summary>As the introductions of scripts say it, to be read aloud.</summary>
    [GeneratedRegex(@" *Allow (?<time>[^.]*)\.")]
    private static partial Regex Duration();
}
