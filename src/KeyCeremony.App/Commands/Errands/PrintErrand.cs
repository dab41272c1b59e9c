using System.Collections.Immutable;
using KeyCeremony.App.Devices;
using KeyCeremony.App.Ground;
using KeyCeremony.App.Ledger;
using KeyCeremony.App.Paper;
using KeyCeremony.App.Room;
using KeyCeremony.App.Terminal;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Script;

namespace KeyCeremony.App.Commands.Errands;

/// <summary>Papers of a script as PDF on the export stick: the binder copy, blank cards, bag labels.</summary>
internal static class PrintErrand
{
    private const string Title = "Papers to print: binder, cards, labels";

    private static readonly ImmutableArray<(string Name, string What, Func<CeremonyScript, LastTime?, byte[]?> Write)> Papers =
    [
        ("binder", "Binder copy, with columns for initials and times; the last bags' numbers, where record sticks have them",
            BinderPaper.Write),
        ("cards", "Blank cards, one for every share that the script deals", (script, _) => CardPaper.Write(script)),
        ("labels", "Labels for every bag that the script seals", (script, _) => LabelPaper.Write(script)),
    ];

    public static MenuLine Line(MenuTable table) => MenuLine.Of(new MenuEntry(StartMenu.Looking, Title,
        ["The binder copy of a script, blank cards for its shares, or labels for its bags: a PDF that any computer prints.",
            $"They are written {Place(table)} and read back. Nothing of a secret is in them."]), () =>
        {
            ImmutableArray<CeremonyScript> scripts =
                [.. StartMenu.ByOccasion(RehearseCommand.Scripts(table.Scripts), s => s.Script).Select(s => s.Script)];
            if (table.Front.Choose(display => new Menu(display, Title,
                [.. scripts.Select(s => new MenuEntry(Occasion.Of(s).Title, s.Title, StartMenu.About(s)))])) is { } index)
                Choose(table, scripts[index]);
        });

    private static void Choose(MenuTable table, CeremonyScript script)
    {
        int? index = table.Front.Ask(display => new FrontPage(display, $"Papers of \"{script.Title}\"",
            [$"Script {script.Name}, version {script.Version}, SHA-256 {script.Sha256}. The same script gives the same papers everywhere.",
                "", $"A new file is made {Place(table)}. Nothing is overwritten."],
            [.. Papers.Select(p => p.What), "Go back"]));
        if (index is not { } chosen || chosen >= Papers.Length)
            return;
        byte[]? pdf = Papers[chosen].Write(script, Last(table));
        if (pdf is null)
        {
            table.Tell(Title, Papers[chosen].Name == "cards" ? PrintRules.NoCards(script) : PrintRules.NoBags(script));
            return;
        }
        string name = $"{script.Name}-{script.Version}-{Papers[chosen].Name}";
        string told = table.Front.Work(Title, $"{name}.pdf is written and read back.", _ => Write(table, name, pdf));
        table.Tell(Title, told, $"SHA-256 {Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(pdf))}");
    }

    private static string Place(MenuTable table) => table.Sticks is null ? $"in {table.Out}" : "on the export stick";

    private static string Write(MenuTable table, string name, byte[] pdf)
    {
        if (table.Sticks is not { } sticks)
            return $"Written: {Made(table.Out, name, pdf)}";
        var export = new StickExport(sticks, Patience.Longest);
        export.WriteFile(place => Made(place, name, pdf), pdf);
        return $"Written: {export.Told}.";
    }

    /// <summary>Under the first name that is free.</summary>
    private static string Made(string folder, string name, byte[] pdf)
    {
        string path = Enumerable.Range(1, int.MaxValue)
            .Select(n => Path.Combine(folder, n == 1 ? $"{name}.pdf" : $"{name}-{n}.pdf")).First(p => Posix.Look(p) is null);
        using var file = new NewFile(path);
        file.Stream.Write(pdf);
        file.Commit();
        return path;
    }

    /// <summary>The numbers of last time's bags; null: they are written by hand.</summary>
    private static LastTime? Last(MenuTable table) => table.Records.Where(RecordStick.Holds)
        .Select(stick => BagNumbers.TryOfStick(stick, out LastTime? last, out Refusal? _) ? last : null)
        .FirstOrDefault(last => last is not null);
}
