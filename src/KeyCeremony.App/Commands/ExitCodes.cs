using System.Collections.Immutable;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Commands;

/// <summary>What the program says by its exit code: the same in every command. docs/handbook/commands.md has the table.</summary>
internal static class ExitCodes
{
    /// <summary>The command line was not understood.</summary>
    public const int Usage = VerifyReport.UsageCode;

    /// <summary>Something is due within the days that were asked about.</summary>
    public const int Soon = 7;

    /// <summary>Something is overdue.</summary>
    public const int Overdue = 8;

    private static readonly ImmutableArray<string> Judges = ["verify", "register", "due", "rehearse"];

    /// <summary>Commands that only some codes belong to are named by their paths; none: it belongs to all.</summary>
    public static ImmutableArray<ExitCodeRow> All { get; } =
    [
        new(0, "Done; what was asked for is so.", []),
        new(1, "Refused, or something was found that is not as it must be: the error output has the rule and what to do.", []),
        new(Usage, "The command line was not understood, or its parts do not go together. Nothing was read and nothing begun.", []),
        new(3, "Every check passed, and nobody's identity was asked, because no root was named.", ["verify", "rehearse"]),
        new(4, "A bundle is not whole, or holds more than it should.", Judges),
        new(5, "There is no bundle at the place that was named; for register and due, no ledger either.", Judges),
        new(6, "A later program made the bundle: nothing is said for or against it.", Judges),
        new(Soon, "Something has to be done within the days that were asked about, and nothing is overdue.", ["due"]),
        new(Overdue, "Something is overdue.", ["due"]),
        new(LastNet.ExitCode, "The program has a fault (PROGRAM-01). What was recorded before is whole.", []),
        new(Interruptible.ExitCode, "Interrupted, as by Ctrl-C; what was begun was taken away again.", []),
    ];

    public static ImmutableArray<ExitCodeRow> Of(string path) => [.. All.Where(row => row.Commands.IsEmpty || row.Commands.Contains(path))];
}

/// <param name="Commands">The paths of the commands that have it; empty: all.</param>
internal sealed record ExitCodeRow(int Code, string Meaning, ImmutableArray<string> Commands);
