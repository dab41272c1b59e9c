using System.Text.Json;
using KeyCeremony.Core;
using KeyCeremony.Verifier.Register;

namespace KeyCeremony.Verifier.Tests.Register;

/// <summary>Texts of anybody's in a table, in CSV and in JSON.</summary>
public sealed class RegisterAnswerTests
{
    private static readonly string[] Hostile =
    [
        "\u001b[2J\u001b]0;owned\u0007", "left\u202egnp.exe", "two\nlines\r\nthree", "a\u0000b", "tab\there", "zero\u200bwidth",
            "\u009b31m", "bell\a",
    ];

    public static TheoryData<string> HostileTexts => [.. Hostile];

    [Theory]
    [MemberData(nameof(HostileTexts))]
    public void What_steers_a_terminal_stands_as_its_code(string text)
    {
        RegisterAnswer answer = Answer([text]);
        foreach (string said in new[] { answer.Text(80), answer.Csv(), answer.Json(null, null, []) })
            Assert.All(said.Split('\n'), line => Assert.True(PlainText.Is(line), line));
        Assert.Contains("\\u", answer.Text(80), StringComparison.Ordinal);
        Assert.Equal(4, answer.Text(80).Split('\n').Length - 1);
        Assert.Equal(2, answer.Csv().Split('\n').Length - 1);
        using var json = JsonDocument.Parse(answer.Json(null, null, []));
        Assert.Equal(string.Concat(text.EnumerateRunes()), json.RootElement.GetProperty("rows")[0].GetProperty("a").GetString());
    }

    /// <summary>What a query can cut out of a text.</summary>
    [Fact]
    public void Half_a_character_is_no_fault()
    {
        RegisterAnswer answer = Answer("half \ud83d pair");
        Assert.Contains("\\ud83d", answer.Text(80), StringComparison.Ordinal);
        Assert.Contains("\\ud83d", answer.Csv(), StringComparison.Ordinal);
        using var json = JsonDocument.Parse(answer.Json(null, null, []));
        Assert.Equal("half \ufffd pair", json.RootElement.GetProperty("rows")[0].GetProperty("a").GetString());
    }

    [Theory]
    [InlineData("=HYPERLINK(\"http://x\",\"y\")")]
    [InlineData("+1+1")]
    [InlineData("-2+3")]
    [InlineData("@SUM(1)")]
    [InlineData("  =1+1")]
    [InlineData("＝1+1")]
    public void A_formula_is_a_text_in_csv(string formula)
    {
        string field = Answer([formula]).Csv().Split('\n')[1];
        Assert.StartsWith("\"'", field, StringComparison.Ordinal);
        Assert.Equal($"\"'{formula.Replace("\"", "\"\"", StringComparison.Ordinal)}\"", field);
    }

    [Fact]
    public void Csv_is_read_back_by_its_rules()
    {
        string csv = new RegisterAnswer("t", [Text("a"), new("n", "n", ColumnKind.Number), new("f", "f", ColumnKind.Flag), Text("b")],
            [new RegisterRow(["He said \"no\", twice; 'really'", -5L, true, null])]).Csv();
        Assert.Equal("a,n,f,b\n\"He said \"\"no\"\", twice; 'really'\",-5,true,\n", csv);
    }

    /// <summary>Wide, combining and long texts: every line keeps to the screen, columns begin where their heading does, and nothing is
    /// lost.</summary>
    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(120)]
    public void A_table_stays_aligned_and_whole(int width)
    {
        string[] texts = ["日本電気株式会社 東京都港区芝五丁目", "Ångström e\u0301tude mit sehr langem Namen",
            "0001-intermediate-creation-of-a-very-long-name", new('f', 64), "", "ok"];
        var answer = new RegisterAnswer("t", [Text("first"), Text("second"), new("n", "n", ColumnKind.Number)],
            [.. texts.Zip(texts.Reverse()).Select((t, i) => new RegisterRow([t.First, t.Second, (long)i]))]);
        string[] lines = answer.Text(width).Split('\n');
        int second = lines[0].IndexOf("second", StringComparison.Ordinal);
        Assert.All(lines, line => Assert.True(RegisterAnswer.WidthOf(line) <= width, line));
        Assert.True(second > 0);
        foreach (string line in lines[1..^2].Where(l => RegisterAnswer.WidthOf(l) > second))
            Assert.Equal("  ", Columns(line, second - 2, second));
        string squeezed = string.Concat(lines.SelectMany(l => l).Where(c => c != ' '));
        Assert.All(texts, t => Assert.All(t.Split(' ', '-').Where(w => w.Length is > 0 and < 8), word => Assert.Contains(word, squeezed,
            StringComparison.Ordinal)));
        int given = texts.Sum(t => 2 * t.Count(c => c == 'f'));
        Assert.Equal(given + "first".Count(c => c == 'f'), squeezed.Count(c => c == 'f'));
        Assert.Equal("6 rows", lines[^2]);
    }

    [Fact]
    public void What_fits_nowhere_stands_as_a_list()
    {
        RegisterTable table = RegisterTable.Named("certificates")!;
        var answer = new RegisterAnswer("t", table.Columns, [new RegisterRow([.. table.Columns.Select((c, i) =>
            (object?)(c.Kind == ColumnKind.Text ? $"text of {c.Name}" : null))])]);
        string text = answer.Text(80);
        Assert.All(text.Split('\n'), line => Assert.True(line.Length <= 80, line));
        foreach (RegisterColumn column in table.Columns.Where(c => c.Kind == ColumnKind.Text))
            Assert.Contains($"text of {column.Name}", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_of_tables_and_columns_can_be_asked_for()
    {
        Assert.Equal(RegisterTable.All.Length, RegisterTable.All.Select(t => t.Name).Distinct(StringComparer.OrdinalIgnoreCase).Count());
        foreach (RegisterTable table in RegisterTable.All)
        {
            Assert.Equal(table.Columns.Length, table.Columns.Select(c => c.Name).Distinct(StringComparer.OrdinalIgnoreCase).Count());
            Assert.All(table.Columns, c => Assert.Matches("^[a-z][A-Za-z0-9]*$", c.Name));
            Assert.NotEmpty(table.Brief);
        }
    }

    private static string Columns(string line, int from, int to)
    {
        int at = 0;
        string found = "";
        foreach (System.Text.Rune rune in line.EnumerateRunes())
        {
            if (at >= from && at < to)
                found += rune.ToString();
            at += RegisterAnswer.WidthOf(rune.ToString());
        }
        return found;
    }

    private static RegisterColumn Text(string name) => new(name, name, ColumnKind.Text);

    private static RegisterAnswer Answer(params string[] cells) =>
        new("t", [.. cells.Select((_, i) => Text($"{(char)('a' + i)}"))], [new RegisterRow([.. cells])]);
}
