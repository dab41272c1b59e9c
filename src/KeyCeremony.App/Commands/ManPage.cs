using System.Text;

namespace KeyCeremony.App.Commands;

/// <summary>The whole program as a manual page in man(7): <c>keyceremony man | man -l -</c>.</summary>
internal static class ManPage
{
    public static string Of(CommandPage program)
    {
        var text = new StringBuilder();
        // No date and no version: the same program prints the same bytes.
        text.Append($".TH {program.Program.ToUpperInvariant()} 1 \"\" \"KeyCeremony\" \"User Commands\"\n");
        // What is typed is never hyphenated, and lines need not end at the same column.
        text.Append(".nh\n.ad l\n");
        text.Append($".SH NAME\n{Escaped(program.Program)} \\- {Escaped(Sentence(program.Description))}\n.SH SYNOPSIS\n");
        text.Append($".B {Escaped(program.Program)}\n.I command\n[options]\n");
        text.Append(".SH DESCRIPTION\n").Append(Line(program.Description));
        text.Append(".PP\nEvery command explains itself with\n.BR \\-\\-help .\n");
        text.Append(".SH COMMANDS\n");
        foreach (CommandPage page in program.Whole.Skip(1))
            Write(text, page);
        text.Append(".SH EXIT STATUS\n");
        foreach (ExitCodeRow row in ExitCodes.All)
            text.Append($".TP\n.B {row.Code}\n").Append(Line(Codes(row)));
        text.Append(".SH SEE ALSO\n").Append(Line("The handbook, docs/handbook/README.md, and the formats, docs/formats."));
        return text.ToString();
    }

    /// <summary>Its meaning, and the commands that have it where not all do.</summary>
    public static string Codes(ExitCodeRow row) =>
        row.Commands.IsEmpty ? row.Meaning : $"{row.Meaning} Only of: {string.Join(", ", row.Commands)}.";

    private static void Write(StringBuilder text, CommandPage page)
    {
        text.Append($".SS {Escaped(page.Called)}\n").Append(Line(page.Description));
        foreach (string usage in page.Usages)
            text.Append(".PP\n").Append($".B {Escaped(usage)}\n");
        foreach (WordPage word in page.Arguments.Concat(page.Options))
            text.Append($".TP\n.B {Escaped(word.Label)}\n").Append(Line(word.Told));
        foreach (Example example in page.Examples)
            text.Append(".PP\n").Append(Line(example.What)).Append(".RS 4\n.nf\n")
                .Append(Line($"{page.Program} {example.Line}")).Append(".fi\n.RE\n");
    }

    private static string Sentence(string text) => text.Split(':')[^1].Trim().TrimEnd('.');

    private static string Line(string text) => $"{Escaped(text)}\n";

    /// <summary>Text, and no request: a line that begins with a dot or an apostrophe would be one.</summary>
    private static string Escaped(string text)
    {
        string plain = text.Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal)
            .Replace("'", "\\(aq", StringComparison.Ordinal).Replace("\"", "\\(dq", StringComparison.Ordinal);
        return plain.StartsWith('.') ? $"\\&{plain}" : plain;
    }
}
