using System.Globalization;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Release.Images;

/// <summary>
/// The manifest of a verity bundle of RAUC, which is what its signature encloses: a key file of GLib. Its root hash stands for every byte
/// of the bundle's payload. docs/formats/releases/rauc-verity.md.
/// </summary>
internal static class RaucManifest
{
    private const int Block = 4096;
    private const string Update = "update", Bundle = "bundle", Image = "image.";

    public static ImageFacts Read(ImagePass pass)
    {
        (string text, ImageFacts facts) = TextImage.Read(pass, ImageRules.RaucForm, Remedy);
        List<Group> groups = ReadGroups(text);
        if (Value(groups, Update, "compatible") is not { Length: > 0 } compatible
            || Value(groups, Update, "version") is not { Length: > 0 } version)
            throw new ImageRefused(ImageRules.RaucUpdate, "Its group [update] has no compatible, or no version.",
                "Write both into the manifest, and bundle it again.");
        if (compatible.Length > BatchStatement.MaxText || version.Length > BatchStatement.MaxText)
            throw new ImageRefused(ImageRules.RaucUpdate,
                $"Its compatible or its version has more than {BatchStatement.MaxText} characters.",
                "Write shorter ones into the manifest, and bundle it again.");
        CheckBundle(groups);
        CheckImages(groups);
        return facts with
        {
            Version = version,
            Target = compatible,
            Lines = TextImage.Lines(groups.SelectMany(group => group.Values.Select(one => ($"{group.Name} {one.Key}", one.Value)))),
        };
    }

    private static List<Group> ReadGroups(string text)
    {
        if (text[^1] != '\n')
            throw Form("Its last line has no end.");
        var groups = new List<Group>();
        int settings = 0, number = 0;
        foreach (string line in text[..^1].Split('\n'))
        {
            number++;
            if (line.Length == 0 || line[0] == '#')
                continue;
            if (line[0] == '[')
                groups.Add(ReadGroup(line, number, groups));
            else if (groups.Count == 0 || ++settings > TextImage.MaxSettings || !groups[^1].TryAdd(line))
                throw Form($"Line {number} is no setting of a group, stands there twice, or is one of more than {TextImage.MaxSettings}.");
        }
        return groups;
    }

    private static Group ReadGroup(string line, int number, List<Group> groups)
    {
        string name = line[^1] == ']' ? line[1..^1] : "";
        if (name.Length is 0 or > BatchStatement.MaxText || name.ContainsAny('[', ']') || !PlainText.Is(name)
            || groups.Any(group => group.Name == name))
            throw Form($"Line {number} begins no group, or one that is there already.");
        return new Group(name);
    }

    private static void CheckBundle(List<Group> groups)
    {
        string? format = Value(groups, Bundle, "format");
        if (format == "crypt")
            throw new ImageRefused(ImageRules.RaucBundle, "The bundle is encrypted, and its manifest holds the key.",
                "Have a verity bundle signed: a key that stands in the journal is none any more.");
        if (format != "verity" || !DeviceRecord.IsHash(Value(groups, Bundle, "verity-hash") ?? "")
            || !DeviceRecord.IsHash(Value(groups, Bundle, "verity-salt") ?? "")
            || !long.TryParse(Value(groups, Bundle, "verity-size"), NumberStyles.None, CultureInfo.InvariantCulture, out long size)
            || size <= 0 || size % Block != 0)
            throw new ImageRefused(ImageRules.RaucBundle,
                "Its group [bundle] is not of format verity, or has no verity-hash, verity-salt or verity-size.",
                "Give the manifest out of the bundle that 'rauc bundle' made: it writes them.");
    }

    private static void CheckImages(List<Group> groups)
    {
        Group[] images = [.. groups.Where(group => group.Name.StartsWith(Image, StringComparison.Ordinal))];
        foreach (Group image in images)
            if (!DeviceRecord.IsHash(image.Of("sha256") ?? "") || image.Of("filename") is not { Length: > 0 }
                || !long.TryParse(image.Of("size"), NumberStyles.None, CultureInfo.InvariantCulture, out _))
                throw new ImageRefused(ImageRules.RaucImages,
                    $"Its group [{CertificateText.Visible(image.Name)}] has no filename, no size or no SHA-256.",
                    "Give the manifest out of the bundle that 'rauc bundle' made: it writes them.");
        if (images.Length == 0)
            throw new ImageRefused(ImageRules.RaucImages, "It names no image.", "Bundle the images that the device is to take.");
    }

    private static string? Value(List<Group> groups, string group, string key) => groups.Find(one => one.Name == group)?.Of(key);

    private const string Remedy = "Give the manifest as it stands in the bundle's signature: 'rauc extract-signature', then 'openssl cms'.";

    private static ImageRefused Form(string found) => new(ImageRules.RaucForm, found, Remedy);

    private sealed record Group(string Name)
    {
        public List<KeyValuePair<string, string>> Values { get; } = [];

        public string? Of(string key) => Values.FirstOrDefault(one => one.Key == key).Value;

        /// <summary>GLib forgives blanks and takes the last of two; what forgives is read in two ways.</summary>
        public bool TryAdd(string line)
        {
            int at = line.IndexOf('=', StringComparison.Ordinal);
            string key = at < 0 ? "" : line[..at], value = line[(at + 1)..];
            if (key.Length is 0 or > BatchStatement.MaxText || key.Trim() != key || value.Trim() != value || !PlainText.Is(key)
                || !PlainText.Is(value) || Of(key) is not null)
                return false;
            Values.Add(new(key, value));
            return true;
        }
    }
}
