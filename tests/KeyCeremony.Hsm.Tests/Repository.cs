namespace KeyCeremony.Hsm.Tests;

/// <summary>Where the tests find what is not compiled into them.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Scripts { get; } = Path.Combine(Root, "ceremony-scripts");

    /// <summary>The program under test, as it was built with these tests.</summary>
    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "keyceremony.dll");

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "KeyCeremony.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("KeyCeremony.sln is in no folder above the tests");
    }
}
