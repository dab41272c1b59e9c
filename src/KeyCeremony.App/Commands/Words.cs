using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Script;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.App.Commands;

/// <summary>What the commands say on the console.</summary>
internal static class Words
{
    private const int ToldLines = 6;
    private const int MaxShown = 400;
    private const int MaxRefused = 2000;
    private const int LabelWidth = 30;
    private const int DefaultWidth = 79;
    private const string Indent = "        ";

    public static int Refuse(Refusal refusal)
    {
        Console.Error.Write(Told(refusal, Console.IsErrorRedirected ? int.MaxValue : Console.WindowWidth));
        return 1;
    }

    /// <summary>Two sentences below each other, broken between words, not where the terminal is at its edge.</summary>
    /// <param name="columns">Of the terminal; 0 where it does not know.</param>
    internal static string Told(Refusal refusal, int columns)
    {
        var text = new StringBuilder();
        int width = columns > 0 ? columns - 1 : DefaultWidth;
        HelpText.Wrap(text, Plain(refusal.Message), $"{refusal.Rule}  ", Indent, width);
        HelpText.Wrap(text, Plain(refusal.Remedy), Indent, Indent, width);
        return text.ToString();
    }

    /// <summary>What was typed cannot be meant: nothing was read and nothing begun.</summary>
    public static int Misused(Refusal refusal)
    {
        Refuse(refusal);
        return ExitCodes.Usage;
    }

    /// <summary>A refusal may hold what a hostile file calls itself: nothing in it steers the terminal. Its lines stay.</summary>
    internal static string Plain(string text) => string.Join('\n', text.Split('\n').Select(line => PlainText.Of(line, MaxRefused)));

    /// <summary>One line each, without what steers a terminal: a file of anybody's is shown.</summary>
    public static void Say(IEnumerable<TextLine> lines)
    {
        foreach (TextLine line in lines)
            Console.WriteLine($"{PlainText.Of(line.Label, MaxShown),-LabelWidth}  {PlainText.Of(line.Value, MaxShown)}");
    }

    public static bool TryLoad(string path, [NotNullWhen(true)] out CeremonyScript? script) => TryLoad(path, out script, out _);

    public static bool TryLoad(string path, [NotNullWhen(true)] out CeremonyScript? script, out LineMap? lines)
    {
        if (TryLoad(path, out script, out lines, out ImmutableArray<ScriptError> errors))
            return true;
        foreach (ScriptError error in errors)
            Console.Error.WriteLine(error);
        return false;
    }

    public static bool TryLoad(string path, [NotNullWhen(true)] out CeremonyScript? script, out LineMap? lines,
        out ImmutableArray<ScriptError> errors)
    {
        if (!File.Exists(path))
        {
            (script, lines) = (null, null);
            errors = [new ScriptError(ScriptRules.Missing, path, 1,
                Directory.Exists(path) ? $"{path} is a folder." : $"There is no file {path}.", "Check the path.")];
            return false;
        }
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return ScriptReader.TryLoad(Path.GetFileName(path), name => Bytes(Path.Combine(folder, name)), out script, out lines, out errors);
    }

    public static IReadOnlySet<string> Profiles { get; } = CertificateProfile.All.Select(p => p.ScriptName).ToHashSet();

    /// <summary>What somebody looking over the shoulder of an unattended rehearsal sees of a question that shows something.</summary>
    public static void Tell(Question q)
    {
        if (q.EvidenceLines.Length == 0 || q.Kind is not (AnswerKind.Acknowledge or AnswerKind.Typed))
            return;
        Console.WriteLine($"     {q.Prompt}");
        foreach (string line in q.EvidenceLines.Where(l => l.Length > 0).Take(ToldLines))
            Console.WriteLine($"       {line}");
        if (q.EvidenceLines.Length > ToldLines)
            Console.WriteLine($"       ... {q.EvidenceLines.Length - ToldLines} more lines");
    }

    /// <param name="bundle">Where it is, in words.</param>
    /// <param name="audit">How it is verified; on one line, however long, so that it can be copied.</param>
    public static void Ended(CeremonyState state, string bundle, ImmutableArray<string> audit)
    {
        if (state.Aborted)
        {
            Console.WriteLine($"The ceremony {state.Id} was aborted. Its ledger is whole; "
                + $"nothing was exported{(state.ClosedEntry ? "" : ", and what it made is dead")}.");
            return;
        }
        if (!state.Script.IsSigned)
        {
            Console.WriteLine($"The ceremony {state.Id} is closed. Nothing was signed:");
            Console.WriteLine("the next ceremony signs what stands in the ledger.");
            Head(state.Last.HashHex);
            return;
        }
        Console.WriteLine($"The ceremony {state.Id} is closed.");
        Console.WriteLine($"  bundle  {bundle}");
        Head(state.World.Checkpoint!.Head);
        Console.WriteLine($"  verify  {string.Join(' ', audit)}");
    }

    /// <summary>In hex and in words, as many a line as on the last screen.</summary>
    private static void Head(string head)
    {
        Console.WriteLine($"  head    {head}");
        foreach (string[] words in PgpWords.Words(Convert.FromHexString(head)).Chunk(StopWords.WordsInLine))
            Console.WriteLine($"          {string.Join(' ', words)}");
    }

    private static byte[]? Bytes(string path)
    {
        if (!File.Exists(path))
            return null;
        using FileStream file = File.OpenRead(path);
        byte[] bytes = new byte[Math.Min(file.Length, ScriptLimits.MaxBytes + 1)];
        file.ReadExactly(bytes);
        return bytes;
    }
}
