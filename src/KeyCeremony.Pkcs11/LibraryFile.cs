using System.Buffers.Binary;
using System.Runtime.InteropServices;
using KeyCeremony.Pkcs11.Hosting;

namespace KeyCeremony.Pkcs11;

/// <summary>
/// What a library's first bytes say of it: the ELF header and the program headers, System V ABI, chapters 4 and 5. Read
/// before it is loaded, because the loader's words are no help to a room and a library that was cut off kills the process.
/// </summary>
internal static class LibraryFile
{
    private const int HeaderBytes = 64;
    private const int PartBytes = 56;
    private const int EntryBytes = 16;

    // Offsets: the type of file, the processor, where the program headers are and how many.
    private const int Type = 16;
    private const int Processor = 18;
    private const int Parts = 32;
    private const int PartCount = 56;

    private const byte Bits64 = 2;
    private const byte LittleEndian = 1;
    private const ushort SharedObject = 3;

    /// <summary>PT_DYNAMIC: the part with what the loader is told.</summary>
    private const uint Dynamic = 2;

    /// <summary>DT_FLAGS_1 and its DF_1_PIE, of glibc's elf.h: such a file is built as a library is, and is a program.</summary>
    private const ulong Flags = 0x6FFF_FFFB, ProgramFlag = 0x0800_0000;

    /// <summary>EM_AARCH64, EM_X86_64; on any other processor nothing is a module.</summary>
    private static int Machine => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.Arm64 => 183,
        Architecture.X64 => 62,
        _ => -1,
    };

    /// <summary>In words for a person; null when nothing speaks against loading it.</summary>
    public static string? WhyNot(string path)
    {
        if (path.Length == 0)
        {
            return "No file is named.";
        }

        if (Directory.Exists(path))
        {
            return $"{path} is a folder.";
        }

        if (IsStream(path))
        {
            return $"{path} is a pipe or a device, and no file.";
        }

        try
        {
            using FileStream file = File.OpenRead(path);
            return WhyNot(file) is { } why ? $"{path} {why}" : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return $"There is no file {path}.";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{path} cannot be read.";
        }
    }

    /// <summary>Whoever opens a pipe in the usual way waits for somebody who writes.</summary>
    private static bool IsStream(string path)
    {
        int descriptor = Kernel.open(path, Kernel.NonBlocking | Kernel.CloseOnExec);
        if (descriptor < 0)
        {
            return false;
        }

        bool isStream = Kernel.lseek(descriptor, 0, Kernel.FromHere) < 0;
        _ = Kernel.close(descriptor);
        return isStream;
    }

    private static string? WhyNot(FileStream file)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        return file.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes
            || !header.StartsWith((ReadOnlySpan<byte>)[0x7F, 0x45, 0x4C, 0x46])
                ? "is no library."
            : header[4] != Bits64 ? "is a library for 32-bit programs; this program is one of 64 bits."
            : header[5] != LittleEndian || BinaryPrimitives.ReadUInt16LittleEndian(header[Processor..]) != Machine
            ? "is a library for another kind of processor."
            : BinaryPrimitives.ReadUInt16LittleEndian(header[Type..]) != SharedObject ? "is no library, but a program or a part of one."
            : !IsWhole(file, BinaryPrimitives.ReadUInt64LittleEndian(header[Parts..]),
                BinaryPrimitives.ReadUInt16LittleEndian(header[PartCount..])) ? "is damaged: it ends before it should."
            : IsProgram(file, BinaryPrimitives.ReadUInt64LittleEndian(header[Parts..]),
                BinaryPrimitives.ReadUInt16LittleEndian(header[PartCount..])) ? "is no library, but a program."
            : null;
    }

    /// <summary>Whether everything that would be mapped lies in the file.</summary>
    private static bool IsWhole(FileStream file, ulong at, int count)
    {
        Span<byte> part = stackalloc byte[PartBytes];
        for (int i = 0; i < count; i++)
        {
            ulong begin = at + (ulong)(i * PartBytes);
            if (begin > (ulong)file.Length)
            {
                return false;
            }

            file.Position = (long)begin;
            if (file.ReadAtLeast(part, PartBytes, throwOnEndOfStream: false) < PartBytes
                || (UInt128)BinaryPrimitives.ReadUInt64LittleEndian(part[8..]) + BinaryPrimitives.ReadUInt64LittleEndian(part[32..])
                    > (ulong)file.Length)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Of a file that <see cref="IsWhole"/>.</summary>
    private static bool IsProgram(FileStream file, ulong at, int count)
    {
        Span<byte> part = stackalloc byte[PartBytes], entry = stackalloc byte[EntryBytes];
        for (int i = 0; i < count; i++)
        {
            file.Position = (long)(at + (ulong)(i * PartBytes));
            file.ReadExactly(part);
            if (BinaryPrimitives.ReadUInt32LittleEndian(part) != Dynamic)
            {
                continue;
            }

            ulong begin = BinaryPrimitives.ReadUInt64LittleEndian(part[8..]), length = BinaryPrimitives.ReadUInt64LittleEndian(part[32..]);
            for (ulong told = 0; told + EntryBytes <= length; told += EntryBytes)
            {
                file.Position = (long)(begin + told);
                file.ReadExactly(entry);
                if (BinaryPrimitives.ReadUInt64LittleEndian(entry) == Flags)
                {
                    return (BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]) & ProgramFlag) != 0;
                }
            }
        }

        return false;
    }
}
