using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;

namespace KeyCeremony.Core.Release.Images;

/// <summary>
/// A UEFI program: PE/COFF, signed as Authenticode says. The digest leaves out the checksum, the entry of the certificate table and the
/// table itself. docs/formats/releases/efi.md.
/// </summary>
internal static class EfiProgram
{
    private const int DosBytes = 64, SignatureBytes = 4, CoffBytes = 20, SectionBytes = 40, DirectoryBytes = 8;
    private const int MaxOptional = 512, MaxSections = 96, CertificateDirectory = 4, MinDirectories = 5, MaxDirectories = 16;
    private const int Aligned = 8, CertificateHead = 8;
    private const ushort Pe32 = 0x10b, Pe32Plus = 0x20b, Revision2 = 0x0200, Pkcs7 = 0x0002;

    private static readonly (ushort Id, string Name)[] Machines =
    [
        (0x014c, "ia32"), (0x01c2, "arm"), (0x01c4, "arm"), (0x5032, "riscv32"), (0x5064, "riscv64"), (0x6264, "loongarch64"),
        (0x8664, "x64"), (0xaa64, "aa64"),
    ];

    private static readonly (ushort Id, string Name)[] Subsystems =
        [(10, "application"), (11, "boot service driver"), (12, "runtime driver"), (13, "ROM image")];

    public static ImageFacts Read(ImagePass pass)
    {
        Head head = ReadHead(pass);
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var sum = new PeChecksum();
        ReadOnlySpan<byte> bytes = head.Bytes;
        digest.AppendData(bytes[..head.ChecksumAt]);
        digest.AppendData(bytes[(head.ChecksumAt + sizeof(uint))..head.CertificatesAt]);
        digest.AppendData(bytes[(head.CertificatesAt + DirectoryBytes)..]);
        byte[] summed = [.. head.Bytes];
        BinaryPrimitives.WriteUInt32LittleEndian(summed.AsSpan(head.ChecksumAt), 0);
        sum.Add(summed);

        (long sectionsEnd, long end) = CheckSections(head, pass.Length);
        pass.Pass(end - pass.Position, piece =>
        {
            digest.AppendData(piece);
            sum.Add(piece);
        });
        byte[] table = pass.Rest is > 0 and <= ImagePass.MaxTake ? pass.Take((int)pass.Rest) : [];
        if (pass.Rest > 0)
            throw Table($"The table of certificates has more than {ImagePass.MaxTake} bytes.");
        sum.Add(table);
        CheckSum(head, sum.Of(pass.Length));
        if (table.Length > 0)
            throw Signed(table);
        // The table of certificates begins at a multiple of 8: tools fill the file before they hash it.
        int filling = (int)((Aligned - (end % Aligned)) % Aligned);
        digest.AppendData(new byte[filling]);
        return new ImageFacts
        {
            Target = head.Machine,
            Digests = [new("SHA-256", Convert.ToHexStringLower(digest.GetHashAndReset()),
                "the program without checksum and certificates (Authenticode)")],
            Lines =
            [
                new("kind", head.Subsystem),
                new("sections", string.Join(", ", head.Sections.Select(section => section.Name))),
                new("behind the sections", $"{end - sectionsEnd} bytes, and {filling} zeros to fill it, which are signed with the rest"),
                new("version and counter", "a UEFI program has none that firmware compares"),
            ],
        };
    }

    private static Head ReadHead(ImagePass pass)
    {
        byte[] dos = Take(pass, DosBytes);
        long at = BinaryPrimitives.ReadUInt32LittleEndian(dos.AsSpan(60)); // e_lfanew
        if (dos[0] != 'M' || dos[1] != 'Z' || at < DosBytes || at > ImagePass.MaxTake / 2)
            throw NoHead("The file does not begin with MZ and the place of a PE header.");
        byte[] coff = [.. dos, .. Take(pass, (int)at - DosBytes + SignatureBytes + CoffBytes)];
        int file = (int)at + SignatureBytes;
        int sections = U16(coff, file + 2), optionalBytes = U16(coff, file + 16), optional = file + CoffBytes;
        if (!coff.AsSpan((int)at, SignatureBytes).SequenceEqual("PE\0\0"u8))
            throw NoHead("Where MZ points to is no PE header.");
        if (Machines.FirstOrDefault(machine => machine.Id == U16(coff, file)).Name is not { } machine)
            throw NoHead($"It is for a machine with the number {U16(coff, file):x4}, which is not known here.");
        if (sections is 0 or > MaxSections || optionalBytes > MaxOptional)
            throw NoHead($"It has {sections} sections, or an optional header of {optionalBytes} bytes.");
        byte[] all = [.. coff, .. Take(pass, optionalBytes + (sections * SectionBytes))];
        return ReadOptional(pass, all, optional, optionalBytes, sections, machine);
    }

    private static Head ReadOptional(ImagePass pass, byte[] all, int optional, int optionalBytes, int sections, string machine)
    {
        int magic = optionalBytes < sizeof(ushort) ? 0 : U16(all, optional);
        // NumberOfRvaAndSizes and the directories behind it stand farther back where addresses are longer.
        int count = optional + (magic == Pe32Plus ? 108 : 92), directories = count + sizeof(uint);
        if (magic is not (Pe32 or Pe32Plus) || optionalBytes < directories - optional)
            throw NoHead("It has no optional header of PE32 or PE32+.");
        uint entries = U32(all, count);
        if (entries is < MinDirectories or > MaxDirectories || optionalBytes != directories - optional + (entries * DirectoryBytes))
            throw NoHead($"It has {entries} directories, and an optional header that has no room for a signature or is longer than them.");
        if (Subsystems.FirstOrDefault(one => one.Id == U16(all, optional + 68)).Name is not { } subsystem)
            throw NoHead($"It is no UEFI program: its subsystem is {U16(all, optional + 68)}.");
        long headers = U32(all, optional + 60); // SizeOfHeaders
        if (headers < all.Length || headers > ImagePass.MaxTake || headers > pass.Length)
            throw NoHead($"Its headers are said to have {headers} bytes.");
        byte[] whole = [.. all, .. Take(pass, (int)headers - all.Length)];
        int certificates = directories + (CertificateDirectory * DirectoryBytes);
        return new Head(whole, optional + 64, certificates, U32(all, certificates), U32(all, certificates + 4), machine, subsystem,
            [.. Enumerable.Range(0, sections).Select(i => ReadSection(all, optional + optionalBytes + (i * SectionBytes)))]);
    }

