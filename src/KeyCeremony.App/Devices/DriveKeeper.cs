using KeyCeremony.App.Ground;
using KeyCeremony.Core;

namespace KeyCeremony.App.Devices;

/// <summary>
/// Does what can be asked of the drives, and nothing else: list, mount a removable one at one of our places, unmount, eject.
/// It believes nothing of a request: every drive is looked up again.
/// </summary>
internal sealed class DriveKeeper(KernelView kernel, Drives drives, Mounts mounts)
{
    public DriveAnswer Answer(DriveRequest request)
    {
        try
        {
            switch (request.Do)
            {
                case DriveWords.List:
                    return new DriveAnswer(drives.Look());
                case DriveWords.Mount:
                    Mount(request, Role(request));
                    break;
                case DriveWords.Unmount:
                    mounts.Unmount(Role(request));
                    break;
                case DriveWords.Eject:
                    Eject(Listed(request));
                    break;
                default:
                    throw Forbidden("The request is none of list, mount, unmount and eject.");
            }
            return new DriveAnswer();
        }
        catch (CeremonyException e)
        {
            return new DriveAnswer(Refused: e.Refusal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new DriveAnswer(Refused: StickRules.Failing.Refuse(
                $"The drive did not do what it was asked for: {FileFaults.InWords(e)}."));
        }
    }

    private void Mount(DriveRequest request, StickRole role)
    {
        Drive drive = Listed(request);
        Volume volume = drive.Volumes.FirstOrDefault(v => v.Name == request.Volume)
            ?? throw Forbidden($"{drive.Name} has no such partition.");
        if (request.Write && !role.Written)
            throw Forbidden($"The {role.Name} is only read.");
        if (volume.FileSystem.Length == 0)
            throw new CeremonyException(StickRules.Unreadable.Refuse(
                $"{volume.Name} carries neither FAT32 nor exFAT nor ext4, or claims more than the drive has."));
        if (volume.Place.Length > 0)
            throw new CeremonyException(StickRules.Busy.Refuse($"{volume.Name} is already mounted as {volume.Place}."));
        if (request.Write && drive.WriteProtected)
            throw new CeremonyException(StickRules.WriteProtected.Refuse($"{drive.InWords}: it cannot be written to."));
        mounts.Mount(volume, role, request.Write);
    }

    /// <summary>Tells the drive to stop; what plays a drive in a rehearsal cannot be told.</summary>
    private void Eject(Drive drive)
    {
        if (drive.Volumes.FirstOrDefault(v => v.Place.Length > 0) is { } mounted)
            throw new CeremonyException(StickRules.Busy.Refuse($"{mounted.Name} is still mounted as {mounted.Place}."));
        string delete = Path.Combine(kernel.Sys, "block", drive.Name, "device", "delete");
        if (!File.Exists(delete))
            return;
        using var file = new FileStream(delete, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        file.Write("1"u8);
    }

    private Drive Listed(DriveRequest request)
    {
        Drive drive = drives.Look().Drives.FirstOrDefault(d => d.Name == request.Drive)
            ?? throw new CeremonyException(StickRules.Vanished.Refuse("The stick is not there any more."));
        return drive.Plugged == request.Plugged ? drive
            : throw new CeremonyException(StickRules.Exchanged.Refuse($"Another stick is {drive.Name} now: {drive.InWords}."));
    }

    private static StickRole Role(DriveRequest request) => StickRole.All.FirstOrDefault(r => r.Place == request.Place)
        ?? throw Forbidden("The place is none of ours.");

    private static CeremonyException Forbidden(string found) => new(StickRules.Forbidden.Refuse(found));
}
