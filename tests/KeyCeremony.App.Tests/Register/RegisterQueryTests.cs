using System.Collections.Immutable;
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
    [InlineData("INSERT INTO people VALUES {name:'x'}", OneSelect)]
    [InlineData("DROP COLLECTION people", OneSelect)]
    [InlineData("RENAME COLLECTION people TO others", OneSelect)]
    [InlineData("CREATE INDEX i ON people (name)", OneSelect)]
    [InlineData("PRAGMA USER_VERSION = 7", OneSelect)]
    [InlineData("CHECKPOINT", OneSelect)]
    [InlineData("REBUILD {}", OneSelect)]
    [InlineData("BEGIN", OneSelect)]
    // A second statement, a comment, another one inside.
    [InlineData("SELECT name FROM people; DELETE people", KnownWords)]
    [InlineData("SELECT name FROM people;", KnownWords)]
    [InlineData("SELECT name FROM people DELETE people", KnownWords)]
    [InlineData("SELECT name FROM people -- WHERE", KnownWords)]
    [InlineData("SELECT name - - 1 FROM people", KnownWords)]
    [InlineData("SELECT name /* x */ FROM people", Computes)]
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
    [InlineData("SELECT @0 FROM people", Computes)]
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
    // What LiteDB cannot do.
    [InlineData("SELECT name FROM people WHERE", Computes)]
    [InlineData("SELECT name FROM people ORDER BY name GROUP BY name", Computes)]
    [InlineData("SELECT @key AS name, COUNT(*) AS n FROM people GROUP BY name ORDER BY n", Computes)]
    [InlineData("SELECT SUBSTRING(name, 400) FROM people", Computes)]
    [InlineData("SELECT name FROM people LIMIT 99999999999", Computes)]
    [InlineData("SELECT ((name) FROM people", Computes)]
    public void What_is_no_question_to_the_register_is_refused(string query, string rule)
    {
        Assert.Equal(rule, Ask(query).Refusal?.Rule);
        Assert.Equal(["register.db"], Directory.GetFiles(_place).Select(Path.GetFileName).Where(f => !f!.EndsWith("-log.db", StringComparison.Ordinal)).DefaultIfEmpty("register.db"));
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
    [InlineData("SELECT @key AS role, COUNT(*) AS n FROM people GROUP BY role", "officer,2|operator,1|witness,1")]
    [InlineData("SELECT @key AS role, JOIN(*.name, ' ') AS names FROM people GROUP BY role HAVING COUNT(*) > 1", "officer,Ada Dana; DROP")]
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

    /// <summary>What the cutter takes for a text, LiteDB takes for the same text.</summary>
    [Fact]
    public void Nothing_that_is_put_together_at_random_writes_or_reads_a_file()
    {
        string[] parts = ["SELECT", "name", "FROM", "people", "INTO", "$", "$file", "('x.json')", "'", "\"", "\\", "--", "-", ";", "WHERE", "(", ")", "*", ",", "=", "@", "key", "COUNT", "\n", " ", "[", "]", "1", "1e", ".", "AS", "n", "DELETE"];
        var random = new Random(5);
        int answered = 0;
        for (int i = 0; i < 20_000; i++)
        {
            string query = "SELECT name " + string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => parts[random.Next(parts.Length)] + (random.Next(2) == 0 ? " " : ""))) + (random.Next(2) == 0 ? " FROM people" : "");
            if (!RegisterQuery.TryParse(query, out RegisterQuery? parsed, out _))
                continue;
            Assert.DoesNotContain("INTO", Outside(parsed.Text), StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("$f", Outside(parsed.Text), StringComparison.OrdinalIgnoreCase);
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
        return RegisterDatabase.TryQuery(_place, parsed, RegisterFilterTests.People, CancellationToken.None, out RegisterAnswer? answer, out refusal) ? (answer, null) : (null, refusal);
    }
}
