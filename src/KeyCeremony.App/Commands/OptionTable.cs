using System.CommandLine;

namespace KeyCeremony.App.Commands;

/// <summary>
/// A command as a table: a row for each option, with its name, what the help says of it, and what it sets. The rows stand in the
/// help in this order.
/// </summary>
/// <param name="unset">What is wanted when nothing is said.</param>
internal sealed class OptionTable<T>(string name, string description, T unset)
{
    private readonly Command _command = new(name, description);
    private readonly List<Func<ParseResult, T, T>> _rows = [];

    /// <summary>Null when it is left out.</summary>
    public OptionTable<T> Text(string option, string help, Func<T, string?, T> set) =>
        With(new Option<string?>(option) { Description = help }, set);

    /// <summary>One that has to be given.</summary>
    public OptionTable<T> Must(string option, string help, Func<T, string, T> set) =>
        With(new Option<string>(option) { Description = help, Required = true }, set);

    /// <summary>Several behind one another; none when it is left out.</summary>
    public OptionTable<T> Texts(string option, string help, Func<T, string[], T> set) =>
        With(new Option<string[]>(option) { Description = help, AllowMultipleArgumentsPerToken = true }, set);

    public OptionTable<T> Flag(string option, string help, Func<T, T> set) =>
        With(new Option<bool>(option) { Description = help }, (wanted, isGiven) => isGiven ? set(wanted) : wanted);

    /// <summary>An argument has a place instead of a name.</summary>
    public OptionTable<T> With<TValue>(Argument<TValue> argument, string help, Func<T, TValue, T> set)
    {
        argument.Description = help;
        _command.Add(argument);
        _rows.Add((parsed, wanted) => set(wanted, parsed.GetValue(argument)!));
        return this;
    }

    /// <summary>One of a kind of its own.</summary>
    public OptionTable<T> With<TValue>(Option<TValue> option, string help, Func<T, TValue, T> set)
    {
        option.Description = help;
        return With(option, set);
    }

    /// <summary>One that several commands have: its name and help are theirs together.</summary>
    public OptionTable<T> With<TValue>(Option<TValue> option, Func<T, TValue, T> set)
    {
        _command.Add(option);
        _rows.Add((parsed, wanted) => set(wanted, parsed.GetValue(option)!));
        return this;
    }

    /// <param name="run">The exit code of what is wanted.</param>
    public Command Does(Func<T, int> run)
    {
        _command.SetAction(parsed => run(_rows.Aggregate(unset, (wanted, row) => row(parsed, wanted))));
        return _command;
    }
}
