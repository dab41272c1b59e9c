using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Release;

/// <summary>
/// What one builder says it made: the payload of a DSSE envelope, an in-toto Statement v1 with SLSA provenance or with our own small
/// predicate. docs/formats/releases/builders.md. Fields that nobody here knows are passed over, as in-toto demands.
/// </summary>
public sealed record BuilderStatement
{
    public const string Provenance = "https://slsa.dev/provenance/v1";
    public const string ReleaseBuild = "urn:keyceremony:release-build:v1";

    /// <summary>A build makes more than its images: symbols, lists of parts, licences.</summary>
    public const int MaxSubjects = 1024;

    /// <summary>Of a text that is shown.</summary>
    private const int MaxText = 400;

    // The parameters of a build may be nested.
    private const int Depth = 32;

    // in-toto's names; a commit tells more than the hash of an archive.
    private static readonly string[] SourceDigests = ["gitCommit", "sha1", "sha256"];

    /// <summary>Who built it: SLSA's runDetails.builder.id, or ours.</summary>
    public required string BuilderId { get; init; }

    /// <summary>How it was built; null in a release build.</summary>
    public required string? BuildType { get; init; }

    /// <summary>From what: each with its commit or hash; may be empty in SLSA provenance.</summary>
    public required ImmutableArray<string> Sources { get; init; }

    /// <summary>SHA-256 by name, lower-case hex; null where the subject has another hash alone.</summary>
    public required ImmutableArray<(string Name, string? Sha256)> Subjects { get; init; }

    /// <summary>Else refused: BUILDER-05, BUILDER-07 where a subject stands twice.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, [NotNullWhen(true)] out BuilderStatement? statement,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        (statement, refusal) = (null, null);
        try
        {
            using var document = JsonDocument.Parse(payload.ToArray(),
                new JsonDocumentOptions { MaxDepth = Depth, AllowDuplicateProperties = false });
            statement = Read(document.RootElement);
            if (statement.Subjects.GroupBy(one => one.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
                refusal = ReleaseRules.Subject.Refuse($"The subject '{CertificateText.Visible(twice.Key)}' stands twice.",
                    "Ask the builder for a statement that names each file once.");
        }
        // A text that is no UTF-8, or half a character, is found when it is asked for.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            refusal = NotOne(JsonFaults.InWords(e));
        }
        catch (UnreadableException e)
        {
            refusal = NotOne(e.Sentence);
        }
        if (refusal is not null)
            statement = null;
        return refusal is null;
    }

    private static BuilderStatement Read(JsonElement root)
    {
        if (Text(root, "_type") != Dsse.StatementType)
            throw new UnreadableException($"Its _type is not {Dsse.StatementType}.");
        JsonElement subjects = Member(root, "subject", JsonValueKind.Array), predicate = Member(root, "predicate", JsonValueKind.Object);
        if (subjects.GetArrayLength() is 0 or > MaxSubjects)
            throw new UnreadableException($"It has {subjects.GetArrayLength()} subjects, not 1 to {MaxSubjects}.");
        ImmutableArray<(string, string?)> read = [.. subjects.EnumerateArray().Select(ReadSubject)];
        return Text(root, "predicateType") switch
        {
            Provenance => ReadProvenance(predicate) with { Subjects = read },
            ReleaseBuild => ReadReleaseBuild(predicate) with { Subjects = read },
            _ => throw new UnreadableException($"Its predicateType is neither {Provenance} nor {ReleaseBuild}."),
        };
    }

    private static (string, string?) ReadSubject(JsonElement subject)
    {
        JsonElement digest = Member(subject, "digest", JsonValueKind.Object);
        string? sha256 = digest.TryGetProperty("sha256", out _) ? Text(digest, "sha256") : null;
        return sha256 is null || DeviceRecord.IsHash(sha256) ? (Text(subject, "name"), sha256)
            : throw new UnreadableException("The sha256 of a subject is not 64 lower-case hex digits.");
    }

    // SLSA 1.0: buildDefinition { buildType, externalParameters, resolvedDependencies? }, runDetails { builder { id } }
    private static BuilderStatement ReadProvenance(JsonElement predicate)
    {
        JsonElement definition = Member(predicate, "buildDefinition", JsonValueKind.Object);
        _ = Member(definition, "externalParameters", JsonValueKind.Object);
        JsonElement builder = Member(Member(predicate, "runDetails", JsonValueKind.Object), "builder", JsonValueKind.Object);
        return new BuilderStatement
        {
            BuilderId = Text(builder, "id"),
            BuildType = Text(definition, "buildType"),
            Sources = definition.TryGetProperty("resolvedDependencies", out _)
                ? [.. Member(definition, "resolvedDependencies", JsonValueKind.Array).EnumerateArray().Select(ReadSource).OfType<string>()]
                : [],
            Subjects = [],
        };
    }

    /// <summary>Only what has both: a place and a commit or hash.</summary>
    private static string? ReadSource(JsonElement dependency)
    {
        if (dependency.ValueKind != JsonValueKind.Object)
            throw new UnreadableException("A resolved dependency is no object.");
        if (!dependency.TryGetProperty("uri", out _) || !dependency.TryGetProperty("digest", out _))
            return null;
        JsonElement digest = Member(dependency, "digest", JsonValueKind.Object);
        string? kind = SourceDigests.FirstOrDefault(name => digest.TryGetProperty(name, out _));
        return kind is null ? null : $"{Text(dependency, "uri")} {kind} {Text(digest, kind)}";
    }

    // { builder, source, commit }
    private static BuilderStatement ReadReleaseBuild(JsonElement predicate) => new()
    {
        BuilderId = Text(predicate, "builder"),
        BuildType = null,
        Sources = [$"{Text(predicate, "source")} commit {Text(predicate, "commit")}"],
        Subjects = [],
    };

    private static JsonElement Member(JsonElement element, string name, JsonValueKind kind) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) && value.ValueKind == kind ? value
            : throw new UnreadableException($"It has no {name}, or one of another kind.");

    private static string Text(JsonElement element, string name) =>
        Member(element, name, JsonValueKind.String).GetString() is { Length: > 0 and <= MaxText } text ? text
            : throw new UnreadableException($"Its {name} is empty or has more than {MaxText} characters.");

    private static Refusal NotOne(string found) => ReleaseRules.Statement.Refuse($"It is not a builder's statement: {found}",
        "Ask the builder for an in-toto Statement v1 with SLSA provenance v1, or with a release build as the handbook shows it.");
}
