namespace KeyCeremony.Receiver.Tests;

/// <summary>The page, built once for all visits.</summary>
public sealed class Page
{
    public Page()
    {
        Directory.CreateDirectory(Pictures);
        File = Path.Combine(Directory.CreateTempSubdirectory("receiver-page-").FullName, "receiver.html");
        Build(Repository.Receiver, File);
    }

    public string File { get; }

    /// <summary>Where pictures of the page are left for people to look at.</summary>
    public string Pictures { get; } = Path.Combine(Repository.Root, "artifacts", "receiver");

    internal static void Build(string sources, string target) => Node.Run(Path.Combine(sources, "build.mjs"), "", target);
}
