using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;

namespace KeyCeremony.App.Ledger;

/// <summary>Everything a record stick can be refused for. docs/formats/journal.md.</summary>
public static class LedgerRules
{
    public static readonly HouseRule TwoSticks = new("LEDGER-01",
        "The ledger is kept on two record sticks in two different directories.",
        "Insert both record sticks and name the directory of each.");

    public static readonly HouseRule TwoDevices = new("LEDGER-02",
        "In production the two record sticks are two devices.",
        "Insert the second record stick; two directories of one device are lost together.");

    public static readonly HouseRule NothingThere = new("LEDGER-03",
        "A ledger is only created, copied or restored where none is: nothing is overwritten.",
        "Use an empty stick, or open the ledger that is there.");

    public static readonly HouseRule Found = new("LEDGER-04",
        "At least one record stick holds a ledger.",
        "Check that the right sticks are inserted. If both are lost, run: "
            + "keyceremony ledger restore BUNDLE STICK-A STICK-B --trust SHA256-OF-THE-ROOT");

    public static readonly HouseRule BothFound = new("LEDGER-05",
        "Both record sticks hold the ledger.",
        "Check that the right stick is inserted. If it was lost or replaced, run: keyceremony ledger copy GOOD-STICK NEW-STICK");

    public static readonly HouseRule Usable = new("LEDGER-06",
        "The ledger file can be opened for reading and writing, and no other program has it open.",
        "Move the stick's switch, or pull it out and plug it in again; then try again. Elsewhere end the other program that has it open.");

    public static readonly HouseRule Readable = new("LEDGER-07",
        "The ledger file can be read to its end.",
        "Put this stick aside: it may be failing. If the other stick is good, run: keyceremony ledger copy GOOD-STICK NEW-STICK");

    /// <summary>As a warning: one stick held a line that was being written when the power went; it was taken away.</summary>
    public static readonly HouseRule Torn = new(CeremonyRules.StickTorn,
        "Behind the last entry nothing stands but, on one stick, the line that was being written when the power went.",
        "If one stick is known to be an old copy, start again with --catch-up. Otherwise put both aside "
            + "as evidence and restore the last bundle: keyceremony ledger restore BUNDLE STICK-A STICK-B --trust SHA256-OF-THE-ROOT");

    public static readonly HouseRule NewForm = new("LEDGER-09",
        "The ledger is a text file, keyceremony.journal; the database keyceremony.ledger of the first program is converted once.",
        "Convert each of the two record sticks: keyceremony ledger convert OLD-STICK NEW-STICK. The old file stays as it is.");

    public static readonly HouseRule Chain = new(CeremonyRules.StickWhole,
        "The entries are an unbroken chain in exact form (JOURNAL-01 to JOURNAL-07), and each line begins with its entry's hash.",
        "Put this stick aside as evidence. If the other stick is good, run: keyceremony ledger copy GOOD-STICK NEW-STICK");

    public static readonly HouseRule SameLedger = new("LEDGER-11",
        "Both record sticks belong to the same ledger.",
        "A stick of another ledger is inserted: insert the two sticks with the same ledger number on their label.");

    public static readonly HouseRule Environment = new("LEDGER-12",
        "The ledger's environment is the one that this program was started for.",
        "Insert the sticks of this environment; nothing crosses from one environment to another.");

    public static readonly HouseRule InStep = new(CeremonyRules.StickBehind,
        "One stick is at most one entry behind the other: that is what a loss of power between the two writes leaves.",
        "If the stick behind is known to be an old copy, start again with --catch-up: "
            + "it is brought up to date and the witness signs an exception.");

    public static readonly HouseRule OneStory = new("LEDGER-14",
        "The shorter journal is the beginning of the longer one.",
        "The sticks tell two stories. Stop, put both aside as evidence, and compare them with the last bundle: keyceremony verify BUNDLE");

    public static readonly HouseRule NotRolledBack = new("LEDGER-15",
        "The ledger reaches at least as far as the head that the HSM keeps.",
        "These sticks are older than the HSM remembers: find the newer ones, or restore the last bundle: "
            + "keyceremony ledger restore BUNDLE STICK-A STICK-B --trust SHA256-OF-THE-ROOT");

    public static readonly HouseRule HeadMatches = new("LEDGER-16",
        "The ledger's entry at the HSM's position has the hash that the HSM keeps.",
        "This HSM and these sticks do not belong together: check the labels of both.");

    public static readonly HouseRule BundleVerified = new("LEDGER-17",
        "A ledger is restored only from a bundle that verifies under a root that is named by --trust or --words.",
        "Name the root from a source of your own, the binder for one; then, if it still does not verify, use another copy of the bundle.");

    public static readonly HouseRule Clock = new("LEDGER-18",
        "No entry is dated before the one it follows.",
        "The computer's clock went back. Nothing was recorded: switch off, set it to UTC in the computer's own settings, and start again.");

    public static readonly HouseRule OldWhole = new("LEDGER-19",
        "The database to be converted is exactly as the first program wrote it, and every row says what its entry says.",
        "Put this stick aside as evidence and convert the other old one. If neither is taken, restore the last bundle: "
            + "keyceremony ledger restore BUNDLE STICK-A STICK-B --trust SHA256-OF-THE-ROOT");

    public static readonly HouseRule OldFinished = new("LEDGER-20",
        "No write of the first program stands unfinished beside the database that is converted.",
        $"Open both old sticks once with the program that wrote them ({FirstProgram.FirstLedger.Program}), "
            + "which finishes that write or takes it back; then convert.");

    public static readonly HouseRule OldReplays = new("LEDGER-21",
        "The entries that are converted are those that the engine writes.",
        "Put this stick aside as evidence and convert the other old one, or restore the last bundle: "
            + "keyceremony ledger restore BUNDLE STICK-A STICK-B --trust SHA256-OF-THE-ROOT");

    public static readonly IReadOnlyList<HouseRule> All =
    [
        TwoSticks, TwoDevices, NothingThere, Found, BothFound, Usable, Readable, Torn, NewForm, Chain, SameLedger,
        Environment, InStep, OneStory, NotRolledBack, HeadMatches, BundleVerified, Clock, OldWhole, OldFinished, OldReplays,
    ];
}
