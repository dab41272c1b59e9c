using System.Collections.Immutable;
using KeyCeremony.Core;

namespace KeyCeremony.App.Ground;

/// <summary>
/// What the menu calls what a command does. A remedy names the command; where there is a menu and perhaps no shell, it is said with the
/// menu's words, so that it can be followed where it is read.
/// </summary>
internal static class MenuWords
{
    public const string Resume = "Resume";
    public const string Copy = "Copy a record stick onto a new one";
    public const string CatchUp = "Bring a record stick up to date";
    public const string Restore = "Restore the ledger from a bundle";
    public const string Convert = "Convert a ledger of the first program";
    public const string Verify = "Verify a bundle";
    public const string LookUp = "Look things up in the ledger";
    public const string OtherSticks = "Take other sticks";

    private static readonly ImmutableArray<(string Command, string InMenu)> Phrases =
    [
        ("run: keyceremony ledger restore BUNDLE STICK-A STICK-B --trust SHA256-OF-THE-ROOT", Choose(Restore)),
        (": keyceremony ledger restore BUNDLE STICK-A STICK-B --trust SHA256-OF-THE-ROOT", Named(Restore)),
        ("run: keyceremony ledger copy GOOD-STICK NEW-STICK", $"put an empty stick in its place, then {Choose(Copy)}"),
        ("Convert each of the two record sticks: keyceremony ledger convert OLD-STICK NEW-STICK.", $"{Capital(Choose(Convert))}."),
        ("start again with --catch-up", Choose(CatchUp)),
        (": keyceremony verify BUNDLE BUNDLE", Named(Verify)),
        (": keyceremony verify BUNDLE", Named(Verify)),
        ("run the same command again", Choose(Resume)),
        (" Elsewhere start the drive helper first, as root, or name folders that are mounted already with --ledger, --out and --in.", ""),
        ("Name the PKCS#11 module of the HSM's maker with --module.", "Choose another line on the page of the HSMs."),
    ];

    public static Refusal Of(Refusal refusal)
    {
        string remedy = Phrases.Aggregate(refusal.Remedy, (text, phrase) =>
            text.Replace(phrase.Command, phrase.InMenu, StringComparison.Ordinal));
        // A command to be copied has no full stop behind it.
        return refusal with { Remedy = remedy.Length == 0 || remedy.EndsWith('.') ? remedy : remedy + "." };
    }

    private static string Choose(string line) => $"choose \"{line}\" in the menu";

    private static string Named(string line) => $", by \"{line}\" in the menu";

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
