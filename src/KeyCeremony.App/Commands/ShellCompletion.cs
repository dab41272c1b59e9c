using System.Text;

namespace KeyCeremony.App.Commands;

/// <summary>
/// Completion for three shells, written from the commands. It is a fixed text: the program is not started while somebody types, and
/// what is completed is looked up nowhere.
/// </summary>
internal static class ShellCompletion
{
    public static string Bash(CommandPage program)
    {
        string name = Function(program);
        var text = new StringBuilder($$"""
            # Completion of {{program.Program}} for bash: source this file.
            {{name}}() {
              local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}" path="" words="" i
              COMPREPLY=()
              # bash takes --option=value apart.
              if [[ $current == "=" ]]; then current=""
              elif [[ $previous == "=" ]]; then previous="${COMP_WORDS[COMP_CWORD-2]}"; fi
              for ((i = 1; i < COMP_CWORD; i++)); do
                case "$path ${COMP_WORDS[i]}" in
                  {{Alternatives(Paths(program))}}) path="$path ${COMP_WORDS[i]}" ;;
                esac
              done
              case "$path $previous" in

            """);
        foreach ((CommandPage page, WordPage option, string value) in Values(program))
            if (option.Choices.IsEmpty)
                text.Append($"    {Quoted($"{Key(page)} {value}")}) words=files ;;\n");
            else
                text.Append($"    {Quoted($"{Key(page)} {value}")}) COMPREPLY=($(compgen -W {Quoted(string.Join(' ', option.Choices))} "
                    + "-- \"$current\")); return ;;\n");
        text.Append("""
              esac
              if [[ -z $words ]]; then
                case "$path" in

            """);
        foreach (CommandPage page in program.Whole)
        {
            string inside = string.Join(' ', page.Commands.Select(c => c.Name).Concat(page.Arguments.SelectMany(a => a.Choices)));
            text.Append($"      {Quoted(Key(page))}) if [[ $current == -* ]]; then words={Quoted(Options(page))}; "
                + $"else words={Quoted(inside.Length > 0 ? inside : page.Arguments.IsEmpty ? "" : "files")}; fi ;;\n");
        }
        text.Append($$"""
                esac
              fi
              if [[ $words == files ]]; then
                compopt -o filenames 2>/dev/null
                mapfile -t COMPREPLY < <(compgen -f -- "$current")
              else
                COMPREPLY=($(compgen -W "$words" -- "$current"))
              fi
            }
            complete -F {{name}} {{program.Program}}

            """);
        return text.ToString();
    }

    public static string Zsh(CommandPage program)
    {
        string name = Function(program);
        var text = new StringBuilder($$"""
            #compdef {{program.Program}}
            # Completion of {{program.Program}} for zsh: a file of the name _{{program.Program}} in a folder of $fpath.
            {{name}}() {
              local at="" word
              local -a found
              for word in "${(@)words[2,CURRENT-1]}"; do
                case "$at $word" in
                  {{Alternatives(Paths(program))}}) at="$at $word" ;;
                esac
              done
              case "$at ${words[CURRENT-1]}" in

            """);
        foreach ((CommandPage page, WordPage option, string value) in Values(program))
            text.Append($"    {Quoted($"{Key(page)} {value}")}) "
                + (option.Choices.IsEmpty ? "_files" : $"compadd -- {string.Join(' ', option.Choices.Select(Quoted))}") + "; return ;;\n");
        text.Append("  esac\n  case \"$at\" in\n");
        foreach (CommandPage page in program.Whole)
        {
            IEnumerable<string> options = page.Options.SelectMany(o => o.Names.Select(n => Described(n, o.Description)));
            IEnumerable<string> commands = page.Commands.Select(c => Described(c.Name, c.Description))
                .Concat(page.Arguments.SelectMany(a => a.Choices.Select(Quoted)));
            text.Append($"    {Quoted(Key(page))})\n      if [[ ${{words[CURRENT]}} == -* ]]; then\n"
                + $"        found=({string.Join(' ', options)})\n        _describe option found\n");
            if (commands.Any())
                text.Append($"      else\n        found=({string.Join(' ', commands)})\n        _describe command found\n");
            else if (!page.Arguments.IsEmpty)
                text.Append("      else\n        _files\n");
            text.Append("      fi ;;\n");
        }
        text.Append($$"""
              esac
            }
            if [[ $funcstack[1] == _{{program.Program}} ]]; then {{name}} "$@"; else compdef {{name}} {{program.Program}}; fi

            """);
        return text.ToString();
    }

    public static string Fish(CommandPage program)
    {
        string at = $"_{Function(program)}_at";
        var text = new StringBuilder($$"""
            # Completion of {{program.Program}} for fish: ~/.config/fish/completions/{{program.Program}}.fish
            function {{at}}
              set -l at ""
              for word in (commandline -opc)[2..-1]
                switch "$at $word"
                  case {{string.Join(' ', Paths(program).Select(Quoted))}}
                    set at "$at $word"
                end
              end
              test "$at" = "$argv[1]"
            end

            """);
        foreach (CommandPage page in program.Whole)
        {
            string head = $"complete -c {program.Program} -n '{at} \"{Key(page)}\"'";
            foreach (CommandPage command in page.Commands)
                text.Append($"{head} -f -a {Quoted(command.Name)} -d {Quoted(command.Description)}\n");
            foreach (string choice in page.Arguments.SelectMany(a => a.Choices))
                text.Append($"{head} -f -a {Quoted(choice)}\n");
            foreach (WordPage option in page.Options)
                text.Append($"{head} {string.Join(' ', option.Names.Select(Name))}"
                    + (!option.TakesValue ? "" : option.Choices.IsEmpty ? " -r -F" : $" -x -a {Quoted(string.Join(' ', option.Choices))}")
                    + $" -d {Quoted(option.Description)}\n");
            if (page.Arguments.IsEmpty)
                text.Append($"{head} -f\n");
        }
        return text.ToString();
    }

    private static string Function(CommandPage program) => $"_{program.Program.Replace('-', '_')}";

    /// <summary>Where a command stands: its words, with a blank before each.</summary>
    private static string Key(CommandPage page) => page.Path.Length == 0 ? "" : $" {page.Path}";

    private static IEnumerable<string> Paths(CommandPage program) => program.Whole.Skip(1).Select(Key);

    private static IEnumerable<(CommandPage Page, WordPage Option, string Name)> Values(CommandPage program) =>
        from page in program.Whole
        from option in page.Options
        where option.TakesValue
        from name in option.Names
        select (page, option, name);

    private static string Options(CommandPage page) => string.Join(' ', page.Options.SelectMany(o => o.Names));

    private static string Alternatives(IEnumerable<string> all) => string.Join('|', all.Select(Quoted));

    private static string Described(string word, string what) =>
        Quoted($"{word.Replace(":", "\\:", StringComparison.Ordinal)}:{what}");

    private static string Name(string option) =>
        option.StartsWith("--", StringComparison.Ordinal) ? $"-l {option[2..]}" : $"-s {option[1..]}";

    /// <summary>One word of a shell, whatever stands in it.</summary>
    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
