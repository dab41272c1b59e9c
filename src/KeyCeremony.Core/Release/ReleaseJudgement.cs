using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Requests;
using KeyCeremony.Core.Release.Images;

namespace KeyCeremony.Core.Release;

/// <summary>
/// A request whose images and builders agree with it. Only <see cref="TryJudge"/> makes one. Not judged: whether counter and version go on
/// from the last release, and whose key signs; the room knows both from its ledger.
/// </summary>
public sealed class ReleaseJudgement
{
    private ReleaseJudgement(ReleaseRequest request, ImmutableArray<ImageFacts> images, ImmutableArray<BuilderEvidence> builders) =>
        (Request, Images, Builders) = (request, images, builders);

    public ReleaseRequest Request { get; }

    /// <summary>In the order of the request.</summary>
    public ImmutableArray<ImageFacts> Images { get; }

    /// <summary>In the order of the request.</summary>
    public ImmutableArray<BuilderEvidence> Builders { get; }

    /// <summary>Else every reason. What is said about a file begins with its name.</summary>
    /// <param name="names">Of all that lies in the request's folder.</param>
    /// <param name="open">Opens a file of it at its beginning; null when it cannot be read.</param>
    /// <param name="keys">Builders' keys, from the builders themselves.</param>
    public static bool TryJudge(ReleaseRequest request, IEnumerable<string> names, Func<string, Stream?> open,
        IReadOnlyList<CheckedKey> keys, [NotNullWhen(true)] out ReleaseJudgement? judgement, out ImmutableArray<Refusal> refusals)
    {
        ArgumentNullException.ThrowIfNull(request);
        judgement = null;
        // Names that are none are not opened.
        refusals = [.. request.Check(), .. BuilderEvidence.CheckKeys(keys)];
        if (!refusals.IsEmpty)
            return false;
        List<Refusal> found = [.. request.CheckFolder(names)];
        ImmutableArray<ImageFacts> images = [.. request.Images.Select(image => Judge(request, image, open, found)).OfType<ImageFacts>()];
        ImmutableArray<BuilderEvidence> builders =
            [.. request.Builders.Select(builder => Judge(request, builder, open, keys, found)).OfType<BuilderEvidence>()];
        refusals = [.. found];
        if (refusals.IsEmpty)
            judgement = new ReleaseJudgement(request, images, builders);
        return judgement is not null;
    }

    /// <summary>The same of what was read before: the images are believed to say what they were seen to say.</summary>
    /// <param name="images">In the order of the request.</param>
    /// <param name="statement">A builder's statement by the name of its file; null: there is none.</param>
    public static bool TryJudgeAgain(ReleaseRequest request, ImmutableArray<ImageFacts> images, Func<string, byte[]?> statement,
        IReadOnlyList<CheckedKey> keys, [NotNullWhen(true)] out ReleaseJudgement? judgement, out ImmutableArray<Refusal> refusals)
    {
        ArgumentNullException.ThrowIfNull(request);
        judgement = null;
        refusals = [.. request.Check(), .. BuilderEvidence.CheckKeys(keys)];
        if (!refusals.IsEmpty)
            return false;
        List<Refusal> found = [];
        foreach ((ReleaseImage image, ImageFacts facts) in request.Images.Zip(images))
            found.AddRange(Compare(request, image, facts).Select(one => About(image.File, one)));
        ImmutableArray<BuilderEvidence> builders = [.. request.Builders.Select(builder => Judge(request, builder,
            name => statement(name) is { } bytes ? new MemoryStream(bytes) : null, keys, found)).OfType<BuilderEvidence>()];
        refusals = [.. found];
        if (refusals.IsEmpty && images.Length == request.Images.Length)
            judgement = new ReleaseJudgement(request, images, builders);
        return judgement is not null;
    }

    /// <summary>All of it, in the order in which it is read aloud.</summary>
    public IEnumerable<TextLine> Describe() =>
    [
        new("product", $"{Request.Product}, hardware revision {Request.HardwareRevision}"),
        new("component", Request.Component),
        new("version", Request.Version),
        new("security counter", BatchText.Count(Request.SecurityCounter)),
        new("environment", Request.Environment),
        .. Request.Images.Zip(Images).SelectMany(one => Describe(one.First, one.Second)),
        .. Builders.SelectMany(Describe),
    ];

