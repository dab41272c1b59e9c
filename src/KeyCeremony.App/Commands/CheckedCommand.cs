using System.CommandLine;

namespace KeyCeremony.App.Commands;

/// <summary>
/// A command whose options say something together. It is asked when every single one was understood: a validator of the library runs
/// before, and ends the program when it reads a number that is none.
/// </summary>
/// <param name="check">What does not go together, as a sentence; null: all does.</param>
internal sealed class CheckedCommand(string name, string description, Func<ParseResult, string?> check) : Command(name, description)
{
    public string? Wrong(ParseResult parsed) => check(parsed);
}
