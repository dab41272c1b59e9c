using System.Globalization;
using System.Runtime.InteropServices;
using KeyCeremony.App.Ground;
using KeyCeremony.Core;
using KeyCeremony.Verifier;
using Microsoft.Win32.SafeHandles;
using static KeyCeremony.App.Devices.MountCalls;
using static KeyCeremony.App.Ground.Posix;

namespace KeyCeremony.App.Devices;

/// <summary>Mounts volumes at our places and takes them away again. Needs CAP_SYS_ADMIN.</summary>
/// <param name="places">The folder of the places; made here when it is missing.</param>
/// <param name="owner">The user who writes to the sticks.</param>
internal sealed class Mounts(KernelView kernel, string places, uint owner)
{
    /// <summary>Nothing on a stick is run, believed to be a device, or led elsewhere by a link; what is written is written.</summary>
    private const nuint Always = MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_SYNCHRONOUS | MS_NOSYMFOLLOW | MS_NOATIME;

    private const int SysAdmin = 21; // CAP_SYS_ADMIN, capabilities(7)

    /// <summary>Whether this process may mount.</summary>
    public static bool Permitted(KernelView kernel)
    {
        string? line = File.ReadLines(Path.Combine(kernel.Proc, "self", "status"))
            .FirstOrDefault(l => l.StartsWith("CapEff:", StringComparison.Ordinal));
        return line is not null
            && (ulong.Parse(line.AsSpan(7).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) >> SysAdmin & 1) == 1;
    }

    /// <exception cref="CeremonyException">STICK-03, STICK-05, STICK-08, STICK-09, STICK-11: nothing is mounted then.</exception>
    public void Mount(Volume volume, StickRole role, bool write)
    {
        string place = PathOf(role);
        Directory.CreateDirectory(place);
        if (Look(place) is not { Kind: FileKind.Directory })
            throw Refused(StickRules.Forbidden, $"{place} is no directory.");
        if (Mounted.Read(kernel).On(place) is { } there)
            throw Refused(StickRules.Busy, $"{there} is mounted at {place}.");
        nuint flags = write ? Always : Always | MS_RDONLY;
        if (mount(CString(Path.Combine(kernel.Dev, volume.Name)), CString(place),
            CString(volume.FileSystem), flags, CString(Options(volume.FileSystem, write))) != 0)
            throw Refused(volume, Marshal.GetLastPInvokeError());
        // The folder of a stick made elsewhere belongs to who made it; FAT32 and exFAT get their owner with the options.
        if (write && volume.FileSystem == FileSystems.Ext4)
            _ = chown(CString(place), owner, owner);
    }

    /// <summary>
    /// Brings everything to the medium, takes it away, and makes the kernel forget what it had read. Nothing is done where nothing is
    /// mounted.
    /// </summary>
    /// <exception cref="CeremonyException">STICK-09: a file on it is open.</exception>
    public void Unmount(StickRole role)
    {
        string place = PathOf(role);
        while (Mounted.Read(kernel).On(place) is { } name)
        {
            string device = Path.Combine(kernel.Dev, name);
            // Of a stick that was pulled out nothing can be saved, and nothing may stand in the way of the next one.
            bool gone = !Directory.Exists(Path.Combine(kernel.Sys, "class", "block", name));
            if (umount2(CString(place), UMOUNT_NOFOLLOW | (gone ? MNT_DETACH : 0)) != 0)
                throw Refused(Marshal.GetLastPInvokeError() == EBUSY ? StickRules.Busy : StickRules.Failing,
                    $"{role.Name} ({name}) cannot be unmounted: {LastError()}.");
            if (!gone)
                Forget(device);
        }
    }

    public string PathOf(StickRole role) => Path.Combine(places, role.Place);

    /// <summary>Writes out and drops the kernel's copy of the medium: what is read next comes from the medium.</summary>
    private static void Forget(string device)
    {
        try
        {
            using SafeFileHandle file = File.OpenHandle(device, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (fsync(file) != 0 || ioctl(file, BLKFLSBUF, 0) != 0)
                throw Refused(StickRules.Failing, $"{device} does not take what was written: {LastError()}.");
            DropCache(file);
        }
        catch (IOException e)
        {
            throw Refused(StickRules.Failing, $"{device} does not take what was written: {FileFaults.InWords(e)}.");
        }
    }

    /// <summary>
    /// errors=remount-ro: a stick that asks the kernel to panic on errors is not obeyed. noload: reading writes no journal.
    /// </summary>
    private string Options(string fileSystem, bool write) => fileSystem switch
    {
        FileSystems.Fat32 => $"uid={owner},gid={owner},umask=0077,utf8,shortname=mixed,errors=remount-ro",
        FileSystems.ExFat => $"uid={owner},gid={owner},umask=0077,iocharset=utf8,errors=remount-ro",
        _ => write ? "errors=remount-ro" : "errors=remount-ro,noload",
    };

    private static CeremonyException Refused(Volume volume, int error) => error switch
    {
        EROFS or EACCES => Refused(StickRules.WriteProtected, $"{volume.Name} is write-protected."),
        ENXIO or ENOMEDIUM => Refused(StickRules.Vanished, $"{volume.Name} is not there any more."),
        EBUSY => Refused(StickRules.Busy, $"{volume.Name} is in use."),
        EPERM => Refused(StickRules.NotPermitted, "This program may not mount anything."),
        ENODEV => Refused(StickRules.Unreadable, $"This computer's kernel cannot mount {FileSystems.InWords(volume.FileSystem)}."),
        EIO => Refused(StickRules.Failing, $"{volume.Name} answers with an error."),
        _ => Refused(StickRules.Unreadable,
            $"The {FileSystems.InWords(volume.FileSystem)} of {volume.Name} is not taken: {FileFaults.InWords(error)}."),
    };

    private static CeremonyException Refused(HouseRule rule, string found) => new(rule.Refuse(found));

    private static string LastError() => FileFaults.InWords(Marshal.GetLastPInvokeError());
}
