using KeyCeremony.Core;

namespace KeyCeremony.App.Commands.Errands;

/// <summary>Why a line of the menu has nothing to do. The handbook explains each: docs/handbook/rules.md.</summary>
internal static class MenuRules
{
    public static Refusal NothingToCopy(string why) => new("MENU-01", why,
        "A ledger is copied from a record stick that has one onto an empty one: plug an empty stick with the label of the lost one in its "
            + "place.");

    public static Refusal NothingBehind(string why) => new("MENU-02", why,
        "Nothing is to be done. One entry that a power cut kept from a stick is written when a ceremony begins or goes on.");

    public static Refusal NotEmpty() => new("MENU-03", "A record stick holds a ledger.",
        "A ledger is restored onto two empty record sticks: put these aside, and plug two empty ones with the same labels in their place.");

    public static Refusal NoLedger() => new("MENU-04", "No record stick holds a ledger yet.",
        "What is looked up are a ledger's entries: take the sticks of a ceremony, or verify a bundle.");

    public static Refusal NeedsScreen() => new("MENU-05", "Codes are drawn, and this terminal shows lines only.",
        "Carry the file out on the export stick.");

    public static Refusal NothingThere(string wanted, string place) => new("MENU-06", $"There is {wanted} on {place}.",
        "Look at the stick on another computer, or take another one.");

    public static Refusal NoModule() => new("MENU-07", "No HSM's module is on this computer.",
        "The appliance has the modules of its HSMs; elsewhere install the maker's package.");

    public static Refusal NoStick(string where) => new("MENU-08", $"Nothing can be read: {where}",
        "Plug in the import stick, or the export stick with the file, then try again.");
}
