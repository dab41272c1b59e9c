using System.Collections.Immutable;
using System.CommandLine;
using KeyCeremony.App.Ledger;
using KeyCeremony.App.Ledger.FirstProgram;
using KeyCeremony.App.Room;
using KeyCeremony.Core;
using KeyCeremony.Core.Journal;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Commands;

/// <summary><c>keyceremony ledger</c>: what is done with record sticks outside a ceremony.</summary>
internal static class LedgerCommands
{
    public static Command Make()
    {
        var from = new Argument<string>("good-stick") { Description = "The stick that is whole." };
        var to = new Argument<string>("new-stick") { Description = "An empty stick." };
        var copy = new Command("copy", "Copy the ledger to a new record stick.") { from, to };
        copy.SetAction(parsed => RunCommand.Guarded(() =>
        {
            (CopiedStick? copied, Refusal? refusal) = RecordStickCopy.Make(parsed.GetValue(from)!, parsed.GetValue(to)!);
            if (copied is null)
                return Words.Refuse(refusal!);
            foreach (string line in copied.InWords)
                Console.WriteLine(line);
            return 0;
        }));

        var bundle = new Argument<string>("bundle")
        {
            Description = "The last bundle; it is verified first, under the root that is named.",
        };
        var a = new Argument<string>("stick-a") { Description = "An empty stick." };
        var b = new Argument<string>("stick-b") { Description = "Another empty stick." };
        var root = new RootOptions();
        var restore = new Command("restore", "Restore a lost ledger from a bundle onto two new record sticks.") { bundle,
            a, b, root.Trust, root.Words };
        restore.SetAction(parsed =>
        {
            if (!VerifyOptions.TryRead(parsed.GetValue(root.Trust), parsed.GetValue(root.Words),
                null, out VerifyOptions? options, out Refusal? refusal))
                return Words.Misused(refusal);
            foreach (string stick in new[] { parsed.GetValue(a)!, parsed.GetValue(b)! })
                Directory.CreateDirectory(stick);
            if (!BundleRestore.TryRestore(parsed.GetValue(bundle)!, options, [parsed.GetValue(a)!, parsed.GetValue(b)!],
                TimeProvider.System.GetUtcNow(), out RecordLedger? ledger, out refusal))
                return Words.Refuse(refusal);
            using (ledger)
                Console.WriteLine($"The ledger {ledger.LedgerId} stands at entry {ledger.Last.Seq} on both sticks.");
            return 0;
        });
        return new Command("ledger", "Record sticks.") { copy, restore, Convert() };
    }

    private static Command Convert()
    {
        var from = new Argument<string>("old-stick")
        {
            Description = "A record stick of the first program, with keyceremony.ledger. It is only read.",
        };
        var to = new Argument<string>("new-stick")
        {
            Description = "An empty stick; or the same one, then both files lie beside each other.",
        };
        var convert = new Command("convert", "Write the first program's ledger in today's form, once for each record stick.") { from, to };
        convert.SetAction(parsed => RunCommand.Guarded(() =>
        {
            (ImmutableArray<Entry> entries, Refusal? refusal) = FirstLedger.Convert(parsed.GetValue(from)!, parsed.GetValue(to)!);
            if (refusal is not null)
                return Words.Refuse(refusal);
            Console.WriteLine($"Converted: {entries.Length} entries, read back, head {entries[^1].HashHex}.");
            return 0;
        }));
        return convert;
    }
}
