using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using KeyCeremony.App.Ground;
using KeyCeremony.Core;

namespace KeyCeremony.App.Camera;

/// <summary>
/// A camera that watches for codes until it is disposed. What it saw comes through a pipe into locked memory: no buffer of the
/// runtime holds it.
/// </summary>
internal sealed class CameraEye : IDisposable
{
    /// <summary>Denser codes than version 25 need more; zbar decodes a picture of this size in 50 ms.</summary>
    private const string Size = "--prescale=1280x720";

    private const int PieceBytes = 4096;
    private const int MaxPieces = 64;
    private const int MaxComplaint = 160;

    private readonly Process _process;
    private readonly string _device;
    private readonly int _pipe;
    private readonly SecretBytes _piece = new(PieceBytes);
    private readonly ZbarText _text = new();
    private string _complaint = "";

    private CameraEye(Process process, string device)
    {
        (_process, _device) = (process, device);
        _pipe = (int)((PipeStream)process.StandardOutput.BaseStream).SafePipeHandle.DangerousGetHandle();
        process.ErrorDataReceived += (_,
            said) => _complaint = string.IsNullOrWhiteSpace(said.Data) ? _complaint : PlainText.Of(said.Data.Trim(), MaxComplaint);
        process.BeginErrorReadLine();
    }

    /// <summary>Refused with SCAN-03 where zbar is not installed. Whether the camera gives pictures shows when it is looked at.</summary>
    public static bool TryOpen(Zbar zbar, string device, [NotNullWhen(true)] out CameraEye? eye, [NotNullWhen(false)] out Refusal? refusal)
    {
        bool started = Zbar.TryStart(zbar.Camera, ["--nodisplay", Size, device], out Process? process);
        eye = started ? new CameraEye(process!, device) : null;
        refusal = started ? null : ScanRules.NotInstalled(zbar.Camera);
        return started;
    }

    internal int ProcessId => _process.Id;

    /// <summary>What was seen since the last call; does not wait. Refused with SCAN-02 when the camera is gone.</summary>
    public bool TryLook(CodeSeen seen, [NotNullWhen(false)] out Refusal? refusal)
    {
        refusal = null;
        for (int piece = 0; piece < MaxPieces && refusal is null && IsWaiting(); piece++)
        {
            nint count = TtyCalls.read(_pipe, ref MemoryMarshal.GetReference(_piece.Span), PieceBytes);
            if (count > 0)
                _text.Take(_piece.Span[..(int)count], seen);
            else if (count == 0 || Marshal.GetLastPInvokeError() is not (TtyCalls.EINTR or TtyCalls.EAGAIN))
                refusal = Lost();
            _piece.Span.Clear();
        }
        return refusal is null;
    }

    public void Dispose()
    {
        Zbar.End(_process);
        _text.Dispose();
        _piece.Dispose();
    }

    private bool IsWaiting()
    {
        var pipe = new TtyCalls.PollFd { fd = _pipe, events = TtyCalls.POLLIN };
        return TtyCalls.poll(ref pipe, 1, 0) > 0;
    }

    private Refusal Lost()
    {
        _process.WaitForExit(); // its last words come before this returns
        return ScanRules.CameraLost(_device, _complaint);
    }
}
