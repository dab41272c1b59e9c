using System.Text;
using KeyCeremony.App.Devices;
using KeyCeremony.App.Terminal;
using KeyCeremony.App.Terminal.Host;
using KeyCeremony.App.Terminal.Pages;
using KeyCeremony.App.Terminal.Writing;
using KeyCeremony.Core;

namespace KeyCeremony.App.Room;

/// <summary>The screen on which the sticks of a ceremony are plugged in and get their parts.</summary>
/// <param name="Selected">0-based line among the sticks that are there.</param>
internal sealed record AttachModel(Display Display, StickMatch Match, int Selected = 0, Refusal? Refusal = null)
{
    /// <summary>What is plugged in now.</summary>
    public AttachModel Seen(DriveList found)
    {
        StickMatch match = Match with { Found = found };
        return this with
        {
            Match = new StickMatch(found, Match.Choices),
            Selected = Math.Clamp(Selected, 0, Math.Max(0, match.Sticks.Length - 1)),
        };
    }
}

internal enum AttachChoice
{
    None,
    GoOn,
    Leave,
}

/// <summary>A pure update and a pure view, like every screen.</summary>
internal static class Attach
{
    public static (AttachModel Model, AttachChoice Choice) Update(AttachModel model, Key key)
    {
        AttachModel m = model with { Refusal = null };
        int count = m.Match.Sticks.Length;
        if (key.Kind == KeyKind.F10 || key.IsCtrl('c'))
            return (m, AttachChoice.Leave);
        if (key.Digit >= 1 && key.Digit <= count)
            return (m with { Selected = key.Digit - 1 }, AttachChoice.None);
        if (count > 0 && key.Kind == KeyKind.Rune
            && StickRole.All.FirstOrDefault(r => Rune.ToLowerInvariant(key.Rune).Value == r.Key) is { } role)
            return (m with { Match = m.Match.Choose(role, m.Match.Sticks[m.Selected]) }, AttachChoice.None);
        return key.Kind switch
        {
            KeyKind.Up when count > 0 => (m with { Selected = (m.Selected + count - 1) % count }, AttachChoice.None),
            KeyKind.Down or KeyKind.Tab when count > 0 => (m with { Selected = (m.Selected + 1) % count }, AttachChoice.None),
            KeyKind.Enter => Enter(m),
            _ => (m, AttachChoice.None),
        };
    }

    public static Frame View(AttachModel model)
    {
        var sheet = new Sheet(model.Display, Math.Max(1, Math.Min(78, model.Display.Width - 2)));
        sheet.Add("KeyCeremony: the sticks", Palette.Strong);
        sheet.Rule("");
        foreach (StickRole role in StickRole.All)
            sheet.AddBehind($"{Sticks.Capital(role.Name),-15} ", Plays(model.Match, role), Palette.Plain);
        sheet.Blank();
        sheet.Add($"{sheet.Glyph.Now} Now: plug in the sticks, compare them with their labels, then Enter.", Palette.Now);
        sheet.AddBehind("  ",
            "A stick is known by its label. To choose one yourself, mark its line by number or arrows, then press A, B, I or E.",
            Palette.Plain);
        AskBlock.WriteChoices(sheet, model.Display, model.Match.Sticks.Select(s => Line(model.Match, s)), model.Selected);
        if (model.Match.Sticks.IsEmpty)
            sheet.AddBehind("  ", "No stick is plugged in.", Palette.Strong);
        if (model.Refusal is { } refusal)
        {
            sheet.Blank();
            sheet.AddBehind("! ", $"{refusal.Rule}: {refusal.Message}", Palette.Alarm);
            sheet.AddBehind("  ", refusal.Remedy, Palette.Plain);
        }
        foreach (NotOffered other in model.Match.Found.Others)
            sheet.AddBehind("  ", $"not used: {other.Name}, {other.Why}", Palette.Quiet);
        var layout = new Layout(model.Display);
        layout.Place(sheet, 1, 1, model.Display.Height - 1);
        return Stage.Draw(layout);
    }

    public static AttachChoice Confirm(Key key) => key.Kind == KeyKind.F10 || key.IsCtrl('c') ? AttachChoice.Leave
        : key.Kind == KeyKind.Enter ? AttachChoice.GoOn : AttachChoice.None;

    /// <summary>When the ledger is open: which stick it is that lies in each place, and whether it is expected.</summary>
    public static Frame Report(Display display, IEnumerable<string> lines)
    {
        var sheet = new Sheet(display, Math.Max(1, Math.Min(78, display.Width - 2)));
        sheet.Add("KeyCeremony: the sticks in use", Palette.Strong);
        sheet.Rule("");
        foreach (string line in lines)
            sheet.AddBehind("  ", line, Palette.Plain);
        sheet.Blank();
        sheet.Add($"{sheet.Glyph.Now} Now: compare them with what is in your hands, then Enter. F10 leaves; nothing is begun.",
            Palette.Now);
        var layout = new Layout(display);
        layout.Place(sheet, 1, 1, display.Height - 1);
        return Stage.Draw(layout);
    }

    /// <summary>The record sticks are needed now; the two others when something is read or written.</summary>
    private static (AttachModel, AttachChoice) Enter(AttachModel m)
    {
        foreach (StickRole role in new[] { StickRole.RecordA, StickRole.RecordB })
            if (!m.Match.TryFind(role, out Stick? stick, out Refusal? refusal))
                return (m with { Refusal = refusal }, AttachChoice.None);
            else if (stick.Drive.WriteProtected)
                return (m with { Refusal = StickRules.WriteProtected.Refuse($"{stick.InWords}.") }, AttachChoice.None);
        return (m, AttachChoice.GoOn);
    }

    private static string Plays(StickMatch match, StickRole role) => match.TryFind(role, out Stick? stick, out Refusal? refusal)
        ? stick.InWords
        : refusal.Rule == StickRules.Missing.Id ? $"none yet: {role.Label}{When(role)}"
        : refusal.Message;

    private static string When(StickRole role) =>
        role == StickRole.Import ? ", when something is read in" : role == StickRole.Export ? ", at the end" : "";

    private static string Line(StickMatch match, Stick stick) =>
        match.RoleOf(stick) is { } role ? $"{stick.InWords} = {role.Name}" : stick.InWords;
}
