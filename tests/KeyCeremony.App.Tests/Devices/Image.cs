using System.Diagnostics;

namespace KeyCeremony.App.Tests.Devices;

/// <summary>An image file with a file system that other people's tools made.</summary>
internal sealed class Image : IDisposable
{
    private Image(string path) => Path = path;

    public string Path { get; }

    public static Image Fat32(string label) => Made(32, "mkfs.vfat", "dosfstools", ["-F", "32", "-n", label]);

    public static Image ExFat(string label) => Made(32, "mkfs.exfat", "exfatprogs", ["-L", label]);

    public static Image Ext4(string label, int megabytes = 32) => Made(megabytes, "mkfs.ext4", "e2fsprogs", ["-q", "-L", label]);

    /// <param name="folder">Where it is made; null: among the temporary files.</param>
    public static Image Made(int megabytes, string tool, string package, string[] options, string? folder = null, string? name = null)
    {
        string path = System.IO.Path.Combine(folder ?? System.IO.Path.GetTempPath(), name ?? $"image-{Guid.NewGuid():N}");
        using (FileStream file = File.Create(path))
            file.SetLength(megabytes * 1024L * 1024);
        // Not every user has it on PATH.
        string program = new[] { "/usr/sbin", "/sbin", "/usr/bin" }.Select(f => System.IO.Path.Combine(f, tool)).FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException($"{tool} is not installed: apt-get install {package}");
        Run(program, [.. options, path]);
        return new Image(path);
    }

    public byte[] Bytes => File.ReadAllBytes(Path);

    public void Dispose() => File.Delete(Path);

    public static string Run(string program, params string[] arguments)
    {
        using Process process =
            Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {errors.Result}{output}");
        return output;
    }
}
