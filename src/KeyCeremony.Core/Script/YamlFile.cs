using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using KeyCeremony.Core.Reading;

namespace KeyCeremony.Core.Script;

/// <summary>
/// A file that is one block of YAML and nothing else, as people send it beside what it describes. Every field that is wrong is told, all
/// under the one rule of its form.
/// </summary>
/// <param name="Rule">Its ID.</param>
/// <param name="What">What the file describes, for messages: "a batch".</param>
/// <param name="Depth">Of the deepest value.</param>
/// <param name="Shorten">What to do when it is too long.</param>
/// <param name="Unseen">Who would carry a character that nobody sees.</param>
internal sealed record YamlFile(string Rule, string What, int Depth, string Shorten, string Unseen)
{
    public const int MaxBytes = ScriptLimits.MaxBytes;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <param name="name">Of the file, for the errors.</param>
    /// <param name="read">Asks for every field; what it answers is thrown away when one is wrong.</param>
    public bool TryRead<T>(ReadOnlySpan<byte> yaml, string name, Func<BlockFields, T> read, [NotNullWhen(true)] out T? value,
        out ImmutableArray<ScriptError> errors)
        where T : class
    {
        value = null;
        var found = new List<ScriptError>();
        void Report(int line, string message, string remedy) => found.Add(new ScriptError(Rule, name, line, message, remedy));
        if (yaml.Length > MaxBytes)
            Report(1, $"The file has more than {MaxBytes} bytes.", Shorten);
        else if (Decode(yaml, Report) is { } text
            && YamlReader.Read(text, 1, (_, line, message, remedy) => Report(line, message, remedy), Depth, Words) is { } map)
        {
            var fields = new BlockFields(map, What, new Parameters(), (_, line, message, remedy) => Report(line, message, remedy));
            value = read(fields);
            fields.Finish();
        }
        errors = [.. found.OrderBy(error => error.Line).Distinct()];
        if (!errors.IsEmpty)
            value = null;
        return value is not null;
    }

    private YamlWords Words => new("The file", $"Take it out: what there is to say about {What} stands in its fields.");

    /// <summary>Null after reporting what hinders: the bytes of an editor are taken, what nobody sees in a value is not.</summary>
    private string? Decode(ReadOnlySpan<byte> yaml, Action<int, string, string> report)
    {
        var text = new StringBuilder();
        (int number, bool isWhole) = (0, true);
        try
        {
            while (TextForm.TryNext(ref yaml, ref number, out ReadOnlySpan<byte> bytes))
            {
                string line = Utf8.GetString(bytes);
                if (ScriptText.FirstBad(line) is { } bad)
                {
                    isWhole = false;
                    report(number, $"The line holds {ScriptText.Name(bad)}.",
                        bad.Value == '\t' ? "Indent with spaces." : $"Take it out: it cannot be seen, and {Unseen} would carry it.");
                }
                text.Append(line).Append('\n');
            }
        }
        catch (TextFault fault)
        {
            isWhole = false;
            report(Math.Max(1, number), fault.Sentence, "Save it as UTF-8 with lines that end with LF or CR LF.");
        }
        catch (DecoderFallbackException)
        {
            isWhole = false;
            report(number, "The line is not UTF-8.", "Save the file as UTF-8.");
        }
        return isWhole ? text.ToString() : null;
    }
}
