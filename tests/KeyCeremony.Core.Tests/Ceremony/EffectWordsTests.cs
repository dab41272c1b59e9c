using System.Text.RegularExpressions;
using KeyCeremony.Core.Ceremony.Steps;

namespace KeyCeremony.Core.Tests.Ceremony;

/// <summary>An effect's name is the engine's: people hear what it does.</summary>
public sealed class EffectWordsTests
{
    [Fact]
    public void Every_effect_has_words()
    {
        string source = File.ReadAllText(Path.Combine(Sources(), "Ceremony", "Effect.cs"));
        string[] names = [.. Regex.Matches(source, "(?:Effect\\(|EffectName = )\"([a-z-]+)\"").Select(m => m.Groups[1].Value)];

        Assert.True(names.Length > 30, $"{names.Length} effects");
        Assert.All(names, name => Assert.False(Interruption.InWords(name, "x").StartsWith(name, StringComparison.Ordinal), name));
    }

    private static string Sources()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "KeyCeremony.sln")))
            folder = folder.Parent;
        return Path.Combine(folder.FullName, "src", "KeyCeremony.Core");
    }
}
