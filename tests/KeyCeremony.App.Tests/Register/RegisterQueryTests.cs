using KeyCeremony.App.Register;
using KeyCeremony.Core;
using KeyCeremony.Verifier.Register;

namespace KeyCeremony.App.Tests.Register;

/// <summary>What may be asked in LiteDB's language, and what may not.</summary>
public sealed class RegisterQueryTests : IDisposable
{
    private const string OneSelect = "REGISTER-10", KnownWords = "REGISTER-11", Bounded = "REGISTER-12", Computes = "REGISTER-14";

    private readonly string _place = Directory.CreateTempSubdirectory("query").FullName;

    public void Dispose() => Directory.Delete(_place, recursive: true);

    [Theory]
    // Writing, reading, asking the machine.
    [InlineData("SELECT name INTO $file('out.json') FROM people", KnownWords)]
    [InlineData("SELECT name INTO others FROM people", KnownWords)]
    [InlineData("select $ into $file_json('out.json') from people", KnownWords)]
    [InlineData("SELECT $ FROM $file('/etc/passwd')", OneSelect)]
    [InlineData("SELECT $ FROM $dump", OneSelect)]
    [InlineData("SELECT $ FROM $cols", OneSelect)]
    [InlineData("SELECT $file('/etc/passwd') FROM people", KnownWords)]
    [InlineData("SELECT $ FROM others", OneSelect)]
    [InlineData("SELECT $ FROM people FOR UPDATE", KnownWords)]
    [InlineData("SELECT $ FROM people INCLUDE name", KnownWords)]
    [InlineData("EXPLAIN SELECT $ FROM people", OneSelect)]
    [InlineData("SELECT 1", OneSelect)]
    [InlineData("SELECT $ FROM", OneSelect)]
    [InlineData("", OneSelect)]
    [InlineData("DELETE people", OneSelect)]
    [InlineData("DELETE people WHERE 1=1", OneSelect)]
    [InlineData("UPDATE people SET name = 'x'", OneSelect)]
    [InlineData("INSERT INTO people VALUES {name:'x'}", KnownWords)]
    [InlineData("DROP COLLECTION people", OneSelect)]
    [InlineData("RENAME COLLECTION people TO others", OneSelect)]
    [InlineData("CREATE INDEX i ON people (name)", OneSelect)]
    [InlineData("PRAGMA USER_VERSION = 7", OneSelect)]
    [InlineData("CHECKPOINT", OneSelect)]
    [InlineData("REBUILD {}", KnownWords)]
    [InlineData("BEGIN", OneSelect)]
    // A second statement, a comment, another one inside.
    [InlineData("SELECT name FROM people; DELETE people", KnownWords)]
    [InlineData("SELECT name FROM people;", KnownWords)]
    [InlineData("SELECT name FROM people DELETE people", KnownWords)]
    [InlineData("SELECT name FROM people -- WHERE", KnownWords)]
    [InlineData("SELECT name - - 1 FROM people", KnownWords)]
    [InlineData("SELECT name /* name */ FROM people", Computes)]
    [InlineData("SELECT (SELECT name FROM people) FROM people", OneSelect)]
    [InlineData("SELECT name FROM people WHERE name IN (SELECT name FROM people)", OneSelect)]
    // Texts that two readers read differently.
    [InlineData("SELECT '\\' INTO $file(\"x\") FROM people WHERE name = ' FROM people", KnownWords)]
    [InlineData("SELECT name FROM people WHERE name = 'x", KnownWords)]
    [InlineData("SELECT name FROM people WHERE name = \"x\\\"", KnownWords)]
    [InlineData("SELECT name FROM people WHERE name = 'a\u202eb'", KnownWords)]
    [InlineData("SELECT ｎame FROM people", KnownWords)]
    [InlineData("SELECT name\u00a0FROM people", KnownWords)]
    [InlineData("SELECT name\u0000FROM people", KnownWords)]
    [InlineData("SELECT {a: name} FROM people", KnownWords)]
    [InlineData("SELECT @0 FROM people", KnownWords)]
    // What depends on the machine, or grows without an end.
    [InlineData("SELECT NOW() FROM people", KnownWords)]
    [InlineData("SELECT NOW_UTC() FROM people", KnownWords)]
    [InlineData("SELECT GUID() FROM people", KnownWords)]
    [InlineData("SELECT OBJECTID() FROM people", KnownWords)]
    [InlineData("SELECT RANDOM() FROM people", KnownWords)]
    [InlineData("SELECT LPAD(name, 2000000000, 'x') FROM people", KnownWords)]
    [InlineData("SELECT REPLACE(name, 'a', 'aaaa') FROM people", KnownWords)]
    [InlineData("SELECT IS_MATCH(name, '(a+)+$') FROM people", KnownWords)]
    [InlineData("SELECT MAP(* => @.name) FROM people", KnownWords)]
    // Words that LiteDB would take for a column that is empty everywhere.
    [InlineData("SELECT nmae FROM people", KnownWords)]
    [InlineData("SELECT name FROM people WHERE sate = 'x'", KnownWords)]
    [InlineData("SELECT name AS FROM people", KnownWords)]
    [InlineData("SELECT name AS select FROM people", OneSelect)]
    [InlineData("SELECT _id FROM people", KnownWords)]
    // A name must not let a word in.
    [InlineData("SELECT name AS into FROM people", KnownWords)]
    [InlineData("SELECT name AS into, name INTO seat FROM people", KnownWords)]
    [InlineData("SELECT name AS include FROM people INCLUDE name", KnownWords)]
    [InlineData("SELECT name AS now, NOW() FROM people", KnownWords)]
    // LiteDB names the wrong group.
    [InlineData("SELECT @key AS name, COUNT(*) AS n FROM people GROUP BY name", KnownWords)]
    // What LiteDB cannot do.
    [InlineData("SELECT name FROM people WHERE", Computes)]
    [InlineData("SELECT name FROM people ORDER BY name GROUP BY name", Computes)]
    [InlineData("SELECT FIRST(*.name) AS who, COUNT(*) AS n FROM people GROUP BY name ORDER BY n", Computes)]
    [InlineData("SELECT SUBSTRING(name, 400) FROM people", Computes)]
    [InlineData("SELECT name FROM people LIMIT 99999999999", Computes)]
    [InlineData("SELECT ((name) FROM people", Computes)]
    public void What_is_no_question_to_the_register_is_refused(string query, string rule)
    {
        Assert.Equal(rule, Ask(query).Refusal?.Rule);
        Assert.Equal(["register.db"], Directory.GetFiles(_place).Select(Path.GetFileName).Where(f => !f!.EndsWith("-log.db",
            StringComparison.Ordinal)).DefaultIfEmpty("register.db"));
    }

