using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using KeyCeremony.App.Terminal;
using KeyCeremony.App.Tests.Terminal;
using KeyCeremony.Hsm.Tests;
using Xunit.Abstractions;

namespace KeyCeremony.Iso.Tests;

/// <summary>A computer that was switched on, watched and typed on over its serial line. Disposing it is pulling the plug.</summary>
internal sealed partial class Computer : IDisposable
{
    /// <summary>Without virtualisation, on a machine that does other things as well.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    private const int WitnessColumns = 80;
    private const int WitnessRows = 24;

    /// <summary>
    /// The emulator's own fault, and none of the image: it lets one processor run into code that the kernel changes on another one, which a
    /// real one is kept from. The kernel ends with it before anything else runs.
    /// </summary>
    private const string EmulatorsFault = "Oops: int3";

    /// <summary>With this a witness view begins.</summary>
    private static readonly byte[] Blank = "\e[0m\e[?25l\e[2J\e[H"u8.ToArray();

    /// <summary>What stands between an order's beginning and its letter.</summary>
    private static readonly SearchValues<byte> Parameters = SearchValues.Create("0123456789;?"u8);

    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(200);
    private readonly string _folder = Directory.CreateTempSubdirectory("keyceremony-computer-").FullName;
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly Setup _setup;
    private readonly ITestOutputHelper _output;
    private readonly MemoryStream _said = new();
    private Process? _tpm;
    private Process _machine = null!;
    private Socket _line = null!;
    private string _started = "";
    private int _starts;
    private BootEntry? _chosen;

    public Computer(Setup setup, ITestOutputHelper output)
    {
        _setup = setup;
        _output = output;
        SwitchOn();
    }

    private void SwitchOn()
    {
        _started = Directory.CreateDirectory(Path.Combine(_folder, $"{++_starts}")).FullName;
        if (_setup.Tpm)
            _tpm = StartTpm();
        _machine = Tool.Start(new ProcessStartInfo("qemu-system-x86_64", _setup.Arguments(_started)));
        _line = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        Assert.True(SpinWait.SpinUntil(TryConnect, Patience), "the computer does not start");
        Socket line = _line;
        new Thread(() => Listen(line)) { IsBackground = true }.Start();
    }

    /// <summary>The serial line's socket; one listener at a time.</summary>
    public string LinePath => Path.Combine(_started, "line");

    public TimeSpan Since => _watch.Elapsed;

    public bool IsOn => !_machine.HasExited;

    /// <summary>All that came over the serial line, without what moves the cursor.</summary>
    public string Said
    {
        get
        {
            lock (_said)
                return Controls().Replace(Encoding.UTF8.GetString(_said.GetBuffer().AsSpan(0, (int)_said.Length)), "");
        }
    }

    /// <summary>What the room sees on the serial line now; null: the witness view was not drawn yet, or is being drawn.</summary>
    public string? WitnessView()
    {
        byte[] all;
        lock (_said)
            all = _said.ToArray();
        int begins = all.AsSpan().LastIndexOf(Blank), ends = all.AsSpan().LastIndexOf((byte)'\e');
        if (begins < 0 || ends < begins + Blank.Length)
            return null;
        var terminal = new Emulator(WitnessColumns, WitnessRows);
        // Half an order is not read.
        ReadOnlySpan<byte> last = all.AsSpan(ends);
        bool isWhole = last.Length > 2 && last[2..].ContainsAnyExcept(Parameters);
        terminal.Receive(all.AsSpan(begins + Blank.Length, (isWhole ? all.Length : ends) - begins - Blank.Length));
        return string.Join('\n', terminal.Rows);
    }

    /// <summary>Waits until the room sees this on the serial line.</summary>
    public string WaitForWitness(string text)
    {
        var waited = Stopwatch.StartNew();
        string? view;
        while ((view = WitnessView())?.Contains(text, StringComparison.Ordinal) != true)
        {
            if (!IsOn || waited.Elapsed > Patience)
            {
                _output.WriteLine(view ?? Said);
                Assert.Fail($"{(IsOn ? "In time" : "Before it was off")} the witness never saw: {text}");
            }
            Thread.Sleep(Glance);
        }
        _output.WriteLine($"[{_watch.Elapsed.TotalSeconds:F0} s] the witness sees: {text}");
        return view!;
    }

    /// <summary>Chooses a line of the boot menu, when it is there.</summary>
    public void Choose(BootEntry entry)
    {
        WaitFor("Serial line: image self-check");
        _chosen = entry;
        Type(((int)entry).ToString(CultureInfo.InvariantCulture));
    }

    public void Type(string text)
    {
        _line.Send(Encoding.ASCII.GetBytes(text));
        Thread.Sleep(Glance); // one key after the other
    }

    private bool TryConnect()
    {
        try
        {
            _line.Connect(new UnixDomainSocketEndPoint(LinePath));
            return true;
        }
        catch (SocketException) when (IsOn)
        {
            return false; // not there yet
        }
    }

    /// <summary>Always: a line that nobody reads is full after some hundred characters, and then the computer waits.</summary>
    private void Listen(Socket line)
    {
        byte[] buffer = new byte[4096];
        try
        {
            for (int length = line.Receive(buffer); length > 0; length = line.Receive(buffer))
                lock (_said)
                    _said.Write(buffer, 0, length);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Somebody else has the line now, or the computer is off.
        }
    }

    /// <summary>Writes what its screen shows now to a file, as a portable pixmap; answers the file.</summary>
    public string Photograph(string path)
    {
        Order($"screendump {path}");
        return path;
    }

