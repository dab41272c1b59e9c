using System.Buffers.Binary;
using System.Security.Cryptography;

namespace KeyCeremony.Core.Release.Images;

/// <summary>
/// A plain bundle of RAUC before its signature: a squashfs, filled to a block. Its manifest lies inside, compressed, and is not read.
/// docs/formats/releases/rauc-plain.md.
/// </summary>
internal static class RaucPayload
{
    private const int SuperblockBytes = 96, Block = 4096;
    private const uint Magic = 0x73717368;

    private static readonly string[] Compressions = ["gzip", "lzma", "lzo", "xz", "lz4", "zstd"];

    public static ImageFacts Read(ImagePass pass)
    {
        if (pass.Length < SuperblockBytes)
            throw Wrong("The file is shorter than the head of a squashfs.", "It was cut off on its way: copy it again.");
        pass.Also(HashAlgorithmName.SHA384);
        byte[] head = pass.Take(SuperblockBytes);
        uint magic = BinaryPrimitives.ReadUInt32LittleEndian(head), inodes = BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(4));
        uint made = BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(8)); // mkfs_time
        int compression = BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(20)) - 1;
        int major = BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(28));
        int minor = BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(30));
        ulong used = BinaryPrimitives.ReadUInt64LittleEndian(head.AsSpan(40)); // bytes_used
        if (magic != Magic || (major, minor) != (4, 0) || compression < 0 || compression >= Compressions.Length)
            throw Wrong("The file is no squashfs 4.0.", "Give the bundle's payload: the bundle without the signature at its end.");
        if (used < SuperblockBytes || used > (ulong)pass.Length)
            throw Wrong($"The squashfs has {used} bytes, and the file has {pass.Length}.", "It was cut off on its way: copy it again.");
        long filled = ((long)used + Block - 1) / Block * Block;
        if (pass.Length > filled)
            throw new ImageRefused(ReleaseRules.Unsigned,
                $"{pass.Length - filled} bytes stand behind the squashfs: a signature, or hashes.",
                "Give the bundle without the signature at its end; of a verity bundle give the manifest, as rauc-verity.");
        pass.Pass((long)used - SuperblockBytes);
        bool isFilling = true;
        pass.Pass(pass.Rest, piece => isFilling &= !piece.ContainsAnyExcept((byte)0));
        if (!isFilling)
            throw Wrong("What fills the squashfs up to its block is not zero.", "Make the bundle again.");
        return new ImageFacts
        {
            Digests = RawImage.Digests(pass),
            Lines =
            [
                new("squashfs", $"{used} bytes, {inodes} files and folders, {Compressions[compression]}"),
                new("made", DateTimeOffset.FromUnixTimeSeconds(made).ToString("yyyy-MM-dd HH:mm:ss 'UTC'",
                    System.Globalization.CultureInfo.InvariantCulture)),
                new("manifest", "inside the squashfs, and not read here; a verity bundle's is read"),
            ],
        };
    }

    private static ImageRefused Wrong(string found, string remedy) => new(ImageRules.RaucPayload, found, remedy);
}
