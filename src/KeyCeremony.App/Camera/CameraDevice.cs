using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using KeyCeremony.App.Ground;
using KeyCeremony.Core;
using Microsoft.Win32.SafeHandles;

namespace KeyCeremony.App.Camera;

/// <param name="Path">e.g. <c>/dev/video0</c>.</param>
/// <param name="Name">What it calls itself; empty where it was named on the command line.</param>
internal sealed record CameraDevice(string Path, string Name)
{
    private const string Prefix = "video";
    private const int MaxName = 32;

    // struct v4l2_capability, linux/videodev2.h.
    public const int CapabilityLength = 104;
    private const int CardAt = 16;
    private const int CardLength = 32;
    private const int CapabilitiesAt = 84;
    private const int DeviceCapabilitiesAt = 88;
    private const uint VideoCapture = 0x1;      // V4L2_CAP_VIDEO_CAPTURE
    private const uint Streaming = 0x04000000;  // V4L2_CAP_STREAMING
    private const uint HasOwn = 0x80000000;     // V4L2_CAP_DEVICE_CAPS

    /// <summary>Those that give pictures, lowest number first: one camera may have further devices for other data.</summary>
    public static ImmutableArray<CameraDevice> All(string folder = "/dev") =>
    [
        .. Directory.EnumerateFiles(folder, Prefix + "*")
            .Select(path => (Path: path, IsOne: int.TryParse(System.IO.Path.GetFileName(path)[Prefix.Length..],
                NumberStyles.None, CultureInfo.InvariantCulture, out int number), Number: number))
            .Where(found => found.IsOne).OrderBy(found => found.Number).Select(found => Ask(found.Path)).OfType<CameraDevice>(),
    ];

    /// <summary>Null where it captures no video.</summary>
    internal static CameraDevice? Of(string path, ReadOnlySpan<byte> capability)
    {
        uint whole = Number(capability, CapabilitiesAt);
        uint own = (whole & HasOwn) != 0 ? Number(capability, DeviceCapabilitiesAt) : whole;
        ReadOnlySpan<byte> card = capability.Slice(CardAt, CardLength);
        int end = card.IndexOf((byte)0);
        string name = PlainText.Of(System.Text.Encoding.UTF8.GetString(end < 0 ? card : card[..end]), MaxName);
        return (own & (VideoCapture | Streaming)) == (VideoCapture | Streaming) ? new CameraDevice(path, name) : null;
    }

    private static CameraDevice? Ask(string path)
    {
        byte[] capability = new byte[CapabilityLength];
        try
        {
            using SafeFileHandle device = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            return TtyCalls.ioctl((int)device.DangerousGetHandle(), TtyCalls.VIDIOC_QUERYCAP,
                ref MemoryMarshal.GetArrayDataReference(capability)) == 0 ? Of(path, capability) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // Not ours to look through.
        }
    }

    private static uint Number(ReadOnlySpan<byte> structure, int at) =>
        BitConverter.IsLittleEndian
            ? BinaryPrimitives.ReadUInt32LittleEndian(structure[at..])
            : BinaryPrimitives.ReadUInt32BigEndian(structure[at..]);
}
