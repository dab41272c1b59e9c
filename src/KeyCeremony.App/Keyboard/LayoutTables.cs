using System.Collections.Frozen;
using KeyCeremony.Core.Ceremony;

namespace KeyCeremony.App.Keyboard;

/// <summary>
/// What each key gives, for every layout of <see cref="Keyboards"/>. From xkeyboard-config 2.35 (MIT licence), whose names they have;
/// docs/decisions/0024-keyboard.md says how.
/// </summary>
internal static class LayoutTables
{
    /// <summary>A key that gives nothing there.</summary>
    private const char None = '∅';

    /// <summary>Before an accent: the key is dead, it gives the accent to the letter that follows.</summary>
    private const char Dead = '◌';

    /// <summary>The kernel's numbers of the keys of one row, from the left; as of input-event-codes.h.</summary>
    private static readonly byte[][] Rows =
    [
        [41, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 124],
        [16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27],
        [30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 43],
        [86, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 89],
    ];

    /// <summary>
    /// A layout's name, then its four rows. Of each key: alone, with Shift, with AltGr, with both; what is left out gives nothing.
    /// </summary>
    private const string Tables = """
        us
          `~ 1! 2@ 3# 4$ 5% 6^ 7& 8* 9( 0) -_ =+ ∅
          qQ wW eE rR tT yY uU iI oO pP [{ ]}
          aA sS dD fF gG hH jJ kK lL ;: '" \|
          <>|¦ zZ xX cC vV bB nN mM ,< .> /? ∅
        us-intl
          ◌`◌~`~ 1!¡¹ 2@²◌˝ 3#³◌¯ 4$¤£ 5%€◌¸ 6◌^¼^ 7&½ 8*¾◌˛ 9(‘◌˘ 0)’◌° -_¥ =+×÷ ∅
          qQäÄ wWåÅ eEéÉ rR®® tTþÞ yYüÜ uUúÚ iIíÍ oOóÓ pPöÖ [{«“ ]}»”
          aAáÁ sSß§ dDðÐ fF gG hH jJ kKœŒ lLøØ ;:¶° ◌´◌¨'" \|¬¦
          \| zZæÆ xX cC©¢ vV bB nNñÑ mMµµ ,<çÇ .>◌˙◌ˇ /?¿ ∅
        gb
          `¬|| 1!¹¡ 2"²⅛ 3£³£ 4$€¼ 5%½⅜ 6^¾⅝ 7&{⅞ 8*[™ 9(]± 0)}° -_\¿ =+◌¸◌˛ ∅
          qQ@Ω wWſ§ eE rR¶® tTŧŦ yY←¥ uU↓↑ iI→ı oOøØ pPþÞ [{◌¨◌° ]}◌~◌¯
          aAæÆ sSßẞ dDðÐ fFđª gGŋŊ hHħĦ jJ kKĸ& lLłŁ ;:◌´◌˝ '@◌^◌ˇ #~◌`◌˘
          \||¦ zZ«< xX»> cC¢© vV„‚ bB“‘ nN”’ mMµº ,<•× .>·÷ /?∅◌˙ ∅
        dvorak
          `~◌`◌~ 1! 2@ 3# 4$ 5% 6^◌^◌^ 7& 8* 9(◌`◌˘ 0) [{ ]}◌~◌~ ∅
          '"◌´◌¨ ,<◌¸◌ˇ .>◌˙· pP yY fF gG cC rR lL /? =+
          aA oO eE uU iI dD hH tT nN sS -_ \|
          <>|¦ ;:◌˛◌˝ qQ jJ kK xX bB mM wW vV zZ ∅
        colemak
          `~◌~~ 1!¡¹ 2@º² 3#ª³ 4$¢£ 5%€¥ 6^ħĦ 7&ðÐ 8*þÞ 9(‘“ 0)’” -_–— =+×÷ ∅
          qQäÄ wWåÅ fFãÃ pPøØ gG◌˛~ jJđĐ lLłŁ uUúÚ yYüÜ ;:öÖ [{«‹ ]}»›
          aAáÁ rR◌`~ sSßẞ tT◌´◌˝ dD◌¨~ hH◌ˇ~ nNñÑ eEéÉ iIíÍ oOóÓ '"õÕ \|~~
          -_–— zZæÆ xX◌^~ cCçÇ vVœŒ bB◌˘~ kK◌°~ mM◌¯~ ,<◌¸~ .>◌˙~ /?¿~ ∅
        de
          ◌^°′″ 1!¹¡ 2"²⅛ 3§³£ 4$¼¤ 5%½⅜ 6&¬⅝ 7/{⅞ 8([™ 9)]± 0=}° ß?\¿ ◌´◌`◌¸◌˛ ∅
          qQ@Ω wWſ§ eE€€ rR¶® tTŧŦ zZ←¥ uU↓↑ iI→ı oOøØ pPþÞ üÜ◌¨◌° +*~¯
          aAæÆ sSſẞ dDðÐ fFđª gGŋŊ hHħĦ jJ∅◌˙ kKĸ& lLłŁ öÖ◌˝ äÄ◌^◌ˇ #'’◌˘
          <>|| yY»› xX«‹ cC¢© vV„‚ bB“‘ nN”’ mMµº ,;·× .:…÷ -_–— ∅
        de-nodeadkeys
          ^°¬¬ 1!¹¡ 2"²⅛ 3§³£ 4$¼¤ 5%½⅜ 6&¬⅝ 7/{⅞ 8([™ 9)]± 0=}° ß?\¿ '`¸¸ ∅
          qQ@Ω wWſ§ eE€€ rR¶® tTŧŦ zZ←¥ uU↓↑ iI→ı oOøØ pPþÞ üÜ¨¨ +*~¯
          aAæÆ sSſẞ dDðÐ fFđª gGŋŊ hHħĦ jJ∅◌˙ kKĸ& lLłŁ öÖ˝˝ äÄ^^ #'’`
          <>|| yY»› xX«‹ cC¢© vV„‚ bB“‘ nN”’ mMµº ,;·× .:…÷ -_–— ∅
        ch
          §°¬¬ 1+|¡ 2"@⅛ 3*#£ 4ç¼$ 5%½⅜ 6&¬⅝ 7/|⅞ 8(¢™ 9)]± 0=}° '?◌´¿ ◌^◌`◌~◌˛ ∅
          qQ@Ω wWſ§ eE€E rR¶® tTŧŦ zZ←¥ uU↓↑ iI→ı oOœŒ pPþÞ üè[◌° ◌¨!]◌¯
          aAæÆ sSßẞ dDðÐ fFđª gGŋŊ hHħĦ jJ kKĸ& lLłŁ öé◌´◌˝ äà{◌ˇ $£}◌˘
          <>\¦ yY«< xX»> cC¢© vV„‚ bB“‘ nN”’ mMµº ,;•× .:·÷ -_∅◌˙ ∅
        ch-fr
          §°¬¬ 1+|¡ 2"@⅛ 3*#£ 4ç¼$ 5%½⅜ 6&¬⅝ 7/|⅞ 8(¢™ 9)]± 0=}° '?◌´¿ ◌^◌`◌~◌˛ ∅
          qQ@Ω wWſ§ eE€E rR¶® tTŧŦ zZ←¥ uU↓↑ iI→ı oOœŒ pPþÞ èü[◌° ◌¨!]◌¯
          aAæÆ sSßẞ dDðÐ fFđª gGŋŊ hHħĦ jJ kKĸ& lLłŁ éö◌´◌˝ àä{◌ˇ $£}◌˘
          <>\¦ yY«< xX»> cC¢© vV„‚ bB“‘ nN”’ mMµº ,;•× .:·÷ -_∅◌˙ ∅
        fr
          ²~¬¬ &1¹¡ é2~⅛ "3#£ '4{$ (5[⅜ -6|⅝ è7`⅞ _8\™ ç9^± à0@° )°]¿ =+}◌˛ ∅
          aAæÆ zZ«< eE€¢ rR¶® tTŧŦ yY←¥ uU↓↑ iI→ı oOøØ pPþÞ ◌^◌¨◌¨◌° $£¤◌¯
          qQ@Ω sSßẞ dDðÐ fFđª gGŋŊ hHħĦ jJ kKĸ& lLłŁ mMµº ù%◌^◌ˇ *µ◌`◌˘
          <>|¦ wWłŁ xX»> cC¢© vV„‚ bB“‘ nN”’ ,?◌´◌˝ ;.•× :/·÷ !§∅◌˙ ∅
        be
          ²³¬¬ &1|¡ é2@⅛ "3#£ '4¼$ (5½⅜ §6^⅝ è7{⅞ !8[™ ç9{± à0}° )°\¿ -_◌¸◌˛ ∅
          aA@Ω zZſ§ eE€¢ rR¶® tTŧŦ yY←¥ uU↓↑ iI→ı oOœŒ pPþÞ ◌^◌¨[◌° $*]◌¯
          qQæÆ sSßẞ dDðÐ fFđª gGŋŊ hHħĦ jJ kKĸ& lLłŁ mM◌´◌˝ ù%◌´◌ˇ µ£◌`◌˘
          <>\\ wW«< xX»> cC¢© vV„‚ bB“‘ nN”’ ,?◌¸º ;.•× :/·÷ =+◌~◌˙ ∅
        ca
          #|\\ 1!±± 2"@@ 3/££ 4$¢¢ 5%¤¤ 6?¬¬ 7&¦¦ 8*²² 9(³³ 0)¼¼ -_½½ =+¾¾ ∅
          qQ wW eE rR tT yY uU iI oO§§ pP¶¶ ◌^◌^[[ ◌¸◌¨]]
          aA sS dD fF gG hH jJ kK lL ;:~~ ◌`◌`{{ <>}}
          «»°¦ zZ xX cC vV bB nN mMµµ ,'¯¯ .. éÉ◌´◌´ ∅
        es
          ºª\\ 1!|¡ 2"@⅛ 3·#£ 4$~$ 5%½⅜ 6&¬⅝ 7/{⅞ 8([™ 9)]± 0=}° '?\¿ ¡¿◌¸◌˛ ∅
          qQ@Ω wWſ§ eE€¢ rR¶® tTŧŦ yY←¥ uU↓↑ iI→ı oOøØ pPþÞ ◌`◌^[◌° +*]◌¯
          aAæÆ sSßẞ dDðÐ fFđª gGŋŊ hHħĦ jJ kKĸ& lLłŁ ñÑ◌~◌˝ ◌´◌¨{◌ˇ çÇ}◌˘
          <>|¦ zZ«< xX»> cC¢© vV„‚ bB“‘ nN”’ mMµº ,;•× .:·÷ -_∅◌˙ ∅
        latam
          |°¬¬ 1!|¡ 2"@⅛ 3#·£ 4$~$ 5%½⅜ 6&¬⅝ 7/{⅞ 8([™ 9)]± 0=}° '?\¿ ¿¡◌¸◌˛ ∅
          qQ@Ω wWſ§ eE€¢ rR¶® tTŧŦ yY←¥ uU↓↑ iI→ı oOøØ pPþÞ ◌´◌¨◌¨◌° +*~◌¯
          aAæÆ sSßẞ dDðÐ fFđª gGŋŊ hHħĦ jJ kKĸ& lLłŁ ñÑ~◌˝ {[◌^{ }]◌`}
          <>\| zZ«< xX»> cC¢© vV„‚ bB“‘ nN”’ mMµº ,;•× .:·÷ -_∅◌˙ ∅
        pt
          \|¬¬ 1!¹¡ 2"@⅛ 3#££ 4$§$ 5%½⅜ 6&¬⅝ 7/{⅞ 8([™ 9)]± 0=}° '?\¿ «»◌¸◌˛ ∅
          qQ@Ω wWſ§ eE€¢ rR¶® tTŧŦ yY←¥ uU↓↑ iI→ı oOøØ pPþÞ +*◌¨◌° ◌´◌`◌~◌¯
          aAæÆ sSßẞ dDðÐ fFđª gGŋŊ hHħĦ jJ kKĸ& lLłŁ çÇ◌´◌˝ ºª◌^◌ˇ ◌~◌^◌`◌˘
          <>\\ zZ«< xX»> cC¢© vV„‚ bB“‘ nN”’ mMµº ,;•× .:·÷ -_∅◌˙ ∅
        br
          '"¬¬ 1!¹¡ 2@²½ 3#³¾ 4$£¼ 5%¢⅜ 6◌¨¬¨ 7&{⅞ 8*[™ 9(]± 0)}° -_\¿ =+§◌˛ ∅
          qQ// wW?? eE°° rR®® tTŧŦ yY←¥ uU↓↑ iI→ı oOøØ pPþÞ ◌´◌`'` [{ª◌¯
          aAæÆ sSßẞ dDðÐ fFđª gGŋŊ hHħĦ jJ kKĸ& lLłŁ çÇ◌´◌˝ ◌~◌^~^ ]}ºº
          \|◌ˇ◌˘ zZ«< xX»> cC©© vV„‚ bB“‘ nN”’ mMµµ ,<•× .>·÷ ;:∅◌˙ /?°¿
        it
          \|¬¦ 1!¹¡ 2"²◌˝ 3£³◌~ 4$¼⅛ 5%½⅜ 6&¬⅝ 7/{⅞ 8([™ 9)]± 0=}◌˛ '?`¿ ì^~◌^ ∅
          qQ@Ω wWſ§ eE€¢ rR¶® tTŧŦ yY←¥ uU↓↑ iI→ı oOøØ pPþÞ èé[{ +*]}
          aAæÆ sSßẞ dDðÐ fFđª gGŋŊ hHħĦ jJ kKĸ& lLłŁ òç@◌¸ à°#◌° ù§◌`◌˘
          <>«» zZ«< xX»> cC¢© vV“‘ bB”’ nNñÑ mMµº ,;◌´× .:·◌¨ -_◌¯÷ ∅
        nl
          @§¬¬ 1!¹¡ 2"²⅛ 3#³£ 4$¼$ 5%½⅜ 6&¾⅝ 7_£⅞ 8({[ 9)}] 0'°™ /?\¿ °◌~◌¸◌˛ ∅
          qQ@Ω wWſ§ eE€¢ rR¶® tTþÞ yYÿ¥ uUüÜ iIïÏ oOòÒ pP¶Þ ◌¨◌^~^ *|◌~◌¯
          aAáÁ sSßẞ dDðÐ fFªª gGŋŊ hHħĦ jJ kKĸ& lLłŁ +±◌´◌˝ ◌´◌`'` <>◌`◌˘
          ][|¦ zZ«< xX»> cC¢© vV“‘ bB”’ nNñÑ mMμº ,;¸« .:·» -=∅◌˙ ∅
        dk
          ½§¾¶ 1!¡¹ 2"@² 3#£³ 4¤$¼ 5%½¢ 6&¥⅝ 7/{÷ 8([« 9)]» 0=}° +?±¿ ◌´◌`|¦ ∅
          qQ@Ω wWſ§ eE€¢ rR®® tTþÞ yY←¥ uU↓↑ iI→ı oOœŒ pPþÞ åÅ◌¨◌° ◌¨◌^◌~◌ˇ
          aAªº sSßẞ dDðÐ fFđª gGŋŊ hHħĦ jJ kKĸ& lLłŁ æÆ◌´◌˝ øØ◌^◌ˇ '*◌˝×
          <>\¬ zZ«< xX»> cC©© vV„‚ bB“‘ nN”’ mMµº ,;◌¸◌˛ .:·◌˙ -_∅◌˙ ∅
        no
          |§¦¶ 1!¡¹ 2"@² 3#£³ 4¤$¼ 5%½‰ 6&¥⅝ 7/{÷ 8([« 9)]» 0=}° +?±¿ \◌`◌´¬ ∅
          qQ@Ω wWſ§ eE€¢ rR®™ tTþÞ yY←¥ uU↓↑ iI→ı oOœŒ pPπΠ åÅ◌¨◌° ◌¨◌^◌~◌ˇ
          aAªº sSßẞ dDðÐ fFđª gGŋŊ hHħĦ jJ kKĸ& lLłŁ øØ◌´◌˝ æÆ◌^◌ˇ '*◌˝×
          <>½¾ zZ«< xX»> cC©© vV„‚ bB“‘ nN”’ mMµº ,;◌¸◌˛ .:…· -_–— ∅
        se
          §½¶¾ 1!¡¹ 2"@² 3#£³ 4¤$¼ 5%€¢ 6&¥⅝ 7/{÷ 8([« 9)]» 0=}° +?\¿ ◌´◌`±¬ ∅
          qQ@Ω wWſ§ eE€¢ rR®® tTþÞ yY←¥ uU↓↑ iI→ı oOœŒ pPþÞ åÅ◌¨◌° ◌¨◌^◌~◌ˇ
          aAªº sSßẞ dDðÐ fFđª gGŋŊ hHħĦ jJ kKĸ& lLłŁ öÖøØ äÄæÆ '*'×
          <>|¦ zZ«< xX»> cC©© vV„‚ bB“‘ nN”’ mMµº ,;◌¸◌˛ .:·◌˙ -_∅◌˙ ∅
        fi
          §½ 1!∅¡ 2"@” 3#£» 4¤$« 5%‰“ 6&‚„ 7/{ 8([< 9)]> 0=}° +?\¿ ◌´◌`◌¸◌˛ ∅
          qQ wW eE€ rR tTþÞ yY uU iIı| oOœŒ pP åÅ◌˝◌° ◌¨◌^◌~◌¯
          aAəƏ sSßẞ dDðÐ fF gG hH jJ kKĸĸ lL öÖøØ äÄæÆ '*◌ˇ◌˘
          <>|¦ zZʒƷ xX×· cC vV bB nNŋŊ mMµ— ,;’‘ .:∅◌˙ -_–◌¸ ∅
        is
          ◌°◌¨¬ 1!¹¡ 2"²⅛ 3#³£ 4$¼¤ 5%½⅜ 6&¬⅝ 7/{⅞ 8([™ 9)]± 0=}° öÖ\¿ -_◌¸◌˛ ∅
          qQ@Ω wWſ§ eE€¢ rR¶® tTŧŦ yY←¥ uU↓↑ iI→ı oOøØ pP|π ðÐ◌¨◌° '?~◌¯
          aAæÆ sSßẞ dD„“ fFđª gGŋŊ hHħĦ jJ kKĸ& lLłŁ æÆ^◌˝ ◌´◌´◌^◌ˇ +*`◌˘
          <>|¦ zZ«< xX»> cC¢© vV„‚ bB“‘ nN”’ mMµº ,;•× .:·÷ þÞ∅◌˙ ∅
        ee
          ◌ˇ◌~¬¬ 1!¹¡ 2"@⅛ 3#££ 4¤$$ 5%½⅜ 6&¬⅝ 7/{⅞ 8([™ 9)]± 0=}° +?\¿ ◌´◌``' ∅
          qQ@Ω wWſ§ eE€¢ rR¶® tTŧŦ yY←¥ uU↓↑ iI→ı oOøØ pPþÞ üÜ◌¨◌° õÕ§◌¯
          aAæÆ sSšŠ dDðÐ fFđª gGŋŊ hHħĦ jJ kKĸ& lLłŁ öÖ◌´◌˝ äÄ^◌ˇ '*½◌˘
          <>|¦ zZžŽ xX»> cC¢© vV„‚ bB“‘ nN”’ mMµº ,;<× .:>÷ -_|˙ ∅
        lv
          `~'~ 1!¹¡ 2@²⅛ 3#³£ 4$€¢ 5%½⅜ 6^¾⅝ 7&{⅞ 8*[™ 9(]± 0)}° -_\¿ =+–— ∅
          qQ wW eEēĒ rRŗŖ tT yY uUūŪ iIīĪ oOōŌ pP [{«“ ]}»”
          aAāĀ sSšŠ dD fF gGģĢ hH jJ kKķĶ lLļĻ ;: '"“„ \|`˘
          <>|¦ zZžŽ xX cCčČ vV bB nNņŅ mM ,<•× .>·÷ /?/˙ ∅
        pl
          `~¬∨ 1!≠¡ 2@²¿ 3#³£ 4$¢¼ 5%€‰ 6^½∧ 7&§≈ 8*·¾ 9(«± 0)»° -_–— =+◌¸◌˛ ∅
          qQπΩ wWœŒ eEęĘ rR©® tTß™ yY←¥ uU↓↑ iI→↔ oOóÓ pPþÞ [{◌¨◌° ]}◌~◌¯
          aAąĄ sSśŚ dDðÐ fFæÆ gGŋŊ hH’• jJəƏ kK… lLłŁ ;:◌´◌˝ '"◌^◌ˇ \|◌`◌˘
          <>|¦ zZżŻ xXźŹ cCćĆ vV„‘ bB”“ nNńŃ mMµ∞ ,<≤× .>≥÷ /?∅◌˙ ∅
        cz
          ;◌°`~ +1!◌~ ě2@◌ˇ š3#◌^ č4$◌˘ ř5%◌° ž6^◌˛ ý7&◌` á8*◌˙ í9{◌´ é0}◌˝ =%\◌¨ ◌´◌ˇ◌¯◌¸ ∅
          qQ\Ω wW|§ eE€E rR¶® tTŧŦ zZ←¥ uU↓↑ iI→ı oOøØ pPþÞ ú/[÷ )(]×
          aA~Æ sSđẞ dDĐÐ fF[ª gG]Ŋ hH`Ħ jJ' kKł& lLŁŁ ů"$◌˝ §!'ß ◌¨'\|
          \|/¦ yY°< xX#> cC&© vV@‚ bB{‘ nN}’ mM^º ,?<× .:>÷ -_*◌˙ ∅
        cz-qwerty
          ;◌°`~ +1!◌~ ě2@◌ˇ š3#◌^ č4$◌˘ ř5%◌° ž6^◌˛ ý7&◌` á8*◌˙ í9(◌´ é0)◌˝ =%\◌¨ ◌´◌ˇ◌¯◌¸ ∅
          qQ\Ω wW|§ eE€E rR¶® tTŧŦ yY←¥ uU↓↑ iI→ı oOøØ pPþÞ ú/[{ )(]}
          aA~Æ sSđẞ dDĐÐ fF[ª gG]Ŋ hH`Ħ jJ' kKł& lLŁŁ ů";: §!'ß ◌¨'\|
          \|/¦ zZ°< xX#> cC&© vV@‚ bB{‘ nN}’ mM^º ,?<× .:>÷ -_*◌˙ ∅
        sk
          ;◌°`~ +1!◌~ ľ2@◌ˇ š3#◌^ č4$◌˘ ť5%◌° ž6^◌˛ ý7&◌` á8*◌˙ í9{◌´ é0}◌˝ =%\◌¨ ◌´◌ˇ◌¯◌¸ ∅
          qQ\Ω wW|§ eE€E rR¶® tTŧŦ zZ←¥ uU↓↑ iI→ı oOøØ pPþÞ ú/[÷ ä(]×
          aA~Æ sSđẞ dDĐÐ fF[ª gG]Ŋ hH`Ħ jJ' kKł& lLŁŁ ô"$◌˝ §!'ß ň)\|
          \|/¦ yY°< xX#> cC&© vV@‚ bB{‘ nN}’ mM^º ,?<× .:>÷ -_*◌˙ ∅
        hu
          0§¬¬ 1'~◌~ 2"◌ˇˇ 3+^◌^ 4!◌˘˘ 5%◌°° 6/◌˛˛ 7=`◌` 8(◌˙˙ 9)◌´' öÖ◌˝˝ üÜ◌¨¨ óÓ◌¸¸ ∅
          qQ\Ω wW|§ eEÄE rR¶® tTŧŦ zZ–¥ uU€↑ iIÍí oO„Ø pP”Þ őŐ÷◌° úÚ×◌¯
          aAäÄ sSđẞ dDĐÐ fF[ª gG]Ŋ hHħĦ jJíÍ kKł& lLŁŁ éÉ$¢ áÁßẞ űŰ¤◌˘
          íÍ<> yY>< xX#> cC&© vV@‚ bB{‘ nN}’ mM<º ,?;× .:>÷ -_*◌˙ ∅
        ro
          `~ 1!◌~◌~ 2@◌ˇ◌ˇ 3#◌^◌^ 4$◌˘◌˘ 5%◌°◌° 6^◌˛◌˛ 7&◌`◌` 8*◌˙◌˙ 9(◌´◌´ 0)◌˝◌˝ -_◌¨– =+◌¸± ∅
          qQâÂ wWßẞ eE€€ rR tTțȚ yY uU iIîÎ oO pP§§ [{„„ ]}””
          aAăĂ sSșȘ dDđĐ fF gG hH jJ kK lLłŁ ;: '" \|
          \||¦ zZ xX cC©© vV bB nN mM ,<«« .>»» /? ∅
        hr
          `~¬¬ 1!~◌~ 2"◌ˇˇ 3#^◌^ 4$◌˘˘ 5%°◌° 6&◌˛˛ 7/`◌` 8(◌˙˙ 9)◌´' 0=◌˝˝ '?◌¨¨ +*◌¸¸ ∅
          qQ\Ω wW|Ł eE€€ rR¶® tTŧŦ zZ←¥ uU↓↑ iI→ı oOøØ pPþÞ šŠ÷◌° đĐ×◌¯
          aAæÆ sS„» dD”« fF[ª gG]Ŋ hHħĦ jJ kKł& lLłŁ čČ◌´◌˝ ćĆß◌ˇ žŽ¤◌˘
          <>|¦ yY‘» xX’« cC¢© vV@` bB{' nN}} mM§º ,;<× .:>÷ -_∅◌˙ ∅
        si
          ¸¨ 1!◌~~ 2"◌ˇˇ 3#◌^^ 4$◌˘˘ 5%◌°° 6&◌˛˛ 7/◌`` 8(◌˙˙ 9)◌´' 0=◌˝˝ '?◌¨¨ +*◌¸¸ ∅
          qQ\Ω wW|Ł eE€€ rR¶® tTŧŦ zZ←¥ uU↓↑ iI→ı oOøØ pPþÞ šŠ÷◌° đĐ×◌¯
          aAæÆ sS„» dD“« fF[ª gG]Ŋ hHħĦ jJ kKł& lLłŁ čČ◌´◌˝ ćĆß◌ˇ žŽ¤◌˘
          <>|¦ yY‘» xX’« cC¢© vV@` bB{' nN}} mM§º ,;<× .:>÷ -_—– ∅
        tr
          "é<° 1!>¡ 2'£² 3^#³ 4+$¼ 5%½⅜ 6&¾¾ 7/{{ 8([[ 9)]± 0=}° *?\¿ -_|| ∅
          qQ@Ω wW eE€€ rR¶® tT₺₺ yY←¥ uUûÛ ıIîÎ oOôÔ pP ğĞ◌¨◌° üÜ~◌¯
          aAâÂ sSßß dD fFªª gG hH jJ kK lL şŞ'◌´ iİ'◌ˇ ,;`◌`
          <>|¦ zZ«< xX»> cC¢© vV„‚ bB“‘ nN”’ mMµº öÖ×× çÇ·÷ .:◌˙◌˙ ∅
        jp
          ∅ 1! 2" 3# 4$ 5% 6& 7' 8( 9) 0~ -= ^~ \|
          qQ wW eE rR tT yY uU iI oO pP @` [{
          aA sS dD fF gG hH jJ kK lL ;+ :* ]}
          <>|¦ zZ xX cC vV bB nN mM ,< .> /? \_
        """;

    private static readonly FrozenDictionary<string, KeyTable> All = Read().ToFrozenDictionary(table => table.Layout);

    /// <param name="layout">One of <see cref="Keyboards.All"/>.</param>
    public static KeyTable Of(string layout) => All[layout];

    private static IEnumerable<KeyTable> Read()
    {
        string[] lines = Tables.Split('\n');
        for (int i = 0; i < lines.Length; i += 1 + Rows.Length)
        {
            Dictionary<byte, KeyCap> caps = [];
            for (int row = 0; row < Rows.Length; row++)
                foreach ((byte key, string gives) in Rows[row].Zip(lines[i + 1 + row].Split(' ', StringSplitOptions.RemoveEmptyEntries)))
                    caps.Add(key, Cap(gives));
            yield return new KeyTable(lines[i], caps.ToFrozenDictionary());
        }
    }

    private static KeyCap Cap(string gives)
    {
        var signs = new KeySign[KeyCap.Levels];
        int level = 0;
        for (int i = 0; i < gives.Length; i++)
        {
            bool dead = gives[i] == Dead;
            i += dead ? 1 : 0;
            signs[level++] = gives[i] == None ? default : new KeySign(gives[i], dead);
        }
        return new KeyCap([.. signs]);
    }
}
