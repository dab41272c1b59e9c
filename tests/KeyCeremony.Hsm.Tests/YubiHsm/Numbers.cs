using System.Buffers.Binary;

namespace KeyCeremony.Hsm.Tests.YubiHsm;

/// <summary>As the device writes them: the first byte counts most.</summary>
internal static class Numbers
{
    /// <param name="number">0 to 65535.</param>
    public static byte[] U16(int number)
    {
        byte[] bytes = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, checked((ushort)number));
        return bytes;
    }

    public static byte[] U64(ulong number)
    {
        byte[] bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, number);
        return bytes;
    }
}
