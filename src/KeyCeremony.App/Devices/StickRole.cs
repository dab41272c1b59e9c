using System.Collections.Immutable;

namespace KeyCeremony.App.Devices;

/// <summary>A part that a stick plays, the place it is mounted at, and the file system label it is known by.</summary>
/// <param name="Place">The folder's name under <see cref="DefaultFolder"/>.</param>
/// <param name="Label">At most eleven characters: FAT32 has no more.</param>
/// <param name="Written">False: it is mounted for reading, whoever asks.</param>
/// <param name="Key">Chooses the part on the screen.</param>
internal sealed record StickRole(string Place, string Label, string Name, bool Written, char Key)
{
    public const string DefaultFolder = "/run/keyceremony";

    public static readonly StickRole RecordA = new("record-a", "KC-RECORD-A", "record stick A", true, 'a');
    public static readonly StickRole RecordB = new("record-b", "KC-RECORD-B", "record stick B", true, 'b');
    public static readonly StickRole Import = new("import", "KC-IMPORT", "import stick", false, 'i');
    public static readonly StickRole Export = new("export", "KC-EXPORT", "export stick", true, 'e');

    public static readonly ImmutableArray<StickRole> All = [RecordA, RecordB, Import, Export];
}
