using System.Text;

namespace KeyCeremony.Core.Ceremony;

/// <summary>
/// Letters with marks in Normalization Form C (UAX 15), for the scripts that names on a keyboard are written in: Latin, Greek and Cyrillic.
/// The appliance runs with invariant globalization, where <c>String.Normalize</c> has no tables. Other scripts stay as they are typed.
/// </summary>
public static class ComposedLetters
{
    /// <summary>
    /// A mark, its canonical combining class, and pairs of a letter and what it is with the mark. Unicode 15: every primary composite of
    /// U+00C0 to U+024F, U+0370 to U+052F and U+1E00 to U+1EFF.
    /// </summary>
    private static readonly (int Mark, int Class, string Pairs)[] Rows =
    [
        (0x300, 230, "AÀEÈIÌOÒUÙaàeèiìoòuùÜǛüǜNǸnǹЕЀИЍеѐиѝĒḔēḕŌṐōṑWẀwẁÂẦâầĂẰăằÊỀêềÔỒôồƠỜơờƯỪưừYỲyỳ"),
        (0x301, 230, "AÁEÉIÍOÓUÚYÝaáeéiíoóuúyýCĆcćLĹlĺNŃnńRŔrŕSŚsśZŹzźÜǗüǘGǴgǵÅǺåǻÆǼæǽØǾøǿ¨΅ΑΆΕΈΗΉΙΊΟΌΥΎΩΏϊΐαάεέηήιίϋΰοόυύ"
            + "ωώϒϓГЃКЌгѓкќÇḈçḉĒḖēḗÏḮïḯKḰkḱMḾmḿÕṌõṍŌṒōṓPṔpṕŨṸũṹWẂwẃÂẤâấĂẮăắÊẾêếÔỐôốƠỚơớƯỨưứ"),
        (0x302, 230, "AÂEÊIÎOÔUÛaâeêiîoôuûCĈcĉGĜgĝHĤhĥJĴjĵSŜsŝWŴwŵYŶyŷZẐzẑẠẬạậẸỆẹệỌỘọộ"),
        (0x303, 230, "AÃNÑOÕaãnñoõIĨiĩUŨuũVṼvṽÂẪâẫĂẴăẵEẼeẽÊỄêễÔỖôỗƠỠơỡƯỮưữYỸyỹ"),
        (0x304, 230, "AĀaāEĒeēIĪiīOŌoōUŪuūÜǕüǖÄǞäǟȦǠȧǡÆǢæǣǪǬǫǭÖȪöȫÕȬõȭȮȰȯȱYȲyȳИӢиӣУӮуӯGḠgḡḶḸḷḹṚṜṛṝ"),
        (0x306, 230, "AĂaăEĔeĕGĞgğIĬiĭOŎoŏUŬuŭУЎИЙийуўЖӁжӂАӐаӑЕӖеӗȨḜȩḝẠẶạặ"),
        (0x307, 230, "CĊcċEĖeėGĠgġIİZŻzżAȦaȧOȮoȯBḂbḃDḊdḋFḞfḟHḢhḣMṀmṁNṄnṅPṖpṗRṘrṙSṠsṡŚṤśṥŠṦšṧṢṨṣṩTṪtṫWẆwẇXẊxẋYẎyẏſẛ"),
        (0x308, 230, "AÄEËIÏOÖUÜaäeëiïoöuüyÿYŸΙΪΥΫιϊυϋϒϔЕЁІЇеёіїАӒаӓӘӚәӛЖӜжӝЗӞзӟИӤиӥОӦоӧӨӪөӫЭӬэӭУӰуӱЧӴчӵЫӸыӹHḦhḧÕṎõṏŪṺūṻWẄ"
            + "wẅXẌxẍtẗ"),
        (0x309, 230, "AẢaảÂẨâẩĂẲăẳEẺeẻÊỂêểIỈiỉOỎoỏÔỔôổƠỞơởUỦuủƯỬưửYỶyỷ"),
        (0x30A, 230, "AÅaåUŮuůwẘyẙ"),
        (0x30B, 230, "OŐoőUŰuűУӲуӳ"),
        (0x30C, 230, "CČcčDĎdďEĚeěLĽlľNŇnňRŘrřSŠsšTŤtťZŽzžAǍaǎIǏiǐOǑoǒUǓuǔÜǙüǚGǦgǧKǨkǩƷǮʒǯjǰHȞhȟ"),
        (0x30F, 230, "AȀaȁEȄeȅIȈiȉOȌoȍRȐrȑUȔuȕѴѶѵѷ"),
        (0x311, 230, "AȂaȃEȆeȇIȊiȋOȎoȏRȒrȓUȖuȗ"),
        (0x31B, 216, "OƠoơUƯuư"),
        (0x323, 220, "BḄbḅDḌdḍHḤhḥKḲkḳLḶlḷMṂmṃNṆnṇRṚrṛSṢsṣTṬtṭVṾvṿWẈwẉZẒzẓAẠaạEẸeẹIỊiịOỌoọƠỢơợUỤuụƯỰưựYỴyỵ"),
        (0x324, 220, "UṲuṳ"),
        (0x325, 220, "AḀaḁ"),
        (0x326, 220, "SȘsșTȚtț"),
        (0x327, 202, "CÇcçGĢgģKĶkķLĻlļNŅnņRŖrŗSŞsşTŢtţEȨeȩDḐdḑHḨhḩ"),
        (0x328, 202, "AĄaąEĘeęIĮiįUŲuųOǪoǫ"),
        (0x32D, 220, "DḒdḓEḘeḙLḼlḽNṊnṋTṰtṱUṶuṷ"),
        (0x32E, 220, "HḪhḫ"),
        (0x330, 220, "EḚeḛIḬiḭUṴuṵ"),
        (0x331, 220, "BḆbḇDḎdḏKḴkḵLḺlḻNṈnṉRṞrṟTṮtṯZẔzẕhẖ"),
    ];

