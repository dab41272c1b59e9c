using System.Collections.Immutable;

namespace KeyCeremony.Core.Script;

/// <summary>What stops a text from being a script. The author reads it, so it names the place and the cure.</summary>
/// <param name="Rule"><c>SCRIPT-01</c> to <c>SCRIPT-19</c>, listed in <see cref="ScriptRules"/>.</param>
/// <param name="File">The file the author edits, not the composed text.</param>
/// <param name="Line">1-based line in <paramref name="File"/>.</param>
public sealed record ScriptError(string Rule, string File, int Line, string Message, string Remedy)
{
    public override string ToString() => $"{File}:{Line}: {Rule} {Message} {Remedy}";
}

/// <summary>The rules of reading. Their meaning for authors is in docs/formats/script.md.</summary>
public static class ScriptRules
{
    public const string Missing = "SCRIPT-01";
    public const string Encoding = "SCRIPT-02";
    public const string TooLarge = "SCRIPT-03";
    public const string Character = "SCRIPT-04";
    public const string Include = "SCRIPT-05";
    public const string FrontMatter = "SCRIPT-06";
    public const string Yaml = "SCRIPT-07";
    public const string UnknownField = "SCRIPT-08";
    public const string DuplicateField = "SCRIPT-09";
    public const string MissingField = "SCRIPT-10";
    public const string Value = "SCRIPT-11";
    public const string Verb = "SCRIPT-12";
    public const string Role = "SCRIPT-13";
    public const string Numbering = "SCRIPT-14";
    public const string DuplicateName = "SCRIPT-15";
    public const string Layout = "SCRIPT-16";
    public const string Prose = "SCRIPT-17";
    public const string Parameter = "SCRIPT-18";
    public const string Quorum = "SCRIPT-19";
}

/// <summary>Every input has a limit.</summary>
public static class ScriptLimits
{
    /// <summary>Composed text in UTF-8 bytes: some thirty printed pages, a long day of reading aloud.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>Steps of one ceremony.</summary>
    public const int MaxSteps = 200;

    /// <summary>People in one role, and shares of one set (SLIP-39 section 3.1: four bits).</summary>
    public const int MaxSeats = 16;

    /// <summary>Characters of one value: what fits on a screen and a printed line or two.</summary>
    public const int MaxValue = 400;

    /// <summary>Characters that mean something in Markdown, between two empty lines: a page of prose has a few dozen.</summary>
    public const int MaxMarks = 512;

    /// <summary>Entries of one list in a block.</summary>
    public const int MaxEntries = 64;
}

/// <summary>Where a line of the composed text was written.</summary>
public sealed record ScriptPlace(string File, int Line);

/// <summary>Leads from the lines of a composed text back to the files that the author edits.</summary>
public sealed class LineMap
{
    private readonly ImmutableArray<ScriptPlace> _places;

    internal LineMap(ImmutableArray<ScriptPlace> places) => _places = places;

    /// <summary>The map of a text that is its own source.</summary>
    public static LineMap Of(string file, string text) =>
        new([.. Enumerable.Range(1, text.Split('\n').Length).Select(line => new ScriptPlace(file, line))]);

    /// <param name="line">1-based line of the composed text; a line past the end is the last one.</param>
    public ScriptPlace At(int line) => _places[Math.Clamp(line, 1, _places.Length) - 1];
}

/// <param name="Text">All includes in place, all steps numbered: what is hashed, recorded, printed and read aloud.</param>
public sealed record ComposedScript(string Text, LineMap Lines);
