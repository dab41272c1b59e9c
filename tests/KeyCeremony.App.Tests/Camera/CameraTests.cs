using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using KeyCeremony.App.Camera;
using KeyCeremony.Core;

namespace KeyCeremony.App.Tests.Camera;

/// <summary>What the kernel says of a device, and a camera that is played by a program.</summary>
public sealed class CameraTests : IDisposable
{
    private const uint Capture = 0x1, Metadata = 0x00800000, Streaming = 0x04000000, HasOwn = 0x80000000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("keyceremony-camera-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>A webcam has a second device that gives data about its pictures: it says so only in what is its own.</summary>
    [Theory]
    [InlineData(Capture | Streaming, 0, true)]
    [InlineData(Capture | Metadata | Streaming | HasOwn, Capture | Streaming, true)]
    [InlineData(Capture | Metadata | Streaming | HasOwn, Metadata | Streaming, false)]
    [InlineData(Capture, 0, false)]
    [InlineData(0x2 | Streaming, 0, false)]
    public void A_camera_is_what_captures_video(uint whole, uint own, bool isCamera)
    {
        byte[] capability = new byte[CameraDevice.CapabilityLength];
        Encoding.ASCII.GetBytes("HD Webcam\e[2J C270").CopyTo(capability, 16);
        BinaryPrimitives.WriteUInt32LittleEndian(capability.AsSpan(84), whole);
        BinaryPrimitives.WriteUInt32LittleEndian(capability.AsSpan(88), own);
        Assert.Equal(isCamera ? new CameraDevice("/dev/video0", "HD Webcam?[2J C270") : null, CameraDevice.Of("/dev/video0", capability));
    }

    [Fact]
    public void Files_that_are_no_devices_are_no_cameras()
    {
        foreach (string name in new[] { "video0", "video10", "videoX", "vbi0" })
            File.WriteAllText(Path.Combine(_folder, name), "");
        Assert.Empty(CameraDevice.All(_folder));
    }

    [Fact]
    public void Without_zbar_there_is_no_camera()
    {
        Assert.False(CameraEye.TryOpen(new Zbar("no-zbarcam", "no-zbarimg"), "/dev/video0", out _, out Refusal? refusal));
        Assert.Equal(ScanRules.NotInstalledId, refusal.Rule);
    }

    [Fact]
    public void The_real_zbarcam_takes_our_options_and_says_that_there_is_no_such_camera()
    {
        Refusal lost = WatchUntilLost(new Zbar().Camera, Path.Combine(_folder, "video9"), []);
        Assert.Equal(ScanRules.CameraLostId, lost.Rule);
        Assert.Contains("No such file or directory", lost.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_camera_that_vanishes_is_told_after_all_that_it_saw()
    {
        string[] codes = [.. Codes.Frames("root.der", 700, 5), "00000001"];
        var seen = new List<string>();
        Refusal lost = WatchUntilLost(Codes.PlayCamera(_folder, codes, ends: "v4l2_dq: No such device"), "/dev/video0", seen);
        Assert.Equal(codes, seen);
        Assert.Equal((ScanRules.CameraLostId, true), (lost.Rule, lost.Message.Contains("/dev/video0", StringComparison.Ordinal)
            && lost.Message.Contains("No such device", StringComparison.Ordinal)));
    }

    [Fact]
    public void It_does_not_wait_and_its_program_ends_with_it()
    {
        string program = Codes.PlayCamera(_folder, []);
        var watch = Stopwatch.StartNew();
        Assert.True(CameraEye.TryOpen(new Zbar(program), "/dev/video0", out CameraEye? eye, out _));
        int process;
        using (eye)
        {
            process = eye.ProcessId;
            Assert.True(eye.TryLook(_ => Assert.Fail("a code"), out _));
            Assert.True(Directory.Exists($"/proc/{process}"));
        }
        Assert.False(Directory.Exists($"/proc/{process}"));
        Assert.True(watch.Elapsed < Patience);
    }

    private static Refusal WatchUntilLost(string program, string device, List<string> seen)
    {
        Assert.True(CameraEye.TryOpen(new Zbar(program), device, out CameraEye? eye, out _));
        using (eye)
        {
            var watch = Stopwatch.StartNew();
            Refusal? lost;
            while (eye.TryLook(text => seen.Add(Encoding.ASCII.GetString(text)), out lost))
            {
                Assert.True(watch.Elapsed < Patience, "the camera was never lost");
                Thread.Sleep(20);
            }
            return lost;
        }
    }
}
