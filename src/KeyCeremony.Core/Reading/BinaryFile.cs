namespace KeyCeremony.Core.Reading;

/// <summary>
/// What a file is that is neither a text nor DER, by the bytes that all of its kind begin with: people hand in what a mail program packed,
/// a picture of a screen, a key store. It proves nothing, but it says what to do instead.
/// </summary>
internal static class BinaryFile
{
    private const string Unpack = "Have it unpacked, and send what is in it.";
    private const string MadeFrom = "Send the file that it was made from; of a spreadsheet its table, saved as CSV in UTF-8.";
    private const string FileItself = "Send the file itself that the tool wrote, not what a screen or a page showed of it.";
    private const string Exported = "Have what is public exported from it, and send that alone.";
    private const int Erased = 32; // bytes that tell so
    private const int TarMagicAt = 257; // POSIX.1-1988, ustar: magic

    /// <summary>
    /// A sentence about what is packed in a way that nobody here looks into; null: it is not. What gzip, zlib and zip hold is looked at.
    /// </summary>
    public static string? Closed(ReadOnlySpan<byte> start) => Of(start) is { Sentence: var sentence, Remedy: Unpack }
        && !start.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]) && !(start.Length > TarMagicAt && start[TarMagicAt..].StartsWith("ustar"u8))
            ? sentence : null;

    /// <summary>A sentence and a remedy; null when it is of no kind that is known here.</summary>
    /// <param name="start">Its first bytes, some hundred.</param>
    public static (string Sentence, string Remedy)? Of(ReadOnlySpan<byte> start) =>
        start.StartsWith("PK\u0003\u0004"u8) ? ("The file is a zip archive, or a spreadsheet's own file (xlsx), and no text.", MadeFrom)
        : start.StartsWith((ReadOnlySpan<byte>)[0xD0, 0xCF, 0x11, 0xE0])
            ? ("The file is one of an office program (xls, doc) or a mail saved by one (msg), and no text.", MadeFrom)
        : start.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]) ? ("The file is packed with gzip.", Unpack)
        : start.StartsWith((ReadOnlySpan<byte>)[0xFD, 0x37, 0x7A, 0x58, 0x5A]) ? ("The file is packed with xz.", Unpack)
        : start.StartsWith("BZh"u8) && start.Length > 9 && start[4..].StartsWith("1AY&SY"u8) ? ("The file is packed with bzip2.", Unpack)
        : start.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD]) ? ("The file is packed with zstd.", Unpack)
        : start.StartsWith((ReadOnlySpan<byte>)[0x37, 0x7A, 0xBC, 0xAF]) ? ("The file is a 7z archive.", Unpack)
        : start.StartsWith((ReadOnlySpan<byte>)[0x04, 0x22, 0x4D, 0x18]) ? ("The file is packed with lz4.", Unpack)
        : start.StartsWith("LZIP\u0001"u8) ? ("The file is packed with lzip.", Unpack)
        : start.StartsWith((ReadOnlySpan<byte>)[0x89, 0x4C, 0x5A, 0x4F, 0x00]) ? ("The file is packed with lzop.", Unpack)
        : start.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x9D]) && start.Length > 2 && (start[2] & 0x7F) is >= 9 and <= 16
            ? ("The file is packed with compress (Z).", Unpack)
        : start.StartsWith("MSCF\0\0\0\0"u8) ? ("The file is a cabinet (cab).", Unpack)
        : start.StartsWith("Rar!\u001A"u8) ? ("The file is a rar archive.", Unpack)
        : start.Length > TarMagicAt && start[TarMagicAt..].StartsWith("ustar"u8) ? ("The file is a tar archive.", Unpack)
        : start.StartsWith("%PDF-"u8) ? ("The file is a PDF.", FileItself)
        : start.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47]) || start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF])
            ? ("The file is a picture.", FileItself)
        : start.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xED, 0xFE, 0xED]) || start.StartsWith((ReadOnlySpan<byte>)[0xCE, 0xCE, 0xCE, 0xCE])
            ? ("The file is a Java key store, which mostly holds a private key.", Exported)
        : start.Length >= Erased && start[0] is 0x00 or 0xFF
            && !start[..Math.Min(start.Length, TextForm.EnoughToTell)].ContainsAnyExcept(start[0])
            ? ($"The file begins with nothing but bytes {start[0]:X2}, as an empty or damaged medium gives them.",
                "Have it written again, and compare it with what the tool wrote before it is sent.")
        : null;
}
