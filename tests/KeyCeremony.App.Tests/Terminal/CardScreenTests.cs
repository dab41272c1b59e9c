using KeyCeremony.App.Terminal;
using KeyCeremony.App.Terminal.Plain;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.App.Tests.Terminal;

/// <summary>What custodians read while cards are dealt and presented, and what no habit does to them.</summary>
public sealed class CardScreenTests : IDisposable
{
    private static readonly Display Screen80 = new(80, 25, GlyphSet.Unicode, Attributes: true, Colour: true, FunctionKeys: true);

    private readonly FakeRoom _room = new("root-creation.md");

    public void Dispose() => _room.Dispose();

    [Fact]
    public void The_sets_name_is_on_the_screen_before_the_first_word_and_beside_all_of_them()
    {
        ScreenModel gate = _room.GoTo(m => m is Ask { Question.Id: var id } && id.EndsWith("/1/alone", StringComparison.Ordinal))
            .Model(Screen80);
        string set = gate.State.SetHere("activation")!.Made.Set;
        Assert.Contains($"with card 1 of set {set}", Words(gate), StringComparison.Ordinal);
        foreach (AnswerKind kind in new[] { AnswerKind.ShowShare, AnswerKind.ReadBackShare })
            Assert.Contains($"Card 1, 20 words, of set {set}", Words(_room.GoTo("deal-activation", kind).Model(Screen80)),
                StringComparison.Ordinal);
    }

    /// <summary>Whoever copies the title onto the card copies the number that is on the bag and in the journal.</summary>
    [Theory]
    [InlineData(AnswerKind.ShowShare)]
    [InlineData(AnswerKind.ReadBackShare)]
    public void A_card_of_a_later_group_has_one_number_on_every_page(AnswerKind kind)
    {
        using var room = new FakeRoom("root-creation-groups.md");
        string words = Words(room.GoTo(m => m is Ask ask && ask.Question.Kind == kind && ask.Question.Share is { Share: 4 } share
            && share.Set.EndsWith("backup-1", StringComparison.Ordinal)).Model(Screen80));

        Assert.Contains("Card 4 (group 2), 33 words, of set 0001-backup-1", words, StringComparison.Ordinal);
        Assert.DoesNotContain("ard 1", words, StringComparison.Ordinal);
    }

    [Fact]
    public void Between_two_who_present_stands_who_comes_and_how_many_are_accepted()
    {
        ScreenModel between = _room.GoTo(m => m is Ask { Question.Id: "present/2/who" }).Model(Screen80);
        Assert.Contains("1 of 2 cards is accepted.", Words(between), StringComparison.Ordinal);
        Key[] keys = [new Key(KeyKind.Enter), Key.Of(' '), Key.Of('x'), new Key(KeyKind.Tab), new Key(KeyKind.Down), Key.Of('4')];
        foreach (Key key in keys)
        {
            ScreenModel held = between;
            for (int i = 0; i < 50; i++)
            {
                (held, Command? command) = Screen.Update(held, key);
                Assert.Null(command);
            }
        }
    }

    [Fact]
    public void F2_does_not_show_a_card_again_unasked()
    {
        ScreenModel typing = _room.GoTo("deal-activation", AnswerKind.ReadBackShare).Model(Screen80);
        (ScreenModel asked, Command? nothing) = Screen.Update(typing, new Key(KeyKind.F2));
        Assert.Null(nothing);
        Assert.Empty(Screen.View(asked).Spots);
        Assert.Contains("Show the card again?", Words(asked), StringComparison.Ordinal);

        (ScreenModel back, nothing) = Screen.Update(asked, new Key(KeyKind.Enter)); // From habit.
        Assert.Null(nothing);
        Assert.Null(back.Dialog);
        Assert.Same(typing.Entry, back.Entry);

        (asked, nothing) = Screen.Update(asked, Key.Of('2'));
        Assert.Null(nothing);
        Assert.IsType<Undo>(Assert.IsType<Send>(Screen.Update(asked, new Key(KeyKind.Enter)).Command).Message);
    }

