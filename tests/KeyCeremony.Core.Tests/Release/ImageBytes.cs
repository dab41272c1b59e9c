using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.Core.Release;
using KeyCeremony.Core.Release.Images;
using KeyCeremony.Core.Tests.Pki;

namespace KeyCeremony.Core.Tests.Release;

/// <summary>Images written from the formats' descriptions: good ones, and what a test changes in them.</summary>
internal static class ImageBytes
{
    public const int McubootHeader = 32;

    /// <summary>What the examples say of themselves.</summary>
    public const string Version = "1.15.0+7";
    public const uint Counter = 18;

    /// <summary>Bytes of a signature of RSA 3072.</summary>
    public const int RsaSignature = 384;

    /// <summary>Whether our check takes a signature that another tool made with the key of made/rsa.pub.pem.</summary>
    public static bool HoldsRsa(byte[] digest, byte[] signature)
    {
        using var key = RSA.Create();
        key.ImportFromPem(File.ReadAllText(Repository.PathOf("tests", "KeyCeremony.Core.Tests", "Release", "made", "rsa.pub.pem")));
        return ReleaseSigning.Holds(key.ExportSubjectPublicKeyInfo(), null, digest, DateTimeOffset.UnixEpoch, signature);
    }

    public static byte[] Payload { get; } = [.. Enumerable.Range(0, 300).Select(i => (byte)(i * 7 % 256))];

    /// <param name="inside">Protected records behind the security counter's.</param>
    /// <param name="outside">Records behind the hash's.</param>
    public static byte[] Mcuboot(bool hasCounter = true, byte[]? inside = null, byte[]? outside = null, uint flags = 0, ushort hash = 0x10)
    {
        byte[] records = [.. hasCounter ? Record(0x50, U32(Counter)) : [], .. inside ?? []];
        byte[] area = records.Length == 0 ? [] : [.. U16(0x6908), .. U16((ushort)(4 + records.Length)), .. records];
        byte[] signed =
        [
            .. U32(0x96f3b83d), .. U32(0), .. U16(McubootHeader), .. U16((ushort)area.Length), .. U32((uint)Payload.Length), .. U32(flags),
            1, 15, .. U16(0), .. U32(7), .. U32(0), .. Payload, .. area,
        ];
        byte[] value = hash == 0x10 ? SHA256.HashData(signed) : hash == 0x11 ? SHA384.HashData(signed) : SHA512.HashData(signed);
        byte[] others = [.. Record(hash, value), .. outside ?? []];
        return [.. signed, .. U16(0x6907), .. U16((ushort)(4 + others.Length)), .. others];
    }

    public static byte[] Record(ushort kind, byte[] value) => [.. U16(kind), .. U16((ushort)value.Length), .. value];

    /// <summary>Two segments, the first with the application's description; filled to a sector.</summary>
    public static byte[] Esp(string version = Version, uint secureVersion = Counter, byte chip = 5, uint magic = 0xABCD5432)
    {
        byte[] description =
        [
            .. U32(magic), .. U32(secureVersion), .. new byte[8], .. Padded(version, 32), .. Padded("lock", 32), .. Padded("10:00:00", 16),
            .. Padded("Nov 22 2026", 16), .. Padded("v5.4.1", 32), .. SHA256.HashData(Payload), .. new byte[80],
        ];
        byte[] first = [.. description, .. Payload], second = [1, 2, 3, 4];
        byte checksum = first.Concat(second).Aggregate((byte)0xEF, (sum, one) => (byte)(sum ^ one));
        byte[] segments =
        [
            0xE9, 2, 2, 0x20, .. U32(0x40080000), 0xEE, 0, 0, 0, chip, 0, 0, .. U16(3), .. U16(199), 0, 0, 0, 0, 1,
            .. U32(0x3F400020), .. U32((uint)first.Length), .. first, .. U32(0x40080000), .. U32((uint)second.Length), .. second,
        ];
        byte[] summed = [.. segments, .. new byte[15 - (segments.Length % 16)], checksum];
        byte[] hashed = [.. summed, .. SHA256.HashData(summed)];
        return [.. hashed, .. Enumerable.Repeat((byte)0xFF, (4096 - (hashed.Length % 4096)) % 4096)];
    }

