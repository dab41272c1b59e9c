using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.App.Ground;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Release;
using KeyCeremony.Core.Sharing;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Room;

/// <summary>
/// The stick that brings requests and revocations. Only regular files right in its folder, of a fitting size and with
/// plain names, are seen; it is read and never written.
/// </summary>
/// <param name="folder">Null: this ceremony has none.</param>
/// <param name="attach">Plugs a real stick in at the folder, whenever a file is wanted.</param>
/// <param name="camera">What came by camera is seen beside the stick's files; null: nothing can.</param>
internal sealed class ImportStick(string? folder, Action? attach = null, CameraDesk? camera = null)
{
    private const int MaxScanned = 10_000;
    private const int MaxShown = 200;
    private const int MaxNameLength = 100;

    /// <summary>A request is at most 16 KiB (REQ rules); room for PEM and for a certificate.</summary>
    public const long MaxSmall = 64 * 1024;

    public const long MaxRevocations = BundleList.MaxBytes;

    /// <summary>BATCH-01: a statement has at most 96 KiB.</summary>
    private const long MaxStatement = BatchStatement.MaxBytes;

    /// <summary>Keys that other environments know; read when it is there. docs/formats/request.md.</summary>
    public const string KnownKeysName = "known-keys.csv";

    private const long MaxKnownKeys = 64L * 1024 * 1024;

    private readonly CameraDesk _camera = camera ?? CameraDesk.None;

    /// <exception cref="CeremonyException">IN-01: there is no stick, and no camera either.</exception>
    public ImportsFound Look(string kind)
    {
        if (kind == ImportWords.Release)
            return LookForRequests();
        int cameras = _camera.Count;
        List<FoundFile> files = [.. _camera.Received.All()
            .Where(f => IsPlain(f.Name[ImportWords.FromCamera.Length..]) && CouldBe(kind, f.Name, f.Length))];
        int ignored = 0;
        foreach (string path in cameras > 0 && !IsThere() ? [] : Directory.EnumerateFileSystemEntries(Folder()).Take(MaxScanned))
        {
            string name = Path.GetFileName(path);
            if (name != KnownKeysName && IsPlain(name) && Posix.Look(path) is { Kind: FileKind.Regular } file
                && CouldBe(kind, name, file.Size))
                files.Add(new FoundFile(name, file.Size));
            else
                ignored++;
        }
        files.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return new ImportsFound(kind, [.. files.Take(MaxShown)], ignored + Math.Max(0, files.Count - MaxShown), cameras);
    }

    /// <summary>A release request is a folder; with the length of its release.yaml. No camera brings one.</summary>
    private ImportsFound LookForRequests()
    {
        List<FoundFile> found = [];
        int ignored = 0;
        foreach (string path in Directory.EnumerateFileSystemEntries(Folder()).Take(MaxScanned))
        {
            string name = Path.GetFileName(path);
            if (IsPlain(name) && Posix.Look(path) is { Kind: FileKind.Directory }
                && Posix.Look(Path.Combine(path, ReleaseRequest.FileName)) is { Kind: FileKind.Regular } file
                && file.Size is > 0 and <= ReleaseRequest.MaxBytes)
                found.Add(new FoundFile(name, file.Size));
            else
                ignored++;
        }
        found.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return new ImportsFound(ImportWords.Release, [.. found.Take(MaxShown)], ignored + Math.Max(0, found.Count - MaxShown), 0);
    }

    /// <summary>Not empty, not too long; and beside a batch lie its devices, images and salts: only statements are offered.</summary>
    public static bool CouldBe(string kind, string name, long length) =>
        length > 0 && length <= Most(kind)
            && (kind != ImportWords.Batch || name.EndsWith(ManifestFiles.Statement, StringComparison.Ordinal));