    [Fact]
    public void Words_to_look_at_first_have_a_sign_and_the_words_stay_as_typed()
    {
        ScreenModel model = _room.GoTo("drill", AnswerKind.PresentShare).Model(Screen80);
        using var entry = WordEntry.Any(33);
        Share card = _room.ShareOf(new ShareRef(model.Question!.Share!.Set, 1, 33));
        for (int number = 1; number <= 33; number++)
        {
            foreach (byte letter in number == 12 ? card.Word(11) : card.Word(number))
                Assert.Null(entry.Type((char)letter));
            Assert.Null(entry.Accept());
        }
        Assert.False(entry.TryFinish(out _, out Refusal? refusal));

        ScreenModel refused = (model with { Entry = entry }).Refused(refusal);
        Assert.Contains("? 12", Screen.View(refused).Text, StringComparison.Ordinal);
        Assert.Contains("Look at word 12 first", Words(refused), StringComparison.Ordinal);
        Assert.Contains("Look at word 12 first", PlainWords.Refused(Screen80, refusal).ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.Equal([12], Screen.Update(refused, new Key(KeyKind.Up)).Model.Entry!.Doubted.ToArray());
    }

    [Fact]
    public void While_the_witness_reads_the_time_nobody_can_read_it_from_the_screen()
    {
        ScreenModel asked = _room.GoTo("clock", AnswerKind.Utc).Model(Screen80);
        Assert.DoesNotContain($"{asked.Utc:HH:mm}", Screen.View(asked).Text, StringComparison.Ordinal);
        Assert.DoesNotContain($"{asked.Utc:HH:mm}", PlainWords.Where(asked), StringComparison.Ordinal);
        foreach (KeyKind kind in new[] { KeyKind.F1, KeyKind.F5, KeyKind.F6, KeyKind.F10 })
            Assert.DoesNotContain($"{asked.Utc:HH:mm}", Screen.View(Screen.Update(asked, new Key(kind)).Model).Text,
                StringComparison.Ordinal);
        ScreenModel seen = _room.GoTo("clock", AnswerKind.Acknowledge).Model(Screen80);
        Assert.Contains($"{seen.Utc:HH:mm:ss} UTC", Screen.View(seen).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_skipped_step_is_called_so_and_not_done()
    {
        ScreenModel model = _room.GoTo("clock", AnswerKind.Acknowledge).Model(Screen80);
        ScreenModel skipped = model with { State = model.State with { Skipped = [1] } };
        Assert.Contains("-  2 skipped:", Screen.View(skipped).Text, StringComparison.Ordinal);
        string where = Screen.View(Screen.Update(skipped, new Key(KeyKind.F6)).Model).Text;
        Assert.Matches(@"\n\s+-  2  [^\n]+\(skipped: there was nothing to do\)", where);
        Assert.DoesNotMatch(@"✓  2 ", where);
    }

    [Fact]
    public void What_wraps_a_key_is_said_in_words()
    {
        _room.GoTo(m => m is Ask { Question.Id: "seen" } && _room.State.Facts<KeyLocked>().Any());
        ScreenModel seen = Screen.Update(_room.Model(Screen80), new Key(KeyKind.F5)).Model;
        Assert.Contains("AES key wrap (PAD) with CKR_KEY_UNEXTRACTABLE", Words(seen), StringComparison.Ordinal);
        Assert.DoesNotContain("0x210", Screen.View(seen).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ok", JournalFormats.Current, false)]
    [InlineData("3", JournalFormats.Current, false)]
    [InlineData("- yes -", JournalFormats.Current, false)]
    [InlineData("Fuse blew at 11:20.", JournalFormats.Current, true)]
    [InlineData("停電", JournalFormats.Current, true)]
    public void A_remark_that_says_nothing_is_not_taken(string remark, int format, bool isTaken)
    {
        _room.GoTo("clock", AnswerKind.Utc);
        Assert.Equal(format, _room.State.Format);
        Assert.Equal(isTaken ? null : "DEVIATION-02", Director.Decide(_room.State, new Report(remark), _room.Utc).Refusal?.Rule);
        _room.Tell(new Report("The clock on the wall stopped."));
        Assert.Equal(isTaken ? null : "DEVIATION-02",
            Director.Decide(_room.State, new Answer(_room.Question.Id, remark), _room.Utc).Refusal?.Rule);
    }

    [Fact]
    public void A_refusal_below_a_prompt_breaks_between_words()
    {
        var refusal = new Refusal("LEDGER-00", "The record stick at /media/record-a is full, read-only or gone, and could not be written.",
            "Everything that was recorded is on the other stick. Mend it, then start the program again with the same command.");
        string[] lines = Commands.Words.Told(refusal, 80).TrimEnd().Split('\n');
        Assert.All(lines, line => Assert.InRange(line.Length, 1, 79));
        Assert.Equal($"LEDGER-00 {refusal.Message} {refusal.Remedy}",
            string.Join(' ', lines.SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))));
    }

    private static string Words(ScreenModel model) => string.Join(' ', string.Join(' ', Screen.View(model).Rows
        .Select(row => row.Contains('│', StringComparison.Ordinal) ? row[(row.LastIndexOf('│') + 1)..] : row))
        .Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
