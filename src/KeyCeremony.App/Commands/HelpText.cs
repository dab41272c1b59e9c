using System.Text;

namespace KeyCeremony.App.Commands;

/// <summary>What <c>--help</c> prints: at most 80 columns, to standard output.</summary>
internal static class HelpText
{
    private const int Columns = 80;
    private const int MaxFirst = 28;

    public static string Of(CommandPage page)
    {
        var text = new StringBuilder();
        Wrap(text, page.Description, "", "");
        text.Append('\n');
        foreach (string usage in page.Usages)
            Wrap(text, usage, "  ", "      ");
        Rows(text, "Arguments", page.Arguments.Select(a => (a.Label, a.Told)));
        Rows(text, "Options", page.Options.Select(o => (o.Label, o.Told)));
        Rows(text, "Commands", page.Commands.Select(c => (c.Name, c.Description)));
        if (!page.Examples.IsEmpty)
            text.Append("\nExamples\n");
        foreach (Example example in page.Examples)
        {
            // Whoever copies it needs it on one line, however long.
            text.Append("  ").Append(page.Program).Append(' ').Append(example.Line).Append('\n');
            Wrap(text, example.What, "      ", "      ");
        }
        if (page.Runs)
            Rows(text, "Exit codes", page.Codes.Select(c => (c.Code.ToString(), c.Meaning)));
        return text.ToString();
    }

    private static void Rows(StringBuilder text, string title, IEnumerable<(string First, string Second)> all)
    {
        (string First, string Second)[] rows = [.. all];
        if (rows.Length == 0)
            return;
        text.Append('\n').Append(title).Append('\n');
        int width = Math.Min(MaxFirst, rows.Max(r => r.First.Length));
        string rest = new(' ', width + 4);
        foreach ((string first, string second) in rows)
        {
            bool fits = first.Length <= width;
            if (!fits)
                text.Append("  ").Append(first).Append('\n');
            Wrap(text, second, fits ? $"  {first.PadRight(width)}  " : rest, rest);
        }
    }

    /// <summary>Broken between words only.</summary>
    internal static void Wrap(StringBuilder text, string what, string indent, string hanging, int columns = Columns)
    {
        string line = indent;
        bool isEmpty = true;
        foreach (string word in what.Split(' '))
        {
            if (!isEmpty && line.Length + 1 + word.Length > columns)
            {
                text.Append(line.TrimEnd()).Append('\n');
                (line, isEmpty) = (hanging, true);
            }
            line += isEmpty ? word : $" {word}";
            isEmpty = false;
        }
        text.Append(line.TrimEnd()).Append('\n');
    }
}