    [Fact]
    public void A_query_of_any_length_and_depth_is_refused_before_it_is_read()
    {
        Assert.Equal(Bounded, Ask($"SELECT name FROM people WHERE name = '{new string('x', RegisterQuery.MaxLength)}'").Refusal?.Rule);
        Assert.Equal(Bounded, Ask($"SELECT {new string('(', 17)}name{new string(')', 17)} FROM people").Refusal?.Rule);
        Assert.Null(Ask($"SELECT {new string('(', 16)}name{new string(')', 16)} AS n FROM people").Refusal);
    }

    [Theory]
    [InlineData("SELECT name FROM people WHERE role = 'witness'", "Wilma")]
    [InlineData("SELECT NAME from People where ROLE='witness'", "Wilma")]
    [InlineData("SELECT $.name FROM people WHERE $.seat >= 2 AND role != \"officer\"", "")]
    [InlineData("SELECT name FROM people WHERE name LIKE 'W%'", "Wilma")]
    [InlineData("SELECT name FROM people WHERE LOWER(name) LIKE '%d%' ORDER BY name DESC LIMIT 1", "Dana; DROP")]
    [InlineData("SELECT name FROM people WHERE seat BETWEEN 2 AND 2 OR name IN ['Ada']", "Ada|Dana; DROP")]
    [InlineData("SELECT name FROM people WHERE name = 'Dana; DROP'", "Dana; DROP")]
    [InlineData("SELECT name FROM people WHERE name = \"-- INTO $file(x)\"", "")]
    [InlineData("SELECT COUNT(*) AS n FROM people", "4")]
    [InlineData("SELECT FIRST(*.role) AS role FROM people GROUP BY role", "officer|operator|witness")]
    [InlineData("SELECT FIRST(*.role) AS role, COUNT(*) AS n FROM people GROUP BY role", "officer,2|operator,1|witness,1")]
    [InlineData("SELECT COUNT(*) AS n, FIRST(*.role) AS role FROM people GROUP BY role", "2,officer|1,operator|1,witness")]
    [InlineData("SELECT FIRST(*.role) AS role, JOIN(*.name, ' ') AS names FROM people GROUP BY role HAVING COUNT(*) > 1",
        "officer,Ada Dana; DROP")]
    [InlineData("SELECT FIRST(*.role) AS role, SUM(*.seat) AS seats, MIN(*.name) AS least, MAX(*.name) AS most FROM people WHERE seat > "
        + "0 GROUP BY role HAVING MAX(*.seat) >= 1", "officer,3,Ada,Dana; DROP|operator,1,Otto % _ \"',Otto % _ \"'|witness,1,Wilma,Wilma")]
    [InlineData("SELECT -5 AS m, 1-2 AS k, 3 * (2 + 1) AS x FROM people LIMIT 1 OFFSET 1", "-5,-1,9")]
    [InlineData("SELECT SUBSTRING(recorded, 0, 4) AS year FROM people LIMIT 1", "2026")]
    [InlineData("SELECT name FROM people WHERE recorded < '2027' AND ceremony = null", "")]
    public void A_select_is_answered(string query, string expected)
    {
        (RegisterAnswer? answer, Refusal? refusal) = Ask(query);
        Assert.True(answer is not null, $"{refusal}");
        Assert.Equal(expected, string.Join("|", answer.Rows.Select(r => string.Join(",", r.Cells.Select(RegisterAnswer.Stored)))));
    }

