namespace KeyCeremony.App.Room;

/// <summary>Scratch files for lists that do not fit into memory. Nobody else sees them, and closing removes them.</summary>
internal static class ScratchFiles
{
    private const int BufferBytes = 64 * 1024;

    /// <summary>In the machine's folder for temporary files.</summary>
    public static Stream New() => NewIn(Path.GetTempPath());

    public static Stream NewIn(string folder) => new FileStream(
        Path.Combine(folder, $"keyceremony-{Path.GetRandomFileName()}"),
        new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            BufferSize = BufferBytes,
            Options = FileOptions.DeleteOnClose,
        });
}
