namespace KeyCeremony.App.Ledger;

/// <summary>The physical device under a file system.</summary>
internal static class BlockDevice
{
    /// <param name="number">major:minor of the file system.</param>
    /// <returns>The disk's kernel name, so that two partitions of one stick are one device; the number itself when there is no block device
    /// under it.</returns>
    public static string Of(string number)
    {
        string link = $"/sys/dev/block/{number}";
        if (!Directory.Exists(link) || Directory.ResolveLinkTarget(link, returnFinalTarget: true) is not { } device)
            return number;
        return File.Exists(Path.Combine(device.FullName, "partition"))
            ? Path.GetFileName(Path.GetDirectoryName(device.FullName))!
            : device.Name;
    }
}
