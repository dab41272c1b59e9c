using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace KeyCeremony.Pkcs11.Hosting;

/// <summary>
/// Memory that PINs and wrap keys pass through: pages of their own, kept out of swap and core dumps, with a page behind
/// them that nobody may touch: who writes past the end ends his process, and no other memory.
/// </summary>
internal sealed unsafe partial class LockedPages : IDisposable
{
    private const int PageBytes = 4096;
    private const int ReadWrite = 3; // PROT_READ | PROT_WRITE
    private const int PrivateAnonymous = 0x22; // MAP_PRIVATE | MAP_ANONYMOUS
    private const int DontDump = 16; // MADV_DONTDUMP

    private byte* start;

    /// <param name="length">Bytes; a multiple of a page's.</param>
    public LockedPages(int length)
    {
        Length = length;
        start = mmap(null, (nuint)(length + PageBytes), ReadWrite, PrivateAnonymous, -1, 0);
        if ((nint)start == -1)
        {
            throw new InsufficientMemoryException("There is no memory for the wire between the program and the HSM's module.");
        }

        _ = mprotect(start + length, PageBytes, 0);
        // As for every secret of the product: where the kernel refuses, the appliance has no swap and makes no dumps anyway.
        _ = mlock(start, (nuint)length);
        _ = madvise(start, (nuint)length, DontDump);
    }

    public int Length { get; }

    public byte* Start => start is null ? throw new ObjectDisposedException(nameof(LockedPages)) : start;

    public void Wipe(int length) => CryptographicOperations.ZeroMemory(new Span<byte>(Start, length));

    public void Dispose()
    {
        if (start is not null)
        {
            Wipe(Length);
            _ = munmap(start, (nuint)(Length + PageBytes));
            start = null;
        }
    }

    [LibraryImport("libc")]
    private static partial byte* mmap(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc")]
    private static partial int munmap(void* address, nuint length);

    [LibraryImport("libc")]
    private static partial int mprotect(void* address, nuint length, int protection);

    [LibraryImport("libc")]
    private static partial int mlock(void* address, nuint length);

    [LibraryImport("libc")]
    private static partial int madvise(void* address, nuint length, int advice);
}
