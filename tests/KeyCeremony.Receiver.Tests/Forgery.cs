using KeyCeremony.Core;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.Receiver.Tests;

/// <summary>What somebody holds before the camera who wants another file to arrive.</summary>
internal static class Forgery
{
    /// <summary>The same part of the same transfer with other data, under checksums that hold.</summary>
    public static string Of(string frame)
    {
        Assert.True(FrameText.TryRead(frame, out _, out Part? part, out Refusal? refusal), refusal?.Message);
        byte[] data = part!.Data.ToArray();
        data[0] ^= 1;
        return FrameText.OfPart(part with { Data = data });
    }
}
