namespace KeyCeremony.Core.Tests.Sharing;

/// <summary>Where the tests find what is not compiled into them.</summary>
internal static class TestFiles
{
    private static readonly bool InCi = Environment.GetEnvironmentVariable("CI") == "true";

    public static string Root { get; } = FindRoot();

    /// <summary>
    /// A file of the vectors folder beside the repository; null where the folder is missing, which only a developer's
    /// machine may lack.
    /// </summary>
    public static string? Vector(string name)
    {
        string path = Path.Combine(Root, "..", "shared", "vectors", name);
        if (File.Exists(path))
            return path;
        Assert.False(InCi, $"the vectors folder lacks {name}");
        return null;
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "KeyCeremony.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("KeyCeremony.sln is in no folder above the tests");
    }
}
