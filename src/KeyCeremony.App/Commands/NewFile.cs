using KeyCeremony.App.Ground;
using KeyCeremony.Core;

namespace KeyCeremony.App.Commands;

/// <summary>
/// A file that is there whole, under its name, or not at all. Until <see cref="Commit"/> it has another name, and disposing
/// it removes it; one that is there already stays as it is. Its folder is made where it is missing.
/// </summary>
internal sealed class NewFile : IDisposable
{
    private const string PartialSuffix = ".partial";

    private readonly string _partial;
    private bool _committed;

    /// <param name="mode">Who may read it.</param>
    /// <exception cref="IOException">It is there, or its folder cannot be made.</exception>
    public NewFile(string path,
        UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead)
    {
        if (File.Exists(path))
            throw new FileFaultException($"'{path}' is there already.");
        Path = path;
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!);
        _partial = $"{path}.{System.IO.Path.GetRandomFileName()}{PartialSuffix}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = mode;
        Stream = new FileStream(_partial, options);
    }

    /// <summary>Its name in the end.</summary>
    public string Path { get; }

    public FileStream Stream { get; }

    /// <exception cref="IOException">Somebody else has made a file of this name meanwhile.</exception>
    public void Commit()
    {
        Stream.Flush(flushToDisk: true);
        Stream.Dispose();
        File.Move(_partial, Path);
        _committed = true;
        Posix.SyncDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!);
    }

    public void Dispose()
    {
        Stream.Dispose();
        if (!_committed)
            File.Delete(_partial);
    }
}
