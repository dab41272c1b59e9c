using System.Runtime.InteropServices;

namespace KeyCeremony.Core.Sharing;

/// <summary>Header and value to words and back. SLIP-0039 "Format of the share mnemonic".</summary>
internal static class ShareCodec
{
    public const int MinWords = 20;

    private const int HeaderWords = 4;
    private const int BitsPerWord = 10;
    private const int MaxPadding = 8;

    public static int WordCount(int valueLength) =>
        HeaderWords + (((8 * valueLength) + BitsPerWord - 1) / BitsPerWord) + Rs1024.Words;

    public static Share Encode(ShareHeader header, SecretBytes value)
    {
        var memory = new SecretBytes(sizeof(ushort) * WordCount(value.Length));
        Span<ushort> words = MemoryMarshal.Cast<byte, ushort>(memory.Span);
        WriteHeader(header, words);
        WriteValue(value.Span, words[HeaderWords..^Rs1024.Words]);
        Rs1024.Write(words, header.Extendable);
        return new Share(header, memory, value);
    }

    /// <summary>Null, or why these words are no share.</summary>
    public static Refusal? Decode(ReadOnlySpan<ushort> words, out Share? share)
    {
        share = null;
        if (words.Length < MinWords || words.Length > Slip39.MaxWords || Padding(words.Length) > MaxPadding)
            return ShareRules.WrongLength(words.Length);
        for (int i = 0; i < words.Length; i++)
            if (words[i] >= WordList.Count)
                return ShareRules.UnknownWord(i + 1);

        ShareHeader header = ReadHeader(words);
        if (!Rs1024.Holds(words, header.Extendable))
            return ShareRules.Checksum();
        if (header.GroupThreshold > header.GroupCount)
            return ShareRules.ImpossibleGroups(header.GroupThreshold, header.GroupCount);

        int padding = Padding(words.Length);
        if (words[HeaderWords] >> (BitsPerWord - padding) != 0)
            return ShareRules.Padding();

        var memory = SecretBytes.Copy(MemoryMarshal.AsBytes(words));
        share = new Share(header, memory, ReadValue(words[HeaderWords..^Rs1024.Words], padding));
        return null;
    }

    /// <summary>Whether the checksum is that of the words before it, whatever else they say.</summary>
    public static bool Holds(ReadOnlySpan<ushort> words) => Rs1024.Holds(words, ReadHeader(words).Extendable);

    // A value is a multiple of 16 bits; what the words hold beyond that is zero bits in front of it.
    private static int Padding(int words) => (words - HeaderWords - Rs1024.Words) * BitsPerWord % 16;

    private static void WriteHeader(ShareHeader header, Span<ushort> words)
    {
        (words[0], words[1]) = header.SetWords;
        int bits = (header.GroupIndex << 16)
            | ((header.GroupThreshold - 1) << 12)
            | ((header.GroupCount - 1) << 8)
            | (header.MemberIndex << 4)
            | (header.MemberThreshold - 1);
        words[2] = (ushort)(bits >> BitsPerWord);
        words[3] = (ushort)(bits & 0x3FF);
    }

    private static ShareHeader ReadHeader(ReadOnlySpan<ushort> words)
    {
        int set = (words[0] << BitsPerWord) | words[1];
        int member = (words[2] << BitsPerWord) | words[3];
        return new ShareHeader(
            Identifier: (ushort)(set >> 5),
            Extendable: ((set >> 4) & 1) == 1,
            IterationExponent: set & 0xF,
            GroupIndex: member >> 16,
            GroupThreshold: ((member >> 12) & 0xF) + 1,
            GroupCount: ((member >> 8) & 0xF) + 1,
            MemberIndex: (member >> 4) & 0xF,
            MemberThreshold: (member & 0xF) + 1);
    }

    private static void WriteValue(ReadOnlySpan<byte> value, Span<ushort> words)
    {
        (uint bits, int held, int next) = (0u, (words.Length * BitsPerWord) - (8 * value.Length), 0);
        foreach (byte octet in value)
        {
            bits = (bits << 8) | octet;
            held += 8;
            if (held < BitsPerWord)
                continue;
            held -= BitsPerWord;
            words[next++] = (ushort)((bits >> held) & 0x3FF);
        }
    }

    private static SecretBytes ReadValue(ReadOnlySpan<ushort> words, int padding)
    {
        var value = new SecretBytes(((words.Length * BitsPerWord) - padding) / 8);
        (uint bits, int held, int next) = (0u, -padding, 0);
        foreach (ushort word in words)
        {
            bits = (bits << BitsPerWord) | word;
            for (held += BitsPerWord; held >= 8; next++)
            {
                held -= 8;
                value.Span[next] = (byte)((bits >> held) & 0xFF);
            }
        }

        return value;
    }
}
