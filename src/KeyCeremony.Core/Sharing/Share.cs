using System.Runtime.InteropServices;

namespace KeyCeremony.Core.Sharing;

/// <summary>
/// One officer's share in memory. Its words and value are secret and wiped on dispose; <see cref="Header"/> is public.
/// Made by <see cref="Slip39"/> only, so it always encodes to valid words.
/// </summary>
public sealed class Share : IDisposable
{
    private readonly SecretBytes _indices;

    internal Share(ShareHeader header, SecretBytes indices, SecretBytes value)
    {
        Header = header;
        _indices = indices;
        Value = value;
    }

    public ShareHeader Header { get; }

    /// <summary>20 for a 128-bit secret, 33 for a 256-bit one.</summary>
    public int WordCount => _indices.Length / sizeof(ushort);

    /// <summary>Secret. The words as positions in <see cref="WordList"/>, 0 to 1023.</summary>
    public ReadOnlySpan<ushort> Indices => MemoryMarshal.Cast<byte, ushort>(_indices.Span);

    /// <summary>Whether the memory of the words and of the value is kept out of swap.</summary>
    public bool IsLocked => _indices.IsLocked && Value.IsLocked;

    /// <summary>Digits of the card's QR code: four a word.</summary>
    public int NumericLength => NumericForm.DigitsPerWord * WordCount;

    /// <summary>Secret: the share's y coordinates.</summary>
    internal SecretBytes Value { get; }

    /// <summary>Secret. A word in lower-case ASCII; <paramref name="number"/> counts from 1, as on the card.</summary>
    public ReadOnlySpan<byte> Word(int number) => WordList.Utf8(Indices[number - 1]);

    /// <summary>Writes the card's QR text, <see cref="NumericLength"/> ASCII digits. Secret.</summary>
    public void WriteNumeric(Span<byte> destination) => NumericForm.Write(Indices, destination);

    public void Dispose()
    {
        _indices.Dispose();
        Value.Dispose();
    }

    /// <summary>Names the card; says nothing of its words.</summary>
    public override string ToString() => Header.Card;
}
