using System.Globalization;
using System.Text;

namespace KeyCeremony.Iso.Tests;

/// <summary>
/// A RAM disk for the kernel: archives in the format "newc" one after the other, a later file in the place of an earlier one.
/// Linux, Documentation/driver-api/early-userspace/buffer-format.rst.
/// </summary>
internal sealed class RamDisk(string path)
{
    private const int Alignment = 4;
    private const int RegularFile = 0x8000;
    private const int Executable = 0x1ED; // rwxr-xr-x

    public RamDisk Archive(string file)
    {
        using FileStream source = File.OpenRead(file), target = Open();
        source.CopyTo(target);
        Pad(target);
        return this;
    }

    public RamDisk Add(string name, byte[] content)
    {
        using FileStream target = Open();
        Write(target, name, RegularFile | Executable, content);
        Write(target, "TRAILER!!!", 0, []);
        return this;
    }

    private FileStream Open() => new(path, FileMode.Append);

    private static void Write(FileStream target, string name, int mode, byte[] content)
    {
        int[] fields = [0, mode, 0, 0, 1, 0, content.Length, 0, 0, 0, 0, name.Length + 1, 0];
        target.Write(Encoding.ASCII.GetBytes("070701" + string.Concat(fields.Select(f => f.ToString("X8", CultureInfo.InvariantCulture)))
            + name + "\0"));
        Pad(target);
        target.Write(content);
        Pad(target);
    }

    private static void Pad(FileStream target) => target.Write(new byte[(Alignment - (target.Position % Alignment)) % Alignment]);
}
