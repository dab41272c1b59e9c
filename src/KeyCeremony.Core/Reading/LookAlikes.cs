using System.Text;

namespace KeyCeremony.Core.Reading;

/// <summary>
/// Letters of other shapes and scripts by what they look like, after the confusables of UTS 39, cut down to Latin, Greek and Cyrillic and
/// to lower case. Accents count as their letter: nobody hears them when names are read aloud.
/// </summary>
internal static class LookAlikes
{
    private const int DottedCapital = 0x130; // which becomes no small letter without tables of a language
    private const string FormsOfL = "ĺļľŀłӏ"; // of those that look like l; the others are forms of i

    private static readonly (string Letters, string LooksLike)[] Rows =
    [
        ("àáâãäåāăąǎạảấầẩẫậắằẳẵặаαάɑ", "a"), ("вьβß", "b"), ("çćĉċčсς", "c"), ("ďđԁ", "d"), ("èéêëēĕėęěẹẻẽếềểễệеёѐεέ", "e"), ("ĝğġģɡ", "g"),
        ("ĥħнһηή", "h"), ("ĵјϳ", "j"), ("ķĸкќκ", "k"), ("1|ìíîïĩīĭįıiіїιίϊΐĺļľŀłӏ", "l"), ("мμ", "m"), ("ñńņňŋпνη", "n"),
        ("0òóôõöøōŏőơǒọỏốồổỗộớờởỡợоοόσ", "o"), ("рρþ", "p"), ("ԛ", "q"), ("ŕŗřгґѓ", "r"),
        ("śŝşšșѕ", "s"), ("ţťŧțтτ", "t"), ("ùúûüũūŭůűųưǔụủứừửữự", "u"),
        ("ѵ", "v"), ("ŵẁẃẅԝω", "w"), ("хχ", "x"), ("ýÿŷỳỵỷỹуўγυύϋ", "y"), ("źżžζ", "z"), ("æӕ", "ae"), ("œ", "oe"),
    ];

    // The first row that names a character counts.
    private static readonly Dictionary<int, string> Looks = Rows.AsEnumerable().Reverse()
        .SelectMany(row => row.Letters.EnumerateRunes().Select(rune => (rune.Value, row.LooksLike)))
        .Aggregate(new Dictionary<int, string>(), (all, one) =>
        {
            all[one.Value] = one.LooksLike;
            return all;
        });

    /// <summary>One Latin letter in lower case, or two; null: it looks like none.</summary>
    /// <param name="letter">In lower case.</param>
    public static string? Of(Rune letter) => Looks.GetValueOrDefault(letter.Value);

    /// <summary>The letter of ASCII that a letter of either case looks like; null: none, or two.</summary>
    public static byte? InAscii(Rune letter)
    {
        var small = Rune.ToLowerInvariant(letter);
        return letter.Value == DottedCapital ? (byte)'i'
            : Of(small) is not [var look] ? null
            : look == 'l' && !FormsOfL.Contains(small.ToString(), StringComparison.Ordinal) ? (byte)'i' : (byte)look;
    }
}
