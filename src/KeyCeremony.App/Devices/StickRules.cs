using KeyCeremony.Core;

namespace KeyCeremony.App.Devices;

/// <summary>What a stick can be refused for. The handbook explains each under the same ID: docs/handbook/sticks.md.</summary>
internal static class StickRules
{
    public static readonly HouseRule Missing = new("STICK-01",
        "There is a stick for every part that needs one.",
        "Plug in a stick with the label that is named, then try again.");

    public static readonly HouseRule Ambiguous = new("STICK-02",
        "No two sticks carry the label of one part.",
        "Pull out the stick that does not belong here, then try again.");

    public static readonly HouseRule WriteProtected = new("STICK-03",
        "A stick that is written to is not write-protected.",
        "Nothing is lost. Move its switch, or take another stick with the same label; then try again.");

    public static readonly HouseRule Full = new("STICK-04",
        "A stick has room for what is written to it.",
        "Nothing is lost. Take another stick with the same label; then try again.");

    public static readonly HouseRule Vanished = new("STICK-05",
        "A stick stays plugged in until the screen says that it may be pulled out.",
        "Nothing is lost. Plug it in again, or another one with the same label; then try again.");

    public static readonly HouseRule Lies = new("STICK-06",
        "A stick gives back what was written to it.",
        "Nothing is lost. Do not use this stick again: it claims more than it can hold, or it is broken. "
            + "Take another one with the same label; then try again.");

    public static readonly HouseRule Silent = new("STICK-07",
        "A stick goes on answering.",
        "Nothing is lost. Pull it out, take another one with the same label; then try again.");

    public static readonly HouseRule Unreadable = new("STICK-08",
        "A stick carries FAT32, exFAT or ext4, whole.",
        "Prepare the stick anew on another computer, or take another one; then try again.");

    public static readonly HouseRule Busy = new("STICK-09",
        "A place that a stick is mounted at is free, and a stick that is taken away is not in use.",
        "Pull the stick out, plug it in again, then try again; if it stays so, start the computer anew. "
            + "Elsewhere end the program that uses the stick.");

    public static readonly HouseRule Exchanged = new("STICK-10",
        "The stick is still the one that was shown.",
        "Look at the sticks again, then try again.");

    public static readonly HouseRule NotPermitted = new("STICK-11",
        "This program may mount sticks, or the drive helper does it.",
        "Start the appliance anew. Elsewhere start the drive helper first, as root, or name folders that are mounted already with "
            + "--ledger, --out and --in.");

    public static readonly HouseRule NoHelp = new("STICK-12",
        "The drive helper answers as docs/formats/drives.md says.",
        "Nothing is lost. Try again; if it stays so, leave the ceremony and start the computer anew.");

    public static readonly HouseRule Forbidden = new("STICK-13",
        "The drive helper does what its page says and nothing else.",
        "No part of the ceremony asks for this. If you did not either, stop: something else on this computer did.");

    public static readonly HouseRule Failing = new("STICK-14",
        "A stick answers without errors.",
        "Nothing is lost. Take another stick with the same label; then try again.");

    public static readonly IReadOnlyList<HouseRule> All =
        [Missing, Ambiguous, WriteProtected, Full, Vanished, Lies, Silent, Unreadable,
            Busy, Exchanged, NotPermitted, NoHelp, Forbidden, Failing];
}
