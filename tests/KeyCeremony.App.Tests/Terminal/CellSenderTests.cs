using System.Collections.Immutable;
using System.Text;
using KeyCeremony.App.Terminal;
using KeyCeremony.App.Terminal.Host;
using KeyCeremony.App.Terminal.Writing;

namespace KeyCeremony.App.Tests.Terminal;

/// <summary>What is sent is what a terminal shows, and no more is sent than differs.</summary>
public sealed class CellSenderTests
{
    private const string Painted = "secret";
    private static readonly string[] Characters = [" ", " ", "a", "Q", "7", "~", "─", "┬", "ä", "é", "▶", "漢", "字"];
    private static readonly Look[] Looks =
    [
        Palette.Plain, Palette.Plain, Palette.Strong, Palette.Now, Palette.Loud, Palette.Quiet, Palette.Lit, Palette.Dark, Palette.Emphasis,
    ];

    [Theory]
    [InlineData("xterm-256color", "")]
    [InlineData("xterm-256color", "1")]
    [InlineData("linux", "")]
    [InlineData("vt220", "")]
    [InlineData("dumb", "")]
    public void A_terminal_shows_what_was_drawn_whatever_it_showed_before(string term, string noColour)
    {
        var display = Display.Of(41, 12, name => name switch { "TERM" => term, "NO_COLOR" => noColour, _ => null });
        var random = new Random(20261128);
        var terminal = new Emulator(display.Width, display.Height);
        var sender = new CellSender(terminal.Receive);
        sender.Wiped(display);
        Cell[] cells = [.. Enumerable.Repeat(Cell.Blank, display.Width * display.Height)];
        for (int round = 0; round < 400; round++)
        {
            for (int changes = random.Next(4); changes >= 0; changes--)
                WriteRow(cells.AsSpan(random.Next(display.Height) * display.Width, display.Width), random);
            Frame frame = Pictured(display, cells, random);
            sender.Send(frame);
            foreach (Spot spot in frame.Spots)
                terminal.Receive(Encoding.ASCII.GetBytes($"\e[{spot.Row + 1};{spot.Column + 1}H{Painted}"));
            sender.SendCursor(frame, moved: !frame.Spots.IsEmpty);
            Shows(terminal, frame);
        }
    }

    [Fact]
    public void A_terminal_without_looks_gets_none_and_one_without_colours_no_colour()
    {
        foreach ((string term, string pattern) in new[] { ("dumb", @"\e\[[0-9;]*m"), ("vt220", @"\e\[[0-9;]*(3|4|9)[0-7]m") })
        {
            var display = Display.Of(Looks.Length, 1, name => name == "TERM" ? term : null);
            var terminal = Emulator.Of(new Frame(display, [.. Looks.Select(look => new Cell("x", look))], [], null));
            Assert.DoesNotMatch(pattern, terminal.Received);
            Assert.Equal([new string('x', Looks.Length)], terminal.Rows);
        }
    }

    [Fact]
    public void The_same_picture_again_costs_nothing_and_a_letter_little()
    {
        var display = new Display(80, 25, GlyphSet.Unicode, Attributes: true, Colour: true, FunctionKeys: true);
        Cell[] cells = [.. Enumerable.Repeat(new Cell("x", Palette.Now), display.Width * display.Height)];
        var terminal = new Emulator(display.Width, display.Height);
        var sender = new CellSender(terminal.Receive);
        int Sent(int cursor)
        {
            int before = terminal.Received.Length;
            var frame = new Frame(display, [.. cells], [], (20, cursor));
            sender.Send(frame);
            sender.SendCursor(frame, moved: false);
            return terminal.Received.Length - before;
        }
        Sent(30);
        Assert.Equal(0, Sent(30));
        cells[(20 * display.Width) + 30] = new Cell("y", Palette.Strong);
        Assert.InRange(Sent(31), 1, 30);
    }

    private static void WriteRow(Span<Cell> row, Random random)
    {
        int blankFrom = random.Next(row.Length + 20);
        Look look = default;
        for (int column = 0; column < row.Length; column++)
        {
            if (random.Next(6) == 0)
                look = Looks[random.Next(Looks.Length)];
            string character = Characters[random.Next(Characters.Length)];
            if (column >= blankFrom)
                row[column] = Cell.Blank;
            else if (Columns.OfElement(character) == 1)
                row[column] = new Cell(character, look);
            else if (column + 1 < row.Length)
                (row[column], row[++column]) = (new Cell(character, look), new Cell("", look));
        }
        if (row[^1].Text == "" && row[^2].Text.Length > 0 && Columns.OfElement(row[^2].Text) == 1)
            row[^1] = Cell.Blank;
    }

    /// <summary>With places that somebody else paints, and a cursor or none.</summary>
    private static Frame Pictured(Display display, Cell[] cells, Random random)
    {
        Cell[] drawn = [.. cells];
        ImmutableArray<Spot>.Builder spots = ImmutableArray.CreateBuilder<Spot>();
        for (int row = 0; row < display.Height && random.Next(3) > 0; row += 2)
        {
            int column = random.Next(display.Width - Painted.Length);
            spots.Add(new Spot(row, column, Painted.Length, SpotKind.ShownWord, 1));
            for (int i = 0; i < display.Width; i++) // No wide character reaches into the place.
                drawn[(row * display.Width) + i] = Cell.Blank;
        }
        (int, int)? cursor = random.Next(3) == 0 ? null : (random.Next(display.Height), random.Next(display.Width));
        return new Frame(display, [.. drawn], spots.ToImmutable(), cursor);
    }

    private static void Shows(Emulator terminal, Frame frame)
    {
        for (int row = 0; row < frame.Display.Height; row++)
            for (int column = 0; column < frame.Display.Width; column++)
                if (frame.Spots.FirstOrDefault(s => s.Row == row && column >= s.Column && column < s.Column + s.Width) is { } spot)
                    Assert.Equal((Painted[(column - spot.Column)..(column - spot.Column + 1)], ""), terminal.At(row, column));
                else
                    Assert.Equal((frame.At(row, column).Text, LookCodes(frame.At(row, column), frame.Display)), terminal.At(row, column));
        Assert.Equal(frame.Cursor is not null, terminal.CursorShown);
        if (frame.Cursor is { } cursor)
            Assert.Equal(cursor, terminal.Cursor);
    }

    private static string LookCodes(Cell cell, Display display) =>
        cell.Look.Sgr(display).Replace("\e[m", "", StringComparison.Ordinal).Replace("\e[0;", "", StringComparison.Ordinal).TrimEnd('m');
}
