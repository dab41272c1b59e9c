using System.Collections.Immutable;
using System.Text;
using KeyCeremony.Core;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Release;
using KeyCeremony.Core.Release.Images;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Fuzz.Targets;

/// <summary>What a release engineer brings: release.yaml, builders' statements, images.</summary>
internal static class ReleaseTargets
{
    private const string Made = "tests/KeyCeremony.Core.Tests/Release/made", Example = "docs/examples/release/application-1.15.0";

    // An image of an ESP32 is padded to a sector, and a signature is another.
    private const int MaxImage = 12 * 1024;

    private static readonly byte[][] Yaml = FuzzTarget.WordsOf("product: hardwareRevision: component: version: securityCounter: "
        + "environment: images: file: format: size: sha256: target: builders: id: site: key: statement: mcuboot efi raw esp-secure-boot-v2 "
        + "- ' \" & * ! | > % # --- ... [ ] { } ? null ~");

    private static readonly byte[][] Json = FuzzTarget.WordsOf("{ } [ ] : , \" null true 1e9 \\u0000 \\ud800 _type subject name digest "
        + "sha256 predicateType predicate buildDefinition buildType externalParameters resolvedDependencies uri gitCommit runDetails "
        + "builder id source commit https://in-toto.io/Statement/v1 https://slsa.dev/provenance/v1 urn:keyceremony:release-build:v1");

    private static readonly byte[][] Bytes =
    [
        [0x3d, 0xb8, 0xf3, 0x96], [0x07, 0x69], [0x08, 0x69], [0x50, 0], [0x32, 0x54, 0xCD, 0xAB], [0xE9], [0xE7], [0x4D, 0x5A],
        [0x50, 0x45, 0, 0],
    ];

    private static readonly byte[][] Words = FuzzTarget.WordsOf("software = { } ( ) [ ] ; : , \" version hardware-compatibility filename "
        + "sha256 images @include // /* */ # \\x41 \\n true 0x1F 1.0 [update] [bundle] [image.rootfs] compatible= version= format=verity "
        + "format=crypt verity-hash= verity-salt= verity-size= size= filename= sha256=");

    private static readonly string Description = $$"""
        software = { version = "1"; hardware-compatibility = [ "C2" ];
          images: ( { filename = "a"; sha256 = "{{new string('a', 64)}}"; } ); };
        """;

    private static readonly string Manifest = $"""
        [update]
        compatible=L
        version=1
        [bundle]
        format=verity
        verity-hash={new string('a', 64)}
        verity-salt={new string('b', 64)}
        verity-size=4096
        [image.r]
        filename=r
        size=1
        sha256={new string('c', 64)}

        """;

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("release-file", 8 * 1024, ReadRequest, () => SeedFiles.OfRepository(Example, "*.yaml"), Yaml),
        new("builder-statement", 16 * 1024, ReadStatement, Statements, Json),
        new("mcuboot", MaxImage, input => ReadImage("mcuboot", input), () => SeedFiles.OfRepository(Made, "mcuboot*.bin"), Bytes),
        new("esp-image", MaxImage, input => ReadImage("esp-secure-boot-v2", input), EspImages, Bytes),
        new("efi-program", MaxImage, input => ReadImage("efi", input), () => [EfiProgram()], Bytes),
        new("sw-description", MaxImage, input => ReadImage("swupdate", input), () => [Encoding.UTF8.GetBytes(Description)], Words),
        new("rauc-manifest", MaxImage, input => ReadImage("rauc-verity", input), () => [Encoding.UTF8.GetBytes(Manifest)], Words),
        new("efi-variable", MaxImage, input => ReadImage("efi-variable", input), () => [EfiVariable()], Bytes),
    ];

    private static void ReadRequest(byte[] input)
    {
        if (!ReleaseRequest.TryRead(input, ReleaseRequest.FileName, out ReleaseRequest? request, out ImmutableArray<ScriptError> errors))
        {
            Held.Ours(errors);
            return;
        }
        foreach (Refusal refusal in request.Check().Concat(request.CheckFolder(["a\u001b[2J"])))
            Held.Ours(refusal);
    }

    private static void ReadStatement(byte[] input)
    {
        if (BuilderStatement.TryRead(input, out BuilderStatement? statement, out Refusal? refusal))
            Held.That(statement.Subjects.All(one => one.Sha256 is null || DeviceRecord.IsHash(one.Sha256)), "A hash is one.");
        else
            Held.Ours(refusal);
    }

    /// <summary>One answer, however the stream gives its bytes; a digest for what is taken, and words that a terminal can show.</summary>
    private static void ReadImage(string format, byte[] input)
    {
        bool isTaken = ImageFormat.Of(format).TryRead(new MemoryStream(input), input.Length, out ImageFacts? facts, out Refusal? refusal);
        if (!isTaken)
        {
            Held.Ours(refusal);
            return;
        }
        Held.That(!facts!.Digests.IsEmpty && facts.Size == input.Length, "What is taken has a digest.");
        foreach (TextLine line in facts.Lines)
            Held.Words(line.Value);
        Held.Words(facts.Version ?? "");
        Held.That(!ImageFormat.Of(format).TryRead(new MemoryStream(input), input.Length + 1, out _, out refusal),
            "A file that ends early is refused.");
        Held.Ours(refusal);
    }

    private static IEnumerable<byte[]> Statements() => SeedFiles.OfRepository(Example, "*.json").Select(file =>
        DsseEnvelope.TryRead(file, out DsseEnvelope? envelope, out _) ? envelope.Payload.ToArray() : file);

    private static IEnumerable<byte[]> EspImages() =>
        SeedFiles.OfRepository(Made, "esp.signed.bin").SelectMany(signed => new[] { signed, signed[..4096] });

    // db, one hash.
    private static byte[] EfiVariable() =>
    [
        .. Encoding.Unicode.GetBytes("db"), .. new Guid("d719b2cb-3d3a-4596-a3bc-dad00e67656f").ToByteArray(), 0x27, 0, 0, 0,
        0xEA, 7, 11, 22, 10, 0, 0, .. new byte[9], .. new Guid("c1c41626-504c-4092-aca9-41f936934328").ToByteArray(),
        76, 0, 0, 0, 0, 0, 0, 0, 48, 0, 0, 0, .. new byte[48],
    ];

    // PE32+ for x64, one section; no checksum.
    private static byte[] EfiProgram()
    {
        byte[] file = new byte[0x210];
        Encoding.ASCII.GetBytes("MZ").CopyTo(file, 0);
        file[60] = 64;
        Encoding.ASCII.GetBytes("PE\0\0").CopyTo(file, 64);
        new byte[] { 0x64, 0x86, 1 }.CopyTo(file, 68);
        file[84] = 240;
        new byte[] { 0x0b, 0x02 }.CopyTo(file, 88);
        file[88 + 61] = 2;
        file[88 + 68] = 10;
        file[88 + 108] = 16;
        file[328 + 16] = 0x10;
        file[328 + 21] = 2;
        return file;
    }
}
