using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Formats.Asn1;
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
    /// <summary>Whose owner says whom the computer believes.</summary>
    public const string Platform = "PK";

    /// <summary>That are read aloud.</summary>
    public const int MaxEntries = 160;

    /// <summary>It stands in the journal.</summary>
    private const int MaxBytes = TextImage.MaxBytes;

    private const int GuidBytes = 16, TimeBytes = 16, ListHead = GuidBytes + (3 * sizeof(uint));
    private const string Exchange = "KEK", Forbidden = "dbx";

    // NON_VOLATILE, BOOTSERVICE_ACCESS, RUNTIME_ACCESS, TIME_BASED_AUTHENTICATED_WRITE_ACCESS; APPEND_WRITE
    private const uint Attributes = 0x27, Append = 0x40;

    private static readonly Guid Global = new("8be4df61-93ca-11d2-aa0d-00e098032b8c");
    private static readonly Guid Database = new("d719b2cb-3d3a-4596-a3bc-dad00e67656f");

    private static readonly (string Name, Guid Vendor)[] Variables =
        [(Platform, Global), (Exchange, Global), ("db", Database), (Forbidden, Database), ("dbt", Database), ("dbr", Database)];

    // In the subjects of sample keys that makers of firmware shipped (VU#455367).
    private static readonly string[] Samples = ["DO NOT TRUST", "DO NOT SHIP"];

    private static readonly Guid CertificateType = new("a5c059a1-94e4-4aa7-87b5-ab155c2bf072");

    // With the bytes of each entry behind its owner; a certificate has its own length.
    private static readonly (Guid Type, string Title, int? Bytes)[] Types =
    [
        (CertificateType, "certificate", null),
        (new("c1c41626-504c-4092-aca9-41f936934328"), "SHA-256 of a program", SHA256.HashSizeInBytes),
        (new("3bd2a492-96c0-4079-b420-fcf98ef103ed"), "SHA-256 of a certificate, with the time of its revocation",
            SHA256.HashSizeInBytes + TimeBytes),
    ];

    public static ImageFacts Read(ImagePass pass)
    {
        if (pass.Length > MaxBytes)
            throw NoVariable($"The file has more than {MaxBytes} bytes.");
        byte[] file = pass.Take((int)pass.Length);
        (EfiUpdate update, ImmutableArray<TextLine> lines) = Read(file);
        return new ImageFacts
        {
            Target = update.Variable,
            Digests = [new("SHA-256", Convert.ToHexStringLower(pass.HashSoFar(HashAlgorithmName.SHA256)), "the whole file")],
            Lines = lines,
            Text = [.. file],
        };
    }

    /// <summary>What the update does, and how it is told.</summary>
    /// <exception cref="ImageRefused">EFIVAR-01 to EFIVAR-05, RELEASE-10.</exception>
    public static (EfiUpdate Update, ImmutableArray<TextLine> Lines) Read(ReadOnlyMemory<byte> file)
    {
        (string name, Guid vendor) = Variables.FirstOrDefault(one => Begins(file.Span, one.Name, one.Vendor));
        if (name is null)
            throw NoVariable("The file does not begin with the name of a Secure Boot variable and the vendor that it belongs to.");
        int at = (2 * name.Length) + GuidBytes;
        if (file.Length < at + sizeof(uint) + TimeBytes)
            throw NoVariable("The file ends before its time does.");
        uint attributes = BinaryPrimitives.ReadUInt32LittleEndian(file.Span[at..]);
        if ((attributes & ~Append) != Attributes)
            throw NoVariable($"The attributes are {attributes:x8} and not those of a Secure Boot variable.");
        DateTimeOffset time = ReadTime(file.Span.Slice(at + sizeof(uint), TimeBytes))
            ?? throw NoVariable("The time is none, or has what a variable's time must not have: a zone, parts of a second.");
        ImmutableArray<Entry> entries = ReadLists(file[(at + sizeof(uint) + TimeBytes)..]);
        var update = new EfiUpdate(name, (attributes & Append) != 0, time, [.. entries.Select(entry => entry.Known)]);
        CheckUse(update, entries);
        return (update,
        [
            new("written", update.IsAdded ? "added to what the variable holds" : "REPLACES what the variable holds"),
            new("attributes", $"{attributes:x8}"),
            new("time", $"{update.TimeInWords}; firmware takes none that is not later than the last"),
            new("vendor", $"{vendor}"),
            .. entries.SelectMany(entry => entry.Lines),
        ]);
    }

    private static void CheckUse(EfiUpdate update, ImmutableArray<Entry> entries)
    {
        if (update.IsAdded && update.Variable != Forbidden)
            throw new ImageRefused(ImageRules.EfiVariableAdded, $"It would be added to what {update.Variable} holds.",
                "Write all that the variable is to hold, and make the update without -a.");
        if (update.Variable is Platform or Exchange && entries.Any(entry => !entry.IsCertificate))
            throw new ImageRefused(ImageRules.EfiVariableKeys, $"{update.Variable} would hold something else than certificates.",
                "Take hashes out of it: they belong into db and dbx.");
        if (update.Variable == Platform && entries.Length != 1)
            throw new ImageRefused(ImageRules.EfiVariableKeys, $"PK would hold {entries.Length} certificates.",
                "Give the one certificate of the platform key.");
    }

    private static bool Begins(ReadOnlySpan<byte> file, string name, Guid vendor) =>
        file.StartsWith([.. Encoding.Unicode.GetBytes(name), .. vendor.ToByteArray()]);

    // EFI_TIME: Year, Month, Day, Hour, Minute, Second, Pad1, Nanosecond, TimeZone, Daylight, Pad2; all but the first six are zero here.
    private static DateTimeOffset? ReadTime(ReadOnlySpan<byte> time)
    {
        int year = BinaryPrimitives.ReadUInt16LittleEndian(time);
        if (time[7..].ContainsAnyExcept((byte)0) || year is < 1998 or > 9999 || time[2] is 0 or > 12 || time[3] is 0
            || time[3] > DateTime.DaysInMonth(year, time[2]) || time[4] > 23 || time[5] > 59 || time[6] > 59)
            return null;
        return new DateTimeOffset(year, time[2], time[3], time[4], time[5], time[6], TimeSpan.Zero);
    }

    private static ImmutableArray<Entry> ReadLists(ReadOnlyMemory<byte> lists)
    {
        if (lists.IsEmpty)
            throw Lists("The variable would be set to nothing, which takes it away.");
        ImmutableArray<Entry>.Builder entries = ImmutableArray.CreateBuilder<Entry>();
        var seen = new HashSet<string>();
        while (!lists.IsEmpty)
        {
            // EFI_SIGNATURE_LIST: SignatureType, SignatureListSize, SignatureHeaderSize, SignatureSize
            if (lists.Length < ListHead)
                throw Lists("A list of signatures is cut off, or something stands behind the lists.");
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
                Entry read = ReadEntry(title, type, lists.Slice(at, (int)entry));
                if (!seen.Add($"{type} {read.Hash}"))
                    throw Lists($"An entry ({title}) stands twice.");
                if (entries.Count == MaxEntries)
                    throw Lists($"There are more than {MaxEntries} entries.");
                entries.Add(read);
            }
            lists = lists[(int)size..];
        }
        return entries.ToImmutable();
    }

    // EFI_SIGNATURE_DATA: SignatureOwner, SignatureData
    private static Entry ReadEntry(string title, Guid type, ReadOnlyMemory<byte> bytes)
    {
        var owner = new TextLine("  owner", $"{new Guid(bytes.Span[..GuidBytes])}");
        ReadOnlyMemory<byte> data = bytes[GuidBytes..];
        if (type == CertificateType)
            return Certificate(title, data, owner);
        string hash = Convert.ToHexStringLower(data.Span[..SHA256.HashSizeInBytes]);
        if (data.Length == SHA256.HashSizeInBytes)
            return new Entry(new EfiEntry(title, hash, ""), hash, false, [new TextLine(title, hash), owner]);
        string from = RevokedFrom(data.Span[SHA256.HashSizeInBytes..]);
        return new Entry(new EfiEntry(title, $"{hash}, {from}", ""), hash, false,
            [new TextLine(title, hash), new TextLine("  revoked", from), owner]);
    }

    private static string RevokedFrom(ReadOnlySpan<byte> time) => !time.ContainsAnyExcept((byte)0) ? "always"
        : ReadTime(time) is { } from ? $"from {from:yyyy-MM-dd HH:mm:ss} UTC on"
        : throw new ImageRefused(ImageRules.EfiVariableEntry, "The time of a certificate's revocation is none.",
            "Give a time in UTC and whole seconds, or none: zeros.");

    private static Entry Certificate(string title, ReadOnlyMemory<byte> der, TextLine owner)
    {
        if (!CertificateReader.TryReadCertificate(der, out ParsedCertificate? certificate, out Refusal? refusal))
            throw new ImageRefused(ImageRules.EfiVariableEntry, $"A certificate in it cannot be read: {refusal.Message}",
                "Give the certificate as its authority issued it, alone in its list.");
        if (PublishedTestKeys.NameOf(Manifest.Dsse.KeyId(certificate)) is { } name)
            throw new ImageRefused(ReleaseRules.TestKey, $"A certificate in it is of a key that everybody has: {name}.",
                "Take it out: a computer that trusts it takes what anybody signs.");
        ParsedTbs tbs = certificate.ToBeSigned;
        string subject = CertificateText.Visible(tbs.Subject.ToString()), hash = Convert.ToHexStringLower(certificate.Sha256());
        if (Samples.Any(sample => subject.Contains(sample, StringComparison.OrdinalIgnoreCase)))
            throw new ImageRefused(ReleaseRules.TestKey, $"A certificate in it is a sample that computers were sold with: {subject}.",
                "Take it out, and give the certificate of a key of your own.");
        return new Entry(new EfiEntry(title, hash, subject), hash, true,
        [
            new(title, subject.Length == 0 ? "(without a subject)" : subject),
            new("  SHA-256", hash),
            new("  key", KeyTitle(tbs)),
            new("  valid", $"{tbs.NotBefore.Value:yyyy-MM-dd} to {tbs.NotAfter.Value:yyyy-MM-dd}; firmware does not look at it"),
            owner,
        ]);
    }

    // EDK II asks of every certificate in these variables that its key is RSA.
    private static string KeyTitle(ParsedTbs tbs) => tbs.KeyAlgorithm is { IsRsa: true } ours ? ours.Title
        : IsRsa(tbs.SubjectPublicKeyInfo) ? "RSA" : $"{tbs.KeyAlgorithm?.Title ?? "of another kind"}; most firmware takes RSA alone";

    private static bool IsRsa(ReadOnlyMemory<byte> spki)
    {
        try
        {
            return new AsnReader(spki, AsnEncodingRules.DER).ReadSequence().ReadSequence().ReadObjectIdentifier() == Oids.RsaEncryption;
        }
        catch (AsnContentException)
        {
            return false;
        }
    }

    /// <param name="Hash">Two entries of a kind with the same are one.</param>
    private sealed record Entry(EfiEntry Known, string Hash, bool IsCertificate, ImmutableArray<TextLine> Lines);

    private static uint Number(ReadOnlyMemory<byte> list, int place) =>
        BinaryPrimitives.ReadUInt32LittleEndian(list.Span[(GuidBytes + (place * sizeof(uint)))..]);

    private static ImageRefused NoVariable(string found) => new(ImageRules.EfiVariableHead, found,
        "Give the file that 'sign-efi-sig-list -o -t' writes for PK, KEK, db, dbx, dbt or dbr.");

    private static ImageRefused Lists(string found) => new(ImageRules.EfiVariableLists, found,
        "Make the lists again with cert-to-efi-sig-list or hash-to-efi-sig-list, and put them behind one another.");
}
