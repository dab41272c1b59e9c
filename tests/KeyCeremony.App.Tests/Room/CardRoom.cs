using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.App.Tests.Room;

/// <summary>A day on which three backup cards were looked for: one is good, one is lost, one comes in other hands.</summary>
internal static class CardRoom
{
    public const string Script = "card-check.md";
    public const string Backup = "0001-backup-1";
    public const string Activation = "0001-activation-1";

    public static SoftwareRoom Checked(SoftwareRoom room)
    {
        Good(room, 1, Backup, 1, "Zug, Bank");
        Lost(room, 2, Backup, 2);
        return Says(room, 3, Backup, 3, ("here", "here"), ("state", "other-hands"), ("who", "Nina Neumann"),
                ("why", "Her predecessor moved away and handed it over in a sealed bag."), ("site", "zug bank"))
            .Saying("check/4/set", "done").Through(Script);
    }

    public static SoftwareRoom Good(SoftwareRoom room, int turn, string set, int card, string site = "") =>
        Says(room, turn, set, card, ("here", "here"), ("state", "type"), ("site", site));

    public static SoftwareRoom Lost(SoftwareRoom room, int turn, string set, int card) =>
        Says(room, turn, set, card, ("here", CardChecked.Lost));

    /// <summary>Typed, then destroyed: two turns.</summary>
    public static SoftwareRoom Burnt(SoftwareRoom room, int turn, string set, int card) => Says(room, turn, set, card,
        ("here", "here"), ("state", CardChecked.Destroyed), ("words", "type"), ("burn", CardChecked.Destroyed));

    public static SoftwareRoom Says(SoftwareRoom room, int turn, string set, int card, params (string Question, string Value)[] said)
    {
        room.Saying($"check/{turn}/set", set).Saying($"check/{turn}/card", $"{card}");
        foreach ((string question, string value) in said)
            room.Saying($"check/{turn}/{question}", value);
        return room;
    }
}
