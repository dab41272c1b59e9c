using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Release.Images;

/// <summary>
/// An image of MCUboot as <c>imgtool sign</c> makes it without a key: header, image, protected records, records. Written from MCUboot's
/// design document, Image format; all numbers in little endian. docs/formats/releases/mcuboot.md.
/// </summary>
internal static class McubootImage
{
    private const uint Magic = 0x96f3b83d;
    private const int HeaderBytes = 32, AreaHeaderBytes = 4, RecordHeaderBytes = 4;
    private const ushort Protected = 0x6908, Unprotected = 0x6907;
    private const ushort KeyHash = 0x01, PublicKey = 0x02, SignedWhole = 0x25, SecurityCounter = 0x50, Dependency = 0x40;

    private const uint Encrypted = 0x04 | 0x08, Compressed = 0x200 | 0x400 | 0x800;

    private static readonly (uint Flag, string Title)[] Flags =
        [(0x01, "position independent"), (0x10, "not bootable"), (0x20, "loaded into RAM"), (0x100, "built for its address")];

    private static readonly (ushort Kind, HashAlgorithmName Name, string Title, int Bytes)[] Hashes =
    [
        (0x10, HashAlgorithmName.SHA256, "SHA-256", SHA256.HashSizeInBytes),
        (0x11, HashAlgorithmName.SHA384, "SHA-384", SHA384.HashSizeInBytes),
        (0x12, HashAlgorithmName.SHA512, "SHA-512", SHA512.HashSizeInBytes),
    ];

    private static readonly ushort[] Signatures = [0x20, 0x21, 0x22, 0x23, 0x24], EncryptedKeys = [0x30, 0x31, 0x32, 0x33, 0x34];

    // With the length of each: of the boot record it is its own matter.
    private static readonly (ushort Kind, string Title, int? Bytes)[] KnownProtected =
    [
        (SecurityCounter, "security counter", 4), (Dependency, "dependency", 12), (0x60, "boot record", null),
        (0x74, "vendor", 16), (0x75, "device class", 16), (0x80, "vendor", 16), (0x81, "device class", 16),
    ];

    public static ImageFacts Read(ImagePass pass)
    {
        pass.Also(HashAlgorithmName.SHA384);
        pass.Also(HashAlgorithmName.SHA512);
        Header header = ReadHeader(pass);
        pass.Pass(header.ImageBytes);
        ImmutableArray<Record> inside = header.ProtectedBytes == 0 ? [] : ReadArea(pass, Protected, header.ProtectedBytes);
        string[] hashes = [.. Hashes.Select(hash => Convert.ToHexStringLower(pass.HashSoFar(hash.Name)))];
        ImmutableArray<Record> outside = ReadArea(pass, Unprotected, null);
        if (pass.Rest > 0)
            throw Areas($"{pass.Rest} bytes stand behind the last record.",
                "Make it with imgtool and without padding: a padded slot is made when it is flashed.");
        CheckProtected(inside);
        int hash = CheckHash(outside, hashes);
        CheckOutside(outside, hash);
        uint counter = CounterOf(inside);
        return new ImageFacts
        {
            Version = header.Version,
            SecurityCounter = counter,
            Digests = [new(Hashes[hash].Title, hashes[hash], "header, image and protected records")],
            Lines = [.. Describe(header, inside)],
        };
    }

