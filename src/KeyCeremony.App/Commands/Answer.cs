using System.Text.Json;
using KeyCeremony.Core;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Commands;

/// <summary>
/// What a command found: for people line by line, as it goes; with <c>--json</c> as one object at the end, and then nothing else on
/// standard output. What is refused stands in the error output either way. docs/formats/json.md.
/// </summary>
/// <param name="name">Of the command, in the object's type.</param>
internal sealed class Answer(string name, bool isJson)
{
    private readonly List<(string Name, Action<Utf8JsonWriter> Write)> _members = [];
    private readonly List<Refusal> _refusals = [];
    private readonly List<TextLine> _lines = [];

    public const string OptionHelp = "The answer as JSON, for machines.";

    /// <summary>A sentence for people alone.</summary>
    public void Tell(string line)
    {
        if (!isJson)
            Console.WriteLine(line);
    }

    /// <summary>Lines with a label each; for machines <c>lines</c>, whose words may change.</summary>
    /// <param name="show">How people see them; null: as everywhere.</param>
    public void Say(IEnumerable<TextLine> lines, Action<TextLine[]>? show = null)
    {
        TextLine[] all = [.. lines];
        _lines.AddRange(all);
        if (!isJson)
            (show ?? Words.Say)(all);
    }

    public void Member(string member, string? value) => _members.Add((member, json => json.WriteString(member, value)));

    public void Member(string member, long value) => _members.Add((member, json => json.WriteNumber(member, value)));

    public void Member(string member, DateTimeOffset? value) => Member(member, value is { } time ? Time(time) : null);

    public void Member(string member, IEnumerable<string> values) => Member(member, values, (json, value) => json.WriteStringValue(value));

    /// <summary>A list of objects.</summary>
    /// <param name="write">The members of one.</param>
    public void Objects<T>(string member, IEnumerable<T> values, Action<Utf8JsonWriter, T> write) => Member(member, values, (json, value) =>
    {
        json.WriteStartObject();
        write(json, value);
        json.WriteEndObject();
    });

    public void Findings(string member, IEnumerable<Finding> findings) => Objects(member, findings, (json, finding) =>
    {
        json.WriteString("rule", finding.Id);
        json.WriteString("result", finding.Result);
        json.WriteString("text", finding.Text);
    });

    /// <summary>1.</summary>
    public int Refuse(Refusal refusal)
    {
        _refusals.Add(refusal);
        return Words.Refuse(refusal);
    }

    /// <summary>The exit code of a line that was not understood; nothing stands on standard output.</summary>
    public int Misused(Refusal refusal)
    {
        isJson = false;
        return Words.Misused(refusal);
    }

    /// <summary>Writes the object.</summary>
    public int End(int code)
    {
        if (isJson)
            Console.Write(JsonReport.Write(json =>
            {
                json.WriteString("type", $"keyceremony-{name}-v1");
                json.WriteString("result", code == 0 ? "ok" : "refused");
                json.WriteNumber("exitCode", code);
                foreach ((_, Action<Utf8JsonWriter> write) in _members)
                    write(json);
                Write(json, "lines", _lines, line =>
                {
                    json.WriteString("label", line.Label);
                    json.WriteString("value", line.Value);
                });
                Write(json, "refusals", _refusals, refusal =>
                {
                    json.WriteString("rule", refusal.Rule);
                    json.WriteString("message", refusal.Message);
                    json.WriteString("remedy", refusal.Remedy);
                });
            }));
        return code;
    }

    public static string Time(DateTimeOffset time) => $"{time.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}";

    private void Member<T>(string member, IEnumerable<T> values, Action<Utf8JsonWriter, T> write)
    {
        _members.Add((member, List));
        void List(Utf8JsonWriter json)
        {
            json.WriteStartArray(member);
            foreach (T value in values)
                write(json, value);
            json.WriteEndArray();
        }
    }

    private static void Write<T>(Utf8JsonWriter json, string member, List<T> values, Action<T> write)
    {
        json.WriteStartArray(member);
        foreach (T value in values)
        {
            json.WriteStartObject();
            write(value);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
