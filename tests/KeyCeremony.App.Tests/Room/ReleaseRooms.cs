using System.Security.Cryptography;
using System.Text;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.App.Tests.Terminal;
using KeyCeremony.Core.Manifest;
using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Math;

namespace KeyCeremony.App.Tests.Room;

/// <summary>A ledger with a root, a release key and two builders, played once.</summary>
public sealed class ReleaseRooms : IDisposable
{
    private readonly SigningRooms _rooms = new();
    private readonly SoftwareRoom _room;
    private int _forks;

    public ReleaseRooms()
    {
        _room = _rooms.Rooted();
        ReleaseFolder.BringBuilders(_room.Stick);
        _room.Through("release-key.md");
    }

    public void Dispose() => _rooms.Dispose();

    internal SoftwareRoom New()
    {
        lock (_room)
            return _room.Fork(Path.Combine(_rooms.NewFolder(), $"fork-{++_forks}"));
    }
}

/// <summary>A release request of two builders as it lies on a stick; each test changes in it what it is about.</summary>
internal sealed record ReleaseFolder
{
    public const string IdA = "https://ci.example.com/runner-a", IdB = "https://builds.example.org/runner-b";

    // The same in every run: their hashes stand on golden screens.
    public static ECDsa KeyA { get; } = KeyOf(ECCurve.NamedCurves.nistP256, SHA256.HashData("builder A"u8));

    public static ECDsa KeyB { get; } = KeyOf(ECCurve.NamedCurves.nistP384, SHA384.HashData("builder B"u8));

    public string Product { get; init; } = "LOCK-1";

    public string Component { get; init; } = "application";

    public string Version { get; init; } = "1.14.0";

    public long Counter { get; init; } = 17;

    public string Environment { get; init; } = "rehearsal";

    public string Format { get; init; } = "raw";

    public string? Target { get; init; }

    public byte[] Image { get; init; } = Encoding.ASCII.GetBytes("the firmware of the lock");

    /// <summary>What builder B says that it made; null: the same.</summary>
    public byte[]? OtherImage { get; init; }

    /// <summary>Whose statement stands there as builder B's.</summary>
    public ECDsa SignerB { get; init; } = KeyB;

    /// <summary>What release.yaml says of builder B.</summary>
    public ECDsa NamedB { get; init; } = KeyB;

    /// <summary>What release.yaml is before it is written.</summary>
    public Func<string, string> Change { get; init; } = yaml => yaml;

    /// <summary>MCUboot, version 1.15.0+7, counter 18.</summary>
    public static byte[] Mcuboot =>
        File.ReadAllBytes(TestFiles.PathOf("docs", "examples", "release", "application-1.15.0", "application-1.15.0.bin"));

    /// <summary>Of the version 1.15.0, for the revisions C2 and C3.</summary>
    public static byte[] SwDescription { get; } = Encoding.ASCII.GetBytes($$"""
        software =
        {
            version = "1.15.0";
            hardware-compatibility: [ "C2", "C3" ];
            images: ( { filename = "rootfs.img"; device = "/dev/mmcblk0p2"; sha256 = "{{new string('a', 64)}}"; } );
        }

        """);

    /// <summary>Of the version 1.15.0, for LOCK-1.</summary>
    public static byte[] Manifest { get; } = Encoding.ASCII.GetBytes($"""
        [update]
        compatible=LOCK-1
        version=1.15.0

        [bundle]
        format=verity
        verity-hash={new string('b', 64)}
        verity-salt={new string('c', 64)}
        verity-size=4096

        [image.rootfs]
        sha256={new string('a', 64)}
        size=102400
        filename=rootfs.img

        """);

