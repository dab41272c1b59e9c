using System.Collections.Immutable;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Ceremony;

/// <summary>One keyboard layout.</summary>
/// <param name="Id">As the boot menu, the journal and Debian's keyboard settings name it.</param>
/// <param name="Name">As people call it.</param>
/// <param name="Letters">Where its letters lie.</param>
public sealed record KeyboardLayout(string Id, string Name, LetterKeys Letters);

/// <summary>
/// The layouts that the appliance's own keyboard can have, and which one a ceremony's people type with. Layouts without Latin letters are
/// none of them: the words of a card are written in a to z.
/// </summary>
public static class Keyboards
{
    /// <summary>A serial line, a window, a connection from elsewhere: the other end has the layout, and nobody here knows it.</summary>
    public const string Terminal = "terminal";

    /// <summary>What the kernel has before anybody chose.</summary>
    public const string AtFirst = "us";

    public static ImmutableArray<KeyboardLayout> All { get; } =
    [
        new("us", "English, US", LetterKeys.Qwerty),
        new("us-intl", "English, US, with dead keys", LetterKeys.Qwerty),
        new("gb", "English, UK", LetterKeys.Qwerty),
        new("dvorak", "English, Dvorak", LetterKeys.Dvorak),
        new("colemak", "English, Colemak", LetterKeys.Colemak),
        new("de", "German", LetterKeys.Qwertz),
        new("de-nodeadkeys", "German, no dead keys", LetterKeys.Qwertz),
        new("ch", "Swiss German", LetterKeys.Qwertz),
        new("ch-fr", "Swiss French", LetterKeys.Qwertz),
        new("fr", "French", LetterKeys.Azerty),
        new("be", "Belgian", LetterKeys.Azerty),
        new("ca", "Canadian French", LetterKeys.Qwerty),
        new("es", "Spanish", LetterKeys.Qwerty),
        new("latam", "Latin American", LetterKeys.Qwerty),
        new("pt", "Portuguese", LetterKeys.Qwerty),
        new("br", "Brazilian, ABNT2", LetterKeys.Qwerty),
        new("it", "Italian", LetterKeys.Qwerty),
        new("nl", "Dutch", LetterKeys.Qwerty),
        new("dk", "Danish", LetterKeys.Qwerty),
        new("no", "Norwegian", LetterKeys.Qwerty),
        new("se", "Swedish", LetterKeys.Qwerty),
        new("fi", "Finnish", LetterKeys.Qwerty),
        new("is", "Icelandic", LetterKeys.Qwerty),
        new("ee", "Estonian", LetterKeys.Qwerty),
        new("lv", "Latvian", LetterKeys.Qwerty),
        new("pl", "Polish", LetterKeys.Qwerty),
        new("cz", "Czech", LetterKeys.Qwertz),
        new("cz-qwerty", "Czech, QWERTY", LetterKeys.Qwerty),
        new("sk", "Slovak", LetterKeys.Qwertz),
        new("hu", "Hungarian", LetterKeys.Qwertz),
        new("ro", "Romanian", LetterKeys.Qwerty),
        new("hr", "Croatian", LetterKeys.Qwertz),
        new("si", "Slovenian", LetterKeys.Qwertz),
        new("tr", "Turkish", LetterKeys.Qwerty),
        new("jp", "Japanese, 106 keys", LetterKeys.Qwerty),
    ];

    public static KeyboardLayout? Find(string id) => All.FirstOrDefault(layout => layout.Id == id);

    /// <summary>For a report: <c>German (de)</c>.</summary>
    public static string InWords(string id) => Find(id) is { } layout ? $"{layout.Name} ({id})" : "that of the terminal (not known here)";

    /// <summary>What is to be recorded when people type with this layout from now on; null: it stands in the journal already.</summary>
    public static KeyboardUsed? Note(CeremonyState s, string layout)
    {
        ArgumentNullException.ThrowIfNull(s);
        return IsNew(s, layout) ? new KeyboardUsed(layout) : null;
    }

    /// <summary>Whether this can be recorded now: a layout that the program has, and another one than before.</summary>
    internal static bool IsNew(CeremonyState s, string layout) => s.Format >= JournalFormats.Prepared && s.Keyboard != layout
        && (layout == Terminal || Find(layout) is not null);
}
