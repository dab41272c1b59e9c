using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace KeyCeremony.Core;

/// <summary>
/// The one type for a secret: a fixed number of bytes on whole memory pages of their own, kept out of swap
/// and core dumps, zeroed when disposed. Prints as <c>•••</c>.
/// </summary>
/// <remarks>
/// Not protected: an image of all memory (hibernation, a frozen virtual machine), a debugger or
/// <c>/proc/PID/mem</c> as root, and the copies that libcrypto makes of keys while it computes with them.
/// The appliance therefore has no swap, no hibernation and no shell; this type only narrows what is left.
/// </remarks>
public sealed class SecretBytes : IDisposable
{
    /// <summary>
    /// The longest text of a QR code (7089 digits) fits; no secret of ours comes near. It bounds what a mistake can lock.
    /// </summary>
    public const int MaxLength = 8192;

    private const int MadviseDontDump = 16;
    private const int MadviseDoDump = 17;

    private readonly byte[] _memory;
    private readonly int _start;
    private readonly int _window;
    private bool _disposed;

    /// <param name="length">Bytes, 1 to <see cref="MaxLength"/>; all zero at first.</param>
    public SecretBytes(int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxLength);
        Length = length;

        // munlock works on whole pages: two secrets on one page would unlock each other. So every secret
        // gets its pages alone, cut out of an array one page longer than needed.
        int page = GetPageSize();
        _window = (length + page - 1) / page * page;
        _memory = GC.AllocateArray<byte>(_window + page, pinned: true);
        nint first = Marshal.UnsafeAddrOfPinnedArrayElement(_memory, 0);
        _start = (int)((page - (first % page)) % page);

        IsLocked = LockMemory(Window, (nuint)_window) == 0;
        IsUndumped = AdviseMemory(Window, (nuint)_window, MadviseDontDump) == 0;
    }

    ~SecretBytes() => Wipe();

    /// <summary>Bytes.</summary>
    public int Length { get; }

    /// <summary>
    /// Whether the pages are kept out of swap. False where RLIMIT_MEMLOCK is too small: the caller tells the room.
    /// </summary>
    public bool IsLocked { get; }

    /// <summary>Whether the pages are left out of core dumps.</summary>
    public bool IsUndumped { get; }

    /// <summary>
    /// The secret itself; valid until <see cref="Dispose"/>, never to be kept. Hold the object in a <c>using</c>: once
    /// nobody does, the finalizer zeroes the bytes under the span.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The secret is gone.</exception>
    public Span<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _memory.AsSpan(_start, Length);
        }
    }

    /// <summary>A secret with the same bytes. The caller wipes <paramref name="source"/>.</summary>
    public static SecretBytes Copy(ReadOnlySpan<byte> source)
    {
        var copy = new SecretBytes(source.Length);
        source.CopyTo(copy.Span);
        return copy;
    }

    /// <summary>A fresh secret from <paramref name="fill"/>.</summary>
    public static SecretBytes Random(int length, FillRandom fill)
    {
        ArgumentNullException.ThrowIfNull(fill);
        var fresh = new SecretBytes(length);
        fill(fresh.Span);
        return fresh;
    }

    /// <summary>Byte by byte a ⊕ b.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static SecretBytes Xor(SecretBytes a, SecretBytes b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        if (a.Length != b.Length)
            throw new ArgumentException($"lengths differ: {a.Length} and {b.Length} bytes", nameof(b));

        SecretBytes sum = Copy(a.Span);
        for (int i = 0; i < sum.Length; i++)
            sum.Span[i] ^= b.Span[i];
        return sum;
    }

    /// <summary>Takes the same time wherever the first difference lies. False for another length.</summary>
    public bool ConstantTimeEquals(SecretBytes other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return ConstantTimeEquals(other.Span);
    }

    /// <inheritdoc cref="ConstantTimeEquals(SecretBytes)"/>
    public bool ConstantTimeEquals(ReadOnlySpan<byte> other) => CryptographicOperations.FixedTimeEquals(Span, other);

    public void Dispose()
    {
        Wipe();
        GC.SuppressFinalize(this);
    }

    public override string ToString() => "•••";

    private nint Window => Marshal.UnsafeAddrOfPinnedArrayElement(_memory, _start);

    private void Wipe()
    {
        // The finalizer also runs for an object whose constructor threw before it had any memory.
        if (_disposed || _memory is null)
            return;
        _disposed = true;

        CryptographicOperations.ZeroMemory(_memory.AsSpan(_start, _window));
        if (IsUndumped)
            _ = AdviseMemory(Window, (nuint)_window, MadviseDoDump);
        if (IsLocked)
            _ = UnlockMemory(Window, (nuint)_window);
    }

    // Blittable DllImport: LibraryImport would generate unsafe code, which Core does not have.
#pragma warning disable SYSLIB1054, CA5392
    [DllImport("libc", EntryPoint = "getpagesize")]
    private static extern int GetPageSize();

    [DllImport("libc", EntryPoint = "mlock")]
    private static extern int LockMemory(nint address, nuint length);

    [DllImport("libc", EntryPoint = "munlock")]
    private static extern int UnlockMemory(nint address, nuint length);

    [DllImport("libc", EntryPoint = "madvise")]
    private static extern int AdviseMemory(nint address, nuint length, int advice);
#pragma warning restore SYSLIB1054, CA5392
}
