using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Help;

namespace KeyCeremony.App.Commands;

/// <summary>
/// All that is said of one command. Help, manual page, completion and the page of the handbook are four ways to write it: what they
/// say comes from the command itself, and from nowhere else.
/// </summary>
/// <param name="Program">How the program is called.</param>
/// <param name="Path">The command's words behind the program's name, with blanks between them; empty for the program.</param>
internal sealed record CommandPage(string Program, string Path, string Description, ImmutableArray<WordPage> Arguments,
    ImmutableArray<WordPage> Options, ImmutableArray<CommandPage> Commands, bool Runs)
{
    /// <summary>As it is typed.</summary>
    public string Called => Path.Length == 0 ? Program : $"{Program} {Path}";

    /// <summary>Its last word.</summary>
    public string Name => Path[(Path.LastIndexOf(' ') + 1)..];

    /// <summary>Lines that can be typed; each with what it is for.</summary>
    public ImmutableArray<Example> Examples => KnownExamples.Of(Path);

    public ImmutableArray<ExitCodeRow> Codes => ExitCodes.Of(Path);

    public IEnumerable<string> Usages
    {
        get
        {
            string options = string.Concat(Options.Where(o => o.Required).Select(o => $" {o.Label}"))
                + (Options.Any(o => !o.Required) ? " [options]" : "");
            if (Runs)
                yield return $"{Called}{options}{string.Concat(Arguments.Select(a => $" {a.Label}"))}";
            if (!Commands.IsEmpty)
                yield return $"{Called} <command>";
        }
    }

    /// <summary>This one and all below it, in the order of the help.</summary>
    public IEnumerable<CommandPage> Whole => Commands.SelectMany(c => c.Whole).Prepend(this);

    /// <param name="root">The whole program; what is hidden is for the program itself and stands nowhere.</param>
    public static CommandPage Of(string program, Command root) => Of(program, "", root, [.. root.Options.Where(o => o.Recursive)]);

    private static CommandPage Of(string program, string path, Command command, ImmutableArray<Option> everywhere) => new(program, path,
        command.Description ?? "",
        [.. command.Arguments.Where(a => !a.Hidden).Select(WordPage.Of)],
        [.. command.Options.Union(everywhere).Where(o => !o.Hidden).Select(WordPage.Of)],
        [.. command.Subcommands.Where(c => !c.Hidden)
            .Select(c => Of(program, path.Length == 0 ? c.Name : $"{path} {c.Name}", c, everywhere))],
        command.Action is not null);
}

/// <summary>An option or an argument.</summary>
/// <param name="Names">How it may be written; none for an argument.</param>
/// <param name="Label">As it stands in a usage line.</param>
/// <param name="Choices">All values that it takes; empty: any.</param>
/// <param name="Default">Null: none that is the same everywhere.</param>
internal sealed record WordPage(ImmutableArray<string> Names, string Label, string Description, bool TakesValue,
    ImmutableArray<string> Choices, string? Default, bool Required)
{
    /// <summary>With what is taken when it is left out.</summary>
    public string Told => $"{Description}{(Required && Names.Length > 0 ? " Must be given." : "")}"
        + (Choices.All(c => Description.Contains(c, StringComparison.Ordinal)) ? "" : $" One of: {string.Join(", ", Choices)}.")
        + (string.IsNullOrEmpty(Default) ? "" : $" Left out: {Default}.");

    public static WordPage Of(Option option)
    {
        bool takes = option.ValueType != typeof(bool) && option is not HelpOption && option is not VersionOption;
        ImmutableArray<string> names = [option.Name, .. option.Aliases.Where(a => a != option.Name)];
        string value = takes ? $" <{option.Name.TrimStart('-')}>{(option.AllowMultipleArgumentsPerToken ? "..." : "")}" : "";
        return new WordPage(names, string.Join(", ", names) + value, option.Description ?? "", takes,
            takes ? Labels(option.GetCompletions(CompletionContext.Empty)) : [],
            takes && option.HasDefaultValue ? Text(option.GetDefaultValue()) : null, option.Required);
    }

    public static WordPage Of(Argument argument)
    {
        string name = $"<{argument.Name}>{(argument.Arity.MaximumNumberOfValues > 1 ? "..." : "")}";
        bool required = argument.Arity.MinimumNumberOfValues > 0;
        return new WordPage([], required ? name : $"[{name}]", argument.Description ?? "", true,
            Labels(argument.GetCompletions(CompletionContext.Empty)), null, required);
    }

    private static ImmutableArray<string> Labels(IEnumerable<CompletionItem> items) => [.. items.Select(i => i.Label)];

    // A number that the machine chooses is no default to print.
    private static string? Text(object? value) => value as string;
}
