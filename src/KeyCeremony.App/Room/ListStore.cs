namespace KeyCeremony.App.Room;

/// <summary>
/// The signed revocation lists on both record sticks, each under its SHA-256: too large for the journal, which holds their
/// hashes. Nothing is ever overwritten, and what is read is what the hash says.
/// </summary>
internal sealed class ListStore(IReadOnlyList<string> sticks)
{
    public const string FolderName = "lists";

    /// <summary>Copies a finished list to every stick and reads it back from there.</summary>
    /// <exception cref="IOException">A stick failed, or did not give back what was written.</exception>
    public void Keep(string path, string sha256)
    {
        foreach (string stick in sticks)
            StickCopy.Keep(stick, FolderName, sha256, () => File.OpenRead(path), sha256);
    }

    /// <summary>The same of what is in memory.</summary>
    public void Keep(byte[] bytes, string sha256)
    {
        foreach (string stick in sticks)
            StickCopy.Keep(stick, FolderName, sha256, () => new MemoryStream(bytes, writable: false), sha256);
    }

    /// <summary>From whichever stick still has it whole; null when none has.</summary>
    public FileStream? Find(string sha256)
    {
        foreach (string stick in sticks)
        {
            string path = Path.Combine(stick, FolderName, sha256);
            if (StickCopy.IsIt(path, sha256))
                return File.OpenRead(path);
        }
        return null;
    }
}
