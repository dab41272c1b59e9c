using System.Buffers;
using System.Buffers.Text;
using System.Text;
using KeyCeremony.App.Terminal.Writing;

namespace KeyCeremony.App.Terminal.Host;

/// <summary>
/// Sends the cells that differ from what the terminal shows, and no others: a serial line brings a thousand bytes a second. It knows what
/// the terminal shows because it sent it, or because the terminal was just wiped.
/// </summary>
/// <param name="write">Takes all bytes at once.</param>
internal sealed class CellSender(Action<ReadOnlySpan<byte>> write)
{
    /// <summary>To send so many cells again is not longer than to address the next one.</summary>
    private const int Gap = 4;

    /// <summary>So many blanks to the row's end are longer than the sequence that erases it.</summary>
    private const int Erasable = 8;

    /// <summary>What somebody else painted: no cell is equal to it.</summary>
    private static readonly Cell Foreign = new("\0", default);

    private readonly ArrayBufferWriter<byte> _out = new();
    private Cell[] _shown = [];
    private (int Row, int Column)? _pen;
    private Look? _look;
    private (int Row, int Column)? _cursor;
    private bool _cursorShown;

    /// <summary>The terminal is blank, in its own look, and shows no cursor that is known of.</summary>
    public void Wiped(Display display)
    {
        _shown = new Cell[display.Width * display.Height];
        Array.Fill(_shown, Cell.Blank);
        (_pen, _look, _cursor, _cursorShown) = (null, default(Look), null, true);
    }

    /// <summary>Brings the cells to the terminal. The cells of <see cref="Frame.Spots"/> are left to their painter.</summary>
    public void Send(Frame frame)
    {
        if (_shown.Length != frame.Cells.Length)
            Wiped(frame.Display);
        foreach (Spot spot in frame.Spots)
            Array.Fill(_shown, Foreign, (spot.Row * frame.Display.Width) + spot.Column, spot.Width);
        bool[] painted = Painted(frame);
        for (int row = 0; row < frame.Display.Height; row++)
            SendRow(frame, row, painted);
        if (!frame.Spots.IsEmpty)
            Take(default, frame.Display); // What is painted there takes the look that it finds.
        Flush();
    }

    /// <summary>Puts the cursor where the person types.</summary>
    /// <param name="moved">Somebody else wrote to the terminal since.</param>
    public void SendCursor(Frame frame, bool moved)
    {
        if (moved)
            (_pen, _look) = (null, null);
        if (frame.Cursor is { } at)
        {
            if (_pen != at || _cursor != at)
                Address(at.Row, at.Column);
            Show(true);
        }
        else
            Show(false);
        _cursor = frame.Cursor;
        Flush();
    }

    private void SendRow(Frame frame, int row, bool[] painted)
    {
        int width = frame.Display.Width, first = row * width, end = first + width;
        int blank = end; // From here on to the row's end all is blank, and nobody else paints there.
        while (blank > first && !painted[blank - 1] && frame.Cells[blank - 1] == Cell.Blank)
            blank--;
        for (int i = first; i < end; i++)
        {
            if (painted[i] || frame.Cells[i] == _shown[i])
                continue;
            Show(false);
            if (i >= blank && end - i >= Erasable)
            {
                MoveTo(frame, row, i - first, painted);
                Take(default, frame.Display);
                Add("\e[K"u8);
                Array.Fill(_shown, Cell.Blank, i, end - i);
                return;
            }
            MoveTo(frame, row, i - first, painted);
            Put(frame.Cells[i], frame.Display);
            _shown[i] = frame.Cells[i];
        }
    }

    private static bool[] Painted(Frame frame)
    {
        bool[] painted = new bool[frame.Cells.Length];
        foreach (Spot spot in frame.Spots)
            Array.Fill(painted, true, (spot.Row * frame.Display.Width) + spot.Column, spot.Width);
        return painted;
    }

    private void MoveTo(Frame frame, int row, int column, bool[] painted)
    {
        if (_pen is { } pen && pen.Row == row && column - pen.Column is > 0 and <= Gap && IsCheap(frame, row, pen.Column, column, painted))
            for (int i = pen.Column; i < column; i++)
                Put(frame.At(row, i), frame.Display);
        if (_pen != (row, column))
            Address(row, column);
    }

    private bool IsCheap(Frame frame, int row, int from, int to, bool[] painted)
    {
        for (int i = from; i < to; i++)
            if (painted[(row * frame.Display.Width) + i] || frame.At(row, i).Look != _look || frame.At(row, i).Text.Length != 1)
                return false;
        return true;
    }

    private void Put(Cell cell, Display display)
    {
        if (cell.Text.Length == 0) // The second half of a wide character: the terminal has drawn it.
            return;
        Take(cell.Look, display);
        Encoding.UTF8.GetBytes(cell.Text, _out);
        if (_pen is not { } pen)
            return;
        int next = pen.Column + Columns.OfElement(cell.Text);
        _pen = next < display.Width ? (pen.Row, next) : null; // At the edge terminals differ in where they are.
    }

    private void Take(Look look, Display display)
    {
        if (look == _look)
            return;
        Encoding.UTF8.GetBytes(look.Sgr(display), _out);
        _look = look;
    }

    private void Show(bool cursor)
    {
        if (cursor != _cursorShown)
            Add(cursor ? "\e[?25h"u8 : "\e[?25l"u8);
        _cursorShown = cursor;
    }

    // CUP, ECMA-48 8.3.21, or CUF, 8.3.20, where the pen is left of it already.
    private void Address(int row, int column)
    {
        Add("\e["u8);
        if (_pen is { } pen && pen.Row == row && column > pen.Column)
        {
            AddNumber(column - pen.Column);
            Add("C"u8);
        }
        else
        {
            AddNumber(row + 1);
            Add(";"u8);
            AddNumber(column + 1);
            Add("H"u8);
        }
        _pen = (row, column);
    }

    private void AddNumber(int number)
    {
        Utf8Formatter.TryFormat(number, _out.GetSpan(16), out int length);
        _out.Advance(length);
    }

    private void Add(ReadOnlySpan<byte> bytes) => _out.Write(bytes);

    private void Flush()
    {
        if (_out.WrittenCount > 0)
            write(_out.WrittenSpan);
        _out.ResetWrittenCount();
    }
}
