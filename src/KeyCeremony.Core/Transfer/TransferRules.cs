namespace KeyCeremony.Core.Transfer;

/// <summary>Every rule a frame, a message or an artefact can break, in the order of <c>docs/formats/transfer.md</c>.</summary>
public static class TransferRules
{
    public const string FrameId = "UR-01";
    public const string OtherTypeId = "UR-02";
    public const string SequenceId = "UR-03";
    public const string BytewordsId = "UR-04";
    public const string BytewordsChecksumId = "UR-05";
    public const string PartId = "UR-06";
    public const string PartLengthsId = "UR-07";
    public const string MessageLengthId = "UR-08";
    public const string OtherTransferId = "UR-09";
    public const string DamagedId = "UR-10";
    public const string CompressedId = "UR-11";
    public const string ContainerLengthId = "UR-12";
    public const string InflatedId = "UR-13";
    public const string ContainerChecksumId = "UR-14";
    public const string ContainerId = "UR-15";
    public const string NameId = "UR-16";
    public const string TypeId = "UR-17";
    public const string TooLargeId = "UR-18";
    public const string ScreenId = "UR-19";
    public const string WordsId = "UR-20";
    public const string MissingId = "UR-21";
    public const string NoTextId = "UR-22";
    public const string PerhapsACardId = "UR-23";
    public const string PackedId = "UR-24";

    private const string HoldStill = "Hold the camera still before the code; the next frame may be read better.";
    private const string OtherSender = "The codes come from other software; ask its people for ur:compressed with data, name and type.";
    private const string Again = "Begin the transfer again.";

    internal static Refusal Frame() => new(FrameId, "The code holds no frame of a transfer.", HoldStill);

    internal static Refusal OtherType() =>
        new(OtherTypeId, "The code is a Uniform Resource of another type than 'compressed'.", OtherSender);

    internal static Refusal Sequence() => new(
        SequenceId, $"The frame's number is not 1 or more of 1 to {TransferLimits.MaxFragments} fragments.", OtherSender);

    internal static Refusal Letters() => new(BytewordsId, "The frame's text is not made of bytewords.", HoldStill);

    internal static Refusal LettersChecksum() => new(BytewordsChecksumId, "The frame's checksum does not hold.", HoldStill);

    internal static Refusal Part() => new(PartId, "The frame is not the list of five that a part is.", OtherSender);

    internal static Refusal PartLengths() => new(PartLengthsId, "The frame's number, lengths and data contradict each other.", OtherSender);

    internal static Refusal MessageLength(long length) => new(
        MessageLengthId, $"The message would have {length} bytes; 1 to {TransferLimits.MaxMessageBytes} are taken.",
        "Carry the artefact by USB.");

    internal static Refusal OtherTransfer() => new(
        OtherTransferId, "The frame belongs to another transfer than the one that was begun.",
        "Show one artefact at a time, or begin again.");

    internal static Refusal Contradiction() => new(
        DamagedId, "The frame contradicts those before it: one of them was misread, or is of another message.", Again);

    internal static Refusal Damaged() => new(DamagedId, "All frames are here, but what they give has not the checksum they name.", Again);

    internal static Refusal Compressed() =>
        new(CompressedId, "The message is not the list of three that a compressed message is.", OtherSender);

    internal static Refusal ContainerLength(long length) => new(
        ContainerLengthId, $"The message would grow to {length} bytes; {TransferLimits.MaxContainerBytes} are taken.",
        "Carry the artefact by USB.");

    internal static Refusal Inflated() => new(InflatedId, "The message cannot be decompressed to the size that it names.", OtherSender);

    internal static Refusal ContainerChecksum() =>
        new(ContainerChecksumId, "The decompressed message has not the checksum that it names.", OtherSender);

    internal static Refusal Container() => new(ContainerId, "The message holds something else than data, name and type.", OtherSender);

    internal static Refusal Name() => new(
        NameId,
        $"The artefact's name is not 1 to {TransferLimits.MaxNameLength} letters, "
            + "digits, dots, hyphens and underscores, a letter or digit first.",
        "Give the file another name.");

    internal static Refusal Type() => new(TypeId, "The artefact's type is no media type in lower case.", OtherSender);

    public static Refusal TooLarge(string name, long bytes, int limit) => new(
        TooLargeId, $"{name} is too large for QR codes: {bytes} bytes where {limit} are taken.", "Carry it by USB.");

    internal static Refusal TooManyFrames(string name, int frames) => new(
        TooLargeId,
        $"{name} would take {frames} frames of this size; {TransferLimits.MaxFragments} are taken.",
        "Make the code larger, use a larger screen, or carry it by USB.");

    /// <param name="needs">What would do, e.g. <c>at least 90 columns</c>.</param>
    public static Refusal NoRoom(string needs) => new(
        ScreenId, "No code fits this screen.", $"Use a screen with {needs}, or print the artefacts as PEM.");

    internal static Refusal OtherWords(string name) => new(
        WordsId,
        $"These are not the words of {name}: the receiver holds something else.",
        "Compare the words on both screens and show the artefact again.");

    internal static Refusal TooFewWords(int words) => new(
        WordsId, $"{(words == 1 ? "1 word is" : $"{words} words are")} too few.",
        $"Type the first {Acknowledgement.Words} words that the receiver shows.");

    internal static Refusal Missing(int known, int count) => new(
        MissingId,
        count == 0 ? "No frame of the transfer has come yet." : $"{known} of {count} fragments are known.",
        "Go on with the next frames.");

    internal static Refusal NoText() => new(
        NoTextId, $"The code is no frame of a transfer and no plain text of 1 to {PlainCode.MaxBytes} characters.",
        "Have the file shown as the codes of a transfer, or as a text in PEM.");

    internal static Refusal PerhapsACard() => new(
        PerhapsACardId, "It could be a share card: it holds digits or words alone, or those of a card. Nothing of it was kept.",
        "Put the card away. Cards are read only where a ceremony asks their custodian for them.");

    internal static Refusal Packed(string what) => new(
        PackedId, $"{what} Nobody here sees what is in it, and it could be a share card.", "Have it unpacked, and show what is in it.");
}
