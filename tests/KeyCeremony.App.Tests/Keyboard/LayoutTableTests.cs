using System.Text;
using System.Text.RegularExpressions;
using KeyCeremony.App.Keyboard;
using KeyCeremony.App.Room;
using KeyCeremony.App.Tests.Terminal;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;

namespace KeyCeremony.App.Tests.Keyboard;

/// <summary>The layouts as the kernel takes them: what can be typed with each.</summary>
public sealed class LayoutTableTests
{
    private const string Digits = "0123456789";
    private const string Letters = "abcdefghijklmnopqrstuvwxyz";

    /// <summary>The first three rows of letters, as <see cref="Core.Sharing.LetterKeys"/> counts them.</summary>
    private static readonly byte[] LetterKeys = [.. Enumerable.Range(16, 12).Concat(Enumerable.Range(30, 11))
        .Concat(Enumerable.Range(44, 10)).Select(key => (byte)key)];

    public static TheoryData<string> All => [.. Keyboards.All.Select(layout => layout.Id)];

    [Theory]
    [MemberData(nameof(All))]
    public void Every_layout_has_the_letters_and_digits_of_cards_and_answers(string layout)
    {
        var typist = new Typist(layout);
        Assert.All(Letters, letter => Assert.True(typist.Single(letter) is { Held: 0 }, $"{letter}"));
        Assert.All(Letters.ToUpperInvariant() + Digits, sign => Assert.InRange(typist.Single(sign)?.Held ?? 9, 0, 1));
        // Serial numbers, bag numbers, paths, mail addresses, what a person writes.
        Assert.All("-./_,:;'\"()@#%&+=?!*", sign => Assert.NotNull(typist.Keys(sign.ToString())));
        Assert.All(Letters, letter =>
            Assert.Equal((ushort)(letter & 0x1F), typist.Cell(KeyTable.Control, typist.Single(letter)!.Value.Key)));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Its_letters_lie_where_the_hint_believes_them(string layout)
    {
        string keys = Keyboards.Find(layout)!.Letters.Keys;
        var typist = new Typist(layout);
        Assert.All(Letters.Where(letter => !(layout == "tr" && letter == 'i')),
            letter => Assert.Equal(LetterKeys[keys.IndexOf(letter, StringComparison.Ordinal)], typist.Single(letter)!.Value.Key));
    }

    /// <summary>Names as people of these countries have them, key by key through the kernel's rules.</summary>
    [Theory]
    [InlineData("de", "Jürgen Müßiggang-Äöü")]
    [InlineData("ch", "Zoé Müller-Gonçalves")]
    [InlineData("ch-fr", "François Bürki-Lefèvre")]
    [InlineData("fr", "Anaïs Lefèvre-Dûçay")]
    [InlineData("be", "Zoë Peeters-Désiré")]
    [InlineData("es", "Íñigo Muñoz Güell")]
    [InlineData("pt", "João Gonçalves Conceição")]
    [InlineData("br", "Inês Araújo Falcão")]
    [InlineData("it", "Nicolò Forlì")]
    [InlineData("dk", "Søren Æbelø Ågård")]
    [InlineData("no", "Bjørn Ødegård")]
    [InlineData("se", "Åsa Öberg")]
    [InlineData("fi", "Väinö Äijälä")]
    [InlineData("is", "Þórður Sigurðsson")]
    [InlineData("pl", "Łukasz Wiśniewski Żółć")]
    [InlineData("cz", "Jiří Dvořák Ďuriš")]
    [InlineData("sk", "Ľubomír Kováč")]
    [InlineData("hu", "Győző Szűcs")]
    [InlineData("ro", "Ștefan Țepeș Băsescu")]
    [InlineData("hr", "Željko Čabrić Đokić")]
    [InlineData("tr", "İbrahim Şahin Çağlı")]
    [InlineData("lv", "Jānis Bērziņš")]
    [InlineData("ee", "Jüri Põld Kõõž")]
    [InlineData("us-intl", "Müller Ñandú")]
    [InlineData("gb", "Müller")]
    public void Names_can_be_typed(string layout, string name)
    {
        var typist = new Typist(layout);
        Press[]? keys = typist.Keys(name);
        Assert.NotNull(keys);
        Assert.Equal(name, typist.Gives(keys));
    }

    [Fact]
    public void An_accent_that_meets_no_letter_of_its_stands_for_itself()
    {
        var typist = new Typist("de");
        Press acute = new(13, 0), x = typist.Single('x')!.Value, space = new(57, 0);
        Assert.Equal("'x", typist.Gives([acute, x]));
        Assert.Equal("´", typist.Gives([acute, space]));
        Assert.Equal("é", typist.Gives([acute, typist.Single('e')!.Value]));
    }

    [Fact]
    public void The_pairs_fit_the_kernel_and_hold_what_the_Compose_key_is_for()
    {
        Assert.InRange(KeyTable.Pairs.Length, 150, KeyTable.MostPairs);
        Assert.Equal(KeyTable.Pairs.Length, KeyTable.Pairs.Select(pair => (pair.First, pair.Then)).Distinct().Count());
        foreach (string pair in new[] { "\"uü", "'eé", "/lł", "ssß", "~nñ", "<cč", "*aå", "aeæ", ",cç", "=e€", ";aą", "/oø" })
            Assert.Contains(new KeyPair(pair[0], pair[1], pair[2]), KeyTable.Pairs);
        Assert.Equal(KeyTable.Compose, new Typist("us").Cell(0, 127));
    }

    [Theory]
    [InlineData("de\n", "de", "ok\n")]
    [InlineData("us-intl\n", "us-intl", "ok\n")]
    [InlineData("ru\n", null, "there is no such layout")]
    [InlineData("\n", null, "there is no such layout")]
    [InlineData("", null, "there is no such layout")]
    [InlineData("../../etc/passwd\n", null, "there is no such layout")]
    [InlineData("DE\n", null, "there is no such layout")]
    [InlineData("de de\n", null, "there is no such layout")]
    [InlineData("dededededededededededededededededededededededede\n", null, "there is no such layout")]
    public void The_helper_takes_a_name_of_the_list_and_nothing_else(string request, string? set, string answer)
    {
        string inUse = Path.GetTempFileName();
        try
        {
            List<string> used = [];
            using var answers = new MemoryStream();
            KeyboardSocket.Serve(new MemoryStream(Encoding.ASCII.GetBytes(request)), answers, table =>
            {
                used.Add(table.Layout);
                return null;
            }, inUse);
            Assert.Equal(set is null ? [] : [set], used);
            Assert.Contains(answer, Encoding.UTF8.GetString(answers.ToArray()), StringComparison.Ordinal);
            Assert.Equal(set ?? "", File.ReadAllText(inUse));
        }
        finally
        {
            File.Delete(inUse);
        }
    }

    [Fact]
    public void A_layout_that_the_kernel_refuses_is_not_written_down_as_in_use()
    {
        string inUse = Path.GetTempFileName();
        try
        {
            using var answers = new MemoryStream();
            KeyboardSocket.Serve(new MemoryStream("de\n"u8.ToArray()), answers,
                _ => KeyboardRules.NotDone("it is not what the kernel has now"), inUse);
            Assert.Equal("The keyboard's layout was not set: it is not what the kernel has now.\n",
                Encoding.UTF8.GetString(answers.ToArray()));
            Assert.Equal("", File.ReadAllText(inUse));
        }
        finally
        {
            File.Delete(inUse);
        }
    }

    [Fact]
    public void Nobody_listening_is_a_refusal()
    {
        Refusal? refusal = KeyboardSocket.Ask(Path.Combine(Path.GetTempPath(), "no-such-keyboard.sock"), "de");
        Assert.Equal(KeyboardRules.NotDoneId, refusal?.Rule);
    }

    [Theory]
    [InlineData("quiet keyceremony.keymap=de", "de")]
    [InlineData("quiet keyceremony.keymap=fr keyceremony.keymap=de keyceremony.rehearsal", "de")]
    [InlineData("quiet keyceremony.keymap=xx", null)]
    [InlineData("quiet keyceremony.keymap=", null)]
    [InlineData("quiet", null)]
    public void The_command_line_chooses_one(string commandLine, string? layout) => Assert.Equal(layout, BootChoice.Of(commandLine).Keymap);

    [Fact]
    public void The_boot_menu_has_all_of_them_and_no_other()
    {
        string menu = File.ReadAllText(TestFiles.PathOf("iso/boot/grub.cfg"));
        Assert.Equal(Keyboards.All.Select(layout => $"{layout.Name} ({layout.Id}) keyceremony.keymap={layout.Id}"),
            Regex.Matches(menu, "  menuentry \"(?<title>[^\"]*)\" --unrestricted \\{\n    set keymap=(?<word>[^\n]*)\n    export keymap\n"
                + "    configfile /boot/grub/grub.cfg\n  \\}").Select(m => $"{m.Groups["title"].Value} {m.Groups["word"].Value}"));
        Assert.Equal(4, Regex.Count(menu, "linux [^\n]* \\$keymap\n"));
    }
}
