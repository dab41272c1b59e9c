using System.Collections.Immutable;
using System.Text;

namespace KeyCeremony.App.Terminal.Plain;

/// <summary>What a line says in place of an answer: what the function keys do on a screen. It begins with a full stop.</summary>
/// <param name="Takes">What may stand behind the name; empty: nothing.</param>
/// <param name="What">For the help.</param>
/// <param name="Key">The function key that does the same on a screen; 0: none.</param>
internal sealed record PlainCommand(string Name, string Takes, string What, int Key = 0)
{
    private const byte Mark = (byte)'.';

    public static readonly PlainCommand Help = new(".help", "", "this help", 1);
    public static readonly PlainCommand Again = new(".again", "", "says the step and the question once more");
    public static readonly PlainCommand Undo = new(".undo", "", "takes back the last answer while nothing has been done with it", 2);
    public static readonly PlainCommand Break = new(".break", "", "a break; two people or more stay in the room", 3);
    public static readonly PlainCommand Report = new(".report", "", "whatever was different from the script; the witness signs it off", 4);
    public static readonly PlainCommand Found = new(".found", "", "everything the appliance found for this question", 5);
    public static readonly PlainCommand Where = new(".where", "", "all steps, all people, what the words mean", 6);
    public static readonly PlainCommand Ledger =
        new(".ledger", "TABLE WORDS", "what this ledger knows; of one table, rows with these words", 7);
    public static readonly PlainCommand Word = new(".word", "NUMBER", "while a card is typed: goes to this word");
    public static readonly PlainCommand Clear = new(".clear", "", "while a card is typed: forgets all its words");
    public static readonly PlainCommand Abort = new(".abort", "", "the ceremony ends without its goal", 9);
    public static readonly PlainCommand Leave = new(".leave", "", "stops the program; what is recorded stays. Also Ctrl-C", 10);

    public static readonly ImmutableArray<PlainCommand> All =
        [Help, Again, Undo, Break, Report, Found, Where, Ledger, Word, Clear, Abort, Leave];

    /// <summary>A text that names function keys, as it is said where there are none.</summary>
    public static string Called(string text) => All.Where(c => c.Key > 0)
        .Aggregate(text, (said, command) => said.Replace($"(F{command.Key})", $"({command.Name})", StringComparison.Ordinal))
        .Replace("press Esc and", "go back with Enter alone and", StringComparison.Ordinal);

    /// <summary>Two full stops begin an answer that begins with one.</summary>
    public static bool IsMeant(ReadOnlySpan<byte> line) => line is [Mark, ..] and not [Mark, Mark, ..];

    /// <summary>
    /// The command; null when there is none of this name. No text is made of a line that is none: it may be a card's word.
    /// </summary>
    public static PlainCommand? Of(ReadOnlySpan<byte> line, out string rest)
    {
        rest = "";
        int blank = line.IndexOf((byte)' ');
        ReadOnlySpan<byte> name = blank < 0 ? line : line[..blank];
        foreach (PlainCommand command in All)
        {
            if (!Ascii.EqualsIgnoreCase(name, command.Name))
                continue;
            rest = blank < 0 || command.Takes.Length == 0 ? "" : Encoding.UTF8.GetString(line[blank..]).Trim();
            return command;
        }
        return null;
    }
}
