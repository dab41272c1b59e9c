namespace KeyCeremony.Core.Journal;

/// <summary>How a <see cref="Finding"/> can end: the closed list of <see cref="Finding.Result"/>.</summary>
public static class FindingResults
{
    public const string Pass = "pass";
    public const string Warning = "warning";
    public const string Fail = "fail";
    public const string Unknown = "unknown";
}
