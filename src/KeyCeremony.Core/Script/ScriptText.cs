using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using KeyCeremony.Core.Reading;

namespace KeyCeremony.Core.Script;

/// <summary>The characters a script may hold: what is printed, shown and hashed must look like what it is.</summary>
internal static class ScriptText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static bool TryDecode(ReadOnlySpan<byte> utf8, string file, [NotNullWhen(true)] out string? text,
        out ImmutableArray<ScriptError> errors)
    {
        text = null;
        if (utf8.Length > ScriptLimits.MaxBytes)
        {
            errors = [TooLarge(file)];
            return false;
        }
        if (BinaryFile.Of(utf8) is { } binary)
        {
            errors = [new(ScriptRules.Encoding, file, 1, binary.Sentence, "Give the script itself: text in UTF-8.")];
            return false;
        }
        try
        {
            text = Strict.GetString(utf8);
        }
        catch (DecoderFallbackException e)
        {
            errors = [new(ScriptRules.Encoding, file, 1 + Newlines(utf8, e.Index),
                "The file is not UTF-8.", "Save it as UTF-8 without a byte order mark.")];
            return false;
        }
        errors = [.. BadCharacters(text, LineMap.Of(file, text))];
        return errors.IsEmpty;
    }

    public static ScriptError TooLarge(string file) =>
        new(ScriptRules.TooLarge, file, 1, $"The script is larger than {ScriptLimits.MaxBytes / 1024} KiB.",
            "Split it into two ceremonies.");

    public static int Bytes(string text) => Strict.GetByteCount(text);

    public static byte[] Encode(string text) => Strict.GetBytes(text);

    /// <summary>One error for each line that holds something invisible or misleading.</summary>
    public static IEnumerable<ScriptError> BadCharacters(string text, LineMap lines)
    {
        int number = 0;
        foreach (string line in text.Split('\n'))
        {
            number++;
            if (FirstBad(line) is not { } bad) continue;
            ScriptPlace place = lines.At(number);
            yield return new(ScriptRules.Character, place.File, place.Line, $"The line holds {Name(bad)}.",
                bad.Value == '\t' ? "Indent with spaces." : "Remove it: a script holds only characters that a reader can see.");
        }
    }

    public static Rune? FirstBad(string line)
    {
        foreach (Rune rune in line.EnumerateRunes())
        {
            if (IsBad(rune)) return rune;
        }
        return null;
    }

    /// <summary>
    /// Controls (also tab and carriage return), format characters (bidi, zero width, byte order mark),
    /// private use and unassigned code points, line and paragraph separators, spaces other than U+0020,
    /// and U+FFFD, which stands for something lost.
    /// </summary>
    private static bool IsBad(Rune rune) => rune.Value == 0xFFFD || (rune.Value != ' ' && Rune.GetUnicodeCategory(rune) is
        System.Globalization.UnicodeCategory.Control or
        System.Globalization.UnicodeCategory.Format or
        System.Globalization.UnicodeCategory.Surrogate or
        System.Globalization.UnicodeCategory.PrivateUse or
        System.Globalization.UnicodeCategory.OtherNotAssigned or
        System.Globalization.UnicodeCategory.LineSeparator or
        System.Globalization.UnicodeCategory.ParagraphSeparator or
        System.Globalization.UnicodeCategory.SpaceSeparator);

    public static string Name(Rune rune) => rune.Value switch
    {
        '\t' => "a tab",
        '\r' => "a carriage return (Windows line ends)",
        0xFEFF => "a byte order mark (U+FEFF)",
        _ => $"the forbidden character U+{rune.Value:X4}",
    };

    private static int Newlines(ReadOnlySpan<byte> utf8, int until) => utf8[..Math.Clamp(until, 0, utf8.Length)].Count((byte)'\n');
}
