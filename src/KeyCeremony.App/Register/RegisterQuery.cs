using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using KeyCeremony.Core;
using KeyCeremony.Verifier.Register;

namespace KeyCeremony.App.Register;

/// <summary>
/// A query that may be given to LiteDB. Its language can also write, copy into files, read files and ask the machine; so a query is
/// cut into words here, each of which must be known, and put together anew from them. What LiteDB would read otherwise than this
/// class (a backslash, a comment, letters of other scripts outside of texts) is in none. Nor is <c>@key</c>, which says the key of the next
/// group as soon as a function has looked at the rows of this one (docs/decisions/0019-register.md).
/// </summary>
/// <param name="Table">The one table that it asks.</param>
/// <param name="Text">As LiteDB is given it.</param>
internal sealed record RegisterQuery(RegisterTable Table, string Text)
{
    public const int MaxLength = 4096;
    public const int MaxDepth = 16;

    public const int MaxName = 32;
    private const string Symbols = "(),.*+-/%=<>[]$";

    private static readonly ImmutableHashSet<string> Keywords = ImmutableHashSet.Create(StringComparer.OrdinalIgnoreCase,
        "SELECT", "FROM", "WHERE", "GROUP", "BY", "HAVING", "ORDER", "ASC", "DESC", "LIMIT", "OFFSET", "AS",
        "AND", "OR", "LIKE", "IN", "BETWEEN", "TRUE", "FALSE", "NULL");

    /// <summary>Words that mean something to LiteDB: no name is one of them, or the name would let the word in.</summary>
    private static readonly ImmutableHashSet<string> Reserved = ImmutableHashSet.Create(StringComparer.OrdinalIgnoreCase,
        "INTO", "INCLUDE", "FOR", "UPDATE", "EXPLAIN", "ALL", "SET", "VALUES", "INSERT", "DELETE", "DROP", "RENAME", "CREATE",
        "PRAGMA", "BEGIN", "COMMIT", "ROLLBACK", "CHECKPOINT", "REBUILD", "MAP", "FILTER", "SORT");

    /// <summary>Those whose answer depends on the row alone and is not much longer than it.</summary>
    private static readonly ImmutableHashSet<string> Functions = ImmutableHashSet.Create(StringComparer.OrdinalIgnoreCase,
        "COUNT", "SUM", "MIN", "MAX", "AVG", "FIRST", "LAST", "ANY", "DISTINCT", "ARRAY", "JOIN",
        "LOWER", "UPPER", "TRIM", "LTRIM", "RTRIM", "LENGTH", "SUBSTRING", "INDEXOF", "IIF", "COALESCE", "IS_NULL",
        "STRING", "INT32", "INT64", "DOUBLE", "ABS", "ROUND");

    public static bool TryParse(string query, [NotNullWhen(true)] out RegisterQuery? parsed, [NotNullWhen(false)] out Refusal? refusal)
    {
        parsed = null;
        var words = new List<Word>();
        refusal = query.Length > MaxLength ? RegisterRules.Bounded.Refuse($"The query is {query.Length} characters long.")
            : Cut(query, words) ?? RefuseForm(words);
        RegisterTable? table = null;
        if (refusal is null)
            refusal = (table = TableOf(words)) is null
                ? RegisterRules.OneSelect.Refuse(
                    $"There is no table of this name. There are {string.Join(", ", RegisterTable.All.Select(t => t.Name))}.")
                : RefuseWords(words, table) ?? RefuseDepth(words);
        if (refusal is null)
            parsed = new RegisterQuery(table!, Composed(words));
        return refusal is null;
    }

    private static Refusal? Cut(string query, List<Word> words)
    {
        bool isApart = false;
        for (int at = 0; at < query.Length;)
        {
            char c = query[at];
            if (c is ' ' or '\t' or '\n' or '\r')
            {
                (isApart, at) = (true, at + 1);
                continue;
            }
            int end = c is '\'' or '"' ? EndOfText(query, at) : IsLetter(c) ? EndOf(query, at, x => IsLetter(x) || char.IsAsciiDigit(x))
                : char.IsAsciiDigit(c) ? EndOf(query, at, char.IsAsciiDigit) : c == '!' && at + 1 < query.Length && query[at + 1] == '='
                    ? at + 2
                : Symbols.Contains(c, StringComparison.Ordinal) ? at + 1 : 0;
            if (end == 0)
                return RegisterRules.KnownWords.Refuse(c is '\'' or '"'
                    ? "A text has no end, or holds a backslash or a sign that is not plain."
                    : $"\"{PlainText.Of(c.ToString(), 1)}\" is no part of a query.");
            words.Add(new Word(query[at..end], isApart));
            (isApart, at) = (false, end);
        }
        return null;
    }

