using System.Collections.Immutable;
using System.Globalization;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Manifest;

/// <summary>What the values of a statement may be.</summary>
internal static class BatchChecks
{
    private const int MaxWeek = 53;

    /// <summary>The first broken rule, or null.</summary>
    public static Refusal? Check(BatchStatement s) =>
        CheckWhere(s)
        ?? CheckTimes(s)
        ?? CheckProduct(s.Product)
        ?? CheckFirmware(s.Firmware)
        ?? CheckHardware(s.Hardware)
        ?? CheckSubjects(s)
        ?? CheckHash("issuingCA.certSha256", s.IssuingCa.CertSha256)
        ?? CheckHash("issuingCA.spkiSha256", s.IssuingCa.SpkiSha256)
        ?? CheckCounts(s.Devices, s.Yield)
        ?? CheckHash("devices.root", s.Devices.Root)
        ?? CheckHash("prevManifest", s.PrevManifest)
        ?? CheckHash("ceremonyTranscriptHash", s.CeremonyTranscriptHash)
        ?? CheckSize(s);

    /// <summary>1 to 64 characters, as a name of the script grammar.</summary>
    public static Refusal? CheckName(string batchId) => BlockFields.IsName(batchId) ? null
        : BatchRules.Name.Refuse($"'{Shown(batchId)}' is no batch id.",
            "Use lower-case letters and digits, words joined by single hyphens, a letter first, at most 64 characters.");

    private static Refusal? CheckWhere(BatchStatement s) =>
        CheckName(s.BatchId)
        ?? (EnvironmentPrefix.IsKnown(s.Environment) ? null
            : BatchRules.Environment.Refuse($"'{Shown(s.Environment)}' is no environment.",
                "Give rehearsal, development, staging or production."))
        ?? CheckText("site", s.Site)
        ?? CheckText("line", s.Line)
        ?? CheckText("operator", s.Operator);

    private static Refusal? CheckTimes(BatchStatement s)
    {
        if (!IsWholeSecond(s.StartedOn) || !IsWholeSecond(s.FinishedOn))
            return BatchRules.Times.Refuse("startedOn or finishedOn has a fraction of a second or is not in UTC.",
                "Give the times in UTC and whole seconds.");
        return s.FinishedOn >= s.StartedOn ? null
            : BatchRules.Times.Refuse("The batch was finished before it was started.", "Look at the line's record and correct the times.");
    }

    private static bool IsWholeSecond(DateTimeOffset time) => time.Offset == TimeSpan.Zero && time.Ticks % TimeSpan.TicksPerSecond == 0;

    private static Refusal? CheckProduct(BatchProduct product)
    {
        if (!IsProductNumber(product.Vid) || !IsProductNumber(product.Pid))
            return BatchRules.Product.Refuse($"vid '{Shown(product.Vid)}' or pid '{Shown(product.Pid)}' is not four upper-case hex digits.",
                "Write them as in the certificates, for example FFF1.");
        return CheckText("sku", product.Sku) ?? CheckText("hwRev", product.HwRev);
    }

    private static bool IsProductNumber(string text) => text.Length == 4 && text.All(char.IsAsciiHexDigitUpper);

    private static Refusal? CheckFirmware(ImmutableArray<BatchFirmware> firmware)
    {
        if (firmware.Length is 0 or > BatchStatement.MaxFirmware)
            return BatchRules.Firmware.Refuse($"There are {firmware.Length} firmware images.", $"Name 1 to {BatchStatement.MaxFirmware}.");
        foreach (BatchFirmware image in firmware)
            if (CheckImage(image) is { } refusal)
                return refusal;
        return Twice(firmware.Select(image => image.Component)) is { } twice
            ? BatchRules.Firmware.Refuse($"The component {twice} stands twice.",
                "Give each component one version; devices with another version are another batch.") : null;
    }

    private static Refusal? CheckImage(BatchFirmware image) =>
        CheckText("firmware component", image.Component)
        ?? CheckText($"version of {image.Component}", image.Version)
        ?? CheckHash($"sha256 of {image.Component}", image.Sha256)
        ?? CheckText($"signingKeyId of {image.Component}", image.SigningKeyId);

    private static Refusal? CheckHardware(BatchHardware hardware)
    {
        if (CheckHash("hbomDigest", hardware.HbomDigest) is { } refusal)
            return refusal;
        if (hardware.CriticalParts.Length > BatchStatement.MaxParts)
            return BatchRules.Parts.Refuse($"There are {hardware.CriticalParts.Length} critical parts.",
                $"Name at most {BatchStatement.MaxParts}; the others stand in the hardware BOM.");
        foreach (BatchPart part in hardware.CriticalParts)
            if (CheckPart(part) is { } partRefusal)
                return partRefusal;
        return Twice(hardware.CriticalParts.Select(part => $"{part.Mpn} of {part.Supplier}, lot {part.Lot}, {part.DateCode}")) is { } twice
            ? BatchRules.Parts.Refuse($"The part {twice} stands twice.", "Name each lot once.") : null;
    }

