using System.Collections.Immutable;
using KeyCeremony.App.Ground;
using KeyCeremony.App.Ledger;
using KeyCeremony.App.Ledger.FirstProgram;
using KeyCeremony.App.Room;
using KeyCeremony.App.Terminal;
using KeyCeremony.Core;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.App.Commands.Errands;

/// <summary>What is done to record sticks from the menu. None of it overwrites anything.</summary>
internal static class LedgerErrands
{
    public static MenuLine Copy(MenuTable table)
    {
        bool[] holds = [.. table.Records.Select(RecordStick.Holds)];
        int from = holds[0] ? 0 : 1, to = 1 - from;
        Refusal? whyNot = table.NotInUse() ?? (holds[0] == holds[1]
            ? MenuRules.NothingToCopy(holds[0] ? "Both record sticks hold a ledger." : "No record stick holds a ledger.")
            : null);
        return MenuLine.Of(new MenuEntry(StartMenu.Looking, MenuWords.Copy,
            [whyNot is not null ? "A lost or broken record stick is replaced: the ledger of the other one is written onto an empty stick."
                : $"The ledger of {MenuTable.NameOf(from)} is written onto {MenuTable.NameOf(to)}, which has none.",
                "Lists and files beside the ledger go with it. Everything is read back and compared."], whyNot), () =>
        {
            if (!table.Agrees(MenuWords.Copy,
                [$"From {MenuTable.NameOf(from)}, which is only read: {table.Records[from]}",
                    $"To {MenuTable.NameOf(to)}, which holds no ledger: {table.Records[to]}", "",
                    "Do this when a stick was lost, broke, or was put aside as evidence, and you know why. In the next ceremony report "
                        + "it as a deviation (F4): the new stick's serial number is not known to the ledger."],
                $"Copy it onto {MenuTable.NameOf(to)}"))
                return;
            if (table.Sticks is null)
                Directory.CreateDirectory(table.Records[to]);
            (CopiedStick? copied, Refusal? refusal) = table.Front.Work(MenuWords.Copy, "The ledger is written and read back.",
                progress => RecordStickCopy.Make(table.Records[from], table.Records[to], progress));
            if (copied is null)
                table.Tell(MenuWords.Copy, refusal!);
            else
                table.Tell(MenuWords.Copy, copied.InWords);
        });
    }

    /// <param name="behind">Why the ledger is refused while it could be taken with catching up; null: it is not behind.</param>
    /// <param name="agreed">Called when people say that the stick is known to be old.</param>
    public static MenuLine CatchUp(MenuTable table, Refusal? behind, Action agreed) => MenuLine.Of(new MenuEntry(StartMenu.Looking,
        MenuWords.CatchUp,
        [behind?.Message ?? "A record stick that is several entries behind the other one is brought up to its end.",
            "It is written when a ceremony begins or goes on, and the witness signs an exception."],
        behind is null ? MenuRules.NothingBehind("No record stick is further behind than a power cut leaves it.") : null), () =>
        {
            if (table.Agrees(MenuWords.CatchUp,
                [behind!.Message, "",
                    "Do this only when somebody knows why one stick is old, for example because it was left at home in the last ceremony. "
                        + "If nobody knows: stop, both sticks are evidence.", "",
                    "Nothing is written now. When a ceremony begins or goes on, the stick is brought up to date; the ceremony records it "
                        + "(LEDGER-13), and the witness says why it may go on."],
                "It is known to be old; take it"))
                agreed();
        });

    public static MenuLine Restore(MenuTable table) => MenuLine.Of(new MenuEntry(StartMenu.Looking, MenuWords.Restore,
        ["Both record sticks are lost: the ledger begins again where the last bundle ends, on two empty record sticks.",
            "The bundle is verified first, under a root that you name from the binder."],
        table.NotInUse() ?? (RecordLedger.NoneOn(table.Records) ? null : MenuRules.NotEmpty())),
        () => Shelf.ReadBundle(table, MenuWords.Restore, (bundle, name) =>
        {
            if (BundleErrands.AskRoot(table.Front, MenuWords.Restore, mayBeUnknown: false) is not { } options
                || !table.Agrees(MenuWords.Restore,
                    [$"From the bundle {name}.", $"Onto {table.Records[0]} and {table.Records[1]}, which hold no ledger.", "",
                        "The bundle is verified under the root that you named. If it does not verify, nothing is written."],
                    "Verify it and restore the ledger"))
                return;
            foreach (string stick in table.Sticks is null ? table.Records : [])
                Directory.CreateDirectory(stick);
            Refusal? refusal = null;
            string? said = table.Front.Work(MenuWords.Restore, "The bundle is verified, then the ledger is written and read back.",
                _ => BundleRestore.TryRestore(bundle, options, table.Records, table.Clock.GetUtcNow(),
                    out RecordLedger? ledger, out refusal) ? Restored(ledger) : null);
            if (said is null)
                table.Tell(MenuWords.Restore, refusal!);
            else
                table.Tell(MenuWords.Restore, said, "Report it as a deviation in the next ceremony (F4).");
        }));

    /// <summary>Null: there is none to convert.</summary>
    public static MenuLine? Convert(MenuTable table)
    {
        string[] old = [.. table.Records.Where(RecordStick.HoldsOldOnly)];
        return old.Length == 0 ? null : MenuLine.Of(new MenuEntry(StartMenu.Looking, MenuWords.Convert,
            [$"{LedgerRules.NewForm.Text}", "The old file stays as it is."]), () =>
            {
                if (!table.Agrees(MenuWords.Convert,
                    [$"{LedgerRules.NewForm.Id} {LedgerRules.NewForm.Text}", "",
                        "Every entry is checked and replayed first, and the new file is read back from the stick. This is done once.", "",
                        .. old.Select(stick => $"On {MenuTable.NameOf(Array.IndexOf(table.Records, stick))}: {stick}")],
                    "Convert it; the old file stays as it is"))
                    return;
                foreach (string stick in old)
                {
                    (ImmutableArray<Entry> entries, Refusal? refusal) = table.Front.Work(MenuWords.Convert,
                        $"{stick}: the entries are checked and written.", _ => FirstLedger.Convert(stick, stick));
                    if (refusal is not null)
                    {
                        table.Tell(MenuWords.Convert, refusal);
                        return;
                    }
                    table.Tell(MenuWords.Convert, $"{stick}: {entries.Length} entries, read back, head {entries[^1].HashHex}.");
                }
            });
    }

    private static string Restored(RecordLedger ledger)
    {
        using (ledger)
            return $"The ledger {ledger.LedgerId} stands at entry {ledger.Last.Seq} on both sticks.";
    }
}