    private static IEnumerable<TextLine> Describe(ReleaseImage image, ImageFacts facts) =>
    [
        new("image", image.File),
        new("  format", facts.Format.Title),
        new("  size", $"{BatchText.Count(facts.Size)} bytes"),
        new("  SHA-256", facts.Sha256),
        new("  version in it", facts.Version ?? "the format has none"),
        new("  security counter in it", facts.SecurityCounter is { } counter ? BatchText.Count(counter) : "the format has none"),
        new("  target", facts.Target ?? "the format has none"),
        .. facts.Lines.Select(line => new TextLine($"  {line.Label}", line.Value)),
        .. facts.Digests.Select(digest => new TextLine($"  to be signed, {digest.Algorithm}", $"{digest.Hex}: {digest.Over}")),
    ];

    private static IEnumerable<TextLine> Describe(BuilderEvidence evidence) =>
    [
        new("builder", evidence.Builder.Id),
        new("  site", evidence.Builder.Site),
        new("  key", $"{evidence.Key.Title}, SHA-256 {evidence.Key.Sha256}"),
        new("  statement", $"{evidence.Builder.Statement}, its signature holds"),
        .. evidence.Statement.BuildType is { } type ? [new TextLine("  build type", type)] : Array.Empty<TextLine>(),
        .. evidence.Statement.Sources.Select(source => new TextLine("  from", source)),
        .. evidence.Statement.Sources.IsEmpty ? [new TextLine("  from", "not said")] : Array.Empty<TextLine>(),
    ];

    private static ImageFacts? Judge(ReleaseRequest request, ReleaseImage image, Func<string, Stream?> open, List<Refusal> found)
    {
        using Stream? file = Open(image.File, open, found);
        if (file is null)
            return null;
        if (!ImageFormat.Of(image.Format).TryRead(file, file.Length, out ImageFacts? facts, out Refusal? refusal))
        {
            found.Add(About(image.File, refusal));
            return null;
        }
        found.AddRange(Compare(request, image, facts).Select(one => About(image.File, one)));
        return facts;
    }

    private static IEnumerable<Refusal> Compare(ReleaseRequest request, ReleaseImage image, ImageFacts facts)
    {
        if (facts.Size != image.Size)
            yield return ReleaseRules.Hash.Refuse($"It has {facts.Size} bytes, and release.yaml says {image.Size}.",
                "Find out which file was meant. Give that file and its size.");
        if (facts.Sha256 != image.Sha256)
            yield return ReleaseRules.Hash.Refuse($"It has the SHA-256 {facts.Sha256}, and release.yaml says {image.Sha256}.",
                "Find out which file was meant. Give that file and its hash.");
        if (facts.Version is { } version && version != request.Version)
            yield return ReleaseRules.Version.Refuse(
                $"The version in it is {CertificateText.Visible(version)}, and release.yaml says {request.Version}.",
                "Write the version as the image has it, or build the image with the right one.");
        if (facts.SecurityCounter is { } counter && counter != request.SecurityCounter)
            yield return ReleaseRules.Counter.Refuse(
                $"The security counter in it is {counter}, and release.yaml says {request.SecurityCounter}.",
                "The device goes by the image: build it with the counter that is meant.");
        if (facts.Target != image.Target)
            yield return ReleaseRules.Target.Refuse(
                $"The image {(facts.Target is { } target ? $"is for {CertificateText.Visible(target)}" : "names no target")}, "
                    + $"and release.yaml {(image.Target is { } asked ? $"says {asked}" : "gives none")}.",
                facts.Target is null ? "Take the target out of release.yaml." : "Look whether it is the right image, and give its target.");
    }

    private static BuilderEvidence? Judge(ReleaseRequest request, ReleaseBuilder builder, Func<string, Stream?> open,
        IReadOnlyList<CheckedKey> keys, List<Refusal> found)
    {
        using Stream? file = Open(builder.Statement, open, found);
        if (file is null)
            return null;
        byte[] envelope = new byte[DsseEnvelope.MaxBytes + 1];
        int length = file.ReadAtLeast(envelope, envelope.Length, throwOnEndOfStream: false);
        if (!BuilderEvidence.TryJudge(request, builder, envelope.AsSpan(0, length), keys, out BuilderEvidence? evidence,
            out ImmutableArray<Refusal> refusals))
            found.AddRange(refusals.Select(one => About(builder.Statement, one)));
        return evidence;
    }

    private static Stream? Open(string name, Func<string, Stream?> open, List<Refusal> found)
    {
        Stream? file = open(name);
        if (file is null)
            found.Add(ReleaseRules.Missing.Refuse($"'{name}', which release.yaml names, cannot be read.",
                "Put the file beside release.yaml: itself, and no link to it."));
        return file;
    }

    private static Refusal About(string file, Refusal refusal) => refusal with { Message = $"'{file}': {refusal.Message}" };
}
