using System.CommandLine;
using KeyCeremony.App.Commands;

namespace KeyCeremony.App.Tests.Room;

public sealed class OptionTableTests
{
    private Wanted? _wanted;

    [Fact]
    public void An_option_that_must_be_there_is_missed()
    {
        Assert.NotEmpty(Table().Parse(["file"]).Errors);
        Assert.Null(_wanted);
    }

    [Fact]
    public void What_is_left_out_stays_as_it_was() =>
        Assert.Equal("file||must|False||3", Run("file", "--must", "must"));

    [Fact]
    public void Each_row_sets_its_own() =>
        Assert.Equal("file|some text|must|True|a,b|7",
            Run("file", "--text", "some text", "--flag", "--number", "7", "--must", "must", "--texts", "a", "b"));

    [Fact]
    public void The_help_has_the_rows_in_their_order()
    {
        Command table = Table();

        Assert.Equal(["--text", "--must", "--flag", "--texts", "--number"], table.Options.Select(o => o.Name));
        Assert.Equal(["A text.", "It must be there.", "A flag.", "Texts.", "A number."], table.Options.Select(o => o.Description));
        Assert.Equal(["What it is about."], table.Arguments.Select(a => a.Description));
    }

    private string Run(params string[] words)
    {
        Assert.Equal(7, Table().Parse(words).Invoke());
        return $"{_wanted!.File}|{_wanted.Text}|{_wanted.Must}|{_wanted.Flag}|{string.Join(',', _wanted.Texts)}|{_wanted.Number}";
    }

    private Command Table() => new OptionTable<Wanted>("try", "Try it.", new Wanted())
        .With(new Argument<string>("file"), "What it is about.", (wanted, file) => wanted with { File = file })
        .Text("--text", "A text.", (wanted, text) => wanted with { Text = text })
        .Must("--must", "It must be there.", (wanted, text) => wanted with { Must = text })
        .Flag("--flag", "A flag.", wanted => wanted with { Flag = true })
        .Texts("--texts", "Texts.", (wanted, texts) => wanted with { Texts = texts })
        .With(new Option<int>("--number") { DefaultValueFactory = _ => 3 }, "A number.",
            (wanted, number) => wanted with { Number = number })
        .Does(wanted =>
        {
            _wanted = wanted;
            return 7;
        });

    private sealed record Wanted
    {
        public string File { get; init; } = "";

        public string? Text { get; init; }

        public string Must { get; init; } = "";

        public bool Flag { get; init; }

        public string[] Texts { get; init; } = [];

        public int Number { get; init; }
    }
}
