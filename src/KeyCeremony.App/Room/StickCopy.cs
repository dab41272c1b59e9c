using System.Security.Cryptography;
using KeyCeremony.App.Ground;
using KeyCeremony.Core;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Room;

/// <summary>A file beside the ledger on a record stick: there whole under its name, read back from the medium, or not at all.</summary>
internal static class StickCopy
{
    /// <summary>Behind the name of a file whose copy did not end.</summary>
    public const string Unfinished = ".partial";

    /// <summary>Does nothing where it is there already; nothing else is ever under its name.</summary>
    /// <param name="open">Opens what is copied.</param>
    /// <exception cref="IOException">The stick failed, or did not give back what was written.</exception>
    public static void Keep(string stick, string folderName, string name, Func<Stream> open, string sha256)
    {
        string folder = Path.Combine(stick, folderName), final = Path.Combine(folder, name), partial = final + Unfinished;
        if (IsIt(final, sha256))
            return;
        Directory.CreateDirectory(folder);
        File.Delete(partial);
        using (Stream source = open())
        using (var copy = new FileStream(partial, FileMode.CreateNew, FileAccess.Write, FileShare.None))
        {
            source.CopyTo(copy);
            copy.Flush(flushToDisk: true);
            Posix.DropCache(copy.SafeFileHandle);
        }
        if (!IsIt(partial, sha256))
            throw new FileFaultException($"{partial} does not read back as it was written: the record stick in {stick} is failing.");
        File.Move(partial, final);
        Posix.SyncDirectory(folder);
        Posix.SyncDirectory(stick);
    }

    public static bool IsIt(string path, string sha256)
    {
        if (Posix.Look(path) is not { Kind: FileKind.Regular })
            return false;
        using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file)) == sha256;
    }
}
