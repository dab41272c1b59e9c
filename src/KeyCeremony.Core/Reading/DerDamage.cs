using System.Text.Unicode;

namespace KeyCeremony.Core.Reading;

/// <summary>
/// What became of a file in DER on its way, where its bytes show it: it was read and written as text, or cut off. Asked of a file that is
/// not read; of one that is whole it says nothing.
/// </summary>
internal static class DerDamage
{
    private const byte Sequence = 0x30;
    private const string Binary = "Send it as a binary file (ftp: binary; git: .gitattributes with binary; a program: bytes and no text), "
        + "or as PEM.";

    /// <summary>Null: nothing of this is seen.</summary>
    /// <param name="der">The file, or its first bytes.</param>
    /// <param name="isWhole">Whether it is all of it.</param>
    public static (string Sentence, string Remedy)? Of(ReadOnlySpan<byte> der, bool isWhole = true)
    {
        if (der.Length < 8 || der[0] != Sequence)
            return null;
        // No DER of 128 bytes and more is UTF-8: behind 30 stands a byte that begins no letter.
        if (der[1] >= 0x80 && Utf8.IsValid(isWhole ? der : der[..LastLetter(der)]))
            return ("The file was read as text and written as UTF-8 on its way: its bytes are no longer those of the tool"
                + (der.IndexOf((ReadOnlySpan<byte>)[0xEF, 0xBF, 0xBD]) > 0 ? ", and what stood there cannot be had back." : "."), Binary);
        if (!isWhole || Declared(der) is not { } declared || declared == der.Length)
            return null;
        return IsTextMode(der, declared)
            ? ("Each line feed in the file has a carriage return in front: it was sent as text, and its bytes are no longer those of the "
                + "tool.", Binary)
            : declared > der.Length ? ($"The file has {der.Length} bytes, and its first field says {declared}: it was cut off.",
                "Send the whole file again, and compare its hash with the sender.")
            : null;
    }

    private static bool IsTextMode(ReadOnlySpan<byte> der, long declared)
    {
        int feeds = 0;
        for (int at = 1; at < der.Length; at++)
        {
            if (der[at] != '\n')
                continue;
            if (der[at - 1] != '\r')
                return false;
            feeds++;
        }
        return feeds > 0 && der.Length - feeds == declared;
    }

    // Of the whole value, its header with it; null where the length is none of DER.
    private static long? Declared(ReadOnlySpan<byte> der)
    {
        if (der[1] < 0x80)
            return der[1] + 2;
        int more = der[1] & 0x7F;
        if (more is 0 or > 4 || der[2] == 0)
            return null;
        long length = 0;
        foreach (byte part in der.Slice(2, more))
            length = (length << 8) | part;
        return length + 2 + more;
    }

    // A letter that the end cuts is none.
    private static int LastLetter(ReadOnlySpan<byte> text)
    {
        int at = text.Length;
        while (at > text.Length - 4 && (text[at - 1] & 0xC0) == 0x80)
            at--;
        return text[at - 1] >= 0xC0 ? at - 1 : text.Length;
    }
}
