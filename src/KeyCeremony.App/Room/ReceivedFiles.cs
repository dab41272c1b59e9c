using System.Collections.Immutable;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.App.Room;

/// <summary>
/// What came by camera in a ceremony, on both record sticks: memory would lose it with the power, and a stick outside does not have
/// it. Each file stands under its hash and name in the ceremony's own folder; what is read is what the hash says.
/// </summary>
/// <param name="ceremony">The ID of the ceremony that runs.</param>
internal sealed class ReceivedFiles(IReadOnlyList<string> sticks, Func<string> ceremony)
{
    public const string FolderName = "received";

    private const int HashDigits = 64;

    /// <summary>Each was taken by a person; a stick that has more was filled by somebody else.</summary>
    private const int MaxFiles = 1000;
    private const char Separator = '-';

    /// <summary>None and none can be added.</summary>
    public static ReceivedFiles None { get; } = new([], () => "");

    /// <summary>As they are chosen: no name on a stick has a slash.</summary>
    public ImmutableArray<FoundFile> All() =>
        [.. Found().Select(f => new FoundFile(ImportWords.FromCamera + f.Name, new FileInfo(f.Path).Length))
            .Distinct().OrderBy(f => f.Name, StringComparer.Ordinal)];

    public bool Has(string sha256) => Found().Any(f => f.Sha256 == sha256);

    /// <summary>Refused with IN-12 where another file of this name is there; nothing is overwritten.</summary>
    /// <exception cref="IOException">A stick failed.</exception>
    public Refusal? Keep(Artefact artefact)
    {
        if (Found().Any(f => f.Name == artefact.Name && f.Sha256 != artefact.Sha256))
            return new Refusal(ImportRules.NameTaken, $"Another file \"{artefact.Name}\" came by camera before, in this ceremony.",
                "Have it sent under another name: nothing is overwritten.");
        foreach (string stick in sticks)
            StickCopy.Keep(stick, Folder, $"{artefact.Sha256}{Separator}{artefact.Name}",
                () => new MemoryStream(artefact.Bytes.ToArray()), artefact.Sha256);
        return null;
    }

    /// <summary>The path of a whole file; null for a name that is none of them.</summary>
    public string? Find(string file) => Found().Where(f => ImportWords.FromCamera + f.Name == file && StickCopy.IsIt(f.Path, f.Sha256))
        .Select(f => f.Path).FirstOrDefault();

    private string Folder => Path.Combine(FolderName, ceremony());

    private IEnumerable<(string Path, string Sha256, string Name)> Found() =>
        from stick in sticks
        let folder = Path.Combine(stick, Folder)
        where Directory.Exists(folder)
        from path in Directory.EnumerateFiles(folder).Take(MaxFiles)
        let file = Path.GetFileName(path)
        where file.Length > HashDigits + 1 && file[HashDigits] == Separator && !file.EndsWith(".partial", StringComparison.Ordinal)
        select (path, file[..HashDigits], file[(HashDigits + 1)..]);
}
