namespace KeyCeremony.Core.Script;

/// <summary>A warning may be right in some room; an error never is.</summary>
public enum Severity
{
    Warning,
    Error,
}

/// <summary>What the checker found by folding the script over its model of the world.</summary>
/// <param name="Rule"><c>CHECK-01</c> to <c>CHECK-49</c>, listed in <see cref="CheckRules"/>.</param>
/// <param name="Line">1-based line of the step block in the composed text, or of the last one for what is missing at the end.</param>
/// <param name="Step">The id of the step, or an empty string for the script as a whole.</param>
public sealed record ScriptFinding(string Rule, Severity Severity, int Line, string Step, string Message, string Remedy)
{
    public override string ToString() => $"{Rule} {(Severity == Severity.Error ? "error" : "warning")}: {Message} {Remedy}";
}

/// <summary>The rules of the fold. Their meaning for authors is in docs/formats/script.md.</summary>
public static class CheckRules
{
    public const string RollCall = "CHECK-01";
    public const string Seat = "CHECK-02";
    public const string Quorum = "CHECK-03";
    public const string Opening = "CHECK-04";
    public const string Inspection = "CHECK-05";
    public const string Locked = "CHECK-06";
    public const string PreviewFirst = "CHECK-07";
    public const string Unpreviewed = "CHECK-08";
    public const string Twice = "CHECK-09";
    public const string Issuer = "CHECK-10";
    public const string WrongPurpose = "CHECK-11";
    public const string Key = "CHECK-12";
    public const string Algorithm = "CHECK-13";
    public const string ShareSet = "CHECK-14";
    public const string Backup = "CHECK-15";
    public const string Drill = "CHECK-16";
    public const string WrapKey = "CHECK-17";
    public const string Lock = "CHECK-18";
    public const string Close = "CHECK-19";
    public const string Unfinished = "CHECK-20";
    public const string Bag = "CHECK-21";
    public const string Environment = "CHECK-22";
    public const string Recovery = "CHECK-23";
    public const string Profile = "CHECK-24";
    public const string Approval = "CHECK-25";
    public const string Room = "CHECK-26";
    public const string Subject = "CHECK-27";
    public const string Request = "CHECK-28";
    public const string Crl = "CHECK-29";
    public const string Manifest = "CHECK-30";
    public const string Results = "CHECK-31";
    public const string CardCodes = "CHECK-32";
    public const string Witness = "CHECK-33";
    public const string NothingToRead = "CHECK-34";
    public const string Unsigned = "CHECK-35";
    public const string Sites = "CHECK-36";
    public const string MlDsa = "CHECK-37";
    public const string Asked = "CHECK-38";
    public const string TypesAndConfirms = "CHECK-39";
    public const string TwoCards = "CHECK-40";
    public const string WitnessAlone = "CHECK-41";
    public const string Combined = "CHECK-42";
    public const string Ending = "CHECK-43";
    public const string Moving = "CHECK-44";
    public const string Release = "CHECK-45";
    public const string LinkedRoots = "CHECK-46";
    public const string Resting = "CHECK-47";
    public const string Withdrawal = "CHECK-48";
    public const string Activation = "CHECK-49";
}
