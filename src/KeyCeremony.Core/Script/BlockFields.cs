using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace KeyCeremony.Core.Script;

/// <summary>
/// The fields of one block, each asked for once by name and type. What is wrong is reported and a harmless
/// value is returned, so that one reading finds every error; the result is thrown away when there is one.
/// </summary>
internal sealed partial class BlockFields
{
    private const int MaxShown = 40;

    private readonly Dictionary<string, YamlEntry> _entries = new(StringComparer.Ordinal);
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    private readonly YamlMap _map;
    private readonly string _what;
    private readonly Parameters _parameters;
    private readonly Action<string, int, string, string> _report;

    /// <param name="what">What the block is, for messages: "the front matter", "a clock step".</param>
    public BlockFields(YamlMap map, string what, Parameters parameters, Action<string, int, string, string> report)
    {
        (_map, _what, _parameters, _report) = (map, what, parameters, report);
        foreach (YamlEntry entry in map.Entries)
        {
            if (!_entries.TryAdd(entry.Name, entry))
                report(ScriptRules.DuplicateField, entry.Line, $"The field `{Show(entry.Name)}` stands twice.", "Keep one.");
        }
    }

    public bool Has(string name) => _entries.ContainsKey(name);

    public int LineOf(string name) => _entries.TryGetValue(name, out YamlEntry? entry) ? entry.Line : _map.Line;

    /// <summary>Reports the fields nobody asked for.</summary>
    public void Finish()
    {
        foreach (YamlEntry? entry in _map.Entries.Where(e => !_asked.Contains(e.Name)))
            _report(ScriptRules.UnknownField, entry.Line, $"The field `{Show(entry.Name)}` is unknown in {_what}.",
                $"Known here: {string.Join(", ", _asked)}.");
    }

    public string Text(string name) => Value(name) is { } value ? ReadText(value, name) : "";

    /// <summary>Lower-case words joined by hyphens: what ids, keys, certificates and quorums are called.</summary>
    public string Name(string name)
    {
        if (Value(name) is not { } value) return "";
        string text = ReadText(value, name);
        if (text.Length > 0 && !IsName(text)) Wrong(value.Line, name, "a name of lower-case words joined by hyphens");
        return text;
    }

    public string OneOf(string name, params ReadOnlySpan<string> allowed)
    {
        if (Value(name) is not { } value) return "";
        string text = ReadText(value, name);
        if (text.Length > 0 && !allowed.Contains(text)) Wrong(value.Line, name, "one of " + string.Join(", ", allowed!));
        return text;
    }

    public int Number(string name, int least, int most)
    {
        if (Value(name) is not { } value) return least;
        if (ReadNumber(value) is { } number && number >= least && number <= most) return number;
        Wrong(value.Line, name, $"a number from {least} to {most}, without quotes");
        return least;
    }

    public int? OptionalNumber(string name, int least, int most)
    {
        _asked.Add(name);
        return Has(name) ? Number(name, least, most) : null;
    }

    public bool Truth(string name)
    {
        if (Value(name) is not { } value) return false;
        string text = _parameters.Fill(value, _report);
        if (!value.Plain || text is not ("true" or "false")) Wrong(value.Line, name, "true or false, without quotes");
        return text == "true";
    }

    public bool OptionalTruth(string name)
    {
        _asked.Add(name);
        return Has(name) && Truth(name);
    }

    /// <summary>One or more texts.</summary>
    public ImmutableArray<string> Texts(string name)
    {
        ImmutableArray<string>.Builder texts = ImmutableArray.CreateBuilder<string>();
        foreach (YamlNode item in Items(name))
        {
            if (item is YamlValue value) texts.Add(ReadText(value, name));
            else Wrong(item.Line, name, "a list of texts");
        }
        return texts.ToImmutable();
    }

    /// <summary>null when the field is left out.</summary>
    public string? OptionalText(string name)
    {
        _asked.Add(name);
        return Has(name) ? Text(name) : null;
    }

    /// <summary>null when the field is left out.</summary>
    public string? OptionalOneOf(string name, params ReadOnlySpan<string> allowed)
    {
        _asked.Add(name);
        return Has(name) ? OneOf(name, allowed) : null;
    }

    /// <summary>Empty when the field is left out.</summary>
    public ImmutableArray<string> OptionalTexts(string name)
    {
        _asked.Add(name);
        return Has(name) ? Texts(name) : [];
    }

    /// <summary>A decimal number that may be too large for <see cref="Number"/>.</summary>
    public long LongNumber(string name, long most)
    {
        if (Value(name) is not { } value) return 0;
        string text = _parameters.Fill(value, _report);
        if (value.Plain && LongNumberPattern().IsMatch(text) && long.Parse(text, CultureInfo.InvariantCulture) is var number
            && number <= most)
            return number;
        Wrong(value.Line, name, $"a number from 0 to {most}, without quotes");
        return 0;
    }

    /// <summary>One map with fields of its own; null after reporting that there is none.</summary>
    public BlockFields? Map(string name, string what)
    {
        if (Node(name) is not { } node) return null;
        if (node is YamlMap map) return new BlockFields(map, what, _parameters, _report);
        Wrong(node.Line, name, "a map, one `name: value` a line");
        return null;
    }

    /// <summary>null when the field is left out.</summary>
    public BlockFields? OptionalMap(string name, string what)
    {
        _asked.Add(name);
        return Has(name) ? Map(name, what) : null;
    }

