using System.Collections.Immutable;
using KeyCeremony.App.Devices;
using KeyCeremony.App.Ground;
using KeyCeremony.App.Terminal;
using KeyCeremony.Core;

namespace KeyCeremony.App.Commands.Errands;

/// <summary>What lies on the table while the menu is shown: real sticks, or folders that play them.</summary>
internal sealed record MenuTable
{
    public required Front Front { get; init; }

    /// <summary>Folders of the two record sticks.</summary>
    public required string[] Records { get; init; }

    /// <summary>The terminal that the room watches on; null: there is none.</summary>
    public string? Witness { get; init; }

    /// <summary>Null: folders play them.</summary>
    public Sticks? Sticks { get; init; }

    /// <summary>Of the ceremony scripts.</summary>
    public required string Scripts { get; init; }

    /// <summary>Where bundles and files are read from without real sticks.</summary>
    public ImmutableArray<(string Name, string Folder)> Shelves { get; init; } = [];

    /// <summary>What time it is when a ledger is restored.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where files are written to without real sticks.</summary>
    public string Out { get; init; } = "";

    /// <summary>By name; asked when an HSM is wanted.</summary>
    public required ImmutableArray<HsmModule> Modules { get; init; }

    /// <summary>The image's own check belongs to the image.</summary>
    public bool IsAppliance { get; init; }

    /// <summary>Why nothing can be read from the record sticks or written to them; null: they are in use.</summary>
    public Refusal? NotInUse()
    {
        if (Sticks is null)
            return null;
        foreach (StickRole role in new[] { StickRole.RecordA, StickRole.RecordB })
            if (!Sticks.InUse.TryGetValue(role, out Stick? stick))
                return StickRules.Missing.Refuse($"{Devices.Sticks.Capital(role.Name)} is not in use.");
            else if (!Sticks.IsThere(stick))
                return StickRules.Vanished.Refuse($"{Devices.Sticks.Capital(role.Name)} ({stick.Drive.InWords}) was pulled out.");
        return null;
    }

    /// <summary>Which of the two sticks this is, in words.</summary>
    public static string NameOf(int record) => record == 0 ? StickRole.RecordA.Name : StickRole.RecordB.Name;

    /// <summary>Shows what came of it, in words that fit a room with a menu.</summary>
    public void Tell(string title, params ImmutableArray<string> text) => Front.Tell(title, text, "Back to the menu");

    public void Tell(string title, Refusal refusal)
    {
        Refusal said = MenuWords.Of(refusal);
        Tell(title, $"{said.Rule}: {said.Message}", "", said.Remedy);
    }

    /// <summary>Says what will be done and asks whether to do it.</summary>
    public bool Agrees(string title, ImmutableArray<string> text, string doIt) =>
        Front.Ask(display => new FrontPage(display, title, text, [doIt, "Go back; nothing is done"])
        {
            Help = ["Nothing is done before you choose it. While it is done the screen says so, and afterwards what was done.",
                "If the power goes in the middle, start again: nothing half done is ever taken for whole."],
        }) == 0;
}

/// <param name="Path">The PKCS#11 module.</param>
/// <param name="Prepare">Called before it is loaded.</param>
/// <param name="Warden">The socket at which its process is asked for; null: it is a child of this one.</param>
internal sealed record HsmModule(string Name, string Path, Action? Prepare = null, string? Warden = null);