    /// <summary>PE32+, one section, and something behind it; the checksum is right.</summary>
    public static byte[] Efi(ushort machine = 0x8664, ushort subsystem = 10, byte[]? behind = null, bool isPlus = true)
    {
        const int headers = 0x200;
        int directories = isPlus ? 112 : 96;
        byte[] optional = new byte[directories + (16 * 8)];
        U16((ushort)(isPlus ? 0x20b : 0x10b)).CopyTo(optional, 0);
        U32(headers).CopyTo(optional, 60);
        U16(subsystem).CopyTo(optional, 68);
        U32(16).CopyTo(optional, directories - 4);
        byte[] head =
        [
            (byte)'M', (byte)'Z', .. new byte[58], .. U32(64), (byte)'P', (byte)'E', 0, 0,
            .. U16(machine), .. U16(1), .. new byte[12], .. U16((ushort)optional.Length), .. U16(0x0206), .. optional,
            .. Padded(".text", 8), .. U32(300), .. U32(0x1000), .. U32(0x200), .. U32(headers), .. new byte[12], .. U32(0x60000020),
        ];
        byte[] file = [.. head, .. new byte[headers - head.Length], .. Payload, .. new byte[0x200 - Payload.Length], .. behind ?? []];
        U32(Checksum(file)).CopyTo(file, ChecksumAt);
        return file;
    }

    /// <summary>What stands in SWUpdate's documentation, in short.</summary>
    public static string SwDescription { get; } = $$"""
        # made by the build
        software =
        {
            version = "{{Version}}"; /* as the others */
            lock-1 = { hardware-compatibility = [ "C2", "#RE:^C[0-9]+$" ]; };
            stable: { copy-1: { images: (
                { filename = "rootfs.img"; device = "/dev/mmcblk0p2"; compressed = "zlib"; installed-directly = true; size = 0x1000L;
                  sha256 = "{{new string('a', 64)}}"; },
                { filename = "kernel." "img"; sha256 = "{{new string('b', 64)}}"; properties: { }; }
            ); }; };
            scripts: ( { type = "lua"; filename = "s.lua"; sha256 = "{{new string('c', 64)}}"; data = "one\ntwo"; } ); // last
        };

        """;

    public static string RaucManifest { get; } = $"""
        # made by rauc
        [update]
        compatible=LOCK-1 C2
        version={Version}
        build=

        [bundle]
        format=verity
        verity-hash={new string('a', 64)}
        verity-salt={new string('b', 64)}
        verity-size=4096

        [image.rootfs]
        sha256={new string('c', 64)}
        size=102400
        filename=rootfs.img

        """;

    /// <summary>The head of a squashfs 4.0, and what fills it.</summary>
    public static byte[] Squashfs(ulong used = 5000, int length = 8192)
    {
        byte[] file = new byte[length];
        U32(0x73717368).CopyTo(file, 0);
        U32(7).CopyTo(file, 4);
        U16(1).CopyTo(file, 20);
        U16(4).CopyTo(file, 28);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(40), used);
        Payload.CopyTo(file, 100);
        return file;
    }

    /// <summary>Of <see cref="Efi"/>.</summary>
    public const int ChecksumAt = 64 + 24 + 64;

    /// <summary>Of <see cref="Efi"/>, PE32+: the entry of the certificate table.</summary>
    public const int CertificatesAt = 64 + 24 + 112 + 32;

    /// <summary>The table's entry set, and an entry behind the file.</summary>
    public static byte[] EfiWithTable(byte[] entry)
    {
        byte[] file = Efi();
        U32((uint)file.Length).CopyTo(file, CertificatesAt);
        U32((uint)entry.Length).CopyTo(file, CertificatesAt + 4);
        U32(0).CopyTo(file, ChecksumAt);
        return [.. file, .. entry];
    }

    public static byte[] Changed(byte[] image, int at, params byte[] bytes)
    {
        byte[] changed = [.. image];
        bytes.CopyTo(changed, at);
        return changed;
    }

    public static Refusal? Refused(string format, byte[] image)
    {
        bool isTaken = ImageFormat.Of(format).TryRead(new MemoryStream(image), image.Length, out ImageFacts? facts, out Refusal? refusal);
        Assert.Equal(isTaken, facts is not null);
        Assert.NotEqual(isTaken, refusal is not null);
        return refusal;
    }

    public static ImageFacts Taken(string format, byte[] image)
    {
        Assert.True(ImageFormat.Of(format).TryRead(new MemoryStream(image), image.Length, out ImageFacts? facts, out Refusal? refusal),
            refusal?.ToString());
        Assert.Equal((image.Length, Convert.ToHexStringLower(SHA256.HashData(image))), (facts!.Size, facts.Sha256));
        return facts;
    }

    public static byte[] U16(ushort value)
    {
        byte[] bytes = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
        return bytes;
    }

    public static byte[] U32(uint value)
    {
        byte[] bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }

    private static byte[] Padded(string text, int length) => [.. Encoding.ASCII.GetBytes(text), .. new byte[length - text.Length]];

    // By the definition, all at once: the reader adds piece by piece.
    private static uint Checksum(byte[] file)
    {
        ulong sum = 0;
        byte[] even = [.. file, .. new byte[file.Length % 2]];
        for (int i = 0; i < even.Length; i += 2)
            sum += BinaryPrimitives.ReadUInt16LittleEndian(even.AsSpan(i));
        while (sum > 0xFFFF)
            sum = (sum & 0xFFFF) + (sum >> 16);
        return (uint)sum + (uint)file.Length;
    }
}
