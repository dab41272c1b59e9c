using System.Security.Cryptography;
using KeyCeremony.App.Ledger;

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
        {
            string folder = Path.Combine(stick, FolderName), final = Path.Combine(folder, sha256), partial = final + ".partial";
            if (Posix.Look(final) is not null && IsIt(final, sha256))
                continue;
            Directory.CreateDirectory(folder);
            File.Delete(partial);
            using (FileStream source = File.OpenRead(path))
            using (var copy = new FileStream(partial, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                source.CopyTo(copy);
                copy.Flush(flushToDisk: true);
                Posix.DropCache(copy.SafeFileHandle);
            }
            if (!IsIt(partial, sha256))
                throw new IOException($"{partial} does not read back as it was written: the record stick in {stick} is failing.");
            File.Move(partial, final);
            Posix.SyncDirectory(folder);
            Posix.SyncDirectory(stick);
        }
    }

    /// <summary>From whichever stick still has it whole; null when none has.</summary>
    public FileStream? Find(string sha256)
    {
        foreach (string stick in sticks)
        {
            string path = Path.Combine(stick, FolderName, sha256);
            if (Posix.Look(path) is { Kind: FileKind.Regular } && IsIt(path, sha256))
                return File.OpenRead(path);
        }
        return null;
    }

    private static bool IsIt(string path, string sha256)
    {
        if (Posix.Look(path) is not { Kind: FileKind.Regular })
            return false;
        using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file)) == sha256;
    }
}
