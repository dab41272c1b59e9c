using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Markdig;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace KeyCeremony.Core.Script;

/// <summary>Reads a composed text. Reports every error it finds, not only the first. docs/formats/script.md.</summary>
public static class ScriptReader
{
    /// <summary>Composes and reads: what `check`, `print` and `run` begin with.</summary>
    /// <param name="name">File name of the script, as <paramref name="read"/> knows it.</param>
    /// <param name="read">Bytes of a file by its path relative to the script's folder; null when it is not there.</param>
    /// <param name="lines">Leads from <see cref="Step.Line"/> back to the files.</param>
    public static bool TryLoad(
        string name, Func<string, byte[]?> read,
        [NotNullWhen(true)] out CeremonyScript? script, [NotNullWhen(true)] out LineMap? lines, out ImmutableArray<ScriptError> errors)
    {
        (script, lines) = (null, null);
        if (!Composer.TryCompose(name, read, out ComposedScript? composed, out errors)) return false;
        lines = composed.Lines;
        return TryRead(composed.Text, lines, out script, out errors);
    }

    /// <summary>Reads a composed text from its bytes, as a bundle carries it.</summary>
    public static bool TryRead(ReadOnlySpan<byte> utf8, string file, [NotNullWhen(true)] out CeremonyScript? script,
        out ImmutableArray<ScriptError> errors)
    {
        script = null;
        return ScriptText.TryDecode(utf8, file, out string? text, out errors)
            && TryRead(text, LineMap.Of(file, text), out script, out errors);
    }

    /// <param name="lines">null: the text is its own source and errors call it <c>script.md</c>.</param>
    /// <param name="errors">Sorted by line of the composed text.</param>
    public static bool TryRead(string text, LineMap? lines, [NotNullWhen(true)] out CeremonyScript? script,
        out ImmutableArray<ScriptError> errors)
    {
        lines ??= LineMap.Of("script.md", text);
        script = null;
        if (ScriptText.Bytes(text) > ScriptLimits.MaxBytes)
        {
            errors = [ScriptText.TooLarge(lines.At(1).File)];
            return false;
        }
        errors = [.. ScriptText.BadCharacters(text, lines)];
        if (!errors.IsEmpty) return false;

        var reading = new ScriptReading(text);
        script = reading.Read();
        errors = [.. reading.Errors
            .OrderBy(e => e.Line)
            .Select(e => new ScriptError(e.Rule, lines.At(e.Line).File, lines.At(e.Line).Line, e.Message, e.Remedy))
            .Distinct()];
        if (!errors.IsEmpty) script = null;
        return script is not null;
    }
}

/// <summary>One reading of one text.</summary>
internal sealed partial class ScriptReading(string text)
{
    private static readonly MarkdownPipeline CommonMark = new MarkdownPipelineBuilder().UsePreciseSourceLocation().Build();

    private readonly string[] _lines = text.Split('\n');
    private readonly List<Step> _steps = [];
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
    private FrontMatter? _front;
    private Parameters _parameters = new();

    // The heading being read: its number is null under an unnumbered one.
    private string _section = "";
    private int? _number;
    private int _numbersSeen;
    private string _title = "";
    private int _headingLine;
    private bool _hasBlock;

    public List<(string Rule, int Line, string Message, string Remedy)> Errors { get; } = [];

    /// <returns>null when not even the front matter could be found; else what could be read.</returns>
    public CeremonyScript? Read()
    {
        if (ReadFrontMatter() is not { } end) return null;
        ReadBody(end);
        if (_front is null) return null;
        _parameters.ReportUnused(Report);
        ReportUnknownQuorums(_front);
        return new CeremonyScript(
            _front.Ceremony, _front.Version, _front.Title, _front.Environments, _front.Seats, _front.Quorums,
            [.. _steps], text, Convert.ToHexStringLower(SHA256.HashData(ScriptText.Encode(text))))
        {
            Combined = _front.Combined,
            CardCodes = _front.CardCodes,
            Recording = _front.Recording,
        };
    }

    /// <returns>Index of the closing mark.</returns>
    private int? ReadFrontMatter()
    {
        int end = _lines[0] == FrontMatter.Mark ? Array.IndexOf(_lines, FrontMatter.Mark, 1) : -1;
        if (end < 0)
        {
            Report(ScriptRules.FrontMatter, 1, "The script does not begin with front matter.",
                "Begin with a line `---`, the fields, and a line `---`.");
            return null;
        }
        if (YamlReader.Read(string.Join('\n', _lines[1..end]), 2, Report) is { } map)
        {
            _front = FrontMatter.Read(map, Report);
            _parameters = _front.Parameters;
        }
        return end;
    }

