using KeyCeremony.App.Terminal;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Verifier.Register;

namespace KeyCeremony.App.Tests.Terminal;

/// <summary>F7: what this ledger knows.</summary>
public sealed class RegisterKeysTests : IDisposable
{
    private static readonly Display Screen80 = new(80, 25, GlyphSet.Unicode, Attributes: true, Colour: true, FunctionKeys: true);

    private readonly FakeRoom _room = new FakeRoom("root-creation.md").GoTo("clock", AnswerKind.Utc);

    public void Dispose() => _room.Dispose();

    [Fact]
    public void Enter_goes_in_and_escape_goes_out_a_page_at_a_time()
    {
        ScreenModel model = Typed(_room.Model(Screen80), "20261122");
        string typed = model.Input.Text;
        model = Press(model, KeyKind.F7);
        Assert.Null(Assert.IsType<RegisterDialog>(model.Dialog).Table);
        model = Press(model, KeyKind.End, KeyKind.Up, KeyKind.Enter);
        Assert.Equal("people", ((RegisterDialog)model.Dialog!).Table!.Name);
        model = Press(model, KeyKind.Down, KeyKind.Enter);
        Assert.True(((RegisterDialog)model.Dialog!).IsWhole);
        model = Press(model, KeyKind.Esc);
        Assert.Equal((1, false), (((RegisterDialog)model.Dialog!).Selected, ((RegisterDialog)model.Dialog!).IsWhole));
        model = Press(model, KeyKind.Esc);
        Assert.Null(((RegisterDialog)model.Dialog!).Table);
        Assert.Equal("people", RegisterTable.All[((RegisterDialog)model.Dialog!).Selected].Name);
        model = Press(model, KeyKind.Esc);
        Assert.Null(model.Dialog);
        Assert.Equal(typed, model.Input.Text);
    }

