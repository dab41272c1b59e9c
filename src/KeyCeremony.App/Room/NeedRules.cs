using System.Collections.Immutable;
using KeyCeremony.Core;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.App.Room;

/// <summary>What a script will need, looked at before it is begun. The handbook explains each: docs/handbook/rules.md.</summary>
internal static class NeedRules
{
    private const string FolderRemedy = "Plug in the import stick with the folder to be read: no camera reads one. Then look again.";

    public static readonly HouseRule ModuleAnswers = new("NEED-01",
        "The HSM's module answers.",
        "Connect the HSM and look again. If it stays so, leave and choose the module of this HSM's maker.");

    public static readonly HouseRule Blank = new("NEED-02",
        "As many blank HSMs are connected as the script needs.",
        "Connect what is missing, then look again. An HSM that was used becomes blank with its maker's tool, on another computer.");

    public static readonly HouseRule Distinct = new("NEED-03",
        "The HSMs can be told apart by the serial numbers that they report.",
        "Take HSMs that report a number of their own: the ledger knows an HSM by nothing else.");

    public static readonly HouseRule Known = new("NEED-04",
        "The HSM that the ledger knows is connected.",
        "Connect the HSM with that serial number, then look again.");

    public static readonly HouseRule Usable = new("NEED-05",
        "The HSM is not locked or write-protected, and takes its PIN from this program.",
        "Write-protected: release it on the device, then look again. Locked, and blank: take another blank HSM. "
            + "Locked, and the ledger's own: nobody opens it any more, so run disaster-recovery with a blank one.");

    public static readonly HouseRule Mechanisms = new("NEED-06",
        "The HSM lists the mechanisms that the script has need of.",
        "Take an HSM that has them, or have a script approved for keys that this one makes.");

    public static readonly HouseRule Device = new("NEED-07",
        "In production the HSM is a device.",
        "Connect a device. Programs play HSMs in the other environments.");

    public static readonly HouseRule Records = new("NEED-08",
        "Both record sticks can be written to and have room.",
        "Move the stick's switch, or make room on it; then look again.");

    public static readonly HouseRule Export = new("NEED-09",
        "The export stick can be written to, has room, and holds no bundle of the name that this ceremony's will have.",
        "Move its switch, or take another stick, with room; then look again. Nothing on it is overwritten.");

    public static readonly HouseRule Import = new("NEED-10",
        "What is to be read is there: the import stick, or a camera where it is single files.",
        "Plug in the import stick with the files, or connect a camera; then look again.");

    public static readonly HouseRule TwoSticks = new("NEED-11",
        "The sticks are different devices.",
        "Take a device of its own for each: what lies on one device is lost together.");

    public static readonly HouseRule Zlint = new("NEED-12",
        "zlint is there.",
        "The appliance has it. Elsewhere install it, or go on: the record then says that it was not asked.");

    public static readonly HouseRule Openssl = new("NEED-13",
        "openssl is there.",
        "The appliance has it. Elsewhere install it, or go on: the record then says that it was not asked.");

    public static readonly HouseRule Camera = new("NEED-14",
        "A camera is there for the cards.",
        "Connect a camera, or go on: cards can be typed.");

    public static readonly HouseRule Family = new("NEED-16",
        "The HSM is of a family that this program can lead through a ceremony.",
        "Take another HSM: the handbook's page on HSMs has those that can be used.");

    public static readonly HouseRule Retired = new("NEED-17",
        "No blank HSM is one that this ledger has retired as destroyed or lost.",
        "Disconnect it and keep it as evidence; connect another one, then look again. What the record says of it is not so: find out why.");

    public static readonly HouseRule Names = new("NEED-18",
        "No CA of the script has the name of another CA in this ledger that is in force.",
        "Leave, give the new CA another name in the script, and have it approved again; or revoke the old one first.");

    public static readonly ImmutableArray<HouseRule> All = [ModuleAnswers, Blank, Distinct, Known, Usable, Mechanisms, Device, Records,
        Export, Import, TwoSticks, Zlint, Openssl, Camera, Family, Retired, Names];

    /// <summary>The first that forbids to begin; null when none does.</summary>
    public static Refusal? Refuse(CeremonyScript script, ImmutableArray<Finding> findings) =>
        findings.FirstOrDefault(f => f.Result == FindingResults.Fail) is { } first
            ? Of(first).RefuseToBegin(first.Text, Remedy(script, first)) : null;

    /// <summary>What people do about it on the day of this script.</summary>
    public static string Remedy(CeremonyScript script, Finding finding) =>
        finding.Id == Import.Id && ScriptNeeds.Of(script).ImportsFolder ? FolderRemedy : Of(finding).Remedy;

    private static HouseRule Of(Finding finding) => All.First(r => r.Id == finding.Id);
}

/// <summary>What was looked at by a rule: a finding each, or the reason not to begin.</summary>
internal static class NeedFindings
{
    public static Refusal RefuseToBegin(this HouseRule rule, string found, string? remedy = null) =>
        rule.Refuse(found, $"{remedy ?? rule.Remedy} Nothing was begun.");

    public static Finding Pass(this HouseRule rule, string text) => new(rule.Id, FindingResults.Pass, text);

    public static Finding Warn(this HouseRule rule, string text) => new(rule.Id, FindingResults.Warning, text);

    public static Finding Fail(this HouseRule rule, string text) => new(rule.Id, FindingResults.Fail, text);
}
