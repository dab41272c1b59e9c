using System.Collections.Immutable;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace KeyCeremony.Core.Script;

/// <summary>
/// The part of YAML a script may use: maps, lists and one-line values. No type is guessed from a value's
/// look; the field decides. Anchors, aliases, tags, comments, block scalars and second documents are refused,
/// because each lets a block mean something that a reader of the page does not see.
/// </summary>
internal abstract record YamlNode(int Line);

/// <param name="Plain">Written without quotes; numbers and true/false must be.</param>
internal sealed record YamlValue(int Line, string Text, bool Plain) : YamlNode(Line);

internal sealed record YamlList(int Line, ImmutableArray<YamlNode> Items) : YamlNode(Line);

/// <param name="Entries">In the order written; duplicates are still in it.</param>
internal sealed record YamlMap(int Line, ImmutableArray<YamlEntry> Entries) : YamlNode(Line);

internal sealed record YamlEntry(int Line, string Name, YamlNode Value);

internal sealed class YamlRefusal(int line, string sentence, string remedy) : Exception
{
    public string Sentence => sentence;

    public int Line => line;

    public string Remedy => remedy;
}

/// <summary>Reads one block with a bounded depth.</summary>
internal sealed class YamlReader
{
    /// <summary>front matter > list > map > value is the deepest thing a script says</summary>
    public const int ScriptDepth = 4;

    private readonly Parser _parser;
    private readonly int _above;
    private readonly int _maxDepth;

    private YamlReader(string text, int firstLine, int maxDepth)
    {
        _maxDepth = maxDepth;
        _parser = new Parser(new Scanner(new StringReader(text), skipComments: false));
        _above = firstLine - 1;
    }

    /// <param name="firstLine">The line of the composed text on which <paramref name="text"/> begins.</param>
    /// <param name="maxDepth">Of what the block's fields need.</param>
    /// <returns>null after reporting SCRIPT-07.</returns>
    public static YamlMap? Read(string text, int firstLine, Action<string, int, string, string> report, int maxDepth = ScriptDepth)
    {
        var reader = new YamlReader(text, firstLine, maxDepth);
        try
        {
            return reader.ReadDocument(firstLine);
        }
        catch (YamlRefusal refusal)
        {
            report(ScriptRules.Yaml, refusal.Line, refusal.Sentence, refusal.Remedy);
        }
        catch (YamlException e)
        {
            report(ScriptRules.Yaml, reader.LineOf(e.Start), "The block is not YAML here: a quote or a bracket is not closed, "
                + "a colon lacks its blank, or the line begins too far left or right.",
                "Write one `name: value` a line; put quotes around a value with a colon or a hash in it.");
        }
        return null;
    }

    private YamlMap ReadDocument(int firstLine)
    {
        Next<StreamStart>();
        if (_parser.Current is StreamEnd) throw new YamlRefusal(firstLine, "The block is empty.", "Write one `name: value` a line.");
        if (_parser.Current is DocumentStart { IsImplicit: false } start)
            throw new YamlRefusal(LineOf(start.Start), "The block holds document marks or directives.", "Leave them out.");
        Next<DocumentStart>();
        if (ReadNode(1) is not YamlMap map)
            throw new YamlRefusal(firstLine, "The block is not a list of fields.", "Write one `name: value` a line.");
        if (_parser.Current is not DocumentEnd { IsImplicit: true } end)
            throw new YamlRefusal(LineOf(_parser.Current!.Start), "The block holds document marks.", "Leave them out.");
        Next<DocumentEnd>();
        if (_parser.Current is not StreamEnd) throw new YamlRefusal(LineOf(end.End), "The block holds a second document.", "Keep one.");
        return map;
    }

