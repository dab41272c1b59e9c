using System.Globalization;
using System.Text;
using KeyCeremony.App.Terminal;
using KeyCeremony.App.Terminal.Host;
using KeyCeremony.App.Terminal.Writing;

namespace KeyCeremony.App.Tests.Terminal;

/// <summary>
/// A terminal as it takes bytes: characters, the cursor's address, looks, erasing. Anything else that is sent to it fails the test.
/// </summary>
internal sealed class Emulator(int width, int height)
{
    private readonly (string Text, string Look)[] _cells = [.. Enumerable.Repeat((" ", ""), width * height)];
    private readonly StringBuilder _received = new();
    private string _look = "";
    private int _row;
    private int _column;

    public string Received => _received.ToString();

    public bool CursorShown { get; private set; } = true;

    public (int Row, int Column) Cursor => (_row, _column);

    public IEnumerable<string> Rows => _cells.Chunk(width).Select(row => string.Concat(row.Select(cell => cell.Text)));

    /// <summary>What a terminal shows that was blank and got this picture.</summary>
    public static Emulator Of(Frame frame)
    {
        var emulator = new Emulator(frame.Display.Width, frame.Display.Height);
        var sender = new CellSender(emulator.Receive);
        sender.Wiped(frame.Display);
        sender.Send(frame);
        sender.SendCursor(frame, moved: false);
        return emulator;
    }

    public (string Text, string Look) At(int row, int column) => _cells[(row * width) + column];

    public void Fill(string text) => Array.Fill(_cells, (text, ""));

    public void Receive(ReadOnlySpan<byte> bytes)
    {
        string text = Encoding.UTF8.GetString(bytes);
        _received.Append(text);
        for (int at = 0; at < text.Length;)
        {
            string element = StringInfo.GetNextTextElement(text, at);
            at = element == "\e" ? Obeyed(text, at) : Put(element, at);
        }
    }

    private int Put(string element, int at)
    {
        Assert.False(element.EnumerateRunes().Any(Rune.IsControl), $"U+{(int)element[0]:X4} was sent");
        int columns = Columns.OfElement(element);
        Assert.True(_column + columns <= width, $"\"{element}\" behind the edge of row {_row}");
        _cells[(_row * width) + _column] = (element, _look);
        if (columns > 1)
            _cells[(_row * width) + _column + 1] = ("", _look);
        _column += columns;
        return at + element.Length;
    }

    private int Obeyed(string text, int at)
    {
        int end = text.AsSpan(at + 2).IndexOfAnyInRange('@', '~') + at + 2;
        string[] numbers = text[(at + 2)..end].Split(';');
        int Number(int i) => numbers.Length > i && int.TryParse(numbers[i], CultureInfo.InvariantCulture, out int number) ? number : 1;
        switch (text[end])
        {
            case 'H':
                (_row, _column) = (Number(0) - 1, Number(1) - 1);
                break;
            case 'C':
                _column += Number(0);
                break;
            case 'K' when numbers is [""]:
                Array.Fill(_cells, (" ", ""), (_row * width) + _column, width - _column);
                Assert.Equal("", _look);
                break;
            case 'm':
                Assert.True(numbers[0] is "" or "0", "a look is not complete");
                _look = string.Join(';', numbers.Skip(1));
                break;
            case 'h' or 'l' when numbers is ["?25"]:
                CursorShown = text[end] == 'h';
                break;
            default:
                Assert.Fail($"ESC {text[(at + 1)..(end + 1)]} was sent");
                break;
        }
        return end + 1;
    }
}