    [Theory]
    [InlineData("SELECT * FROM people")]
    [InlineData("SELECT $ FROM people")]
    public void A_whole_row_has_the_columns_of_its_table(string query) =>
        Assert.Equal(RegisterTable.Named("people")!.Columns.Select(c => c.Name), Ask(query).Answer!.Columns.Select(c => c.Name));

    /// <summary>Every grouping of the ledger's people by every column, once by LiteDB and once here.</summary>
    [Fact]
    public void Groups_are_those_that_one_counts_oneself()
    {
        RegisterAnswer many = RegisterFilterTests.People with
        {
            Rows = [.. Enumerable.Range(0, 500).Select(i =>
                new RegisterRow([$"l{i % 3}", "rehearsal", $"role {i * 7 % 5}", (long)(i % 11),
                    $"name {i * i % 17}", null, (long)i, null]))]
        };
        foreach (string column in new[] { "ledger", "role", "seat", "name" })
        {
            int at = many.Columns.IndexOf(RegisterTable.Named("people")!.Column(column)!);
            Assert.True(RegisterQuery.TryParse(
                $"SELECT COUNT(*) AS n, SUM(*.seq) AS total, FIRST(*.{column}) AS what FROM people GROUP BY {column} HAVING COUNT(*) > 20",
                out RegisterQuery? query, out _));
            Assert.True(RegisterDatabase.TryQuery(Directory.CreateDirectory(Path.Combine(_place, column)).FullName, query, many,
                CancellationToken.None, out RegisterAnswer? answer, out Refusal? refusal), $"{refusal}");
            Assert.Equal(
                many.Rows.GroupBy(r => RegisterAnswer.Stored(r.Cells[at])).Where(g => g.Count() > 20).Select(g =>
                    $"{g.Count()} {g.Sum(r => (long)r.Cells[6]!)} {g.Key}").Order(),
                answer.Rows.Select(r => string.Join(" ", r.Cells.Select(RegisterAnswer.Stored))).Order());
        }
    }

