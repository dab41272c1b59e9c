using System.Text;
using KeyCeremony.App.Terminal.Plain;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.App.Tests.Terminal.Plain;

/// <summary>A card's words on a terminal of lines, without the terminal.</summary>
public sealed class PlainCardTests : IDisposable
{
    private readonly FakeRoom _room = new("root-creation.md");
    private readonly Share _card;

    public PlainCardTests()
    {
        _room.GoTo("deal-activation", AnswerKind.ShowShare);
        _card = _room.ShareOf(_room.Question.Share!);
    }

    public void Dispose() => _room.Dispose();

    [Fact]
    public void Every_word_is_written_alone_and_wholly_written_over()
    {
        for (int number = 1; number <= _card.WordCount; number++)
        {
            string shown = Written(write => PlainCard.Show(_card, number, write));
            string hidden = Written(write => PlainCard.Hide(number, _card.WordCount, write));

            Assert.Equal($"Word {number} of {_card.WordCount}: {Word(number)}", shown);
            Assert.StartsWith($"\rWord {number} of {_card.WordCount}: --------", hidden, StringComparison.Ordinal);
            Assert.EndsWith("\n", hidden, StringComparison.Ordinal);
            Assert.True(hidden.Length - 2 >= shown.Length);
        }
    }

    [Fact]
    public void Words_are_taken_one_a_line_or_several_by_four_letters()
    {
        using var entry = WordEntry.ReadBack(_card);
        Assert.Null(Type(entry, Word(1)));
        Assert.Null(Type(entry, $"  {Word(2)[..4].ToUpperInvariant()}  {Word(3)} "));
        Assert.Equal(4, entry.Current);
        Assert.Equal(3, entry.Filled);
    }

    /// <summary>What was refused is forgotten: the next line begins the word anew, and the words before it stay.</summary>
    [Theory]
    [InlineData("qqqq", "SHARE-01")]
    [InlineData("ac", "SHARE-02")]
    [InlineData("ac1d", "SHARE-03")]
    [InlineData("m\u00fcll", "SHARE-03")]
    public void A_word_that_is_refused_is_typed_anew(string wrong, string rule)
    {
        using var entry = WordEntry.ReadBack(_card);
        Assert.Equal(rule, Type(entry, $"{Word(1)} {wrong} {Word(3)}")?.Rule);
        Assert.Equal(2, entry.Current);
        Assert.True(entry.Partial.IsEmpty);
        Assert.Null(Type(entry, Word(2)));
        Assert.Equal(3, entry.Current);
    }

    [Fact]
    public void The_word_of_another_card_is_pointed_at_and_typed_anew()
    {
        using var entry = WordEntry.ReadBack(_card);
        string other = Word(1) == "academic" ? "acid" : "academic";
        Assert.Equal("SHARE-20", Type(entry, other)?.Rule);
        Assert.Null(Type(entry, Word(1)));
        Assert.Equal(2, entry.Current);
    }

    [Fact]
    public void A_word_that_was_right_can_be_typed_once_more()
    {
        using var entry = WordEntry.ReadBack(_card);
        Assert.Null(Type(entry, string.Join(' ', Enumerable.Range(1, 5).Select(Word))));
        PlainCard.GoTo(entry, 2);
        Assert.Equal(4, entry.Filled);
        Assert.Null(Type(entry, Word(2)));
        Assert.Equal(6, entry.Current);
    }

    [Theory]
    [InlineData(".help", ".help", "")]
    [InlineData(".LEDGER people  Weiss", ".ledger", "people  Weiss")]
    [InlineData(".word 7", ".word", "7")]
    [InlineData(".undo all", ".undo", "")]
    public void A_command_is_known_by_its_name(string line, string name, string rest)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(line);
        Assert.True(PlainCommand.IsMeant(bytes));
        Assert.Equal(name, PlainCommand.Of(bytes, out string found)?.Name);
        Assert.Equal(rest, found);
    }

    [Theory]
    [InlineData(".abandon ability", true)]
    [InlineData("..5 mm", false)]
    [InlineData("Mr. Weiss", false)]
    [InlineData("", false)]
    public void No_other_line_is_a_command(string line, bool meant)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(line);
        Assert.Equal(meant, PlainCommand.IsMeant(bytes));
        Assert.Null(PlainCommand.Of(bytes, out string rest));
        Assert.Empty(rest);
    }

    private string Word(int number) => Encoding.ASCII.GetString(_card.Word(number));

    private static Refusal? Type(WordEntry entry, string line) => PlainCard.Type(entry, Encoding.UTF8.GetBytes(line));

    private static string Written(Action<Action<ReadOnlySpan<byte>>> by)
    {
        var writes = new List<string>();
        by(bytes => writes.Add(Encoding.ASCII.GetString(bytes)));
        return Assert.Single(writes);
    }
}