    private YamlNode ReadNode(int depth)
    {
        if (depth > _maxDepth)
            throw new YamlRefusal(LineOf(_parser.Current!.Start), "The block is nested too deeply.", "No field needs more.");
        return _parser.Current switch
        {
            Scalar scalar => ReadValue(scalar),
            SequenceStart list => ReadList(list, depth),
            MappingStart map => ReadMap(map, depth),
            AnchorAlias alias => throw new YamlRefusal(LineOf(alias.Start), "The block holds an alias.", "Write the value out."),
            var other => throw new YamlRefusal(LineOf(other!.Start), "The block is not made of fields, lists and values.",
                "Write one `name: value` a line."),
        };
    }

    private YamlValue ReadValue(Scalar scalar)
    {
        RefuseDecoration(scalar);
        int line = LineOf(scalar.Start);
        if (scalar.Style is ScalarStyle.Literal or ScalarStyle.Folded || scalar.Start.Line != scalar.End.Line)
            throw new YamlRefusal(line, "A value runs over several lines.", "Write it on one line.");
        Next<Scalar>();
        return new YamlValue(line, scalar.Value, scalar.Style == ScalarStyle.Plain);
    }

    private YamlList ReadList(SequenceStart start, int depth)
    {
        RefuseDecoration(start);
        Next<SequenceStart>();
        ImmutableArray<YamlNode>.Builder items = ImmutableArray.CreateBuilder<YamlNode>();
        while (_parser.Current is not SequenceEnd) items.Add(ReadNode(depth + 1));
        Next<SequenceEnd>();
        return new YamlList(LineOf(start.Start), items.ToImmutable());
    }

    private YamlMap ReadMap(MappingStart start, int depth)
    {
        RefuseDecoration(start);
        Next<MappingStart>();
        ImmutableArray<YamlEntry>.Builder entries = ImmutableArray.CreateBuilder<YamlEntry>();
        while (_parser.Current is not MappingEnd)
        {
            if (ReadNode(depth + 1) is not YamlValue name)
                throw new YamlRefusal(LineOf(_parser.Current!.Start), "A field's name is not a word.", "Write one `name: value` a line.");
            entries.Add(new YamlEntry(name.Line, name.Text, ReadNode(depth + 1)));
        }
        Next<MappingEnd>();
        return new YamlMap(LineOf(start.Start), entries.ToImmutable());
    }

    private void RefuseDecoration(NodeEvent node)
    {
        if (!node.Anchor.IsEmpty)
            throw new YamlRefusal(LineOf(node.Start), "The block holds an anchor.", "Write the value out where it is needed.");
        if (!node.Tag.IsEmpty)
            throw new YamlRefusal(LineOf(node.Start), "The block holds a tag.", "Leave it out: the field decides the type.");
    }

    private void Next<T>()
        where T : ParsingEvent
    {
        // The stream's very first event is not current before the first MoveNext.
        if (_parser.Current is null) Move();
        if (_parser.Current is not T) throw new YamlRefusal(LineOf(_parser.Current!.Start),
            "The block is not made of fields, lists and values.", "Write one `name: value` a line.");
        Move();
    }

    private void Move()
    {
        Mark last = _parser.Current?.End ?? Mark.Empty;
        try
        {
            // At its end the stream has no current event any more, and nothing here asks for one behind StreamEnd.
            if (!_parser.MoveNext() || _parser.Current is null) throw Unreadable(last);
        }
        // What a block can make the library throw is not documented, and was a crash once: everything else that it throws is the block's
        // fault.
        catch (Exception e) when (e is not (YamlRefusal or YamlException or OutOfMemoryException))
        {
            throw Unreadable(last);
        }
        if (_parser.Current is Comment comment) throw new YamlRefusal(LineOf(comment.Start),
            "The block holds a comment.", "Write it as prose above the block, where it is read aloud.");
    }

    private YamlRefusal Unreadable(Mark last) =>
        new(LineOf(last), "The block is not YAML from here on: a list or a map is not closed, or nothing follows.",
            "Close it, or write one `name: value` a line.");

    private int LineOf(Mark mark) => _above + Math.Max(1, (int)mark.Line);
}