    [Fact]
    public void Every_column_of_every_table_can_be_asked_for()
    {
        foreach (RegisterTable table in RegisterTable.All)
        {
            var rows = new RegisterAnswer(table.Title, table.Columns, [new RegisterRow([.. table.Columns.Select((c, i) =>
                c.Kind switch { ColumnKind.Number => i, ColumnKind.Flag => true, ColumnKind.Time => (object)DateTimeOffset.UnixEpoch, _ =>
                $"text {i}" }).Select(v => v is int n ? (long)n : v)])]);
            Assert.True(RegisterQuery.TryParse($"SELECT {string.Join(", ", table.Columns.Select(c => c.Name))} FROM {table.Name}",
                out RegisterQuery? query, out Refusal? refusal), $"{refusal}");
            Assert.True(RegisterDatabase.TryQuery(Directory.CreateDirectory(Path.Combine(_place, table.Name)).FullName, query, rows,
                CancellationToken.None, out RegisterAnswer? answer, out refusal), $"{refusal}");
            Assert.Equal(rows.Columns.Select(c => c.Name), answer.Columns.Select(c => c.Name));
            Assert.Equal(rows.Rows[0].Cells.Select(RegisterAnswer.Stored), Assert.Single(answer.Rows).Cells.Select(RegisterAnswer.Stored));
        }
    }

    /// <summary>What the cutter takes for a text, LiteDB takes for the same text.</summary>
    [Fact]
    public void Nothing_that_is_put_together_at_random_writes_or_reads_a_file()
    {
        string[] parts = ["SELECT", "name", "FROM", "people", "INTO", "$", "$file", "('x.json')", "'", "\"", "\\", "--", "-", ";", "WHERE",
            "(", ")", "*", ",", "=", "@", "key", "COUNT", "\n", " ", "[", "]", "1", "1e", ".", "AS", "n", "DELETE", "AS into", "AS n",
            ", n"];
        var random = new Random(5);
        int answered = 0;
        for (int i = 0; i < 20_000; i++)
        {
            string query = "SELECT name " + string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ =>
                parts[random.Next(parts.Length)] + (random.Next(2) == 0 ? " " : ""))) + (random.Next(2) == 0 ? " FROM people" : "");
            if (!RegisterQuery.TryParse(query, out RegisterQuery? parsed, out _))
                continue;
            Assert.DoesNotMatch(@"(?i)\bINTO\b|\$[a-z_]", Outside(parsed.Text));
            Assert.DoesNotContain("@", Outside(parsed.Text), StringComparison.Ordinal);
            Assert.DoesNotContain("--", Outside(parsed.Text), StringComparison.Ordinal);
            if (answered++ < 200)
                Ask(query);
        }
        Assert.True(answered > 20, $"{answered}");
        Assert.False(File.Exists("x.json"));
    }

    private static string Outside(string query) => System.Text.RegularExpressions.Regex.Replace(query, "'[^']*'|\"[^\"]*\"", "");

    private (RegisterAnswer? Answer, Refusal? Refusal) Ask(string query)
    {
        if (!RegisterQuery.TryParse(query, out RegisterQuery? parsed, out Refusal? refusal))
            return (null, refusal);
        foreach (string file in Directory.GetFiles(_place))
            File.Delete(file);
        return RegisterDatabase.TryQuery(_place, parsed, RegisterFilterTests.People, CancellationToken.None, out RegisterAnswer? answer,
            out refusal) ? (answer, null) : (null, refusal);
    }
}
