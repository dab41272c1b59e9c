namespace KeyCeremony.Core;

/// <summary>Why a file or a device did not do what it was asked for, in words of ours.</summary>
public static class FileFaults
{
    /// <summary>A clause without a full stop, e.g. <c>it is full (ENOSPC)</c>.</summary>
    public static string InWords(Exception e) => e switch
    {
        SpokenException own => own.Sentence.TrimEnd('.'),
        FileNotFoundException or DirectoryNotFoundException => "there is no such file or folder (ENOENT)",
        UnauthorizedAccessException => "this program may not use it, or it is a folder (EACCES)",
        PathTooLongException => "its name is too long (ENAMETOOLONG)",
        EndOfStreamException => "it ends before it should",
        DllNotFoundException or BadImageFormatException => "a library that the program needs is missing or is no library of this computer",
        _ => InWords(e.HResult),
    };

    /// <summary>errno(3), in the same form. .NET keeps it in an exception's HResult where it has no class of its own for it.</summary>
    public static string InWords(int errno) => errno switch
    {
        1 => "it is not permitted (EPERM)",
        2 => "there is no such file or folder (ENOENT)",
        5 => "the device answers with an error, or it was pulled out (EIO)",
        6 or 19 or 123 => "the device is not there any more (ENODEV)",
        9 => "it was closed before (EBADF)",
        11 or 26 => "another program is using it (EAGAIN)",
        12 => "the computer has no memory left (ENOMEM)",
        13 => "this program may not use it (EACCES)",
        16 => "another program is using it (EBUSY)",
        17 => "it is there already (EEXIST)",
        20 => "a part of its path is no folder (ENOTDIR)",
        21 => "it is a folder (EISDIR)",
        22 => "the system does not take it in this form (EINVAL)",
        23 or 24 => "too many files are open (EMFILE)",
        25 => "it is no device of this kind (ENOTTY)",
        27 => "its file system takes no longer file (EFBIG)",
        28 or 122 => "it is full (ENOSPC)",
        30 => "it is read-only (EROFS)",
        32 or 104 => "the other end is gone (EPIPE)",
        36 => "its name is too long (ENAMETOOLONG)",
        40 => "it is a link that leads in a circle (ELOOP)",
        110 => "there was no answer in time (ETIMEDOUT)",
        111 => "nobody answers there (ECONNREFUSED)",
        117 => "its file system is damaged (EUCLEAN)",
        _ => "the system refused it",
    };
}
