using KeyCeremony.App.Terminal.Pages;
using KeyCeremony.App.Terminal.Writing;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Script;

namespace KeyCeremony.App.Terminal.Watching;

/// <summary>
/// What the room may watch on a second terminal: the step, what is read aloud, what was found, whose turn it is. No secret, nothing that
/// is typed, no word that opens a secret page. It moves when the ceremony does, not with a clock: a slow line carries it.
/// </summary>
internal static class WitnessPage
{
    /// <summary>As wide as people read aloud without losing the line.</summary>
    public const int ReadingWidth = 78;

    private const int Top = 2;

    public static Frame Draw(ScreenModel model, Display display)
    {
        var plate = new Plate(display);
        if (display.IsTooSmall)
        {
            var small = new Sheet(display, display.Width);
            small.Add($"This view needs {Display.MinWidth} x {Display.MinHeight}.");
            plate.Place(small, 0, 0, display.Height);
            return plate.ToFrame();
        }
        plate.Place(Heading(model, display), 0, 1, Top);
        plate.Place(Body(model, display), Top, 1, display.Height - Top);
        return plate.ToFrame();
    }

    private static Sheet Heading(ScreenModel m, Display display)
    {
        var sheet = new Sheet(display, display.Width - 2);
        string environment = m.State.World.Environment;
        sheet.Row($"{m.State.Script.Title} {sheet.Glyph.Dot} version {m.State.Script.Version}", $"*** {environment.ToUpperInvariant()} ***",
            Palette.Strong, environment == Environments.Production ? Palette.Production : Palette.Loud);
        sheet.Rule("Witness view: nothing is typed here");
        return sheet;
    }

    private static Sheet Body(ScreenModel m, Display display)
    {
        var sheet = new Sheet(display, Math.Min(ReadingWidth, display.Width - 2));
        if (m.Move is Over)
        {
            sheet.Append(new EndPage(m with { Display = display, BundlePath = "", AuditLine = [] }).Written());
            return sheet;
        }
        Sheet turn = Turning(m, display, sheet.Width), prose = Read(m, display, sheet.Width), found = Found(m, display, sheet.Width);
        int room = display.Height - Top;
        if (m.State.Step is { } step)
            sheet.Row($"Step {step.Number} of {m.State.Script.Steps.Length}: {step.Title}",
                m.Pace is { } pace ? PaceWords.Short(pace, m.State.Last.Utc) : "", Palette.Strong, Palette.Plain);
        sheet.Blank();
        int rest = Math.Max(0, room - sheet.Height - turn.Height - 1);
        int foundRows = found.Height == 0 ? 0 : Math.Min(found.Height, Math.Max(rest - prose.Height, rest / 2));
        Put(sheet, prose, rest - foundRows, At(m, prose, rest - foundRows));
        Put(sheet, found, foundRows, 0);
        while (sheet.Height < room - turn.Height)
            sheet.Blank();
        sheet.Append(turn);
        return sheet;
    }

    /// <summary>Whose turn it is, and for what.</summary>
    private static Sheet Turning(ScreenModel m, Display display, int width)
    {
        var sheet = new Sheet(display, width);
        sheet.Rule("");
        if (m.Work is { } work)
        {
            string done = work.Total > 0 ? $", {work.Done * 10 / work.Total * 10} of 100" : "";
            sheet.AddBehind($"{sheet.Glyph.Now} ", $"Turn: the appliance. {work.Doing}{done}.", Palette.Now);
        }
        else if (m.Question is { } question)
        {
            bool secret = Bell.IsSecret(question);
            sheet.AddBehind($"{sheet.Glyph.Now} ", $"Turn: {Turn.Of(m.State, question)} {(secret ? Behind(question)
                : AskBlock.Does(question.Kind))}", Palette.Now);
            if (secret)
                sheet.AddBehind("  ", "Everybody else looks away from the screen and the keyboard.", Palette.Strong);
            else
                Ask(sheet, m, question);
        }
        return sheet;
    }

    private static void Ask(Sheet sheet, ScreenModel m, Question question)
    {
        sheet.AddBehind("  ", question.Prompt, Palette.Plain);
        Refusal? stop = question.Blocked ?? m.Refusal;
        if (stop is not null)
        {
            sheet.AddBehind("! ", $"{stop.Rule}: {stop.Message}", Palette.Alarm);
            sheet.AddBehind("  ", stop.Remedy, Palette.Plain);
        }
    }

    /// <summary>What happens on a page that nobody else looks at.</summary>
    private static string Behind(Question question) => question.Kind switch
    {
        AnswerKind.ShowShare => $"writes card {question.Share!.Share} of set {question.Share.Set}.",
        AnswerKind.ReadBackShare => $"types card {question.Share!.Share} of set {question.Share.Set} back.",
        AnswerKind.CheckShare => $"types card {question.Share!.Share} of set {question.Share.Set}, to be checked.",
        AnswerKind.PresentShare => $"types a card of set {question.Share!.Set}.",
        AnswerKind.PresentForeign => "types a card that was made elsewhere.",
        AnswerKind.Passphrase => "types the passphrase of the cards.",
        _ => "throws the dice and types them.",
    };

    private static Sheet Read(ScreenModel m, Display display, int width)
    {
        var sheet = new Sheet(display, width);
        if (m.State.Break is not null)
        {
            sheet.Add("The ceremony rests. These people stay with the equipment, both in sight of each other:", Palette.Strong);
            foreach (string name in m.State.Break.Remaining)
                sheet.AddBehind($"  {sheet.Glyph.Dot} ", name, Palette.Strong);
        }
        else if (m.State.Step is { Prose.Length: > 0 } step)
            Prose.Write(sheet, m.State.StepIndex == 0 ? $"{m.State.Script.Introduction}\n\n{step.Prose}" : step.Prose);
        return sheet;
    }

    private static Sheet Found(ScreenModel m, Display display, int width)
    {
        var sheet = new Sheet(display, width);
        if (m is not { Work: null, Question: { EvidenceLines: { Length: > 0 } lines } question } || Bell.IsSecret(question))
            return sheet;
        sheet.Rule("Found and recorded");
        foreach (string line in lines)
            sheet.Add(line);
        return sheet;
    }

    /// <summary>It goes on where the administrator has scrolled to.</summary>
    private static int At(ScreenModel m, Sheet prose, int rows)
    {
        int most = Math.Max(0, prose.Height - rows + 1);
        (int room, int lines) = m.Scroll > 0 ? Page.Of(m with { Dialog = null }).Reading : (1, 1);
        return lines <= room ? 0 : Math.Min(most, m.Scroll * most / (lines - room));
    }

    private static void Put(Sheet sheet, Sheet part, int rows, int from)
    {
        if (part.Height <= rows)
            sheet.Append(part);
        else if (rows > 1)
        {
            sheet.Append(part, from, rows - 1);
            sheet.Row("", from + rows - 1 < part.Height ? "more on the ceremony's screen" : "", Palette.Plain, Palette.Quiet);
        }
    }
}
