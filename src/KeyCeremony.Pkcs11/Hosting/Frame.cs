using System.Buffers.Binary;
using System.Diagnostics;
using KeyCeremony.Pkcs11.Native;

namespace KeyCeremony.Pkcs11.Hosting;

/// <summary>
/// One request or one answer: numbers of eight bytes, little endian. A value is its length, its bytes, and zero bytes to
/// the next multiple of eight, one at least: so every value begins where a structure may, and a module that reads a
/// text as a C string finds its end.
/// </summary>
internal static class Frame
{
    /// <summary>A data object of the largest size with its template, or the longest list of mechanisms, fits.</summary>
    public const int MaxBytes = 80 * 1024;

    /// <summary>More than any template of ours has.</summary>
    public const int MaxAttributes = 16;

    public const int Unit = sizeof(ulong);

    public static int Padded(int length) => length / Unit * Unit + Unit;
}

/// <summary>Writes a frame. What does not fit is a mistake of ours: all lengths are bounded before.</summary>
internal sealed unsafe class FrameWriter(LockedPages pages)
{
    public int Length { get; private set; }

    public FrameWriter Begin(ulong first, ulong second)
    {
        Length = 0;
        return Number(first).Number(second);
    }

    public FrameWriter Number(ulong number)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Room(Frame.Unit), number);
        return this;
    }

    public FrameWriter Bytes(void* bytes, nuint length)
    {
        if (length > Frame.MaxBytes)
        {
            throw new UnreachableException("A frame is sized by the code that fills it.");
        }

        int count = (int)length;
        Number(length);
        Span<byte> room = Room(Frame.Padded(count));
        new ReadOnlySpan<byte>(bytes, count).CopyTo(room);
        room[count..].Clear();
        return this;
    }

    /// <summary>Bytes that a module says it left: more than there was room for is told and not sent.</summary>
    public FrameWriter Claimed(void* bytes, nuint claimed, nuint room)
    {
        Number(claimed);
        return claimed <= room ? Bytes(bytes, claimed) : this;
    }

    public FrameWriter Attributes(CK_ATTRIBUTE* template, nuint count)
    {
        Number(count);
        for (nuint i = 0; i < count; i++)
        {
            Number(template[i].Type).Bytes(template[i].Value, template[i].ValueLength);
        }

        return this;
    }

    public FrameWriter Mechanism(CK_MECHANISM* mechanism) =>
        Number(mechanism->Mechanism).Bytes(mechanism->Parameter, mechanism->ParameterLength);

    private Span<byte> Room(int bytes)
    {
        if (bytes > pages.Length - Length)
        {
            throw new UnreachableException("A frame is sized by the code that fills it.");
        }

        var room = new Span<byte>(pages.Start + Length, bytes);
        Length += bytes;
        return room;
    }
}

/// <summary>
/// Reads a frame that a damaged process may have written: nothing is believed, and what is not exactly as expected ends in
/// <paramref name="fault"/>.
/// </summary>
internal sealed unsafe class FrameReader(LockedPages pages, Func<Exception> fault)
{
    private int length;
    private int at;

    /// <summary>The second number of an answer.</summary>
    public nuint ReturnValue { get; private set; }

    /// <summary>The frame's first two numbers.</summary>
    public (ulong First, ulong Second) Begin(int received)
    {
        (length, at) = (received, 0);
        (ulong first, ulong second) = (Number(), Number());
        ReturnValue = (nuint)second;
        return (first, second);
    }

    public nuint Number()
    {
        ulong number = BinaryPrimitives.ReadUInt64LittleEndian(Take(Frame.Unit));
        return (nuint)number;
    }

    /// <summary>A number that is not larger than this.</summary>
    public nuint NumberUpTo(nuint limit)
    {
        nuint number = Number();
        return number <= limit ? number : throw fault();
    }

    /// <summary>Where they lie in the frame: until it is wiped.</summary>
    public byte* Bytes(out nuint count)
    {
        count = NumberUpTo((nuint)(length - at));
        int bytes = (int)count;
        ReadOnlySpan<byte> taken = Take(Frame.Padded(bytes));
        return taken[bytes..].ContainsAnyExcept((byte)0) ? throw fault() : pages.Start + at - taken.Length;
    }

    /// <summary>Exactly so many bytes, copied.</summary>
    public FrameReader Into(void* destination, nuint expected)
    {
        byte* bytes = Bytes(out nuint count);
        if (count != expected)
        {
            throw fault();
        }

        new ReadOnlySpan<byte>(bytes, (int)count).CopyTo(new Span<byte>(destination, (int)count));
        return this;
    }

    /// <summary>What <see cref="FrameWriter.Claimed"/> wrote; answers what the module claims.</summary>
    public nuint Claimed(void* destination, nuint room)
    {
        nuint claimed = Number();
        if (claimed <= room)
        {
            Into(destination, claimed);
        }

        return claimed;
    }

    /// <param name="template">Room for <see cref="Frame.MaxAttributes"/>; the values stay in the frame.</param>
    public nuint Attributes(CK_ATTRIBUTE* template)
    {
        nuint count = NumberUpTo(Frame.MaxAttributes);
        for (nuint i = 0; i < count; i++)
        {
            nuint type = Number();
            byte* value = Bytes(out nuint bytes);
            template[i] = new CK_ATTRIBUTE { Type = type, Value = value, ValueLength = bytes };
        }

        return count;
    }

    public CK_MECHANISM Mechanism()
    {
        nuint mechanism = Number();
        byte* parameter = Bytes(out nuint bytes);
        return new CK_MECHANISM { Mechanism = mechanism, Parameter = bytes == 0 ? null : parameter, ParameterLength = bytes };
    }

    /// <summary>Nothing may follow.</summary>
    public nuint End() => at == length ? ReturnValue : throw fault();

    private ReadOnlySpan<byte> Take(int bytes)
    {
        if (bytes > length - at)
        {
            throw fault();
        }

        at += bytes;
        return new ReadOnlySpan<byte>(pages.Start + at - bytes, bytes);
    }
}
