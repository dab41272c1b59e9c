using KeyCeremony.Core.Ceremony;

namespace KeyCeremony.App.Room;

/// <summary>The IDs of what can be wrong with the import stick. The handbook explains each under the same ID.</summary>
internal static class ImportRules
{
    public const string NoStick = "IN-01";
    public const string NotThere = "IN-02";
    public const string LastListMissing = "IN-03";
    public const string OtherFile = "IN-04";
    public const string KnownKeys = CeremonyRules.KnownKeys;
    public const string ListMissing = "IN-06";
    public const string NoDraft = "IN-07";
    public const string OtherStatement = "IN-08";
    public const string NotCompared = CeremonyRules.NotCompared;
    public const string OtherDevices = CeremonyRules.OtherDevices;
    public const string NothingTaken = "IN-11";
    public const string NameTaken = "IN-12";
    public const string PerhapsACard = "IN-20";
    public const string NoCa = "CROSS-20";
    public const string UnsoundCa = "CROSS-23";
    public const string OtherEnvironment = CeremonyRules.ForeignName;
}
