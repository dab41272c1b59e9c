using KeyCeremony.App.Ground;

namespace KeyCeremony.App.Ledger;

/// <summary>A file on a record stick that is there whole, under its name, or not at all.</summary>
internal static class DurableFile
{
    /// <summary>
    /// Writes it under another name, brings it to the medium and renames it. A file of that other name is what an interrupted
    /// attempt left: it never was anything and is replaced.
    /// </summary>
    /// <param name="check">Reads it back from the medium; what it throws leaves no file.</param>
    /// <exception cref="IOException">A file of the name is there, or the stick failed.</exception>
    public static void Create(string path, Action<FileStream> write, Action<FileStream> check)
    {
        string temporary = path + ".new";
        File.Delete(temporary);
        using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None))
        {
            write(stream);
            stream.Flush(flushToDisk: true);
            Posix.DropCache(stream.SafeFileHandle);
            stream.Position = 0;
            check(stream);
        }
        File.Move(temporary, path, overwrite: false);
        Posix.SyncDirectory(Path.GetDirectoryName(path)!);
    }
}
