using System.Security.Cryptography;
using System.Text;
using KeyCeremony.App.Bundle;
using KeyCeremony.App.Devices;
using KeyCeremony.App.Ground;
using KeyCeremony.Core;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Room;

/// <summary>
/// Writes a bundle to the export stick so that it is known to be there: written, unmounted, forgotten by the kernel, mounted
/// again for reading, every file compared with SHA256SUMS, unmounted, ejected. Each try looks for the stick anew, so another
/// one can be plugged in between.
/// </summary>
internal sealed class StickExport(Sticks sticks, TimeSpan patience)
{
    private const int Block = 1 << 20;

    /// <summary>What people are told when the ceremony is over.</summary>
    public string Told { get; private set; } = "on the export stick, as an earlier run of this program wrote it";

    /// <param name="write">Writes the bundle below a folder, calling its second argument whenever the device has answered.</param>
    /// <exception cref="CeremonyException">A STICK or BUNDLE rule: nothing is lost, and it can be tried again.</exception>
    public ExportedBundle Write(Func<string, Action, ExportedBundle> write, Action<double> progress) =>
        Written(write, (exported, answered) => Compare(exported, answered, progress), exported => exported.Path);

    /// <summary>One new file, in the stick's root folder: there whole under its name, or not at all.</summary>
    /// <param name="write">Makes the file below a folder and says its path.</param>
    /// <exception cref="CeremonyException">A STICK rule: nothing is lost, and it can be tried again.</exception>
    public void WriteFile(Func<string, string> write, ReadOnlyMemory<byte> bytes) => Written(
        (place, _) => write(place),
        (path, _) => StickCopy.IsIt(path, BundleFiles.Sha256(bytes)) ? 1 : throw new ReadBackException(path), path => path);

    private T Written<T>(Func<string, Action, T> write, Func<T, Action, int> compare, Func<T, string> path)
    {
        sticks.Release(StickRole.Export);
        Stick stick = sticks.Mount(StickRole.Export, write: true);
        string place = sticks.PathOf(StickRole.Export);
        try
        {
            T exported = Tried(stick, reading: false, () => Patience.With(patience, answered => write(place, answered)));
            sticks.Release(StickRole.Export);
            Tried(stick, reading: true, () => { sticks.MountAgain(StickRole.Export, stick, write: false); return 0; });
            Tried(stick, reading: true, () => Patience.With(patience, answered => compare(exported, answered)));
            sticks.Release(StickRole.Export);
            sticks.Eject(stick);
            Told = $"{Path.GetFileName(path(exported))} on the export stick ({stick.Drive.InWords}), read back and compared; "
                + "it may be pulled out";
            return exported;
        }
        finally
        {
            ReleaseQuietly();
        }
    }

    /// <summary>Every file that SHA256SUMS names, from the medium. What the sums are is known, not read.</summary>
    private static int Compare(ExportedBundle exported, Action answered, Action<double> progress)
    {
        byte[] sums = File.ReadAllBytes(Path.Combine(exported.Path, BundleFiles.SumsPath));
        if (BundleFiles.Sha256(sums) != exported.Sums)
            throw new ReadBackException(Path.Combine(exported.Path, BundleFiles.SumsPath));
        string[] lines = Encoding.UTF8.GetString(sums).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        byte[] block = new byte[Block];
        for (int i = 0; i < lines.Length; i++)
        {
            (string sha256, string name) = (lines[i][..64], lines[i][66..]);
            string path = Path.Combine(exported.Path, name);
            using FileStream file = File.OpenRead(path);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            for (int length; (length = file.Read(block)) > 0; answered())
                hash.AppendData(block, 0, length);
            if (Convert.ToHexStringLower(hash.GetHashAndReset()) != sha256)
                throw new ReadBackException(path);
            answered();
            progress((i + 1.0) / lines.Length);
        }
        return lines.Length;
    }

    /// <summary>Puts into words what the device did.</summary>
    private T Tried<T>(Stick stick, bool reading, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CeremonyException(Rule(e, stick, reading)
                .Refuse($"{Sticks.Capital(StickRole.Export.Name)} ({stick.InWords}): {FileFaults.InWords(e)}."));
        }
        catch (CeremonyException e) when (reading && e.Refusal.Rule == StickRules.Unreadable.Id)
        {
            throw new CeremonyException(StickRules.Lies.Refuse(
                $"{Sticks.Capital(StickRole.Export.Name)} ({stick.InWords}) was written and cannot be mounted again: {e.Refusal.Message}"));
        }
    }

    private HouseRule Rule(Exception e, Stick stick, bool reading)
    {
        Drive? now = sticks.Look().Drives.FirstOrDefault(d => d.Name == stick.Drive.Name && d.Plugged == stick.Drive.Plugged);
        return e switch
        {
            _ when now is null => StickRules.Vanished,
            ReadBackException => StickRules.Lies,
            { HResult: MountCalls.EIO } => StickRules.Failing,
            _ when reading => StickRules.Lies,
            { HResult: MountCalls.ENOSPC } => StickRules.Full,
            _ when now.WriteProtected => StickRules.WriteProtected,
            _ => StickRules.Failing,
        };
    }

    /// <summary>After a failure the stick is given free, where it can be.</summary>
    private void ReleaseQuietly()
    {
        try
        {
            sticks.Release(StickRole.Export);
        }
        catch (CeremonyException)
        {
            // The failure itself is told. A stick that stays in use is named by the next try.
        }
    }
}
