using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace KeyCeremony.Verifier.Register;

/// <summary>A title, columns and rows: what the command prints and the terminal's page shows.</summary>
/// <param name="Title">For people.</param>
/// <param name="Columns">All that the rows have a cell for.</param>
public sealed record RegisterAnswer(string Title, ImmutableArray<RegisterColumn> Columns, ImmutableArray<RegisterRow> Rows)
{
    private const string JsonType = "keyceremony-register-v1";
    /// <summary>Between two columns.</summary>
    public const string Between = "  ";

    /// <summary>A column of a table that is broken into lines is not made narrower than this.</summary>
    private const int Narrowest = 9;

    private static readonly JsonWriterOptions Form = new()
    {
        Indented = true,
        IndentSize = 2,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping
    };

    /// <summary>Everything of one kind that these ledgers know.</summary>
    public static RegisterAnswer Of(RegisterTable table, IEnumerable<LedgerRegister> ledgers) => new(table.Title, table.Columns,
        [.. ledgers.SelectMany(l => l.Rows(table))]);

    /// <summary>How many rows each table has for each ledger.</summary>
    /// <param name="find">As for <see cref="Having"/>.</param>
    public static RegisterAnswer Overview(IEnumerable<LedgerRegister> ledgers, string find) => new("What is known",
        [new("ledger", "Ledger", ColumnKind.Text), new("table", "Table", ColumnKind.Text), new("title", "What", ColumnKind.Text),
            new("rows", "Rows", ColumnKind.Number)],
        [
            .. from ledger in ledgers
               from table in RegisterTable.All
               select new RegisterRow([ledger.Id, table.Name, table.Title, (long)Of(table, [ledger]).Having(find).Rows.Length]),
        ]);

    /// <summary>Rows in which every word stands somewhere, upper case or lower.</summary>
    public RegisterAnswer Having(string words)
    {
        string[] all = words.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return all.Length == 0 ? this : this with
        {
            Rows = [.. Rows.Where(row => all.All(word => row.Cells.Any(cell => RegisterText.Of(cell).Contains(word,
                StringComparison.OrdinalIgnoreCase))))],
        };
    }

    /// <summary>With these columns alone.</summary>
    public RegisterAnswer Showing(ImmutableArray<RegisterColumn> columns)
    {
        int[] at = [.. columns.Select(c => Columns.IndexOf(c))];
        return this with { Columns = columns, Rows = [.. Rows.Select(row => new RegisterRow([.. at.Select(i => row.Cells[i])]))] };
    }

    /// <summary>The columns that a table is shown with where nobody chose; the ledger first where there are several.</summary>
    public static ImmutableArray<RegisterColumn> Brief(RegisterTable table, bool severalLedgers) =>
        severalLedgers && table.Brief[0] != table.Columns[0] ? [table.Columns[0], .. table.Brief] : table.Brief;

    /// <summary>A cell as queries compare it; a foreign text as it came.</summary>
    public static string Stored(object? value) => RegisterText.Of(value);

    /// <summary>A cell as it stands on a screen.</summary>
    public static string Shown(object? value) => RegisterText.Plain(RegisterText.Of(value));

    /// <summary>
    /// How wide each column is on a screen of so many: as its longest cell, then less of the widest text. Numbers, times and flags keep
    /// their width. Null when a text had to be narrower than so many.
    /// </summary>
    public ImmutableArray<int>? Widths(int width, int narrowest)
    {
        int[] widths = [.. Columns.Select((c, i) => Math.Max(1, Rows.Select(r =>
            RegisterText.Width(Shown(r.Cells[i]))).Append(RegisterText.Width(Shown(c.Heading))).Max()))];
        bool[] breaks = [.. Columns.Select((c, i) => c.Kind == ColumnKind.Text && Rows.All(r => r.Cells[i] is null or string))];
        while (widths.Sum() + (Between.Length * (widths.Length - 1)) > width)
        {
            int widest = Enumerable.Range(0, widths.Length).Where(i => breaks[i]).DefaultIfEmpty(-1).MaxBy(i => i < 0 ? 0 : widths[i]);
            if (widest < 0 || --widths[widest] < narrowest)
                return null;
        }
        return [.. widths];
    }

    /// <summary>A paragraph as lines of so many columns.</summary>
    public static IEnumerable<string> Wrapped(string text, int width) => RegisterText.Wrap(RegisterText.Plain(text), width);

    /// <summary>The columns of a terminal that a text takes.</summary>
    public static int WidthOf(string text) => RegisterText.Width(text);

