using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;
using KeyCeremony.Core;
using KeyCeremony.Verifier.Register;

namespace KeyCeremony.App.Register;

/// <summary>One <c>--where</c>: a column, how it is compared, and a value of its kind.</summary>
/// <param name="Operator">=, !=, &lt;, &lt;=, &gt;, &gt;= or ~, which means: holds, upper case or lower.</param>
/// <param name="Value">string, long or bool.</param>
internal sealed partial record RegisterFilter(RegisterColumn Column, string Operator, object Value)
{
    public static bool TryParse(RegisterTable table, string text, [NotNullWhen(true)] out RegisterFilter? filter,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        (filter, refusal) = (null, null);
        Match parts = Parts().Match(text);
        if (!parts.Success)
            refusal = RegisterRules.Question.Refuse($"\"{PlainText.Of(text, MaxShown)}\" is no filter.",
                "Give a column, one of = != < <= > >= ~, and a value, in quotation marks: --where 'notAfter<2030'");
        else if (table.Column(parts.Groups[1].Value) is not { } column)
            refusal = RegisterRules.Question.Refuse($"{parts.Groups[1].Value} is no column of {table.Name}.",
                $"There are {string.Join(", ", table.Columns.Select(c => c.Name))}.");
        else if (ValueOf(column, parts.Groups[2].Value, parts.Groups[3].Value) is not { } value)
            refusal = RegisterRules.Question.Refuse(
                $"\"{PlainText.Of(parts.Groups[3].Value, MaxShown)}\" cannot be compared with {column.Name} by {parts.Groups[2].Value}.",
                column.Kind switch
                {
                    ColumnKind.Number => "Give a whole number, compared by = != < <= > or >=.",
                    ColumnKind.Flag => "Give true or false, compared by = or !=.",
                    _ => "Give a time in UTC or its beginning: 2026, 2026-11, 2026-11-22, 2026-11-22T18:30.",
                });
        else
            filter = new RegisterFilter(column, parts.Groups[2].Value, value);
        return refusal is null;
    }

    private const int MaxShown = 60;

    private static object? ValueOf(RegisterColumn column, string comparison, string value) => column.Kind switch
    {
        ColumnKind.Number => comparison != "~" && long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture,
            out long number) ? number : null,
        ColumnKind.Flag => comparison is "=" or "!=" && bool.TryParse(value, out bool flag) ? flag : null,
        ColumnKind.Time => comparison != "~" && BeginningOfTime().IsMatch(value) ? value.Replace(' ', 'T') : null,
        _ => value,
    };

    [GeneratedRegex(@"\A\s*([A-Za-z][A-Za-z0-9]*)\s*(!=|<=|>=|=|<|>|~)\s*(.*?)\s*\z", RegexOptions.Singleline)]
    private static partial Regex Parts();

    [GeneratedRegex(@"\A[0-9]{4}(-[0-9]{2}(-[0-9]{2}([T ][0-9]{2}(:[0-9]{2}(:[0-9]{2}Z?)?)?)?)?)?\z")]
    private static partial Regex BeginningOfTime();
}
