using Microsoft.Win32.SafeHandles;
using static KeyCeremony.App.Ground.TtyCalls;

namespace KeyCeremony.App.Terminal;

/// <summary>
/// While codes are shown nothing else writes to the screen: a stray line scrolls the code away. What this process and the modules
/// it loaded say on descriptor 2 is dropped, and the kernel's messages go to its log alone (where the process may ask for that).
/// </summary>
internal sealed class ScreenSilence : IDisposable
{
    private const int Errors = 2;

    private readonly int _before = dup(Errors);

    public ScreenSilence()
    {
        using SafeFileHandle nowhere = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Write);
        _ = dup2((int)nowhere.DangerousGetHandle(), Errors);
        _ = klogctl(SYSLOG_ACTION_CONSOLE_OFF, 0, 0);
    }

    public void Dispose()
    {
        _ = klogctl(SYSLOG_ACTION_CONSOLE_ON, 0, 0);
        _ = dup2(_before, Errors);
        _ = close(_before);
    }
}
