using System.Security.Cryptography;

namespace KeyCeremony.Hsm.Tests;

/// <summary>The tests' own boot loader, held against what imgtool signed.</summary>
public sealed class BootLoaderTests
{
    [Fact]
    public void It_starts_what_imgtool_signed_and_attaches_a_signature_byte_by_byte_as_imgtool_does()
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(Made("mcuboot.pub.pem")));
        byte[] image = File.ReadAllBytes(Made("mcuboot.bin")), signed = File.ReadAllBytes(Made("mcuboot.signed.bin"));

        Assert.True(BootLoader.Starts(signed, key));
        // Behind the image stand the key's hash with its head, 36 bytes, and the signature behind a head of 4.
        Assert.Equal(signed, BootLoader.Attach(image, key, signed[(image.Length + 36 + 4)..]));
        Assert.All(BootLoader.EveryByteFlipped(signed), flipped => Assert.False(BootLoader.Starts(flipped, key)));
        Assert.False(BootLoader.Starts(image, key));
        using var another = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.False(BootLoader.Starts(signed, another));
    }

    private static string Made(string file) => Path.Combine(Repository.Root, "tests", "KeyCeremony.Core.Tests", "Release", "made", file);
}
