using System.Reflection;
using KeyCeremony.App.Devices;
using KeyCeremony.App.Ground;
using KeyCeremony.App.Ledger;
using KeyCeremony.App.Register;
using KeyCeremony.App.Room;
using KeyCeremony.Core;

namespace KeyCeremony.App.Tests.Appliance;

/// <summary>No remedy that is read in a room without a shell names a command or an option.</summary>
public sealed class MenuWordsTests
{
    /// <summary>Questions in LiteDB's language and the register's own file exist on the command line only.</summary>
    private static readonly string[] OnTheCommandLine =
        ["REGISTER-07", "REGISTER-10", "REGISTER-11", "REGISTER-12", "REGISTER-13", "REGISTER-14"];

    public static IEnumerable<Refusal> Shown => LedgerRules.All.Select(r => r.Refuse("found"))
        .Concat(StickRules.All.Select(r => r.Refuse("found")))
        .Concat(NeedRules.All.Select(r => r.Refuse("found")))
        .Concat(typeof(RegisterRules).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (HouseRule)f.GetValue(null)!)
            .Where(r => !OnTheCommandLine.Contains(r.Id)).Select(r => r.Refuse("found")))
        .Append(Commands.RunCommand.NoModule("found"))
        .Append(Commands.RunCommand.RefusalOf(new IOException("x"))!);

    [Fact]
    public void A_remedy_in_the_menu_names_no_command()
    {
        Assert.True(Shown.Count() > 50);
        Assert.All(Shown.Select(MenuWords.Of), refusal =>
        {
            foreach (string command in new[] { "keyceremony ", " --", "same command", "directory", "argument" })
                Assert.False(refusal.Remedy.Contains(command, StringComparison.Ordinal) && refusal.Rule != "LEDGER-01",
                    $"{refusal.Rule}: {refusal.Remedy}");
        });
    }

    [Fact]
    public void On_the_command_line_it_names_the_command_and_in_the_menu_the_line()
    {
        Refusal refusal = LedgerRules.BothFound.Refuse("found");
        Assert.Contains("keyceremony ledger copy GOOD-STICK NEW-STICK", refusal.Remedy, StringComparison.Ordinal);
        Assert.EndsWith("put an empty stick in its place, then choose \"Copy a record stick onto a new one\" in the menu.",
            MenuWords.Of(refusal).Remedy, StringComparison.Ordinal);
        Assert.Contains("choose \"Restore the ledger from a bundle\" in the menu", MenuWords.Of(LedgerRules.Found.Refuse("")).Remedy,
            StringComparison.Ordinal);
        Assert.Contains(", by \"Restore the ledger from a bundle\" in the menu", MenuWords.Of(LedgerRules.Torn.Refuse("")).Remedy,
            StringComparison.Ordinal);
    }
}
