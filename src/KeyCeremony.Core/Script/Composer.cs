using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.RegularExpressions;

namespace KeyCeremony.Core.Script;

/// <summary>
/// Puts the shared fragments in place and numbers the steps. The result is one text without includes;
/// composing it again changes nothing.
/// </summary>
public static partial class Composer
{
    private const string Fence = "```";
    private const string IncludeFence = "```include";

    /// <param name="name">File name of the script, as <paramref name="read"/> knows it and as errors name it.</param>
    /// <param name="read">Bytes of a file by its path relative to the script's folder; null when it is not there.</param>
    /// <param name="errors">Every error found, in reading order: SCRIPT-01 to SCRIPT-05.</param>
    public static bool TryCompose(
        string name, Func<string, byte[]?> read,
        [NotNullWhen(true)] out ComposedScript? composed, out ImmutableArray<ScriptError> errors)
    {
        var draft = new Draft(read);
        draft.Add(name, new ScriptPlace(name, 1), isFragment: false);
        errors = [.. draft.Errors];
        composed = errors.IsEmpty ? draft.Finish(name) : null;
        if (composed is not null && ScriptText.Bytes(composed.Text) > ScriptLimits.MaxBytes)
        {
            errors = [ScriptText.TooLarge(name)];
            composed = null;
        }
        return composed is not null;
    }

    /// <summary>Lower-case names and slashes only, so that a path can neither climb nor be absolute.</summary>
    [GeneratedRegex(@"^[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*)*\.md\z", RegexOptions.CultureInvariant)]
    private static partial Regex FragmentPath();

    [GeneratedRegex(@"^(#{2,3}) #\. (?=\S)", RegexOptions.CultureInvariant)]
    private static partial Regex OpenNumber();

    [GeneratedRegex(@"^#{2,3} [0-9]+\. ", RegexOptions.CultureInvariant)]
    private static partial Regex GivenNumber();

    private sealed class Draft(Func<string, byte[]?> read)
    {
        private readonly List<string> _lines = [];
        private readonly List<ScriptPlace> _places = [];
        private int _steps;

        public List<ScriptError> Errors { get; } = [];

        public void Add(string file, ScriptPlace asked, bool isFragment)
        {
            if (read(file) is not { } bytes)
            {
                Errors.Add(new(ScriptRules.Missing, asked.File, asked.Line, $"There is no file {file}.",
                    "Give its path relative to the script."));
                return;
            }
            if (!ScriptText.TryDecode(bytes, file, out string? text, out ImmutableArray<ScriptError> errors))
            {
                Errors.AddRange(errors);
                return;
            }
            AddLines(file, text.Trim('\n').Split('\n'), 1 + text.Length - text.TrimStart('\n').Length, isFragment);
        }

        public ComposedScript Finish(string name)
        {
            // A script of nothing but a newline still has a first line to point at.
            if (_places.Count == 0) Put("", new ScriptPlace(name, 1));
            return new ComposedScript(string.Join('\n', _lines) + "\n", new LineMap([.. _places]));
        }

        private void AddLines(string file, string[] lines, int first, bool isFragment)
        {
            bool inBlock = false;
            for (int i = 0; i < lines.Length; i++)
            {
                var place = new ScriptPlace(file, first + i);
                string line = lines[i];
                if (!inBlock && line == IncludeFence)
                {
                    AddInclude(lines, i, place, isFragment);
                    i = Math.Min(i + 2, lines.Length - 1);
                    continue;
                }
                if (line.StartsWith(Fence, StringComparison.Ordinal)) inBlock = !inBlock;
                Put(inBlock ? line : Number(line), place);
            }
        }

        private void AddInclude(string[] lines, int at, ScriptPlace place, bool isFragment)
        {
            if (at + 2 >= lines.Length || lines[at + 2] != Fence)
                Errors.Add(new(ScriptRules.Include, place.File, place.Line, "The include block is not one path between two fences.",
                    "Write ```include, one path, ```, each on its own line."));
            else if (isFragment)
                Errors.Add(new(ScriptRules.Include, place.File, place.Line, "A fragment includes another fragment.",
                    "Include both from the script itself."));
            else if (!FragmentPath().IsMatch(lines[at + 1]))
                Errors.Add(new(ScriptRules.Include, place.File, place.Line + 1, "The path of the fragment is not allowed.",
                    "Use lower-case names and slashes below the script's folder, ending in .md."));
            else
                Add(lines[at + 1], place with { Line = place.Line + 1 }, isFragment: true);
        }

        private string Number(string line)
        {
            if (GivenNumber().IsMatch(line)) _steps++;
            if (OpenNumber().Match(line) is not { Success: true } open) return line;
            _steps++;
            return new StringBuilder(open.Groups[1].Value).Append($" {_steps}. ")
                .Append(line, open.Length, line.Length - open.Length).ToString();
        }

        private void Put(string line, ScriptPlace place)
        {
            _lines.Add(line);
            _places.Add(place);
        }
    }
}
