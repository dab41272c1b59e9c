namespace KeyCeremony.App.Tests.Terminal;

/// <summary>Where the tests find files of the repository: the compiler maps source paths away.</summary>
internal static class TestFiles
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string Find(string directory) =>
        File.Exists(Path.Combine(directory, "KeyCeremony.sln")) ? directory
            : Find(Path.GetDirectoryName(directory) ?? throw new DirectoryNotFoundException("KeyCeremony.sln is not above the tests."));
}
