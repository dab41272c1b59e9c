namespace KeyCeremony.Hsm.Tests;

/// <summary>A shipped script with some of its lines rewritten, in a folder of its own.</summary>
/// <param name="Name">Without its ending, e.g. <c>root-creation</c>.</param>
internal sealed record Script(string Name, params (string From, string To)[] Changes)
{
    private static readonly (string, string)[] TwoOfTwo =
    [
        ("  officer: 3\n", "  officer: 2\n"),
        ("2 of 3", "2 of 2"),
        ("  - activation share card 3\n", ""),
        ("  - backup share card 3\n", ""),
        ("  - N1 backup share card 3\n", ""),
        ("algorithm: ec-p384", "algorithm: ec-p256"),
    ];

    /// <summary>P-256 and two officers: the same calls and kinds of entries in the least time.</summary>
    public static Script SmallRoot { get; } = new("root-creation", TwoOfTwo);

    public static Script SmallRecovery { get; } = new("disaster-recovery", TwoOfTwo);

    /// <summary>Any other ceremony of these two officers.</summary>
    public static Script Small(string name) => new(name, TwoOfTwo);

    public static Script Root { get; } = new("root-creation");

    public static Script Recovery { get; } = new("disaster-recovery");

    /// <summary>Writes it and everything it includes below <paramref name="folder"/>; answers the script's path.</summary>
    public string WriteTo(string folder)
    {
        foreach (string file in Directory.EnumerateFiles(Repository.Scripts, "*.md", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(folder, Path.GetRelativePath(Repository.Scripts, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.WriteAllText(copy, Changes.Aggregate(File.ReadAllText(file),
                (text, change) => text.Replace(change.From, change.To, StringComparison.Ordinal)));
        }
        return Path.Combine(folder, $"{Name}.md");
    }
}
