namespace KeyCeremony.App.Room;

/// <summary>What the kernel says about this computer, in small files below a root: a test shows it any computer.</summary>
internal sealed class KernelFiles(string root)
{
    /// <summary>More than any of these files has; a list of mounts is the longest.</summary>
    private const int MaxBytes = 1 << 20;

    /// <summary>The entries of a folder in order; none when it is not there.</summary>
    public IEnumerable<string> Names(string folder)
    {
        string path = PathOf(folder);
        return Directory.Exists(path)
            ? Directory.EnumerateFileSystemEntries(path).Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal)
            : [];
    }

    /// <summary>The lines that are not empty; none when the file is not there or the kernel does not give it.</summary>
    public string[] Lines(string file) =>
        System.Text.Encoding.UTF8.GetString(Bytes(file)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The whole file as one word, e.g. a number.</summary>
    public string Text(string file) => string.Concat(Lines(file)).Trim();

    public byte[] Bytes(string file)
    {
        string path = PathOf(file);
        if (!File.Exists(path))
            return [];
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            byte[] buffer = new byte[MaxBytes];
            return buffer[..stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // E.g. a USB device that was pulled out while it was looked at.
            return [];
        }
    }

    /// <summary>The last part of where a link leads; null when there is none.</summary>
    public string? LinkName(string link) => Path.GetFileName(new FileInfo(PathOf(link)).LinkTarget?.TrimEnd('/'));

    private string PathOf(string name) => Path.Combine(root, name);
}
