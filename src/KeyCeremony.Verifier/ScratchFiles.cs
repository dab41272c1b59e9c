namespace KeyCeremony.Verifier;

/// <summary>Scratch files for lists that do not fit into memory. Nobody else sees them, and closing removes them.</summary>
internal static class ScratchFiles
{
    private const int BufferBytes = 64 * 1024;

    /// <summary>In the machine's folder for temporary files.</summary>
    public static Stream New() => NewIn(Path.GetTempPath());

    public static Stream NewIn(string folder)
    {
        string path = Path.Combine(folder, $"keyceremony-{Path.GetRandomFileName()}");
        var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            BufferSize = BufferBytes,
        });
        // Its name goes at once: even a program that is killed leaves nothing behind.
        File.Delete(path);
        return file;
    }
}
