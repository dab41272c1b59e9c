using System.Collections.Immutable;
using KeyCeremony.App.Devices;
using KeyCeremony.App.Ground;
using KeyCeremony.App.Terminal;
using KeyCeremony.Core;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Commands.Errands;

/// <summary>Files and bundles on a stick that people choose from. The stick is only read, and free again afterwards.</summary>
internal static class Shelf
{
    /// <summary>Somebody else's stick may have a million files.</summary>
    private const int MaxFiles = 500;

    private const int MaxNameShown = 60;

    /// <summary>Files of a bundle lie in its folder and in folders of that.</summary>
    private const int Depth = 2;

    private const string Typed = "Another folder, by its name";

    private static readonly EnumerationOptions Whole = new()
    {
        RecurseSubdirectories = true,
        MaxRecursionDepth = Depth,
        IgnoreInaccessible = true,
        AttributesToSkip = FileAttributes.ReparsePoint,
    };

    /// <summary>A bundle that people choose, for as long as it is read.</summary>
    /// <param name="read">With its folder, and its name for people.</param>
    public static void ReadBundle(MenuTable table, string title, Action<string, string> read) => On(table, title, folder =>
    {
        ImmutableArray<string> bundles = [.. Bundles(folder)];
        if (bundles.IsEmpty)
        {
            table.Tell(title, MenuRules.NothingThere("no bundle", folder));
            return;
        }
        if (Pick(table.Front, title, [.. bundles.Select(b => new MenuEntry("Bundles", Shown(b), About(folder, b)))]) is { } index)
            read(Path.Combine(folder, bundles[index]), Shown(bundles[index]));
    }, read);

    /// <summary>A file, or a bundle as one.</summary>
    public static void ReadFile(MenuTable table, string title, Action<string> read) => On(table, title, folder =>
    {
        ImmutableArray<string> bundles = [.. Bundles(folder)], files = [.. Files(folder)];
        ImmutableArray<MenuEntry> entries =
        [
            .. bundles.Select(b => new MenuEntry("Whole bundles, each as one archive", Shown(b), About(folder, b))),
            .. files.Select(f => new MenuEntry("Files", Shown(f), About(folder, f))),
        ];
        if (entries.IsEmpty)
            table.Tell(title, MenuRules.NothingThere("no file", folder));
        else if (Pick(table.Front, title, entries) is { } index)
            read(Path.Combine(folder, index < bundles.Length ? bundles[index] : files[index - bundles.Length]));
    });

    /// <summary>Names of the bundles right in a folder.</summary>
    public static IEnumerable<string> Bundles(string folder) => Directory.EnumerateDirectories(folder)
        .Take(MaxFiles).Where(f => Posix.Look(f) is { Kind: FileKind.Directory } && IsBundle(f))
        .Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal);

    private static bool IsBundle(string folder) => File.Exists(Path.Combine(folder, BundleFiles.SumsPath))
        || File.Exists(Path.Combine(folder, BundleFiles.JournalPath)) || File.Exists(Path.Combine(folder, BundleFiles.StatementPath));

    private static IEnumerable<string> Files(string folder) => Directory.EnumerateFiles(folder, "*", Whole)
        .Take(MaxFiles).Where(f => Posix.Look(f) is { Kind: FileKind.Regular, Size: > 0 })
        .Select(f => Path.GetRelativePath(folder, f)).Where(f => !BundlePlace.IsLeftover(f)).Order(StringComparer.Ordinal);

    private static int? Pick(Front front, string title, ImmutableArray<MenuEntry> entries) =>
        front.Choose(display => new Menu(display, title, entries));

    private static string Shown(string name) => PlainText.Of(name, MaxNameShown);

    private static ImmutableArray<string> About(string folder, string name) =>
        [Posix.Look(Path.Combine(folder, name)) is { Kind: FileKind.Regular } file ? $"{file.Size} bytes. It is only read."
            : "A folder that a closed ceremony has written. It is only read."];

    /// <param name="typed">Takes a folder that was typed, and its name; null: none can be.</param>
    private static void On(MenuTable table, string title, Action<string> look, Action<string, string>? typed = null)
    {
        if (table.Sticks is { } sticks)
        {
            OnStick(table, sticks, title, look);
            return;
        }
        ImmutableArray<MenuEntry> places =
        [
            .. table.Shelves.Select(s => new MenuEntry("Where it lies", s.Name, [s.Folder])),
            .. typed is null ? Array.Empty<MenuEntry>() : [new MenuEntry("Where it lies", Typed, ["Its whole path is typed."])],
        ];
        if (Pick(table.Front, title, places) is not { } index)
            return;
        if (index < table.Shelves.Length)
        {
            Directory.CreateDirectory(table.Shelves[index].Folder);
            look(table.Shelves[index].Folder);
        }
        else if (table.Front.Line(display => new AskPage(display, title,
            ["A bundle is the folder that a closed ceremony has written."], "the folder of the bundle", LineInput.Empty)) is { } path)
            typed!(path, Shown(path));
    }

    private static void OnStick(MenuTable table, Sticks sticks, string title, Action<string> look)
    {
        StickRole[] roles = [StickRole.Export, StickRole.Import];
        var match = new StickMatch(sticks.Look(), sticks.Choices);
        (StickRole Role, Stick? Stick, Refusal? Refusal)[] all = [.. roles.Select(role =>
            match.TryFind(role, out Stick? stick, out Refusal? refusal) ? (role, stick, null) : (role, (Stick?)null, refusal))];
        if (all.All(s => s.Stick is null))
        {
            table.Tell(title, MenuRules.NoStick(string.Join(" ", all.Select(s => s.Refusal!.Message))));
            return;
        }
        if (Pick(table.Front, title, [.. all.Select(s => new MenuEntry("Where it lies", Sticks.Capital(s.Role.Name),
            [s.Stick?.InWords ?? s.Role.Label, "It is mounted for reading, and given free afterwards."], s.Refusal))]) is not { } index)
            return;
        sticks.Release(all[index].Role);
        sticks.MountAgain(all[index].Role, all[index].Stick!, write: false);
        try
        {
            look(sticks.PathOf(all[index].Role));
        }
        finally
        {
            sticks.Release(all[index].Role);
        }
    }
}
