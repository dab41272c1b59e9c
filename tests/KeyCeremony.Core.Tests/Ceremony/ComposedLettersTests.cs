using System.Text;
using KeyCeremony.Core.Ceremony;

namespace KeyCeremony.Core.Tests.Ceremony;

/// <summary>A letter and its accent are one letter, whichever way a keyboard gives them. Expected values: Unicode's own NFC.</summary>
public sealed class ComposedLettersTests
{
    [Theory]
    [InlineData("Mu\u0308ller", "Müller")]
    [InlineData("Müller", "Müller")]
    [InlineData("Łukasz", "Łukasz")]
    [InlineData("N\u0303un\u0303ez", "Ñuñez")]
    [InlineData("I\u0307brahim", "İbrahim")]
    [InlineData("İbrahim", "İbrahim")]
    [InlineData("Nguye\u0302\u0303n", "Nguyễn")]
    [InlineData("Nguyê\u0303n", "Nguyễn")]
    [InlineData("Vie\u0323\u0302t", "Việt")]
    [InlineData("Vie\u0302\u0323t", "Việt")] // the mark below goes first
    [InlineData("Viê\u0323t", "Việt")]
    [InlineData("a\u0301\u0301", "á\u0301")]
    [InlineData("m\u0303", "m\u0303")] // no such letter: it stays
    [InlineData("и\u0306", "й")]
    [InlineData("ι\u0308\u0301", "ΐ")]
    [InlineData("Ștefan T\u0326ep", "Ștefan Țep")]
    [InlineData("李雷", "李雷")]
    [InlineData("राम", "राम")]
    [InlineData("\u0301a", "\u0301a")]
    [InlineData("𝒜\u0308", "𝒜\u0308")]
    [InlineData("", "")]
    public void Text_is_in_form_C(string typed, string stored) => Assert.Equal(stored, ComposedLetters.Of(typed));

    [Fact]
    public void Every_letter_of_the_scripts_is_itself_and_comes_apart_to_a_letter()
    {
        int marked = 0;
        for (int code = 0xC0; code < 0x1F00; code++)
        {
            if (!Rune.TryCreate(code, out Rune rune) || !Rune.IsLetter(rune))
                continue;
            Assert.Equal(rune.ToString(), ComposedLetters.Of(rune.ToString()));
            Rune plain = ComposedLetters.WithoutMarks(rune);
            Assert.True(Rune.IsLetter(plain));
            marked += plain == rune ? 0 : 1;
        }
        Assert.InRange(marked, 500, 700);
    }
}