    /// <summary>The file's bytes. Refused: IN-02 it is not there any more, or is not what was shown; another file can be chosen.</summary>
    /// <exception cref="CeremonyException">IN-01: there is no stick.</exception>
    public bool TryRead(string name, [NotNullWhen(true)] out byte[]? bytes, [NotNullWhen(false)] out Refusal? refusal) =>
        TryRead(name, MaxSmall, out bytes, out refusal);

    /// <summary>The factory's statement. Refused and thrown as for <see cref="TryRead(string, out byte[], out Refusal)"/>.</summary>
    public bool TryReadStatement(string name, [NotNullWhen(true)] out byte[]? bytes, [NotNullWhen(false)] out Refusal? refusal) =>
        TryRead(name, MaxStatement, out bytes, out refusal);

    public bool Has(string name) => IsPlain(name) && Posix.Look(Path.Combine(Folder(), name)) is { Kind: FileKind.Regular };

    /// <summary>The regular file of this name, of any size that lists have; null when there is none.</summary>
    public FileStream? FindNamed(string name) => TryOpen(name, MaxRevocations, out FileStream? file, out _) ? file : null;

    /// <summary>Refused and thrown as for <see cref="TryRead(string, out byte[], out Refusal)"/>.</summary>
    public bool TryOpenRevocations(string name, [NotNullWhen(true)] out FileStream? file, [NotNullWhen(false)] out Refusal? refusal)
    {
        if (!TryOpen(name, MaxRevocations, out file, out refusal))
            return false;
        byte[] start = new byte[(int)Math.Min(file.Length, MaxSmall)];
        file.ReadExactly(start);
        file.Position = 0;
        refusal = RefuseCard(start);
        if (refusal is null)
            return true;
        file.Dispose();
        file = null;
        return false;
    }

    /// <summary>The file with this hash, wherever it lies on the stick; null when there is none.</summary>
    public FileStream? Find(string sha256, long length)
    {
        if (folder is null || Posix.Look(folder, followLinks: true) is not { Kind: FileKind.Directory })
            return null;
        foreach (string path in Directory.EnumerateFiles(folder).Take(MaxScanned))
            if (Posix.Look(path)?.Size == length && TryOpen(Path.GetFileName(path), MaxRevocations, out FileStream? file, out _))
            {
                if (Convert.ToHexStringLower(SHA256.HashData(file)) == sha256)
                {
                    file.Position = 0;
                    return file;
                }
                file.Dispose();
            }
        return null;
    }

    /// <summary>
    /// The keys of other environments; no bytes when the stick has no such file. Refused: IN-02 it is no regular file of a fitting size.
    /// </summary>
    public bool TryReadKnownKeys(out byte[]? bytes, [NotNullWhen(false)] out Refusal? refusal)
    {
        (bytes, refusal) = (null, null);
        return folder is null || Posix.Look(Path.Combine(folder, KnownKeysName)) is null
            || TryRead(KnownKeysName, MaxKnownKeys, out bytes, out refusal);
    }

    /// <summary>Everything that lies in a folder of the stick; null: it is no folder, or holds more than a request can.</summary>
    public IReadOnlyList<string>? NamesIn(string name)
    {
        if (!IsPlain(name) || Posix.Look(Path.Combine(Folder(), name)) is not { Kind: FileKind.Directory })
            return null;
        string[] names = [.. Directory.EnumerateFileSystemEntries(Path.Combine(Folder(), name)).Take(MaxShown)
            .Select(path => Path.GetFileName(path))];
        return names.Length < MaxShown ? names : null;
    }