    /// <summary>A request of this text, with the version and target that it has.</summary>
    public static ReleaseFolder Of(string format) => new()
    {
        Format = format,
        Version = "1.15.0",
        Image = format switch
        {
            "swupdate" => SwDescription,
            "rauc-verity" => Manifest,
            "efi" => Efi(),
            _ => Encoding.ASCII.GetBytes("the firmware of the lock"),
        },
        Target = format switch
        {
            "swupdate" => "C2, C3",
            "rauc-verity" => "LOCK-1",
            "efi" => "x64",
            _ => null,
        },
    };

    public static void BringBuilders(string stick)
    {
        File.WriteAllText(Path.Combine(stick, "runner-a.pub.pem"), KeyA.ExportSubjectPublicKeyInfoPem());
        File.WriteAllText(Path.Combine(stick, "runner-b.pub.pem"), KeyB.ExportSubjectPublicKeyInfoPem());
    }

    public void Put(SoftwareRoom room, string folder) => Put(room.Stick, folder);

    public void Put(string stick, string folder)
    {
        string path = Directory.CreateDirectory(Path.Combine(stick, folder)).FullName;
        File.WriteAllBytes(Path.Combine(path, "application.bin"), Image);
        File.WriteAllBytes(Path.Combine(path, "runner-a.dsse.json"), Envelope(KeyA, Statement(IdA, Image)));
        File.WriteAllBytes(Path.Combine(path, "runner-b.dsse.json"), Envelope(SignerB, Statement(IdB, OtherImage ?? Image)));
        File.WriteAllText(Path.Combine(path, "release.yaml"), Change($"""
            product: {Product}
            hardwareRevision: C2
            component: {Component}
            version: {Version}
            securityCounter: {Counter}
            environment: {Environment}
            images:
              - file: application.bin
                format: {Format}
                size: {Image.Length}
                sha256: {Hash(Image)}{(Target is null ? "" : $"\n    target: {Target}")}
            builders:
              - id: {IdA}
                site: Zurich
                key: {Hash(KeyA.ExportSubjectPublicKeyInfo())}
                statement: runner-a.dsse.json
              - id: {IdB}
                site: Graz
                key: {Hash(NamedB.ExportSubjectPublicKeyInfo())}
                statement: runner-b.dsse.json

            """));
    }

    /// <summary>PE32+ for x64, one section; no checksum.</summary>
    public static byte[] Efi()
    {
        byte[] file = new byte[0x210];
        "MZ"u8.CopyTo(file);
        file[60] = 64;
        "PE"u8.CopyTo(file.AsSpan(64));
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

    private static string Statement(string builder, byte[] image) =>
        $$$"""
        {"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"application.bin","digest":{"sha256":"{{{Hash(image)}}}"}}],
        "predicateType":"urn:keyceremony:release-build:v1",
        "predicate":{"builder":"{{{builder}}}","source":"git+https://example.com/lock.git","commit":"5f0c8b3a"}}
        """;

    private static byte[] Envelope(ECDsa key, string payload)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(payload);
        return new DsseEnvelope([.. bytes], [new DsseSignature("", [.. Sign(key, Dsse.Pae(bytes))])]).Write();
    }

    /// <summary>RFC 6979: a statement has one signature in every run, so the head of its ledger stands on golden screens.</summary>
    private static byte[] Sign(ECDsa key, byte[] data)
    {
        bool is256 = key.KeySize == 256;
        IDigest Digest() => is256 ? new Sha256Digest() : new Sha384Digest();
        var domain = new ECDomainParameters(ECNamedCurveTable.GetByName(is256 ? "P-256" : "P-384"));
        var signer = new DsaDigestSigner(new ECDsaSigner(new HMacDsaKCalculator(Digest())), Digest());
        signer.Init(forSigning: true, new ECPrivateKeyParameters(new BigInteger(1, key.ExportParameters(true).D!), domain));
        signer.BlockUpdate(data, 0, data.Length);
        return signer.GenerateSignature();
    }

    private static ECDsa KeyOf(ECCurve curve, byte[] secret) => ECDsa.Create(new ECParameters { Curve = curve, D = secret });

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
