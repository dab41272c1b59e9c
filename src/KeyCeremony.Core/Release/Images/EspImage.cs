using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace KeyCeremony.Core.Release.Images;

/// <summary>
/// An application of an ESP32 as <c>esptool elf2image --secure-pad-v2</c> makes it, before Secure Boot V2 signs it. Written from ESP-IDF's
/// App Image Format and Secure Boot V2; all numbers in little endian. docs/formats/releases/esp-secure-boot-v2.md.
/// </summary>
internal static class EspImage
{
    private const byte Magic = 0xE9, ChecksumSeed = 0xEF, Filling = 0xFF, SignatureMagic = 0xE7;
    private const int HeaderBytes = 24, SegmentHeaderBytes = 8, ChecksumBlock = 16, Sector = 4096, MaxSegments = 16;
    private const uint DescriptorMagic = 0xABCD5432;
    private const int DescriptorBytes = 256;

    private static readonly (ushort Id, string Name)[] Chips =
    [
        (0, "esp32"), (2, "esp32s2"), (5, "esp32c3"), (9, "esp32s3"), (12, "esp32c2"), (13, "esp32c6"), (16, "esp32h2"),
        (18, "esp32p4"), (20, "esp32c61"), (23, "esp32c5"), (25, "esp32h21"), (28, "esp32h4"),
    ];

    public static ImageFacts Read(ImagePass pass)
    {
        pass.Also(HashAlgorithmName.SHA384);
        Header header = ReadHeader(pass);
        byte checksum = ChecksumSeed;
        byte[] descriptor = [];
        for (int i = 0; i < header.Segments; i++)
            checksum = PassSegment(pass, i, checksum, ref descriptor);
        CheckSum(pass, checksum);
        CheckHash(pass);
        Fill(pass);
        SigningDigest[] digests = [Digest(pass, HashAlgorithmName.SHA256, "SHA-256", "RSA 3072 and EC P-256"),
            Digest(pass, HashAlgorithmName.SHA384, "SHA-384", "EC P-384")];
        RefuseSignature(pass);
        Application app = ReadDescriptor(descriptor);
        return new ImageFacts
        {
            Version = app.Version,
            SecurityCounter = app.SecureVersion,
            Target = header.Chip,
            Digests = [.. digests],
            Lines =
            [
                new("project", app.Project),
                new("compiled", $"{app.Date} {app.Time}, with ESP-IDF {app.Idf}"),
                new("ELF SHA-256", app.ElfSha256),
                new("chip revisions", $"from {Revision(header.From)} to {(header.To == ushort.MaxValue ? "any" : Revision(header.To))}"),
                new("segments", $"{header.Segments}, entry {header.Entry:x8}"),
            ],
        };
    }

