using System.Collections.Immutable;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using KeyCeremony.App.Devices;
using KeyCeremony.App.Ground;
using KeyCeremony.App.Terminal;
using KeyCeremony.Core;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.App.Room;

/// <summary>Takes real sticks into use before a ceremony is opened.</summary>
internal static class Attaching
{
    /// <summary>So often is looked whether a stick was plugged in.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <summary>With people at the terminal they see and choose; without, the labels decide.</summary>
    /// <param name="sticks">Null also when the people leave; the refusal is null then.</param>
    public static bool Try(string places, string? images, bool attended, [NotNullWhen(true)] out Sticks? sticks, out Refusal? refusal)
    {
        sticks = null;
        if (attended && !Tty.IsThere)
            refusal = Attended.NoTerminal;
        else if (DriveAccess.TryOpen(places, images, out AskDrives? ask, out refusal))
        {
            var found = new Sticks(ask, places);
            if (!attended || Asked(found))
                sticks = Attached(found, out refusal);
        }
        return sticks is not null;
    }

    /// <summary>Says what is in use, and whether the ledger expects it. People at the terminal go on or leave.</summary>
    public static bool AreTheRightOnes(Sticks sticks, ImmutableArray<Entry> entries, bool attended)
    {
        var recorded = RecordedSerials.Of(entries);
        ImmutableArray<string> lines =
            [.. sticks.InUse.Select(s => $"{Sticks.Capital(s.Key.Name)}: {s.Value.InWords}; {recorded.Say(s.Value.Drive)}")];
        if (attended)
            return Confirmed(lines);
        foreach (string line in lines)
            Console.WriteLine(line);
        return true;
    }

    private static Sticks? Attached(Sticks found, out Refusal? refusal)
    {
        try
        {
            found.Attach();
            refusal = null;
            return found;
        }
        catch (CeremonyException e)
        {
            found.Dispose();
            refusal = e.Refusal;
            return null;
        }
    }

    private static bool Confirmed(ImmutableArray<string> lines) => PageLoop.Run(
        first: display => display,
        now: (_, display) => display,
        view: display => Attach.Report(display, lines),
        update: (display, key) => (display, Attach.Confirm(key)),
        none: AttachChoice.None) == AttachChoice.GoOn;

    private static bool Asked(Sticks sticks)
    {
        long looked = 0;
        return PageLoop.Run(
            first: display => new AttachModel(display, StickMatch.None),
            now: (model, display) => Seen(model with { Display = display }),
            view: Attach.View,
            update: (model, key) =>
            {
                (AttachModel after, AttachChoice choice) = Attach.Update(model, key);
                sticks.Choices = after.Match.Choices;
                return (after, choice);
            },
            none: AttachChoice.None) == AttachChoice.GoOn;

        AttachModel Seen(AttachModel model)
        {
            if (looked != 0 && Stopwatch.GetElapsedTime(looked) <= Look)
                return model;
            looked = Stopwatch.GetTimestamp();
            return model.Seen(sticks.Look());
        }
    }
}
