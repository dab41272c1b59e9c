using System.Diagnostics.CodeAnalysis;
using KeyCeremony.Core;

namespace KeyCeremony.App.Devices;

/// <summary>Finds out who handles the drives: this process when it may mount, else the helper.</summary>
internal static class DriveAccess
{
    /// <param name="places">The folder of places and socket, <see cref="StickRole.DefaultFolder"/>.</param>
    /// <param name="images">Of <see cref="Drives"/>; the helper decides for itself.</param>
    public static bool TryOpen(string places, string? images, [NotNullWhen(true)] out AskDrives? ask,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        string socket = Path.Combine(places, DriveSocket.FileName);
        ask = Mounts.Permitted(KernelView.Real) ? Keeper(KernelView.Real, places, images, MountCalls.geteuid()).Answer
            : File.Exists(socket) ? request => DriveSocket.Ask(socket, request)
            : null;
        refusal = ask is null
            ? StickRules.NotPermitted.Refuse($"This program may not mount sticks, and no drive helper listens at {socket}.")
            : null;
        return ask is not null;
    }

    /// <param name="owner">The user who writes to the sticks.</param>
    public static DriveKeeper Keeper(KernelView kernel, string places, string? images, uint owner) =>
        new(kernel, new Drives(kernel, places, images), new Mounts(kernel, places, owner));
}