    private static Refusal? CheckPart(BatchPart part) =>
        CheckText("mpn", part.Mpn)
        ?? CheckText($"supplier of {part.Mpn}", part.Supplier)
        ?? CheckText($"lot of {part.Mpn}", part.Lot)
        ?? (IsDateCode(part.DateCode) ? null
            : BatchRules.Parts.Refuse($"The date code '{Shown(part.DateCode)}' of {part.Mpn} is neither YYWW nor YYYY-MM-DD.",
                "Copy it from the reel, for example 2614."))
        ?? CheckSubstitution(part);

    private static bool IsDateCode(string text) => text.Length == 4 && text.All(char.IsAsciiDigit)
        ? int.Parse(text.AsSpan(2), CultureInfo.InvariantCulture) is > 0 and <= MaxWeek
        : DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    private static Refusal? CheckSubstitution(BatchPart part)
    {
        if (part.Substitution is not { } substitution)
            return null;
        if (substitution.Replaces == part.Mpn)
            return BatchRules.Substitution.Refuse($"{part.Mpn} is said to replace itself.",
                "Name the part that was designed in, or leave the substitution out.");
        return CheckText($"replaced part of {part.Mpn}", substitution.Replaces)
            ?? CheckText($"revalidation of {part.Mpn}", substitution.Revalidation);
    }

    private static Refusal? CheckSubjects(BatchStatement s)
    {
        foreach (BatchSubject subject in s.Subjects)
            if (CheckSubject(subject) is { } refusal)
                return refusal;
        if (Twice(s.Subjects.Select(subject => subject.Name)) is { } twice)
            return BatchRules.Subjects.Refuse($"The subject {twice} stands twice.", "Give the files different names.");
        string[] expected = [.. s.Firmware.Select(image => image.Sha256), s.Hardware.HbomDigest];
        return s.Subjects.Skip(1).Select(subject => subject.Sha256).SequenceEqual(expected) ? null
            : BatchRules.Subjects.Refuse(
                "The subjects are not the device list, the firmware images and the hardware BOM that the predicate names.",
                "Build the statement again from the files.");
    }

    private static Refusal? CheckSubject(BatchSubject subject) =>
        CheckText("subject name", subject.Name)
        ?? (IsFileName(subject.Name) ? null
            : BatchRules.Subjects.Refuse($"'{subject.Name}' is no plain file name.", "Name the file without its folder."))
        ?? CheckHash($"sha256 of {subject.Name}", subject.Sha256);

    private static bool IsFileName(string name) => name[0] != '.' && name.AsSpan().IndexOfAny('/', '\\', ':') < 0;

    private static Refusal? CheckCounts(BatchDevices devices, BatchYield yield)
    {
        if (devices.TreeSize is < 1 or > BatchStatement.MaxDevices)
            return BatchRules.Devices.Refuse($"The batch has {devices.TreeSize} devices.",
                "A batch without devices is not signed; a larger one is split.");
        if (yield.Built != devices.TreeSize)
            return BatchRules.Yield.Refuse($"{yield.Built} devices were built, and the tree has {devices.TreeSize} leaves.",
                "Count again: every good device stands in the list, and no other.");
        return yield is { Scrapped: >= 0 and <= BatchStatement.MaxDevices, Reworked: >= 0 } && yield.Reworked <= yield.Built ? null
            : BatchRules.Yield.Refuse($"{yield.Scrapped} scrapped and {yield.Reworked} reworked of {yield.Built} built cannot be.",
                "Reworked devices are part of the built ones, scrapped ones are not.");
    }

    private static Refusal? CheckHash(string field, string? hex) => hex is null || DeviceRecord.IsHash(hex) ? null
        : BatchRules.Hash.Refuse($"{field} is not 64 lower-case hex digits.", "Give the SHA-256 as sha256sum prints it.");

    private static Refusal? CheckText(string field, string text)
    {
        if (NameHygiene.CheckText(field, text) is { } found)
            return BatchRules.Text.Refuse(found.Message, found.Remedy);
        return text.Length <= BatchStatement.MaxText ? null
            : BatchRules.Text.Refuse($"{field} has {text.Length} characters.", $"Shorten it to {BatchStatement.MaxText}.");
    }

    private static Refusal? CheckSize(BatchStatement s)
    {
        int bytes = s.Write().Length;
        return bytes <= BatchStatement.MaxBytes ? null
            : BatchRules.Form.Refuse($"The statement has {bytes} bytes.",
                $"Name fewer critical parts; a statement has at most {BatchStatement.MaxBytes} bytes.");
    }

    private static string? Twice(IEnumerable<string> texts) =>
        texts.GroupBy(text => text, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1)?.Key;

    // At most so many characters of what may be anything.
    private static string Shown(string text) =>
        CertificateText.Visible(text.Length <= BatchStatement.MaxText ? text : text[..BatchStatement.MaxText]);
}
