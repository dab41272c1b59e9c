using System.Buffers.Binary;
using System.Text;

namespace KeyCeremony.Hsm.Tests;

/// <summary>
/// What a build hands to <c>esptool elf2image</c>: an ELF program for RISC-V (32 bits) with one section, the application's description
/// (ESP-IDF, esp_app_desc_t) and something behind it. Numbers in little endian.
/// </summary>
internal static class EspElf
{
    private const int Header = 52, Segment = 32, SectionHeader = 40;
    private const uint Address = 0x3C000020;
    private const string Names = "\0.flash.appdesc\0.shstrtab\0";

    public static byte[] Write(string version, uint counter)
    {
        byte[] content =
        [
            .. U32(0xABCD5432, counter, 0, 0), .. Padded(version, 32), .. Padded("lock", 32), .. Padded("10:00:00", 16),
            .. Padded("Nov 22 2026", 16), .. Padded("v5.4.1", 32), .. new byte[32 + 80],
            .. Enumerable.Range(0, 300).Select(i => (byte)(7 * i % 256)),
        ];
        uint at = Header + Segment, size = (uint)content.Length, names = at + size, sections = names + (uint)Names.Length;
        return
        [
            // e_ident; e_type executable, e_machine RISC-V; e_version, e_entry, e_phoff, e_shoff, e_flags
            0x7F, .. "ELF\x01\x01\x01"u8, .. new byte[9], .. U16(2, 0xF3), .. U32(1, Address + 256, Header, sections, 0),
            // e_ehsize, e_phentsize, e_phnum, e_shentsize, e_shnum, e_shstrndx
            .. U16(Header, Segment, 1, SectionHeader, 3, 2),
            // p_type PT_LOAD, p_offset, p_vaddr, p_paddr, p_filesz, p_memsz, p_flags R, p_align
            .. U32(1, at, Address, Address, size, size, 4, 4),
            .. content, .. Encoding.ASCII.GetBytes(Names),
            // sh_name, sh_type (none, PROGBITS, STRTAB), sh_flags, sh_addr, sh_offset, sh_size, sh_link, sh_info, sh_addralign, sh_entsize
            .. new byte[SectionHeader],
            .. U32(1, 1, 2, Address, at, size, 0, 0, 4, 0),
            .. U32(16, 3, 0, 0, names, (uint)Names.Length, 0, 0, 1, 0),
        ];
    }

    private static byte[] Padded(string text, int length) => [.. Encoding.ASCII.GetBytes(text), .. new byte[length - text.Length]];

    private static byte[] U16(params ushort[] values)
    {
        byte[] bytes = new byte[values.Length * sizeof(ushort)];
        for (int i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(i * sizeof(ushort)), values[i]);
        return bytes;
    }

    private static byte[] U32(params uint[] values)
    {
        byte[] bytes = new byte[values.Length * sizeof(uint)];
        for (int i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * sizeof(uint)), values[i]);
        return bytes;
    }
}
