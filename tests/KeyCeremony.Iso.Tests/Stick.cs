using KeyCeremony.Hsm.Tests;

namespace KeyCeremony.Iso.Tests;

/// <summary>A USB stick as a file: FAT32, with a label. Written and read from outside without mounting it.</summary>
internal static class Stick
{
    private const long Bytes = 64 << 20;

    public static string Formatted(string folder, string label, long bytes = Bytes)
    {
        string path = Path.Combine(folder, label + ".img");
        using (var file = new FileStream(path, FileMode.CreateNew))
            file.SetLength(bytes);
        Tool.Run("mkfs.fat", "-F", "32", "-n", label, path).Expect(0);
        return path;
    }

    public static void MakeFolder(string stick, string folder) => Tool.Run("mmd", "-i", stick, $"::/{folder}").Expect(0);

    public static void Put(string stick, string file, string name) => Tool.Run("mcopy", "-i", stick, file, $"::/{name}").Expect(0);

    /// <summary>Copies all that is on it into a new folder.</summary>
    public static string Read(string stick, string target)
    {
        Directory.CreateDirectory(target);
        Tool.Run("mcopy", "-s", "-i", stick, "::/*", target).Expect(0);
        return target;
    }
}