    private static Section ReadSection(byte[] all, int at)
    {
        string name = string.Concat(all.AsSpan(at, 8).ToArray().TakeWhile(b => b != 0)
            .Select(b => b is > (byte)' ' and <= (byte)'~' ? (char)b : '?'));
        return new Section(name.Length == 0 ? "(unnamed)" : name, U32(all, at + 20), U32(all, at + 16)); // PointerToRawData, SizeOfRawData
    }

    /// <summary>Where the sections end, and where the table of certificates begins.</summary>
    private static (long Sections, long Program) CheckSections(Head head, long length)
    {
        long at = head.Bytes.Length;
        foreach (Section section in head.Sections.Where(section => section.Bytes > 0).OrderBy(section => section.At))
        {
            if (section.At != at)
                throw new ImageRefused(ImageRules.EfiSections,
                    $"The section {section.Name} begins at {section.At}, and what stands before it ends at {at}.",
                    "Link it again, without gaps between headers and sections (objcopy, ukify and lld leave none).");
            at += section.Bytes;
        }
        if (at > length)
            throw new ImageRefused(ImageRules.EfiSections, "The file ends before its sections do.",
                "It was cut off on its way: copy it again.");
        bool hasTable = head.TableAt != 0 || head.TableBytes != 0;
        if (hasTable && (head.TableAt < at || head.TableAt % Aligned != 0 || head.TableBytes == 0
            || head.TableAt + (long)head.TableBytes != length))
            throw Table("The table of certificates does not stand behind the sections and at the file's end.");
        return (at, hasTable ? head.TableAt : length);
    }

    private static void CheckSum(Head head, uint computed)
    {
        uint found = U32(head.Bytes, head.ChecksumAt);
        if (found != 0 && found != computed)
            throw new ImageRefused(ImageRules.EfiChecksum, $"The checksum in the header is {found:x8}, and the file has {computed:x8}.",
                "The file was changed after it was made, or damaged on its way. Copy it again, or link it again.");
    }

    /// <summary>Why a program that is signed is not taken: as exactly as it can be told.</summary>
    private static ImageRefused Signed(byte[] table)
    {
        int at = 0;
        while (at < table.Length)
        {
            // WIN_CERTIFICATE: dwLength, wRevision, wCertificateType, bCertificate
            long bytes = table.Length - at < CertificateHead ? 0 : U32(table, at);
            if (bytes < CertificateHead || bytes > table.Length - at || U16(table, at + 4) != Revision2 || U16(table, at + 6) != Pkcs7)
                return Table($"The entry at byte {at} of the table does not lie whole in it, or is no PKCS #7 signature.");
            if (TestKeyIn(table.AsSpan(at + CertificateHead, (int)bytes - CertificateHead)) is { } name)
                return new ImageRefused(ReleaseRules.TestKey, $"The program is signed with a key that everybody has: {name}.",
                    "Give the program without signatures. Look whether devices trust this key: whoever wants to can sign for them.");
            at += (int)((bytes + Aligned - 1) / Aligned * Aligned);
        }
        return new ImageRefused(ReleaseRules.Unsigned, "The program is signed already.",
            "Give the program as it is before 'sbsign' or 'osslsigncode': then two builders make the same bytes.");
    }

    private static string? TestKeyIn(ReadOnlySpan<byte> pkcs7)
    {
        try
        {
            var cms = new SignedCms();
            // The entry may be filled up behind the signature.
            cms.Decode(pkcs7[..DerLength(pkcs7)]);
            return cms.Certificates.Select(one => Convert.ToHexStringLower(SHA256.HashData(one.PublicKey.ExportSubjectPublicKeyInfo())))
                .Select(PublishedTestKeys.NameOf).FirstOrDefault(name => name is not null);
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException)
        {
            // Whatever it is, it is there: the program is refused as signed.
            return null;
        }
    }

    private static int DerLength(ReadOnlySpan<byte> der) =>
        AsnDecoder.ReadEncodedValue(der, AsnEncodingRules.BER, out _, out _, out int consumed) is var _ ? consumed : 0;

    private static byte[] Take(ImagePass pass, int count) =>
        count >= 0 && pass.Rest >= count ? pass.Take(count) : throw NoHead("The file ends within its headers.");

    private static ushort U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static ImageRefused NoHead(string found) =>
        new(ImageRules.EfiHeaders, found, "Give the UEFI program that the linker wrote, or the format that the file is of.");

    private static ImageRefused Table(string found) =>
        new(ImageRules.EfiCertificates, found, "Give the program as the linker wrote it, without signatures.");

    /// <param name="Bytes">Everything before the first section.</param>
    private sealed record Head(byte[] Bytes, int ChecksumAt, int CertificatesAt, uint TableAt, uint TableBytes, string Machine,
        string Subsystem, ImmutableArray<Section> Sections);

    private sealed record Section(string Name, uint At, uint Bytes);
}
