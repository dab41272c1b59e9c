using System.Collections.Immutable;
using System.Text;
using KeyCeremony.App.Devices;
using KeyCeremony.App.Terminal;
using KeyCeremony.App.Terminal.Host;
using KeyCeremony.App.Terminal.Pages;
using KeyCeremony.App.Terminal.Plain;
using KeyCeremony.App.Terminal.Writing;
using KeyCeremony.Core;

namespace KeyCeremony.App.Room;

/// <summary>The screen on which the sticks of a ceremony are plugged in and get their parts.</summary>
/// <param name="Selected">0-based line among the sticks that are there.</param>
internal sealed record AttachModel(Display Display, StickMatch Match, int Selected = 0, Refusal? Refusal = null, bool HelpShown = false)
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
    private const string Title = "KeyCeremony: the sticks";

    private static readonly ImmutableArray<string> About =
    [
        "The ledger is kept on two record sticks; both are needed before anything can be begun. Import and export stick are looked for "
            + "when something is read or written, and may be plugged in later.",
        "Compare what stands here with what is printed on the sticks and with the binder. Nothing is written on this page.",
        "If one record stick is lost or broken, plug an empty stick with its label in its place, and go on: the menu offers to copy "
            + "the other one. If both are lost, plug in two empty ones.",
    ];

    private static readonly ImmutableArray<(string Key, string What)> Keys =
    [
        ("digits", "mark the stick of that number; so do the arrows"),
        ("A B I E", "the marked stick plays record stick A or B, import or export stick"),
        ("Enter", "takes the sticks into use"),
        ("Esc", "goes back; no stick is touched"),
        ("F1 or ?", "this help"),
    ];

    private static readonly PlainCommand Again = new(".again", "", "looks at the sticks again");

    private static readonly PlainCommand Part = new("NUMBER LETTER", "",
        "the stick of that number plays record stick A or B, import stick I or export stick E");

    private static readonly ImmutableArray<PlainCommand> Commands = [Part, Again, PlainCommand.Help, PlainPages.Back];

    /// <summary>The page for people on a screen or on lines.</summary>
    /// <param name="now">The sticks as they are now.</param>
    public static PageKind<AttachModel> Kind(AttachModel first, Func<AttachModel, AttachModel> now, Action<AttachModel> after) => new(
        First: display => first with { Display = display },
        Now: (model, display) => now(model with { Display = display }),
        View: View,
        Update: (model, key) =>
        {
            (AttachModel updated, AttachChoice choice) = Update(model, key);
            after(updated);
            return (updated, InMenu(choice));
        },
        Say: Say,
        Take: (model, line) =>
        {
            (AttachModel taken, AttachChoice choice, string reply) = Take(model, line);
            after(taken);
            return (taken, InMenu(choice), reply);
        });

    public static (AttachModel Model, AttachChoice Choice) Update(AttachModel model, Key key)
    {
        if (key.IsMouse)
            return (model, AttachChoice.None);
        AttachModel m = model with { Refusal = null };
        int count = m.Match.Sticks.Length;
        if (m.HelpShown)
            return (m with { HelpShown = !FrontHelp.Ends(key) }, AttachChoice.None);
        if (key.Kind is KeyKind.Esc or KeyKind.F10 || key.IsCtrl('c'))
            return (m, AttachChoice.Leave);
        if (FrontHelp.IsAsked(key))
            return (m with { HelpShown = true }, AttachChoice.None);
        if (key.Digit >= 1 && key.Digit <= count)
            return (m with { Selected = key.Digit - 1 }, AttachChoice.None);
        if (count > 0 && key.Kind == KeyKind.Rune && RoleOf(key.Rune) is { } role)
            return (Chosen(m, role), AttachChoice.None);
        return key.Kind switch
        {
            KeyKind.Up when count > 0 => (m with { Selected = (m.Selected + count - 1) % count }, AttachChoice.None),
            KeyKind.Down or KeyKind.Tab when count > 0 => (m with { Selected = (m.Selected + 1) % count }, AttachChoice.None),
            KeyKind.Enter => Enter(m),
            _ => (m, AttachChoice.None),
        };
    }

    /// <summary>A line on a terminal of lines.</summary>
    /// <returns>What is said to it; empty: the whole page.</returns>
    public static (AttachModel Model, AttachChoice Choice, string Reply) Take(AttachModel model, string line)
    {
        AttachModel m = model with { Refusal = null };
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0)
        {
            (m, AttachChoice choice) = Enter(m);
            return (m, choice, m.Refusal is { } refusal ? PlainWords.Refused(m.Display, refusal) : "");
        }
        PlainCommand? command = words.Length == 1 ? PlainPages.Named(words[0], Commands) : null;
        if (command == PlainPages.Back)
            return (m, AttachChoice.Leave, "");
        if (command == PlainCommand.Help)
            return (m, AttachChoice.None, PlainPages.Help(m.Display, About, Commands));
        if (command == Again)
            return (m, AttachChoice.None, "");
        return words is [var number, { Length: 1 } letter] && PlainPages.Number(number, m.Match.Sticks.Length) is { } stick
            && RoleOf(letter.EnumerateRunes().First()) is { } role
            ? (Chosen(m with { Selected = stick - 1 }, role), AttachChoice.None, "")
            : (m, AttachChoice.None, PlainPages.Help(m.Display, [], Commands));
    }

    public static Frame View(AttachModel model)
    {
        Sheet sheet = New(model);
        sheet.Add(Title, Palette.Strong);
        if (model.HelpShown)
            FrontHelp.Write(sheet, About, Keys);
        else
            WritePage(sheet, model);
        var layout = new Layout(model.Display);
        layout.Place(sheet, 1, 1, model.Display.Height - 2);
        Sheet keys = New(model);
        string leave = $"Enter goes on   Esc goes back{FrontHelp.Named(model.Display)}";
        if (model.HelpShown)
            FrontHelp.Fit(keys, FrontHelp.Keys);
        else
            FrontHelp.Fit(keys, $"Number or arrows mark   {leave}", $"Arrows mark   {leave}", leave,
                $"Esc goes back{FrontHelp.Named(model.Display)}");
        layout.Place(keys, model.Display.Height - 1, 1, 1);
        return Stage.Draw(layout);
    }

    public static string Say(AttachModel model)
    {
        var sheet = new Sheet(model.Display, PlainWords.Width);
        sheet.Add(Title);
        sheet.Blank();
        WriteParts(sheet, model);
        sheet.Blank();
        sheet.Add("Now: plug in the sticks, compare them with their labels, then Enter alone. .again looks again, .help helps.");
        int number = 0;
        foreach (Stick stick in model.Match.Sticks)
            sheet.AddBehind($"{++number,3}. ", Line(model.Match, stick), Palette.Plain);
        WriteOthers(sheet, model);
        if (model.Refusal is { } refusal)
            PlainWords.WriteRefusal(sheet, refusal);
        return PlainWords.Lines(sheet);
    }

    /// <summary>When the ledger is open: which stick it is that lies in each place, and whether it is expected.</summary>
    /// <param name="rows">Its part, and which it is.</param>
    public static FrontPage Report(Display display, ImmutableArray<ImmutableArray<string>> rows) => new(display,
        "KeyCeremony: the sticks in use", [], ["They are the right ones; go on", "Leave; nothing is begun"])
    {
        Table = new FrontTable(["Part", "The stick that plays it"], rows),
        Help =
        [
            "Compare each line with the stick in your hands and with the binder. A serial number that this ledger does not know is said "
                + "and not refused: the stick may have been replaced. Whoever did not replace it stops here.",
            "Nothing is begun before you go on.",
        ],
    };

    private static void WritePage(Sheet sheet, AttachModel model)
    {
        sheet.Rule("");
        WriteParts(sheet, model);
        sheet.Blank();
        sheet.Add($"{sheet.Glyph.Now} Now: plug in the sticks, compare them with their labels, then Enter.", Palette.Now);
        sheet.AddBehind("  ",
            "A stick is known by its label. To choose one yourself, mark its line by number or arrows, then press A, B, I or E.",
            Palette.Plain);
        AskBlock.WriteChoices(sheet, model.Display, model.Match.Sticks.Select(s => Line(model.Match, s)), model.Selected);
        if (model.Refusal is { } refusal)
        {
            sheet.Blank();
            sheet.AddBehind("! ", $"{refusal.Rule}: {refusal.Message}", Palette.Alarm);
            sheet.AddBehind("  ", refusal.Remedy, Palette.Plain);
        }
        WriteOthers(sheet, model);
    }

    private static void WriteParts(Sheet sheet, AttachModel model)
    {
        foreach (StickRole role in StickRole.All)
            sheet.AddBehind($"{Sticks.Capital(role.Name),-15} ", Plays(model.Match, role), Palette.Plain);
    }

    private static void WriteOthers(Sheet sheet, AttachModel model)
    {
        if (model.Match.Sticks.IsEmpty)
            sheet.AddBehind("  ", "No stick is plugged in.", Palette.Strong);
        foreach (NotOffered other in model.Match.Found.Others)
            sheet.AddBehind("  ", $"not used: {other.Name}, {other.Why}", Palette.Quiet);
    }

    private static MenuChoice? InMenu(AttachChoice choice) => choice switch
    {
        AttachChoice.GoOn => new Chosen(0),
        AttachChoice.Leave => new GoBack(),
        _ => null,
    };

    private static StickRole? RoleOf(Rune rune) => StickRole.All.FirstOrDefault(r => Rune.ToLowerInvariant(rune).Value == r.Key);

    private static AttachModel Chosen(AttachModel m, StickRole role) =>
        m with { Match = m.Match.Choose(role, m.Match.Sticks[m.Selected]) };

    private static Sheet New(AttachModel model) => new(model.Display, Math.Max(1, Math.Min(78, model.Display.Width - 2)));

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