    [Fact]
    public void Typing_filters_and_an_empty_table_stays_a_table()
    {
        ScreenModel model = Press(Press(_room.Model(Screen80), KeyKind.F7), KeyKind.End, KeyKind.Up, KeyKind.Enter);
        int all = ((RegisterDialog)model.Dialog!).Answer.Rows.Length;
        model = Typed(Press(model, KeyKind.Down, KeyKind.Down), "wit wilma");
        Assert.Single(((RegisterDialog)model.Dialog!).Answer.Rows);
        Assert.Equal(0, ((RegisterDialog)model.Dialog!).Selected);
        Assert.Contains("Wilma", Screen.View(model).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Ada Adams ", Screen.View(model).Text, StringComparison.Ordinal);
        model = Press(Typed(model, "zzz"), KeyKind.Down, KeyKind.PageDown, KeyKind.End, KeyKind.Enter);
        Assert.Empty(((RegisterDialog)model.Dialog!).Answer.Rows);
        Assert.False(((RegisterDialog)model.Dialog!).IsWhole);
        Assert.Contains("nothing", Screen.View(model).Text, StringComparison.Ordinal);
        model = Press(model, [.. Enumerable.Repeat(KeyKind.Backspace, 20)]);
        Assert.Equal(all, ((RegisterDialog)model.Dialog!).Answer.Rows.Length);
    }

    /// <summary>Tab sorts by one column after the other, Shift and Tab turns them round; what is marked is shown whole.</summary>
    [Fact]
    public void Rows_stand_by_a_column_or_as_in_the_ledger()
    {
        ScreenModel people = Press(Press(_room.Model(Screen80), KeyKind.F7), KeyKind.End, KeyKind.Up, KeyKind.Enter);
        string[] Column(ScreenModel m, RegisterColumn column) => m.Dialog is RegisterDialog { Answer: var answer }
            ? [.. answer.Rows.Select(row => RegisterAnswer.Stored(row.Cells[answer.Columns.IndexOf(column)]))] : [];
        RegisterTable table = ((RegisterDialog)people.Dialog!).Table!;
        string[] ledger = Column(people, table.Brief[0]);
        foreach (RegisterColumn column in table.Brief)
        {
            people = Press(people, KeyKind.Tab);
            Assert.Equal(column, ((RegisterDialog)people.Dialog!).SortedColumn);
            Assert.Contains($"by {column.Heading}   1 of", Screen.View(people).Text, StringComparison.Ordinal);
            if (column.Kind == ColumnKind.Text)
                Assert.Equal(Column(people, column).Order(StringComparer.OrdinalIgnoreCase), Column(people, column));
            ScreenModel turned = Press(people, KeyKind.BackTab);
            Assert.Contains($"by {column.Heading}, last first   1 of", Screen.View(turned).Text, StringComparison.Ordinal);
            if (column.Kind == ColumnKind.Text)
                Assert.Equal(Column(people, column).OrderDescending(StringComparer.OrdinalIgnoreCase), Column(turned, column));
            string first = Column(turned, column)[0];
            Assert.Contains(first, Screen.View(Press(turned, KeyKind.Enter)).Text, StringComparison.Ordinal);
        }
        people = Press(people, KeyKind.Tab);
        Assert.Null(((RegisterDialog)people.Dialog!).SortedColumn);
        Assert.Equal(ledger, Column(people, table.Brief[0]));
    }

    /// <summary>Numbers by their value and times by their moment; a row without the cell stands last, whichever way.</summary>
    [Fact]
    public void Cells_are_compared_as_what_they_are()
    {
        RegisterColumn number = new("n", "N", ColumnKind.Number), time = new("t", "T", ColumnKind.Time);
        DateTimeOffset day = new(2026, 1, 2, 0, 0, 0, TimeSpan.Zero);
        var answer = new RegisterAnswer("", [number, time],
            [Row(10L, day), Row(null, day.AddDays(-1)), Row(9L, null), Row(100L, day.AddHours(-1))]);
        Assert.Equal([9L, 10L, 100L, null], RegisterOrder.Of(answer, number, turned: false).Rows.Select(r => r.Cells[0]));
        Assert.Equal([100L, 10L, 9L, null], RegisterOrder.Of(answer, number, turned: true).Rows.Select(r => r.Cells[0]));
        Assert.Equal([null, 100L, 10L, 9L], RegisterOrder.Of(answer, time, turned: false).Rows.Select(r => r.Cells[0]));
        Assert.Equal(answer, RegisterOrder.Of(answer, null, turned: true));
        static RegisterRow Row(params object?[] cells) => new([.. cells]);
    }

    /// <summary>It is read-only: no key in it asks the loop for anything.</summary>
    [Fact]
    public void No_key_in_it_says_anything_to_the_ceremony()
    {
        KeyKind[] kinds = [KeyKind.F7, KeyKind.Enter, KeyKind.Up, KeyKind.Down, KeyKind.PageDown, KeyKind.PageUp, KeyKind.Home,
            KeyKind.End, KeyKind.Backspace, KeyKind.Delete, KeyKind.BackTab,
            KeyKind.Left, KeyKind.Right, KeyKind.Tab, KeyKind.F1, KeyKind.F2, KeyKind.F3, KeyKind.F4, KeyKind.F5, KeyKind.F6, KeyKind.F8,
                KeyKind.F9];
        var random = new Random(7);
        ScreenModel model = Press(_room.Model(Screen80), KeyKind.F7);
        for (int i = 0; i < 3000; i++)
        {
            (model, Command? command) = Screen.Update(model, random.Next(3) == 0 ? Key.Of("abkeyz019 "[random.Next(10)])
                : new Key(kinds[random.Next(kinds.Length)]));
            Assert.True(model.Dialog is null || command is null, $"{command}");
            if (model.Dialog is not (RegisterDialog or HelpDialog))
                model = Press(_room.Model(Screen80), KeyKind.F7);
            Assert.Equal(25, Screen.View(model).Rows.Length);
        }
    }

    [Fact]
    public void While_a_card_is_typed_the_key_hides_its_words_as_ever()
    {
        using FakeRoom room = new FakeRoom("root-creation.md").GoTo("deal-activation", AnswerKind.ReadBackShare);
        ScreenModel model = Press(room.Model(Screen80), KeyKind.F7);
        Assert.Null(model.Dialog);
        Assert.True(model.WordsHidden);
    }

    [Fact]
    public void Without_a_ledger_there_is_nothing_to_look_into() =>
        Assert.Null(Press(_room.Model(Screen80) with { Journal = [] }, KeyKind.F7).Dialog);

    private static ScreenModel Press(ScreenModel model, params KeyKind[] keys) => keys.Aggregate(model, (m, key) => Screen.Update(m,
        new Key(key)).Model);

    private static ScreenModel Typed(ScreenModel model, string text) => text.Aggregate(model, (m, c) => Screen.Update(m, Key.Of(c)).Model);
}
