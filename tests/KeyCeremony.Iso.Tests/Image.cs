using System.Text.Json;
using KeyCeremony.Hsm.Tests;

[assembly: CollectionBehavior(DisableTestParallelization = true)] // one computer at a time: each is given both processors

namespace KeyCeremony.Iso.Tests;

/// <summary>What <c>make iso</c> made.</summary>
internal static class Image
{
    public static string Folder { get; } = Path.Combine(Repository.Root, "artifacts", "iso");

    public static string Iso => PathOf("keyceremony.iso");

    public static string RootHash => JsonDocument.Parse(File.ReadAllText(PathOf("keyceremony.spdx.json"))).RootElement
        .GetProperty("documentNamespace").GetString()!.Split(':')[^1];

    /// <summary>PCR 11 after the unified kernel image was started, as the build foretold it.</summary>
    public static string MeasuredAs =>
        File.ReadLines(PathOf("values")).Single(l => l.StartsWith("PCR 11 ", StringComparison.Ordinal)).Split(' ')[^1];

    public static string Sha256(string name) =>
        File.ReadLines(PathOf("SHA256SUMS")).Select(l => l.Split("  ")).Single(l => l[1] == name)[0];

    public static string PathOf(string name)
    {
        string path = Path.Combine(Folder, name);
        Assert.True(File.Exists(path), $"{path} is not there: run 'make iso'");
        return path;
    }

    /// <summary>Runs one of the scripts that build, sign and check the image.</summary>
    public static Ran Script(string name, params string[] arguments) => Tool.Run(Path.Combine(Repository.Root, "iso", name), arguments);
}
