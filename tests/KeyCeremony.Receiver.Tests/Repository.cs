namespace KeyCeremony.Receiver.Tests;

/// <summary>Where the tests find what is not compiled into them.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>The sources of the page.</summary>
    public static string Receiver { get; } = Path.Combine(Root, "src", "Receiver");

    /// <summary>What plays the person, and the unit tests.</summary>
    public static string Peer { get; } = Path.Combine(Root, "tests", "receiver-peer");

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "KeyCeremony.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("KeyCeremony.sln is in no folder above the tests");
    }
}
