using KeyCeremony.App.Devices;

namespace KeyCeremony.App.Tests.Devices;

/// <summary>
/// Sticks without rights: each is a folder, and what is mounted is a link to it at its place. Nothing lies at a place where nothing is
/// mounted, as with real ones.
/// </summary>
internal sealed class PluggedSticks(string folder)
{
    private readonly List<(Drive Drive, string Content)> _plugged = [];
    private int _count;

    public string Places { get; } = Directory.CreateDirectory(Path.Combine(folder, "places")).FullName;

    /// <summary>What was asked of the drives but lists.</summary>
    public List<string> Asked { get; } = [];

    public Sticks Sticks() => new(Answer, Places);

    /// <summary>A new stick; answers its folder.</summary>
    public string Plug(string label)
    {
        int number = ++_count;
        string content = Directory.CreateDirectory(Path.Combine(folder, $"stick-{number}")).FullName, name = $"sd{(char)('a' + number)}";
        _plugged.Add((new Drive(name, number, "Maker", "Model", $"{number}", 64_000_000, false,
            [new Volume($"{name}1", 64_000_000, FileSystems.Fat32, label, "")]), content));
        return content;
    }

    public void PullOut(string content) => _plugged.RemoveAll(p => p.Content == content);

    private DriveAnswer Answer(DriveRequest request)
    {
        if (request.Do == DriveWords.List)
            return new DriveAnswer(new DriveList([.. _plugged.Select(p => p.Drive)], []));
        Asked.Add($"{request.Do} {request.Place}{(request.Write ? " rw" : "")}".TrimEnd());
        string place = Path.Combine(Places, request.Place ?? "none");
        if (request.Do is DriveWords.Mount or DriveWords.Unmount && new FileInfo(place).LinkTarget is not null)
            File.Delete(place);
        if (request.Do == DriveWords.Mount)
            Directory.CreateSymbolicLink(place, _plugged.Single(p => p.Drive.Name == request.Drive).Content);
        return new DriveAnswer();
    }
}
