using System.Collections.Immutable;
using KeyCeremony.App.Terminal.Host;
using KeyCeremony.App.Terminal.Pages;
using KeyCeremony.App.Terminal.Writing;
using KeyCeremony.Core;

namespace KeyCeremony.App.Terminal;

/// <summary>What can be done when the program starts without arguments.</summary>
public abstract record WelcomeChoice(string Text);

/// <param name="Id">e.g. <c>0001-root-creation</c>.</param>
public sealed record ResumeCeremony(string Id) : WelcomeChoice($"Resume the unfinished ceremony {Id}");

/// <param name="Script">The script's name.</param>
public sealed record RehearseCeremony(string Script, string Title) : WelcomeChoice($"Rehearse: {Title}");

/// <param name="Folder">Empty until it was typed.</param>
public sealed record VerifyBundle(string Folder) : WelcomeChoice("Verify a bundle");

public sealed record QuitProgram() : WelcomeChoice("Quit");

/// <param name="Selected">0-based line.</param>
/// <param name="Typed">The number typed so far; 0 before its first digit.</param>
/// <param name="Folder">The bundle's folder while it is typed; null before "verify" was chosen.</param>
public sealed record WelcomeModel(Display Display, ImmutableArray<WelcomeChoice> Choices, int Selected = 0, int Typed = 0,
    LineInput? Folder = null, Refusal? Refusal = null);

/// <summary>The first screen. The choice is null until one was made.</summary>
public static class Welcome
{
    private static readonly ImmutableArray<string> Lines =
    [
        "An offline key ceremony: root keys are made in an HSM, split among officers, drilled and recorded, step by step.",
        "A rehearsal runs the very script of the real day with a software HSM. Nothing made in it may be used.",
    ];

    public static (WelcomeModel Model, WelcomeChoice? Choice) Update(WelcomeModel model, Key key)
    {
        ArgumentNullException.ThrowIfNull(model);
        WelcomeModel m = model with { Refusal = null };
        if (key.Kind == KeyKind.F10 || key.IsCtrl('c'))
            return (m, new QuitProgram());
        return m.Folder is null ? Choosing(m, key) : Typing(m, m.Folder, key);
    }

    public static Frame View(WelcomeModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var sheet = new Sheet(model.Display, Math.Max(1, Math.Min(78, model.Display.Width - 2)));
        sheet.Add("KeyCeremony", Palette.Strong);
        sheet.Rule("");
        foreach (string line in Lines)
            sheet.Add(line);
        sheet.Blank();
        if (model.Folder is { } folder)
        {
            sheet.Add($"{sheet.Glyph.Now} Now: type the folder of the bundle, then Enter. Esc goes back.", Palette.Now);
            AskBlock.WriteField(sheet, folder, "  > ", active: true);
        }
        else
        {
            sheet.Add($"{sheet.Glyph.Now} Now: mark a line by its number or the arrows, then Enter.", Palette.Now);
            AskBlock.WriteChoices(sheet, model.Display, model.Choices.Select(c => c.Text), model.Selected);
        }
        if (model.Refusal is { } refusal)
        {
            sheet.Blank();
            sheet.AddBehind("! ", $"{refusal.Rule}: {refusal.Message}", Palette.Alarm);
            sheet.AddBehind("  ", refusal.Remedy, Palette.Plain);
        }
        var layout = new Layout(model.Display);
        layout.Place(sheet, 1, 1, model.Display.Height - 1);
        return Stage.Draw(layout);
    }

    private static (WelcomeModel, WelcomeChoice?) Choosing(WelcomeModel m, Key key)
    {
        int count = m.Choices.Length;
        if (key.Digit >= 0)
            return (Numbered(m, key.Digit), null);
        m = m with { Typed = 0 };
        return key.Kind switch
        {
            KeyKind.Up => (m with { Selected = (m.Selected + count - 1) % count }, null),
            KeyKind.Down or KeyKind.Tab => (m with { Selected = (m.Selected + 1) % count }, null),
            KeyKind.Enter when m.Choices[m.Selected] is VerifyBundle => (m with { Folder = LineInput.Empty }, null),
            KeyKind.Enter => (m, m.Choices[m.Selected]),
            _ => (m, null),
        };
    }

    /// <summary>A digit goes on with the number before it where that gives a line, or begins another.</summary>
    private static WelcomeModel Numbered(WelcomeModel m, int digit)
    {
        int number = (10 * m.Typed) + digit is var longer && longer <= m.Choices.Length ? longer : digit;
        return number >= 1 && number <= m.Choices.Length ? m with { Selected = number - 1, Typed = number } : m with { Typed = 0 };
    }

    private static (WelcomeModel, WelcomeChoice?) Typing(WelcomeModel m, LineInput folder, Key key) => key.Kind switch
    {
        KeyKind.Esc => (m with { Folder = null }, null),
        KeyKind.Enter when folder.Text.Trim().Length == 0 => (m with { Refusal = ScreenRules.NoPath() }, null),
        KeyKind.Enter => (m, new VerifyBundle(folder.Text.Trim())),
        _ => (m with { Folder = folder.After(key) }, null),
    };
}
