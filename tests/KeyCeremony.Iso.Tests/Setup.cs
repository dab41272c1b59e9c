namespace KeyCeremony.Iso.Tests;

public enum Firmware
{
    Bios,
    Uefi,

    /// <summary>UEFI that starts only what is signed with the owner's keys.</summary>
    OwnKeys,
}

public enum Medium
{
    Cd,
    Stick,

    /// <summary>QEMU itself loads what <see cref="Setup.Devices"/> say.</summary>
    None,
}

/// <summary>A computer before it is switched on.</summary>
/// <param name="Boot">The image file of the medium.</param>
/// <param name="Variables">UEFI's variables, for own keys.</param>
/// <param name="Sticks">Image files of further USB sticks.</param>
/// <param name="Devices">Further devices, in QEMU's words.</param>
/// <param name="Display">The screen, in QEMU's words.</param>
/// <param name="Speaker">The file in which its loudspeaker is recorded; null: it has none.</param>
internal sealed record Setup(Firmware Firmware, Medium Medium, string Boot, string? Variables = null,
    IReadOnlyList<string>? Sticks = null, IReadOnlyList<string>? Devices = null,
    bool Tpm = false, string Display = "VGA", string? Speaker = null)
{
    private const string Code = "/usr/share/OVMF/OVMF_CODE_4M.fd";
    private const string SecureCode = "/usr/share/OVMF/OVMF_CODE_4M.secboot.fd";
    public const string EmptyVariables = "/usr/share/OVMF/OVMF_VARS_4M.fd";

    /// <summary>Plain emulation: it runs on every computer that builds this, with or without virtualisation.</summary>
    public IEnumerable<string> Arguments(string folder)
    {
        string secure = Firmware == Firmware.OwnKeys ? ",smm=on" : "", heard = Speaker is null ? "" : ",pcspk-audiodev=speaker";
        List<string> words = ["-machine", $"q35{secure}{heard}",
            "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", "1536",
            "-display", "none", "-vga", "none", "-device", Display, "-no-reboot", "-nic", "none", "-device", "qemu-xhci,id=usb",
            "-chardev", $"socket,id=line,path={folder}/line,server=on,wait=on", "-serial", "chardev:line",
            "-monitor", $"unix:{folder}/monitor,server=on,wait=off"];
        if (Firmware != Firmware.Bios)
        {
            File.Copy(Variables ?? EmptyVariables, Path.Combine(folder, "variables.fd"));
            words.AddRange(["-drive", $"if=pflash,format=raw,unit=0,readonly=on,file={(Firmware == Firmware.OwnKeys ? SecureCode : Code)}",
                "-drive", $"if=pflash,format=raw,unit=1,file={folder}/variables.fd"]);
        }
        if (Firmware == Firmware.OwnKeys)
            words.AddRange(["-global", "driver=cfi.pflash01,property=secure,value=on"]);
        words.AddRange(Medium switch
        {
            Medium.Cd => ["-drive", $"if=none,id=boot,media=cdrom,readonly=on,file={Boot}", "-device", "ide-cd,drive=boot,bootindex=0"],
            Medium.Stick => ["-drive", $"if=none,id=boot,format=raw,snapshot=on,file={Boot}",
                "-device", "usb-storage,drive=boot,bus=usb.0,bootindex=0,serial=BOOT"],
            _ => [],
        });
        foreach ((int number, string stick) in (Sticks ?? []).Index())
            words.AddRange(["-drive", $"if=none,id=stick{number},format=raw,cache=writethrough,file={stick}",
                "-device", $"usb-storage,drive=stick{number},bus=usb.0,serial=STICK{number}"]);
        words.AddRange(Devices ?? []);
        if (Speaker is not null)
            words.AddRange(["-audiodev", $"wav,id=speaker,path={Speaker}"]);
        if (Tpm)
            words.AddRange(["-chardev", $"socket,id=tpm,path={folder}/tpm/socket",
                "-tpmdev", "emulator,id=tpm0,chardev=tpm", "-device", "tpm-tis,tpmdev=tpm0"]);
        return words;
    }
}
