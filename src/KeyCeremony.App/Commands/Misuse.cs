using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using KeyCeremony.Core;

namespace KeyCeremony.App.Commands;

/// <summary>COMMAND-01 to COMMAND-04: what is wrong with a command line, in one sentence, and what was probably meant.</summary>
internal static class Misuse
{
    private const int MaxWord = 60;
    private const string UnknownOption = "COMMAND-01";
    private const string TooMany = "COMMAND-02";
    private const string Missed = "COMMAND-03";
    private const string Together = "COMMAND-04";

    /// <summary>Nothing is wrong; told without looking at every command, for the program starts itself anew for each module.</summary>
    public static bool IsNone(ParseResult parsed, IReadOnlyList<string> words) => parsed.Errors.Count == 0
        && parsed.CommandResult.Command is { Action: not null } at and not CheckedCommand
        && words.All(w => !IsOption(w) || at.Options.Any(o => o.Name == w));

    /// <param name="words">As they were typed.</param>
    /// <param name="page">Of the command that they name.</param>
    public static Refusal? Find(ParseResult parsed, IReadOnlyList<string> words, CommandPage page)
    {
        Command at = parsed.CommandResult.Command;
        if (at.Action is null && parsed.UnmatchedTokens.FirstOrDefault(w => !IsOption(w)) is { } command)
            return Refuse(TooMany, $"There is no command {Shown(command)} of '{page.Called}'; "
                + $"the nearest is {Nearest(command, at.Subcommands.Where(c => !c.Hidden).Select(c => c.Name))}.", page);
        string[] known = [.. page.Options.SelectMany(o => o.Names), .. at.Options.Select(o => o.Name)];
        if (Unknown(parsed, words, known) is { } option)
            return Refuse(UnknownOption, $"There is no option {Shown(option)} of '{page.Called}'; "
                + $"the nearest is {Nearest(option, known)}.", page, $" A file of that name is ./{Shown(option)}.");
        if (parsed.Errors.Count == 0)
            return (at as CheckedCommand)?.Wrong(parsed) is { } wrong ? Refuse(Together, wrong, page) : null;
        return at.Action is null ? Refuse(Missed, $"'{page.Called}' needs a command.", page)
            : parsed.UnmatchedTokens is [var more, ..]
                ? Refuse(TooMany, $"'{page.Called}' does not know what to do with {Shown(more)}.", page)
            : Missing(parsed, page) is { } missing ? Refuse(Missed, missing, page)
            : Refuse(Together, parsed.Errors.Select(e => Wrong(e, page)).First(), page);
    }

    /// <summary>
    /// The library takes an option that is spelt wrong for the value of what stands before it: a bundle that is not there would look
    /// like a forgery.
    /// </summary>
    private static string? Unknown(ParseResult parsed, IReadOnlyList<string> words, string[] known)
    {
        var loose = parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(a => a.Tokens).Select(t => t.Value)
            .Concat(parsed.UnmatchedTokens).ToHashSet();
        return words.TakeWhile(w => w != "--").Where(IsOption).Where(w => w.StartsWith("--", StringComparison.Ordinal) || loose.Contains(w))
            .Select(w => w.Split('=', ':')[0]).FirstOrDefault(w => !known.Contains(w));
    }

    private static string? Missing(ParseResult parsed, CommandPage page)
    {
        Command at = parsed.CommandResult.Command;
        if (at.Options.FirstOrDefault(o => o.Required && parsed.GetResult(o) is null or { Implicit: true }) is { } option)
            return $"'{page.Called}' needs {WordPage.Of(option).Label}.";
        if (at.Options.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false, Tokens.Count: 0 } && WordPage.Of(o).TakesValue)
            is { } empty)
            return $"{empty.Name} needs a value.";
        return at.Arguments.FirstOrDefault(a => a.Arity.MinimumNumberOfValues > (parsed.GetResult(a)?.Tokens.Count ?? 0)) is { } argument
            ? $"'{page.Called}' needs <{argument.Name}>." : null;
    }

    /// <summary>The library's own words name types of the program: they are not shown.</summary>
    private static string Wrong(ParseError error, CommandPage page)
    {
        SymbolResult? result = error.SymbolResult is ArgumentResult { Parent: OptionResult of } ? of : error.SymbolResult;
        if (result is not OptionResult { Option: var option } given)
            return error.Message;
        ImmutableArray<string> choices = WordPage.Of(option).Choices;
        string value = given.Tokens.Count == 0 ? "" : Shown(given.Tokens[0].Value);
        return !choices.IsEmpty && !choices.Contains(value) ? $"{option.Name} takes {string.Join(", ", choices)}, and not {value}."
            : option.Arity.MaximumNumberOfValues == 1 && given.Tokens.Count > 1 ? $"{option.Name} is given once."
            : option.Arity.MaximumNumberOfValues < given.Tokens.Count
                ? $"{option.Name} is given {option.Arity.MaximumNumberOfValues} times at most."
            : NumberNot(option.ValueType, value) ? $"{option.Name} takes a number, and not {value}."
            : error.Message;
    }

    private static bool NumberNot(Type type, string value) => (Nullable.GetUnderlyingType(type) ?? type) is var t
        && (t == typeof(int) && !int.TryParse(value, out _) || t == typeof(uint) && !uint.TryParse(value, out _));

    private static bool IsOption(string word) => word.Length > 1 && word[0] == '-';

    private static string Shown(string word) => PlainText.Of(word, MaxWord);

    private static string Nearest(string word, IEnumerable<string> known) => known.MinBy(k => Distance(word, k))!;

    /// <summary>How many letters have to be taken out, put in or changed.</summary>
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int before = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
                (before, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, before + (a[i - 1] == b[j - 1] ? 0 : 1)));
        }
        return row[^1];
    }

    private static Refusal Refuse(string rule, string what, CommandPage page, string more = "") =>
        new(rule, what, $"'{page.Called} --help' says what it takes.{more}");
}
