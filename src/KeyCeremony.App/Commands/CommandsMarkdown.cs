using System.Text;

namespace KeyCeremony.App.Commands;

/// <summary>The page of the handbook that has every command: <c>keyceremony man --format markdown</c>.</summary>
internal static class CommandsMarkdown
{
    public static string Of(CommandPage program)
    {
        var text = new StringBuilder();
        text.Append($"""
            # Every command

            This page is written by `{program.Program} man --format markdown`; what it says comes from the same place as `--help`.
            For machines: [json.md](../formats/json.md).

            ## Exit codes

            The same in every command. A script goes on with 0 only.

            | Code | It is |
            |---|---|

            """);
        foreach (ExitCodeRow row in ExitCodes.All)
            text.Append($"| {row.Code} | {Cell(ManPage.Codes(row))} |\n");
        text.Append("\nCompletion of words in the shell: `").Append(program.Program).Append(" completion --help`.\n");
        foreach (CommandPage page in program.Whole.Skip(1))
            Write(text, page);
        return text.ToString();
    }

    private static void Write(StringBuilder text, CommandPage page)
    {
        text.Append($"\n## {page.Called}\n\n{page.Description}\n\n");
        foreach (string usage in page.Usages)
            text.Append($"`{usage}`\n\n");
        WordPage[] words = [.. page.Arguments, .. page.Options.Where(o => o.Names[0] != CommandLine.Help)];
        if (words.Length > 0)
            text.Append("| Word | Meaning |\n|---|---|\n");
        foreach (WordPage word in words)
            text.Append($"| `{Cell(word.Label)}` | {Cell(word.Told)} |\n");
        if (page.Examples.IsEmpty)
            return;
        text.Append(words.Length > 0 ? "\n" : "");
        foreach (Example example in page.Examples)
            text.Append($"- {example.What}\n  `{page.Program} {example.Line}`\n");
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
