using System.Collections.Immutable;

namespace KeyCeremony.Core.Tests;

/// <summary>
/// The floors of the executable, read from their drawing in docs/DESIGN.md: each line a floor, top to bottom. Who lives on a floor
/// knows the floors below, never one above and never a neighbour.
/// </summary>
internal sealed class Floors
{
    private const string Drawing = "```floors";

    private readonly ImmutableArray<ImmutableArray<string>> _floors;

    private Floors(ImmutableArray<ImmutableArray<string>> floors) => _floors = floors;

    public IEnumerable<string> Folders => _floors.SelectMany(f => f);

    /// <param name="design">The page with the drawing. Lines without a name are strokes.</param>
    public static Floors Read(string design) => new([.. File.ReadLines(design)
        .SkipWhile(l => l != Drawing).Skip(1).TakeWhile(l => l != "```")
        .Where(l => l.Any(char.IsLetter))
        .Select(l => l.Split('·', StringSplitOptions.TrimEntries).ToImmutableArray())]);

    public bool MayKnow(string folder, string other) => folder == other || FloorOf(folder) < FloorOf(other);

    /// <summary>0 is the top.</summary>
    private int FloorOf(string folder)
    {
        int floor = _floors.TakeWhile(f => !f.Contains(folder)).Count();
        Assert.True(floor < _floors.Length,
            $"docs/DESIGN.md draws no folder {folder}: give it a floor, or put it into one that has its own.");
        return floor;
    }
}
