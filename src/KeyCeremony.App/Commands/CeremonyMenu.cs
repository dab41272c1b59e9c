using System.Collections.Immutable;
using KeyCeremony.App.Commands.Errands;
using KeyCeremony.App.Ground;
using KeyCeremony.App.Ledger;
using KeyCeremony.App.Room;
using KeyCeremony.App.Terminal;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Script;

namespace KeyCeremony.App.Commands;

/// <summary>
/// The menu of the appliance and of <c>keyceremony rehearse</c>: what goes on, what can be begun, and everything that is done outside a
/// ceremony. A ledger that is refused does not end it: what mends it stands first, and why nothing can be begun stands with it.
/// </summary>
/// <param name="begin">A script, or null to resume, and whether a stick is caught up; answers the exit code or
/// <see cref="RunCommand.NothingBegun"/>.</param>
/// <param name="leave">The last line.</param>
internal sealed class CeremonyMenu(MenuTable table, string environment, string title, Func<string?, bool, int> begin, MenuEntry leave)
{
    private readonly Lazy<ImmutableArray<(string Path, CeremonyScript Script)>> _scripts =
        new(() => StartMenu.ByOccasion(RehearseCommand.Scripts(table.Scripts), s => s.Script));

    /// <summary>People said that the stick behind is known to be old; for as long as these sticks are in use.</summary>
    private bool _catchUp;

    /// <summary>Says what is done with what is there when this script is begun; null: nothing.</summary>
    public Func<CeremonyScript, World, bool, string?> Beside { get; init; } = (_, _, _) => null;

    /// <param name="back">What Esc does.</param>
    /// <returns>The program's exit code; null: people went back.</returns>
    public int? Run(string back) => MenuLoop.Run(table.Front, back, Now);

    /// <summary>As the sticks are now.</summary>
    public MenuLines Now()
    {
        (World world, CeremonyState? running, Refusal? refusal) = Look();
        MenuLine[] errands = [.. Errands(refusal)];
        string[] mends = refusal is null ? [] : Mends(refusal.Rule);
        MenuLine[] mending = [.. errands.Where(line => mends.Contains(line.Entry.Text) && line.Entry.WhyNot is null)];
        IEnumerable<MenuLine> ceremonies = Ceremonies(world, running).Select(line => refusal is null ? line
            : line with { Entry = line.Entry with { WhyNot = refusal } });
        return new MenuLines(_catchUp ? $"{title}. The stick that is behind will be brought up to date." : title,
            [
                .. mending.Select(line => line.Under($"To mend {refusal!.Rule}")),
                .. ceremonies,
                .. errands.Except(mending),
                new MenuLine(leave, () => 0),
            ], refusal);
    }

    /// <summary>What stands on the record sticks; a stick that fails while it is read is a refusal like any other.</summary>
    private (World World, CeremonyState? Running, Refusal? Refusal) Look()
    {
        World world = World.Empty with { Environment = environment };
        try
        {
            if (table.NotInUse() is { } missing)
                return (world, null, missing);
            return RehearseCommand.TryWorld(table.Records, environment, out world, out CeremonyState? running,
                out Refusal? refusal, _catchUp) ? (world, running, null) : (world, null, refusal);
        }
        catch (Exception e) when (RunCommand.RefusalOf(e) is not null)
        {
            return (world, null, RunCommand.RefusalOf(e));
        }
    }

    private IEnumerable<MenuLine> Ceremonies(World world, CeremonyState? running)
    {
        if (running is not null)
            yield return new MenuLine(StartMenu.Resume(running), () => Began(null));
        foreach ((string path, CeremonyScript script) in _scripts.Value)
            yield return new MenuLine(StartMenu.Begin(script, world, table.Clock.GetUtcNow(), Beside(script, world, running is not null)),
                () => Began(path));
    }

    private int? Began(string? script) => begin(script, _catchUp) is not RunCommand.NothingBegun and var code ? code : null;

    private IEnumerable<MenuLine> Errands(Refusal? refusal)
    {
        yield return LedgerErrands.Copy(table);
        yield return LedgerErrands.CatchUp(table, Behind(refusal), () => _catchUp = true);
        yield return LedgerErrands.Restore(table);
        if (LedgerErrands.Convert(table) is { } convert)
            yield return convert;
        yield return BundleErrands.Verify(table);
        yield return LookUpErrand.Line(table);
        yield return BundleErrands.Show(table);
        yield return PrintErrand.Line(table);
        yield return HsmErrand.Line(table);
        yield return ComputerErrand.Line(table);
        if (table.Sticks is { } sticks)
            yield return MenuLine.Of(new MenuEntry(StartMenu.Looking, MenuWords.OtherSticks,
                ["The sticks in use are given free and may be pulled out; then the page of the sticks is there again.",
                    "Choose it before you pull out a record stick."]), () =>
                    {
                        _catchUp = false;
                        // Who leaves that page has no record sticks in use: the menu says so, and what needs none can still be done.
                        _ = Attaching.TryAgain(sticks, table.Front);
                    });
    }

    /// <summary>The refusal that catching up would answer; null: it would not.</summary>
    private Refusal? Behind(Refusal? refusal) => refusal is not null && !_catchUp
        && RecordLedger.TryLook(table.Records, environment, allowCatchUp: true, out _, out _) ? refusal : null;

    /// <summary>The lines that answer a refusal, the likeliest first.</summary>
    private static string[] Mends(string rule) => rule switch
    {
        _ when rule == LedgerRules.BothFound.Id => [MenuWords.Copy, MenuWords.OtherSticks],
        _ when rule == LedgerRules.NewForm.Id => [MenuWords.Convert, MenuWords.OtherSticks],
        _ when rule == LedgerRules.InStep.Id || rule == LedgerRules.Torn.Id => [MenuWords.CatchUp, MenuWords.OtherSticks],
        _ => [MenuWords.OtherSticks],
    };
}
