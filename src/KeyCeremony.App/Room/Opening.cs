using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Security.Cryptography;
using KeyCeremony.App.Ground;
using KeyCeremony.App.Ledger;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Ceremony.Retelling;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.App.Room;

/// <summary>From sticks and a script to a ceremony that stands where the last durable entry left it.</summary>
internal static class Opening
{
    // A finding's text in the journal has at most 2000.
    private const int MaxSeen = 1000;

    public static string Program { get; } =
        $"keyceremony {typeof(Opening).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0"}";

    /// <summary>Opens the ledger on both sticks; where both are empty it is prepared, and made when the roll call is confirmed.</summary>
    public static bool TryLedger(IReadOnlyList<string> sticks, string environment, bool allowCatchUp, TimeProvider clock,
        [NotNullWhen(true)] out RecordLedger? ledger, [NotNullWhen(false)] out Refusal? refusal)
    {
        if (!RecordLedger.NoneOn(sticks))
            return RecordLedger.TryOpen(sticks, environment, allowCatchUp, out ledger, out refusal);
        var created = new LedgerCreated(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), environment, Program);
        return RecordLedger.TryPrepare(sticks, clock.GetUtcNow(), created, out ledger, out refusal);
    }

    /// <summary>
    /// Resumes the running ceremony, or opens a new one with this script. Of a new one nothing is written before its roll call is
    /// confirmed (<see cref="Loop"/>): who came to the wrong one leaves, and the sticks are as they were.
    /// </summary>
    /// <param name="look">Asked before a new one is opened: what forbids to begin it; null: nothing does.</param>
    /// <param name="seen">What was seen when that was looked at, with which the record of a new one begins; nothing: nobody looked.</param>
    /// <param name="keyboard">The layout that people type with, of <see cref="Keyboards"/>; null: nobody types.</param>
    public static bool TryCeremony(RecordLedger ledger, CeremonyScript? script, TimeProvider clock,
        [NotNullWhen(true)] out CeremonyState? state, [NotNullWhen(false)] out Refusal? refusal, Func<World, Refusal?>? look = null,
        Func<ImmutableArray<Finding>>? seen = null, string? keyboard = null)
    {
        (state, refusal) = (null, null);
        if (!TryReplay(ledger.Entries, out CeremonyState? running, out refusal))
            return false;
        if (running is { Ended: false })
        {
            if (script is not null && script.Sha256 != running.Script.Sha256)
            {
                refusal = new Refusal(CeremonyRules.StillRunning, $"The ceremony {running.Id} is not finished, and it runs another script.",
                    "Resume it without naming a script, and close or abort it first.");
                return false;
            }
            state = Appended(ledger, running, new Reopened(Program), clock);
        }
        else
        {
            World world = Replay.WorldAfter(ledger.Entries);
            refusal = script is null
                ? new Refusal("OPEN-03", "No ceremony is running in this ledger.", "Name the script to begin.")
                : Director.MayOpen(world, script, clock.GetUtcNow()) ?? look?.Invoke(world);
            if (refusal is not null)
                return false;
            ledger.Hold();
            Entry opening = ledger.Append(Director.NextId(world, script!.Name), clock.GetUtcNow(), "",
                new CeremonyOpened(script.Name, script.Version, script.Sha256, script.Text, Program, JournalFormats.Current));
            state = Replay.Open(script, world, opening);
            // Maker's labels stand in it: what no journal can hold is taken out.
            if (seen?.Invoke() is { IsEmpty: false } found)
                state = Appended(ledger, state,
                    new NeedsLookedAt([.. found.Select(f => f with { Text = PlainText.Of(f.Text, MaxSeen) })]), clock);
        }
        foreach (Finding late in ledger.Findings.Where(f => f.Result == "fail"))
            state = Appended(ledger, state, new ExceptionRaised(state.ExceptionCount + 1, late.Id, late.Text), clock);
        if (keyboard is not null && !state.Ended && Keyboards.Note(state, keyboard) is { } used)
            state = Appended(ledger, state, used, clock);
        return true;
    }

    /// <summary>
    /// A chain may be whole and its entries still not the engine's, e.g. edited with another tool and chained anew: then this
    /// ledger is refused here, before anything is appended. OPEN-05.
    /// </summary>
    internal static bool TryReplay(ImmutableArray<Entry> entries, out CeremonyState? running, [NotNullWhen(false)] out Refusal? refusal)
    {
        var retold = Retold.Of(entries);
        running = retold.Refusal is null ? retold.Ceremony : null;
        refusal = retold.Refusal is { } wrong
            ? new Refusal("OPEN-05", $"This is not a ledger as the program writes it: {wrong.Message} ({wrong.Rule})",
            "Use the other record sticks, or restore the ledger from the last bundle; keep these as evidence.") : null;
        return refusal is null;
    }

    private static CeremonyState Appended(RecordLedger ledger, CeremonyState state, EntryBody body, TimeProvider clock) =>
        Replay.Apply(state, ledger.Append(state.Id, clock.GetUtcNow(), state.Step?.Id ?? "", body));

    /// <summary>The script as it was recorded when its ceremony was opened.</summary>
    public static CeremonyScript Read(string text) =>
        ScriptReader.TryRead(text, null, out CeremonyScript? script, out ImmutableArray<ScriptError> errors)
        ? script
        : throw new CeremonyException(new Refusal("OPEN-04",
            $"The script recorded in the ledger is not one that this program can run: {errors[0]}",
            "Use the version of the program that opened the ceremony."));
}