    private void ReadBody(int frontMatterEnd)
    {
        // Empty lines in place of the front matter keep Markdig's line numbers ours.
        string body = new string('\n', frontMatterEnd + 1) + string.Join('\n', _lines[(frontMatterEnd + 1)..]);
        foreach (Block block in Parse(body))
        {
            switch (block)
            {
                case HeadingBlock heading: ReadHeading(heading); break;
                case FencedCodeBlock fenced: ReadBlock(fenced); break;
                default: ReadProse(block); break;
            }
        }
        FinishHeading();
        if (_steps.Count == 0 && Errors.Count == 0)
            Report(ScriptRules.Layout, frontMatterEnd + 1, "The script has no step.",
                "Write a heading `## 1. Title` and a `step` block under it.");
        if (_numbersSeen > ScriptLimits.MaxSteps)
            Report(ScriptRules.TooLarge, 1, $"The script has more than {ScriptLimits.MaxSteps} steps.", "Split it into two ceremonies.");
    }

    /// <summary>
    /// Empty after reporting SCRIPT-17. Markdig gives up on prose that is nested more than a hundred deep, with an exception that
    /// it does not document, and takes seconds for a paragraph of brackets: neither is prose that anybody reads aloud.
    /// </summary>
    private IEnumerable<Block> Parse(string body)
    {
        int marks = 0;
        for (int i = 0; i < _lines.Length; i++)
        {
            marks = _lines[i].Length == 0 ? 0 : marks + Marks(_lines[i]);
            if (marks <= ScriptLimits.MaxMarks) continue;
            Report(ScriptRules.Prose, i + 1, $"This paragraph holds more than {ScriptLimits.MaxMarks} marks.", Plain);
            return [];
        }
        try
        {
            return Markdown.Parse(body, CommonMark);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Report(ScriptRules.Prose, 1, "The prose is nested too deeply, or is no Markdown.", Plain);
            return [];
        }
    }

    private const string Plain = "Write plain prose: words, *emphasis* and `code`.";

    private static int Marks(string line) => line.AsSpan().Count('[') + line.AsSpan().Count('*')
        + line.AsSpan().Count('_') + line.AsSpan().Count('`')
        + line.AsSpan().Count('<') + line.AsSpan().Count('>') + line.AsSpan().Count('!') + line.AsSpan().Count('&');

    private void ReadHeading(HeadingBlock heading)
    {
        FinishHeading();
        (_headingLine, _hasBlock, _number) = (heading.Line + 1, false, null);
        RefuseInlines(heading.Inline);
        string written = _lines[heading.Line];
        Match match = HeadingPattern().Match(written);
        if (!match.Success || heading.IsSetext)
        {
            Report(ScriptRules.Prose, _headingLine, "This heading is neither a section nor a step.",
                "Sections are `## Title`, steps `## 1. Title` or `### 1. Title`; the ceremony's title stands in the front matter.");
            return;
        }
        _title = match.Groups["title"].Value;
        if (match.Groups["number"].Success) ReadNumber(match.Groups["number"].Value);
        else if (heading.Level == 2) _section = _title;
        else Report(ScriptRules.Layout, _headingLine, "A section stands below another.",
            "Sections are `## Title`; a step is `### 1. Title`.");
        if (_number is not null && heading.Level == 2) _section = "";
    }

    private void ReadNumber(string number)
    {
        _numbersSeen++;
        _number = _numbersSeen;
        if (number != _numbersSeen.ToString())
            Report(ScriptRules.Numbering, _headingLine, $"This step is number {_numbersSeen}, not {number}.",
                "Number the steps from 1 without gaps, or write `#.` and let the composer do it.");
    }

    private void FinishHeading()
    {
        if (_number is not null && !_hasBlock)
            Report(ScriptRules.Layout, _headingLine, "This step has no `step` block.", "Write one ```step block under the heading.");
    }

