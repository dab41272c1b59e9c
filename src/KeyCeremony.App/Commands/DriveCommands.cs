using System.CommandLine;
using KeyCeremony.App.Devices;
using KeyCeremony.Core;

namespace KeyCeremony.App.Commands;

/// <summary><c>keyceremony drives</c> and the helper that mounts for a program without rights.</summary>
internal static class DriveCommands
{
    public static Option<string> Places() =>
        new("--places") { Description = "The folder under which sticks are mounted.", DefaultValueFactory = _ => StickRole.DefaultFolder };

    public static Option<string?> Images() =>
        new("--images") { Description = "Rehearsal only: a folder whose image files, on loop devices, play sticks." };

    public static Command List()
    {
        Option<string> places = Places();
        Option<string?> images = Images();
        var command = new Command("drives", "List the removable drives, and which part each would play.") { places, images };
        command.SetAction(parsed => RunCommand.Guarded(() => List(parsed.GetValue(places)!, FullPath(parsed.GetValue(images)))));
        return command;
    }

    public static Command Keep()
    {
        Option<string> places = Places();
        Option<string?> images = Images();
        var owner = new Option<uint>("--uid")
        {
            Description = "The user that runs ceremonies: may ask, and owns what is written.",
            Required = true,
        };
        var command = new Command("drive-helper",
            "Mount sticks for a ceremony that runs without rights; as root. docs/formats/drives.md.") { places, images, owner };
        command.SetAction(
            parsed => RunCommand.Guarded(() => Keep(parsed.GetValue(places)!, FullPath(parsed.GetValue(images)), parsed.GetValue(owner))));
        return command;
    }

    public static string? FullPath(string? folder) => folder is null ? null : Path.GetFullPath(folder);

    private static int List(string places, string? images)
    {
        // Who may not mount and has no helper still sees the drives, but not what is on them.
        DriveList found = DriveAccess.TryOpen(places, images, out AskDrives? ask, out Refusal? refusal) ? new Sticks(ask, places).Look()
            : new Drives(KernelView.Real, places, images).Look();
        var match = new StickMatch(found, StickMatch.None.Choices);
        foreach (Stick stick in match.Sticks)
            Console.WriteLine(match.RoleOf(stick) is { } role ? $"{stick.InWords} = {role.Name}" : stick.InWords);
        if (match.Sticks.IsEmpty)
            Console.WriteLine("No removable drive is plugged in.");
        foreach (NotOffered other in found.Others)
            Console.WriteLine($"not used: {other.Name}, {other.Why}");
        if (refusal is not null)
            Console.WriteLine(refusal);
        return 0;
    }

    private static int Keep(string places, string? images, uint owner)
    {
        if (!Mounts.Permitted(KernelView.Real))
            return Words.Refuse(StickRules.NotPermitted.Refuse("The drive helper may not mount anything."));
        Directory.CreateDirectory(places);
        // The user must come through, whatever mask this process was started with.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(places, (UnixFileMode)0b111_101_101);
        DriveKeeper keeper = DriveAccess.Keeper(KernelView.Real, places, images, owner);
        string socket = Path.Combine(places, DriveSocket.FileName);
        DriveSocket.Serve(socket, owner, keeper.Answer, () => Console.WriteLine($"listening at {socket} for user {owner}"));
        return 0;
    }
}
