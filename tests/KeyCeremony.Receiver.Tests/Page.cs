namespace KeyCeremony.Receiver.Tests;

/// <summary>The page, built for the visits of one class.</summary>
public sealed class Page : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("receiver-page-").FullName;

    public Page()
    {
        Directory.CreateDirectory(Pictures);
        Build(Repository.Receiver, File);
    }

    public string File => Path.Combine(_folder, "receiver.html");

    /// <summary>Where pictures of the page are left for people to look at.</summary>
    public string Pictures { get; } = Path.Combine(Repository.Root, "artifacts", "receiver");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    internal static void Build(string sources, string target) => Node.Run(Path.Combine(sources, "build.mjs"), "", target);
}
