using KeyCeremony.Core;

namespace KeyCeremony.App.Ledger;

/// <summary>
/// A record stick failed while it was written. Nothing was lost: reopening the ledger finds out what stands on each stick.
/// </summary>
public sealed class RecordStickException : SpokenException
{
    public RecordStickException(string stick, Exception cause)
        : base($"The record stick {stick} cannot be written: {InWords(cause)}.", cause)
    {
        Stick = stick;
        Code = Name(cause);
    }

    public RecordStickException(string stick, string what)
        : base($"The record stick {stick} cannot be written: {what}.")
    {
        Stick = stick;
        Code = "";
    }

    /// <summary>The stick's directory.</summary>
    public string Stick { get; }

    /// <summary>The system's name of the error, e.g. <c>ENOSPC</c>; empty when it was none of the system's.</summary>
    public string Code { get; }

    /// <summary>errno(3): .NET keeps it in HResult where it has no class of its own for it.</summary>
    private static string Name(Exception e) => e switch
    {
        UnauthorizedAccessException => "EACCES",
        _ => e.HResult switch { 5 => "EIO", 27 => "EFBIG", 28 => "ENOSPC", 30 => "EROFS", _ => "" },
    };

    private static string InWords(Exception e) =>
        e is UnauthorizedAccessException ? $"it is read-only ({Name(e)})" : FileFaults.InWords(e);
}
