using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Release.Images;

/// <summary>
/// What is signed to set one of UEFI's Secure Boot variables: name, vendor, attributes, time, lists of signatures; as
/// <c>sign-efi-sig-list -o</c> writes it. UEFI 2.10 8.2.2, 32.4.1; numbers in little endian. docs/formats/releases/efi-variable.md.
/// </summary>
internal static class EfiVariable
{
    private const int GuidBytes = 16, TimeBytes = 16, ListHead = GuidBytes + (3 * sizeof(uint));

    // NON_VOLATILE, BOOTSERVICE_ACCESS, RUNTIME_ACCESS, TIME_BASED_AUTHENTICATED_WRITE_ACCESS; APPEND_WRITE
    private const uint Attributes = 0x27, Append = 0x40;

    private static readonly Guid Global = new("8be4df61-93ca-11d2-aa0d-00e098032b8c");
    private static readonly Guid Database = new("d719b2cb-3d3a-4596-a3bc-dad00e67656f");

    private static readonly (string Name, Guid Vendor)[] Variables =
        [("PK", Global), ("KEK", Global), ("db", Database), ("dbx", Database), ("dbt", Database), ("dbr", Database)];

    // With the bytes of each entry behind its owner; a certificate has its own length.
    private static readonly (Guid Type, string Title, int? Bytes)[] Types =
    [
        (new("a5c059a1-94e4-4aa7-87b5-ab155c2bf072"), "certificate", null),
        (new("c1c41626-504c-4092-aca9-41f936934328"), "SHA-256 of a program", SHA256.HashSizeInBytes),
        (new("3bd2a492-96c0-4079-b420-fcf98ef103ed"), "SHA-256 of a certificate, with the time of its revocation",
            SHA256.HashSizeInBytes + TimeBytes),
    ];

    public static ImageFacts Read(ImagePass pass)
    {
        if (pass.Length > ImagePass.MaxTake)
            throw NoVariable($"The file has more than {ImagePass.MaxTake} bytes.");
        ReadOnlyMemory<byte> file = pass.Take((int)pass.Length);
        (string name, Guid vendor) = Variables.FirstOrDefault(one => Begins(file.Span, one.Name, one.Vendor));
        if (name is null)
            throw NoVariable("The file does not begin with the name of a Secure Boot variable and the vendor that it belongs to.");
        int at = (2 * name.Length) + GuidBytes;
        if (file.Length < at + sizeof(uint) + TimeBytes)
            throw NoVariable("The file ends before its time does.");
        uint attributes = BinaryPrimitives.ReadUInt32LittleEndian(file.Span[at..]);
        if ((attributes & ~Append) != Attributes)
            throw NoVariable($"The attributes are {attributes:x8} and not those of a Secure Boot variable.");
        DateTimeOffset time = ReadTime(file.Span.Slice(at + sizeof(uint), TimeBytes));
        ImmutableArray<TextLine> entries = ReadLists(file[(at + sizeof(uint) + TimeBytes)..]);
        return new ImageFacts
        {
            Target = name,
            Digests = [new("SHA-256", Convert.ToHexStringLower(pass.HashSoFar(HashAlgorithmName.SHA256)),
                "the whole file: a detached PKCS #7 signature is made over it")],
            Lines =
            [
                new("written", (attributes & Append) != 0 ? "added to what the variable holds" : "REPLACES what the variable holds"),
                new("time", $"{time:yyyy-MM-dd HH:mm:ss} UTC; firmware takes none that is not later than the last"),
                new("vendor", $"{vendor}"),
                .. entries,
            ],
        };
    }

    private static bool Begins(ReadOnlySpan<byte> file, string name, Guid vendor) =>
        file.StartsWith([.. Encoding.Unicode.GetBytes(name), .. vendor.ToByteArray()]);