    /// <summary>
    /// For people. A row that does not fit is broken inside its cells; where that does not help either, each row stands as a list of
    /// its cells. Nothing is cut off.
    /// </summary>
    /// <param name="width">Columns of the screen.</param>
    public string Text(int width)
    {
        string[] headings = [.. Columns.Select(c => RegisterText.Plain(c.Heading))];
        string[][] rows = [.. Rows.Select(r => r.Cells.Select(Shown).ToArray())];
        var text = new StringBuilder();
        if (Widths(width, Narrowest) is { } fitting)
        {
            Write(text, headings, fitting);
            Write(text, [.. fitting.Select(w => new string('-', w))], fitting);
            foreach (string[] row in rows)
                Write(text, row, fitting);
        }
        else
            WriteLists(text, headings, rows, width);
        return text.Append(Rows.Length == 1 ? "1 row\n" : $"{Rows.Length.ToString(CultureInfo.InvariantCulture)} rows\n").ToString();
    }

    /// <summary>RFC 4180, lines end with LF, a line of column names first.</summary>
    public string Csv()
    {
        var text = new StringBuilder();
        text.AppendJoin(',', Columns.Select(c => RegisterText.Csv(c.Name))).Append('\n');
        foreach (RegisterRow row in Rows)
            text.AppendJoin(',', row.Cells.Select(RegisterText.Csv)).Append('\n');
        return text.ToString();
    }

    /// <summary>docs/formats/register.md.</summary>
    /// <param name="asked">The query, or null.</param>
    /// <param name="table">The table that was asked, or null.</param>
    /// <param name="ledgers">All that were asked.</param>
    public string Json(string? asked, RegisterTable? table, IEnumerable<LedgerRegister> ledgers)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Form))
        {
            json.WriteStartObject();
            json.WriteString("type", JsonType);
            json.WriteString("table", table?.Name);
            json.WriteString("query", asked);
            json.WriteStartArray("ledgers");
            foreach (LedgerRegister ledger in ledgers)
            {
                json.WriteStartObject();
                json.WriteString("ledger", ledger.Id);
                json.WriteString("id", ledger.LedgerId);
                json.WriteString("environment", ledger.Environment);
                json.WriteNumber("entries", ledger.Last.Seq);
                json.WriteString("head", ledger.Last.HashHex);
                json.WriteString("proof", ledger.Proof);
                json.WriteStartArray("sources");
                foreach (string source in ledger.Sources)
                    json.WriteStringValue(source);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("columns");
            foreach (RegisterColumn column in Columns)
                json.WriteStringValue(column.Name);
            json.WriteEndArray();
            json.WriteStartArray("rows");
            foreach (RegisterRow row in Rows)
            {
                json.WriteStartObject();
                for (int i = 0; i < Columns.Length; i++)
                {
                    json.WritePropertyName(Columns[i].Name);
                    Write(json, row.Cells[i]);
                }
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        // Outside of strings JSON has nothing but plain text and line ends.
        return string.Join('\n', Encoding.UTF8.GetString(buffer.WrittenSpan).Split('\n').Select(RegisterText.Plain)) + "\n";
    }

    private static void Write(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case long number:
                json.WriteNumberValue(number);
                break;
            case decimal number:
                json.WriteNumberValue(number);
                break;
            case double number when double.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case ImmutableArray<object?> list:
                json.WriteStartArray();
                foreach (object? one in list)
                    Write(json, one);
                json.WriteEndArray();
                break;
            default:
                // Half a surrogate pair, which a query can cut out, has no place in UTF-8.
                json.WriteStringValue(string.Concat(RegisterText.Of(value).EnumerateRunes()));
                break;
        }
    }

    private static void Write(StringBuilder text, string[] cells, ImmutableArray<int> widths)
    {
        string[][] lines = [.. cells.Select((cell, i) => RegisterText.Wrap(cell, widths[i]).ToArray())];
        for (int line = 0; line < lines.Max(l => l.Length); line++)
        {
            var row = new StringBuilder();
            for (int i = 0; i < lines.Length; i++)
            {
                string part = line < lines[i].Length ? lines[i][line] : "";
                row.Append(i == 0 ? "" : Between).Append(part).Append(' ', widths[i] - RegisterText.Width(part));
            }
            text.Append(row.ToString().TrimEnd(' ')).Append('\n');
        }
    }

    private static void WriteLists(StringBuilder text, string[] headings, string[][] rows, int width)
    {
        int name = Math.Min(headings.Max(RegisterText.Width), width / 2);
        foreach (string[] row in rows)
        {
            for (int i = 0; i < row.Length; i++)
                if (row[i].Length > 0)
                    Write(text, [headings[i], row[i]], [name, Math.Max(1, width - name - Between.Length)]);
            text.Append('\n');
        }
    }
}
