using System.IO.Compression;

namespace KeyCeremony.Verifier;

/// <summary>
/// The fonts of the report, DejaVu 2.37. They are part of the program, so that a journal gives the same report on every machine; packed,
/// because they were an eighth of the native verifier.
/// </summary>
internal static class ReportFonts
{
    /// <summary>Fonts/ as it is: 2.37-6 of Debian 12, built 2023-03-10. Seconds since 1904 (OpenType 1.9, head).</summary>
    public const uint Built = 0xE0309C57;

    /// <summary>
    /// Programs of format 1 took the machine's fonts, and the live image has those of Debian 13: 2.37-8, built 2023-08-10 from the
    /// same outlines. Of the tables that a report embeds only these dates differ.
    /// </summary>
    public const uint BuiltForImage = 0xE0FAD139;

    /// <summary>Empty pages with these fonts.</summary>
    /// <param name="built">When they were built.</param>
    public static PdfPages Pages(uint built = Built) =>
        new(Read("DejaVuSans", built), Read("DejaVuSans-Bold", built), Read("DejaVuSansMono", built));

    /// <summary>A font's file, unpacked.</summary>
    public static byte[] Unpacked(string name)
    {
        using Stream resource = typeof(ReportFonts).Assembly.GetManifestResourceStream($"{name}.ttf")!;
        using var unpacked = new GZipStream(resource, CompressionMode.Decompress);
        using var file = new MemoryStream();
        unpacked.CopyTo(file);
        return file.ToArray();
    }

    private static PdfFont Read(string name, uint built) => new(name, Unpacked(name), built);
}