    /// <summary>A regular file in a folder of the stick; null: there is none.</summary>
    public FileStream? OpenIn(string folder, string name)
    {
        string path = Path.Combine(Folder(), folder, name);
        return IsPlain(folder) && IsPlain(name) && Posix.Look(Path.Combine(Folder(), folder)) is { Kind: FileKind.Directory }
            && Posix.Look(path) is { Kind: FileKind.Regular }
                ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read) : null;
    }

    /// <summary>The bytes of a small file in a folder. Refused: IN-02, and a card.</summary>
    public bool TryReadIn(string folder, string name, long most, [NotNullWhen(true)] out byte[]? bytes,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        bytes = null;
        using FileStream? file = OpenIn(folder, name);
        if (file is null || file.Length > most)
        {
            refusal = new Refusal(ImportRules.NotThere,
                $"\"{PlainText.Of(name, MaxNameLength)}\" does not lie in \"{PlainText.Of(folder, MaxNameLength)}\", or is no regular file "
                    + "of a fitting size.", "Bring it, then choose the folder anew: the stick is looked at again.");
            return false;
        }
        bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        refusal = RefuseCard(bytes);
        if (refusal is not null)
            bytes = null;
        return refusal is null;
    }

    private bool TryRead(string name, long most, [NotNullWhen(true)] out byte[]? bytes, [NotNullWhen(false)] out Refusal? refusal)
    {
        bytes = null;
        if (!TryOpen(name, most, out FileStream? file, out refusal))
            return false;
        using (file)
        {
            bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            refusal = RefuseCard(bytes);
        }
        if (refusal is not null)
            bytes = null;
        return refusal is null;
    }

    // What is refused for another reason is quoted in the journal, which everybody gets; and so would a card be.
    private static Refusal? RefuseCard(byte[] bytes)
    {
        if (!CardTraces.AreInFile(bytes))
            return null;
        CryptographicOperations.ZeroMemory(bytes);
        return new Refusal(ImportRules.PerhapsACard,
            "The file could be a share card: it holds a card's words or digits. Nothing of it was kept.",
            "Whoever had this stick can have read the card: tell the administrator. "
                + "Cards are read only where a ceremony asks their custodian for them.");
    }

    private bool TryOpen(string name, long most, [NotNullWhen(true)] out FileStream? file, [NotNullWhen(false)] out Refusal? refusal)
    {
        string? path = name.StartsWith(ImportWords.FromCamera, StringComparison.Ordinal)
            ? _camera.Received.Find(name)
            : IsPlain(name) ? Path.Combine(Folder(), name) : null;
        // Opening a named pipe would wait for whoever writes into it: what it is is known before.
        bool fits = path is not null && Posix.Look(path) is { Kind: FileKind.Regular } seen && seen.Size <= most;
        file = fits ? new FileStream(path!, FileMode.Open, FileAccess.Read, FileShare.Read) : null;
        refusal = fits ? null : new Refusal(ImportRules.NotThere,
            $"\"{PlainText.Of(name, MaxNameLength)}\" is not there any more, or is no regular file of a fitting size.",
            "Look at the stick again.");
        return fits;
    }

    private bool IsThere()
    {
        try
        {
            return Folder().Length > 0;
        }
        catch (CeremonyException)
        {
            return false;
        }
    }

    private string Folder()
    {
        attach?.Invoke();
        return folder is not null && Posix.Look(folder, followLinks: true) is { Kind: FileKind.Directory } ? folder
            : throw new CeremonyException(new Refusal(ImportRules.NoStick,
                folder is null ? "This ceremony was started without an import stick." : $"There is no import stick at {folder}.",
                folder is null
                    ? "Leave the ceremony, and start it again with --in and the stick's directory: it goes on here."
                    : "Plug it in, then try again."));
    }

    private static long Most(string kind) => kind switch
    {
        ImportWords.Revocations => MaxRevocations,
        ImportWords.Batch => MaxStatement,
        _ => MaxSmall,
    };

    /// <summary>
    /// A name is answered as it is read aloud: blanks at its ends or two in a row would not come back. And it stands in the journal, where
    /// no card may stand.
    /// </summary>
    private static bool IsPlain(string name) => name.Length is > 0 and <= MaxNameLength
        && name[0] != '.' && !name.Contains('/') && PlainText.Is(name)
        && name.Trim(' ').Length == name.Length && !name.Contains("  ", StringComparison.Ordinal)
        && !CardTraces.AreInFile(Encoding.UTF8.GetBytes(name));
}
