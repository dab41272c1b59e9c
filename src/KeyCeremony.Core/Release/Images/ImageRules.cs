using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Release.Images;

/// <summary>Every rule about the images themselves; those of a format stand on its page in <c>docs/formats/releases/</c>.</summary>
public static class ImageRules
{
    public static readonly PkiRule McubootHeader = new("MCUBOOT-01", "An image begins with MCUboot's header: its magic number in little "
        + "endian, a header of 32 bytes or more, an image behind it, and zero in what is reserved.", "MCUboot design, Image format");
    public static readonly PkiRule McubootFlags = new("MCUBOOT-02",
        "Every flag of the header is known, and the image is neither encrypted nor compressed: what nobody reads is not signed.",
        "MCUboot design, Image format");
    public static readonly PkiRule McubootAreas = new("MCUBOOT-03", "Behind the image stand the protected records, as long as the header "
        + "says, then the others, then nothing; every record lies whole in its area.", "MCUboot design, Image format");
    public static readonly PkiRule McubootRecords = new("MCUBOOT-04", "A record is of a kind that is known, has its length, stands once "
        + "and in the area where it belongs; a vendor's own stands among the protected ones.", "MCUboot design, Image format");
    public static readonly PkiRule McubootHash = new("MCUBOOT-05",
        "One record has the hash of header, image and protected records, and it is the hash that they have.",
        "MCUboot design, Image format");
    public static readonly PkiRule McubootCounter = new("MCUBOOT-06",
        "A protected record has the security counter: without it a boot loader takes older images.", "MCUboot design, Security counter");

    public static readonly PkiRule EspHeader = new("ESP-01", "An image begins with the header of an ESP32 application: its magic number, "
        + "1 to 16 segments, a chip that is known, and a hash that is appended.", "ESP-IDF, App Image Format");
    public static readonly PkiRule EspSegments = new("ESP-02",
        "Every segment lies whole in the file, and the checksum over them is the one in the image.", "ESP-IDF, App Image Format");
    public static readonly PkiRule EspHash = new("ESP-03", "The appended SHA-256 is the one of everything before it.",
        "ESP-IDF, App Image Format");
    public static readonly PkiRule EspPadding = new("ESP-04", "The image ends at a multiple of 4096 bytes, and what fills it is FF: "
        + "the signature stands in a sector of its own.", "ESP-IDF, Secure Boot V2");
    public static readonly PkiRule EspDescriptor = new("ESP-05",
        "The first segment begins with the application's description, with texts that can be read.", "ESP-IDF, esp_app_desc_t");

    public static readonly PkiRule EfiHeaders = new("EFI-01", "An image begins with the headers of a UEFI program: MZ, PE, a machine and "
        + "a subsystem that are known, and sizes that agree.", "PE/COFF 4, UEFI 2.10 2.1.1");
    public static readonly PkiRule EfiSections = new("EFI-02", "Headers and sections follow one another without a gap and without an "
        + "overlap: else two tools that sign it hash different bytes.", "Authenticode, Calculating the PE Image Hash");
    public static readonly PkiRule EfiChecksum = new("EFI-03", "The checksum in the header is zero or the one of the file.",
        "PE/COFF 4, Optional Header");
    public static readonly PkiRule EfiCertificates = new("EFI-04",
        "A table of certificates stands at the file's end, and its entries fill it.", "PE/COFF 4, Attribute Certificate Table");

    public static readonly PkiRule EfiVariableHead = new("EFIVAR-01", "An update of a variable begins with the name of a Secure Boot "
        + "variable, its vendor, the attributes of an authenticated one and a time in UTC and whole seconds; it has at most 64 KiB.",
        "UEFI 2.10 8.2.2");
    public static readonly PkiRule EfiVariableLists = new("EFIVAR-02",
        "Behind them stand lists of signatures and nothing else, with at most 160 entries; sizes agree, and no entry stands twice.",
        "UEFI 2.10 32.4.1");
    public static readonly PkiRule EfiVariableEntry = new("EFIVAR-03",
        "Every list is of certificates, of SHA-256 or of SHA-256 of certificates, and a certificate can be read.", "UEFI 2.10 32.4.1");

    public static readonly PkiRule EfiVariableAdded = new("EFIVAR-04", "Nothing is added but to dbx: firmware does not look at the time of "
        + "what is added, so anybody could add it again after it was taken away.", "UEFI 2.10 8.2.2");
    public static readonly PkiRule EfiVariableKeys = new("EFIVAR-05",
        "PK is one certificate, and KEK holds certificates alone.", "UEFI 2.10 32.3");

    public static readonly PkiRule SwForm = new("SWUPDATE-01", "A sw-description is at most 64 KiB of UTF-8 in libconfig or JSON, with "
        + "at most 160 settings, each once, and includes nothing.", "SWUpdate, sw-description");
    public static readonly PkiRule SwVersion = new("SWUPDATE-02",
        "It is one group software with one version, and no group in it has another.", "SWUpdate, sw-description");
    public static readonly PkiRule SwHardware = new("SWUPDATE-03",
        "It names the hardware that it fits: hardware-compatibility is a list of texts.", "SWUpdate, sw-description");
    public static readonly PkiRule SwFiles = new("SWUPDATE-04",
        "Every file that it names has its SHA-256.", "SWUpdate, Update images from verified source");

    public static readonly PkiRule RaucForm = new("RAUC-01", "A bundle's manifest is at most 64 KiB of UTF-8, of groups with at most 160 "
        + "settings, each once, and its last line has an end.", "RAUC reference, Manifest");
    public static readonly PkiRule RaucUpdate = new("RAUC-02",
        "A manifest says for what it is and which version it has: compatible and version.", "RAUC reference, Manifest");
    public static readonly PkiRule RaucBundle = new("RAUC-03",
        "A manifest that is signed by itself is of a verity bundle, and has its root hash, salt and size.",
        "RAUC reference, Bundle formats");
    public static readonly PkiRule RaucImages = new("RAUC-04",
        "A manifest names at least one image, and every one with its file, size and SHA-256.", "RAUC reference, Manifest");
    public static readonly PkiRule RaucPayload = new("RAUC-05",
        "The payload of a plain bundle is a whole squashfs 4.0, filled with zeros to a block.", "RAUC reference, Bundle formats");

    public static readonly PkiRule RawEmpty = new("RAW-01", "A raw file is not empty.", "house");

    public static IReadOnlyList<PkiRule> All { get; } =
    [
        McubootHeader, McubootFlags, McubootAreas, McubootRecords, McubootHash, McubootCounter,
        EspHeader, EspSegments, EspHash, EspPadding, EspDescriptor,
        EfiHeaders, EfiSections, EfiChecksum, EfiCertificates,
        EfiVariableHead, EfiVariableLists, EfiVariableEntry, EfiVariableAdded, EfiVariableKeys,
        SwForm, SwVersion, SwHardware, SwFiles,
        RaucForm, RaucUpdate, RaucBundle, RaucImages, RaucPayload,
        RawEmpty,
    ];
}
