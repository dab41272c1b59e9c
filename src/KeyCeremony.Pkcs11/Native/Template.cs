using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace KeyCeremony.Pkcs11.Native;

/// <summary>
/// An array of <c>CK_ATTRIBUTE</c> and the values it points to, in one native block that no garbage collector
/// copies. Wiped before it is freed, for a template may carry a key's value. Each value begins where a structure may,
/// and a zero byte that does not count follows it: some modules read a text as a C string (OpenSC does CKA_APPLICATION).
/// </summary>
internal sealed unsafe class Template : IDisposable
{
    private const int MaxAttributes = 16;
    private const int Alignment = sizeof(ulong);
    private static readonly int HeaderBytes = MaxAttributes * sizeof(CK_ATTRIBUTE);

    private readonly int size;
    private byte* block;
    private int used;
    private int count;

    /// <param name="valueBytes">Room for all values together; 1 KiB holds any but a data object or a modulus.</param>
    public Template(int valueBytes = 1024)
    {
        size = HeaderBytes + valueBytes + MaxAttributes * 2 * Alignment;
        block = (byte*)NativeMemory.AllocZeroed((nuint)size);
        used = HeaderBytes;
    }

    public CK_ATTRIBUTE* Attributes => (CK_ATTRIBUTE*)block;

    public nuint Count => (nuint)count;

    public Template Add(nuint type, bool value) => Add(type, [value ? (byte)1 : (byte)0]);

    public Template Add(nuint type, nuint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(nuint)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return Add(type, bytes);
    }

    public Template Add(nuint type, string value) => Add(type, Encoding.UTF8.GetBytes(value));

    public Template Add(nuint type, ReadOnlySpan<byte> value)
    {
        int room = Padded(value.Length + 1);
        if (count == MaxAttributes || room > size - used)
        {
            throw new UnreachableException("A template is sized by the code that fills it.");
        }

        value.CopyTo(new Span<byte>(block + used, value.Length));
        Attributes[count++] = new CK_ATTRIBUTE { Type = type, Value = block + used, ValueLength = (nuint)value.Length };
        used += room;
        return this;
    }

    public void Dispose()
    {
        if (block is null)
        {
            return;
        }

        CryptographicOperations.ZeroMemory(new Span<byte>(block, size));
        NativeMemory.Free(block);
        block = null;
    }

    private static int Padded(int length) => (length + Alignment - 1) / Alignment * Alignment;
}
