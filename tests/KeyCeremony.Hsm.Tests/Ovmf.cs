using System.Diagnostics;

namespace KeyCeremony.Hsm.Tests;

/// <summary>
/// A computer of QEMU with EDK II and Secure Boot, whose variables are empty at first. Its disk is a folder. Plain emulation: it runs
/// wherever these tests do.
/// </summary>
internal sealed class Ovmf
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5), Glance = TimeSpan.FromMilliseconds(200);
    private readonly string _folder;

    public Ovmf(string folder)
    {
        _folder = Directory.CreateDirectory(folder).FullName;
        File.Copy("/usr/share/OVMF/OVMF_VARS_4M.fd", Store);
    }

    /// <summary>What the firmware remembers.</summary>
    public byte[] Variables => File.ReadAllBytes(Store);

    private string Store => Path.Combine(_folder, "variables.fd");

    private string Disk => Path.Combine(_folder, "disk");

    public void Put(string file, byte[] bytes)
    {
        string path = Path.Combine(Disk, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
    }

    public void Delete(string folder) => Directory.Delete(Path.Combine(Disk, folder), recursive: true);

    /// <summary>Switched on until it says one of these or starts again; answers what it said.</summary>
    public string Start(params string[] until)
    {
        string line = Path.Combine(_folder, "line");
        File.Delete(line);
        using Process machine = Tool.Start(new ProcessStartInfo("qemu-system-x86_64",
        [
            "-machine", "q35,smm=on", "-accel", "tcg,thread=multi", "-cpu", "max", "-m", "512", "-display", "none", "-vga", "none",
            "-no-reboot", "-nic", "none", "-monitor", "none", "-serial", $"file:{line}",
            "-global", "driver=cfi.pflash01,property=secure,value=on",
            "-drive", "if=pflash,format=raw,unit=0,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.secboot.fd",
            "-drive", $"if=pflash,format=raw,unit=1,file={Store}",
            "-drive", $"if=none,id=disk,format=raw,file=fat:rw:{Disk}", "-device", "ide-hd,drive=disk,bootindex=0",
        ]));
        try
        {
            Assert.True(SpinWait.SpinUntil(() => IsOver(machine, line, until), Patience), $"nothing came of it: {Said(line)}");
            return Said(line);
        }
        finally
        {
            machine.Kill();
            machine.WaitForExit();
        }
    }

    private static bool IsOver(Process machine, string line, string[] until)
    {
        Thread.Sleep(Glance);
        return machine.HasExited || until.Any(Said(line).Contains);
    }

    private static string Said(string line)
    {
        if (!File.Exists(line))
            return "";
        using var file = new FileStream(line, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        return reader.ReadToEnd();
    }
}
