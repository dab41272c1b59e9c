namespace KeyCeremony.Core.Pki;

/// <summary>The environment's name in front of a CN, so that no certificate of a rehearsal is taken for a real one.</summary>
public static class EnvironmentPrefix
{
    public const string Production = "production";

    private static readonly string[] Environments = ["rehearsal", "development", "staging"];

    public static bool IsKnown(string environment) => environment == Production || Environments.Contains(environment);

    /// <summary>E.g. <c>"REHEARSAL "</c>.</summary>
    public static string Of(string environment) => environment.ToUpperInvariant() + " ";

    /// <summary>The environment whose name stands in front, or null.</summary>
    public static string? In(string commonName) =>
        Environments.FirstOrDefault(environment => commonName.StartsWith(Of(environment), StringComparison.Ordinal));

    public static string Strip(string commonName) =>
        In(commonName) is { } environment ? commonName[Of(environment).Length..] : commonName;
}