    // EFI_TIME: Year, Month, Day, Hour, Minute, Second, Pad1, Nanosecond, TimeZone, Daylight, Pad2; all but the first six are zero here.
    private static DateTimeOffset ReadTime(ReadOnlySpan<byte> time)
    {
        int year = BinaryPrimitives.ReadUInt16LittleEndian(time);
        if (time[7..].ContainsAnyExcept((byte)0) || year is < 1998 or > 9999 || time[2] is 0 or > 12 || time[3] is 0
            || time[3] > DateTime.DaysInMonth(year, time[2]) || time[4] > 23 || time[5] > 59 || time[6] > 59)
            throw NoVariable("The time is none, or has what a variable's time must not have: a zone, parts of a second.");
        return new DateTimeOffset(year, time[2], time[3], time[4], time[5], time[6], TimeSpan.Zero);
    }

    private static ImmutableArray<TextLine> ReadLists(ReadOnlyMemory<byte> lists)
    {
        if (lists.IsEmpty)
            throw Lists("The variable would be set to nothing, which takes it away.");
        ImmutableArray<TextLine>.Builder lines = ImmutableArray.CreateBuilder<TextLine>();
        var seen = new HashSet<string>();
        while (!lists.IsEmpty)
        {
            // EFI_SIGNATURE_LIST: SignatureType, SignatureListSize, SignatureHeaderSize, SignatureSize
            if (lists.Length < ListHead)
                throw Lists("A list of signatures is cut off.");
            var type = new Guid(lists.Span[..GuidBytes]);
            long size = Number(lists, 0), header = Number(lists, 1), entry = Number(lists, 2), body = size - ListHead;
            if (Types.FirstOrDefault(one => one.Type == type) is not { Title: { } title } known)
                throw new ImageRefused(ImageRules.EfiVariableEntry, $"A list is of the type {type}, which is not known here.",
                    "Give lists of certificates or of SHA-256 hashes.");
            if (header != 0 || body <= 0 || size > lists.Length || entry <= GuidBytes || body % entry != 0
                || (known.Bytes is { } bytes ? entry != GuidBytes + bytes : body != entry))
                throw Lists($"The sizes in a list ({title}) do not agree with it.");
            for (int at = ListHead; at < size; at += (int)entry)
            {
                var owner = new Guid(lists.Span.Slice(at, GuidBytes));
                ReadOnlyMemory<byte> data = lists.Slice(at + GuidBytes, (int)entry - GuidBytes);
                string value = known.Bytes is null ? Certificate(data) : Convert.ToHexStringLower(data.Span[..SHA256.HashSizeInBytes]);
                if (!seen.Add($"{type} {value}"))
                    throw Lists($"An entry ({title}) stands twice.");
                lines.Add(new TextLine(title, $"{value}, of the owner {owner}"));
            }
            lists = lists[(int)size..];
        }
        return lines.ToImmutable();
    }

    private static string Certificate(ReadOnlyMemory<byte> der)
    {
        if (!CertificateReader.TryReadCertificate(der, out ParsedCertificate? certificate, out Refusal? refusal))
            throw new ImageRefused(ImageRules.EfiVariableEntry, $"A certificate in it cannot be read: {refusal.Message}",
                "Give the certificate as its authority issued it, alone in its list.");
        if (PublishedTestKeys.NameOf(Manifest.Dsse.KeyId(certificate)) is { } name)
            throw new ImageRefused(ReleaseRules.TestKey, $"A certificate in it is of a key that everybody has: {name}.",
                "Take it out: a computer that trusts it takes what anybody signs.");
        return $"{CertificateText.Visible(certificate.ToBeSigned.Subject.ToString())}, "
            + $"SHA-256 {Convert.ToHexStringLower(certificate.Sha256())}";
    }

    private static uint Number(ReadOnlyMemory<byte> list, int place) =>
        BinaryPrimitives.ReadUInt32LittleEndian(list.Span[(GuidBytes + (place * sizeof(uint)))..]);

    private static ImageRefused NoVariable(string found) => new(ImageRules.EfiVariableHead, found,
        "Give the file that 'sign-efi-sig-list -o -t' writes for PK, KEK, db, dbx, dbt or dbr.");

    private static ImageRefused Lists(string found) => new(ImageRules.EfiVariableLists, found,
        "Make the lists again with cert-to-efi-sig-list or hash-to-efi-sig-list, and put them behind one another.");
}
