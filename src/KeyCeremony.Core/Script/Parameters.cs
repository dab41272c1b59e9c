using System.Text.RegularExpressions;

namespace KeyCeremony.Core.Script;

/// <summary>The front matter's parameters, put in place of <c>${name}</c>; every one must be used.</summary>
internal sealed partial class Parameters
{
    private readonly Dictionary<string, YamlValue> _values = new(StringComparer.Ordinal);
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);

    public static bool Mentions(string text) => text.Contains("${", StringComparison.Ordinal);

    public void Add(string name, YamlValue value) => _values.Add(name, value);

    /// <summary>The value with its placeholders filled; a filled text is not looked at again.</summary>
    public string Fill(YamlValue value, Action<string, int, string, string> report)
    {
        if (!Mentions(value.Text)) return value.Text;
        string filled = Placeholder().Replace(value.Text, match => ValueOf(match.Groups[1].Value, value.Line, report));
        if (Mentions(Placeholder().Replace(value.Text, "")))
            report(ScriptRules.Parameter, value.Line, "A placeholder is not written as ${name}.",
                "Use the name of a parameter, lower-case words joined by hyphens.");
        return filled;
    }

    public void ReportUnused(Action<string, int, string, string> report)
    {
        foreach ((string? name, YamlValue? value) in _values.Where(v => !_used.Contains(v.Key)).OrderBy(v => v.Value.Line))
            report(ScriptRules.Parameter, value.Line, $"The parameter `{name}` is not used in any step.", "Remove it, or use it.");
    }

    private string ValueOf(string name, int line, Action<string, int, string, string> report)
    {
        if (_values.TryGetValue(name, out YamlValue? value))
        {
            _used.Add(name);
            return value.Text;
        }
        report(ScriptRules.Parameter, line, $"There is no parameter `{name}`.", "Add it to `parameters` in the front matter.");
        // Its name is as good a value as any; an empty one would be reported a second time.
        return name;
    }

    [GeneratedRegex(@"\$\{([a-z][a-z0-9]*(?:-[a-z0-9]+)*)\}", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();
}
