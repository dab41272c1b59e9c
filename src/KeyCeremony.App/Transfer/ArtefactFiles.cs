using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Formats.Tar;
using KeyCeremony.Core;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.App.Transfer;

/// <summary>Files as artefacts; a folder, such as a bundle, as one archive.</summary>
internal static class ArtefactFiles
{
    private const string ArchiveEnding = ".tar";
    private const int MaxFiles = 4096;
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Packed and ready to be cut. Refused: SHOW-01, SHOW-02, UR-16, UR-18.</summary>
    public static bool TryPack(IEnumerable<string> paths, out ImmutableArray<OutgoingMessage> messages,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        ImmutableArray<OutgoingMessage>.Builder packed = ImmutableArray.CreateBuilder<OutgoingMessage>();
        refusal = null;
        foreach (string path in paths)
        {
            if (!TryRead(path, out Artefact? artefact, out refusal)
                || !OutgoingMessage.TryPack(artefact, out OutgoingMessage? message, out refusal))
                break;
            packed.Add(message);
        }
        messages = packed.ToImmutable();
        return refusal is null;
    }

    private static bool TryRead(string path, [NotNullWhen(true)] out Artefact? artefact, [NotNullWhen(false)] out Refusal? refusal)
    {
        artefact = null;
        try
        {
            string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
            return Directory.Exists(path)
                ? TryArchive(path, name, out byte[]? bytes, out refusal)
                    && Artefact.TryCreate(name + ArchiveEnding, MediaTypes.Archive, bytes, out artefact, out refusal)
                : Artefact.TryCreate(name, MediaTypes.Of(name), Bytes(path), out artefact, out refusal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            refusal = ShowRules.Unreadable(path, e);
            return false;
        }
    }

    /// <summary>A byte more than the limit, so that a file that is too long is refused by its own rule.</summary>
    private static byte[] Bytes(string path)
    {
        using FileStream file = File.OpenRead(path);
        byte[] bytes = new byte[Math.Min(file.Length, TransferLimits.MaxContainerBytes) + 1];
        return bytes[..file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
    }

    /// <summary>POSIX ustar; sorted, without owners and times, so that the same files give the same bytes.</summary>
    private static bool TryArchive(string folder, string name, [NotNullWhen(true)] out byte[]? archive,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        (archive, refusal) = (null, null);
        string[] files = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Take(MaxFiles + 1).Order(StringComparer.Ordinal)];
        if (files.Length is 0 or > MaxFiles)
            refusal = ShowRules.NoFolderOfFiles(folder, $"1 to {MaxFiles} files are taken.");
        else if (Array.Find(files, file => File.GetAttributes(file).HasFlag(FileAttributes.ReparsePoint)) is { } link)
            refusal = ShowRules.NoFolderOfFiles(folder, $"{link} is a link.");
        else
            archive = Archive(files, path => $"{name}/{Path.GetRelativePath(folder, path)}");
        return refusal is null;
    }

    private static byte[] Archive(string[] files, Func<string, string> nameOf)
    {
        using var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, TarEntryFormat.Ustar, leaveOpen: true))
            // what is longer is refused whole
            foreach (string file in files.TakeWhile(_ => bytes.Length <= TransferLimits.MaxContainerBytes))
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, nameOf(file))
                {
                    DataStream = new MemoryStream(Bytes(file)),
                    Mode = Readable,
                    ModificationTime = DateTimeOffset.UnixEpoch,
                });
        return bytes.ToArray();
    }
}
