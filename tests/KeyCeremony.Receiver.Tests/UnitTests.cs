using System.Text.Json;
using System.Text.Json.Serialization;

namespace KeyCeremony.Receiver.Tests;

/// <summary>The unit tests of the page's sources, which run in Node.js, each as a test of its own.</summary>
public sealed class UnitTests
{
    private static readonly Lazy<Ended[]> All =
        new(() => JsonSerializer.Deserialize<Ended[]>(Node.Run(Path.Combine(Repository.Peer, "unit.mjs")))!);

    public static TheoryData<string, string> Names
    {
        get
        {
            var names = new TheoryData<string, string>();
            foreach (Ended test in All.Value)
                names.Add(test.File, test.Name);
            return names;
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Of_the_sources(string file, string name)
    {
        Ended test = All.Value.Single(test => (test.File, test.Name) == (file, name));
        Assert.True(test.Ok, test.Error);
    }

    private sealed record Ended(
        [property: JsonPropertyName("file")] string File,
        [property: JsonPropertyName("name")] string Name,
        [property: JsonPropertyName("ok")] bool Ok,
        [property: JsonPropertyName("error")] string Error);
}
