using System.Collections.Immutable;
using KeyCeremony.App.Ground;
using KeyCeremony.App.Ledger;
using KeyCeremony.Core;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Room;

/// <param name="Beside">Files that lay beside the ledger and were copied.</param>
/// <param name="Damaged">Files that are not what their name says: they stay where they are.</param>
internal sealed record CopiedStick(int Beside, ImmutableArray<string> Damaged)
{
    public ImmutableArray<string> InWords =>
    [
        $"Copied and compared: the ledger, and {Beside} {(Beside == 1 ? "file" : "files")} beside it.",
        .. Damaged.Select(file => $"Not copied: {file} is not what its name says it was."),
    ];
}

/// <summary>
/// A record stick in place of a lost one: the ledger, and beside it the lists and the files that came by camera, each under the hash in
/// its name. The ledger is written last: where it is, the copy is whole, and a copy that was cut off is made again.
/// </summary>
internal static class RecordStickCopy
{
    private const int HashDigits = 64;

    /// <summary>A ledger's life has hundreds; a stick that has more was filled by somebody else.</summary>
    private const int MaxFiles = 10_000;

    private const int MaxNameShown = 120;

    /// <param name="to">It holds no ledger.</param>
    /// <exception cref="IOException">A stick failed.</exception>
    public static (CopiedStick? Copied, Refusal? Refusal) Make(string from, string to, Action<double>? progress = null)
    {
        int beside = 0;
        ImmutableArray<string>.Builder damaged = ImmutableArray.CreateBuilder<string>();
        Refusal? refusal = RecordLedger.Copy(from, to, () =>
        {
            (string Folder, string Name)[] files = [.. Beside(from)];
            for (int i = 0; i < files.Length; progress?.Invoke((double)++i / files.Length))
                if (Keep(from, to, files[i].Folder, files[i].Name))
                    beside++;
                else
                    damaged.Add(PlainText.Of(Path.Combine(files[i].Folder, files[i].Name), MaxNameShown));
        });
        return refusal is null ? (new CopiedStick(beside, damaged.ToImmutable()), null) : (null, refusal);
    }

    private static bool Keep(string from, string to, string folder, string name)
    {
        string path = Path.Combine(from, folder, name), sha256 = name[..HashDigits];
        if (!StickCopy.IsIt(path, sha256))
            return false;
        StickCopy.Keep(to, folder, name, () => File.OpenRead(path), sha256);
        return true;
    }

    /// <summary>Regular files in our own folders whose names begin with a hash.</summary>
    private static IEnumerable<(string Folder, string Name)> Beside(string stick) =>
        from folder in Folders(stick)
        where Posix.Look(Path.Combine(stick, folder)) is { Kind: FileKind.Directory }
        from path in Directory.EnumerateFiles(Path.Combine(stick, folder)).Take(MaxFiles).Order(StringComparer.Ordinal)
        let name = Path.GetFileName(path)
        where name.Length >= HashDigits && name[..HashDigits].All(char.IsAsciiHexDigitLower)
            && !name.EndsWith(StickCopy.Unfinished, StringComparison.Ordinal) && Posix.Look(path) is { Kind: FileKind.Regular }
        select (folder, name);

    private static IEnumerable<string> Folders(string stick)
    {
        yield return ListStore.FolderName;
        string received = Path.Combine(stick, ReceivedFiles.FolderName);
        if (Posix.Look(received) is not { Kind: FileKind.Directory })
            yield break;
        foreach (string ceremony in Directory.EnumerateDirectories(received).Take(MaxFiles).Order(StringComparer.Ordinal))
            yield return Path.Combine(ReceivedFiles.FolderName, Path.GetFileName(ceremony));
    }
}
