using System.CommandLine;
using KeyCeremony.Core;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.App.Commands;

/// <summary><c>keyceremony words</c>: a hash as it is read aloud.</summary>
internal static class WordsCommand
{
    private const int Bytes = 32;
    private const int WordsALine = 8;

    public static Command Make()
    {
        var hash = new Argument<string>("sha256") { Description = "64 hexadecimal digits." };
        var json = new Option<bool>("--json") { Description = Answer.OptionHelp };
        var command = new Command("words", "Show a SHA-256 as the words that are read aloud.") { hash, json };
        command.SetAction(parsed => Say(parsed.GetValue(hash)!, new Answer("words", parsed.GetValue(json))));
        return command;
    }

    private static int Say(string hash, Answer answer)
    {
        byte[] bytes = new byte[Bytes];
        if (hash.Length != 2 * Bytes || Convert.FromHexString(hash, bytes, out _, out _) != System.Buffers.OperationStatus.Done)
            return answer.Misused(new Refusal("WORDS-01", "That is no SHA-256.", "Give 64 hexadecimal digits, as sha256sum prints them."));
        foreach (string[] line in PgpWords.Words(bytes).Chunk(WordsALine))
            answer.Tell(string.Join(' ', line));
        answer.Member("sha256", Convert.ToHexStringLower(bytes));
        answer.Member("words", PgpWords.Words(bytes));
        return answer.End(0);
    }
}
