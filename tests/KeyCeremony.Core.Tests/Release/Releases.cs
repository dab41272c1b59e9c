using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki.Requests;
using KeyCeremony.Core.Release;
using KeyCeremony.Core.Script;
using KeyCeremony.Core.Tests.Pki;

namespace KeyCeremony.Core.Tests.Release;

/// <summary>Requests with two builders, in memory: every file by its name.</summary>
internal sealed class Releases : IDisposable
{
    public const string ImageName = "application.bin";
    public const string IdA = "https://ci.example.com/runner-a", IdB = "https://builds.example.org/runner-b";
    public const string FileA = "runner-a.dsse.json", FileB = "runner-b.dsse.json";

    public static string ExampleFolder { get; } = Repository.PathOf("docs", "examples", "release", "application-1.15.0");

    public ECDsa KeyA { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public ECDsa KeyB { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP384);

    public Dictionary<string, byte[]> Files { get; } = [];

    public string Format { get; init; } = "mcuboot";

    public string? Target { get; init; }

    public static string ImageHash(byte[] image) => Convert.ToHexStringLower(SHA256.HashData(image));

    /// <summary>A request that is right.</summary>
    public Releases Fill(byte[]? image = null)
    {
        Files[ImageName] = image ?? ImageBytes.Mcuboot();
        Files[FileA] = Envelope(KeyA, Provenance(IdA, ImageName, ImageHash(Files[ImageName])));
        Files[FileB] = Envelope(KeyB, ReleaseBuild(IdB, ImageName, ImageHash(Files[ImageName])));
        return this;
    }

    public string Yaml() =>
        $"""
        product: LOCK-1
        hardwareRevision: C2
        component: application
        version: {ImageBytes.Version}
        securityCounter: {ImageBytes.Counter}
        environment: production
        images:
          - file: {ImageName}
            format: {Format}
            size: {Files[ImageName].Length}
            sha256: {ImageHash(Files[ImageName])}
        {(Target is null ? "" : $"    target: {Target}\n")}builders:
          - id: {IdA}
            site: Zürich Nord
            key: {Key(KeyA).Sha256}
            statement: {FileA}
          - id: {IdB}
            site: Graz
            key: {Key(KeyB).Sha256}
            statement: {FileB}

        """;

    public static CheckedKey Key(AsymmetricAlgorithm key)
    {
        Assert.True(PublicKeyChecks.TryCheck(key.ExportSubjectPublicKeyInfo(), out CheckedKey? read, out Refusal? refusal),
            refusal?.ToString());
        return read;
    }

    public static string Provenance(string builder, string name, string sha256) =>
        $$$"""
        {"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"{{{name}}}","digest":{"sha256":"{{{sha256}}}"}},
        {"name":"application.elf","digest":{"sha512":"00"}}],"predicateType":"https://slsa.dev/provenance/v1",
        "predicate":{"buildDefinition":{"buildType":"https://example.com/build/v1","externalParameters":{},
        "resolvedDependencies":[{"uri":"git+https://example.com/lock.git","digest":{"gitCommit":"5f0c8b3a"}},{"name":"sdk"}]},
        "runDetails":{"builder":{"id":"{{{builder}}}"}}
        }}
        """;

    public static string ReleaseBuild(string builder, string name, string sha256) =>
        $$$"""
        {"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"{{{name}}}","digest":{"sha256":"{{{sha256}}}"}}],
        "predicateType":"urn:keyceremony:release-build:v1",
        "predicate":{"builder":"{{{builder}}}","source":"git+https://example.com/lock.git","commit":"5f0c8b3a"}}
        """;

    public static byte[] Envelope(ECDsa key, string payload)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(payload);
        byte[] signature = key.SignData(Dsse.Pae(bytes), key.KeySize == 256 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA384,
            DSASignatureFormat.Rfc3279DerSequence);
        return new DsseEnvelope([.. bytes], [new DsseSignature("", [.. signature])]).Write();
    }

    public static ReleaseRequest Read(string yaml)
    {
        Assert.True(ReleaseRequest.TryRead(Encoding.UTF8.GetBytes(yaml), "release.yaml", out ReleaseRequest? request,
            out ImmutableArray<ScriptError> errors), string.Join('\n', errors));
        return request;
    }

    /// <summary>Every rule that is broken, and none when it is right.</summary>
    public ImmutableArray<Refusal> Judge(string? yaml = null, IReadOnlyList<CheckedKey>? keys = null, string? beside = null)
    {
        string[] names = [.. Files.Keys, "release.yaml", .. beside is null ? Array.Empty<string>() : [beside]];
        bool isRight = ReleaseJudgement.TryJudge(Read(yaml ?? Yaml()), names,
            name => Files.TryGetValue(name, out byte[]? file) ? new MemoryStream(file) : null, keys ?? [Key(KeyA), Key(KeyB)],
            out ReleaseJudgement? judgement, out ImmutableArray<Refusal> refusals);
        Assert.Equal(isRight, judgement is not null);
        Assert.Equal(isRight, refusals.IsEmpty);
        return refusals;
    }

    public void Dispose()
    {
        KeyA.Dispose();
        KeyB.Dispose();
    }
}
