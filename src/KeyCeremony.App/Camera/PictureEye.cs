using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using KeyCeremony.App.Ground;
using KeyCeremony.Core;
using KeyCeremony.Core.Transfer;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Camera;

/// <summary>
/// Codes from pictures in files: photos of codes, and codes that were written as pictures. For what is public; cards are read by the
/// camera.
/// </summary>
internal static class PictureEye
{
    /// <summary>A phone's largest photo stays below.</summary>
    private const long MaxBytes = 32 * 1024 * 1024;

    /// <summary>Of a phone's camera; eight bytes each while it is decoded.</summary>
    private const long MaxPixels = 50_000_000;

    /// <summary>More than one transfer has frames.</summary>
    public const int MaxPictures = 2 * TransferLimits.MaxFragments;

    private const int NoCode = 4;

    /// <summary>The largest picture takes a few.</summary>
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(30);

    /// <summary>
    /// All artefacts in the pictures, in the order in which they are complete. A folder stands for the files in it. Refused: SCAN-03,
    /// SCAN-04, and the collector's reason where an artefact is not complete or none is there.
    /// </summary>
    public static bool TryRead(Zbar zbar, IEnumerable<string> paths, out List<Artefact> artefacts,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        (artefacts, refusal) = ([], null);
        var collector = new CodeCollector();
        foreach (string path in paths.SelectMany(Files).Take(MaxPictures))
        {
            if (!TryLook(zbar, path, collector.Take, out refusal))
                return false;
            if (collector.Artefact is not { } artefact)
                continue;
            artefacts.Add(artefact);
            collector.Next();
        }
        refusal = artefacts.Count == 0 || collector.Count > 0 ? collector.Missing() : null;
        return refusal is null;
    }

    /// <summary>The codes of one picture; none is no mistake. Refused: SCAN-03, SCAN-04.</summary>
    public static bool TryLook(Zbar zbar, string path, CodeSeen seen, [NotNullWhen(false)] out Refusal? refusal)
    {
        if (!TryLoad(path, out byte[]? picture, out PictureHeader? header, out refusal))
            return false;
        if (!Zbar.TryStart(zbar.Pictures, [$"{header.Kind}:-"], out Process? process))
        {
            refusal = ScanRules.NotInstalled(zbar.Pictures);
            return false;
        }
        using (process)
        using (var text = new ZbarText())
        using (var patience = new CancellationTokenSource(MaxTime))
        using (patience.Token.Register(process.Kill))
        {
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            Give(process, picture);
            Listen(process, text, seen);
            process.WaitForExit();
            refusal = process.ExitCode is 0 or NoCode ? null : ScanRules.NoPicture(path, "its decoder gave up on it.");
        }
        return refusal is null;
    }

    private static IEnumerable<string> Files(string path) =>
        Directory.Exists(path) ? Directory.EnumerateFiles(path).Order(StringComparer.Ordinal) : [path];

    private static bool TryLoad(string path, [NotNullWhen(true)] out byte[]? picture,
        [NotNullWhen(true)] out PictureHeader? header, [NotNullWhen(false)] out Refusal? refusal)
    {
        (picture, header, refusal) = (null, null, null);
        if (Posix.Look(path, followLinks: true) is not { Kind: FileKind.Regular } file)
            refusal = ScanRules.NoPicture(path, "there is no such file.");
        else if (file.Size > MaxBytes)
            refusal = ScanRules.NoPicture(path, $"it has {file.Size:N0} bytes where {MaxBytes:N0} are taken.");
        else if (PictureHeader.Of(picture = File.ReadAllBytes(path)) is not { } known)
            refusal = ScanRules.NoPicture(path, "it is neither PNG nor JPEG.");
        else if (known.Pixels > MaxPixels)
            refusal = ScanRules.NoPicture(path, $"it has {known.Pixels:N0} pixels where {MaxPixels:N0} are taken.");
        else
            header = known;
        return refusal is null;
    }

    // It reads all before it says anything; it may end early.
    private static void Give(Process process, byte[] picture)
    {
        try
        {
            process.StandardInput.BaseStream.Write(picture);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // How it ended says why.
        }
    }

    private static void Listen(Process process, ZbarText text, CodeSeen seen)
    {
        Span<byte> piece = stackalloc byte[4096];
        while (process.StandardOutput.BaseStream.Read(piece) is > 0 and var count)
            text.Take(piece[..count], seen);
        piece.Clear();
    }
}