    private static readonly Dictionary<int, int> Classes = Rows.ToDictionary(row => row.Mark, row => row.Class);

    private static readonly Dictionary<(int Base, int Mark), char> Composed = Rows
        .SelectMany(row => row.Pairs.Chunk(2).Select(pair => ((Base: (int)pair[0], row.Mark), Letter: pair[1])))
        .ToDictionary(pair => pair.Item1, pair => pair.Letter);

    private static readonly Dictionary<int, (int Base, int Mark)> Parts = Composed.ToDictionary(pair => (int)pair.Value, pair => pair.Key);

    /// <summary>The same text with each letter and its marks as one character, where there is one.</summary>
    public static string Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.All(char.IsAscii))
            return text;
        List<int> letters = [];
        foreach (Rune rune in text.EnumerateRunes())
            Split(rune.Value, letters);
        Sort(letters);
        var composed = new StringBuilder(text.Length);
        foreach (int letter in Join(letters))
            composed.Append(new Rune(letter).ToString());
        return composed.ToString();
    }

    /// <summary>A letter with one mark as one character; null: there is none.</summary>
    public static char? Of(char letter, int mark) => Composed.TryGetValue((letter, mark), out char composed) ? composed : null;

    /// <summary>The letter without its marks; itself when it has none.</summary>
    public static Rune WithoutMarks(Rune letter)
    {
        int code = letter.Value;
        while (Parts.TryGetValue(code, out (int Base, int Mark) parts))
            code = parts.Base;
        return new Rune(code);
    }

    private static void Split(int code, List<int> into)
    {
        if (Parts.TryGetValue(code, out (int Base, int Mark) parts))
        {
            Split(parts.Base, into);
            into.Add(parts.Mark);
        }
        else
            into.Add(code);
    }

    /// <summary>Marks behind one letter in the order of their classes; those of one class stay in theirs. UAX 15, D109.</summary>
    private static void Sort(List<int> letters)
    {
        for (int i = 1; i < letters.Count; i++)
            for (int at = i; at > 0 && Class(letters[at]) > 0 && Class(letters[at - 1]) > Class(letters[at]); at--)
                (letters[at - 1], letters[at]) = (letters[at], letters[at - 1]);
    }

    /// <summary>A mark joins its letter unless another one of its class, or what is no mark that is known here, stands between.</summary>
    private static List<int> Join(List<int> letters)
    {
        List<int> joined = [];
        int letter = -1, last = 0;
        foreach (int code in letters)
        {
            int own = Class(code);
            if (letter >= 0 && own > 0 && (joined.Count - 1 == letter || last < own)
                && Composed.TryGetValue((joined[letter], code), out char composed))
            {
                joined[letter] = composed;
                continue;
            }
            if (own == 0)
                letter = joined.Count;
            last = own;
            joined.Add(code);
        }
        return joined;
    }

    /// <summary>0: a letter, or a mark of other scripts.</summary>
    private static int Class(int code) => Classes.GetValueOrDefault(code);
}
