using System.Text;
using KeyCeremony.App.Terminal.Host;

namespace KeyCeremony.App.Terminal.Watching;

/// <summary>
/// Pictures for a line that may be slow or stand still. What could not be written waits, one picture at most; while it waits further
/// pictures are dropped, and the next that fits is sent in their place. Nobody ever waits for the line.
/// </summary>
internal sealed class WitnessFeed
{
    private const string Wipe = "\e[0m\e[?25l\e[2J\e[H";

    private readonly Func<ReadOnlySpan<byte>, int> _write;
    private readonly CellSender _sender;
    private readonly List<byte> _waiting = [];
    private Frame? _shown;

    /// <param name="write">Writes what fits now and says how many bytes that were; negative: the line is gone.</param>
    public WitnessFeed(Func<ReadOnlySpan<byte>, int> write)
    {
        _write = write;
        _sender = new CellSender(bytes => _waiting.AddRange(bytes));
    }

    /// <summary>The line is gone: this feed is over.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Bytes that the line has not taken yet.</summary>
    public int Waiting => _waiting.Count;

    /// <param name="draw">Makes the picture; not asked while another one waits.</param>
    public void Show(Func<Frame> draw)
    {
        Flush();
        if (IsLost || Waiting > 0)
            return;
        Frame frame = draw();
        bool anew = _shown is null || (_shown.Display.Width, _shown.Display.Height) != (frame.Display.Width, frame.Display.Height);
        if (!anew && frame.Cells.SequenceEqual(_shown!.Cells))
            return;
        if (anew)
        {
            _waiting.AddRange(Encoding.ASCII.GetBytes(Wipe));
            _sender.Wiped(frame.Display);
        }
        _shown = frame;
        _sender.Send(frame);
        _sender.SendCursor(frame, moved: false);
        Flush();
    }

    private void Flush()
    {
        while (Waiting > 0 && !IsLost)
        {
            int written = _write(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_waiting));
            IsLost = written < 0;
            if (written <= 0)
                return;
            _waiting.RemoveRange(0, written);
        }
    }
}
