using System.Collections.Immutable;

namespace KeyCeremony.App.Terminal.Pages;

/// <summary>What the keys do and what the words of the room mean: the same on every screen.</summary>
internal static class HelpTexts
{
    public static readonly ImmutableArray<(string Key, string What)> Keys =
    [
        ("Enter", "gives the answer that stands on the screen"),
        ("F1", "this help"),
        ("F2", "undo: takes back the last answer while nothing has been done with it"),
        ("F3", "break: two people or more stay in the room"),
        ("F4", "report: whatever was different from the script; the witness signs it off"),
        ("F5", "found: everything the appliance found so far, on the whole screen; left and right arrow fold a step, - and + all"),
        ("F6", "where we are: all steps, all people, what the words mean"),
        ("F7", "ledger: what it knows of certificates, keys, cards, bags, lists, people; Tab sorts, Shift and Tab turns it round"),
        ("F7 or ^T", "while a card is typed: hides or shows the words"),
        ("F8", "big view for a room that looks at a wall; once more: back"),
        ("F8 or ^X", "while a card is typed: clears all words and starts again"),
        ("F9", "abort: the ceremony ends without its goal"),
        ("F12", "keyboard: its layout and a line to try it out, at the appliance's own screen"),
        ("F10 or ^C", "leave: go on, take a break, or stop the program; what is recorded stays"),
        ("/", "searches a long text: here, in what was found (F5), where (F6); n next, N previous"),
        ("PgUp PgDn", "scroll what is read aloud; also ^B and ^F"),
        ("Tab", "turns to another part: what is read aloud, what was found, the steps; arrows scroll it, Enter or Esc goes back"),
        ("mouse", "in the window of a rehearsal: marks a line, scrolls, turns to a part, and answers nothing; with Shift it copies text"),
        ("^L", "draws the screen anew"),
    ];

    public static readonly ImmutableArray<(string Word, string Meaning)> Glossary =
    [
        ("ledger", "the record on the two record sticks: every entry is chained to the one before, none is ever changed"),
        ("head", "the hash of the ledger's last entry; whoever knows it knows that nothing before was changed"),
        ("HSM", "the device that makes the keys and keeps them; a key never leaves it in readable form"),
        ("share, card", "one part of a secret as numbered words; fewer than the quorum say nothing about it"),
        ("quorum", "how many officers must bring their cards together"),
        ("activation", "the shares that unlock the HSM: its PIN exists only while a quorum is here"),
        ("backup", "the shares of the key that wraps the private keys"),
        ("drill", "the backup is brought back into a second HSM before anybody relies on it"),
        ("preview", "the exact certificate, looked at before the key exists"),
        ("exception", "whatever was different from the script; the ceremony cannot close while one is open"),
        ("bundle", "what leaves the room: certificates, journal, report; anybody can verify it"),
    ];
}
