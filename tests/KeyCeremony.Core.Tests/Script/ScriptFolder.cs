using System.Collections.Immutable;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Tests.Script;

/// <summary>The shipped scripts and the data of these tests, read from the working copy.</summary>
internal static class ScriptFolder
{
    public static readonly string Root = FindRoot();
    public static readonly string Tests = Path.Combine(Root, "tests", "KeyCeremony.Core.Tests", "Script");
    public static readonly string Shipped = Path.Combine(Root, "ceremony-scripts");

    public static ImmutableArray<string> Names =>
        [.. Directory.EnumerateFiles(Shipped, "*.md").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    public static TheoryData<string> Scripts => [.. Names];

    public static byte[]? Read(string name)
    {
        string path = Path.Combine(Shipped, name);
        return File.Exists(path) ? File.ReadAllBytes(path) : null;
    }

    public static (CeremonyScript Script, LineMap Lines) Load(string name)
    {
        Assert.True(ScriptReader.TryLoad(name, Read, out CeremonyScript? script,
            out LineMap? lines, out ImmutableArray<ScriptError> errors), string.Join('\n', errors));
        return (script, lines);
    }

    /// <summary>Upwards from the built test: compiled paths are mapped and say nothing.</summary>
    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "KeyCeremony.sln"))) folder = folder.Parent;
        return folder.FullName;
    }
}
