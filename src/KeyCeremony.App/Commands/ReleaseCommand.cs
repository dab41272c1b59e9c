using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using KeyCeremony.Core;
using KeyCeremony.Core.Pki.Requests;
using KeyCeremony.Core.Release;
using KeyCeremony.Core.Release.Images;
using KeyCeremony.Core.Script;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Commands;

/// <summary><c>keyceremony release</c>: what the release engineer can find out about a release without a ceremony.</summary>
internal static class ReleaseCommand
{
    public static Command Make()
    {
        Command inspect = new OptionTable<InspectWanted>("inspect",
                "Judge a release request as the room will: its images, and what its builders say of them.", new InspectWanted())
            .With(new Argument<string>("folder"), "The folder of release.yaml, its images and its builders' statements, and nothing else.",
                (wanted, folder) => wanted with { Folder = folder })
            .Texts("--builder", "Public key of a builder, DER or PEM, from the builder itself; one for each that release.yaml names.",
                (wanted, files) => wanted with { Builders = files ?? [] })
            .Flag("--json", Answer.OptionHelp, wanted => wanted with { Json = true })
            .Does(wanted => RunCommand.Guarded(() => Inspect(wanted, new Answer("release-inspect", wanted.Json))));
        return new Command("release", "Releases of firmware and software.") { inspect, ReleaseRootCommand.Make() };
    }

    private static int Inspect(InspectWanted wanted, Answer answer)
    {
        if (!TryReadRequest(wanted.Folder, answer, out ReleaseRequest? request, out string[] names)
            || !TryReadKeys(wanted.Builders, answer, out ImmutableArray<CheckedKey> keys))
            return answer.End(1);
        answer.Member("product", request.Product);
        answer.Member("hardwareRevision", request.HardwareRevision);
        answer.Member("component", request.Component);
        answer.Member("version", request.Version);
        answer.Member("securityCounter", request.SecurityCounter);
        answer.Member("environment", request.Environment);
        if (!ReleaseJudgement.TryJudge(request, names, name => Open(wanted.Folder, name), keys,
            out ReleaseJudgement? judgement, out ImmutableArray<Refusal> refusals))
        {
            foreach (Refusal one in refusals)
                answer.Refuse(one);
            return answer.End(1);
        }
        if (SecondSignatures.Refuse(judgement) is { } second)
            return answer.End(answer.Refuse(second));
        Members(answer, judgement);
        answer.Say(judgement.Describe());
        answer.Tell($"{request.Builders.Length} builders agree, and the images are what release.yaml says. "
            + "Whether version and counter go on from the last release, the room asks its ledger.");
        return answer.End(0);
    }

    private static bool TryReadRequest(string folder, Answer answer, [NotNullWhen(true)] out ReleaseRequest? request, out string[] names)
    {
        (request, names) = (null, []);
        if (!Directory.Exists(folder))
        {
            answer.Refuse(ReleaseRules.Command.Refuse($"'{folder}' is no folder.",
                $"Give the folder that holds {ReleaseRequest.FileName}."));
            return false;
        }
        try
        {
            names = [.. Directory.EnumerateFileSystemEntries(folder).Select(path => Path.GetFileName(path))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            answer.Refuse(ReleaseRules.Command.Refuse($"'{folder}' cannot be read: {FileFaults.InWords(e)}.", "Check the path."));
            return false;
        }
        string path = Path.Combine(folder, ReleaseRequest.FileName);
        if (!InputFile.TryRead(path, ReleaseRequest.MaxBytes, ReleaseRules.Command, out byte[]? yaml, out Refusal? refusal))
        {
            answer.Refuse(refusal);
            return false;
        }
        if (ReleaseRequest.TryRead(yaml, ReleaseRequest.FileName, out request, out ImmutableArray<ScriptError> errors))
            return true;
        foreach (ScriptError error in errors)
            answer.Refuse(new Refusal(error.Rule, $"{error.File}:{error.Line}: {error.Message}", error.Remedy));
        return false;
    }

    private static bool TryReadKeys(string[] paths, Answer answer, out ImmutableArray<CheckedKey> keys)
    {
        ImmutableArray<CheckedKey>.Builder read = ImmutableArray.CreateBuilder<CheckedKey>();
        foreach (string path in paths)
        {
            if (InputFile.TryRead(path, BuilderKeyFile.MaxBytes, ReleaseRules.Key, out byte[]? file, out Refusal? refusal)
                && BuilderKeyFile.TryRead(file, out CheckedKey? key, out refusal))
                read.Add(key);
            else
                answer.Refuse(refusal with { Message = $"'{path}': {refusal.Message}" });
        }
        keys = read.ToImmutable();
        return keys.Length == paths.Length;
    }

    // A link may lead out of the folder, to what nobody brings along.
    private static FileStream? Open(string folder, string name)
    {
        var file = new FileInfo(Path.Combine(folder, name));
        return file.LinkTarget is null && InputFile.TryOpen(file.FullName, ReleaseRules.Missing, out FileStream? stream, out _)
            ? stream : null;
    }

    private static void Members(Answer answer, ReleaseJudgement judgement)
    {
        answer.Objects("images", judgement.Request.Images.Zip(judgement.Images), (json, one) =>
        {
            (ReleaseImage image, ImageFacts facts) = one;
            json.WriteString("file", image.File);
            json.WriteString("format", image.Format);
            json.WriteNumber("size", facts.Size);
            json.WriteString("sha256", facts.Sha256);
            json.WriteString("version", facts.Version);
            if (facts.SecurityCounter is { } counter)
                json.WriteNumber("securityCounter", counter);
            else
                json.WriteNull("securityCounter");
            json.WriteString("target", facts.Target);
            json.WriteStartArray("toBeSigned");
            foreach (SigningDigest digest in facts.Digests)
            {
                json.WriteStartObject();
                json.WriteString("algorithm", digest.Algorithm);
                json.WriteString("digest", digest.Hex);
                json.WriteString("over", digest.Over);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        });
        answer.Objects("builders", judgement.Builders, (json, one) =>
        {
            json.WriteString("id", one.Builder.Id);
            json.WriteString("site", one.Builder.Site);
            json.WriteString("keySha256", one.Key.Sha256);
            json.WriteString("buildType", one.Statement.BuildType);
            json.WriteStartArray("sources");
            foreach (string source in one.Statement.Sources)
                json.WriteStringValue(source);
            json.WriteEndArray();
        });
    }

    private sealed record InspectWanted
    {
        public string Folder { get; init; } = "";

        public string[] Builders { get; init; } = [];

        public bool Json { get; init; }
    }
}
