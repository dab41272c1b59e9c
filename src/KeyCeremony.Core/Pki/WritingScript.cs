namespace KeyCeremony.Core.Pki;

/// <summary>
/// The scripts a name may be written in, as bit flags, and the characters of each. The ranges hold no
/// combining mark and only characters that are their own Normalization Form C (NAME-11 leans on this).
/// </summary>
internal static class WritingScript
{
    public const int None = 0, Common = 1, Latin = 2, Greek = 4, Cyrillic = 8, Han = 16, Kana = 32, Hangul = 64;

    private static readonly (int First, int Last, int Script)[] Ranges =
    [
        ('A', 'Z', Latin), ('a', 'z', Latin), (' ', '~', Common),
        // Latin-1 and Extended-A without the deprecated U+0149 and the long s; Vietnamese, Romanian.
        (0xC0, 0xD6, Latin), (0xD8, 0xF6, Latin), (0xF8, 0x148, Latin), (0x14A, 0x17E, Latin),
        (0x1A0, 0x1A1, Latin), (0x1AF, 0x1B0, Latin), (0x218, 0x21B, Latin), (0x1EA0, 0x1EF9, Latin),
        (0x386, 0x386, Greek), (0x388, 0x38A, Greek), (0x38C, 0x38C, Greek), (0x38E, 0x3A1, Greek), (0x3A3, 0x3CE, Greek),
        (0x400, 0x45F, Cyrillic), (0x490, 0x491, Cyrillic),
        (0x3005, 0x3005, Han), (0x4E00, 0x9FFF, Han),
        (0x3041, 0x3096, Kana), (0x30A1, 0x30FA, Kana), (0x30FC, 0x30FC, Kana),
        (0xAC00, 0xD7A3, Hangul),
    ];

    public static int Of(int code) => Array.Find(Ranges, range => code >= range.First && code <= range.Last).Script;

    /// <summary>UTS 39 5.2, "highly restrictive": one script, or Latin with the East Asian sets.</summary>
    public static bool MayStandTogether(int scripts) =>
        int.PopCount(scripts) <= 1 || (scripts & ~(Latin | Han | Kana)) == 0 || (scripts & ~(Latin | Han | Hangul)) == 0;

    public static string NamesOf(int scripts) => string.Join(" and ",
        new[] { (Latin, "Latin"), (Greek, "Greek"), (Cyrillic, "Cyrillic"), (Han, "Han"), (Kana, "kana"), (Hangul, "Hangul") }
            .Where(one => (scripts & one.Item1) != 0).Select(one => one.Item2));
}
