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

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(200);

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
        RecordedSerials recorded = RecordedSerials.Of(entries);
        ImmutableArray<string> lines = [.. sticks.InUse.Select(s => $"{Sticks.Capital(s.Key.Name)}: {s.Value.InWords}; {recorded.Say(s.Value.Drive)}")];
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

    private static bool Confirmed(ImmutableArray<string> lines)
    {
        using var tty = Tty.Open();
        var screen = new TtyScreen(tty);
        while (!tty.IsHungUp)
        {
            (int width, int height) = tty.Size;
            screen.Show(Attach.Report(Display.Of(width, height, Environment.GetEnvironmentVariable), lines));
            if (tty.TryRead(Tick, out Key key) && Attach.Confirm(key) is var choice and not AttachChoice.None)
                return choice == AttachChoice.GoOn;
        }
        return false;
    }

    private static bool Asked(Sticks sticks)
    {
        using var tty = Tty.Open();
        var screen = new TtyScreen(tty);
        (int width, int height) = tty.Size;
        var model = new AttachModel(Display.Of(width, height, Environment.GetEnvironmentVariable), StickMatch.None);
        long looked = 0;
        while (!tty.IsHungUp)
        {
            if (looked == 0 || Stopwatch.GetElapsedTime(looked) > Look)
            {
                model = model.Seen(sticks.Look());
                looked = Stopwatch.GetTimestamp();
            }
            (width, height) = tty.Size;
            model = model with { Display = model.Display.Resized(width, height) };
            screen.Show(Attach.View(model));
            if (!tty.TryRead(Tick, out Key key))
                continue;
            (model, AttachChoice choice) = Attach.Update(model, key);
            sticks.Choices = model.Match.Choices;
            if (choice != AttachChoice.None)
                return choice == AttachChoice.GoOn;
        }
        return false;
    }
}