    private static Header ReadHeader(ImagePass pass)
    {
        if (pass.Rest < HeaderBytes)
            throw NoHeader("The file is shorter than a header.");
        byte[] bytes = pass.Take(HeaderBytes);
        if (BinaryPrimitives.ReadUInt32BigEndian(bytes) == Magic)
            throw NoHeader("The image is in big endian, which is not read here.");
        uint magic = BinaryPrimitives.ReadUInt32LittleEndian(bytes);                    // ih_magic
        uint load = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4));           // ih_load_addr
        int headerBytes = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(8));     // ih_hdr_size
        int protectedBytes = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(10)); // ih_protect_tlv_size
        uint imageBytes = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(12));    // ih_img_size
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(16));         // ih_flags
        if (magic != Magic)
            throw NoHeader("The file does not begin with MCUboot's magic number.");
        if (headerBytes < HeaderBytes || imageBytes == 0 || bytes.AsSpan(28).ContainsAnyExcept((byte)0))
            throw NoHeader("The header is shorter than 32 bytes, has no image behind it, or holds something where zero is reserved.");
        if ((flags & (Encrypted | Compressed)) != 0)
            throw new ImageRefused(ImageRules.McubootFlags, $"The image is {((flags & Encrypted) != 0 ? "encrypted" : "compressed")}.",
                "Have the image signed as it is built. What a device is sent can be encrypted afterwards.");
        if ((flags & ~Flags.Aggregate(0u, (all, one) => all | one.Flag)) != 0)
            throw new ImageRefused(ImageRules.McubootFlags, $"The flags {flags:x8} hold one that is not known here.",
                "Make the image with a release of imgtool that this version of the program knows.");
        if (pass.Rest < headerBytes - HeaderBytes + imageBytes + protectedBytes)
            throw Areas("The file ends before the image does.", "It was cut off on its way: copy it again.");
        pass.Pass(headerBytes - HeaderBytes);
        string version = $"{bytes[20]}.{bytes[21]}.{BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(22))}";
        uint build = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(24));
        return new Header(load, headerBytes, protectedBytes, imageBytes, flags, build == 0 ? version : $"{version}+{build}");
    }

    /// <param name="bytes">That it must have; null: what it says itself.</param>
    private static ImmutableArray<Record> ReadArea(ImagePass pass, ushort magic, int? bytes)
    {
        string title = magic == Protected ? "the protected records" : "the records";
        if (pass.Rest < AreaHeaderBytes)
            throw Areas($"The file ends where {title} should begin.", "It was cut off, or imgtool has not been over it: make it again.");
        byte[] head = pass.Take(AreaHeaderBytes);
        int total = BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(2));
        if (BinaryPrimitives.ReadUInt16LittleEndian(head) != magic || total < AreaHeaderBytes || (bytes is { } wanted && total != wanted))
            throw Areas($"Where {title} should begin, or about their length, the image says two things.", "Make it with imgtool again.");
        if (pass.Rest < total - AreaHeaderBytes)
            throw Areas($"The file ends within {title}.", "It was cut off on its way: copy it again.");
        ReadOnlyMemory<byte> rest = pass.Take(total - AreaHeaderBytes);
        ImmutableArray<Record>.Builder records = ImmutableArray.CreateBuilder<Record>();
        while (!rest.IsEmpty)
        {
            int length = rest.Length < RecordHeaderBytes ? -1 : BinaryPrimitives.ReadUInt16LittleEndian(rest.Span[2..]);
            if (length < 0 || length > rest.Length - RecordHeaderBytes)
                throw Areas($"A record does not lie whole in {title}.", "Make it with imgtool again.");
            records.Add(new Record(BinaryPrimitives.ReadUInt16LittleEndian(rest.Span), rest.Slice(RecordHeaderBytes, length)));
            rest = rest[(RecordHeaderBytes + length)..];
        }
        return records.ToImmutable();
    }

    private static void CheckProtected(ImmutableArray<Record> records)
    {
        foreach (Record record in records)
        {
            if (KnownProtected.FirstOrDefault(one => one.Kind == record.Kind) is { Title: { } title } known)
            {
                if (known.Bytes is { } bytes && bytes != record.Value.Length)
                    throw Wrong($"The {title} has {record.Value.Length} bytes instead of {bytes}.");
            }
            // Vendors' own: xxA0 to xxFF, without FFFF.
            else if ((record.Kind & 0xFF) < 0xA0 || record.Kind == 0xFFFF)
                throw Wrong($"Among the protected records is one of the kind {record.Kind:x4}, which does not belong there.");
        }
        // An image depends on several others; everything else is said once.
        if (records.Where(one => one.Kind != Dependency).GroupBy(one => one.Kind).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw Wrong($"The protected record {twice.Key:x4} stands twice.");
        if (records.Where(one => one.Kind == Dependency).GroupBy(one => one.Value.Span[0]).Any(same => same.Count() > 1))
            throw Wrong("Two dependencies are on the same image.");
    }

    /// <summary>The place of its kind in <see cref="Hashes"/>.</summary>
    private static int CheckHash(ImmutableArray<Record> records, string[] computed)
    {
        Record[] found = [.. records.Where(record => Hashes.Any(hash => hash.Kind == record.Kind))];
        if (found is not [var only])
            throw new ImageRefused(ImageRules.McubootHash, $"The image has {found.Length} records of its hash.",
                "Make it with imgtool again, with one hash.");
        int hash = Array.FindIndex(Hashes, one => one.Kind == only.Kind);
        return Convert.ToHexStringLower(only.Value.Span) == computed[hash] ? hash
            : throw new ImageRefused(ImageRules.McubootHash,
                $"The {Hashes[hash].Title} in the image is not the one that it has: {computed[hash]}.",
                "The image was changed after it was made, or damaged on its way. Copy it again; if that does not help, build it.");
    }

    private static void CheckOutside(ImmutableArray<Record> records, int hash)
    {
        foreach (Record record in records)
            if (record.Kind is KeyHash or PublicKey && PublishedTestKeys.NameOf(record.Kind == KeyHash
                ? Convert.ToHexStringLower(record.Value.Span)
                : Convert.ToHexStringLower(SHA256.HashData(record.Value.Span))) is { } name)
                throw new ImageRefused(ReleaseRules.TestKey, $"The image is signed with a key that everybody has: {name}.",
                    "Make it without a key. Look whether devices trust this key: whoever wants to can sign for them.");
        foreach (Record record in records)
        {
            if (record.Kind is KeyHash or PublicKey || Signatures.Contains(record.Kind))
                throw new ImageRefused(ReleaseRules.Unsigned, "The image is signed already.",
                    "Make it with 'imgtool sign' and without a key: then two builders make the same bytes.");
            if (record.Kind == SignedWhole || EncryptedKeys.Contains(record.Kind))
                throw Wrong("The image is made for a signature over all its bytes (Ed25519 pure), or holds the key of an encrypted one.");
            if (record.Kind != Hashes[hash].Kind)
                throw Wrong($"Among the records that no signature protects is one of the kind {record.Kind:x4}: anybody could change it.");
        }
    }

    private static uint CounterOf(ImmutableArray<Record> records) =>
        records.FirstOrDefault(record => record.Kind == SecurityCounter) is { } counter
            ? BinaryPrimitives.ReadUInt32LittleEndian(counter.Value.Span)
            : throw new ImageRefused(ImageRules.McubootCounter, "The image has no security counter.",
                "Make it with 'imgtool sign' and a security counter, and build MCUboot so that it looks at it.");

    private static IEnumerable<TextLine> Describe(Header header, ImmutableArray<Record> records)
    {
        yield return new("image in the file", $"{header.ImageBytes} bytes behind a header of {header.HeaderBytes}");
        yield return new("load address", $"{header.Load:x8}");
        yield return new("flags", header.Flags == 0 ? "none"
            : string.Join(", ", Flags.Where(one => (header.Flags & one.Flag) != 0).Select(one => one.Title)));
        foreach (Record record in records.Where(record => record.Kind != SecurityCounter))
            yield return record.Kind == Dependency ? new("depends on", Dependent(record.Value.Span))
                : new(KnownProtected.FirstOrDefault(one => one.Kind == record.Kind).Title ?? $"vendor's record {record.Kind:x4}",
                    $"{record.Value.Length} bytes, SHA-256 {Convert.ToHexStringLower(SHA256.HashData(record.Value.Span))}");
    }

    // struct image_dependency: image_id, three bytes of padding, image_min_version.
    private static string Dependent(ReadOnlySpan<byte> value) =>
        $"image {value[0]}, version {value[4]}.{value[5]}.{BinaryPrimitives.ReadUInt16LittleEndian(value[6..])}"
            + $"+{BinaryPrimitives.ReadUInt32LittleEndian(value[8..])} or later";

    private static ImageRefused NoHeader(string found) =>
        new(ImageRules.McubootHeader, found, "Give the file that 'imgtool sign' writes, or the format that it is of.");

    private static ImageRefused Areas(string found, string remedy) => new(ImageRules.McubootAreas, found, remedy);

    private static ImageRefused Wrong(string found) => new(ImageRules.McubootRecords, found,
        "Make the image with imgtool again, with the options that it is meant to have and no others.");

    private sealed record Header(uint Load, int HeaderBytes, int ProtectedBytes, uint ImageBytes, uint Flags, string Version);

    private sealed record Record(ushort Kind, ReadOnlyMemory<byte> Value);
}
