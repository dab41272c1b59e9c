using System.ComponentModel;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace KeyCeremony.App.Camera;

/// <summary>
/// The programs of Debian's zbar-tools. What they decode is in the hands of whoever stands before the camera: it happens in
/// a process that holds no secret of ours. <c>docs/decisions/0014-camera.md</c>.
/// </summary>
/// <param name="Camera">Watches a camera.</param>
/// <param name="Pictures">Reads a picture.</param>
internal sealed record Zbar(string Camera = "zbarcam", string Pictures = "zbarimg")
{
    // QR codes only: twenty other symbologies are as many more readers for what a stranger holds before the camera. Over D-Bus
    // zbar would tell every program of the session what it read.
    private static readonly string[] Always = ["--xml", "--quiet", "--nodbus", "-Sdisable", "-Sqrcode.enable"];

    /// <summary>False when it is not installed.</summary>
    public static bool TryStart(string program, string[] arguments, [NotNullWhen(true)] out Process? process)
    {
        // All three are ours: a child that shares one may change how our terminal is set.
        var start = new ProcessStartInfo(program, [.. Always, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        process = new Process { StartInfo = start };
        try
        {
            return process.Start();
        }
        catch (Win32Exception)
        {
            process.Dispose();
            process = null;
            return false;
        }
    }

    /// <summary>Ends it, whatever it does; its memory goes with it.</summary>
    public static void End(Process process)
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }
}
