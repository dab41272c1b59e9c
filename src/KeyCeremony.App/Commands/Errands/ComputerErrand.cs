using System.Collections.Immutable;
using KeyCeremony.App.Room;
using KeyCeremony.App.Terminal;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.App.Commands.Errands;

/// <summary>What this computer is, once more; and on the appliance the image's look at itself from inside.</summary>
internal static class ComputerErrand
{
    public const string Title = "KeyCeremony: what this computer is";

    public static MenuLine Line(MenuTable table) => MenuLine.Of(new MenuEntry(StartMenu.Looking,
        "What this computer is, and its self-check",
        ["The first page once more: networks, disks, devices, the image's hash; as the ceremony will record it (GATE).",
            table.IsAppliance ? "Then the image tries from inside what may not be possible (SELF). Nothing is changed."
                : "The image's own check is on the appliance. Nothing is changed."]), () =>
        {
            ImmutableArray<Finding> found = table.Front.Work(Title, "The computer is looked at.", _ => Look(table.IsAppliance));
            int failed = found.Count(f => f.Result == FindingResults.Fail);
            table.Tell(Title, [.. FindingText.Lines(found), "", $"{found.Length} lines, {failed} failed."]);
        });

    /// <summary>The page about the computer: the gate, as the ceremony will record it, with the values that are published.</summary>
    /// <param name="keyboard">With which layout people type, as a line.</param>
    public static FrontPage Page(Display display, string keyboard, ImmutableArray<Finding> found) => new(display, Title,
        [keyboard, .. FindingText.Lines(found)],
        ["It is as published; go on", "Switch off"])
    {
        Back = null,
        Help =
        [
            "The witness compares the words of the image's hash and of the verity root with the binder, and reads the list of devices: "
                + "nothing that nobody expects. FAIL of a GATE rule forbids a production ceremony.",
            "Nothing is recorded yet; the ceremony records the same lines in its step about the appliance. "
                + "If anything differs, switch off.",
        ],
    };

    public static ImmutableArray<Finding> Gate() => [.. new ApplianceGate("/", Hardening.MemoryLocks(), []).Inspect().Findings];

    private static ImmutableArray<Finding> Look(bool isAppliance) =>
        [.. isAppliance ? SelfCheckCommand.OfImage().Run() : [], .. Gate()];
}
