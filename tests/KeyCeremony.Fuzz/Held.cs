using System.Collections.Immutable;
using System.Text.RegularExpressions;
using KeyCeremony.Core;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Fuzz;

/// <summary>What a reader promised did not hold.</summary>
internal sealed class BrokenPromiseException(string promise) : Exception(promise);

/// <summary>What is asked of every reader beside what it reads.</summary>
internal static partial class Held
{
    /// <summary>A screen of text. Whoever gets more of it does not read it.</summary>
    private const int MaxSentence = 1200;

    public static void That(bool holds, string promise)
    {
        if (!holds)
            throw new BrokenPromiseException(promise);
    }

    public static void Same(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other, string promise) => That(one.SequenceEqual(other), promise);

    /// <summary>A refusal is a sentence of ours with a rule and a remedy, and nothing in it steers a terminal.</summary>
    public static void Ours(Refusal? refusal)
    {
        That(refusal is not null, "What is not read is refused.");
        Ours(refusal!.Rule, refusal.Message, refusal.Remedy);
    }

    public static void Ours(ImmutableArray<ScriptError> errors)
    {
        That(!errors.IsEmpty, "What is not read is refused.");
        foreach (ScriptError error in errors)
        {
            Ours(error.Rule, error.Message, error.Remedy);
            That(error.Line > 0, "An error has a line.");
        }
    }

    public static void Ours(string rule, string message, string remedy)
    {
        That(Rule().IsMatch(rule), $"{rule} is a rule.");
        Words(message);
        Words(remedy);
        That(message.Length > 3 && remedy.Length > 3, $"{rule} says what is wrong and what to do.");
    }

    /// <summary>A text for people: plain, short, and not a library's.</summary>
    public static void Words(string text)
    {
        That(PlainText.Is(text), $"Text for people is plain: {PlainText.Of(text, MaxSentence)}");
        That(text.Length <= MaxSentence, $"Text for people is short: {text.Length} characters.");
        That(!OfALibrary().IsMatch(text), $"Text for people is ours: {text}");
    }

    [GeneratedRegex("^[A-Z]+-[0-9]{2}$")]
    private static partial Regex Rule();

    /// <summary>What only libraries and the system say.</summary>
    [GeneratedRegex("newer schema|skipSortValidation|strace|BytePositionInLine|LineNumber:|System\\.|Exception|The provided data|"
        + "AsnReader|Could not find|Access to the path|is an invalid|invalid start of|reached end of data|While (parsing|scanning)|"
        + "Object reference|Index was out|did not find")]
    private static partial Regex OfALibrary();
}