    private void ReadBlock(FencedCodeBlock block)
    {
        int line = block.Line + 1;
        if (block.Info != "step" || !string.IsNullOrEmpty(block.Arguments))
            Report(ScriptRules.Layout, line, "This block is not a `step` block.", block.Info == "include"
                ? "An include block starts at the left margin with ```include; a composed text has none."
                : "Only ```step blocks may stand here.");
        else if (block.ClosingFencedCharCount == 0)
            Report(ScriptRules.Layout, line, "This block is not closed.", "End it with a line ```.");
        else if (_number is null)
            Report(ScriptRules.Layout, line, "This block stands under no numbered heading.", "Write `## 1. Title` above it.");
        else if (_hasBlock)
            Report(ScriptRules.Layout, line, "This is the second block of the step.", "One heading, one block.");
        else
            ReadStep(block, line);
        _hasBlock = true;
    }

    private void ReadStep(FencedCodeBlock block, int line)
    {
        string prose = string.Join('\n', _lines[_headingLine..(line - 1)]).Trim('\n', ' ');
        if (prose.Length == 0)
            Report(ScriptRules.Layout, _headingLine, "This step has nothing to read aloud.",
                "Say between heading and block what happens and why.");
        if (YamlReader.Read(block.Lines.ToString(), line + 1, Report) is not { } map) return;
        var heading = new StepHeading(_number!.Value, _title, _section, prose);
        if (StepBlock.Read(map, heading, _parameters, line, Report) is not { } step) return;
        if (step.Id.Length > 0 && !_ids.Add(step.Id))
            Report(ScriptRules.DuplicateName, line, $"Another step is called `{step.Id}`.", "Give each step its own id.");
        _steps.Add(step);
    }

    private void ReadProse(Block block)
    {
        int line = block.Line + 1;
        if (_number is not null && _hasBlock)
            Report(ScriptRules.Layout, line, "Text follows the step's block.", "Move it above the block, where it is read aloud.");
        RefuseBlock(block);
    }

    /// <summary>What a person cannot read aloud from the page, or what shows something else than it holds.</summary>
    private void RefuseBlock(Block block)
    {
        switch (block)
        {
            case ParagraphBlock paragraph: RefuseInlines(paragraph.Inline); break;
            case ListBlock or ListItemBlock or QuoteBlock:
                foreach (Block child in (ContainerBlock)block) RefuseBlock(child);
                break;
            case LinkReferenceDefinitionGroup definitions:
                // Markdig gathers them at the top; their own lines are kept.
                foreach (Block definition in definitions) Report(ScriptRules.Prose,
                    definition.Line + 1, "This is the target of a link.", "Write plain prose: words, *emphasis* and `code`.");
                break;
            default:
                Report(ScriptRules.Prose, block.Line + 1, "This is neither a paragraph, a list nor a quotation.",
                    "Write plain prose; ```step blocks and headings start at the left margin.");
                break;
        }
    }

    private void RefuseInlines(ContainerInline? inlines)
    {
        foreach (Inline inline in inlines ?? [])
        {
            if (inline is not (LiteralInline or EmphasisInline or CodeInline or LineBreakInline))
                Report(ScriptRules.Prose, inline.Line + 1, "This holds a link, an image, HTML or an entity.",
                    "Write plain prose: words, *emphasis* and `code`.");
            if (inline is LiteralInline literal && Parameters.Mentions(literal.Content.ToString())
                || inline is CodeInline code && Parameters.Mentions(code.Content))
                Report(ScriptRules.Parameter, inline.Line + 1, "Prose holds a placeholder.",
                    "Placeholders are filled in step blocks only; write the words.");
            if (inline is EmphasisInline emphasis) RefuseInlines(emphasis);
        }
    }

    private void ReportUnknownQuorums(FrontMatter front)
    {
        foreach (DealSharesStep? deal in _steps.OfType<DealSharesStep>()
            .Where(d => d.Quorum.Length > 0 && front.Quorums.All(q => q.Name != d.Quorum)))
            Report(ScriptRules.Quorum, deal.Line, $"There is no quorum `{deal.Quorum}`.", "Add it to `quorums` in the front matter.");
    }

    private void Report(string rule, int line, string message, string remedy) => Errors.Add((rule, line, message, remedy));

    [GeneratedRegex(@"^(##|###) (?:(?<number>[0-9]{1,4})\. )?(?<title>(?!#)\S(?:.*\S)?)\z", RegexOptions.CultureInvariant)]
    private static partial Regex HeadingPattern();
}