    private static Header ReadHeader(ImagePass pass)
    {
        if (pass.Rest < HeaderBytes)
            throw NoHeader("The file is shorter than a header.");
        byte[] bytes = pass.Take(HeaderBytes);
        if (bytes[0] != Magic)
            throw NoHeader("The file does not begin with the magic number of an ESP32 image.");
        if (bytes[1] is 0 or > MaxSegments)
            throw NoHeader($"The image has {bytes[1]} segments.");
        ushort id = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(12));
        if (Chips.FirstOrDefault(chip => chip.Id == id).Name is not { } name)
            throw NoHeader($"The image is for a chip with the number {id}, which is not known here.");
        if (bytes[23] != 1)
            throw NoHeader("The image has no hash appended.");
        return new Header(bytes[1], BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4)), name,
            BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(15)), BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(17)));
    }

    private static byte PassSegment(ImagePass pass, int number, byte checksum, ref byte[] descriptor)
    {
        long bytes = pass.Rest < SegmentHeaderBytes ? long.MaxValue
            : BinaryPrimitives.ReadUInt32LittleEndian(pass.Take(SegmentHeaderBytes).AsSpan(4));
        if (bytes > pass.Rest)
            throw new ImageRefused(ImageRules.EspSegments, $"Segment {number} does not lie whole in the file.",
                "It was cut off on its way: copy it again.");
        if (number == 0 && bytes >= DescriptorBytes)
        {
            descriptor = pass.Take(DescriptorBytes);
            bytes -= DescriptorBytes;
            checksum = Xor(checksum, descriptor);
        }
        pass.Pass(bytes, piece => checksum = Xor(checksum, piece));
        return checksum;
    }

    private static byte Xor(byte checksum, ReadOnlySpan<byte> bytes)
    {
        foreach (byte one in bytes)
            checksum ^= one;
        return checksum;
    }

    // The checksum is the last byte of a block of 16.
    private static void CheckSum(ImagePass pass, byte checksum)
    {
        int block = ChecksumBlock - (int)(pass.Position % ChecksumBlock);
        if (pass.Rest < block || pass.Take(block)[^1] != checksum)
            throw new ImageRefused(ImageRules.EspSegments, "The checksum over the segments is not the one in the image, or it is missing.",
                "The image was changed after it was made, or damaged on its way. Copy it again, or build it again.");
    }

    private static void CheckHash(ImagePass pass)
    {
        byte[] hash = pass.HashSoFar(HashAlgorithmName.SHA256);
        if (pass.Rest < hash.Length || !pass.Take(hash.Length).AsSpan().SequenceEqual(hash))
            throw new ImageRefused(ImageRules.EspHash, "The SHA-256 that is appended is missing or not the one of the image.",
                "The image was changed after it was made, or damaged on its way. Copy it again, or build it again.");
    }

    private static void Fill(ImagePass pass)
    {
        long filling = (Sector - (pass.Position % Sector)) % Sector;
        if (pass.Rest < filling)
            throw Padding($"The image has {pass.Length} bytes, no multiple of {Sector}.");
        pass.Pass(filling, piece =>
        {
            if (piece.ContainsAnyExcept(Filling))
                throw Padding("What fills the image's last sector is not FF.");
        });
    }

    private static void RefuseSignature(ImagePass pass)
    {
        if (pass.Rest == 0)
            return;
        if (pass.Rest == Sector && pass.Take(Sector)[0] == SignatureMagic)
            throw new ImageRefused(ReleaseRules.Unsigned, "The image has a signature sector already.",
                "Give the image as it is before 'espsecure sign_data': then two builders make the same bytes.");
        throw Padding("Something stands behind the image.");
    }

    // esp_app_desc_t
    private static Application ReadDescriptor(byte[] bytes)
    {
        if (bytes.Length == 0 || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != DescriptorMagic)           // magic_word
            throw Descriptor("The first segment does not begin with the description of an application.");
        return new Application(
            BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4)),                                         // secure_version
            Text(bytes.AsSpan(16, 32), "version"),
            Text(bytes.AsSpan(48, 32), "project_name"),
            Text(bytes.AsSpan(80, 16), "time"),
            Text(bytes.AsSpan(96, 16), "date"),
            Text(bytes.AsSpan(112, 32), "idf_ver"),
            Convert.ToHexStringLower(bytes.AsSpan(144, SHA256.HashSizeInBytes)));                             // app_elf_sha256
    }

    // Filled up with zeros; a text that uses all bytes has none.
    private static string Text(ReadOnlySpan<byte> field, string name)
    {
        int end = field.IndexOf((byte)0);
        ReadOnlySpan<byte> text = end < 0 ? field : field[..end];
        return !text.IsEmpty && !text.ContainsAnyExceptInRange((byte)' ', (byte)'~') ? Encoding.ASCII.GetString(text)
            : throw Descriptor($"{name} in the application's description is empty or holds what is no printable ASCII.");
    }

    private static SigningDigest Digest(ImagePass pass, HashAlgorithmName hash, string title, string key) =>
        new(title, Convert.ToHexStringLower(pass.HashSoFar(hash)), $"the image up to the signature sector, for a key of {key}");

    private static string Revision(ushort full) => $"{full / 100}.{full % 100}";

    private static ImageRefused NoHeader(string found) => new(ImageRules.EspHeader, found,
        "Give the image that 'esptool elf2image' writes, padded for Secure Boot V2, or the format that it is of. A boot loader is raw.");

    private static ImageRefused Padding(string found) => new(ImageRules.EspPadding, found,
        "Make it with 'esptool elf2image', padded for Secure Boot V2, or fill it with FF to a multiple of 4096 bytes.");

    private static ImageRefused Descriptor(string found) => new(ImageRules.EspDescriptor, found,
        "Build the application with ESP-IDF's own description, which has its version and secure version. A boot loader is signed as raw.");

    private sealed record Header(int Segments, uint Entry, string Chip, ushort From, ushort To);

    private sealed record Application(uint SecureVersion, string Version, string Project, string Time, string Date, string Idf,
        string ElfSha256);
}
