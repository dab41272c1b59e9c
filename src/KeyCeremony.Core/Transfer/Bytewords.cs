using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace KeyCeremony.Core.Transfer;

/// <summary>
/// Bytes as letters, two a byte: the first and the last of the byte's word. Minimal style of BCR-2020-012, with the CRC-32
/// behind the bytes. We write upper case, which a QR code holds in alphanumeric mode, and read either.
/// </summary>
internal static class Bytewords
{
    public const int LettersPerByte = 2;

    private const int Letters = 'Z' - 'A' + 1;

    private static readonly string[] Words = """
        able acid also apex aqua arch atom aunt away axis back bald barn belt beta bias blue body brag brew bulb buzz calm cash
        cats chef city claw code cola cook cost crux curl cusp cyan dark data days deli dice diet door down draw drop drum dull
        duty each easy echo edge epic even exam exit eyes fact fair fern figs film fish fizz flap flew flux foxy free frog fuel
        fund gala game gear gems gift girl glow good gray grim guru gush gyro half hang hard hawk heat help high hill holy hope
        horn huts iced idea idle inch inky into iris iron item jade jazz join jolt jowl judo jugs jump junk jury keep keno kept
        keys kick kiln king kite kiwi knob lamb lava lazy leaf legs liar limp lion list logo loud love luau luck lung main many
        math maze memo menu meow mild mint miss monk nail navy need news next noon note numb obey oboe omit onyx open oval owls
        paid part peck play plus poem pool pose puff puma purr quad quiz race ramp real redo rich road rock roof ruby ruin runs
        rust safe saga scar sets silk skew slot soap solo song stub surf swan taco task taxi tent tied time tiny toil tomb toys
        trip tuna twin ugly undo unit urge user vast very veto vial vibe view visa void vows wall wand warm wasp wave waxy webs
        what when whiz wolf work yank yawn yell yoga yurt zaps zero zest zinc zone zoom
        """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The byte of a pair of letters, -1 where no word has them.</summary>
    private static readonly short[] Values = Index();

    public static int LengthOf(int bytes) => LettersPerByte * (bytes + Crc32.Length);

    public static string Write(ReadOnlySpan<byte> bytes)
    {
        Span<byte> checksum = stackalloc byte[Crc32.Length];
        BinaryPrimitives.WriteUInt32BigEndian(checksum, Crc32.Of(bytes));
        char[] text = new char[LengthOf(bytes.Length)];
        WriteLetters(bytes, text);
        WriteLetters(checksum, text.AsSpan(LettersPerByte * bytes.Length));
        return new string(text);
    }

    /// <summary>Else refused: UR-04 other letters, UR-05 the checksum.</summary>
    public static bool TryRead(ReadOnlySpan<char> text, [NotNullWhen(true)] out byte[]? bytes, [NotNullWhen(false)] out Refusal? refusal)
    {
        (bytes, refusal) = (null, TransferRules.Letters());
        if (text.Length % LettersPerByte != 0 || text.Length <= LengthOf(0))
            return false;
        byte[] read = new byte[text.Length / LettersPerByte];
        for (int i = 0; i < read.Length; i++)
        {
            short value = ValueOf(text[LettersPerByte * i], text[(LettersPerByte * i) + 1]);
            if (value < 0)
                return false;
            read[i] = (byte)value;
        }

        Span<byte> body = read.AsSpan(..^Crc32.Length);
        bytes = body.ToArray();
        refusal = BinaryPrimitives.ReadUInt32BigEndian(read.AsSpan(body.Length)) == Crc32.Of(body) ? null : TransferRules.LettersChecksum();
        return refusal is null;
    }

    private static void WriteLetters(ReadOnlySpan<byte> bytes, Span<char> text)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            string word = Words[bytes[i]];
            text[LettersPerByte * i] = char.ToUpperInvariant(word[0]);
            text[(LettersPerByte * i) + 1] = char.ToUpperInvariant(word[^1]);
        }
    }

    private static short ValueOf(char first, char last)
    {
        (int row, int column) = ((first | 0x20) - 'a', (last | 0x20) - 'a');
        return row is >= 0 and < Letters && column is >= 0 and < Letters ? Values[(row * Letters) + column] : (short)-1;
    }

    private static short[] Index()
    {
        short[] values = new short[Letters * Letters];
        Array.Fill(values, (short)-1);
        for (short value = 0; value < Words.Length; value++)
            values[((Words[value][0] - 'a') * Letters) + Words[value][^1] - 'a'] = value;
        return values;
    }
}
