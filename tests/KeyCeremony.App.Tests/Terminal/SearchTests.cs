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

    /// <summary>Each step before is a branch: folded it is one line, and what is sought in it opens it.</summary>
    [Fact]
    public void What_was_found_is_a_tree_whose_branches_fold()
    {
        ScreenModel found = Press(_room.GoTo("sign-root", AnswerKind.Acknowledge).Model(Screen80), new Key(KeyKind.F5));
        var dialog = (EvidenceDialog)found.Dialog!;
        ReadingPage open = Page(found);
        int last = dialog.Before.Length - 1;
        Assert.Equal(dialog.Before.Length, open.Branches.Length);
        Assert.StartsWith($"[-] {dialog.Before[last].Step.Number}. ", LineOf(open, open.Branches[last]), StringComparison.Ordinal);

        // Into the last step's lines; to the left they fold, and their heading is marked.
        while (((EvidenceDialog)found.Dialog!).Line <= open.Branches[last])
            found = Press(found, new Key(KeyKind.Down));
        ScreenModel folded = Press(found, new Key(KeyKind.Left));
        Assert.Equal([last], ((EvidenceDialog)folded.Dialog!).Folded);
        Assert.Equal(Page(folded).Branches[last], ((EvidenceDialog)folded.Dialog!).Line);
        Assert.StartsWith("[+] ", LineOf(Page(folded), Page(folded).Branches[last]), StringComparison.Ordinal);
        Assert.True(Page(folded).Text.Height < open.Text.Height);
        Assert.Equal(open.Text.Height, Page(Press(folded, new Key(KeyKind.Right))).Text.Height);

        ScreenModel all = Press(folded, Key.Of('-'));
        Assert.Equal(dialog.Before.Length, ((EvidenceDialog)all.Dialog!).Folded.Count);
        Assert.Equal(open.Text.Height, Page(Press(all, Key.Of('+'))).Text.Height);
        ScreenModel sought = Seek(all, "holiday-pictures");
        Assert.True(At(sought) > 0);
        Assert.Contains("holiday-pictures", Screen.View(sought).Text, StringComparison.Ordinal);
        Assert.Equal(At(sought), ((EvidenceDialog)sought.Dialog!).Line);
    }

    /// <summary>A page that is turned: the first key shows other lines, not the same ones with another mark.</summary>
    [Fact]
    public void A_page_forward_reads_on_from_where_it_was()
    {
        ScreenModel found = Press(_room.GoTo("sign-root", AnswerKind.Acknowledge).Model(Screen80), new Key(KeyKind.F5));
        (int room, int lines) = Page(found).Reading;
        Assert.True(lines > 3 * room);
        foreach (Key key in new[] { new Key(KeyKind.PageDown), Key.Of(' ') })
        {
            ScreenModel next = Press(found, key);
            Assert.Equal((room - 1, room - 1), (((EvidenceDialog)next.Dialog!).Scroll, ((EvidenceDialog)next.Dialog).Line));
            ScreenModel back = Press(next, new Key(KeyKind.PageUp));
            Assert.Equal((0, 0), (((EvidenceDialog)back.Dialog!).Scroll, ((EvidenceDialog)back.Dialog).Line));
        }
    }

    /// <summary>The marked line is always on the screen, wherever keys and the mouse lead.</summary>
    [Fact]
    public void The_marked_line_stays_in_sight()
    {
        KeyKind[] kinds = [KeyKind.Up, KeyKind.Down, KeyKind.PageUp, KeyKind.PageDown, KeyKind.Home, KeyKind.End, KeyKind.Left,
            KeyKind.Right];
        var random = new Random(5);
        ScreenModel found = Press(_room.GoTo("sign-root", AnswerKind.Acknowledge).Model(Screen80), new Key(KeyKind.F5));
        for (int i = 0; i < 400; i++)
        {
            found = Press(found, random.Next(8) switch
            {
                0 => Key.Of("-+ "[random.Next(3)]),
                1 => Key.Mouse(KeyKind.Click, random.Next(25), random.Next(80)),
                _ => new Key(kinds[random.Next(kinds.Length)]),
            });
            EvidenceDialog dialog = Assert.IsType<EvidenceDialog>(found.Dialog);
            (int room, int lines) = Page(found).Reading;
            Assert.InRange(dialog.Line, dialog.Scroll, dialog.Scroll + room - 1);
            Assert.True(dialog.Line < lines);
            Assert.NotNull(Screen.View(found).Cursor);
        }
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

    private static ReadingPage Page(ScreenModel model) => new(model, (ReadingDialog)model.Dialog!);

    private static string LineOf(ReadingPage page, int line) => string.Concat(page.Text.Lines[line].Select(run => run.Text));
}
