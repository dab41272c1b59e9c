using KeyCeremony.App.Terminal;
using KeyCeremony.App.Terminal.Pages;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Script;

namespace KeyCeremony.App.Tests.Terminal;

/// <summary>Long texts are searched with /, and F5 knows what was found in the steps before.</summary>
public sealed class SearchTests : IDisposable
{
    private static readonly Display Screen80 = new(80, 25, GlyphSet.Unicode, Attributes: true, Colour: true, FunctionKeys: true);

    private readonly FakeRoom _room = new("root-creation.md");

    public void Dispose() => _room.Dispose();

    [Fact]
    public void What_is_sought_comes_to_the_screen_and_stands_out_and_n_goes_on_around_the_end()
    {
        ScreenModel where = Press(_room.GoTo("clock", AnswerKind.Acknowledge).Model(Screen80), new Key(KeyKind.F6));
        ScreenModel found = Seek(where, "share");
        Assert.True(At(found) >= 0);
        Assert.Contains("\"share\" stands in line", Screen.View(found).Text, StringComparison.Ordinal);
        Assert.Contains(Screen.View(found).Cells, cell => cell.Look.Reversed && cell.Text.Equals("s", StringComparison.OrdinalIgnoreCase));

        var seen = new List<int> { At(found) };
        while (seen.Count < 500)
        {
            found = Press(found, Key.Of('n'));
            Assert.Contains("share", Screen.View(found).Text, StringComparison.OrdinalIgnoreCase);
            if (At(found) == seen[0])
                break;
            seen.Add(At(found));
        }
        Assert.Equal(seen.Order(), seen);
        Assert.InRange(seen.Count, 2, 100);
        Assert.Equal(seen[^1], At(Press(found, Key.Of('N'))));
    }

    [Fact]
    public void What_is_not_there_is_called_so_and_esc_ends_the_search_only()
    {
        ScreenModel help = Press(_room.GoTo("clock", AnswerKind.Utc).Model(Screen80), new Key(KeyKind.F1));
        ScreenModel seeking = Press(Press(help, Key.Of('/')), Key.Of('x'));
        Assert.Contains("Now: seek > x", Screen.View(seeking).Text, StringComparison.Ordinal);
        ScreenModel left = Press(seeking, new Key(KeyKind.Esc));
        Assert.Equal(help.Dialog, left.Dialog);
        Assert.Contains("\"no such thing\" is not in this text.", Screen.View(Seek(help, "no such thing")).Text, StringComparison.Ordinal);
        Assert.Null(Press(left, new Key(KeyKind.Esc)).Dialog);
    }

    [Fact]
    public void Words_that_a_line_break_parts_are_found()
    {
        ScreenModel where = Press(_room.GoTo("clock", AnswerKind.Acknowledge).Model(Screen80), new Key(KeyKind.F6));
        var page = new ReadingPage(where, (ReadingDialog)where.Dialog!);
        string[] lines = [.. page.Text.Lines.Select(line => string.Concat(line.Select(run => run.Text)).TrimEnd())];
        int broken = Array.FindIndex(lines, line => line.Length > 60);
        string phrase = $"{lines[broken].Split(' ')[^1]} {lines[broken + 1].Trim().Split(' ')[0]}";
        Assert.Equal(broken, At(Seek(where, phrase)));
    }

    [Fact]
    public void Where_a_text_is_typed_the_key_is_a_letter_and_where_not_it_seeks_in_what_is_read_aloud()
    {
        ScreenModel typing = _room.GoTo(m => m is Ask { Question.Kind: AnswerKind.Text }).Model(Screen80);
        Assert.Equal("/", Press(typing, Key.Of('/')).Input.Text);
        ScreenModel reading = _room.GoTo("clock", AnswerKind.Acknowledge).Model(Screen80);
        ScreenModel found = Seek(reading, "watch");
        Assert.IsType<AloudDialog>(found.Dialog);
        Assert.True(At(found) >= 0);
        Type[] texts = [.. Enumerable.Range(0, 4).Select(_ => (found = Press(found, new Key(KeyKind.Tab))).Dialog!.GetType())];
        Assert.Equal([typeof(EvidenceDialog), typeof(WhereDialog), typeof(HelpDialog), typeof(AloudDialog)], texts);
    }

    [Fact]
    public void F5_shows_what_was_found_in_every_step_so_far_and_is_searched()
    {
        ScreenModel model = _room.GoTo("sign-root", AnswerKind.Acknowledge).Model(Screen80);
        ScreenModel found = Press(model, new Key(KeyKind.F5));
        EvidenceDialog dialog = Assert.IsType<EvidenceDialog>(found.Dialog);
        Assert.Equal(dialog.Before.Select(f => f.Step.Number).Order(), dialog.Before.Select(f => f.Step.Number));
        Assert.All(dialog.Before, f => Assert.True(f.Step.Number < model.State.Step!.Number));
        Assert.Contains(dialog.Before, f => f.Step is GateStep && f.Lines.Any(l => l.Contains("GATE-05", StringComparison.Ordinal)));
        Assert.Contains(dialog.Before, f => f.Step is InspectHsmStep && f.Lines.Any(l => l.Contains("PROBE-03", StringComparison.Ordinal)));
        Assert.True(At(Seek(found, "holiday-pictures")) > 0);
    }

    [Fact]
    public void Where_words_are_typed_that_were_found_no_earlier_words_stand_beside_them()
    {
        ScreenModel typing = _room.GoTo("preview-root", AnswerKind.Typed).Model(Screen80);
        EvidenceDialog dialog = Assert.IsType<EvidenceDialog>(Press(typing, new Key(KeyKind.F5)).Dialog);
        Assert.NotEmpty(dialog.Before);
        var page = new ReadingPage(typing, dialog);
        Assert.DoesNotContain(page.Text.Lines,
            line => string.Concat(line.Select(run => run.Text)).Contains("GATE-0", StringComparison.Ordinal));
    }

    private static ScreenModel Seek(ScreenModel model, string text) =>
        Press(text.Aggregate(Press(model, Key.Of('/')), (m, letter) => Press(m, Key.Of(letter))), new Key(KeyKind.Enter));

    private static ScreenModel Press(ScreenModel model, Key key) => Screen.Update(model, key).Model;

    private static int At(ScreenModel model) => ((ReadingDialog)model.Dialog!).FoundAt;
}