    /// <summary>One or more maps, each with fields of its own.</summary>
    public IEnumerable<BlockFields> Maps(string name, string what, int most = ScriptLimits.MaxEntries)
    {
        foreach (YamlNode item in Items(name, most))
        {
            if (item is YamlMap map) yield return new BlockFields(map, what, _parameters, _report);
            else Wrong(item.Line, name, "a list of maps");
        }
    }

    /// <summary>Empty when the field is left out.</summary>
    public IEnumerable<BlockFields> OptionalMaps(string name, string what, int most = ScriptLimits.MaxEntries)
    {
        _asked.Add(name);
        return Has(name) ? Maps(name, what, most) : [];
    }

    /// <summary>A list of single-entry maps: pairs whose order counts.</summary>
    public ImmutableArray<(string Name, string Text, int Line)> Pairs(string name)
    {
        ImmutableArray<(string, string, int)>.Builder pairs = ImmutableArray.CreateBuilder<(string, string, int)>();
        foreach (YamlNode item in Items(name))
        {
            if (item is YamlMap { Entries: [{ Value: YamlValue value } entry] })
                pairs.Add((entry.Name, ReadText(value, entry.Name), entry.Line));
            else Wrong(item.Line, name, "a list of `- Name: value` lines");
        }
        return pairs.ToImmutable();
    }

    /// <summary>A map with names as its keys, for the front matter.</summary>
    public IEnumerable<(string Name, YamlValue Value)> Table(string name)
    {
        if (Node(name) is not { } node) yield break;
        if (node is not YamlMap map)
        {
            Wrong(node.Line, name, "a map, one `name: value` a line");
            yield break;
        }
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (YamlEntry? entry in map.Entries.Take(ScriptLimits.MaxEntries))
        {
            if (!seen.Add(entry.Name))
                _report(ScriptRules.DuplicateField, entry.Line, $"`{Show(entry.Name)}` stands twice in `{name}`.", "Keep one.");
            else if (!IsName(entry.Name)) Wrong(entry.Line, name, "names of lower-case words joined by hyphens");
            else if (entry.Value is not YamlValue value) Wrong(entry.Line, name, "a map of single values");
            else yield return (entry.Name, value);
        }
        if (map.Entries.Length > ScriptLimits.MaxEntries) Wrong(node.Line, name, $"at most {ScriptLimits.MaxEntries} entries");
    }

    /// <summary>As <see cref="Table"/>; a script without quorums or parameters leaves them out.</summary>
    public IEnumerable<(string Name, YamlValue Value)> OptionalTable(string name)
    {
        _asked.Add(name);
        return Has(name) ? Table(name) : [];
    }

    public static bool IsName(string text) => text.Length <= 64 && NamePattern().IsMatch(text);

    /// <summary>A decimal number in its only spelling: no sign, no leading zero, no quotes.</summary>
    public static int? ReadPlainNumber(YamlValue value) =>
        value.Plain && NumberPattern().IsMatch(value.Text) ? int.Parse(value.Text, CultureInfo.InvariantCulture) : null;

    public void Wrong(int line, string name, string wanted) =>
        _report(ScriptRules.Value, line, $"The value of `{Show(name)}` is not what {_what} takes.", $"Give {wanted}.");

    private IEnumerable<YamlNode> Items(string name, int most = ScriptLimits.MaxEntries)
    {
        if (Node(name) is not { } node) return [];
        if (node is YamlList { Items: { Length: > 0 } items } && items.Length <= most) return items;
        Wrong(node.Line, name, $"a list of 1 to {most} entries");
        return [];
    }

    private YamlValue? Value(string name)
    {
        if (Node(name) is not { } node) return null;
        if (node is YamlValue value) return value;
        Wrong(node.Line, name, "a single value");
        return null;
    }

    private YamlNode? Node(string name)
    {
        _asked.Add(name);
        if (_entries.TryGetValue(name, out YamlEntry? entry)) return entry.Value;
        _report(ScriptRules.MissingField, _map.Line, $"The field `{name}` is missing in {_what}.", $"Add `{name}: …`.");
        return null;
    }

    private int? ReadNumber(YamlValue value) => ReadPlainNumber(value with { Text = _parameters.Fill(value, _report) });

    /// <summary>Not empty, no space at the ends, nothing invisible: escapes in double quotes could bring it in.</summary>
    private string ReadText(YamlValue value, string name)
    {
        string text = _parameters.Fill(value, _report);
        if (text.Length is 0 or > ScriptLimits.MaxValue || text.Trim().Length != text.Length)
            Wrong(value.Line, name, $"1 to {ScriptLimits.MaxValue} characters without spaces at the ends");
        else if (ScriptText.FirstBad(text) is { } bad)
            _report(ScriptRules.Character, value.Line, $"The value of `{name}` holds {ScriptText.Name(bad)}.", "Remove the escape.");
        return text;
    }

    // A name in quotation marks may hold what no terminal should get.
    private static string Show(string name)
    {
        string shown = PlainText.Of(name, MaxShown);
        return shown.Length < name.Length ? shown + "…" : shown;
    }

    [GeneratedRegex(@"^[a-z][a-z0-9]*(-[a-z0-9]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"^(0|[1-9][0-9]{0,17})\z", RegexOptions.CultureInvariant)]
    private static partial Regex LongNumberPattern();

    [GeneratedRegex(@"^(0|[1-9][0-9]{0,8})\z", RegexOptions.CultureInvariant)]
    private static partial Regex NumberPattern();
}
