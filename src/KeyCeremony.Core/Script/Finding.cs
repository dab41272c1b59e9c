namespace KeyCeremony.Core.Script;

/// <summary>A warning may be right in some room; an error never is.</summary>
public enum Severity
{
    Warning,
    Error,
}

/// <summary>What the checker found by folding the script over its model of the world.</summary>
/// <param name="Rule"><c>CHECK-01</c> to <c>CHECK-24</c>, listed in docs/formats/script.md.</param>
/// <param name="Line">1-based line of the step block in the composed text, or of the last one for what is missing at the end.</param>
/// <param name="Step">The id of the step, or an empty string for the script as a whole.</param>
public sealed record Finding(string Rule, Severity Severity, int Line, string Step, string Message, string Remedy)
{
    public override string ToString() => $"{Rule} {(Severity == Severity.Error ? "error" : "warning")}: {Message} {Remedy}";
}
