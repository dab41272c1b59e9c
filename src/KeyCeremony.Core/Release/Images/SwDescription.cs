using System.Text.Json;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Release.Images;

/// <summary>
/// <c>sw-description</c> of SWUpdate, the one file of an image that is signed: it names the others by their SHA-256. In libconfig or JSON.
/// docs/formats/releases/swupdate.md.
/// </summary>
internal static class SwDescription
{
    private const string Software = "software", Version = "version", Hardware = "hardware-compatibility", FileName = "filename";

    /// <summary>All groups around it stand in front.</summary>
    private const int MaxName = 200;

    /// <summary>Read aloud as one line.</summary>
    private const int MaxHardware = 400;

    private const string Remedy = "Give the sw-description as it goes into the image, with nothing left to be filled in.";

    public static ImageFacts Read(ImagePass pass)
    {
        (string text, ImageFacts facts) = TextImage.Read(pass, ImageRules.SwForm, Remedy);
        SettingNode root = Parse(text);
        (string Name, SettingNode Value)[] settings = [.. Flat("", root)];
        if (settings.Length > TextImage.MaxSettings)
            throw Form($"It has {settings.Length} settings, and {TextImage.MaxSettings} at most are read aloud.");
        if (settings.Any(one => one.Name.Length > MaxName || !PlainText.Is(one.Name)))
            throw Form($"The name of a setting with all groups around it has more than {MaxName} characters.");
        if (root.Members is not [(Software, { IsGroup: true } software)])
            throw new ImageRefused(ImageRules.SwVersion, "It is not one group software.", Remedy);
        string version = VersionOf(software);
        string hardware = string.Join(", ", HardwareOf(software));
        if (version.Length > BatchStatement.MaxText)
            throw new ImageRefused(ImageRules.SwVersion, $"Its version has more than {BatchStatement.MaxText} characters.", Remedy);
        if (hardware.Length > MaxHardware)
            throw new ImageRefused(ImageRules.SwHardware, $"Its hardware-compatibility has more than {MaxHardware} characters.", Remedy);
        CheckFiles(root);
        return facts with
        {
            Version = version,
            Target = hardware,
            Lines = TextImage.Lines(settings.Select(one => (one.Name[(Software.Length + 1)..], one.Value.Scalar!))),
        };
    }

    private static SettingNode Parse(string text)
    {
        try
        {
            if (!text.TrimStart().StartsWith('{'))
                return LibconfigReader.Read(text);
            using var document = JsonDocument.Parse(text,
                new JsonDocumentOptions { MaxDepth = LibconfigReader.MaxDepth, AllowDuplicateProperties = false });
            return Of(document.RootElement);
        }
        // Half a character in a text of JSON is found when it is asked for.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Form($"It begins as JSON, and is none: {JsonFaults.InWords(e)}");
        }
        catch (UnreadableException e)
        {
            throw Form($"It is not in the syntax of libconfig: {e.Sentence}.");
        }
    }

    private static SettingNode Of(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => new(true, [.. element.EnumerateObject().Select(one => (one.Name, Of(one.Value)))], null, false),
        JsonValueKind.Array => new(false, [.. element.EnumerateArray().Select(one => ("", Of(one)))], null, false),
        JsonValueKind.String => new(false, [], element.GetString()!, true),
        _ => new(false, [], element.GetRawText(), false),
    };

    /// <summary>SWUpdate looks for a version in a board's group before it takes the one above; which would be another one.</summary>
    private static string VersionOf(SettingNode software)
    {
        if (software.Of(Version) is not { IsText: true, Scalar: { Length: > 0 } version })
            throw new ImageRefused(ImageRules.SwVersion, "Its group software has no version.",
                "Write the version into the sw-description, as a text.");
        return Groups(software).Skip(1).Any(group => group.Of(Version) is not null)
            ? throw new ImageRefused(ImageRules.SwVersion, "A group within software has a version of its own.",
                "Have an image with one version signed: a device takes the one of its board.") : version;
    }

    private static IEnumerable<string> HardwareOf(SettingNode software)
    {
        SettingNode[] lists = [.. Groups(software).Select(group => group.Of(Hardware)).OfType<SettingNode>()];
        return lists.Length > 0 && lists.All(list => list is { IsGroup: false, Scalar: null, Members.Length: > 0 }
                && list.Members.All(one => one.Value is { IsText: true, Scalar.Length: > 0 }))
            ? lists.SelectMany(list => list.Members).Select(one => one.Value.Scalar!).Distinct(StringComparer.Ordinal)
            : throw new ImageRefused(ImageRules.SwHardware, "It has no hardware-compatibility, or one that is no list of texts.",
                "Write down which hardware revisions the release fits.");
    }

    /// <summary>Whatever names a file, wherever it stands.</summary>
    private static void CheckFiles(SettingNode node)
    {
        if (node.Of(FileName) is { } file
            && (file is not { IsText: true, Scalar.Length: > 0 } || node.Of("sha256") is not { IsText: true, Scalar: { } sha256 }
                || !DeviceRecord.IsHash(sha256)))
            throw new ImageRefused(ImageRules.SwFiles,
                $"The file '{TextImage.Value(file.Scalar ?? "")}' has no SHA-256 of 64 lower-case hex digits.",
                "Have the build fill in sha256 of every file: a device takes any file in place of one without.");
        foreach ((_, SettingNode member) in node.Members)
            CheckFiles(member);
    }

    /// <summary>Itself, and those that lie in it by name and in no list.</summary>
    private static IEnumerable<SettingNode> Groups(SettingNode group) => group.Members
        .Where(member => member.Value.IsGroup).SelectMany(member => Groups(member.Value)).Prepend(group);

    private static IEnumerable<(string Name, SettingNode Value)> Flat(string path, SettingNode node)
    {
        if (node.Scalar is not null)
            return [(path, node)];
        if (node.Members.IsEmpty)
            return [(path, node with { Scalar = node.IsGroup ? "(an empty group)" : "(an empty list)" })];
        return node.Members.SelectMany((member, i) =>
            Flat(node.IsGroup ? path.Length == 0 ? member.Name : $"{path}.{member.Name}" : $"{path}[{i}]", member.Value));
    }

    private static ImageRefused Form(string found) => new(ImageRules.SwForm, found, Remedy);
}
