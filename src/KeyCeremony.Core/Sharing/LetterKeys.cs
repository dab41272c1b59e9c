using System.Collections.Immutable;

namespace KeyCeremony.Core.Sharing;

/// <summary>
/// Where a keyboard has its letters. Layouts of one family differ in signs and accents only, which no word of a card has.
/// </summary>
/// <param name="Name">By the first keys of its top row.</param>
/// <param name="Keys">
/// What the keys of the three rows of letters give without Shift, twelve, eleven and ten of them from the left. Beside the letters a to z,
/// the signs of the layout that most people of the family have.
/// </param>
public sealed record LetterKeys(string Name, string Keys)
{
    public static readonly LetterKeys Qwerty = new("QWERTY", "qwertyuiop[]asdfghjkl;'zxcvbnm,./");
    public static readonly LetterKeys Qwertz = new("QWERTZ", "qwertzuiopü+asdfghjklöäyxcvbnm,.-");
    public static readonly LetterKeys Azerty = new("AZERTY", "azertyuiop^$qsdfghjklmùwxcvbn,;:!");
    public static readonly LetterKeys Qzerty = new("QZERTY", "qzertyuiop  asdfghjklmùwxcvbn,;:-");
    public static readonly LetterKeys Dvorak = new("Dvorak", "',.pyfgcrl/=aoeuidhtns-;qjkxbmwvz");
    public static readonly LetterKeys Colemak = new("Colemak", "qwfpgjluy;[]arstdhneio'zxcvbkm,./");

    /// <summary>The common ones first: the first that explains a mistake is named.</summary>
    public static ImmutableArray<LetterKeys> All { get; } = [Qwerty, Qwertz, Azerty, Qzerty, Dvorak, Colemak];

    /// <summary>What stands on the cap of a key that gave this sign, where the caps are printed for <paramref name="printed"/>.</summary>
    /// <returns>A lower-case letter a to z; null: none, or it is not known.</returns>
    public char? OnCap(char given, LetterKeys printed)
    {
        ArgumentNullException.ThrowIfNull(printed);
        int key = Keys.IndexOf(given, StringComparison.Ordinal);
        return key >= 0 && char.IsAsciiLetterLower(printed.Keys[key]) ? printed.Keys[key] : null;
    }

    /// <summary>What these keys give that are printed for <paramref name="printed"/>.</summary>
    public char FromCap(char letter, LetterKeys printed)
    {
        ArgumentNullException.ThrowIfNull(printed);
        return Keys[printed.Keys.IndexOf(letter, StringComparison.Ordinal)];
    }

    /// <summary>By its name.</summary>
    public override string ToString() => Name;
}
