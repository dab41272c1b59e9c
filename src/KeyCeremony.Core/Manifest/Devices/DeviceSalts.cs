using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace KeyCeremony.Core.Manifest.Devices;

/// <summary>
/// Salts by their place: salt i is AES-256(key, 2i) ‖ AES-256(key, 2i + 1), the numbers as 128 bits, big-endian. Random
/// access, so that pieces of a batch agree wherever they are built.
/// </summary>
internal sealed class DeviceSalts : IDisposable
{
    /// <summary>As many as are made at once: they stay in the processor's cache until they are used.</summary>
    public const int Batch = 512;

    private const int BlocksPerSalt = 2;

    private readonly Aes _aes = Aes.Create();
    private readonly byte[] _counters = new byte[Batch * DeviceLeaf.SaltLength];
    private readonly byte[] _salts = new byte[Batch * DeviceLeaf.SaltLength];
    private long _first = -1;

    public DeviceSalts(SecretBytes key) => _aes.SetKey(key.Span);

    /// <summary>Valid until another salt is asked for; neighbours are quick.</summary>
    public ReadOnlySpan<byte> Of(long index)
    {
        if (_first < 0 || index < _first || index >= _first + Batch)
            Make(index);
        return _salts.AsSpan((int)(index - _first) * DeviceLeaf.SaltLength, DeviceLeaf.SaltLength);
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_salts);
        _aes.Dispose();
    }

    private void Make(long first)
    {
        // Each counter is two words; the first is always 0.
        Span<long> words = MemoryMarshal.Cast<byte, long>(_counters.AsSpan());
        long counter = first * BlocksPerSalt;
        for (int i = 1; i < words.Length; i += 2)
            words[i] = BinaryPrimitives.ReverseEndianness(counter++);
        _aes.EncryptEcb(_counters, _salts, PaddingMode.None);
        _first = first;
    }
}
