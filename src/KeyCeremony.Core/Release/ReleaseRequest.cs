using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Release.Images;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Release;

/// <summary>
/// What the release engineer asks the room to sign: <c>release.yaml</c>, strictly read. docs/formats/releases/request.md. The images and
/// statements lie beside it, and nothing else does.
/// </summary>
public sealed record ReleaseRequest
{
    public const string FileName = "release.yaml";

    public const int MaxBytes = YamlFile.MaxBytes;

    /// <summary>One component's images: for its slots, its boards, its languages.</summary>
    public const int MaxImages = 16;

    public const int MaxBuilders = 8;

    /// <summary>Bytes of an image. A root file system has a few gigabytes; what is larger was not meant.</summary>
    public const long MaxImage = 1L << 36;

    private const int Two = 2;

    // release > images > image > value
    private static readonly YamlFile Yaml = new(ReleaseRules.Form.Id, "a release", Depth: 4, "Name fewer images.", "the record");

    public required string Product { get; init; }

    public required string HardwareRevision { get; init; }

    /// <summary>What is updated by itself: a boot loader, an application.</summary>
    public required string Component { get; init; }

    public required string Version { get; init; }

    /// <summary>What the device compares: it takes no image with a lower one.</summary>
    public required uint SecurityCounter { get; init; }

    /// <summary><c>rehearsal</c>, <c>development</c>, <c>staging</c> or <c>production</c>.</summary>
    public required string Environment { get; init; }

    public required ImmutableArray<ReleaseImage> Images { get; init; }

    public required ImmutableArray<ReleaseBuilder> Builders { get; init; }

    /// <summary>Every field that is wrong is told: RELEASE-01. What the values may be together is for <see cref="Check"/>.</summary>
    /// <param name="name">Of the file, for the errors.</param>
    public static bool TryRead(ReadOnlySpan<byte> yaml, string name, [NotNullWhen(true)] out ReleaseRequest? request,
        out ImmutableArray<ScriptError> errors) => Yaml.TryRead(yaml, name, Read, out request, out errors);

    /// <summary>Every broken rule: RELEASE-02, RELEASE-03, BUILDER-02.</summary>
    public IEnumerable<Refusal> Check()
    {
        (string Field, string Text)[] texts =
        [
            ("product", Product), ("hardwareRevision", HardwareRevision), ("component", Component), ("version", Version),
            .. Images.Where(image => image.Target is not null).Select(image => ("target", image.Target!)),
            .. Builders.SelectMany(builder => new[] { ("id", builder.Id), ("site", builder.Site) }),
        ];
        return texts.Select(one => CheckText(one.Field, one.Text)).OfType<Refusal>().Concat(CheckNames()).Concat(CheckBuilders());
    }

    /// <summary>RELEASE-05 for each name in the request's folder that the request does not name.</summary>
    /// <param name="names">Of all files and folders in it.</param>
    public IEnumerable<Refusal> CheckFolder(IEnumerable<string> names) =>
        names.Except(FileNames.Append(FileName), StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Select(name => ReleaseRules.Alone.Refuse(
                $"'{CertificateText.Visible(name)}' lies in the folder, and {FileName} does not name it.",
                "Take it out, or name it: what nobody looks at is not carried into the room."));

    private IEnumerable<string> FileNames => [.. Images.Select(image => image.File), .. Builders.Select(builder => builder.Statement)];

    private static ReleaseRequest Read(BlockFields f) => new()
    {
        Product = f.Text("product"),
        HardwareRevision = f.Text("hardwareRevision"),
        Component = f.Text("component"),
        Version = f.Text("version"),
        SecurityCounter = (uint)f.LongNumber("securityCounter", uint.MaxValue),
        Environment = f.OneOf("environment", [.. Environments.All]),
        Images = [.. f.Maps("images", "an image", MaxImages).Select(ReadImage)],
        Builders = [.. f.Maps("builders", "a builder", MaxBuilders).Select(ReadBuilder)],
    };

    private static ReleaseImage ReadImage(BlockFields f)
    {
        var image = new ReleaseImage(f.Text("file"), f.OneOf("format", [.. ImageFormat.Names]), f.LongNumber("size", MaxImage),
            Hash(f, "sha256"), f.OptionalText("target"));
        f.Finish();
        return image;
    }

    private static ReleaseBuilder ReadBuilder(BlockFields f)
    {
        var builder = new ReleaseBuilder(f.Text("id"), f.Text("site"), Hash(f, "key"), f.Text("statement"));
        f.Finish();
        return builder;
    }

    private static string Hash(BlockFields f, string name)
    {
        string text = f.Text(name);
        if (text.Length > 0 && !DeviceRecord.IsHash(text))
            f.Wrong(f.LineOf(name), name, "a SHA-256 of 64 lower-case hex digits");
        return text;
    }

    private static Refusal? CheckText(string field, string text)
    {
        if (NameHygiene.CheckText(field, text) is { } found)
            return ReleaseRules.Text.Refuse(found.Message, found.Remedy);
        return text.Length <= BatchStatement.MaxText ? null
            : ReleaseRules.Text.Refuse($"{field} has {text.Length} characters.", $"Shorten it to {BatchStatement.MaxText}.");
    }

    private IEnumerable<Refusal> CheckNames()
    {
        foreach (string name in FileNames.Where(name => !IsPlain(name)))
            yield return ReleaseRules.Names.Refuse($"'{CertificateText.Visible(name)}' is no plain file name.",
                "Put the file beside release.yaml, and name it with letters, digits, hyphens, underscores and full stops alone.");
        foreach (string name in Twice(FileNames.Append(FileName)))
            yield return ReleaseRules.Names.Refuse($"The file '{CertificateText.Visible(name)}' is named twice.", "Name each file once.");
    }

    private IEnumerable<Refusal> CheckBuilders()
    {
        if (Builders.Length < Two)
            yield return ReleaseRules.Two.Refuse("One builder is named.",
                "Build it a second time, on another machine, and name both builders: one machine alone can be broken into.");
        foreach (string id in Twice(Builders.Select(builder => builder.Id)))
            yield return ReleaseRules.Two.Refuse($"The builder '{CertificateText.Visible(id)}' is named twice.",
                "Give the statement of another builder.");
        foreach (string key in Twice(Builders.Select(builder => builder.Key)))
            yield return ReleaseRules.Two.Refuse($"Two builders are said to have the key {key}.",
                "Give each builder a key of its own: who holds one key is one builder.");
    }

    // It stands on screens and in shells, and names a file on every file system.
    private static bool IsPlain(string name) => name.Length is > 0 and <= BatchStatement.MaxText && char.IsAsciiLetterOrDigit(name[0])
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '+');

    // No file system that a stick has tells names apart by capitals alone.
    private static IEnumerable<string> Twice(IEnumerable<string> texts) =>
        texts.GroupBy(text => text, StringComparer.OrdinalIgnoreCase).Where(same => same.Count() > 1).Select(same => same.Key);
}

/// <param name="Format">One of <see cref="ImageFormat.Names"/>.</param>
/// <param name="Target">What the image runs on, as its header says it; null where its format says nothing.</param>
public sealed record ReleaseImage(string File, string Format, long Size, string Sha256, string? Target);

/// <param name="Id">The builder's identity, as its statement names it.</param>
/// <param name="Site">Where it stands, in the release engineer's words.</param>
/// <param name="Key">SHA-256 of its public key's SubjectPublicKeyInfo, lower-case hex.</param>
/// <param name="Statement">The file of its DSSE envelope.</param>
public sealed record ReleaseBuilder(string Id, string Site, string Key, string Statement);
