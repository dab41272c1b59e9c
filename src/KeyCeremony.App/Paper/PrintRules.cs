using KeyCeremony.Core;
using KeyCeremony.Core.Script;

namespace KeyCeremony.App.Paper;

/// <summary>Why no paper is written.</summary>
internal static class PrintRules
{
    public static Refusal NoCards(CeremonyScript script) =>
        new("PRINT-01", $"The script {script.Name} deals no cards.", "Cards belong to a script with a step that says do: deal-shares.");

    public static Refusal NoBags(CeremonyScript script) =>
        new("PRINT-02", $"The script {script.Name} seals no bag.", "Labels belong to a script with a step that says do: seal-bags.");

    public static Refusal NoPdfOnATerminal() =>
        new("PRINT-03", "A PDF cannot be shown on a terminal.", "Name a new file with --out.");

    public static Refusal OneSource() =>
        new("PRINT-04", "The bags' numbers were to come from a bundle and from a record stick.", "Name one of them.");

    /// <param name="why">A sentence.</param>
    public static Refusal NoNumbers(string source, string why) =>
        new("PRINT-05", $"No bag's number can be taken from {source}: {why}", "Verify it; or leave it out, and write the numbers by hand.");
}
