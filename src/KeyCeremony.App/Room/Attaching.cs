using System.Collections.Immutable;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using KeyCeremony.App.Devices;
using KeyCeremony.App.Ground;
using KeyCeremony.App.Terminal;
using KeyCeremony.App.Terminal.Plain;
using KeyCeremony.Core;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.App.Room;

/// <summary>Takes real sticks into use before a ceremony is opened.</summary>
internal static class Attaching
{
    /// <summary>So often is looked whether a stick was plugged in.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <summary>With people at the terminal they see and choose; without, the labels decide.</summary>
    /// <param name="front">Null: nobody is there.</param>
    /// <param name="sticks">Null also when the people leave; the refusal is null then.</param>
    public static bool Try(string places, string? images, Front? front, [NotNullWhen(true)] out Sticks? sticks, out Refusal? refusal)
    {
        sticks = null;
        if (front is not null && !Tty.IsThere)
            refusal = Attended.NoTerminal;
        else if (DriveAccess.TryOpen(places, images, out AskDrives? ask, out refusal))
        {
            var found = new Sticks(ask, places);
            if (front is null || Asked(found, front))
                sticks = Attached(found, out refusal);
        }
        return sticks is not null;
    }

    /// <summary>Other sticks, in place of those that are in use: those are given free first.</summary>
    /// <returns>Whether both record sticks are in use. What was refused is shown on the page, until people leave it.</returns>
    public static bool TryAgain(Sticks sticks, Front front)
    {
        Refusal? refusal = Tried(sticks.ReleaseAll);
        while (Asked(sticks, front, refusal))
        {
            refusal = Tried(sticks.Attach);
            if (refusal is null)
                return true;
        }
        return false;
    }

    /// <summary>Says what is in use, and whether the ledger expects it. People at the terminal go on or leave.</summary>
    /// <param name="front">Null: nobody is there.</param>
    public static bool AreTheRightOnes(Sticks sticks, ImmutableArray<Entry> entries, Front? front)
    {
        var recorded = RecordedSerials.Of(entries);
        ImmutableArray<ImmutableArray<string>> rows =
        [
            .. sticks.InUse.Select(s => (ImmutableArray<string>)
                [$"{Sticks.Capital(s.Key.Name)}:", $"{s.Value.InWords}; {recorded.Say(s.Value.Drive)}"]),
        ];
        if (front is not null)
            return front.Ask(display => Attach.Report(display, rows)) == 0;
        foreach (ImmutableArray<string> row in rows)
            Console.WriteLine(string.Join(' ', row));
        return true;
    }

    private static Sticks? Attached(Sticks found, out Refusal? refusal)
    {
        refusal = Tried(found.Attach);
        if (refusal is null)
            return found;
        found.Dispose();
        return null;
    }

    private static Refusal? Tried(Action act)
    {
        try
        {
            act();
            return null;
        }
        catch (CeremonyException e)
        {
            return e.Refusal;
        }
    }

    private static bool Asked(Sticks sticks, Front front, Refusal? refused = null)
    {
        long looked = 0;
        return front.Show(Attach.Kind(new AttachModel(PlainWords.Display(), StickMatch.None with { Choices = sticks.Choices },
            Refusal: refused), Seen, model => sticks.Choices = model.Match.Choices)) is Chosen;

        AttachModel Seen(AttachModel model)
        {
            if (looked != 0 && Stopwatch.GetElapsedTime(looked) <= Look)
                return model;
            looked = Stopwatch.GetTimestamp();
            DriveList? found = null;
            return Tried(() => found = sticks.Look()) is { } unanswered ? model with { Refusal = unanswered } : model.Seen(found!);
        }
    }
}
