using System.CommandLine;

namespace KeyCeremony.App.Commands;

/// <summary><c>keyceremony completion</c> and <c>keyceremony man</c>: what the program says of its own commands.</summary>
internal static class ManualCommands
{
    public static Command Completion(Func<CommandPage> page)
    {
        var shell = new Argument<string>("shell");
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        return new OptionTable<string>("completion", "Print what a shell needs to complete words behind 'keyceremony'.", "")
            .With(shell, "bash, zsh or fish.", (_, chosen) => chosen)
            .Does(wanted => Print(wanted switch
            {
                "zsh" => ShellCompletion.Zsh(page()),
                "fish" => ShellCompletion.Fish(page()),
                _ => ShellCompletion.Bash(page()),
            }));
    }

    public static Command Man(Func<CommandPage> page)
    {
        var format = new Option<string>("--format") { DefaultValueFactory = _ => "roff" };
        format.AcceptOnlyFromAmong("roff", "markdown");
        return new OptionTable<string>("man", "Print the manual page of all commands.", "")
            .With(format, "roff for man, or markdown as in the handbook.", (_, chosen) => chosen)
            .Does(wanted => Print(wanted == "markdown" ? CommandsMarkdown.Of(page()) : ManPage.Of(page())));
    }

    private static int Print(string text)
    {
        Console.Write(text);
        return 0;
    }
}