    private static bool IsLetter(char c) => char.IsAsciiLetter(c) || c == '_';

    private static int EndOf(string query, int at, Func<char, bool> goesOn)
    {
        while (at < query.Length && goesOn(query[at]))
            at++;
        return at;
    }

    /// <summary>Behind the closing quotation mark; 0 when the text is none that both read alike.</summary>
    private static int EndOfText(string query, int at)
    {
        int close = query.IndexOf(query[at], at + 1);
        return close > 0 && PlainText.Is(query[at..close]) && !query.AsSpan(at, close - at).Contains('\\') ? close + 1 : 0;
    }

    private static Refusal? RefuseForm(List<Word> words)
    {
        if (words.Count == 0 || !words[0].Is("SELECT") || words.Count(w => w.Is("SELECT")) != 1)
            return RegisterRules.OneSelect.Refuse("The query does not begin with its one SELECT.");
        if (words.Count(w => w.Is("FROM")) != 1 || words.FindIndex(w => w.Is("FROM")) == words.Count - 1)
            return RegisterRules.OneSelect.Refuse("The query has not one FROM with a table behind it.");
        for (int i = 1; i < words.Count; i++)
            if (words[i].Text == "-" && words[i - 1].Text == "-")
                return RegisterRules.KnownWords.Refuse("Two minus signs follow each other, which begins a comment.");
        return null;
    }

    private static RegisterTable? TableOf(List<Word> words) => RegisterTable.Named(words[words.FindIndex(w => w.Is("FROM")) + 1].Text);

    private static Refusal? RefuseWords(List<Word> words, RegisterTable table)
    {
        int from = words.FindIndex(w => w.Is("FROM"));
        var given = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (int i = 1; i < words.Count; i++)
            if (words[i - 1].Is("AS"))
                if (i < from && words[i].IsName && words[i].Text.Length <= MaxName && !Keywords.Contains(words[i].Text)
                    && !Reserved.Contains(words[i].Text) && !Functions.Contains(words[i].Text))
                    given.Add(words[i].Text);
                else
                    return RegisterRules.KnownWords.Refuse("Behind AS stands no name, or a word that has a meaning of its own.");
        for (int i = 0; i < words.Count; i++)
        {
            Word word = words[i];
            Word? next = i + 1 < words.Count ? words[i + 1] : null;
            bool isKnown = !word.IsName ? word.Text != "$" || next is not { IsName: true, IsApart: false }
                : i == from + 1 || Keywords.Contains(word.Text)
                    || (next?.Text == "(" ? Functions.Contains(word.Text)
                        : table.Column(word.Text) is not null || given.Contains(word.Text));
            if (isKnown)
                continue;
            return next?.Text == "("
                ? RegisterRules.KnownWords.Refuse($"{word.Text} is no function that a query may use. "
                    + $"There are {string.Join(", ", Functions.Order(StringComparer.Ordinal))}.")
                : RegisterRules.KnownWords.Refuse($"{word.Text} is neither a column of {table.Name} nor a word that a query may use. "
                    + $"The columns are {string.Join(", ", table.Columns.Select(c => c.Name))}.");
        }
        return null;
    }

    private static Refusal? RefuseDepth(List<Word> words)
    {
        int depth = 0;
        foreach (Word word in words)
        {
            depth += word.Text is "(" or "[" ? 1 : word.Text is ")" or "]" ? -1 : 0;
            if (depth > MaxDepth)
                return RegisterRules.Bounded.Refuse($"The query nests more than {MaxDepth} brackets.");
        }
        return null;
    }

    /// <summary>What everybody writes for "the whole row" is <c>$</c> to LiteDB.</summary>
    private static string Composed(List<Word> words)
    {
        var text = new StringBuilder();
        for (int i = 0; i < words.Count; i++)
            text.Append(words[i].IsApart ? " " : "").Append(i == 1 && words[i].Text == "*" && words[2].Is("FROM") ? "$" : words[i].Text);
        return text.ToString();
    }

    /// <param name="IsApart">Whether a blank stands before it.</param>
    private sealed record Word(string Text, bool IsApart)
    {
        public bool IsName => IsLetter(Text[0]);

        public bool Is(string keyword) => Text.Equals(keyword, StringComparison.OrdinalIgnoreCase);
    }
}