    /// <summary>Presses keys of its own keyboard, one after the other: the names of QEMU, held ones in front, <c>shift-a</c>.</summary>
    public void Press(params IEnumerable<string> keys)
    {
        foreach (string key in keys)
        {
            // Behind another Enter, which an emulated computer takes late, it would be a held key.
            if (key == "ret")
                Thread.Sleep(HeldKeys.Pause * 1.5);
            Order($"sendkey {key}");
            Thread.Sleep(Glance);
        }
    }

    /// <summary>
    /// What its screen of characters holds, and what scrolled out of it: the memory of the VGA adapter, in the signs of its font.
    /// </summary>
    public string Characters()
    {
        string path = Path.Combine(_started, "characters");
        Order($"pmemsave 0xb8000 0x8000 \"{path}\"");
        byte[] cells = File.ReadAllBytes(path);
        return string.Concat(cells.Index().Where(c => c.Index % 2 == 0).Select(c => ConsoleFont.Sign(c.Item)));
    }

    /// <summary>Waits until its screen of characters shows this.</summary>
    /// <param name="gone">And no longer this.</param>
    public void WaitForCharacters(string text, string? gone = null)
    {
        var waited = Stopwatch.StartNew();
        while (Characters() is var shown && (!shown.Contains(text, StringComparison.Ordinal)
            || (gone is not null && shown.Contains(gone, StringComparison.Ordinal))))
        {
            if (!IsOn || waited.Elapsed > Patience)
            {
                _output.WriteLine(string.Join('\n', Characters().Chunk(80).Select(row => new string(row).TrimEnd())));
                Assert.Fail($"{(IsOn ? "In time" : "Before it was off")} the screen never showed: {text}");
            }
            Thread.Sleep(Glance);
        }
        _output.WriteLine($"[{_watch.Elapsed.TotalSeconds:F0} s] {text}");
    }

    private void Order(string order)
    {
        using var monitor = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        monitor.Connect(new UnixDomainSocketEndPoint(Path.Combine(_started, "monitor")));
        WaitForPrompt(monitor);
        monitor.Send(Encoding.ASCII.GetBytes($"{order}\n"));
        WaitForPrompt(monitor);
    }

    private static void WaitForPrompt(Socket monitor)
    {
        var said = new StringBuilder();
        byte[] buffer = new byte[4096];
        monitor.ReceiveTimeout = (int)Patience.TotalMilliseconds;
        // The line that was sent comes back first, in pieces, without a line's end of its own.
        while (!said.ToString().EndsWith("\n(qemu) ", StringComparison.Ordinal))
            said.Append(Encoding.ASCII.GetString(buffer.AsSpan(0, monitor.Receive(buffer))));
    }

    /// <summary>Gives the line to somebody else.</summary>
    public void LetGoOfTheLine() => _line.Dispose();

    /// <summary>Waits until this was said. Everything that was said is in the test's output.</summary>
    public string WaitFor(string text) => WaitFor(text, text);

    public string WaitFor(string what, params string[] anyOf)
    {
        while (true)
        {
            bool on = IsOn;
            string said = Said;
            if (anyOf.Any(text => said.Contains(text, StringComparison.Ordinal)))
            {
                _output.WriteLine($"[{_watch.Elapsed.TotalSeconds:F0} s] {what}");
                return said;
            }
            if (_starts == 1 && _chosen is { } entry && said.Contains(EmulatorsFault, StringComparison.Ordinal))
            {
                StartAnew(entry);
                continue;
            }
            if (!on || _watch.Elapsed > Patience)
            {
                Tell();
                Assert.Fail($"{(on ? "In time" : "Before it was off")} the computer never said: {what}");
            }
            Thread.Sleep(Glance);
        }
    }

    /// <summary>Once: an image whose kernel ends a second time has a fault of its own.</summary>
    private void StartAnew(BootEntry entry)
    {
        Tell();
        _output.WriteLine("The emulator let the kernel end. It is switched off, and on again.");
        PullThePlug();
        lock (_said)
            _said.SetLength(0);
        _watch.Restart();
        SwitchOn();
        Choose(entry);
    }

    private void PullThePlug()
    {
        LetGoOfTheLine();
        foreach (Process process in new[] { _machine, _tpm }.OfType<Process>())
        {
            if (!process.HasExited)
                process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
    }

    public void WaitUntilOff()
    {
        bool off = _machine.WaitForExit(Patience);
        if (!off)
            Tell();
        Assert.True(off, "the computer did not switch itself off");
        _output.WriteLine($"[{_watch.Elapsed.TotalSeconds:F0} s] off");
    }

    /// <summary>Writes what came over the line to the test's output.</summary>
    public void Tell() => _output.WriteLine(Said);

    public void Dispose()
    {
        PullThePlug();
        Directory.Delete(_folder, recursive: true);
    }

    private Process StartTpm()
    {
        string folder = Directory.CreateDirectory(Path.Combine(_started, "tpm")).FullName;
        Process tpm = Tool.Start(new ProcessStartInfo("swtpm", ["socket", "--tpm2",
            "--tpmstate", $"dir={folder}", "--ctrl", $"type=unixio,path={folder}/socket", "--flags", "startup-clear"]));
        SpinWait.SpinUntil(() => File.Exists(Path.Combine(folder, "socket")), TimeSpan.FromSeconds(10));
        return tpm;
    }

    [GeneratedRegex(@"\e\[[0-9;?!]*[A-Za-z]|\e[()=>][0-9A-Za-z]?|\r")]
    private static partial Regex Controls();
}

/// <summary>The lines of the boot menu, each with its number.</summary>
internal enum BootEntry
{
    Ceremony = 1,
    Rehearsal,
    SelfCheck,
    SerialCeremony,
    SerialRehearsal,
    SerialSelfCheck,
}
