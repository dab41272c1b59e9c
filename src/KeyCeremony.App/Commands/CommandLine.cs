using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using KeyCeremony.Core;

namespace KeyCeremony.App.Commands;

/// <summary>The words that were typed, led to their command: or to its help, or to one sentence on what is wrong with them.</summary>
/// <param name="program">How the program is called, whatever file it is started from.</param>
internal sealed class CommandLine(string program, RootCommand root)
{
    public const string Help = "--help";

    // An argument that begins with @ is a name, and no file of further arguments.
    private static readonly ParserConfiguration Form = new() { ResponseFileTokenReplacer = null, EnablePosixBundling = false };

    private readonly HelpOption _help = OneHelp(root);

    /// <summary>Of the whole program.</summary>
    public RootCommand Root => root;

    public CommandPage Page => CommandPage.Of(program, root);

    public ParseResult Parse(IReadOnlyList<string> words) => root.Parse(words, Form);

    /// <summary>Null: the line can be run.</summary>
    public Refusal? Refuse(ParseResult parsed, IReadOnlyList<string> words) =>
        Misuse.IsNone(parsed, words) ? null : Misuse.Find(parsed, words, PageOf(parsed));

    public int Run(IReadOnlyList<string> words)
    {
        ParseResult parsed = Parse(words);
        if (parsed.GetResult(_help) is not null)
        {
            Console.Write(HelpText.Of(PageOf(parsed)));
            return 0;
        }
        return Refuse(parsed, words) is { } refusal ? Words.Misused(refusal) : Invoke(parsed);
    }

    /// <summary>False, and nothing is done, when the line asks for help or cannot be meant.</summary>
    public bool TryRun(IReadOnlyList<string> words, out int code)
    {
        code = 0;
        ParseResult parsed = Parse(words);
        if (parsed.GetResult(_help) is not null || Refuse(parsed, words) is not null)
            return false;
        code = Invoke(parsed);
        return true;
    }

    private static int Invoke(ParseResult parsed) => parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });

    private CommandPage PageOf(ParseResult parsed)
    {
        var path = new List<string>();
        for (CommandResult? at = parsed.CommandResult; at?.Command is { } command && command != root; at = at.Parent as CommandResult)
            path.Insert(0, command.Name);
        string called = string.Join(' ', path);
        // What is hidden is started by the program itself.
        return Page.Whole.FirstOrDefault(p => p.Path == called) ?? Page;
    }

    /// <summary>The library's own has names of another system as well, and a folder may be called /h.</summary>
    private static HelpOption OneHelp(RootCommand root)
    {
        foreach (HelpOption one in root.Options.OfType<HelpOption>().ToArray())
            root.Options.Remove(one);
        var help = new HelpOption(Help, "-h") { Description = "This page.", Recursive = true };
        root.Options.Add(help);
        foreach (VersionOption version in root.Options.OfType<VersionOption>())
            version.Description = "The program's version.";
        return help;
    }
}
